//! The shape of errors, as clients of Chronon's services know it.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use tile_base::{Error, Kind};
use tile_web::Req;
use tile_web::reply::told;
use tile_web::route::Face;

/// Chronon's.
pub const FACE: Face = Face {
    error,
    has_cookies: false,
    token_param: Some("token"),
    request_id: "x-request-id",
    exposes: "X-Request-Id, Retry-After",
};

fn error(e: &Error, req: &Req) -> Response {
    let what = told(e, req);
    let status = match e.kind {
        // Its clients know no other for what cannot be read.
        Kind::Malformed => 400,
        other => other.status(),
    };
    let mut response = Response::new(axum::body::Body::from(json!({"errors": [what]}).to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if matches!(e.kind, Kind::Busy | Kind::Limited) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
