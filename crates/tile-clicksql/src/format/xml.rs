//! `XML`: a whole result as one document.

use super::cell::Cell;
use super::output::{Column, Format, Output, Sink};
use super::settings::Settings;
use super::value::{Rules, Style};
use super::{escape, number};
use std::io::{self, Write};

pub(crate) struct Xml;

/// The element for a column: its name where that is one, else `field`.
fn tag(name: &str) -> &str {
    let fits = |(i, c): (usize, char)| {
        c.is_ascii_alphabetic() || matches!(c, '_' | '-' | '.') || i > 0 && c.is_ascii_digit()
    };
    if name.char_indices().all(fits) { name } else { "field" }
}

fn row(cells: &[Cell], tags: &[&str], row: usize, indent: &str, rules: Rules, sink: &mut Sink) {
    for (cell, tag) in cells.iter().zip(tags) {
        sink.put(indent);
        sink.put("<");
        sink.put(tag);
        sink.put(">");
        cell.write(row, Style::Xml, rules, &mut sink.buffer);
        sink.put("</");
        sink.put(tag);
        sink.put(">\n");
    }
}

fn meta(columns: &[Column], sink: &mut Sink) {
    sink.put("<?xml version='1.0' encoding='UTF-8' ?>\n<result>\n\t<meta>\n\t\t<columns>\n");
    for column in columns {
        sink.put("\t\t\t<column>\n\t\t\t\t<name>");
        escape::xml(column.name.as_bytes(), &mut sink.buffer);
        sink.put("</name>\n\t\t\t\t<type>");
        escape::xml(column.ty.to_string().as_bytes(), &mut sink.buffer);
        sink.put("</type>\n\t\t\t</column>\n");
    }
    sink.put("\t\t</columns>\n\t</meta>\n\t<data>\n");
}

/// Writes the elements after the data.
fn additional(output: &Output, settings: &Settings, sink: &mut Sink) {
    sink.put("\t<rows>");
    number::integer(output.rows(), &mut sink.buffer);
    sink.put("</rows>\n");
    if let Some(rows) = output.rows_before_limit {
        sink.put(format!("\t<rows_before_limit_at_least>{rows}</rows_before_limit_at_least>\n"));
    }
    if let Some(statistics) = output.statistics.filter(|_| settings.write_statistics) {
        sink.put("\t<statistics>\n\t\t<elapsed>");
        number::float64(statistics.elapsed_seconds, &mut sink.buffer);
        sink.put(format!("</elapsed>\n\t\t<rows_read>{}</rows_read>\n", statistics.rows_read));
        sink.put(format!("\t\t<bytes_read>{}</bytes_read>\n\t</statistics>\n", statistics.bytes_read));
    }
}

impl Format for Xml {
    fn name(&self) -> &'static str {
        "XML"
    }

    fn content_type(&self) -> &'static str {
        "application/xml; charset=UTF-8"
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let rules = Rules { valid: true, ..Rules::new(settings) };
        let tags: Vec<_> = output.columns.iter().map(|column| tag(&column.name)).collect();
        let mut sink = Sink::new(out);
        meta(output.columns, &mut sink);
        for (rows, cells) in output.cells(settings)? {
            for at in 0..rows {
                sink.put("\t\t<row>\n");
                row(&cells, &tags, at, "\t\t\t", rules, &mut sink);
                sink.put("\t\t</row>\n");
                sink.pass()?;
            }
        }
        sink.put("\t</data>\n");
        if let Some((_, cells)) = output.extra(output.totals, settings)? {
            sink.put("\t<totals>\n");
            row(&cells, &tags, 0, "\t\t", rules, &mut sink);
            sink.put("\t</totals>\n");
        }
        if let Some((rows, cells)) = output.extra(output.extremes, settings)? {
            sink.put("\t<extremes>\n\t\t<min>\n");
            row(&cells, &tags, 0, "\t\t\t", rules, &mut sink);
            sink.put("\t\t</min>\n\t\t<max>\n");
            row(&cells, &tags, rows.saturating_sub(1), "\t\t\t", rules, &mut sink);
            sink.put("\t\t</max>\n\t</extremes>\n");
        }
        additional(output, settings, &mut sink);
        sink.put("</result>\n");
        sink.flush()
    }
}
