//! Parquet, row group by row group.

use super::arrow::Through;
use super::{AWKWARD, Context, Encoder, RAGGED, SPARSE, Subject, TABLE, Target, rows};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use tile_base::{Error, Kind, Result};
use tile_web::Sink;

pub struct Parquet;

impl Encoder for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["application/x-parquet"]
    }
    fn endings(&self) -> &'static [&'static str] {
        &["parquet"]
    }
    fn targets(&self) -> &'static [Target] {
        &[TABLE, SPARSE, AWKWARD, RAGGED, Target::Dataset]
    }
    fn encode(&self, subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
        let (schema, batches) = rows::of(subject, context)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(1 << 18))
            .build();
        let failed = |e: parquet::errors::ParquetError| {
            Error::new(
                Kind::NotAcceptable,
                "This type is supported in general but there was an error packing this specific data",
            )
            .source(e)
        };
        let mut writer =
            ArrowWriter::try_new(SendThrough(Through(out)), schema, Some(properties)).map_err(failed)?;
        for batch in batches {
            writer.write(&batch?).map_err(failed)?;
        }
        writer.close().map(|_| ()).map_err(failed)
    }
}

/// Parquet's writer wants `Send`, although it writes on this thread only.
struct SendThrough<'a>(Through<'a>);

// SAFETY: the writer is made, used and dropped inside `encode`, on one thread; the bound of the library is never used.
#[expect(unsafe_code, reason = "the bound of the library is stricter than its use here")]
unsafe impl Send for SendThrough<'_> {}

impl std::io::Write for SendThrough<'_> {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        self.0.write(data)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}
