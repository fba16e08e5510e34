//! The grammar of `SCHEMA`:
//!
//! ```text
//! schema := column ("," column)* [","]
//! column := name [type] ["`json:" path "`"] [DEFAULT expr] [CODEC(…)]
//! ```
//! `--` begins a comment everywhere but in a path. What stands behind the type may come in any order.

use super::column::{Column, Written};
use super::column_type;
use super::fault::{Fault, Report};
use super::lex::{is_blank, repr};
use super::read::Block;

const COLUMNS_MAX: usize = 10_000;

/// A word that begins a part of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Type,
    Null,
    NotNull,
    Default,
    Materialized,
    Alias,
    Codec,
    Ttl,
    Path,
    Comma,
}

impl Part {
    const fn name(self) -> &'static str {
        match self {
            Self::Type => "TYPE",
            Self::Null => "NULL",
            Self::NotNull => "NOTNULL",
            Self::Default => "DEFAULT",
            Self::Materialized => "MATERIALIZED",
            Self::Alias => "ALIAS",
            Self::Codec => "CODEC",
            Self::Ttl => "TTL",
            Self::Path => "JSONPATH",
            Self::Comma => "COMMA",
        }
    }
}

/// Words that begin a part, behind blanks.
const WORDS: &[(&str, Part)] = &[
    ("NULL", Part::Null),
    ("DEFAULT", Part::Default),
    ("MATERIALIZED", Part::Materialized),
    ("ALIAS", Part::Alias),
    ("CODEC", Part::Codec),
    ("TTL", Part::Ttl),
];

/// What is wrong, and where: line and column from 1.
struct Bad {
    line: usize,
    column: usize,
    message: String,
    hint: Option<String>,
    suggestion: Option<String>,
}

type Result<T> = std::result::Result<T, Bad>;

struct Scanner {
    chars: Vec<char>,
    at: usize,
    line: usize,
    column: usize,
}

/// The columns of a block. After a fault the reading goes on behind the next comma that ends a line.
pub(super) fn parse(block: &Block, report: &mut Report) -> Vec<Column> {
    let mut scanner = Scanner { chars: without_comments(&block.text), at: 0, line: 1, column: 1 };
    let mut columns: Vec<Column> = Vec::new();
    loop {
        scanner.blanks();
        if scanner.peek().is_none() {
            return columns;
        }
        let place = block.place(scanner.line);
        match scanner.column() {
            Ok(written) => columns.push(written.column(place)),
            Err(bad) => {
                let place = block.place(bad.line);
                report.add(
                    &place,
                    Fault {
                        is_syntax: true,
                        column: bad.column,
                        hint: bad.hint,
                        suggestion: bad.suggestion,
                        ..Fault::new(bad.message)
                    },
                );
                scanner.skip();
            }
        }
        if columns.len() > COLUMNS_MAX {
            report.syntax(&block.place(1), 1, format!("more than {COLUMNS_MAX} columns"));
            return columns;
        }
    }
}

fn without_comments(text: &str) -> Vec<char> {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        out.push_str(without_comment(line));
        out.push('\n');
    }
    out.trim_end_matches(is_blank).chars().collect()
}

