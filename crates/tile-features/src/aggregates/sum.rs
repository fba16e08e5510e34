//! `SUM`: of integers and booleans as 64 bits that wrap, as Java adds; of floats and doubles as doubles.

use super::{Aggregate, Ir, unfit};
use crate::column::Cell;
use crate::operation::Operation;
use crate::types::Type;
use crate::value::Value;
use tile_base::Result;

struct Sum(Type);

/// # Errors
/// `Invalid` for what cannot be added.
pub fn create(input: &Type) -> Result<Box<dyn Aggregate>> {
    match input {
        Type::Bool => Ok(Box::new(Sum(Type::Long))),
        _ if input.is_integer() => Ok(Box::new(Sum(Type::Long))),
        _ if input.is_real() => Ok(Box::new(Sum(Type::Double))),
        _ => Err(unfit(Operation::Sum, input)),
    }
}

/// A cell as a summand.
fn summand(cell: Cell<'_>) -> Ir {
    match cell {
        Cell::Int(x) => Ir::Int(x),
        Cell::Real(x) => Ir::Real(x),
        Cell::Bool(x) => Ir::Int(i64::from(x)),
        _ => Ir::Empty,
    }
}

impl Aggregate for Sum {
    fn output(&self) -> Type {
        self.0.clone()
    }

    fn update(&self, ir: &mut Ir, cell: Cell<'_>, _at: i64) {
        self.merge(ir, &summand(cell));
    }

    fn merge(&self, ir: &mut Ir, later: &Ir) {
        match (ir, later) {
            (Ir::Int(x), Ir::Int(y)) => *x = x.wrapping_add(*y),
            (Ir::Real(x), Ir::Real(y)) => *x += y,
            (ir @ Ir::Empty, later) => *ir = later.clone(),
            _ => {}
        }
    }

    fn finalize(&self, ir: &Ir) -> Value {
        match ir {
            Ir::Int(x) => Value::Int(*x),
            Ir::Real(x) => Value::Real(*x),
            _ => Value::Null,
        }
    }

    fn remove(&self, ir: &mut Ir, cell: Cell<'_>) -> bool {
        let negated = match summand(cell) {
            Ir::Int(x) => Ir::Int(x.wrapping_neg()),
            Ir::Real(x) => Ir::Real(-x),
            other => other,
        };
        self.merge(ir, &negated);
        true
    }
}
