//! JSON: nested lists of arrays, lists by column of tables, the bare structure of containers.

use super::{
    ARRAY, AWKWARD, CONTAINER, Context, Encoder, RAGGED, SPARSE, Subject, TABLE, Target, item, not_served,
    rows,
};
use crate::data::ArrayData;
use crate::reading::array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use serde_json::{Map, Value, json};
use tile_base::{Error, Kind, Result, Selection};
use tile_web::Sink;
use tile_web::body::write_error;

pub struct Json;

impl Encoder for Json {
    fn name(&self) -> &'static str {
        "json"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["application/json"]
    }
    fn endings(&self) -> &'static [&'static str] {
        &["json"]
    }
    fn targets(&self) -> &'static [Target] {
        &[ARRAY, TABLE, SPARSE, AWKWARD, RAGGED, CONTAINER, Target::Dataset]
    }
    fn encode(&self, subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
        match subject {
            Subject::Array { data, selection } => write_array(&data, &selection, context, out),
            Subject::Container { node, keys } => {
                let tree = structure(&node, &keys, context, 0)?;
                out.write_all(tree.to_string().as_bytes()).map_err(write_error)
            }
            subject @ (Subject::Awkward { .. } | Subject::Ragged { .. }) => {
                let (_, batches) = rows::of(subject, context)?;
                for batch in batches {
                    let batch = batch?;
                    let mut text = Vec::new();
                    list(batch.column(0), &mut text)?;
                    out.write_all(&text).map_err(write_error)?;
                }
                Ok(())
            }
            subject @ (Subject::Table { .. } | Subject::Sparse { .. } | Subject::Dataset { .. }) => {
                write_columns(subject, context, out)
            }
        }
    }
}

/// Nested lists, band by band along the first dimension of more than one item.
fn write_array(
    data: &ArrayData,
    selection: &Selection,
    context: &Context<'_>,
    out: &mut dyn Sink,
) -> Result<()> {
    let (dtype, shape) = (&data.structure.dtype, selection.shape());
    let axis = selection.0.iter().position(|t| t.count > 1);
    let bands = array::bands(data, selection);
    let (Some(axis), true) = (axis, bands.len() > 1) else {
        let bytes = array::read(data, selection, context.cache)?;
        let mut text = Vec::with_capacity(bytes.len());
        item::nested_json(dtype, &shape, &bytes, &mut text);
        return out.put(text.into()).map_err(write_error);
    };
    let outer = selection.0[..axis].iter().filter(|t| !t.dropped).count();
    let inner: Vec<usize> = selection.0[axis + 1..].iter().filter(|t| !t.dropped).map(|t| t.count).collect();
    let row_bytes = inner.iter().product::<usize>() * dtype.itemsize();
    let mut first = true;
    out.write_all(&vec![b'['; outer + 1]).map_err(write_error)?;
    for band in bands {
        let bytes = array::read(data, &band, context.cache)?;
        let mut text = Vec::with_capacity(bytes.len());
        for row in bytes.chunks_exact(row_bytes.max(1)) {
            if !first {
                text.push(b',');
            }
            first = false;
            item::nested_json(dtype, &inner, row, &mut text);
        }
        out.put(text.into()).map_err(write_error)?;
    }
    out.write_all(&vec![b']'; outer + 1]).map_err(write_error)
}

fn write_columns(subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
    let (schema, batches) = rows::of(subject, context)?;
    // Columns follow each other in the text, so all batches are held; the response limit bounds them.
    let batches: Vec<RecordBatch> = batches.collect::<Result<_>>()?;
    let mut buffer = Vec::with_capacity(1 << 18);
    buffer.push(b'{');
    for (i, field) in schema.fields().iter().enumerate() {
        if i > 0 {
            buffer.push(b',');
        }
        item::json_text(field.name(), &mut buffer);
        buffer.extend_from_slice(b":[");
        let mut first = true;
        for batch in &batches {
            let cells = Cells::of(batch.column(i))?;
            for row in 0..batch.num_rows() {
                if !first {
                    buffer.push(b',');
                }
                first = false;
                cells.write(row, &mut buffer);
                if buffer.len() >= 1 << 18 {
                    out.put(std::mem::replace(&mut buffer, Vec::with_capacity(1 << 18)).into())
                        .map_err(write_error)?;
                }
            }
        }
        buffer.push(b']');
    }
    buffer.push(b'}');
    out.put(buffer.into()).map_err(write_error)
}

