//! One error for every crate border: what failed, where, and what to do about it.
//!
//! A message is a lower-case fragment that fits "failed to …: …", except where a foreign client depends on the exact text.

use std::fmt;

/// What went wrong, coarse enough that the HTTP status, the exit code and "may I retry" follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The caller's request cannot be right (400).
    Invalid,
    /// The request is well formed but a value breaks the documented grammar or range (422).
    Malformed,
    /// No or wrong credentials, or too few scopes (401).
    Unauthenticated,
    /// Known caller, refused (403).
    Denied,
    /// No such thing (404).
    NotFound,
    /// The thing exists but does not support this (405).
    NotAllowed,
    /// No representation the caller accepts (406).
    NotAcceptable,
    /// Clashes with the present state (409).
    Conflict,
    /// A link whose target is missing (410).
    Gone,
    /// Over a limit (413).
    TooLarge,
    /// The body's media type is unknown (415).
    UnsupportedMedia,
    /// The requested byte range lies outside (416).
    Range,
    /// Data at rest cannot be decoded; the caller cannot fix it by retrying (422).
    Damaged,
    /// The work took longer than it may (408).
    Timeout,
    /// More requests than this caller may send; later (429).
    Limited,
    /// Try again later (503).
    Busy,
    /// A defect or a failure of this machine (500).
    Internal,
}

impl Kind {
    /// The HTTP status of this kind.
    pub const fn status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Unauthenticated => 401,
            Self::Denied => 403,
            Self::NotFound => 404,
            Self::NotAllowed => 405,
            Self::NotAcceptable => 406,
            Self::Conflict => 409,
            Self::Gone => 410,
            Self::TooLarge => 413,
            Self::UnsupportedMedia => 415,
            Self::Range => 416,
            Self::Malformed | Self::Damaged => 422,
            Self::Timeout => 408,
            Self::Limited => 429,
            Self::Busy => 503,
            Self::Internal => 500,
        }
    }

    /// The exit code of a command that ends with this kind.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Invalid | Self::Malformed | Self::NotAcceptable | Self::UnsupportedMedia | Self::Range => 2,
            Self::NotFound | Self::Gone => 3,
            Self::Unauthenticated | Self::Denied => 4,
            Self::Conflict | Self::Busy | Self::Limited => 5,
            Self::TooLarge | Self::Timeout | Self::NotAllowed | Self::Damaged | Self::Internal => 1,
        }
    }
}

/// An error that crosses a crate border.
#[derive(Debug)]
pub struct Error {
    pub kind: Kind,
    /// What was expected and found; user's names in backticks.
    pub what: String,
    /// Where: a node path, a file and line, a config key. Never an absolute path of the server's disk.
    pub at: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), at: None, hint: None, source: None }
    }
    pub fn invalid(what: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, what)
    }
    pub fn malformed(what: impl Into<String>) -> Self {
        Self::new(Kind::Malformed, what)
    }
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, what)
    }
    pub fn damaged(what: impl Into<String>) -> Self {
        Self::new(Kind::Damaged, what)
    }
    pub fn internal(what: impl Into<String>) -> Self {
        Self::new(Kind::Internal, what)
    }
    #[must_use]
    pub fn at(mut self, at: impl Into<String>) -> Self {
        self.at = Some(at.into());
        self
    }
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
    /// Hints at the names of `known` that are nearest to `wanted`; nothing when none is near.
    #[must_use]
    pub fn did_you_mean<'a>(self, wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match said(&nearest(wanted, known)) {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }
    /// The same, with another hint when none is near; an empty one is none.
    #[must_use]
    pub fn did_you_mean_or<'a>(
        self,
        wanted: &str,
        known: impl IntoIterator<Item = &'a str>,
        otherwise: impl FnOnce() -> String,
    ) -> Self {
        let hint = said(&nearest(wanted, known)).unwrap_or_else(otherwise);
        if hint.is_empty() { self } else { self.hint(hint) }
    }
    #[must_use]
    pub fn source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The query parameter at fault, for errors about one.
    pub fn query_parameter(&self) -> Option<&str> {
        self.at.as_deref()?.strip_prefix("query.")
    }

    /// The text for the caller: `what`, then the place and the hint when there are any.
    pub fn detail(&self) -> String {
        let mut out = self.what.clone();
        if let Some(at) = self.at.as_deref().filter(|at| !at.starts_with("query.")) {
            out.push_str(" (at ");
            out.push_str(at);
            out.push(')');
        }
        if let Some(hint) = &self.hint {
            out.push_str(if out.ends_with('.') { " " } else { ". " });
            out.push_str(hint);
        }
        out
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail())?;
        let mut source = self.source.as_deref().map(|s| s as &dyn std::error::Error);
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Turns a library's failure to decode data at rest into [`Kind::Damaged`], with what was being read.
pub trait OrDamaged<T> {
    fn or_damaged(self, what: &str) -> Result<T>;
}

impl<T, E: std::error::Error + Send + Sync + 'static> OrDamaged<T> for std::result::Result<T, E> {
    fn or_damaged(self, what: &str) -> Result<T> {
        self.map_err(|e| Error::damaged(format!("cannot read {what}: {e}")))
    }
}

impl From<std::io::Error> for Error {
    fn from(e: std::io::Error) -> Self {
        match e.kind() {
            std::io::ErrorKind::NotFound => {
                Self::new(Kind::Gone, "the file behind this node no longer exists").source(e)
            }
            std::io::ErrorKind::PermissionDenied => {
                Self::new(Kind::Denied, "the server may not read the file behind this node").source(e)
            }
            std::io::ErrorKind::UnexpectedEof => {
                Self::damaged("the file ends before the data does").source(e)
            }
            std::io::ErrorKind::IsADirectory | std::io::ErrorKind::NotADirectory => {
                Self::damaged("there is a folder where a file should be, or the other way round").source(e)
            }
            _ => Self::internal("input/output error").source(e),
        }
    }
}

/// The names of `known` nearest to `wanted`, best first, for "did you mean" hints. Cost: `known` × length².
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut scored: Vec<(usize, &str)> = known
        .into_iter()
        .map(|k| (edit_distance(wanted, k), k))
        .filter(|(d, k)| *d <= (k.chars().count() / 2).clamp(1, 3))
        .collect();
    scored.sort();
    scored.into_iter().take(3).map(|(_, k)| k).collect()
}

fn said(near: &[&str]) -> Option<String> {
    (!near.is_empty()).then(|| format!("Did you mean `{}`?", near.join("`, `")))
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let cost = usize::from(!ca.eq_ignore_ascii_case(cb));
            let next = (diagonal + cost).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_names_are_found() {
        assert_eq!(nearest("colour", ["color", "size", "colours"]), ["color", "colours"]);
        assert!(nearest("zzzz", ["alpha"]).is_empty());
    }

    #[test]
    fn detail_shows_place_and_hint_but_not_the_cause() {
        let e = Error::invalid("unknown column `x`")
            .at("a/b")
            .hint("Known columns: `y`")
            .source(std::io::Error::other("secret"));
        assert_eq!(e.detail(), "unknown column `x` (at a/b). Known columns: `y`");
        assert!(e.to_string().ends_with(": secret"));
    }
}
