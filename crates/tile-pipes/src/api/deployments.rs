//! Builds and deployments: a project's files become the workspace.

use super::call::Call;
use super::show::time;
use super::{App, json};
use crate::datafile::{Fault, Warning};
use crate::hub::{Hub, Tenant};
use crate::tokens;
use crate::workspace::compile::Files;
use crate::workspace::plan::Plan;
use crate::workspace::{Outcome, Ways};
use bytes::Bytes;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use tile_base::{Action, Error, Kind, Resource, ResourceKind, Result};
use tile_web::{Reply, Req, rt};

/// Files of a project.
const FILES_MAX: usize = 10_000;

pub async fn build(app: Arc<App>, req: Req) -> Result<Reply> {
    let Made { outcome, .. } = made(&app, req, true).await?;
    let is_good = outcome.faults.is_empty();
    let mut build = changes(&outcome.plan);
    extend(
        &mut build,
        json!({
            "id": outcome.id.clone().unwrap_or_else(|| "0".into()),
            "feedback": feedback(&outcome.warnings), "datasources": [], "data_linkers": [],
        }),
    );
    let mut body = json!({"result": if is_good { "success" } else { "failed" }, "build": build});
    if !is_good {
        let errors = errors(&outcome.faults);
        extend(&mut body, json!({"errors": errors, "error": "There were errors in the build"}));
    }
    Ok(json(&body))
}

pub async fn deploy(app: Arc<App>, req: Req) -> Result<Reply> {
    let Made { outcome, id, is_live, tokens } = made(&app, req, false).await?;
    let is_good = outcome.faults.is_empty();
    let result = match (is_good, outcome.plan.is_empty()) {
        (false, _) => "failed",
        (true, true) => "no_changes",
        (true, false) => "success",
    };
    let status = if is_good { "data_ready" } else { "failed" };
    let mut deployment = shown(&id, status, is_live, app.hub.now_us());
    extend(&mut deployment, about(&outcome.plan));
    extend(
        &mut deployment,
        json!({
            "errors": errors(&outcome.faults), "feedback": feedback(&outcome.warnings), "token_changes": tokens,
        }),
    );
    Ok(json(&json!({"result": result, "deployment": deployment, "errors": errors(&outcome.faults)})))
}

/// What a deployment changes, all but the tokens.
fn about(plan: &Plan) -> Value {
    let mut out = changes(plan);
    extend(
        &mut out,
        json!({
            // Connections have no other identity than their names.
            "new_data_connector_ids": plan.new_connections, "disconnected_data_source_names": [],
            "data_movements": movements(plan),
        }),
    );
    out
}

/// Where rows come from that a deployment copies.
fn movements(plan: &Plan) -> Value {
    let shown = plan.fills.iter().map(|fill| {
        let kind =
            if fill.view.is_some() { "backfill_with_mv_queries" } else { "backfill_with_forward_query" };
        json!({"datasource_name": fill.source, "kind": kind, "source_mv_name": fill.view})
    });
    shown.collect()
}

/// What came of files.
struct Made {
    outcome: Outcome,
    /// The number of what was made, or of what is live.
    id: String,
    is_live: bool,
    /// What becomes of tokens, when it is live.
    tokens: Value,
}

/// Reads the files and makes them live, unless they are only to be looked at, or are to wait until they are promoted.
async fn made(app: &App, mut req: Req, is_build: bool) -> Result<Made> {
    let call = Call::of_workspace(app, &req)?;
    call.may(Action::Deploy, &Resource::all(ResourceKind::Workspace))?;
    let is_check = req.query.flag("check", false)?;
    let waits = !is_build && !is_check && !req.query.flag("auto_promote", false)?;
    // A build is for trying things out: what is not among the files goes.
    let may_destroy = is_build || req.query.flag("allow_destructive_operations", false)?;
    let files = files(app, &mut req).await?;
    let (tenant, hub) = (call.tenant.clone(), app.hub.clone());
    let ways = Ways { is_check, may_destroy, waits, is_build, is_unfilled: false };
    rt::cpu(move || deployed(&hub, &tenant, files, ways)).await
}

