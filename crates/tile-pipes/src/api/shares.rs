//! Data sources that workspaces share: made and ended one by one, and as the workspace sees them that they are shared with.

use super::call::{Call, param, params, required, token};
use super::changes::{edited, file, parsed};
use super::datasources::counts;
use super::{App, json, show, text, workspaces};
use crate::hub::Tenant;
use crate::sharing::Shared;
use crate::workspace::{Edit, Ways};
use serde_json::{Value, json};
use std::sync::Arc;
use tile_base::{Action, Error, Kind, Resource, Result};
use tile_web::{Reply, Req, rt};

const FORM_BYTES_MAX: usize = 64 << 10;

/// `POST` and `DELETE …/<id>/share`, by who administers both workspaces: the origin's file changes.
pub async fn change(app: &Arc<App>, req: &mut Req, name: String, is_shared: bool) -> Result<Reply> {
    let params = params(req, FORM_BYTES_MAX).await?;
    let token = token(req)?;
    let own = token.workspace_id.as_deref();
    let origin = match param(&params, "origin_workspace_id").or(own) {
        Some(origin) => workspaces::named(app, &token, origin)?,
        None => return Err(Error::invalid("The parameter 'origin_workspace_id' is missing")),
    };
    let to = workspaces::named(app, &token, required(&params, "destination_workspace_id")?)?;
    if origin.main.is_some() || to.main.is_some() {
        return Err(Error::invalid("a branch shares nothing, and reads what is shared with its workspace"));
    }
    if origin.workspace.id == to.workspace.id {
        return Err(Error::invalid("a workspace reads its own data sources without sharing them"));
    }
    let app = app.clone();
    rt::cpu(move || changed(&app, &origin, &to, &name, is_shared)).await
}

fn changed(app: &App, origin: &Tenant, to: &Tenant, name: &str, is_shared: bool) -> Result<Reply> {
    let live = origin.workspace.live();
    let found = live.resources.sources.values().find(|s| s.file.name == name || s.home.id == name);
    let Some(found) = found else {
        let e = live.source(name).err().unwrap_or_else(|| Error::not_found("Not Found"));
        return Err(if name.contains('.') {
            e.hint("Only the workspace that has it can share it")
        } else {
            e
        });
    };
    let name = found.file.name.clone();
    let mut shared_with = vec![];
    edited(app, origin, Ways::default(), |live| {
        let (path, text) = file(live, &name)?;
        let mut source = parsed(&name, text)?;
        let mut files = live.document.files.clone();
        let is_it = |with: &String| *with == to.workspace.id || *with == to.workspace.name;
        let was = source.shared_with.iter().any(is_it);
        match is_shared {
            true if !was => source.shared_with.push(to.workspace.name.clone()),
            true => {}
            false => source.shared_with.retain(|with| !is_it(with)),
        }
        shared_with.clone_from(&source.shared_with);
        if was != is_shared {
            // It told how rows came into the schema before this one.
            source.forward_query = None;
            files.insert(path.to_owned(), source.print());
        }
        Ok(Edit { files, renamed: None })
    })?;
    Ok(json(&json!({"id": found.home.id, "name": name, "shared_with": shared_with})))
}

/// Those that are shared with the workspace and that the token may read.
pub fn seen(call: &Call) -> Result<Vec<Value>> {
    let all = call.tenant.workspace.shared().into_iter();
    all.filter(|s| may_read(call, s)).map(|s| shown(call, &s)).collect()
}

fn may_read(call: &Call, shared: &Shared) -> bool {
    call.may(Action::Read, &Resource::table(&shared.name)).is_ok()
}

/// One of them, by its whole name; as a file without what is the origin's own business.
///
/// # Errors
/// `Denied`, `NotFound`.
pub fn one(call: &Call, name: &str, is_file: bool) -> Result<Reply> {
    call.may(Action::Read, &Resource::table(name))?;
    let all = call.tenant.workspace.shared();
    let found = all.iter().find(|s| s.name == name);
    let found = found.ok_or_else(|| Error::new(Kind::NotFound, format!("Data Source {name} not found")))?;
    if !is_file {
        return Ok(json(&shown(call, found)?));
    }
    let mut file = found.source()?.file.clone();
    (file.tokens, file.connector, file.forward_query) = (vec![], None, None);
    file.shared_with = vec![call.tenant.workspace.name.clone()];
    Ok(text(file.print()))
}

fn shown(call: &Call, shared: &Shared) -> Result<Value> {
    let source = shared.source()?;
    let name = &shared.name;
    let pipes = call.live.resources.pipes.values();
    let readers = pipes.filter(|p| p.nodes.iter().any(|n| n.dependencies().contains(name)));
    let used_by: Vec<(String, String)> = readers.map(|p| (p.id.clone(), p.file.name.clone())).collect();
    let mut counts = counts(&shared.origin.workspace, source)?;
    counts.quarantined = 0;
    let mut out = show::source(source, counts, &used_by);
    let origin = &shared.origin.workspace;
    for (key, value) in [
        ("name", json!(name)),
        ("shared_with", json!([])),
        ("shared_from", json!({"id": origin.id, "name": origin.name})),
    ] {
        if let Some(place) = out.as_object_mut() {
            place.insert(key.into(), value);
        }
    }
    Ok(out)
}
