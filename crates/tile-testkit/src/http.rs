//! A plain HTTP/1.1 GET, enough to ask a server on this machine whether it is ready. Everything beyond that is
//! the business of the real foreign clients.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result};

/// The status and the raw answer (headers and body, not decoded) of `GET target`.
pub struct Answer {
    pub status: u16,
    pub raw: String,
}

/// Sends `GET target` to `address`, with the API key where one is given, and reads until the server closes.
pub fn get(address: SocketAddr, target: &str, api_key: Option<&str>) -> Result<Answer> {
    let timeout = Duration::from_secs(10);
    let mut stream = TcpStream::connect_timeout(&address, timeout).context("failed to connect")?;
    stream.set_read_timeout(Some(timeout))?;
    let auth = api_key.map(|key| format!("Authorization: Apikey {key}\r\n")).unwrap_or_default();
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {address}\r\n{auth}Connection: close\r\n\r\n")?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).with_context(|| format!("failed to read the answer to `{target}`"))?;
    parse(&String::from_utf8_lossy(&bytes))
}

fn parse(raw: &str) -> Result<Answer> {
    let status = raw.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.with_context(|| format!("expected an HTTP status line, found `{raw:.80}`"))?;
    Ok(Answer { status, raw: raw.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_the_second_word() {
        assert_eq!(parse("HTTP/1.1 503 Service Unavailable\r\n\r\n").unwrap().status, 503);
        assert!(parse("").is_err());
    }
}
