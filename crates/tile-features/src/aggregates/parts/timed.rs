//! The first or last values by time: what `FIRST_K` and `LAST_K` share. Values of one time are in the order of their arrival.

use super::super::{Aggregate, Ir};
use crate::column::Cell;
use crate::types::Type;
use crate::value::Value;

pub struct Timed {
    pub ty: Type,
    pub k: usize,
    pub is_last: bool,
}

impl Timed {
    /// Puts a value behind those that are not later. `make` is called only when it stays.
    fn insert(&self, kept: &mut Vec<(i64, Value)>, at: i64, make: impl FnOnce() -> Value) {
        // Events come nearly in order: from behind it is the first look.
        let place = kept.iter().rposition(|(time, _)| *time <= at).map_or(0, |p| p + 1);
        if kept.len() < self.k {
            kept.insert(place, (at, make()));
        } else if self.is_last && place > 0 {
            // Those before it move one down, over the oldest.
            kept[..place].rotate_left(1);
            kept[place - 1] = (at, make());
        } else if !self.is_last && place < kept.len() {
            kept[place..].rotate_right(1);
            kept[place] = (at, make());
        }
    }
}

impl Aggregate for Timed {
    fn output(&self) -> Type {
        Type::List(Box::new(self.ty.clone()))
    }

    fn update(&self, ir: &mut Ir, cell: Cell<'_>, at: i64) {
        if matches!(ir, Ir::Empty) {
            *ir = Ir::Timed(Box::default());
        }
        if let Ir::Timed(kept) = ir {
            self.insert(kept, at, || cell.to_value());
        }
    }

    fn merge(&self, ir: &mut Ir, later: &Ir) {
        if !ir.has_both(later) {
            return;
        }
        if let (Ir::Timed(kept), Ir::Timed(later)) = (ir, later) {
            for (at, value) in later.iter() {
                self.insert(kept, *at, || value.clone());
            }
        }
    }

    /// The first ones oldest first, the last ones newest first.
    fn finalize(&self, ir: &Ir) -> Value {
        let Ir::Timed(kept) = ir else { return Value::Null };
        let values = kept.iter().map(|(_, value)| value.clone());
        Value::List(if self.is_last { values.rev().collect() } else { values.collect() })
    }
}
