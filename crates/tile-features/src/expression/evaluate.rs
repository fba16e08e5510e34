//! The value of an expression for one row, without the engine: what is derived at a fetch. Nothing here waits, and nothing fails but for
//! texts that grow beyond all bounds, which are null.

use super::cast;
use super::functions::Call;
use super::resolve::{Expression, Op, Typed};
use crate::types::Type;
use crate::value::Value;
use crate::window::DAY_MS;

impl Expression {
    /// The value for a row, in the order of the schema. A column that the row lacks is null.
    pub fn evaluate(&self, row: &[Value]) -> Value {
        self.root.evaluate(row)
    }

    /// As [`Expression::evaluate`], of a time: milliseconds since 1970, as [`Expression::print_as_millis`] has them.
    pub fn evaluate_as_millis(&self, row: &[Value]) -> Option<i64> {
        match (self.evaluate(row), self.ty()) {
            (Value::Int(days), Type::Date) => days.checked_mul(DAY_MS),
            (Value::Int(ms), _) => Some(ms),
            (value, ty) => match cast::evaluate(ty, &Type::Long, &value) {
                Value::Int(ms) if ty.is_real() => Some(ms),
                _ => None,
            },
        }
    }
}

impl Typed {
    fn evaluate(&self, row: &[Value]) -> Value {
        match &self.op {
            Op::Column(at, _) => row.get(*at).cloned().unwrap_or_default(),
            Op::Literal(value) => value.clone(),
            Op::Cast(of) => match (&of.ty, &self.ty) {
                (Some(from), Some(to)) => cast::evaluate(from, to, &of.evaluate(row)),
                _ => Value::Null,
            },
            Op::Case(branches, other) => {
                let found = branches.iter().find(|(c, _)| c.evaluate(row) == Value::Bool(true));
                match (found, other) {
                    (Some((_, value)), _) => value.evaluate(row),
                    (None, Some(other)) => other.evaluate(row),
                    (None, None) => Value::Null,
                }
            }
            Op::Field(of, at, _) => match of.evaluate(row) {
                Value::Struct(fields) => fields.get(*at).cloned().unwrap_or_default(),
                _ => Value::Null,
            },
            Op::Call(function, args, pattern) => {
                let args: Vec<Value> = args.iter().map(|arg| arg.evaluate(row)).collect();
                if !function.sees_nulls && args.iter().any(Value::is_null) {
                    return Value::Null;
                }
                let call = Call { args: &args, pattern: pattern.as_ref(), ty: self.ty.as_ref() };
                (function.run)(&call).unwrap_or_default()
            }
        }
    }
}
