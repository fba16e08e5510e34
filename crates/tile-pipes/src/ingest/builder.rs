//! Arrow columns while they grow. All of them can be cut back to a length, so that a row that turns out bad leaves nothing.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, ListArray, MapArray,
    PrimitiveArray, StringArray, StructArray, TimestampMicrosecondArray, TimestampNanosecondArray,
    UInt8Array, types,
};
use arrow_buffer::{Buffer, NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, Fields};
use tile_clicksql::kernels::zone::Zone;

use super::kind::{Item, Kind, entries_field};
use super::scan::{Bad, Read};

pub(super) struct Builder {
    pub values: Values,
    nulls: NullBufferBuilder,
}

pub(super) enum Values {
    Bool(Vec<bool>),
    U8(Vec<u8>),
    U16(Vec<u16>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    I8(Vec<i8>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Date(Vec<i32>),
    Time(Vec<i64>, Zone),
    Decimal(Vec<i128>),
    Text(Text),
    List(Vec<i32>, Box<Builder>),
    Map(Vec<i32>, Box<(Builder, Builder)>),
    Tuple(Vec<Builder>),
}

/// Texts behind each other, and where each begins; the end of the last one is the end of the bytes.
#[derive(Default)]
pub(super) struct Text {
    starts: Vec<i32>,
    bytes: Vec<u8>,
}

impl Text {
    #[inline]
    pub fn push(&mut self, text: &[u8]) -> Read<()> {
        let start = position(self.bytes.len())?;
        position(self.bytes.len() + text.len())?;
        self.starts.push(start);
        self.bytes.extend_from_slice(text);
        Ok(())
    }

    fn get(&self, at: usize) -> &[u8] {
        let place =
            |at| self.starts.get(at).map_or(self.bytes.len(), |start| usize::try_from(*start).unwrap_or(0));
        self.bytes.get(place(at)..place(at + 1)).unwrap_or_default()
    }

    fn truncate(&mut self, rows: usize) {
        if let Some(start) = self.starts.get(rows) {
            self.bytes.truncate(usize::try_from(*start).unwrap_or(0));
            self.starts.truncate(rows);
        }
    }
}

/// A place within what one Arrow column can hold.
#[inline]
fn position(at: usize) -> Read<i32> {
    i32::try_from(at).map_err(|_| Bad::Full)
}

/// The same code for the vector of each kind of value.
macro_rules! each_vector {
    ($values:expr, $vector:ident => $code:expr, $($pattern:pat => $other:expr),+ $(,)?) => {
        match $values {
            Values::Bool($vector) => $code,
            Values::U8($vector) => $code,
            Values::U16($vector) => $code,
            Values::U32($vector) => $code,
            Values::U64($vector) => $code,
            Values::I8($vector) => $code,
            Values::I16($vector) => $code,
            Values::I32($vector) => $code,
            Values::I64($vector) => $code,
            Values::F32($vector) => $code,
            Values::F64($vector) => $code,
            Values::Date($vector) => $code,
            Values::Time($vector, _) => $code,
            Values::Decimal($vector) => $code,
            $($pattern => $other),+
        }
    };
}

impl Values {
    /// # Errors
    /// The name of a time zone that is not known.
    fn new(item: &Item) -> Result<Self, String> {
        Ok(match &item.kind {
            Kind::Bool => Self::Bool(Vec::new()),
            Kind::Integer(ty) => Self::integers(ty),
            Kind::Ipv4 => Self::U32(Vec::new()),
            Kind::Float32 => Self::F32(Vec::new()),
            Kind::Float64 => Self::F64(Vec::new()),
            Kind::Decimal { .. } => Self::Decimal(Vec::new()),
            Kind::Date { .. } => Self::Date(Vec::new()),
            Kind::Time { zone, .. } => Self::Time(Vec::new(), Zone::named(zone).map_err(|_| zone.clone())?),
            Kind::List(item) => Self::List(Vec::new(), Box::new(Builder::new(item)?)),
            Kind::Map(pair) => {
                Self::Map(Vec::new(), Box::new((Builder::new(&pair.0)?, Builder::new(&pair.1)?)))
            }
            Kind::Tuple(elements) => {
                Self::Tuple(elements.iter().map(|(_, item)| Builder::new(item)).collect::<Result<_, _>>()?)
            }
            _ => Self::Text(Text::default()),
        })
    }

    fn integers(ty: &DataType) -> Self {
        match ty {
            DataType::UInt8 => Self::U8(Vec::new()),
            DataType::UInt16 => Self::U16(Vec::new()),
            DataType::UInt32 => Self::U32(Vec::new()),
            DataType::UInt64 => Self::U64(Vec::new()),
            DataType::Int8 => Self::I8(Vec::new()),
            DataType::Int16 => Self::I16(Vec::new()),
            DataType::Int32 => Self::I32(Vec::new()),
            _ => Self::I64(Vec::new()),
        }
    }

    /// A value that stands where there is NULL.
    fn push_nothing(&mut self) -> Read<()> {
        each_vector!(self, vector => vector.push(Default::default()),
            Self::Text(text) => text.push(b"")?,
            Self::List(starts, items) => starts.push(position(items.len())?),
            Self::Map(starts, pair) => starts.push(position(pair.0.len())?),
            Self::Tuple(elements) => for element in elements { element.push_null()?; },
        );
        Ok(())
    }

    fn truncate(&mut self, rows: usize) {
        each_vector!(self, vector => vector.truncate(rows),
            Self::Text(text) => text.truncate(rows),
            Self::List(starts, items) => if let Some(start) = starts.get(rows) {
                items.truncate(usize::try_from(*start).unwrap_or(0));
                starts.truncate(rows);
            },
            Self::Map(starts, pair) => if let Some(start) = starts.get(rows) {
                let length = usize::try_from(*start).unwrap_or(0);
                pair.0.truncate(length);
                pair.1.truncate(length);
                starts.truncate(rows);
            },
            Self::Tuple(elements) => for element in elements { element.truncate(rows); },
        );
    }
}

impl Builder {
    /// # Errors
    /// The name of a time zone that is not known.
    pub fn new(item: &Item) -> Result<Self, String> {
        Ok(Self { values: Values::new(item)?, nulls: NullBufferBuilder::new(0) })
    }

    pub fn len(&self) -> usize {
        self.nulls.len()
    }

    /// Counts the value that was just put into `values`.
    #[inline]
    pub fn count(&mut self) {
        self.nulls.append_non_null();
    }

    pub fn push_null(&mut self) -> Read<()> {
        self.values.push_nothing()?;
        self.nulls.append_null();
        Ok(())
    }

    /// Cuts back to so many rows, whatever a value that failed half way has left.
    pub fn truncate(&mut self, rows: usize) {
        self.values.truncate(rows);
        if self.nulls.len() > rows {
            self.nulls.truncate(rows);
        }
    }

    /// Of the rows from a place on, those whose value does not come again; nothing when all are distinct.
    pub fn last_of_each(&self, from: usize) -> Option<Vec<bool>> {
        let end = self.len();
        match &self.values {
            Values::Text(text) => last_of_each((from..end).map(|at| text.get(at))),
            Values::U8(values) => last_of_each(values.iter().skip(from)),
            Values::U16(values) => last_of_each(values.iter().skip(from)),
            Values::U32(values) => last_of_each(values.iter().skip(from)),
            Values::U64(values) => last_of_each(values.iter().skip(from)),
            Values::I8(values) => last_of_each(values.iter().skip(from)),
            Values::I16(values) => last_of_each(values.iter().skip(from)),
            Values::I32(values) | Values::Date(values) => last_of_each(values.iter().skip(from)),
            Values::I64(values) | Values::Time(values, _) => last_of_each(values.iter().skip(from)),
            Values::Bool(values) => last_of_each(values.iter().skip(from)),
            Values::Decimal(values) => last_of_each(values.iter().skip(from)),
            // Nothing else can be the key of a map.
            _ => None,
        }
    }

    /// The column.
    ///
    /// # Errors
    /// Arrow's, when the parts do not fit each other: texts that are no UTF-8.
    pub fn finish(self, item: &Item) -> Result<ArrayRef, ArrowError> {
        let length = self.len();
        let nulls = self.nulls.build();
        macro_rules! primitive {
            ($type:ty, $values:expr) => {
                Arc::new(PrimitiveArray::<$type>::try_new(ScalarBuffer::from($values), nulls)?)
            };
        }
        Ok(match self.values {
            Values::Bool(values) => Arc::new(BooleanArray::new(values.into(), nulls)),
            Values::U8(values) => Arc::new(UInt8Array::try_new(values.into(), nulls)?),
            Values::U16(values) => primitive!(types::UInt16Type, values),
            Values::U32(values) => primitive!(types::UInt32Type, values),
            Values::U64(values) => primitive!(types::UInt64Type, values),
            Values::I8(values) => primitive!(types::Int8Type, values),
            Values::I16(values) => primitive!(types::Int16Type, values),
            Values::I32(values) => primitive!(types::Int32Type, values),
            Values::I64(values) => primitive!(types::Int64Type, values),
            Values::F32(values) => Arc::new(Float32Array::try_new(values.into(), nulls)?),
            Values::F64(values) => Arc::new(Float64Array::try_new(values.into(), nulls)?),
            Values::Date(values) => Arc::new(Date32Array::try_new(values.into(), nulls)?),
            Values::Time(values, _) if matches!(item.kind, Kind::Time { scale: Some(7..), .. }) => {
                Arc::new(TimestampNanosecondArray::try_new(values.into(), nulls)?)
            }
            Values::Time(values, _) => Arc::new(TimestampMicrosecondArray::try_new(values.into(), nulls)?),
            Values::Decimal(values) => {
                Arc::new(Decimal128Array::try_new(values.into(), nulls)?.with_data_type(item.arrow()))
            }
            Values::Text(text) => {
                let offsets = offsets(text.starts, text.bytes.len())?;
                Arc::new(StringArray::try_new(offsets, Buffer::from_vec(text.bytes), nulls)?)
            }
            Values::List(starts, items) => {
                let Kind::List(inner) = &item.kind else { return Err(mismatch()) };
                let offsets = offsets(starts, items.len())?;
                Arc::new(ListArray::try_new(inner.list_field(), offsets, items.finish(inner)?, nulls)?)
            }
            Values::Map(starts, pair) => {
                let Kind::Map(inner) = &item.kind else { return Err(mismatch()) };
                let offsets = offsets(starts, pair.0.len())?;
                let field = entries_field(&inner.0, &inner.1);
                let DataType::Struct(fields) = field.data_type() else { return Err(mismatch()) };
                let columns = vec![pair.0.finish(&inner.0)?, pair.1.finish(&inner.1)?];
                let entries = StructArray::try_new(fields.clone(), columns, None)?;
                Arc::new(MapArray::try_new(field, offsets, entries, nulls, false)?)
            }
            Values::Tuple(elements) => {
                let Kind::Tuple(inner) = &item.kind else { return Err(mismatch()) };
                let columns =
                    elements.into_iter().zip(inner).map(|(element, (_, item))| element.finish(item));
                let columns = columns.collect::<Result<Vec<_>, _>>()?;
                let fields: Fields = match item.arrow() {
                    DataType::Struct(fields) => fields,
                    _ => Fields::from(Vec::<Field>::new()),
                };
                Arc::new(StructArray::try_new_with_length(fields, columns, nulls, length)?)
            }
        })
    }
}

fn last_of_each<T: Ord>(values: impl Iterator<Item = T>) -> Option<Vec<bool>> {
    let mut sorted: Vec<(T, usize)> = values.enumerate().map(|(at, value)| (value, at)).collect();
    sorted.sort_unstable();
    let mut last = vec![true; sorted.len()];
    for pair in sorted.windows(2) {
        if let [(value, at), (next, _)] = pair
            && value == next
            && let Some(last) = last.get_mut(*at)
        {
            *last = false;
        }
    }
    (!last.iter().all(|last| *last)).then_some(last)
}

fn mismatch() -> ArrowError {
    ArrowError::InvalidArgumentError("a column's values are not of its type".into())
}

fn offsets(mut starts: Vec<i32>, end: usize) -> Result<OffsetBuffer<i32>, ArrowError> {
    let end = i32::try_from(end).map_err(|_| ArrowError::OffsetOverflowError(end))?;
    starts.push(end);
    Ok(OffsetBuffer::new(ScalarBuffer::from(starts)))
}
