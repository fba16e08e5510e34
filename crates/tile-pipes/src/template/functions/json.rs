//! JSON, with the words of Python's parser where it is wrong.

use super::super::eval::{Args, Builtin, Machine, Run, refuse};
use super::super::value::{DIGITS_MAX, Int, Value};

/// Brackets inside brackets.
const DEPTH_MAX: usize = 100;
/// How much of the text an error shows.
const SHOWN_MAX: usize = 16;

pub fn function(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [x, default] = args.bind(builtin.shown, &["x", "default"], 1)?;
    let (mut x, default) = (x.unwrap_or(Value::None), default.unwrap_or(Value::None));
    if x.is_placeholder() {
        x = if machine.truth(&default)? { default.clone() } else { Value::str("__no_value__") };
    }
    if x.is_none() {
        x = if default.as_text().is_some() { default } else { Value::str("{}") };
    }
    let Some(text) = x.as_text().cloned() else { return Ok(x) };
    match load(machine, &text)? {
        Ok(value) => Ok(value),
        Err(error) => {
            let mut shown: String = text.chars().take(SHOWN_MAX).collect();
            if text.chars().count() > SHOWN_MAX {
                shown.push_str("...");
            }
            Err(refuse(format!("Error parsing JSON: '{shown}' - {error}"), ""))
        }
    }
}

