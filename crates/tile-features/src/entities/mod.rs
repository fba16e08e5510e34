//! Entities at the present: the rows of a table that changes, by key, and the values over them.
//!
//! What is known of a table is a snapshot of it, and images of rows before and after each change since. For each key there is the number
//! of times that a row is there; an image before for which there is no row yet counts below zero, and waits for it. So the order in which
//! changes come decides nothing. Values are folded from the rows by [`crate::backfill::entities`], as a backfill does: an entity has few
//! rows, and most operations could not take a value out again.

mod base;
mod stored;
#[cfg(test)]
mod tests;

pub use base::{Base, end};

use crate::aggregates::{Ir, codec};
use crate::backfill::entities::{Rows, folded};
use crate::column::{Block, Column};
use crate::key;
use crate::online::{Applied, ColumnParts, Explained, Fetched, Part, Past};
use crate::plan::{Output, Plan};
use crate::types::Schema;
use crate::value::Value;
use parking_lot::RwLock;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Parts that are locked on their own.
const SHARDS: usize = 16;
/// What a key and a row take beside the bytes of the row, roughly.
const KEY_BYTES: usize = 600;
const ROW_BYTES: usize = 64;

/// The time of a row, and the columns that are read of it.
type Row = (i64, Box<[u8]>);

/// A change whose time has not come.
struct Change {
    happens: i64,
    is_before: bool,
    row: Row,
}

/// The rows of one key.
struct Entity {
    key: Box<[u8]>,
    /// How often each is there; below zero what is owed.
    rows: BTreeMap<Row, i64>,
    /// In the order in which they will happen.
    to_come: Vec<Change>,
    /// When the last change happened.
    newest: i64,
    bytes: usize,
}

#[derive(Default)]
struct Shard {
    places: HashMap<Box<[u8]>, usize>,
    entities: Vec<Option<Entity>>,
    free: Vec<usize>,
    /// Keys that changed since the last round.
    changed: Vec<Box<[u8]>>,
    /// Those of the last round.
    told: Vec<Box<[u8]>>,
    bytes: usize,
}

/// Images of rows of a block before and after they changed.
pub struct Changes<'a> {
    pub times: &'a [i64],
    pub is_before: &'a [bool],
}

/// The rows of a definition, by key. Rows are applied by one caller at a time; fetches go on meanwhile.
pub struct Entities {
    plan: Arc<Plan>,
    schema: Schema,
    /// The places of the columns that are kept.
    kept: Vec<usize>,
    rule: Rows,
    base: RwLock<Base>,
    shards: Box<[RwLock<Shard>]>,
    seed: u64,
    present: AtomicI64,
    version: AtomicU64,
}

impl Entities {
    /// `rule` says which rows count; with [`Rows::Since`] values hold as of the snapshot.
    pub fn new(plan: Arc<Plan>, schema: Schema, rule: Rows, seed: u64) -> Self {
        Self {
            kept: plan.inputs(),
            plan,
            schema,
            rule,
            base: RwLock::default(),
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            seed,
            present: AtomicI64::new(i64::MIN),
            version: AtomicU64::new(1),
        }
    }

    /// Which snapshots there are, and which of them the rows are.
    pub fn base(&self) -> Base {
        self.base.read().clone()
    }

    pub fn set_base(&self, base: Base) {
        *self.base.write() = base;
    }

    fn shard_of(&self, key: &[u8]) -> usize {
        // Less than SHARDS.
        usize::try_from(xxh3_64_with_seed(key, self.seed) % SHARDS as u64).unwrap_or(0)
    }

    /// Takes rows in: those of a snapshot, or changes of rows.
    pub fn apply(&self, keys: &[Column], block: &Block, changes: Option<&Changes<'_>>, now: i64) -> Applied {
        self.present.fetch_max(now, Ordering::Relaxed);
        let mut applied = Applied { rows: block.times.len(), ..Applied::default() };
        let mut key = Vec::new();
        for at in 0..block.times.len() {
            key.clear();
            if !key::encode(keys, at, &mut key) {
                applied.keyless += 1;
                continue;
            }
            let row = (block.times[at], self.row_bytes(block, at));
            let mut shard = self.shards[self.shard_of(&key)].write();
            let (happens, is_before) = match changes {
                Some(changes) => (Some(changes.times[at]), changes.is_before[at]),
                None => (None, false),
            };
            shard.change(&key, |entity| {
                entity.happen_until(now);
                match happens {
                    Some(happens) if happens > now => {
                        applied.future += 1;
                        entity.wait(Change { happens, is_before, row });
                    }
                    _ => {
                        entity.newest = entity.newest.max(happens.unwrap_or(i64::MIN));
                        entity.count(row, is_before);
                    }
                }
            });
        }
        applied
    }

