//! Workspaces, and whose they are.

use super::call::{Call, param, params, required, token};
use super::show::time;
use super::{App, json};
use crate::hub::{EMAIL, Hub, Tenant};
use serde_json::{Value, json};
use std::sync::Arc;
use tile_base::{Action, Error, Kind, Resource, ResourceKind, Result, TokenPrincipal};
use tile_web::{Reply, Req, rt};

const FORM_BYTES_MAX: usize = 64 << 10;

fn shown(hub: &Hub, tenant: &Tenant, token: Option<String>) -> Value {
    let workspace = &tenant.workspace;
    // Whose token does not administer the workspace is not told who does: JWTs are in the hands of strangers.
    let mut members = Vec::new();
    if token.is_some() {
        members.push(json!({"id": hub.user_id(), "email": EMAIL, "role": "admin", "active": true}));
        let others = tenant.members().into_iter();
        members.extend(
            others.map(|m| json!({"id": m.id, "email": m.email, "role": m.role.name(), "active": true})),
        );
    }
    let mut out = json!({
        "id": workspace.id,
        "name": workspace.name,
        "role": "admin",
        "plan": "custom",
        "owner": hub.user_id(),
        "user_id": hub.user_id(),
        "user_email": EMAIL,
        "scope": "admin",
        "is_branch": tenant.main.is_some(),
        "is_forward": true,
        "main": tenant.main,
        "organization_id": hub.organization_id(),
        "organization": {"id": hub.organization_id(), "name": "local"},
        "created_at": time(tenant.created_at_us),
        "members": members,
    });
    if let (Some(token), Some(object)) = (token, out.as_object_mut()) {
        object.insert("token".into(), json!(token));
    }
    out
}

/// Whether a token is the user's, or the user's as a member of a workspace.
fn is_user(hub: &Hub, token: &TokenPrincipal) -> bool {
    token.user_id.as_deref() == Some(hub.user_id())
}

/// The token of a workspace that one may be told: the user the own one, who administers it the workspace's.
fn token_for(hub: &Hub, tenant: &Tenant, token: &TokenPrincipal) -> Result<Option<String>> {
    let id = &tenant.workspace.id;
    if is_user(hub, token) {
        return hub.member_token(id).map(Some);
    }
    let is_own = token.workspace_id.as_deref() == Some(id.as_str());
    if is_own && token.is_admin() { hub.admin_token(id).map(Some) } else { Ok(None) }
}

/// A workspace as the holder of a token sees it.
///
/// # Errors
/// `NotFound` for a workspace that is gone.
pub fn shown_to(hub: &Hub, tenant: &Tenant, token: &TokenPrincipal) -> Result<Value> {
    let mut told = token_for(hub, tenant, token)?;
    // Who administers a workspace administers its branches.
    let is_main = tenant.main.is_some() && tenant.main == token.workspace_id;
    if told.is_none() && is_main && token.is_admin() {
        told = hub.admin_token(&tenant.workspace.id).map(Some)?;
    }
    Ok(shown(hub, tenant, told))
}

/// The user sees all workspaces; another token its own, with its branches or with what it is a branch of.
pub async fn of_user(app: Arc<App>, req: Req) -> Result<Reply> {
    if !req.tail.0.is_empty() {
        return Err(Error::not_found("Not Found"));
    }
    let token = token(&req)?;
    let is_user = is_user(&app.hub, &token);
    let only_branches = req.query.flag("only_environments", false)?;
    let with_branches = only_branches || req.query.flag("with_environments", false)?;
    let own = token.workspace_id.as_deref().and_then(|id| app.hub.by_id(id).ok());
    let is_near = |tenant: &Tenant| {
        own.as_ref().is_some_and(|own| {
            let id = Some(&tenant.workspace.id);
            own.workspace.id == tenant.workspace.id
                || own.main.as_ref() == id
                || tenant.main.as_ref() == Some(&own.workspace.id)
        })
    };
    let is_own = |tenant: &Tenant| token.workspace_id.as_ref() == Some(&tenant.workspace.id);
    let is_wanted = |tenant: &Tenant| match tenant.main {
        Some(_) => with_branches || is_own(tenant),
        None => !only_branches,
    };
    let all = app.hub.all();
    let seen = all.iter().filter(|t| (is_user || is_near(t)) && is_wanted(t));
    let workspaces = seen.map(|t| shown_to(&app.hub, t, &token)).collect::<Result<Vec<Value>>>()?;
    Ok(json(&json!({
        "id": app.hub.user_id(),
        "email": EMAIL,
        "organization_id": app.hub.organization_id(),
        "organization_name": "local",
        "workspaces": workspaces,
    })))
}

pub async fn own(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    let told = token_for(&app.hub, &call.tenant, &call.token)?;
    Ok(json(&shown(&app.hub, &call.tenant, told)))
}

/// What the older command calls releases of a workspace. Deployments took their place: there are none.
fn releases(app: &App, token: &TokenPrincipal, name: &str) -> Result<Reply> {
    named(app, token, name)?;
    Ok(json(&json!({"releases": []})))
}

/// The workspace that a path names, for one who may see it.
///
/// # Errors
/// `NotFound`, also when the token may not see it.
pub fn named(app: &App, token: &TokenPrincipal, name: &str) -> Result<Arc<Tenant>> {
    let tenant = app.hub.find(name)?;
    let is_own = token.workspace_id.as_deref() == Some(tenant.workspace.id.as_str()) && token.is_admin();
    if is_own || is_user(&app.hub, token) {
        Ok(tenant)
    } else {
        Err(Error::not_found(format!("Workspace '{name}' not found")))
    }
}

pub async fn one(app: Arc<App>, req: Req) -> Result<Reply> {
    let token = token(&req)?;
    let name = match req.tail.0.as_slice() {
        [name] => name,
        [name, what] if what == "releases" => return releases(&app, &token, name),
        _ => return Err(Error::not_found("Not Found")),
    };
    let tenant = named(&app, &token, name)?;
    Ok(json(&shown_to(&app.hub, &tenant, &token)?))
}

pub async fn create(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let user = Resource::named(ResourceKind::User, app.hub.user_id());
    let token = token(&req)?;
    token.may(Action::Admin, &user)?;
    let params = params(&mut req, FORM_BYTES_MAX).await?;
    let name = required(&params, "name")?.to_owned();
    let hub = app.hub.clone();
    let tenant = rt::cpu(move || hub.create(&name)).await?;
    let told = token_for(&app.hub, &tenant, &token)?;
    Ok(json(&shown(&app.hub, &tenant, told)))
}

pub async fn remove(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let [name] = req.tail.0.as_slice() else { return Err(Error::not_found("Not Found")) };
    let tenant = named(&app, &*token(&req)?, name)?;
    let params = params(&mut req, FORM_BYTES_MAX).await?;
    let confirmed = param(&params, "confirmation").or_else(|| param(&params, "hard_delete_confirmation"));
    // The command asks by itself and then confirms nothing.
    if let Some(confirmed) = confirmed.filter(|c| *c != "yes" && *c != tenant.workspace.name) {
        let what = format!("`{confirmed}` is not the name of the workspace that is to be removed");
        return Err(Error::new(Kind::Invalid, what));
    }
    let (hub, id) = (app.hub.clone(), tenant.workspace.id.clone());
    app.writer.forget(&id);
    for branch in crate::branches::of(&app.hub, &id) {
        app.writer.forget(&branch.workspace.id);
    }
    drop(tenant);
    rt::cpu(move || hub.remove(&id)).await?;
    Ok(json(&json!({})))
}
