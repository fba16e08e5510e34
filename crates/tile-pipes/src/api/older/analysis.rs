//! What a node would be as a materialized view: the data source that its rows need.

use super::super::App;
use super::super::call::Call;
use super::super::json;
use super::bodies::{Members, given};
use super::{datasource, datasource_text, pipe_text};
use crate::datafile::{Datasource, Materialized, Node, NodeKind, Pipe};
use crate::workspace::Live;
use serde_json::json;
use std::sync::Arc;
use tile_base::{Action, Result};
use tile_clicksql::types::Type;
use tile_web::{Reply, Req, rt};

/// A data source for the rows of a node: its columns, and the engine that was asked for. States need one that merges them, by the
/// columns that are none.
///
/// # Errors
/// What is wrong with the pipe, and with the engine.
pub fn target(
    call: &Call,
    live: &Live,
    pipe: &Pipe,
    node: &Node,
    name: &str,
    members: &Members,
) -> Result<Datasource> {
    let mut plain = pipe.clone();
    for node in &mut plain.nodes {
        node.kind = NodeKind::Standard;
    }
    let mut files = live.document.files.clone();
    files.insert(super::path_of(live, &pipe.name, "pipe"), pipe_text(&plain)?);
    let columns = call.tenant.workspace.columns_of(live, &files, &pipe.name, &node.name)?;
    let schema: Vec<String> = columns.iter().map(|(name, ty)| format!("`{name}` {ty}")).collect();
    let mut members = members.clone();
    if given(&members, "engine").is_none() {
        let is_state =
            |ty: &Type| matches!(ty, Type::AggregateFunction(_) | Type::SimpleAggregateFunction { .. });
        let keys = columns.iter().filter(|(_, ty)| !is_state(ty) && !ty.is_nullable());
        let keys: Vec<String> = keys.map(|(name, _)| crate::workspace::resources::backticked(name)).collect();
        if columns.iter().any(|(_, ty)| is_state(ty)) && !keys.is_empty() {
            members.push(("engine".into(), "AggregatingMergeTree".into()));
            members.push(("engine_sorting_key".into(), keys.join(", ")));
        }
    }
    let members: Members = members.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    datasource::described(name, &schema.join(",\n"), None, &members, None)
}

/// `GET /v0/pipes/<pipe>/nodes/<node>/analysis`: the files of the view, without making it.
pub async fn read(_app: Arc<App>, call: Call, req: Req, pipe: &str, node: &str) -> Result<Reply> {
    let (pipe, resource) = call.pipe(pipe);
    call.may(Action::Read, &resource)?;
    call.may(Action::Alter, &resource)?;
    let node = node.to_owned();
    let members: Members = req.query.0.clone();
    rt::cpu(move || {
        let live = call.tenant.workspace.live();
        let this = live.pipe(&pipe)?;
        let at = super::nodes::find(this, &node)?;
        let mut file = this.file.clone();
        let name = given(&members, "datasource").map_or_else(|| format!("{pipe}_mv"), str::to_owned);
        let Some(node) = file.nodes.get(at).cloned() else { return Err(super::nodes::missing(&node)) };
        let source = match live.source(&name) {
            Ok(source) => source.file.clone(),
            Err(_) => target(&call, &live, &file, &node, &name, &members)?,
        };
        for (i, node) in file.nodes.iter_mut().enumerate() {
            node.kind = NodeKind::Standard;
            if i == at {
                let view = Materialized { datasource: name.clone(), is_altered: false, engine: None };
                node.kind = NodeKind::Materialized(view);
            }
        }
        Ok(json(&json!({
            "analysis": {
                "pipe": {"name": pipe, "datafile": pipe_text(&file)?},
                "datasource": {
                    "name": name,
                    "schema": crate::datafile::schema_sql(&source.columns),
                    "datafile": datasource_text(&source)?,
                },
            },
            "warnings": [],
        })))
    })
    .await
}
