//! Reading over HTTP, and what all requests have in common.

use crate::guard::{Guard, Refused};
use std::error::Error as _;
use std::time::Duration;
use tile_base::objects::Opened;
use tile_base::{Error, Kind, Result};
use ureq::config::Config;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::Resolver;
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
    Ok(guarded(configured(redirects_max, roots)?, Guard::new(is_open)))
}

fn guarded(config: Config, guard: impl Resolver) -> Agent {
    Agent::with_parts(config, DefaultConnector::default(), guard)
}

fn configured(redirects_max: u32, roots: Option<&[u8]>) -> Result<Config> {
    let mut tls = TlsConfig::builder();
    if let Some(pem) = roots {
        tls = tls.root_certs(RootCerts::new_with_certs(&certificates(pem)?));
    }
    Ok(Config::builder()
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
        .build())
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{IpAddr, SocketAddr, TcpListener};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, mpsc};
    use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs};
    use ureq::unversioned::transport::NextTimeout;

    /// In these tests one address of this machine stands for those of everybody; the others are private.
    fn is_outside(address: IpAddr) -> bool {
        address == IpAddr::from([127, 0, 0, 2])
    }

    /// A server that answers each connection with a text, and tells of it.
    fn server(host: &str, answer: impl Fn(u16) -> String + Send + 'static) -> (u16, mpsc::Receiver<()>) {
        let listener = TcpListener::bind((host, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, asks) = mpsc::channel();
        let serve = move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                if asked.send(()).is_err() {
                    return;
                }
                let mut head = [0; 4096];
                let _ = stream.read(&mut head);
                let _ = stream.write_all(answer(port).as_bytes());
            }
        };
        std::thread::Builder::new().spawn(serve).unwrap();
        (port, asks)
    }

    fn moved(to: &str) -> String {
        format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }

    fn found() -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret".to_owned()
    }

    /// Names that mean what the test says, each time something else.
    #[derive(Debug)]
    struct Turns {
        answers: Vec<Vec<SocketAddr>>,
        turn: Arc<AtomicUsize>,
    }

    impl Resolver for Turns {
        fn resolve(
            &self,
            _uri: &http::Uri,
            _config: &Config,
            _timeout: NextTimeout,
        ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
            let mut out = self.empty();
            let turn = self.turn.fetch_add(1, Ordering::Relaxed);
            for address in &self.answers[turn.min(self.answers.len() - 1)] {
                out.push(*address);
            }
            Ok(out)
        }
    }

    fn asked(guard: impl Resolver, url: &str) -> Result<String> {
        let agent = guarded(configured(REDIRECTS_MAX, None).unwrap(), guard);
        let mut text = String::new();
        get(&agent, url)?.reader.read_to_string(&mut text).unwrap();
        Ok(text)
    }

    fn refused(result: Result<String>) {
        let refused = result.unwrap_err();
        assert!(refused.what.contains("leads to an address in a private network"), "{refused:?}");
    }

    #[test]
    fn a_redirect_leads_to_no_private_address() {
        let outside = || Guard::of(DefaultResolver::default(), is_outside);
        let (private, asks) = server("127.0.0.1", |_| found());
        let to = format!("http://127.0.0.1:{private}/secret.csv");
        refused(asked(outside(), &to));
        for location in
            [to, format!("http://localhost:{private}/secret.csv"), format!("//127.0.0.1:{private}/")]
        {
            let (public, seen) = server("127.0.0.2", move |_| moved(&location));
            refused(asked(outside(), &format!("http://127.0.0.2:{public}/a.csv")));
            assert_eq!(seen.try_iter().count(), 1);
        }
        assert_eq!(asks.try_iter().count(), 0, "the private server was connected to");
        // From one public address to another is a way.
        let (last, _asks) = server("127.0.0.2", |_| found());
        let (first, _seen) = server("127.0.0.2", move |_| moved(&format!("http://127.0.0.2:{last}/b.csv")));
        assert_eq!(asked(outside(), &format!("http://127.0.0.2:{first}/a.csv")).unwrap(), "secret");
        // Round and round comes to an end.
        let (round, _seen) = server("127.0.0.2", |port| moved(&format!("http://127.0.0.2:{port}/")));
        let endless = asked(outside(), &format!("http://127.0.0.2:{round}/")).unwrap_err();
        assert!(endless.what.contains("leads on and on"), "{endless:?}");
    }

    #[test]
    fn a_name_that_means_another_address_a_moment_later_is_no_way() {
        let (private, asks) = server("127.0.0.1", |_| found());
        let (public, _seen) =
            server("127.0.0.2", move |port| moved(&format!("http://rebound.example:{port}/")));
        let at = |host: [u8; 4], port: u16| SocketAddr::from((host, port));
        let (inside, outside) = (at([127, 0, 0, 1], private), at([127, 0, 0, 2], public));
        let guard = |answers: Vec<Vec<SocketAddr>>| {
            let turn = Arc::new(AtomicUsize::new(0));
            (Guard::of(Turns { answers, turn: turn.clone() }, is_outside), turn)
        };
        // Public when it is asked for first, private for what it leads on to.
        let (rebinding, turns) = guard(vec![vec![outside], vec![inside]]);
        refused(asked(rebinding, "http://rebound.example/"));
        assert_eq!(turns.load(Ordering::Relaxed), 2);
        // Both at once: only the public one is connected to, and it leads to the private one.
        let (both, turns) = guard(vec![vec![inside, outside], vec![inside]]);
        refused(asked(both, "http://rebound.example/"));
        assert_eq!(turns.load(Ordering::Relaxed), 2);
        assert_eq!(asks.try_iter().count(), 0, "the private server was connected to");
    }
}
