//! What is declared: GroupBys and Joins, as values. Where they were written, and in which form, is not known here.
//!
//! Compiled files of `chronon-ai` and `zipline-ai` ([`compiled`]), and a project's own files ([`native`]), are read into these: start at
//! [`read_all`].

pub mod check;
#[cfg(test)]
mod check_tests;
pub mod compiled;
mod declared;
mod hash;
pub mod names;
pub mod native;
mod read;
mod tables;
#[cfg(test)]
mod tests;
mod written;
mod yaml;

pub use compiled::read_compiled;
pub use declared::{Declared, DefinitionKind, Fault, Notice, Read, What};
pub use read::{read, read_all};

use crate::aggregates::Args;
use crate::operation::Operation;
use crate::types::Type;
use crate::window::Window;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// Features of a key: the aggregates of the rows of its sources.
#[derive(Clone, Debug)]
pub struct GroupBy {
    pub meta: Meta,
    /// At least one; all select the same columns.
    pub sources: Vec<Source>,
    pub keys: Vec<String>,
    /// None: the rows are features already, the latest one counts.
    pub aggregations: Option<Vec<Aggregation>>,
    pub accuracy: Accuracy,
    pub derivations: Vec<Derivation>,
    pub backfill_start: Option<String>,
    pub is_incremental: bool,
}

/// What is said about a definition. What is not known to us is kept.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    /// `team.file.variable`, or what the file says.
    pub name: String,
    pub team: Option<String>,
    pub is_online: bool,
    pub is_production: bool,
    pub description: Option<String>,
    /// Per cent of served values that are logged.
    pub sample_percent: Option<f64>,
    /// All other members, as they were read.
    pub other: Map<String, Json>,
}

/// When a value holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accuracy {
    /// At the millisecond of the query.
    Temporal,
    /// At the last midnight, UTC.
    Snapshot,
}

#[derive(Clone, Debug)]
pub struct Source {
    pub rows: Rows,
    pub query: Query,
}

/// Where rows come from. Names are those of data sources, or paths of the catalog.
#[derive(Clone, Debug)]
pub enum Rows {
    Events {
        table: String,
        topic: Option<String>,
        is_cumulative: bool,
    },
    Entities {
        snapshot: String,
        mutations: Option<String>,
        topic: Option<String>,
    },
    /// What a Join gives for its left rows.
    Join(Arc<Join>),
}

/// A projection, in SQL expressions.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Name and expression, in order. Keys are among them.
    pub selects: Vec<(String, String)>,
    pub wheres: Vec<String>,
    /// Gives milliseconds since 1970.
    pub time: Option<String>,
    pub start: Option<String>,
    pub end: Option<String>,
    pub mutation_time: Option<String>,
    /// True for the image before a mutation.
    pub reversal: Option<String>,
    pub partition: Option<String>,
    pub setups: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Aggregation {
    pub input: String,
    pub operation: Operation,
    pub args: Args,
    /// Empty: all of history.
    pub windows: Vec<Window>,
    /// Columns of texts; a map by each.
    pub buckets: Vec<String>,
    /// By the place in a list.
    pub is_element_wise: bool,
}

/// A column made of others by an expression. The name `*` keeps all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivation {
    pub name: String,
    pub expression: String,
}

impl Derivation {
    /// The name of the one that keeps all columns.
    pub const ALL: &str = "*";

    pub fn keeps_all(&self) -> bool {
        self.name == Self::ALL
    }
}

/// Features of many GroupBys for the rows of one source.
#[derive(Clone, Debug)]
pub struct Join {
    pub meta: Meta,
    pub left: Source,
    pub parts: Vec<JoinPart>,
    pub external: Vec<ExternalPart>,
    pub bootstrap: Vec<Bootstrap>,
    pub labels: Option<Labels>,
    pub row_ids: Vec<String>,
    /// Values of key columns whose rows are left out.
    pub skew_keys: Vec<(String, Vec<String>)>,
    pub derivations: Vec<Derivation>,
}

#[derive(Clone, Debug)]
pub struct JoinPart {
    pub group_by: Arc<GroupBy>,
    /// From columns of the left side to keys of the GroupBy. Others have the same name.
    pub key_mapping: Vec<(String, String)>,
    pub prefix: Option<String>,
    pub naming: Naming,
}

/// What stands for the GroupBy in the names of a part's columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Naming {
    /// Its name.
    #[default]
    Name,
    /// Its name without `__v` and a number: `zipline-ai`, long names.
    Unversioned,
    /// Its keys: `zipline-ai`, short names.
    Keys,
}