/// Makes files the workspace. What tokens they name is looked at first: a deployment whose tokens cannot be is none.
fn deployed(hub: &Hub, tenant: &Tenant, files: Files, ways: Ways) -> Result<Made> {
    let before = tenant.workspace.live().document.id.clone();
    let checked = tenant.workspace.deploy(files.clone(), Ways { is_check: true, ..ways })?;
    let changes = tokens::changes(hub, tenant, &checked.plan.tokens)?;
    let tokens = changes.iter().map(tile_auth::TokenChange::to_json).collect();
    let is_all = ways.is_check || !checked.faults.is_empty();
    let outcome = if is_all { checked } else { tenant.workspace.deploy(files, ways)? };
    let is_live = outcome.id.is_some() && !ways.waits;
    super::watch::deployed(tenant, &outcome);
    if outcome.faults.is_empty() && !ways.is_check && !ways.waits {
        tokens::sync(hub, tenant)?;
    }
    let id = outcome.id.clone().unwrap_or(before);
    Ok(Made { outcome, id, is_live, tokens })
}

fn extend(into: &mut Value, more: Value) {
    if let (Some(into), Value::Object(more)) = (into.as_object_mut(), more) {
        into.extend(more);
    }
}

/// The parts of the form that are files of the project.
async fn files(app: &App, req: &mut Req) -> Result<Files> {
    let broken = |e: multer::Error| Error::invalid(format!("the form cannot be read: {e}"));
    let boundary = multer::parse_boundary(req.header("content-type")).map_err(broken)?;
    let body = req.read_body(app.limits.project_bytes_max).await?;
    let stream = futures_util::stream::once(async move { Ok::<Bytes, Infallible>(body) });
    let mut form = multer::Multipart::new(stream, boundary);
    let mut out = Files::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() != Some("data_project://") {
            continue;
        }
        let Some(path) = field.file_name().map(str::to_owned) else { continue };
        let text = field.bytes().await.map_err(broken)?;
        let text = String::from_utf8(text.to_vec())
            .map_err(|_| Error::invalid("the file is not UTF-8").at(path.clone()))?;
        out.insert(path, text);
        if out.len() > FILES_MAX {
            return Err(Error::invalid(format!("a project has at most {FILES_MAX} files")));
        }
    }
    Ok(out)
}

fn changes(plan: &Plan) -> Value {
    json!({
        "new_datasource_names": plan.new_sources,
        "changed_datasource_names": plan.changed_sources,
        "deleted_datasource_names": plan.deleted_sources,
        "new_pipe_names": plan.new_pipes,
        "changed_pipe_names": plan.changed_pipes,
        "deleted_pipe_names": plan.deleted_pipes,
        "new_data_connector_names": plan.new_connections,
        "changed_data_connector_names": plan.changed_connections,
        "deleted_data_connector_names": plan.deleted_connections,
    })
}

fn errors(faults: &[Fault]) -> Value {
    json!(faults.iter().map(|f| json!({"filename": f.file, "error": f.text()})).collect::<Vec<_>>())
}

fn feedback(warnings: &[Warning]) -> Value {
    let shown =
        warnings.iter().map(|w| json!({"level": "WARNING", "resource": w.file, "message": w.message}));
    json!(shown.collect::<Vec<_>>())
}

/// A deployment as the lists show it.
fn shown(id: &str, status: &str, is_live: bool, created_at_us: i64) -> Value {
    json!({
        "id": id, "status": status, "live": is_live, "created_at": time(created_at_us),
        "errors": [], "feedback": [],
    })
}

/// The live one, which before the first is an empty one with the number 0.
fn live(tenant: &Tenant) -> Value {
    let live = tenant.workspace.live();
    let mut out = match live.document.id.as_str() {
        "" => shown("0", "data_ready", true, tenant.created_at_us),
        id => shown(id, "data_ready", true, live.document.created_at_us),
    };
    extend(&mut out, about(&live.document.plan));
    out
}

