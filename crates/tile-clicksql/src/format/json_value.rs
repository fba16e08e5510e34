//! One value as JSON, on one line or indented.

use super::cell::{Cell, Kind};
use super::value::{Rules, is_wide, named, shown};
use super::{escape, settings::Settings};
use crate::types::Type;
use arrow_array::Array;
use std::io;

/// Appends one value of an array as `JSONCompact` has it.
///
/// # Errors
/// `InvalidData` where the array does not fit the type.
pub fn compact_json_value(ty: &Type, array: &dyn Array, row: usize, out: &mut Vec<u8>) -> io::Result<()> {
    let settings = Settings::default();
    let cell = Cell::new(ty, array, &settings)?;
    cell.json(row, Rules { valid: true, ..Rules::new(&settings) }, out);
    Ok(())
}

impl Cell<'_> {
    /// Appends the value of a row as JSON without spaces.
    pub(crate) fn json(&self, row: usize, rules: Rules, out: &mut Vec<u8>) {
        if self.is_null(row) {
            return out.extend_from_slice(b"null");
        }
        match &self.kind {
            Kind::Int(values, _) if !rules.json.quote_64bit_integers => values.write(row, out),
            Kind::Text(text) => {
                escape::json(&rules.checked(text, row), rules.json.escape_forward_slashes, out);
            }
            Kind::Json(text) | Kind::Dynamic(text) => out.extend_from_slice(&shown(text.get(row))),
            Kind::Array { offsets, items } => {
                out.push(b'[');
                for (i, item) in offsets.range(row).enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    items.json(item, rules, out);
                }
                out.push(b']');
            }
            Kind::Tuple(_) => self.json_tuple(row, rules, out),
            Kind::Variant(_) => self.alternative(row).into_iter().for_each(|cell| cell.json(row, rules, out)),
            Kind::Map { offsets, keys, values } => {
                let pairs = rules.json.map_as_array_of_tuples;
                out.push(if pairs { b'[' } else { b'{' });
                for (i, item) in offsets.range(row).enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    if pairs {
                        out.push(b'[');
                        keys.json(item, rules, out);
                        out.push(b',');
                    } else {
                        keys.json_key(item, rules, out);
                        out.push(b':');
                    }
                    values.json(item, rules, out);
                    if pairs {
                        out.push(b']');
                    }
                }
                out.push(if pairs { b']' } else { b'}' });
            }
            Kind::Dictionary { keys, values } => values.json(keys[row], rules, out),
            _ => self.json_scalar(row, rules, out),
        }
    }

    fn json_scalar(&self, row: usize, rules: Rules, out: &mut Vec<u8>) {
        let json = rules.json;
        let (finite, float) = match &self.kind {
            Kind::Float32(values) => (values[row].is_finite(), true),
            Kind::Float64(values) => (values[row].is_finite(), true),
            _ => (true, false),
        };
        if !finite && !json.quote_denormals {
            return out.extend_from_slice(b"null");
        }
        let quote = match &self.kind {
            Kind::Bool(values) => {
                let text: &[u8] = if values.value(row) { b"true" } else { b"false" };
                return out.extend_from_slice(text);
            }
            Kind::Int(..) | Kind::Digits(..) => json.quote_64bit_integers && is_wide(self.ty),
            Kind::Float32(_) | Kind::Float64(_) => {
                !finite || float && json.quote_64bit_floats && *self.ty == Type::Float64
            }
            Kind::Decimal { .. } | Kind::DecimalText { .. } => json.quote_decimals,
            _ => true,
        };
        self.between(row, quote.then_some(b'"'), rules, out);
    }

    fn json_tuple(&self, row: usize, rules: Rules, out: &mut Vec<u8>) {
        let Kind::Tuple(elements) = &self.kind else { return };
        let object = rules.json.named_tuples_as_objects && named(elements);
        out.push(if object { b'{' } else { b'[' });
        let mut first = true;
        for element in elements {
            if object && rules.json.skip_null_value_in_named_tuples && element.cell.is_null(row) {
                continue;
            }
            if !first {
                out.push(b',');
            }
            first = false;
            if object {
                out.extend_from_slice(&element.key);
                out.push(b':');
            }
            element.cell.json(row, rules, out);
        }
        out.push(if object { b'}' } else { b']' });
    }

    /// Appends a map's key, which is a string whatever its type.
    fn json_key(&self, row: usize, rules: Rules, out: &mut Vec<u8>) {
        let slashes = rules.json.escape_forward_slashes;
        escape::again(out, |out| self.text(row, rules, out), |text, out| escape::json(text, slashes, out));
    }

    /// Appends the value with a line for each item; `level` is that of the line where it begins.
    pub(crate) fn json_indented(&self, row: usize, rules: Rules, level: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            return out.extend_from_slice(b"null");
        }
        let mut lines = Lines { rules, level, first: true };
        match &self.kind {
            // An array of values without parts stays on one line.
            Kind::Array { items, .. } if !has_parts(items.ty) => {
                self.json(row, rules, out);
            }
            Kind::Array { offsets, items } => {
                out.push(b'[');
                for item in offsets.range(row) {
                    lines.next(out);
                    items.json_indented(item, rules, level + 1, out);
                }
                lines.end(b']', out);
            }
            Kind::Tuple(elements) => {
                let object = rules.json.named_tuples_as_objects && named(elements);
                out.push(if object { b'{' } else { b'[' });
                for element in elements {
                    if object && rules.json.skip_null_value_in_named_tuples && element.cell.is_null(row) {
                        continue;
                    }
                    lines.next(out);
                    if object {
                        out.extend_from_slice(&element.key);
                        out.extend_from_slice(b": ");
                    }
                    element.cell.json_indented(row, rules, level + 1, out);
                }
                // In tables for people the outermost brace stands at the very left.
                lines.level = if object && level * rules.indent.len() == 1 { 0 } else { level };
                lines.end(if object { b'}' } else { b']' }, out);
            }
            Kind::Map { offsets, keys, values } => {
                out.push(b'{');
                for item in offsets.range(row) {
                    lines.next(out);
                    keys.json_key(item, rules, out);
                    out.extend_from_slice(b": ");
                    values.json_indented(item, rules, level + 1, out);
                }
                lines.end(b'}', out);
            }
            Kind::Dictionary { keys, values } => values.json_indented(keys[row], rules, level, out),
            Kind::Variant(_) => {
                self.alternative(row).into_iter().for_each(|cell| cell.json_indented(row, rules, level, out));
            }
            Kind::Json(text) | Kind::Dynamic(text) => indent(&shown(text.get(row)), rules, level, out),
            _ => self.json(row, rules, out),
        }
    }
}

