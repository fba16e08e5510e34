//! Which snapshots of a table there are. A snapshot bears a day, and is the table as it was when that day was over.

use crate::online::Past;
use crate::window::{DAY_MS, interval};
use std::collections::BTreeSet;

/// The days of all snapshots that there are, and the one of which the rows are kept. Days are numbers since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base {
    /// None: the table has no days. It is one that is as it is now.
    pub days: Option<BTreeSet<i64>>,
    /// None while there is no snapshot of a day that is over.
    pub day: Option<i64>,
}

/// When a day is over.
pub const fn end(day: i64) -> i64 {
    day.saturating_add(1).saturating_mul(DAY_MS)
}

impl Base {
    /// The newest snapshot that there was at a time.
    pub fn of(days: &BTreeSet<i64>, time: i64) -> Option<i64> {
        let today = interval(time, DAY_MS).div_euclid(DAY_MS);
        days.range(..today).next_back().copied()
    }

    /// Whether another snapshot is the newest one now.
    pub fn is_over(&self, now: i64) -> bool {
        self.days.as_ref().is_some_and(|days| Self::of(days, now) != self.day)
    }

    /// From when on changes of rows are not in the snapshot.
    pub fn from(&self) -> i64 {
        self.day.map_or(i64::MIN, end)
    }

    /// The time as of which a snapshot has its values, asked for at another.
    pub fn holds_at(&self, q: i64) -> i64 {
        match (&self.days, self.day) {
            (Some(_), Some(day)) => end(day),
            _ => q,
        }
    }

    /// # Errors
    /// Why the rows that are kept do not say what was at the time `q`: another snapshot was the newest one then.
    pub fn check(&self, q: i64) -> Result<(), Past> {
        match &self.days {
            Some(days) if Self::of(days, q) != self.day => Err(Past::Dropped { from: self.from() }),
            _ => Ok(()),
        }
    }
}
