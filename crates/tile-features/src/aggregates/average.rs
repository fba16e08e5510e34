//! `AVERAGE`: of numbers, as doubles.

use super::parts::words::Form;
use super::sum::{add_real, merge_real};
use super::{Aggregate, Ir, unfit};
use crate::column::Cell;
use crate::operation::Operation;
use crate::types::Type;
use crate::value::Value;
use tile_base::Result;

struct Average;

/// # Errors
/// `Invalid` for what is no number.
pub fn create(input: &Type) -> Result<Box<dyn Aggregate>> {
    if input.is_number() { Ok(Box::new(Average)) } else { Err(unfit(Operation::Average, input)) }
}

/// A number as a double: of the largest integers that is the nearest one.
#[inline]
pub(super) const fn number(cell: Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Real(x) => Some(x),
        #[expect(
            clippy::cast_precision_loss,
            reason = "statistics of integers are those of the nearest doubles"
        )]
        Cell::Int(x) => Some(x as f64),
        _ => None,
    }
}

impl Aggregate for Average {
    fn output(&self) -> Type {
        Type::Double
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Sum)
    }

    #[inline]
    fn update(&self, ir: &mut Ir, cell: Cell<'_>, _at: i64) {
        if let Some(x) = number(cell) {
            add_real(ir, x, 1);
        }
    }

    #[inline]
    fn merge(&self, ir: &mut Ir, later: &Ir) {
        merge_real(ir, later);
    }

    fn finalize(&self, ir: &Ir) -> Value {
        match ir {
            #[expect(clippy::cast_precision_loss, reason = "2^53 values do not come")]
            Ir::Sum(sum) if sum.count != 0 => Value::Real(sum.total() / sum.count as f64),
            _ => Value::Null,
        }
    }

    fn remove(&self, ir: &mut Ir, cell: Cell<'_>) -> bool {
        if let Some(x) = number(cell) {
            add_real(ir, x, -1);
        }
        true
    }
}
