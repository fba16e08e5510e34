//! `system.databases`: the workspace, and `system`.

use super::{About, Cell, DATABASE, System};

pub const DATABASES: About = About {
    name: "databases",
    columns: &[
        ("name", "String"),
        ("engine", "String"),
        ("engine_full", "String"),
        ("comment", "String"),
        ("database", "String"),
    ],
    rows,
};

fn rows(system: &System<'_>) -> Vec<Vec<Cell>> {
    let all = [(system.session.database.as_str(), "Atomic"), (DATABASE, "Atomic")];
    let row = |(name, engine): &(&str, &str)| {
        vec![Cell::text(*name), Cell::text(*engine), Cell::text(*engine), Cell::text(""), Cell::text(*name)]
    };
    all.iter().map(row).collect()
}
