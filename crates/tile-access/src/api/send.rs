//! From a chosen encoder to an answer: tag, range, size, streaming.

use super::App;
use crate::encoders::{Chosen, Context, Subject};
use bytes::Bytes;
use http::{StatusCode, header};
use std::io::{self, Write};
use std::sync::Arc;
use tile_base::Result;
use tile_web::body::{self, Sink};
use tile_web::compress::Coding;
use tile_web::{Reply, Req, etag, range};

/// Largest answer that is gathered for a coding that cannot stream.
const GATHER_BYTES_MAX: u64 = 64 << 20;

/// What makes an answer's bytes what they are; equal texts mean equal answers.
pub fn tag(parts: &[&str]) -> String {
    etag::of(parts.join("\u{1}").as_bytes())
}

/// The content coding, and whether the answer is gathered for it: LZ4 here is one block, so an answer of moderate size is
/// gathered, and a larger one takes the next best coding. A byte range is of the plain bytes.
fn coding_of(req: &Req, media_type: &str, ranged: bool, length: Option<u64>) -> (Option<Coding>, bool) {
    if ranged {
        return (None, false);
    }
    let accept = req.header("accept-encoding");
    let best = Coding::negotiate(accept, media_type);
    let gather = best == Some(Coding::Lz4) && length.is_some_and(|n| n <= GATHER_BYTES_MAX);
    (if gather { best } else { Coding::negotiate_stream(accept, media_type) }, gather)
}

/// Encodes `subject` and answers. `tag` names the answer, so that a client that has it gets 304 before anything is read.
///
/// # Errors
/// Those of the encoder.
pub async fn send(app: Arc<App>, req: &Req, chosen: Chosen, subject: Subject, tag: String) -> Result<Reply> {
    let condition = req.header("if-none-match");
    if !condition.is_empty() && etag::matches(condition, &tag) {
        return Ok(Reply::empty(StatusCode::NOT_MODIFIED).with(header::ETAG, tag));
    }
    chosen.encoder.accepts(&subject)?;
    let length = chosen.encoder.length(&subject);
    let if_range = req.header("if-range");
    let range = match length {
        Some(n) if !req.header("range").is_empty() && (if_range.is_empty() || if_range == tag) => {
            match range::parse(req.header("range"), n) {
                Ok(range) => range,
                Err(e) => return Ok(Reply::outside(&e, n)),
            }
        }
        _ => None,
    };
    let (coding, gather) = coding_of(req, &chosen.media_type, range.is_some(), length);
    let media_type = match chosen.media_type.as_str() {
        m if m.starts_with("text/") && !m.contains("charset") => format!("{m}; charset=utf-8"),
        m => m.to_owned(),
    };
    let as_asked = chosen.media_type.clone();
    let encoder = chosen.encoder;
    let known = range.map_or(length, |(first, last)| Some(last - first + 1));
    let bytes_max = app.tree.config.response_bytes_max;
    if gather {
        let bytes = tile_web::rt::cpu(move || {
            let context =
                Context { tree: &app.tree, cache: &app.tree.cache, media_type: &as_asked, bytes_max };
            let mut out: Vec<u8> = Vec::new();
            encoder.encode(subject, &context, &mut out)?;
            Ok(out)
        })
        .await?;
        return Ok(Reply::new(&media_type, bytes).with(header::ETAG, tag));
    }
    let encoded = body::encode(known, coding, move |out| {
        let context = Context { tree: &app.tree, cache: &app.tree.cache, media_type: &as_asked, bytes_max };
        match range {
            Some((first, last)) => {
                encoder.encode(subject, &context, &mut Part { skip: first, left: last - first + 1, out })
            }
            None => encoder.encode(subject, &context, out),
        }
    })
    .await?;
    let mut reply = Reply::encoded(&media_type, encoded).with(header::ETAG, tag);
    if length.is_some() {
        reply = reply.with(header::ACCEPT_RANGES, "bytes");
    }
    if let (Some((first, last)), Some(n)) = (range, length) {
        reply.status = StatusCode::PARTIAL_CONTENT;
        reply = reply.with(header::CONTENT_RANGE, format!("bytes {first}-{last}/{n}"));
    }
    if let Some(name) = req.query.get("filename") {
        reply = reply.with(header::CONTENT_DISPOSITION, attachment(name));
    }
    Ok(reply)
}

/// A download's name, made safe for a header.
pub fn attachment(name: &str) -> String {
    let plain: String = name
        .chars()
        .filter(|c| c.is_ascii() && !c.is_ascii_control() && !matches!(c, '"' | '\\' | '/'))
        .collect();
    if plain == name {
        return format!("attachment; filename=\"{plain}\"");
    }
    let encoded = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

/// Lets a byte range through.
struct Part<'a> {
    skip: u64,
    left: u64,
    out: &'a mut dyn Sink,
}

impl Part<'_> {
    /// The part of a piece of `len` bytes that is wanted.
    fn cut(&mut self, len: usize) -> std::ops::Range<usize> {
        let from = self.skip.min(len as u64);
        self.skip -= from;
        let take = self.left.min(len as u64 - from);
        self.left -= take;
        let start = usize::try_from(from).unwrap_or(len);
        start..start + usize::try_from(take).unwrap_or(0)
    }
}

impl Write for Part<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let range = self.cut(data.len());
        self.out.write_all(&data[range])?;
        Ok(data.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Sink for Part<'_> {
    fn put(&mut self, bytes: Bytes) -> io::Result<()> {
        let range = self.cut(bytes.len());
        if range.is_empty() { Ok(()) } else { self.out.put(bytes.slice(range)) }
    }
}
