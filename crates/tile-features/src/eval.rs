//! A scenario through each evaluator: what `tile features eval` does. All must give the same values.

mod entities;

use crate::backfill::{self, Events, Queries, Tails};
use crate::column::{Block, Column};
use crate::key;
use crate::naive;
use crate::online::{Fetched, Group, Options};
use crate::plan::Plan;
use crate::running::Running;
use crate::scenario::{Results, Scenario};
use crate::types::{Schema, Type};
use crate::value::Value;
use crate::window::{DAY_MS, HOUR_MS};
use std::fmt;
use std::sync::Arc;
use tile_base::tiles::{TileChange, TileStore};
use tile_base::{Error, Result};

/// Rows of one block, where many are taken in at once.
const ROWS: usize = 1_000;
/// Keys that are read from a store at once.
const KEYS: usize = 1_000;
/// After so many queries the process is taken to start anew.
const RESTART_EVERY: usize = 5;
/// The group's name in a store.
const GROUP: &str = "eval";

/// An evaluator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Naive,
    Backfill,
    Online,
    /// Online, with that smallest size of tiles.
    Tiled(i64),
    Running,
    Snapshot,
    Mutation,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Naive => f.write_str("naive"),
            Self::Backfill => f.write_str("backfill"),
            Self::Online => f.write_str("online"),
            Self::Tiled(size) => write!(f, "tiled_{size}"),
            Self::Running => f.write_str("running"),
            Self::Snapshot => f.write_str("snapshot"),
            Self::Mutation => f.write_str("mutation"),
        }
    }
}

impl Mode {
    /// Reads a name.
    ///
    /// # Errors
    /// `Invalid` for another, with those that there are.
    pub fn parse(name: &str) -> Result<Self> {
        let tiled = name.strip_prefix("tiled_").and_then(|size| size.parse().ok()).map(Self::Tiled);
        let plain =
            [Self::Naive, Self::Backfill, Self::Online, Self::Running, Self::Snapshot, Self::Mutation];
        tiled.or_else(|| plain.into_iter().find(|mode| mode.to_string() == name)).ok_or_else(|| {
            Error::invalid(format!("no mode is called `{name}`")).hint(
                "Modes are naive, backfill, online, tiled_<milliseconds>, running, snapshot and mutation",
            )
        })
    }
}

/// How the rows of an online evaluation come.
#[derive(Default)]
pub struct Choices<'a> {
    /// In a random order of this seed, as far as each query has its rows.
    pub shuffle: Option<u64>,
    /// Rows before this time are there at once, rolled up. The end of the scenario's batch, unless it is given.
    pub compact_at: Option<i64>,
    /// Tiles go through a store, which this opens: again and again.
    pub reopen: Option<Reopen<'a>>,
    /// With a store: what came since the last commit is lost and comes again, and writes come twice, the second time late.
    pub is_redelivered: bool,
}

/// Opens the same store.
pub type Reopen<'a> = &'a mut dyn FnMut() -> Result<Arc<dyn TileStore>>;

/// The evaluators that can take a scenario.
pub fn modes(scenario: &Scenario, plan: &Arc<Plan>) -> Vec<Mode> {
    if !scenario.mutations.is_empty() {
        return vec![Mode::Mutation, Mode::Online];
    }
    let mut modes = vec![Mode::Naive, Mode::Backfill, Mode::Online];
    let fits = |size: &i64| Group::new(Arc::clone(plan), options(*size)).is_ok();
    modes.extend(scenario.tile_sizes.iter().copied().filter(fits).map(Mode::Tiled));
    modes.push(Mode::Running);
    if !scenario.snapshot_ends.is_empty() {
        modes.push(Mode::Snapshot);
    }
    modes
}

/// The values of the scenario's queries, or of the ends of its snapshots.
///
/// # Errors
/// `Invalid` for a size of tiles that does not fit; what a store or an evaluator says.
pub fn evaluate(
    scenario: &Scenario,
    plan: &Arc<Plan>,
    mode: Mode,
    choices: &mut Choices<'_>,
) -> Result<Results> {
    match mode {
        Mode::Naive => {
            scenario.queries.iter().map(|q| naive::evaluate(plan, &scenario.rows, *q).map(Some)).collect()
        }
        Mode::Backfill => at_once(scenario, plan, &scenario.queries, Tails::Exact),
        Mode::Snapshot => at_once(scenario, plan, &scenario.snapshot_ends, Tails::Daily),
        Mode::Mutation => mutated(scenario, plan),
        Mode::Running => running(scenario, plan),
        Mode::Online if !scenario.mutations.is_empty() => entities::run(scenario, plan, choices),
        Mode::Online => Online::new(scenario, plan, Options::default(), choices)?.run(),
        Mode::Tiled(size) => Online::new(scenario, plan, options(size), choices)?.run(),
    }
}

