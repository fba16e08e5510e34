//! `JSONCompactEachRow` and its relatives: an array for each row, after one with names and one with types.

use super::output::{Format, NDJSON, Output, Sink};
use super::settings::Settings;
use super::value::Rules;
use super::{escape, json::keys};
use std::io::{self, Write};

/// A line for each row.
pub(crate) struct CompactEachRow {
    pub(crate) name: &'static str,
    pub(crate) strings: bool,
    pub(crate) names: bool,
    pub(crate) types: bool,
}

/// Appends a line of JSON texts.
fn line(items: &[Vec<u8>], out: &mut Vec<u8>) {
    out.push(b'[');
    out.extend_from_slice(&items.join(&b", "[..]));
    out.extend_from_slice(b"]\n");
}

impl Format for CompactEachRow {
    fn name(&self) -> &'static str {
        self.name
    }

    fn content_type(&self) -> &'static str {
        NDJSON
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let rules = Rules::new(settings);
        let mut sink = Sink::new(out);
        if self.names {
            line(&keys(output.columns, settings), &mut sink.buffer);
        }
        if self.types {
            let mut types = Vec::new();
            for column in output.columns {
                let mut ty = Vec::new();
                escape::json(column.ty.to_string().as_bytes(), rules.json.escape_forward_slashes, &mut ty);
                types.push(ty);
            }
            line(&types, &mut sink.buffer);
        }
        for (rows, cells) in output.cells(settings)? {
            for row in 0..rows {
                sink.buffer.push(b'[');
                for (i, cell) in cells.iter().enumerate() {
                    sink.put(if i > 0 { ", " } else { "" });
                    if self.strings {
                        cell.json_string(row, rules, &mut sink.buffer);
                    } else {
                        cell.json(row, rules, &mut sink.buffer);
                    }
                }
                sink.put("]\n");
                sink.pass()?;
            }
        }
        sink.flush()
    }
}
