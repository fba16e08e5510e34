//! Members of a workspace.

use super::call::{param, params, required};
use super::workspaces::{named, shown_to};
use super::{App, call, json};
use crate::members::{Change, Role, change};
use std::sync::Arc;
use tile_base::{Error, Result};
use tile_web::{Reply, Req, rt};

const FORM_BYTES_MAX: usize = 64 << 10;

pub async fn update(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let [name, what] = req.tail.0.clone().try_into().map_err(|_| Error::not_found("Not Found"))?;
    let (name, what): (String, String) = (name, what);
    if what != "users" {
        return Err(Error::not_found("Not Found"));
    }
    let token = call::token(&req)?;
    let tenant = named(&app, &token, &name)?;
    let params = params(&mut req, FORM_BYTES_MAX).await?;
    let role = || param(&params, "new_role").or_else(|| param(&params, "role")).filter(|r| !r.is_empty());
    let wanted = match required(&params, "operation")? {
        "add" => Change::Add(role().map_or(Ok(Role::Viewer), Role::parse)?),
        "remove" => Change::Remove,
        "change_role" => Change::SetRole(Role::parse(required(&params, "new_role")?)?),
        other => {
            return Err(Error::invalid(format!("unknown operation `{other}`"))
                .hint("Use `add`, `remove` or `change_role`"));
        }
    };
    let emails = required(&params, "users")?.split(',').map(|e| e.trim().to_owned());
    let emails: Vec<String> = emails.filter(|e| !e.is_empty()).collect();
    let (hub, id) = (app.hub.clone(), tenant.workspace.id.clone());
    rt::cpu(move || change(&hub, &id, &emails, wanted)).await?;
    Ok(json(&shown_to(&app.hub, &tenant, &token)?))
}
