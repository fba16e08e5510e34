//! `JSON`, `JSONStrings`, `JSONCompact` and `JSONCompactStrings`: a whole result as one document.

use super::cell::{Cell, Kind};
use super::output::{Column, Format, JSON, Output, Sink};
use super::settings::Settings;
use super::value::{Rules, Style};
use super::{escape, number};
use std::io::{self, Write};

/// The four documents.
pub(crate) struct Document {
    pub(crate) name: &'static str,
    /// Rows are arrays and not objects.
    pub(crate) compact: bool,
    /// All values are strings.
    pub(crate) strings: bool,
}

impl Format for Document {
    fn name(&self) -> &'static str {
        self.name
    }

    fn content_type(&self) -> &'static str {
        JSON
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let rules = Rules { valid: true, indent: "\t", ..Rules::new(settings) };
        let writer = Rows { format: self, rules, keys: keys(output.columns, settings) };
        let mut sink = Sink::new(out);
        sink.put("{\n");
        meta(output.columns, rules, &mut sink.buffer);
        sink.put(",\n\n\t\"data\":\n\t[\n");
        let mut first = true;
        for (rows, cells) in output.cells(settings)? {
            for row in 0..rows {
                sink.put(if first { "" } else { ",\n" });
                first = false;
                writer.item(&cells, row, &mut sink.buffer);
                sink.pass()?;
            }
        }
        sink.put("\n\t]");
        if let Some((_, cells)) = output.extra(output.totals, settings)? {
            sink.put(",\n\n\t\"totals\":");
            writer.extra(&cells, 0, 1, &mut sink.buffer);
        }
        if let Some((rows, cells)) = output.extra(output.extremes, settings)? {
            sink.put(",\n\n\t\"extremes\":\n\t{\n\t\t\"min\":");
            writer.extra(&cells, 0, 2, &mut sink.buffer);
            sink.put(",\n\t\t\"max\":");
            writer.extra(&cells, rows.saturating_sub(1), 2, &mut sink.buffer);
            sink.put("\n\t}");
        }
        additional(output, settings, &mut sink.buffer);
        sink.put("\n}\n");
        sink.flush()
    }
}

struct Rows<'a> {
    format: &'a Document,
    rules: Rules<'a>,
    keys: Vec<Vec<u8>>,
}

impl Rows<'_> {
    fn item(&self, cells: &[Cell], row: usize, out: &mut Vec<u8>) {
        if self.format.compact {
            out.extend_from_slice(b"\t\t");
            self.array(cells, row, out);
        } else {
            out.extend_from_slice(b"\t\t{\n");
            self.members(cells, row, 3, out);
            out.extend_from_slice(b"\n\t\t}");
        }
    }

    /// Appends a row that is the value of a key of the given level.
    fn extra(&self, cells: &[Cell], row: usize, level: usize, out: &mut Vec<u8>) {
        if self.format.compact {
            out.push(b' ');
            return self.array(cells, row, out);
        }
        let tabs = "\t".repeat(level);
        out.extend_from_slice(format!("\n{tabs}{{\n").as_bytes());
        self.members(cells, row, level + 1, out);
        out.extend_from_slice(format!("\n{tabs}}}").as_bytes());
    }

    fn array(&self, cells: &[Cell], row: usize, out: &mut Vec<u8>) {
        out.push(b'[');
        for (i, cell) in cells.iter().enumerate() {
            if i > 0 {
                out.extend_from_slice(b", ");
            }
            if self.format.strings {
                cell.json_string(row, self.rules, out);
            } else {
                cell.json(row, self.rules, out);
            }
        }
        out.push(b']');
    }

    fn members(&self, cells: &[Cell], row: usize, level: usize, out: &mut Vec<u8>) {
        for (i, (cell, key)) in cells.iter().zip(&self.keys).enumerate() {
            if i > 0 {
                out.extend_from_slice(b",\n");
            }
            out.resize(out.len() + level, b'\t');
            out.extend_from_slice(key);
            out.extend_from_slice(b": ");
            if self.format.strings {
                cell.json_string(row, self.rules, out);
            } else if self.rules.json.pretty_print {
                cell.json_indented(row, self.rules, level, out);
            } else {
                cell.json(row, self.rules, out);
            }
        }
    }
}

impl Cell<'_> {
    /// Appends the plain text of a value as a JSON string.
    pub(crate) fn json_string(&self, row: usize, rules: Rules, out: &mut Vec<u8>) {
        let slashes = rules.json.escape_forward_slashes;
        let text = |out: &mut Vec<u8>| self.write(row, Style::Text, rules, out);
        match &self.kind {
            Kind::Dictionary { keys, values } if !self.is_null(row) => {
                values.json_string(keys[row], rules, out);
            }
            Kind::Text(value) if !self.is_null(row) => escape::json(&rules.checked(value, row), slashes, out),
            Kind::Array { .. }
            | Kind::Tuple(_)
            | Kind::Variant(_)
            | Kind::Map { .. }
            | Kind::Json(_)
            | Kind::Dynamic(_)
            | Kind::Bool(_) => {
                escape::again(out, text, |text, out| escape::json(text, slashes, out));
            }
            // Numbers, times and NULL have nothing to escape.
            _ => {
                out.push(b'"');
                text(out);
                out.push(b'"');
            }
        }
    }
}

/// The names of the columns as JSON strings.
pub(crate) fn keys(columns: &[Column], settings: &Settings) -> Vec<Vec<u8>> {
    let slashes = settings.json.escape_forward_slashes;
    let key = |column: &Column| {
        let mut key = Vec::new();
        escape::json(column.name.as_bytes(), slashes, &mut key);
        key
    };
    columns.iter().map(key).collect()
}

/// Appends the member `meta`.
pub(crate) fn meta(columns: &[Column], rules: Rules, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\t\"meta\":\n\t[\n");
    for (i, (column, key)) in columns.iter().zip(keys(columns, rules.settings)).enumerate() {
        if i > 0 {
            out.extend_from_slice(b",\n");
        }
        out.extend_from_slice(b"\t\t{\n\t\t\t\"name\": ");
        out.extend_from_slice(&key);
        out.extend_from_slice(b",\n\t\t\t\"type\": ");
        escape::json(column.ty.to_string().as_bytes(), rules.json.escape_forward_slashes, out);
        out.extend_from_slice(b"\n\t\t}");
    }
    out.extend_from_slice(b"\n\t]");
}

/// Appends the members after the data: counts and statistics.
pub(crate) fn additional(output: &Output, settings: &Settings, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\n\n\t\"rows\": ");
    number::integer(output.rows(), out);
    if let Some(rows) = output.rows_before_limit {
        out.extend_from_slice(b",\n\n\t\"rows_before_limit_at_least\": ");
        number::integer(rows, out);
    }
    if let Some(statistics) = output.statistics.filter(|_| settings.write_statistics) {
        out.extend_from_slice(b",\n\n\t\"statistics\":\n\t{\n\t\t\"elapsed\": ");
        number::float64(statistics.elapsed_seconds, out);
        out.extend_from_slice(b",\n\t\t\"rows_read\": ");
        number::integer(statistics.rows_read, out);
        out.extend_from_slice(b",\n\t\t\"bytes_read\": ");
        number::integer(statistics.bytes_read, out);
        out.extend_from_slice(b"\n\t}");
    }
}
