//! `Markdown`: a table.

use super::escape;
use super::output::{Format, Output, Sink};
use super::settings::Settings;
use super::value::{Rules, Style};
use crate::types::Type;
use std::io::{self, Write};

pub(crate) struct Markdown;

/// Whether tables have a type's values on the right.
pub(crate) fn on_the_right(ty: &Type) -> bool {
    match ty {
        Type::Nullable(inner) | Type::LowCardinality(inner) => on_the_right(inner),
        Type::SimpleAggregateFunction(_) => on_the_right(ty.plain()),
        Type::UInt(_) | Type::Int(_) | Type::Float32 | Type::Float64 | Type::Decimal(..) => true,
        Type::Date | Type::Date32 | Type::DateTime(_) | Type::DateTime64(..) | Type::Interval(_) => true,
        _ => false,
    }
}

impl Format for Markdown {
    fn name(&self) -> &'static str {
        "Markdown"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["MD"]
    }

    fn content_type(&self) -> &'static str {
        super::output::TEXT
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let rules = Rules::new(settings);
        let mut sink = Sink::new(out);
        sink.put("| ");
        for (i, column) in output.columns.iter().enumerate() {
            escape::backslash(column.name.as_bytes(), &mut sink.buffer);
            sink.put(if i + 1 == output.columns.len() { " |" } else { " | " });
        }
        sink.put("\n|");
        for column in output.columns {
            sink.put(if on_the_right(&column.ty) { "-:|" } else { ":-|" });
        }
        sink.put("\n");
        for (rows, cells) in output.cells(settings)? {
            for row in 0..rows {
                for (i, cell) in cells.iter().enumerate() {
                    sink.put(if i > 0 { " | " } else { "| " });
                    cell.write(row, Style::Markdown, rules, &mut sink.buffer);
                }
                sink.put(" |\n");
                sink.pass()?;
            }
        }
        sink.flush()
    }
}
