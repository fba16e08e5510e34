//! Values at the present, from tiles: a [`Group`] takes blocks of rows in as they come, and answers keys in microseconds.
//!
//! What it answers equals the evaluation of all rows that it was given. Where its tiles cannot say that, because the query lies before
//! an event that they hold already, or before what they keep, it answers [`Fetched::Past`]: the rows must be asked.

mod fetch;
mod stored;
#[cfg(test)]
mod tests;

pub use fetch::{ColumnParts, Explained, Part};

use crate::column::{Block, Column};
use crate::key;
use crate::plan::Plan;
use crate::state::layout::{Bounds, Layout, TIME_MAX};
use crate::state::shard::{Keyed, Shard};
use crate::value::Value;
use crate::window::HOUR_MS;
use parking_lot::{Mutex, RwLock};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use tile_base::Result;

/// Parts of a group that are locked on their own: a power of two.
const SHARDS: usize = 64;

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
    /// Makes hashes of keys differ from process to process, so that nobody can choose keys that collide.
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
    /// A column has more distinct values than are kept; so it will be with the rows.
    Full,
}

impl fmt::Display for Past {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer { newest } => {
                write!(f, "the key has an event at {newest}, which is not before the time asked for")
            }
            Self::Dropped { from } => write!(f, "events before {from} are not kept in tiles"),
            Self::Full => f.write_str("a column has more distinct values than are kept"),
            Self::Crowded { from } => {
                write!(f, "the key has too many events ahead of their time, from {from} on")
            }
        }
    }
}

/// The rows of a definition, by key. Rows are applied by one caller at a time; fetches go on meanwhile.
pub struct Group {
    layout: Layout,
    shards: Box<[RwLock<Shard>]>,
    bounds: Mutex<Bounds>,
    /// The newest time of a row that was taken in.
    newest: AtomicI64,
    /// The round of changes: tiles that change bear it.
    version: AtomicU64,
    is_all_changed: AtomicBool,
}

/// A row of a block that has a key.
struct Hashed {
    hash: u64,
    /// Where its key begins and ends among those of all rows.
    key: Range<usize>,
    row: usize,
    at: i64,
}

impl Group {
    /// # Errors
    /// `Invalid` for a size that does not divide a day, and where none divides the hop of a window.
    pub fn new(plan: Arc<Plan>, options: Options) -> Result<Self> {
        let layout = Layout::new(plan, &options)?;
        let bounds = layout.bounds(-TIME_MAX);
        let shard = || RwLock::new(Shard::new(&layout, bounds.clone()));
        let shards = (0..SHARDS).map(|_| shard()).collect();
        let version = AtomicU64::new(1);
        Ok(Self {
            layout,
            shards,
            bounds: Mutex::new(bounds),
            newest: AtomicI64::new(i64::MIN),
            version,
            is_all_changed: AtomicBool::new(false),
        })
    }

    /// The lengths of tiles, smallest first.
    pub fn sizes(&self) -> &[i64] {
        &self.layout.sizes
    }

    #[inline]
    const fn shard_of(hash: u64) -> usize {
        // The table of a shard looks at the lowest and at the highest bits.
        (hash >> 40) as usize % SHARDS
    }

    /// Moves the present forward.
    fn advance(&self, now: i64) -> Bounds {
        let mut bounds = self.bounds.lock();
        let now = now.clamp(-TIME_MAX, TIME_MAX);
        if now > bounds.now {
            *bounds = self.layout.bounds(now);
        }
        bounds.clone()
    }

