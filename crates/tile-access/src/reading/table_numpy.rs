//! Arrow columns as NumPy items, with pandas' rules for missing values: NaN in numbers, NaT in times, `''` in text.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use tile_base::dtype::ScalarType;
use tile_base::{DType, Endian, Error, Kind, Result};

/// A column's items and their type; integers and booleans with missing values become float64.
///
/// # Errors
/// `NotAllowed` for nested types.
pub fn to_numpy(array: &ArrayRef) -> Result<(DType, Vec<u8>)> {
    let cast = |to: &DataType| {
        arrow_cast::cast(array, to).map_err(|e| {
            Error::new(Kind::NotAllowed, format!("a column of type {} is not an array", array.data_type()))
                .source(e)
        })
    };
    let data_type = array.data_type();
    if array.null_count() > 0
        && (data_type.is_integer() || *data_type == DataType::Boolean || data_type.is_floating())
    {
        let floats = if *data_type == DataType::Boolean {
            cast(&DataType::Int8).and_then(|a| {
                arrow_cast::cast(&a, &DataType::Float64).map_err(|e| Error::internal("cast").source(e))
            })?
        } else {
            cast(&DataType::Float64)?
        };
        let values = floats.as_primitive::<Float64Type>();
        let bytes = values.iter().flat_map(|v| v.unwrap_or(f64::NAN).to_le_bytes()).collect();
        return Ok((DType::little('f', 8), bytes));
    }
    Ok(match data_type {
        DataType::Boolean => {
            (DType::little('b', 1), array.as_boolean().iter().map(|v| u8::from(v.unwrap_or(false))).collect())
        }
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => {
            (DType::little('i', width(data_type)), raw(array))
        }
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => {
            (DType::little('u', width(data_type)), raw(array))
        }
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            (DType::little('f', width(data_type)), raw(array))
        }
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => return to_numpy(&cast(&DataType::Float64)?),
        DataType::Timestamp(unit, _) => {
            times(&cast(&DataType::Timestamp(*unit, None))?, 'M', unit_name(*unit))
        }
        DataType::Duration(unit) => times(array, 'm', unit_name(*unit)),
        DataType::Date32 | DataType::Date64 => {
            times(&cast(&DataType::Timestamp(TimeUnit::Millisecond, None))?, 'M', "[ms]")
        }
        DataType::Time32(_) | DataType::Time64(_) => return text(&cast(&DataType::Utf8)?),
        DataType::Dictionary(_, value) => return to_numpy(&cast(value)?),
        DataType::Binary | DataType::LargeBinary | DataType::FixedSizeBinary(_) | DataType::BinaryView => {
            return binary(&cast(&DataType::LargeBinary)?);
        }
        DataType::Null => {
            (DType::little('f', 8), (0..array.len()).flat_map(|_| f64::NAN.to_le_bytes()).collect())
        }
        DataType::Utf8 => return text(array),
        _ => return text(&cast(&DataType::Utf8)?),
    })
}

fn width(t: &DataType) -> usize {
    t.primitive_width().unwrap_or(1)
}

/// The values buffer, cut to the array's own window.
fn raw(array: &ArrayRef) -> Vec<u8> {
    let data = array.to_data();
    let size = width(array.data_type());
    let (from, to) = (data.offset() * size, (data.offset() + data.len()) * size);
    data.buffers().first().and_then(|b| b.as_slice().get(from..to)).map(<[u8]>::to_vec).unwrap_or_default()
}

const fn unit_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "[s]",
        TimeUnit::Millisecond => "[ms]",
        TimeUnit::Microsecond => "[us]",
        TimeUnit::Nanosecond => "[ns]",
    }
}

