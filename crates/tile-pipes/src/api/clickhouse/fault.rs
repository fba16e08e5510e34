//! Errors as ClickHouse's clients know them: a number, a name, a text.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use std::fmt;
use tile_base::{Error, Kind};
use tile_clicksql::error::SqlError;
use tile_web::Req;
use tile_web::reply::told;
use tile_web::route::Face;

pub const FACE: Face = Face {
    error,
    has_cookies: false,
    token_param: None,
    request_id: "x-request-id",
    exposes: "X-ClickHouse-Query-Id, X-ClickHouse-Format, X-ClickHouse-Summary, X-ClickHouse-Timezone, X-ClickHouse-Exception-Code",
};

/// A number and a name of ClickHouse's, for an error that has none by its kind.
#[derive(Debug)]
struct Named(u32, &'static str);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.1)
    }
}

impl std::error::Error for Named {}

/// The refusal of who is not known.
pub fn unknown(e: Error) -> Error {
    let what = format!("Authentication failed: {}", e.detail());
    Error::new(Kind::Denied, what)
        .source(Named(516, "AUTHENTICATION_FAILED"))
        .hint("The password is a token of the workspace")
}

/// The refusal of a database that is not the workspace.
pub fn no_database(name: &str, own: &str) -> Error {
    Error::not_found(format!("Database {name} does not exist"))
        .hint(format!("This token's database is {own}"))
        .source(Named(81, "UNKNOWN_DATABASE"))
}

/// The refusal of what ClickHouse does and this server does not.
pub fn unsupported(what: impl Into<String>) -> Error {
    Error::invalid(what).source(Named(48, "NOT_IMPLEMENTED"))
}

/// A value that a parameter of the interface cannot have.
pub fn bad_value(what: impl Into<String>) -> Error {
    Error::invalid(what).source(Named(36, "BAD_ARGUMENTS"))
}

/// Blocks of a body that are not ClickHouse's.
pub fn bad_blocks(what: impl Into<String>) -> Error {
    Error::invalid(what).source(Named(271, "CANNOT_DECOMPRESS"))
}

fn code(e: &Error) -> (u32, &'static str) {
    let source = e.source.as_ref();
    if let Some(named) = source.and_then(|s| s.downcast_ref::<Named>()) {
        return (named.0, named.1);
    }
    if let Some(sql) = source.and_then(|s| s.downcast_ref::<SqlError>()) {
        return sql.code.clickhouse();
    }
    match e.kind {
        Kind::Denied | Kind::Unauthenticated => (497, "ACCESS_DENIED"),
        Kind::NotFound | Kind::Gone => (60, "UNKNOWN_TABLE"),
        Kind::NotAllowed => (164, "READONLY"),
        Kind::TooLarge => (396, "TOO_MANY_ROWS_OR_BYTES"),
        Kind::Timeout => (159, "TIMEOUT_EXCEEDED"),
        Kind::Limited => (201, "QUOTA_EXCEEDED"),
        Kind::Busy => (202, "TOO_MANY_SIMULTANEOUS_QUERIES"),
        Kind::Internal => (1002, "UNKNOWN_EXCEPTION"),
        Kind::Invalid
        | Kind::Malformed
        | Kind::NotAcceptable
        | Kind::Conflict
        | Kind::UnsupportedMedia
        | Kind::Range
        | Kind::Damaged => (36, "BAD_ARGUMENTS"),
    }
}

/// ClickHouse's status where it is no server error: a client's mistake is none here.
const fn status(code: u32, kind: Kind) -> u16 {
    match code {
        46 | 47 | 50 | 60 | 81 => 404,
        164 | 497 | 516 => 403,
        _ => match kind {
            Kind::Unauthenticated => 403,
            Kind::Malformed => 400,
            other => other.status(),
        },
    }
}

fn error(e: &Error, req: &Req) -> Response {
    let (number, name) = code(e);
    let what = told(e, req);
    let version = tile_clicksql::functions::VERSION;
    let stop = if what.ends_with('.') { "" } else { "." };
    let text = format!("Code: {number}. DB::Exception: {what}{stop} ({name}) (version {version})\n");
    let mut response = Response::new(axum::body::Body::from(text));
    *response.status_mut() =
        StatusCode::from_u16(status(number, e.kind)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=UTF-8"));
    headers.insert("x-clickhouse-exception-code", HeaderValue::from(number));
    headers.insert("x-clickhouse-timezone", HeaderValue::from_static("UTC"));
    headers.insert("x-clickhouse-server-display-name", HeaderValue::from_static(super::NAME));
    let id = req.query.get("query_id").unwrap_or(&req.id);
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("x-clickhouse-query-id", id);
    }
    if matches!(e.kind, Kind::Busy | Kind::Limited) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
