//! Days and times of the Gregorian calendar, UTC. Days are counted from 1970-01-01, times in milliseconds from its midnight.

use crate::window::DAY_MS;

/// A day as year, month and day of the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    pub year: i64,
    pub month: i64,
    pub day: i64,
}

/// Years from 1 to 9999, as four digits can write them.
const DAYS: std::ops::RangeInclusive<i64> = -719_162..=2_932_896;

/// The day of a number. (Howard Hinnant, "chrono-compatible low-level date algorithms".)
pub const fn civil(days: i64) -> Civil {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    Civil { year: yoe + era * 400 + (month <= 2) as i64, month, day: doy - (153 * mp + 2) / 5 + 1 }
}

/// The number of a day, which need not be within its month.
pub const fn days(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let mp = if month > 2 { month - 3 } else { month + 9 };
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + (153 * mp + 2) / 5 + day - 1;
    era * 146_097 + doe - 719_468
}

/// The number of a day that there is.
pub fn valid(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_valid = (1..=9_999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let number = days(year, month, day);
    (is_valid && civil(number) == Civil { year, month, day }).then_some(number)
}

/// Days that can be written.
pub fn in_range(days: i64) -> Option<i64> {
    DAYS.contains(&days).then_some(days)
}

/// Times whose day can be written.
pub fn time_in_range(ms: i64) -> Option<i64> {
    DAYS.contains(&ms.div_euclid(DAY_MS)).then_some(ms)
}

/// 1 for Monday to 7 for Sunday.
pub const fn weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7) + 1
}

pub const fn day_of_year(of: i64) -> i64 {
    of - days(civil(of).year, 1, 1) + 1
}

/// The week of ISO 8601: that of the year which has its Thursday.
pub const fn week(of: i64) -> i64 {
    let thursday = of - weekday(of) + 4;
    (day_of_year(thursday) - 1) / 7 + 1
}

pub const fn last_of_month(of: i64) -> i64 {
    let Civil { year, month, .. } = civil(of);
    if month == 12 { days(year + 1, 1, 1) - 1 } else { days(year, month + 1, 1) - 1 }
}

/// The same day some months later, or the last one of its month.
pub fn add_months(of: i64, months: i64) -> Option<i64> {
    let Civil { year, month, day } = civil(of);
    let count = (year * 12 + month - 1).checked_add(months)?;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
    if !(1..=9_999).contains(&year) {
        return None;
    }
    let last = civil(last_of_month(days(year, month, 1))).day;
    in_range(days(year, month, day.min(last)))
}

/// `2024-01-05`.
pub fn date_text(of: i64) -> String {
    let Civil { year, month, day } = civil(of);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2024-01-05 10:00:00`, and the milliseconds where there are any, without zeros at the end.
pub fn time_text(ms: i64) -> String {
    let (day, rest) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS));
    let mut text = format!(
        "{} {:02}:{:02}:{:02}",
        date_text(day),
        rest / 3_600_000,
        rest / 60_000 % 60,
        rest / 1_000 % 60
    );
    if rest % 1_000 > 0 {
        text += format!(".{:03}", rest % 1_000).trim_end_matches('0');
    }
    text
}

/// Reads digits at the start: between `min` and `max` of them.
pub fn digits<'a>(text: &mut &'a str, min: usize, max: usize) -> Option<i64> {
    let length = text.bytes().take(max).take_while(u8::is_ascii_digit).count();
    let (number, rest): (&'a str, &'a str) = text.split_at_checked(length)?;
    *text = rest;
    if length < min { None } else { number.parse().ok() }
}

fn expect(text: &mut &str, c: char) -> Option<()> {
    *text = text.strip_prefix(c)?;
    Some(())
}

/// Reads `2024-1-5`, with anything behind a `T` or a space.
pub fn date_of(text: &str) -> Option<i64> {
    let mut rest = text.trim_matches(|c: char| c <= ' ');
    let day = day_of(&mut rest)?;
    (rest.is_empty() || rest.starts_with(['T', ' '])).then_some(day)
}

fn day_of(rest: &mut &str) -> Option<i64> {
    let year = digits(rest, 4, 4)?;
    expect(rest, '-')?;
    let month = digits(rest, 1, 2)?;
    expect(rest, '-')?;
    valid(year, month, digits(rest, 1, 2)?)
}

/// Reads `2024-01-05`, `2024-01-05 10:00:00.123` or with a `T`, in UTC or with `Z` or `+02:00` behind it.
pub fn time_of(text: &str) -> Option<i64> {
    let mut rest = text.trim_matches(|c: char| c <= ' ');
    let mut ms = day_of(&mut rest)? * DAY_MS;
    if rest.is_empty() {
        return Some(ms);
    }
    rest = rest.strip_prefix(['T', ' '])?;
    let hour = digits(&mut rest, 2, 2)?;
    expect(&mut rest, ':')?;
    let minute = digits(&mut rest, 2, 2)?;
    expect(&mut rest, ':')?;
    let second = digits(&mut rest, 2, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    ms += ((hour * 60 + minute) * 60 + second) * 1_000;
    if let Some(after) = rest.strip_prefix('.') {
        rest = after;
        let mut fraction = rest;
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        digits(&mut rest, 1, 6)?;
        let read = digits(&mut fraction, 1, 3)?;
        ms += read * [100, 10, 1][length.clamp(1, 3) - 1];
    }
    match rest {
        "" | "Z" => Some(ms),
        zone => {
            let (sign, mut zone) = match zone.strip_prefix('+') {
                Some(zone) => (-1, zone),
                None => (1, zone.strip_prefix('-')?),
            };
            let hours = digits(&mut zone, 2, 2)?;
            expect(&mut zone, ':')?;
            let minutes = digits(&mut zone, 2, 2)?;
            (zone.is_empty() && hours <= 18 && minutes <= 59)
                .then_some(ms + sign * (hours * 60 + minutes) * 60_000)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_numbers_and_back() {
        for number in (-720_000..2_930_000).step_by(97) {
            let Civil { year, month, day } = civil(number);
            assert_eq!(days(year, month, day), number);
        }
        assert_eq!(civil(0), Civil { year: 1970, month: 1, day: 1 });
        assert_eq!((weekday(0), week(0), day_of_year(0)), (4, 1, 1));
        assert_eq!(valid(2023, 2, 29), None);
        assert_eq!(date_text(add_months(days(2024, 1, 31), 1).unwrap()), "2024-02-29");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in
            ["", "2024", "2024-13-01", "2024-01-01 25:00:00", "2024-01-01x", "2024-01-01 10:00:00+2", "é"]
        {
            assert_eq!(time_of(text), None, "{text}");
        }
        assert_eq!(time_of("1970-01-01T00:00:00.5Z"), Some(500));
        assert_eq!(time_of(" 1970-01-01 02:00:00+02:00 "), Some(0));
        assert_eq!(time_text(-500), "1969-12-31 23:59:59.5");
    }
}
