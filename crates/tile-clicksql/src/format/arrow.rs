//! `Arrow` and `ArrowStream`: the IPC file and the IPC stream, in LZ4 frames as ClickHouse writes them.

use super::columnar::{Flavor, batches};
use super::output::{Format, Output};
use super::settings::Settings;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use std::io::{self, Write};

pub(crate) struct Arrow {
    pub(crate) name: &'static str,
    pub(crate) stream: bool,
}

impl Format for Arrow {
    fn name(&self) -> &'static str {
        self.name
    }

    fn content_type(&self) -> &'static str {
        if self.stream { "application/vnd.apache.arrow.stream" } else { "application/vnd.apache.arrow.file" }
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let (schema, batches) = batches(output, settings, Flavor::Arrow)?;
        let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME));
        let options = options.map_err(io::Error::other)?;
        if self.stream {
            let mut writer =
                StreamWriter::try_new_with_options(out, &schema, options).map_err(io::Error::other)?;
            for batch in &batches {
                writer.write(batch).map_err(io::Error::other)?;
            }
            writer.finish().map_err(io::Error::other)
        } else {
            let mut writer =
                FileWriter::try_new_with_options(out, &schema, options).map_err(io::Error::other)?;
            for batch in &batches {
                writer.write(batch).map_err(io::Error::other)?;
            }
            writer.finish().map_err(io::Error::other)
        }
    }
}
