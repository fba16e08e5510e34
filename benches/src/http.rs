//! A keep-alive HTTP/1.1 client over one `TcpStream`: the smallest that reads what the servers under test send.
//! It never allocates for a body: the caller sees the pieces as they arrive.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// The key that both servers are started with.
pub const API_KEY: &str = "secret";
const TIMEOUT: Duration = Duration::from_secs(180);
const BUFFER_BYTES: usize = 256 * 1024;

/// What came before a body, and its length.
#[derive(Debug, Default, PartialEq)]
pub struct Answer {
    pub status: u16,
    /// The media type without its parameters.
    pub media: String,
    pub bytes: u64,
    close: bool,
}

#[derive(Default)]
struct Head {
    answer: Answer,
    length: Option<u64>,
    chunked: bool,
}

/// The bytes of one GET request.
pub fn request(address: SocketAddr, target: &str, accept: &str) -> Vec<u8> {
    format!(
        "GET {target} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Apikey {API_KEY}\r\nAccept: {accept}\r\nUser-Agent: tile-benches\r\n\r\n"
    )
    .into_bytes()
}

/// One request on its own connection, with the whole body.
pub fn fetch(address: SocketAddr, target: &str, accept: &str) -> Result<(Answer, Vec<u8>)> {
    let mut body = Vec::new();
    let mut connection = Connection::open(address)?;
    let answer = connection
        .exchange(&request(address, target, accept), &mut |piece| body.extend_from_slice(piece))
        .with_context(|| format!("failed to GET `{target}`"))?;
    Ok((answer, body))
}

/// A connection that opens itself again after the server has closed it.
pub struct Connection {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

impl Connection {
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = Some(dial(address)?);
        Ok(Self { address, stream })
    }

    /// Sends `request` and hands the pieces of the body to `sink`.
    pub fn exchange(&mut self, request: &[u8], sink: &mut dyn FnMut(&[u8])) -> Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => dial(self.address)?,
        };
        stream.get_mut().write_all(request)?;
        let answer = receive(&mut stream, sink)?;
        if !answer.close {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

fn dial(address: SocketAddr) -> Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address).with_context(|| format!("failed to connect to {address}"))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    Ok(BufReader::with_capacity(BUFFER_BYTES, stream))
}

fn receive(stream: &mut impl BufRead, sink: &mut dyn FnMut(&[u8])) -> Result<Answer> {
    let head = head(stream)?;
    let mut answer = head.answer;
    if head.chunked {
        loop {
            let line = line(stream)?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = u64::from_str_radix(size, 16).with_context(|| format!("bad chunk size `{size}`"))?;
            take(stream, size, sink)?;
            // The line end after a chunk; after the last one, the end of the trailers (the servers send none).
            self::line(stream)?;
            answer.bytes += size;
            if size == 0 {
                return Ok(answer);
            }
        }
    }
    let length = head.length.context("neither Content-Length nor chunked")?;
    take(stream, length, sink)?;
    answer.bytes = length;
    Ok(answer)
}

fn head(stream: &mut impl BufRead) -> Result<Head> {
    let status = line(stream)?;
    let mut head = Head::default();
    let code = status.split(' ').nth(1).context("an empty status line")?;
    head.answer.status = code.parse().with_context(|| format!("bad status line `{status}`"))?;
    loop {
        let line = line(stream)?;
        if line.is_empty() {
            return Ok(head);
        }
        let (name, value) = line.split_once(':').with_context(|| format!("bad header `{line}`"))?;
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => head.length = Some(value.parse().context("bad Content-Length")?),
            "transfer-encoding" => head.chunked = value.eq_ignore_ascii_case("chunked"),
            "connection" => head.answer.close = value.eq_ignore_ascii_case("close"),
            "content-type" => {
                head.answer.media = value.split(';').next().unwrap_or_default().trim().to_owned();
            }
            _ => {}
        }
    }
}

fn line(stream: &mut impl BufRead) -> Result<String> {
    let mut text = String::new();
    if stream.read_line(&mut text)? == 0 {
        bail!("the server closed the connection");
    }
    text.truncate(text.trim_end().len());
    Ok(text)
}

fn take(stream: &mut impl BufRead, mut left: u64, sink: &mut dyn FnMut(&[u8])) -> Result<()> {
    while left > 0 {
        let piece = stream.fill_buf()?;
        if piece.is_empty() {
            bail!("the body ended {left} bytes early");
        }
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
        sink(piece.get(..wanted).unwrap_or(piece));
        stream.consume(wanted);
        left -= wanted as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::receive;

    fn read(text: &str) -> (u16, String, String) {
        let mut body = String::new();
        let mut sink = |piece: &[u8]| body.push_str(&String::from_utf8_lossy(piece));
        let answer = receive(&mut text.as_bytes(), &mut sink).unwrap();
        assert_eq!(answer.bytes, body.len() as u64);
        (answer.status, answer.media, body)
    }

    #[test]
    fn reads_a_body_of_known_length() {
        let (status, media, body) =
            read("HTTP/1.1 200 OK\r\nContent-Type: text/csv; charset=utf-8\r\ncontent-length: 3\r\n\r\na,b");
        assert_eq!((status, media.as_str(), body.as_str()), (200, "text/csv", "a,b"));
    }

    #[test]
    fn reads_chunks() {
        let (_, _, body) = read(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n",
        );
        assert_eq!(body, "abc0123456789");
    }

    #[test]
    fn refuses_a_short_body() {
        let text = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc";
        assert!(receive(&mut text.as_bytes(), &mut |_| ()).is_err());
    }
}
