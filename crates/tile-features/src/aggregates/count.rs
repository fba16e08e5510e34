//! `COUNT`: how many values there are. Null, not 0, for none; so too when all were taken out again.

use super::parts::words::Form;
use super::{Aggregate, Ir};
use crate::column::Cell;
use crate::types::Type;
use crate::value::Value;

pub struct Count;

fn add(ir: &mut Ir, n: i64) {
    match ir {
        Ir::Int(count) => {
            *count = count.wrapping_add(n);
            if *count == 0 {
                *ir = Ir::Empty;
            }
        }
        _ => *ir = Ir::Int(n),
    }
}

impl Aggregate for Count {
    fn output(&self) -> Type {
        Type::Long
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Count)
    }

    #[inline]
    fn update(&self, ir: &mut Ir, _cell: Cell<'_>, _at: i64) {
        add(ir, 1);
    }

    #[inline]
    fn merge(&self, ir: &mut Ir, later: &Ir) {
        if let Ir::Int(n) = later {
            add(ir, *n);
        }
    }

    fn finalize(&self, ir: &Ir) -> Value {
        match ir {
            Ir::Int(n) => Value::Int(*n),
            _ => Value::Null,
        }
    }

    fn remove(&self, ir: &mut Ir, _cell: Cell<'_>) -> bool {
        add(ir, -1);
        true
    }
}
