//! `RowBinary`, without or with a header.

use super::binary::{length, text};
use super::output::{BYTES, Format, Output, Sink};
use super::settings::Settings;
use std::io::{self, Write};

pub(crate) struct RowBinary {
    pub(crate) name: &'static str,
    pub(crate) names: bool,
    pub(crate) types: bool,
}

impl Format for RowBinary {
    fn name(&self) -> &'static str {
        self.name
    }

    fn content_type(&self) -> &'static str {
        BYTES
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let mut sink = Sink::new(out);
        if self.names || self.types {
            length(output.columns.len(), &mut sink.buffer);
        }
        if self.names {
            output.columns.iter().for_each(|column| text(column.name.as_bytes(), &mut sink.buffer));
        }
        if self.types {
            output.columns.iter().for_each(|column| text(column.ty.to_string().as_bytes(), &mut sink.buffer));
        }
        for (rows, cells) in output.cells(settings)? {
            for row in 0..rows {
                for cell in &cells {
                    cell.binary(row, &mut sink.buffer)?;
                }
                sink.pass()?;
            }
        }
        sink.flush()
    }
}
