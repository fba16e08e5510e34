//! What many encoders share: any subject that is made of rows, as a schema and batches.

use super::{Context, Subject, not_served};
use crate::data::{Batches, Data};
use crate::reading::{array, table_numpy};
use crate::tree::Located;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;
use tile_base::dtype::ScalarType;
use tile_base::{DType, Endian, Error, Family, Kind, Result, Selection};

/// Tables as they are; sparse arrays by coordinates; awkward arrays by item; datasets as one row per grid point.
///
/// # Errors
/// `NotAcceptable` for a subject without rows; those of reading.
pub fn of(subject: Subject, context: &Context<'_>) -> Result<(SchemaRef, Batches)> {
    match subject {
        Subject::Table { schema, batches } => Ok((schema, batches)),
        Subject::Sparse { batch, .. } => Ok((batch.schema(), Box::new(std::iter::once(Ok(batch))))),
        Subject::Awkward { structure, buffers } => {
            let column = super::awkward::to_arrow(&structure, buffers.as_ref())?;
            one_batch(vec![(String::new(), column)])
        }
        Subject::Ragged { buffers, rows } => {
            one_batch(vec![(String::new(), super::awkward::ragged_to_arrow(buffers.as_ref(), &rows)?)])
        }
        Subject::Dataset { node, keys } => dataset(&node, &keys, context),
        Subject::Array { .. } | Subject::Container { .. } => Err(not_served("rows")),
    }
}

