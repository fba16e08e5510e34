//! Which method serves a slot.

use super::output::Out;
use super::sorted::{Chunk, Key};
use super::{Tails, distinct, ends, extreme, prefix, slide, top};
use crate::column::Block;
use crate::operation::Operation;
use crate::plan::{Plan, Slot};
use crate::window::Window;
use tile_base::Result;

/// What a method works on: one slot, one key.
pub struct Task<'a> {
    pub slot: &'a Slot,
    pub block: &'a Block,
    pub key: Key<'a>,
    /// The windows of the slot's columns, as places among those of the plan.
    pub windows: &'a [usize],
}

/// A method. It gives one value for each query of the key and each window, or false without having given any, when it cannot serve the
/// key's values.
pub type Method = fn(&Task<'_>, &mut [Out]) -> bool;

/// The method for a slot whose cells are inputs as they are.
fn special(slot: &Slot) -> Option<Method> {
    if !slot.is_whole {
        return None;
    }
    let number = slot.ty.is_number();
    Some(match slot.operation {
        Operation::Count => prefix::count,
        Operation::Sum if slot.ty.is_integer() => prefix::sum_integers,
        Operation::Sum if slot.ty.is_real() => prefix::sum_reals,
        Operation::Average if slot.ty.is_integer() => prefix::average_integers,
        Operation::Average if slot.ty.is_real() => prefix::average_reals,
        Operation::First => ends::first,
        Operation::Last => ends::last,
        Operation::Min | Operation::Max if number || slot.ty == crate::types::Type::Text => extreme::extreme,
        Operation::UniqueCount | Operation::BoundedUniqueCount => distinct::count,
        Operation::TopK | Operation::BottomK => top::top,
        _ => return None,
    })
}

/// The values of all columns of one slot for the queries of a chunk.
///
/// # Errors
/// Those of [`slide::slide`].
pub fn run(
    plan: &Plan,
    slot: usize,
    block: &Block,
    chunk: &Chunk,
    windows: &[Option<Window>],
    tails: Tails,
) -> Result<Vec<Out>> {
    let columns: Vec<_> = plan.columns.iter().filter(|column| column.slot == slot).collect();
    let mut outs: Vec<Out> = columns.iter().map(|column| Out::new(&column.ty)).collect();
    let place = |window: Option<Window>| windows.iter().position(|w| *w == window).unwrap_or_default();
    let places: Vec<usize> = columns.iter().map(|column| place(column.window)).collect();
    let slot = &plan.slots[slot];
    let method = special(slot);
    for key in chunk.keys().filter(|key| !key.heads.is_empty()) {
        let task = Task { slot, block, key, windows: &places };
        if !method.is_some_and(|method| method(&task, &mut outs)) {
            for ((out, place), column) in outs.iter_mut().zip(&places).zip(&columns) {
                let hop = column.window.map_or(i64::MAX, |window| tails.hop(window));
                slide::slide(&task, *place, hop, out)?;
            }
        }
    }
    Ok(outs)
}
