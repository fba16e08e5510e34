//! `Native`: blocks of columns.
//!
//! The layout is that of revision 0 of the protocol, which is what `FORMAT Native` writes over HTTP: no block info, no
//! kinds of serialization, `DateTime` without its time zone.

use super::binary::{default, length, text};
use super::cell::{Cell, Kind, cells};
use super::native_json;
use super::output::{BYTES, Format, Output, Sink};
use super::settings::Settings;
use crate::types::Type;
use std::collections::HashMap;
use std::io::{self, Write};

pub(crate) struct Native;

/// The version of a dictionary whose keys stand in the block.
const KEYS_IN_BLOCK: u64 = 1;
/// The block has keys of its own, and they replace those before.
const OWN_KEYS: u64 = (1 << 9) | (1 << 10);

impl Format for Native {
    fn name(&self) -> &'static str {
        "Native"
    }

    fn content_type(&self) -> &'static str {
        BYTES
    }

    fn write(&self, output: &Output, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
        let mut sink = Sink::new(out);
        for batch in output.batches.iter().filter(|batch| batch.num_rows() > 0) {
            let rows = batch.num_rows();
            length(output.columns.len(), &mut sink.buffer);
            length(rows, &mut sink.buffer);
            for (column, cell) in output.columns.iter().zip(cells(output.columns, batch, settings)?) {
                text(column.name.as_bytes(), &mut sink.buffer);
                let ty = match &column.ty {
                    Type::DateTime(_) => "DateTime".to_owned(),
                    other => other.to_string(),
                };
                text(ty.as_bytes(), &mut sink.buffer);
                prefix(&column.ty, &[(&cell, 0..rows)], &mut sink.buffer)?;
                data(&column.ty, &[(&cell, 0..rows)], &mut sink.buffer)?;
                sink.pass()?;
            }
        }
        sink.flush()
    }
}

/// Appends what dictionaries and objects inside a type say before all data.
fn prefix(ty: &Type, parts: &[(&Cell, Rows)], out: &mut Vec<u8>) -> io::Result<()> {
    match ty {
        Type::LowCardinality(_) => out.extend_from_slice(&KEYS_IN_BLOCK.to_le_bytes()),
        Type::Json => out.extend(native_json::column(texts(parts))?.prefix),
        Type::Nullable(inner) => prefix(inner, parts, out)?,
        Type::Array(inner) => prefix(inner, &items(parts, &mut Vec::new()), out)?,
        Type::Map(key, value) => {
            prefix(key, &keys(parts, &mut Vec::new()), out)?;
            prefix(value, &values(parts, &mut Vec::new()), out)?;
        }
        Type::Tuple(elements) => {
            for (i, (_, ty)) in elements.iter().enumerate() {
                prefix(ty, &fields(parts, i), out)?;
            }
        }
        Type::SimpleAggregateFunction(state) => {
            for ty in state.args.iter().take(1) {
                prefix(ty, parts, out)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// The rows of a column: the arrays of a batch need not be whole, since a list may leave out items.
type Rows = std::ops::Range<usize>;

fn rows_of(parts: &[(&Cell, Rows)]) -> usize {
    parts.iter().map(|(_, rows)| rows.len()).sum()
}

/// Appends the data of a column, stream after stream.
fn data(ty: &Type, parts: &[(&Cell, Rows)], out: &mut Vec<u8>) -> io::Result<()> {
    match ty {
        Type::LowCardinality(inner) => return dictionary(inner, parts, out),
        Type::SimpleAggregateFunction(state) if !state.args.is_empty() => {
            return data(&state.args[0], parts, out);
        }
        Type::Nullable(inner) => {
            for (cell, rows) in parts {
                out.extend(rows.clone().map(|row| u8::from(cell.is_null(row))));
            }
            return data(inner, parts, out);
        }
        Type::Array(inner) => {
            let items = items(parts, out);
            return data(inner, &items, out);
        }
        Type::Map(key, value) => {
            let keys = keys(parts, out);
            data(key, &keys, out)?;
            return data(value, &values(parts, &mut Vec::new()), out);
        }
        Type::Tuple(elements) if !elements.is_empty() => {
            for (i, (_, ty)) in elements.iter().enumerate() {
                data(ty, &fields(parts, i), out)?;
            }
            return Ok(());
        }
        Type::Json => {
            out.extend(native_json::column(texts(parts))?.data);
            return Ok(());
        }
        // Neither has bytes to say, so each row is a character.
        Type::Nothing | Type::Tuple(_) => {
            out.resize(out.len() + rows_of(parts), b'0');
            return Ok(());
        }
        _ => {}
    }
    for (cell, rows) in parts {
        for row in rows.clone() {
            if cell.is_null(row) { default(cell.ty, out)? } else { cell.binary_value(row, out)? }
        }
    }
    Ok(())
}

/// Appends where each row's items end, and returns the items of arrays.
fn items<'c, 'a: 'c>(parts: &[(&'c Cell<'a>, Rows)], out: &mut Vec<u8>) -> Vec<(&'c Cell<'a>, Rows)> {
    offsets(parts, out, |cell| match &cell.kind {
        Kind::Array { offsets, items } => Some((offsets, &**items)),
        _ => None,
    })
}

/// The same of the keys of maps.
fn keys<'c, 'a: 'c>(parts: &[(&'c Cell<'a>, Rows)], out: &mut Vec<u8>) -> Vec<(&'c Cell<'a>, Rows)> {
    offsets(parts, out, |cell| match &cell.kind {
        Kind::Map { offsets, keys, .. } => Some((offsets, &**keys)),
        _ => None,
    })
}

/// The same of their values.
fn values<'c, 'a: 'c>(parts: &[(&'c Cell<'a>, Rows)], out: &mut Vec<u8>) -> Vec<(&'c Cell<'a>, Rows)> {
    offsets(parts, out, |cell| match &cell.kind {
        Kind::Map { offsets, values, .. } => Some((offsets, &**values)),
        _ => None,
    })
}

/// An element of tuples.
fn fields<'c, 'a: 'c>(parts: &[(&'c Cell<'a>, Rows)], at: usize) -> Vec<(&'c Cell<'a>, Rows)> {
    let element = |(cell, rows): &(&'c Cell<'a>, Rows)| match &cell.kind {
        Kind::Tuple(elements) => Some((&elements.get(at)?.cell, rows.clone())),
        _ => None,
    };
    parts.iter().filter_map(element).collect()
}

