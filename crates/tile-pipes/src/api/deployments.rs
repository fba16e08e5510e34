//! Builds and deployments: a project's files become the workspace.

use super::call::Call;
use super::show::time;
use super::{App, json};
use crate::datafile::{Fault, Warning};
use crate::hub::{Staging, Tenant};
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
    let (outcome, _) = made(&app, req, true).await?;
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
    let (outcome, id) = made(&app, req, false).await?;
    let is_good = outcome.faults.is_empty();
    let result = match (is_good, outcome.plan.is_empty()) {
        (false, _) => "failed",
        (true, true) => "no_changes",
        (true, false) => "success",
    };
    let status = if is_good { "data_ready" } else { "failed" };
    let mut deployment = shown(&id, status, outcome.id.is_some(), app.hub.now_us());
    extend(&mut deployment, changes(&outcome.plan));
    extend(
        &mut deployment,
        json!({
            "errors": errors(&outcome.faults), "feedback": feedback(&outcome.warnings),
            "new_data_connector_ids": [], "disconnected_data_source_names": [],
            "token_changes": [], "data_movements": [],
        }),
    );
    Ok(json(&json!({"result": result, "deployment": deployment, "errors": errors(&outcome.faults)})))
}

/// Reads the files and makes them live, unless they are only to be looked at, or are to wait until they are promoted. Gives also the
/// deployment's number.
async fn made(app: &App, mut req: Req, is_build: bool) -> Result<(Outcome, String)> {
    let call = Call::new(app, &req)?;
    call.may(Action::Deploy, &Resource::all(ResourceKind::Workspace))?;
    let is_check = req.query.flag("check", false)?;
    let waits = !is_build && !is_check && !req.query.flag("auto_promote", false)?;
    // A build is for trying things out: what is not among the files goes.
    let may_destroy = is_build || req.query.flag("allow_destructive_operations", false)?;
    let files = files(app, &mut req).await?;
    let (tenant, hub) = (call.tenant.clone(), app.hub.clone());
    rt::cpu(move || {
        let waiting = tenant.staging().filter(|s| !s.is_discarded);
        if let Some(waiting) = waiting.filter(|_| !is_build && !is_check) {
            let what = format!("The deployment {} is in staging", waiting.id);
            return Err(Error::new(Kind::Conflict, what).hint("Promote or discard it first"));
        }
        if waits {
            return staged(&tenant, files, may_destroy);
        }
        let before = tenant.workspace.live().document.id.clone();
        let outcome = tenant.workspace.deploy(files, Ways { is_check, may_destroy })?;
        if outcome.id.is_some() {
            tenant.stage(None)?;
        }
        super::watch::deployed(&tenant, &outcome);
        if outcome.faults.is_empty() && !is_check {
            super::tokens::sync(&hub, &tenant)?;
        }
        let id = outcome.id.clone().unwrap_or(before);
        Ok((outcome, id))
    })
    .await
}

/// Keeps files that are good until they are made live.
fn staged(tenant: &Tenant, files: Files, may_destroy: bool) -> Result<(Outcome, String)> {
    let outcome = tenant.workspace.deploy(files.clone(), Ways { is_check: true, may_destroy })?;
    let live = tenant.workspace.live().document.id.clone();
    if !outcome.faults.is_empty() || outcome.plan.is_empty() {
        return Ok((outcome, live));
    }
    let id = (live.parse::<u64>().unwrap_or(0) + 1).to_string();
    let created_at_us = tenant.workspace.now_us();
    let staging = Staging { id: id.clone(), files, may_destroy, created_at_us, is_discarded: false };
    tenant.stage(Some(staging))?;
    Ok((outcome, id))
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
    match live.document.id.as_str() {
        "" => shown("0", "data_ready", true, tenant.created_at_us),
        id => shown(id, "data_ready", true, live.document.created_at_us),
    }
}

/// One that there was, or that waits.
fn other(tenant: &Tenant, id: &str) -> Option<Value> {
    if let Some(staging) = tenant.staging().filter(|s| s.id == id) {
        let status = if staging.is_discarded { "deleted" } else { "data_ready" };
        return Some(shown(id, status, false, staging.created_at_us));
    }
    let live = tenant.workspace.live().document.id.parse::<u64>().unwrap_or(0);
    let is_older = id.parse::<u64>().is_ok_and(|n| n < live);
    is_older.then(|| shown(id, "deleted", false, tenant.created_at_us))
}

pub async fn list(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    call.may(Action::Deploy, &Resource::all(ResourceKind::Workspace))?;
    let live = live(&call.tenant);
    match req.tail.0.as_slice() {
        [] => {
            // Clients take the first for the live one and the second for the candidate.
            let staging = call.tenant.staging().filter(|s| !s.is_discarded);
            let staging = staging.and_then(|s| other(&call.tenant, &s.id));
            let all: Vec<Value> = std::iter::once(live).chain(staging).collect();
            Ok(json(&json!({"deployments": all})))
        }
        [id] => {
            let found = if live.get("id") == Some(&json!(id)) { Some(live) } else { other(&call.tenant, id) };
            let found = found.ok_or_else(|| Error::not_found(format!("Deployment {id} not found")))?;
            Ok(json(&json!({"deployment": found})))
        }
        _ => Err(Error::not_found("Not Found")),
    }
}

/// Makes the deployment that waits the live one. It is checked again: the workspace may have changed.
pub async fn set_live(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    call.may(Action::Deploy, &Resource::all(ResourceKind::Workspace))?;
    let id = match req.tail.0.as_slice() {
        [id, what] if what == "set-live" => id.clone(),
        _ => return Err(Error::not_found("Not Found")),
    };
    if id == call.tenant.workspace.live().document.id {
        return Ok(json(&json!({"result": "success"})));
    }
    let staging = call.tenant.staging().filter(|s| s.id == id && !s.is_discarded);
    let staging = staging.ok_or_else(|| Error::not_found(format!("Deployment {id} not found")))?;
    let (tenant, hub) = (call.tenant.clone(), app.hub.clone());
    rt::cpu(move || {
        let ways = Ways { is_check: false, may_destroy: staging.may_destroy };
        let outcome = tenant.workspace.deploy(staging.files.clone(), ways)?;
        if let Some(fault) = outcome.faults.first() {
            return Err(Error::invalid(fault.text()));
        }
        super::watch::deployed(&tenant, &outcome);
        tenant.stage(None)?;
        super::tokens::sync(&hub, &tenant)?;
        Ok(json(&json!({"result": "success", "deployment": live(&tenant)})))
    })
    .await
}

/// Forgets a deployment that waits. Those before the live one are gone already.
pub async fn discard(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    call.may(Action::Deploy, &Resource::all(ResourceKind::Workspace))?;
    let [id] = req.tail.0.as_slice() else { return Err(Error::not_found("Not Found")) };
    let tenant = call.tenant.clone();
    if live(&tenant).get("id") == Some(&json!(id)) {
        return Err(Error::new(Kind::Conflict, "the live deployment cannot be discarded"));
    }
    let known = other(&tenant, id).ok_or_else(|| Error::not_found(format!("Deployment {id} not found")))?;
    if let Some(staging) = tenant.staging().filter(|s| s.id == *id && !s.is_discarded) {
        let gone = Staging {
            id: id.clone(),
            files: Files::new(),
            may_destroy: false,
            created_at_us: staging.created_at_us,
            is_discarded: true,
        };
        rt::cpu(move || tenant.stage(Some(gone))).await?;
    }
    Ok(json(&json!({"result": "success", "deployment": known})))
}
