//! A file as blocks of rows: a bounded piece of it at a time.

use super::kind::Format;
use super::{Limits, parquet};
use crate::ingest::{Block, Decoder, Dialect, Import, Shape};
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tile_base::objects::{Held, Objects};
use tile_base::{Cancel, Error, Kind, Result};

/// What a file is read with.
pub struct Manner<'a> {
    pub format: Format,
    pub dialect: &'a Dialect,
    pub limits: Limits,
    pub import: Import<'a>,
    pub cancel: &'a Cancel,
}

/// Gives each block of a file, with the bytes of the piece that it was, unpacked.
///
/// # Errors
/// `Invalid` for a file that breaks off or is not of its format, `TooLarge`, the reason of the cancel, and those of `each`.
pub fn blocks(
    reader: Box<dyn Read + Send>,
    objects: &dyn Objects,
    decoder: &Decoder,
    manner: &Manner<'_>,
    each: &mut dyn FnMut(Block, u64) -> Result<()>,
) -> Result<()> {
    let mut text = Text { reader, limit: manner.limits.file_bytes_max, count: 0, cancel: manner.cancel };
    match manner.format {
        Format::Csv => csv(&mut text, decoder, manner, each),
        Format::Ndjson => ndjson(&mut text, decoder, manner, each),
        Format::Json => {
            let mut all = Vec::new();
            while text.more(&mut all)? {
                bounded(all.len(), manner.limits.json_bytes_max, "a file of JSON")?;
            }
            each(decoder.json(&all, &manner.import)?, text.count)
        }
        Format::Parquet => {
            let held = hold(&mut text, objects)?;
            parquet::blocks(held, text.count, decoder, manner, each)
        }
    }
}

/// Bytes of one read.
const READ_BYTES: usize = 256 << 10;

/// What is unpacked, counted.
struct Text<'a> {
    reader: Box<dyn Read + Send>,
    limit: u64,
    count: u64,
    cancel: &'a Cancel,
}

impl Text<'_> {
    /// Reads on; false at the end.
    fn more(&mut self, into: &mut Vec<u8>) -> Result<bool> {
        self.cancel.check()?;
        let read = (&mut self.reader).take(u64::try_from(READ_BYTES).unwrap_or(1)).read_to_end(into);
        let read = read.map_err(|e| {
            let e: Error = Error::invalid("the file breaks off, or is not packed as its name says").source(e);
            e
        })?;
        self.count = self.count.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        if self.count > self.limit {
            return Err(Error::new(Kind::TooLarge, format!("the file has more than {} bytes", self.limit))
                .hint("Import it in several files"));
        }
        Ok(read > 0)
    }
}

fn bounded(bytes: usize, limit: usize, what: &str) -> Result<()> {
    if bytes > limit {
        return Err(Error::new(Kind::TooLarge, format!("{what} has more than {limit} bytes")));
    }
    Ok(())
}

fn ndjson(
    text: &mut Text<'_>,
    decoder: &Decoder,
    manner: &Manner<'_>,
    each: &mut dyn FnMut(Block, u64) -> Result<()>,
) -> Result<()> {
    let mut decode = |piece: &[u8]| each(decoder.ndjson(piece, &manner.import)?, size(piece));
    pieces(text, manner, Vec::new(), &|bytes| newest(bytes), &mut decode)
}

/// Behind the last line that ended.
fn newest(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1)
}

fn size(piece: &[u8]) -> u64 {
    u64::try_from(piece.len()).unwrap_or(u64::MAX)
}

fn csv(
    text: &mut Text<'_>,
    decoder: &Decoder,
    manner: &Manner<'_>,
    each: &mut dyn FnMut(Block, u64) -> Result<()>,
) -> Result<()> {
    let mut first = Vec::new();
    while first.len() < manner.limits.piece_bytes && text.more(&mut first)? {}
    if first.starts_with(b"\xEF\xBB\xBF") {
        first.drain(..3);
    }
    let shape: Shape = decoder.csv_shape(&first, manner.dialect);
    let mut is_first = true;
    let mut decode = |piece: &[u8]| {
        // Names stand in the first piece only; the others get them in front.
        let block = if std::mem::take(&mut is_first) || shape.header.is_empty() {
            decoder.csv(piece, &shape.dialect, &manner.import)?
        } else {
            decoder.csv(&[&shape.header, piece].concat(), &shape.dialect, &manner.import)?
        };
        each(block, size(piece))
    };
    pieces(text, manner, first, &|bytes| shape.rows_end(bytes), &mut decode)
}

/// Cuts between rows. `end`: where the last whole row ends.
fn pieces(
    text: &mut Text<'_>,
    manner: &Manner<'_>,
    mut kept: Vec<u8>,
    end: &dyn Fn(&[u8]) -> usize,
    decode: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let Limits { piece_bytes, row_bytes_max, .. } = manner.limits;
    let mut wanted = piece_bytes;
    loop {
        let mut has_more = true;
        while kept.len() < wanted && has_more {
            has_more = text.more(&mut kept)?;
        }
        if !has_more {
            return if kept.is_empty() { Ok(()) } else { decode(&kept) };
        }
        let end = end(&kept);
        let Some(piece) = kept.get(..end).filter(|piece| !piece.is_empty()) else {
            bounded(kept.len(), row_bytes_max.max(piece_bytes), "a row")?;
            wanted = kept.len().saturating_mul(2);
            continue;
        };
        decode(piece)?;
        kept.drain(..end);
        wanted = piece_bytes;
    }
}

/// A whole file, beside the memory.
fn hold(text: &mut Text<'_>, objects: &dyn Objects) -> Result<Box<dyn Held>> {
    let mut held = objects.hold()?;
    let mut piece = Vec::new();
    while text.more(&mut piece)? {
        held.write_all(&piece).map_err(unheld)?;
        piece.clear();
    }
    held.flush().map_err(unheld)?;
    Ok(held)
}

/// A failure of what is kept beside the memory.
pub(super) fn unheld(e: std::io::Error) -> Error {
    Error::new(Kind::Busy, "the server has no room to hold the file").source(e)
}

/// Counts what passes, packed as it is.
pub struct Counted {
    pub inner: Box<dyn Read + Send>,
    pub count: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(into)?;
        self.count.fetch_add(u64::try_from(read).unwrap_or(0), Ordering::Relaxed);
        Ok(read)
    }
}
