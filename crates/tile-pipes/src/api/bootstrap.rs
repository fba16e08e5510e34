//! How clients find a local server and its tokens.

use super::call::token;
use super::{App, json};
use crate::hub::DEFAULT_NAME;
use serde_json::json;
use std::sync::Arc;
use tile_base::{Error, Result};
use tile_web::{Reply, Req};

pub async fn tokens(app: Arc<App>, _req: Req) -> Result<Reply> {
    let tenant = app.hub.by_name(DEFAULT_NAME).ok_or_else(|| Error::not_found("no workspace"))?;
    let admin = app.hub.admin_token(&tenant.workspace.id)?;
    Ok(json(&json!({
        "user_token": app.hub.user_token(),
        "admin_token": app.hub.user_token(),
        "workspace_admin_token": admin,
    })))
}

pub async fn version(app: Arc<App>, _req: Req) -> Result<Reply> {
    Ok(Reply::new("text/plain; charset=utf-8", app.version))
}

pub async fn health(_app: Arc<App>, _req: Req) -> Result<Reply> {
    Ok(Reply::new("text/plain; charset=utf-8", "ok"))
}

pub async fn regions(_app: Arc<App>, req: Req) -> Result<Reply> {
    let origin = &req.origin;
    Ok(json(&json!({"regions": [
        {"name": "local", "provider": "local", "host": origin, "api_host": origin, "default": true}
    ]})))
}

pub async fn auth(_app: Arc<App>, req: Req) -> Result<Reply> {
    let token = token(&req)?;
    Ok(json(&json!({"is_valid": true, "is_user": token.user_id.is_some()})))
}
