//! From the tiles of a key to values, and what made them.

use super::{Fetched, Group, Past};
use crate::aggregates::Ir;
use crate::plan::{Reach, Slot};
use crate::state::known::{Known, Slice};
use crate::state::layers::{Run, cover};
use crate::state::layout::{Layout, Place, Span, TIME_MAX};
use crate::state::shard::{Shard, State};
use crate::state::tile::{Head, Spot};
use crate::value::Value;
use crate::window::interval;
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

    /// As [`Merged::take`], for the results of tiles.
    #[inline]
    fn take_tiles(&mut self, slot: &Slot, place: &Place, slice: &Slice<'a>) {
        let (tiles, at) = (slice.tiles, place.in_tile[slice.level]);
        if let Spot::Ir(at) = tiles.shape.spot(at) {
            let irs = tiles.irs.iter().skip(at).step_by(tiles.shape.irs);
            return irs.for_each(|ir| self.take(slot, ir));
        }
        let mut ir = match std::mem::replace(self, Self::Nothing) {
            Self::Nothing => Ir::Empty,
            Self::One(ir) => ir.clone(),
            Self::Many(ir) => ir,
        };
        tiles.merge(slot, at, &mut ir);
        *self = Self::Many(ir);
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

/// One key at a time.
struct View<'a> {
    layout: &'a Layout,
    shard: &'a Shard,
    state: &'a State,
    known: Known<'a>,
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
        Some(Self { layout, shard, state, known: shard.known(layout, at), q })
    }

    /// The tiles of a span.
    fn slices(&self, span: &Span, runs: &mut Vec<Run>, slices: &mut Vec<Slice<'a>>) -> Result<(), Past> {
        runs.clear();
        slices.clear();
        self.runs(span, runs)?;
        runs.iter().for_each(|run| self.known.slices(run.level, run.from, run.to, slices));
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
        let mut between = Vec::new();
        self.known.slices(span.first, to, to + self.layout.sizes[span.first], &mut between);
        if between.is_empty() { Ok(to) } else { Err(Past::Newer { newest: self.state.newest }) }
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
            for place in &span.columns {
                let slot = &self.layout.plan.slots[place.slot];
                let mut merged = self.base(span, place);
                match place.reach {
                    Reach::All => slices.iter().for_each(|slice| merged.take_tiles(slot, place, slice)),
                    Reach::Earliest if !matches!(merged, Merged::Nothing) => {}
                    Reach::Earliest | Reach::Latest => {
                        if let Some(slice) = one(place, &slices) {
                            merged.take_tiles(slot, place, &slice);
                        }
                    }
                }
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

    fn parts(&self, span: &Span, place: &Place, slices: &[Slice<'_>]) -> Vec<Part> {
        let mut parts = Vec::new();
        if let (Merged::One(_), Some(more)) = (self.base(span, place), &self.state.more) {
            parts.push(Part::Base { until: self.state.until, version: more.version });
        }
        for Slice { level, tiles } in slices {
            let (size, at) = (self.layout.levels[*level].size, place.in_tile[*level]);
            for tile in (0..tiles.len()).filter(|tile| !tiles.is_nothing(*tile, at)) {
                let Head { start, version } = tiles.head(tile);
                parts.push(Part::Tile { size, start, version });
            }
        }
        let moments = self.moments(span).filter(|(_, irs)| !matches!(irs[place.slot], Ir::Empty));
        parts.extend(moments.map(|(at, _)| Part::Moment { at: *at }));
        parts
    }
}

/// The one tile that makes the value of a column, where one does.
fn one<'a>(place: &Place, slices: &[Slice<'a>]) -> Option<Slice<'a>> {
    let of = |slice: &Slice<'a>, tile: usize| {
        let is_some = !slice.tiles.is_nothing(tile, place.in_tile[slice.level]);
        is_some.then(|| Slice { level: slice.level, tiles: slice.tiles.slice(tile, tile + 1) })
    };
    if place.reach == Reach::Latest {
        slices.iter().rev().find_map(|slice| (0..slice.tiles.len()).rev().find_map(|tile| of(slice, tile)))
    } else {
        slices.iter().find_map(|slice| (0..slice.tiles.len()).find_map(|tile| of(slice, tile)))
    }
}
