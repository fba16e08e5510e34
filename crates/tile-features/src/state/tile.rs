//! How a tile lies in memory: words for its start, for the round of changes in which it changed last, and for the partial results of fixed
//! size; beside them, in another list, the partial results that have none. Tiles of one level that follow each other are one piece of memory.

use crate::aggregates::Ir;
use crate::aggregates::parts::words::{Form, Lane, is_nothing};
use crate::plan::{Plan, Slot};
use std::borrow::Cow;

/// Words before the partial results.
const HEAD: usize = 2;

/// The tiles of a level, before there are any.
#[derive(Debug)]
pub struct Shape {
    /// Words of a tile.
    pub stride: usize,
    /// Partial results of a tile that are no words.
    pub irs: usize,
    /// Of each slot of the level where it is.
    spots: Vec<Spot>,
}

/// Where a partial result is.
#[derive(Clone, Copy, Debug)]
pub enum Spot {
    Words(Lane),
    Ir(usize),
}

/// What is known of a tile beside its results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub start: i64,
    /// The round of changes in which it changed last.
    pub version: u64,
}

impl Head {
    #[inline]
    pub fn write(self, tile: &mut [u64]) {
        (tile[0], tile[1]) = (self.start.cast_unsigned(), self.version);
    }
}

impl Shape {
    pub fn new(plan: &Plan, slots: &[usize]) -> Self {
        let forms = || slots.iter().map(|slot| plan.slots[*slot].form);
        let stride = HEAD + forms().flatten().map(Form::words).sum::<usize>();
        let (mut at, mut irs) = (HEAD, 0);
        let mut spots = Vec::with_capacity(slots.len());
        for form in forms() {
            if let Some(form) = form {
                spots.push(Spot::Words(Lane { stride, at, form }));
                at += form.words();
            } else {
                spots.push(Spot::Ir(irs));
                irs += 1;
            }
        }
        Self { stride, irs, spots }
    }

    /// By the place of the slot in the level.
    #[inline]
    pub fn spot(&self, slot: usize) -> Spot {
        self.spots[slot]
    }

    /// What a tile takes, with what its partial results have on the heap at least, and what a list has spare.
    pub const fn bytes(&self) -> usize {
        (self.stride * size_of::<u64>() + self.irs * (size_of::<Ir>() + 32)) * 5 / 4
    }

    pub fn slots(&self) -> usize {
        self.spots.len()
    }

    /// A tile that nothing came into.
    pub fn empty(&self, head: Head) -> Tile {
        let mut words = vec![0; self.stride];
        head.write(&mut words);
        Tile { words, irs: vec![Ir::Empty; self.irs] }
    }
}

/// One tile that is in no list.
pub struct Tile {
    pub words: Vec<u64>,
    pub irs: Vec<Ir>,
}

impl Tile {
    pub fn as_mut<'a>(&'a mut self, shape: &'a Shape) -> TileMut<'a> {
        TileMut { shape, words: &mut self.words, irs: &mut self.irs }
    }
}

/// Tiles of one level that follow each other, in the order of their starts.
#[derive(Clone, Copy)]
pub struct Tiles<'a> {
    pub shape: &'a Shape,
    pub words: &'a [u64],
    pub irs: &'a [Ir],
}

impl<'a> Tiles<'a> {
    #[inline]
    pub const fn len(&self) -> usize {
        self.words.len() / self.shape.stride
    }

    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    #[inline]
    pub fn head(&self, tile: usize) -> Head {
        let words = &self.words[tile * self.shape.stride..];
        Head { start: words[0].cast_signed(), version: words[1] }
    }

    #[inline]
    pub fn start(&self, tile: usize) -> i64 {
        self.words[tile * self.shape.stride].cast_signed()
    }

    /// How many of the tiles start before a time.
    #[inline]
    pub fn before(&self, time: i64) -> usize {
        let (mut low, mut high) = (0, self.len());
        // Most look for the newest ones.
        if high > 0 && self.start(high - 1) < time {
            return high;
        }
        while low < high {
            let middle = low.midpoint(high);
            if self.start(middle) < time {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    #[inline]
    pub fn slice(&self, from: usize, to: usize) -> Self {
        let (stride, irs) = (self.shape.stride, self.shape.irs);
        Self {
            shape: self.shape,
            words: &self.words[from * stride..to * stride],
            irs: &self.irs[from * irs..to * irs],
        }
    }

    /// Whether a slot of a tile has no input.
    #[inline]
    pub fn is_nothing(&self, tile: usize, slot: usize) -> bool {
        match self.shape.spot(slot) {
            Spot::Words(lane) => is_nothing(lane.of(self.words, tile)),
            Spot::Ir(at) => matches!(self.irs[tile * self.shape.irs + at], Ir::Empty),
        }
    }

    /// The partial result of a slot of a tile.
    #[inline]
    pub fn ir(&self, tile: usize, slot: usize) -> Cow<'a, Ir> {
        match self.shape.spot(slot) {
            Spot::Words(lane) => Cow::Owned(lane.form.unpack(lane.of(self.words, tile))),
            Spot::Ir(at) => Cow::Borrowed(&self.irs[tile * self.shape.irs + at]),
        }
    }

    /// All partial results of a tile.
    pub fn results(self, tile: usize) -> impl ExactSizeIterator<Item = Cow<'a, Ir>> {
        (0..self.shape.slots()).map(move |slot| self.ir(tile, slot))
    }

    /// Merges the tiles' results of a slot into one.
    #[inline]
    pub fn merge(&self, of: &Slot, slot: usize, into: &mut Ir) {
        match self.shape.spot(slot) {
            Spot::Words(lane) => of.gather(lane, self.words, into),
            Spot::Ir(at) => {
                self.irs.iter().skip(at).step_by(self.shape.irs).for_each(|later| of.merge(into, later));
            }
        }
    }
}

/// One tile to be changed.
pub struct TileMut<'a> {
    pub shape: &'a Shape,
    pub words: &'a mut [u64],
    pub irs: &'a mut [Ir],
}

impl TileMut<'_> {
    /// Changes the partial result of a slot.
    #[inline]
    pub fn change(&mut self, slot: usize, change: impl FnOnce(&mut Ir)) {
        match self.shape.spot(slot) {
            Spot::Words(lane) => {
                let words = lane.of_mut(self.words, 0);
                let mut ir = lane.form.unpack(words);
                change(&mut ir);
                lane.form.pack(&ir, words);
            }
            Spot::Ir(at) => change(&mut self.irs[at]),
        }
    }

    pub fn set_version(&mut self, version: u64) {
        self.words[1] = version;
    }
}
