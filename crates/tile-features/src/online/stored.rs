//! Tiles as bytes, and back.
//!
//! A tile: one byte for the form, the time of the newest event of its key when it was written, its partial results. What is beside
//! tiles has the size 0 and the start 0: the same, then up to where the base reaches, from when on events were not kept, the moments ahead of their
//! time, the base. Numbers are little-endian.

use super::Group;
use crate::aggregates::codec;
use crate::bytes::{Bytes, length};
use crate::state::shard::{More, Shard, State};
use crate::state::tile::Head;
use std::sync::atomic::Ordering;
use tile_base::tiles::{KeyTiles, TileChange, TileEntry};
use tile_base::{Error, Result};

/// The form of the bytes.
const FORM: u8 = 1;

impl Group {
    /// What changed since the last call, to be committed at once with the position of the rows that were applied. No block may be applied
    /// between the two.
    pub fn changes(&self) -> Vec<TileChange> {
        let version = self.version.fetch_add(1, Ordering::Relaxed);
        let is_all = self.is_all_changed.swap(false, Ordering::Relaxed);
        let mut changes = Vec::new();
        for shard in &self.shards {
            let mut shard = shard.write();
            let mut changed = std::mem::take(&mut shard.changed);
            if is_all {
                changed = (0..shard.places()).collect();
            }
            changed.sort_unstable();
            changed.dedup();
            self.removals(&mut shard, &mut changes);
            let since = if is_all { 0 } else { version };
            for at in changed {
                if let Some(state) = shard.state(at) {
                    self.puts(&shard, at, state, since, &mut changes);
                }
            }
        }
        changes
    }

    /// The commit of the last changes failed: the next ones hold everything.
    pub fn changes_failed(&self) {
        self.is_all_changed.store(true, Ordering::Relaxed);
        for shard in &self.shards {
            let mut shard = shard.write();
            let told = std::mem::take(&mut shard.told);
            shard.removed.extend(told);
        }
    }

    fn removals(&self, shard: &mut Shard, changes: &mut Vec<TileChange>) {
        shard.told = std::mem::take(&mut shard.removed);
        for gone in &shard.told {
            let state = shard.find(self.layout.hash(&gone.key), &gone.key).and_then(|at| shard.state(at));
            // What is beside tiles may have come back meanwhile; tiles that were dropped do not.
            if gone.size > 0 || state.is_none_or(|state| state.more.is_none()) {
                let (key, size, start) = (gone.key.to_vec(), gone.size, gone.start);
                changes.push(TileChange::Remove { key, size, start });
            }
        }
    }

    fn puts(&self, shard: &Shard, at: usize, state: &State, since: u64, changes: &mut Vec<TileChange>) {
        let mut put = |size: i64, start: i64, version: u64, bytes: Vec<u8>| {
            let entry = TileEntry { size, start, version, bytes };
            changes.push(TileChange::Put { key: state.key.to_vec(), entry });
        };
        if let Some(more) = &state.more
            && more.version >= since
        {
            put(0, 0, more.version, more_bytes(state, more));
        }
        let known = shard.known(&self.layout, at);
        for (at, level) in self.layout.levels.iter().enumerate() {
            for tiles in known.tiles(at) {
                for tile in (0..tiles.len()).filter(|tile| tiles.head(*tile).version >= since) {
                    let mut bytes = start_bytes(state);
                    codec::encode(tiles.results(tile), &mut bytes);
                    let Head { start, version } = tiles.head(tile);
                    put(level.size, start, version, bytes);
                }
            }
        }
    }

    /// Takes what a store holds into an empty group. May be called for one part of the keys after the other.
    ///
    /// # Errors
    /// `Damaged` for bytes that are not those of this plan's tiles, and for other sizes.
    pub fn restore(&self, keys: Vec<KeyTiles>) -> Result<()> {
        let mut newest_version = 0;
        for (key, tiles) in keys {
            let hash = self.layout.hash(&key);
            let mut shard = self.shards[Self::shard_of(hash)].write();
            // Without a base nothing was rolled up: all tiles count.
            let at = shard.open(&self.layout, hash, &key, i64::MIN);
            for tile in tiles {
                newest_version = newest_version.max(tile.version);
                self.restore_tile(&mut shard, at, &tile)?;
            }
        }
        self.version.fetch_max(newest_version + 1, Ordering::Relaxed);
        Ok(())
    }

    fn restore_tile(&self, shard: &mut Shard, at: usize, tile: &TileEntry) -> Result<()> {
        let mut bytes = Bytes::new(&tile.bytes, damaged);
        if bytes.take(1)? != [FORM] {
            return Err(damaged());
        }
        let newest = bytes.number()?;
        self.seen(newest);
        if tile.size == 0 {
            let until = bytes.number()?;
            let more = self.more(&mut bytes, tile.version)?;
            shard.restore_more(at, more, until, newest);
            return Ok(());
        }
        let level = self.layout.sizes.iter().position(|size| *size == tile.size).ok_or_else(damaged)?;
        let irs = codec::decode(bytes.rest)?;
        if irs.len() != self.layout.levels[level].slots.len() {
            return Err(damaged());
        }
        let head = Head { start: tile.start, version: tile.version };
        shard.restore(&self.layout, at, level, head, irs.into_vec(), newest);
        Ok(())
    }

    fn more(&self, bytes: &mut Bytes<'_>, version: u64) -> Result<More> {
        let mut more = More { version, crowded: bytes.number()?, ..More::default() };
        for _ in 0..bytes.number()? {
            let at = bytes.number()?;
            let irs = codec::decode(bytes.piece()?)?;
            if irs.len() != self.layout.plan.slots.len() {
                return Err(damaged());
            }
            more.future.push((at, irs));
        }
        if !bytes.rest.is_empty() {
            more.base = codec::decode(bytes.rest)?;
            if more.base.len() != self.layout.endless.len() {
                return Err(damaged());
            }
        }
        Ok(more)
    }
}

fn damaged() -> Error {
    Error::damaged("a tile has bytes that are not those of this definition")
        .hint("Make the tiles anew from the rows")
}

fn start_bytes(state: &State) -> Vec<u8> {
    let mut bytes = vec![FORM];
    bytes.extend_from_slice(&state.newest.to_le_bytes());
    bytes
}

fn more_bytes(state: &State, more: &More) -> Vec<u8> {
    let mut bytes = start_bytes(state);
    let mut number = |x: i64| bytes.extend_from_slice(&x.to_le_bytes());
    number(state.until);
    number(more.crowded);
    number(length(more.future.len()));
    for (at, irs) in &more.future {
        let mut moment = Vec::new();
        codec::encode(irs.iter(), &mut moment);
        bytes.extend_from_slice(&at.to_le_bytes());
        bytes.extend_from_slice(&length(moment.len()).to_le_bytes());
        bytes.extend_from_slice(&moment);
    }
    if !more.base.is_empty() {
        codec::encode(more.base.iter(), &mut bytes);
    }
    bytes
}
