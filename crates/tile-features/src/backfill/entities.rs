//! Entities: rows of a table that changes. What is known of it is its state at midnights, and the mutations since.
//!
//! A value is the aggregate over the rows that the table has at the time of the query. Operations that take values out again could be kept
//! up to date; the others could not, so all are folded from the rows that are there: an entity has few.

use super::output::{Out, scatter};
use super::sorted::{Grouped, small};
use super::{Events, Queries};
use crate::aggregates::Ir;
use crate::column::Block;
use crate::column::Column;
use crate::plan::{Output, Plan, Slot};
use crate::value::Value;
use crate::window::Window;
use rayon::prelude::*;
use std::collections::HashMap;
use std::fmt::Write;
use tile_base::{Error, Result};

/// Images of rows before and after they changed. Keys are those of the states that they change.
#[derive(Clone, Debug, Default)]
pub struct Mutations {
    pub keys: Vec<u32>,
    /// When each happened.
    pub times: Vec<i64>,
    /// The image before: the row goes. Else it comes.
    pub is_before: Vec<bool>,
    /// The rows, with their own times.
    pub block: Block,
}

/// Which rows of a table count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Those within the window, whose tail moves in hops, and before the query.
    Windowed,
    /// Those whose time is at most a window before the query: what a snapshot of a day holds, at its end.
    Since,
}

impl Rows {
    pub(crate) fn holds(self, window: Option<Window>, q: i64, time: i64) -> bool {
        match self {
            Self::Windowed => time < q && window.is_none_or(|w| time >= w.tail(q)),
            Self::Since => window.is_none_or(|w| time >= q.saturating_sub(w.millis())),
        }
    }
}

/// One column for each of the plan's, with a row for each query in its order. `table` is the state before all mutations; those before
/// a query have happened.
///
/// An image before that no row is equal to waits for one: a row that comes later and is equal to it never was there. Until then operations that
/// take values out take it out, and others do not know of it.
///
/// # Errors
/// `TooLarge` for a value that is not kept: see [`crate::plan::Slot::value`].
pub fn evaluate(
    plan: &Plan,
    table: &Events,
    mutations: &Mutations,
    queries: &Queries,
    rows: Rows,
) -> Result<Vec<Column>> {
    let is_even = table.keys.len() == table.block.times.len()
        && mutations.keys.len() == mutations.times.len()
        && mutations.keys.len() == mutations.block.times.len()
        && mutations.is_before.len() == mutations.keys.len();
    if !is_even {
        return Err(Error::internal("keys and times of rows do not have one length"));
    }
    let keys = table.keys.iter().chain(&mutations.keys).filter(|k| **k != super::keys::NO_KEY);
    let key_count = keys.max().map_or(0, |k| *k as usize + 1);
    let by_key = [&table.keys, &mutations.keys, &queries.keys].map(|keys| Grouped::new(keys, key_count));
    let done = (0..key_count)
        .into_par_iter()
        .filter(|key| !by_key[2].of(*key).is_empty())
        .map(|key| {
            let mut asked = by_key[2].of(key).to_vec();
            asked.sort_by_key(|at| queries.times[*at as usize]);
            let mut entity = Entity::new(plan, table, mutations, by_key[0].of(key), by_key[1].of(key));
            let mut outs: Vec<Out> = plan.columns.iter().map(|c| Out::new(&c.ty)).collect();
            for at in &asked {
                let q = queries.times[*at as usize];
                entity.happen_before(q);
                for (column, out) in plan.columns.iter().zip(&mut outs) {
                    out.push(entity.value(column, rows, q)?);
                }
            }
            Ok((asked, outs))
        })
        .collect::<Result<Vec<(Vec<u32>, Vec<Out>)>>>()?;
    let column = |at: usize| {
        let parts = done.iter().map(|(places, outs)| (places.as_slice(), &outs[at]));
        scatter(parts, queries.keys.len(), &plan.columns[at].ty)
    };
    Ok((0..plan.columns.len()).map(column).collect())
}

/// A row of the state or of a mutation.
#[derive(Clone, Copy)]
struct Row<'a> {
    block: &'a Block,
    at: usize,
    is_there: bool,
}

impl Row<'_> {
    fn time(&self) -> i64 {
        self.block.times[self.at]
    }

    /// What rows that are equal share.
    fn print(&self) -> String {
        let mut out = self.time().to_string();
        for column in &self.block.columns {
            // Writing to a text does not fail.
            let _ = write!(out, "|{:?}", column.cell(self.at).to_value());
        }
        out
    }
}

