//! A JSON text as a tree, for the JSON functions.
//!
//! The parser is strict as simdjson is: what is not JSON gives nothing. Members stay in their order and
//! doubled names stay both, of which a look-up takes the first. The depth is bounded.

/// Numbers are of the narrowest kind that holds them, as ClickHouse sees them.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

const DEPTH_MAX: usize = 1_000;

pub fn parse(text: &str) -> Option<Json> {
    let mut reader = Reader { rest: text.as_bytes() };
    let value = reader.value(0)?;
    reader.space();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }
    fn eat(&mut self, byte: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }
    fn word(&mut self, word: &str, value: Json) -> Option<Json> {
        self.rest = self.rest.strip_prefix(word.as_bytes())?;
        Some(value)
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        self.space();
        match self.rest.first()? {
            _ if depth > DEPTH_MAX => None,
            b'n' => self.word("null", Json::Null),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'"' => self.text().map(Json::Text),
            b'[' => self.array(depth),
            b'{' => self.object(depth),
            _ => self.number(),
        }
    }

    fn array(&mut self, depth: usize) -> Option<Json> {
        self.eat(b'[');
        let mut items = Vec::new();
        self.space();
        if self.eat(b']') {
            return Some(Json::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.eat(b']') {
                return Some(Json::Array(items));
            }
            self.eat(b',').then_some(())?;
        }
    }

    fn object(&mut self, depth: usize) -> Option<Json> {
        self.eat(b'{');
        let mut members = Vec::new();
        self.space();
        if self.eat(b'}') {
            return Some(Json::Object(members));
        }
        loop {
            self.space();
            let name = self.text()?;
            self.space();
            self.eat(b':').then_some(())?;
            members.push((name, self.value(depth + 1)?));
            self.space();
            if self.eat(b'}') {
                return Some(Json::Object(members));
            }
            self.eat(b',').then_some(())?;
        }
    }

    fn text(&mut self) -> Option<String> {
        self.eat(b'"').then_some(())?;
        let mut out = Vec::new();
        loop {
            let plain = self.rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)).count();
            let (taken, rest) = self.rest.split_at_checked(plain)?;
            out.extend_from_slice(taken);
            match rest.split_first()? {
                (b'"', rest) => {
                    self.rest = rest;
                    return String::from_utf8(out).ok();
                }
                (b'\\', rest) => {
                    let (escape, rest) = rest.split_first()?;
                    self.rest = rest;
                    self.escape(*escape, &mut out)?;
                }
                _ => return None,
            }
        }
    }

    fn escape(&mut self, escape: u8, out: &mut Vec<u8>) -> Option<()> {
        let letter = match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.unit()?;
                if (0xD800..0xDC00).contains(&first) {
                    self.rest = self.rest.strip_prefix(b"\\u")?;
                    let second = self.unit().filter(|unit| (0xDC00..0xE000).contains(unit))?;
                    char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))?
                } else {
                    char::from_u32(first)?
                }
            }
            _ => return None,
        };
        out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        Some(())
    }

    fn unit(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        digits.iter().try_fold(0, |sum, digit| Some(sum * 16 + char::from(*digit).to_digit(16)?))
    }

    fn number(&mut self) -> Option<Json> {
        let length = self
            .rest
            .iter()
            .take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .count();
        let (number, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        let text = std::str::from_utf8(number).ok()?;
        let digits = text.strip_prefix('-').unwrap_or(text);
        let whole = digits.bytes().take_while(u8::is_ascii_digit).count();
        let tail = digits.as_bytes().get(whole..)?;
        // No leading zeros, and digits around every point and after every `e`.
        let leading = whole == 0 || (whole > 1 && digits.starts_with('0'));
        if leading || !valid_tail(tail) {
            return None;
        }
        if tail.is_empty() {
            if let Ok(value) = text.parse() {
                return Some(Json::Int(value));
            }
            if let Ok(value) = text.parse() {
                return Some(Json::UInt(value));
            }
        }
        if tail.is_empty() {
            // An integer beyond 64 bits is a text to ClickHouse.
            return Some(Json::Text(text.to_owned()));
        }
        text.parse().ok().filter(|value: &f64| value.is_finite()).map(Json::Float)
    }
}

/// `.5`, `e+3`, `.5e3` or nothing.
fn valid_tail(tail: &[u8]) -> bool {
    let mut rest = tail;
    if let [b'.', after @ ..] = rest {
        let count = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return false;
        }
        rest = after.get(count..).unwrap_or_default();
    }
    if let [b'e' | b'E', after @ ..] = rest {
        let after = match after {
            [b'+' | b'-', digits @ ..] => digits,
            _ => after,
        };
        return !after.is_empty() && after.iter().all(u8::is_ascii_digit);
    }
    rest.is_empty()
}

/// Spellings of one tree.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// `JSONExtractRaw`: floats as `toString`, JavaScript's line ends escaped.
    Extract,
    /// `JSON_QUERY`: floats as C++'s `to_chars`, every letter itself.
    Query,
    /// The type `JSON` as it is written out: as `Extract`, and slashes escaped.
    Column,
    /// The type `JSON` at rest: a float is never taken for a whole number.
    Exact,
}

impl Json {
    pub fn raw(&self) -> String {
        self.spelled(Spelling::Extract)
    }

    /// The text without spaces.
    pub fn spelled(&self, spelling: Spelling) -> String {
        let mut out = String::new();
        self.write(spelling, &mut out);
        out
    }

    fn write(&self, spelling: Spelling, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Int(value) => out.push_str(&value.to_string()),
            Self::UInt(value) => out.push_str(&value.to_string()),
            Self::Float(value) if spelling == Spelling::Query => out.push_str(&shorter(*value)),
            Self::Float(value) if spelling == Spelling::Exact => out.push_str(&format!("{value:?}")),
            Self::Float(value) => out.push_str(&super::numbers::float_text(*value)),
            Self::Text(text) => quote(text, spelling, out),
            Self::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write(spelling, out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    quote(name, spelling, out);
                    out.push(':');
                    value.write(spelling, out);
                }
                out.push('}');
            }
        }
    }
}

/// The shorter of the plain and the scientific spelling, the plain one when they are equally long.
fn shorter(value: f64) -> String {
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    let scientific = format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs());
    let plain = format!("{value}");
    if plain.len() <= scientific.len() { plain } else { scientific }
}

fn quote(text: &str, spelling: Spelling, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '/' if spelling == Spelling::Column => out.push_str("\\/"),
            '\u{2028}' if matches!(spelling, Spelling::Extract | Spelling::Column) => out.push_str("\\u2028"),
            '\u{2029}' if matches!(spelling, Spelling::Extract | Spelling::Column) => out.push_str("\\u2029"),
            '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04X}", u32::from(letter))),
            _ => out.push(letter),
        }
    }
    out.push('"');
}
