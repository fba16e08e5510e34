//! A scenario of a table that changes, taken in as it comes.

use super::{Choices, GROUP, KEYS, part, shuffle};
use crate::backfill::entities::Rows;
use crate::column::Column;
use crate::entities::{Changes, Entities};
use crate::key;
use crate::online::Fetched;
use crate::plan::Plan;
use crate::scenario::{Results, Scenario};
use crate::types::Type;
use crate::value::Value;
use std::sync::Arc;
use tile_base::tiles::{TileChange, TileStore};
use tile_base::{Error, Result};

/// After so many queries the process is taken to start anew.
const RESTART_EVERY: usize = 3;

struct Online<'a, 'b> {
    scenario: &'a Scenario,
    plan: &'a Arc<Plan>,
    choices: &'a mut Choices<'b>,
    entities: Entities,
    /// Changes since the last commit, each with the present at which it came.
    uncommitted: Vec<(usize, i64)>,
    /// The writes of the last commit.
    written: Vec<TileChange>,
}

fn empty(scenario: &Scenario, plan: &Arc<Plan>) -> Entities {
    Entities::new(plan.clone(), scenario.schema.clone(), Rows::Windowed, 0)
}

/// The values of the queries, in their order.
pub fn run(scenario: &Scenario, plan: &Arc<Plan>, choices: &mut Choices<'_>) -> Result<Results> {
    let entities = empty(scenario, plan);
    let mut online =
        Online { scenario, plan, choices, entities, uncommitted: Vec::new(), written: Vec::new() };
    let first = scenario.queries.first().copied().unwrap_or(0);
    online.table(first)?;
    let mut order: Vec<usize> = (0..scenario.mutations.len()).collect();
    order.sort_by_key(|at| scenario.mutations[*at].at);
    let mut order = order.into_iter().peekable();
    let mut results = Results::new();
    for (place, q) in scenario.queries.iter().enumerate() {
        let mut new = Vec::new();
        while let Some(at) = order.next_if(|at| scenario.mutations[*at].at < *q) {
            new.push(at);
        }
        if let Some(seed) = online.choices.shuffle {
            shuffle(&mut new, seed);
        }
        new.iter().for_each(|at| online.apply(*at, *q - 1));
        if place % RESTART_EVERY == 0 {
            online.restart(*q)?;
        }
        results.push(Some(online.ask(*q)?));
    }
    Ok(results)
}

fn zeros(rows: usize) -> Column {
    Column::of_values(&Type::Long, &vec![Value::Int(0); rows])
}

impl Online<'_, '_> {
    /// Takes the snapshot in.
    fn table(&mut self, now: i64) -> Result<()> {
        let mut rows: Vec<usize> = (0..self.scenario.rows.times.len()).collect();
        if let Some(seed) = self.choices.shuffle {
            shuffle(&mut rows, seed);
        }
        let block = part(&self.scenario.schema, &self.scenario.rows, &rows);
        self.entities.apply(&[zeros(rows.len())], &block, None, self.scenario.batch_end.unwrap_or(now));
        self.commit(now)
    }

    fn apply(&mut self, at: usize, now: i64) {
        self.uncommitted.push((at, now));
        self.change(at, now);
    }

    fn change(&self, at: usize, now: i64) {
        let change = self.scenario.mutations[at];
        let block = part(&self.scenario.schema, &self.scenario.mutated, &[at]);
        let changes = Changes { times: &[change.at], is_before: &[change.is_before] };
        self.entities.apply(&[zeros(1)], &block, Some(&changes), now);
    }

    fn ask(&self, q: i64) -> Result<Vec<Value>> {
        let key = key::of_values(&[Value::Int(0)], &[Type::Long])?;
        match self.entities.fetch(&key, q) {
            Fetched::Values(values) => Ok(values),
            Fetched::Missing => Ok(vec![Value::Null; self.plan.columns.len()]),
            Fetched::Past(past) => Err(Error::internal(format!("rows did not answer at {q}: {past}"))),
        }
    }

    fn commit(&mut self, now: i64) -> Result<()> {
        let Some(reopen) = &mut self.choices.reopen else { return Ok(()) };
        let store = reopen()?;
        let changes = self.entities.changes();
        store.commit(GROUP, &changes, &now.to_le_bytes())?;
        if self.choices.is_redelivered {
            store.commit(GROUP, &super::puts(&self.written), &now.to_le_bytes())?;
        }
        (self.written, self.uncommitted) = (changes, Vec::new());
        Ok(())
    }

    /// Starts from what the store holds; what it does not hold comes again.
    fn restart(&mut self, now: i64) -> Result<()> {
        if !self.choices.is_redelivered {
            self.commit(now)?;
        }
        let Some(reopen) = &mut self.choices.reopen else { return Ok(()) };
        let store: Arc<dyn TileStore> = reopen()?;
        let entities = empty(self.scenario, self.plan);
        let mut after: Option<Vec<u8>> = None;
        loop {
            let keys = store.scan(GROUP, after.as_deref(), KEYS)?;
            let Some(last) = keys.last() else { break };
            after = Some(last.0.clone());
            entities.restore(keys)?;
        }
        drop(store);
        self.entities = entities;
        let lost = std::mem::take(&mut self.uncommitted);
        lost.iter().for_each(|(at, now)| self.change(*at, *now));
        if self.choices.is_redelivered { self.commit(now) } else { Ok(()) }
    }
}