    fn row_bytes(&self, block: &Block, at: usize) -> Box<[u8]> {
        let values: Vec<Ir> =
            self.kept.iter().map(|place| Ir::Value(block.columns[*place].cell(at).to_value())).collect();
        let mut bytes = Vec::new();
        codec::encode(&values, &mut bytes);
        bytes.into()
    }

    /// Lets changes happen whose time has come. To be called now and then, for keys that get no rows.
    pub fn sweep(&self, now: i64) {
        self.present.fetch_max(now, Ordering::Relaxed);
        for shard in &self.shards {
            let mut shard = shard.write();
            let is_due = |e: &&Entity| e.to_come.first().is_some_and(|change| change.happens <= now);
            let due: Vec<Box<[u8]>> =
                shard.entities.iter().flatten().filter(is_due).map(|e| e.key.clone()).collect();
            due.iter().for_each(|key| shard.change(key, |entity| entity.happen_until(now)));
        }
    }

    /// The values of a key at the present, with their time: after all its changes that have happened.
    pub fn fetch_now(&self, key: &[u8], now: i64) -> (i64, Fetched) {
        self.look(key, |entity| {
            let q = entity.map_or(now, |e| now.max(e.newest.saturating_add(1)));
            (q, entity.map_or(Fetched::Missing, |e| self.values(e, q)))
        })
    }

    /// The values of a key at the time `q`.
    pub fn fetch(&self, key: &[u8], q: i64) -> Fetched {
        let base = self.base();
        let at = match self.rule {
            Rows::Windowed => q,
            Rows::Since => base.holds_at(q),
        };
        if let Err(past) = base.check(q) {
            return Fetched::Past(past);
        }
        self.look(key, |entity| match (entity, self.rule) {
            (Some(entity), Rows::Windowed) if entity.newest >= q => {
                Fetched::Past(Past::Newer { newest: entity.newest })
            }
            (Some(entity), _) => self.values(entity, at),
            // A key may have been there, and be gone.
            (None, Rows::Windowed) if q < self.present() => {
                Fetched::Past(Past::Dropped { from: self.present() })
            }
            (None, _) => Fetched::Missing,
        })
    }

    fn look<T>(&self, key: &[u8], see: impl FnOnce(Option<&Entity>) -> T) -> T {
        let shard = self.shards[self.shard_of(key)].read();
        see(shard.places.get(key).and_then(|at| shard.entities.get(*at)?.as_ref()))
    }

    fn values(&self, entity: &Entity, q: i64) -> Fetched {
        // What was kept is what was encoded.
        let Some((block, counts)) = self.block(&entity.at(q)) else { return Fetched::Missing };
        let value = |column: &Output| {
            let is_held = |at: &usize| self.rule.holds(column.window, q, block.times[*at]);
            let times = |at: usize, sign: i64| {
                let count = usize::try_from(counts[at].saturating_mul(sign)).unwrap_or(0);
                std::iter::repeat_n((&block, at), count)
            };
            let all = || (0..counts.len()).filter(is_held);
            let slot = &self.plan.slots[column.slot];
            folded(slot, all().flat_map(|at| times(at, 1)), all().flat_map(|at| times(at, -1)))
        };
        match self.plan.columns.iter().map(value).collect() {
            Ok(values) => Fetched::Values(values),
            Err(_) => Fetched::Past(Past::Full),
        }
    }

    /// Rows as a block, with how often each is there.
    fn block(&self, rows: &BTreeMap<Row, i64>) -> Option<(Block, Vec<i64>)> {
        let mut values: Vec<Vec<Value>> = vec![vec![Value::Null; rows.len()]; self.schema.0.len()];
        let (mut block, mut counts) = (Block::default(), Vec::with_capacity(rows.len()));
        for (at, ((time, bytes), count)) in rows.iter().enumerate() {
            block.times.push(*time);
            counts.push(*count);
            for (place, ir) in self.kept.iter().zip(codec::decode(bytes).ok()?) {
                if let Ir::Value(value) = ir {
                    values[*place][at] = value;
                }
            }
        }
        let columns = self.schema.0.iter().zip(&values);
        block.columns = columns.map(|((_, ty), values)| Column::of_values(ty, values)).collect();
        Some((block, counts))
    }

    /// How many rows make each value of a key; none where the key is not known.
    ///
    /// # Errors
    /// Why the rows that are kept do not make them.
    pub fn explain(&self, key: &[u8], q: i64) -> Result<Option<Explained>, Past> {
        let base = self.base();
        base.check(q)?;
        let at = if self.rule == Rows::Since { base.holds_at(q) } else { q };
        self.look(key, |entity| {
            let Some(entity) = entity else { return Ok(None) };
            if self.rule == Rows::Windowed && entity.newest >= q {
                return Err(Past::Newer { newest: entity.newest });
            }
            let rows = entity.at(at);
            let count = |column: &Output| {
                let held = rows.iter().filter(|((time, _), _)| self.rule.holds(column.window, at, *time));
                held.map(|(_, count)| usize::try_from(*count).unwrap_or(0)).sum()
            };
            let column = |column: &Output| ColumnParts {
                name: column.name.clone(),
                tail: column.window.map(|w| w.tail(at)),
                parts: vec![Part::Rows { count: count(column) }],
            };
            let columns = self.plan.columns.iter().map(column).collect();
            Ok(Some(Explained { q: at, newest: entity.newest, columns }))
        })
    }

