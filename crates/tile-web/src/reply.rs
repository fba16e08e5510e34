//! Answers: JSON or msgpack documents, encoded data, pages, errors.

use crate::body::Encoded;
use crate::compress::Coding;
use crate::{Req, etag};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;
use tile_base::{Error, Kind, Result};

/// An answer being put together.
pub struct Reply {
    pub status: StatusCode,
    pub media_type: String,
    pub headers: Vec<(HeaderName, String)>,
    pub content: Content,
}

pub enum Content {
    Empty,
    Whole(Bytes),
    Stream { body: Body, length: Option<u64>, coding: Option<Coding> },
}

impl Reply {
    pub fn new(media_type: &str, bytes: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::OK,
            media_type: media_type.to_owned(),
            headers: vec![],
            content: Content::Whole(bytes.into()),
        }
    }
    pub fn empty(status: StatusCode) -> Self {
        Self { status, media_type: String::new(), headers: vec![], content: Content::Empty }
    }
    pub fn html(text: String) -> Self {
        Self::new("text/html; charset=utf-8", text)
    }
    pub fn encoded(media_type: &str, encoded: Encoded) -> Self {
        let content = match encoded {
            Encoded::Whole(bytes) => Content::Whole(bytes),
            Encoded::Stream { body, length, coding } => Content::Stream { body, length, coding },
        };
        Self { status: StatusCode::OK, media_type: media_type.to_owned(), headers: vec![], content }
    }
    /// A document from JSON text, as JSON or msgpack by the request's `Accept`, with a tag of its content.
    ///
    /// # Errors
    /// Internal when the text is not JSON.
    pub fn document(req: &Req, json: String) -> Result<Self> {
        let accept = req.header("accept");
        let bytes = if wants_msgpack(accept) {
            let value: Value = serde_json::from_str(&json)
                .map_err(|e| Error::internal("an answer is not JSON").source(e))?;
            return Ok(Self::new("application/x-msgpack", msgpack(&value)?).tagged());
        } else {
            json.into_bytes()
        };
        Ok(Self::new("application/json", bytes).tagged())
    }
    /// The refusal of a byte range, with the size that there is.
    pub fn outside(e: &Error, size: u64) -> Self {
        let mut reply = Self::new("application/json", serde_json::json!({"detail": e.detail()}).to_string());
        reply.status = StatusCode::RANGE_NOT_SATISFIABLE;
        reply.with(header::CONTENT_RANGE, format!("bytes */{size}"))
    }
    /// Adds the tag of the content.
    #[must_use]
    pub fn tagged(self) -> Self {
        let Content::Whole(bytes) = &self.content else { return self };
        let tag = etag::of(bytes);
        self.with(header::ETAG, tag)
    }
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
    fn tag(&self) -> Option<&str> {
        self.headers.iter().find(|(n, _)| *n == header::ETAG).map(|(_, v)| v.as_str())
    }

    /// Applies conditions, ranges and compression, and makes the response.
    pub fn finish(mut self, req: &Req) -> Response {
        if let Some(tag) = self.tag().map(str::to_owned) {
            let condition = req.header("if-none-match");
            if self.status == StatusCode::OK && !condition.is_empty() && etag::matches(condition, &tag) {
                let mut out = Self::empty(StatusCode::NOT_MODIFIED);
                out.headers = std::mem::take(&mut self.headers);
                return out.build();
            }
        }
        if self.status == StatusCode::OK
            && let (Content::Whole(bytes), false) = (&self.content, req.header("range").is_empty())
        {
            let if_range = req.header("if-range");
            if if_range.is_empty() || self.tag() == Some(if_range) {
                match crate::range::parse(req.header("range"), bytes.len() as u64) {
                    Ok(Some((first, last))) => {
                        let size = bytes.len();
                        let (a, b) =
                            (usize::try_from(first).unwrap_or(0), usize::try_from(last).unwrap_or(0) + 1);
                        let part = bytes.slice(a..b.min(size));
                        self.status = StatusCode::PARTIAL_CONTENT;
                        self.headers.push((header::CONTENT_RANGE, format!("bytes {first}-{last}/{size}")));
                        self.content = Content::Whole(part);
                    }
                    Ok(None) => {}
                    Err(e) => return Self::outside(&e, bytes.len() as u64).build(),
                }
            }
        }
        self.compress(req);
        self.build()
    }

    fn compress(&mut self, req: &Req) {
        let accept = req.header("accept-encoding");
        if self.status != StatusCode::OK || accept.is_empty() {
            return;
        }
        if let Content::Whole(bytes) = &self.content {
            let Some(coding) = Coding::negotiate(accept, &self.media_type) else { return };
            if let Some(packed) = coding.compress(bytes) {
                self.content = Content::Whole(packed);
                self.headers.push((header::CONTENT_ENCODING, coding.name().to_owned()));
            }
        }
    }

    fn build(self) -> Response {
        let mut builder = Response::builder().status(self.status);
        if let Some(headers) = builder.headers_mut() {
            for (name, value) in self.headers {
                if let Ok(value) = HeaderValue::from_str(&value) {
                    headers.append(name, value);
                }
            }
            if let Ok(value) = HeaderValue::from_str(&self.media_type)
                && !self.media_type.is_empty()
            {
                headers.insert(header::CONTENT_TYPE, value);
            }
        }
        let body = match self.content {
            Content::Empty => Body::empty(),
            Content::Whole(bytes) => Body::from(bytes),
            Content::Stream { body, length, coding } => {
                if let (Some(n), Some(headers)) = (length, builder.headers_mut()) {
                    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(n));
                }
                if let (Some(c), Some(headers)) = (coding, builder.headers_mut()) {
                    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(c.name()));
                }
                body
            }
        };
        builder.body(body).unwrap_or_else(|_| Response::new(Body::empty()))
    }
}

