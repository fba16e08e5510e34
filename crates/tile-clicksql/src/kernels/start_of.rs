//! Rounding moments down, moving them and counting between them: `toStartOf*`, `add*`, `dateDiff`, `age`.
//!
//! Units from the day upwards are dates of a zone; smaller ones are moments. Alignment is ClickHouse's:
//! hours count from midnight, minutes and seconds from the epoch, weeks from Monday 1970-01-05, months from
//! 1900-01.

use super::frame::{Answered, KernelError};
use super::zone::{self, Civil, DAY, MICRO, Zone, civil, days, days_in_month, monday, sunday};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Nanosecond,
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    /// Only to round down to.
    IsoYear,
    /// A week that begins on a Sunday; only to round down to.
    SundayWeek,
}

impl Unit {
    /// ClickHouse's names and abbreviations, in any case.
    pub fn named(name: &str) -> Answered<Self> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "nanosecond" | "nanoseconds" | "ns" => Self::Nanosecond,
            "microsecond" | "microseconds" | "us" | "u" => Self::Microsecond,
            "millisecond" | "milliseconds" | "ms" => Self::Millisecond,
            "second" | "seconds" | "ss" | "s" => Self::Second,
            "minute" | "minutes" | "mi" | "n" => Self::Minute,
            "hour" | "hours" | "hh" | "h" => Self::Hour,
            "day" | "days" | "dd" | "d" => Self::Day,
            "week" | "weeks" | "ww" | "wk" => Self::Week,
            "month" | "months" | "mm" | "m" => Self::Month,
            "quarter" | "quarters" | "qq" | "q" => Self::Quarter,
            "year" | "years" | "yyyy" | "yy" => Self::Year,
            "isoyear" => Self::IsoYear,
            "sundayweek" => Self::SundayWeek,
            _ => return Err(KernelError::bad_argument(format!("unknown date unit `{name}`"))),
        })
    }

    /// Microseconds, for the units that have a fixed number.
    const fn micros(self) -> Option<i64> {
        Some(match self {
            Self::Microsecond => 1,
            Self::Millisecond => 1_000,
            Self::Second => MICRO,
            Self::Minute => 60 * MICRO,
            Self::Hour => 3_600 * MICRO,
            _ => return None,
        })
    }
}

fn positive(count: i64) -> Answered<i64> {
    if count > 0 { Ok(count) } else { Err(KernelError::new(69, "the interval must be positive")) }
}

/// The first day of the interval of `count` units around a date.
pub fn start_of_date(date: i64, unit: Unit, count: i64) -> Answered<i64> {
    let count = positive(count)?;
    let Civil { year, month, .. } = civil(date);
    Ok(match unit {
        Unit::Week if count == 1 => monday(date),
        Unit::SundayWeek => sunday(date),
        Unit::Week => {
            let span = count.saturating_mul(7);
            if date < 4 { 0 } else { 4 + (date - 4) / span * span }
        }
        Unit::Month if count == 1 => days(year, month, 1),
        Unit::Quarter if count == 1 => days(year, (month - 1) / 3 * 3 + 1, 1),
        Unit::Month | Unit::Quarter => {
            let count = if unit == Unit::Quarter { count.saturating_mul(3) } else { count };
            let index = (year - 1900) * 12 + month - 1;
            days(1900, index / count * count + 1, 1)
        }
        Unit::Year => days(if count == 1 { year } else { (year / count * count).max(1900) }, 1, 1),
        Unit::IsoYear => zone::iso_year_start(zone::iso_year(date)),
        _ => date / count * count,
    })
}

/// The same for a moment, as a moment.
pub fn start_of(micros: i64, unit: Unit, count: i64, zone: &mut Zone) -> Answered<i64> {
    let count = positive(count)?;
    let seconds = micros.div_euclid(MICRO);
    Ok(match unit {
        Unit::Nanosecond => micros,
        Unit::Microsecond | Unit::Millisecond => {
            let span = unit.micros().unwrap_or(1).saturating_mul(count);
            micros.div_euclid(span).saturating_mul(span)
        }
        Unit::Second => second_start(seconds, count, zone).saturating_mul(MICRO),
        Unit::Minute => minute_start(seconds, count, zone).saturating_mul(MICRO),
        Unit::Hour => hour_start(seconds, count, zone).saturating_mul(MICRO),
        _ => {
            let date = start_of_date(zone.day(seconds), unit, count)?;
            zone.day_start(date).saturating_mul(MICRO)
        }
    })
}

