//! What a file declares, with what is to be said about it.

use super::{GroupBy, Join, Meta, StagingQuery};
use crate::operation::Dialect;
use serde_json::{Map, Value as Json};
use std::fmt;
use std::sync::Arc;
use tile_base::Error;

/// One definition of a file.
#[derive(Clone, Debug)]
pub struct Declared {
    pub what: What,
    /// As the project names it, with `/`.
    pub file: String,
    pub dialect: Dialect,
    pub notices: Vec<Notice>,
    /// The lines on which members stand, by path. Empty for compiled files.
    pub lines: Vec<(String, usize)>,
    /// All that a compiled file says, so that what we do not know is kept.
    pub(super) read: Map<String, Json>,
}

#[derive(Clone, Debug)]
pub enum What {
    GroupBy(Arc<GroupBy>),
    Join(Arc<Join>),
    StagingQuery(Arc<StagingQuery>),
    /// What `zipline-ai` writes for a team. It declares nothing to compute.
    Team,
}

/// What features are asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DefinitionKind {
    GroupBy,
    Join,
}

impl fmt::Display for DefinitionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GroupBy => "GroupBy",
            Self::Join => "Join",
        })
    }
}

/// What a file declares, and what of it cannot be read.
#[derive(Debug, Default)]
pub struct Read {
    pub declared: Vec<Declared>,
    pub faults: Vec<Fault>,
}

/// Why something of a file cannot be read. A definition may have several.
#[derive(Debug)]
pub struct Fault {
    /// The definition, where it is known.
    pub of: Option<(DefinitionKind, String)>,
    /// Nothing else of the file can be read either.
    pub is_whole: bool,
    /// With file and line.
    pub error: Error,
}

/// What the author should know of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The path within the definition: `joinParts[2].groupBy.sources[0]`.
    pub at: String,
    pub what: String,
    /// Values would be wrong: the definition must not be used.
    pub is_error: bool,
}

impl Notice {
    /// It is used, and this is different or left out.
    pub fn note(at: impl Into<String>, what: impl Into<String>) -> Self {
        Self { at: at.into(), what: what.into(), is_error: false }
    }

    /// It cannot be used.
    pub fn error(at: impl Into<String>, what: impl Into<String>) -> Self {
        Self { at: at.into(), what: what.into(), is_error: true }
    }
}

impl Declared {
    /// What is said of the definition; nothing for a team.
    pub fn meta(&self) -> Option<&Meta> {
        match &self.what {
            What::GroupBy(group) => Some(&group.meta),
            What::Join(join) => Some(&join.meta),
            What::StagingQuery(query) => Some(&query.meta),
            What::Team => None,
        }
    }

    /// None where no features are asked of it.
    pub const fn kind(&self) -> Option<DefinitionKind> {
        match self.what {
            What::GroupBy(_) => Some(DefinitionKind::GroupBy),
            What::Join(_) => Some(DefinitionKind::Join),
            What::StagingQuery(_) | What::Team => None,
        }
    }

    /// Its name; empty for a team.
    pub fn name(&self) -> &str {
        self.meta().map_or("", |meta| &meta.name)
    }

    /// Where a path is: file and line where lines are known, else file and path.
    pub fn place(&self, path: &str) -> String {
        // The longest path that is known: the member itself, or what it is in.
        let holds = |known: &str| {
            path.strip_prefix(known)
                .is_some_and(|rest| rest.is_empty() || known.is_empty() || rest.starts_with(['.', '[']))
        };
        let known = self.lines.iter().filter(|(known, _)| holds(known)).max_by_key(|(known, _)| known.len());
        match known {
            Some((_, line)) => format!("{}:{line}", self.file),
            None if path.is_empty() => self.file.clone(),
            None => format!("{}: {path}", self.file),
        }
    }

    /// The place of an error that has a path, and the error without it. What else it says of a place stays.
    pub fn located(&self, e: Error) -> (String, Error) {
        let is_path = e.at.as_deref().is_none_or(|at| !at.contains([' ', '`']));
        match is_path {
            true => (self.place(e.at.as_deref().unwrap_or_default()), Error { at: None, ..e }),
            false => (self.place(""), e),
        }
    }

    /// The first notice that forbids its use, as an error.
    pub fn refusal(&self) -> Option<Error> {
        let notice = self.notices.iter().find(|n| n.is_error)?;
        Some(Error::invalid(notice.what.clone()).at(self.place(&notice.at)))
    }
}
