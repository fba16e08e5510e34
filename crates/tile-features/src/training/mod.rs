//! Training data: the rows of a Join's left side with its features, each as it was at the time of its row.
//!
//! All that is no window is SQL of an engine: it reads the sources, keeps what is made on the way, and puts the rows together, so that its
//! memory is bounded and what does not fit goes to its disk. Windows are evaluated here, key by key, by [`crate::backfill`]; where the rows
//! of a part are more than memory may hold, they are read and evaluated in parts of the keys; and a part that is too large still, as that of
//! one frequent key may be, in the order of time.
//!
//! Start at [`Training::run`]. For which time a value holds, by left side, right side and accuracy: [`part`].

mod assemble;
pub mod body;
mod bootstrap;
pub mod desk;
pub mod function;
mod left;
mod load;
mod part;
mod source;
mod sql;
mod stream;

pub use sql::quoted;

use crate::definition::{GroupBy, Join, JoinPart, Naming, Query, Rows, Source};
use left::Left;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tile_base::engine::Cancel;
use tile_base::{Error, Result, SqlEngine};

/// Tables by the names that definitions use, and an engine that reads them.
pub trait Tables: Sync {
    /// Runs SQL over the tables, and takes tables of ours beside them, which are gone with it.
    fn engine(&self) -> &dyn SqlEngine;

    /// What stands for a table after `FROM`, in the engine's SQL.
    ///
    /// # Errors
    /// `NotFound` with the nearest names.
    fn relation(&self, table: &str) -> Result<String>;
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is done now: `left rows`, or the name of a GroupBy.
    pub what: String,
    /// Steps that are done, of all that are known.
    pub done: usize,
    pub all: usize,
}

/// One run.
pub struct Training<'a> {
    tables: &'a dyn Tables,
    /// Rows of one part that are held at once, in bytes as they are estimated.
    bytes_max: usize,
    cancel: &'a Cancel,
    progress: &'a (dyn Fn(&Progress) + Sync),
    /// Tables that were made.
    made: AtomicUsize,
}

/// Joins within joins.
const DEPTH_MAX: usize = 8;

/// What is kept of a part: a table with a row for each left row that was computed.
struct Computed {
    table: String,
    /// As the GroupBy names them.
    columns: Vec<String>,
    /// What stands before them in names.
    prefix: String,
    part: JoinPart,
}

impl<'a> Training<'a> {
    pub fn new(
        tables: &'a dyn Tables,
        bytes_max: usize,
        cancel: &'a Cancel,
        progress: &'a (dyn Fn(&Progress) + Sync),
    ) -> Self {
        Self { tables, bytes_max, cancel, progress, made: AtomicUsize::new(0) }
    }

    /// Computes a GroupBy for the rows of a table that has its keys and `ts`. Its columns are named as it names them.
    ///
    /// # Errors
    /// As [`Training::run`].
    pub fn run_group(&self, group_by: &Arc<GroupBy>, left: &str) -> Result<String> {
        let rows = Rows::Events { table: left.to_owned(), topic: None, is_cumulative: false };
        let part = JoinPart {
            group_by: group_by.clone(),
            key_mapping: Vec::new(),
            prefix: None,
            naming: Naming::default(),
        };
        let join = Join {
            meta: group_by.meta.clone(),
            left: Source { rows, query: Query::default() },
            parts: Vec::new(),
            external: Vec::new(),
            bootstrap: Vec::new(),
            labels: None,
            row_ids: Vec::new(),
            skew_keys: Vec::new(),
            derivations: Vec::new(),
        };
        self.join(&join, vec![(part, String::new(), None)], None, 0)
    }

    /// Computes a Join for the rows of its left side, or for those of a table that has its columns. What comes back is a query that gives
    /// the rows in the order of the left side.
    ///
    /// # Errors
    /// `Invalid` for columns that are missing or of types that do not fit, with where; `NotFound` for tables that are not there; what the
    /// engine says.
    pub fn run(&self, join: &Join, left: Option<&str>) -> Result<String> {
        self.join(join, parts(join), left, 0)
    }

    fn join(
        &self,
        join: &Join,
        parts: Vec<(JoinPart, String, Option<i64>)>,
        rows: Option<&str>,
        depth: usize,
    ) -> Result<String> {
        if depth > DEPTH_MAX {
            return Err(Error::invalid(format!("joins are sources of each other {DEPTH_MAX} times or more"))
                .at(join.meta.name.clone()));
        }
        let left = Left::make(self, join, rows, depth).map_err(|e| within(e, "left", &join.meta.name))?;
        let boots =
            bootstrap::read(self, join, &left).map_err(|e| within(e, "bootstrap", &join.meta.name))?;
        let mut computed = Vec::new();
        for (part, prefix, label_days) in parts {
            let name = part.group_by.meta.name.clone();
            let run = part::Part {
                training: self,
                join,
                left: &left,
                part: &part,
                prefix: &prefix,
                label_days,
                depth,
            };
            let (table, columns) = run.compute(&boots).map_err(|e| within(e, "GroupBy", &name))?;
            computed.push(Computed { table, columns, prefix, part });
        }
        assemble::query(self, join, &left, &computed, &boots)
    }

    /// The name of a table of ours that is not there yet.
    fn fresh(&self, what: &str) -> String {
        format!("_tile_{what}_{}", self.made.fetch_add(1, Ordering::Relaxed))
    }

    fn tell(&self, what: &str, done: usize, all: usize) -> Result<()> {
        (self.progress)(&Progress { what: what.to_owned(), done, all });
        self.cancel.check()
    }
}

/// All that a Join computes: what, under which prefix, and for labels how many days later.
pub(crate) fn parts(join: &Join) -> Vec<(JoinPart, String, Option<i64>)> {
    let mut parts: Vec<(JoinPart, String, Option<i64>)> =
        join.parts.iter().map(|part| (part.clone(), part.full_prefix(), None)).collect();
    for external in &join.external {
        if let Some(group_by) = &external.offline {
            let part = JoinPart {
                group_by: group_by.clone(),
                key_mapping: external.key_mapping.clone(),
                prefix: None,
                naming: Naming::default(),
            };
            parts.push((part, external.full_prefix(), None));
        }
    }
    if let Some(labels) = &join.labels {
        let days = labels.start_days.max(labels.end_days);
        let named = |part: &JoinPart| (part.clone(), format!("label_{}", part.full_prefix()), Some(days));
        parts.extend(labels.parts.iter().map(named));
    }
    parts
}

/// The name of a part's column in the whole.
fn full_name(prefix: &str, column: &str) -> String {
    if prefix.is_empty() { column.to_owned() } else { format!("{prefix}_{column}") }
}

/// Says in which definition an error is.
fn within(e: Error, what: &str, name: &str) -> Error {
    if e.at.is_some() { e } else { e.at(format!("{what} {name}")) }
}