/// Objects as texts.
fn texts<'c>(parts: &'c [(&'c Cell, Rows)]) -> impl Iterator<Item = Option<&'c [u8]>> {
    parts.iter().flat_map(|(cell, rows)| {
        rows.clone().map(move |row| match &cell.kind {
            Kind::Json(texts) if !cell.is_null(row) => Some(texts.get(row)),
            _ => None,
        })
    })
}

/// Appends where each row's items end, and returns the items.
fn offsets<'c, 'a: 'c>(
    parts: &[(&'c Cell<'a>, Rows)],
    out: &mut Vec<u8>,
    list: impl Fn(&'c Cell<'a>) -> Option<(&'c super::source::Offsets<'a>, &'c Cell<'a>)>,
) -> Vec<(&'c Cell<'a>, Rows)> {
    let mut items: Vec<(&Cell, Rows)> = Vec::new();
    let mut end = 0_u64;
    for (cell, rows) in parts {
        let list = list(cell);
        for row in rows.clone() {
            if let Some((offsets, cell)) = list.filter(|_| !cell.is_null(row)) {
                let range = offsets.range(row);
                end += range.len() as u64;
                match items
                    .last_mut()
                    .filter(|(last, rows)| std::ptr::eq(*last, cell) && rows.end == range.start)
                {
                    Some((_, rows)) => rows.end = range.end,
                    None => items.push((cell, range)),
                }
            }
            out.extend_from_slice(&end.to_le_bytes());
        }
    }
    items
}

/// Appends a dictionary: flags with the width of the indices, the keys, and each row's index.
///
/// The first key is the default, and in a nullable one NULL stands before it.
fn dictionary(ty: &Type, parts: &[(&Cell, Rows)], out: &mut Vec<u8>) -> io::Result<()> {
    if rows_of(parts) == 0 {
        return Ok(());
    }
    let plain = ty.plain();
    let nullable = matches!(ty, Type::Nullable(_));
    let mut keys = Vec::new();
    let mut known: HashMap<Vec<u8>, u32> = HashMap::new();
    let mut zero = Vec::new();
    default(plain, &mut zero)?;
    if nullable {
        keys.extend_from_slice(&zero);
    }
    keys.extend_from_slice(&zero);
    known.insert(zero, u32::from(nullable));
    let mut next = u32::from(nullable) + 1;
    let mut indices = Vec::with_capacity(rows_of(parts));
    let mut key = Vec::new();
    for (cell, rows) in parts {
        for row in rows.clone() {
            if cell.is_null(row) {
                indices.push(0);
                continue;
            }
            key.clear();
            cell.binary_value(row, &mut key)?;
            let index = match known.get(&key) {
                Some(index) => *index,
                None => {
                    keys.extend_from_slice(&key);
                    known.insert(key.clone(), next);
                    next += 1;
                    next - 1
                }
            };
            indices.push(index);
        }
    }
    let width: usize = match next {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    };
    out.extend_from_slice(&(OWN_KEYS | u64::from(width.trailing_zeros())).to_le_bytes());
    out.extend_from_slice(&u64::from(next).to_le_bytes());
    out.extend_from_slice(&keys);
    out.extend_from_slice(&(indices.len() as u64).to_le_bytes());
    for index in indices {
        out.extend_from_slice(&index.to_le_bytes()[..width]);
    }
    Ok(())
}
