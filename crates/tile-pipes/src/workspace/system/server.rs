//! `system.build_options` and `system.processes`: the server, and the query that asks.

use super::{About, Cell, System};

pub const BUILD_OPTIONS: About = About {
    name: "build_options",
    columns: &[("name", "String"), ("value", "String")],
    rows: |_| {
        let version = tile_clicksql::functions::VERSION;
        let all = [
            ("VERSION_FULL", format!("ClickHouse {version}")),
            ("VERSION_DESCRIBE", format!("v{version}")),
            ("SYSTEM", "Tile".to_owned()),
        ];
        all.into_iter().map(|(name, value)| vec![Cell::text(name), Cell::text(value)]).collect()
    },
};

/// A caller sees no other's queries.
pub const PROCESSES: About = About {
    name: "processes",
    columns: &[
        ("is_initial_query", "UInt8"),
        ("user", "String"),
        ("query_id", "String"),
        ("initial_user", "String"),
        ("initial_query_id", "String"),
        ("current_database", "String"),
    ],
    rows,
};

fn rows(system: &System<'_>) -> Vec<Vec<Cell>> {
    let session = system.session;
    let (user, id) = (Cell::text(&session.user), Cell::text(&session.query_id));
    let (first_user, first_id) = (Cell::text(&session.user), Cell::text(&session.query_id));
    vec![vec![Cell::flag(true), user, id, first_user, first_id, Cell::text(&session.database)]]
}
