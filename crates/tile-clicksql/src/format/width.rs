//! How wide a text is on a terminal, for the tables for people.

use unicode_width::UnicodeWidthChar;

/// Columns that a text takes where `before` columns stand on its left, which decides how far a tab reaches.
pub(crate) fn width(text: &[u8], before: usize) -> usize {
    scan(text, before, usize::MAX).0
}

/// Bytes of the longest beginning of a text that takes no more than `limit` columns.
pub(crate) fn prefix(text: &[u8], before: usize, limit: usize) -> usize {
    scan(text, before, limit).1
}

/// Width and bytes up to the first character that would go beyond the limit.
fn scan(text: &[u8], before: usize, limit: usize) -> (usize, usize) {
    const TAB: usize = 8;
    let (mut width, mut bytes) = (0, 0);
    // The colours that a text may hold take no place: from ESC to the letter that ends the sequence.
    let mut escape = false;
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            let next = match c {
                '\u{1b}' => {
                    escape = true;
                    width
                }
                '[' if escape => width,
                '@'..='~' if escape => {
                    escape = false;
                    width
                }
                _ if escape => width,
                '\t' => width + TAB - (before + width) % TAB,
                _ => width + c.width().unwrap_or(0),
            };
            if next > limit {
                return (width, bytes);
            }
            width = next;
            bytes += c.len_utf8();
        }
        bytes += chunk.invalid().len();
    }
    (width, bytes)
}

/// A column's name with its middle left out where it is too long, and its width.
///
/// Names that need no quotes stay whole, however long they are.
pub(crate) fn shortened(name: &str, cut_to: usize, tolerance: usize, ascii: bool) -> (String, usize) {
    let full = width(name.as_bytes(), 0);
    if cut_to == 0 || full <= cut_to + tolerance || is_identifier(name) {
        return (name.to_owned(), full);
    }
    let begin = prefix(name.as_bytes(), 0, cut_to / 2);
    let end = prefix(name.as_bytes(), 0, full - (cut_to - 1) / 2);
    let filler = if ascii { "~" } else { "⋯" };
    let part = |range| name.get(range).unwrap_or_default();
    (format!("{}{filler}{}", part(0..begin), part(end..name.len())), cut_to)
}

fn is_identifier(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !name.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths() {
        for (text, before, expected) in [
            ("abc", 0, 3),
            ("中文", 0, 4),
            ("e\u{301}", 0, 1),
            ("tab\tx", 5, 12),
            ("\u{1b}[1mb\u{1b}[0m", 0, 1),
        ] {
            assert_eq!(width(text.as_bytes(), before), expected, "{text:?}");
        }
        assert_eq!(width(b"a\xFFb", 0), 2);
        assert_eq!(prefix("中文".as_bytes(), 0, 3), 3);
        assert_eq!(
            shortened("toStartOfInterval(something, toIntervalDay(1))", 24, 4, false),
            ("toStartOfInt⋯rvalDay(1))".to_owned(), 24)
        );
    }
}
