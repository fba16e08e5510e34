//! Arrow IPC files, written batch by batch; also the schema messages of table structures.

use super::{AWKWARD, Context, Encoder, RAGGED, SPARSE, Subject, TABLE, Target, rows};
use arrow_ipc::writer::{DictionaryTracker, FileWriter, IpcDataGenerator, IpcWriteOptions};
use arrow_schema::Schema;
use std::io::Write;
use tile_base::{Error, Result};
use tile_web::Sink;

pub struct Arrow;

impl Encoder for Arrow {
    fn name(&self) -> &'static str {
        "arrow"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["application/vnd.apache.arrow.file"]
    }
    fn endings(&self) -> &'static [&'static str] {
        &["arrow", "feather"]
    }
    fn targets(&self) -> &'static [Target] {
        &[TABLE, SPARSE, AWKWARD, RAGGED, Target::Dataset]
    }
    fn encode(&self, subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
        let (schema, batches) = rows::of(subject, context)?;
        let failed = |e: arrow_schema::ArrowError| {
            tile_base::Error::new(tile_base::Kind::Busy, "cannot write the Arrow file").source(e)
        };
        let mut writer = FileWriter::try_new(Through(out), &schema).map_err(failed)?;
        for batch in batches {
            writer.write(&batch?).map_err(failed)?;
        }
        writer.finish().map_err(failed)
    }
}

/// A sink as a plain writer that is owned.
pub struct Through<'a>(pub &'a mut dyn Sink);

impl Write for Through<'_> {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        // Column buffers arrive whole: large ones are handed on at once, small ones gathered.
        self.0.write(data)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// The encapsulated schema message: continuation mark, length, flatbuffer, padding.
///
/// # Errors
/// Internal when the schema cannot be encoded.
pub fn schema_message(schema: &Schema) -> Result<Vec<u8>> {
    let options = IpcWriteOptions::default();
    let mut tracker = DictionaryTracker::new(false);
    let encoded =
        IpcDataGenerator::default().schema_to_bytes_with_dictionary_tracker(schema, &mut tracker, &options);
    let mut out = Vec::new();
    arrow_ipc::writer::write_message(&mut out, encoded, &options)
        .map_err(|e| Error::internal("cannot encode the schema").source(e))?;
    Ok(out)
}
