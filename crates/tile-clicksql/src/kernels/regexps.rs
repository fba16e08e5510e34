//! Regular expressions as RE2 reads them, by Rust's `regex`, which is linear in the text as RE2 is.
//!
//! The two differ in details that `translate` evens out: classes such as `\w` are ASCII in RE2, a set is not
//! nested, a brace that begins no repetition is a letter. Patterns match bytes of UTF-8.

use super::frame::{Answered, Kernel, KernelError, Last, ListText, Text, U8, U64, kernel};
use regex::bytes::{Captures, Regex, RegexBuilder};
use std::ops::Range;

/// One compiled pattern.
pub struct Pattern {
    regex: Regex,
}

impl Pattern {
    pub fn find_at(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        self.regex.find_at(text, from).map(|found| found.range())
    }
}

/// RE2's spelling in Rust's.
fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut letters = pattern.chars().peekable();
    let mut in_set = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('w') => out.push_str(if in_set { "0-9A-Za-z_" } else { "[0-9A-Za-z_]" }),
                Some('W') => out.push_str("[^0-9A-Za-z_]"),
                Some('d') => out.push_str(if in_set { "0-9" } else { "[0-9]" }),
                Some('D') => out.push_str("[^0-9]"),
                Some('s') => out.push_str(if in_set { "\\t\\n\\x0C\\r " } else { "[\\t\\n\\x0C\\r ]" }),
                Some('S') => out.push_str("[^\\t\\n\\x0C\\r ]"),
                Some('b') if !in_set => out.push_str("(?-u:\\b)"),
                Some('B') if !in_set => out.push_str("(?-u:\\B)"),
                Some(mark @ ('<' | '>')) => out.push(mark),
                Some('Q') if !in_set => quote(&mut letters, &mut out),
                Some(other) => {
                    out.push('\\');
                    out.push(other);
                }
                None => out.push('\\'),
            },
            '[' if in_set => {
                if letters.peek() == Some(&':') {
                    out.push('[');
                } else {
                    out.push_str("\\[");
                }
                if letters.peek() == Some(&':') {
                    for inner in letters.by_ref() {
                        out.push(inner);
                        if inner == ']' {
                            break;
                        }
                    }
                }
            }
            '[' => {
                in_set = true;
                out.push('[');
                if letters.peek() == Some(&'^') {
                    letters.next();
                    out.push('^');
                }
                if letters.peek() == Some(&']') {
                    letters.next();
                    out.push_str("\\]");
                }
            }
            ']' if in_set => {
                in_set = false;
                out.push(']');
            }
            '&' | '~' if in_set => {
                out.push('\\');
                out.push(letter);
            }
            '{' if !in_set && !begins_repetition(letters.clone()) => out.push_str("\\{"),
            _ => out.push(letter),
        }
    }
    out
}

/// `\Q…\E`: the letters between are themselves.
fn quote(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    while let Some(letter) = letters.next() {
        if letter == '\\' && letters.peek() == Some(&'E') {
            letters.next();
            return;
        }
        out.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4])));
    }
}

fn begins_repetition(mut letters: impl Iterator<Item = char>) -> bool {
    let mut digits = 0;
    loop {
        match letters.next() {
            Some(digit) if digit.is_ascii_digit() => digits += 1,
            Some(',') if digits > 0 => break,
            Some('}') => return digits > 0,
            _ => return false,
        }
    }
    letters.find(|letter| !letter.is_ascii_digit()) == Some('}')
}

fn build(pattern: &str) -> Answered<Pattern> {
    RegexBuilder::new(&translate(pattern))
        .dot_matches_new_line(true)
        .size_limit(1 << 24)
        .build()
        .map(|regex| Pattern { regex })
        .map_err(|error| {
            KernelError::new(427, format!("cannot compile regular expression `{pattern}`: {error}"))
        })
}

