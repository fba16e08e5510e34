//! `system.settings`: those that hold, and those that are taken and change no answer. Clients send only settings that are here.

use super::{About, Cell, System};

pub const SETTINGS: About = About {
    name: "settings",
    columns: &[
        ("name", "String"),
        ("value", "String"),
        ("changed", "UInt8"),
        ("description", "String"),
        ("min", "Nullable(String)"),
        ("max", "Nullable(String)"),
        ("readonly", "UInt8"),
        ("type", "String"),
        ("default", "String"),
        ("alias_for", "String"),
        ("is_obsolete", "UInt8"),
        ("tier", "String"),
    ],
    rows,
};

/// Settings of the HTTP interface: name, default, type.
const OF_HTTP: &[(&str, &str, &str)] = &[
    ("cancel_http_readonly_queries_on_client_close", "1", "Bool"),
    ("enable_http_compression", "0", "Bool"),
    ("http_write_exception_in_output_format", "0", "Bool"),
    ("readonly", "1", "UInt64"),
];

fn rows(_system: &System<'_>) -> Vec<Vec<Cell>> {
    let formats = tile_clicksql::format::settings();
    let mut all: Vec<(&str, &str, &str, u64)> =
        formats.iter().map(|s| (s.name, s.default, s.kind, 0)).collect();
    all.extend(
        OF_HTTP.iter().map(|(name, default, kind)| (*name, *default, *kind, u64::from(*name == "readonly"))),
    );
    let known = |name: &str| tile_clicksql::format::is_setting(name);
    let harmless = tile_clicksql::HARMLESS_SETTINGS.iter().filter(|name| !known(name));
    all.extend(harmless.map(|name| (*name, "0", "String", 0)));
    all.sort_unstable();
    all.into_iter()
        .map(|(name, default, kind, readonly)| {
            vec![
                Cell::text(name),
                Cell::text(default),
                Cell::flag(false),
                Cell::text(""),
                Cell::Null,
                Cell::Null,
                Cell::Number(readonly),
                Cell::text(kind),
                Cell::text(default),
                Cell::text(""),
                Cell::flag(false),
                Cell::text("Production"),
            ]
        })
        .collect()
}
