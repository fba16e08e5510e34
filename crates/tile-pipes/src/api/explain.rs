//! `explain=true`: what the engine would do, in place of the result. For who administers the workspace: it shows the SQL of pipes.

use super::json;
use crate::workspace::Workspace;
use crate::workspace::query::Prepared;
use arrow_array::cast::AsArray;
use serde_json::json;
use tile_base::engine::collect;
use tile_base::{Cancel, Error, Result};
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
    let batches = collect(workspace.engine().as_ref(), &format!("EXPLAIN {sql}"), cancel, bytes_max)?;
    let mut plan = String::new();
    for batch in &batches {
        let texts = batch.columns().last().and_then(|c| c.as_string_opt::<i32>());
        let texts = texts.ok_or_else(|| Error::internal("a plan that is no text"))?;
        plan.extend(texts.iter().flatten());
    }
    Ok(json(&json!({"debug_query": sql, "query_explain": plan})))
}
