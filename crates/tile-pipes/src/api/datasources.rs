//! Data sources: what they are, and how much is in them.

use super::call::Call;
use super::show::{self, Counts, only};
use super::{App, json, shares, text};
use crate::workspace::resources::Source;
use crate::workspace::{Live, Workspace};
use serde_json::json;
use std::sync::Arc;
use tile_base::{Action, Error, Resource, ResourceKind, Result};
use tile_web::{Reply, Req, rt};

pub async fn read(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    match req.tail.0.as_slice() {
        [] => {
            let attrs = req.query.get("attrs").map(str::to_owned);
            rt::cpu(move || {
                let live = call.live.clone();
                let seen = live.resources.sources.values().filter(|s| may_see(&call, s));
                let mut all =
                    seen.map(|s| shown(&call.tenant.workspace, &live, s)).collect::<Result<Vec<_>>>()?;
                all.extend(shares::seen(&call)?);
                let all: Vec<_> = all.into_iter().map(|s| only(s, attrs.as_deref())).collect();
                Ok(json(&json!({"datasources": all})))
            })
            .await
        }
        [name] => {
            let (bare, is_file) = match name.strip_suffix(".datasource") {
                Some(bare) => (bare, true),
                None => (name.as_str(), false),
            };
            if bare.contains('.') {
                let bare = bare.to_owned();
                return rt::cpu(move || shares::one(&call, &bare, is_file)).await;
            }
            let (name, resource) = call.datasource(bare);
            let live = call.live.clone();
            // Who may append may see what to append.
            if let Err(e) = call.may(Action::Read, &resource) {
                call.may(Action::Append, &resource).map_err(|_| e)?;
            }
            if is_file {
                live.source(&name)?;
                let file = show::file(&live, &name, "datasource");
                let file = file.ok_or_else(|| Error::internal("a data source without a file"))?;
                return Ok(text(file.to_owned()));
            }
            rt::cpu(move || Ok(json(&shown(&call.tenant.workspace, &live, live.source(&name)?)?))).await
        }
        [_, what, _] if what == "scheduling" => super::imports::state(app, req).await,
        _ => Err(Error::not_found("Not Found")),
    }
}

fn may_see(call: &Call, source: &Source) -> bool {
    let resource = Resource::named(ResourceKind::DataSource, &source.file.name).with_id(&source.home.id);
    call.may(Action::Read, &resource).is_ok() || call.may(Action::Append, &resource).is_ok()
}

/// What a data source holds.
///
/// # Errors
/// Those of the engine.
pub fn counts(workspace: &Workspace, source: &Source) -> Result<Counts> {
    let rows = workspace.size_of(&source.home.rows, &[])?.rows;
    Ok(Counts {
        rows,
        bytes: rows * 8 * source.columns.len() as u64,
        quarantined: workspace.size_of(&source.home.quarantine, &[])?.rows,
    })
}

/// A data source as the API shows it.
///
/// # Errors
/// Those of the engine.
pub fn shown(workspace: &Workspace, live: &Live, source: &Source) -> Result<serde_json::Value> {
    let counts = counts(workspace, source)?;
    let name = &source.file.name;
    let used_by: Vec<(String, String)> = live
        .resources
        .pipes
        .values()
        .filter(|p| p.nodes.iter().any(|n| n.dependencies().contains(name)))
        .map(|p| (p.id.clone(), p.file.name.clone()))
        .collect();
    Ok(show::source(source, counts, &used_by))
}
