//! Some of a group's keys. Everything here is told the present, in [`Bounds`], and the round of changes, `version`.
//!
//! Nearly all rows go to the newest tile of their key, whose place is known at once: such rows are gathered and taken in slot by slot. All
//! others are a matter of [`Key`].

use super::change::Key;
use super::known::Known;
use super::layout::{Bounds, Layout, Level};
use super::name::Name;
use super::ring::Ring;
use super::tile::{Head, Shape, Spot, Tile, TileMut, Tiles};
use crate::aggregates::Ir;
use crate::aggregates::parts::words::Inputs;
use crate::column::Block;
use hashbrown::HashTable;

/// Bytes of a key beside its tiles: the state, its place in the table, what the lists have spare.
const KEY_BYTES: usize = size_of::<Option<State>>() + 64;

/// What is kept of one key beside its tiles.
pub struct State {
    pub key: Name,
    /// The time of the newest event in tiles.
    pub newest: i64,
    /// What is older was merged to the base.
    pub until: i64,
    /// The round of changes in which the key was listed as changed.
    pub listed: u64,
    pub more: Option<Box<More>>,
    /// Rows within the newest tiles change these alone.
    pub is_plain: bool,
    /// The batch that has rows of it which are not taken in yet.
    batch: u32,
}

impl State {
    /// Whether events wait for their time.
    pub fn has_future(&self) -> bool {
        self.more.as_ref().is_some_and(|more| !more.future.is_empty())
    }
}

/// What few keys have.
#[derive(Debug)]
pub struct More {
    /// Of the slots without windows, all that came before `until`; no slots where nothing did.
    pub base: Box<[Ir]>,
    pub version: u64,
    /// Moments after the present, in order, with the partial results of their events.
    pub future: Vec<(i64, Box<[Ir]>)>,
    /// Events at this time or later were not kept.
    pub crowded: i64,
}

impl Default for More {
    fn default() -> Self {
        Self { base: Box::default(), version: 0, future: Vec::new(), crowded: i64::MAX }
    }
}

/// Where no tile starts.
const NOWHERE: i64 = i64::MIN;

/// The newest tile of each key, of one level: none at all where that is lazy.
#[derive(Default)]
pub struct Fresh {
    words: Vec<u64>,
    irs: Vec<Ir>,
}

impl Fresh {
    /// Where the tile of a key starts.
    #[inline]
    pub fn start(&self, shape: &Shape, place: usize) -> Option<i64> {
        let start = self.words.get(place * shape.stride)?.cast_signed();
        (start != NOWHERE).then_some(start)
    }

    #[inline]
    pub fn tile<'a>(&'a self, shape: &'a Shape, place: usize) -> Option<Tiles<'a>> {
        self.start(shape, place)?;
        let words = &self.words[place * shape.stride..(place + 1) * shape.stride];
        Some(Tiles { shape, words, irs: &self.irs[place * shape.irs..(place + 1) * shape.irs] })
    }

    /// The memory of a key's tile, be it there or not.
    #[inline]
    pub fn tile_mut<'a>(&'a mut self, shape: &'a Shape, place: usize) -> TileMut<'a> {
        TileMut {
            shape,
            words: &mut self.words[place * shape.stride..(place + 1) * shape.stride],
            irs: &mut self.irs[place * shape.irs..(place + 1) * shape.irs],
        }
    }

    /// Begins a tile where none is.
    #[inline]
    pub fn begin(&mut self, shape: &Shape, place: usize, head: Head) {
        let tile = self.tile_mut(shape, place);
        head.write(tile.words);
        tile.words[2..].fill(0);
    }

    /// Puts a tile where none is.
    pub fn put(&mut self, shape: &Shape, place: usize, tile: Tile) {
        let into = self.tile_mut(shape, place);
        into.words.copy_from_slice(&tile.words);
        into.irs.iter_mut().zip(tile.irs).for_each(|(into, ir)| *into = ir);
    }

