//! A request as a value: method, decoded path tail, query, headers, credentials, the body read up to a limit.

use axum::body::Body;
use base64::Engine;
use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body::Body as _;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use parking_lot::Mutex;
use percent_encoding::percent_decode_str;
use tile_base::path::KEY_BYTES_MAX;
use tile_base::{Credentials, Error, Kind, NodePath, Principal, Result};

/// One request, ready for a handler.
pub struct Req {
    pub method: Method,
    /// The request's own number, shown in answers and the log.
    pub id: String,
    /// The path as asked, still encoded.
    pub raw_path: String,
    /// What follows the route's pattern, split at `/` and decoded; empty segments are dropped.
    pub tail: NodePath,
    pub query: Query,
    pub headers: HeaderMap,
    /// `http://host[:port]`, as the client sees it.
    pub origin: String,
    pub credentials: Credentials,
    pub principal: Principal,
    /// In a lock only so that a request can be shared between tasks; `read_body` takes it.
    pub body: Mutex<Body>,
}

/// Query parameters in order, decoded.
#[derive(Clone, Debug, Default)]
pub struct Query(pub Vec<(String, String)>);

impl Query {
    pub fn parse(text: &str) -> Self {
        let decode = |t: &str| percent_decode_str(&t.replace('+', " ")).decode_utf8_lossy().into_owned();
        Self(
            text.split('&')
                .filter(|p| !p.is_empty())
                .map(|p| {
                    p.split_once('=')
                        .map_or_else(|| (decode(p), String::new()), |(k, v)| (decode(k), decode(v)))
                })
                .collect(),
        )
    }
    /// The first value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(k, _)| k == name).map(|(_, v)| v.as_str())
    }
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
    /// A boolean parameter: `true/false/1/0/yes/no/on/off`, any case.
    ///
    /// # Errors
    /// `Malformed` for anything else.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool> {
        let Some(text) = self.get(name) else { return Ok(default) };
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" | "t" | "y" => Ok(true),
            "false" | "0" | "no" | "off" | "f" | "n" => Ok(false),
            _ => Err(Error::malformed(format!("query parameter `{name}` is not a boolean"))
                .hint("Use `true` or `false`")
                .at(format!("query.{name}"))),
        }
    }
    /// A number within bounds.
    ///
    /// # Errors
    /// `Malformed` when it is no number or outside.
    pub fn number(&self, name: &str, low: u64, high: u64) -> Result<Option<u64>> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let bad = || {
            Error::malformed(format!("query parameter `{name}` must be a number from {low} to {high}"))
                .at(format!("query.{name}"))
        };
        let n: u64 = text.parse().map_err(|_| bad())?;
        if (low..=high).contains(&n) { Ok(Some(n)) } else { Err(bad()) }
    }
}

/// Splits an encoded path into decoded keys.
///
/// # Errors
/// `NotFound` for text that is not UTF-8 or longer than any key.
pub fn keys(encoded: &str) -> Result<NodePath> {
    let segments = encoded.split('/').filter(|s| !s.is_empty());
    let decode = |s: &str| {
        let text =
            percent_decode_str(s).decode_utf8().map_err(|_| Error::not_found("the path is not UTF-8"))?;
        if text.len() > KEY_BYTES_MAX {
            return Err(Error::not_found(format!("a key in the path is longer than {KEY_BYTES_MAX} bytes")));
        }
        Ok(text.into_owned())
    };
    let keys: Vec<String> = segments.map(decode).collect::<Result<_>>()?;
    if keys.len() > 256 {
        return Err(Error::not_found("the path is deeper than 256 keys"));
    }
    Ok(NodePath(keys))
}

/// What a request shows of its sender. Precedence: query, header, cookie.
pub fn credentials(headers: &HeaderMap, query: &Query) -> Credentials {
    shown(headers, query).unwrap_or_else(|| {
        cookie(headers, "tiled_api_key").map_or(Credentials::Anonymous, Credentials::ApiKey)
    })
}

