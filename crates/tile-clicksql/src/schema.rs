//! What the resolver knows of tables.

use crate::ast::{Query, Statement};
use crate::error::{Code, Result, SqlError};
use crate::typed::Constant;
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

impl Table {
    /// The column that the engine names and the table lacks.
    pub fn missing_column(&self) -> Option<&str> {
        let named: Vec<&String> = match &self.engine {
            Engine::Replacing { version, is_deleted } => version.iter().chain(is_deleted).collect(),
            Engine::Collapsing { sign } => vec![sign],
            Engine::VersionedCollapsing { sign, version } => vec![sign, version],
            Engine::Summing(columns) => columns.iter().collect(),
            Engine::Plain | Engine::Aggregating => vec![],
        };
        named.into_iter().map(String::as_str).find(|name| self.type_of(name).is_none())
    }

    /// What users stumble over later: each as a sentence.
    pub fn lints(&self) -> Vec<String> {
        let mut out = Vec::new();
        for key in &self.sorting_key {
            if self.type_of(key).is_some_and(Type::is_nullable) {
                out.push(format!(
                    "the sorting key `{key}` of `{}` is Nullable: rows with NULL come last, and FINAL takes them for equal",
                    self.name
                ));
            }
        }
        if self.engine != Engine::Plain && self.sorting_key.is_empty() {
            out.push(format!("`{}` has no sorting key: FINAL makes one row of all its rows", self.name));
        }
        if self.engine == Engine::Aggregating && !self.columns.iter().any(|(_, ty)| ty.is_aggregated()) {
            out.push(format!(
                "`{}` aggregates, but none of its columns is a state: FINAL keeps the first row of a key",
                self.name
            ));
        }
        out
    }

    fn type_of(&self, name: &str) -> Option<&Type> {
        self.columns.iter().find(|(column, _)| column == name).map(|(_, ty)| ty)
    }
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
///
/// `inside` is the named query (see [`Schema::view`]) whose text has the name, as it was given: names can mean something else in each.
/// `None` is the text that is translated.
pub trait Schema {
    fn table(&self, path: &[&str], inside: Option<&Query>) -> Option<&Table>;
    /// A query that a name stands for, before any table of that name. Nothing of the query that names it is visible inside.
    fn view(&self, _path: &[&str], _inside: Option<&Query>) -> Option<&Query> {
        None
    }
    /// The engine's SQL for the rows of a table that was found, of which only some are wanted: `pinned` gives the values that a column has
    /// in these. Other rows may be among them.
    fn narrowed(&self, _path: &[&str], _pinned: &dyn Fn(&str) -> Option<Vec<Constant>>) -> Option<String> {
        None
    }
    /// The query that answers a statement which is no query.
    ///
    /// # Errors
    /// `Unsupported` for one that is not served.
    fn statement(&self, _statement: &Statement) -> Result<&Query> {
        Err(SqlError::new(Code::Unsupported, "only queries are served here"))
    }
    /// The table that a table function gives which is not the language's own, with texts and names.
    fn function(&self, _name: &str, _args: &[&str], _inside: Option<&Query>) -> Option<&Table> {
        None
    }
    /// For messages about unknown ones.
    fn names(&self) -> Vec<String>;
}

impl Schema for Vec<Table> {
    fn table(&self, path: &[&str], _inside: Option<&Query>) -> Option<&Table> {
        let name = path.last()?;
        self.iter().find(|t| t.name == *name)
    }
    fn names(&self) -> Vec<String> {
        self.iter().map(|t| t.name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_looked_through() {
        let mut table = Table {
            name: "t".into(),
            engine_name: "t".into(),
            columns: vec![("k".into(), Type::UInt(8).nullable()), ("v".into(), Type::UInt(8))],
            engine: Engine::Replacing { version: Some("at".into()), is_deleted: None },
            sorting_key: vec!["k".into()],
        };
        assert_eq!(table.missing_column(), Some("at"));
        assert!(table.lints()[0].contains("Nullable"));
        table.engine = Engine::Aggregating;
        table.sorting_key.clear();
        assert_eq!(table.missing_column(), None);
        let lints = table.lints();
        assert!(lints[0].contains("no sorting key") && lints[1].contains("state"), "{lints:?}");
        table.engine = Engine::Plain;
        assert!(table.lints().is_empty());
    }
}