/// The rows of one key.
struct Entity<'a> {
    plan: &'a Plan,
    mutations: &'a Mutations,
    /// In the order of their times, then of their arrival; those that are to come among them.
    rows: Vec<Row<'a>>,
    /// Mutations in the order in which they happened, with the place of the row that comes; the next is at the end.
    to_come: Vec<(u32, Option<u32>)>,
    /// Places of rows that are there, by their print. Only where a row goes.
    prints: Option<HashMap<String, Vec<u32>>>,
    /// Images before, for which there was no row.
    owed: Vec<(String, Row<'a>)>,
}

impl<'a> Entity<'a> {
    fn new(
        plan: &'a Plan,
        table: &'a Events,
        mutations: &'a Mutations,
        state: &[u32],
        changes: &[u32],
    ) -> Self {
        let mut order = changes.to_vec();
        order.sort_by_key(|at| mutations.times[*at as usize]);
        let mut rows: Vec<(Row<'a>, Option<usize>)> = state
            .iter()
            .map(|at| (Row { block: &table.block, at: *at as usize, is_there: true }, None))
            .collect();
        let comes = |at: &u32| !mutations.is_before[*at as usize];
        rows.extend(order.iter().enumerate().filter(|(_, at)| comes(at)).map(|(nth, at)| {
            (Row { block: &mutations.block, at: *at as usize, is_there: false }, Some(nth))
        }));
        rows.sort_by_key(|(row, _)| row.time());
        let mut to_come: Vec<(u32, Option<u32>)> = order.iter().map(|at| (*at, None)).collect();
        for (place, (_, nth)) in rows.iter().enumerate() {
            if let Some(nth) = nth {
                to_come[*nth].1 = Some(small(place));
            }
        }
        to_come.reverse();
        let rows: Vec<Row<'a>> = rows.into_iter().map(|(row, _)| row).collect();
        let mut entity = Self { plan, mutations, rows, to_come, prints: None, owed: Vec::new() };
        if changes.iter().any(|at| !comes(at)) {
            let mut prints: HashMap<String, Vec<u32>> = HashMap::new();
            for (place, row) in (0..).zip(&entity.rows).filter(|(_, row)| row.is_there) {
                prints.entry(row.print()).or_default().push(place);
            }
            entity.prints = Some(prints);
        }
        entity
    }

    /// Lets all mutations before a time happen.
    fn happen_before(&mut self, q: i64) {
        while let Some((at, comes)) = self.to_come.pop() {
            if self.mutations.times[at as usize] >= q {
                self.to_come.push((at, comes));
                return;
            }
            match comes {
                Some(place) => self.come(place),
                None => self.go(Row { block: &self.mutations.block, at: at as usize, is_there: false }),
            }
        }
    }

    fn come(&mut self, place: u32) {
        if let Some(prints) = &mut self.prints {
            let print = self.rows[place as usize].print();
            if let Some(owed) = self.owed.iter().position(|(owed, _)| *owed == print) {
                self.owed.swap_remove(owed);
                return;
            }
            prints.entry(print).or_default().push(place);
        }
        self.rows[place as usize].is_there = true;
    }

    fn go(&mut self, row: Row<'a>) {
        let print = row.print();
        match self.prints.as_mut().and_then(|prints| prints.get_mut(&print)).and_then(Vec::pop) {
            Some(place) => self.rows[place as usize].is_there = false,
            None => self.owed.push((print, row)),
        }
    }

    fn value(&self, column: &Output, rows: Rows, q: i64) -> Result<Value> {
        let is_held = |row: &&Row<'_>| rows.holds(column.window, q, row.time());
        let there = self.rows.iter().filter(|row| row.is_there).filter(is_held);
        let owed = self.owed.iter().map(|(_, row)| row).filter(is_held);
        let place = |row: &Row<'a>| (row.block, row.at);
        folded(&self.plan.slots[column.slot], there.map(place), owed.map(place))
    }
}

/// The value of a slot over the rows that are there, and the images before that wait for a row.
///
/// # Errors
/// `TooLarge`: see [`Slot::value`].
pub(crate) fn folded<'a>(
    slot: &Slot,
    there: impl Iterator<Item = (&'a Block, usize)>,
    owed: impl Iterator<Item = (&'a Block, usize)>,
) -> Result<Value> {
    let mut ir = Ir::Empty;
    for (block, at) in there {
        slot.update(&mut ir, &block.columns, block.times[at], at);
    }
    for (block, at) in owed {
        // False where the operation cannot take values out.
        let _ = slot.remove(&mut ir, &block.columns, at);
    }
    slot.value(&ir)
}