/// What a request shows by itself. A browser adds cookies to what any page asks for.
pub fn shown(headers: &HeaderMap, query: &Query) -> Option<Credentials> {
    if let Some(key) = query.get("api_key") {
        return Some(Credentials::ApiKey(key.to_owned()));
    }
    if let Some(value) = headers.get(http::header::AUTHORIZATION) {
        let Ok(text) = value.to_str() else { return Some(Credentials::Unreadable) };
        return Some(match text.split_once(' ') {
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("apikey") => {
                Credentials::ApiKey(key.trim().to_owned())
            }
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => {
                Credentials::Bearer(key.trim().to_owned())
            }
            _ => Credentials::Unreadable,
        });
    }
    None
}

/// User and password of Basic authentication.
pub fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, text) = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// The value of a cookie.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(http::header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    all.flat_map(|v| v.split(';'))
        .filter_map(|c| c.trim().split_once('='))
        .find(|(k, _)| *k == name)
        .map(|(_, v)| v.to_owned())
}

impl Req {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("")
    }

    /// Reads the body, at most `max` bytes.
    ///
    /// # Errors
    /// `TooLarge` above the limit: at once when its length is known. `Invalid` when it breaks off.
    pub async fn read_body(&mut self, max: usize) -> Result<Bytes> {
        let body = std::mem::take(self.body.get_mut());
        let too_large = || Error::new(Kind::TooLarge, format!("the body is larger than {max} bytes"));
        // What says that it is too large is not waited for.
        if body.size_hint().lower() > u64::try_from(max).unwrap_or(u64::MAX) {
            return Err(too_large());
        }
        match Limited::new(body, max).collect().await {
            Ok(all) => Ok(all.to_bytes()),
            Err(e) if e.is::<LengthLimitError>() => Err(too_large()),
            Err(e) => Err(Error::invalid("the body broke off").source(std::io::Error::other(e))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    #[test]
    fn paths_split_and_decode() {
        assert_eq!(keys("//a//b%20c/d%2Fe/").unwrap().0, ["a", "b c", "d/e"]);
        assert!(keys("%ff").is_err());
        assert!(keys(&"x".repeat(10_000)).is_err());
    }

    /// A body of a known length that never comes; one of an unknown length that comes in pieces; and one that breaks off.
    enum Sent {
        Promised(u64),
        Pieces(usize),
        Broken,
    }

    impl http_body::Body for Sent {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
            match &mut *self {
                Self::Promised(_) => Poll::Pending,
                Self::Pieces(0) => Poll::Ready(None),
                Self::Pieces(n) => {
                    *n -= 1;
                    Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::from_static(b"0123456789")))))
                }
                Self::Broken => Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into()))),
            }
        }

        fn size_hint(&self) -> http_body::SizeHint {
            match self {
                Self::Promised(n) => http_body::SizeHint::with_exact(*n),
                _ => http_body::SizeHint::default(),
            }
        }
    }

    fn read(body: Sent) -> Option<Result<Bytes>> {
        let mut req = Req {
            method: Method::POST,
            id: String::new(),
            raw_path: String::new(),
            tail: NodePath::root(),
            query: Query::default(),
            headers: HeaderMap::new(),
            origin: String::new(),
            credentials: Credentials::Anonymous,
            principal: Principal::Anonymous,
            body: Body::new(body).into(),
        };
        futures_util::FutureExt::now_or_never(req.read_body(30))
    }

    #[test]
    fn a_body_that_is_too_large_is_refused_before_it_is_read() {
        assert_eq!(read(Sent::Promised(31)).unwrap().unwrap_err().kind, Kind::TooLarge);
        assert!(read(Sent::Promised(30)).is_none(), "it waits for what may come");
        assert_eq!(read(Sent::Pieces(3)).unwrap().unwrap().len(), 30);
        assert_eq!(read(Sent::Pieces(4)).unwrap().unwrap_err().kind, Kind::TooLarge);
        assert_eq!(read(Sent::Broken).unwrap().unwrap_err().kind, Kind::Invalid);
    }

    #[test]
    fn queries_repeat() {
        let q = Query::parse("a=1&a=2&b=x%26y&c");
        assert_eq!(q.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!((q.get("b"), q.get("c")), (Some("x&y"), Some("")));
    }
}
