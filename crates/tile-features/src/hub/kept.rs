//! What a definition keeps of its rows: tiles of events, or the rows of entities.

use crate::entities::Entities;
use crate::online::{Explained, Fetched, Group, Past};
use std::ops::Range;
use tile_base::Result;
use tile_base::tiles::{KeyTiles, TileChange};

/// Both answer and rest alike.
pub enum Kept {
    Tiles(Group),
    Rows(Entities),
}

/// Calls the method of the same name.
macro_rules! either {
    ($self:ident . $method:ident ( $($arg:expr),* )) => {
        match $self {
            Kept::Tiles(kept) => kept.$method($($arg),*),
            Kept::Rows(kept) => kept.$method($($arg),*),
        }
    };
}

impl Kept {
    /// The values of a key at the time `q`.
    pub fn fetch(&self, key: &[u8], q: i64) -> Fetched {
        either!(self.fetch(key, q))
    }

    /// The values of a key at the present, with their time.
    pub fn fetch_now(&self, key: &[u8], now: i64) -> (i64, Fetched) {
        either!(self.fetch_now(key, now))
    }

    /// What makes the values of a key at the time `q`; none where the key is not known.
    ///
    /// # Errors
    /// Why it is not kept.
    pub fn explain(&self, key: &[u8], q: i64) -> Result<Option<Explained>, Past> {
        either!(self.explain(key, q))
    }

    /// The newest time of an event that was taken in; of entities there is none.
    pub fn watermark(&self) -> Option<i64> {
        match self {
            Self::Tiles(group) => group.watermark(),
            Self::Rows(_) => None,
        }
    }

    /// The lengths of tiles, smallest first; of entities there are none.
    pub fn sizes(&self) -> &[i64] {
        match self {
            Self::Tiles(group) => group.sizes(),
            Self::Rows(_) => &[],
        }
    }

    /// The present as it was told last.
    pub fn present(&self) -> i64 {
        either!(self.present())
    }

    /// Drops what is not needed any more, and lets happen what is due.
    pub fn sweep(&self, now: i64) {
        either!(self.sweep(now));
    }

    /// Keys that have something.
    pub fn keys_len(&self) -> usize {
        either!(self.keys_len())
    }

    /// Of each part how many places for keys it has. A key stays at its place; a place may be empty.
    pub fn places(&self) -> Vec<usize> {
        either!(self.places())
    }

    /// Where a key is: the part, and its place there.
    pub fn place(&self, key: &[u8]) -> Option<(usize, usize)> {
        either!(self.place(key))
    }

    /// The keys at some places of a part.
    pub fn keys_at(&self, part: usize, places: Range<usize>) -> Vec<Vec<u8>> {
        either!(self.keys_at(part, places))
    }

    /// Bytes that it takes, roughly. It costs time for each key.
    pub fn bytes_len(&self) -> usize {
        either!(self.bytes_len())
    }

    /// What changed since the last call, to be committed at once with how far rows were read.
    pub fn changes(&self) -> Vec<TileChange> {
        either!(self.changes())
    }

    /// The commit of the last changes failed.
    pub fn changes_failed(&self) {
        either!(self.changes_failed());
    }

    /// Takes what a store holds. May be called for one part of the keys after the other.
    ///
    /// # Errors
    /// `Damaged` for bytes of something else.
    pub fn restore(&self, keys: Vec<KeyTiles>) -> Result<()> {
        either!(self.restore(keys))
    }
}
