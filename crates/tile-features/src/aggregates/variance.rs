//! `VARIANCE`: of the population, not of a sample.

use super::average::number;
use super::parts::words::Form;
use super::{Aggregate, Ir, unfit};
use crate::column::Cell;
use crate::operation::Operation;
use crate::types::Type;
use crate::value::Value;
use tile_base::Result;

struct Variance;

/// # Errors
/// `Invalid` for what is no number.
pub fn create(input: &Type) -> Result<Box<dyn Aggregate>> {
    if input.is_number() { Ok(Box::new(Variance)) } else { Err(unfit(Operation::Variance, input)) }
}

/// The squares are of distances from the mean (Chan, Golub, LeVeque): sums of squares would cancel.
#[inline]
fn add(ir: &mut Ir, n: f64, m: f64, s: f64) {
    if let Ir::Spread { count, mean, squares } = ir {
        let (total, distance) = (*count + n, m - *mean);
        *squares += s + distance * distance * (*count * n / total);
        *mean += distance * (n / total);
        *count = total;
    } else {
        *ir = Ir::Spread { count: n, mean: m, squares: s };
    }
}

impl Aggregate for Variance {
    fn output(&self) -> Type {
        Type::Double
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Spread)
    }

    #[inline]
    fn update(&self, ir: &mut Ir, cell: Cell<'_>, _at: i64) {
        if let Some(x) = number(cell) {
            // What is not finite has no variance, alone as well.
            add(ir, 1.0, x, x * 0.0);
        }
    }

    #[inline]
    fn merge(&self, ir: &mut Ir, later: &Ir) {
        if let Ir::Spread { count, mean, squares } = later {
            add(ir, *count, *mean, *squares);
        }
    }

    fn finalize(&self, ir: &Ir) -> Value {
        match ir {
            // All that are no numbers are one, whatever their sign.
            Ir::Spread { squares, .. } if squares.is_nan() => Value::Real(f64::NAN),
            Ir::Spread { count, squares, .. } => Value::Real(squares / count),
            _ => Value::Null,
        }
    }
}
