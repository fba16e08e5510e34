//! The tiles of one key and one size, in the order of their starts. They lie side by side, so that a walk over many of them reads memory
//! in order.

use super::tile::{Head, Shape, Tile, TileMut, Tiles};
use crate::aggregates::Ir;

/// To move the tiles of a full list is worth it where at least one in so many goes.
const GONE_PART: usize = 8;

#[derive(Clone, Debug, Default)]
pub struct Ring {
    words: Vec<u64>,
    irs: Vec<Ir>,
}

impl Ring {
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    #[inline]
    pub fn tiles<'a>(&'a self, shape: &'a Shape) -> Tiles<'a> {
        Tiles { shape, words: &self.words, irs: &self.irs }
    }

    #[inline]
    pub fn tile_mut<'a>(&'a mut self, shape: &'a Shape, tile: usize) -> TileMut<'a> {
        TileMut {
            shape,
            words: &mut self.words[tile * shape.stride..(tile + 1) * shape.stride],
            irs: &mut self.irs[tile * shape.irs..(tile + 1) * shape.irs],
        }
    }

    /// Whether there is no room for one more tile.
    #[inline]
    pub fn is_full(&self, shape: &Shape) -> bool {
        self.words.capacity() < self.words.len() + shape.stride
    }

    /// Whether a good part of the tiles start before a time.
    pub fn has_many_before(&self, shape: &Shape, time: i64) -> bool {
        let tiles = self.tiles(shape);
        !tiles.is_empty() && tiles.start(tiles.len() / GONE_PART) < time
    }

    /// Makes room for a tile. Most keys have few: doubling would waste half of them.
    fn grow(&mut self, shape: &Shape) {
        if self.is_full(shape) {
            let more = self.words.len() / shape.stride / 2 + 1;
            self.words.reserve_exact(more * shape.stride);
            self.irs.reserve_exact(more * shape.irs);
        }
    }

    /// Puts a tile behind all others; its partial results are taken from it.
    #[inline]
    pub fn push(&mut self, shape: &Shape, words: &[u64], irs: &mut [Ir]) {
        self.grow(shape);
        self.words.extend_from_slice(words);
        self.irs.extend(irs.iter_mut().map(std::mem::take));
    }

    /// Takes the newest tile out.
    pub fn pop(&mut self, shape: &Shape) -> Option<Tile> {
        let last = self.tiles(shape).len().checked_sub(1)?;
        let words = self.words.split_off(last * shape.stride);
        Some(Tile { words, irs: self.irs.split_off(last * shape.irs) })
    }

    /// Puts a tile at its place.
    pub fn insert(&mut self, shape: &Shape, at: usize, tile: Tile) {
        self.grow(shape);
        drop(self.words.splice(at * shape.stride..at * shape.stride, tile.words));
        drop(self.irs.splice(at * shape.irs..at * shape.irs, tile.irs));
    }

    /// The place of the tile with that start, which is made where there is none.
    pub fn open(&mut self, shape: &Shape, head: Head) -> usize {
        let tiles = self.tiles(shape);
        let at = tiles.before(head.start);
        if at == tiles.len() || tiles.start(at) != head.start {
            self.insert(shape, at, shape.empty(head));
        }
        at
    }

    /// Removes the tiles that start before `floor`.
    pub fn drop_before(&mut self, shape: &Shape, floor: i64, mut each: impl FnMut(i64)) {
        let tiles = self.tiles(shape);
        let gone = tiles.before(floor);
        if gone == 0 {
            return;
        }
        (0..gone).for_each(|tile| each(tiles.start(tile)));
        drop(self.words.drain(..gone * shape.stride));
        drop(self.irs.drain(..gone * shape.irs));
        if self.words.len() * 4 < self.words.capacity() {
            self.words.shrink_to(self.words.len() * 2);
            self.irs.shrink_to(self.irs.len() * 2);
        }
    }
}
