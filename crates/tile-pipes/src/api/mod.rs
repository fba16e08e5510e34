//! The HTTP API, as Tinybird's clients know it: one file for each group of routes, and the table of all of them.
//!
//! The dispatcher has found out whose token it is; what the token may do with a resource, [`Call`] says, and every handler begins
//! with one.

mod bootstrap;
mod branches;
mod cached;
pub(crate) mod call;
mod changes;
pub mod clickhouse;
mod datasources;
mod dependencies;
mod deployments;
mod endpoints;
mod events;
mod exception;
mod explain;
mod face;
mod imports;
pub mod jobs;
mod mcp;
mod members;
mod older;
mod openapi;
mod params;
mod pipes;
mod shares;
mod show;
mod sql;
mod tokens;
mod variables;
mod watch;
mod workspaces;

pub use crate::tokens::sync as sync_tokens;
pub use face::FACE;
pub(crate) use show::{millis, moment, time};
pub use watch::{
    deployed as note_deployment, keep as keep_records, operated, operated_if, store as store_records,
};
pub(crate) use watch::{kept, sunk};

use crate::hub::Hub;
use crate::writer::Writer;
use http::Method;
use std::sync::Arc;
use std::time::Duration;
use tile_base::{Authorizer, Credentials, Objects, Principal, Result, Scope};
use tile_web::openapi::Api;
use tile_web::route::{Answer, Param, Route};
use tile_web::{Reply, Req};

/// What handlers hold.
pub struct App {
    pub hub: Arc<Hub>,
    pub writer: Writer,
    /// Files elsewhere.
    pub objects: Arc<dyn Objects>,
    pub limits: Limits,
    pub version: &'static str,
    /// `/tokens` answers: for clients that look for a local server.
    pub gives_tokens: bool,
}

/// Bounds of requests.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of events and imports, as they are sent.
    pub body_bytes_max: usize,
    /// The same after decompression.
    pub rows_bytes_max: usize,
    /// Of a project's files.
    pub project_bytes_max: usize,
    pub result_bytes_max: usize,
    pub query_time_max: Duration,
    /// Of a copy, and of what goes to or comes from elsewhere: imports from addresses and buckets, and sinks.
    pub job_time_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 100 << 20,
            rows_bytes_max: 1 << 30,
            project_bytes_max: 64 << 20,
            result_bytes_max: 100 << 20,
            query_time_max: Duration::from_secs(10),
            job_time_max: Duration::from_secs(3600),
        }
    }
}

/// The guard of this API: any token that is ours. [`call::Call`] asks it for the resource.
pub struct Guard(pub Arc<Hub>);

impl Authorizer for Guard {
    fn authorize(&self, credentials: &Credentials, _scope: Scope, _path: &[String]) -> Result<Principal> {
        self.0.authenticate(credentials).map(Principal::Token)
    }
    fn is_public(&self) -> bool {
        false
    }
}

type Handler = fn(Arc<App>, Req) -> Answer;

/// A handler that is an `async fn`.
macro_rules! boxed {
    ($handler:path) => {
        |app, req| Box::pin($handler(app, req))
    };
}

const fn route(
    method: Method,
    pattern: &'static str,
    scope: Scope,
    summary: &'static str,
    handler: Handler,
) -> Route<App> {
    const NONE: &[Param] = &[];
    Route { method, pattern, scope, summary, params: NONE, produces: &["application/json"], handler }
}

/// What the routes have in common, for the OpenAPI document.
pub fn common() -> Api {
    Api {
        security: tile_web::openapi::tokens(),
        // The handlers ask for the resource.
        has_scopes: false,
        path: "the name or the id of what is meant, and what of it, separated by `/`; empty for all",
        statuses: &[
            ("201", "made"),
            ("202", "taken; the job says when it is done"),
            ("204", "done, and there is nothing to say"),
            ("205", "emptied"),
            ("400", "the request cannot be right"),
            ("403", "the token may not do this, or is none"),
            ("404", "there is no such thing"),
            ("405", "not this method"),
            ("408", "it took too long"),
            ("409", "something else stands against it"),
            ("413", "over a limit"),
            ("422", "it cannot be read"),
            ("429", "too many requests; ask again after `Retry-After` seconds"),
            ("503", "busy; ask again after `Retry-After` seconds"),
        ],
        bodies: serde_json::json!({"*/*": {}}),
    }
}

