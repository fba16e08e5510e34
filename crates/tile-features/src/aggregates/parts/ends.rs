//! The value at one end of time: what `FIRST` and `LAST` share. Of events at the same time it is that which came first.

use super::super::{Aggregate, Ir};
use super::words::{Form, Inputs, Lane, is_nothing, pack_cell, pack_time, unpack_time};
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

    fn fold(&self, lane: Lane, tiles: &mut [u64], column: usize, inputs: Inputs<'_>) {
        inputs.each(column, |tile, cell, at| {
            let words = lane.of_mut(tiles, tile);
            if is_nothing(words) || !stays::<IS_LAST>(unpack_time(words[0]), at) {
                (words[0], words[1]) = (pack_time(at), pack_cell(cell));
            }
        });
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
