//! `system.tables`: data sources are tables, pipes are views.

use super::{ALL, About, Cell, DATABASE, System};
use crate::datafile::NodeKind;
use crate::workspace::resources::{Pipe, Source, backticked};

pub const TABLES: About = About {
    name: "tables",
    columns: &[
        ("database", "String"),
        ("name", "String"),
        ("uuid", "UUID"),
        ("engine", "String"),
        ("is_temporary", "UInt8"),
        ("create_table_query", "String"),
        ("engine_full", "String"),
        ("as_select", "String"),
        ("partition_key", "String"),
        ("sorting_key", "String"),
        ("primary_key", "String"),
        ("sampling_key", "String"),
        ("storage_policy", "String"),
        ("dependencies_database", "Array(String)"),
        ("dependencies_table", "Array(String)"),
        ("total_rows", "Nullable(UInt64)"),
        ("total_bytes", "Nullable(UInt64)"),
        ("comment", "String"),
        ("has_own_data", "UInt8"),
        ("table", "String"),
    ],
    rows,
};

/// What a row says of a table.
#[derive(Default)]
struct Shown<'a> {
    database: &'a str,
    name: &'a str,
    engine: &'a str,
    creation: String,
    engine_full: String,
    keys: [String; 4],
    comment: &'a str,
    has_own_data: bool,
}

const NO_UUID: &str = "00000000-0000-0000-0000-000000000000";

impl Shown<'_> {
    fn row(self) -> Vec<Cell> {
        let mut out = vec![
            Cell::text(self.database),
            Cell::text(self.name),
            Cell::text(NO_UUID),
            Cell::text(self.engine),
            Cell::flag(false),
            Cell::Text(self.creation),
            Cell::Text(self.engine_full),
            Cell::text(""),
        ];
        out.extend(self.keys.map(Cell::Text));
        out.extend([
            Cell::text(""),
            Cell::Texts(vec![]),
            Cell::Texts(vec![]),
            Cell::Null,
            Cell::Null,
            Cell::text(self.comment),
            Cell::flag(self.has_own_data),
            Cell::text(self.name),
        ]);
        out
    }
}

fn rows(system: &System<'_>) -> Vec<Vec<Cell>> {
    let database = system.session.database.as_str();
    let mut out: Vec<Vec<Cell>> = system.sources().map(|s| source(database, s).row()).collect();
    out.extend(system.pipes().map(|p| pipe(database, p).row()));
    out.extend(ALL.iter().map(|about| {
        let engine = "System";
        Shown { database: DATABASE, name: about.name, engine, ..Shown::default() }.row()
    }));
    out
}

fn source<'a>(database: &'a str, source: &'a Source) -> Shown<'a> {
    let file = &source.file;
    let text = |key: &Option<crate::datafile::Key>| key.as_ref().map(|k| k.text.clone()).unwrap_or_default();
    let sorting = text(&file.engine.sorting_key);
    let primary = file.engine.primary_key.as_ref().map_or_else(|| sorting.clone(), |k| k.text.clone());
    let sampling = file.engine.sampling_key.clone().unwrap_or_default();
    Shown {
        database,
        name: &file.name,
        engine: file.engine.kind.name(),
        creation: creation(database, source),
        engine_full: file.engine.full(),
        keys: [text(&file.engine.partition_key), sorting, primary, sampling],
        comment: file.description.as_deref().unwrap_or_default(),
        has_own_data: true,
    }
}

fn pipe<'a>(database: &'a str, pipe: &'a Pipe) -> Shown<'a> {
    let kind = pipe.published().and_then(|at| pipe.file.nodes.get(at)).map(|n| &n.kind);
    let engine = if matches!(kind, Some(NodeKind::Materialized(_))) { "MaterializedView" } else { "View" };
    let comment = pipe.file.description.as_deref().unwrap_or_default();
    Shown { database, name: &pipe.file.name, engine, comment, ..Shown::default() }
}

/// The statement that would make a table like a data source.
pub fn creation(database: &str, source: &Source) -> String {
    let columns: Vec<String> = source
        .table
        .columns
        .iter()
        .zip(&source.file.columns)
        .map(|((name, ty), column)| {
            let mut out = format!("    {} {ty}", backticked(name));
            if let Some(default) = &column.default {
                out.push_str(&format!(" DEFAULT {default}"));
            }
            if let Some(codec) = &column.codec {
                out.push_str(&format!(" CODEC{codec}"));
            }
            out
        })
        .collect();
    let name = format!("{}.{}", backticked(database), backticked(&source.file.name));
    let mut out = format!("CREATE TABLE {name}\n(\n{}\n)\n", columns.join(",\n"));
    out.push_str(&format!("ENGINE = {}", source.file.engine.full()));
    if let Some(comment) = &source.file.description {
        out.push_str(&format!("\nCOMMENT {}", tile_clicksql::types::quoted(comment)));
    }
    out
}