/// A column ready to be written cell by cell.
pub enum Cells<'a> {
    Float64(&'a arrow_array::Float64Array),
    Float32(&'a arrow_array::Float32Array),
    Int(arrow_array::Int64Array),
    UInt(arrow_array::UInt64Array),
    Bool(&'a arrow_array::BooleanArray),
    Text(arrow_array::StringArray),
    /// ISO 8601 in the column's precision, which pandas reads back.
    /// The text ends with its offset from UTC when the column has a zone.
    Time(arrow_array::Int64Array, tile_base::dtype::ScalarType, &'static str),
    List(&'a ArrayRef),
    Null,
}

impl<'a> Cells<'a> {
    /// # Errors
    /// `NotAcceptable` for types without a text form.
    pub fn of(column: &'a ArrayRef) -> Result<Self> {
        let cast = |to: &DataType| {
            arrow_cast::cast(column, to).map_err(|e| {
                Error::new(
                    Kind::NotAcceptable,
                    format!("a column of type {} has no text form", column.data_type()),
                )
                .source(e)
            })
        };
        Ok(match column.data_type() {
            DataType::Float64 => Self::Float64(column.as_primitive::<Float64Type>()),
            DataType::Float32 => Self::Float32(column.as_primitive::<Float32Type>()),
            DataType::UInt64 => Self::UInt(column.as_primitive::<UInt64Type>().clone()),
            t if t.is_integer() => Self::Int(cast(&DataType::Int64)?.as_primitive::<Int64Type>().clone()),
            DataType::Boolean => Self::Bool(column.as_boolean()),
            DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => {
                let time = arrow_array::make_array(
                    cast(&DataType::Timestamp(arrow_schema::TimeUnit::Nanosecond, None))
                        .or_else(|_| cast(&DataType::Timestamp(arrow_schema::TimeUnit::Microsecond, None)))?
                        .to_data(),
                );
                let micros =
                    *time.data_type() == DataType::Timestamp(arrow_schema::TimeUnit::Microsecond, None);
                let ints = arrow_cast::cast(&time, &DataType::Int64)
                    .map_err(|e| Error::internal("time column").source(e))?;
                let mut scalar = tile_base::dtype::ScalarType::new('M', 8, tile_base::Endian::Little);
                scalar.units = Some(if micros { "[us]".into() } else { "[ns]".into() });
                // Zoned columns count in UTC and are written so.
                let zone =
                    if matches!(column.data_type(), DataType::Timestamp(_, Some(_))) { "+00:00" } else { "" };
                Self::Time(ints.as_primitive::<Int64Type>().clone(), scalar, zone)
            }
            DataType::Null => Self::Null,
            DataType::List(_)
            | DataType::LargeList(_)
            | DataType::FixedSizeList(..)
            | DataType::Struct(_) => Self::List(column),
            t if t.is_floating() || matches!(t, DataType::Decimal128(..) | DataType::Decimal256(..)) => {
                let floats = cast(&DataType::Float64)?;
                let ints: arrow_array::StringArray =
                    floats.as_primitive::<Float64Type>().iter().map(|v| v.map(|v| v.to_string())).collect();
                Self::Text(ints)
            }
            DataType::Binary | DataType::LargeBinary | DataType::FixedSizeBinary(_) => {
                let bytes = cast(&DataType::LargeBinary)?;
                Self::Text(bytes.as_binary::<i64>().iter().map(|v| v.map(item::byte_text)).collect())
            }
            _ => Self::Text(cast(&DataType::Utf8)?.as_string::<i32>().clone()),
        })
    }

    /// Whether the cell is missing.
    pub fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Float64(a) => a.is_null(row),
            Self::Float32(a) => a.is_null(row),
            Self::Int(a) | Self::Time(a, ..) => a.is_null(row),
            Self::UInt(a) => a.is_null(row),
            Self::Bool(a) => a.is_null(row),
            Self::Text(a) => a.is_null(row),
            Self::List(a) => a.is_null(row),
            Self::Null => true,
        }
    }

    /// Writes a cell as JSON.
    pub fn write(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            return out.extend_from_slice(b"null");
        }
        match self {
            Self::Float64(a) => item::json_float(a.value(row), out),
            Self::Float32(a) => {
                item::write_json(&tile_base::DType::little('f', 4), &a.value(row).to_le_bytes(), out);
            }
            Self::Int(a) => out.extend_from_slice(itoa::Buffer::new().format(a.value(row)).as_bytes()),
            Self::UInt(a) => out.extend_from_slice(itoa::Buffer::new().format(a.value(row)).as_bytes()),
            Self::Bool(a) => out.extend_from_slice(if a.value(row) { b"true" } else { b"false" }),
            Self::Text(a) => item::json_text(a.value(row), out),
            Self::Time(a, s, zone) => {
                item::json_text(&(item::short_time(&item::time_text(s, a.value(row))) + zone), out);
            }
            Self::List(a) => nested(a, row, out),
            Self::Null => {}
        }
    }

    /// Writes a cell as plain text; missing cells are empty.
    pub fn write_text(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            return;
        }
        match self {
            Self::Float64(a) => {
                item::write_text(&tile_base::DType::little('f', 8), &a.value(row).to_le_bytes(), out);
            }
            Self::Float32(a) => {
                item::write_text(&tile_base::DType::little('f', 4), &a.value(row).to_le_bytes(), out);
            }
            Self::Bool(a) => out.extend_from_slice(if a.value(row) { b"True" } else { b"False" }),
            Self::Text(a) => out.extend_from_slice(a.value(row).as_bytes()),
            Self::Time(a, s, zone) => out.extend_from_slice(
                (item::short_time(&item::time_text(s, a.value(row))).replace('T', " ") + zone).as_bytes(),
            ),
            _ => self.write(row, out),
        }
    }
}

