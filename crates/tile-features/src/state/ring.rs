//! The tiles of one key and one size, in the order of their starts. Their partial results lie side by side, so that a walk over many
//! tiles reads memory in order.

use crate::aggregates::Ir;

/// What is known of a tile beside its results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub start: i64,
    /// The round of changes in which it changed last.
    pub version: u64,
}

#[derive(Clone, Debug, Default)]
pub struct Ring {
    heads: Vec<Head>,
    /// As many for each tile as the level has slots.
    irs: Vec<Ir>,
}

impl Ring {
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    pub const fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// The partial results of the tile at a place.
    #[inline]
    pub fn tile(&self, at: usize, width: usize) -> &[Ir] {
        &self.irs[at * width..(at + 1) * width]
    }

    #[inline]
    pub fn tile_mut(&mut self, at: usize, width: usize) -> &mut [Ir] {
        &mut self.irs[at * width..(at + 1) * width]
    }

    /// The places of the tiles that start in `from..to`.
    #[inline]
    pub fn range(&self, from: i64, to: i64) -> std::ops::Range<usize> {
        let first = self.heads.partition_point(|head| head.start < from);
        let length = self.heads[first..].partition_point(|head| head.start < to);
        first..first + length
    }

    /// The place of the tile with that start, and whether it had to be made.
    #[inline]
    pub fn open(&mut self, start: i64, width: usize, version: u64) -> (usize, bool) {
        if let Some(last) = self.heads.last_mut()
            && last.start == start
        {
            last.version = version;
            return (self.heads.len() - 1, false);
        }
        self.open_slowly(start, width, version)
    }

    fn open_slowly(&mut self, start: i64, width: usize, version: u64) -> (usize, bool) {
        match self.heads.binary_search_by_key(&start, |head| head.start) {
            Ok(at) => {
                self.heads[at].version = version;
                (at, false)
            }
            Err(at) => {
                self.insert(at, width, Head { start, version }, std::iter::repeat_n(Ir::Empty, width));
                (at, true)
            }
        }
    }

    /// Puts a tile of `width` partial results at its place.
    pub fn insert(&mut self, at: usize, width: usize, head: Head, irs: impl Iterator<Item = Ir>) {
        if self.heads.len() == self.heads.capacity() {
            // Most keys have few tiles: doubling would waste half of them.
            let more = self.heads.len() / 2 + 1;
            self.heads.reserve_exact(more);
            self.irs.reserve_exact(more * width);
        }
        self.heads.insert(at, head);
        drop(self.irs.splice(at * width..at * width, irs));
    }

    /// Removes the tiles that start before `floor`.
    pub fn drop_before(&mut self, floor: i64, width: usize, mut each: impl FnMut(Head)) {
        let gone = self.heads.partition_point(|head| head.start < floor);
        if gone == 0 {
            return;
        }
        self.heads.drain(..gone).for_each(&mut each);
        drop(self.irs.drain(..gone * width));
        if self.heads.len() * 4 < self.heads.capacity() {
            self.heads.shrink_to(self.heads.len() * 2);
            self.irs.shrink_to(self.irs.len() * 2);
        }
    }
}
