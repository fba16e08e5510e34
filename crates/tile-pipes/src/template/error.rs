//! Why a template cannot be read or rendered.

use std::fmt;

/// A parameter without a value and without a default.
pub const REQUIRED: &str = "Required parameter is not defined";

/// What kind of failure it is; clients only see the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The template's own tags: `{{`, `{%`, blocks.
    Template,
    /// An expression that Python cannot read. The line is part of the message.
    Syntax,
    /// An expression that templates may not have.
    Forbidden,
    /// Rendering failed, by the values or by the template.
    Render,
    /// `error` or `custom_error`.
    Custom,
    /// A limit of the server.
    Limit,
    /// What the original could do and this cannot.
    Unsupported,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TemplateError {
    pub kind: Kind,
    /// The server's `error`, exactly.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
    /// The whole body in place of `{"error": message}`, when the template gives one.
    pub body: Option<Box<serde_json::Value>>,
    /// The page of the original's documentation.
    pub documentation: Option<&'static str>,
    /// From 1, in the text after the `%`.
    pub line: Option<usize>,
}

impl TemplateError {
    pub fn new(kind: Kind, message: impl Into<String>, line: Option<usize>) -> Self {
        Self { kind, message: message.into(), status: 400, body: None, documentation: None, line }
    }

    pub(super) fn limit(message: impl Into<String>) -> Self {
        Self::new(Kind::Limit, message, None)
    }

    pub(super) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(Kind::Unsupported, message, None)
    }

    /// A refusal in the words of the template language.
    pub(super) fn refusal(kind: Kind, message: impl fmt::Display, line: Option<usize>) -> Self {
        Self::new(kind, format!("Template Syntax Error: {message}"), line)
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TemplateError {}

impl From<TemplateError> for tile_base::Error {
    fn from(error: TemplateError) -> Self {
        let kind = match (error.kind, error.status) {
            (Kind::Custom, 401) => tile_base::Kind::Unauthenticated,
            (Kind::Custom, 403) => tile_base::Kind::Denied,
            (Kind::Custom, 404) => tile_base::Kind::NotFound,
            (Kind::Custom, 409) => tile_base::Kind::Conflict,
            (Kind::Limit, _) => tile_base::Kind::TooLarge,
            _ => tile_base::Kind::Invalid,
        };
        let out = Self::new(kind, error.message);
        match error.line {
            Some(line) => out.at(format!("line {line}")),
            None => out,
        }
    }
}
