//! Dates and times: the usual forms by hand, everything else by ClickHouse's best effort.

use tile_clicksql::kernels::best_effort::{self, Rules};
use tile_clicksql::kernels::zone::{DAY, MICRO, Zone, days, days_in_month};

use super::number;

/// Without a clock no text without a year can be told.
const RULES: Rules = Rules { us: false, fractions: true, today: None };

/// 1900-01-01 and 2299-12-31, as days since 1970-01-01: the ends of `Date32` and `DateTime64`.
const DAYS_WIDE: std::ops::RangeInclusive<i64> = -25_567..=120_529;

/// Larger whole numbers for a `DateTime64` are counts of its fraction: 2284-01-01 in seconds, 2001-09-09 in milliseconds.
const TICKS_MIN: u128 = 9_908_870_400;

fn two(text: &[u8], at: usize) -> Option<i64> {
    let [a, b] = text.get(at..)?.first_chunk::<2>()?;
    let (a, b) = (a.wrapping_sub(b'0'), b.wrapping_sub(b'0'));
    (a <= 9 && b <= 9).then(|| i64::from(a) * 10 + i64::from(b))
}

fn date(year: i64, month: i64, day: i64) -> Option<i64> {
    let exists = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    exists.then(|| days(year, month, day))
}

/// `YYYY-MM-DD` at the beginning.
fn date_at_start(text: &[u8]) -> Option<i64> {
    let year = two(text, 0)? * 100 + two(text, 2)?;
    let marks = text.get(4)? == &b'-' && text.get(7)? == &b'-';
    if marks { date(year, two(text, 5)?, two(text, 8)?) } else { None }
}

