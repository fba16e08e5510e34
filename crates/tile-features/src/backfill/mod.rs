//! Values at many past times at once, point-in-time correct: for each query of a key and a time, each feature over the events that its window
//! holds.
//!
//! Events and queries may come in any order. They are sorted by key, time and arrival; then each key is gone through once for each slot,
//! by the method that is best for its operation ([`method`]). All methods give what [`slide`] gives, which works for every operation:
//! tests hold them to it. Keys are shared out among threads. Memory: about 16 bytes for each event and 12 for each query beside what is
//! given, 4 for each query and window, and the results.

mod distinct;
mod ends;
pub mod entities;
mod extreme;
pub mod keys;
mod method;
mod output;
mod prefix;
mod slide;
mod sorted;
mod top;

#[cfg(test)]
mod tests;

use crate::column::{Block, Column};
use crate::plan::Plan;
use crate::window::{DAY_MS, Window};
use keys::NO_KEY;
use output::Out;
use rayon::prelude::*;
use sorted::{Chunk, Grouped};
use tile_base::{Error, Kind, Result};

/// Rows and the numbers of their keys.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// By [`keys::Keys`]; [`NO_KEY`] where a part of the key is null.
    pub keys: Vec<u32>,
    pub block: Block,
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Queries {
    pub keys: Vec<u32>,
    pub times: Vec<i64>,
}

/// In which steps the tails of windows move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tails {
    /// By the length of the window: values hold at the millisecond of the query.
    Exact,
    /// By days: values hold at midnights.
    Daily,
}

impl Tails {
    /// The step of a window.
    pub fn hop(self, window: Window) -> i64 {
        match self {
            Self::Exact => window.hop(),
            Self::Daily => DAY_MS,
        }
    }
}

/// One column for each of the plan's, with a row for each query in its order. A query whose key has no event gives nulls.
///
/// # Errors
/// `TooLarge` for more than 2³² events or queries at once, and for a value that is not kept: see [`crate::plan::Slot::value`].
pub fn evaluate(plan: &Plan, events: &Events, queries: &Queries, tails: Tails) -> Result<Vec<Column>> {
    let lengths = [events.keys.len(), events.block.times.len()];
    if lengths[0] != lengths[1] || queries.keys.len() != queries.times.len() {
        return Err(Error::internal("keys and times of rows do not have one length"));
    }
    if lengths[0].max(queries.keys.len()) >= NO_KEY as usize {
        return Err(Error::new(Kind::TooLarge, "more than 4 billion rows cannot be evaluated at once"));
    }
    let windows = windows(plan);
    let key_count = events.keys.iter().filter(|k| **k != NO_KEY).max().map_or(0, |k| *k as usize + 1);
    let by_key = (Grouped::new(&events.keys, key_count), Grouped::new(&queries.keys, key_count));
    let parts = sorted::split(&by_key.0, &by_key.1);
    let done = parts
        .into_par_iter()
        .map(|part| {
            let chunk = Chunk::new(part, &by_key, (&events.block.times, &queries.times), &windows, tails);
            let slots = (0..plan.slots.len()).into_par_iter();
            let outs = slots.map(|slot| method::run(plan, slot, &events.block, &chunk, &windows, tails));
            let outs: Vec<Vec<Out>> = outs.collect::<Result<_>>()?;
            Ok((chunk, outs))
        })
        .collect::<Result<Vec<(Chunk, Vec<Vec<Out>>)>>>()?;
    Ok(gather(plan, &done, queries.keys.len()))
}

/// The windows of a plan, each once.
fn windows(plan: &Plan) -> Vec<Option<Window>> {
    let mut windows = Vec::new();
    for column in &plan.columns {
        if !windows.contains(&column.window) {
            windows.push(column.window);
        }
    }
    windows
}

/// The results of all chunks, in the order of the queries.
fn gather(plan: &Plan, done: &[(Chunk, Vec<Vec<Out>>)], rows: usize) -> Vec<Column> {
    let mut taken = vec![0; plan.slots.len()];
    let places: Vec<(usize, usize)> = plan
        .columns
        .iter()
        .map(|column| {
            let at = taken[column.slot];
            taken[column.slot] += 1;
            (column.slot, at)
        })
        .collect();
    (0..places.len())
        .into_par_iter()
        .map(|column| {
            let (slot, at) = places[column];
            let parts = done.iter().map(|(chunk, outs)| (chunk.queries.as_slice(), &outs[slot][at]));
            output::scatter(parts, rows, &plan.columns[column].ty)
        })
        .collect()
}
