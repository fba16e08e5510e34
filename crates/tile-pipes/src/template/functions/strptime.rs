//! Python's `datetime.strptime`.

use super::super::value::is_space;

/// Longer formats and texts are refused, so that trying all readings stays cheap.
const FORMAT_MAX: usize = 100;
const TEXT_MAX: usize = 200;
/// Readings that are tried.
const TRIES_MAX: usize = 20_000;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// A moment of the calendar, without or with its distance from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    local_us: i128,
    pub offset_us: Option<i128>,
}

impl Moment {
    pub fn utc_us(&self) -> i128 {
        self.local_us - self.offset_us.unwrap_or(0)
    }
}

#[derive(Clone, Copy, Default)]
struct Fields {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: i64,
    half: Option<bool>,
    hour_of_half: Option<i64>,
    minute: i64,
    second: i64,
    microsecond: i64,
    /// From Monday.
    weekday: Option<i64>,
    /// Week of the year, and whether it begins on Monday.
    week: Option<(i64, bool)>,
    iso_year: Option<i64>,
    iso_week: Option<i64>,
    offset_us: Option<i128>,
}

#[derive(Clone, Copy)]
enum Item {
    /// White space of any length.
    Space,
    Literal(char),
    Directive(char),
}

/// The moment, and how many readings were tried.
pub fn parse(text: &str, format: &str) -> (Option<Moment>, usize) {
    let mut tries = TRIES_MAX;
    let moment = read_all(text, format, &mut tries);
    (moment, TRIES_MAX - tries)
}

fn read_all(text: &str, format: &str, tries: &mut usize) -> Option<Moment> {
    if format.len() > FORMAT_MAX || text.len() > TEXT_MAX {
        return None;
    }
    let items = items(format)?;
    let text: Vec<char> = text.chars().collect();
    let fields = read(&items, &text, Fields::default(), tries)?;
    moment(&fields)
}

fn items(format: &str) -> Option<Vec<Item>> {
    let mut out = Vec::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if is_space(c) {
            if !matches!(out.last(), Some(Item::Space)) {
                out.push(Item::Space);
            }
        } else if c != '%' {
            out.push(Item::Literal(c));
        } else {
            match chars.next()? {
                '%' => out.push(Item::Literal('%')),
                'c' => out.extend(items("%a %b %d %H:%M:%S %Y")?),
                'x' => out.extend(items("%m/%d/%y")?),
                'X' => out.extend(items("%H:%M:%S")?),
                c if "YymdHIMSfbBaApjzZUWwGVu".contains(c) => {
                    // Each may be there once.
                    let twice = out.iter().any(|item| matches!(item, Item::Directive(other) if *other == c));
                    if twice {
                        return None;
                    }
                    out.push(Item::Directive(c));
                }
                _ => return None,
            }
        }
    }
    Some(out)
}

/// The first reading, in the order of Python's regular expression, that takes the whole text.
fn read(items: &[Item], text: &[char], fields: Fields, tries: &mut usize) -> Option<Fields> {
    *tries = tries.checked_sub(1)?;
    let Some((item, rest)) = items.split_first() else { return text.is_empty().then_some(fields) };
    match item {
        Item::Space => {
            let most = text.iter().take_while(|c| is_space(**c)).count();
            (1..=most).rev().find_map(|n| read(rest, text.get(n..)?, fields, tries))
        }
        Item::Literal(c) => {
            let same = text.first().is_some_and(|found| found.to_lowercase().eq(c.to_lowercase()));
            if same { read(rest, text.get(1..)?, fields, tries) } else { None }
        }
        Item::Directive(c) => readings(*c, text)
            .into_iter()
            .find_map(|(length, value)| read(rest, text.get(length..)?, apply(*c, value, fields)?, tries)),
    }
}

