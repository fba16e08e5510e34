//! `Parquet`: a file in pages of ZSTD, as ClickHouse writes it.

use super::columnar::{Flavor, batches};
use super::output::{BYTES, Format, Output};
use super::settings::Settings;
use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
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
