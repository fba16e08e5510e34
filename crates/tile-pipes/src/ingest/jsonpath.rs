//! Jsonpaths: where in a record the value of a column is.
//!
//! The forms are those of data source files: `$`, `$.a`, `$.a.b`, `$.['a b']`, `$['a']`, `$.items[:]`, `$.items[:].sku`, `$.a[0]`.

use std::fmt;

use tile_base::{Error, Result};

/// Steps of one path.
const STEPS_MAX: usize = 64;

/// One step from a value to a value inside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The member of an object.
    Key(String),
    /// An item of an array, from 0.
    Index(usize),
    /// Every item of an array: the path gives an array.
    Each,
}

/// A path from the whole record, `$`, to a value. Printed in one spelling, which parses to the same steps.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct JsonPath {
    steps: Vec<Step>,
}

impl JsonPath {
    /// Reads a path.
    ///
    /// # Errors
    /// `Invalid`, with what was expected and the byte where.
    pub fn parse(text: &str) -> Result<Self> {
        let mut reader = Reader { text, rest: text };
        if !reader.eat('$') {
            return Err(reader.bad("expected `$`"));
        }
        let mut steps = Vec::new();
        while !reader.rest.is_empty() {
            if steps.len() == STEPS_MAX {
                return Err(reader.bad(&format!("more than {STEPS_MAX} steps")));
            }
            steps.push(reader.step()?);
        }
        Ok(Self { steps })
    }

    /// The path to a member of the record.
    pub fn key(name: &str) -> Self {
        Self { steps: vec![Step::Key(name.to_owned())] }
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The member of the record that the path begins with, if it does.
    pub fn first_key(&self) -> Option<&str> {
        match self.steps.first() {
            Some(Step::Key(name)) => Some(name),
            _ => None,
        }
    }

    /// The path to a member of what this path leads to.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        self.then(Step::Key(name.to_owned()))
    }

    /// The path to every item of what this path leads to.
    #[must_use]
    pub fn each(&self) -> Self {
        self.then(Step::Each)
    }

    fn then(&self, step: Step) -> Self {
        let mut steps = self.steps.clone();
        steps.push(step);
        Self { steps }
    }
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn bad(&self, expected: &str) -> Error {
        let at = self.text.len() - self.rest.len();
        let shown: String = self.text.chars().take(200).collect();
        Error::invalid(format!("{expected} at byte {at} of the jsonpath `{shown}`"))
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.rest.strip_prefix(wanted).is_some_and(|rest| {
            self.rest = rest;
            true
        })
    }

    fn step(&mut self) -> Result<Step> {
        let dotted = self.eat('.');
        if self.eat('[') {
            return self.bracket();
        }
        if !dotted {
            return Err(self.bad("expected `.` or `[`"));
        }
        let name = self.until(|c| c == '.' || c == '[');
        if name.is_empty() {
            return Err(self.bad("expected a name"));
        }
        Ok(Step::Key(name.to_owned()))
    }

    fn until(&mut self, stop: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(stop).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn bracket(&mut self) -> Result<Step> {
        let step = match self.rest.chars().next() {
            Some(quote @ ('\'' | '"')) => {
                self.eat(quote);
                Step::Key(self.quoted(quote)?)
            }
            Some(':') => {
                self.eat(':');
                Step::Each
            }
            Some('0'..='9') => {
                let digits = self.until(|c| !c.is_ascii_digit());
                Step::Index(digits.parse().map_err(|_| self.bad("expected a smaller index"))?)
            }
            _ => return Err(self.bad("expected `:`, an index or a name in single quotes")),
        };
        if self.eat(']') { Ok(step) } else { Err(self.bad("expected `]`")) }
    }

    /// A name behind its opening quote. A backslash takes the next character as it is.
    fn quoted(&mut self, quote: char) -> Result<String> {
        let mut name = String::new();
        let mut chars = self.rest.chars();
        while let Some(c) = chars.next() {
            if c == quote {
                self.rest = chars.as_str();
                return Ok(name);
            }
            match c {
                '\\' => name.extend(chars.next()),
                c => name.push(c),
            }
        }
        Err(self.bad("expected a closing quote"))
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        for step in &self.steps {
            match step {
                Step::Key(name) if is_plain(name) => write!(f, ".{name}")?,
                Step::Key(name) => write!(f, ".['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))?,
                Step::Index(at) => write!(f, "[{at}]")?,
                Step::Each => f.write_str("[:]")?,
            }
        }
        Ok(())
    }
}

/// Whether a name can stand behind a point. White space and commas would end a path in a data source file.
fn is_plain(name: &str) -> bool {
    let special = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '.' | '[' | ']' | '\'' | '"' | '`' | ',' | '\\')
    };
    !name.is_empty() && !name.contains(special)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> String {
        JsonPath::parse(text).map_or_else(|e| e.what, |path| format!("{:?}", path.steps))
    }

    #[test]
    fn paths_are_read() {
        let cases = [
            ("$", "[]"),
            ("$.a", r#"[Key("a")]"#),
            ("$.a.b", r#"[Key("a"), Key("b")]"#),
            ("$.user-agent", r#"[Key("user-agent")]"#),
            ("$.['a b']", r#"[Key("a b")]"#),
            ("$['a']", r#"[Key("a")]"#),
            ("$.['a.b'].c", r#"[Key("a.b"), Key("c")]"#),
            ("$.['it\\'s']", r#"[Key("it's")]"#),
            ("$[\"a\"]", r#"[Key("a")]"#),
            ("$.items[:]", r#"[Key("items"), Each]"#),
            ("$.items[:].sku", r#"[Key("items"), Each, Key("sku")]"#),
            ("$.a[0]", r#"[Key("a"), Index(0)]"#),
            ("$[:]", "[Each]"),
            ("", "expected `$` at byte 0 of the jsonpath ``"),
            ("a.b", "expected `$` at byte 0 of the jsonpath `a.b`"),
            ("$a", "expected `.` or `[` at byte 1 of the jsonpath `$a`"),
            ("$.", "expected a name at byte 2 of the jsonpath `$.`"),
            ("$.a..b", "expected a name at byte 4 of the jsonpath `$.a..b`"),
            ("$.a[", "expected `:`, an index or a name in single quotes at byte 4 of the jsonpath `$.a[`"),
            (
                "$.a[x]",
                "expected `:`, an index or a name in single quotes at byte 4 of the jsonpath `$.a[x]`",
            ),
            ("$.a[:", "expected `]` at byte 5 of the jsonpath `$.a[:`"),
            ("$.['a", "expected a closing quote at byte 4 of the jsonpath `$.['a`"),
            (
                "$.a[99999999999999999999]",
                "expected a smaller index at byte 24 of the jsonpath `$.a[99999999999999999999]`",
            ),
        ];
        for (text, want) in cases {
            assert_eq!(steps(text), want, "{text}");
        }
    }

    #[test]
    fn a_printed_path_parses_to_itself() {
        for text in ["$", "$.a.b", "$.['a b'].c[3]", "$.items[:].sku", "$.['it\\'s'].['\\\\'].['']", "$[:].a"]
        {
            let path = JsonPath::parse(text).unwrap();
            assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn long_paths_are_refused() {
        assert!(JsonPath::parse(&format!("${}", ".a".repeat(64))).is_ok());
        assert!(JsonPath::parse(&format!("${}", ".a".repeat(65))).is_err());
    }
}
