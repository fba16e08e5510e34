//! Columns from Arrow arrays of any width, and back to arrays of the type that was declared.

use crate::column::Column;
use crate::types::{Schema, Type};
use crate::value::Value;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date64Type, Float64Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, Int64Array, ListArray, MapArray, PrimitiveArray, StructArray};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Field, Fields, TimeUnit};
use std::sync::Arc;
use tile_base::{Error, Result};

/// What the items of lists and the parts of maps are called in Arrow.
const ITEM: &str = "item";

/// The type that a column of an Arrow type has here.
///
/// # Errors
/// `Invalid` for wide decimals, times of day, durations, intervals and unions, with what to do. Decimals with a fraction are doubles.
pub fn type_of(data: &DataType) -> Result<Type> {
    use DataType as D;
    Ok(match data {
        D::Boolean => Type::Bool,
        D::Int8 => Type::Byte,
        D::Int16 | D::UInt8 => Type::Short,
        D::Int32 | D::UInt16 => Type::Int,
        // Whole numbers of both signs are decimals where a file only told that they are numbers.
        D::Int64 | D::UInt32 | D::UInt64 | D::Decimal128(_, 0) => Type::Long,
        D::Float16 | D::Float32 => Type::Float,
        D::Float64 | D::Decimal128(..) => Type::Double,
        D::Utf8 | D::LargeUtf8 | D::Utf8View => Type::Text,
        D::Binary | D::LargeBinary | D::BinaryView | D::FixedSizeBinary(_) => Type::Binary,
        D::Date32 | D::Date64 => Type::Date,
        D::Timestamp(..) => Type::Timestamp,
        D::Dictionary(_, of) => type_of(of)?,
        D::List(of) | D::LargeList(of) | D::FixedSizeList(of, _) => {
            Type::List(Box::new(type_of(of.data_type())?))
        }
        D::Map(entries, _) => match entries.data_type() {
            D::Struct(fields) if fields.len() == 2 => {
                if type_of(fields[0].data_type())? != Type::Text {
                    return Err(unread(data, "Keys of maps are strings: cast them"));
                }
                Type::Map(Box::new(type_of(fields[1].data_type())?))
            }
            _ => return Err(unread(data, "A map has keys and values")),
        },
        D::Struct(fields) => {
            let field = |f: &Arc<Field>| Ok((f.name().clone(), type_of(f.data_type())?));
            Type::Struct(fields.iter().map(field).collect::<Result<_>>()?)
        }
        D::Null => return Err(unread(data, "Cast the nulls to the type that is meant")),
        _ => return Err(unread(data, "Cast it to a double, a long or a string")),
    })
}

fn unread(data: &DataType, hint: &str) -> Error {
    Error::invalid(format!("features do not read columns of the type {data}")).hint(hint)
}

/// The columns that features can read, of those that there are.
pub fn readable<'a>(columns: impl Iterator<Item = (&'a String, &'a DataType)>) -> Schema {
    Schema(columns.filter_map(|(name, data)| Some((name.clone(), type_of(data).ok()?))).collect())
}

/// As [`readable`], of a table's columns.
pub fn readable_of(columns: &arrow_schema::Schema) -> Schema {
    readable(columns.fields().iter().map(|field| (field.name(), field.data_type())))
}

/// The Arrow type of values of a type.
pub fn data_type(ty: &Type) -> DataType {
    match ty {
        Type::Bool => DataType::Boolean,
        Type::Byte => DataType::Int8,
        Type::Short => DataType::Int16,
        Type::Int => DataType::Int32,
        Type::Long => DataType::Int64,
        Type::Float => DataType::Float32,
        Type::Double => DataType::Float64,
        Type::Text => DataType::Utf8,
        Type::Binary => DataType::Binary,
        Type::Date => DataType::Date32,
        Type::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        Type::List(of) => DataType::List(Arc::new(Field::new(ITEM, data_type(of), true))),
        Type::Map(of) => DataType::Map(entries(of), false),
        Type::Struct(fields) => DataType::Struct(struct_fields(fields)),
    }
}

fn entries(of: &Type) -> Arc<Field> {
    let parts = vec![Field::new("key", DataType::Utf8, false), Field::new("value", data_type(of), true)];
    Arc::new(Field::new("entries", DataType::Struct(Fields::from(parts)), false))
}

fn struct_fields(fields: &[(String, Type)]) -> Fields {
    fields.iter().map(|(name, ty)| Field::new(name, data_type(ty), true)).collect()
}

