//! What the resolver knows of tables.

use crate::types::Type;

/// A table that a query may name.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// As ClickHouse's users write it.
    pub name: String,
    /// The quoted, perhaps qualified name in the engine.
    pub engine_name: String,
    pub columns: Vec<(String, Type)>,
    pub engine: Engine,
    /// Columns or expressions of the sorting key, as written.
    pub sorting_key: Vec<String>,
}

/// How rows of one sorting key are merged when they are read with FINAL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// Rows are kept as they are.
    #[default]
    Plain,
    Replacing {
        version: Option<String>,
        is_deleted: Option<String>,
    },
    /// The columns to sum; empty means all numbers outside of the key.
    Summing(Vec<String>),
    Aggregating,
    Collapsing {
        sign: String,
    },
    VersionedCollapsing {
        sign: String,
        version: String,
    },
}

/// The tables that a query may see.
pub trait Schema {
    fn table(&self, path: &[&str]) -> Option<&Table>;
    /// For messages about unknown ones.
    fn names(&self) -> Vec<String>;
}

impl Schema for Vec<Table> {
    fn table(&self, path: &[&str]) -> Option<&Table> {
        let name = path.last()?;
        self.iter().find(|t| t.name == *name)
    }
    fn names(&self) -> Vec<String> {
        self.iter().map(|t| t.name.clone()).collect()
    }
}
