//! `FIRST`: the value of the earliest event; of events at the same time that which came first.

use super::{Aggregate, Ir};
use crate::column::Cell;
use crate::types::Type;
use crate::value::Value;
use tile_base::Result;

struct First(Type);

/// # Errors
/// None: it takes all that can be aggregated.
pub fn create(input: &Type) -> Result<Box<dyn Aggregate>> {
    Ok(Box::new(First(input.clone())))
}

impl Aggregate for First {
    fn output(&self) -> Type {
        self.0.clone()
    }

    #[inline]
    fn update(&self, ir: &mut Ir, cell: Cell<'_>, at: i64) {
        match ir {
            Ir::At(time, _) if *time <= at => {}
            _ => *ir = Ir::At(at, cell.to_value()),
        }
    }

    #[inline]
    fn merge(&self, ir: &mut Ir, later: &Ir) {
        match (&*ir, later) {
            (Ir::At(time, _), Ir::At(at, _)) if time <= at => {}
            (_, Ir::At(..)) => *ir = later.clone(),
            _ => {}
        }
    }

    fn finalize(&self, ir: &Ir) -> Value {
        match ir {
            Ir::At(_, value) => value.clone(),
            _ => Value::Null,
        }
    }
}
