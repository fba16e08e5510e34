//! One key while it changes, row by row: new tiles, rows that come late or ahead of their time, what goes.

use super::known::{Known, Slice};
use super::layout::{Bounds, Layout, TIME_MAX};
use super::ring::Ring;
use super::shard::{Fresh, More, Removed, State, Taken};
use super::tile::{Head, TileMut};
use crate::aggregates::Ir;
use crate::column::Block;
use crate::window::interval;

/// From so many tiles on, those of a larger size are made of them.
const ROLLED_MIN: usize = 4;

pub struct Key<'a> {
    pub layout: &'a Layout,
    pub state: &'a mut State,
    pub rings: &'a mut [Ring],
    pub fresh: &'a mut [Fresh],
    pub place: usize,
    pub removed: &'a mut Vec<Removed>,
    pub version: u64,
    /// The newest time of a row that was taken in.
    pub seen: &'a mut i64,
}

impl Key<'_> {
    /// Takes a row in, or opens the newest tiles for it.
    pub fn apply(&mut self, bounds: &Bounds, block: &Block, row: usize) -> Taken {
        let at = block.times[row];
        if self.state.more.is_some() {
            self.take_due(bounds);
        }
        if at > bounds.now {
            self.postpone(block, row);
            return Taken::Future;
        }
        let layout = self.layout;
        if self.advance(bounds, at) {
            return Taken::Awaited;
        }
        self.take(bounds, at, &|slot, ir| {
            layout.plan.slots[slot].update(ir, &block.columns, at, row);
        })
    }

    fn known(&self) -> Known<'_> {
        Known { layout: self.layout, rings: self.rings, fresh: self.fresh, place: self.place }
    }

    /// Opens tiles that are the newest of their level or become so. False where a row at that time changes others too.
    fn advance(&mut self, bounds: &Bounds, at: i64) -> bool {
        let layout = self.layout;
        if at < layout.quick_since(bounds) || self.state.has_future() {
            return false;
        }
        // Larger tiles are made of smaller ones: where none is of the newest time, none is newer.
        let is_plain = self.state.is_plain && self.has_newest();
        for (level, of) in layout.levels.iter().enumerate().filter(|(_, of)| !(is_plain && of.is_lazy)) {
            let start = interval(at, of.size);
            // A lazy tile of that time would have to take the row as well.
            match self.newest(level) {
                Some(newest) if newest > start || of.is_lazy && newest == start => return false,
                _ => {}
            }
        }
        let is_trimmed = self.trim_if_due(bounds);
        for (level, of) in layout.levels.iter().enumerate().filter(|(_, of)| of.is_direct) {
            self.begin(level, interval(at, of.size));
        }
        self.state.newest = self.state.newest.max(at);
        if is_trimmed || !is_plain {
            self.refresh();
        }
        self.state.is_plain
    }

    /// Whether the newest tiles of all levels that rows go to are known.
    fn has_newest(&self) -> bool {
        let mut direct = self.layout.levels.iter().zip(&*self.fresh).filter(|(of, _)| of.is_direct);
        direct.all(|(of, fresh)| fresh.start(&of.shape, self.place).is_some())
    }

    /// Where the newest tile of a level starts.
    fn newest(&self, level: usize) -> Option<i64> {
        let known = self.known();
        let newest = known.newest(level).map(|tile| tile.start(0));
        newest.or_else(|| {
            let settled = known.settled(level);
            settled.len().checked_sub(1).map(|last| settled.start(last))
        })
    }

    /// Makes the tile of a start the newest one of a level: no other is newer.
    fn begin(&mut self, level: usize, start: i64) {
        let (shape, place, version) = (&self.layout.levels[level].shape, self.place, self.version);
        let (fresh, ring) = (&mut self.fresh[level], &mut self.rings[level]);
        let closed = fresh.start(shape, place);
        if closed == Some(start) {
            return fresh.tile_mut(shape, place).set_version(version);
        }
        if closed.is_some() {
            fresh.settle(shape, place, ring);
        }
        let settled = ring.tiles(shape);
        let is_there =
            closed.is_none() && settled.len().checked_sub(1).is_some_and(|last| settled.start(last) == start);
        if is_there && let Some(tile) = ring.pop(shape) {
            fresh.put(shape, place, tile);
            fresh.tile_mut(shape, place).set_version(version);
        } else {
            fresh.begin(shape, place, Head { start, version });
        }
        if let Some(closed) = closed {
            self.roll_many(level, closed);
        }
    }

    /// Changes the tile of a level that starts there, and makes it where there is none.
    fn change(&mut self, level: usize, start: i64, change: impl FnOnce(TileMut<'_>)) {
        let of = &self.layout.levels[level];
        if of.is_direct && self.newest(level).is_none_or(|newest| newest <= start) {
            self.begin(level, start);
            return change(self.fresh[level].tile_mut(&of.shape, self.place));
        }
        let at = self.rings[level].open(&of.shape, Head { start, version: self.version });
        let mut tile = self.rings[level].tile_mut(&of.shape, at);
        tile.set_version(self.version);
        change(tile);
    }

    /// Takes one row in, or all those of a moment: `update` changes a partial result by them.
    fn take(&mut self, bounds: &Bounds, at: i64, update: &dyn Fn(usize, &mut Ir)) -> Taken {
        let layout = self.layout;
        let is_trimmed = self.trim_if_due(bounds);
        let (mut is_kept, mut is_below) = (false, false);
        if !layout.endless.is_empty() && at < bounds.base {
            self.roll(bounds);
            let base = base(layout, self.state, self.version);
            layout.endless.iter().zip(base).for_each(|(slot, ir)| update(*slot, ir));
            is_kept = true;
        }
        for (level, of) in layout.levels.iter().enumerate() {
            let slots = if at < bounds.base { &of.slots[..of.windowed] } else { &of.slots[..] };
            if at < bounds.floors[level].max(-TIME_MAX) || slots.is_empty() {
                // What is below a lazy level still is.
                is_below &= of.is_lazy;
                continue;
            }
            let start = interval(at, of.size);
            if of.is_lazy && !self.has(level, start) {
                if is_below {
                    continue;
                }
                self.build(level, start);
            }
            self.change(level, start, |mut tile| {
                for (at, slot) in slots.iter().enumerate() {
                    tile.change(at, |ir| update(*slot, ir));
                }
            });
            (is_kept, is_below) = (true, true);
        }
        if !is_kept {
            if is_trimmed {
                self.refresh();
            }
            return Taken::Unreached;
        }
        *self.seen = at.max(*self.seen);
        for (level, of) in layout.levels.iter().enumerate().filter(|(_, of)| of.is_direct) {
            self.roll_many(level, interval(at, of.size));
        }
        self.state.newest = self.state.newest.max(at);
        self.refresh();
        Taken::Kept
    }

    /// Keeps an event whose time has not come.
    fn postpone(&mut self, block: &Block, row: usize) {
        let at = block.times[row];
        let more = self.state.more.get_or_insert_default();
        (more.version, self.state.is_plain) = (self.version, false);
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
        let layout = self.layout;
        let moments: Vec<(i64, Box<[Ir]>)> = more.future.drain(..due).collect();
        for (at, irs) in moments {
            self.take(bounds, at, &|slot, ir| layout.plan.slots[slot].merge(ir, &irs[slot]));
        }
        self.tidy();
        self.refresh();
    }

    /// Notes whether rows within the newest tiles change these alone.
    fn refresh(&mut self) {
        let known = self.known();
        let mut newest = None;
        let mut is_plain = !self.state.has_future();
        for (level, of) in self.layout.levels.iter().enumerate() {
            if of.is_direct {
                newest = known.newest(level).map(|tile| tile.start(0));
            } else if let Some(newest) = newest.filter(|_| of.is_lazy) {
                is_plain &= !self.has(level, interval(newest, of.size));
            }
        }
        self.state.is_plain = is_plain;
    }

    /// Whether a level has the tile that starts there, but for the newest one.
    fn has(&self, level: usize, start: i64) -> bool {
        let settled = self.known().settled(level);
        let at = settled.before(start);
        at < settled.len() && settled.start(at) == start
    }

    /// Makes a lazy tile, which is not there, of smaller ones.
    fn build(&mut self, level: usize, start: i64) {
        let (layout, of) = (self.layout, &self.layout.levels[level]);
        let mut slices = Vec::new();
        self.known().slices(level - 1, start, start + of.size, &mut slices);
        let mut tile = of.shape.empty(Head { start, version: self.version });
        for (at, slot) in of.slots.iter().enumerate() {
            let mut merged = Ir::Empty;
            for Slice { level, tiles } in &slices {
                if let Some(at) = layout.levels[*level].slots.iter().position(|s| s == slot) {
                    tiles.merge(&layout.plan.slots[*slot], at, &mut merged);
                }
            }
            tile.as_mut(&of.shape).change(at, |ir| *ir = merged);
        }
        let ring = &mut self.rings[level];
        let place = ring.tiles(&of.shape).before(start);
        ring.insert(&of.shape, place, tile);
    }

    /// A tile of a level was closed, or came late: those of larger sizes are made where there are many of its kind, but for the one that
    /// rows still go to.
    fn roll_many(&mut self, level: usize, closed: i64) {
        let Some(newest) = self.newest(level) else { return };
        for above in level + 1..self.layout.levels.len() {
            let of = &self.layout.levels[above];
            let start = interval(closed, of.size);
            if !of.is_lazy || interval(newest, of.size) == start {
                return;
            }
            if !self.has(above, start) {
                let mut slices = Vec::new();
                self.known().slices(above - 1, start, start + of.size, &mut slices);
                let tiles: usize = slices.iter().map(|slice| slice.tiles.len()).sum();
                if tiles >= ROLLED_MIN {
                    self.build(above, start);
                }
            }
        }
    }

    /// Merges what is before the base's bound to the base.
    fn roll(&mut self, bounds: &Bounds) {
        let layout = self.layout;
        let (Some(top), Some(of)) = (layout.levels.len().checked_sub(1), layout.levels.last()) else {
            return;
        };
        let until = self.state.until;
        if until >= bounds.base {
            return;
        }
        let settled = self.rings[top].tiles(&of.shape);
        let (first, end) = (settled.before(until), settled.before(bounds.base));
        let mut into_base = |mut tile: TileMut<'_>| {
            let base = base(layout, self.state, self.version);
            for ((at, slot), into) in of.slots.iter().enumerate().skip(of.windowed).zip(base) {
                tile.change(at, |ir| {
                    layout.plan.slots[*slot].merge(into, ir);
                    *ir = Ir::Empty;
                });
            }
        };
        (first..end).for_each(|tile| into_base(self.rings[top].tile_mut(&of.shape, tile)));
        // An older tile was merged before: as it was stored it may have its results still.
        let is_due = |start| (until..bounds.base).contains(&start);
        if self.fresh[top].start(&of.shape, self.place).is_some_and(is_due) {
            into_base(self.fresh[top].tile_mut(&of.shape, self.place));
        }
        self.state.until = bounds.base;
        if let Some(more) = &mut self.state.more {
            more.version = self.version;
        }
    }

    /// Takes in whose time has come, and drops what no window reaches any more. True where nothing is left.
    pub fn sweep(&mut self, bounds: &Bounds) -> bool {
        self.take_due(bounds);
        self.trim(bounds);
        self.refresh();
        let known = self.known();
        let is_bare = |level: usize| self.rings[level].is_empty() && known.newest(level).is_none();
        self.state.more.is_none() && (0..self.rings.len()).all(is_bare)
    }

    /// Trims where the newest tile is out of reach, so that it says nothing of what is new, and before a list has to grow, where that makes
    /// room for some time; the rest is up to sweeps. Says whether it did.
    fn trim_if_due(&mut self, bounds: &Bounds) -> bool {
        let mut levels = self.layout.levels.iter().enumerate().filter(|(_, of)| of.is_direct);
        let is_due = levels.any(|(level, of)| {
            let (ring, floor) = (&self.rings[level], bounds.floors[level]);
            let is_past = self.fresh[level].start(&of.shape, self.place).is_some_and(|start| start < floor);
            is_past || ring.is_full(&of.shape) && ring.has_many_before(&of.shape, floor)
        });
        if is_due {
            self.trim(bounds);
        }
        is_due
    }

    /// Drops what no window reaches any more.
    fn trim(&mut self, bounds: &Bounds) {
        if !self.layout.endless.is_empty() {
            self.roll(bounds);
        }
        for level in 0..self.layout.levels.len() {
            self.build_of_old(bounds, level);
            let (of, floor, place) = (&self.layout.levels[level], bounds.floors[level], self.place);
            let mut gone = |start: i64| {
                if self.layout.is_durable {
                    self.removed.push(Removed { key: self.state.key.to_vec().into(), size: of.size, start });
                }
            };
            self.rings[level].drop_before(&of.shape, floor, &mut gone);
            let fresh = &mut self.fresh[level];
            if let Some(start) = fresh.start(&of.shape, place).filter(|start| *start < floor) {
                fresh.end(&of.shape, place);
                gone(start);
            }
        }
    }

    /// Makes the larger tiles that need those of a level which are to be dropped.
    fn build_of_old(&mut self, bounds: &Bounds, level: usize) {
        let Some(above) = self.layout.levels.get(level + 1).filter(|above| above.is_lazy) else { return };
        let mut starts: Vec<i64> = Vec::new();
        for tiles in self.known().tiles(level) {
            starts.extend(
                (0..tiles.before(bounds.floors[level])).map(|at| interval(tiles.start(at), above.size)),
            );
        }
        starts.dedup();
        for start in starts {
            if self.is_needed(bounds, level + 1, start) && !self.has(level + 1, start) {
                self.build(level + 1, start);
            }
        }
    }

    /// Whether a query may ask for the tile of a level, or for a larger one that is made of it.
    fn is_needed(&self, bounds: &Bounds, level: usize, start: i64) -> bool {
        match self.layout.levels.get(level) {
            Some(of) if level == 0 || of.is_lazy => {
                interval(start, of.size) >= bounds.floors[level] || self.is_needed(bounds, level + 1, start)
            }
            _ => false,
        }
    }

    /// Frees what holds nothing.
    fn tidy(&mut self) {
        let is_bare = |m: &More| m.base.is_empty() && m.future.is_empty() && m.crowded == i64::MAX;
        if self.state.more.as_deref().is_some_and(is_bare) {
            self.state.more = None;
            if self.layout.is_durable {
                let key = self.state.key.to_vec().into();
                self.removed.push(Removed { key, size: 0, start: 0 });
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
