//! Dates and times as text: `toString`, `formatDateTime`, the strict parse of casts, and `parseDateTime`.
//! The lenient parse is `best_effort`.

use super::frame::{Answered, KernelError};
use super::zone::{self, Civil, DAY, MICRO, Zone, civil};
use std::fmt::Write;

pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn name_at<'a>(names: &[&'a str], number: i64) -> &'a str {
    usize::try_from(number - 1).ok().and_then(|at| names.get(at)).copied().unwrap_or("")
}

pub fn month_name(month: i64) -> &'static str {
    name_at(&MONTHS, month)
}

pub fn weekday_name(weekday: i64) -> &'static str {
    name_at(&WEEKDAYS, weekday)
}

fn short(name: &str) -> &str {
    name.get(..3).unwrap_or(name)
}

/// What goes wrong while writing to a String: nothing.
fn put(out: &mut String, args: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(args);
}

/// The digits of a fraction of a second, cut to a scale.
fn put_fraction(out: &mut String, micros: i64, scale: usize) {
    let text = format!("{:06}000", micros.rem_euclid(MICRO));
    out.push_str(text.get(..scale.min(9)).unwrap_or(&text));
}

/// `2024-01-02 03:04:05`, with a point and `scale` digits when the scale is not 0.
pub fn write_micros(micros: i64, scale: usize, zone: &mut Zone) -> String {
    let local = zone.local(micros.div_euclid(MICRO));
    let Civil { year, month, day } = civil(local.div_euclid(DAY));
    let clock = local.rem_euclid(DAY);
    let mut out = String::with_capacity(29);
    let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
    put(&mut out, format_args!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"));
    if scale > 0 {
        out.push('.');
        put_fraction(&mut out, micros, scale);
    }
    out
}

/// One moment, as the codes of a format see it.
struct Moment {
    date: i64,
    civil: Civil,
    clock: i64,
    micros: i64,
    offset: i64,
    scale: usize,
}

/// `formatDateTime`, with ClickHouse's (MySQL's) codes.
pub fn format(micros: i64, scale: usize, format: &str, zone: &mut Zone) -> Answered<String> {
    let seconds = micros.div_euclid(MICRO);
    let offset = zone.offset(seconds);
    let local = seconds + offset;
    let date = local.div_euclid(DAY);
    let moment = Moment { date, civil: civil(date), clock: local.rem_euclid(DAY), micros, offset, scale };
    let mut out = String::with_capacity(format.len() * 2);
    let mut rest = format.chars();
    while let Some(letter) = rest.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        let Some(code) = rest.next() else {
            return Err(KernelError::bad_argument("trailing '%' symbol in format string"));
        };
        moment.write(code, &mut out)?;
    }
    Ok(out)
}

impl Moment {
    fn write(&self, code: char, out: &mut String) -> Answered<()> {
        let Civil { year, month, day } = self.civil;
        let hour = self.clock / 3_600;
        let hour12 = (hour + 11) % 12 + 1;
        let minute = self.clock / 60 % 60;
        let second = self.clock % 60;
        let weekday = zone::weekday(self.date);
        let half = if hour < 12 { "AM" } else { "PM" };
        match code {
            'a' => out.push_str(short(weekday_name(weekday))),
            'W' => out.push_str(weekday_name(weekday)),
            'b' => out.push_str(short(month_name(month))),
            'M' => out.push_str(month_name(month)),
            'c' | 'm' => put(out, format_args!("{month:02}")),
            'C' => put(out, format_args!("{:02}", year / 100)),
            'd' => put(out, format_args!("{day:02}")),
            'e' => put(out, format_args!("{day}")),
            'D' => put(out, format_args!("{month:02}/{day:02}/{:02}", year % 100)),
            'F' => put(out, format_args!("{year:04}-{month:02}-{day:02}")),
            'f' => put_fraction(out, self.micros, if self.scale == 0 { 6 } else { self.scale.max(6) }),
            'g' => put(out, format_args!("{:02}", zone::iso_year(self.date) % 100)),
            'G' => put(out, format_args!("{:04}", zone::iso_year(self.date))),
            'V' => put(out, format_args!("{:02}", zone::iso_week(self.date))),
            'h' | 'I' | 'l' => put(out, format_args!("{hour12:02}")),
            'H' | 'k' => put(out, format_args!("{hour:02}")),
            'i' => put(out, format_args!("{minute:02}")),
            'j' => put(out, format_args!("{:03}", self.date - zone::days(year, 1, 1) + 1)),
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'p' => out.push_str(half),
            'Q' => put(out, format_args!("{}", (month - 1) / 3 + 1)),
            'r' => put(out, format_args!("{hour12:02}:{minute:02} {half}")),
            'R' => put(out, format_args!("{hour:02}:{minute:02}")),
            's' | 'S' => put(out, format_args!("{second:02}")),
            'T' => put(out, format_args!("{hour:02}:{minute:02}:{second:02}")),
            'u' => put(out, format_args!("{weekday}")),
            'w' => put(out, format_args!("{}", weekday % 7)),
            'y' => put(out, format_args!("{:02}", year % 100)),
            'Y' => put(out, format_args!("{year:04}")),
            'z' => {
                let sign = if self.offset < 0 { '-' } else { '+' };
                let minutes = self.offset.abs() / 60;
                put(out, format_args!("{sign}{:02}{:02}", minutes / 60, minutes % 60));
            }
            '%' => out.push('%'),
            _ => {
                return Err(KernelError::bad_argument(format!(
                    "wrong syntax '%{code}' in format string for function formatDateTime"
                )));
            }
        }
        Ok(())
    }
}

