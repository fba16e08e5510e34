//! Results as Arrow arrays of the types that ClickHouse gives them in Arrow and in Parquet.
//!
//! These differ from the arrays that a result consists of: UUIDs and wide integers are bytes, enums numbers or bytes,
//! and what the type does not admit as NULL is not NULL.

use super::cell::{Cell, Element, Kind, cells};
use super::output::{Output, bad};
use super::settings::Settings;
use super::source::Offsets;
use super::value::scaled;
use crate::types::Type;
use arrow_array::types::*;
use arrow_array::*;
use arrow_buffer::{NullBuffer, OffsetBuffer, i256};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use std::{collections::HashMap, io, sync::Arc};

/// Whose types are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavor {
    Arrow,
    Parquet,
}

/// The rows of a cell that are wanted; `None` stands for NULL.
type Rows = [Option<usize>];

/// The schema and batches of a result.
pub(crate) fn batches(
    output: &Output,
    settings: &Settings,
    flavor: Flavor,
) -> io::Result<(SchemaRef, Vec<RecordBatch>)> {
    let fields = output.columns.iter().map(|column| field(&column.name, &column.ty, settings, flavor));
    let schema = Arc::new(Schema::new(fields.collect::<io::Result<Vec<_>>>()?));
    let mut batches = Vec::with_capacity(output.batches.len());
    for batch in output.batches.iter().filter(|batch| batch.num_rows() > 0) {
        let rows: Vec<_> = (0..batch.num_rows()).map(Some).collect();
        let mut arrays = Vec::with_capacity(output.columns.len());
        let columns =
            schema.fields().iter().zip(batch.columns()).zip(cells(output.columns, batch, settings)?);
        for ((field, array), cell) in columns {
            let same =
                array.data_type() == field.data_type() && (field.is_nullable() || array.null_count() == 0);
            arrays.push(if same { array.clone() } else { build(&cell, &rows, field)? });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        batches.push(
            RecordBatch::try_new_with_options(schema.clone(), arrays, &options).map_err(io::Error::other)?,
        );
    }
    Ok((schema, batches))
}

fn field(name: &str, ty: &Type, settings: &Settings, flavor: Flavor) -> io::Result<Field> {
    let nullable = match ty {
        Type::LowCardinality(inner) => inner.is_nullable(),
        Type::Nothing => true,
        other => other.is_nullable(),
    };
    let field = Field::new(name, data_type(ty.plain(), settings, flavor)?, nullable);
    let extension = |name: &str| {
        HashMap::from([
            ("ARROW:extension:name".to_owned(), name.to_owned()),
            ("ARROW:extension:metadata".to_owned(), String::new()),
        ])
    };
    Ok(match ty.plain() {
        Type::Uuid => field.with_metadata(extension("arrow.uuid")),
        Type::Json => field.with_metadata(extension("arrow.json")),
        _ => field,
    })
}

fn data_type(ty: &Type, settings: &Settings, flavor: Flavor) -> io::Result<DataType> {
    let arrow = flavor == Flavor::Arrow;
    Ok(match ty {
        Type::Nothing if arrow => DataType::Null,
        Type::Bool => DataType::Boolean,
        Type::UInt(8) => DataType::UInt8,
        Type::UInt(16) => DataType::UInt16,
        Type::UInt(32) | Type::Ipv4 => DataType::UInt32,
        Type::UInt(64) => DataType::UInt64,
        Type::Int(8) => DataType::Int8,
        Type::Int(16) => DataType::Int16,
        Type::Int(32) => DataType::Int32,
        Type::Int(64) => DataType::Int64,
        Type::Interval(_) if arrow => DataType::Int64,
        Type::UInt(bits) | Type::Int(bits) => DataType::FixedSizeBinary(i32::from(*bits / 8)),
        Type::Float32 => DataType::Float32,
        Type::Float64 => DataType::Float64,
        Type::Decimal(precision @ 0..=38, scale) => DataType::Decimal128(*precision, scale.cast_signed()),
        Type::Decimal(precision, scale) => DataType::Decimal256(*precision, scale.cast_signed()),
        Type::String | Type::Json => DataType::Utf8,
        Type::FixedString(size) => DataType::FixedSizeBinary(
            i32::try_from(*size).map_err(|_| bad("a FixedString is too long for Arrow"))?,
        ),
        Type::Enum(8, _) if arrow => DataType::Int8,
        Type::Enum(..) if arrow => DataType::Int16,
        Type::Enum(..) => DataType::Binary,
        Type::AggregateFunction(_) if arrow => DataType::Binary,
        Type::Uuid | Type::Ipv6 => DataType::FixedSizeBinary(16),
        Type::Date | Type::Date32 => DataType::Date32,
        Type::DateTime(_) if arrow => DataType::UInt32,
        Type::DateTime(_) => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        Type::DateTime64(digits, zone) => {
            let unit = match digits {
                0 if arrow => TimeUnit::Second,
                0..=3 => TimeUnit::Millisecond,
                4..=6 => TimeUnit::Microsecond,
                _ => TimeUnit::Nanosecond,
            };
            let zone = zone.as_deref().filter(|_| arrow);
            let zone = zone.unwrap_or(if arrow { &settings.time_zone } else { "UTC" });
            DataType::Timestamp(unit, Some(zone.into()))
        }
        Type::Array(item) => {
            let name = if arrow { "item" } else { "element" };
            DataType::List(Arc::new(field(name, item, settings, flavor)?))
        }
        Type::Tuple(elements) => {
            let fields = elements.iter().enumerate().map(|(i, (name, ty))| {
                let name = name.clone().unwrap_or_else(|| (i + 1).to_string());
                field(&name, ty, settings, flavor)
            });
            DataType::Struct(fields.collect::<io::Result<Fields>>()?)
        }
        Type::Map(key, value) => {
            let pair = [field("key", key, settings, flavor)?, field("value", value, settings, flavor)?];
            let entries = if arrow { "entries" } else { "key_value" };
            DataType::Map(
                Arc::new(Field::new(entries, DataType::Struct(pair.into_iter().collect()), false)),
                false,
            )
        }
        other => return Err(bad(&format!("type {other} has no form in {flavor:?}"))),
    })
}

/// A fixed number of bytes of each row's binary form.
fn fixed(cell: &Cell, rows: &Rows, size: i32, change: impl Fn(&mut [u8])) -> io::Result<ArrayRef> {
    let size_bytes = usize::try_from(size).unwrap_or_default();
    let mut bytes = Vec::with_capacity(rows.len() * size_bytes);
    for row in rows {
        let start = bytes.len();
        match row {
            Some(row) => cell.binary_value(*row, &mut bytes)?,
            None => bytes.resize(start + size_bytes, 0),
        }
        change(bytes.get_mut(start..).unwrap_or_default());
    }
    let nulls = nulls(rows);
    let array = FixedSizeBinaryArray::try_new(size, bytes.into(), nulls).map_err(io::Error::other)?;
    Ok(Arc::new(array))
}

fn nulls(rows: &Rows) -> Option<NullBuffer> {
    rows.iter().any(Option::is_none).then(|| rows.iter().map(Option::is_some).collect::<Vec<_>>().into())
}

/// Primitive values; those that a type does not admit as NULL become zero.
fn numbers<T: ArrowPrimitiveType>(
    rows: &Rows,
    field: &Field,
    value: impl Fn(usize) -> Option<T::Native>,
) -> io::Result<ArrayRef> {
    let values = rows.iter().map(|row| row.map(|row| value(row).unwrap_or_default()));
    let array: PrimitiveArray<T> = if field.is_nullable() {
        values.collect()
    } else {
        PrimitiveArray::from_iter_values(values.map(Option::unwrap_or_default))
    };
    Ok(Arc::new(array.with_data_type(field.data_type().clone())))
}

/// The array of a cell's rows with the type of a field.
fn build(cell: &Cell, rows: &Rows, field: &Field) -> io::Result<ArrayRef> {
    let rows: Vec<_> = rows.iter().map(|row| row.filter(|row| !cell.is_null(*row))).collect();
    let rows = rows.as_slice();
    match (&cell.kind, field.data_type()) {
        (Kind::Dictionary { keys, values }, _) => {
            let rows: Vec<_> = rows.iter().map(|row| row.map(|row| keys[row])).collect();
            build(values, &rows, field)
        }
        (Kind::Nothing, _) => Ok(new_null_array(field.data_type(), rows.len())),
        (Kind::Array { offsets, items }, DataType::List(inner)) => {
            let (ends, item_rows) = items_of(offsets, rows)?;
            let items = build(items, &item_rows, inner)?;
            let nulls = if field.is_nullable() { nulls(rows) } else { None };
            Ok(Arc::new(ListArray::try_new(inner.clone(), ends, items, nulls).map_err(io::Error::other)?))
        }
        (Kind::Map { offsets, keys, values }, DataType::Map(entries, _)) => {
            let DataType::Struct(pair) = entries.data_type() else { return Err(bad("a map without pairs")) };
            let (ends, item_rows) = items_of(offsets, rows)?;
            let columns = vec![build(keys, &item_rows, &pair[0])?, build(values, &item_rows, &pair[1])?];
            let items = StructArray::try_new(pair.clone(), columns, None).map_err(io::Error::other)?;
            let array =
                MapArray::try_new(entries.clone(), ends, items, None, false).map_err(io::Error::other)?;
            Ok(Arc::new(array))
        }
        (Kind::Tuple(elements), DataType::Struct(fields)) => tuple(elements, fields, rows, field),
        (Kind::Bool(values), _) => {
            let values = rows.iter().map(|row| row.map(|row| values.value(row)));
            Ok(if field.is_nullable() {
                Arc::new(values.collect::<BooleanArray>())
            } else {
                Arc::new(values.map(Option::unwrap_or_default).map(Some).collect::<BooleanArray>())
            })
        }
        (Kind::Text(values) | Kind::Json(values), DataType::Utf8) => {
            let text = |row: usize| String::from_utf8_lossy(values.get(row));
            let texts = rows
                .iter()
                .map(|row| row.map(text).or_else(|| (!field.is_nullable()).then(Default::default)));
            Ok(Arc::new(texts.collect::<StringArray>()))
        }
        (Kind::Text(values), DataType::Binary) => {
            let texts = rows.iter().map(|row| row.map(|row| values.get(row)));
            let texts = texts.map(|text| text.or((!field.is_nullable()).then_some(&b""[..])));
            Ok(Arc::new(texts.collect::<BinaryArray>()))
        }
        (_, DataType::FixedSizeBinary(size)) => fixed(cell, rows, *size, |bytes| {
            if *cell.ty == Type::Uuid {
                // ClickHouse has both halves the other way round.
                bytes.chunks_mut(8).for_each(<[u8]>::reverse);
            }
        }),
        _ => scalar(cell, rows, field),
    }
}

fn tuple(elements: &[Element], fields: &Fields, rows: &Rows, field: &Field) -> io::Result<ArrayRef> {
    let columns = elements.iter().zip(fields).map(|(element, field)| build(&element.cell, rows, field));
    let columns = columns.collect::<io::Result<Vec<_>>>()?;
    let nulls = if field.is_nullable() { nulls(rows) } else { None };
    let array = StructArray::try_new_with_length(fields.clone(), columns, nulls, rows.len());
    Ok(Arc::new(array.map_err(io::Error::other)?))
}

/// The offsets of lists, and the rows of their items.
fn items_of(offsets: &Offsets, rows: &Rows) -> io::Result<(OffsetBuffer<i32>, Vec<Option<usize>>)> {
    let ranges: Vec<_> = rows.iter().map(|row| row.map_or(0..0, |row| offsets.range(row))).collect();
    let items: Vec<_> = ranges.iter().cloned().flatten().map(Some).collect();
    i32::try_from(items.len()).map_err(|_| bad("a batch has more items than Arrow's lists can count"))?;
    Ok((OffsetBuffer::from_lengths(ranges.into_iter().map(|range| range.len())), items))
}

/// Arrays of numbers, dates and times.
fn scalar(cell: &Cell, rows: &Rows, field: &Field) -> io::Result<ArrayRef> {
    let number = |row: usize| match &cell.kind {
        Kind::Int(values, _) => Some(values.get(row)),
        Kind::Ipv4(values) => Some(i128::from(values[row])),
        Kind::Text(_) => {
            // An enum's number, or an address.
            let mut bytes = Vec::with_capacity(4);
            cell.binary_value(row, &mut bytes).ok()?;
            let sign = if bytes.len() < 4 && bytes.last().is_some_and(|b| *b >= 0x80) { 0xFF } else { 0 };
            bytes.resize(16, sign);
            Some(i128::from_le_bytes(bytes.try_into().ok()?))
        }
        Kind::Moment { ticks, .. } => Some(i128::from(ticks.get(row).0)),
        _ => None,
    };
    match field.data_type() {
        DataType::UInt8 => numbers::<UInt8Type>(rows, field, |row| number(row)?.try_into().ok()),
        DataType::UInt16 => numbers::<UInt16Type>(rows, field, |row| number(row)?.try_into().ok()),
        DataType::UInt32 => numbers::<UInt32Type>(rows, field, |row| number(row)?.try_into().ok()),
        DataType::UInt64 => numbers::<UInt64Type>(rows, field, |row| number(row)?.try_into().ok()),
        DataType::Int8 => numbers::<Int8Type>(rows, field, |row| number(row)?.try_into().ok()),
        DataType::Int16 => numbers::<Int16Type>(rows, field, |row| number(row)?.try_into().ok()),
        DataType::Int32 => numbers::<Int32Type>(rows, field, |row| number(row)?.try_into().ok()),
        DataType::Int64 => numbers::<Int64Type>(rows, field, |row| number(row)?.try_into().ok()),
        DataType::Float32 => numbers::<Float32Type>(rows, field, |row| match &cell.kind {
            Kind::Float32(values) => Some(values[row]),
            _ => None,
        }),
        DataType::Float64 => numbers::<Float64Type>(rows, field, |row| cell.approximate(row)),
        DataType::Date32 => numbers::<Date32Type>(rows, field, |row| match &cell.kind {
            Kind::Date(values) => Some(values[row]),
            _ => None,
        }),
        DataType::Decimal128(..) => numbers::<Decimal128Type>(rows, field, |row| wide(cell, row)?.to_i128()),
        DataType::Decimal256(..) => numbers::<Decimal256Type>(rows, field, |row| wide(cell, row)),
        DataType::Timestamp(unit, _) => times(cell, rows, field, *unit),
        other => Err(bad(&format!("Arrow {other} has no values"))),
    }
}

/// A decimal as an integer.
fn wide(cell: &Cell, row: usize) -> Option<i256> {
    let mut bytes = Vec::with_capacity(32);
    cell.binary_value(row, &mut bytes).ok()?;
    let sign = if bytes.last().is_some_and(|b| *b >= 0x80) { 0xFF } else { 0 };
    bytes.resize(32, sign);
    Some(i256::from_le_bytes(bytes.try_into().ok()?))
}

fn times(cell: &Cell, rows: &Rows, field: &Field, unit: TimeUnit) -> io::Result<ArrayRef> {
    let digits = match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 3,
        TimeUnit::Microsecond => 6,
        TimeUnit::Nanosecond => 9,
    };
    let value = |row: usize| {
        let Kind::Moment { ticks, .. } = &cell.kind else { return None };
        let (seconds, rest) = ticks.get(row);
        let fraction = scaled(rest, ticks.per_second, digits);
        seconds.checked_mul(10_i64.pow(u32::from(digits)))?.checked_add(fraction)
    };
    match unit {
        TimeUnit::Second => numbers::<TimestampSecondType>(rows, field, value),
        TimeUnit::Millisecond => numbers::<TimestampMillisecondType>(rows, field, value),
        TimeUnit::Microsecond => numbers::<TimestampMicrosecondType>(rows, field, value),
        TimeUnit::Nanosecond => numbers::<TimestampNanosecondType>(rows, field, value),
    }
}
