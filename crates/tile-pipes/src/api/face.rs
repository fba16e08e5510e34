//! The shape of errors, as this API's clients know it.

use crate::workspace::rendering::Refusal;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;
use tile_base::{Error, Kind};
use tile_web::reply::told;
use tile_web::route::Face;
use tile_web::{Reply, Req};

/// Tinybird's.
pub const FACE: Face = Face {
    error,
    has_cookies: false,
    token_param: Some("token"),
    request_id: "x-request-id",
    exposes: "X-Request-Id, X-DB-Exception-Code, X-TB-Statistics, X-Cache, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, \
        Retry-After, ETag, Content-Range, MCP-Protocol-Version",
};

/// Where people read on.
const DOCUMENTATION: &str = "https://www.tinybird.co/docs/api-reference";

fn error(e: &Error, req: &Req) -> Response {
    let status = status(e);
    let what = told(e, req);
    // A template can say itself what is told, and with which status.
    let refusal = cause::<Refusal>(e).map(|r| &r.0);
    let body = match refusal.and_then(|r| r.body.as_ref()) {
        Some(body) => body.to_string(),
        None => json!({"error": what, "documentation": DOCUMENTATION}).to_string(),
    };
    let mut response = Response::new(axum::body::Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    if matches!(e.kind, Kind::Busy | Kind::Limited) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if let Some(number) = super::exception::number(e) {
        headers.insert("x-db-exception-code", HeaderValue::from(number));
    }
    if let Some(Headers(more)) = cause(e) {
        for (name, value) in more {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(*name), HeaderValue::from_str(value)) {
                headers.insert(name, value);
            }
        }
    }
    response
}

/// What an error brings along for this rim.
fn cause<T: std::error::Error + 'static>(e: &Error) -> Option<&T> {
    e.source.as_ref().and_then(|s| s.downcast_ref::<T>())
}

/// The status of an error. A template can say it itself.
pub fn status(e: &Error) -> u16 {
    match (cause::<Refusal>(e), e.kind) {
        (Some(refusal), _) => refusal.0.status,
        // Its clients know no other for tokens.
        (None, Kind::Unauthenticated) => 403,
        (None, Kind::Malformed) => 400,
        (None, other) => other.status(),
    }
}

/// Headers of a refusal.
#[derive(Debug)]
pub struct Headers(pub Vec<(&'static str, String)>);

impl std::fmt::Display for Headers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the answer has more headers")
    }
}

impl std::error::Error for Headers {}

/// Headers that say how much a token may still ask.
pub fn limited(reply: Reply, headers: &[(&'static str, String)]) -> Reply {
    headers.iter().fold(reply, |reply, (name, value)| match HeaderName::try_from(*name) {
        Ok(name) => reply.with(name, value.clone()),
        Err(_) => reply,
    })
}
