//! What a format is given and what it is.

use super::cell::{Cell, cells};
use super::settings::Settings;
use crate::types::Type;
use arrow_array::RecordBatch;
use std::io::{self, Write};

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub ty: Type,
}

/// What the execution cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Statistics {
    pub elapsed_seconds: f64,
    pub rows_read: u64,
    pub bytes_read: u64,
}

/// A whole result. The arrays' physical types by ClickHouse type:
///
/// | type | Arrow |
/// |---|---|
/// | `Bool`, integers to 64 bits, floats | the same |
/// | integers of 128 and 256 bits | text with digits |
/// | `Decimal` | Decimal128; text with digits and point above 38 digits |
/// | `String`, `FixedString`, `Enum`, `UUID`, `IPv6`, `JSON` | text; binary where it is no UTF-8 |
/// | `IPv4` | UInt32 |
/// | `Date`, `Date32` | Date32 |
/// | `DateTime`, `DateTime64` | Timestamp of any unit, in UTC |
/// | `Array`, `Tuple`, `Map` | list, struct, map or list of pairs |
/// | `AggregateFunction` | binary |
///
/// NULL is what is not valid; `Nullable`, `LowCardinality` and `SimpleAggregateFunction` change nothing, and any array
/// may be a dictionary.
#[derive(Clone, Copy)]
pub struct Output<'a> {
    pub columns: &'a [Column],
    pub batches: &'a [RecordBatch],
    /// One row, of `WITH TOTALS`.
    pub totals: Option<&'a RecordBatch>,
    /// Two rows, the smallest and largest values.
    pub extremes: Option<&'a RecordBatch>,
    /// Rows there would have been without `LIMIT`.
    pub rows_before_limit: Option<u64>,
    pub statistics: Option<Statistics>,
}

impl<'a> Output<'a> {
    pub(crate) fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The cells of each batch that has rows.
    pub(crate) fn cells(&self, settings: &Settings) -> io::Result<Vec<(usize, Vec<Cell<'a>>)>> {
        self.batches
            .iter()
            .filter(|batch| batch.num_rows() > 0)
            .map(|batch| Ok((batch.num_rows(), cells(self.columns, batch, settings)?)))
            .collect()
    }

    /// The cells of totals or extremes, if there are any.
    pub(crate) fn extra(
        &self,
        batch: Option<&'a RecordBatch>,
        settings: &Settings,
    ) -> io::Result<Option<(usize, Vec<Cell<'a>>)>> {
        batch.map(|batch| Ok((batch.num_rows(), cells(self.columns, batch, settings)?))).transpose()
    }
}

/// An output format.
pub trait Format: Send + Sync {
    /// As in `FORMAT JSONEachRow`.
    fn name(&self) -> &'static str;

    /// Further names of the same format.
    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }

    fn content_type(&self) -> &'static str;

    /// Writes a whole result.
    ///
    /// # Errors
    /// Those of `out`, and `InvalidData` where an array does not fit its column's type or the format cannot say it.
    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()>;
}

/// Text on its way out, in pieces worth a call.
pub(crate) struct Sink<'w> {
    pub(crate) buffer: Vec<u8>,
    out: &'w mut dyn Write,
}

/// Bytes that are gathered before they are handed on.
const PIECE_BYTES: usize = 64 * 1024;

impl<'w> Sink<'w> {
    pub(crate) fn new(out: &'w mut dyn Write) -> Self {
        Self { buffer: Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 4), out }
    }

    pub(crate) fn put(&mut self, text: impl AsRef<[u8]>) {
        self.buffer.extend_from_slice(text.as_ref());
    }

    /// Hands on what there is if that is enough; to be called between rows.
    #[inline]
    pub(crate) fn pass(&mut self) -> io::Result<()> {
        if self.buffer.len() >= PIECE_BYTES { self.flush() } else { Ok(()) }
    }

    /// Hands on everything.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

pub(crate) const TEXT: &str = "text/plain; charset=UTF-8";
pub(crate) const JSON: &str = "application/json; charset=UTF-8";
pub(crate) const NDJSON: &str = "application/x-ndjson; charset=UTF-8";
pub(crate) const BYTES: &str = "application/octet-stream";

pub(crate) fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}
