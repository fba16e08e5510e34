//! Windows and the hops in which their tails move.
//!
//! The value of a window `w` at the time `q` is that of all events with `tail(q, w) <= ts < q`: the head is exact to the millisecond, the
//! tail moves in hops. (Chronon: `FiveMinuteResolution`, `DailyResolution`.)

use std::fmt;
use tile_base::{Error, Result};

/// All times are milliseconds since 1970, UTC.
pub const MINUTE_MS: i64 = 60_000;
pub const FIVE_MINUTES_MS: i64 = 5 * MINUTE_MS;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// The unit that a window was written in: names of columns keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    Minutes,
    Hours,
    Days,
}

impl Unit {
    const fn millis(self) -> i64 {
        match self {
            Self::Minutes => MINUTE_MS,
            Self::Hours => HOUR_MS,
            Self::Days => DAY_MS,
        }
    }
}

/// A length of time: at least a minute, at most a hundred years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    length: u32,
    unit: Unit,
}

impl Window {
    /// # Errors
    /// `Invalid` for none or more than a hundred years.
    pub fn new(length: u32, unit: Unit) -> Result<Self> {
        if length == 0 || i64::from(length) * unit.millis() > 36_525 * DAY_MS {
            return Err(Error::invalid(format!(
                "a window of {length} {unit:?} is not between a minute and a hundred years"
            )));
        }
        Ok(Self { length, unit })
    }

    /// Reads `30m`, `6h` or `7d`.
    ///
    /// # Errors
    /// `Invalid` for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            Error::invalid(format!("`{text}` is not a window"))
                .hint("A window is a number of minutes, hours or days: `30m`, `6h`, `7d`")
        };
        let mut digits = text.trim().chars();
        let unit = match digits.next_back() {
            Some('m') => Unit::Minutes,
            Some('h') => Unit::Hours,
            Some('d') => Unit::Days,
            _ => return Err(wrong()),
        };
        Self::new(digits.as_str().parse().map_err(|_| wrong())?, unit)
    }

    /// In its unit.
    pub const fn length(self) -> u32 {
        self.length
    }

    pub const fn unit(self) -> Unit {
        self.unit
    }

    pub fn millis(self) -> i64 {
        i64::from(self.length) * self.unit.millis()
    }

    /// The step in which its tail moves, where values are exact to the millisecond of the query.
    pub fn hop(self) -> i64 {
        match self.millis() {
            w if w >= 12 * DAY_MS => DAY_MS,
            w if w >= 12 * HOUR_MS => HOUR_MS,
            _ => FIVE_MINUTES_MS,
        }
    }

    /// The first millisecond that counts at the time `q`, where the tail moves in steps of `hop`.
    pub const fn tail_by(self, q: i64, hop: i64) -> i64 {
        let start = q.saturating_sub(self.length as i64 * self.unit.millis());
        // Towards zero, as Java divides: it matters before 1970 alone.
        start / hop * hop
    }

    /// The first millisecond that counts at the time `q`.
    pub fn tail(self, q: i64) -> i64 {
        self.tail_by(q, self.hop())
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Minutes => 'm',
            Unit::Hours => 'h',
            Unit::Days => 'd',
        };
        write!(f, "{}{unit}", self.length)
    }
}

/// The start of the aligned interval of a length that holds a time. Unlike tails, intervals are rounded down before 1970 as well, so that
/// each of them lies on one side of every tail.
pub const fn interval(time: i64, length: i64) -> i64 {
    time - time.rem_euclid(length)
}

/// The days from 1970 to a day that is written as `yyyy-MM-dd`.
///
/// # Errors
/// `Invalid` for what is no day.
pub fn day(day: &str) -> Result<i64> {
    let array = arrow_array::StringArray::from(vec![day]);
    let options = arrow_cast::CastOptions { safe: false, ..arrow_cast::CastOptions::default() };
    let date =
        arrow_cast::cast_with_options(&array, &arrow_schema::DataType::Date32, &options).map_err(|_| {
            Error::invalid(format!("`{day}` is not a day")).hint("Days are written as 2026-01-31")
        })?;
    let days = arrow_array::cast::AsArray::as_primitive::<arrow_array::types::Date32Type>(&date);
    Ok(i64::from(days.value(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hops_grow_with_windows() {
        let hop = |text: &str| Window::parse(text).unwrap().hop();
        for (text, wanted) in [
            ("30m", FIVE_MINUTES_MS),
            ("11h", FIVE_MINUTES_MS),
            ("12h", HOUR_MS),
            ("11d", HOUR_MS),
            ("12d", DAY_MS),
        ] {
            assert_eq!(hop(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_window_is_refused() {
        for text in ["", "h", "0h", "-1h", "6", "6 h", "6x", "99999999d", "1.5h", "é"] {
            assert!(Window::parse(text).is_err(), "{text}");
        }
        assert_eq!(Window::parse("7d").unwrap().to_string(), "7d");
    }

    #[test]
    fn tails_round_towards_zero_and_intervals_down() {
        let hour = Window::parse("1h").unwrap();
        assert_eq!(hour.tail(HOUR_MS - 1), 0);
        assert_eq!(hour.tail(-1), -HOUR_MS);
        assert_eq!(interval(-1, FIVE_MINUTES_MS), -FIVE_MINUTES_MS);
        assert_eq!(interval(FIVE_MINUTES_MS, FIVE_MINUTES_MS), FIVE_MINUTES_MS);
    }
}
