//! Workspaces, and whose they are.

use super::call::{Call, param, params, required, token};
use super::show::time;
use super::{App, json};
use crate::hub::{EMAIL, Hub, Tenant};
use serde_json::{Value, json};
use std::sync::Arc;
use tile_base::{Action, Error, Kind, Resource, ResourceKind, Result};
use tile_web::{Reply, Req, rt};

const FORM_BYTES_MAX: usize = 64 << 10;

fn shown(hub: &Hub, tenant: &Tenant, with_token: bool) -> Result<Value> {
    let workspace = &tenant.workspace;
    let mut out = json!({
        "id": workspace.id,
        "name": workspace.name,
        "role": "admin",
        "plan": "custom",
        "owner": hub.user_id(),
        "user_id": hub.user_id(),
        "user_email": EMAIL,
        "scope": "admin",
        "is_branch": false,
        "is_forward": true,
        "main": Value::Null,
        "organization_id": hub.organization_id(),
        "organization": {"id": hub.organization_id(), "name": "local"},
        "created_at": time(tenant.created_at_us),
        "members": [{"id": hub.user_id(), "email": EMAIL, "role": "admin", "active": true}],
    });
    if with_token && let Some(object) = out.as_object_mut() {
        object.insert("token".into(), json!(hub.admin_token(&workspace.id)?));
    }
    Ok(out)
}

/// Tokens of workspaces are shown to who holds the user's token, and to who administers the workspace.
pub async fn of_user(app: Arc<App>, req: Req) -> Result<Reply> {
    if !req.tail.0.is_empty() {
        return Err(Error::not_found("Not Found"));
    }
    let token = token(&req)?;
    let is_user = token.workspace_id.is_none();
    let mut workspaces = Vec::new();
    for tenant in app.hub.all() {
        let is_own = token.workspace_id.as_deref() == Some(tenant.workspace.id.as_str());
        if is_user || is_own {
            workspaces.push(shown(&app.hub, &tenant, is_user || token.is_admin())?);
        }
    }
    Ok(json(&json!({
        "id": app.hub.user_id(),
        "email": EMAIL,
        "organization_id": app.hub.organization_id(),
        "organization_name": "local",
        "workspaces": workspaces,
    })))
}

pub async fn own(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::new(&app, &req)?;
    Ok(json(&shown(&app.hub, &call.tenant, call.token.is_admin())?))
}

/// The workspace that a path names, for one who may see it.
fn named(app: &App, req: &Req) -> Result<Arc<Tenant>> {
    let [name] = req.tail.0.as_slice() else { return Err(Error::not_found("Not Found")) };
    let token = token(req)?;
    let tenant = app.hub.find(name)?;
    let is_own = token.workspace_id.as_deref() == Some(tenant.workspace.id.as_str()) && token.is_admin();
    let is_user = token.user_id.as_deref() == Some(app.hub.user_id()) && token.workspace_id.is_none();
    if is_own || is_user {
        Ok(tenant)
    } else {
        Err(Error::not_found(format!("Workspace '{name}' not found")))
    }
}

pub async fn one(app: Arc<App>, req: Req) -> Result<Reply> {
    let tenant = named(&app, &req)?;
    Ok(json(&shown(&app.hub, &tenant, true)?))
}

pub async fn create(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let user = Resource::named(ResourceKind::User, app.hub.user_id());
    token(&req)?.may(Action::Admin, &user)?;
    let params = params(&mut req, FORM_BYTES_MAX).await?;
    let name = required(&params, "name")?.to_owned();
    let hub = app.hub.clone();
    let tenant = rt::cpu(move || hub.create(&name)).await?;
    Ok(json(&shown(&app.hub, &tenant, true)?))
}

pub async fn remove(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let tenant = named(&app, &req)?;
    let params = params(&mut req, FORM_BYTES_MAX).await?;
    let confirmed = param(&params, "confirmation").or_else(|| param(&params, "hard_delete_confirmation"));
    let is_confirmed = confirmed.is_some_and(|c| c == "yes" || c == tenant.workspace.name);
    if !is_confirmed {
        return Err(Error::new(Kind::Invalid, "the removal of a workspace wants `confirmation=yes`"));
    }
    let (hub, id) = (app.hub.clone(), tenant.workspace.id.clone());
    app.writer.forget(&id);
    drop(tenant);
    rt::cpu(move || hub.remove(&id)).await?;
    Ok(json(&json!({})))
}
