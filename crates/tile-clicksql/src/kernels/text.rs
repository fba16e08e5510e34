//! Text by its bytes and by its characters: case, cutting, padding, trimming, formatting, likeness.
//! Searching is in `search`, splitting in `split`, patterns in `regexps`, encodings in `encode`.
//!
//! ClickHouse's strings are bytes. A function that can cut a character in two gives U+FFFD for its pieces,
//! since Arrow's text is UTF-8.
#![expect(
    clippy::cast_possible_truncation,
    reason = "lengths are far below 2^63, and ClickHouse's wrap as well"
)]
#![expect(clippy::cast_sign_loss, reason = "each is checked to be positive where it is made")]
#![expect(clippy::cast_possible_wrap, reason = "lengths are far below 2^63")]

use super::frame::{Answered, Blob, F64, I32, I64, Kernel, KernelError, ListText, Text, U8, U64, kernel};
use std::collections::HashSet;

/// The longest text that padding and repeating make.
const LENGTH_MAX: usize = 1 << 26;

/// The part of `length` items that ClickHouse's `substring(offset, length)` keeps: offsets count from 1, a
/// negative one from the end, and a negative length leaves out that many at the end.
fn cut(items: usize, offset: i64, length: i64) -> std::ops::Range<usize> {
    let items = items as i64;
    let (start, length) = match offset {
        0 => return 0..0,
        1.. => (offset - 1, length),
        // What lies before the beginning still counts into the length.
        _ if items.saturating_add(offset) < 0 && length >= 0 => {
            (0, length.saturating_add(items + offset).max(0))
        }
        _ => ((items + offset).max(0), length),
    };
    if start >= items {
        return 0..0;
    }
    let end = if length < 0 { items + length } else { start.saturating_add(length).min(items) };
    if end <= start { 0..0 } else { start as usize..end as usize }
}

fn byte_of_char(text: &str, at: usize) -> usize {
    text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte)
}

fn cut_utf8(text: &str, offset: i64, length: i64) -> &str {
    let range = cut(text.chars().count(), offset, length);
    let (from, to) = (byte_of_char(text, range.start), byte_of_char(text, range.end));
    text.get(from..to).unwrap_or_default()
}

fn checked(length: i64) -> Answered<usize> {
    usize::try_from(length)
        .ok()
        .filter(|length| *length <= LENGTH_MAX)
        .ok_or_else(|| KernelError::new(131, format!("the length {length} is outside 0 to {LENGTH_MAX}")))
}

/// Pads items on the left or right to a length, or cuts to it.
fn pad<T: Copy>(items: &[T], length: usize, pad: &[T], left: bool) -> Vec<T> {
    let Some(missing) = length.checked_sub(items.len()) else {
        return items.iter().take(length).copied().collect();
    };
    let filling = pad.iter().cycle().take(missing).copied();
    if left {
        filling.chain(items.iter().copied()).collect()
    } else {
        items.iter().copied().chain(filling).collect()
    }
}

fn pad_text(text: &str, length: i64, with: &str, left: bool) -> Answered<Vec<u8>> {
    let with = if with.is_empty() { " " } else { with };
    Ok(pad(text.as_bytes(), checked(length)?, with.as_bytes(), left))
}

fn pad_utf8(text: &str, length: i64, with: &str, left: bool) -> Answered<String> {
    let with: Vec<char> = if with.is_empty() { vec![' '] } else { with.chars().collect() };
    let text: Vec<char> = text.chars().collect();
    Ok(pad(&text, checked(length)?, &with, left).into_iter().collect())
}

/// Cuts the given bytes off the ends.
fn trim<'a>(text: &'a str, bytes: &str, left: bool, right: bool) -> &'a [u8] {
    let mut rest = text.as_bytes();
    let among = |byte: &u8| bytes.as_bytes().contains(byte);
    while let Some((first, after)) = rest.split_first() {
        if !left || !among(first) {
            break;
        }
        rest = after;
    }
    while let Some((last, before)) = rest.split_last() {
        if !right || !among(last) {
            break;
        }
        rest = before;
    }
    rest
}