fn digits_of(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 18 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(text.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

/// Days of a date whose parts may be wrong, as ClickHouse's tables give them: a month or a day that cannot be
/// is the first day of the tables, and a day after the month's end runs into the next month.
fn loose_day(year: i64, month: i64, day: i64) -> i64 {
    if (1..=12).contains(&month) && (1..=31).contains(&day) {
        zone::days(year, month, day)
    } else {
        FIRST_DAY
    }
}

/// 1900-01-01.
const FIRST_DAY: i64 = -25_567;

/// `YYYY?MM?DD` with any mark, or `YYYYMMDD`; below ten bytes month and day may have one digit.
fn date_prefix(text: &[u8]) -> Option<(i64, i64, &[u8])> {
    let year = digits_of(text.get(..4)?)?;
    if text.get(4)?.is_ascii_digit() {
        let (month, day) = (digits_of(text.get(4..6)?)?, digits_of(text.get(6..8)?)?);
        return Some((year, loose_day(year, month, day), text.get(8..)?));
    }
    if text.len() >= 10 {
        let (month, day) = (digits_of(text.get(5..7)?)?, digits_of(text.get(8..10)?)?);
        return Some((year, loose_day(year, month, day), text.get(10..)?));
    }
    let number = |text: &[u8]| text.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
    let rest = text.get(5..)?;
    let (month, rest) = rest.split_at_checked(number(rest))?;
    let rest = rest.get(1..).filter(|_| rest.first().is_some_and(|mark| !mark.is_ascii_digit()))?;
    let (day, rest) = rest.split_at_checked(number(rest))?;
    Some((year, loose_day(year, digits_of(month)?, digits_of(day)?), rest))
}

/// Text to a date as a cast does it: what cannot be is clamped to the type, and a time after it is dropped.
pub fn read_date(text: &str) -> Answered<i64> {
    date_of(text.as_bytes())
        .map(|date| date.clamp(0, 65_535))
        .ok_or_else(|| KernelError::text(format!("cannot parse string '{text}' as Date")))
}

/// Of a `Date32`, which ends where its range ends.
pub fn read_date32(text: &str) -> Answered<i64> {
    date_of(text.as_bytes())
        .map(|date| date.clamp(-25_567, 120_529))
        .ok_or_else(|| KernelError::text(format!("cannot parse string '{text}' as Date32")))
}

fn date_of(text: &[u8]) -> Option<i64> {
    let (_, date, rest) = date_prefix(text)?;
    let fraction = match rest {
        [] => return Some(date),
        [b' ' | b'T', clock @ ..] => clock_of(clock)?.1,
        _ => return None,
    };
    match fraction {
        [] => Some(date),
        [b'.', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => Some(date),
        _ => None,
    }
}

/// `hh:mm:ss` in seconds, out of range or not, and the rest.
fn clock_of(text: &[u8]) -> Option<(i64, &[u8])> {
    let [a, b, _, c, d, _, e, f, rest @ ..] = text else { return None };
    let (hour, minute, second) = (digits_of(&[*a, *b])?, digits_of(&[*c, *d])?, digits_of(&[*e, *f])?);
    Some((hour * 3_600 + minute * 60 + second, rest))
}

/// The strict parse of `toDateTimeOrNull` (scale 0) and `toDateTime64OrNull`: a date, a date and a time, or a
/// unix time of five digits and more; with a scale also a fraction.
pub fn read_micros(text: &str, scale: u32, zone: &mut Zone) -> Option<i64> {
    let text = text.as_bytes();
    let (seconds, rest) =
        if text.get(4).is_some_and(|byte| !byte.is_ascii_digit()) && text.first() != Some(&b'-') {
            let (year, date, rest) = date_prefix(text).filter(|_| text.len() >= 10)?;
            let (clock, rest) = match rest {
                [b' ' | b'T', clock @ ..] => clock_of(clock)?,
                _ => (0, rest),
            };
            (if year == 0 { 0 } else { zone.utc(date * DAY + clock) }, rest)
        } else {
            return read_unix(text, scale);
        };
    if scale == 0 {
        return rest.is_empty().then(|| seconds.clamp(0, i64::from(u32::MAX)) * MICRO);
    }
    Some(seconds.saturating_mul(MICRO).saturating_add(fraction_of(rest, scale)?))
}

/// `.` and digits in microseconds, cut to the scale.
fn fraction_of(rest: &[u8], scale: u32) -> Option<i64> {
    let digits = match rest {
        [] => return Some(0),
        [b'.', digits @ ..] => digits,
        _ => return None,
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let kept = digits.iter().take(scale.min(6) as usize);
    let count = u32::try_from(kept.len()).unwrap_or(6);
    Some(kept.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')) * 10_i64.pow(6 - count))
}

fn read_unix(text: &[u8], scale: u32) -> Option<i64> {
    if text.is_empty() {
        return (scale > 0).then_some(0);
    }
    let negative = scale > 0 && text.first() == Some(&b'-');
    let digits = if negative { text.get(1..)? } else { text };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = digits.split_at_checked(length)?;
    let whole = digits_of(digits)?;
    if scale == 0 {
        return (rest.is_empty() && length > 4).then(|| whole.min(i64::from(u32::MAX)) * MICRO);
    }
    if length <= 4 && !negative && rest.is_empty() {
        return None;
    }
    let sign = if negative { -1 } else { 1 };
    // A number that is too large for seconds counts in the type's own ticks.
    if rest.is_empty() && whole >= 1_000_000_000_000 {
        return Some(
            sign * if scale > 6 {
                whole / 10_i64.pow(scale - 6)
            } else {
                whole.saturating_mul(10_i64.pow(6 - scale))
            },
        );
    }
    Some(sign * whole.saturating_mul(MICRO).saturating_add(fraction_of(rest, scale)?))
}
