//! YAML as a tree with line numbers, and what a reader asks of it. Errors say the file, the line and the nearest name.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use tile_base::error::Kind;
use tile_base::{Error, Result};

/// Bytes of a file.
const FILE_BYTES_MAX: usize = 1 << 20;
/// Lists and members within each other.
const DEPTH_MAX: usize = 24;
/// Values of a file.
const NODES_MAX: usize = 200_000;

/// A value and its line, from 1.
#[derive(Debug)]
pub struct Node {
    pub line: usize,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Null,
    Scalar(String),
    List(Vec<Node>),
    Members(Vec<Member>),
}

#[derive(Debug)]
pub struct Member {
    pub name: String,
    pub line: usize,
    pub value: Node,
}

/// Reads a file; none when there is nothing in it but comments.
///
/// # Errors
/// `Invalid` with the line for what is not YAML, for anchors and tags, and for a second document; `TooLarge`.
pub fn parse(file: &str, text: &str) -> Result<Option<Node>> {
    if text.len() > FILE_BYTES_MAX {
        let what = format!("a file of definitions has more than {} MiB", FILE_BYTES_MAX >> 20);
        return Err(Error::new(Kind::TooLarge, what).at(file));
    }
    let mut tree = Tree { file, parser: Parser::new_from_str(text), lines: text.lines().count(), nodes: 0 };
    let mut root = None;
    loop {
        let (event, line) = tree.next()?;
        match event {
            Event::StreamEnd => return Ok(root),
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            event => {
                if root.is_some() {
                    return Err(tree.wrong(line, "a file is one document: `---` stands at its start alone"));
                }
                let node = tree.node(event, line, 0)?;
                root = Some(node).filter(|node| !node.is_null());
            }
        }
    }
}

struct Tree<'a> {
    file: &'a str,
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    lines: usize,
    nodes: usize,
}

impl<'a> Tree<'a> {
    fn wrong(&self, line: usize, what: impl Into<String>) -> Error {
        // The parser may stand behind the last line.
        wrong(self.file, line.clamp(1, self.lines.max(1)), what)
    }

    fn next(&mut self) -> Result<(Event<'a>, usize)> {
        match self.parser.next() {
            Some(Ok((event, Span { start, .. }))) => Ok((event, start.line())),
            Some(Err(e)) => Err(self.wrong(e.marker().line(), format!("not YAML: {}", e.info()))),
            None => Ok((Event::StreamEnd, self.lines)),
        }
    }

    fn node(&mut self, event: Event<'a>, line: usize, depth: usize) -> Result<Node> {
        self.nodes += 1;
        if self.nodes > NODES_MAX || depth > DEPTH_MAX {
            return Err(Error {
                kind: Kind::TooLarge,
                ..self.wrong(line, format!("more than {NODES_MAX} values, or {DEPTH_MAX} within each other"))
            });
        }
        let value = match event {
            Event::Scalar(text, style, 0, None) => {
                let is_plain = style == ScalarStyle::Plain;
                match text.as_ref() {
                    "" | "~" | "null" | "Null" | "NULL" if is_plain => Value::Null,
                    text => Value::Scalar(text.to_owned()),
                }
            }
            Event::SequenceStart(0, None) => Value::List(self.list(depth)?),
            Event::MappingStart(0, None) => Value::Members(self.members(depth)?),
            _ => {
                return Err(self
                    .wrong(line, "anchors, aliases and tags of YAML are not known here")
                    .hint("Put a text that begins with `*`, `&` or `!` into quotes"));
            }
        };
        Ok(Node { line, value })
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, line) => items.push(self.node(event, line, depth + 1)?),
            }
        }
    }

    fn members(&mut self, depth: usize) -> Result<Vec<Member>> {
        let mut members: Vec<Member> = Vec::new();
        loop {
            let (name, line) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(members),
                (Event::Scalar(name, _, 0, None), line) => (name.into_owned(), line),
                (_, line) => return Err(self.wrong(line, "expected a name, a colon and a value")),
            };
            let (event, at) = self.next()?;
            // A value that is left out stands where the next one begins.
            let mut value = self.node(event, at, depth + 1)?;
            if value.is_null() {
                value.line = line;
            }
            members.push(Member { name, line, value });
        }
    }
}

/// What is wrong on a line.
pub fn wrong(file: &str, line: usize, what: impl Into<String>) -> Error {
    Error::invalid(what).at(format!("{file}:{line}"))
}

/// With the nearest name, or with all of them.
pub fn with_nearest(error: Error, name: &str, known: &[&str]) -> Error {
    error.did_you_mean_or(name, known.iter().copied(), || match known {
        [] => String::new(),
        _ => format!("There are `{}`", known.join("`, `")),
    })
}

impl Node {
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    pub fn is_scalar(&self) -> bool {
        matches!(self.value, Value::Scalar(_))
    }

    pub fn is_members(&self) -> bool {
        matches!(self.value, Value::Members(_))
    }

    fn found(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Scalar(_) => "a text",
            Value::List(_) => "a list",
            Value::Members(_) => "names with values",
        }
    }
}

/// Members of one value, and what it is called in errors.
#[derive(Clone, Copy)]
pub struct Members<'a> {
    pub file: &'a str,
    pub line: usize,
    what: &'a str,
    pub all: &'a [Member],
}