/// Every route.
pub fn routes() -> Vec<Route<App>> {
    use Scope::{Public, ReadData};
    let get = |p, s, about, h| route(Method::GET, p, s, about, h);
    let post = |p, s, about, h| route(Method::POST, p, s, about, h);
    let put = |p, s, about, h| route(Method::PUT, p, s, about, h);
    let delete = |p, s, about, h| route(Method::DELETE, p, s, about, h);
    let mut out = vec![
        get("/tokens", Public, "The tokens of a local server", boxed!(bootstrap::tokens)),
        get("/version", Public, "The version", boxed!(bootstrap::version)),
        get("/v0/health", Public, "Whether the server answers", boxed!(bootstrap::health)),
        get("/v0/regions", Public, "Where workspaces can be", boxed!(bootstrap::regions)),
        get("/v0/auth", ReadData, "Whose token it is", boxed!(bootstrap::auth)),
        get("/v0/user/workspaces/{path}", ReadData, "The user's workspaces", boxed!(workspaces::of_user)),
        get("/v1/user/workspaces/{path}", ReadData, "The user's workspaces", boxed!(workspaces::of_user)),
        get("/v0/workspace", ReadData, "The token's workspace", boxed!(workspaces::own)),
        get("/v1/workspace", ReadData, "The token's workspace", boxed!(workspaces::own)),
        get("/v0/workspaces/{path}", ReadData, "A workspace", boxed!(workspaces::one)),
        get("/v1/workspaces/{path}", ReadData, "A workspace", boxed!(workspaces::one)),
        post("/v1/workspaces", ReadData, "Makes a workspace", boxed!(workspaces::create)),
        post("/v0/workspaces", ReadData, "Makes a workspace", boxed!(workspaces::create)),
        delete("/v0/workspaces/{path}", ReadData, "Forgets a workspace", boxed!(workspaces::remove)),
        delete("/v1/workspaces/{path}", ReadData, "Forgets a workspace", boxed!(workspaces::remove)),
        post("/v1/build", ReadData, "Makes the workspace equal to files", boxed!(deployments::build)),
        post("/v1/deploy", ReadData, "Deploys files", boxed!(deployments::deploy)),
        get("/v1/deployments/{path}", ReadData, "Deployments", boxed!(deployments::list)),
        post("/v1/deployments/{path}", ReadData, "Promotes a deployment", boxed!(deployments::set_live)),
        delete("/v1/deployments/{path}", ReadData, "Discards a deployment", boxed!(deployments::discard)),
        post("/v0/events", ReadData, "Appends rows", boxed!(events::append)),
        get("/v0/datasources/{path}", ReadData, "Data sources", boxed!(datasources::read)),
        get("/v1/datasources/{path}", ReadData, "Data sources", boxed!(datasources::read)),
        post("/v0/datasources/{path}", ReadData, "Changes rows of a data source", boxed!(imports::change)),
        post("/v1/datasources/{path}", ReadData, "Changes rows of a data source", boxed!(imports::change)),
        put("/v0/datasources/{path}", ReadData, "Renames a data source", boxed!(imports::put)),
        delete("/v0/datasources/{path}", ReadData, "Removes a data source", boxed!(changes::remove)),
        post("/v0/analyze", ReadData, "Recommends a schema for rows", boxed!(imports::analyze)),
        get("/v0/pipes/{path}", ReadData, "Pipes, and the results of endpoints", boxed!(pipes::read)),
        get("/v1/pipes/{path}", ReadData, "Pipes", boxed!(pipes::read)),
        post("/v0/pipes/{path}", ReadData, "Results of endpoints; copies", boxed!(pipes::post)),
        put("/v0/pipes/{path}", ReadData, "Changes a pipe", boxed!(pipes::put)),
        delete("/v0/pipes/{path}", ReadData, "Removes a pipe or an output", boxed!(pipes::remove)),
        post("/mcp", ReadData, "Endpoints as tools of language models", boxed!(mcp::post)),
        get("/v0/sql", ReadData, "A query", boxed!(sql::query)),
        post("/v0/sql", ReadData, "A query", boxed!(sql::query)),
        get("/v0/dependencies", ReadData, "What views fill", boxed!(dependencies::read)),
        put("/v0/workspaces/{path}", ReadData, "Changes members", boxed!(members::update)),
        put("/v1/workspaces/{path}", ReadData, "Changes members", boxed!(members::update)),
        get("/v0/environments", ReadData, "Branches", boxed!(branches::list)),
        get("/v1/environments", ReadData, "Branches", boxed!(branches::list)),
        post("/v0/environments/{path}", ReadData, "Makes or fills a branch", boxed!(branches::create)),
        post("/v1/environments/{path}", ReadData, "Makes or fills a branch", boxed!(branches::create)),
        delete("/v0/environments/{path}", ReadData, "Removes a branch", boxed!(branches::remove)),
        delete("/v1/environments/{path}", ReadData, "Removes a branch", boxed!(branches::remove)),
        get("/v0/jobs/{path}", ReadData, "Jobs", boxed!(jobs::read)),
        post("/v0/jobs/{path}", ReadData, "Cancels a job, or runs it again", boxed!(jobs::change)),
        get("/v0/tokens/{path}", ReadData, "Tokens", boxed!(tokens::read)),
        post("/v0/tokens/{path}", ReadData, "Makes or refreshes a token", boxed!(tokens::create)),
        put("/v0/tokens/{path}", ReadData, "Changes a token", boxed!(tokens::update)),
        delete("/v0/tokens/{path}", ReadData, "Removes a token", boxed!(tokens::remove)),
        get("/v0/variables/{path}", ReadData, "Secrets' names", boxed!(variables::read)),
        post("/v0/variables/{path}", ReadData, "Sets a secret", boxed!(variables::set)),
        put("/v0/variables/{path}", ReadData, "Sets a secret", boxed!(variables::set)),
        delete("/v0/variables/{path}", ReadData, "Forgets a secret", boxed!(variables::remove)),
        get("/v0/connectors/{path}", ReadData, "Connections", boxed!(pipes::connectors)),
        get("/examples/query.http", ReadData, "The address of an endpoint", boxed!(endpoints::example)),
    ];
    out.extend(older_routes());
    out
}

