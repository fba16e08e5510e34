//! `UNIQUE_COUNT`: how many distinct numbers, texts or byte strings there are, by their value. -0.0 and 0.0 are two, all NaN are one.
//!
//! It counts up to two million; beyond, it has no value but the error that says so. `APPROX_UNIQUE_COUNT` has no such bound.

use super::parts::distinct::{Distinct, token};
use super::{Aggregate, Ir, unfit};
use crate::column::Cell;
use crate::operation::Operation;
use crate::types::Type;
use crate::value::Value;
use tile_base::Result;

/// Distinct values of one result: about 36 MB.
pub const DISTINCT_MAX: usize = 2_000_000;

/// # Errors
/// `Invalid` for what is neither a number, a text nor binary.
pub fn create(input: &Type) -> Result<Box<dyn Aggregate>> {
    if !is_hashed(input) {
        return Err(unfit(Operation::UniqueCount, input));
    }
    Ok(Box::new(UniqueCount { most: DISTINCT_MAX, is_bounded: false }))
}

/// Whether values of that type can be told apart by their bytes.
pub(super) const fn is_hashed(ty: &Type) -> bool {
    ty.is_number() || matches!(ty, Type::Text | Type::Binary)
}

/// Counts up to a bound.
pub(super) struct UniqueCount {
    pub most: usize,
    /// Whether the bound is what the user wants; otherwise it is an error to go beyond.
    pub is_bounded: bool,
}

impl Aggregate for UniqueCount {
    fn output(&self) -> Type {
        Type::Long
    }

    fn update(&self, ir: &mut Ir, cell: Cell<'_>, _at: i64) {
        let Some(token) = token(cell) else { return };
        if matches!(ir, Ir::Empty) {
            *ir = Ir::Distinct(Box::default());
        }
        if let Ir::Distinct(set) = ir {
            if set.len() < self.most {
                set.0.insert(token);
            } else if !self.is_bounded && !set.0.contains(&token) {
                *ir = Ir::Full;
            }
        }
    }

    fn merge(&self, ir: &mut Ir, later: &Ir) {
        if !ir.has_both(later) {
            return;
        }
        let (Ir::Distinct(set), Ir::Distinct(later)) = (&mut *ir, later) else { return };
        if self.is_bounded {
            let room = |set: &Distinct| self.most.saturating_sub(set.len());
            for token in &later.0 {
                if room(set) == 0 {
                    break;
                }
                set.0.insert(*token);
            }
        } else {
            set.merge(later);
            if set.len() > self.most {
                *ir = Ir::Full;
            }
        }
    }

    fn finalize(&self, ir: &Ir) -> Value {
        match ir {
            Ir::Distinct(set) => Value::Int(i64::try_from(set.len()).unwrap_or(i64::MAX)),
            _ => Value::Null,
        }
    }
}