/// A value out of a text, or what is wrong with the text.
pub fn load(machine: &mut Machine<'_>, text: &str) -> Run<Result<Value, String>> {
    machine.allocate(text.len())?;
    if text.starts_with('\u{feff}') {
        return Ok(Err("Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)".to_owned()));
    }
    let mut reader = Reader { text, at: 0 };
    reader.space();
    let out = match reader.value(machine, DEPTH_MAX)? {
        Ok(value) => {
            reader.space();
            if reader.at == text.len() { Ok(value) } else { Err(reader.wrong("Extra data", reader.at)) }
        }
        Err(error) => Err(error),
    };
    Ok(out)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

type Parsed<T> = Run<Result<T, String>>;

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    fn wrong(&self, message: &str, at: usize) -> String {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        format!("{message}: line {line} column {column} (char {})", before.chars().count())
    }

    fn value(&mut self, machine: &mut Machine<'_>, depth: usize) -> Parsed<Value> {
        machine.spend(0)?;
        let start = self.at;
        let Some(depth) = depth.checked_sub(1) else {
            return Ok(Err("maximum recursion depth exceeded while decoding a JSON document".to_owned()));
        };
        match self.rest().chars().next() {
            Some('"') => {
                self.at += 1;
                match self.string()? {
                    Ok(text) => machine.new_str(text).map(Ok),
                    Err(error) => Ok(Err(error)),
                }
            }
            Some('{') => machine.deeper(|machine| self.object(machine, depth)),
            Some('[') => machine.deeper(|machine| self.array(machine, depth)),
            Some('-' | '0'..='9') => Ok(self.number()),
            _ => {
                let words = [
                    ("null", Value::None),
                    ("true", Value::Bool(true)),
                    ("false", Value::Bool(false)),
                    ("NaN", Value::Float(f64::NAN)),
                    ("Infinity", Value::Float(f64::INFINITY)),
                ];
                let found = words.into_iter().find(|(word, _)| self.take(word));
                Ok(found.map(|(_, value)| value).ok_or_else(|| self.wrong("Expecting value", start)))
            }
        }
    }

    fn array(&mut self, machine: &mut Machine<'_>, depth: usize) -> Parsed<Value> {
        self.at += 1;
        self.space();
        let mut items = Vec::new();
        if self.take("]") {
            return machine.new_list(items).map(Ok);
        }
        loop {
            match self.value(machine, depth)? {
                Ok(value) => items.push(value),
                Err(error) => return Ok(Err(error)),
            }
            self.space();
            if self.take("]") {
                return machine.new_list(items).map(Ok);
            }
            if !self.take(",") {
                return Ok(Err(self.wrong("Expecting ',' delimiter", self.at)));
            }
            self.space();
        }
    }

    fn object(&mut self, machine: &mut Machine<'_>, depth: usize) -> Parsed<Value> {
        const NAME: &str = "Expecting property name enclosed in double quotes";
        self.at += 1;
        self.space();
        let dict = machine.new_dict()?;
        if self.take("}") {
            return Ok(Ok(Value::Dict(dict)));
        }
        loop {
            let start = self.at;
            if !self.take("\"") {
                return Ok(Err(self.wrong(NAME, start)));
            }
            let key = match self.string()? {
                Ok(key) => machine.new_str(key)?,
                Err(error) => return Ok(Err(error)),
            };
            self.space();
            if !self.take(":") {
                return Ok(Err(self.wrong("Expecting ':' delimiter", self.at)));
            }
            self.space();
            match self.value(machine, depth)? {
                Ok(value) => machine.dict_insert(dict, key, value)?,
                Err(error) => return Ok(Err(error)),
            }
            self.space();
            if self.take("}") {
                return Ok(Ok(Value::Dict(dict)));
            }
            if !self.take(",") {
                return Ok(Err(self.wrong("Expecting ',' delimiter", self.at)));
            }
            self.space();
        }
    }

    /// The rest of a string whose opening quote is read.
    fn string(&mut self) -> Parsed<String> {
        let start = self.at - 1;
        let mut out = String::new();
        loop {
            let Some(c) = self.rest().chars().next() else {
                return Ok(Err(self.wrong("Unterminated string starting at", start)));
            };
            let here = self.at;
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(Ok(out)),
                '\0'..='\x1f' => return Ok(Err(self.wrong("Invalid control character at", here))),
                '\\' => match self.escape(start) {
                    Ok(c) => out.push(c),
                    Err(error) => return Ok(Err(error)),
                },
                c => out.push(c),
            }
        }
    }

    fn escape(&mut self, start: usize) -> Result<char, String> {
        let backslash = self.at - 1;
        let Some(c) = self.rest().chars().next() else {
            return Err(self.wrong("Unterminated string starting at", start));
        };
        self.at += c.len_utf8();
        Ok(match c {
            '"' | '\\' | '/' => c,
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let high = self.unit()?;
                if !(0xD800..0xDC00).contains(&high) {
                    return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                let mark = self.at;
                let low = if self.take("\\u") { self.unit().ok() } else { None };
                match low.filter(|low| (0xDC00..0xE000).contains(low)) {
                    Some(low) => char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00))
                        .unwrap_or(char::REPLACEMENT_CHARACTER),
                    None => {
                        self.at = mark;
                        char::REPLACEMENT_CHARACTER
                    }
                }
            }
            _ => return Err(self.wrong("Invalid \\escape", backslash)),
        })
    }

    fn unit(&mut self) -> Result<u32, String> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.wrong("Invalid \\uXXXX escape", self.at - 1))?;
        self.at += 4;
        Ok(unit)
    }

    fn number(&mut self) -> Result<Value, String> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
        let digits = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
        let sign = usize::from(byte(0) == b'-');
        if rest.get(sign..).is_some_and(|rest| rest.starts_with("Infinity")) {
            self.at += sign + "Infinity".len();
            return Ok(Value::Float(f64::NEG_INFINITY));
        }
        let whole = if byte(sign) == b'0' { 1 } else { digits(sign) };
        if whole == 0 {
            return Err(self.wrong("Expecting value", self.at));
        }
        let mut end = sign + whole;
        let mut is_float = false;
        if byte(end) == b'.' && digits(end + 1) > 0 {
            end += 1 + digits(end + 1);
            is_float = true;
        }
        if matches!(byte(end), b'e' | b'E') {
            let signed = usize::from(matches!(byte(end + 1), b'+' | b'-'));
            let exponent = digits(end + 1 + signed);
            if exponent > 0 {
                end += 1 + signed + exponent;
                is_float = true;
            }
        }
        let text = rest.get(..end).unwrap_or("");
        self.at += end;
        if is_float {
            return Ok(Value::Float(text.parse().unwrap_or(f64::NAN)));
        }
        if whole > DIGITS_MAX {
            return Err(format!(
                "Exceeds the limit ({DIGITS_MAX} digits) for integer string conversion: value has {whole} digits; use \
                 sys.set_int_max_str_digits() to increase the limit"
            ));
        }
        Ok(Value::Int(Int::parse(text).unwrap_or_default()))
    }
}
