//! Awkward arrays (forms and buffers) as Arrow arrays, from which the other formats follow.
//!
//! Source: Awkward Array's `to_buffers`: each node of the form has a `form_key`; buffers are named `<form_key>-<role>`.

use crate::data::{Awkward, Ragged};
use arrow_array::{Array, ArrayRef, BooleanArray, LargeListArray, LargeStringArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{Field, Fields};
use serde_json::{Value, json};
use std::sync::Arc;
use tile_base::structure::AwkwardStructure;
use tile_base::{DType, Error, Kind, Result};

/// Deepest form that is converted.
const DEPTH_MAX: usize = 64;

/// The whole array as one Arrow column.
///
/// # Errors
/// `NotAcceptable` for unions and virtual forms; `Damaged` when buffers do not fit the form.
pub fn to_arrow(structure: &AwkwardStructure, buffers: &dyn Awkward) -> Result<ArrayRef> {
    convert(&structure.form, structure.length, buffers, DEPTH_MAX)
}

fn bad(what: &str) -> Error {
    Error::damaged(format!("the awkward array does not fit its form: {what}"))
}

fn buffer(form: &Value, role: &str, buffers: &dyn Awkward) -> Result<bytes::Bytes> {
    let key = form.get("form_key").and_then(Value::as_str).ok_or_else(|| bad("a form key is missing"))?;
    buffers.buffer(&format!("{key}-{role}"))
}

/// Integers of an index buffer, widened.
fn index(form: &Value, kind: &str, role: &str, count: usize, buffers: &dyn Awkward) -> Result<Vec<i64>> {
    let raw = buffer(form, role, buffers)?;
    let size = match form.get(kind).and_then(Value::as_str).unwrap_or("i64") {
        "i8" | "u8" => 1,
        "i32" | "u32" => 4,
        _ => 8,
    };
    let unsigned = form.get(kind).and_then(Value::as_str).is_some_and(|k| k.starts_with('u'));
    let items: Vec<i64> = raw
        .chunks_exact(size)
        .take(count)
        .map(|c| match (size, unsigned) {
            (1, true) => i64::from(c[0]),
            (1, false) => i64::from(i8::from_le_bytes([c[0]])),
            (4, true) => i64::from(u32::from_le_bytes([c[0], c[1], c[2], c[3]])),
            (4, false) => i64::from(i32::from_le_bytes([c[0], c[1], c[2], c[3]])),
            _ => i64::from_le_bytes([c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]]),
        })
        .collect();
    if items.len() == count { Ok(items) } else { Err(bad("an index buffer is too short")) }
}

fn convert(form: &Value, length: usize, buffers: &dyn Awkward, depth: usize) -> Result<ArrayRef> {
    if depth == 0 {
        return Err(bad("it is nested too deeply"));
    }
    let content = || form.get("content").ok_or_else(|| bad("a content is missing"));
    let class = form.get("class").and_then(Value::as_str).unwrap_or("");
    match class {
        "EmptyArray" | "EmptyForm" => Ok(arrow_array::new_empty_array(&arrow_schema::DataType::Float64)),
        "NumpyArray" | "NumpyForm" => numpy(form, length, buffers),
        "ListOffsetArray" | "ListOffsetForm" => {
            let offsets = index(form, "offsets", "offsets", length + 1, buffers)?;
            let inner = convert(
                content()?,
                usize::try_from(offsets.last().copied().unwrap_or(0)).unwrap_or(0),
                buffers,
                depth - 1,
            )?;
            list(form, offsets, inner)
        }
        "ListArray" | "ListForm" => separate_lists(form, content()?, length, buffers, depth),
        "RegularArray" | "RegularForm" => {
            let size = form
                .get("size")
                .and_then(Value::as_u64)
                .and_then(|n| usize::try_from(n).ok())
                .ok_or_else(|| bad("size"))?;
            let inner = convert(content()?, length * size, buffers, depth - 1)?;
            let offsets = (0..=length).map(|i| i64::try_from(i * size).unwrap_or(i64::MAX)).collect();
            list(form, offsets, inner)
        }
        "RecordArray" | "RecordForm" => record(form, length, buffers, depth),
        "IndexedArray" | "IndexedForm" | "IndexedOptionArray" | "IndexedOptionForm" => {
            let at = index(form, "index", "index", length, buffers)?;
            let reach = at.iter().copied().max().unwrap_or(-1) + 1;
            let inner = convert(content()?, usize::try_from(reach).unwrap_or(0), buffers, depth - 1)?;
            let picks: arrow_array::UInt64Array = at.into_iter().map(|i| u64::try_from(i).ok()).collect();
            arrow_select::take::take(&inner, &picks, None).map_err(|e| bad(&e.to_string()))
        }
        "ByteMaskedArray" | "ByteMaskedForm" => {
            let mask = index(form, "mask", "mask", length, buffers)?;
            let when = form.get("valid_when").and_then(Value::as_bool).unwrap_or(true);
            masked(
                convert(content()?, length, buffers, depth - 1)?,
                mask.into_iter().map(|m| (m != 0) == when).collect(),
            )
        }
        "BitMaskedArray" | "BitMaskedForm" => {
            masked(convert(content()?, length, buffers, depth - 1)?, bit_mask(form, length, buffers)?)
        }
        "UnmaskedArray" | "UnmaskedForm" => convert(content()?, length, buffers, depth - 1),
        other => Err(Error::new(
            Kind::NotAcceptable,
            format!("awkward forms of class `{other}` are served as buffers only; choose application/zip"),
        )),
    }
}

