//! Parquet into blocks.

use super::reading::{Manner, unheld};
use crate::ingest::{Block, Decoder};
use arrow_array::{Array, RecordBatch, cast::AsArray};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use parking_lot::Mutex;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::{ParquetError, Result as Read};
use parquet::file::reader::{ChunkReader, Length};
use std::io::{self, SeekFrom};
use std::sync::Arc;
use tile_base::objects::Held;
use tile_base::{Error, Kind, Result};

/// Rows that are read at once.
const ROWS: usize = 8192;
/// Bytes of text that become one block.
const TEXT_BYTES: usize = 64 << 20;

/// A file that is held, read in any order.
struct Chunks {
    file: Mutex<Box<dyn Held>>,
    bytes: u64,
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for Chunks {
    type T = io::Cursor<Bytes>;

    /// The whole rest is not needed: who asks reads the head of a page.
    fn get_read(&self, start: u64) -> Read<Self::T> {
        const HEAD: u64 = 1 << 20;
        let length = self.bytes.saturating_sub(start).min(HEAD);
        self.get_bytes(start, usize::try_from(length).unwrap_or(0)).map(io::Cursor::new)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Read<Bytes> {
        let end = start.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        if end > self.bytes {
            return Err(ParquetError::EOF("the file is shorter than it says".into()));
        }
        let mut file = self.file.lock();
        let mut out = vec![0; length];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut out)?;
        Ok(out.into())
    }
}

/// Text is read as views of its pages: a word that is written once, for a million rows, is in memory once.
fn viewed(schema: &Schema) -> Schema {
    let fields = schema.fields().iter().map(|field| {
        let ty = match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
            DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
            other => other.clone(),
        };
        Arc::new(Field::clone(field).with_data_type(ty))
    });
    Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone())
}

pub fn blocks(
    held: Box<dyn Held>,
    bytes: u64,
    decoder: &Decoder,
    manner: &Manner<'_>,
    each: &mut dyn FnMut(Block, u64) -> Result<()>,
) -> Result<()> {
    let bad = |e: ParquetError| Error::invalid(format!("the file is no Parquet that can be read: {e}"));
    let chunks = Arc::new(Chunks { file: Mutex::new(held), bytes });
    let plain = ParquetRecordBatchReaderBuilder::try_new(Shared(chunks.clone())).map_err(bad)?;
    let options = ArrowReaderOptions::new().with_schema(Arc::new(viewed(plain.schema())));
    let viewed = ParquetRecordBatchReaderBuilder::try_new_with_options(Shared(chunks), options);
    let reader = viewed.unwrap_or(plain).with_batch_size(ROWS).build().map_err(bad)?;
    let mut total = 0_u64;
    for batch in reader {
        manner.cancel.check()?;
        let batch = batch.map_err(|e| bad(ParquetError::ArrowError(e.to_string())))?;
        let mut at = 0;
        while at < batch.num_rows() {
            let (rows, text) = run(&batch, at);
            total = total.saturating_add(text);
            if total > manner.limits.file_bytes_max {
                let what = format!("the file has more than {} bytes of values", manner.limits.file_bytes_max);
                return Err(Error::new(Kind::TooLarge, what).hint("Import it in several files"));
            }
            each(decoder.batch(&batch.slice(at, rows), &manner.import)?, text)?;
            at += rows;
        }
    }
    Ok(())
}

/// How many rows from one on make a block, and the bytes of their values.
fn run(batch: &RecordBatch, from: usize) -> (usize, u64) {
    let (mut rows, mut bytes) = (0, 0_usize);
    for row in from..batch.num_rows() {
        let more: usize = batch.columns().iter().map(|column| weight(column.as_ref(), row)).sum();
        if rows > 0 && bytes.saturating_add(more) > TEXT_BYTES {
            break;
        }
        bytes = bytes.saturating_add(more);
        rows += 1;
    }
    (rows, u64::try_from(bytes).unwrap_or(u64::MAX))
}

fn weight(column: &dyn Array, row: usize) -> usize {
    match column.data_type() {
        DataType::Utf8View => column.as_string_view().value(row).len(),
        DataType::BinaryView => column.as_binary_view().value(row).len(),
        _ => column.get_array_memory_size().checked_div(column.len()).unwrap_or(0),
    }
}

/// One file for two readers.
struct Shared(Arc<Chunks>);

impl Length for Shared {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl ChunkReader for Shared {
    type T = io::Cursor<Bytes>;

    fn get_read(&self, start: u64) -> Read<Self::T> {
        self.0.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Read<Bytes> {
        self.0.get_bytes(start, length)
    }
}

/// What is held as a place to write Parquet to.
pub struct Writing(pub Box<dyn Held>);

impl io::Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// An error of the disk under a writer.
pub fn unwritten(e: io::Error) -> Error {
    unheld(e)
}
