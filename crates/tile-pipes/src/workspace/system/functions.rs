//! `system.functions` and `system.formats`: what this server knows.

use super::{About, Cell, System};

pub const FUNCTIONS: About = About {
    name: "functions",
    columns: &[
        ("name", "String"),
        ("is_aggregate", "UInt8"),
        ("case_insensitive", "UInt8"),
        ("alias_to", "String"),
        ("origin", "String"),
        ("description", "String"),
    ],
    rows: functions,
};

pub const FORMATS: About = About {
    name: "formats",
    columns: &[("name", "String"), ("is_input", "UInt8"), ("is_output", "UInt8"), ("content_type", "String")],
    rows: formats,
};

fn function(name: &str, is_aggregate: bool, any_case: bool, alias_to: &str) -> Vec<Cell> {
    vec![
        Cell::text(name),
        Cell::flag(is_aggregate),
        Cell::flag(any_case),
        Cell::text(alias_to),
        Cell::text("System"),
        Cell::text(""),
    ]
}

fn functions(_system: &System<'_>) -> Vec<Vec<Cell>> {
    let mut out = Vec::new();
    for f in tile_clicksql::functions::all() {
        out.push(function(f.name, false, f.any_case, ""));
        out.extend(f.aliases.iter().map(|alias| function(alias, false, f.any_case, f.name)));
    }
    out.extend(tile_clicksql::aggregates::names().into_iter().map(|name| function(name, true, false, "")));
    out
}

fn formats(_system: &System<'_>) -> Vec<Vec<Cell>> {
    let mut out = Vec::new();
    for format in tile_clicksql::format::ALL {
        for name in std::iter::once(format.name()).chain(format.aliases().iter().copied()) {
            out.push(vec![
                Cell::text(name),
                Cell::flag(false),
                Cell::flag(true),
                Cell::text(format.content_type()),
            ]);
        }
    }
    out
}