/// The line breaks of one list.
struct Lines<'s> {
    rules: Rules<'s>,
    level: usize,
    first: bool,
}

impl Lines<'_> {
    fn next(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.first { b"\n" } else { b",\n" });
        self.first = false;
        self.spaces(self.level + 1, out);
    }

    fn end(&self, bracket: u8, out: &mut Vec<u8>) {
        if !self.first {
            out.push(b'\n');
            self.spaces(self.level, out);
        }
        out.push(bracket);
    }

    fn spaces(&self, level: usize, out: &mut Vec<u8>) {
        for _ in 0..level {
            out.extend_from_slice(self.rules.indent.as_bytes());
        }
    }
}

const fn has_parts(ty: &Type) -> bool {
    matches!(ty, Type::Array(_) | Type::Tuple(_) | Type::Map(..) | Type::Json | Type::Dynamic)
}

/// Appends JSON text with a line for each member of an object, and for each item of an array of objects or of arrays.
fn indent(text: &[u8], rules: Rules, level: usize, out: &mut Vec<u8>) {
    let mut open: Vec<Open> = Vec::new();
    let newline = |levels: usize, out: &mut Vec<u8>| {
        out.push(b'\n');
        (0..level + levels).for_each(|_| out.extend_from_slice(rules.indent.as_bytes()));
    };
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let end = if byte == b'"' { string_end(text, at) } else { at + 1 };
        match byte {
            b'{' | b'[' => {
                let after = text.get(end..).unwrap_or_default();
                let is_empty =
                    after.iter().find(|b| !b.is_ascii_whitespace()).is_none_or(|b| matches!(b, b'}' | b']'));
                let lines = !is_empty && (byte == b'{' || is_uniform(after));
                out.push(byte);
                open.push(Open { lines });
                if lines {
                    newline(open.len(), out);
                }
            }
            b'}' | b']' => {
                let last = open.pop();
                if last.is_some_and(|last| last.lines) {
                    newline(open.len(), out);
                }
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                if open.last().is_some_and(|last| last.lines) {
                    newline(open.len(), out);
                }
            }
            b':' => out.extend_from_slice(b": "),
            b' ' | b'\n' | b'\t' | b'\r' => {}
            _ => out.extend_from_slice(text.get(at..end).unwrap_or_default()),
        }
        at = end;
    }
}

/// A bracket that is not closed yet.
struct Open {
    lines: bool,
}

/// Where the string that starts at `at` is over.
fn string_end(text: &[u8], at: usize) -> usize {
    let mut escaped = false;
    let inside = text.get(at + 1..).unwrap_or_default();
    let end = inside.iter().position(|&byte| {
        let is_end = byte == b'"' && !escaped;
        escaped = !escaped && byte == b'\\';
        is_end
    });
    end.map_or(text.len(), |end| at + end + 2)
}

/// Whether the array whose inside begins here holds only objects or only arrays: ClickHouse gives such an array a type
/// of its own, and the others one of single values.
fn is_uniform(text: &[u8]) -> bool {
    let (mut depth, mut at) = (0_usize, 0);
    let mut kind = None;
    let mut expects = true;
    while let Some(&byte) = text.get(at) {
        let end = if byte == b'"' { string_end(text, at) } else { at + 1 };
        if depth == 0 && expects && !byte.is_ascii_whitespace() {
            if !matches!(byte, b'{' | b'[') || kind.is_some_and(|kind| kind != byte) {
                return false;
            }
            kind = Some(byte);
            expects = false;
        }
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => break,
            b'}' | b']' => depth -= 1,
            b',' => expects = true,
            _ => {}
        }
        at = end;
    }
    true
}
