//! `JSONColumns`, `JSONCompactColumns` and `JSONColumnsWithMetadata`: an array for each column.

use super::cell::Cell;
use super::json::{additional, keys, meta};
use super::output::{Format, JSON, Output, Sink};
use super::settings::Settings;
use super::value::Rules;
use std::io::{self, Write};

/// The three documents.
pub(crate) struct Columns {
    pub(crate) name: &'static str,
    /// Columns have no names.
    pub(crate) compact: bool,
    pub(crate) metadata: bool,
}

type Parts<'a> = [(usize, Vec<Cell<'a>>)];

/// Writes the values of a column.
fn column(parts: &Parts, at: usize, rules: Rules, sink: &mut Sink) -> io::Result<()> {
    sink.put("[");
    let mut first = true;
    for (rows, cells) in parts {
        let Some(cell) = cells.get(at) else { continue };
        for row in 0..*rows {
            sink.put(if first { "" } else { ", " });
            first = false;
            cell.json(row, rules, &mut sink.buffer);
            sink.pass()?;
        }
    }
    sink.put("]");
    Ok(())
}

/// Writes `"a": [1]` for each column, on lines of the given level.
fn members(parts: &Parts, keys: &[Vec<u8>], level: usize, rules: Rules, sink: &mut Sink) -> io::Result<()> {
    for (at, key) in keys.iter().enumerate() {
        sink.put(if at > 0 { ",\n" } else { "" });
        sink.put("\t".repeat(level));
        if !key.is_empty() {
            sink.put(key);
            sink.put(": ");
        }
        column(parts, at, rules, sink)?;
    }
    Ok(())
}

/// Writes one row as an object.
fn object(cells: &[Cell], keys: &[Vec<u8>], row: usize, level: usize, rules: Rules, sink: &mut Sink) {
    let tabs = "\t".repeat(level);
    sink.put(format!("{tabs}{{\n"));
    for (at, (cell, key)) in cells.iter().zip(keys).enumerate() {
        sink.put(if at > 0 { ",\n\t" } else { "\t" });
        sink.put(&tabs);
        sink.put(key);
        sink.put(": ");
        cell.json(row, rules, &mut sink.buffer);
    }
    sink.put(format!("\n{tabs}}}"));
}

impl Columns {
    fn with_metadata(
        output: &Output,
        parts: &Parts,
        keys: &[Vec<u8>],
        rules: Rules,
        sink: &mut Sink,
    ) -> io::Result<()> {
        let settings = rules.settings;
        sink.put("{\n");
        meta(output.columns, rules, &mut sink.buffer);
        sink.put(",\n\n\t\"data\":\n\t{\n");
        if !parts.is_empty() {
            members(parts, keys, 2, rules, sink)?;
        }
        sink.put("\n\t}");
        if let Some((_, cells)) = output.extra(output.totals, settings)? {
            sink.put(",\n\n\t\"totals\":\n");
            object(&cells, keys, 0, 1, rules, sink);
        }
        if let Some((rows, cells)) = output.extra(output.extremes, settings)? {
            sink.put(",\n\n\t\"extremes\":\n\t{\n\t\t\"min\":\n");
            object(&cells, keys, 0, 2, rules, sink);
            sink.put(",\n\t\t\"max\":\n");
            object(&cells, keys, rows.saturating_sub(1), 2, rules, sink);
            sink.put("\n\t}");
        }
        additional(output, settings, &mut sink.buffer);
        sink.put("\n}\n");
        Ok(())
    }
}

impl Format for Columns {
    fn name(&self) -> &'static str {
        self.name
    }

    fn content_type(&self) -> &'static str {
        JSON
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let rules = Rules { valid: self.metadata || settings.json.validate_utf8, ..Rules::new(settings) };
        let parts = output.cells(settings)?;
        let mut keys = keys(output.columns, settings);
        let mut sink = Sink::new(out);
        if self.metadata {
            Self::with_metadata(output, &parts, &keys, rules, &mut sink)?;
        } else if self.compact {
            keys.iter_mut().for_each(Vec::clear);
            sink.put("[\n");
            if !parts.is_empty() {
                members(&parts, &keys, 1, rules, &mut sink)?;
            }
            sink.put("\n]\n");
        } else {
            sink.put("{\n");
            members(&parts, &keys, 1, rules, &mut sink)?;
            sink.put("\n}\n");
        }
        sink.flush()
    }
}