/// The sizes that go with a smallest one.
fn options(size: i64) -> Options {
    let larger =
        [HOUR_MS, DAY_MS].into_iter().filter(|larger| size > 0 && *larger > size && larger % size == 0);
    Options { sizes: std::iter::once(size).chain(larger).collect(), ..Options::default() }
}

fn at_once(scenario: &Scenario, plan: &Plan, times: &[i64], tails: Tails) -> Result<Results> {
    let events = Events { keys: vec![0; scenario.rows.times.len()], block: scenario.rows.clone() };
    let queries = Queries { keys: vec![0; times.len()], times: times.to_vec() };
    Ok(lines(&backfill::evaluate(plan, &events, &queries, tails)?, times.len()))
}

fn mutated(scenario: &Scenario, plan: &Plan) -> Result<Results> {
    let table = Events { keys: vec![0; scenario.rows.times.len()], block: scenario.rows.clone() };
    let mutations = backfill::entities::Mutations {
        keys: vec![0; scenario.mutations.len()],
        times: scenario.mutations.iter().map(|m| m.at).collect(),
        is_before: scenario.mutations.iter().map(|m| m.is_before).collect(),
        block: scenario.mutated.clone(),
    };
    let queries = Queries { keys: vec![0; scenario.queries.len()], times: scenario.queries.clone() };
    let rows = backfill::entities::Rows::Windowed;
    let columns = backfill::entities::evaluate(plan, &table, &mutations, &queries, rows)?;
    Ok(lines(&columns, scenario.queries.len()))
}

fn lines(columns: &[Column], rows: usize) -> Results {
    (0..rows).map(|row| Some(columns.iter().map(|column| column.cell(row).to_value()).collect())).collect()
}

/// The rows in the order of time; those of one time as they came.
fn in_time(scenario: &Scenario) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scenario.rows.times.len()).collect();
    order.sort_by_key(|row| scenario.rows.times[*row]);
    order
}

fn running(scenario: &Scenario, plan: &Arc<Plan>) -> Result<Results> {
    let mut running = Running::new(Arc::clone(plan), Tails::Exact);
    let mut rows = in_time(scenario).into_iter().peekable();
    let mut results = Results::new();
    for q in &scenario.queries {
        while let Some(row) = rows.next_if(|row| scenario.rows.times[*row] < *q) {
            running.update(&scenario.rows, row)?;
        }
        results.push(Some(running.values(*q)?));
    }
    Ok(results)
}

/// A group that is fed and asked by turns.
struct Online<'a, 'b> {
    scenario: &'a Scenario,
    plan: &'a Arc<Plan>,
    options: Options,
    choices: &'a mut Choices<'b>,
    group: Group,
    key: Vec<u8>,
    /// Rows since the last commit, in the order in which they came, each with the present then.
    uncommitted: Vec<(Vec<usize>, i64)>,
    /// The writes of the last commit.
    written: Vec<TileChange>,
}

impl<'a, 'b> Online<'a, 'b> {
    fn new(
        scenario: &'a Scenario,
        plan: &'a Arc<Plan>,
        options: Options,
        choices: &'a mut Choices<'b>,
    ) -> Result<Self> {
        let group = Group::new(Arc::clone(plan), options.clone())?;
        let key = key::of_values(&[Value::Int(0)], &[Type::Long])?;
        let (uncommitted, written) = (Vec::new(), Vec::new());
        Ok(Self { scenario, plan, options, choices, group, key, uncommitted, written })
    }

    fn run(mut self) -> Result<Results> {
        let first = self.scenario.queries.first().copied().unwrap_or(0);
        let from = self.choices.compact_at.or(self.scenario.batch_end).unwrap_or(first);
        let times = &self.scenario.rows.times;
        let (early, later): (Vec<usize>, Vec<usize>) = {
            let arrival = 0..times.len();
            let early = arrival.filter(|row| times[*row] < from).collect();
            (early, in_time(self.scenario).into_iter().filter(|row| times[*row] >= from).collect())
        };
        self.apply(early, from);
        self.group.sweep(from);
        let mut later = later.into_iter().peekable();
        let mut results = Results::new();
        for (place, q) in self.scenario.queries.iter().enumerate() {
            let mut new = Vec::new();
            while let Some(row) = later.next_if(|row| times[*row] < *q) {
                new.push(row);
            }
            match self.choices.shuffle {
                None => new.into_iter().for_each(|row| self.apply(vec![row], times[row])),
                Some(_) => self.apply(new, *q - 1),
            }
            if self.choices.reopen.is_some() && place % RESTART_EVERY == 0 {
                self.restart(*q)?;
            }
            if place % 7 == 3 {
                self.group.sweep(*q);
            }
            results.push(Some(self.ask(*q, from)?));
        }
        if self.choices.shuffle.is_some() {
            self.ask_again(&mut results)?;
        }
        Ok(results)
    }