    /// Takes the rows of a block in, in their order. `keys` are the columns of the key, `now` the present: it only moves forward.
    pub fn apply(&self, keys: &[Column], block: &Block, now: i64) -> Applied {
        let bounds = self.advance(now);
        let version = self.version.load(Ordering::Relaxed);
        let mut applied = Applied { rows: block.times.len(), ..Applied::default() };
        let mut bytes = Vec::with_capacity(block.times.len() * 9);
        let mut rows = Vec::with_capacity(block.times.len());
        // Times are read here, in their order: rows are taken in that of their keys.
        for (row, at) in block.times.iter().copied().enumerate() {
            let from = bytes.len();
            if key::encode(keys, row, &mut bytes) {
                let hash = self.layout.hash(&bytes[from..]);
                rows.push(Hashed { hash, key: from..bytes.len(), row, at });
            } else {
                bytes.truncate(from);
                applied.keyless += 1;
            }
        }
        let (order, ends) = by_shard(&rows);
        let mut from = 0;
        for (to, shard) in ends.into_iter().zip(&self.shards) {
            let places = &order[from..to];
            from = to;
            if places.is_empty() {
                continue;
            }
            let mut shard = shard.write();
            if shard.bounds != bounds {
                shard.bounds.clone_from(&bounds);
            }
            let keyed = places.iter().map(|at| {
                let Hashed { hash, key, row, at } = &rows[*at];
                Keyed { hash: *hash, key: &bytes[key.clone()], row: *row, at: *at }
            });
            let (unreached, future) = shard.take(&self.layout, &bounds, keyed, block, version);
            applied.unreached += unreached;
            applied.future += future;
            // Rows that were ahead of their time come in with later ones.
            self.seen(shard.newest);
        }
        let newest = rows.iter().map(|row| row.at).filter(|at| *at <= bounds.now).max();
        self.seen(newest.unwrap_or(i64::MIN));
        applied
    }

    /// Drops what no window can reach any more, and rolls up what has no window. To be called now and then, for keys that get no rows.
    pub fn sweep(&self, now: i64) {
        let bounds = self.advance(now);
        let version = self.version.load(Ordering::Relaxed);
        for shard in &self.shards {
            let mut shard = shard.write();
            shard.bounds.clone_from(&bounds);
            for at in 0..shard.places() {
                shard.sweep(&self.layout, &bounds, at, version);
            }
        }
    }

    /// The present as it was told last. Who restores tiles has to sweep to at least that: what it dropped is not in them.
    pub fn present(&self) -> i64 {
        self.bounds.lock().now
    }

    /// Notes the time of an event that is in.
    fn seen(&self, time: i64) {
        self.newest.fetch_max(time, Ordering::Relaxed);
    }

    /// The newest time of an event that was taken in when it had come.
    pub fn watermark(&self) -> Option<i64> {
        Some(self.newest.load(Ordering::Relaxed)).filter(|time| *time > i64::MIN)
    }

    /// Keys that have something.
    pub fn keys_len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().len()).sum()
    }

    /// Of each part of the group how many places for keys it has. A key stays at its place; a place may be empty.
    pub fn places(&self) -> Vec<usize> {
        self.shards.iter().map(|shard| shard.read().places()).collect()
    }

    /// Where a key is: the part, and its place there.
    pub fn place(&self, key: &[u8]) -> Option<(usize, usize)> {
        let hash = self.layout.hash(key);
        let part = Self::shard_of(hash);
        Some((part, self.shards[part].read().find(hash, key)?))
    }

    /// The keys at some places of a part.
    pub fn keys_at(&self, part: usize, places: Range<usize>) -> Vec<Vec<u8>> {
        let Some(shard) = self.shards.get(part) else { return vec![] };
        let shard = shard.read();
        places.filter_map(|at| shard.state(at)).map(|state| state.key.to_vec()).collect()
    }

    /// Bytes that keys and tiles take, roughly. It costs time for each key.
    pub fn bytes_len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().bytes(&self.layout)).sum()
    }
}

/// The places of rows by their shards, each in their order, and where those of each shard end.
fn by_shard(rows: &[Hashed]) -> (Vec<usize>, [usize; SHARDS]) {
    let mut ends = [0; SHARDS];
    rows.iter().for_each(|row| ends[Group::shard_of(row.hash)] += 1);
    let mut end = 0;
    for count in &mut ends {
        end += std::mem::replace(count, end);
    }
    let mut order = vec![0; rows.len()];
    for (at, row) in rows.iter().enumerate() {
        let place = &mut ends[Group::shard_of(row.hash)];
        order[*place] = at;
        *place += 1;
    }
    (order, ends)
}