fn nested(column: &ArrayRef, row: usize, out: &mut Vec<u8>) {
    let values: Option<ArrayRef> = match column.data_type() {
        DataType::List(_) => Some(column.as_list::<i32>().value(row)),
        DataType::LargeList(_) => Some(column.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => Some(column.as_fixed_size_list().value(row)),
        _ => None,
    };
    if let Some(values) = values {
        if list(&values, out).is_err() {
            out.extend_from_slice(b"null");
        }
        return;
    }
    let Some(record) = column.as_struct_opt() else { return out.extend_from_slice(b"null") };
    out.push(b'{');
    for (i, (name, field)) in record.column_names().iter().zip(record.columns()).enumerate() {
        if i > 0 {
            out.push(b',');
        }
        item::json_text(name, out);
        out.push(b':');
        match Cells::of(field) {
            Ok(cells) => cells.write(row, out),
            Err(_) => out.extend_from_slice(b"null"),
        }
    }
    out.push(b'}');
}

/// A whole column as a JSON list.
///
/// # Errors
/// `NotAcceptable` for types without a text form.
pub fn list(column: &ArrayRef, out: &mut Vec<u8>) -> Result<()> {
    let cells = Cells::of(column)?;
    out.push(b'[');
    for row in 0..column.len() {
        if row > 0 {
            out.push(b',');
        }
        cells.write(row, out);
    }
    out.push(b']');
    Ok(())
}

/// Deepest container tree that is written.
const DEPTH_MAX: usize = 32;

fn structure(
    node: &crate::tree::Located,
    keys: &[String],
    context: &Context<'_>,
    depth: usize,
) -> Result<Value> {
    if depth > DEPTH_MAX {
        return Err(not_served("json"));
    }
    let mut contents = Map::new();
    if let Some(columns) = node.table_columns() {
        for column in columns {
            contents.insert(column, json!({"contents": {}, "metadata": {}}));
        }
    } else if node.family() == tile_base::Family::Container {
        for (key, child) in context.tree.children(node)? {
            if keys.is_empty() || keys.contains(&key) {
                contents.insert(key, structure(&child, &[], context, depth + 1)?);
            }
        }
        if let Some(missing) = keys.iter().find(|k| !contents.contains_key(*k)) {
            return Err(Error::invalid(format!("No such field {missing}.")));
        }
    }
    Ok(json!({"contents": contents, "metadata": node.metadata_json()?}))
}