/// The offset behind a time, in seconds: nothing, `Z`, `+02:00` or `+0200`.
fn offset(text: &[u8]) -> Option<Option<i64>> {
    let sign = match text.first() {
        None => return Some(None),
        Some(b'Z') if text.len() == 1 => return Some(Some(0)),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    let minutes = match text.len() {
        5 => two(text, 3)?,
        6 if text.get(3)? == &b':' => two(text, 4)?,
        _ => return None,
    };
    Some(Some(sign * (two(text, 1)? * 3_600 + minutes * 60)))
}

/// `YYYY-MM-DD hh:mm:ss` or with a `T`, a fraction, an offset. Microseconds, the fraction cut to `scale` digits.
fn usual(text: &[u8], scale: u32, zone: &mut Zone) -> Option<i64> {
    let day = date_at_start(text)?;
    let clock = text.get(10..19)?;
    let [b' ' | b'T', _, _, b':', _, _, b':', _, _] = clock else { return None };
    let (hour, minute, second) = (two(clock, 1)?, two(clock, 4)?, two(clock, 7)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut micros = 0;
    if let [b'.', digits @ ..] = rest {
        let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (fraction, after) = digits.split_at_checked(count)?;
        if count == 0 {
            return None;
        }
        micros = fraction_of(fraction, scale);
        rest = after;
    }
    let local = day * DAY + hour * 3_600 + minute * 60 + second;
    let seconds = match offset(rest)? {
        Some(offset) => local - offset,
        None => zone.utc(local),
    };
    Some(seconds * MICRO + micros)
}

/// Digits behind a point in microseconds, cut to `scale` digits.
fn fraction_of(digits: &[u8], scale: u32) -> i64 {
    let scale = usize::try_from(scale.min(6)).unwrap_or(6);
    let kept = digits.iter().take(scale).copied().chain(std::iter::repeat(b'0')).take(6);
    kept.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
}

/// A text as microseconds since 1970 in UTC. `scale` is that of `DateTime64`; `DateTime` has none.
pub(super) fn from_text(text: &[u8], scale: Option<u8>, zone: &mut Zone) -> Option<i64> {
    let digits = u32::from(scale.unwrap_or(0));
    let micros = usual(text, digits, zone).or_else(|| {
        let (parsed, rest) = best_effort::parse(text, &RULES, zone).ok()?;
        rest.is_empty().then(|| parsed.micros(digits))
    });
    micros.filter(|micros| fits(*micros, scale))
}

/// What a text in one of the usual forms tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Day,
    /// Digits of the fraction.
    Time(usize),
}

/// The usual form that a text has.
pub(super) fn form(text: &[u8]) -> Option<Form> {
    if text.len() == 10 {
        return date_at_start(text).map(|_| Form::Day);
    }
    usual(text, 6, &mut Zone::universal())?;
    let digits = text.get(19..)?.strip_prefix(b".").unwrap_or_default();
    Some(Form::Time(digits.iter().take_while(|byte| byte.is_ascii_digit()).count()))
}

/// A number: seconds since 1970, or for a `DateTime64` a large one in units of its fraction.
pub(super) fn from_number(text: &[u8], scale: Option<u8>) -> Option<i64> {
    let digits = scale.unwrap_or(0);
    let micros = match number::integer(text) {
        Some((negative, ticks)) if scale.is_some() && ticks >= TICKS_MIN => {
            let ticks = i64::try_from(ticks).ok()?;
            let micros = ticks.checked_mul(10_i64.checked_pow(6 - u32::from(digits.min(6)))?)?;
            if negative { -micros } else { micros }
        }
        _ => {
            // 13 digits of seconds are far beyond the range; 6 more are the fraction.
            let micros = i64::try_from(number::decimal(text, 19, 6)?).ok()?;
            let unit = 10_i64.checked_pow(6 - u32::from(digits.min(6)))?;
            micros - micros % unit
        }
    };
    Some(micros).filter(|micros| fits(*micros, scale))
}

/// Nanoseconds in a microsecond.
const NANOS: i64 = 1_000;

/// A text as nanoseconds since 1970 in UTC, for the seven to nine `digits` of a `DateTime64`; they end in 2262.
pub(super) fn nanos_from_text(text: &[u8], digits: u8, zone: &mut Zone) -> Option<i64> {
    let micros = from_text(text, Some(6), zone)?;
    let point = text.iter().rposition(|byte| *byte == b'.').map_or(text.len(), |at| at + 1);
    let fraction: Vec<u8> =
        text.get(point..)?.iter().copied().take_while(u8::is_ascii_digit).take(usize::from(digits)).collect();
    let below = fraction.get(6..).unwrap_or_default().iter().copied();
    let below = below.chain(std::iter::repeat(b'0')).take(3);
    let below = below.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    micros.checked_mul(NANOS)?.checked_add(below)
}

/// A number as [`from_number`] takes it, in nanoseconds.
pub(super) fn nanos_from_number(text: &[u8], digits: u8) -> Option<i64> {
    let nanos = match number::integer(text) {
        Some((negative, ticks)) if ticks >= TICKS_MIN => {
            let unit = 10_i64.checked_pow(9_u32.checked_sub(u32::from(digits))?)?;
            let nanos = i64::try_from(ticks).ok()?.checked_mul(unit)?;
            if negative { -nanos } else { nanos }
        }
        _ => {
            let nanos = i64::try_from(number::decimal(text, 19, 9)?).ok()?;
            let unit = 10_i64.checked_pow(9_u32.checked_sub(u32::from(digits))?)?;
            nanos - nanos % unit
        }
    };
    Some(nanos).filter(|nanos| fits(nanos.div_euclid(NANOS), Some(6)))
}

fn fits(micros: i64, scale: Option<u8>) -> bool {
    let seconds = micros.div_euclid(MICRO);
    match scale {
        None => (0..=i64::from(u32::MAX)).contains(&seconds),
        Some(_) => DAYS_WIDE.contains(&seconds.div_euclid(DAY)),
    }
}

/// A day as the number of days since 1970: `YYYY-MM-DD` with any mark and short numbers, or `YYYYMMDD`.
pub(super) fn day_from_text(text: &[u8], wide: bool) -> Option<i32> {
    let day = date_at_start(text).filter(|_| text.len() == 10).or_else(|| loose_day(text))?;
    in_days(day, wide)
}

fn loose_day(text: &[u8]) -> Option<i64> {
    let year = two(text, 0)? * 100 + two(text, 2)?;
    let rest = text.get(4..)?;
    if rest.len() == 4 && rest.iter().all(u8::is_ascii_digit) {
        return date(year, two(rest, 0)?, two(rest, 2)?);
    }
    let (month, rest) = short(rest)?;
    let (day, rest) = short(rest)?;
    if rest.is_empty() { date(year, month, day) } else { None }
}

/// A mark and a number of one or two digits.
fn short(text: &[u8]) -> Option<(i64, &[u8])> {
    let (mark, rest) = text.split_first()?;
    if mark.is_ascii_alphanumeric() {
        return None;
    }
    let count = rest.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = rest.split_at_checked(count)?;
    let (_, number) = number::integer(digits)?;
    Some((i64::try_from(number).ok()?, rest))
}

/// A number of days since 1970.
pub(super) fn day_from_number(text: &[u8], wide: bool) -> Option<i32> {
    let (negative, number) = number::integer(text)?;
    let day = i64::try_from(number).ok()?;
    in_days(if negative { -day } else { day }, wide)
}

fn in_days(day: i64, wide: bool) -> Option<i32> {
    let fits = if wide { DAYS_WIDE.contains(&day) } else { (0..=65_535).contains(&day) };
    i32::try_from(day).ok().filter(|_| fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_what_they_are_called() {
        assert_eq!((*DAYS_WIDE.start(), *DAYS_WIDE.end()), (days(1900, 1, 1), days(2299, 12, 31)));
    }

    #[test]
    fn the_usual_forms_need_no_best_effort() {
        let mut zone = Zone::universal();
        let second = days(2024, 1, 2) * DAY + 3 * 3_600 + 4 * 60 + 5;
        for (text, want) in [
            ("2024-01-02 03:04:05", 0),
            ("2024-01-02T03:04:05Z", 0),
            ("2024-01-02T03:04:05.1239Z", 123_000),
            ("2024-01-02 05:04:05+02:00", 0),
            ("2024-01-02 00:34:05.5-0230", 500_000),
        ] {
            assert_eq!(usual(text.as_bytes(), 3, &mut zone), Some(second * MICRO + want), "{text}");
            let (parsed, _) = best_effort::parse(text.as_bytes(), &RULES, &mut zone).unwrap();
            assert_eq!(parsed.micros(3), second * MICRO + want, "{text}");
        }
    }

    #[test]
    fn times_have_up_to_nine_digits() {
        let mut zone = Zone::universal();
        let second = (days(2024, 1, 2) * DAY + 3 * 3_600 + 4 * 60 + 5) * 1_000_000_000;
        for (text, digits, want) in [
            ("2024-01-02 03:04:05", 9, 0),
            ("2024-01-02 03:04:05.123456789", 9, 123_456_789),
            ("2024-01-02 03:04:05.123456789", 7, 123_456_700),
            ("2024-01-02T03:04:05.5Z", 9, 500_000_000),
            ("2024-01-02T05:04:05.000000001+02:00", 9, 1),
        ] {
            assert_eq!(nanos_from_text(text.as_bytes(), digits, &mut zone), Some(second + want), "{text}");
        }
        assert_eq!(nanos_from_text(b"2290-01-01 00:00:00", 9, &mut zone), None);
        assert_eq!(nanos_from_text(b"soon", 9, &mut zone), None);
        assert_eq!(nanos_from_number(b"1704164645", 9), Some(second));
        assert_eq!(nanos_from_number(b"1704164645.000000001", 9), Some(second + 1));
        assert_eq!(nanos_from_number(b"1704164645000000001", 9), Some(second + 1));
    }

    #[test]
    fn numbers_are_seconds_or_ticks() {
        assert_eq!(from_number(b"1704164645", None), Some(1_704_164_645 * MICRO));
        assert_eq!(from_number(b"1704164645.999", None), Some(1_704_164_645 * MICRO));
        assert_eq!(from_number(b"1704164645123", None), None);
        assert_eq!(from_number(b"1704164645123", Some(3)), Some(1_704_164_645_123_000));
        assert_eq!(from_number(b"1704164645123456", Some(6)), Some(1_704_164_645_123_456));
        assert_eq!(from_number(b"1704164645.123456789", Some(3)), Some(1_704_164_645_123_000));
        assert_eq!(from_number(b"-1", None), None);
        assert_eq!(from_number(b"-1", Some(0)), Some(-MICRO));
    }
}
