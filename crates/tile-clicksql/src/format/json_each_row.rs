//! `JSONEachRow`, `JSONStringsEachRow`, `PrettyJSONEachRow` and `JSONObjectEachRow`: an object for each row.

use super::cell::Cell;
use super::json::keys;
use super::output::{Format, JSON, NDJSON, Output, Sink, bad};
use super::settings::Settings;
use super::value::Rules;
use super::{escape, number};
use std::io::{self, Write};

/// A line for each row.
pub(crate) struct EachRow {
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) strings: bool,
    /// Over several lines.
    pub(crate) pretty: bool,
}

/// Appends `"a":1,"b":2`.
fn members(cells: &[Cell], keys: &[Vec<u8>], row: usize, strings: bool, rules: Rules, out: &mut Vec<u8>) {
    for (i, (cell, key)) in cells.iter().zip(keys).enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.extend_from_slice(key);
        out.push(b':');
        if strings {
            cell.json_string(row, rules, out);
        } else {
            cell.json(row, rules, out);
        }
    }
}

/// Appends the members on lines of their own.
fn lines(cells: &[Cell], keys: &[Vec<u8>], row: usize, rules: Rules, out: &mut Vec<u8>) {
    for (i, (cell, key)) in cells.iter().zip(keys).enumerate() {
        out.extend_from_slice(if i > 0 { b",\n" } else { b"\n" });
        out.extend_from_slice(rules.indent.as_bytes());
        out.extend_from_slice(key);
        out.extend_from_slice(b": ");
        cell.json_indented(row, rules, 1, out);
    }
    out.push(b'\n');
}

impl Format for EachRow {
    fn name(&self) -> &'static str {
        self.name
    }

    fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    fn content_type(&self) -> &'static str {
        NDJSON
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let rules = Rules::new(settings);
        let keys = keys(output.columns, settings);
        let list = settings.json.array_of_rows;
        let mut sink = Sink::new(out);
        sink.put(if list { "[\n" } else { "" });
        let mut first = true;
        for (rows, cells) in output.cells(settings)? {
            for row in 0..rows {
                sink.put(if list && !first { ",\n" } else { "" });
                first = false;
                sink.buffer.push(b'{');
                if self.pretty {
                    lines(&cells, &keys, row, rules, &mut sink.buffer);
                } else {
                    members(&cells, &keys, row, self.strings, rules, &mut sink.buffer);
                }
                sink.put(if list { "}" } else { "}\n" });
                sink.pass()?;
            }
        }
        sink.put(if list { "\n]\n" } else { "" });
        sink.flush()
    }
}

/// One object with a member for each row.
pub(crate) struct ObjectEachRow;

impl Format for ObjectEachRow {
    fn name(&self) -> &'static str {
        "JSONObjectEachRow"
    }

    fn content_type(&self) -> &'static str {
        JSON
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let rules = Rules::new(settings);
        let mut keys = keys(output.columns, settings);
        let wanted = settings.object_name_column.as_str();
        let named = output.columns.iter().position(|column| !wanted.is_empty() && column.name == wanted);
        if named.is_none() && !wanted.is_empty() {
            return Err(bad(&format!("name objects: no column `{wanted}`")));
        }
        named.map(|at| keys.remove(at));
        let mut sink = Sink::new(out);
        sink.put("{\n");
        let mut count = 0_u64;
        for (rows, mut cells) in output.cells(settings)? {
            let names = named.map(|at| cells.remove(at));
            for row in 0..rows {
                sink.put(if count > 0 { ",\n\t" } else { "\t" });
                count += 1;
                match &names {
                    Some(names) => names.json_string(row, rules, &mut sink.buffer),
                    None => {
                        let number = |out: &mut Vec<u8>| {
                            out.extend_from_slice(b"row_");
                            number::integer(count, out);
                        };
                        escape::again(&mut sink.buffer, number, |text, out| escape::json(text, true, out));
                    }
                }
                sink.put(": {");
                members(&cells, &keys, row, false, rules, &mut sink.buffer);
                sink.put("}");
                sink.pass()?;
            }
        }
        sink.put("\n}\n");
        sink.flush()
    }
}