fn one_batch(columns: Vec<(String, ArrayRef)>) -> Result<(SchemaRef, Batches)> {
    let fields: Vec<Field> =
        columns.iter().map(|(n, c)| Field::new(n, c.data_type().clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(schema.clone(), columns.into_iter().map(|c| c.1).collect())
        .map_err(|e| Error::internal("columns do not fit").source(e))?;
    Ok((schema, Box::new(std::iter::once(Ok(batch)))))
}

/// A dataset's variables, opened: (name, dimension names, type, shape, bytes).
pub struct Variable {
    pub name: String,
    pub dims: Vec<String>,
    pub dtype: DType,
    pub shape: Vec<usize>,
    pub bytes: bytes::Bytes,
    pub attrs: serde_json::Value,
}

/// Reads variables of a dataset whole; the sum is bounded by the response limit.
///
/// # Errors
/// `Invalid` for an unknown name; `TooLarge` above the limit.
pub fn variables(node: &Located, keys: &[String], context: &Context<'_>) -> Result<Vec<Variable>> {
    let mut out: Vec<Variable> = Vec::new();
    let mut total = 0u64;
    for (key, child) in context.tree.children(node)? {
        let wanted = keys.is_empty() || keys.contains(&key);
        if child.family() != Family::Array || !wanted {
            continue;
        }
        let opened = context.tree.open(&child)?;
        let Data::Array(data) = &opened.data else { continue };
        total = total.saturating_add(data.structure.bytes() as u64);
        if total > context.bytes_max {
            return Err(too_large(context.bytes_max));
        }
        let bytes = array::read(data, &Selection::full(&data.structure.shape), context.cache)?;
        let dims = data
            .structure
            .dims
            .clone()
            .unwrap_or_else(|| (0..data.structure.shape.len()).map(|i| format!("dim_{i}")).collect());
        let attrs = child.metadata_json()?.get("attrs").cloned().unwrap_or_default();
        out.push(Variable {
            name: key,
            dims,
            dtype: data.structure.dtype.clone(),
            shape: data.structure.shape.clone(),
            bytes,
            attrs,
        });
    }
    if let Some(missing) = keys.iter().find(|k| !out.iter().any(|v| v.name == **k)) {
        return Err(Error::invalid(format!("No such field {missing}.")));
    }
    Ok(out)
}

/// The refusal of too large an answer.
pub fn too_large(bytes_max: u64) -> Error {
    Error::invalid(format!(
        "Response would exceed {bytes_max}. Use slicing ('?slice=...') or select fields ('?field=...') to request smaller chunks."
    ))
}

/// As pandas' `to_dataframe`: one row per point of the product of all dimensions; a variable of fewer dimensions repeats.
/// One 1-D variable alone gives just its column.
fn dataset(node: &Located, keys: &[String], context: &Context<'_>) -> Result<(SchemaRef, Batches)> {
    let variables = variables(node, keys, context)?;
    let mut dims: Vec<(String, usize)> = Vec::new();
    // The variable of most dimensions tells their order.
    let mut widest: Vec<&Variable> = variables.iter().collect();
    widest.sort_by_key(|v| std::cmp::Reverse(v.dims.len()));
    for v in widest {
        for (name, &len) in v.dims.iter().zip(&v.shape) {
            match dims.iter().find(|d| d.0 == *name) {
                Some(d) if d.1 != len => {
                    return Err(Error::new(
                        Kind::NotAcceptable,
                        format!("variables disagree about the length of dimension `{name}`"),
                    ));
                }
                Some(_) => {}
                None => dims.push((name.clone(), len)),
            }
        }
    }
    let rows = dims
        .iter()
        .try_fold(1usize, |n, d| n.checked_mul(d.1))
        .filter(|&n| (n as u64).saturating_mul(8 * variables.len() as u64) <= context.bytes_max)
        .ok_or_else(|| too_large(context.bytes_max))?;
    let mut columns = Vec::new();
    for v in &variables {
        let flat = to_arrow(&v.dtype, &v.bytes)?;
        columns.push((v.name.clone(), spread(&flat, v, &dims, rows)?));
    }
    one_batch(columns)
}

/// Repeats a variable's items over the dimensions that it lacks.
fn spread(flat: &ArrayRef, v: &Variable, dims: &[(String, usize)], rows: usize) -> Result<ArrayRef> {
    if v.dims.len() == dims.len() && v.dims.iter().zip(dims).all(|(a, b)| *a == b.0) {
        return Ok(flat.clone());
    }
    let own = tile_base::strided::strides(&v.shape, 1);
    let steps: Vec<usize> = dims
        .iter()
        .map(|d| v.dims.iter().position(|n| *n == d.0).and_then(|i| own.get(i).copied()).unwrap_or(0))
        .collect();
    let mut index = Vec::with_capacity(rows);
    for row in 0..rows {
        let (mut rest, mut at) = (row, 0);
        for (d, step) in dims.iter().zip(&steps).rev() {
            at += rest % d.1.max(1) * step;
            rest /= d.1.max(1);
        }
        index.push(at as u64);
    }
    let index = arrow_array::UInt64Array::from(index);
    arrow_select::take::take(flat, &index, None)
        .map_err(|e| Error::internal("cannot spread a variable").source(e))
}

/// A C-order buffer as an Arrow column: numbers, booleans, text and times.
///
/// # Errors
/// `NotAcceptable` for structs, complex numbers and raw bytes of odd sizes.
pub fn to_arrow(dtype: &DType, bytes: &[u8]) -> Result<ArrayRef> {
    use arrow_array::{BinaryArray, BooleanArray, StringArray};
    let DType::Scalar(s) = dtype else {
        return Err(Error::new(
            Kind::NotAcceptable,
            "structured items have no column form; choose another format",
        ));
    };
    let items = || bytes.chunks_exact(s.itemsize.max(1));
    Ok(match s.kind {
        'b' => Arc::new(items().map(|i| Some(i.first() != Some(&0))).collect::<BooleanArray>()),
        'U' => Arc::new(items().map(|i| Some(super::item::unicode(s, i))).collect::<StringArray>()),
        'S' => Arc::new(items().map(|i| Some(super::item::byte_text(i))).collect::<StringArray>()),
        'V' => Arc::new(items().map(Some).collect::<BinaryArray>()),
        'i' | 'u' | 'f' | 'm' | 'M' => numbers(s, bytes)?,
        _ => {
            return Err(Error::new(
                Kind::NotAcceptable,
                format!("items of type `{}` have no column form; choose another format", s.typestr()),
            ));
        }
    })
}

fn numbers(s: &ScalarType, bytes: &[u8]) -> Result<ArrayRef> {
    let data_type = match (s.kind, s.itemsize) {
        ('i', 1) => DataType::Int8,
        ('i', 2) => DataType::Int16,
        ('i', 4) => DataType::Int32,
        ('i', _) => DataType::Int64,
        ('u', 1) => DataType::UInt8,
        ('u', 2) => DataType::UInt16,
        ('u', 4) => DataType::UInt32,
        ('u', _) => DataType::UInt64,
        ('f', 2) => DataType::Float16,
        ('f', 4) => DataType::Float32,
        ('f', 8) => DataType::Float64,
        ('M' | 'm', _) => return times(s, bytes),
        _ => {
            return Err(Error::new(
                Kind::NotAcceptable,
                "extended floats have no column form; choose another format",
            ));
        }
    };
    let mut raw = bytes.to_vec();
    if s.endian == Endian::Big {
        tile_base::strided::swap_bytes(&mut raw, s.itemsize);
    }
    let len = raw.len() / s.itemsize.max(1);
    let data = arrow_data::ArrayData::builder(data_type).len(len).add_buffer(aligned(&raw)).build();
    data.map(arrow_array::make_array).map_err(|e| Error::internal("cannot make a column").source(e))
}

fn aligned(raw: &[u8]) -> arrow_buffer::Buffer {
    arrow_buffer::Buffer::from(raw)
}

fn times(s: &ScalarType, bytes: &[u8]) -> Result<ArrayRef> {
    let units = s.units.as_deref().unwrap_or("[ns]").trim_matches(['[', ']']);
    let (unit, factor) = match units {
        "s" => (TimeUnit::Second, 1),
        "ms" => (TimeUnit::Millisecond, 1),
        "us" => (TimeUnit::Microsecond, 1),
        "ns" => (TimeUnit::Nanosecond, 1),
        "m" => (TimeUnit::Second, 60),
        "h" => (TimeUnit::Second, 3_600),
        "D" => (TimeUnit::Second, 86_400),
        "W" => (TimeUnit::Second, 604_800),
        other => {
            return Err(Error::new(
                Kind::NotAcceptable,
                format!("times in units of `{other}` have no column form; choose another format"),
            ));
        }
    };
    let counts = table_numpy::integers(s, bytes).map(|v| (v != i64::MIN).then(|| v.saturating_mul(factor)));
    let ints: arrow_array::Int64Array = counts.collect();
    let to = if s.kind == 'M' { DataType::Timestamp(unit, None) } else { DataType::Duration(unit) };
    arrow_cast::cast(&ints, &to).map_err(|e| Error::internal("cannot make a time column").source(e))
}
