//! `Values` and `SQLInsert`: rows as literals in SQL.

use super::cell::Cell;
use super::output::{Format, Output, Sink, TEXT};
use super::settings::Settings;
use super::value::{Rules, Style};
use std::io::{self, Write};

pub(crate) struct Values;

fn row(cells: &[Cell], row: usize, between: &str, rules: Rules, out: &mut Vec<u8>) {
    out.push(b'(');
    for (i, cell) in cells.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(between.as_bytes());
        }
        cell.write(row, Style::Quoted, rules, out);
    }
    out.push(b')');
}

impl Format for Values {
    fn name(&self) -> &'static str {
        "Values"
    }

    fn content_type(&self) -> &'static str {
        TEXT
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let rules = Rules::new(settings);
        let mut sink = Sink::new(out);
        let mut first = true;
        for (rows, cells) in output.cells(settings)? {
            for at in 0..rows {
                sink.put(if first { "" } else { "," });
                first = false;
                row(&cells, at, ",", rules, &mut sink.buffer);
                sink.pass()?;
            }
        }
        sink.flush()
    }
}

pub(crate) struct SqlInsert;

impl Format for SqlInsert {
    fn name(&self) -> &'static str {
        "SQLInsert"
    }

    fn content_type(&self) -> &'static str {
        TEXT
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let rules = Rules::new(settings);
        let insert = &settings.insert;
        let mut start = String::from(if insert.use_replace { "REPLACE INTO " } else { "INSERT INTO " });
        start.push_str(&insert.table_name);
        if insert.include_column_names {
            let quote = if insert.quote_names { "`" } else { "" };
            let names: Vec<_> = output.columns.iter().map(|c| format!("{quote}{}{quote}", c.name)).collect();
            start.push_str(&format!(" ({})", names.join(", ")));
        }
        start.push_str(" VALUES ");
        let mut sink = Sink::new(out);
        let mut in_statement = 0;
        for (rows, cells) in output.cells(settings)? {
            for at in 0..rows {
                if in_statement >= insert.max_batch_size {
                    sink.put(";\n");
                    in_statement = 0;
                }
                sink.put(if in_statement > 0 { ", " } else { start.as_str() });
                in_statement += 1;
                row(&cells, at, ", ", rules, &mut sink.buffer);
                sink.pass()?;
            }
        }
        sink.put(";\n");
        sink.flush()
    }
}
