//! `LAST`: the value of the latest event; of events at the same time that which came first.

use super::{Aggregate, Ir};
use crate::column::Cell;
use crate::types::Type;
use crate::value::Value;

pub struct Last(pub Type);

impl Aggregate for Last {
    fn output(&self) -> Type {
        self.0.clone()
    }

    fn update(&self, ir: &mut Ir, cell: Cell<'_>, at: i64) {
        match ir {
            Ir::At(time, _) if *time >= at => {}
            _ => *ir = Ir::At(at, cell.to_value()),
        }
    }

    fn merge(&self, ir: &mut Ir, later: &Ir) {
        match (&*ir, later) {
            (_, Ir::Empty) => {}
            (Ir::At(time, _), Ir::At(at, _)) if time >= at => {}
            _ => *ir = later.clone(),
        }
    }

    fn finalize(&self, ir: &Ir) -> Value {
        match ir {
            Ir::At(_, value) => value.clone(),
            _ => Value::Null,
        }
    }
}
