//! ClickHouse's HTTP interface, for reading: what its drivers and `tb ch` talk to, on a port of its own.
//!
//! [`ask`] answers a statement; `asked` reads the request, `login` finds the token in it, and `fault` says errors as ClickHouse
//! does. What the statements mean, [`crate::workspace::query`] knows.

mod asked;
mod fault;
mod login;

pub use fault::FACE;

use super::call::Call;
use super::endpoints::{self, Asking, Extra};
use super::watch::{Told, Watch, limit};
use super::{App, route};
use crate::template::Dialect;
use crate::workspace::query::Answer;
use asked::{Asked, Packing};
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderName, Method, header};
use std::sync::Arc;
use tile_base::{Error, Kind, Principal, Result, Scope};
use tile_clicksql::Session;
use tile_clicksql::format::compressed;
use tile_web::compress::Coding;
use tile_web::reply::Content;
use tile_web::route::Route;
use tile_web::{Reply, Req};

/// What clients call the server.
const NAME: &str = "tile";
/// The format where nobody names one.
const FORMAT: &str = "TabSeparated";

/// Every route. Who asks stands in more places than the dispatcher looks, so `ask` finds out itself.
pub fn routes() -> Vec<Route<App>> {
    use Scope::Public;
    vec![
        route(Method::GET, "/", Public, "A statement, or whether the server is there", |app, req| {
            Box::pin(ask(app, req))
        }),
        route(Method::POST, "/", Public, "A statement", |app, req| Box::pin(ask(app, req))),
        route(Method::GET, "/ping", Public, "Whether the server is there", |app, req| {
            Box::pin(ping(app, req))
        }),
        route(Method::GET, "/replicas_status", Public, "Whether replicas are behind", |app, req| {
            Box::pin(ping(app, req))
        }),
    ]
}

/// There are no replicas, so none is behind.
async fn ping(_app: Arc<App>, _req: Req) -> Result<Reply> {
    Ok(Reply::new("text/html; charset=UTF-8", "Ok.\n"))
}

async fn ask(app: Arc<App>, mut req: Req) -> Result<Reply> {
    if req.method == Method::GET && !req.query.has("query") {
        return ping(app, req).await;
    }
    let token = app.hub.authenticate(&login::credentials(&req)).map_err(fault::unknown)?;
    req.principal = Principal::Token(token);
    let call = Call::new(&app, &req)?;
    let asked = Asked::read(&app, &call, &mut req).await?;
    let watch = Watch::new(&call, &req, None, &[("q".to_owned(), asked.sql.clone())]);
    watch.over(answered(&app, &call, &req, asked)).await
}

async fn answered(app: &App, call: &Call, req: &Req, asked: Asked) -> Result<(Reply, Told)> {
    limit(app, call)?;
    let session = Session {
        database: call.tenant.workspace.name.clone(),
        user: login::user(req).unwrap_or_else(|| call.token.token_name.clone()),
        query_id: asked.query_id.clone(),
        server_name: NAME.to_owned(),
        server_id: app.hub.organization_id().to_owned(),
    };
    let asking = Asking {
        params: vec![],
        format: asked.format.clone(),
        pipe: None,
        text: Some(asked.sql),
        dialect: Dialect::default(),
        fixed: vec![],
    };
    let extra = Extra { bound: asked.bound, session, settings: asked.settings, time_max: asked.time_max };
    let answer = endpoints::ask(app, call, asking, extra).await?;
    if asked.rows_max.is_some_and(|max| answer.rows > max) {
        let what = format!("the result has {} rows, more than max_result_rows", answer.rows);
        return Err(Error::new(Kind::TooLarge, what).hint("Add a LIMIT or aggregate"));
    }
    let told = Told { rows_read: answer.read.rows, bytes_read: answer.read.bytes, rows: answer.rows };
    Ok((reply(answer, &asked.query_id, &asked.packing), told))
}

/// The answer with what it cost.
fn reply(answer: Answer, query_id: &str, packing: &Packing) -> Reply {
    let named = HeaderName::from_static;
    let summary = serde_json::json!({
        "read_rows": answer.read.rows.to_string(),
        "read_bytes": answer.read.bytes.to_string(),
        "written_rows": "0",
        "written_bytes": "0",
        "total_rows_to_read": "0",
        "result_rows": answer.rows.to_string(),
        "result_bytes": answer.bytes.len().to_string(),
        "elapsed_ns": format!("{:.0}", answer.elapsed_seconds * 1e9),
    });
    let plain = Bytes::from(answer.bytes);
    let (bytes, coding) = match packing {
        Packing::None => (plain, None),
        Packing::Blocks => (compressed(&plain).into(), None),
        Packing::Coding(accepted) => {
            let packed = coding(accepted).and_then(|c| Some((c.compress(&plain)?, Some(c))));
            packed.unwrap_or((plain, None))
        }
    };
    let length = Some(bytes.len() as u64);
    // As a stream, so that nobody compresses it once more: drivers take other codings than Tiled's client.
    let mut reply = Reply::new(answer.content_type, Bytes::new());
    reply.content = Content::Stream { body: Body::from(bytes), length, coding };
    reply
        .with(header::CACHE_CONTROL, "no-store")
        .with(named("x-clickhouse-query-id"), query_id)
        .with(named("x-clickhouse-format"), answer.format)
        .with(named("x-clickhouse-timezone"), "UTC")
        .with(named("x-clickhouse-server-display-name"), NAME)
        .with(named("x-clickhouse-summary"), summary.to_string())
}

/// The coding that the client takes, of those that ClickHouse has too and in its form.
fn coding(accepted: &str) -> Option<Coding> {
    let accepted = tile_web::media::parse(accepted);
    let takes =
        |c: &Coding| accepted.iter().any(|a| a.quality > 0.0 && a.name.eq_ignore_ascii_case(c.name()));
    [Coding::Zstd, Coding::Gzip].into_iter().find(takes)
}
