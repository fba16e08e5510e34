//! Requests to a server: to one elsewhere, or to a service of this process without a socket between.

use crate::rt;
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tile_base::{Error, Kind, Result};
use tokio::net::TcpStream;
use tower::Service;

/// Bytes of an answer.
const ANSWER_BYTES_MAX: usize = 256 << 20;
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);
/// Deployments move rows before they are answered.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(600);

/// Asks as the holder of a token. The token is in no error and no output of this.
#[derive(Clone)]
pub struct Client {
    to: To,
    token: HeaderValue,
}

#[derive(Clone)]
enum To {
    Service(Router),
    Server {
        /// `HOST:PORT`.
        authority: String,
        /// What stands before every path, without a final slash.
        base: String,
    },
}

/// What came back.
pub struct Received {
    pub status: u16,
    pub body: Bytes,
}

impl Client {
    /// Of a service of this process.
    ///
    /// # Errors
    /// `Invalid` for a token that is no header.
    pub fn within(service: Router, token: &str) -> Result<Self> {
        Ok(Self { to: To::Service(service), token: bearer(token)? })
    }

    /// Of a server by its address, as in `http://localhost:7181`.
    ///
    /// # Errors
    /// `Invalid` for another kind of address, and for a token that is no header.
    pub fn of(url: &str, token: &str) -> Result<Self> {
        let rest = url.strip_prefix("http://").ok_or_else(|| {
            let what = format!("`{url}` does not begin with http://");
            Error::invalid(what)
                .hint("TLS is not spoken here: go through a tunnel or a proxy of this machine")
        })?;
        let (authority, base) = rest.split_once('/').unwrap_or((rest, ""));
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
        if authority.is_empty() || !authority.chars().all(is_plain) {
            return Err(Error::invalid(format!("`{url}` names no server")));
        }
        let has_port = authority.rsplit_once(':').is_some_and(|(_, p)| p.bytes().all(|b| b.is_ascii_digit()));
        let authority = if has_port { authority.to_owned() } else { format!("{authority}:80") };
        let base = base.trim_end_matches('/');
        let base = if base.is_empty() { String::new() } else { format!("/{base}") };
        Ok(Self { to: To::Server { authority, base }, token: bearer(token)? })
    }

    /// Sends a request and waits for the whole answer, whatever its status.
    ///
    /// # Errors
    /// `Busy` when the server cannot be reached, `Timeout`, `TooLarge`.
    pub async fn send(
        &self,
        method: Method,
        target: &str,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> Result<Received> {
        let invalid = |e: http::Error| Error::invalid(format!("`{target}` is no target")).source(e);
        let request = Request::builder()
            .method(method)
            .header(header::AUTHORIZATION, self.token.clone())
            .header(header::CONTENT_TYPE, content_type);
        let work = async {
            match &self.to {
                To::Service(service) => {
                    let request = request.uri(target).header(header::HOST, "localhost");
                    let request = request.body(Body::from(body.into())).map_err(invalid)?;
                    let mut service = service.clone();
                    match service.call(request).await {
                        Ok(answer) => received(answer).await,
                        Err(never) => match never {},
                    }
                }
                To::Server { authority, base } => {
                    let request = request.uri(format!("{base}{target}")).header(header::HOST, authority);
                    let request = request.body(Full::new(body.into())).map_err(invalid)?;
                    through(authority, request).await
                }
            }
        };
        let late = |_| Error::new(Kind::Timeout, "the server does not answer");
        tokio::time::timeout(ANSWER_TIME_MAX, work).await.map_err(late)?
    }
}

fn bearer(token: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| Error::invalid("the token has characters that no token has"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// One request over a connection of its own.
async fn through(authority: &str, request: Request<Full<Bytes>>) -> Result<Received> {
    let unreachable = |e: String| Error::new(Kind::Busy, format!("cannot reach `{authority}`: {e}"));
    let stream = tokio::time::timeout(CONNECT_TIME_MAX, TcpStream::connect(authority))
        .await
        .map_err(|_| unreachable("it does not answer".into()))?
        .map_err(|e| unreachable(e.to_string()))?;
    let broken = |e: hyper::Error| unreachable(format!("the connection broke: {e}"));
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    rt::spawn("client connection", async move {
        if let Err(e) = connection.await {
            tracing::debug!(error = %e, "a connection ended early");
        }
    });
    let answer = sender.send_request(request).await.map_err(broken)?;
    received(answer.map(Body::new)).await
}

async fn received(answer: Response<Body>) -> Result<Received> {
    let status = answer.status().as_u16();
    let whole = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
    let broken = |_| Error::new(Kind::Busy, "the answer broke off, or is larger than can be held");
    Ok(Received { status, body: whole.map_err(broken)?.to_bytes() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority(url: &str) -> Option<(String, String)> {
        match Client::of(url, "t").ok()?.to {
            To::Server { authority, base } => Some((authority, base)),
            To::Service(_) => None,
        }
    }

    #[test]
    fn addresses_of_servers() {
        let of = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(authority("http://localhost:7181"), of("localhost:7181", ""));
        assert_eq!(authority("http://[::1]:7181/"), of("[::1]:7181", ""));
        assert_eq!(authority("http://tile.example/api/"), of("tile.example:80", "/api"));
        for wrong in ["", "localhost:7181", "https://x", "http://", "http://a b", "http://u@h:1"] {
            assert_eq!(authority(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_token_is_one_line() {
        assert!(Client::of("http://localhost", "a\nb").is_err());
    }
}