/// `format('{} {0}', …)`: places by order or by number, `{{` and `}}` for the marks themselves.
fn fill(pattern: &str, values: &[&str]) -> Answered<String> {
    let wrong = || KernelError::bad_argument(format!("wrong pattern `{pattern}` of function format"));
    let mut out = String::with_capacity(pattern.len());
    let mut letters = pattern.chars().peekable();
    let mut next = 0;
    while let Some(letter) = letters.next() {
        match letter {
            '{' | '}' if letters.peek() == Some(&letter) => {
                letters.next();
                out.push(letter);
            }
            '{' => {
                let mut name = String::new();
                loop {
                    match letters.next() {
                        // Two closing marks are one letter first of all, and none belongs here.
                        Some('}') if letters.peek() == Some(&'}') => return Err(wrong()),
                        Some('}') => break,
                        Some(digit) if digit.is_ascii_digit() => name.push(digit),
                        _ => return Err(wrong()),
                    }
                }
                let at = if name.is_empty() {
                    next += 1;
                    next - 1
                } else {
                    name.parse().map_err(|_| wrong())?
                };
                out.push_str(values.get(at).ok_or_else(wrong)?);
            }
            '}' => return Err(wrong()),
            _ => out.push(letter),
        }
    }
    Ok(out)
}

/// Upper case at the beginning of each run of letters and digits, lower case within.
fn initcap(
    text: &str,
    upper: impl Fn(char, &mut String),
    lower: impl Fn(char, &mut String),
    word: impl Fn(char) -> bool,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for letter in text.chars() {
        if inside {
            lower(letter, &mut out);
        } else {
            upper(letter, &mut out);
        }
        inside = word(letter);
    }
    out
}

fn soundex(text: &str) -> String {
    const CODES: &[u8; 26] = b"01230120022455012623010202";
    let code = |letter: u8| {
        let at = usize::from(letter.to_ascii_uppercase().wrapping_sub(b'A'));
        CODES.get(at).copied().unwrap_or(b'0')
    };
    let mut out = String::new();
    let mut last = b'0';
    for letter in text.bytes().filter(u8::is_ascii_alphabetic) {
        let found = code(letter);
        if out.is_empty() {
            out.push(char::from(letter.to_ascii_uppercase()));
            last = found;
            continue;
        }
        // H and W do not part two letters of one code, vowels do.
        if matches!(letter.to_ascii_uppercase(), b'H' | b'W') {
            continue;
        }
        if found != b'0' && found != last {
            out.push(char::from(found));
            if out.len() == 4 {
                return out;
            }
        }
        last = found;
    }
    while out.len() < 4 {
        out.push('0');
    }
    out
}

fn edit_distance<T: PartialEq>(a: &[T], b: &[T]) -> Answered<u64> {
    if a.len().saturating_mul(b.len()) > 1 << 28 {
        return Err(KernelError::new(131, "the texts are too long for editDistance"));
    }
    let mut row: Vec<u64> = (0..=b.len() as u64).collect();
    for (at, left) in (1..).zip(a) {
        let mut diagonal = at - 1;
        let mut previous = at;
        if let Some(first) = row.first_mut() {
            *first = at;
        }
        for (cell, right) in row.iter_mut().skip(1).zip(b) {
            let changed = diagonal + u64::from(left != right);
            diagonal = *cell;
            previous = changed.min(*cell + 1).min(previous + 1);
            *cell = previous;
        }
    }
    Ok(row.last().copied().unwrap_or(0))
}

fn jaccard<T: std::hash::Hash + Eq + Copy>(a: &[T], b: &[T]) -> f64 {
    let (a, b) = (a.iter().copied().collect::<HashSet<_>>(), b.iter().copied().collect::<HashSet<_>>());
    let common = a.intersection(&b).count();
    let all = a.len() + b.len() - common;
    #[expect(clippy::cast_precision_loss, reason = "counts of letters are small")]
    let share = common as f64 / all as f64;
    share
}

fn translate(text: &str, from: &str, to: &str) -> String {
    let to: Vec<char> = to.chars().collect();
    text.chars()
        .filter_map(|letter| match from.chars().position(|one| one == letter) {
            Some(at) => to.get(at).copied(),
            None => Some(letter),
        })
        .collect()
}

