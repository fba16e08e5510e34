//! Pages for people: server-rendered, no script, nothing from elsewhere. [`view`] draws a node, [`html`] has the frame.

mod html;
mod view;

use super::{App, Reply, Req};
use html::{escape, frame};
use http::{HeaderName, StatusCode, header};
use serde_json::Value;
use std::sync::Arc;
use tile_base::{Error, Principal, Result};

const STYLE: &str = include_str!("style.css");
const ICON: &str = include_str!("icon.svg");
/// Pages load their own style and pictures and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn page(text: String) -> Reply {
    Reply::html(text)
        .with(header::CONTENT_SECURITY_POLICY, POLICY)
        .with(HeaderName::from_static("referrer-policy"), "same-origin")
        .with(header::CACHE_CONTROL, "no-cache")
}

/// The first page. A key in the address moves into a cookie, so that it does not stay in the history.
pub async fn home(app: Arc<App>, req: Req) -> Result<Reply> {
    if let Some(key) = req
        .query
        .get("api_key")
        .filter(|k| k.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b)))
    {
        let cookie = format!("tiled_api_key={key}; HttpOnly; Path=/; SameSite=lax");
        return Ok(Reply::empty(StatusCode::SEE_OTHER)
            .with(header::LOCATION, "/browse/")
            .with(header::SET_COOKIE, cookie));
    }
    // A browser that has a key, or needs none, goes straight to the data; programs that only look whether someone answers
    // do not follow. The guard of that page checks the key.
    let known = app.public || tile_web::request::cookie(&req.headers, "tiled_api_key").is_some();
    if known && req.header("accept").contains("text/html") {
        return Ok(Reply::empty(StatusCode::SEE_OTHER).with(header::LOCATION, "/browse/"));
    }
    let nodes = app.tree.catalog.len()?;
    // Nodes of workspaces are not counted here: whoever has no key is not told of them.
    let lead = match nodes {
        0 => String::new(),
        _ => format!("<p class=\"lead\">{nodes} nodes are served here.</p>"),
    };
    let way_in = "<p>This server asks for a key. <code>tile serve</code> printed an address that carries it when it started. The key of <code>tile dev</code> is the admin token that it printed, which is also in <code>.tile/admin-token</code>; any other token of the workspace shows what it may read.</p><form action=\"/\"><input type=\"password\" name=\"api_key\" aria-label=\"Key\" placeholder=\"Key\" required> <button>Open</button></form>";
    let body = format!(
        "<h1>Tile</h1>{lead}{way_in}<h2>From Python</h2><pre>from tiled.client import from_uri\nclient = from_uri(\"{origin}\", api_key=\"…\")\nclient</pre><h2>From the shell</h2><pre>curl -H 'Authorization: Apikey …' {origin}/api/v1/search/</pre><p><a href=\"/docs\">All routes</a> · <a href=\"/openapi.json\">OpenAPI</a></p>",
        origin = escape(&req.origin)
    );
    Ok(page(frame("Tile", &body)))
}

/// One node as a page.
pub async fn node(app: Arc<App>, req: Req) -> Result<Reply> {
    let (path, origin) = (req.tail.clone(), req.origin.clone());
    let slice = req.query.get("slice").unwrap_or("").to_owned();
    let offset = req.query.number("offset", 0, i64::MAX.unsigned_abs())?.unwrap_or(0);
    let anonymous = req.principal == Principal::Anonymous;
    let drawn = tile_web::rt::cpu(move || view::draw(&app, &path, &origin, &slice, offset, anonymous)).await;
    match drawn {
        Ok(text) => Ok(page(text)),
        Err(e) if e.kind == tile_base::Kind::Internal => Err(e),
        Err(e) => {
            let mut reply = page(frame(
                "Not here",
                &format!(
                    "<h1>Not here</h1><p>{}</p><p><a href=\"/browse/\">Back to the root</a></p>",
                    escape(&e.detail())
                ),
            ));
            reply.status = StatusCode::from_u16(e.kind.status()).unwrap_or(StatusCode::BAD_REQUEST);
            Ok(reply)
        }
    }
}

pub async fn asset(_app: Arc<App>, req: Req) -> Result<Reply> {
    match req.tail.0.as_slice() {
        [name] if name == "style.css" => Ok(Reply::new("text/css; charset=utf-8", STYLE)
            .tagged()
            .with(header::CACHE_CONTROL, "max-age=3600")),
        _ => Err(Error::not_found("Not Found")),
    }
}

pub async fn icon(_app: Arc<App>, _req: Req) -> Result<Reply> {
    Ok(Reply::new("image/svg+xml", ICON).tagged().with(header::CACHE_CONTROL, "max-age=86400"))
}

/// The routes as a page, from the OpenAPI document.
pub async fn docs(app: Arc<App>, _req: Req) -> Result<Reply> {
    let document: Value = serde_json::from_str(&app.openapi)
        .map_err(|e| Error::internal("the OpenAPI document is not JSON").source(e))?;
    let mut body = String::from(
        "<h1>Routes</h1><p>The same as <a href=\"/openapi.json\">openapi.json</a>. Keys go into the header <code>Authorization: Apikey …</code>.</p>",
    );
    let empty = serde_json::Map::new();
    for (path, methods) in document.get("paths").and_then(Value::as_object).unwrap_or(&empty) {
        for (method, operation) in methods.as_object().unwrap_or(&empty) {
            let text = |v: &Value, key: &str| escape(v.get(key).and_then(Value::as_str).unwrap_or(""));
            body.push_str(&format!(
                "<h2><code>{} {}</code></h2><p>{}",
                method.to_uppercase(),
                escape(path),
                text(operation, "summary")
            ));
            if let Some(scope) = operation.get("x-scope").and_then(Value::as_str) {
                body.push_str(&format!(" <span class=\"badge\">{}</span>", escape(scope)));
            }
            body.push_str("</p>");
            let params = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
            if !params.is_empty() {
                body.push_str(
                    "<table><thead><tr><th>parameter</th><th>in</th><th>meaning</th></tr></thead><tbody>",
                );
                for p in &params {
                    body.push_str(&format!(
                        "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                        text(p, "name"),
                        text(p, "in"),
                        text(p, "description")
                    ));
                }
                body.push_str("</tbody></table>");
            }
        }
    }
    Ok(page(frame("Routes", &body)))
}
