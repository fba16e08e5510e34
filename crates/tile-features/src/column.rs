//! Columns of a block of rows, typed once so that a cell costs no lookup of its type.

use crate::types::Type;
use crate::value::Value;
use arrow_array::{Array, BinaryArray, BooleanArray, Float64Array, Int64Array, StringArray};
use std::ops::Range;

/// A column. Nulls are those of the arrays; integers, dates and timestamps are 64 bits, floats are doubles.
#[derive(Clone, Debug)]
pub enum Column {
    Bool(BooleanArray),
    Int(Int64Array),
    Real(Float64Array),
    Text(StringArray),
    Bytes(BinaryArray),
    /// The items of row `i` are `offsets[i]..offsets[i + 1]` of the inner column; a row that is not `valid` is null.
    List {
        offsets: Vec<usize>,
        valid: Vec<bool>,
        items: Box<Self>,
    },
    /// As a list; keys are not null.
    Map {
        offsets: Vec<usize>,
        valid: Vec<bool>,
        keys: StringArray,
        values: Box<Self>,
    },
    Struct {
        valid: Vec<bool>,
        fields: Vec<Self>,
    },
}

/// One value of a column, borrowed.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
    List(&'a Column, (usize, usize)),
    Map(&'a StringArray, &'a Column, (usize, usize)),
    Struct(&'a [Column], usize),
}

impl Column {
    /// The value of a row. Rows are those that the block has.
    #[inline]
    pub fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Int(a) if a.is_valid(row) => Cell::Int(a.value(row)),
            Self::Real(a) if a.is_valid(row) => Cell::Real(a.value(row)),
            Self::Text(a) if a.is_valid(row) => Cell::Text(a.value(row)),
            Self::Bool(a) if a.is_valid(row) => Cell::Bool(a.value(row)),
            Self::Bytes(a) if a.is_valid(row) => Cell::Bytes(a.value(row)),
            Self::List { offsets, valid, items } if valid[row] => {
                Cell::List(items, (offsets[row], offsets[row + 1]))
            }
            Self::Map { offsets, valid, keys, values } if valid[row] => {
                Cell::Map(keys, values, (offsets[row], offsets[row + 1]))
            }
            Self::Struct { valid, fields } if valid[row] => Cell::Struct(fields, row),
            _ => Cell::Null,
        }
    }

    /// Rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Bool(a) => a.len(),
            Self::Int(a) => a.len(),
            Self::Real(a) => a.len(),
            Self::Text(a) => a.len(),
            Self::Bytes(a) => a.len(),
            Self::List { valid, .. } | Self::Map { valid, .. } | Self::Struct { valid, .. } => valid.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A column of values, each null or of that type. Used where rows come one by one.
    pub fn of_values(ty: &Type, values: &[Value]) -> Self {
        let valid = || values.iter().map(|v| !v.is_null()).collect::<Vec<_>>();
        match ty {
            Type::Bool => Self::Bool(
                values.iter().map(|v| if let Value::Bool(b) = v { Some(*b) } else { None }).collect(),
            ),
            Type::Float | Type::Double => Self::Real(values.iter().map(real).collect()),
            Type::Text => Self::Text(
                values.iter().map(|v| if let Value::Text(t) = v { Some(&**t) } else { None }).collect(),
            ),
            Type::Binary => Self::Bytes(
                values.iter().map(|v| if let Value::Bytes(b) = v { Some(&**b) } else { None }).collect(),
            ),
            Type::List(of) => {
                let (mut offsets, mut items) = (vec![0], Vec::new());
                for value in values {
                    if let Value::List(list) = value {
                        items.extend_from_slice(list);
                    }
                    offsets.push(items.len());
                }
                Self::List { offsets, valid: valid(), items: Box::new(Self::of_values(of, &items)) }
            }
            Type::Map(of) => {
                let (mut offsets, mut keys, mut items) = (vec![0], Vec::new(), Vec::new());
                for value in values {
                    if let Value::Map(entries) = value {
                        keys.extend(entries.iter().map(|(k, _)| Some(&**k)));
                        items.extend(entries.iter().map(|(_, v)| v.clone()));
                    }
                    offsets.push(items.len());
                }
                let values = Box::new(Self::of_values(of, &items));
                Self::Map { offsets, valid: valid(), keys: keys.into_iter().collect(), values }
            }
            Type::Struct(fields) => {
                let field = |at: usize, ty: &Type| {
                    let column: Vec<Value> = values
                        .iter()
                        .map(|v| {
                            if let Value::Struct(f) = v {
                                f.get(at).cloned().unwrap_or_default()
                            } else {
                                Value::Null
                            }
                        })
                        .collect();
                    Self::of_values(ty, &column)
                };
                let fields = fields.iter().enumerate().map(|(at, (_, ty))| field(at, ty)).collect();
                Self::Struct { valid: valid(), fields }
            }
            _ => Self::Int(
                values.iter().map(|v| if let Value::Int(i) = v { Some(*i) } else { None }).collect(),
            ),
        }
    }
}

fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Real(x) => Some(*x),
        #[expect(
            clippy::cast_precision_loss,
            reason = "an integer in a column of doubles is its nearest double"
        )]
        Value::Int(x) => Some(*x as f64),
        _ => None,
    }
}

impl Cell<'_> {
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value on its own. Cost: one allocation for texts, bytes and each level of nesting.
    pub fn to_value(self) -> Value {
        let range = |(from, to): (usize, usize)| -> Range<usize> { from..to };
        match self {
            Self::Null => Value::Null,
            Self::Bool(b) => Value::Bool(b),
            Self::Int(i) => Value::Int(i),
            Self::Real(x) => Value::Real(x),
            Self::Text(t) => Value::Text(t.into()),
            Self::Bytes(b) => Value::Bytes(b.into()),
            Self::List(items, at) => Value::List(range(at).map(|i| items.cell(i).to_value()).collect()),
            Self::Map(keys, values, at) => {
                // A key that stands twice keeps its last value, as maps do elsewhere.
                let entries: std::collections::BTreeMap<Box<str>, Value> =
                    range(at).map(|i| (keys.value(i).into(), values.cell(i).to_value())).collect();
                Value::Map(entries.into_iter().collect())
            }
            Self::Struct(fields, row) => {
                Value::Struct(fields.iter().map(|f| f.cell(row).to_value()).collect())
            }
        }
    }
}

/// Rows to aggregate: times in milliseconds, and the columns of a schema in order. All have the same length; a row's place is the
/// order of its arrival.
#[derive(Clone, Debug, Default)]
pub struct Block {
    pub times: Vec<i64>,
    pub columns: Vec<Column>,
}
