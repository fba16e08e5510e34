//! What the server is, lives, and counts.

use super::{App, Reply, Req};
use crate::encoders;
use http::{StatusCode, header};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tile_base::Result;
use tile_web::metrics::Gauge;
use tile_web::openapi::Api;

/// Names of the queries, as the original lists them.
const QUERIES: &[&str] = &[
    "fulltext",
    "lookup",
    "keys_filter",
    "regex",
    "eq",
    "noteq",
    "comparison",
    "contains",
    "in",
    "notin",
    "keypresent",
    "like",
    "specs",
    "access_tags_filter",
    "structure_family",
];
/// The version of Tiled whose protocol is spoken; clients compare it.
pub const LIBRARY_VERSION: &str = "0.2.20";

pub async fn about(app: Arc<App>, req: Req) -> Result<Reply> {
    super::metadata::check_client(&req)?;
    let (mut formats, mut aliases) = (Map::new(), Map::new());
    for target in encoders::TARGETS {
        let all = encoders::formats_of(*target);
        formats.insert(target.name().into(), all.iter().map(|(m, _)| Value::from(*m)).collect());
        let mut by_type = Map::new();
        for (media_type, endings) in all {
            by_type.insert(media_type.into(), json!(endings));
        }
        aliases.insert(target.name().into(), Value::Object(by_type));
    }
    let document = json!({
        "api_version": 0, "library_version": LIBRARY_VERSION, "formats": formats, "aliases": aliases, "queries": QUERIES,
        "authentication": {"required": !app.public, "providers": [], "links": null},
        "links": {"self": format!("{}/api/v1", req.origin), "documentation": format!("{}/docs", req.origin)},
        "meta": {"root_path": "/api"},
    });
    let expires = http_date(app.clock.now_us() / 1_000_000 + 600);
    Ok(Reply::document(&req, document.to_string())?.with(header::EXPIRES, expires))
}

/// Seconds since the epoch as an HTTP date.
pub fn http_date(seconds: i64) -> String {
    let format = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    time::OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|t| t.format(format).ok())
        .unwrap_or_default()
}

pub async fn redirect(_app: Arc<App>, req: Req) -> Result<Reply> {
    Ok(Reply::empty(StatusCode::TEMPORARY_REDIRECT).with(header::LOCATION, format!("{}/api/v1/", req.origin)))
}

pub async fn healthz(_app: Arc<App>, req: Req) -> Result<Reply> {
    Reply::document(&req, json!({"status": "ready"}).to_string())
}

pub async fn readyz(app: Arc<App>, req: Req) -> Result<Reply> {
    let nodes = app.tree.catalog.len()?;
    Reply::document(&req, json!({"status": "ready", "nodes": nodes}).to_string())
}

/// What the routes have in common, for the OpenAPI document.
pub fn common() -> Api {
    Api {
        security: json!({"apiKey": {"type": "apiKey", "in": "query", "name": "api_key"}}),
        has_scopes: true,
        path: "keys from the root, separated by `/`; may be empty",
        statuses: &[
            ("206", "the part that `Range` asks for"),
            ("303", "the page is at another address"),
            ("304", "not modified"),
            ("307", "the document is at another address"),
            ("400", "the request cannot be right"),
            ("401", "credentials are missing or wrong"),
            ("403", "refused"),
            ("404", "no such node"),
            ("405", "this node does not support it"),
            ("406", "no acceptable format"),
            ("410", "a broken link or a missing file"),
            ("413", "over a limit"),
            ("416", "the byte range lies outside"),
            ("422", "a value breaks its grammar, or damaged data"),
            ("503", "busy; ask again after `Retry-After` seconds"),
        ],
        bodies: json!({"application/json": {"schema": {"type": "array", "items": {"type": "string"}}}}),
    }
}

pub async fn openapi(app: Arc<App>, _req: Req) -> Result<Reply> {
    Ok(Reply::new("application/json", app.openapi.to_string()).tagged())
}

pub async fn metrics(app: Arc<App>, _req: Req) -> Result<Reply> {
    let usage = app.tree.cache.usage();
    let mut gauges = vec![
        Gauge { name: "tile_cache_bytes", about: "Bytes of decoded data held", value: usage.bytes },
        Gauge { name: "tile_cache_bytes_max", about: "The cache's budget", value: usage.bytes_max },
        Gauge { name: "tile_cache_entries", about: "Decoded chunks and columns held", value: usage.entries },
        Gauge { name: "tile_catalog_nodes", about: "Nodes of the catalog", value: app.tree.catalog.len()? },
    ];
    if let Some(value) = resident_bytes() {
        let about = "Resident memory size in bytes";
        gauges.push(Gauge { name: "process_resident_memory_bytes", about, value });
    }
    Ok(Reply::new("text/plain; version=0.0.4; charset=utf-8", app.metrics.render(&gauges)))
}

/// The memory that this process holds, where the system tells it as Linux does.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}