/// What a directive may read here: lengths with values, the preferred one first.
fn readings(directive: char, text: &[char]) -> Vec<(usize, i64)> {
    let number = |length: usize, low: i64, high: i64| -> Option<(usize, i64)> {
        let digits: String = text.get(..length)?.iter().collect();
        let valid = digits.bytes().all(|b| b.is_ascii_digit());
        let n: i64 = if valid { digits.parse().ok()? } else { return None };
        (low..=high).contains(&n).then_some((length, n))
    };
    let numbers =
        |low: i64, high: i64| [2, 1].iter().filter_map(|n| number(*n, low, high)).collect::<Vec<_>>();
    match directive {
        'Y' | 'G' => number(4, 0, 9999).into_iter().collect(),
        'y' => number(2, 0, 99).into_iter().collect(),
        'm' | 'I' => numbers(1, 12),
        'd' => {
            let padded = text.first() == Some(&' ');
            let spaced = text.get(1).and_then(|c| c.to_digit(10)).filter(|d| *d > 0 && padded);
            numbers(1, 31).into_iter().chain(spaced.map(|d| (2, i64::from(d)))).collect()
        }
        'H' => numbers(0, 23),
        'M' => numbers(0, 59),
        'S' => numbers(0, 61),
        'U' | 'W' => numbers(0, 53),
        'V' => [number(2, 1, 53), number(1, 0, 9)].into_iter().flatten().collect(),
        'j' => [3, 2, 1].iter().filter_map(|n| number(*n, 1, 366)).collect(),
        'w' => number(1, 0, 6).into_iter().collect(),
        'u' => number(1, 1, 7).into_iter().collect(),
        'f' => (1..=6)
            .rev()
            .filter_map(|n| number(n, 0, 999_999))
            .map(|(n, value)| (n, value * 10i64.pow(u32::try_from(6 - n).unwrap_or(0))))
            .collect(),
        'B' => named(text, &MONTHS, usize::MAX),
        'b' => named(text, &MONTHS, 3),
        'A' => named(text, &DAYS, usize::MAX),
        'a' => named(text, &DAYS, 3),
        'p' => named(text, &["am", "pm"], usize::MAX),
        'Z' => named(text, &["utc", "gmt"], usize::MAX),
        'z' => offsets(text),
        _ => Vec::new(),
    }
}

fn named(text: &[char], names: &[&str], letters: usize) -> Vec<(usize, i64)> {
    let mut out: Vec<(usize, i64)> = names
        .iter()
        .zip(0..)
        .filter(|(name, _)| {
            let name: Vec<char> = name.chars().take(letters).collect();
            text.get(..name.len())
                .is_some_and(|found| found.iter().zip(&name).all(|(a, b)| a.to_ascii_lowercase() == *b))
        })
        .map(|(name, i)| (name.len().min(letters), i))
        .collect();
    out.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
    out
}

/// `Z` or `±hh[:]mm[[:]ss[.ffffff]]`, as microseconds.
fn offsets(text: &[char]) -> Vec<(usize, i64)> {
    if text.first() == Some(&'Z') || text.first() == Some(&'z') {
        return vec![(1, 0)];
    }
    let sign = match text.first() {
        Some('+') => 1,
        Some('-') => -1,
        _ => return Vec::new(),
    };
    let pair = |at: usize, most: u32| -> Option<i64> {
        let n = text.get(at)?.to_digit(10)? * 10 + text.get(at + 1)?.to_digit(10)?;
        (n <= most).then_some(i64::from(n))
    };
    let Some(hours) = pair(1, 99) else { return Vec::new() };
    let colon = usize::from(text.get(3) == Some(&':'));
    let Some(minutes) = pair(3 + colon, 59) else { return Vec::new() };
    let base = hours * 3600 + minutes * 60;
    let mut at = 5 + colon;
    let mut out = vec![(at, sign * base * 1_000_000)];
    let again = usize::from(text.get(at) == Some(&':'));
    if again == colon
        && let Some(seconds) = pair(at + again, 59)
    {
        at += 2 + again;
        out.insert(0, (at, sign * (base + seconds) * 1_000_000));
        let fraction: String = text.iter().skip(at + 1).take(6).take_while(|c| c.is_ascii_digit()).collect();
        if text.get(at) == Some(&'.') && !fraction.is_empty() {
            let us: i64 = format!("{fraction:0<6}").parse().unwrap_or(0);
            out.insert(0, (at + 1 + fraction.len(), sign * ((base + seconds) * 1_000_000 + us)));
        }
    }
    out
}

