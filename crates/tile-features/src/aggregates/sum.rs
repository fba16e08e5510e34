//! `SUM`: of integers and booleans as 64 bits that wrap, as Java adds; of floats and doubles as doubles, exact but for the last rounding.
//! How many there are is kept too: when all were taken out again there is no sum.

use super::parts::exact::Exact;
use super::parts::words::Form;
use super::{Aggregate, Ir, unfit};
use crate::column::Cell;
use crate::operation::Operation;
use crate::types::Type;
use crate::value::Value;
use tile_base::Result;

struct Integers;
struct Reals;

/// # Errors
/// `Invalid` for what cannot be added.
pub fn create(input: &Type) -> Result<Box<dyn Aggregate>> {
    match input {
        Type::Bool => Ok(Box::new(Integers)),
        _ if input.is_integer() => Ok(Box::new(Integers)),
        _ if input.is_real() => Ok(Box::new(Reals)),
        _ => Err(unfit(Operation::Sum, input)),
    }
}

impl Integers {
    #[inline]
    fn add(ir: &mut Ir, x: i64, times: i64) {
        if let Ir::Whole { sum, count } = ir {
            *sum = sum.wrapping_add(x);
            *count += times;
            if *count == 0 && *sum == 0 {
                *ir = Ir::Empty;
            }
        } else if x != 0 || times != 0 {
            *ir = Ir::Whole { sum: x, count: times };
        }
    }

    #[inline]
    fn summand(cell: Cell<'_>) -> Option<i64> {
        match cell {
            Cell::Int(x) => Some(x),
            Cell::Bool(x) => Some(i64::from(x)),
            _ => None,
        }
    }
}

impl Aggregate for Integers {
    fn output(&self) -> Type {
        Type::Long
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Whole)
    }

    #[inline]
    fn update(&self, ir: &mut Ir, cell: Cell<'_>, _at: i64) {
        if let Some(x) = Self::summand(cell) {
            Self::add(ir, x, 1);
        }
    }

    #[inline]
    fn merge(&self, ir: &mut Ir, later: &Ir) {
        if let Ir::Whole { sum, count } = later {
            Self::add(ir, *sum, *count);
        }
    }

    fn finalize(&self, ir: &Ir) -> Value {
        match ir {
            Ir::Whole { sum, count } if *count != 0 => Value::Int(*sum),
            _ => Value::Null,
        }
    }

    fn remove(&self, ir: &mut Ir, cell: Cell<'_>) -> bool {
        if let Some(x) = Self::summand(cell) {
            Self::add(ir, x.wrapping_neg(), -1);
        }
        true
    }
}

/// Takes a number into a sum (`times` 1) or out of it (-1).
#[inline]
pub(super) fn add_real(ir: &mut Ir, x: f64, times: i64) {
    if !matches!(ir, Ir::Sum(_)) {
        *ir = Ir::Sum(Exact::default());
    }
    if let Ir::Sum(sum) = ir {
        sum.add(x, times);
        if sum.is_nothing() {
            *ir = Ir::Empty;
        }
    }
}

/// Takes another sum in.
#[inline]
pub(super) fn merge_real(ir: &mut Ir, later: &Ir) {
    match (&mut *ir, later) {
        (Ir::Sum(sum), Ir::Sum(later)) => {
            sum.merge(later);
            if sum.is_nothing() {
                *ir = Ir::Empty;
            }
        }
        (Ir::Empty, Ir::Sum(_)) => *ir = later.clone(),
        _ => {}
    }
}

impl Aggregate for Reals {
    fn output(&self) -> Type {
        Type::Double
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Sum)
    }

    #[inline]
    fn update(&self, ir: &mut Ir, cell: Cell<'_>, _at: i64) {
        if let Cell::Real(x) = cell {
            add_real(ir, x, 1);
        }
    }

    #[inline]
    fn merge(&self, ir: &mut Ir, later: &Ir) {
        merge_real(ir, later);
    }

    fn finalize(&self, ir: &Ir) -> Value {
        match ir {
            Ir::Sum(sum) if sum.count != 0 => Value::Real(sum.total()),
            _ => Value::Null,
        }
    }

    fn remove(&self, ir: &mut Ir, cell: Cell<'_>) -> bool {
        if let Cell::Real(x) = cell {
            add_real(ir, x, -1);
        }
        true
    }
}