/// The one that waits to be promoted.
fn staging(tenant: &Tenant) -> Option<Value> {
    let staging = tenant.workspace.deployed().staging?;
    let document = &staging.document;
    let status = if document.failure.is_some() { "failed" } else { "data_ready" };
    let mut out = shown(&document.id, status, false, document.created_at_us);
    extend(&mut out, about(&document.plan));
    let errors: Vec<Value> = document.failure.iter().map(|why| json!({"error": why})).collect();
    extend(&mut out, json!({"errors": errors}));
    Some(out)
}

/// Those that are gone, newest first.
fn past(tenant: &Tenant) -> Vec<Value> {
    let past = tenant.workspace.past();
    past.iter().rev().map(|p| shown(&p.id, "deleted", false, p.created_at_us)).collect()
}

/// One of them all. Numbers of builds, and of what is too old to be remembered, are those of deployments that are gone.
fn one(tenant: &Tenant, id: &str) -> Result<Value> {
    let is_it = |d: &Value| d.get("id") == Some(&json!(id));
    let known = std::iter::once(live(tenant)).chain(staging(tenant)).chain(past(tenant)).find(is_it);
    let newest = tenant.workspace.live().document.id.parse::<u64>().unwrap_or(0);
    let is_older = id.parse::<u64>().is_ok_and(|n| n < newest);
    known
        .or_else(|| is_older.then(|| shown(id, "deleted", false, tenant.created_at_us)))
        .ok_or_else(|| Error::not_found(format!("Deployment {id} not found")))
}

pub async fn list(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    call.may(Action::Deploy, &Resource::all(ResourceKind::Workspace))?;
    let tenant = &call.tenant;
    match req.tail.0.as_slice() {
        [] => {
            // Clients take the first for the live one and the second for the candidate.
            let mut all: Vec<Value> = std::iter::once(live(tenant)).chain(staging(tenant)).collect();
            if req.query.flag("include_deleted", false)? {
                all.extend(past(tenant));
            }
            Ok(json(&json!({"deployments": all})))
        }
        [id] => Ok(json(&json!({"deployment": one(tenant, id)?}))),
        _ => Err(Error::not_found("Not Found")),
    }
}

/// Makes the staged deployment the live one, or deploys the files of one that is gone.
pub async fn set_live(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    call.may(Action::Deploy, &Resource::all(ResourceKind::Workspace))?;
    let id = match req.tail.0.as_slice() {
        [id, what] if what == "set-live" => id.clone(),
        _ => return Err(Error::not_found("Not Found")),
    };
    let may_destroy = req.query.flag("allow_destructive_operations", false)?;
    let (tenant, hub) = (call.tenant.clone(), app.hub.clone());
    rt::cpu(move || {
        let now = tenant.workspace.deployed();
        if now.staging.is_some_and(|s| s.document.id == id) {
            tenant.workspace.promote(&id)?;
            tokens::sync(&hub, &tenant)?;
        } else if now.live.document.id != id {
            let files = tenant.workspace.files_of(&id)?;
            let made = deployed(&hub, &tenant, files, Ways { may_destroy, ..Ways::default() })?;
            if let Some(fault) = made.outcome.faults.first() {
                return Err(Error::invalid(fault.text()));
            }
        }
        Ok(json(&json!({"result": "success", "deployment": live(&tenant)})))
    })
    .await
}

/// Forgets a deployment that waits. Those before the live one are gone already.
pub async fn discard(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    call.may(Action::Deploy, &Resource::all(ResourceKind::Workspace))?;
    let [id] = req.tail.0.clone().try_into().map_err(|_| Error::not_found("Not Found"))?;
    let id: String = id;
    let tenant = call.tenant.clone();
    rt::cpu(move || {
        let now = tenant.workspace.deployed();
        if live(&tenant).get("id") == Some(&json!(id)) {
            return Err(Error::new(Kind::Conflict, "the live deployment cannot be discarded"));
        }
        if now.staging.is_some_and(|s| s.document.id == id) {
            tenant.workspace.discard(&id)?;
        }
        Ok(json(&json!({"result": "success", "deployment": one(&tenant, &id)?})))
    })
    .await
}
