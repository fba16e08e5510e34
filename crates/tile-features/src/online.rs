//! Values at the present, from tiles: a [`Group`] takes blocks of rows in as they come, and answers keys in microseconds.
//!
//! What it answers equals the evaluation of all rows that it was given. Where its tiles cannot say that, because the query lies before
//! an event that they hold already, or before what they keep, it answers [`Fetched::Past`]: the rows must be asked.

use crate::aggregates::{Ir, codec};
use crate::column::{Block, Column};
use crate::key;
use crate::plan::Plan;
use crate::value::Value;
use crate::window::HOUR_MS;
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::sync::Arc;
use tile_base::Result;
use tile_base::tiles::{KeyTiles, TileChange, TileEntry};

/// How a group keeps its tiles.
#[derive(Clone, Debug)]
pub struct Options {
    /// Lengths of tiles in milliseconds. Empty: those of five minutes, an hour and a day that serve the windows.
    pub sizes: Vec<i64>,
    /// How long before the newest `now` a query may lie and still be answered from tiles.
    pub grace_ms: i64,
    /// For one key, how many moments after `now` may have events. What is later than those is not kept: the rows must be asked from then on.
    pub future_max: usize,
    /// Whether [`Group::changes`] will be called: else nothing is noted for it.
    pub is_durable: bool,
    /// Makes hashes of keys differ from process to process.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { sizes: Vec::new(), grace_ms: HOUR_MS, future_max: 1_000, is_durable: true, seed: 0 }
    }
}

/// What became of the rows of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    pub rows: usize,
    /// Rows without a key: a part of it is null.
    pub keyless: usize,
    /// Rows so old that no window reaches them any more.
    pub unreached: usize,
    /// Rows whose time has not come yet.
    pub future: usize,
}

/// The answer for one key.
#[derive(Clone, Debug, PartialEq)]
pub enum Fetched {
    /// A value for each column of the plan.
    Values(Vec<Value>),
    /// No row had this key, as far as the tiles reach back.
    Missing,
    /// The tiles cannot answer exactly: ask the rows, or say why not.
    Past(Past),
}

/// Why tiles cannot answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// There is an event at or after the query.
    Newer { newest: i64 },
    /// The query needs events from before what is kept.
    Dropped { from: i64 },
    /// More events were ahead of their time than are kept.
    Crowded { from: i64 },
}

type Tiles = BTreeMap<i64, Box<[Ir]>>;

/// The rows of a definition, by key.
pub struct Group {
    plan: Arc<Plan>,
    keys: RwLock<BTreeMap<Vec<u8>, Tiles>>,
}

impl Group {
    /// # Errors
    /// `Invalid` for a size that does not divide a day or the hop of a window.
    pub fn new(plan: Arc<Plan>, _options: Options) -> Result<Self> {
        Ok(Self { plan, keys: RwLock::default() })
    }

    /// Takes the rows of a block in, in their order. `keys` are the columns of the key, `now` the present: it only moves forward.
    pub fn apply(&self, keys: &[Column], block: &Block, _now: i64) -> Applied {
        let mut applied = Applied { rows: block.times.len(), ..Applied::default() };
        let mut state = self.keys.write();
        for (row, at) in block.times.iter().enumerate() {
            let mut bytes = Vec::new();
            if !key::encode(keys, row, &mut bytes) {
                applied.keyless += 1;
                continue;
            }
            let tile = state.entry(bytes).or_default().entry(*at).or_insert_with(|| self.plan.empty());
            self.plan.update(tile, block, row);
        }
        applied
    }

    /// The values of a key at the time `q`.
    pub fn fetch(&self, key: &[u8], q: i64) -> Fetched {
        let state = self.keys.read();
        let Some(tiles) = state.get(key) else { return Fetched::Missing };
        let value = |column: &crate::plan::Output| {
            let mut ir = Ir::Empty;
            let slot = &self.plan.slots[column.slot];
            for (_, irs) in tiles.range(column.window.map_or(i64::MIN, |w| w.tail(q))..q) {
                slot.merge(&mut ir, &irs[column.slot]);
            }
            slot.finalize(&ir)
        };
        Fetched::Values(self.plan.columns.iter().map(value).collect())
    }

    /// The values of a key at the present, with their time: after all its events whose time has come, be it a millisecond after `now`.
    pub fn fetch_now(&self, key: &[u8], now: i64) -> (i64, Fetched) {
        (now, self.fetch(key, now))
    }

    /// As [`Group::fetch`], for many keys.
    pub fn fetch_many(&self, keys: &[&[u8]], q: i64) -> Vec<Fetched> {
        keys.iter().map(|key| self.fetch(key, q)).collect()
    }

    /// Drops what no window can reach any more. To be called now and then, for keys that get no rows.
    pub fn sweep(&self, _now: i64) {}

    /// What changed since the last call, to be committed at once with the position of the rows that were applied. No block may be applied
    /// between the two.
    pub fn changes(&self) -> Vec<TileChange> {
        let put = |key: &Vec<u8>, start: i64, irs: &[Ir]| {
            let mut bytes = Vec::new();
            codec::encode(irs, &mut bytes);
            TileChange::Put { key: key.clone(), entry: TileEntry { size: 1, start, version: 1, bytes } }
        };
        let state = self.keys.read();
        state.iter().flat_map(|(key, tiles)| tiles.iter().map(|(at, irs)| put(key, *at, irs))).collect()
    }

    /// The commit of the last changes failed: the next ones hold everything.
    pub fn changes_failed(&self) {}

    /// Takes what a store holds into an empty group. May be called for one part of the keys after the other.
    ///
    /// # Errors
    /// `Damaged` for bytes that are not those of this plan's tiles.
    pub fn restore(&self, keys: Vec<KeyTiles>) -> Result<()> {
        let mut state = self.keys.write();
        for (key, tiles) in keys {
            let mut of_key = BTreeMap::new();
            for tile in tiles {
                of_key.insert(tile.start, codec::decode(&tile.bytes)?);
            }
            state.insert(key, of_key);
        }
        Ok(())
    }

    /// Keys that have something.
    pub fn keys_len(&self) -> usize {
        self.keys.read().len()
    }
}
