//! What is wrong with a statement, where, and what would be right.

use crate::ast::Span;
use std::fmt;

pub type Result<T> = std::result::Result<T, SqlError>;

/// A refusal. The code and its name are ClickHouse's own, since clients branch on them.
#[derive(Clone, Debug, PartialEq)]
pub struct SqlError {
    pub code: Code,
    /// A lower-case fragment without a final stop.
    pub message: String,
    pub span: Option<Span>,
    pub hint: Option<String>,
}

/// ClickHouse's error codes, as far as they are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    Syntax,
    UnknownFunction,
    UnknownIdentifier,
    UnknownTable,
    UnknownType,
    AmbiguousIdentifier,
    /// Wrong number of arguments.
    NumberOfArguments,
    /// A type that the function does not take.
    IllegalType,
    NoCommonType,
    TypeMismatch,
    NotAnAggregate,
    IllegalAggregation,
    BadArguments,
    /// Legal in ClickHouse, and not done here: refused rather than answered differently.
    Unsupported,
    /// A statement that would change something.
    ReadOnly,
    TooDeep,
    UnknownParameter,
}

impl Code {
    /// The number and name that ClickHouse's clients know.
    pub const fn clickhouse(self) -> (u32, &'static str) {
        match self {
            Self::Syntax => (62, "SYNTAX_ERROR"),
            Self::UnknownFunction => (46, "UNKNOWN_FUNCTION"),
            Self::UnknownIdentifier => (47, "UNKNOWN_IDENTIFIER"),
            Self::UnknownTable => (60, "UNKNOWN_TABLE"),
            Self::UnknownType => (50, "UNKNOWN_TYPE"),
            Self::AmbiguousIdentifier => (207, "AMBIGUOUS_IDENTIFIER"),
            Self::NumberOfArguments => (42, "NUMBER_OF_ARGUMENTS_DOESNT_MATCH"),
            Self::IllegalType => (43, "ILLEGAL_TYPE_OF_ARGUMENT"),
            Self::NoCommonType => (386, "NO_COMMON_TYPE"),
            Self::TypeMismatch => (53, "TYPE_MISMATCH"),
            Self::NotAnAggregate => (215, "NOT_AN_AGGREGATE"),
            Self::IllegalAggregation => (184, "ILLEGAL_AGGREGATION"),
            Self::BadArguments => (36, "BAD_ARGUMENTS"),
            Self::Unsupported => (48, "NOT_IMPLEMENTED"),
            Self::ReadOnly => (164, "READONLY"),
            Self::TooDeep => (306, "TOO_DEEP_RECURSION"),
            Self::UnknownParameter => (456, "UNKNOWN_QUERY_PARAMETER"),
        }
    }
}

impl SqlError {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), span: None, hint: None }
    }
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span.get_or_insert(span);
        self
    }
    /// An error of another text, which the present one names: its place means nothing here.
    #[must_use]
    pub fn inside(mut self, name: &str) -> Self {
        self.span = None;
        self.message = format!("in `{name}`: {}", self.message);
        self
    }
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The message with line, column, the line itself and a caret below it.
    pub fn render(&self, text: &str) -> String {
        let mut out = self.to_string();
        if let Some(span) = self.span {
            let (line, column, source) = place(text, span.start as usize);
            let width = (span.end.saturating_sub(span.start) as usize).max(1);
            let shown = source.chars().count().saturating_sub(column - 1).max(1);
            out = format!(
                "line {line}, column {column}: {out}\n  {source}\n  {}{}",
                " ".repeat(column - 1),
                "^".repeat(width.min(shown))
            );
        }
        if let Some(hint) = &self.hint {
            out.push('\n');
            out.push_str(hint);
        }
        out
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SqlError {}

/// Line and column (both from 1, columns in characters) of a byte offset, and the line's text.
fn place(text: &str, offset: usize) -> (usize, usize, &str) {
    let offset = offset.min(text.len());
    let before = text.get(..offset).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |i| i + 1);
    let line = before.matches('\n').count() + 1;
    let rest = text.get(start..).unwrap_or("");
    let source = rest.lines().next().unwrap_or("");
    let column = text.get(start..offset).map_or(1, |s| s.chars().count() + 1);
    (line, column, source)
}