    /// Lets the tile of a key go; its results are taken out or dropped.
    #[inline]
    pub fn end(&mut self, shape: &Shape, place: usize) {
        self.words[place * shape.stride] = NOWHERE.cast_unsigned();
        self.irs[place * shape.irs..(place + 1) * shape.irs].fill(Ir::Empty);
    }

    /// Moves the tile of a key, which is there, behind those of its ring.
    #[inline]
    pub fn settle(&mut self, shape: &Shape, place: usize, ring: &mut Ring) {
        let tile = self.tile_mut(shape, place);
        ring.push(shape, tile.words, tile.irs);
        tile.words[0] = NOWHERE.cast_unsigned();
    }

    /// Makes room for one more key.
    fn grow(&mut self, shape: &Shape) {
        self.words.push(NOWHERE.cast_unsigned());
        self.words.resize(self.words.len() + shape.stride - 1, 0);
        self.irs.resize(self.irs.len() + shape.irs, Ir::Empty);
    }
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Kept,
    Unreached,
    Future,
    /// The newest tiles are those of the row; it is not in them yet.
    Awaited,
}

/// A tile that is gone.
pub struct Removed {
    pub key: Box<[u8]>,
    pub size: i64,
    pub start: i64,
}

/// A row of a block with its key.
#[derive(Clone, Copy)]
pub struct Keyed<'a> {
    pub hash: u64,
    pub key: &'a [u8],
    pub row: usize,
    /// The time of the row.
    pub at: i64,
}

#[derive(Default)]
pub struct Shard {
    table: HashTable<u32>,
    states: Vec<Option<State>>,
    /// For each key one ring for each level, side by side.
    rings: Vec<Ring>,
    /// For each level.
    fresh: Vec<Fresh>,
    free: Vec<usize>,
    /// Rows with the places of their keys, that go to the newest tiles.
    awaited: Vec<(usize, usize)>,
    /// Changes each time that those are taken in.
    batch: u32,
    /// The newest time of a row that was taken in one by one.
    pub newest: i64,
    /// What was kept when a row came last.
    pub bounds: Bounds,
    /// Keys with changes since the last round.
    pub changed: Vec<usize>,
    pub removed: Vec<Removed>,
    /// Those of the last round, which may not have been committed.
    pub told: Vec<Removed>,
}

impl Shard {
    pub fn new(layout: &Layout, bounds: Bounds) -> Self {
        let fresh = layout.levels.iter().map(|_| Fresh::default()).collect();
        Self { bounds, fresh, batch: 1, newest: i64::MIN, ..Self::default() }
    }

    pub fn len(&self) -> usize {
        self.table.len()
    }

    #[inline]
    pub fn find(&self, hash: u64, key: &[u8]) -> Option<usize> {
        let is_it = |at: &u32| self.state(*at as usize).is_some_and(|s| *s.key == *key);
        self.table.find(hash, is_it).map(|at| *at as usize)
    }

    #[inline]
    pub fn state(&self, at: usize) -> Option<&State> {
        self.states.get(at)?.as_ref()
    }

    #[inline]
    pub fn known<'a>(&'a self, layout: &'a Layout, at: usize) -> Known<'a> {
        let levels = layout.levels.len();
        let rings = &self.rings[at * levels..(at + 1) * levels];
        Known { layout, rings, fresh: &self.fresh, place: at }
    }

    /// The place of a key; a new one where it is not known yet.
    #[inline]
    pub fn open(&mut self, layout: &Layout, hash: u64, key: &[u8], until: i64) -> usize {
        match self.find(hash, key) {
            Some(at) => at,
            None => self.create(layout, hash, key, until),
        }
    }

