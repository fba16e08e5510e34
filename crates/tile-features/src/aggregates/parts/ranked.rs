//! The best values: what `TOP_K`, `BOTTOM_K` and `UNIQUE_TOP_K` share.

use super::super::{Aggregate, Ir};
use crate::column::Cell;
use crate::types::Type;
use crate::value::{Value, order};
use std::cmp::Ordering;

/// How values rank: the better one is less. Of values that are the same, so far as this operation knows, one is kept.
pub trait Rank: Send + Sync {
    fn order(&self, a: &Value, b: &Value) -> Ordering;
    /// The place of the same value among those that are kept, best first.
    fn same(&self, _kept: &[Value], _value: &Value) -> Option<usize> {
        None
    }
}

/// Greatest first; NaN is greater than all numbers.
pub struct Descending;

/// Least first.
pub struct Ascending;

impl Rank for Descending {
    fn order(&self, a: &Value, b: &Value) -> Ordering {
        order(b, a)
    }
}

impl Rank for Ascending {
    fn order(&self, a: &Value, b: &Value) -> Ordering {
        order(a, b)
    }
}

pub struct Ranked<R> {
    pub ty: Type,
    pub k: usize,
    pub rank: R,
}

impl<R: Rank> Ranked<R> {
    fn insert(&self, kept: &mut Vec<Value>, value: &Value) {
        let place = kept.partition_point(|v| self.rank.order(v, value) != Ordering::Greater);
        match self.rank.same(kept, value) {
            Some(same) if same < place => return,
            Some(same) => drop(kept.remove(same)),
            None if place >= self.k => return,
            None => kept.truncate(self.k - 1),
        }
        kept.insert(place, value.clone());
    }
}

impl<R: Rank> Aggregate for Ranked<R> {
    fn output(&self) -> Type {
        Type::List(Box::new(self.ty.clone()))
    }

    fn update(&self, ir: &mut Ir, cell: Cell<'_>, _at: i64) {
        if matches!(ir, Ir::Empty) {
            *ir = Ir::Ranked(Box::default());
        }
        if let Ir::Ranked(kept) = ir {
            self.insert(kept, &cell.to_value());
        }
    }

    fn merge(&self, ir: &mut Ir, later: &Ir) {
        if !ir.has_both(later) {
            return;
        }
        if let (Ir::Ranked(kept), Ir::Ranked(later)) = (ir, later) {
            for value in later.iter() {
                self.insert(kept, value);
            }
        }
    }

    fn finalize(&self, ir: &Ir) -> Value {
        match ir {
            Ir::Ranked(kept) => Value::List(kept.as_slice().into()),
            _ => Value::Null,
        }
    }
}