fn apply(directive: char, value: i64, mut fields: Fields) -> Option<Fields> {
    match directive {
        'Y' => fields.year = Some(value),
        'y' => fields.year = Some(if value <= 68 { 2000 + value } else { 1900 + value }),
        'm' => fields.month = Some(value),
        'b' | 'B' => fields.month = Some(value + 1),
        'd' => fields.day = Some(value),
        'j' => fields.day_of_year = Some(value),
        'H' => fields.hour = value,
        'I' => fields.hour_of_half = Some(value % 12),
        'p' => fields.half = Some(value == 1),
        'M' => fields.minute = value,
        'S' => fields.second = value,
        'f' => fields.microsecond = value,
        'a' | 'A' => fields.weekday = Some(value),
        'w' => fields.weekday = Some((value + 6) % 7),
        'u' => fields.weekday = Some(value - 1),
        'U' => fields.week = Some((value, false)),
        'W' => fields.week = Some((value, true)),
        'G' => fields.iso_year = Some(value),
        'V' => fields.iso_week = Some(value),
        'z' => fields.offset_us = Some(i128::from(value)),
        _ => {}
    }
    Some(fields)
}

/// Days since 1970-01-01 of a date of the Gregorian calendar, which is taken to reach back to year 1.
pub fn days_from_date(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn moment(fields: &Fields) -> Option<Moment> {
    // A week needs its day, its own kind of year, and nothing of the other kind.
    if fields.iso_year.is_some()
        && (fields.iso_week.is_none() || fields.weekday.is_none() || fields.day_of_year.is_some())
        || fields.iso_week.is_some() && (fields.iso_year.is_none() || fields.weekday.is_none())
    {
        return None;
    }
    let date = date(fields)?;
    let hour = match (fields.hour_of_half, fields.half) {
        (Some(hour), Some(true)) => hour + 12,
        (Some(hour), _) => hour,
        _ => fields.hour,
    };
    // A leap second has no place in a day.
    if fields.second > 59 {
        return None;
    }
    let seconds = i128::from(date) * 86_400 + i128::from(hour * 3600 + fields.minute * 60 + fields.second);
    if fields.offset_us.is_some_and(|us| us.abs() >= 86_400_000_000) {
        return None;
    }
    Some(Moment {
        local_us: seconds * 1_000_000 + i128::from(fields.microsecond),
        offset_us: fields.offset_us,
    })
}

fn date(fields: &Fields) -> Option<i64> {
    let year = fields.year.unwrap_or(1900);
    let new_year = days_from_date(year, 1, 1);
    // From Monday.
    let weekday_of = |days: i64| (days + 3).rem_euclid(7);
    if let (Some(iso_year), Some(week), Some(weekday)) = (fields.iso_year, fields.iso_week, fields.weekday) {
        let fourth = days_from_date(iso_year, 1, 4);
        let first = fourth - weekday_of(fourth);
        // A week that the year does not have is one of the year after it.
        return (1..=9999).contains(&iso_year).then_some(first + (week - 1) * 7 + weekday);
    }
    if !(1..=9999).contains(&year) {
        return None;
    }
    if let Some(day) = fields.day_of_year {
        return (day <= 365 + i64::from(is_leap(year))).then_some(new_year + day - 1);
    }
    if let (Some((week, monday)), Some(weekday), true) = (fields.week, fields.weekday, fields.year.is_some())
    {
        let shift = if monday { 0 } else { 1 };
        let first = (weekday_of(new_year) + shift) % 7;
        let to_first = (7 - first) % 7;
        let day = (weekday + shift) % 7;
        let days = if week == 0 { day - first } else { to_first + 7 * (week - 1) + day };
        return Some(new_year + days);
    }
    let (month, day) = (fields.month.unwrap_or(1), fields.day.unwrap_or(1));
    (day <= days_in_month(year, month)).then(|| days_from_date(year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_the_epoch() {
        for (date, days) in
            [((1970, 1, 1), 0), ((2000, 3, 1), 11_017), ((1969, 12, 31), -1), ((1, 1, 1), -719_162)]
        {
            assert_eq!(days_from_date(date.0, date.1, date.2), days);
        }
    }

    #[test]
    fn what_is_no_date_is_not_read() {
        for (text, format) in [
            ("2019-00-02", "%Y-%m-%d"),
            ("2019-02-29", "%Y-%m-%d"),
            ("2019-01-01 00:00:00", "%Y-%m-%d"),
            ("2019-01-01", "%Y-%m-%d %Y"),
            ("0000-01-01", "%Y-%m-%d"),
            ("12:00:60", "%H:%M:%S"),
            ("1", "%"),
            ("1", "%E"),
        ] {
            assert_eq!(parse(text, format).0, None, "{text} {format}");
        }
        assert_eq!(parse(&"1".repeat(150), "%d%m").0, None);
    }
}
