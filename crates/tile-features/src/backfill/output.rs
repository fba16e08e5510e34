//! Results as they come, and in the order of the queries.

use crate::column::{Cell, Column};
use crate::types::Type;
use crate::value::Value;
use arrow_array::{Float64Array, Int64Array};
use arrow_buffer::{BooleanBuffer, NullBuffer};

/// The values of one column for the queries of one chunk.
pub enum Out {
    Int(Vec<i64>, Vec<bool>),
    Real(Vec<f64>, Vec<bool>),
    Any(Vec<Value>),
}

impl Out {
    pub fn new(ty: &Type) -> Self {
        match ty {
            _ if ty.is_integer() => Self::Int(Vec::new(), Vec::new()),
            _ if ty.is_real() => Self::Real(Vec::new(), Vec::new()),
            _ => Self::Any(Vec::new()),
        }
    }

    pub fn push_int(&mut self, value: Option<i64>) {
        match self {
            Self::Int(values, valid) => {
                values.push(value.unwrap_or_default());
                valid.push(value.is_some());
            }
            _ => self.push(value.map_or(Value::Null, Value::Int)),
        }
    }

    /// NaN and infinities are null.
    pub fn push_real(&mut self, value: Option<f64>) {
        let value = value.filter(|x| x.is_finite());
        match self {
            Self::Real(values, valid) => {
                values.push(value.unwrap_or_default());
                valid.push(value.is_some());
            }
            _ => self.push(value.map_or(Value::Null, Value::Real)),
        }
    }

    pub fn push_cell(&mut self, cell: Cell<'_>) {
        match (&mut *self, cell) {
            (Self::Int(..), Cell::Int(x)) => self.push_int(Some(x)),
            (Self::Real(..), Cell::Real(x)) => self.push_real(Some(x)),
            _ => self.push(cell.to_value()),
        }
    }

    pub fn push(&mut self, value: Value) {
        match (self, value) {
            (Self::Any(values), value) => values.push(value),
            (out @ Self::Int(..), Value::Int(x)) => out.push_int(Some(x)),
            (out @ Self::Int(..), _) => out.push_int(None),
            (out @ Self::Real(..), Value::Real(x)) => out.push_real(Some(x)),
            (out @ Self::Real(..), _) => out.push_real(None),
        }
    }
}

/// One column of results whose places are given.
pub fn scatter<'a>(parts: impl Iterator<Item = (&'a [u32], &'a Out)>, rows: usize, ty: &Type) -> Column {
    let mut all = match Out::new(ty) {
        Out::Int(..) => Out::Int(vec![0; rows], vec![false; rows]),
        Out::Real(..) => Out::Real(vec![0.0; rows], vec![false; rows]),
        Out::Any(_) => Out::Any(vec![Value::Null; rows]),
    };
    for (places, part) in parts {
        let places = places.iter().map(|place| *place as usize).enumerate();
        match (&mut all, part) {
            (Out::Int(values, valid), Out::Int(from, is)) => {
                places.for_each(|(i, at)| (values[at], valid[at]) = (from[i], is[i]));
            }
            (Out::Real(values, valid), Out::Real(from, is)) => {
                places.for_each(|(i, at)| (values[at], valid[at]) = (from[i], is[i]));
            }
            (Out::Any(values), Out::Any(from)) => {
                places.for_each(|(i, at)| values[at].clone_from(&from[i]));
            }
            // Both are made for the column's type.
            _ => {}
        }
    }
    let nulls = |valid: Vec<bool>| Some(NullBuffer::new(BooleanBuffer::from(valid)));
    match all {
        Out::Int(values, valid) => Column::Int(Int64Array::new(values.into(), nulls(valid))),
        Out::Real(values, valid) => Column::Real(Float64Array::new(values.into(), nulls(valid))),
        Out::Any(values) => Column::of_values(ty, &values),
    }
}