/// From the epoch; in a zone that ever was off by a part of an hour, from the day's beginning.
fn second_start(seconds: i64, count: i64, zone: &mut Zone) -> i64 {
    if count == 1 {
        return seconds;
    }
    if count % 60 == 0 {
        return minute_start(seconds, count / 60, zone);
    }
    if zone.has_whole_hours() {
        return seconds.div_euclid(count).saturating_mul(count);
    }
    let day = zone.day(seconds);
    let start = zone.day_start(day);
    start + (seconds - start) / count * count
}

fn minute_start(seconds: i64, count: i64, zone: &mut Zone) -> i64 {
    let span = count.saturating_mul(60);
    if zone.offset(seconds) % 60 == 0 {
        return seconds.div_euclid(span).saturating_mul(span);
    }
    let day = zone.day(seconds);
    let start = zone.day_start(day);
    start + (seconds - start) / span * span
}

fn hour_start(seconds: i64, count: i64, zone: &mut Zone) -> i64 {
    let day = zone.day(seconds);
    let start = zone.day_start(day);
    let passed = seconds - start;
    let span = count.saturating_mul(3_600);
    if count == 1 {
        // Whole hours; a zone that ever was off by a part of one counts them from the day's beginning.
        return if zone.has_whole_hours() {
            seconds.div_euclid(span) * span
        } else {
            start + passed / span * span
        };
    }
    let shift = zone.local(seconds).rem_euclid(DAY) - passed;
    if shift == 0 {
        return start + passed / span * span;
    }
    // The day's hours are numbered by the clock, and an interval is cut where the clock was set.
    let change = clock_change(start, seconds, zone);
    let rounded = (passed + shift) / span * span;
    if rounded >= change { start + (rounded - shift).max(change) } else { start + rounded }
}

/// How long after a day's beginning its clock was set; 0 for a day that does not begin at midnight.
fn clock_change(start: i64, seconds: i64, zone: &mut Zone) -> i64 {
    let at_start = zone.offset(start);
    if (start + at_start).rem_euclid(DAY) != 0 {
        return 0;
    }
    let (mut low, mut high) = (start, seconds);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if zone.offset(middle) == at_start { low = middle } else { high = middle }
    }
    high - start
}

/// A date plus months, the day clamped to the month's end.
pub fn add_months(date: i64, months: i64) -> i64 {
    let Civil { year, month, day } = civil(date);
    let index = year.saturating_mul(12).saturating_add(month - 1).saturating_add(months);
    let (year, month) = (index.div_euclid(12), index.rem_euclid(12) + 1);
    days(year, month, day.min(days_in_month(year, month)))
}

pub fn add_to_date(date: i64, unit: Unit, count: i64) -> i64 {
    // Beyond this many the result is outside every calendar, and the arithmetic below must not overflow.
    let count = count.clamp(-10_000_000, 10_000_000);
    match unit {
        Unit::Week | Unit::SundayWeek => date + count * 7,
        Unit::Month => add_months(date, count),
        Unit::Quarter => add_months(date, count * 3),
        Unit::Year | Unit::IsoYear => add_months(date, count * 12),
        _ => date + count,
    }
}

/// `addDays` and the like: the local clock stays for days and more, the count of seconds for less.
pub fn add(micros: i64, unit: Unit, count: i64, zone: &mut Zone) -> i64 {
    if unit == Unit::Nanosecond {
        return micros.saturating_add(count / 1_000);
    }
    if let Some(one) = unit.micros() {
        return micros.wrapping_add(count.wrapping_mul(one));
    }
    let seconds = micros.div_euclid(MICRO);
    let local = zone.local(seconds);
    let date = add_to_date(local.div_euclid(DAY), unit, count);
    zone.utc(date * DAY + local.rem_euclid(DAY))
        .saturating_mul(MICRO)
        .saturating_add(micros.rem_euclid(MICRO))
}