/// Reads an array. Timestamps of all units become milliseconds, rounded down; those without a zone are taken as UTC. Unsigned numbers, whole
/// decimals and times that 64 bits do not hold are null.
///
/// # Errors
/// Those of [`type_of`].
pub fn read(array: &dyn Array) -> Result<(Column, Type)> {
    let ty = type_of(array.data_type())?;
    Ok((column(array, &ty)?, ty))
}

/// Reads an array as a column of a type that was declared: numbers of other widths are widened, and narrowed where all fit.
///
/// # Errors
/// Those of [`read`]; `Invalid` where the values are of another kind.
pub fn read_as(array: &dyn Array, ty: &Type) -> Result<Column> {
    let found = type_of(array.data_type())?;
    match (&found, ty) {
        _ if found == *ty => column(array, ty),
        (Type::Timestamp, Type::Long) | (Type::Long, Type::Timestamp) => column(array, &found),
        _ if is_kin(&found, ty) => column(&cast(array, &data_type(ty))?, ty),
        _ => Err(Error::invalid(format!("expected a {ty}, found a {found}"))),
    }
}

/// Whether each value of one type may have one of the other that is equal to it.
fn is_kin(found: &Type, ty: &Type) -> bool {
    match (found, ty) {
        (Type::List(a), Type::List(b)) | (Type::Map(a), Type::Map(b)) => is_kin(a, b),
        (a, b) => a == b || (a.is_integer() && b.is_number()) || (a.is_real() && b.is_real()),
    }
}

