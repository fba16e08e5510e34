//! `Vertical`: each value on a line of its own.

use super::cell::Cell;
use super::output::{Column, Format, Output, Sink, TEXT};
use super::settings::Settings;
use super::value::Rules;
use super::width::shortened;
use crate::types::Type;
use std::io::{self, Write};

pub(crate) struct Vertical;

/// The rows of a result, which may come in several parts.
pub(crate) struct Rows<'s> {
    rules: Rules<'s>,
    /// The columns' names with the colon and the spaces after it.
    names: Vec<String>,
    count: usize,
}

impl<'s> Rows<'s> {
    pub(crate) fn new(columns: &[Column], rules: Rules<'s>) -> Self {
        let pretty = &rules.settings.pretty;
        let cut = (pretty.max_column_name_width_cut_to, pretty.max_column_name_width_min_chars_to_cut);
        let names: Vec<_> = columns.iter().map(|c| shortened(&c.name, cut.0, cut.1, pretty.ascii)).collect();
        let widest = names.iter().map(|(_, width)| *width).max().unwrap_or_default();
        let names = names.into_iter().map(|(name, width)| format!("{name}: {}", " ".repeat(widest - width)));
        Self { rules, names: names.collect(), count: 0 }
    }

    fn is_full(&self) -> bool {
        self.count > self.rules.settings.pretty.max_rows
    }

    /// Writes a row with its number.
    pub(crate) fn row(&mut self, cells: &[Cell], row: usize, sink: &mut Sink) {
        self.count += 1;
        if !self.is_full() {
            let title = format!("Row {}", self.count);
            // One more than the digits where the next number has more of them.
            let digits = (self.count + 1).ilog10() as usize + 1;
            self.block(&title, digits + 5, cells, row, sink);
        }
    }

    /// Writes the empty line between two rows.
    pub(crate) fn between(&self, sink: &mut Sink) {
        sink.put(if self.is_full() { "" } else { "\n" });
    }

    fn block(&self, title: &str, width: usize, cells: &[Cell], row: usize, sink: &mut Sink) {
        sink.put(title);
        sink.put(":\n");
        sink.put("─".repeat(width));
        sink.put("\n");
        for (cell, name) in cells.iter().zip(&self.names) {
            sink.put(name);
            if *cell.ty == Type::Json {
                cell.json_indented(row, self.rules, 0, &mut sink.buffer);
            } else {
                cell.text(row, self.rules, &mut sink.buffer);
            }
            if cell.is_number() {
                tip(cell, row, self.rules.settings, &mut sink.buffer);
            }
            sink.put("\n");
        }
    }

    /// Writes a row that is none of the result's.
    fn special(&mut self, title: &str, cells: &[Cell], row: usize, sink: &mut Sink) {
        self.count = 0;
        self.block(title, title.len() + 1, cells, row, sink);
    }
}

/// Appends a large number in words.
pub(crate) fn tip(cell: &Cell, row: usize, settings: &Settings, out: &mut Vec<u8>) {
    #[expect(clippy::cast_precision_loss, reason = "a threshold for people")]
    let threshold = settings.pretty.single_large_number_tip_threshold as f64;
    let Some(value) = cell.approximate(row) else { return };
    // Most hashes of 64 bits lie between the two, and nobody wants these in words.
    let is_hash = (1e17..1.844_675e19).contains(&value.abs());
    if threshold > 0.0 && value.is_finite() && value.abs() > threshold && !is_hash {
        out.extend_from_slice(b" -- ");
        super::number::readable(value, out);
    }
}

impl Format for Vertical {
    fn name(&self) -> &'static str {
        "Vertical"
    }

    fn content_type(&self) -> &'static str {
        TEXT
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let mut rows = Rows::new(output.columns, Rules::new(settings));
        let mut sink = Sink::new(out);
        let mut first = true;
        for (count, cells) in output.cells(settings)? {
            for row in 0..count {
                if !first {
                    rows.between(&mut sink);
                }
                first = false;
                rows.row(&cells, row, &mut sink);
                sink.pass()?;
            }
        }
        if rows.is_full() {
            sink.put(format!("Showed first {}.\n", settings.pretty.max_rows));
        }
        let totals = output.extra(output.totals, settings)?;
        if let Some((_, cells)) = &totals {
            sink.put("\n\n");
            rows.special("Totals", cells, 0, &mut sink);
        }
        if let Some((count, cells)) = output.extra(output.extremes, settings)? {
            sink.put(if totals.is_none() { "\n\n" } else { "\n" });
            rows.special("Min", &cells, 0, &mut sink);
            sink.put("\n");
            rows.special("Max", &cells, count.saturating_sub(1), &mut sink);
        }
        sink.flush()
    }
}
