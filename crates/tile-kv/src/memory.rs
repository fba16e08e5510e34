//! Tiles in memory, for tests and for what need not outlive the process.

use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::ops::Bound;
use tile_base::Result;
use tile_base::tiles::{KeyTiles, TileChange, TileEntry, TileStore};

#[derive(Default)]
pub struct Memory {
    groups: RwLock<BTreeMap<String, Group>>,
}

#[derive(Default)]
struct Group {
    offset: Vec<u8>,
    keys: BTreeMap<Vec<u8>, Tiles>,
}

/// By size and start.
type Tiles = BTreeMap<(i64, i64), TileEntry>;

impl TileStore for Memory {
    fn read(&self, group: &str, keys: &[&[u8]]) -> Result<Vec<Vec<TileEntry>>> {
        let groups = self.groups.read();
        let of_key = |key: &&[u8]| groups.get(group).and_then(|group| group.keys.get(*key)).map(entries);
        Ok(keys.iter().map(|key| of_key(key).unwrap_or_default()).collect())
    }

    fn scan(&self, group: &str, after: Option<&[u8]>, keys_max: usize) -> Result<Vec<KeyTiles>> {
        let groups = self.groups.read();
        let Some(group) = groups.get(group) else { return Ok(Vec::new()) };
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let keys = group.keys.range::<[u8], _>((from, Bound::Unbounded));
        Ok(keys.take(keys_max).map(|(key, tiles)| (key.clone(), entries(tiles))).collect())
    }

    fn commit(&self, group: &str, changes: &[TileChange], offset: &[u8]) -> Result<()> {
        let mut groups = self.groups.write();
        let group = groups.entry(group.to_owned()).or_default();
        group.offset = offset.to_vec();
        for change in changes {
            match change {
                TileChange::Put { key, entry } => {
                    let tiles = group.keys.entry(key.clone()).or_default();
                    let place = (entry.size, entry.start);
                    if tiles.get(&place).is_none_or(|there| there.version <= entry.version) {
                        tiles.insert(place, entry.clone());
                    }
                }
                TileChange::Remove { key, size, start } => {
                    if let Some(tiles) = group.keys.get_mut(key) {
                        tiles.remove(&(*size, *start));
                        if tiles.is_empty() {
                            group.keys.remove(key);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn offset(&self, group: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.groups.read().get(group).map(|group| group.offset.clone()))
    }

    fn forget(&self, group: &str) -> Result<()> {
        self.groups.write().remove(group);
        Ok(())
    }

    fn groups(&self) -> Result<Vec<String>> {
        Ok(self.groups.read().keys().cloned().collect())
    }
}

fn entries(tiles: &Tiles) -> Vec<TileEntry> {
    tiles.values().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::Memory;
    use std::sync::Arc;

    #[test]
    fn it_is_a_store() {
        tile_testkit::tiles::check(&Arc::new(Memory::default()));
    }
}
