//! Which tiles make up an interval: the largest that lie within it, smaller ones at its ends.

use crate::window::{DAY_MS, FIVE_MINUTES_MS, HOUR_MS, Window, interval};
use tile_base::{Error, Result};

/// Sizes of one group.
const SIZES_MAX: usize = 6;

/// Tiles of one size that follow each other: those that start in `from..to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The place of the size, smallest first.
    pub level: usize,
    pub from: i64,
    pub to: i64,
}

/// Adds the runs that make up `from..to`, in the order of time. `sizes` ascend. Where the end is open, the tile of the largest size that
/// holds the end is taken whole: nothing in it is later. False where the smallest size does not fit.
pub fn cover(sizes: &[i64], from: i64, to: i64, is_open: bool, out: &mut Vec<Run>) -> bool {
    if from >= to {
        return true;
    }
    let Some((size, smaller)) = sizes.split_last() else { return false };
    let first = interval(from.saturating_add(size - 1), *size);
    if first >= to {
        return cover(smaller, from, to, is_open, out);
    }
    let whole = interval(to, *size);
    let last = if is_open && whole < to { whole + size } else { whole };
    if !cover(smaller, from, first, false, out) {
        return false;
    }
    if first < last {
        out.push(Run { level: smaller.len(), from: first, to: last });
    }
    cover(smaller, last, to, false, out)
}

/// Whether tiles of a size, beside smaller ones, make values of the window cheaper.
pub fn is_served(window: Window, size: i64) -> bool {
    window.hop() % size == 0 || window.millis() >= 2 * size
}

/// The sizes for windows.
pub fn choose(windows: &[Window]) -> Vec<i64> {
    let mut sizes: Vec<i64> = [FIVE_MINUTES_MS, HOUR_MS, DAY_MS]
        .into_iter()
        .filter(|size| windows.iter().any(|w| *size >= w.hop() && is_served(*w, *size)))
        .collect();
    if sizes.is_empty() {
        sizes.push(DAY_MS);
    }
    sizes
}

/// Sizes that were given, in order.
///
/// # Errors
/// `Invalid` for one that does not divide a day or a larger one, and where none divides the hop of a window.
pub fn check(sizes: &[i64], windows: &[Window]) -> Result<Vec<i64>> {
    let mut sizes = sizes.to_vec();
    sizes.sort_unstable();
    sizes.dedup();
    if sizes.is_empty() || sizes.len() > SIZES_MAX {
        return Err(Error::invalid(format!("a group has one to {SIZES_MAX} sizes of tiles")));
    }
    if let Some(size) = sizes.iter().find(|size| **size <= 0 || DAY_MS % **size != 0) {
        return Err(Error::invalid(format!("tiles of {size} ms do not divide a day"))
            .hint("Sizes are milliseconds: 300000 (5 minutes), 3600000 (an hour), 86400000 (a day)"));
    }
    if let Some(pair) = sizes.windows(2).find(|pair| pair[1] % pair[0] != 0) {
        return Err(Error::invalid(format!("tiles of {} ms do not divide those of {} ms", pair[0], pair[1])));
    }
    match windows.iter().find(|w| sizes.iter().all(|size| w.hop() % size != 0)) {
        Some(window) => Err(Error::invalid(format!(
            "no size of tiles divides {} ms, the hop of the window {window}",
            window.hop()
        ))
        .hint("Add a smaller size, or leave the sizes out: they are chosen then")),
        None => Ok(sizes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The cases come from a foreign engine's own tests. See `tests/features/layering_cases.json`.
    #[test]
    fn the_tiles_of_windows_are_those_that_others_choose() {
        let text = include_str!("../../../../tests/features/layering_cases.json");
        let cases: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
        assert!(cases.len() >= 10);
        for case in cases {
            let numbers = |name: &str| -> Vec<i64> {
                case[name].as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect()
            };
            let (batch_end, query) = (case["batch_end"].as_i64().unwrap(), case["query"].as_i64().unwrap());
            let mut sizes = numbers("sizes");
            sizes.sort_unstable();
            let mut found = BTreeSet::new();
            for length in numbers("windows") {
                let window = Window::parse(&format!("{}m", length / 60_000)).unwrap();
                let mut runs = Vec::new();
                assert!(cover(&sizes, window.tail(query).max(batch_end), query + 1, true, &mut runs));
                for run in runs {
                    let mut start = run.from;
                    while start < run.to {
                        found.insert((start, sizes[run.level]));
                        start += sizes[run.level];
                    }
                }
            }
            let wanted: BTreeSet<(i64, i64)> = case["tiles"]
                .as_array()
                .unwrap()
                .iter()
                .map(|t| (t[0].as_i64().unwrap(), t[1].as_i64().unwrap()))
                .collect();
            assert_eq!(found, wanted, "{}", case["name"]);
        }
    }

    proptest::proptest! {
        #[test]
        fn runs_are_aligned_disjoint_and_whole(from in -2_000i64..2_000, length in 0i64..4_000, is_open: bool) {
            let sizes = [FIVE_MINUTES_MS, HOUR_MS, DAY_MS];
            let from = from * FIVE_MINUTES_MS;
            let to = from + length * FIVE_MINUTES_MS;
            let mut runs = Vec::new();
            assert!(cover(&sizes, from, to, is_open, &mut runs));
            let mut at = from;
            for run in &runs {
                assert_eq!(run.from, at);
                assert!(run.from < run.to && run.from.rem_euclid(sizes[run.level]) == 0);
                assert_eq!(run.to.rem_euclid(sizes[run.level]), 0);
                at = run.to;
            }
            assert!(at == to.max(from) || is_open && at > to && at - to < DAY_MS);
        }
    }

    #[test]
    fn a_gap_smaller_than_all_sizes_is_not_covered() {
        assert!(!cover(&[HOUR_MS], FIVE_MINUTES_MS, 3 * HOUR_MS, true, &mut Vec::new()));
        assert!(!cover(&[HOUR_MS], 0, HOUR_MS + 1, false, &mut Vec::new()));
    }

    #[test]
    fn sizes_follow_windows() {
        let choose =
            |windows: &[&str]| choose(&windows.iter().map(|w| Window::parse(w).unwrap()).collect::<Vec<_>>());
        assert_eq!(choose(&["1h"]), [FIVE_MINUTES_MS]);
        assert_eq!(choose(&["6h"]), [FIVE_MINUTES_MS, HOUR_MS]);
        assert_eq!(choose(&["12h"]), [HOUR_MS]);
        assert_eq!(choose(&["30d"]), [DAY_MS]);
        assert_eq!(choose(&["1h", "7d"]), [FIVE_MINUTES_MS, HOUR_MS, DAY_MS]);
        assert_eq!(choose(&[]), [DAY_MS]);
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        let windows = [Window::parse("6h").unwrap()];
        let error = |sizes: &[i64]| check(sizes, &windows).unwrap_err().what;
        assert_eq!(error(&[HOUR_MS]), "no size of tiles divides 300000 ms, the hop of the window 6h");
        assert_eq!(error(&[7 * 60_000]), "tiles of 420000 ms do not divide a day");
        assert_eq!(error(&[0]), "tiles of 0 ms do not divide a day");
        assert!(error(&[300_000, 450_000]).contains("do not divide those"));
        assert_eq!(check(&[HOUR_MS, 60_000], &windows).unwrap(), [60_000, HOUR_MS]);
    }
}
