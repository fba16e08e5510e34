//! Some of a group's keys. Everything here is told the present, in [`Bounds`], and the round of changes, `version`.

use super::layout::{Bounds, Layout, TIME_MAX};
use super::ring::{Head, Ring};
use crate::aggregates::Ir;
use crate::column::Block;
use crate::window::interval;
use hashbrown::HashTable;

/// What is kept of one key beside its tiles.
pub struct State {
    pub key: Box<[u8]>,
    /// The time of the newest event in tiles.
    pub newest: i64,
    /// What is older was merged to the base.
    pub until: i64,
    /// The round of changes in which the key was listed as changed.
    listed: u64,
    pub more: Option<Box<More>>,
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

/// A place in the table of keys.
#[derive(Clone, Copy)]
struct Entry {
    hash: u64,
    at: usize,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Kept,
    Unreached,
    Future,
}

/// A tile that is gone.
pub struct Removed {
    pub key: Box<[u8]>,
    pub size: i64,
    pub start: i64,
}

#[derive(Default)]
pub struct Shard {
    table: HashTable<Entry>,
    states: Vec<Option<State>>,
    /// For each key one ring for each level, side by side.
    rings: Vec<Ring>,
    free: Vec<usize>,
    /// What was kept when a row came last.
    pub bounds: Bounds,
    /// Keys with changes since the last round.
    pub changed: Vec<usize>,
    pub removed: Vec<Removed>,
    /// Those of the last round, which may not have been committed.
    pub told: Vec<Removed>,
}

impl Shard {
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, ..Self::default() }
    }

    pub fn len(&self) -> usize {
        self.table.len()
    }

    pub fn find(&self, hash: u64, key: &[u8]) -> Option<usize> {
        let is_it = |e: &Entry| e.hash == hash && self.state(e.at).is_some_and(|s| *s.key == *key);
        self.table.find(hash, is_it).map(|e| e.at)
    }

    #[inline]
    pub fn state(&self, at: usize) -> Option<&State> {
        self.states.get(at)?.as_ref()
    }

    #[inline]
    pub fn rings(&self, at: usize, levels: usize) -> &[Ring] {
        &self.rings[at * levels..(at + 1) * levels]
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
        let state = Some(State { key: key.into(), newest: i64::MIN, until, listed: 0, more: None });
        let at = match self.free.pop() {
            Some(at) => {
                self.states[at] = state;
                at
            }
            None => {
                self.states.push(state);
                self.rings.extend(layout.levels.iter().map(|_| Ring::default()));
                self.states.len() - 1
            }
        };
        self.table.insert_unique(hash, Entry { hash, at }, |e| e.hash);
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
        Some(Key { layout, state, rings, removed: &mut self.removed, version })
    }

    /// Takes one row of a block into the key at a place.
    #[inline]
    pub fn apply(
        &mut self,
        layout: &Layout,
        bounds: &Bounds,
        at: usize,
        block: &Block,
        row: usize,
        version: u64,
    ) -> Taken {
        match self.split(layout, at, version) {
            Some(mut key) => key.apply(bounds, block, row),
            None => Taken::Unreached,
        }
    }

    /// Drops and rolls up what the bounds say; a key without anything goes. False when nothing is at that place.
    pub fn sweep(&mut self, layout: &Layout, bounds: &Bounds, at: usize, version: u64) -> bool {
        let levels = layout.levels.len();
        let Some(state) = self.state(at) else { return at < self.states.len() };
        let rings = &self.rings[at * levels..(at + 1) * levels];
        let is_old = |ring: &Ring, floor: i64| ring.heads().first().is_some_and(|h| h.start < floor);
        let is_due = state.more.as_ref().is_some_and(|m| m.future.first().is_some_and(|f| f.0 <= bounds.now));
        let is_rolled = layout.endless.is_empty() || state.until >= bounds.base;
        if is_rolled && !is_due && !rings.iter().zip(&bounds.floors).any(|(r, f)| is_old(r, *f)) {
            return true;
        }
        if let Some(mut key) = self.split(layout, at, version) {
            key.take_due(bounds);
            key.trim(bounds);
            let is_gone = key.state.more.is_none() && key.rings.iter().all(Ring::is_empty);
            if is_gone {
                self.remove(layout, at);
            }
        }
        true
    }

    fn remove(&mut self, layout: &Layout, at: usize) {
        if let Some(state) = self.states.get_mut(at).and_then(Option::take) {
            if let Ok(entry) = self.table.find_entry(layout.hash(&state.key), |e| e.at == at) {
                entry.remove();
            }
            self.free.push(at);
        }
    }

    /// Puts a tile, or what is beside tiles, as it was stored.
    pub fn restore(
        &mut self,
        layout: &Layout,
        at: usize,
        level: usize,
        head: Head,
        irs: Vec<Ir>,
        newest: i64,
    ) {
        let levels = layout.levels.len();
        let width = layout.levels[level].slots.len();
        let ring = &mut self.rings[at * levels + level];
        let place = ring.heads().partition_point(|h| h.start < head.start);
        ring.insert(place, width, head, irs.into_iter());
        if let Some(Some(state)) = self.states.get_mut(at) {
            state.newest = state.newest.max(newest);
        }
    }

    pub fn restore_more(&mut self, at: usize, more: More, until: i64, newest: i64) {
        if let Some(Some(state)) = self.states.get_mut(at) {
            state.until = until;
            state.newest = state.newest.max(newest);
            state.more = Some(Box::new(more));
        }
    }

    /// Tiles of all keys.
    pub fn tiles(&self) -> usize {
        self.rings.iter().map(|ring| ring.heads().len()).sum()
    }

    /// Places that may hold keys.
    pub fn places(&self) -> usize {
        self.states.len()
    }
}

