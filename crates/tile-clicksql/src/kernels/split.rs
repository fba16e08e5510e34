//! Texts into lists: by a separator, by a pattern, by kinds of characters, into n-grams.
//!
//! `max` is ClickHouse's `max_substrings`, 0 for all: the rest beyond it is left out.

use super::frame::{Answered, I64, Kernel, KernelError, Last, ListText, Text, kernel};
use super::regexps::{self, Pattern};

fn limit(max: i64) -> usize {
    if max <= 0 { usize::MAX } else { usize::try_from(max).unwrap_or(usize::MAX) }
}

/// The pieces that hold only wanted characters.
fn runs(text: &str, wanted: impl Fn(char) -> bool, max: i64) -> Vec<&str> {
    text.split(|letter| !wanted(letter)).filter(|piece| !piece.is_empty()).take(limit(max)).collect()
}

const fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

/// Without a separator ClickHouse splits into bytes.
fn bytes(text: &str, max: i64) -> Answered<Vec<&[u8]>> {
    if !text.is_ascii() {
        return Err(KernelError::new(48, "letters beyond ASCII cannot be split into their bytes"));
    }
    Ok(text.as_bytes().chunks(1).take(limit(max)).collect())
}

fn by_pattern<'a>(pattern: &Pattern, text: &'a str, max: i64) -> Vec<&'a [u8]> {
    let text = text.as_bytes();
    let mut pieces = Vec::new();
    let mut from = 0;
    while pieces.len() < limit(max) {
        let Some(found) = pattern.find_at(text, from).filter(|found| !found.is_empty()) else { break };
        pieces.push(text.get(from..found.start).unwrap_or_default());
        from = found.end;
    }
    if pieces.len() < limit(max) {
        pieces.push(text.get(from..).unwrap_or_default());
    }
    pieces
}

fn ngrams(text: &str, size: i64) -> Answered<Vec<&str>> {
    let size = usize::try_from(size)
        .ok()
        .filter(|size| *size > 0)
        .ok_or_else(|| KernelError::bad_argument("the size of n-grams must be positive"))?;
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    Ok(starts.windows(size + 1).filter_map(|window| text.get(*window.first()?..*window.last()?)).collect())
}

pub const SPLIT: &[Kernel] = &[
    kernel!("ch_split_by_char", (separator: Text, text: Text, max: I64) -> ListText, {
        if separator.len() != 1 {
            return Err(KernelError::bad_argument(format!("illegal separator '{separator}': it must be a single-byte string")));
        }
        text.split(separator).take(limit(max)).collect::<Vec<_>>()
    }),
    kernel!("ch_split_by_string", (separator: Text, text: Text, max: I64) -> ListText, {
        if separator.is_empty() {
            bytes(text, max)?
        } else {
            text.split(separator).map(str::as_bytes).take(limit(max)).collect()
        }
    }),
    kernel!("ch_split_by_regexp", (pattern: Text, text: Text, max: I64) -> ListText, let patterns = Last::new(); {
        if pattern.is_empty() { bytes(text, max)? } else { by_pattern(patterns.get(pattern, regexps::plain)?, text, max) }
    }),
    kernel!("ch_split_by_whitespace", (text: Text, max: I64) -> ListText, runs(text, |letter| !is_space(letter), max)),
    kernel!("ch_split_by_non_alpha", (text: Text, max: I64) -> ListText, {
        runs(text, |letter| !is_space(letter) && (!letter.is_ascii_punctuation() || letter == '~'), max)
    }),
    kernel!("ch_alpha_tokens", (text: Text, max: I64) -> ListText, runs(text, |letter| letter.is_ascii_alphabetic(), max)),
    kernel!("ch_tokens", (text: Text) -> ListText, {
        runs(text, |letter| letter.is_ascii_alphanumeric() || !letter.is_ascii(), 0)
    }),
    kernel!("ch_ngrams", (text: Text, size: I64) -> ListText, ngrams(text, size)?),
];
