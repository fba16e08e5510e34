//! Time zones and the civil calendar, with ClickHouse's answers where a local time is missing or doubled.
//!
//! ClickHouse reads offsets from a table by day; here they come from the bundled tz database, one span
//! between two transitions being remembered. A local time that a transition skipped is read with the offset
//! after it, and one that happens twice is the first of the two, which is what the table does.

use super::frame::{Answered, KernelError, Last};
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

pub const DAY: i64 = 86_400;
pub const MICRO: i64 = 1_000_000;

/// The zone of the last row.
pub type Zones = Last<Zone>;

impl Zones {
    pub fn zone(&mut self, name: &str) -> Answered<&mut Zone> {
        self.get(name, Zone::named)
    }
}

pub struct Zone {
    tz: TimeZone,
    /// The remembered span [from, until) in UTC seconds, and its offset.
    from: i64,
    until: i64,
    offset: i64,
    whole_hours: Option<bool>,
}

impl Zone {
    pub const fn universal() -> Self {
        Self { tz: TimeZone::UTC, from: 0, until: 0, offset: 0, whole_hours: None }
    }

    pub fn named(name: &str) -> Answered<Self> {
        let name = if name.is_empty() { "UTC" } else { name };
        let tz = TimeZoneDatabase::bundled()
            .get(name)
            .map_err(|_| KernelError::bad_argument(format!("cannot load time zone {name}")))?;
        Ok(Self { tz, from: 0, until: 0, offset: 0, whole_hours: None })
    }

    /// Seconds east of UTC at a moment.
    pub fn offset(&mut self, seconds: i64) -> i64 {
        if seconds < self.from || seconds >= self.until {
            self.load(seconds);
        }
        self.offset
    }

    fn load(&mut self, seconds: i64) {
        // Outside jiff's years -9999..9999 no kernel has a meaning; the ends then count.
        let at = Timestamp::from_second(seconds).unwrap_or(if seconds < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        });
        self.offset = i64::from(self.tz.to_offset(at).seconds());
        // `preceding` excludes its own moment, so one second later it includes a transition right here.
        let after = Timestamp::from_second(seconds.saturating_add(1)).unwrap_or(at);
        self.from = self.tz.preceding(after).next().map_or(i64::MIN, |t| t.timestamp().as_second());
        self.until = self.tz.following(at).next().map_or(i64::MAX, |t| t.timestamp().as_second());
    }

    /// Whether every offset of 1970 to 2106 is a number of hours.
    pub fn has_whole_hours(&mut self) -> bool {
        if let Some(known) = self.whole_hours {
            return known;
        }
        let mut at = 0;
        let mut whole = true;
        while whole && at < i64::from(u32::MAX) {
            whole = self.offset(at) % 3_600 == 0;
            at = self.until;
        }
        self.whole_hours = Some(whole);
        whole
    }

    pub fn local(&mut self, seconds: i64) -> i64 {
        seconds.saturating_add(self.offset(seconds))
    }

    /// The candidates of a local time: with the offset before and after the nearest transition, and it.
    fn candidates(&mut self, local: i64) -> (i64, i64, i64) {
        let before = self.offset(local.saturating_sub(DAY));
        let until = self.until;
        let after =
            if until > local.saturating_add(DAY) { before } else { self.offset(local.saturating_add(DAY)) };
        if before == after {
            return (local.saturating_sub(before), local.saturating_sub(before), i64::MAX);
        }
        (local.saturating_sub(before), local.saturating_sub(after), until)
    }

    /// UTC seconds of a local time.
    pub fn utc(&mut self, local: i64) -> i64 {
        let (first, second, change) = self.candidates(local);
        if first < change { first } else { second }
    }

    /// UTC seconds of the beginning of a local day. A midnight that happens twice is the second one only
    /// when a piece of the day before lies between the two.
    pub fn day_start(&mut self, day: i64) -> i64 {
        let (first, second, change) = self.candidates(day.saturating_mul(DAY));
        match (first < change, second >= change && change != i64::MAX) {
            (true, true) if second > change => second,
            (true, _) => first,
            (false, true) => second,
            (false, false) => first,
        }
    }

    pub fn day(&mut self, seconds: i64) -> i64 {
        self.local(seconds).div_euclid(DAY)
    }
}

/// A moment, split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    pub year: i64,
    pub month: i64,
    pub day: i64,
}

/// Year, month and day of a number of days since 1970-01-01.
///
/// Source: <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>
pub const fn civil(days: i64) -> Civil {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    Civil { year, month, day }
}

/// Days since 1970-01-01; the month may be outside 1..=12, the day anything.
pub const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year + (month - 1).div_euclid(12);
    let month = (month - 1).rem_euclid(12) + 1;
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}

pub const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Monday is 1 and Sunday 7.
pub const fn weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7) + 1
}

pub const fn monday(days: i64) -> i64 {
    days - (days + 3).rem_euclid(7)
}

pub const fn sunday(days: i64) -> i64 {
    days - (days + 4).rem_euclid(7)
}

pub const fn iso_year(date: i64) -> i64 {
    civil(monday(date) + 3).year
}

/// The Monday that begins an ISO year.
pub const fn iso_year_start(year: i64) -> i64 {
    monday(days(year, 1, 4))
}

pub const fn iso_week(date: i64) -> i64 {
    (monday(date) - iso_year_start(iso_year(date))) / 7 + 1
}

/// `toYearWeek(date, mode)`: MySQL's modes 0 to 7, and bit 3 for "the week of January 1 is week 1".
pub const fn year_week(date: i64, mode: i64) -> (i64, i64) {
    let monday_first = mode & 1 != 0;
    if mode & 8 != 0 {
        return new_year_week(date, monday_first);
    }
    let first_weekday = (mode & 4 != 0) ^ !monday_first;
    let mut counts_into_year = mode & 2 != 0;
    let Civil { mut year, month, day } = civil(date);
    let mut first = days(year, 1, 1);
    let mut weekday = if monday_first { (first + 3).rem_euclid(7) } else { (first + 4).rem_euclid(7) };
    if month == 1 && day <= 7 - weekday {
        if !counts_into_year && ((first_weekday && weekday != 0) || (!first_weekday && weekday >= 4)) {
            return (year, 0);
        }
        counts_into_year = true;
        year -= 1;
        let length = if is_leap(year) { 366 } else { 365 };
        first -= length;
        weekday = (weekday + 53 * 7 - length) % 7;
    }
    let passed = if (first_weekday && weekday != 0) || (!first_weekday && weekday >= 4) {
        date - (first + (7 - weekday))
    } else {
        date - (first - weekday)
    };
    if counts_into_year && passed >= 52 * 7 {
        weekday = (weekday + if is_leap(year) { 366 } else { 365 }) % 7;
        if (!first_weekday && weekday < 4) || (first_weekday && weekday == 0) {
            return (year + 1, 1);
        }
    }
    (year, passed / 7 + 1)
}

const fn new_year_week(date: i64, monday_first: bool) -> (i64, i64) {
    let start = if monday_first { monday(date) } else { sunday(date) };
    let year = civil(start + 6).year;
    let january = days(year, 1, 1);
    let first = if monday_first { monday(january) } else { sunday(january) };
    (year, (start - first) / 7 + 1)
}
