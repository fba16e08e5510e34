//! Secrets: their names are shown, their values never.

use super::call::{Call, params, required};
use super::show::time;
use super::{App, json};
use serde_json::{Value, json};
use std::sync::Arc;
use tile_base::{Error, Result};
use tile_web::{Reply, Req, rt};

const BODY_BYTES_MAX: usize = 1 << 20;

fn shown(name: &str, at_us: i64) -> Value {
    json!({"name": name, "type": "secret", "created_at": time(at_us), "updated_at": time(at_us), "edited_by": ""})
}

pub async fn read(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    call.administers()?;
    let at = call.tenant.created_at_us;
    let names = call.tenant.workspace.secrets();
    match req.tail.0.as_slice() {
        [] => Ok(json(&json!({"variables": names.keys().map(|n| shown(n, at)).collect::<Vec<_>>()}))),
        [name] if names.contains_key(name) => Ok(json(&shown(name, at))),
        [name] => Err(Error::not_found(format!("Variable '{name}' not found"))),
        _ => Err(Error::not_found("Not Found")),
    }
}

pub async fn set(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    call.administers()?;
    let params = params(&mut req, BODY_BYTES_MAX).await?;
    let name = match req.tail.0.as_slice() {
        [name] => {
            if !call.tenant.workspace.secrets().contains_key(name) {
                return Err(Error::not_found(format!("Variable '{name}' not found")));
            }
            name.clone()
        }
        _ => required(&params, "name")?.to_owned(),
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || name.len() > 200 || !name.chars().all(is_plain) {
        return Err(Error::invalid(format!(
            "`{name}` is no name of a secret: it has letters, digits, `_` and `-`"
        )));
    }
    let value = required(&params, "value")?.to_owned();
    let (tenant, at) = (call.tenant.clone(), app.hub.now_us());
    let inner = name.clone();
    rt::cpu(move || tenant.workspace.set_secret(&inner, Some(&value))).await?;
    Ok(json(&shown(&name, at)))
}

pub async fn remove(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    call.administers()?;
    let [name] = req.tail.0.as_slice() else { return Err(Error::not_found("Not Found")) };
    if !call.tenant.workspace.secrets().contains_key(name) {
        return Err(Error::not_found(format!("Variable '{name}' not found")));
    }
    let (tenant, name) = (call.tenant.clone(), name.clone());
    rt::cpu(move || tenant.workspace.set_secret(&name, None)).await?;
    Ok(json(&json!({"ok": true})))
}