/// Those that only the older way of working asks for.
fn older_routes() -> Vec<Route<App>> {
    use Scope::ReadData;
    vec![
        route(
            Method::POST,
            "/v0/sql_tables",
            ReadData,
            "The tables that a query names",
            boxed!(older::sql::tables),
        ),
        route(Method::POST, "/v0/sql_copy", ReadData, "Copies a query's result", boxed!(older::sql::copied)),
        route(Method::GET, "/v0/sql_format", ReadData, "A query in one form", boxed!(older::sql::format)),
        route(Method::GET, "/v0/tags", ReadData, "Tags of resources", boxed!(older::tags::list)),
        route(Method::POST, "/v0/tags", ReadData, "Makes a tag", boxed!(older::tags::create)),
        route(
            Method::PUT,
            "/v0/tags/{path}",
            ReadData,
            "Says which resources have a tag",
            boxed!(older::tags::update),
        ),
        route(Method::DELETE, "/v0/tags/{path}", ReadData, "Removes a tag", boxed!(older::tags::remove)),
    ]
}

/// A text. Clients compare the media type as a whole, without a charset, before they take the body for JSON.
fn text(body: impl Into<bytes::Bytes>) -> Reply {
    Reply::new("text/plain", body)
}

/// A JSON answer.
fn json(value: &serde_json::Value) -> Reply {
    Reply::new("application/json; charset=utf-8", value.to_string())
}
