//! How clients find a local server and its tokens.

use super::call::token;
use super::{App, json};
use crate::hub::DEFAULT_NAME;
use serde_json::json;
use std::sync::Arc;
use tile_base::{Error, Kind, Result};
use tile_web::{Reply, Req};

/// Gives the tokens away: only where the server was started so, only to programs of this machine. A page of another origin shows
/// itself by `Origin` or `Sec-Fetch-Site`, one that had its name point here by `Host`.
pub async fn tokens(app: Arc<App>, req: Req) -> Result<Reply> {
    if !app.gives_tokens {
        return Err(Error::not_found("Not Found").hint("Start with `tile dev --tinybird` for local clients"));
    }
    let is_of_page = !matches!(req.header("sec-fetch-site"), "" | "none");
    if is_of_page || !req.header("origin").is_empty() || !is_local(req.header("host")) {
        return Err(Error::new(Kind::Denied, "the tokens are for programs of this machine"));
    }
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

/// Whether a `Host` is a name or address of this machine.
fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_this_machine_is_local() {
        for host in ["localhost", "localhost:7181", "127.0.0.1:7181", "[::1]:7181"] {
            assert!(super::is_local(host), "{host}");
        }
        for host in
            ["", "example.com", "localhost.example.com:7181", "192.168.1.1:7181", "127.0.0.1.example.com"]
        {
            assert!(!super::is_local(host), "{host}");
        }
    }
}
