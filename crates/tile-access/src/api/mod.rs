//! The routes of access. One file per group; the table below is all there is.

mod about;
pub use about::{LIBRARY_VERSION, common};
mod array;
mod asset;
mod awkward;
mod batch;
mod container;
mod distinct;
mod downsample;
mod metadata;
pub mod page;
mod query;
mod resource;
mod row_filter;
mod search;
mod send;
mod table;
mod zarr;

use crate::tree::Tree;
use http::Method;
use std::path::PathBuf;
use std::sync::Arc;
use tile_base::{Clock, Error, Family, Kind, Result, Scope};
use tile_web::metrics::Metrics;
use tile_web::route::{Answer, Param, Route};
use tile_web::{Reply, Req};

/// What handlers share.
#[derive(Clone)]
pub struct App {
    pub tree: Arc<Tree>,
    /// Folders and files that are served, absolute; told to clients only as relative paths.
    pub roots: Vec<PathBuf>,
    pub version: &'static str,
    /// Whether anonymous callers may read.
    pub public: bool,
    pub metrics: Arc<Metrics>,
    pub clock: Arc<dyn Clock>,
    /// The OpenAPI document of all routes of the server.
    pub openapi: Arc<str>,
}

/// What the request's sender sees of it.
fn seen(app: Arc<App>, req: &Req) -> Arc<App> {
    if !app.tree.has_mounts() {
        return app;
    }
    Arc::new(App { tree: Arc::new(app.tree.seen_by(&req.principal)), ..App::clone(&app) })
}

/// Makes a handler out of an async function.
macro_rules! handler {
    ($f:path) => {
        |app, req| Box::pin($f(seen(app, &req), req)) as Answer
    };
}

const fn p(name: &'static str, kind: &'static str, about: &'static str) -> Param {
    Param { name, kind, about }
}

const FIELDS: Param = p(
    "fields",
    "array",
    "which attributes: metadata, structure_family, structure, count, sorting, specs, data_sources, access_tags, or empty for none",
);
const SELECT: Param = p("select_metadata", "string", "JMESPath expression over the metadata");
const OMIT: Param = p("omit_links", "boolean", "leave links out");
const SOURCES: Param = p("include_data_sources", "boolean", "add data sources with their assets");
const DEPTH: Param = p("max_depth", "integer", "depth of inlined contents (0–5), or of a deep search (1–64)");
const SLICE: Param = p("slice", "string", "NumPy slice such as `0:10,::2,3`");
const SHAPE: Param =
    p("expected_shape", "string", "shape that the client expects, such as `3,4` or `scalar`");
const FORMAT: Param = p("format", "string", "media type or file ending, wins over Accept");
const FILENAME: Param = p("filename", "string", "name for a download");
const COLUMN: Param = p("column", "array", "columns to include; repeatable");
const FIELD: Param = p("field", "array", "children or columns to include; repeatable");
const WHERE: Param = p(
    "where",
    "array",
    "extension: row conditions such as `color=red` or `t>=20`; repeatable, all must hold",
);
const EVERY: Param =
    p("every", "string", "extension: keep every n-th row, or reduce arrays by `n` or `n,m,…` per dimension");
const HOW: Param = p("how", "string", "extension: first (default), mean, min or max of each bin of `every`");
const SEARCH: &[Param] = &[
    p("page[offset]", "integer", "skip so many"),
    p("page[cursor]", "integer", "continue after this row"),
    p("page[limit]", "integer", "at most so many (0–300, default 100)"),
    p("sort", "array", "keys, `-` before a key for descending; an empty key means insertion order"),
    FIELDS,
    SELECT,
    OMIT,
    SOURCES,
    DEPTH,
];
const DOCUMENT: &[&str] = &["application/json", "application/x-msgpack"];
const ANY: &[&str] = &["*/*"];

