//! Rows that are Arrow columns already, as from Parquet.
//!
//! Each value becomes a token as if it stood in JSON, so that a type of the file means what the same value would mean there;
//! nested ones become JSON.

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, RecordBatchOptions, make_array};
use arrow_buffer::NullBuffer;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_data::ArrayData;
use arrow_json::writer::{EncoderOptions, NullableEncoder, make_encoder};
use arrow_schema::{ArrowError, DataType, FieldRef, Schema};
use tile_base::{Error, Result};

use super::column::Column;
use super::decoder::{Block, Decoder, Import};
use super::jsonpath::Step;
use super::kind::Kind;
use super::quarantine::message;
use super::read;
use super::rows::{Rows, full};
use super::scan::{Bad, Cursor, Read, Token};

const FORMAT: FormatOptions<'static> = FormatOptions::new();

/// A column of the batch, by row.
struct Source<'a> {
    values: Values<'a>,
    nulls: Option<NullBuffer>,
    /// From the value on, what the jsonpath says.
    steps: &'a [Step],
}

enum Values<'a> {
    Text(Box<dyn Fn(usize) -> &'a [u8] + 'a>),
    Number(ArrayFormatter<'a>),
    Bool(&'a arrow_array::BooleanArray),
    /// Dates, times and what else is written like a text. Behind a time without a zone stands `Z`.
    Written(ArrayFormatter<'a>, &'static str),
    Nested(NullableEncoder<'a>),
}

impl Decoder {
    /// Rows of Arrow columns. A column of the batch is found by the first key of the jsonpath, else by the name.
    ///
    /// # Errors
    /// `TooLarge`; `Invalid` for a column of a type that has no values as text.
    pub fn batch(&self, batch: &RecordBatch, import: &Import<'_>) -> Result<Block> {
        let options = EncoderOptions::default();
        let batch = &universal(batch)?;
        let sources = self.columns.iter().map(|column| Source::new(column, batch, &options));
        let mut sources: Vec<Option<Source<'_>>> = sources.collect::<Result<_>>()?;
        let mut rows = Rows::new(self, &import.limits)?;
        let mut scratches = vec![Vec::new(); sources.len()];
        for row in 0..batch.num_rows() {
            take(&mut rows, &mut sources, &mut scratches, row).map_err(full)?;
        }
        rows.finish(import)
    }
}

/// The batch with UTC as an offset in the place of every time zone: the values are moments, and the writers know no names.
fn universal(batch: &RecordBatch) -> Result<RecordBatch> {
    let failed = |e| Error::invalid("the time zones of the rows cannot be read").source(e);
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        let data = retyped(array.to_data()).map_err(failed)?;
        fields.push(field.as_ref().clone().with_data_type(data.data_type().clone()));
        arrays.push(make_array(data));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options).map_err(failed)
}

fn retyped(data: ArrayData) -> Result<ArrayData, ArrowError> {
    let children: Vec<_> = data.child_data().iter().cloned().map(retyped).collect::<Result<_, _>>()?;
    let types: Vec<_> = children.iter().map(|child| child.data_type().clone()).collect();
    let ty = match (data.data_type(), types.as_slice()) {
        (DataType::Timestamp(unit, Some(_)), _) => DataType::Timestamp(*unit, Some("+00:00".into())),
        (DataType::List(field), [ty]) => DataType::List(with_type(field, ty)),
        (DataType::LargeList(field), [ty]) => DataType::LargeList(with_type(field, ty)),
        (DataType::FixedSizeList(field, n), [ty]) => DataType::FixedSizeList(with_type(field, ty), *n),
        (DataType::Map(field, sorted), [ty]) => DataType::Map(with_type(field, ty), *sorted),
        (DataType::Struct(fields), types) => {
            DataType::Struct(fields.iter().zip(types).map(|(field, ty)| with_type(field, ty)).collect())
        }
        (DataType::Dictionary(key, _), [ty]) => DataType::Dictionary(key.clone(), Box::new(ty.clone())),
        _ => return Ok(data),
    };
    data.into_builder().data_type(ty).child_data(children).build()
}

fn with_type(field: &FieldRef, ty: &DataType) -> FieldRef {
    Arc::new(field.as_ref().clone().with_data_type(ty.clone()))
}

fn take(
    rows: &mut Rows<'_>,
    sources: &mut [Option<Source<'_>>],
    texts: &mut [Vec<u8>],
    row: usize,
) -> Read<()> {
    let mut faults = Vec::new();
    let columns = &rows.decoder.columns;
    for (at, ((column, source), text)) in columns.iter().zip(&mut *sources).zip(&mut *texts).enumerate() {
        text.clear();
        let taken = match source.as_mut() {
            Some(source) => source.read(row, column, at, text, rows),
            None => Ok(()),
        };
        let taken = taken.inspect_err(|_| rows.forget(at)).and_then(|()| rows.settle(at));
        match taken {
            Ok(()) => {}
            Err(Bad::Full) => return Err(Bad::Full),
            Err(bad) => faults.push((Some(at), message(column, bad, Some(text)))),
        }
    }
    if faults.is_empty() {
        return rows.keep();
    }
    let is_null = |source: &Option<Source<'_>>| source.as_ref().is_none_or(|source| source.is_null(row));
    let raw = texts.iter().zip(sources).map(|(text, source)| (!is_null(source)).then_some(text.as_slice()));
    rows.reject(raw, &faults)
}

impl<'a> Source<'a> {
    fn new(column: &'a Column, batch: &'a RecordBatch, options: &'a EncoderOptions) -> Result<Option<Self>> {
        let schema = batch.schema_ref();
        let steps = column.path.steps();
        let found = column.path.first_key().and_then(|key| schema.index_of(key).ok());
        let (at, steps) = match (found, steps) {
            (Some(at), [_, rest @ ..]) => (at, rest),
            _ => match schema.index_of(&column.spec.name) {
                Ok(at) => (at, &[][..]),
                Err(_) => return Ok(None),
            },
        };
        let array: &'a dyn Array = batch.column(at);
        let failed = |e| {
            let what = format!("values of the type `{}` cannot be read", array.data_type());
            Error::invalid(what).at(format!("column `{}`", column.spec.name)).source(e)
        };
        let values = values(schema.fields().get(at), array, options).map_err(failed)?;
        Ok(Some(Self { values, nulls: array.logical_nulls(), steps }))
    }

    fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// Reads a value into a column; its text is left for messages.
    fn read(
        &mut self,
        row: usize,
        column: &Column,
        at: usize,
        text: &mut Vec<u8>,
        rows: &mut Rows<'_>,
    ) -> Read<()> {
        let Some(builder) = rows.builders.get_mut(at) else { return Ok(()) };
        if self.is_null(row) {
            return match (column.item.nullable, column.has_default()) {
                (true, _) => builder.push_null(),
                (false, true) => Ok(()),
                (false, false) => Err(Bad::Null),
            };
        }
        let token = match &mut self.values {
            Values::Text(value) => {
                text.extend_from_slice(value(row));
                if std::str::from_utf8(text).is_err() {
                    return Err(Bad::Value);
                }
                Token::Text(text)
            }
            Values::Number(formatter) => {
                write(formatter, row, text)?;
                // NaN and the infinities are no numbers of JSON.
                if text.last().is_some_and(u8::is_ascii_digit) {
                    Token::Number(text)
                } else {
                    Token::Text(text)
                }
            }
            Values::Bool(array) => {
                write!(Sink(text), "{}", array.value(row)).map_err(|_| Bad::Value)?;
                Token::Bool(array.value(row))
            }
            Values::Written(formatter, end) => {
                write(formatter, row, text)?;
                if matches!(column.item.kind, Kind::Time { .. }) {
                    text.extend_from_slice(end.as_bytes());
                }
                Token::Text(text)
            }
            Values::Nested(encoder) => {
                encoder.encode(row, text);
                return read::follow(
                    self.steps,
                    &column.item,
                    builder,
                    &mut Cursor::new(text),
                    &mut rows.scratch,
                );
            }
        };
        match (self.steps, &column.item.kind, token) {
            ([], Kind::List(_) | Kind::Map(_) | Kind::Tuple(_), Token::Text(text)) => {
                read::cell(&column.item, builder, text, &mut rows.scratch)
            }
            ([], _, token) => read::put(&column.item, builder, token),
            _ => Err(Bad::Missing),
        }
    }
}

struct Sink<'t>(&'t mut Vec<u8>);

impl Write for Sink<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

fn write(formatter: &ArrayFormatter<'_>, row: usize, text: &mut Vec<u8>) -> Read<()> {
    write!(Sink(text), "{}", formatter.value(row)).map_err(|_| Bad::Value)
}

fn values<'a>(
    field: Option<&'a FieldRef>,
    array: &'a dyn Array,
    options: &'a EncoderOptions,
) -> Result<Values<'a>, ArrowError> {
    macro_rules! text {
        ($array:expr, $row:ident => $value:expr) => {{
            let array = $array;
            Values::Text(Box::new(move |$row| ($value)(array)))
        }};
    }
    let formatter = || ArrayFormatter::try_new(array, &FORMAT);
    Ok(match array.data_type() {
        DataType::Utf8 => {
            text!(array.as_string::<i32>(), row => |a: &'a arrow_array::StringArray| a.value(row).as_bytes())
        }
        DataType::LargeUtf8 => {
            text!(array.as_string::<i64>(), row => |a: &'a arrow_array::LargeStringArray| a.value(row).as_bytes())
        }
        DataType::Utf8View => {
            text!(array.as_string_view(), row => |a: &'a arrow_array::StringViewArray| a.value(row).as_bytes())
        }
        DataType::Binary => {
            text!(array.as_binary::<i32>(), row => |a: &'a arrow_array::BinaryArray| a.value(row))
        }
        DataType::LargeBinary => {
            text!(array.as_binary::<i64>(), row => |a: &'a arrow_array::LargeBinaryArray| a.value(row))
        }
        DataType::BinaryView => {
            text!(array.as_binary_view(), row => |a: &'a arrow_array::BinaryViewArray| a.value(row))
        }
        DataType::FixedSizeBinary(_) => {
            text!(array.as_fixed_size_binary(), row => |a: &'a arrow_array::FixedSizeBinaryArray| a.value(row))
        }
        DataType::Boolean => Values::Bool(array.as_boolean()),
        ty if ty.is_numeric() => Values::Number(formatter()?),
        DataType::Timestamp(_, None) => Values::Written(formatter()?, "Z"),
        ty if ty.is_nested() => {
            let field = field.ok_or_else(|| ArrowError::SchemaError("a column without a field".into()))?;
            Values::Nested(make_encoder(field, array, options)?)
        }
        _ => Values::Written(formatter()?, ""),
    })
}
