//! Values as text.

use super::super::dialect::Dialect;
use super::super::value::{Class, DIGITS_MAX, Int, Value, ViewKind, float_repr};
use super::{Machine, Run, raise, value_error};
use std::fmt::Write;

/// How strings inside other values are quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As Python does: with double quotes when there is a single quote inside.
    Python,
    /// Always with single quotes, since the text goes into SQL.
    Sql,
    /// The same for DuckDB, where nothing but a quote is escaped.
    DuckDb,
}

/// Values inside values.
const NESTING_MAX: usize = 100;

impl Machine<'_> {
    /// Python's `str`.
    pub fn str(&mut self, value: &Value) -> Run<String> {
        self.spend(0)?;
        Ok(match value {
            Value::Str(text) | Value::Sql(text) | Value::Symbol(text) | Value::Comment(text) => {
                self.spend(text.len())?;
                text.to_string()
            }
            Value::TypedInt(n, name) => format!("to{name}('{}')", int_text(n)?),
            Value::TypedFloat(x, name) => format!("to{name}('{}')", float_repr(*x)),
            Value::Placeholder(_) => "__no_value__".to_owned(),
            Value::Error(id) => self.heap.error(*id).map(|error| error.text.clone()).unwrap_or_default(),
            other => self.repr(other)?,
        })
    }

    /// Python's `repr`.
    pub fn repr(&mut self, value: &Value) -> Run<String> {
        self.repr_in(value, Style::Python)
    }

    pub fn repr_in(&mut self, value: &Value, style: Style) -> Run<String> {
        let mut out = String::new();
        self.write_repr(value, style, NESTING_MAX, &mut out)?;
        self.allocate(out.len())?;
        Ok(out)
    }

    /// Python's `ascii`.
    pub(super) fn ascii(&mut self, value: &Value) -> Run<String> {
        let text = self.repr(value)?;
        let mut out = String::new();
        for c in text.chars() {
            if c.is_ascii() { out.push(c) } else { escape(c, &mut out) }
        }
        Ok(out)
    }

    /// `repr` of a text.
    pub fn quote(&self, text: &str) -> String {
        python_quote(text)
    }

    fn write_repr(&mut self, value: &Value, style: Style, nesting: usize, out: &mut String) -> Run<()> {
        self.spend(0)?;
        let Some(nesting) = nesting.checked_sub(1) else {
            return Err(raise(
                Class::RECURSION,
                "maximum recursion depth exceeded while getting the repr of an object",
            ));
        };
        match value {
            Value::None if style == Style::DuckDb => out.push_str("NULL"),
            Value::None => out.push_str("None"),
            Value::Ellipsis => out.push_str("Ellipsis"),
            Value::Bool(b) => out.push_str(if *b { "True" } else { "False" }),
            Value::Int(n) | Value::TypedInt(n, _) => out.push_str(&int_text(n)?),
            Value::Float(x) | Value::TypedFloat(x, _) if style == Style::DuckDb => {
                let _ = write!(out, "CAST('{}' AS DOUBLE)", float_repr(*x));
            }
            Value::Float(x) | Value::TypedFloat(x, _) => out.push_str(&float_repr(*x)),
            Value::Str(text) | Value::Sql(text) => {
                self.allocate(text.len())?;
                match style {
                    Style::DuckDb => out.push_str(&Dialect::DuckDb.quoted(text)?),
                    _ => quote(text, style, out),
                }
            }
            Value::List(_)
            | Value::Tuple(_)
            | Value::Dict(_)
            | Value::Set(_)
            | Value::FrozenSet(_)
            | Value::View(..) => {
                self.write_container(value, style, nesting, out)?;
            }
            Value::Range(id) => {
                if let Some(range) = self.heap.range(*id) {
                    let _ = write!(out, "range({}, {}", range.start, range.stop);
                    if range.step != Int::from(1u64) {
                        let _ = write!(out, ", {}", range.step);
                    }
                    out.push(')');
                }
            }
            Value::Error(id) => {
                let Some(error) = self.heap.error(*id) else { return Ok(()) };
                out.push_str(error.class.name());
                self.write_items(&error.args, ("(", ")"), style, nesting, out)?;
            }
            Value::Class(class) => {
                let _ = write!(out, "<class '{}'>", class.name());
            }
            Value::Function(f) if f.is_type => {
                let _ = write!(out, "<class '{}'>", f.name);
            }
            Value::Function(f) => {
                let _ = write!(out, "<built-in function {}>", f.name);
            }
            other => {
                let _ = write!(out, "<{} object>", self.type_name(other));
            }
        }
        Ok(())
    }

    fn write_container(&mut self, value: &Value, style: Style, nesting: usize, out: &mut String) -> Run<()> {
        match value {
            Value::List(id) => {
                let items = self.copied(*id)?;
                self.write_items(&items, ("[", "]"), style, nesting, out)
            }
            Value::Tuple(id) => {
                let items = self.copied(*id)?;
                let end = if items.len() == 1 { ",)" } else { ")" };
                self.write_items(&items, ("(", end), style, nesting, out)
            }
            Value::Dict(id) => {
                let entries: Vec<(Value, Value)> = self.entries(*id)?;
                out.push('{');
                for (i, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if i > 0 { ", " } else { "" });
                    self.write_repr(key, style, nesting, out)?;
                    out.push_str(": ");
                    self.write_repr(value, style, nesting, out)?;
                }
                out.push('}');
                Ok(())
            }
            Value::View(_, kind) => {
                let items = self.collect(value)?;
                let start = match kind {
                    ViewKind::Keys => "dict_keys([",
                    ViewKind::Values => "dict_values([",
                    ViewKind::Items => "dict_items([",
                };
                self.write_items(&items, (start, "])"), style, nesting, out)
            }
            _ => {
                let items = self.collect(value)?;
                let frozen = matches!(value, Value::FrozenSet(_));
                let around = match (frozen, items.is_empty()) {
                    (true, true) => ("frozenset(", ")"),
                    (true, false) => ("frozenset({", "})"),
                    (false, true) => ("set(", ")"),
                    (false, false) => ("{", "}"),
                };
                self.write_items(&items, around, style, nesting, out)
            }
        }
    }

    fn write_items(
        &mut self,
        items: &[Value],
        (start, end): (&str, &str),
        style: Style,
        nesting: usize,
        out: &mut String,
    ) -> Run<()> {
        out.push_str(start);
        for (i, item) in items.iter().enumerate() {
            out.push_str(if i > 0 { ", " } else { "" });
            self.write_repr(item, style, nesting, out)?;
        }
        out.push_str(end);
        Ok(())
    }
}

