//! Partial results.

use super::parts::distinct::Distinct;
use super::parts::exact::Exact;
use super::parts::frequent::Frequent;
use super::parts::moments::Moments;
use super::parts::sketch::{Cpc, Kll};
use super::shape::EntryMap;
use crate::value::Value;
use std::collections::BTreeMap;

/// A partial result. Which form it has follows from the operation and its input; `Empty` is that of no input. What is large is boxed, so
/// that the small ones lie close together: 40 bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Ir {
    #[default]
    Empty,
    /// A count, or the least or greatest integer.
    Int(i64),
    /// The least or greatest double.
    Real(f64),
    /// The least or greatest text.
    Value(Value),
    /// A sum of integers that wraps, and of how many.
    Whole {
        sum: i64,
        count: i64,
    },
    /// A sum of doubles, and of how many.
    Sum(Exact),
    /// Count, mean, and sum of squared distances from it.
    Spread {
        count: f64,
        mean: f64,
        squares: f64,
    },
    /// Up to the fourth power.
    Moments(Box<Moments>),
    /// The first or last value, with its time.
    At(i64, Value),
    /// The first or last values with their times, in the order of times, then of arrival.
    Timed(Box<Vec<(i64, Value)>>),
    /// The best values, best first.
    Ranked(Box<Vec<Value>>),
    Distinct(Box<Distinct>),
    /// How often each text came. None is 0.
    Counts(Box<BTreeMap<Box<str>, i64>>),
    Cpc(Box<Cpc>),
    Kll(Box<Kll>),
    Frequent(Box<Frequent>),
    /// By the keys of maps, or by buckets.
    Entries(Box<EntryMap>),
    /// By the place in lists.
    Elements(Box<Vec<Self>>),
    /// There were more distinct values, keys or buckets than are kept. It has no value, and stays so.
    Full,
}

impl Ir {
    /// Whether a part of it had to give up: see [`Ir::Full`].
    pub fn is_full(&self) -> bool {
        match self {
            Self::Full => true,
            Self::Entries(entries) => entries.values().any(Self::is_full),
            Self::Elements(places) => places.iter().any(Self::is_full),
            _ => false,
        }
    }

    /// What every merge begins with. False when nothing is left to do: one of the two was empty, or full.
    #[inline]
    pub(super) fn has_both(&mut self, later: &Self) -> bool {
        match (&*self, later) {
            (Self::Full, _) | (_, Self::Empty) => false,
            (Self::Empty, _) | (_, Self::Full) => {
                *self = later.clone();
                false
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_results_are_small() {
        assert!(size_of::<Ir>() <= 40, "{}", size_of::<Ir>());
    }
}