/// Every route.
pub fn routes() -> Vec<Route<App>> {
    let get =
        |pattern, scope, summary, params: &'static [Param], produces: &'static [&'static str], handler| {
            Route { method: Method::GET, pattern, scope, summary, params, produces, handler }
        };
    let post = |pattern, summary, params: &'static [Param], produces: &'static [&'static str], handler| {
        Route { method: Method::POST, pattern, scope: Scope::ReadData, summary, params, produces, handler }
    };
    vec![
        get("/", Scope::Public, "The first page", &[], &["text/html"], handler!(page::home)),
        get(
            "/browse/{path}",
            Scope::ReadMetadata,
            "A node as a page",
            const { &[SLICE, p("offset", "integer", "first child or row shown")] },
            &["text/html"],
            handler!(page::node),
        ),
        get(
            "/static/{path}",
            Scope::Public,
            "Style sheet of the pages",
            &[],
            &["text/css"],
            handler!(page::asset),
        ),
        get(
            "/favicon.ico",
            Scope::Public,
            "Icon of the pages",
            &[],
            &["image/svg+xml"],
            handler!(page::icon),
        ),
        get("/docs", Scope::Public, "The routes as a page", &[], &["text/html"], handler!(page::docs)),
        get(
            "/openapi.json",
            Scope::Public,
            "The OpenAPI document",
            &[],
            &["application/json"],
            handler!(about::openapi),
        ),
        get(
            "/healthz",
            Scope::Public,
            "Whether the process lives",
            &[],
            &["application/json"],
            handler!(about::healthz),
        ),
        get(
            "/readyz",
            Scope::Public,
            "Whether requests can be served",
            &[],
            &["application/json"],
            handler!(about::readyz),
        ),
        get("/metrics", Scope::Metrics, "Prometheus metrics", &[], &["text/plain"], handler!(about::metrics)),
        get(
            "/api/v1/metrics",
            Scope::Metrics,
            "Prometheus metrics",
            &[],
            &["text/plain"],
            handler!(about::metrics),
        ),
        get("/api/v1", Scope::Public, "Leads to the about document", &[], &[], handler!(about::redirect)),
        get(
            "/api/v1/",
            Scope::Public,
            "What this server is and speaks",
            &[],
            DOCUMENT,
            handler!(about::about),
        ),
        get(
            "/api/v1/metadata/{path}",
            Scope::ReadMetadata,
            "One node",
            const { &[FIELDS, SELECT, DEPTH, OMIT, SOURCES, p("root_path", "boolean", "tell the root path")] },
            DOCUMENT,
            handler!(metadata::get),
        ),
        get(
            "/api/v1/search/{path}",
            Scope::ReadMetadata,
            "Children of a container, filtered (`filter[<query>][condition][<field>]`)",
            SEARCH,
            DOCUMENT,
            handler!(search::children),
        ),
        get(
            "/api/v1/search-deep/{path}",
            Scope::ReadMetadata,
            "Descendants of a container, filtered",
            SEARCH,
            DOCUMENT,
            handler!(search::deep),
        ),
        get(
            "/api/v1/distinct/{path}",
            Scope::ReadMetadata,
            "Distinct values among children",
            const {
                &[
                    p("metadata", "array", "dotted keys"),
                    p("structure_families", "boolean", ""),
                    p("specs", "boolean", ""),
                    p("counts", "boolean", ""),
                ]
            },
            DOCUMENT,
            handler!(distinct::get),
        ),
        get(
            "/api/v1/array/full/{path}",
            Scope::ReadData,
            "An array or sparse array, sliced",
            &[SLICE, SHAPE, FORMAT, FILENAME, EVERY, HOW],
            ANY,
            handler!(array::full),
        ),
        get(
            "/api/v1/array/block/{path}",
            Scope::ReadData,
            "One chunk",
            const { &[p("block", "string", "chunk number per dimension"), SLICE, SHAPE, FORMAT, FILENAME] },
            ANY,
            handler!(array::block),
        ),
        get(
            "/api/v1/table/full/{path}",
            Scope::ReadData,
            "A table",
            &[COLUMN, FORMAT, FILENAME, WHERE, EVERY],
            ANY,
            handler!(table::full),
        ),
        post(
            "/api/v1/table/full/{path}",
            "A table, columns in the body",
            &[FORMAT, FILENAME, WHERE, EVERY],
            ANY,
            handler!(table::full),
        ),
        get(
            "/api/v1/table/partition/{path}",
            Scope::ReadData,
            "One partition",
            const {
                &[
                    p("partition", "integer", "number of the partition"),
                    COLUMN,
                    FIELD,
                    FORMAT,
                    FILENAME,
                    WHERE,
                    EVERY,
                ]
            },
            ANY,
            handler!(table::partition),
        ),
        post(
            "/api/v1/table/partition/{path}",
            "One partition, columns in the body",
            const { &[p("partition", "integer", "number of the partition"), FORMAT, FILENAME, WHERE, EVERY] },
            ANY,
            handler!(table::partition),
        ),
        get(
            "/api/v1/node/full/{path}",
            Scope::ReadData,
            "A table or container (old name)",
            &[FIELD, FORMAT, FILENAME],
            ANY,
            handler!(container::node_full),
        ),
        get(
            "/api/v1/container/full/{path}",
            Scope::ReadData,
            "A container with all below",
            &[FIELD, FORMAT, FILENAME],
            ANY,
            handler!(container::full),
        ),
        post(
            "/api/v1/container/full/{path}",
            "A container, fields in the body",
            &[FORMAT, FILENAME],
            ANY,
            handler!(container::full),
        ),
        get(
            "/api/v1/awkward/buffers/{path}",
            Scope::ReadData,
            "Buffers of an awkward array",
            const { &[p("form_key", "array", "prefixes of buffer keys; repeatable"), FORMAT, FILENAME] },
            ANY,
            handler!(awkward::buffers),
        ),
        post(
            "/api/v1/awkward/buffers/{path}",
            "Buffers of an awkward array, keys in the body",
            &[FORMAT, FILENAME],
            ANY,
            handler!(awkward::buffers),
        ),
        get(
            "/api/v1/awkward/full/{path}",
            Scope::ReadData,
            "An awkward array",
            &[FORMAT, FILENAME],
            ANY,
            handler!(awkward::full),
        ),
        get(
            "/api/v1/ragged/full/{path}",
            Scope::ReadData,
            "A ragged array",
            &[SLICE, FORMAT, FILENAME],
            ANY,
            handler!(awkward::ragged),
        ),
        get(
            "/api/v1/asset/bytes/{path}",
            Scope::ReadData,
            "An original file",
            const { &[p("id", "integer", "the asset"), p("relative_path", "string", "file in a folder asset")] },
            ANY,
            handler!(asset::bytes),
        ),
        get(
            "/api/v1/asset/manifest/{path}",
            Scope::ReadData,
            "Files of a folder asset",
            const { &[p("id", "integer", "the asset")] },
            DOCUMENT,
            handler!(asset::manifest),
        ),
        post(
            "/api/v1/batch",
            "Extension: several nodes in one call; the body is a JSON list of paths",
            &[FIELDS, SELECT, OMIT, SOURCES],
            DOCUMENT,
            handler!(batch::post),
        ),
        get(
            "/zarr/v2/{path}",
            Scope::ReadData,
            "Any array, table or container as Zarr version 2",
            &[],
            ANY,
            handler!(zarr::v2),
        ),
        get(
            "/zarr/v3/{path}",
            Scope::ReadData,
            "Any array, table or container as Zarr version 3, with consolidated metadata",
            &[],
            ANY,
            handler!(zarr::v3),
        ),
    ]
}

/// The refusal of a node of another family, in Tiled's words.
fn wrong_family(path: &tile_base::NodePath, have: Family, served: &[Family]) -> Error {
    let served: Vec<String> =
        served.iter().map(|f| format!("<StructureFamily.{0}: '{0}'>", f.name())).collect();
    Error::new(
        Kind::NotFound,
        format!(
            "The node at {path} has structure family StructureFamily.{} and this endpoint is compatible with structure families {{{}}}",
            have.name(),
            served.join(", ")
        ),
    )
}

/// A JSON list of texts from the body; an empty body is no list.
async fn body_list(req: &mut Req) -> Result<Vec<String>> {
    let body = req.read_body(1 << 20).await?;
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(vec![]);
    }
    let value: Option<Vec<String>> = serde_json::from_slice(&body)
        .map_err(|_| Error::malformed("the body is not a JSON list of texts"))?;
    Ok(value.unwrap_or_default())
}
