//! Keys as bytes: equal keys, and only those, have equal bytes, whatever the width of their integers. Bytes of one column of integers are
//! in the order of the numbers.
//!
//! A bool is one byte; an integer, a date or a time eight, the highest first and the sign turned; a float or a double its eight bytes, where
//! -0.0 is 0.0 and all NaN are one; a text or bytes their length, seven bits in a byte, then themselves. Columns follow each other.

use crate::column::{Cell, Column};
use crate::types::Type;
use crate::value::Value;
use tile_base::{Error, Result};

/// Turns the sign, so that bytes compare as numbers do.
const SIGN: u64 = 1 << 63;

/// Whether a column of that type can be a key.
///
/// # Errors
/// `Invalid` for lists, maps and structs.
pub fn check(types: &[Type]) -> Result<()> {
    match types.iter().find(|ty| matches!(ty, Type::List(_) | Type::Map(_) | Type::Struct(_))) {
        Some(ty) => Err(Error::invalid(format!("a {ty} cannot be a key"))
            .hint("Keys are bools, numbers, strings, bytes, dates and timestamps")),
        None => Ok(()),
    }
}

/// Adds the key of a row to `out`. False where a part of it is null: such a row has no key. What [`check`] refuses counts as null.
#[inline]
pub fn encode(columns: &[Column], row: usize, out: &mut Vec<u8>) -> bool {
    columns.iter().all(|column| cell(column.cell(row), out))
}

#[inline]
fn cell(cell: Cell<'_>, out: &mut Vec<u8>) -> bool {
    match cell {
        Cell::Int(x) => integer(x, out),
        Cell::Text(text) => bytes(text.as_bytes(), out),
        Cell::Bool(b) => out.push(u8::from(b)),
        Cell::Real(x) => real(x, out),
        Cell::Bytes(b) => bytes(b, out),
        Cell::Null | Cell::List(..) | Cell::Map(..) | Cell::Struct(..) => return false,
    }
    true
}

#[inline]
fn integer(x: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(&(x.cast_unsigned() ^ SIGN).to_be_bytes());
}

fn real(x: f64, out: &mut Vec<u8>) {
    let x = if x.is_nan() { f64::NAN } else { x + 0.0 };
    out.extend_from_slice(&x.to_bits().to_be_bytes());
}

#[inline]
fn bytes(bytes: &[u8], out: &mut Vec<u8>) {
    let mut length = bytes.len();
    while length > 0x7F {
        out.push(0x80 | low_bits(length));
        length >>= 7;
    }
    out.push(low_bits(length));
    out.extend_from_slice(bytes);
}

#[expect(clippy::cast_possible_truncation, reason = "seven bits are kept")]
const fn low_bits(length: usize) -> u8 {
    (length & 0x7F) as u8
}

/// The key of values, in the order of the key's columns.
///
/// # Errors
/// `Invalid` for another number of values, for a value of another type, and for a null: no row has such a key.
pub fn of_values(values: &[Value], types: &[Type]) -> Result<Vec<u8>> {
    if values.len() != types.len() {
        return Err(Error::invalid(format!("a key of {} has {} values", types.len(), values.len())));
    }
    let mut out = Vec::with_capacity(16);
    for (value, ty) in values.iter().zip(types) {
        let is_taken = match (value, ty) {
            (Value::Bool(b), Type::Bool) => cell(Cell::Bool(*b), &mut out),
            (Value::Int(x), ty) if ty.is_integer() || matches!(ty, Type::Date | Type::Timestamp) => {
                cell(Cell::Int(*x), &mut out)
            }
            (Value::Real(x), ty) if ty.is_real() => cell(Cell::Real(*x), &mut out),
            #[expect(clippy::cast_precision_loss, reason = "an integer stands for its nearest double")]
            (Value::Int(x), ty) if ty.is_real() => cell(Cell::Real(*x as f64), &mut out),
            (Value::Text(text), Type::Text) => cell(Cell::Text(text), &mut out),
            (Value::Bytes(b), Type::Binary) => cell(Cell::Bytes(b), &mut out),
            _ => false,
        };
        if !is_taken {
            return Err(Error::invalid(format!("a key of type {ty} cannot be {}", kind(value))));
        }
    }
    Ok(out)
}

/// What a value is, for an error.
const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a bool",
        Value::Int(_) => "an integer",
        Value::Real(_) => "a number with a fraction",
        Value::Text(_) => "a string",
        Value::Bytes(_) => "bytes",
        Value::List(_) => "a list",
        Value::Map(_) | Value::Struct(_) => "an object",
    }
}

