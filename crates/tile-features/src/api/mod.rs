//! Features over HTTP, as Chronon's fetcher services have it: one file for each group of routes, and the table of all of them. The dispatcher
//! has found out whose token it is; [`call`] says what it may read.

mod answers;
mod arrow;
mod avro;
mod beside;
mod call;
mod columns;
mod explain;
mod face;
mod fetch;
mod join;
mod joining;
mod keys;
mod listing;
mod log;
mod params;
mod runs;
mod schemas;
#[cfg(test)]
mod tests;
mod training;

pub(crate) use call::Call;
pub(crate) use columns::of_table;
pub use face::FACE;
pub(crate) use joining::{Joining, Keyed, Row};
pub(crate) use keys::value;
pub(crate) use listing::{group as described, join as described_join};
pub use runs::Runs;

use crate::hub::Hub;
use crate::log::Log;
use crate::training::body;
use http::Method;
use std::sync::Arc;
use tile_base::Scope;
use tile_web::Reply;
use tile_web::openapi::Api;
use tile_web::route::{Param, Route};

/// What handlers hold.
pub struct App {
    pub hub: Arc<Hub>,
    /// What is logged of the answers.
    pub log: Log,
    pub runs: Runs,
    /// The id of the workspace whose features these are.
    pub workspace: String,
    /// Whether callers without a token may read all features.
    pub is_public: bool,
    pub limits: Limits,
    pub version: &'static str,
}

/// Bounds of requests.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub body_bytes_max: usize,
    /// Of one call.
    pub keys_max: usize,
    /// Rows that one call gives in the place of those of one source.
    pub rows_max: usize,
    /// Rows of a call for training data.
    pub training_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes_max: 16 << 20, keys_max: 10_000, rows_max: 100_000, training_bytes_max: 64 << 20 }
    }
}

/// A route of JSON whose handler is an `async fn`, and is asked with no other parameters than these.
macro_rules! route {
    ($method:ident $pattern:literal, $scope:expr, $summary:expr, $params:expr, $handler:path) => {
        Route {
            method: Method::$method,
            pattern: $pattern,
            scope: $scope,
            summary: $summary,
            params: $params,
            produces: &["application/json"],
            handler: |app, req| {
                Box::pin(async move {
                    params::check(&req, $params, &[])?;
                    $handler(app, req).await
                })
            },
        }
    };
}

const AT: Param = Param {
    name: "atMillis",
    kind: "integer",
    about: "The time that values are for, in milliseconds since 1970; the present without it",
};

const COLUMNS: Param = Param {
    name: "columns",
    kind: "string",
    about: "Names of the features that are wanted, apart by commas; all without it",
};
const FRESHNESS: Param = Param {
    name: "freshness",
    kind: "boolean",
    about: "`true` tells of each GroupBy up to when rows are in its features, and the newest time of an event in them",
};

const SPAN: &[Param] = &[
    Param {
        name: "from",
        kind: "string",
        about: "The beginning: a day, a time of UTC, or milliseconds since 1970; a day before the end without it",
    },
    Param { name: "to", kind: "string", about: "The end, which is not within; the present without it" },
    Param { name: "limit", kind: "integer", about: "How many answers are looked at; 100000 without it" },
    Param {
        name: "tolerance",
        kind: "number",
        about: "The share by which numbers may differ and count as equal",
    },
];
const DRIFT: &[Param] = &[
    SPAN[0],
    SPAN[1],
    SPAN[2],
    Param {
        name: "against",
        kind: "string",
        about: "The span to compare with, as FROM..TO, or its beginning; the one before without it",
    },
];
const FORMAT: Param = Param { name: "format", kind: "string", about: "`arrow`, `parquet` or `ndjson`" };
const JOB: &[Param] = &[FORMAT];
const TRAINING: &[Param] = &[
    Param {
        name: "left",
        kind: "string",
        about: "The data source, or the table of the catalog's files, with the rows, where the body has none",
    },
    Param {
        name: "wait",
        kind: "integer",
        about: "Seconds to wait for the result, 0 to 60; a job is told after them",
    },
    FORMAT,
];

