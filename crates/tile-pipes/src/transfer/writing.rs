//! One file that is being written, beside the memory.

use super::parquet::{Writing, unwritten};
use super::sink::Format;
use arrow_array::RecordBatch;
use std::io::Write;
use tile_base::objects::{Held, Objects};
use tile_base::{Error, Result};
use tile_clicksql::format::{self, Column, Output, ParquetFile, Settings};

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// `name`: in small letters. Parquet is packed unless it is said otherwise.
    pub fn named(name: &str, format: Format) -> Result<Self> {
        match name {
            "" if format == Format::Parquet => Ok(Self::Zstd),
            "" | "none" => Ok(Self::None),
            "gz" | "gzip" => Ok(Self::Gzip),
            "zst" | "zstd" => Ok(Self::Zstd),
            other => {
                Err(Error::invalid(format!("unknown EXPORT_COMPRESSION `{other}`"))
                    .hint("Use none, gz or zstd"))
            }
        }
    }

    /// What a name ends with. Parquet is packed within.
    pub fn ending(self, format: Format) -> &'static str {
        match self {
            _ if format == Format::Parquet => "",
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }
}

enum Inner {
    Plain(Writing),
    Gzip(flate2::write::GzEncoder<Writing>),
    Zstd(zstd::stream::write::Encoder<'static, Writing>),
    Parquet(ParquetFile<Writing>),
}

/// A file under way.
pub(super) struct File {
    inner: Inner,
    format: Format,
    columns: Vec<Column>,
    settings: Settings,
    rows: u64,
    is_headed: bool,
}

/// A file that is done.
pub(super) struct Written {
    pub name: String,
    pub held: Box<dyn Held>,
    pub rows: u64,
    pub bytes: u64,
}

const ZSTD_LEVEL: i32 = 3;

impl File {
    pub fn new(
        objects: &dyn Objects,
        format: Format,
        compression: Compression,
        columns: Vec<Column>,
        settings: Settings,
    ) -> Result<Self> {
        let held = Writing(objects.hold()?);
        let inner = match (format, compression) {
            (Format::Parquet, compression) => {
                let codec = match compression {
                    Compression::None => "none",
                    Compression::Gzip => "gzip",
                    Compression::Zstd => "zstd",
                };
                Inner::Parquet(ParquetFile::new(held, &columns, &settings, codec).map_err(unfit)?)
            }
            (_, Compression::None) => Inner::Plain(held),
            (_, Compression::Gzip) => {
                Inner::Gzip(flate2::write::GzEncoder::new(held, flate2::Compression::default()))
            }
            (_, Compression::Zstd) => {
                Inner::Zstd(zstd::stream::write::Encoder::new(held, ZSTD_LEVEL).map_err(unwritten)?)
            }
        };
        Ok(Self { inner, format, columns, settings, rows: 0, is_headed: false })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows = self.rows.saturating_add(u64::try_from(batch.num_rows()).unwrap_or(u64::MAX));
        if let Inner::Parquet(file) = &mut self.inner {
            return file.write(&self.columns, batch, &self.settings).map_err(unfit);
        }
        let text = self.text(std::slice::from_ref(batch))?;
        self.put(&text)
    }

    /// Rows as text, with the names of the columns in front of the first ones.
    fn text(&mut self, batches: &[RecordBatch]) -> Result<Vec<u8>> {
        let name = match (self.format, std::mem::replace(&mut self.is_headed, true)) {
            (Format::Csv, false) => "CSVWithNames",
            (Format::Csv, true) => "CSV",
            _ => "JSONEachRow",
        };
        let format = format::by_name(name).ok_or_else(|| Error::internal("a format that is gone"))?;
        let output = Output {
            columns: &self.columns,
            batches,
            totals: None,
            extremes: None,
            rows_before_limit: None,
            statistics: None,
        };
        let mut text = Vec::new();
        format.write(&output, &self.settings, &mut text).map_err(unfit)?;
        Ok(text)
    }

    fn put(&mut self, text: &[u8]) -> Result<()> {
        match &mut self.inner {
            Inner::Plain(out) => out.write_all(text),
            Inner::Gzip(out) => out.write_all(text),
            Inner::Zstd(out) => out.write_all(text),
            Inner::Parquet(_) => Ok(()),
        }
        .map_err(unwritten)
    }

    pub fn finish(mut self) -> Result<Written> {
        if !self.is_headed && self.format == Format::Csv {
            let names = self.text(&[])?;
            self.put(&names)?;
        }
        let mut held = match self.inner {
            Inner::Plain(out) => out,
            Inner::Gzip(out) => out.finish().map_err(unwritten)?,
            Inner::Zstd(out) => out.finish().map_err(unwritten)?,
            Inner::Parquet(file) => file.finish().map_err(unwritten)?,
        }
        .0;
        held.flush().map_err(unwritten)?;
        let bytes = held.stream_position().map_err(unwritten)?;
        Ok(Written { name: String::new(), held, rows: self.rows, bytes })
    }
}

/// A value that a format has no way to write.
fn unfit(e: std::io::Error) -> Error {
    Error::invalid(format!("the result cannot be written: {e}"))
}
