//! `KURTOSIS`: how heavy the tails of the distribution of numbers are, beyond those of a normal one. Not a number, so null, for too few values or when all are equal.

use super::average::number;
use super::parts::moments::Moments;
use super::{Aggregate, Ir, unfit};
use crate::column::Cell;
use crate::operation::Operation;
use crate::types::Type;
use crate::value::Value;
use tile_base::Result;

struct Kurtosis;

/// # Errors
/// `Invalid` for what is no number.
pub fn create(input: &Type) -> Result<Box<dyn Aggregate>> {
    if input.is_number() { Ok(Box::new(Kurtosis)) } else { Err(unfit(Operation::Kurtosis, input)) }
}

impl Aggregate for Kurtosis {
    fn output(&self) -> Type {
        Type::Double
    }

    fn update(&self, ir: &mut Ir, cell: Cell<'_>, _at: i64) {
        if let Some(x) = number(cell) {
            Moments::add_to(ir, &Moments::of(x));
        }
    }

    fn merge(&self, ir: &mut Ir, later: &Ir) {
        if let Ir::Moments(later) = later {
            Moments::add_to(ir, later);
        }
    }

    fn finalize(&self, ir: &Ir) -> Value {
        match ir {
            Ir::Moments(moments) => Value::Real(moments.kurtosis()),
            _ => Value::Null,
        }
    }
}