fn times(array: &ArrayRef, kind: char, units: &str) -> (DType, Vec<u8>) {
    let ints = arrow_cast::cast(array, &DataType::Int64)
        .unwrap_or_else(|_| arrow_array::new_null_array(&DataType::Int64, array.len()));
    // NumPy's NaT is the smallest 64-bit integer.
    let bytes =
        ints.as_primitive::<Int64Type>().iter().flat_map(|v| v.unwrap_or(i64::MIN).to_le_bytes()).collect();
    let mut scalar = ScalarType::new(kind, 8, Endian::Little);
    scalar.units = Some(units.to_owned());
    (DType::Scalar(scalar), bytes)
}

fn text(array: &ArrayRef) -> Result<(DType, Vec<u8>)> {
    let strings = array.as_string_opt::<i32>().ok_or_else(|| Error::internal("text column expected"))?;
    let longest = strings.iter().flatten().map(|s| s.chars().count()).max().unwrap_or(0).max(1);
    let mut out = vec![0u8; strings.len() * longest * 4];
    for (item, s) in out.chunks_exact_mut(longest * 4).zip(strings.iter()) {
        for (slot, c) in item.chunks_exact_mut(4).zip(s.unwrap_or("").chars()) {
            slot.copy_from_slice(&u32::from(c).to_le_bytes());
        }
    }
    Ok((DType::little('U', longest * 4), out))
}

fn binary(array: &ArrayRef) -> Result<(DType, Vec<u8>)> {
    let values = array.as_binary_opt::<i64>().ok_or_else(|| Error::internal("binary column expected"))?;
    let longest = values.iter().flatten().map(<[u8]>::len).max().unwrap_or(0).max(1);
    let mut out = vec![0u8; values.len() * longest];
    for (item, v) in out.chunks_exact_mut(longest).zip(values.iter()) {
        let v = v.unwrap_or(&[]);
        item[..v.len()].copy_from_slice(v);
    }
    Ok((DType::little('S', longest), out))
}

/// Brings the parts of one column to one type: the widest text, or float64 when a part had missing numbers.
/// Parts are (type, bytes, rows); the answer is the type and (bytes, rows).
pub fn unify(parts: Vec<(DType, Vec<u8>, usize)>) -> (DType, Vec<(Vec<u8>, usize)>) {
    let Some(first) = parts.first().map(|p| p.0.clone()) else { return (DType::little('f', 8), vec![]) };
    if parts.iter().all(|p| p.0 == first) {
        return (first, parts.into_iter().map(|p| (p.1, p.2)).collect());
    }
    let kind = |d: &DType| if let DType::Scalar(s) = d { s.kind } else { 'V' };
    if parts.iter().all(|p| matches!(kind(&p.0), 'U' | 'S')) {
        let widest = parts.iter().map(|p| p.0.itemsize()).max().unwrap_or(1);
        let out = parts.into_iter().map(|(d, bytes, rows)| {
            let mut wide = vec![0u8; rows * widest];
            for (to, from) in wide.chunks_exact_mut(widest).zip(bytes.chunks_exact(d.itemsize().max(1))) {
                to[..from.len()].copy_from_slice(from);
            }
            (wide, rows)
        });
        return (DType::little(kind(&first), widest), out.collect());
    }
    let out = parts.into_iter().map(|(d, bytes, rows)| (to_floats(&d, &bytes), rows));
    (DType::little('f', 8), out.collect())
}

fn to_floats(d: &DType, bytes: &[u8]) -> Vec<u8> {
    (0..bytes.len() / d.itemsize().max(1))
        .flat_map(|i| crate::encoders::item::as_f64(d, bytes, i).unwrap_or(f64::NAN).to_le_bytes())
        .collect()
}

/// The 64-bit integers of a buffer in either byte order.
pub fn integers<'a>(s: &'a ScalarType, bytes: &'a [u8]) -> impl Iterator<Item = i64> + 'a {
    let big = s.endian == Endian::Big;
    bytes.chunks_exact(8).map(move |c| {
        let raw = [c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]];
        if big { i64::from_be_bytes(raw) } else { i64::from_le_bytes(raw) }
    })
}
