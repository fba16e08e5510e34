//! NumPy basic slices as text, as values, and resolved against a shape.
//!
//! Grammar (wire specification §7.1): items separated by commas, each `i`, `a:b` or `a:b:c` with optional parts; no ellipsis.

use crate::error::{Error, Result};

/// One item of a slice as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    Index(i64),
    Range { start: Option<i64>, stop: Option<i64>, step: Option<i64> },
}

/// A slice as written; empty means everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NdSlice(pub Vec<Item>);

/// What a slice takes from one dimension: `count` items from `start` in steps of `step` (never 0, maybe negative).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Take {
    pub start: usize,
    pub step: isize,
    pub count: usize,
    /// An index drops its dimension from the result.
    pub dropped: bool,
}

/// A slice resolved against a shape: one [`Take`] per dimension of the array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection(pub Vec<Take>);

/// More items than any array has dimensions; NumPy's own limit.
const ITEMS_MAX: usize = 64;

impl NdSlice {
    /// Parses the query text; blanks are not allowed, as in the specification.
    ///
    /// # Errors
    /// `Malformed` for anything outside the grammar, numbers beyond 64 bits included.
    pub fn parse(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let items: Vec<Item> = text.split(',').map(|item| parse_item(item, text)).collect::<Result<_>>()?;
        if items.len() > ITEMS_MAX {
            return Err(Error::malformed(format!(
                "slice has {} items, at most {ITEMS_MAX} are possible",
                items.len()
            )));
        }
        Ok(Self(items))
    }

    /// Resolves against `shape` as NumPy does: ranges clip, indices must lie inside, missing items take everything.
    ///
    /// # Errors
    /// `Invalid` for an index out of range, too many items, or a zero step.
    pub fn resolve(&self, shape: &[usize]) -> Result<Selection> {
        if self.0.len() > shape.len() {
            return Err(Error::invalid(format!(
                "too many indices for array: array is {}-dimensional, but {} were indexed",
                shape.len(),
                self.0.len()
            )));
        }
        let full = Item::Range { start: None, stop: None, step: None };
        let takes = shape
            .iter()
            .enumerate()
            .map(|(axis, &len)| resolve_item(self.0.get(axis).copied().unwrap_or(full), axis, len));
        Ok(Selection(takes.collect::<Result<_>>()?))
    }
}

fn parse_item(item: &str, whole: &str) -> Result<Item> {
    let bad = || {
        Error::malformed(format!("slice `{}` does not match the grammar", clip(whole)))
            .hint("Expected comma-separated items such as `5`, `0:10` or `::2`")
            .at("query.slice")
    };
    let number = |t: &str| -> Result<Option<i64>> {
        if t.is_empty() {
            return Ok(None);
        }
        let digits = t.strip_prefix('-').unwrap_or(t);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        t.parse().map(Some).map_err(|_| bad())
    };
    let parts: Vec<&str> = item.split(':').collect();
    match parts.as_slice() {
        [index] => number(index)?.map(Item::Index).ok_or_else(bad),
        [start, stop] => Ok(Item::Range { start: number(start)?, stop: number(stop)?, step: None }),
        [start, stop, step] => {
            Ok(Item::Range { start: number(start)?, stop: number(stop)?, step: number(step)? })
        }
        _ => Err(bad()),
    }
}

fn clip(text: &str) -> String {
    text.chars().take(80).collect()
}

fn resolve_item(item: Item, axis: usize, len: usize) -> Result<Take> {
    let n = i128::try_from(len).unwrap_or(i128::MAX);
    match item {
        Item::Index(i) => {
            let at = if i < 0 { i128::from(i) + n } else { i128::from(i) };
            if at < 0 || at >= n {
                return Err(Error::invalid(format!(
                    "index {i} is out of bounds for axis {axis} with size {len}"
                )));
            }
            Ok(Take { start: to_usize(at), step: 1, count: 1, dropped: true })
        }
        Item::Range { start, stop, step } => {
            let step = i128::from(step.unwrap_or(1));
            if step == 0 {
                return Err(Error::invalid("slice step cannot be zero"));
            }
            // Python's slice.indices: clip into [0, n] going up and into [-1, n-1] going down.
            let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
            let clamp = |v: Option<i64>, default: i128| {
                v.map_or(default, |v| {
                    let v = i128::from(v);
                    (if v < 0 { v + n } else { v }).clamp(low, high)
                })
            };
            let (start, stop) = if step > 0 {
                (clamp(start, low), clamp(stop, high))
            } else {
                (clamp(start, high), clamp(stop, low))
            };
            let span = if step > 0 { stop - start } else { start - stop };
            let count = if span <= 0 { 0 } else { (span - 1) / step.abs() + 1 };
            let step = isize::try_from(step).unwrap_or(if step > 0 { isize::MAX } else { isize::MIN });
            Ok(Take {
                start: to_usize(start.max(0)),
                step: if count <= 1 { 1 } else { step },
                count: to_usize(count),
                dropped: false,
            })
        }
    }
}