/// Lists whose starts and stops are told apart: their items are picked into one run.
fn separate_lists(
    form: &Value,
    content: &Value,
    length: usize,
    buffers: &dyn Awkward,
    depth: usize,
) -> Result<ArrayRef> {
    let starts = index(form, "starts", "starts", length, buffers)?;
    let stops = index(form, "stops", "stops", length, buffers)?;
    let reach = stops.iter().copied().max().unwrap_or(0);
    let inner = convert(content, usize::try_from(reach).unwrap_or(0), buffers, depth - 1)?;
    let (mut offsets, mut picks) = (vec![0i64], Vec::new());
    for (a, b) in starts.iter().zip(&stops) {
        picks.extend((*a..*b).map(|i| u64::try_from(i).unwrap_or(0)));
        offsets.push(i64::try_from(picks.len()).unwrap_or(i64::MAX));
    }
    let inner = arrow_select::take::take(&inner, &arrow_array::UInt64Array::from(picks), None)
        .map_err(|e| bad(&e.to_string()))?;
    list(form, offsets, inner)
}

/// Which items are there, from a mask of bits.
fn bit_mask(form: &Value, length: usize, buffers: &dyn Awkward) -> Result<Vec<bool>> {
    let raw = buffer(form, "mask", buffers)?;
    let flag = |key: &str| form.get(key).and_then(Value::as_bool).unwrap_or(true);
    let (when, lsb) = (flag("valid_when"), flag("lsb_order"));
    let bit = |i: usize| raw.get(i / 8).is_some_and(|b| b >> (if lsb { i % 8 } else { 7 - i % 8 }) & 1 == 1);
    Ok((0..length).map(|i| bit(i) == when).collect())
}

fn numpy(form: &Value, length: usize, buffers: &dyn Awkward) -> Result<ArrayRef> {
    let primitive = form.get("primitive").and_then(Value::as_str).unwrap_or("float64");
    let dtype = match primitive {
        "bool" => DType::parse("|b1"),
        "int8" => DType::parse("|i1"),
        "uint8" => DType::parse("|u1"),
        "int16" => DType::parse("<i2"),
        "uint16" => DType::parse("<u2"),
        "int32" => DType::parse("<i4"),
        "uint32" => DType::parse("<u4"),
        "int64" => DType::parse("<i8"),
        "uint64" => DType::parse("<u8"),
        "float16" => DType::parse("<f2"),
        "float32" => DType::parse("<f4"),
        "float64" => DType::parse("<f8"),
        other => match other.split_once("64") {
            Some(("datetime", unit)) => DType::parse(&format!("<M8{unit}")),
            Some(("timedelta", unit)) => DType::parse(&format!("<m8{unit}")),
            _ => {
                return Err(Error::new(
                    Kind::NotAcceptable,
                    format!("awkward items of type `{other}` are served as buffers only"),
                ));
            }
        },
    }?;
    let inner: Vec<usize> = form
        .get("inner_shape")
        .and_then(Value::as_array)
        .map(|s| s.iter().filter_map(Value::as_u64).filter_map(|n| usize::try_from(n).ok()).collect())
        .unwrap_or_default();
    let items = length * inner.iter().product::<usize>();
    let raw = buffer(form, "data", buffers)?;
    let bytes = raw.get(..items * dtype.itemsize()).ok_or_else(|| bad("a data buffer is too short"))?;
    let mut out = super::rows::to_arrow(&dtype, bytes)?;
    for size in inner.iter().rev() {
        let count = out.len() / size.max(&1);
        let offsets = (0..=count).map(|i| i64::try_from(i * size).unwrap_or(i64::MAX)).collect();
        out = list(&Value::Null, offsets, out)?;
    }
    Ok(out)
}

fn list(form: &Value, offsets: Vec<i64>, inner: ArrayRef) -> Result<ArrayRef> {
    if offsets.windows(2).any(|w| w[0] > w[1])
        || offsets.first().is_some_and(|&o| o < 0)
        || offsets.last().is_some_and(|&o| usize::try_from(o).map_or(true, |o| o > inner.len()))
    {
        return Err(bad("offsets run backwards or past the end"));
    }
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    let kind = form.pointer("/parameters/__array__").and_then(Value::as_str).unwrap_or("");
    if matches!(kind, "string" | "bytestring") {
        let bytes = inner.to_data();
        let text =
            LargeStringArray::try_new(offsets, bytes.buffers().first().cloned().unwrap_or_default(), None)
                .map_err(|e| bad(&e.to_string()))?;
        return Ok(Arc::new(text));
    }
    let field = Arc::new(Field::new("item", inner.data_type().clone(), true));
    LargeListArray::try_new(field, offsets, inner, None)
        .map(|a| Arc::new(a) as ArrayRef)
        .map_err(|e| bad(&e.to_string()))
}

