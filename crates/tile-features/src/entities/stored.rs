//! Entities as bytes, and back: one entry for each key, of size 0 at 0.
//!
//! A byte for the form, the time of the last change, the number of rows, and of each how often it is there, its time, its bytes; then
//! the same of what is to come, with when it happens and whether it is the image before. Numbers are little-endian.

use super::{Change, Entities, Entity, Row};
use crate::bytes::{Bytes, length};
use std::sync::atomic::Ordering;
use tile_base::tiles::{KeyTiles, TileChange, TileEntry};
use tile_base::{Error, Result};

/// The form of the bytes.
const FORM: u8 = 1;

impl Entities {
    /// What changed since the last call, to be committed at once with the position of the rows that were applied.
    pub fn changes(&self) -> Vec<TileChange> {
        let version = self.version.fetch_add(1, Ordering::Relaxed);
        let mut out = Vec::new();
        for shard in &self.shards {
            let mut shard = shard.write();
            let mut changed = std::mem::take(&mut shard.changed);
            changed.sort_unstable();
            changed.dedup();
            for key in &changed {
                let entity = shard.places.get(key).and_then(|at| shard.entities.get(*at)?.as_ref());
                out.push(match entity {
                    Some(entity) => TileChange::Put {
                        key: key.to_vec(),
                        entry: TileEntry { size: 0, start: 0, version, bytes: bytes(entity) },
                    },
                    None => TileChange::Remove { key: key.to_vec(), size: 0, start: 0 },
                });
            }
            shard.told = changed;
        }
        out
    }

    /// The commit of the last changes failed: the next ones hold them as well.
    pub fn changes_failed(&self) {
        for shard in &self.shards {
            let mut shard = shard.write();
            let told = std::mem::take(&mut shard.told);
            shard.changed.extend(told);
        }
    }

    /// Takes what a store holds. May be called for one part of the keys after the other.
    ///
    /// # Errors
    /// `Damaged` for bytes that were not written by [`Entities::changes`].
    pub fn restore(&self, keys: Vec<KeyTiles>) -> Result<()> {
        for (key, entries) in keys {
            for entry in entries {
                self.version.fetch_max(entry.version + 1, Ordering::Relaxed);
                let mut shard = self.shards[self.shard_of(&key)].write();
                let mut read = Ok(());
                shard.change(&key, |entity| read = restore(entity, &entry.bytes));
                // It is as the store has it.
                shard.changed.pop();
                read?;
            }
        }
        Ok(())
    }
}

fn bytes(entity: &Entity) -> Vec<u8> {
    let mut out = vec![FORM];
    let mut number = |x: i64, bytes: &[u8]| {
        out.extend_from_slice(&x.to_le_bytes());
        out.extend_from_slice(bytes);
    };
    let row = |(time, bytes): &Row, number: &mut dyn FnMut(i64, &[u8])| {
        number(*time, &[]);
        number(length(bytes.len()), bytes);
    };
    number(entity.newest, &[]);
    number(length(entity.rows.len()), &[]);
    for (of, count) in &entity.rows {
        number(*count, &[]);
        row(of, &mut number);
    }
    number(length(entity.to_come.len()), &[]);
    for change in &entity.to_come {
        number(change.happens, &[u8::from(change.is_before)]);
        row(&change.row, &mut number);
    }
    out
}

fn damaged() -> Error {
    Error::damaged("an entity has bytes that are not those of this definition")
        .hint("Make the features anew from the rows")
}

fn restore(entity: &mut Entity, bytes: &[u8]) -> Result<()> {
    let mut from = Bytes::new(bytes, damaged);
    if from.take(1)? != [FORM] {
        return Err(damaged());
    }
    entity.newest = from.number()?;
    for _ in 0..from.number()? {
        let count = from.number()?;
        let row = row_of(&mut from)?;
        entity.bytes += super::ROW_BYTES + row.1.len();
        entity.rows.insert(row, count);
    }
    for _ in 0..from.number()? {
        let happens = from.number()?;
        let is_before = from.take(1)? == [1];
        let row = row_of(&mut from)?;
        entity.wait(Change { happens, is_before, row });
    }
    if from.rest.is_empty() { Ok(()) } else { Err(damaged()) }
}

fn row_of(from: &mut Bytes<'_>) -> Result<Row> {
    Ok((from.number()?, from.piece()?.into()))
}
