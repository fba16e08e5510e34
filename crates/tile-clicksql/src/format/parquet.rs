//! `Parquet`: a file in pages of ZSTD, as ClickHouse writes it.

use super::columnar::{Flavor, batches};
use super::output::Column;
use super::output::{BYTES, Format, Output};
use super::settings::Settings;
use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, GzipLevel, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
use arrow_array::RecordBatch;
use std::io::{self, Write};

pub(crate) struct Parquet;

/// Rows of a group, as ClickHouse has them.
const GROUP_ROWS: usize = 1_000_000;
/// ClickHouse's level.
const ZSTD_LEVEL: i32 = 3;

/// `ArrowWriter` wants a writer that may be sent to another thread, so the file is gathered and then handed on.
impl Format for Parquet {
    fn name(&self) -> &'static str {
        "Parquet"
    }

    fn content_type(&self) -> &'static str {
        BYTES
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let (schema, batches) = batches(output, settings, Flavor::Parquet)?;
        let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(io::Error::other)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        let mut file = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut file, schema, Some(properties)).map_err(io::Error::other)?;
        for batch in &batches {
            writer.write(batch).map_err(io::Error::other)?;
        }
        writer.close().map_err(io::Error::other)?;
        out.write_all(&file)
    }
}

/// A file that is written batch by batch. Holds one group of rows.
pub struct ParquetFile<W: Write + Send>(ArrowWriter<W>);

impl<W: Write + Send> ParquetFile<W> {
    /// `codec`: `none`, `gzip` or `zstd`.
    ///
    /// # Errors
    /// For a type that Parquet has no form for, and a codec that is none.
    pub fn new(out: W, columns: &[Column], settings: &Settings, codec: &str) -> io::Result<Self> {
        let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(io::Error::other)?;
        let codec = match codec {
            "none" => Compression::UNCOMPRESSED,
            "gzip" => Compression::GZIP(GzipLevel::default()),
            "zstd" => Compression::ZSTD(level),
            _ => return Err(io::Error::other("an unknown codec")),
        };
        let properties = WriterProperties::builder()
            .set_compression(codec)
            .set_max_row_group_row_count(Some(STREAMED_ROWS))
            .build();
        let (schema, _) = batches(&output(columns, &[]), settings, Flavor::Parquet)?;
        ArrowWriter::try_new(out, schema, Some(properties)).map(Self).map_err(io::Error::other)
    }

    /// # Errors
    /// Those of the place that is written to.
    pub fn write(&mut self, columns: &[Column], batch: &RecordBatch, settings: &Settings) -> io::Result<()> {
        let (_, batches) = batches(&output(columns, std::slice::from_ref(batch)), settings, Flavor::Parquet)?;
        for batch in &batches {
            self.0.write(batch).map_err(io::Error::other)?;
        }
        if self.0.in_progress_size() > GROUP_BYTES {
            self.0.flush().map_err(io::Error::other)?;
        }
        Ok(())
    }

    /// Writes the rest, and gives the place back.
    ///
    /// # Errors
    /// Those of the place that is written to.
    pub fn finish(self) -> io::Result<W> {
        self.0.into_inner().map_err(io::Error::other)
    }
}

/// Rows and bytes of a group that is held while it is written.
const STREAMED_ROWS: usize = 1 << 17;
const GROUP_BYTES: usize = 64 << 20;

fn output<'a>(columns: &'a [Column], batches: &'a [RecordBatch]) -> Output<'a> {
    Output { columns, batches, totals: None, extremes: None, rows_before_limit: None, statistics: None }
}
