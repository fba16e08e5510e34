//! The tiles of one key, to be read.

use super::layout::Layout;
use super::ring::Ring;
use super::shard::Fresh;
use super::tile::Tiles;

#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub layout: &'a Layout,
    /// One for each level.
    pub rings: &'a [Ring],
    pub fresh: &'a [Fresh],
    /// Of the key.
    pub place: usize,
}

/// Tiles of one level that follow each other.
#[derive(Clone, Copy)]
pub struct Slice<'a> {
    pub level: usize,
    pub tiles: Tiles<'a>,
}

impl<'a> Known<'a> {
    /// The tiles of a level but for the newest one that rows go to.
    #[inline]
    pub fn settled(&self, level: usize) -> Tiles<'a> {
        self.rings[level].tiles(&self.layout.levels[level].shape)
    }

    /// The newest one, where there is one.
    #[inline]
    pub fn newest(&self, level: usize) -> Option<Tiles<'a>> {
        self.fresh[level].tile(&self.layout.levels[level].shape, self.place)
    }

    /// Whether a level has tiles that start before a time.
    fn has_before(&self, level: usize, time: i64) -> bool {
        self.tiles(level).any(|tiles| !tiles.is_empty() && tiles.start(0) < time)
    }

    /// Whether a level has tiles that no window reaches any more.
    pub fn has_old(&self, floors: &[i64]) -> bool {
        floors.iter().enumerate().any(|(level, floor)| self.has_before(level, *floor))
    }

    /// All tiles that a level has.
    pub fn tiles(&self, level: usize) -> impl Iterator<Item = Tiles<'a>> + use<'a> {
        [Some(self.settled(level)), self.newest(level)].into_iter().flatten()
    }

    /// Adds what makes up a part of time, in order: the tiles of a level, and smaller ones where those were not made yet.
    pub fn slices(&self, level: usize, from: i64, to: i64, out: &mut Vec<Slice<'a>>) {
        let settled = self.settled(level);
        let first = settled.before(from);
        let found = settled.slice(first, first + settled.slice(first, settled.len()).before(to));
        let of = &self.layout.levels[level];
        if !of.is_lazy {
            add(level, found, out);
            if let Some(newest) = self.newest(level).filter(|n| (from..to).contains(&n.start(0))) {
                add(level, newest, out);
            }
            return;
        }
        let (mut begun, mut at) = (0, from);
        for tile in 0..found.len() {
            let start = found.start(tile);
            if at < start {
                add(level, found.slice(begun, tile), out);
                begun = tile;
                self.slices(level - 1, at, start, out);
            }
            at = start + of.size;
        }
        add(level, found.slice(begun, found.len()), out);
        if at < to {
            self.slices(level - 1, at, to, out);
        }
    }
}

fn add<'a>(level: usize, tiles: Tiles<'a>, out: &mut Vec<Slice<'a>>) {
    if !tiles.is_empty() {
        out.push(Slice { level, tiles });
    }
}