/// Whether the client prefers msgpack: the first of its types, by weight, that is a document type.
pub fn wants_msgpack(accept: &str) -> bool {
    crate::media::parse(accept).into_iter().filter(|a| a.quality > 0.0).find_map(|a| match a.name.as_str() {
        "application/x-msgpack" => Some(true),
        "application/json" | "*/*" | "application/*" => Some(false),
        _ => None,
    }) == Some(true)
}

/// A JSON value as msgpack with text keys.
///
/// # Errors
/// Internal; every JSON value has a msgpack form.
pub fn msgpack(value: &Value) -> Result<Vec<u8>> {
    rmp_serde::to_vec_named(value).map_err(|e| Error::internal("cannot pack the answer").source(e))
}

/// What an error says outside. Internal errors show only the request's number; the log has the rest.
pub fn told(e: &Error, req: &Req) -> String {
    if e.kind == Kind::Internal {
        tracing::error!(error = %e, request = %req.id, path = %req.raw_path, "internal error");
        return format!("Internal server error. The server's log has more under request {}", req.id);
    }
    tracing::debug!(error = %e, request = %req.id, path = %req.raw_path, "refused");
    e.detail()
}

/// The answer to an error: `{"detail": …}`.
pub fn error(e: &Error, req: &Req) -> Response {
    let status = StatusCode::from_u16(e.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let detail = told(e, req);
    // Errors about one parameter have the shape that clients of the original know from its validation.
    let detail = match e.query_parameter().filter(|_| e.kind == Kind::Malformed) {
        Some(name) => {
            serde_json::json!([{"type": "value_error", "loc": ["query", name], "msg": detail, "input": req.query.get(name)}])
        }
        None => Value::from(detail),
    };
    let mut reply = Reply::new("application/json", serde_json::json!({ "detail": detail }).to_string());
    reply.status = status;
    if e.kind == Kind::Busy {
        reply = reply.with(header::RETRY_AFTER, "1");
    }
    if e.kind == Kind::Unauthenticated {
        reply = reply
            .with(HeaderName::from_static("x-tiled-root"), format!("{}/api/v1", req.origin))
            .with(header::WWW_AUTHENTICATE, "Bearer");
    }
    reply.build()
}
