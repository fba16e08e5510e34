//! Features over HTTP, as Chronon's fetcher services have it: one file for each group of routes, and the table of all of them. The dispatcher
//! has found out whose token it is; [`call`] says what it may read.

mod answers;
mod arrow;
mod call;
mod columns;
mod explain;
mod face;
mod fetch;
mod join;
mod joining;
mod keys;
mod listing;

pub(crate) use call::Call;
pub(crate) use columns::{Columns, of_table};
pub use face::FACE;
pub(crate) use joining::{Joining, Keyed, Row};
pub(crate) use keys::value;
pub(crate) use listing::{group as described, join as described_join};

use crate::hub::Hub;
use http::Method;
use std::sync::Arc;
use tile_base::Scope;
use tile_web::openapi::Api;
use tile_web::route::{Answer, Param, Route};
use tile_web::{Reply, Req};

/// What handlers hold.
pub struct App {
    pub hub: Arc<Hub>,
    /// The id of the workspace whose features these are.
    pub workspace: String,
    pub limits: Limits,
    pub version: &'static str,
}

/// Bounds of requests.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub body_bytes_max: usize,
    /// Of one call.
    pub keys_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes_max: 16 << 20, keys_max: 10_000 }
    }
}

type Handler = fn(Arc<App>, Req) -> Answer;

/// A handler that is an `async fn`.
macro_rules! boxed {
    ($handler:path) => {
        |app, req| Box::pin($handler(app, req))
    };
}

const AT: Param = Param {
    name: "atMillis",
    kind: "integer",
    about: "The time that values are for, in milliseconds since 1970; the present without it",
};

const ABOUT_GROUP_BY: &str =
    "Features of keys; with `/explain` behind the name, the tiles that they are made of as well";
const ABOUT_EXPLAIN: &str = "With `/explain` behind the name: features of the key in the parameters, and the tiles that they are made of";

/// Every route.
pub fn routes() -> Vec<Route<App>> {
    use Scope::{Public, ReadData};
    const NONE: &[Param] = &[];
    const ASKED: &[Param] = &[AT];
    let route = |method, pattern, scope, summary, params, handler: Handler| Route {
        method,
        pattern,
        scope,
        summary,
        params,
        produces: &["application/json"],
        handler,
    };
    let get = |p, scope, about, h| route(Method::GET, p, scope, about, NONE, h);
    let post = |p, about, h| route(Method::POST, p, ReadData, about, ASKED, h);
    let fetched = |pattern, summary, handler| Route {
        produces: &["application/json", arrow::MEDIA_TYPE],
        ..post(pattern, summary, handler)
    };
    let explained = |p| route(Method::GET, p, ReadData, ABOUT_EXPLAIN, ASKED, boxed!(explain::get));
    vec![
        get("/ping", Public, "Whether features are served", boxed!(listing::ping)),
        get("/config", ReadData, "How features are served", boxed!(listing::config)),
        get("/v1/features", ReadData, "GroupBys and Joins, and where they stand", boxed!(listing::all)),
        fetched("/v1/features/groupby/{path}", ABOUT_GROUP_BY, boxed!(fetch::group_by)),
        fetched("/v1/fetch/groupby/{path}", ABOUT_GROUP_BY, boxed!(fetch::group_by)),
        explained("/v1/features/groupby/{path}"),
        explained("/v1/fetch/groupby/{path}"),
        fetched("/v1/features/join/{path}", "Features of keys, by a Join", boxed!(join::fetch)),
        fetched("/v1/fetch/join/{path}", "Features of keys, by a Join", boxed!(join::fetch)),
        get("/v1/joins", ReadData, "Names of Joins", boxed!(listing::joins)),
        get("/v1/join/{path}", ReadData, "The schema of a Join", boxed!(listing::schema)),
    ]
}

/// What the document says of all routes.
pub fn common() -> Api {
    Api {
        security: tile_web::openapi::tokens(),
        // The handlers ask for the resource.
        has_scopes: false,
        path: "the name of a GroupBy or a Join",
        statuses: &[
            ("400", "malformed or invalid"),
            ("401", "no token"),
            ("403", "the token may not read these features"),
            ("404", "no such features"),
            ("413", "too many keys"),
            ("503", "rows are being read; ask again"),
        ],
        bodies: serde_json::json!({"application/json": {"example": [{"customer_id": "Alice"}]}}),
    }
}

/// A JSON answer.
fn json(value: &serde_json::Value) -> Reply {
    Reply::new("application/json", value.to_string())
}