const ABOUT_GROUP_BY: &str =
    "Features of keys; with `/explain` behind the name, the tiles that they are made of as well";
const ABOUT_JOIN: &str = "Features of keys, by a Join";
const ABOUT_TRAINING: &str = "Rows with the features that they had at their times";
const ABOUT_JOB: &str = "How a job stands; with `/result` behind it, what it computed";
const ABOUT_CHECK: &str = "What was served and logged, compared with what the rows give";
const ABOUT_DRIFT: &str = "How far logged values moved from one span of time to another";
const ABOUT_REBUILD: &str = "Read all rows of a GroupBy anew, and serve what it has until then";
const ABOUT_AVRO: &str =
    "Features of keys, by a Join: each row's as a record of Avro by the Join's schema, in base64";
/// How rows are answered.
const ROWS: &[&str] = &[body::ARROW, body::PARQUET, body::NDJSON, "application/json"];
const ABOUT_EXPLAIN: &str = "With `/explain` behind the name: features of the key in the parameters, and the tiles that they are made of";

const NONE: &[Param] = &[];
const ASKED: &[Param] = &[AT];
const FETCHED: &[Param] = &[AT, COLUMNS, FRESHNESS];

/// Every route.
pub fn routes() -> Vec<Route<App>> {
    use Scope::{Public, ReadData};
    let fetched = |route| Route { produces: &["application/json", arrow::MEDIA_TYPE], ..route };
    let rows = |route| Route { produces: ROWS, ..route };
    // The key's columns are parameters as well.
    let explained = |route| Route { handler: |app, req| Box::pin(explain::get(app, req)), ..route };
    vec![
        route!(GET "/ping", Public, "Whether features are served", NONE, listing::ping),
        route!(GET "/config", ReadData, "How features are served", NONE, listing::config),
        route!(GET "/v1/features", ReadData, "GroupBys and Joins, and where they stand", NONE, listing::all),
        fetched(
            route!(POST "/v1/features/groupby/{path}", ReadData, ABOUT_GROUP_BY, FETCHED, fetch::group_by),
        ),
        fetched(route!(POST "/v1/fetch/groupby/{path}", ReadData, ABOUT_GROUP_BY, FETCHED, fetch::group_by)),
        explained(route!(GET "/v1/features/groupby/{path}", ReadData, ABOUT_EXPLAIN, ASKED, explain::get)),
        explained(route!(GET "/v1/fetch/groupby/{path}", ReadData, ABOUT_EXPLAIN, ASKED, explain::get)),
        fetched(route!(POST "/v1/features/join/{path}", ReadData, ABOUT_JOIN, FETCHED, join::fetch)),
        fetched(route!(POST "/v1/fetch/join/{path}", ReadData, ABOUT_JOIN, FETCHED, join::fetch)),
        route!(POST "/v2/fetch/join/{path}", ReadData, ABOUT_AVRO, ASKED, join::fetch_avro),
        route!(GET "/v1/features/check/{path}", ReadData, ABOUT_CHECK, SPAN, log::check),
        route!(GET "/v1/features/drift/{path}", ReadData, ABOUT_DRIFT, DRIFT, log::drift),
        rows(route!(POST "/v1/features/training/{path}", ReadData, ABOUT_TRAINING, TRAINING, training::post)),
        rows(route!(GET "/v1/features/jobs/{path}", ReadData, ABOUT_JOB, JOB, training::get_job)),
        route!(DELETE "/v1/features/jobs/{path}", ReadData, "End a job", NONE, training::delete_job),
        route!(POST "/v1/features/rebuild/{path}", ReadData, ABOUT_REBUILD, NONE, listing::rebuild),
        route!(GET "/v1/joins", ReadData, "Names of Joins", NONE, listing::joins),
        route!(GET "/v1/join/{path}", ReadData, "The schema of a Join", NONE, schemas::join),
        route!(GET "/v1/groupby/{path}", ReadData, "The schema of a GroupBy", NONE, schemas::group_by),
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