/// Whether a name matches a pattern somewhere.
pub fn matcher(pattern: &str) -> Answered<impl Fn(&str) -> bool + use<>> {
    let pattern = plain(pattern)?;
    Ok(move |name: &str| pattern.find_at(name.as_bytes(), 0).is_some())
}

/// The dot matches a line's end as well.
pub fn plain(pattern: &str) -> Answered<Pattern> {
    build(pattern)
}

/// `LIKE`: `%` is any text, `_` one character, and a backslash takes the meaning from those and itself.
fn like_pattern(pattern: &str) -> Answered<String> {
    let mut out = String::from("^");
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '%' => out.push_str("(?s:.*)"),
            '_' => out.push_str("(?s:.)"),
            '\\' => match letters.peek().copied() {
                Some(mark @ ('%' | '_' | '\\')) => {
                    letters.next();
                    out.push_str(&regex::escape(mark.encode_utf8(&mut [0; 4])));
                }
                Some(_) => out.push_str("\\\\"),
                None => {
                    return Err(KernelError::new(
                        25,
                        format!("invalid escape sequence at the end of LIKE pattern '{pattern}'"),
                    ));
                }
            },
            _ => out.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4]))),
        }
    }
    out.push('$');
    Ok(out)
}

fn like(pattern: &str) -> Answered<Pattern> {
    build_like(pattern, false)
}

fn ilike(pattern: &str) -> Answered<Pattern> {
    build_like(pattern, true)
}

fn build_like(pattern: &str, fold: bool) -> Answered<Pattern> {
    RegexBuilder::new(&like_pattern(pattern)?)
        .case_insensitive(fold)
        .build()
        .map(|regex| Pattern { regex })
        .map_err(|error| KernelError::new(427, format!("cannot compile LIKE pattern '{pattern}': {error}")))
}

/// The bytes of the first group, or of the whole match of a pattern without groups.
fn wanted<'a>(found: &Captures<'a>) -> &'a [u8] {
    let at = usize::from(found.len() > 1);
    found.get(at).map_or(&[], |group| group.as_bytes())
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The matches up to the first empty one.
fn extract_all(pattern: &Pattern, text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut from = 0;
    while from < text.len() {
        let Some(found) = pattern.regex.captures_at(text.as_bytes(), from) else { break };
        let Some(whole) = found.get(0).filter(|whole| !whole.is_empty()) else { break };
        out.push(lossy(wanted(&found)));
        from = whole.end();
    }
    out
}

/// The matches that are not empty.
fn count(pattern: &Pattern, text: &str) -> u64 {
    pattern.regex.find_iter(text.as_bytes()).map(|found| u64::from(!found.is_empty())).sum()
}

fn groups(found: &Captures<'_>) -> Vec<String> {
    found
        .iter()
        .skip(1)
        .map(|group| group.map_or_else(String::new, |group| lossy(group.as_bytes())))
        .collect()
}

/// `\0` to `\9` are groups, `\\` a backslash, and before anything else it is dropped.
fn expand(replacement: &str, found: &Captures<'_>, out: &mut Vec<u8>) {
    let mut bytes = replacement.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(digit @ b'0'..=b'9') => {
                let group = found.get(usize::from(digit - b'0'));
                out.extend_from_slice(group.map_or(&[], |group| group.as_bytes()));
            }
            Some(other) => out.push(other),
            None => out.push(b'\\'),
        }
    }
}

/// A replacement may only name groups that the pattern has.
fn check_groups(pattern: &Pattern, replacement: &str) -> Answered<()> {
    let groups = pattern.regex.captures_len() - 1;
    let mut bytes = replacement.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'\\'
            && let Some(digit @ b'0'..=b'9') = bytes.next()
            && usize::from(digit - b'0') > groups
        {
            return Err(KernelError::bad_argument(format!(
                "substitution '\\{}' in replacement argument is invalid, regexp has only {groups} capturing groups",
                char::from(digit)
            )));
        }
    }
    Ok(())
}