    /// Takes rows in, in their order or in a random one.
    fn apply(&mut self, mut rows: Vec<usize>, now: i64) {
        if let Some(seed) = self.choices.shuffle {
            shuffle(&mut rows, seed);
        }
        self.take(&rows, now);
        if self.choices.is_redelivered {
            self.uncommitted.push((rows, now));
        }
    }

    fn take(&self, rows: &[usize], now: i64) {
        let block = &self.scenario.rows;
        for rows in rows.chunks(ROWS) {
            let keys = Column::of_values(&Type::Long, &vec![Value::Int(0); rows.len()]);
            self.group.apply(&[keys], &part(&self.scenario.schema, block, rows), now);
        }
    }

    fn ask(&self, q: i64, from: i64) -> Result<Vec<Value>> {
        match self.group.fetch(&self.key, q) {
            Fetched::Values(values) => Ok(values),
            Fetched::Missing => Ok(vec![Value::Null; self.plan.columns.len()]),
            // What lies before the batch's end is asked from the rows, as the product does.
            Fetched::Past(_) if q < from => naive::evaluate(self.plan, &self.scenario.rows, q),
            Fetched::Past(past) => Err(Error::internal(format!("tiles did not answer at {q}: {past}"))),
        }
    }

    /// All rows in a random order, then all queries: where tiles answer, that is the answer.
    fn ask_again(&mut self, results: &mut Results) -> Result<()> {
        self.group = Group::new(Arc::clone(self.plan), self.options.clone())?;
        let newest = self.scenario.rows.times.iter().max().copied().unwrap_or(0);
        self.apply((0..self.scenario.rows.times.len()).collect(), newest);
        for (q, result) in self.scenario.queries.iter().zip(results) {
            if let Fetched::Values(values) = self.group.fetch(&self.key, *q) {
                *result = Some(values);
            }
        }
        Ok(())
    }

    /// Writes tiles down. Gives the present that was written with them.
    fn commit(&mut self, now: i64) -> Result<i64> {
        // The clock may have gone back meanwhile: what was dropped before must stay known.
        let present = self.group.present().max(now);
        let Some(reopen) = &mut self.choices.reopen else { return Ok(present) };
        let (store, changes) = (reopen()?, self.group.changes());
        store.commit(GROUP, &changes, &present.to_le_bytes())?;
        if self.choices.is_redelivered {
            store.commit(GROUP, &puts(&self.written), &present.to_le_bytes())?;
        }
        (self.written, self.uncommitted) = (changes, Vec::new());
        Ok(present)
    }

    /// Commits, closes the store, and starts from what it holds. Where rows come again nothing is committed before, but after.
    fn restart(&mut self, now: i64) -> Result<()> {
        let lost = std::mem::take(&mut self.uncommitted);
        if !self.choices.is_redelivered {
            self.commit(now)?;
        }
        let Some(reopen) = &mut self.choices.reopen else { return Ok(()) };
        let store = reopen()?;
        let present = store.offset(GROUP)?.and_then(|bytes| Some(i64::from_le_bytes(bytes.try_into().ok()?)));
        if present.is_none() && !self.choices.is_redelivered {
            return Err(Error::internal("the store lost the offset of its last commit"));
        }
        let group = Group::new(Arc::clone(self.plan), self.options.clone())?;
        let mut after: Option<Vec<u8>> = None;
        loop {
            let keys = store.scan(GROUP, after.as_deref(), KEYS)?;
            let Some(last) = keys.last() else { break };
            after = Some(last.0.clone());
            group.restore(keys)?;
        }
        drop(store);
        present.into_iter().for_each(|present| group.sweep(present));
        self.group = group;
        if self.choices.is_redelivered {
            lost.iter().for_each(|(rows, now)| self.take(rows, *now));
            self.commit(now)?;
        }
        Ok(())
    }
}

/// What was put, to be put again.
fn puts(written: &[TileChange]) -> Vec<TileChange> {
    written.iter().filter(|change| matches!(change, TileChange::Put { .. })).cloned().collect()
}

/// Some rows of a block.
fn part(schema: &Schema, block: &Block, rows: &[usize]) -> Block {
    let columns = schema.0.iter().zip(&block.columns).map(|((_, ty), column)| {
        let values: Vec<Value> = rows.iter().map(|row| column.cell(*row).to_value()).collect();
        Column::of_values(ty, &values)
    });
    Block { times: rows.iter().map(|row| block.times[*row]).collect(), columns: columns.collect() }
}

/// Puts rows in an order that looks random, the same for the same seed.
fn shuffle(rows: &mut [usize], seed: u64) {
    let mut state = seed ^ 0x9E37_79B9_7F4A_7C15;
    for last in (1..rows.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let bound = u64::try_from(last + 1).unwrap_or(u64::MAX);
        rows.swap(last, usize::try_from(state % bound).unwrap_or(0));
    }
}
