//! A column made ready for being written value by value: its ClickHouse type and its Arrow array, resolved once.

use super::settings::Settings;
use super::source::{Bytes, Ints, Offsets, Ticks, dictionary, list};
use super::time::Zone;
use super::{Column, bad, escape};
use crate::types::Type;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Float32Type, Float64Type};
use arrow_array::{Array, BooleanArray, RecordBatch};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use std::io;

/// The values of one column or of one level inside it.
pub(crate) struct Cell<'a> {
    pub(crate) ty: &'a Type,
    /// What the type says; an array may hold nulls all the same.
    pub(crate) nullable: bool,
    pub(crate) nulls: Option<&'a NullBuffer>,
    pub(crate) kind: Kind<'a>,
}

pub(crate) enum Kind<'a> {
    /// Nothing but nulls.
    Nothing,
    Bool(&'a BooleanArray),
    /// With the bits of the type.
    Int(Ints<'a>, u16),
    /// Integers of 128 and 256 bits as digits, with the bits of the type.
    Digits(Bytes<'a>, u16),
    Float32(&'a [f32]),
    Float64(&'a [f64]),
    Decimal {
        values: &'a [i128],
        scale: usize,
        precision: u8,
    },
    DecimalText {
        values: Bytes<'a>,
        scale: usize,
    },
    /// Strings and what is written as one.
    Text(Bytes<'a>),
    Json(Bytes<'a>),
    /// The value's JSON text, as it rests.
    Dynamic(Bytes<'a>),
    Date(&'a [i32]),
    /// With the digits of the fraction.
    Moment {
        ticks: Ticks<'a>,
        digits: u8,
        zone: Zone,
    },
    Ipv4(&'a [u32]),
    Array {
        offsets: Offsets<'a>,
        items: Box<Cell<'a>>,
    },
    Tuple(Vec<Element<'a>>),
    /// One cell for each alternative, of which one at most has a value in a row.
    Variant(Vec<Cell<'a>>),
    Map {
        offsets: Offsets<'a>,
        keys: Box<Cell<'a>>,
        values: Box<Cell<'a>>,
    },
    Dictionary {
        keys: Vec<usize>,
        values: Box<Cell<'a>>,
    },
}

/// An element of a tuple.
pub(crate) struct Element<'a> {
    pub(crate) name: Option<&'a str>,
    /// The name as a JSON string.
    pub(crate) key: Vec<u8>,
    pub(crate) cell: Cell<'a>,
}

/// Whether the type admits NULL, seen through its wrappers.
fn nullable(ty: &Type) -> bool {
    match ty {
        Type::Nullable(_) => true,
        Type::LowCardinality(inner) => nullable(inner),
        Type::SimpleAggregateFunction(state) => state.args.first().is_some_and(nullable),
        _ => false,
    }
}

/// The columns of a batch, ready for writing.
///
/// # Errors
/// `InvalidData` where an array does not fit its type, or the batch does not fit the columns.
pub(crate) fn cells<'a>(
    columns: &'a [Column],
    batch: &'a RecordBatch,
    settings: &Settings,
) -> io::Result<Vec<Cell<'a>>> {
    if columns.len() != batch.num_columns() {
        return Err(bad(&format!("expected {} columns, found {}", columns.len(), batch.num_columns())));
    }
    columns
        .iter()
        .zip(batch.columns())
        .map(|(column, array)| {
            Cell::new(&column.ty, array.as_ref(), settings).map_err(|error| {
                bad(&format!("write column `{}` of type {}: {error}", column.name, column.ty))
            })
        })
        .collect()
}

impl<'a> Cell<'a> {
    pub(crate) fn new(ty: &'a Type, array: &'a dyn Array, settings: &Settings) -> io::Result<Self> {
        let plain = ty.plain();
        let kind = if array.data_type() == &DataType::Null {
            Kind::Nothing
        } else if let Some((keys, values)) = dictionary(array) {
            Kind::Dictionary { keys, values: Box::new(Cell::new(ty, values, settings)?) }
        } else {
            kind(plain, array, settings)?
        };
        Ok(Self { ty: plain, nullable: nullable(ty), nulls: array.nulls(), kind })
    }

    #[inline]
    pub(crate) fn is_null(&self, row: usize) -> bool {
        match &self.kind {
            Kind::Nothing => true,
            Kind::Dictionary { keys, values } => {
                self.nulls.is_some_and(|n| n.is_null(row)) || values.is_null(keys[row])
            }
            Kind::Dynamic(text) => text.get(row) == b"null",
            Kind::Variant(_) => self.alternative(row).is_none(),
            _ => self.nulls.is_some_and(|n| n.is_null(row)),
        }
    }

    /// The alternative of a variant that has a value in a row.
    pub(crate) fn alternative(&self, row: usize) -> Option<&Cell<'a>> {
        let Kind::Variant(all) = &self.kind else { return None };
        all.iter().find(|cell| !cell.is_null(row)).filter(|_| self.nulls.is_none_or(|n| n.is_valid(row)))
    }

    pub(crate) fn is_number(&self) -> bool {
        self.ty.is_number()
    }

    /// A number as a float; `None` for NULL and what is no number.
    #[expect(clippy::cast_precision_loss, reason = "the value is for people, who get three digits of it")]
    pub(crate) fn approximate(&self, row: usize) -> Option<f64> {
        if self.is_null(row) {
            return None;
        }
        let parsed = |text: &Bytes| std::str::from_utf8(text.get(row)).ok()?.parse().ok();
        match &self.kind {
            Kind::Int(values, _) => Some(values.get(row) as f64),
            Kind::Float32(values) => Some(f64::from(values[row])),
            Kind::Float64(values) => Some(values[row]),
            Kind::Decimal { values, scale, .. } => {
                Some(values[row] as f64 / 10_f64.powi(i32::try_from(*scale).unwrap_or_default()))
            }
            Kind::Digits(text, _) => parsed(text),
            Kind::DecimalText { values, .. } => parsed(values),
            Kind::Dictionary { keys, values } => values.approximate(keys[row]),
            _ => None,
        }
    }
}

fn kind<'a>(ty: &'a Type, array: &'a dyn Array, settings: &Settings) -> io::Result<Kind<'a>> {
    let found = scalar(ty, array, settings)?;
    if let Some(kind) = found {
        return Ok(kind);
    }
    match ty {
        Type::Array(item) => {
            let (offsets, items) = list(array)?;
            Ok(Kind::Array { offsets, items: Box::new(Cell::new(item, items, settings)?) })
        }
        Type::Map(key, value) => {
            let (offsets, entries) = list(array)?;
            let entries = entries.as_struct_opt().filter(|e| e.num_columns() == 2);
            let entries =
                entries.ok_or_else(|| bad("expected a map, found a list of something else than pairs"))?;
            Ok(Kind::Map {
                offsets,
                keys: Box::new(Cell::new(key, entries.column(0).as_ref(), settings)?),
                values: Box::new(Cell::new(value, entries.column(1).as_ref(), settings)?),
            })
        }
        Type::Tuple(elements) => tuple(elements, array, settings),
        Type::Variant(all) => {
            let fields = array.as_struct_opt().filter(|fields| fields.num_columns() == all.len());
            let fields = fields.ok_or_else(|| bad("expected a struct of alternatives"))?;
            let cells =
                all.iter().zip(fields.columns()).map(|(ty, array)| Cell::new(ty, array.as_ref(), settings));
            cells.collect::<io::Result<_>>().map(Kind::Variant)
        }
        _ => Err(bad(&format!("unexpected Arrow {}", array.data_type()))),
    }
}

fn tuple<'a>(
    elements: &'a [(Option<String>, Type)],
    array: &'a dyn Array,
    settings: &Settings,
) -> io::Result<Kind<'a>> {
    let fields = array.as_struct_opt().filter(|fields| fields.num_columns() == elements.len());
    let fields = fields.ok_or_else(|| {
        bad(&format!("expected a struct of {} fields, found Arrow {}", elements.len(), array.data_type()))
    })?;
    elements
        .iter()
        .zip(fields.columns())
        .map(|((name, ty), array)| {
            let mut key = Vec::new();
            escape::json(
                name.as_deref().unwrap_or_default().as_bytes(),
                settings.json.escape_forward_slashes,
                &mut key,
            );
            Ok(Element { name: name.as_deref(), key, cell: Cell::new(ty, array.as_ref(), settings)? })
        })
        .collect::<io::Result<_>>()
        .map(Kind::Tuple)
}

/// The kind of a type without parts; `None` for the others and for an array that does not fit.
fn scalar<'a>(ty: &Type, array: &'a dyn Array, settings: &Settings) -> io::Result<Option<Kind<'a>>> {
    let zone = |zone: &Option<String>| Zone::new(zone.as_deref().unwrap_or(&settings.time_zone));
    Ok(match ty {
        Type::Nothing => Some(Kind::Nothing),
        Type::Bool => array.as_boolean_opt().map(Kind::Bool),
        Type::UInt(bits) | Type::Int(bits) => match Ints::new(array) {
            Some(ints) => Some(Kind::Int(ints, *bits)),
            None => Bytes::new(array).map(|digits| Kind::Digits(digits, *bits)),
        },
        Type::Interval(_) => Ints::new(array).map(|ints| Kind::Int(ints, 64)),
        Type::Float32 => array.as_primitive_opt::<Float32Type>().map(|a| Kind::Float32(a.values())),
        Type::Float64 => array.as_primitive_opt::<Float64Type>().map(|a| Kind::Float64(a.values())),
        Type::Decimal(precision, scale) => decimal(*precision, *scale, array),
        Type::Date | Type::Date32 => array.as_primitive_opt::<Date32Type>().map(|a| Kind::Date(a.values())),
        Type::DateTime(name) => moment(array, 0, zone(name)?),
        Type::DateTime64(digits, name) => moment(array, *digits, zone(name)?),
        Type::Ipv4 => match Ints::new(array) {
            Some(Ints::U32(values)) => Some(Kind::Ipv4(values)),
            _ => Bytes::new(array).map(Kind::Text),
        },
        Type::String
        | Type::FixedString(_)
        | Type::Enum(..)
        | Type::Uuid
        | Type::Ipv6
        | Type::AggregateFunction(_) => Bytes::new(array).map(Kind::Text),
        Type::Json => Bytes::new(array).map(Kind::Json),
        Type::Dynamic => Bytes::new(array).map(Kind::Dynamic),
        _ => None,
    })
}

fn moment<'a>(array: &'a dyn Array, digits: u8, zone: Zone) -> Option<Kind<'a>> {
    Ticks::new(array).map(|ticks| Kind::Moment { ticks, digits, zone })
}

fn decimal(precision: u8, scale: u8, array: &dyn Array) -> Option<Kind<'_>> {
    let scale = usize::from(scale);
    match array.as_primitive_opt::<Decimal128Type>() {
        Some(values) => Some(Kind::Decimal { values: values.values(), scale, precision }),
        None => Bytes::new(array).map(|values| Kind::DecimalText { values, scale }),
    }
}