/// The values of a key.
///
/// # Errors
/// `Damaged` for bytes that are no key of these types.
pub fn decode(key: &[u8], types: &[Type]) -> Result<Vec<Value>> {
    let mut rest = key;
    let mut values = Vec::with_capacity(types.len());
    for ty in types {
        values.push(value(&mut rest, ty).ok_or_else(damaged)?);
    }
    if rest.is_empty() { Ok(values) } else { Err(damaged()) }
}

fn damaged() -> Error {
    Error::damaged("a key has other bytes than its types say")
}

fn value(rest: &mut &[u8], ty: &Type) -> Option<Value> {
    match ty {
        Type::Bool => match take(rest, 1)? {
            [0] => Some(Value::Bool(false)),
            [1] => Some(Value::Bool(true)),
            _ => None,
        },
        Type::Float | Type::Double => Some(Value::Real(f64::from_bits(eight(rest)?))),
        Type::Text => {
            let length = length(rest)?;
            let text = std::str::from_utf8(take(rest, length)?).ok()?;
            Some(Value::Text(text.into()))
        }
        Type::Binary => {
            let length = length(rest)?;
            Some(Value::Bytes(take(rest, length)?.into()))
        }
        Type::List(_) | Type::Map(_) | Type::Struct(_) => None,
        _ => Some(Value::Int((eight(rest)? ^ SIGN).cast_signed())),
    }
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

fn eight(rest: &mut &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(take(rest, 8)?.try_into().ok()?))
}

fn length(rest: &mut &[u8]) -> Option<usize> {
    let mut length = 0_usize;
    for shift in (0..usize::BITS).step_by(7) {
        let byte = *take(rest, 1)?.first()?;
        length |= usize::from(byte & 0x7F).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(length);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[(Value, Type)]) -> Vec<u8> {
        let (values, types): (Vec<Value>, Vec<Type>) = values.iter().cloned().unzip();
        of_values(&values, &types).unwrap()
    }

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn keys_come_back_and_columns_give_the_same_bytes() {
        let long = "x".repeat(300);
        for (values, types) in [
            (vec![Value::Int(-5)], vec![Type::Int]),
            (vec![text(""), text("é")], vec![Type::Text, Type::Text]),
            (vec![text(&long), Value::Bool(true)], vec![Type::Text, Type::Bool]),
            (vec![Value::Real(1.5), Value::Int(i64::MIN)], vec![Type::Double, Type::Timestamp]),
            (vec![Value::Bytes([0, 255].into()), Value::Int(3)], vec![Type::Binary, Type::Date]),
        ] {
            let key = of_values(&values, &types).unwrap();
            assert_eq!(decode(&key, &types).unwrap(), values);
            let columns: Vec<Column> = values
                .iter()
                .zip(&types)
                .map(|(v, ty)| Column::of_values(ty, std::slice::from_ref(v)))
                .collect();
            let mut out = Vec::new();
            assert!(encode(&columns, 0, &mut out));
            assert_eq!(out, key);
        }
    }

    #[test]
    fn widths_of_integers_do_not_matter_and_order_is_kept() {
        assert_eq!(of(&[(Value::Int(7), Type::Short)]), of(&[(Value::Int(7), Type::Long)]));
        let keys: Vec<Vec<u8>> =
            [i64::MIN, -1, 0, 1, i64::MAX].iter().map(|i| of(&[(Value::Int(*i), Type::Long)])).collect();
        assert!(keys.is_sorted());
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let pair = |a: &str, b: &str| of(&[(text(a), Type::Text), (text(b), Type::Text)]);
        assert_ne!(pair("ab", "c"), pair("a", "bc"));
        assert_ne!(pair("", "a"), pair("a", ""));
    }

    #[test]
    fn zeros_are_one_and_so_are_nans() {
        let real = |x: f64| of(&[(Value::Real(x), Type::Double)]);
        assert_eq!(real(0.0), real(-0.0));
        assert_eq!(real(f64::NAN), real(-f64::NAN));
    }

    #[test]
    fn nulls_and_wrong_types_are_no_keys() {
        let columns = [Column::of_values(&Type::Text, &[Value::Null])];
        assert!(!encode(&columns, 0, &mut Vec::new()));
        let error = of_values(&[Value::Int(1)], &[Type::Text]).unwrap_err();
        assert_eq!(error.what, "a key of type string cannot be an integer");
        assert!(of_values(&[Value::Null], &[Type::Text]).unwrap_err().what.contains("null"));
        assert!(of_values(&[], &[Type::Text]).is_err());
        assert!(check(&[Type::List(Box::new(Type::Int))]).is_err());
    }

    #[test]
    fn other_bytes_are_damaged() {
        for bytes in [&[][..], &[5, b'a'], &[0xFF; 12], &[1, b'a', b'b'], &[1, 0xFF]] {
            assert!(decode(bytes, &[Type::Text]).is_err(), "{bytes:?}");
        }
    }
}