fn column(array: &dyn Array, ty: &Type) -> Result<Column> {
    if let DataType::Dictionary(_, of) = array.data_type() {
        return column(&cast(array, of)?, ty);
    }
    Ok(match ty {
        Type::Bool => Column::Bool(array.as_boolean().clone()),
        Type::Byte | Type::Short | Type::Int | Type::Long => {
            Column::Int(held(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
        }
        Type::Float | Type::Double => {
            Column::Real(cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
        }
        Type::Text => Column::Text(cast(array, &DataType::Utf8)?.as_string::<i32>().clone()),
        Type::Binary => Column::Bytes(cast(array, &DataType::Binary)?.as_binary::<i32>().clone()),
        Type::Date => Column::Int(days(array)?),
        Type::Timestamp => Column::Int(millis(array)?),
        Type::List(of) => list(array, of)?,
        Type::Map(of) => map(array.as_map(), of)?,
        Type::Struct(fields) => {
            let array = array.as_struct();
            let fields = array.columns().iter().zip(fields);
            let fields = fields.map(|(array, (_, ty))| column(array, ty)).collect::<Result<_>>()?;
            Column::Struct { valid: valid(array), fields }
        }
    })
}

fn cast(array: &dyn Array, to: &DataType) -> Result<ArrayRef> {
    cast_by(array, to, false)
}

/// The same, with nulls for what does not fit.
fn held(array: &dyn Array, to: &DataType) -> Result<ArrayRef> {
    cast_by(array, to, true)
}

fn cast_by(array: &dyn Array, to: &DataType, is_null_else: bool) -> Result<ArrayRef> {
    let options = CastOptions { safe: is_null_else, ..CastOptions::default() };
    cast_with_options(array, to, &options).map_err(|e| Error::invalid(format!("a value does not fit: {e}")))
}

fn valid(array: &dyn Array) -> Vec<bool> {
    (0..array.len()).map(|row| array.is_valid(row)).collect()
}

fn days(array: &dyn Array) -> Result<Int64Array> {
    const DAY: i64 = crate::window::DAY_MS;
    match array.data_type() {
        DataType::Date64 => Ok(array.as_primitive::<Date64Type>().unary(|ms| ms.div_euclid(DAY))),
        _ => Ok(cast(&cast(array, &DataType::Int32)?, &DataType::Int64)?.as_primitive::<Int64Type>().clone()),
    }
}

fn millis(array: &dyn Array) -> Result<Int64Array> {
    let DataType::Timestamp(unit, _) = array.data_type() else {
        return Err(Error::invalid("expected a timestamp"));
    };
    Ok(match unit {
        TimeUnit::Second => {
            let array: &PrimitiveArray<TimestampSecondType> = array.as_primitive();
            array.unary_opt(|s| s.checked_mul(1000))
        }
        TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().unary(|ms| ms),
        TimeUnit::Microsecond => {
            array.as_primitive::<TimestampMicrosecondType>().unary(|us| us.div_euclid(1000))
        }
        TimeUnit::Nanosecond => {
            array.as_primitive::<TimestampNanosecondType>().unary(|ns| ns.div_euclid(1_000_000))
        }
    })
}

fn list(array: &dyn Array, of: &Type) -> Result<Column> {
    let plain;
    let array = match array.data_type() {
        DataType::List(_) => array.as_list::<i32>(),
        DataType::FixedSizeList(of, _) | DataType::LargeList(of) => {
            plain = cast(array, &DataType::List(Arc::clone(of)))?;
            plain.as_list::<i32>()
        }
        other => return Err(unread(other, "Expected a list")),
    };
    let items = Box::new(column(array.values(), of)?);
    Ok(Column::List { offsets: places(array.value_offsets()), valid: valid(array), items })
}

fn map(array: &MapArray, of: &Type) -> Result<Column> {
    let keys = cast(array.keys(), &DataType::Utf8)?.as_string::<i32>().clone();
    let values = Box::new(column(array.values(), of)?);
    Ok(Column::Map { offsets: places(array.value_offsets()), valid: valid(array), keys, values })
}

fn places(offsets: &[i32]) -> Vec<usize> {
    offsets.iter().map(|at| usize::try_from(*at).unwrap_or_default()).collect()
}

/// The array of a column of that type.
///
/// # Errors
/// `Invalid` for a number that the type does not hold, or when the column is of another type; `TooLarge` for more items of lists than Arrow counts.
pub fn write(column: &Column, ty: &Type) -> Result<ArrayRef> {
    Ok(match (column, ty) {
        (Column::Bool(array), Type::Bool) => Arc::new(array.clone()),
        (Column::Text(array), Type::Text) => Arc::new(array.clone()),
        (Column::Bytes(array), Type::Binary) => Arc::new(array.clone()),
        (Column::Int(array), Type::Date) => cast(&cast(array, &DataType::Int32)?, &DataType::Date32)?,
        (Column::Int(array), _) if ty.is_integer() || *ty == Type::Timestamp => cast(array, &data_type(ty))?,
        (Column::Real(array), _) if ty.is_real() => cast(array, &data_type(ty))?,
        (Column::List { offsets, valid, items }, Type::List(of)) => {
            let field = Arc::new(Field::new(ITEM, data_type(of), true));
            let (offsets, items) = (counted(offsets)?, write(items, of)?);
            Arc::new(ListArray::try_new(field, offsets, items, nulls(valid)).map_err(misfit)?)
        }
        (Column::Map { offsets, valid, keys, values }, Type::Map(of)) => {
            let field = entries(of);
            let DataType::Struct(parts) = field.data_type() else { return Err(misfit("a map")) };
            let parts = vec![Arc::new(keys.clone()) as ArrayRef, write(values, of)?]
                .into_iter()
                .zip(parts.iter())
                .map(|(array, field)| (Arc::clone(field), array))
                .collect::<Vec<_>>();
            let array = MapArray::try_new(
                Arc::clone(&field),
                counted(offsets)?,
                StructArray::from(parts),
                nulls(valid),
                false,
            );
            Arc::new(array.map_err(misfit)?)
        }
        (Column::Struct { valid, fields }, Type::Struct(types)) => {
            let arrays = fields.iter().zip(types).map(|(f, (_, ty))| write(f, ty)).collect::<Result<_>>()?;
            Arc::new(StructArray::try_new(struct_fields(types), arrays, nulls(valid)).map_err(misfit)?)
        }
        _ => return Err(Error::invalid(format!("the column is not a {ty}"))),
    })
}

/// The array of values, each null or of that type.
///
/// # Errors
/// As [`write`].
pub fn write_values(values: &[Value], ty: &Type) -> Result<ArrayRef> {
    write(&Column::of_values(ty, values), ty)
}

fn misfit(e: impl std::fmt::Display) -> Error {
    Error::internal(format!("a column does not fit its type: {e}"))
}

fn nulls(valid: &[bool]) -> Option<NullBuffer> {
    let nulls = NullBuffer::new(BooleanBuffer::from(valid.to_vec()));
    (nulls.null_count() > 0).then_some(nulls)
}

fn counted(offsets: &[usize]) -> Result<OffsetBuffer<i32>> {
    let count = |at: &usize| {
        i32::try_from(*at).map_err(|_| {
            Error::new(tile_base::Kind::TooLarge, "lists of one block have more than 2 147 483 647 items")
                .hint("Ask for fewer rows at once")
        })
    };
    Ok(OffsetBuffer::new(offsets.iter().map(count).collect::<Result<Vec<i32>>>()?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::types::Int32Type;
    use arrow_array::{
        Date64Array, Decimal128Array, DictionaryArray, Float32Array, LargeStringArray,
        Time64MicrosecondArray, TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
    };

    fn whole(x: i128) -> Decimal128Array {
        Decimal128Array::from(vec![x]).with_precision_and_scale(38, 0).unwrap()
    }

    fn values(array: &dyn Array) -> Vec<Value> {
        let (column, _) = read(array).unwrap();
        (0..column.len()).map(|row| column.cell(row).to_value()).collect()
    }

    #[test]
    fn other_widths_are_read() {
        let text = |t: &str| Value::Text(t.into());
        assert_eq!(values(&Float32Array::from(vec![Some(1.5), None])), [Value::Real(1.5), Value::Null]);
        assert_eq!(values(&LargeStringArray::from(vec!["a"])), [text("a")]);
        let dictionary: DictionaryArray<Int32Type> = vec![Some("x"), None, Some("x")].into_iter().collect();
        assert_eq!(values(&dictionary), [text("x"), Value::Null, text("x")]);
        assert_eq!(
            values(&TimestampNanosecondArray::from(vec![-1, 1_999_999])),
            [Value::Int(-1), Value::Int(1)]
        );
        assert_eq!(values(&TimestampSecondArray::from(vec![-2])), [Value::Int(-2000)]);
        assert_eq!(values(&Date64Array::from(vec![-1, 86_400_000])), [Value::Int(-1), Value::Int(1)]);
        assert_eq!(values(&whole(-7)), [Value::Int(-7)]);
    }

    #[test]
    fn what_cannot_be_held_is_null_or_refused() {
        assert_eq!(values(&UInt64Array::from(vec![u64::MAX, 7])), [Value::Null, Value::Int(7)]);
        assert_eq!(values(&TimestampSecondArray::from(vec![i64::MAX])), [Value::Null]);
        assert_eq!(values(&whole(1 << 64)), [Value::Null]);
        let e = read(&Time64MicrosecondArray::from(vec![1])).unwrap_err();
        assert!(e.to_string().contains("Time64"), "{e}");
        let price = Decimal128Array::from(vec![150]).with_precision_and_scale(18, 2).unwrap();
        assert_eq!(values(&price), [Value::Real(1.5)]);
        assert!(read_as(&LargeStringArray::from(vec!["a"]), &Type::Long).is_err());
        assert!(read_as(&UInt64Array::from(vec![70_000]), &Type::Short).is_err());
        let reals = read_as(&UInt64Array::from(vec![7]), &Type::Double).unwrap();
        assert_eq!(reals.cell(0).to_value(), Value::Real(7.0));
    }

    #[test]
    fn all_types_come_back() {
        let types = [
            "bool",
            "byte",
            "short",
            "int",
            "long",
            "float",
            "double",
            "string",
            "binary",
            "date",
            "timestamp",
            "list<int>",
            "map<double>",
            "list<list<string>>",
        ];
        for name in types {
            let ty = Type::parse(name).unwrap();
            let value = |ty: &Type| match ty {
                Type::Bool => Value::Bool(true),
                Type::Text => Value::Text("é".into()),
                Type::Binary => Value::Bytes([0, 255].into()),
                _ if ty.is_real() => Value::Real(-0.5),
                _ => Value::Int(-7),
            };
            let row = match &ty {
                Type::List(of) if matches!(**of, Type::List(_)) => Value::List(
                    [Value::List([Value::Text("a".into()), Value::Null].into()), Value::Null].into(),
                ),
                Type::List(of) => Value::List([value(of), Value::Null].into()),
                Type::Map(of) => Value::Map([("k".into(), value(of)), ("l".into(), Value::Null)].into()),
                other => value(other),
            };
            let rows = [row.clone(), Value::Null, row];
            let array = write_values(&rows, &ty).unwrap();
            assert_eq!(*array.data_type(), data_type(&ty));
            assert_eq!(read(&array).unwrap().1, ty);
            assert_eq!(values(&array), rows, "{name}");
            assert_eq!(values(&array.slice(1, 2)), rows[1..], "{name}");
        }
        let pair = Type::Struct(vec![("a".into(), Type::Long), ("b".into(), Type::Text)]);
        let rows = [Value::Struct([Value::Int(1), Value::Null].into()), Value::Null];
        assert_eq!(values(&write_values(&rows, &pair).unwrap()), rows);
        assert!(write_values(&[Value::Int(40_000)], &Type::Short).is_err());
    }
}
