//! `system.columns`: those of data sources and of the tables of `system`. What a pipe gives depends on its parameters, and
//! `DESCRIBE TABLE` tells it.

use super::{ALL, About, Cell, DATABASE, System};
use crate::datafile::Key;

pub const COLUMNS: About = About {
    name: "columns",
    columns: &[
        ("database", "String"),
        ("table", "String"),
        ("name", "String"),
        ("type", "String"),
        ("position", "UInt64"),
        ("default_kind", "String"),
        ("default_expression", "String"),
        ("comment", "String"),
        ("is_in_partition_key", "UInt8"),
        ("is_in_sorting_key", "UInt8"),
        ("is_in_primary_key", "UInt8"),
        ("is_in_sampling_key", "UInt8"),
        ("compression_codec", "String"),
        ("column", "String"),
    ],
    rows,
};

/// Whether an expression has this name in it.
fn names(expression: &str, name: &str) -> bool {
    expression.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

fn rows(system: &System<'_>) -> Vec<Vec<Cell>> {
    let mut out = Vec::new();
    for source in system.sources() {
        let engine = &source.file.engine;
        let primary = engine.primary_key.as_ref().or(engine.sorting_key.as_ref());
        for (at, ((name, ty), column)) in source.table.columns.iter().zip(&source.file.columns).enumerate() {
            let within = |key: Option<&Key>| Cell::flag(key.is_some_and(|key| names(&key.text, name)));
            let default = column.default.clone().unwrap_or_default();
            let kind = if default.is_empty() { "" } else { "DEFAULT" };
            out.push(vec![
                Cell::text(&system.session.database),
                Cell::text(&source.file.name),
                Cell::text(name),
                Cell::text(ty.to_string()),
                Cell::Number(at as u64 + 1),
                Cell::text(kind),
                Cell::text(default),
                Cell::text(""),
                within(engine.partition_key.as_ref()),
                within(engine.sorting_key.as_ref()),
                within(primary),
                Cell::flag(engine.sampling_key.as_deref().is_some_and(|key| names(key, name))),
                Cell::text(column.codec.as_ref().map(|c| format!("CODEC{c}")).unwrap_or_default()),
                Cell::text(name),
            ]);
        }
    }
    for about in ALL {
        for (at, (name, ty)) in about.columns.iter().enumerate() {
            let mut row = vec![
                Cell::text(DATABASE),
                Cell::text(about.name),
                Cell::text(*name),
                Cell::text(*ty),
                Cell::Number(at as u64 + 1),
            ];
            row.extend((0..3).map(|_| Cell::text("")));
            row.extend((0..4).map(|_| Cell::flag(false)));
            row.extend([Cell::text(""), Cell::text(*name)]);
            out.push(row);
        }
    }
    out
}
