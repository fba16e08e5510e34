//! Builds and deployments: a project's files become the workspace.

use super::call::Call;
use super::show::time;
use super::{App, json};
use crate::datafile::{Fault, Warning};
use crate::workspace::compile::Files;
use crate::workspace::plan::Plan;
use crate::workspace::{Outcome, Ways};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use tile_base::{Action, Error, Resource, ResourceKind, Result};
use tile_web::{Reply, Req, rt};

/// Files of a project.
const FILES_MAX: usize = 10_000;

pub async fn build(app: Arc<App>, req: Req) -> Result<Reply> {
    let (outcome, _) = made(&app, req, true).await?;
    let is_good = outcome.faults.is_empty();
    let mut build = changes(&outcome.plan);
    if let Some(build) = build.as_object_mut() {
        build.insert("id".into(), json!(outcome.id.clone().unwrap_or_else(|| "0".into())));
        build.insert("feedback".into(), feedback(&outcome.warnings));
        build.insert("datasources".into(), json!([]));
        build.insert("data_linkers".into(), json!([]));
    }
    let mut body = json!({"result": if is_good { "success" } else { "failed" }, "build": build});
    if !is_good && let Some(body) = body.as_object_mut() {
        body.insert("errors".into(), errors(&outcome.faults));
        body.insert("error".into(), json!("There were errors in the build"));
    }
    Ok(json(&body))
}

pub async fn deploy(app: Arc<App>, req: Req) -> Result<Reply> {
    let (outcome, live) = made(&app, req, false).await?;
    let is_good = outcome.faults.is_empty();
    let result = match (is_good, outcome.plan.is_empty()) {
        (false, _) => "failed",
        (true, true) => "no_changes",
        (true, false) => "success",
    };
    let mut deployment = changes(&outcome.plan);
    if let Some(shown) = deployment.as_object_mut() {
        let id = outcome.id.clone().unwrap_or(live);
        shown.insert("id".into(), json!(id));
        shown.insert("status".into(), json!(if is_good { "data_ready" } else { "failed" }));
        shown.insert("live".into(), json!(outcome.id.is_some()));
        shown.insert("created_at".into(), json!(time(app.hub.now_us())));
        shown.insert("errors".into(), errors(&outcome.faults));
        shown.insert("feedback".into(), feedback(&outcome.warnings));
        for empty in
            ["new_data_connector_ids", "disconnected_data_source_names", "token_changes", "data_movements"]
        {
            shown.insert(empty.into(), json!([]));
        }
    }
    let mut reply =
        json(&json!({"result": result, "deployment": deployment, "errors": errors(&outcome.faults)}));
    if !is_good {
        reply.status = StatusCode::OK;
    }
    Ok(reply)
}

/// Reads the files and makes them live. Gives also the number of the deployment that was live.
async fn made(app: &App, mut req: Req, is_build: bool) -> Result<(Outcome, String)> {
    let call = Call::new(app, &req)?;
    call.may(Action::Deploy, &Resource::all(ResourceKind::Workspace))?;
    let is_check = req.query.flag("check", false)?;
    // A build is for trying things out: what is not among the files goes.
    let may_destroy = is_build || req.query.flag("allow_destructive_operations", false)?;
    let files = files(app, &mut req).await?;
    let (tenant, hub) = (call.tenant.clone(), app.hub.clone());
    rt::cpu(move || {
        let before = tenant.workspace.live().document.id.clone();
        let outcome = tenant.workspace.deploy(files, Ways { is_check, may_destroy })?;
        if outcome.faults.is_empty() && !is_check {
            super::tokens::sync(&hub, &tenant)?;
        }
        Ok((outcome, before))
    })
    .await
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

fn live(call: &Call) -> Option<Value> {
    let live = call.tenant.workspace.live();
    (!live.document.id.is_empty()).then(|| {
        json!({
            "id": live.document.id, "status": "data_ready", "live": true,
            "created_at": time(live.document.created_at_us), "errors": [], "feedback": [],
        })
    })
}

pub async fn list(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    call.may(Action::Deploy, &Resource::all(ResourceKind::Workspace))?;
    let seed = json!({"id": "0", "status": "data_ready", "live": false, "created_at": time(call.tenant.created_at_us), "errors": [], "feedback": []});
    match req.tail.0.as_slice() {
        [] => {
            let all: Vec<Value> = match live(&call) {
                Some(live) => vec![live],
                None => vec![{
                    let mut seed = seed;
                    if let Some(seed) = seed.as_object_mut() {
                        seed.insert("live".into(), json!(true));
                    }
                    seed
                }],
            };
            Ok(json(&json!({"deployments": all})))
        }
        [id] => {
            let found = live(&call).filter(|d| d.get("id") == Some(&json!(id)));
            let older = id
                .parse::<u64>()
                .is_ok_and(|n| n < call.tenant.workspace.live().document.id.parse().unwrap_or(0));
            let found = found.or_else(|| {
                older.then(|| json!({"id": id, "status": "deleted", "live": false, "created_at": time(call.tenant.created_at_us), "errors": [], "feedback": []}))
            });
            let found = found.ok_or_else(|| Error::not_found(format!("Deployment {id} not found")))?;
            Ok(json(&json!({"deployment": found})))
        }
        _ => Err(Error::not_found("Not Found")),
    }
}

/// A deployment is live as soon as it is made: there is nothing between.
pub async fn set_live(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    call.may(Action::Deploy, &Resource::all(ResourceKind::Workspace))?;
    match req.tail.0.as_slice() {
        [id, what] if what == "set-live" && *id == call.tenant.workspace.live().document.id => {
            Ok(json(&json!({"result": "success"})))
        }
        [id, _] => Err(Error::not_found(format!("Deployment {id} not found"))),
        _ => Err(Error::not_found("Not Found")),
    }
}

pub async fn discard(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    call.may(Action::Deploy, &Resource::all(ResourceKind::Workspace))?;
    let [id] = req.tail.0.as_slice() else { return Err(Error::not_found("Not Found")) };
    if *id == call.tenant.workspace.live().document.id {
        return Err(Error::new(tile_base::Kind::Conflict, "the live deployment cannot be discarded"));
    }
    Ok(json(&json!({"result": "success"})))
}
