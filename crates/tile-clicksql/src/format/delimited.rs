//! Formats with delimiters between fields and rows: CSV, TabSeparated, `CustomSeparated`, `LineAsString`.

use super::cell::Cell;
use super::output::{Column, Format, Output, Sink, TEXT};
use super::settings::{EscapingRule, Settings};
use super::value::{Rules, Style, string};
use crate::types::Type;
use std::io::{self, Write};

/// The families.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Csv,
    Tsv,
    /// TabSeparated without escapes.
    Raw,
    /// As the settings say.
    Custom,
}

/// One of them, with or without a header.
pub(crate) struct Delimited {
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) family: Family,
    pub(crate) names: bool,
    pub(crate) types: bool,
}

/// The parts of a text.
struct Frame<'s> {
    style: Style,
    header: Style,
    field: &'s [u8],
    row_before: &'s [u8],
    row_after: &'s [u8],
    row_between: &'s [u8],
    before: &'s [u8],
    after: &'s [u8],
}

impl<'s> Frame<'s> {
    fn new(family: Family, settings: &'s Settings) -> Self {
        let custom = &settings.custom;
        let end = |crlf: bool| -> &'static [u8] { if crlf { b"\r\n" } else { b"\n" } };
        let (style, field, row_after): (_, &[u8], _) = match family {
            Family::Csv => {
                (Style::Csv, std::slice::from_ref(&settings.csv.delimiter), end(settings.csv.crlf))
            }
            Family::Tsv => (Style::Escaped, b"\t", end(settings.tsv.crlf)),
            Family::Raw => (Style::Raw, b"\t", end(settings.tsv.crlf)),
            Family::Custom => {
                let style = match custom.escaping_rule {
                    EscapingRule::Escaped => Style::Escaped,
                    EscapingRule::Quoted => Style::Quoted,
                    EscapingRule::Csv => Style::Csv,
                    EscapingRule::Json => Style::Json,
                    EscapingRule::Xml => Style::Xml,
                    EscapingRule::Raw => Style::Raw,
                };
                return Self {
                    style,
                    header: style,
                    field: custom.field_delimiter.as_bytes(),
                    row_before: custom.row_before_delimiter.as_bytes(),
                    row_after: custom.row_after_delimiter.as_bytes(),
                    row_between: custom.row_between_delimiter.as_bytes(),
                    before: custom.result_before_delimiter.as_bytes(),
                    after: custom.result_after_delimiter.as_bytes(),
                };
            }
        };
        Self {
            style,
            header: style,
            field,
            row_before: b"",
            row_after,
            row_between: b"",
            before: b"",
            after: b"",
        }
    }

    fn row(&self, cells: &[Cell], row: usize, rules: Rules, out: &mut Vec<u8>) {
        out.extend_from_slice(self.row_before);
        for (i, cell) in cells.iter().enumerate() {
            if i > 0 {
                out.extend_from_slice(self.field);
            }
            cell.write(row, self.style, rules, out);
        }
        out.extend_from_slice(self.row_after);
    }

    fn header(&self, texts: &[String], rules: Rules, out: &mut Vec<u8>) {
        out.extend_from_slice(self.row_before);
        for (i, text) in texts.iter().enumerate() {
            if i > 0 {
                out.extend_from_slice(self.field);
            }
            string(text.as_bytes(), self.header, rules, out);
        }
        out.extend_from_slice(self.row_after);
    }
}

/// The names and types of the fields: in CSV each element of a tuple is one.
fn flatten(name: &str, ty: &Type, fields: &mut Vec<(String, String)>) {
    let Type::Tuple(elements) = ty else { return fields.push((name.to_owned(), ty.to_string())) };
    for (i, (element, ty)) in elements.iter().enumerate() {
        let element = element.clone().unwrap_or_else(|| (i + 1).to_string());
        flatten(&format!("{name}.{element}"), ty, fields);
    }
}

fn fields(columns: &[Column], separate: bool) -> (Vec<String>, Vec<String>) {
    let mut fields = Vec::new();
    for column in columns {
        if separate {
            flatten(&column.name, &column.ty, &mut fields);
        } else {
            fields.push((column.name.clone(), column.ty.to_string()));
        }
    }
    fields.into_iter().unzip()
}

impl Format for Delimited {
    fn name(&self) -> &'static str {
        self.name
    }

    fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    fn content_type(&self) -> &'static str {
        match (self.family, self.names) {
            (Family::Csv, false) => "text/csv; charset=UTF-8; header=absent",
            (Family::Csv, true) => "text/csv; charset=UTF-8; header=present",
            (Family::Tsv, _) => "text/tab-separated-values; charset=UTF-8",
            _ => TEXT,
        }
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let rules = Rules::new(settings);
        let frame = Frame::new(self.family, settings);
        let separate = frame.style == Style::Csv
            && settings.csv.tuples_as_columns
            && settings.csv.tuples_as_columns_in_header;
        let (names, types) = fields(output.columns, separate);
        let mut sink = Sink::new(out);
        sink.put(frame.before);
        let mut first = true;
        for (wanted, texts) in [(self.names, &names), (self.types, &types)] {
            if wanted {
                sink.put(if first { b"" } else { frame.row_between });
                first = false;
                frame.header(texts, rules, &mut sink.buffer);
            }
        }
        for (rows, cells) in output.cells(settings)? {
            for row in 0..rows {
                if first {
                    first = false;
                } else {
                    sink.put(frame.row_between);
                }
                frame.row(&cells, row, rules, &mut sink.buffer);
                sink.pass()?;
            }
        }
        sink.put(frame.after);
        if self.family != Family::Custom {
            for extra in [output.totals, output.extremes] {
                if let Some((rows, cells)) = output.extra(extra, settings)? {
                    sink.put(frame.row_after);
                    (0..rows).for_each(|row| frame.row(&cells, row, rules, &mut sink.buffer));
                }
            }
        }
        sink.flush()
    }
}
