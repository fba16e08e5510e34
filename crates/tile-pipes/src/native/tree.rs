//! The engine's syntax trees, which it gives and takes as JSON.

use tile_base::{Error, Result};

/// Values inside of values. SQL of a sensible depth stays far below; the stack holds more.
const DEPTH_MAX: usize = 500;

/// A JSON value. Numbers, `true`, `false` and `null` stay as they are written.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    Object(Vec<(String, Tree)>),
    List(Vec<Tree>),
    Text(String),
    Word(String),
}

impl Tree {
    /// # Errors
    /// `Invalid` when it is nested too deeply.
    pub fn parse(text: &str) -> Result<Self> {
        let mut reader = Reader { rest: text };
        let out = reader.value(DEPTH_MAX)?;
        if reader.rest.trim().is_empty() { Ok(out) } else { Err(broken()) }
    }

    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, value)| value),
            _ => None,
        }
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        match self {
            Self::Object(entries) => entries.iter_mut().find(|(k, _)| k == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text at a key; empty when there is none.
    pub fn text(&self, key: &str) -> &str {
        match self.get(key) {
            Some(Self::Text(text)) => text,
            _ => "",
        }
    }

    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The texts of a list, if it holds nothing else.
    pub fn texts(&self) -> Option<Vec<String>> {
        let text = |item: &Self| if let Self::Text(text) = item { Some(text.clone()) } else { None };
        self.items().iter().map(text).collect()
    }

    /// Whether there is anything: the engine leaves out what is empty, and writes `null` elsewhere.
    pub fn is_set(&self, key: &str) -> bool {
        match self.get(key) {
            None => false,
            Some(Self::Word(word)) => word != "null" && word != "false",
            Some(Self::Text(text)) => !text.is_empty(),
            Some(Self::List(items)) => !items.is_empty(),
            Some(Self::Object(entries)) => !entries.is_empty(),
        }
    }

    pub fn set(&mut self, key: &str, value: Self) {
        if let Some(place) = self.get_mut(key) {
            *place = value;
        } else if let Self::Object(entries) = self {
            entries.push((key.to_owned(), value));
        }
    }

    pub fn set_text(&mut self, key: &str, value: &str) {
        self.set(key, Self::Text(value.to_owned()));
    }

    /// An object of texts.
    pub fn of(entries: &[(&str, &str)]) -> Self {
        Self::Object(entries.iter().map(|(k, v)| ((*k).to_owned(), Self::Text((*v).to_owned()))).collect())
    }

    pub fn print(&self, out: &mut String) {
        match self {
            Self::Object(entries) => {
                out.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    quote(key, out);
                    out.push(':');
                    value.print(out);
                }
                out.push('}');
            }
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    item.print(out);
                }
                out.push(']');
            }
            Self::Text(text) => quote(text, out),
            Self::Word(word) => out.push_str(word),
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

fn broken() -> Error {
    Error::internal("the engine's syntax tree cannot be read")
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn takes(&mut self, mark: char) -> bool {
        let found = self.peek() == Some(mark);
        if found {
            self.rest = self.rest.get(1..).unwrap_or("");
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Tree> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Error::invalid("the SQL is nested too deeply"));
        };
        match self.peek() {
            Some('{') => self.object(depth),
            Some('[') => self.list(depth),
            Some('"') => self.text().map(Tree::Text),
            Some(_) => self.word(),
            None => Err(broken()),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Tree> {
        self.takes('{');
        let mut entries = Vec::new();
        while !self.takes('}') {
            if !entries.is_empty() && !self.takes(',') {
                return Err(broken());
            }
            let key = self.text()?;
            if !self.takes(':') {
                return Err(broken());
            }
            entries.push((key, self.value(depth)?));
        }
        Ok(Tree::Object(entries))
    }

    fn list(&mut self, depth: usize) -> Result<Tree> {
        self.takes('[');
        let mut items = Vec::new();
        while !self.takes(']') {
            if !items.is_empty() && !self.takes(',') {
                return Err(broken());
            }
            items.push(self.value(depth)?);
        }
        Ok(Tree::List(items))
    }

    fn text(&mut self) -> Result<String> {
        if self.peek() != Some('"') {
            return Err(broken());
        }
        let mut is_escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| match c {
            _ if is_escaped => {
                is_escaped = false;
                false
            }
            '\\' => {
                is_escaped = true;
                false
            }
            c => *c == '"',
        });
        let end = end.ok_or_else(broken)?.0 + 1;
        let (text, rest) = self.rest.split_at_checked(end).ok_or_else(broken)?;
        self.rest = rest;
        serde_json::from_str(text).map_err(|e| broken().source(e))
    }

    fn word(&mut self) -> Result<Tree> {
        let end = self.rest.find([',', '}', ']']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).ok_or_else(broken)?;
        self.rest = rest;
        let word = word.trim();
        let is_word =
            !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        if is_word { Ok(Tree::Word(word.to_owned())) } else { Err(broken()) }
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn trees_are_printed_as_they_were_read() {
        let text = r#"{"a":[1,-2.5e3,"x\"\\\n\u0001é",null,{}],"b":{"c":true},"d":[]}"#;
        let mut out = String::new();
        Tree::parse(text).unwrap().print(&mut out);
        assert_eq!(out, text);
        let deep = format!("{}{}", "[".repeat(DEPTH_MAX + 1), "]".repeat(DEPTH_MAX + 1));
        assert!(Tree::parse(&deep).unwrap_err().what.contains("too deeply"));
        for bad in ["", "{", "{\"a\"}", "[1 2", "\"a", "[1] 2", "{\"a\":,}", "[a b]"] {
            assert!(Tree::parse(bad).is_err(), "{bad}");
        }
    }
}
