//! Everything between quotes: where it ends, and what it means.

use super::{Kind, Lexer, is_word};
use crate::error::Result;

impl Lexer<'_> {
    /// `'…'`, `"…"` or `` `…` ``; a doubled quote and a backslash keep the text open.
    pub(super) fn quoted(&mut self, quote: u8, kind: Kind) -> Result<()> {
        let mut ahead = 1;
        loop {
            match self.bytes.get(self.at + ahead) {
                None => {
                    let shown = char::from(quote);
                    return Err(self.fail(format!("expected `{shown}` at the end of the quoted text"), 1));
                }
                Some(b'\\') => ahead += 2,
                Some(&b) if b == quote && self.byte(ahead + 1) == quote => ahead += 2,
                Some(&b) if b == quote => break,
                Some(_) => ahead += 1,
            }
        }
        self.push(kind, ahead + 1);
        Ok(())
    }

    /// `x'4142'` and `b'01000001'`
    pub(super) fn coded_text(&mut self, first: u8) -> Result<()> {
        let is_hex = first | 0x20 == b'x';
        let mut ahead = 2;
        while if is_hex {
            self.byte(ahead).is_ascii_hexdigit()
        } else {
            matches!(self.byte(ahead), b'0' | b'1')
        } {
            ahead += 1;
        }
        if self.byte(ahead) != b'\'' {
            let digits = if is_hex { "hexadecimal" } else { "binary" };
            return Err(self.fail(format!("expected {digits} digits and a closing quote"), ahead));
        }
        self.push(if is_hex { Kind::HexText } else { Kind::BinText }, ahead + 1);
        Ok(())
    }

    /// `$tag$ … $tag$`, or a name that starts with `$`.
    pub(super) fn heredoc(&mut self) -> Result<()> {
        let mut tag = 1;
        while is_word(self.byte(tag)) {
            tag += 1;
        }
        if self.byte(tag) != b'$' {
            if tag == 1 {
                return Err(self.fail("expected a token, found `$`", 1));
            }
            self.word();
            return Ok(());
        }
        tag += 1;
        let rest = self.text.get(self.at..).unwrap_or("");
        let (name, body) = rest.split_at_checked(tag).unwrap_or((rest, ""));
        let Some(length) = body.find(name) else {
            return Err(self.fail(format!("expected `{name}` at the end of the quoted text"), tag));
        };
        self.push(Kind::Heredoc, length + 2 * tag);
        Ok(())
    }
}

/// What a quoted token stands for. `None`: its bytes are not UTF-8.
pub fn unquote(kind: Kind, token: &str) -> Option<String> {
    match kind {
        Kind::Heredoc => {
            let tag = token.get(1..)?.find('$')? + 2;
            token.get(tag..token.len().checked_sub(tag)?).map(str::to_owned)
        }
        Kind::HexText => coded(token, 16, 2),
        Kind::BinText => coded(token, 2, 8),
        _ => {
            let quote = *token.as_bytes().first()?;
            let inner = token.get(1..token.len().checked_sub(1)?)?;
            if inner.bytes().any(|b| b == b'\\' || b == quote) {
                unescape(inner.as_bytes(), quote)
            } else {
                Some(inner.to_owned())
            }
        }
    }
}

/// Digits in groups of one byte each; the first group may be short.
fn coded(token: &str, radix: u32, width: usize) -> Option<String> {
    let digits = token.get(2..token.len().checked_sub(1)?)?.as_bytes();
    let first = digits.len() % width;
    let (head, tail) = digits.split_at_checked(first)?;
    let groups = std::iter::once(head).filter(|g| !g.is_empty()).chain(tail.chunks(width));
    let bytes = groups.map(|g| std::str::from_utf8(g).ok().and_then(|g| u8::from_str_radix(g, radix).ok()));
    String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()
}

fn unescape(bytes: &[u8], quote: u8) -> Option<String> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied();
    while let Some(byte) = rest.next() {
        if byte == quote {
            // The lexer lets only doubled quotes through.
            rest.next();
            out.push(quote);
        } else if byte == b'\\' {
            escape(&mut rest, &mut out)?;
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

/// What follows a backslash. An unknown letter keeps the backslash, so that `'\d'` is a regular expression.
/// Source: ClickHouse, `parseComplexEscapeSequence`.
fn escape(rest: &mut impl Iterator<Item = u8>, out: &mut Vec<u8>) -> Option<()> {
    let byte = rest.next()?;
    match byte {
        b'x' => {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            out.push(u8::try_from(high * 16 + low).ok()?);
        }
        b'N' => {}
        b'a' => out.push(0x07),
        b'b' => out.push(0x08),
        b'e' => out.push(0x1b),
        b'f' => out.push(0x0c),
        b'n' => out.push(b'\n'),
        b'r' => out.push(b'\r'),
        b't' => out.push(b'\t'),
        b'v' => out.push(0x0b),
        b'0' => out.push(0),
        b'\\' | b'\'' | b'"' | b'`' | b'/' | b'=' => out.push(byte),
        _ => {
            if byte >= 0x20 {
                out.push(b'\\');
            }
            out.push(byte);
        }
    }
    Some(())
}
