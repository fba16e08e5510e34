//! The value at one end of time: what `FIRST` and `LAST` share. Of events at the same time it is that which came first.

use super::super::{Aggregate, Ir};
use super::words::Form;
use crate::column::Cell;
use crate::types::Type;
use crate::value::Value;

pub struct End<const IS_LAST: bool>(pub Type);

/// Whether what is kept stays when an event at another time comes.
#[inline]
const fn stays<const IS_LAST: bool>(kept: i64, at: i64) -> bool {
    if IS_LAST { kept >= at } else { kept <= at }
}

impl<const IS_LAST: bool> Aggregate for End<IS_LAST> {
    fn output(&self) -> Type {
        self.0.clone()
    }

    fn form(&self) -> Option<Form> {
        Form::at(&self.0)
    }

    #[inline]
    fn update(&self, ir: &mut Ir, cell: Cell<'_>, at: i64) {
        match ir {
            Ir::At(kept, _) if stays::<IS_LAST>(*kept, at) => {}
            _ => *ir = Ir::At(at, cell.to_value()),
        }
    }

    #[inline]
    fn merge(&self, ir: &mut Ir, later: &Ir) {
        match (&*ir, later) {
            (Ir::At(kept, _), Ir::At(at, _)) if stays::<IS_LAST>(*kept, *at) => {}
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