pub const CASE: &[Kernel] = &[
    kernel!("ch_lower", (text: Text) -> Text, text.to_ascii_lowercase()),
    kernel!("ch_upper", (text: Text) -> Text, text.to_ascii_uppercase()),
    kernel!("ch_lower_utf8", (text: Text) -> Text, text.to_lowercase()),
    kernel!("ch_upper_utf8", (text: Text) -> Text, text.to_uppercase()),
    kernel!("ch_initcap", (text: Text) -> Text, initcap(
        text,
        |letter, out| out.push(letter.to_ascii_uppercase()),
        |letter, out| out.push(letter.to_ascii_lowercase()),
        |letter| letter.is_ascii_alphanumeric(),
    )),
    kernel!("ch_initcap_utf8", (text: Text) -> Text, initcap(
        text,
        |letter, out| out.extend(letter.to_uppercase()),
        |letter, out| out.extend(letter.to_lowercase()),
        char::is_alphanumeric,
    )),
    kernel!("ch_length", (text: Text) -> U64, text.len() as u64),
    kernel!("ch_length_utf8", (text: Text) -> U64, text.chars().count() as u64),
    kernel!("ch_ascii", (text: Text) -> I32, text.bytes().next().map_or(0, i32::from)),
    kernel!("ch_reverse", (text: Text) -> Text, text.bytes().rev().collect::<Vec<u8>>()),
    kernel!("ch_reverse_utf8", (text: Text) -> Text, text.chars().rev().collect::<String>()),
];

pub const CUT: &[Kernel] = &[
    kernel!("ch_substring", (text: Text, offset: I64, length: I64) -> Text, {
        text.as_bytes().get(cut(text.len(), offset, length)).unwrap_or_default()
    }),
    kernel!("ch_substring_bytes", (bytes: Blob, offset: I64, length: I64) -> Blob, {
        bytes.get(cut(bytes.len(), offset, length)).unwrap_or_default()
    }),
    kernel!("ch_substring_utf8", (text: Text, offset: I64, length: I64) -> Text, cut_utf8(text, offset, length)),
    kernel!("ch_left_pad", (text: Text, length: I64, pad: Text) -> Text, pad_text(text, length, pad, true)?),
    kernel!("ch_right_pad", (text: Text, length: I64, pad: Text) -> Text, pad_text(text, length, pad, false)?),
    kernel!("ch_left_pad_utf8", (text: Text, length: I64, pad: Text) -> Text, pad_utf8(text, length, pad, true)?),
    kernel!("ch_right_pad_utf8", (text: Text, length: I64, pad: Text) -> Text, pad_utf8(text, length, pad, false)?),
    kernel!("ch_repeat", (text: Text, times: I64) -> Text, {
        let times = times.max(0) as usize;
        if times.saturating_mul(text.len()) > LENGTH_MAX {
            return Err(KernelError::new(131, "too many times to repeat"));
        }
        text.repeat(times)
    }),
    kernel!("ch_trim_both", (text: Text, bytes: Text) -> Text, trim(text, bytes, true, true)),
    kernel!("ch_trim_left", (text: Text, bytes: Text) -> Text, trim(text, bytes, true, false)),
    kernel!("ch_trim_right", (text: Text, bytes: Text) -> Text, trim(text, bytes, false, true)),
    kernel!("ch_append_trailing_char_if_absent", (text: Text, end: Text) -> Text, {
        if end.len() != 1 {
            return Err(KernelError::bad_argument("the second argument must be a single character"));
        }
        if text.is_empty() || text.ends_with(end) { text.to_owned() } else { format!("{text}{end}") }
    }),
];

pub const OTHER: &[Kernel] = &[
    kernel!("ch_format", (pattern: Text, values: ListText) -> Text, fill(pattern, &values)?),
    kernel!("ch_array_string_concat", (parts: ListText, between: Text) -> Text, parts.join(between)),
    kernel!("ch_translate", (text: Text, from: Text, to: Text) -> Text, translate(text, from, to)),
    kernel!("ch_soundex", (text: Text) -> Text, soundex(text)),
    kernel!("ch_edit_distance", (a: Text, b: Text) -> U64, edit_distance(a.as_bytes(), b.as_bytes())?),
    kernel!("ch_edit_distance_utf8", (a: Text, b: Text) -> U64, {
        // Against an empty text ClickHouse counts bytes.
        if a.is_empty() || b.is_empty() {
            (a.len() + b.len()) as u64
        } else {
            edit_distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())?
        }
    }),
    kernel!("ch_string_jaccard_index", (a: Text, b: Text) -> F64, jaccard(a.as_bytes(), b.as_bytes())),
    kernel!("ch_string_jaccard_index_utf8", (a: Text, b: Text) -> F64, {
        jaccard(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
    }),
    kernel!("ch_starts_with", (text: Text, start: Text) -> U8, text.starts_with(start)),
    kernel!("ch_ends_with", (text: Text, end: Text) -> U8, text.ends_with(end)),
];
