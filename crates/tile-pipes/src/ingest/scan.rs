//! One pass over the bytes of JSON: tokens, and values skipped.
//!
//! The grammar is RFC 8259's but for control characters within strings, which are taken as they are. The second dialect are
//! ClickHouse's literals as they stand in CSV cells, `['a', 'b']`: single quotes, and round brackets for tuples.

use super::bytes::find_either;

/// Values within values.
pub(super) const DEPTH_MAX: u32 = 128;

/// Why a value cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bad {
    /// The text breaks the grammar.
    Syntax(&'static str),
    /// NULL for a type that has none.
    Null,
    /// The path leads to nothing.
    Missing,
    /// Not a value of the type.
    Value,
    /// More than one block can hold.
    Full,
}

pub(super) type Read<T> = Result<T, Bad>;

/// What is neither an array nor an object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'t> {
    Null,
    Bool(bool),
    /// A number as it is written.
    Number(&'t [u8]),
    /// A string without its quotes and escapes.
    Text(&'t [u8]),
}

#[derive(Clone)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    /// ClickHouse's literals, not JSON.
    literals: bool,
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, literals: false }
    }

    pub fn literals(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, literals: true }
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn seek(&mut self, at: usize) {
        self.at = at;
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is no white space.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                other => return other.copied(),
            }
        }
    }

    #[inline]
    pub fn eat(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    #[inline]
    pub fn expect(&mut self, wanted: u8, what: &'static str) -> Read<()> {
        if self.eat(wanted) { Ok(()) } else { Err(Bad::Syntax(what)) }
    }

    /// Whether only white space is left.
    pub fn is_done(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Whether the text goes on with these bytes right here; they are taken if so.
    #[inline]
    pub fn take(&mut self, wanted: &[u8]) -> bool {
        let found = self.rest().starts_with(wanted);
        self.at += if found { wanted.len() } else { 0 };
        found
    }

    /// Whether a tuple in round brackets begins here.
    pub fn opens_tuple(&mut self) -> bool {
        self.literals && self.peek() == Some(b'(')
    }

    fn is_quote(&self, byte: u8) -> bool {
        byte == b'"' || (byte == b'\'' && self.literals)
    }

    pub fn next_is_null(&mut self) -> bool {
        match self.peek() {
            Some(b'n') => self.rest().starts_with(b"null"),
            Some(b'N') if self.literals => self.rest().starts_with(b"NULL"),
            _ => false,
        }
    }

    /// A token; `scratch` holds a string that had escapes.
    #[inline]
    pub fn token<'t>(&mut self, scratch: &'t mut Vec<u8>) -> Read<Token<'t>>
    where
        'a: 't,
    {
        match self.peek() {
            Some(byte) if self.is_quote(byte) => self.string(scratch).map(Token::Text),
            Some(b'-' | b'0'..=b'9') => self.number().map(Token::Number),
            Some(b't') if self.take(b"true") => Ok(Token::Bool(true)),
            Some(b'f') if self.take(b"false") => Ok(Token::Bool(false)),
            Some(_) if self.next_is_null() => {
                self.at += 4;
                Ok(Token::Null)
            }
            Some(b'[' | b'{' | b'(') => Err(Bad::Value),
            Some(_) => Err(Bad::Syntax("expected a value")),
            None => Err(Bad::Syntax("unexpected end")),
        }
    }

    #[inline]
    fn digits(&mut self) -> Read<()> {
        let start = self.at;
        while matches!(self.bytes.get(self.at), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(Bad::Syntax("expected a digit")) }
    }

    #[inline]
    fn number(&mut self) -> Read<&'a [u8]> {
        let start = self.at;
        self.at += usize::from(self.bytes.get(self.at) == Some(&b'-'));
        let whole = self.at;
        self.digits()?;
        if self.at > whole + 1 && self.bytes.get(whole) == Some(&b'0') && !self.literals {
            return Err(Bad::Syntax("a number with a leading zero"));
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            self.at += usize::from(matches!(self.bytes.get(self.at), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(self.bytes.get(start..self.at).unwrap_or_default())
    }

    /// A string without its quotes. It is at its opening quote.
    #[inline]
    pub fn string<'t>(&mut self, scratch: &'t mut Vec<u8>) -> Read<&'t [u8]>
    where
        'a: 't,
    {
        let Some(quote) = self.peek().filter(|byte| self.is_quote(*byte)) else {
            return Err(Bad::Syntax("expected a string"));
        };
        let start = self.at + 1;
        let end = special(self.bytes, start, quote);
        let plain = self.bytes.get(start..end).unwrap_or_default();
        match self.bytes.get(end) {
            Some(byte) if *byte == quote => {
                self.at = end + 1;
                Ok(plain)
            }
            Some(_) => {
                scratch.clear();
                scratch.extend_from_slice(plain);
                self.at = end;
                self.unescape(quote, scratch)?;
                Ok(scratch)
            }
            None => Err(Bad::Syntax("unterminated string")),
        }
    }

    /// The rest of a string, from a backslash on.
    fn unescape(&mut self, quote: u8, out: &mut Vec<u8>) -> Read<()> {
        loop {
            let end = special(self.bytes, self.at, quote);
            out.extend_from_slice(self.bytes.get(self.at..end).unwrap_or_default());
            match self.bytes.get(end) {
                Some(b'\\') => {
                    self.at = end + 1;
                    self.escape(out)?;
                }
                Some(_) => {
                    self.at = end + 1;
                    return Ok(());
                }
                None => return Err(Bad::Syntax("unterminated string")),
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Read<()> {
        let Some(&byte) = self.bytes.get(self.at) else { return Err(Bad::Syntax("unterminated string")) };
        self.at += 1;
        out.push(match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let c = self.code_point()?;
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            b'0' if self.literals => 0,
            _ if self.literals => byte,
            _ => return Err(Bad::Syntax("an escape that does not exist")),
        });
        Ok(())
    }

    fn hex(&mut self) -> Read<u32> {
        let digits =
            self.bytes.get(self.at..self.at + 4).ok_or(Bad::Syntax("an escape that is too short"))?;
        let mut value = 0;
        for digit in digits {
            let digit =
                char::from(*digit).to_digit(16).ok_or(Bad::Syntax("an escape that is not hexadecimal"))?;
            value = value * 16 + digit;
        }
        self.at += 4;
        Ok(value)
    }

    /// What follows `\u`, with the second half of a pair of surrogates.
    fn code_point(&mut self) -> Read<char> {
        let first = self.hex()?;
        let lone = Bad::Syntax("half of a surrogate pair");
        let code = match first {
            0xD800..=0xDBFF => {
                if !self.take(b"\\u") {
                    return Err(lone);
                }
                let second = self.hex()?;
                if !(0xDC00..=0xDFFF).contains(&second) {
                    return Err(lone);
                }
                0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
            }
            _ => first,
        };
        char::from_u32(code).ok_or(lone)
    }

    /// Passes a string by. Its escapes are checked, its surrogates are not.
    fn skip_string(&mut self) -> Read<()> {
        let Some(quote) = self.peek().filter(|byte| self.is_quote(*byte)) else {
            return Err(Bad::Syntax("expected a string"));
        };
        self.at += 1;
        loop {
            let end = special(self.bytes, self.at, quote);
            self.at = end + 1;
            match self.bytes.get(end) {
                Some(b'\\') => {}
                Some(_) => return Ok(()),
                None => return Err(Bad::Syntax("unterminated string")),
            }
            self.at += 1;
            match self.bytes.get(end + 1) {
                Some(b'u') => drop(self.hex()?),
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                Some(_) if self.literals => {}
                _ => return Err(Bad::Syntax("an escape that does not exist")),
            }
        }
    }

    fn skip_key(&mut self) -> Read<()> {
        self.skip_string()?;
        self.expect(b':', "expected `:`")
    }

    fn skip_scalar(&mut self) -> Read<()> {
        match self.peek() {
            Some(byte) if self.is_quote(byte) => self.skip_string(),
            // Only strings need the scratch.
            _ => self.token(&mut Vec::new()).map(drop),
        }
    }

    /// Passes a value by, whatever it is, and gives its text. Without recursion: what is open is a stack of bits.
    pub fn skip(&mut self) -> Read<&'a [u8]> {
        self.peek();
        let start = self.at;
        let (mut objects, mut depth) = (0_u128, 0);
        'value: loop {
            let opened = match self.peek() {
                Some(b'{') => Some((b'}', 1)),
                Some(b'[') => Some((b']', 0)),
                _ => None,
            };
            match opened {
                None => self.skip_scalar()?,
                Some((close, is_object)) => {
                    self.at += 1;
                    if !self.eat(close) {
                        if depth == DEPTH_MAX {
                            return Err(Bad::Syntax("nested too deeply"));
                        }
                        objects = objects << 1 | is_object;
                        depth += 1;
                        if is_object == 1 {
                            self.skip_key()?;
                        }
                        continue 'value;
                    }
                }
            }
            loop {
                if depth == 0 {
                    return Ok(self.bytes.get(start..self.at).unwrap_or_default());
                }
                let in_object = objects & 1 == 1;
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        if in_object {
                            self.skip_key()?;
                        }
                        continue 'value;
                    }
                    Some(b'}') if in_object => {}
                    Some(b']') if !in_object => {}
                    _ => return Err(Bad::Syntax("expected `,` or the end of what is open")),
                }
                self.at += 1;
                objects >>= 1;
                depth -= 1;
            }
        }
    }
}

