//! `explain=true`: what the engine would do, in place of the result. For who administers the workspace: it shows the SQL of pipes.

use super::json;
use crate::workspace::Workspace;
use crate::workspace::query::{self, Prepared};
use serde_json::json;
use tile_base::{Cancel, Result};
use tile_web::Reply;

/// Whether a request wants it.
pub fn is_asked(params: &[(String, String)]) -> bool {
    params.iter().any(|(name, value)| name == "explain" && matches!(value.as_str(), "true" | "1"))
}

/// The query as the engine gets it, and its plan.
pub fn explained(
    workspace: &Workspace,
    prepared: &Prepared,
    cancel: &Cancel,
    bytes_max: usize,
) -> Result<Reply> {
    let sql = &prepared.translated.sql;
    let plan = query::plan(workspace, sql, cancel, bytes_max)?.concat();
    Ok(json(&json!({"debug_query": sql, "query_explain": plan})))
}
