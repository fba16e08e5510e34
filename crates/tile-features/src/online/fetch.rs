//! From the tiles of a key to values, and what made them.

use super::{Fetched, Group, Past};
use crate::aggregates::Ir;
use crate::plan::{Reach, Slot};
use crate::state::layers::{Run, cover};
use crate::state::layout::{Layout, Place, Span, TIME_MAX};
use crate::state::ring::Ring;
use crate::state::shard::{Shard, State};
use crate::value::Value;
use crate::window::interval;
use std::ops::Range;
use std::sync::atomic::Ordering;

/// What made the values of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    pub q: i64,
    /// The time of the newest event in tiles.
    pub newest: i64,
    /// In the order of the plan's columns.
    pub columns: Vec<ColumnParts>,
}

/// What made one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnParts {
    pub name: String,
    /// The first millisecond that counts; none without a window.
    pub tail: Option<i64>,
    /// In the order of time; those without a value of the column are left out.
    pub parts: Vec<Part>,
}

/// A partial result that a value was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All that came before a time.
    Base { until: i64, version: u64 },
    /// A tile.
    Tile { size: i64, start: i64, version: u64 },
    /// Events of one moment that are not in a tile yet.
    Moment { at: i64 },
    /// Rows of an entity.
    Rows { count: usize },
}

/// A merge of what was met so far; copied only when there is more than one.
enum Merged<'a> {
    Nothing,
    One(&'a Ir),
    Many(Ir),
}

impl<'a> Merged<'a> {
    #[inline]
    fn take(&mut self, slot: &Slot, later: &'a Ir) {
        if matches!(later, Ir::Empty) {
            return;
        }
        match self {
            Self::Many(ir) => slot.merge(ir, later),
            Self::One(first) => {
                let mut ir = first.clone();
                slot.merge(&mut ir, later);
                *self = Self::Many(ir);
            }
            Self::Nothing => *self = Self::One(later),
        }
    }

    fn value(&self, slot: &Slot) -> Result<Value, Past> {
        let value = match self {
            Self::Nothing => slot.value(&Ir::Empty),
            Self::One(ir) => slot.value(ir),
            Self::Many(ir) => slot.value(ir),
        };
        value.map_err(|_| Past::Full)
    }
}

/// Tiles of one level that follow each other, by their places.
type Slice = (usize, Range<usize>);

/// One key at a time.
struct View<'a> {
    layout: &'a Layout,
    shard: &'a Shard,
    state: &'a State,
    rings: &'a [Ring],
    q: i64,
}

impl Group {
    /// The values of a key at the time `q`.
    pub fn fetch(&self, key: &[u8], q: i64) -> Fetched {
        self.look(key, |_| q).1
    }

    /// The values of a key at the present, with their time: after all its events whose time has come, be it a millisecond after `now`.
    pub fn fetch_now(&self, key: &[u8], now: i64) -> (i64, Fetched) {
        self.look(key, |newest| now.max(newest.saturating_add(1)))
    }

    /// As [`Group::fetch`], for many keys.
    pub fn fetch_many(&self, keys: &[&[u8]], q: i64) -> Vec<Fetched> {
        keys.iter().map(|key| self.fetch(key, q)).collect()
    }

    /// What makes the values of a key at the time `q`; none where the key is not known.
    ///
    /// # Errors
    /// Why tiles do not make them.
    pub fn explain(&self, key: &[u8], q: i64) -> Result<Option<Explained>, Past> {
        let hash = self.layout.hash(key);
        let shard = self.shards[Self::shard_of(hash)].read();
        match shard.find(hash, key).and_then(|at| View::new(&self.layout, &shard, at, |_| q)) {
            Some(view) => view.explain().map(Some),
            None => Ok(None),
        }
    }