impl<'a> Members<'a> {
    /// # Errors
    /// `Invalid` for what has no members, and for a member that is not among `known`, with the nearest; where `known` is empty any will do.
    pub fn of(file: &'a str, what: &'a str, node: &'a Node, known: &[&str]) -> Result<Self> {
        let all = members(file, what, node)?;
        for member in all {
            if !known.is_empty() && !known.contains(&member.name.as_str()) {
                let error = wrong(file, member.line, format!("{what} has no `{}`", member.name));
                return Err(with_nearest(error, &member.name, known));
            }
        }
        Ok(Self { file, line: node.line, what, all })
    }

    pub fn member(&self, name: &str) -> Option<&'a Member> {
        self.all.iter().find(|member| member.name == name && !member.value.is_null())
    }

    pub fn get(&self, name: &str) -> Option<&'a Node> {
        self.member(name).map(|member| &member.value)
    }

    /// # Errors
    /// `Invalid` where it is not there.
    pub fn need(&self, name: &str) -> Result<&'a Node> {
        self.get(name).ok_or_else(|| wrong(self.file, self.line, format!("{} needs `{name}`", self.what)))
    }

    /// # Errors
    /// `Invalid` for what is not a text.
    pub fn text(&self, name: &str) -> Result<Option<String>> {
        self.get(name).map(|node| text(self.file, name, node).map(str::to_owned)).transpose()
    }

    /// # Errors
    /// `Invalid` for what is not `true` or `false`.
    pub fn flag(&self, name: &str) -> Result<Option<bool>> {
        let Some(node) = self.get(name) else { return Ok(None) };
        match text(self.file, name, node)? {
            "true" | "True" | "TRUE" => Ok(Some(true)),
            "false" | "False" | "FALSE" => Ok(Some(false)),
            other => {
                let what = format!("`{name}` is `true` or `false`, not `{other}`");
                Err(wrong(self.file, node.line, what))
            }
        }
    }

    /// # Errors
    /// `Invalid` for what is not a number between those bounds.
    pub fn number_within<T: FromStr + Display + PartialOrd>(
        &self,
        name: &str,
        bounds: &RangeInclusive<T>,
    ) -> Result<Option<T>> {
        let Some(node) = self.get(name) else { return Ok(None) };
        let text = text(self.file, name, node)?;
        match text.parse() {
            Ok(number) if bounds.contains(&number) => Ok(Some(number)),
            _ => {
                let what =
                    format!("`{name}` is a number from {} to {}, not `{text}`", bounds.start(), bounds.end());
                Err(wrong(self.file, node.line, what))
            }
        }
    }

    /// One value, or a list of them; none where nothing is said.
    pub fn items(&self, name: &str) -> &'a [Node] {
        match self.get(name) {
            None => &[],
            Some(Node { value: Value::List(items), .. }) => items,
            Some(one) => std::slice::from_ref(one),
        }
    }

    /// One text, or a list of them.
    ///
    /// # Errors
    /// `Invalid` for what are not texts.
    pub fn texts(&self, name: &str) -> Result<Vec<String>> {
        self.items(name).iter().map(|item| text(self.file, name, item).map(str::to_owned)).collect()
    }

    /// Names with texts, in order.
    ///
    /// # Errors
    /// `Invalid` for what is something else.
    pub fn pairs(&self, name: &str) -> Result<Vec<(&'a Member, String)>> {
        let Some(node) = self.get(name) else { return Ok(Vec::new()) };
        let members = members(self.file, &format!("`{name}`"), node)?;
        members.iter().map(|m| Ok((m, text(self.file, &m.name, &m.value)?.to_owned()))).collect()
    }
}

/// # Errors
/// `Invalid` for what has no members, and for a member that is there twice.
pub fn members<'a>(file: &str, what: &str, node: &'a Node) -> Result<&'a [Member]> {
    let all = listed(file, what, node)?;
    let mut seen = std::collections::HashSet::new();
    match all.iter().find(|member| !seen.insert(member.name.as_str())) {
        Some(twice) => Err(wrong(file, twice.line, format!("`{}` is there twice", twice.name))),
        None => Ok(all),
    }
}

/// As [`members`], where who asks looks for those that are there twice.
///
/// # Errors
/// `Invalid` for what has no members.
pub fn listed<'a>(file: &str, what: &str, node: &'a Node) -> Result<&'a [Member]> {
    match &node.value {
        Value::Members(all) => Ok(all),
        _ => Err(wrong(file, node.line, format!("{what} is names with values, not {}", node.found()))),
    }
}

/// # Errors
/// `Invalid` for what is not a text.
pub fn text<'a>(file: &str, name: &str, node: &'a Node) -> Result<&'a str> {
    match &node.value {
        Value::Scalar(text) => Ok(text),
        _ => Err(wrong(file, node.line, format!("`{name}` is a text, not {}", node.found()))),
    }
}

/// # Errors
/// `Invalid` for what is not such a number.
pub fn number<T: FromStr>(file: &str, name: &str, node: &Node) -> Result<T> {
    let text = text(file, name, node)?;
    text.parse().map_err(|_| wrong(file, node.line, format!("`{name}` is a number, not `{text}`")))
}