    fn create(&mut self, layout: &Layout, hash: u64, key: &[u8], until: i64) -> usize {
        let (newest, listed, more) = (i64::MIN, 0, None);
        let state = State { key: Name::new(key), newest, until, listed, more, is_plain: true, batch: 0 };
        let at = match self.free.pop() {
            Some(at) => {
                self.states[at] = Some(state);
                at
            }
            None => {
                self.states.push(Some(state));
                self.rings.extend(layout.levels.iter().map(|_| Ring::default()));
                let eager = self.fresh.iter_mut().zip(&layout.levels).filter(|(_, level)| level.is_direct);
                eager.for_each(|(fresh, level)| fresh.grow(&level.shape));
                self.states.len() - 1
            }
        };
        let states = &self.states;
        let hash_of = |at: &u32| states[*at as usize].as_ref().map_or(0, |s| layout.hash(&s.key));
        // A key takes far more memory than would let there be as many.
        self.table.insert_unique(hash, u32::try_from(at).unwrap_or(u32::MAX), hash_of);
        at
    }

    /// The key as a whole, to be changed.
    #[inline]
    fn split<'a>(&'a mut self, layout: &'a Layout, at: usize, version: u64) -> Option<Key<'a>> {
        let levels = layout.levels.len();
        let state = self.states.get_mut(at)?.as_mut()?;
        if state.listed != version {
            state.listed = version;
            if layout.is_durable {
                self.changed.push(at);
            }
        }
        let rings = &mut self.rings[at * levels..(at + 1) * levels];
        let (fresh, removed, seen) = (&mut *self.fresh, &mut self.removed, &mut self.newest);
        Some(Key { layout, state, rings, fresh, place: at, removed, version, seen })
    }

