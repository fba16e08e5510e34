//! Branches of a workspace.

use super::call::Call;
use super::show::time;
use super::workspaces::shown_to;
use super::{App, jobs, json};
use crate::branches::{self, Part};
use crate::hub::Tenant;
use serde_json::{Value, json};
use std::sync::Arc;
use tile_base::{Error, Result};
use tile_web::{Reply, Req, rt};

/// The workspace whose branches are meant: that of the token, or the one that it is a branch of.
fn main_of(app: &App, call: &Call) -> Result<Arc<Tenant>> {
    match &call.tenant.main {
        None => Ok(call.tenant.clone()),
        Some(main) => app.hub.by_id(main),
    }
}

pub async fn list(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    call.administers()?;
    let main = main_of(&app, &call)?;
    let all = branches::of(&app.hub, &main.workspace.id);
    let shown = all.iter().map(|branch| shown_to(&app.hub, branch, &call.token));
    Ok(json(&json!({"environments": shown.collect::<Result<Vec<Value>>>()?})))
}

/// Makes a branch, and fills it as a job.
pub async fn create(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    call.administers()?;
    if let [id, what] = req.tail.0.as_slice() {
        return more(&app, &call, &req, id, what).await;
    }
    if !req.tail.0.is_empty() {
        return Err(Error::not_found("Not Found"));
    }
    if call.tenant.main.is_some() {
        return Err(Error::invalid("a branch has no branches").hint("Use a token of the workspace itself"));
    }
    let name = req.query.get("name").unwrap_or_default().to_owned();
    let part = Part::parse(req.query.get("data").unwrap_or_default())?;
    let (hub, main) = (app.hub.clone(), call.tenant.clone());
    let branch = {
        let (hub, main) = (hub.clone(), main.workspace.id.clone());
        rt::cpu(move || hub.create_branch(&name, &main)).await?
    };
    let workspace = &branch.workspace;
    let about = json!({"branch_id": workspace.id, "branch_name": workspace.name});
    let filled = branch.clone();
    let work = move |_: &str| {
        let rows = branches::fill(&hub, &main, &filled, part)?;
        Ok(json!({"result": {"rows": rows}}))
    };
    let begun = jobs::begin(&app, &call.tenant, "data_branch", about, work).await?;
    let job = begun.soon(&call.tenant, jobs::PATIENCE).await?.to_json(&req.origin, time);
    Ok(json(&json!({"id": workspace.id, "name": workspace.name, "job": job})))
}

/// Copies rows into a branch that there is.
async fn more(app: &Arc<App>, call: &Call, req: &Req, id: &str, what: &str) -> Result<Reply> {
    if what != "data" {
        return Err(Error::not_found("Not Found"));
    }
    let part = Part::parse(req.query.get("mode").unwrap_or_default())?;
    let main = main_of(app, call)?;
    let branch = named(app, &main, id)?;
    let about = json!({"branch_id": branch.workspace.id, "branch_name": branch.workspace.name});
    let work = move |_: &str| {
        let rows = branches::rows(&main.workspace, &branch.workspace, part)?;
        Ok(json!({"result": {"rows": rows}}))
    };
    let begun = jobs::begin(app, &call.tenant, "data_branch", about, work).await?;
    let job = begun.soon(&call.tenant, jobs::PATIENCE).await?.to_json(&req.origin, time);
    Ok(json(&json!({"job": job})))
}

fn named(app: &App, main: &Tenant, id_or_name: &str) -> Result<Arc<Tenant>> {
    let all = branches::of(&app.hub, &main.workspace.id);
    let found = all.into_iter().find(|t| t.workspace.id == id_or_name || t.workspace.name == id_or_name);
    found.ok_or_else(|| Error::not_found(format!("Branch {id_or_name} not found")))
}

pub async fn remove(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    call.administers()?;
    let [id] = req.tail.0.as_slice() else { return Err(Error::not_found("Not Found")) };
    let main = main_of(&app, &call)?;
    let branch = named(&app, &main, id)?;
    let id = branch.workspace.id.clone();
    app.writer.forget(&id);
    drop(branch);
    let hub = app.hub.clone();
    rt::cpu(move || hub.remove(&id)).await?;
    Ok(json(&json!({})))
}