pub fn int_text(n: &Int) -> Run<String> {
    let text = n.to_string();
    if text.trim_start_matches('-').len() > DIGITS_MAX {
        return Err(value_error(format!(
            "Exceeds the limit ({DIGITS_MAX} digits) for integer string conversion; use \
             sys.set_int_max_str_digits() to increase the limit"
        )));
    }
    Ok(text)
}

/// `repr` of a text.
pub fn python_quote(text: &str) -> String {
    let mut out = String::new();
    quote(text, Style::Python, &mut out);
    out
}

fn quote(text: &str, style: Style, out: &mut String) {
    let double = style == Style::Python && text.contains('\'') && !text.contains('"');
    let quote = if double { '"' } else { '\'' };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            // To SQL an escape above ASCII means bytes, or nothing.
            c if is_printable(c) || (style == Style::Sql && !c.is_ascii()) => out.push(c),
            c => escape(c, out),
        }
    }
    out.push(quote);
}

fn escape(c: char, out: &mut String) {
    let code = u32::from(c);
    // Writing to a String cannot fail.
    let _ = match code {
        0..0x100 => write!(out, "\\x{code:02x}"),
        0x100..0x1_0000 => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

/// Whether `repr` shows the character as it is: no control, format, private, unassigned character or separator.
pub fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    // `Debug` escapes what is not printable, and marks that extend what is before them.
    let escaped = c.escape_debug().len() > 1;
    !c.is_control() && !(c.is_whitespace()) && (!escaped || is_mark(c)) && c != '\u{ad}'
}

/// Marks are printable; `escape_debug` escapes them at the start of a text.
fn is_mark(c: char) -> bool {
    format!("a{c}").escape_debug().count() == 2
}
