//! The values of one key while its events and queries come in the order of time: for each column, the hops of its window as two stacks, so that
//! an event and a query cost a few merges, however long the window.

use crate::aggregates::Ir;
use crate::backfill::Tails;
use crate::column::Block;
use crate::plan::{Plan, Slot};
use crate::value::Value;
use crate::window::interval;
use std::sync::Arc;
use tile_base::{Error, Result};

pub struct Running {
    plan: Arc<Plan>,
    tails: Tails,
    columns: Vec<Hops>,
    /// The time of the newest event.
    newest: i64,
    /// The time of the last query.
    asked: i64,
}

/// The hops of one column.
#[derive(Default)]
struct Hops {
    /// Older hops, the oldest last: each merged with all that came after it up to the newest of these.
    front: Vec<(i64, Ir)>,
    /// Newer hops in order.
    back: Vec<(i64, Ir)>,
    /// All newer hops merged.
    merged: Ir,
}

impl Running {
    pub fn new(plan: Arc<Plan>, tails: Tails) -> Self {
        let columns = plan.columns.iter().map(|_| Hops::default()).collect();
        Self { plan, tails, columns, newest: i64::MIN, asked: i64::MIN }
    }

    /// Takes a row of a block in.
    ///
    /// # Errors
    /// `Invalid` for an event that is older than another one, or than a query.
    pub fn update(&mut self, block: &Block, row: usize) -> Result<()> {
        let at = block.times[row];
        if at < self.newest.max(self.asked) {
            return Err(Error::invalid(format!("the event at {at} comes after later ones")));
        }
        self.newest = at;
        for (column, hops) in self.plan.columns.iter().zip(&mut self.columns) {
            let slot = &self.plan.slots[column.slot];
            if let Some(window) = column.window {
                slot.update(hops.newest(interval(at, self.tails.hop(window))), &block.columns, at, row);
            }
            slot.update(&mut hops.merged, &block.columns, at, row);
        }
        Ok(())
    }

    /// The values at a time, after all events.
    ///
    /// # Errors
    /// `Invalid` for a time that is not after all events and at or after all queries.
    pub fn values(&mut self, q: i64) -> Result<Vec<Value>> {
        if q <= self.newest || q < self.asked {
            return Err(Error::invalid(format!("the query at {q} comes after later events or queries")));
        }
        self.asked = q;
        let columns = self.plan.columns.iter().zip(&mut self.columns);
        columns
            .map(|(column, hops)| {
                let slot = &self.plan.slots[column.slot];
                if let Some(window) = column.window {
                    hops.drop_before(slot, window.tail_by(q, self.tails.hop(window)));
                }
                hops.value(slot)
            })
            .collect()
    }
}

impl Hops {
    /// The newest hop, which starts at that time.
    fn newest(&mut self, start: i64) -> &mut Ir {
        if self.back.last().is_none_or(|hop| hop.0 < start) {
            self.back.push((start, Ir::Empty));
        }
        let last = self.back.len() - 1;
        &mut self.back[last].1
    }

    fn drop_before(&mut self, slot: &Slot, tail: i64) {
        while self.front.last().is_some_and(|hop| hop.0 < tail) {
            self.front.pop();
        }
        if self.front.is_empty() && self.back.first().is_some_and(|hop| hop.0 < tail) {
            self.turn(slot, tail);
        }
    }

    /// Makes the newer hops older ones.
    fn turn(&mut self, slot: &Slot, tail: i64) {
        let mut later = Ir::Empty;
        for (start, mut ir) in self.back.drain(..).rev().take_while(|hop| hop.0 >= tail) {
            slot.merge(&mut ir, &later);
            later.clone_from(&ir);
            self.front.push((start, ir));
        }
        self.merged = Ir::Empty;
    }

    fn value(&self, slot: &Slot) -> Result<Value> {
        match self.front.last() {
            Some((_, ir)) => {
                let mut ir = ir.clone();
                slot.merge(&mut ir, &self.merged);
                slot.value(&ir)
            }
            None => slot.value(&self.merged),
        }
    }
}