    /// The present as it was told last.
    pub fn present(&self) -> i64 {
        self.present.load(Ordering::Relaxed)
    }

    /// Keys that have something.
    pub fn keys_len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().places.len()).sum()
    }

    /// Bytes that all of it takes, roughly.
    pub fn bytes_len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().bytes).sum()
    }

    /// Of each part how many places for keys it has. A key stays at its place; a place may be empty.
    pub fn places(&self) -> Vec<usize> {
        self.shards.iter().map(|shard| shard.read().entities.len()).collect()
    }

    /// Where a key is: the part, and its place there.
    pub fn place(&self, key: &[u8]) -> Option<(usize, usize)> {
        let part = self.shard_of(key);
        let place = self.shards.get(part)?.read().places.get(key).copied();
        Some((part, place?))
    }

    /// The keys at some places of a part.
    pub fn keys_at(&self, part: usize, places: Range<usize>) -> Vec<Vec<u8>> {
        let Some(shard) = self.shards.get(part) else { return vec![] };
        let shard = shard.read();
        places.filter_map(|at| shard.entities.get(at)?.as_ref()).map(|e| e.key.to_vec()).collect()
    }
}

impl Entity {
    fn new(key: &[u8]) -> Self {
        Self {
            key: key.into(),
            rows: BTreeMap::new(),
            to_come: Vec::new(),
            newest: i64::MIN,
            bytes: KEY_BYTES + key.len(),
        }
    }

    /// A row comes or goes.
    fn count(&mut self, row: Row, is_before: bool) {
        let bytes = ROW_BYTES + row.1.len();
        let count = self.rows.entry(row.clone()).or_insert_with(|| {
            self.bytes += bytes;
            0
        });
        *count += if is_before { -1 } else { 1 };
        if *count == 0 {
            self.rows.remove(&row);
            self.bytes -= bytes;
        }
    }

    fn wait(&mut self, change: Change) {
        self.bytes += ROW_BYTES + change.row.1.len();
        let place = self.to_come.partition_point(|other| other.happens <= change.happens);
        self.to_come.insert(place, change);
    }

    fn happen_until(&mut self, now: i64) {
        let due = self.to_come.partition_point(|change| change.happens <= now);
        let due: Vec<Change> = self.to_come.drain(..due).collect();
        for Change { happens, is_before, row } in due {
            self.bytes -= ROW_BYTES + row.1.len();
            self.newest = self.newest.max(happens);
            self.count(row, is_before);
        }
    }

    /// The rows before a time, which is after all changes that happened.
    fn at(&self, q: i64) -> std::borrow::Cow<'_, BTreeMap<Row, i64>> {
        let soon: Vec<&Change> = self.to_come.iter().take_while(|change| change.happens < q).collect();
        if soon.is_empty() {
            return std::borrow::Cow::Borrowed(&self.rows);
        }
        let mut rows = self.rows.clone();
        for Change { is_before, row, .. } in soon {
            *rows.entry(row.clone()).or_insert(0) += if *is_before { -1 } else { 1 };
        }
        std::borrow::Cow::Owned(rows)
    }

    fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.to_come.is_empty()
    }
}

impl Shard {
    /// Changes a key, which is there only as long as it has something.
    fn change(&mut self, key: &[u8], change: impl FnOnce(&mut Entity)) {
        let at = self.place(key);
        let Some(Some(entity)) = self.entities.get_mut(at) else { return };
        let before = entity.bytes;
        change(entity);
        self.bytes = (self.bytes + entity.bytes).saturating_sub(before);
        if entity.is_empty() {
            self.bytes = self.bytes.saturating_sub(entity.bytes);
            self.entities[at] = None;
            self.free.push(at);
            self.places.remove(key);
        }
        self.changed.push(key.into());
    }

    /// The place of a key; a new one where it is not known yet.
    fn place(&mut self, key: &[u8]) -> usize {
        if let Some(at) = self.places.get(key) {
            return *at;
        }
        let entity = Entity::new(key);
        self.bytes += entity.bytes;
        let at = match self.free.pop() {
            Some(at) => {
                self.entities[at] = Some(entity);
                at
            }
            None => {
                self.entities.push(Some(entity));
                self.entities.len() - 1
            }
        };
        self.places.insert(key.into(), at);
        at
    }
}