    fn look(&self, key: &[u8], q: impl Fn(i64) -> i64) -> (i64, Fetched) {
        let hash = self.layout.hash(key);
        let shard = self.shards[Self::shard_of(hash)].read();
        let Some(view) = shard.find(hash, key).and_then(|at| View::new(&self.layout, &shard, at, &q)) else {
            let q = q(i64::MIN);
            let kept_from = shard.bounds.now.saturating_sub(self.layout.grace);
            let is_dropped = q < kept_from && self.layout.spans.iter().any(|s| s.window.is_some());
            let fetched =
                if is_dropped { Fetched::Past(Past::Dropped { from: kept_from }) } else { Fetched::Missing };
            return (q, fetched);
        };
        let fetched = match view.values() {
            Ok(values) => Fetched::Values(values),
            Err(past) => Fetched::Past(past),
        };
        (view.q, fetched)
    }

    /// The round of changes that tiles get now.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }
}

impl<'a> View<'a> {
    fn new(layout: &'a Layout, shard: &'a Shard, at: usize, q: impl Fn(i64) -> i64) -> Option<Self> {
        let state = shard.state(at)?;
        let q = q(state.newest).clamp(-TIME_MAX, TIME_MAX);
        Some(Self { layout, shard, state, rings: shard.rings(at, layout.levels.len()), q })
    }

    /// The tiles of a span.
    fn slices(&self, span: &Span, runs: &mut Vec<Run>, slices: &mut Vec<Slice>) -> Result<(), Past> {
        runs.clear();
        slices.clear();
        self.runs(span, runs)?;
        for run in runs {
            let range = self.rings[run.level].range(run.from, run.to);
            if !range.is_empty() {
                slices.push((run.level, range));
            }
        }
        Ok(())
    }

    fn runs(&self, span: &Span, runs: &mut Vec<Run>) -> Result<(), Past> {
        let newest = self.state.newest;
        let is_open = newest < self.q;
        let to = if is_open { self.q + 1 } else { self.closed_end(span)? };
        let Some(window) = span.window else {
            if !is_open && to < self.state.until {
                return Err(Past::Dropped { from: self.state.until });
            }
            runs.push(Run { level: span.last, from: self.state.until, to });
            return Ok(());
        };
        let sizes = &self.layout.sizes[span.first..=span.last];
        if !cover(sizes, window.tail(self.q), to, is_open, runs) {
            return Err(Past::Newer { newest });
        }
        for run in runs {
            run.level += span.first;
            let floor = self.shard.bounds.floors[run.level];
            if run.from < floor {
                return Err(Past::Dropped { from: floor });
            }
        }
        Ok(())
    }

    /// Where tiles must end when some event is not before the query: there must be nothing between that and the query.
    fn closed_end(&self, span: &Span) -> Result<i64, Past> {
        let to = interval(self.q, self.layout.sizes[span.first]);
        if to == self.q {
            return Ok(to);
        }
        let floor = self.shard.bounds.floors[span.first];
        if to < floor {
            return Err(Past::Dropped { from: floor });
        }
        if self.rings[span.first].range(to, to + 1).is_empty() {
            return Ok(to);
        }
        Err(Past::Newer { newest: self.state.newest })
    }

    fn check_crowded(&self) -> Result<(), Past> {
        match &self.state.more {
            Some(more) if more.crowded < self.q => Err(Past::Crowded { from: more.crowded }),
            _ => Ok(()),
        }
    }

    fn values(&self) -> Result<Vec<Value>, Past> {
        self.check_crowded()?;
        let mut values = vec![Value::Null; self.layout.plan.columns.len()];
        let (mut runs, mut slices) = (Vec::with_capacity(8), Vec::with_capacity(8));
        for span in &self.layout.spans {
            self.slices(span, &mut runs, &mut slices)?;
            let mut merged: Vec<Merged<'_>> =
                span.columns.iter().map(|place| self.base(span, place)).collect();
            self.merge_all(span, &slices, &mut merged);
            for (place, merged) in span.columns.iter().zip(&mut merged) {
                let slot = &self.layout.plan.slots[place.slot];
                self.merge_one(span, place, &slices, merged);
                self.moments(span).for_each(|(_, irs)| merged.take(slot, &irs[place.slot]));
                values[place.column] = merged.value(slot)?;
            }
        }
        Ok(values)
    }

