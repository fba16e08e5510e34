//! Fixed texts within texts: positions, counts, many needles at once, replacing.

use super::frame::{Kernel, ListText, ListU64, Text, U8, U64, kernel};

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return Some(0);
    }
    text.windows(needle.len()).position(|window| window == needle)
}

/// How two texts are compared, and what a position counts.
#[derive(Clone, Copy)]
struct Way {
    fold: bool,
    utf8: bool,
}

const BYTES: Way = Way { fold: false, utf8: false };
const FOLDED: Way = Way { fold: true, utf8: false };
const CHARS: Way = Way { fold: false, utf8: true };
const FOLDED_CHARS: Way = Way { fold: true, utf8: true };

impl Way {
    fn folded(self, text: &str) -> String {
        match self {
            Self { fold: false, .. } => text.to_owned(),
            Self { utf8: false, .. } => text.to_ascii_lowercase(),
            // One character for one, so that positions stay.
            Self { .. } => text
                .chars()
                .map(|letter| {
                    let mut lower = letter.to_lowercase();
                    match (lower.next(), lower.next()) {
                        (Some(one), None) => one,
                        _ => letter,
                    }
                })
                .collect(),
        }
    }

    /// The position from 1 at or after `start` (also from 1), or 0.
    fn position(self, text: &str, needle: &str, start: u64) -> u64 {
        let (text, needle) = (self.folded(text), self.folded(needle));
        let skipped = usize::try_from(start.saturating_sub(1)).unwrap_or(usize::MAX);
        let from = if self.utf8 {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(skipped)
        } else {
            Some(skipped).filter(|from| *from <= text.len())
        };
        let Some(rest) = from.and_then(|from| text.as_bytes().get(from..)) else { return 0 };
        let Some(at) = find(rest, needle.as_bytes()) else { return 0 };
        let before = if self.utf8 { count_chars(rest.get(..at).unwrap_or_default()) } else { at };
        (skipped + before + 1) as u64
    }

    /// How often, without overlaps.
    fn count(self, text: &str, needle: &str) -> u64 {
        if needle.is_empty() {
            return 0;
        }
        let (text, needle) = (self.folded(text), self.folded(needle));
        text.matches(needle.as_str()).count() as u64
    }
}

fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

impl Way {
    /// Among many needles none is found in an empty text, not even an empty one.
    fn among(self, text: &str, needle: &str) -> u64 {
        if text.is_empty() { 0 } else { self.position(text, needle, 1) }
    }
}

fn first_index(way: Way, text: &str, needles: &[&str]) -> u64 {
    needles.iter().position(|needle| way.among(text, needle) > 0).map_or(0, |at| at as u64 + 1)
}

fn first_position(way: Way, text: &str, needles: &[&str]) -> u64 {
    needles.iter().map(|needle| way.among(text, needle)).filter(|at| *at > 0).min().unwrap_or(0)
}

fn all_positions(way: Way, text: &str, needles: &[&str]) -> Vec<u64> {
    needles.iter().map(|needle| way.among(text, needle)).collect()
}

macro_rules! ways {
    ($($way:ident $position:literal $count:literal $any:literal $index:literal $first:literal $all:literal;)*) => {
        &[$(
            kernel!($position, (text: Text, needle: Text, start: U64) -> U64, $way.position(text, needle, start)),
            kernel!($count, (text: Text, needle: Text) -> U64, $way.count(text, needle)),
            kernel!($any, (text: Text, needles: ListText) -> U8, first_index($way, text, &needles) > 0),
            kernel!($index, (text: Text, needles: ListText) -> U64, first_index($way, text, &needles)),
            kernel!($first, (text: Text, needles: ListText) -> U64, first_position($way, text, &needles)),
            kernel!($all, (text: Text, needles: ListText) -> ListU64, all_positions($way, text, &needles)),
        )*]
    };
}

pub const SEARCH: &[Kernel] = ways! {
    BYTES "ch_position" "ch_count_substrings" "ch_multi_search_any" "ch_multi_search_first_index" "ch_multi_search_first_position" "ch_multi_search_all_positions";
    FOLDED "ch_position_ci" "ch_count_substrings_ci" "ch_multi_search_any_ci" "ch_multi_search_first_index_ci" "ch_multi_search_first_position_ci" "ch_multi_search_all_positions_ci";
    CHARS "ch_position_utf8" "ch_count_substrings_utf8" "ch_multi_search_any_utf8" "ch_multi_search_first_index_utf8" "ch_multi_search_first_position_utf8" "ch_multi_search_all_positions_utf8";
    FOLDED_CHARS "ch_position_ci_utf8" "ch_count_substrings_ci_utf8" "ch_multi_search_any_ci_utf8" "ch_multi_search_first_index_ci_utf8" "ch_multi_search_first_position_ci_utf8" "ch_multi_search_all_positions_ci_utf8";
};

pub const REPLACE: &[Kernel] = &[
    kernel!("ch_replace_one", (text: Text, from: Text, to: Text) -> Text, {
        if from.is_empty() { text.to_owned() } else { text.replacen(from, to, 1) }
    }),
    kernel!("ch_replace_all", (text: Text, from: Text, to: Text) -> Text, {
        if from.is_empty() { text.to_owned() } else { text.replace(from, to) }
    }),
];
