//! The tables of the database `system` that tell of a workspace, as far as clients ask for them. Each shows only what the caller
//! may see.
//!
//! A table is a list of columns and a function that gives its rows; they become a query of constants. To add one: its file here,
//! and its line in [`ALL`].

mod columns;
mod databases;
mod functions;
mod server;
mod settings;
mod tables;

pub use tables::creation;

use super::resources::Resources;
use super::scope::Sight;
use std::cell::OnceCell;
use tile_clicksql::Session;
use tile_clicksql::schema::{Engine, Table};
use tile_clicksql::types::Type;
use tile_clicksql::{engine_name, engine_type};

/// A table of the database `system`.
pub struct About {
    pub name: &'static str,
    /// Names, and types as ClickHouse writes them.
    pub columns: &'static [(&'static str, &'static str)],
    pub rows: fn(&System<'_>) -> Vec<Vec<Cell>>,
}

/// A value of a row.
pub enum Cell {
    Text(String),
    Number(u64),
    Texts(Vec<String>),
    Null,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub const fn flag(is: bool) -> Self {
        Self::Number(is as u64)
    }

    fn sql(&self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::Number(number) => number.to_string(),
            Self::Texts(list) => {
                let list: Vec<String> = list.iter().map(|t| quoted(t)).collect();
                format!("[{}]", list.join(", "))
            }
            Self::Null => "NULL".to_owned(),
        }
    }
}

/// A text in the engine's SQL.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''").replace('\0', ""))
}

/// All of them, by name.
pub const ALL: &[About] = &[
    server::BUILD_OPTIONS,
    columns::COLUMNS,
    databases::DATABASES,
    functions::FORMATS,
    functions::FUNCTIONS,
    server::PROCESSES,
    settings::SETTINGS,
    tables::TABLES,
];

/// The name of the database.
pub const DATABASE: &str = "system";

/// What the tables tell of, and to whom.
pub struct System<'a> {
    pub resources: &'a Resources,
    pub sight: &'a dyn Sight,
    pub session: &'a Session,
    made: Vec<OnceCell<Option<Table>>>,
}

impl<'a> System<'a> {
    pub fn new(resources: &'a Resources, sight: &'a dyn Sight, session: &'a Session) -> Self {
        Self { resources, sight, session, made: ALL.iter().map(|_| OnceCell::new()).collect() }
    }

    /// A table by its name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        let at = ALL.iter().position(|about| about.name == name)?;
        self.made.get(at)?.get_or_init(|| self.make(ALL.get(at)?)).as_ref()
    }

    /// The data sources that the caller may read.
    pub fn sources(&self) -> impl Iterator<Item = &'a super::resources::Source> {
        let sight = self.sight;
        self.resources.sources.iter().filter(move |(name, _)| sight.source(name).is_some()).map(|(_, s)| s)
    }

    /// The pipes that the caller may read.
    pub fn pipes(&self) -> impl Iterator<Item = &'a super::resources::Pipe> {
        let sight = self.sight;
        self.resources.pipes.iter().filter(move |(name, _)| sight.pipe(name)).map(|(_, p)| p)
    }

    fn make(&self, about: &About) -> Option<Table> {
        let columns =
            about.columns.iter().map(|(name, ty)| Some(((*name).to_owned(), Type::parse(ty).ok()?)));
        let columns: Vec<(String, Type)> = columns.collect::<Option<_>>()?;
        let mut items = Vec::new();
        for (at, (name, ty)) in columns.iter().enumerate() {
            items.push(format!("CAST(c{at} AS {}) AS {}", engine_type(ty).ok()?, engine_name(name)));
        }
        let mut rows: Vec<String> = (about.rows)(self)
            .iter()
            .map(|row| format!("({})", row.iter().map(Cell::sql).collect::<Vec<_>>().join(", ")))
            .collect();
        // A list of rows has one at least.
        let condition = if rows.is_empty() { " WHERE false" } else { "" };
        if rows.is_empty() {
            rows.push(format!("({})", vec!["NULL"; columns.len()].join(", ")));
        }
        let names: Vec<String> = (0..columns.len()).map(|at| format!("c{at}")).collect();
        let from = format!(
            "(SELECT {} FROM (VALUES {}) AS v_({}){condition})",
            items.join(", "),
            rows.join(", "),
            names.join(", ")
        );
        Some(Table {
            name: format!("{DATABASE}.{}", about.name),
            engine_name: from,
            columns,
            engine: Engine::Plain,
            sorting_key: vec![],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::scope::All;

    #[test]
    fn tables_are_sorted_and_their_rows_fit() {
        assert!(ALL.is_sorted_by(|a, b| a.name < b.name));
        let (resources, session) = (Resources::default(), Session::default());
        let system = System::new(&resources, &All, &session);
        for about in ALL {
            assert!(system.table(about.name).is_some(), "{}", about.name);
            for row in (about.rows)(&system) {
                assert_eq!(row.len(), about.columns.len(), "{}", about.name);
            }
        }
        assert!(system.table("nothing").is_none());
    }
}
