//! Strings as each family of formats escapes them. Everything works on bytes: a ClickHouse string may hold any.

use std::borrow::Cow;

/// Appends `bytes`, replacing those for which `special` is true by what `replace` writes.
///
/// The bytes between two special ones are copied at once, which is what makes long strings cheap.
#[inline]
fn replace(
    bytes: &[u8],
    out: &mut Vec<u8>,
    special: &[bool; 256],
    mut write: impl FnMut(u8, &[u8], &mut Vec<u8>) -> usize,
) {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|&b| special[usize::from(b)]) {
        let (plain, tail) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((&first, after)) = tail.split_first() else { return };
        let extra = write(first, after, out);
        rest = after.get(extra..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

const fn table(bytes: &[u8], controls: bool) -> [bool; 256] {
    let mut table = [false; 256];
    let mut i = 0;
    while i < bytes.len() {
        table[bytes[i] as usize] = true;
        i += 1;
    }
    let mut control = 0;
    while controls && control < 0x20 {
        table[control] = true;
        control += 1;
    }
    table
}

static JSON: [bool; 256] = table(b"\"\\/\xE2", true);

/// Appends a JSON string with its quotes.
pub(crate) fn json(bytes: &[u8], slashes: bool, out: &mut Vec<u8>) {
    out.push(b'"');
    json_inside(bytes, slashes, out);
    out.push(b'"');
}

/// Appends what stands between the quotes of a JSON string.
pub(crate) fn json_inside(bytes: &[u8], slashes: bool, out: &mut Vec<u8>) {
    replace(bytes, out, &JSON, |byte, after, out| {
        match byte {
            0x08 => out.extend_from_slice(b"\\b"),
            0x0C => out.extend_from_slice(b"\\f"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'"' => out.extend_from_slice(b"\\\""),
            b'/' if slashes => out.extend_from_slice(b"\\/"),
            // U+2028 and U+2029 end a line in JavaScript.
            0xE2 => match after {
                [0x80, 0xA8, ..] => {
                    out.extend_from_slice(b"\\u2028");
                    return 2;
                }
                [0x80, 0xA9, ..] => {
                    out.extend_from_slice(b"\\u2029");
                    return 2;
                }
                _ => out.push(byte),
            },
            0..0x20 => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
            _ => out.push(byte),
        }
        0
    });
}

static QUOTED: [bool; 256] = table(b"\x08\x0C\n\r\t\0\\'", false);
static DOUBLE_QUOTED: [bool; 256] = table(b"\x08\x0C\n\r\t\0\\\"", false);

/// Appends a string with backslash escapes, as TabSeparated and quoted strings have them.
pub(crate) fn backslash(bytes: &[u8], out: &mut Vec<u8>) {
    replace(bytes, out, &QUOTED, backslash_one);
}

fn backslash_one(byte: u8, _: &[u8], out: &mut Vec<u8>) -> usize {
    out.push(b'\\');
    out.push(match byte {
        0x08 => b'b',
        0x0C => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0 => b'0',
        other => other,
    });
    0
}

/// Appends `'…'`.
pub(crate) fn quoted(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'\'');
    backslash(bytes, out);
    out.push(b'\'');
}

/// Appends `"…"` with backslash escapes.
pub(crate) fn double_quoted(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    replace(bytes, out, &DOUBLE_QUOTED, backslash_one);
    out.push(b'"');
}

static QUOTE: [bool; 256] = table(b"\"", false);

/// Appends `"…"` with doubled quotes.
pub(crate) fn csv(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    replace(bytes, out, &QUOTE, |_, _, out| {
        out.extend_from_slice(b"\"\"");
        0
    });
    out.push(b'"');
}

static MARKUP: [bool; 256] = table(b"<&", false);

/// Appends the text of an XML element. Only `<` and `&` need a replacement there.
pub(crate) fn xml(bytes: &[u8], out: &mut Vec<u8>) {
    replace(bytes, out, &MARKUP, |byte, _, out| {
        out.extend_from_slice(if byte == b'<' { b"&lt;" } else { b"&amp;" });
        0
    });
}

static MARKDOWN: [bool; 256] = table(b"\\`*_{}[]<>()#+-.!|", false);

/// Appends a text with a backslash before what Markdown reads as markup.
pub(crate) fn markdown(bytes: &[u8], out: &mut Vec<u8>) {
    replace(bytes, out, &MARKDOWN, |byte, _, out| {
        out.extend_from_slice(&[b'\\', byte]);
        0
    });
}

/// Writes with `first`, then writes what that wrote again through `second`.
///
/// For a value whose text is a string in turn, as an array in CSV; the copy is made only where it is needed.
pub(crate) fn again(
    out: &mut Vec<u8>,
    first: impl FnOnce(&mut Vec<u8>),
    second: impl FnOnce(&[u8], &mut Vec<u8>),
) {
    let start = out.len();
    first(out);
    let text = out.split_off(start);
    second(&text, out);
}

/// The text with one U+FFFD for each run of bytes that is no UTF-8.
pub(crate) fn valid(bytes: &[u8]) -> Cow<'_, [u8]> {
    if std::str::from_utf8(bytes).is_ok() {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len() + 2);
    let mut replaced = false;
    for chunk in bytes.utf8_chunks() {
        replaced &= chunk.valid().is_empty();
        out.extend_from_slice(chunk.valid().as_bytes());
        if !chunk.invalid().is_empty() && !replaced {
            out.extend_from_slice("\u{fffd}".as_bytes());
            replaced = true;
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family() {
        let check = |write: fn(&[u8], &mut Vec<u8>), text: &str, expected: &str| {
            let mut out = Vec::new();
            write(text.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        };
        let json_slashes = |bytes: &[u8], out: &mut Vec<u8>| json(bytes, true, out);
        check(json_slashes, "a/b\"\u{1}\u{1f}\u{2028}é", "\"a\\/b\\\"\\u0001\\u001F\\u2028é\"");
        check(quoted, "it's\t\0\\", "'it\\'s\\t\\0\\\\'");
        check(csv, "a\"b", "\"a\"\"b\"");
        assert_eq!(valid(b"a\xFF\xC3(\0b\xE2\x82"), "a\u{fffd}(\0b\u{fffd}".as_bytes());
        check(xml, "<a>&", "&lt;a>&amp;");
    }
}
