//! `COUNT`: how many values there are. Null, not 0, for none.

use super::{Aggregate, Ir};
use crate::column::Cell;
use crate::types::Type;
use crate::value::Value;

pub struct Count;

impl Aggregate for Count {
    fn output(&self) -> Type {
        Type::Long
    }

    fn update(&self, ir: &mut Ir, _cell: Cell<'_>, _at: i64) {
        self.merge(ir, &Ir::Int(1));
    }

    fn merge(&self, ir: &mut Ir, later: &Ir) {
        match (ir, later) {
            (Ir::Int(n), Ir::Int(m)) => *n = n.wrapping_add(*m),
            (ir @ Ir::Empty, later) => *ir = later.clone(),
            _ => {}
        }
    }

    fn finalize(&self, ir: &Ir) -> Value {
        match ir {
            Ir::Int(n) => Value::Int(*n),
            _ => Value::Null,
        }
    }

    fn remove(&self, ir: &mut Ir, _cell: Cell<'_>) -> bool {
        self.merge(ir, &Ir::Int(-1));
        true
    }
}