/// Hours of the epoch; a zone of half an hour counts from its own hour.
fn relative_hour(seconds: i64, zone: &mut Zone) -> i64 {
    let offset = zone.offset(0);
    if zone.has_whole_hours() {
        return seconds.div_euclid(3_600);
    }
    (seconds + DAY - offset).div_euclid(3_600)
}

/// The number of the unit that a moment lies in, from a fixed origin.
pub fn relative(micros: i64, unit: Unit, zone: &mut Zone) -> i64 {
    let seconds = micros.div_euclid(MICRO);
    match unit {
        Unit::Nanosecond => micros.saturating_mul(1_000),
        Unit::Microsecond => micros,
        Unit::Millisecond => micros.div_euclid(1_000),
        Unit::Second => seconds,
        Unit::Minute => seconds.div_euclid(60),
        Unit::Hour => relative_hour(seconds, zone),
        _ => relative_date(zone.day(seconds), unit),
    }
}

pub fn relative_date(date: i64, unit: Unit) -> i64 {
    let Civil { year, month, .. } = civil(date);
    match unit {
        // Weeks begin on Mondays; the quotient is cut off, so that those before 1970 count one less.
        Unit::Week => (date + 8 - zone::weekday(date)) / 7,
        Unit::SundayWeek => sunday(date).div_euclid(7),
        Unit::Month => year * 12 + month,
        Unit::Quarter => year * 4 + (month - 1) / 3,
        Unit::Year => year,
        Unit::IsoYear => zone::iso_year(date),
        _ => date,
    }
}

/// `dateDiff`: how many borders of the unit lie between.
pub fn difference(unit: Unit, from: i64, to: i64, from_zone: &mut Zone) -> i64 {
    relative(to, unit, from_zone).saturating_sub(relative(from, unit, from_zone))
}

/// `age`: how many whole units lie between.
pub fn age(unit: Unit, from: i64, to: i64, zone: &mut Zone) -> i64 {
    if let Some(one) = unit.micros()
        && unit != Unit::Hour
    {
        return to.saturating_sub(from) / one;
    }
    if unit == Unit::Nanosecond {
        return to.saturating_sub(from).saturating_mul(1_000);
    }
    let adjust = if from <= to { -1 } else { 1 };
    let (low, high) = if from <= to { (from, to) } else { (to, from) };
    let mut local = |micros: i64| zone.local(micros.div_euclid(MICRO));
    let (low_local, high_local) = (local(low), local(high));
    let clock = |local: i64, micros: i64| local.rem_euclid(DAY) * MICRO + micros.rem_euclid(MICRO);
    let clocks = (clock(low_local, low), clock(high_local, high));
    let (low_day, high_day) = (low_local.div_euclid(DAY), high_local.div_euclid(DAY));
    let (a, b) = (civil(low_day), civil(high_day));
    let behind = match unit {
        // ClickHouse's own condition: weekdays in the order of the arguments and not of time, and minutes
        // compared whatever the weekday when the hours are equal.
        Unit::Week | Unit::SundayWeek => {
            let days = if from <= to { (low_day, high_day) } else { (high_day, low_day) };
            let (first, second) = (zone::weekday(days.0), zone::weekday(days.1));
            let hours = (clocks.0 / (3_600 * MICRO), clocks.1 / (3_600 * MICRO));
            first > second
                || (first == second && hours.0 > hours.1)
                || (hours.0 == hours.1 && clocks.0 > clocks.1)
        }
        Unit::Hour => clocks.0 % (3_600 * MICRO) > clocks.1 % (3_600 * MICRO),
        Unit::Month => (a.day, clocks.0) > (b.day, clocks.1),
        Unit::Quarter => ((a.month - 1) % 3, a.day, clocks.0) > ((b.month - 1) % 3, b.day, clocks.1),
        Unit::Year | Unit::IsoYear => (a.month, a.day, clocks.0) > (b.month, b.day, clocks.1),
        _ => clocks.0 > clocks.1,
    };
    difference(unit, from, to, zone) + if behind { adjust } else { 0 }
}