fn without_comment(line: &str) -> &str {
    let mut is_path = false;
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if !is_path && rest.starts_with("--") {
            let kept = line.len() - rest.len();
            return line.split_at_checked(kept).map_or(line, |(kept, _)| kept.trim_end_matches(is_blank));
        }
        if !is_path && rest.starts_with("`json:") {
            is_path = true;
        } else if is_path && c == '`' {
            is_path = false;
        }
        rest = rest.strip_prefix(c).unwrap_or("");
    }
    line
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._`*<>+-'".contains(c)
}

fn in_expression(c: char) -> bool {
    in_name(c) || "[](),=!?:/% \n\t\r".contains(c)
}

impl Scanner {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn bump(&mut self) {
        if self.peek() == Some('\n') {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        self.at += 1;
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.bump();
        }
    }

    fn bad(&self, message: impl Into<String>) -> Bad {
        Bad { line: self.line, column: self.column, message: message.into(), hint: None, suggestion: None }
    }

    fn bad_hint(&self, message: &str, hint: &str) -> Bad {
        Bad { hint: Some(hint.to_owned()), ..self.bad(message) }
    }

    fn text(&self, from: usize) -> String {
        let text: String = self.chars.get(from..self.at).unwrap_or(&[]).iter().collect();
        text.trim_matches(is_space).to_owned()
    }

    /// The part that begins here. Words want a blank before them.
    fn part(&self) -> Option<Part> {
        if self.peek()? == ',' {
            return Some(Part::Comma);
        }
        let rest = self.chars.get(self.at..)?;
        let blanks = rest.iter().take_while(|c| is_blank(**c)).count();
        if blanks == 0 {
            return None;
        }
        let rest = rest.get(blanks..)?;
        if is_word(rest, "`json:").is_some() {
            return Some(Part::Path);
        }
        if let Some(behind) = is_word(rest, "NOT") {
            let blanks = behind.iter().take_while(|c| is_blank(**c)).count();
            let null = behind.get(blanks..).and_then(|rest| is_word(rest, "NULL"));
            if blanks > 0 && null.is_some_and(ends_word) {
                return Some(Part::NotNull);
            }
        }
        WORDS.iter().find(|(word, _)| is_word(rest, word).is_some_and(ends_word)).map(|(_, part)| *part)
    }

    /// One column with the comma behind it.
    fn column(&mut self) -> Result<Written> {
        let start = (self.line, self.column);
        let mut written = Written { name: self.name()?, ..Written::default() };
        if written.name == "INDEX" {
            let hint = "Indexes are not allowed in SCHEMA section. Use the INDEXES section instead";
            return Err(Bad {
                line: start.0,
                column: start.1,
                ..self.bad_hint("Forbidden INDEX definition", hint)
            });
        }
        let mut last: Option<Part> = None;
        // What may still come: a path always, the others in the order of type, DEFAULT, CODEC.
        let mut stage = 0;
        while self.peek().is_some() {
            let part = self.part().unwrap_or(Part::Type);
            let fits = match part {
                Part::Type => stage < 1,
                Part::Default | Part::Alias => stage < 2,
                Part::Codec => stage < 3,
                _ => true,
            };
            if !fits {
                let after = last.map_or(String::new(), |last| format!(" after {}", last.name()));
                return Err(self.bad(format!("Unexpected {}{after}", part.name())));
            }
            if part == Part::Comma {
                self.bump();
                break;
            }
            self.read(part, &mut written)?;
            stage = match part {
                Part::Type => 1,
                Part::Default => 2,
                Part::Codec => 3,
                _ => stage,
            };
            last = Some(part);
        }
        if written.name.is_empty() || (written.ty.is_empty() && written.default.is_empty()) {
            let (line, column) = start;
            return Err(Bad {
                line,
                column,
                ..self.bad("Column name and either type or DEFAULT are required")
            });
        }
        Ok(written)
    }

    fn name(&mut self) -> Result<String> {
        if self.peek() == Some('`') {
            self.bump();
            return self.backticked();
        }
        let from = self.at;
        while let Some(c) = self.peek().filter(|c| !is_space(*c)) {
            if !in_name(c) {
                let message = format!("Column name contains invalid character {}", repr(&c.to_string()));
                return Err(self.bad_hint(&message, "Hint: use backticks"));
            }
            self.bump();
        }
        Ok(self.text(from))
    }

    /// Up to the next backtick, which is read.
    fn backticked(&mut self) -> Result<String> {
        let from = self.at;
        while let Some(c) = self.peek() {
            if c == '`' {
                let text = self.text(from);
                self.bump();
                return Ok(text);
            }
            if is_space(c) {
                return Err(self.bad("Expected closing backtick"));
            }
            self.bump();
        }
        Err(self.bad("Expected closing backtick"))
    }

    /// A part behind the name. The word that begins it is still to be read.
    fn read(&mut self, part: Part, written: &mut Written) -> Result<()> {
        self.blanks();
        let word = match part {
            Part::Type | Part::Comma => 0,
            Part::Path => "`json:".len(),
            other => other.name().len(),
        };
        let refuse = |message: &str| Err(self.bad(message));
        match part {
            Part::Null => {
                return Err(self.bad_hint("NULL column syntax not supported", "Hint: use Nullable(...)"));
            }
            Part::NotNull => {
                let hint = "Hint: Columns are not nullable by default";
                return Err(self.bad_hint("NOT NULL column syntax not supported", hint));
            }
            Part::Materialized => return refuse("MATERIALIZED columns are not supported"),
            Part::Alias => return refuse("ALIAS columns are not supported"),
            Part::Ttl => return refuse("column TTL is not supported"),
            Part::Type | Part::Default | Part::Codec | Part::Path | Part::Comma => {}
        }
        for _ in 0..word {
            self.bump();
        }
        match part {
            Part::Type => written.ty = self.type_()?,
            Part::Default => written.default = self.expression(part)?,
            Part::Codec => {
                let before = (self.line, self.column);
                written.codec = self.expression(part)?;
                if !written.codec.starts_with('(') {
                    let (line, column) = before;
                    return Err(Bad { line, column, ..self.bad("CODEC takes its codecs in brackets") });
                }
            }
            _ => written.jsonpath = self.backticked()?,
        }
        Ok(())
    }

    /// The text up to the next part, outside brackets and quotes.
    fn expression(&mut self, of: Part) -> Result<String> {
        let from = self.at;
        let mut open: Vec<char> = Vec::new();
        while let Some(c) = self.peek() {
            let inner = open.last().copied();
            let is_text = matches!(inner, Some('\'' | '"'));
            if inner.is_some_and(|open| c == if open == '(' { ')' } else { open }) {
                open.pop();
            } else if !is_text && matches!(c, '\'' | '"' | '(') {
                open.push(c);
            } else if inner.is_none() && self.ends(of, from) {
                if self.at == from {
                    break;
                }
                return Ok(self.text(from));
            } else if !is_text && !in_expression(c) {
                return Err(self.bad(format!("Invalid character {}", repr(&c.to_string()))));
            }
            self.bump();
        }
        if let Some(open) = open.last() {
            let close = if *open == '(' { ')' } else { *open };
            return Err(self.bad(format!("Expected closing {close}")));
        }
        if self.at == from {
            return Err(self.bad(format!("Missing mandatory value for {}", of.name())));
        }
        Ok(self.text(from))
    }

    /// Whether the next part begins here. Looked for at the first of several blanks only.
    fn ends(&self, of: Part, from: usize) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.chars.get(at)).copied();
        if self.peek() != Some(',') && self.at > from && before.is_some_and(is_blank) {
            return false;
        }
        match self.part() {
            Some(Part::Null) => of == Part::Type,
            other => other.is_some(),
        }
    }

    fn type_(&mut self) -> Result<String> {
        let (line, column) = (self.line, self.column);
        let text = self.expression(Part::Type)?;
        let lower = text.to_lowercase();
        if lower.contains("boolean") {
            return Err(self.bad_hint("Boolean type is not supported", "Hint: use Bool or UInt8 instead"));
        }
        if lower.contains("datetime64") && !lower.contains("datetime64(") {
            let message = "DateTime64 type without precision is not supported";
            return Err(self.bad_hint(message, "Hint: use DateTime64(3) instead"));
        }
        if text == "Int" || text == "UInt" {
            let sizes = ["8", "16", "32", "64", "128", "256"].map(|bits| format!("{text}{bits}"));
            let hint = format!("Hint: use one of {}", sizes.join(", "));
            return Err(Bad {
                column: self.column.saturating_sub(text.len()),
                ..self.bad_hint(&format!("Precision is mandatory for {text} types"), &hint)
            });
        }
        match column_type::check(&text) {
            None => Ok(text),
            Some((message, suggestion)) => Err(Bad { line, column, message, hint: None, suggestion }),
        }
    }

    /// To the next line behind a comma.
    fn skip(&mut self) {
        let mut last =
            self.chars.get(..self.at).and_then(|read| read.iter().rfind(|c| !is_space(**c)).copied());
        while let Some(c) = self.peek() {
            self.bump();
            if c == '\n' && last == Some(',') {
                return;
            }
            if !is_space(c) {
                last = Some(c);
            }
        }
    }
}

/// What stands behind a word of these letters in any case.
fn is_word<'a>(text: &'a [char], word: &str) -> Option<&'a [char]> {
    let (start, behind) = text.split_at_checked(word.len())?;
    start.iter().zip(word.chars()).all(|(a, b)| a.eq_ignore_ascii_case(&b)).then_some(behind)
}

fn ends_word(behind: &[char]) -> bool {
    behind.first().is_none_or(|c| !(c.is_ascii_alphanumeric() || *c == '_'))
}
