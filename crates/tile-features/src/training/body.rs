//! Rows of requests and answers: Arrow's stream, Parquet, lines of JSON.

use super::desk::Given;
use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, SchemaRef};
use bytes::Bytes;
use parking_lot::Mutex;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::io::{Cursor, Write};
use std::sync::Arc;
use tile_base::engine::Cancel;
use tile_base::{Error, Kind, Result, SqlEngine};
use tile_web::Sink;
use tile_web::body::write_error;

pub const ARROW: &str = "application/vnd.apache.arrow.stream";
pub const PARQUET: &str = "application/vnd.apache.parquet";
pub const NDJSON: &str = "application/x-ndjson";

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Arrow,
    Parquet,
    Ndjson,
}

const NAMES: &[(&str, &str, Format)] = &[
    ("arrow", ARROW, Format::Arrow),
    ("parquet", PARQUET, Format::Parquet),
    ("ndjson", NDJSON, Format::Ndjson),
];

fn known() -> String {
    NAMES.iter().map(|(_, media, _)| *media).collect::<Vec<_>>().join(", ")
}

impl Format {
    /// That of a parameter, else the first that is accepted, else Arrow's.
    ///
    /// # Errors
    /// `Malformed` for another parameter, `NotAcceptable` where none is accepted.
    pub fn of(parameter: Option<&str>, accept: &str) -> Result<Self> {
        if let Some(name) = parameter {
            let found = NAMES.iter().find(|(known, ..)| *known == name);
            return found.map(|found| found.2).ok_or_else(|| {
                Error::malformed(format!("`{name}` is no format")).hint("Use arrow, parquet or ndjson")
            });
        }
        let mut items = accept.split(',').filter_map(|item| item.split(';').next()).map(str::trim).peekable();
        if items.peek().is_none_or(|item| item.is_empty()) {
            return Ok(Self::Arrow);
        }
        for item in items {
            if matches!(item, "*/*" | "application/*") {
                return Ok(Self::Arrow);
            }
            if let Some(found) = NAMES.iter().find(|(_, media, _)| media.eq_ignore_ascii_case(item)) {
                return Ok(found.2);
            }
        }
        Err(Error::new(Kind::NotAcceptable, format!("none of the formats is accepted: {}", known())))
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Arrow => ARROW,
            Self::Parquet => PARQUET,
            Self::Ndjson => NDJSON,
        }
    }
}

/// Rows as they came.
pub struct Body {
    format: Format,
    bytes: Bytes,
}

impl Body {
    /// # Errors
    /// `UnsupportedMedia` for another type.
    pub fn new(media_type: &str, bytes: Bytes) -> Result<Self> {
        let name = media_type.split(';').next().unwrap_or_default().trim();
        let found = NAMES.iter().find(|(_, media, _)| media.eq_ignore_ascii_case(name));
        let format = found.map(|found| found.2).ok_or_else(|| {
            Error::new(Kind::UnsupportedMedia, format!("rows of the type `{name}` are not read"))
                .hint(format!("Say the Content-Type: {}", known()))
        })?;
        Ok(Self { format, bytes })
    }
}

fn unread(e: impl std::fmt::Display) -> Error {
    Error::invalid(format!("the rows cannot be read: {e}"))
}

/// The rows of a body.
///
/// # Errors
/// `Invalid` for what is not of its format, here or at the first rows.
pub fn read(body: Body) -> Result<Given> {
    type Rows = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>;
    let (schema, rows): (SchemaRef, Rows) = match body.format {
        Format::Arrow => {
            let reader = StreamReader::try_new(Cursor::new(body.bytes), None).map_err(unread)?;
            (reader.schema(), Box::new(reader))
        }
        Format::Parquet => {
            let reader = ParquetRecordBatchReaderBuilder::try_new(body.bytes).map_err(unread)?;
            let reader = reader.build().map_err(unread)?;
            (arrow_array::RecordBatchReader::schema(&reader), Box::new(reader))
        }
        Format::Ndjson => {
            let mut cursor = Cursor::new(body.bytes.clone());
            let (schema, _) = arrow_json::reader::infer_json_schema(&mut cursor, None).map_err(unread)?;
            let schema = Arc::new(schema);
            let reader = arrow_json::ReaderBuilder::new(schema.clone());
            (schema, Box::new(reader.build(Cursor::new(body.bytes)).map_err(unread)?))
        }
    };
    Ok(Given { schema, batches: Box::new(rows.map(|batch| batch.map_err(unread))) })
}

/// What a writer has written and the sink has not yet.
#[derive(Clone, Default)]
struct Piece(Arc<Mutex<Vec<u8>>>);

impl Write for Piece {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Piece {
    fn hand_over(&self, sink: &mut dyn Sink) -> Result<()> {
        let bytes = std::mem::take(&mut *self.0.lock());
        if bytes.is_empty() { Ok(()) } else { sink.put(bytes.into()).map_err(write_error) }
    }
}

/// Writes the rows of a table in their order. Memory holds a group of rows.
///
/// # Errors
/// Those of the engine; `Busy` when the reader leaves.
pub fn write(
    engine: &dyn SqlEngine,
    table: &str,
    schema: &SchemaRef,
    format: Format,
    sink: &mut dyn Sink,
) -> Result<()> {
    let unwritten = |e: ArrowError| Error::internal("rows cannot be written as Arrow").source(e);
    let piece = Piece::default();
    let mut each = |add: &mut dyn FnMut(&RecordBatch) -> Result<()>| {
        let sql = format!("SELECT * FROM {table}");
        engine.read(&sql, &Cancel::default(), &mut |batch| {
            let batch = RecordBatch::try_new(schema.clone(), batch.columns().to_vec()).map_err(unwritten)?;
            add(&batch)?;
            piece.hand_over(sink)
        })
    };
    match format {
        Format::Arrow => {
            let mut writer = StreamWriter::try_new(piece.clone(), schema).map_err(unwritten)?;
            each(&mut |batch| writer.write(batch).map_err(unwritten))?;
            writer.finish().map_err(unwritten)?;
        }
        Format::Parquet => {
            let misfit = |e| Error::internal("rows cannot be written as Parquet").source(e);
            let mut writer = ArrowWriter::try_new(piece.clone(), schema.clone(), None).map_err(misfit)?;
            each(&mut |batch| writer.write(batch).map_err(misfit))?;
            writer.close().map_err(misfit)?;
        }
        Format::Ndjson => {
            let builder = arrow_json::WriterBuilder::new().with_explicit_nulls(true);
            let mut writer = builder.build::<_, arrow_json::writer::LineDelimited>(piece.clone());
            each(&mut |batch| writer.write(batch).map_err(unwritten))?;
            writer.finish().map_err(unwritten)?;
        }
    }
    piece.hand_over(sink)
}