/// SQL that makes a table for others. It is read so that nothing of a project is lost; nothing here runs it.
#[derive(Clone, Debug)]
pub struct StagingQuery {
    pub meta: Meta,
    pub query: String,
    pub start: Option<String>,
    pub setups: Vec<String>,
    pub is_view: bool,
}

/// Values that come with the request, or from another service.
#[derive(Clone, Debug)]
pub struct ExternalPart {
    pub name: String,
    pub prefix: Option<String>,
    pub key_mapping: Vec<(String, String)>,
    pub keys: Vec<(String, Type)>,
    pub values: Vec<(String, Type)>,
    pub offline: Option<Arc<GroupBy>>,
}

impl ExternalPart {
    /// Whether its values come with the request.
    pub fn is_contextual(&self) -> bool {
        self.name == "contextual"
    }
}

/// Rows whose features are known already.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    pub table: String,
    pub query: Query,
    pub keys: Vec<String>,
}

/// What came after a left row, for training.
#[derive(Clone, Debug)]
pub struct Labels {
    pub parts: Vec<JoinPart>,
    /// Days after the left row.
    pub start_days: i64,
    pub end_days: i64,
}

/// A name as it stands in names of columns and tables: what is not a letter, a digit or `_` becomes `_`.
pub fn clean(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect()
}

impl JoinPart {
    /// What stands before its columns, but for the last `_`.
    pub fn full_prefix(&self) -> String {
        let name = match self.naming {
            Naming::Name => clean(&self.group_by.meta.name),
            Naming::Unversioned => clean(self.group_by.meta.unversioned()),
            Naming::Keys => self.group_by.keys.join("_"),
        };
        self.prefixed(name)
    }

    /// What stands before the name of its errors: as [`JoinPart::full_prefix`], with the whole name of the GroupBy.
    pub fn versioned_prefix(&self) -> String {
        self.prefixed(clean(&self.group_by.meta.name))
    }

    fn prefixed(&self, name: String) -> String {
        match &self.prefix {
            Some(prefix) => format!("{prefix}_{name}"),
            None => name,
        }
    }

    /// The column of the left side that a key of the GroupBy comes from.
    pub fn left_key<'a>(&'a self, key: &'a str) -> &'a str {
        self.key_mapping.iter().find(|(_, right)| right == key).map_or(key, |(left, _)| left)
    }
}

impl Meta {
    /// What the author said beside what definitions have words for, as `customJson` holds it. Empty where there is none.
    pub fn custom(&self) -> Map<String, Json> {
        let text = self.other.get("customJson").and_then(Json::as_str);
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// The name without a version like `__v1`. What `zipline-ai` puts behind names today, `__1`, stays in names of columns.
    pub fn unversioned(&self) -> &str {
        let is_version = |end: &str| !end.is_empty() && end.bytes().all(|b| b.is_ascii_digit());
        match self.name.rsplit_once("__v") {
            Some((name, end)) if is_version(end) => name,
            _ => &self.name,
        }
    }
}

impl Rows {
    /// The table that has them, of entities that of the snapshots; none for what a Join gives.
    pub fn table(&self) -> Option<&str> {
        match self {
            Self::Events { table, .. } | Self::Entities { snapshot: table, .. } => Some(table),
            Self::Join(_) => None,
        }
    }
}

impl Source {
    /// The path of a part of its query, as a compiled file has it. Without one it is that of the source.
    pub(crate) fn path(&self, within: Option<&str>) -> String {
        let kind = match &self.rows {
            Rows::Events { .. } => "events",
            Rows::Entities { .. } => "entities",
            Rows::Join(_) => "joinSource",
        };
        match within {
            None => String::new(),
            Some("time_column") => format!(".{kind}.query.timeColumn"),
            Some("mutation_time_column") => format!(".{kind}.query.mutationTimeColumn"),
            Some("reversal_column") => format!(".{kind}.query.reversalColumn"),
            Some(path) => format!(".{kind}.query.{path}"),
        }
    }

    /// Whether its rows come as they happen: what Chronon calls a topic.
    pub fn is_streaming(&self) -> bool {
        match &self.rows {
            Rows::Events { topic, .. } | Rows::Entities { topic, .. } => topic.is_some(),
            Rows::Join(join) => join.left.is_streaming(),
        }
    }
}

impl Accuracy {
    /// What holds where nothing is said.
    pub fn of(sources: &[Source]) -> Self {
        if sources.iter().any(Source::is_streaming) { Self::Temporal } else { Self::Snapshot }
    }
}