fn record(form: &Value, length: usize, buffers: &dyn Awkward, depth: usize) -> Result<ArrayRef> {
    let contents: Vec<&Value> = match form.get("contents") {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(Value::Object(map)) => map.values().collect(),
        _ => return Err(bad("contents are missing")),
    };
    let names: Vec<String> = match (form.get("fields"), form.get("contents")) {
        (Some(Value::Array(names)), _) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        (_, Some(Value::Object(map))) => map.keys().cloned().collect(),
        _ => (0..contents.len()).map(|i| i.to_string()).collect(),
    };
    let columns: Vec<ArrayRef> =
        contents.iter().map(|c| convert(c, length, buffers, depth - 1)).collect::<Result<_>>()?;
    let fields: Fields =
        names.iter().zip(&columns).map(|(n, c)| Field::new(n, c.data_type().clone(), true)).collect();
    let columns =
        columns.into_iter().map(|c| if c.len() > length { c.slice(0, length) } else { c }).collect();
    StructArray::try_new(fields, columns, None)
        .map(|a| Arc::new(a) as ArrayRef)
        .map_err(|e| bad(&e.to_string()))
}

fn masked(inner: ArrayRef, valid: Vec<bool>) -> Result<ArrayRef> {
    let inner = if inner.len() > valid.len() { inner.slice(0, valid.len()) } else { inner };
    let mask = BooleanArray::from(valid);
    let nulls = NullBuffer::union(inner.nulls(), Some(&NullBuffer::new(mask.values().clone())));
    let data = inner.to_data().into_builder().nulls(nulls).build().map_err(|e| bad(&e.to_string()))?;
    Ok(arrow_array::make_array(data))
}

/// The rows `rows` of a ragged array: offsets from 0, and the items.
fn ragged_rows(buffers: &dyn Ragged, rows: &[usize]) -> Result<(Vec<i64>, Vec<u8>)> {
    let (offsets, bytes) = buffers.read()?;
    let size = buffers.dtype().itemsize();
    let (mut out, mut items) = (vec![0i64], Vec::new());
    for &row in rows {
        let span = offsets
            .get(row)
            .zip(offsets.get(row + 1))
            .and_then(|(a, b)| Some((usize::try_from(*a).ok()?, usize::try_from(*b).ok()?)));
        let (a, b) = span.ok_or_else(|| Error::invalid("row out of range"))?;
        items.extend_from_slice(
            bytes.get(a * size..b * size).ok_or_else(|| bad("an offset is out of range"))?,
        );
        out.push(i64::try_from(items.len() / size.max(1)).unwrap_or(i64::MAX));
    }
    Ok((out, items))
}

/// A ragged array as a column of lists.
///
/// # Errors
/// `NotAcceptable` for item types without a column form.
pub fn ragged_to_arrow(buffers: &dyn Ragged, rows: &[usize]) -> Result<ArrayRef> {
    let (offsets, items) = ragged_rows(buffers, rows)?;
    list(&Value::Null, offsets, super::rows::to_arrow(&buffers.dtype(), &items)?)
}

/// The entries of a ragged array's archive.
///
/// # Errors
/// Those of reading.
pub fn ragged_entries(buffers: &dyn Ragged, rows: &[usize]) -> Result<Vec<(String, Vec<u8>)>> {
    let (offsets, mut items) = ragged_rows(buffers, rows)?;
    let dtype = buffers.dtype();
    let DType::Scalar(s) = &dtype else {
        return Err(Error::new(Kind::NotAcceptable, "ragged structs are not served"));
    };
    if s.endian == tile_base::Endian::Big {
        tile_base::strided::swap_bytes(&mut items, s.swap_width());
    }
    let bits = s.itemsize * 8;
    let primitive = match s.kind {
        'b' => "bool".to_owned(),
        'u' => format!("uint{bits}"),
        'i' => format!("int{bits}"),
        'c' => format!("complex{bits}"),
        _ => format!("float{bits}"),
    };
    let form = json!({
        "class": "ListOffsetArray", "offsets": "i64", "parameters": {}, "form_key": "node0",
        "content": {"class": "NumpyArray", "primitive": primitive, "inner_shape": [], "parameters": {}, "form_key": "node1"},
    });
    Ok(vec![
        ("node0-offsets".into(), offsets.iter().flat_map(|o| o.to_le_bytes()).collect()),
        ("node1-data".into(), items),
        ("length".into(), (rows.len() as u64).to_be_bytes().to_vec()),
        ("form".into(), Value::from(form.to_string()).to_string().into_bytes()),
    ])
}
