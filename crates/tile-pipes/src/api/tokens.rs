//! Tokens of a workspace.

use super::call::{Call, param, params};
use super::{App, json};
use serde_json::json;
use std::sync::Arc;
use tile_auth::{Actor, JwtRequest, NewToken, Origin, TokenRegistry, TokenScope, TokenUpdate};
use tile_base::{Action, Error, Resource, ResourceKind, Result};
use tile_web::{Reply, Req, rt};

const BODY_BYTES_MAX: usize = 1 << 20;

fn administers(call: &Call) -> Result<()> {
    call.may(Action::AdministerTokens, &Resource::all(ResourceKind::Workspace)).map(drop)
}

pub async fn read(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    let authority = app.hub.authority.read();
    let registry = authority
        .workspace(&call.tenant.workspace.id)
        .ok_or_else(|| Error::not_found("Workspace not found"))?;
    match req.tail.0.as_slice() {
        [] => Ok(json(&registry.to_json(&call.token)?)),
        [key] => Ok(json(&registry.one_to_json(&call.token, key)?)),
        _ => Err(Error::not_found("Not Found")),
    }
}

/// Changes tokens by what the caller may, off the network threads: what changed is written.
async fn changed<T: Send + 'static>(
    app: &App,
    call: Call,
    work: impl FnOnce(Actor<'_>, &mut TokenRegistry, &mut dyn FnMut() -> [u8; 16]) -> Result<T> + Send + 'static,
) -> Result<T> {
    let hub = app.hub.clone();
    rt::cpu(move || {
        let mut random = || hub.random();
        let id = &call.tenant.workspace.id;
        hub.change_tokens(id, |registry| work(Actor::Token(&call.token), registry, &mut random))
    })
    .await
}

fn scopes(params: &[(String, String)]) -> Result<Vec<TokenScope>> {
    params.iter().filter(|(n, _)| n == "scope").map(|(_, v)| TokenScope::parse(v)).collect()
}

pub async fn create(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    if let [key, what] = req.tail.0.as_slice() {
        if what != "refresh" {
            return Err(Error::not_found("Not Found"));
        }
        let key = key.clone();
        let shown = changed(&app, call, move |actor, registry, random| {
            registry.refresh(actor, &key, random).map(|t| t.to_json(true))
        });
        return Ok(json(&shown.await?));
    }
    if let Some(expiration) = req.query.get("expiration_time").map(str::to_owned) {
        let body = req.read_body(BODY_BYTES_MAX).await?;
        let name = match req.query.get("name") {
            Some(name) => name.to_owned(),
            None => name_in(&body)?,
        };
        let asked = JwtRequest::parse(&name, &expiration, &body, app.hub.now_us())?;
        let authority = app.hub.authority.read();
        let registry = authority
            .workspace(&call.tenant.workspace.id)
            .ok_or_else(|| Error::not_found("Workspace not found"))?;
        let token = registry.create_jwt(Actor::Token(&call.token), &asked)?;
        return Ok(json(&json!({"token": token})));
    }
    administers(&call)?;
    let params = params(&mut req, BODY_BYTES_MAX).await?;
    let new = NewToken {
        name: super::call::required(&params, "name")?.to_owned(),
        description: param(&params, "description").unwrap_or_default().to_owned(),
        origin: Origin::parse(param(&params, "origin").unwrap_or("C"), param(&params, "resource_id"))?,
        scopes: scopes(&params)?,
    };
    let shown = changed(&app, call, move |actor, registry, random| {
        registry.create(actor, new, random).map(|t| t.to_json(true))
    });
    Ok(json(&shown.await?))
}

/// The name that a JSON body gives a token.
fn name_in(body: &[u8]) -> Result<String> {
    let body: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let name = body.as_ref().and_then(|b| b.get("name")).and_then(|n| n.as_str()).map(str::to_owned);
    name.ok_or_else(|| Error::invalid("The parameter 'name' is missing"))
}

pub async fn update(app: Arc<App>, mut req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    let [key] = req.tail.0.clone().try_into().map_err(|_| Error::not_found("Not Found"))?;
    let key: String = key;
    let params = params(&mut req, BODY_BYTES_MAX).await?;
    let given = scopes(&params)?;
    let update = TokenUpdate {
        name: param(&params, "name").map(str::to_owned),
        description: param(&params, "description").map(str::to_owned),
        scopes: (!given.is_empty()).then_some(given),
    };
    let shown = changed(&app, call, move |actor, registry, _| {
        registry.update(actor, &key, update).map(|t| t.to_json(true))
    });
    Ok(json(&shown.await?))
}

pub async fn remove(app: Arc<App>, req: Req) -> Result<Reply> {
    let call = Call::of_workspace(&app, &req)?;
    let [key] = req.tail.0.clone().try_into().map_err(|_| Error::not_found("Not Found"))?;
    let key: String = key;
    changed(&app, call, move |actor, registry, _| registry.delete(actor, &key)).await?;
    Ok(json(&json!({"ok": true})))
}
