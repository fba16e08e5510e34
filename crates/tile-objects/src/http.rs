//! Reading over HTTP, and what all requests have in common.

use crate::guard::{Guard, Refused};
use std::error::Error as _;
use std::time::Duration;
use tile_base::objects::Opened;
use tile_base::{Error, Kind, Result};
use ureq::config::Config;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};

/// Addresses that lead on to others.
const REDIRECTS_MAX: u32 = 5;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// For the next bytes of a body.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// For a whole body.
const BODY_TIMEOUT: Duration = Duration::from_secs(3600);
/// Of an answer that is no file: an error, a page of a list.
pub const TEXT_BYTES_MAX: u64 = 16 << 20;
/// Characters of an address in a message.
const SHOWN_MAX: usize = 300;

/// What requests are made with. `roots`: certificates in PEM, in the place of those that are built in.
pub fn agent(is_open: bool, redirects_max: u32, roots: Option<&[u8]>) -> Result<Agent> {
    let mut tls = TlsConfig::builder();
    if let Some(pem) = roots {
        tls = tls.root_certs(RootCerts::new_with_certs(&certificates(pem)?));
    }
    let config = Config::builder()
        .http_status_as_error(false)
        // A proxy would resolve names itself, past the guard.
        .proxy(None)
        .max_redirects(redirects_max)
        .max_redirects_will_error(redirects_max > 0)
        .user_agent(concat!("tile/", env!("CARGO_PKG_VERSION")))
        .timeout_resolve(Some(CONNECT_TIMEOUT))
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_recv_response(Some(ANSWER_TIMEOUT))
        .timeout_per_read(Some(IDLE_TIMEOUT))
        .timeout_per_write(Some(IDLE_TIMEOUT))
        .timeout_recv_body(Some(BODY_TIMEOUT))
        .timeout_send_body(Some(BODY_TIMEOUT))
        .tls_config(tls.build())
        .build();
    Ok(Agent::with_parts(config, DefaultConnector::default(), Guard { is_open }))
}

fn certificates(pem: &[u8]) -> Result<Vec<ureq::tls::Certificate<'static>>> {
    let mut out = Vec::new();
    for item in parse_pem(pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => out.push(certificate),
            Ok(_) => {}
            Err(e) => return Err(Error::invalid("the certificates cannot be read").source(e)),
        }
    }
    if out.is_empty() {
        return Err(Error::invalid("there is no certificate in the file of certificates"));
    }
    Ok(out)
}

/// The agent of plain addresses.
pub fn plain(is_open: bool, roots: Option<&[u8]>) -> Result<Agent> {
    agent(is_open, REDIRECTS_MAX, roots)
}

pub fn get(agent: &Agent, url: &str) -> Result<Opened> {
    let uri: http::Uri = url.parse().map_err(|e| {
        Error::invalid(format!("`{}` is no address", shown(url)))
            .hint("Characters beside letters and digits are written as in `%20`")
            .source(e)
    })?;
    if uri.authority().is_some_and(|a| a.as_str().contains('@')) {
        return Err(Error::invalid("the address holds a password, which is not sent")
            .hint("Use an address that is signed, or a connection"));
    }
    let answer = agent.get(uri).call().map_err(|e| failed(e, url))?;
    match answer.status().as_u16() {
        200 => Ok(opened(answer)),
        status => Err(status_error(status, url)),
    }
}

/// The file of an answer.
pub fn opened(answer: http::Response<Body>) -> Opened {
    let header = |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok());
    let content_type = header("content-type")
        .map(|text| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    let content_encoding = header("content-encoding").map(str::to_ascii_lowercase);
    let bytes = header("content-length").and_then(|text| text.parse().ok());
    let body = answer.into_body().into_with_config().limit(u64::MAX).reader();
    Opened { reader: Box::new(body), bytes, content_type, content_encoding }
}

/// An answer that is no file.
pub fn status_error(status: u16, url: &str) -> Error {
    let kind = if status >= 500 || status == 429 { Kind::Busy } else { Kind::Invalid };
    Error::new(kind, format!("`{}` answers with the status {status}", shown(url)))
}

/// A request that got no answer.
pub fn failed(e: ureq::Error, url: &str) -> Error {
    let url = shown(url);
    match e {
        ureq::Error::Other(e) if e.is::<Refused>() => Error::invalid(format!(
            "`{url}` leads to an address in a private network, which may not be reached"
        ))
        .hint("For local development start the server with --allow-private-addresses"),
        ureq::Error::TooManyRedirects => {
            Error::invalid(format!("`{url}` leads on and on to other addresses"))
        }
        ureq::Error::HostNotFound => Error::invalid(format!("the host of `{url}` is not known")),
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            Error::invalid(format!("`{url}` is no address that can be read"))
        }
        ureq::Error::Timeout(_) => Error::new(Kind::Busy, format!("`{url}` does not answer in time")),
        ureq::Error::Rustls(e) => Error::invalid(format!("the TLS of `{url}` fails: {e}")),
        ureq::Error::Io(e) => {
            let why = e.get_ref().map(ToString::to_string).or_else(|| e.source().map(ToString::to_string));
            let why = why.unwrap_or_else(|| e.kind().to_string());
            Error::new(Kind::Busy, format!("`{url}` cannot be reached: {why}")).source(e)
        }
        other => Error::new(Kind::Busy, format!("`{url}` cannot be reached")).source(other),
    }
}

/// An address without its query, which may be a signature.
pub fn shown(url: &str) -> String {
    let bare = url.split(['?', '#']).next().unwrap_or_default();
    let short: String = bare.chars().take(SHOWN_MAX).collect();
    if short.len() < bare.len() { format!("{short}…") } else { short }
}