fn to_usize(v: i128) -> usize {
    usize::try_from(v).unwrap_or(0)
}

impl Selection {
    /// Everything of `shape`.
    pub fn full(shape: &[usize]) -> Self {
        Self(shape.iter().map(|&count| Take { start: 0, step: 1, count, dropped: false }).collect())
    }
    /// The result's shape: dropped dimensions are gone.
    pub fn shape(&self) -> Vec<usize> {
        self.0.iter().filter(|t| !t.dropped).map(|t| t.count).collect()
    }
    /// Items taken per dimension of the array, dropped ones as 1.
    pub fn counts(&self) -> Vec<usize> {
        self.0.iter().map(|t| t.count).collect()
    }
    /// Number of items in the result; saturates.
    pub fn items(&self) -> usize {
        self.0.iter().fold(1usize, |n, t| n.saturating_mul(t.count))
    }
    pub fn is_full(&self, shape: &[usize]) -> bool {
        self.0.len() == shape.len()
            && self.0.iter().zip(shape).all(|(t, &n)| t.start == 0 && t.step == 1 && t.count == n)
    }
    /// The part of this selection whose result rows along `axis` are `from..to`.
    #[must_use]
    pub fn band(&self, axis: usize, from: usize, to: usize) -> Self {
        let mut takes = self.0.clone();
        if let Some(t) = takes.get_mut(axis) {
            t.start = t.at(from);
            t.count = to - from;
            if t.count <= 1 {
                t.step = 1;
            }
        }
        Self(takes)
    }
}

impl Take {
    /// The position in the dimension of the `i`-th item taken.
    pub fn at(&self, i: usize) -> usize {
        let offset = self.step.wrapping_mul(isize::try_from(i).unwrap_or(isize::MAX));
        self.start.wrapping_add_signed(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(text: &str, len: usize) -> Vec<usize> {
        let s = NdSlice::parse(text).unwrap().resolve(&[len]).unwrap();
        (0..s.0[0].count).map(|i| s.0[0].at(i)).collect()
    }

    #[test]
    fn ranges_clip_as_in_python() {
        assert_eq!(take("2:5", 10), [2, 3, 4]);
        assert_eq!(take("::-1", 4), [3, 2, 1, 0]);
        assert_eq!(take("-3:", 5), [2, 3, 4]);
        assert_eq!(take("8:2:-3", 10), [8, 5]);
        assert_eq!(take("5:100", 7), [5, 6]);
        assert_eq!(take("100:", 7), Vec::<usize>::new());
        assert_eq!(take("::9223372036854775807", 7), [0]);
        assert_eq!(take("::-9223372036854775808", 7), [6]);
        assert_eq!(take("-1", 7), [6]);
        assert_eq!(take(":", 0), Vec::<usize>::new());
        assert_eq!(take("-100:-50", 7), Vec::<usize>::new());
    }

    #[test]
    fn bad_slices_are_refused() {
        for s in
            ["...", "a", "1:2:3:4", "1,,2", "--1", "1 :2", "99999999999999999999", "+1", ",", "[", "1:2,"]
        {
            assert!(NdSlice::parse(s).is_err(), "{s}");
        }
        assert!(NdSlice::parse("7").unwrap().resolve(&[7]).is_err());
        assert!(NdSlice::parse("-8").unwrap().resolve(&[7]).is_err());
        assert!(NdSlice::parse("::0").unwrap().resolve(&[7]).is_err());
        assert!(NdSlice::parse("0,0").unwrap().resolve(&[7]).is_err());
    }

    #[test]
    fn indices_drop_their_dimension() {
        let s = NdSlice::parse("1,:,0:0").unwrap().resolve(&[2, 3, 4]).unwrap();
        assert_eq!(s.shape(), [3, 0]);
        assert_eq!(s.items(), 0);
    }
}