/// Where the quote or a backslash is, from a place on; the length if nowhere.
#[inline]
fn special(bytes: &[u8], from: usize, quote: u8) -> usize {
    find_either(bytes, from, quote, b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped(text: &str) -> String {
        let mut cursor = Cursor::new(text.as_bytes());
        match cursor.skip() {
            Ok(raw) => String::from_utf8_lossy(raw).into_owned(),
            Err(bad) => format!("{bad:?}"),
        }
    }

    #[test]
    fn values_are_skipped_as_a_parser_would() {
        for text in [
            "1",
            "-0",
            "0.5",
            "1e5",
            "1E-5",
            "\"\"",
            "\"a\\\"b\"",
            "\"\\\\\"",
            "[]",
            "{}",
            "[1,2]",
            "{\"a\":1,\"b\":[{}]}",
            "true",
            "null",
            "\"\\u00e9\"",
            "\"abcdefghijklmnop\\\"q\"",
        ] {
            assert_eq!(skipped(&format!(" {text} ,")), text);
        }
        for text in [
            "",
            "01",
            "+1",
            ".5",
            "5.",
            "1e",
            "-",
            "tru",
            "nul",
            "[1,]",
            "[,]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "[1}",
            "\"abc",
            "\"\\x\"",
            "\"\\u12\"",
            "[1 2]",
            "'a'",
        ] {
            assert!(skipped(text).starts_with("Syntax"), "{text}: {}", skipped(text));
            assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |n: usize| skipped(&format!("{}1{}", "[".repeat(n), "]".repeat(n)));
        assert_eq!(nested(128).len(), 257);
        assert_eq!(nested(129), "Syntax(\"nested too deeply\")");
    }

    #[test]
    fn strings_lose_their_escapes() {
        let read = |text: &str| {
            let mut scratch = Vec::new();
            let read = Cursor::new(text.as_bytes())
                .string(&mut scratch)
                .map(|s| String::from_utf8_lossy(s).into_owned());
            read.unwrap_or_else(|bad| format!("{bad:?}"))
        };
        assert_eq!(read(r#""plain and long enough""#), "plain and long enough");
        assert_eq!(read(r#""a\tb\"c\\d\/""#), "a\tb\"c\\d/");
        assert_eq!(read(r#""\u00e9\ud83d\ude00\u0000""#), "é😀\0");
        assert_eq!(read(r#""\ud83d""#), "Syntax(\"half of a surrogate pair\")");
        assert_eq!(read(r#""\ude00""#), "Syntax(\"half of a surrogate pair\")");
        assert_eq!(read(r#""a"#), "Syntax(\"unterminated string\")");
    }
}