/// One key while it changes.
struct Key<'a> {
    layout: &'a Layout,
    state: &'a mut State,
    rings: &'a mut [Ring],
    removed: &'a mut Vec<Removed>,
    version: u64,
}

impl Key<'_> {
    #[inline]
    fn apply(&mut self, bounds: &Bounds, block: &Block, row: usize) -> Taken {
        let at = block.times[row];
        if self.state.more.is_some() {
            self.take_due(bounds);
        }
        if at > bounds.now {
            self.postpone(block, row);
            return Taken::Future;
        }
        let plan = &self.layout.plan;
        let (mut is_kept, mut is_trimmed) = (false, true);
        if !self.layout.endless.is_empty() && at < bounds.base {
            self.roll(bounds);
            let base = base(self.layout, self.state, self.version);
            for (slot, ir) in self.layout.endless.iter().zip(base) {
                plan.slots[*slot].update(ir, &block.columns, at, row);
            }
            is_kept = true;
        }
        for (level, ring) in self.rings.iter_mut().enumerate() {
            let width = self.layout.levels[level].slots.len();
            let Some((tile, is_new, slots)) = open(self.layout, bounds, level, ring, at, self.version) else {
                continue;
            };
            for (slot, ir) in slots.iter().zip(ring.tile_mut(tile, width)) {
                plan.slots[*slot].update(ir, &block.columns, at, row);
            }
            is_kept = true;
            is_trimmed &= !is_new || ring.heads().first().is_none_or(|h| h.start >= bounds.floors[level]);
        }
        if !is_kept {
            return Taken::Unreached;
        }
        self.state.newest = self.state.newest.max(at);
        if !is_trimmed {
            self.trim(bounds);
        }
        Taken::Kept
    }

    /// Keeps an event whose time has not come.
    fn postpone(&mut self, block: &Block, row: usize) {
        let at = block.times[row];
        let more = self.state.more.get_or_insert_default();
        more.version = self.version;
        match more.future.binary_search_by_key(&at, |moment| moment.0) {
            Ok(place) => self.layout.plan.update(&mut more.future[place].1, block, row),
            Err(_) if at >= more.crowded => {}
            Err(place) => {
                let mut irs = self.layout.plan.empty();
                self.layout.plan.update(&mut irs, block, row);
                more.future.insert(place, (at, irs));
                if more.future.len() > self.layout.future_max {
                    more.crowded = more.future.pop().map_or(more.crowded, |moment| moment.0);
                }
            }
        }
    }

    /// Takes the events whose time has come into tiles.
    fn take_due(&mut self, bounds: &Bounds) {
        let Some(more) = &mut self.state.more else { return };
        let due = more.future.partition_point(|moment| moment.0 <= bounds.now);
        if due == 0 {
            return;
        }
        more.version = self.version;
        let moments: Vec<(i64, Box<[Ir]>)> = more.future.drain(..due).collect();
        for (at, irs) in moments {
            self.take_moment(bounds, at, &irs);
        }
        self.tidy();
    }

    fn take_moment(&mut self, bounds: &Bounds, at: i64, irs: &[Ir]) {
        let plan = &self.layout.plan;
        if !self.layout.endless.is_empty() && at < bounds.base {
            self.roll(bounds);
            let base = base(self.layout, self.state, self.version);
            for (slot, ir) in self.layout.endless.iter().zip(base) {
                plan.slots[*slot].merge(ir, &irs[*slot]);
            }
        }
        for (level, ring) in self.rings.iter_mut().enumerate() {
            let width = self.layout.levels[level].slots.len();
            let Some((tile, _, slots)) = open(self.layout, bounds, level, ring, at, self.version) else {
                continue;
            };
            for (slot, ir) in slots.iter().zip(ring.tile_mut(tile, width)) {
                plan.slots[*slot].merge(ir, &irs[*slot]);
            }
        }
        self.state.newest = self.state.newest.max(at);
    }

    /// Merges what is before the base's bound to the base.
    fn roll(&mut self, bounds: &Bounds) {
        let layout = self.layout;
        let (Some(ring), Some(level)) = (self.rings.last_mut(), layout.levels.last()) else { return };
        if self.state.until >= bounds.base {
            return;
        }
        let width = level.slots.len();
        for tile in ring.range(self.state.until, bounds.base) {
            let slots = level.slots.iter().zip(ring.tile_mut(tile, width)).skip(level.windowed);
            let base = base(layout, self.state, self.version);
            for ((slot, ir), into) in slots.zip(base) {
                layout.plan.slots[*slot].merge(into, ir);
                *ir = Ir::Empty;
            }
        }
        self.state.until = bounds.base;
        if let Some(more) = &mut self.state.more {
            more.version = self.version;
        }
    }

    /// Drops what no window reaches any more.
    fn trim(&mut self, bounds: &Bounds) {
        if !self.layout.endless.is_empty() {
            self.roll(bounds);
        }
        for ((ring, level), floor) in self.rings.iter_mut().zip(&self.layout.levels).zip(&bounds.floors) {
            let (key, removed) = (&self.state.key, &mut *self.removed);
            ring.drop_before(*floor, level.slots.len(), |head| {
                if self.layout.is_durable {
                    removed.push(Removed { key: key.clone(), size: level.size, start: head.start });
                }
            });
        }
    }

    /// Frees what holds nothing.
    fn tidy(&mut self) {
        let is_bare = |m: &More| m.base.is_empty() && m.future.is_empty() && m.crowded == i64::MAX;
        if self.state.more.as_deref().is_some_and(is_bare) {
            self.state.more = None;
            if self.layout.is_durable {
                self.removed.push(Removed { key: self.state.key.clone(), size: 0, start: 0 });
            }
        }
    }
}

/// The base of a key, made where there is none.
fn base<'a>(layout: &Layout, state: &'a mut State, version: u64) -> &'a mut [Ir] {
    let more = state.more.get_or_insert_default();
    more.version = version;
    if more.base.is_empty() {
        more.base = layout.endless.iter().map(|_| Ir::Empty).collect();
    }
    &mut more.base
}

/// The tile of a level that holds a time, whether it is new, and the slots that take an event at that time; none where it is out of reach.
#[inline]
fn open<'a>(
    layout: &'a Layout,
    bounds: &Bounds,
    level: usize,
    ring: &mut Ring,
    at: i64,
    version: u64,
) -> Option<(usize, bool, &'a [usize])> {
    let of = &layout.levels[level];
    if at < bounds.floors[level] || at < -TIME_MAX {
        return None;
    }
    let slots = if at < bounds.base { &of.slots[..of.windowed] } else { &of.slots[..] };
    if slots.is_empty() {
        return None;
    }
    let (tile, is_new) = ring.open(interval(at, of.size), of.slots.len(), version);
    Some((tile, is_new, slots))
}
