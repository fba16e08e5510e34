//! What the server tells of itself and of who asks.

use super::{Args, Function, entry};
use crate::error::Result;
use crate::resolve::Session;
use crate::typed::{Constant, Typed};
use crate::types::Type;

/// ClickHouse's version whose ways these are.
pub const VERSION: &str = "26.9.2.1";

pub const ALL: &[Function] = &[
    entry("version", (0, 0), |_| Ok(constant(VERSION))).any_case(),
    entry("currentDatabase", (0, 0), |a| told(a, |s| &s.database)).alias(&["DATABASE", "SCHEMA"]).any_case(),
    entry("currentUser", (0, 0), |a| told(a, |s| &s.user)).alias(&["user", "initialUser"]).any_case(),
    entry("queryID", (0, 0), |a| told(a, |s| &s.query_id))
        .alias(&["query_id", "initialQueryID", "initial_query_id"])
        .any_case(),
    entry("hostName", (0, 0), |a| told(a, |s| &s.server_name))
        .alias(&["hostname", "FQDN", "fullHostName", "displayName"])
        .any_case(),
    entry("serverUUID", (0, 0), |a| {
        let id = duckdb_text(&a.scope.ctx.session().server_id);
        Ok(Typed::new(format!("CAST({id} AS UUID)"), Type::Uuid))
    }),
    entry("timezone", (0, 0), |_| Ok(constant("UTC"))).alias(&[
        "timeZone",
        "serverTimezone",
        "serverTimeZone",
    ]),
];

fn told(a: &Args<'_, '_, '_>, what: fn(&Session) -> &String) -> Result<Typed> {
    Ok(constant(what(a.scope.ctx.session())))
}

fn constant(text: &str) -> Typed {
    Typed::new(duckdb_text(text), Type::String).with_constant(Constant::Text(text.to_owned()))
}

fn duckdb_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''").replace('\0', ""))
}