fn replace(pattern: &Pattern, text: &str, replacement: &str, all: bool) -> Answered<Vec<u8>> {
    check_groups(pattern, replacement)?;
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut from = 0;
    while from <= bytes.len() {
        let Some(found) = pattern.regex.captures_at(bytes, from) else { break };
        let Some(whole) = found.get(0) else { break };
        out.extend_from_slice(bytes.get(from..whole.start()).unwrap_or_default());
        expand(replacement, &found, &mut out);
        from = whole.end();
        if !all {
            break;
        }
        // After an empty match one byte is kept, a character's part or not.
        if whole.is_empty() {
            out.extend(bytes.get(from));
            from += 1;
        }
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    Ok(out)
}

pub const MATCH: &[Kernel] = &[
    kernel!("ch_match", (text: Text, pattern: Text) -> U8, let patterns = Last::new();
        patterns.get(pattern, plain)?.regex.is_match(text.as_bytes())
    ),
    kernel!("ch_like", (text: Text, pattern: Text) -> U8, let patterns = Last::new();
        patterns.get(pattern, like)?.regex.is_match(text.as_bytes())
    ),
    kernel!("ch_ilike", (text: Text, pattern: Text) -> U8, let patterns = Last::new();
        patterns.get(pattern, ilike)?.regex.is_match(text.as_bytes())
    ),
    kernel!("ch_multi_match_any", (text: Text, patterns: ListText) -> U8, let many = Many::default();
        many.first(&patterns, text)? > 0
    ),
    // Which of several matching patterns is "any": the first.
    kernel!("ch_multi_match_any_index", (text: Text, patterns: ListText) -> U64, let many = Many::default();
        many.first(&patterns, text)?
    ),
    kernel!("ch_count_matches", (text: Text, pattern: Text) -> U64, let patterns = Last::new();
        count(patterns.get(pattern, plain)?, text)
    ),
    kernel!("ch_extract", (text: Text, pattern: Text) -> Text, let patterns = Last::new();
        patterns.get(pattern, plain)?.regex.captures(text.as_bytes()).map_or(&[][..], |found| wanted(&found)).to_vec()
    ),
    kernel!("ch_extract_all", (text: Text, pattern: Text) -> ListText, let patterns = Last::new();
        extract_all(patterns.get(pattern, plain)?, text)
    ),
    kernel!("ch_extract_groups", (text: Text, pattern: Text) -> ListText, let patterns = Last::new();
        patterns.get(pattern, plain)?.regex.captures(text.as_bytes()).map_or_else(Vec::new, |found| groups(&found))
    ),
    // The groups of all matches, one match after the other.
    kernel!("ch_extract_all_groups", (text: Text, pattern: Text) -> ListText, let patterns = Last::new();
        patterns.get(pattern, plain)?.regex.captures_iter(text.as_bytes()).flat_map(|found| groups(&found)).collect::<Vec<_>>()
    ),
    kernel!("ch_replace_regexp_one", (text: Text, pattern: Text, replacement: Text) -> Text, let patterns = Last::new();
        if pattern.is_empty() { text.into() } else { replace(patterns.get(pattern, plain)?, text, replacement, false)? }
    ),
    kernel!("ch_replace_regexp_all", (text: Text, pattern: Text, replacement: Text) -> Text, let patterns = Last::new();
        if pattern.is_empty() { text.into() } else { replace(patterns.get(pattern, plain)?, text, replacement, true)? }
    ),
];

/// Several patterns, compiled for the last list.
#[derive(Default)]
struct Many {
    of: Vec<String>,
    patterns: Vec<Pattern>,
}

impl Many {
    /// The number, from 1, of the first pattern that matches, or 0.
    fn first(&mut self, patterns: &[&str], text: &str) -> Answered<u64> {
        if self.of != patterns {
            self.patterns = patterns.iter().map(|pattern| plain(pattern)).collect::<Answered<_>>()?;
            self.of = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        }
        let found = self.patterns.iter().position(|pattern| pattern.regex.is_match(text.as_bytes()));
        Ok(found.map_or(0, |at| at as u64 + 1))
    }
}