    /// Takes rows of a block in, in their order; how many no window reaches, and how many are ahead of their time.
    pub fn take<'k>(
        &mut self,
        layout: &Layout,
        bounds: &Bounds,
        rows: impl Iterator<Item = Keyed<'k>>,
        block: &Block,
        version: u64,
    ) -> (usize, usize) {
        let (mut unreached, mut future) = (0, 0);
        let since = layout.quick_since(bounds);
        for Keyed { hash, key, row, at } in rows {
            let place = self.open(layout, hash, key, bounds.base);
            if (since..=bounds.now).contains(&at) && self.is_quick(layout, place, at, version) {
                self.awaited.push((row, place));
                continue;
            }
            if self.state(place).is_some_and(|state| state.batch == self.batch) {
                self.settle(layout, block);
            }
            match self.split(layout, place, version).map(|mut key| key.apply(bounds, block, row)) {
                Some(Taken::Kept) | None => {}
                Some(Taken::Unreached) => unreached += 1,
                Some(Taken::Future) => future += 1,
                Some(Taken::Awaited) => {
                    if let Some(Some(state)) = self.states.get_mut(place) {
                        state.batch = self.batch;
                    }
                    self.awaited.push((row, place));
                }
            }
        }
        self.settle(layout, block);
        (unreached, future)
    }

    /// Whether a row goes to the newest tiles of a key and changes nothing else: then that is noted.
    #[inline]
    fn is_quick(&mut self, layout: &Layout, place: usize, at: i64, version: u64) -> bool {
        let Some(Some(state)) = self.states.get_mut(place) else { return false };
        let fresh = || self.fresh.iter().zip(&layout.levels).filter(|(_, level)| level.is_direct);
        let is_within = |(fresh, level): (&Fresh, &Level)| {
            fresh.start(&level.shape, place).is_some_and(|start| (start..start + level.size).contains(&at))
        };
        if !state.is_plain || !fresh().all(is_within) {
            return false;
        }
        state.newest = state.newest.max(at);
        state.batch = self.batch;
        if state.listed != version {
            state.listed = version;
            if layout.is_durable {
                self.changed.push(place);
            }
        }
        for (fresh, level) in self.fresh.iter_mut().zip(&layout.levels).filter(|(_, level)| level.is_direct) {
            fresh.tile_mut(&level.shape, place).set_version(version);
        }
        true
    }

    /// Takes the rows in that wait for it, slot by slot.
    fn settle(&mut self, layout: &Layout, block: &Block) {
        let inputs = Inputs { block, rows: &self.awaited };
        for (fresh, level) in self.fresh.iter_mut().zip(&layout.levels).filter(|(_, level)| level.is_direct) {
            for (at, slot) in level.slots.iter().enumerate() {
                let slot = &layout.plan.slots[*slot];
                match level.shape.spot(at) {
                    Spot::Words(lane) => slot.fold(lane, &mut fresh.words, inputs),
                    Spot::Ir(at) => {
                        for (row, place) in &self.awaited {
                            let ir = &mut fresh.irs[place * level.shape.irs + at];
                            slot.update(ir, &block.columns, block.times[*row], *row);
                        }
                    }
                }
            }
        }
        self.awaited.clear();
        self.batch = self.batch.wrapping_add(1);
    }

    /// Drops and rolls up what the bounds say; a key without anything goes. False when nothing is at that place.
    pub fn sweep(&mut self, layout: &Layout, bounds: &Bounds, at: usize, version: u64) -> bool {
        let Some(state) = self.state(at) else { return at < self.states.len() };
        let is_due = state.more.as_ref().is_some_and(|m| m.future.first().is_some_and(|f| f.0 <= bounds.now));
        let is_rolled = layout.endless.is_empty() || state.until >= bounds.base;
        if is_rolled && !is_due && !self.known(layout, at).has_old(&bounds.floors) {
            return true;
        }
        if let Some(mut key) = self.split(layout, at, version)
            && key.sweep(bounds)
        {
            self.remove(layout, at);
        }
        true
    }

    fn remove(&mut self, layout: &Layout, at: usize) {
        if let Some(state) = self.states.get_mut(at).and_then(Option::take) {
            if let Ok(entry) = self.table.find_entry(layout.hash(&state.key), |e| *e as usize == at) {
                entry.remove();
            }
            self.free.push(at);
        }
    }

    /// Puts a tile as it was stored.
    pub fn restore(
        &mut self,
        layout: &Layout,
        at: usize,
        level: usize,
        head: Head,
        irs: Vec<Ir>,
        newest: i64,
    ) {
        let (levels, shape) = (layout.levels.len(), &layout.levels[level].shape);
        let ring = &mut self.rings[at * levels + level];
        let place = ring.open(shape, head);
        let mut tile = ring.tile_mut(shape, place);
        for (slot, ir) in irs.into_iter().enumerate() {
            tile.change(slot, |into| *into = ir);
        }
        if let Some(Some(state)) = self.states.get_mut(at) {
            state.newest = state.newest.max(newest);
        }
    }

    /// Puts what is beside tiles, as it was stored.
    pub fn restore_more(&mut self, at: usize, more: More, until: i64, newest: i64) {
        if let Some(Some(state)) = self.states.get_mut(at) {
            state.until = until;
            state.newest = state.newest.max(newest);
            state.is_plain = false;
            state.more = Some(Box::new(more));
        }
    }

    /// Memory of all keys with their tiles. What partial results have on the heap is guessed.
    pub fn bytes(&self, layout: &Layout) -> usize {
        let of_level = |(level, of): (usize, &Level), place: usize| {
            let ring = &self.rings[place * layout.levels.len() + level];
            let fresh = usize::from(of.is_direct);
            size_of::<Ring>() + (ring.tiles(&of.shape).len() + fresh) * of.shape.bytes()
        };
        let of_key = |place: usize| -> usize {
            layout.levels.iter().enumerate().map(|level| of_level(level, place)).sum()
        };
        self.states.len() * KEY_BYTES + (0..self.states.len()).map(of_key).sum::<usize>()
    }

    /// Places that may hold keys.
    pub fn places(&self) -> usize {
        self.states.len()
    }
}