    fn base(&self, span: &Span, place: &Place) -> Merged<'a> {
        match &self.state.more {
            Some(more) if span.window.is_none() && !more.base.is_empty() => match &more.base[place.in_base] {
                Ir::Empty => Merged::Nothing,
                ir => Merged::One(ir),
            },
            _ => Merged::Nothing,
        }
    }

    /// The tiles of a slice, in order.
    fn tiles(&self, slice: &Slice) -> impl DoubleEndedIterator<Item = &'a [Ir]> + use<'a> {
        let (ring, width) = (&self.rings[slice.0], self.layout.levels[slice.0].slots.len());
        slice.1.clone().map(move |at| ring.tile(at, width))
    }

    /// Merges the tiles into the columns that need all of them: each tile is read once.
    fn merge_all(&self, span: &Span, slices: &[Slice], merged: &mut [Merged<'a>]) {
        if span.columns.iter().all(|place| place.reach != Reach::All) {
            return;
        }
        for slice in slices {
            for tile in self.tiles(slice) {
                let columns = span.columns.iter().zip(&mut *merged).filter(|(p, _)| p.reach == Reach::All);
                for (place, merged) in columns {
                    merged.take(
                        &self.layout.plan.slots[place.slot],
                        &tile[place.in_tile[slice.0 - span.first]],
                    );
                }
            }
        }
    }

    /// Finds the one tile that makes the value of a column, where one does.
    fn merge_one(&self, span: &Span, place: &Place, slices: &[Slice], merged: &mut Merged<'a>) {
        let slot = &self.layout.plan.slots[place.slot];
        let tiles = slices.iter().map(|slice| {
            let in_tile = place.in_tile[slice.0 - span.first];
            self.tiles(slice).map(move |tile| &tile[in_tile])
        });
        let is_some = |ir: &&Ir| !matches!(ir, Ir::Empty);
        let found = match place.reach {
            Reach::All => None,
            Reach::Earliest if !matches!(merged, Merged::Nothing) => None,
            Reach::Earliest => tiles.flatten().find(is_some),
            Reach::Latest => tiles.rev().flat_map(Iterator::rev).find(is_some),
        };
        if let Some(ir) = found {
            merged.take(slot, ir);
        }
    }

    /// The moments that were ahead of their time and are before the query.
    fn moments(&self, span: &Span) -> impl Iterator<Item = &'a (i64, Box<[Ir]>)> + use<'a> {
        let tail = span.window.map_or(i64::MIN, |w| w.tail(self.q));
        let q = self.q;
        let moments = self.state.more.as_ref().map_or(&[][..], |more| more.future.as_slice());
        moments.iter().filter(move |m| tail <= m.0 && m.0 < q)
    }

    fn explain(&self) -> Result<Explained, Past> {
        self.check_crowded()?;
        let (mut runs, mut slices) = (Vec::new(), Vec::new());
        let mut columns: Vec<ColumnParts> = self
            .layout
            .plan
            .columns
            .iter()
            .map(|c| ColumnParts {
                name: c.name.clone(),
                tail: c.window.map(|w| w.tail(self.q)),
                parts: Vec::new(),
            })
            .collect();
        for span in &self.layout.spans {
            self.slices(span, &mut runs, &mut slices)?;
            for place in &span.columns {
                columns[place.column].parts = self.parts(span, place, &slices);
            }
        }
        Ok(Explained { q: self.q, newest: self.state.newest, columns })
    }

    fn parts(&self, span: &Span, place: &Place, slices: &[Slice]) -> Vec<Part> {
        let mut parts = Vec::new();
        if let (Merged::One(_), Some(more)) = (self.base(span, place), &self.state.more) {
            parts.push(Part::Base { until: self.state.until, version: more.version });
        }
        for (level, range) in slices {
            let (ring, of) = (&self.rings[*level], &self.layout.levels[*level]);
            for at in range.clone() {
                if !matches!(ring.tile(at, of.slots.len())[place.in_tile[level - span.first]], Ir::Empty) {
                    let head = ring.heads()[at];
                    parts.push(Part::Tile { size: of.size, start: head.start, version: head.version });
                }
            }
        }
        let moments = self.moments(span).filter(|(_, irs)| !matches!(irs[place.slot], Ir::Empty));
        parts.extend(moments.map(|(at, _)| Part::Moment { at: *at }));
        parts
    }
}
