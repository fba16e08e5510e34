//! The keys of a table of features, a bounded part at a time.
//!
//! Those of a GroupBy are cut by their places in memory, which they keep: keys that come while a reader reads move none of those that are
//! there, and those that go leave their part shorter. Those of a Join are the keys of all its parts, each once, where all have the same
//! columns; else they are read from the rows of its left side, and cut by what their bytes are.

use super::left;
use crate::api::{Joining, Keyed};
use crate::hub::{Hub, Running, Typed};
use crate::types::Type;
use crate::value::Value;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use tile_base::Result;

/// Parts that the keys of a left side are cut into: what they are is not known before all are read.
const LEFT_PARTS: usize = 16;

/// Keys with their values, in the order of their bytes.
pub type Distinct = BTreeMap<Vec<u8>, Vec<Value>>;

/// Where keys are known.
pub enum Keys {
    /// Each of these has keys of the table's columns, in an order of its own.
    Groups(Vec<Known>),
    /// Rows have them.
    Left { joining: Arc<Joining>, read: Mutex<Option<Arc<Distinct>>> },
}

/// The keys of one group as they were found.
pub struct Known {
    running: Arc<Running>,
    /// Its key, as the table calls the columns.
    columns: Typed,
    /// How many places each part of the group had.
    places: Vec<usize>,
}

impl Known {
    pub fn new(running: Arc<Running>, columns: Typed) -> Self {
        let places = running.group.places();
        Self { running, columns, places }
    }

    fn len(&self) -> usize {
        self.places.iter().sum()
    }

    /// Whether it had that key.
    fn has(&self, key: &Keyed<'_>) -> bool {
        let Some(bytes) = key.bytes(&self.columns) else { return false };
        let found = self.running.group.place(&bytes);
        found.is_some_and(|(part, place)| self.places.get(part).is_some_and(|places| place < *places))
    }
}

impl Keys {
    /// Those of a Join, or why it has none that are known.
    ///
    /// # Errors
    /// Why not, in words.
    pub fn of_join(joining: &Arc<Joining>) -> Result<Self, String> {
        if joining.has_externals() {
            return Err("a part of its values comes with each request, so there are none now".to_owned());
        }
        let names = |columns: &[(String, _)]| {
            let mut names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
            names.sort();
            names
        };
        let all = names(&joining.keys());
        if joining.sources().all(|(_, columns)| names(columns) == all) {
            let known = joining.sources().map(|(running, keys)| Known::new(running.clone(), keys.to_vec()));
            return Ok(Self::Groups(known.collect()));
        }
        left::table(joining)?;
        Ok(Self::Left { joining: joining.clone(), read: Mutex::default() })
    }

    /// At least one.
    pub fn partitions(&self, keys_max: usize) -> usize {
        match self {
            Self::Groups(groups) => groups.iter().map(Known::len).sum::<usize>().div_ceil(keys_max).max(1),
            Self::Left { .. } => LEFT_PARTS,
        }
    }

    /// How many keys a partition has at most, where that is known.
    pub fn width(&self, partition: usize, keys_max: usize) -> usize {
        match self {
            Self::Groups(groups) => {
                let all: usize = groups.iter().map(Known::len).sum();
                all.saturating_sub(partition.saturating_mul(keys_max)).min(keys_max)
            }
            Self::Left { read, .. } => {
                read.lock().as_ref().map_or(keys_max, |keys| keys.len().div_ceil(LEFT_PARTS))
            }
        }
    }

    /// The keys of a partition, in the order of their bytes: values by `columns`.
    ///
    /// # Errors
    /// Those of the rows of a left side.
    pub fn of_partition(
        &self,
        hub: &Hub,
        columns: &[(String, Type)],
        partition: usize,
        keys_max: usize,
    ) -> Result<Vec<Vec<Value>>> {
        match self {
            Self::Groups(groups) => Ok(of_groups(groups, columns, partition, keys_max)),
            Self::Left { joining, read } => {
                let mut read = read.lock();
                let all = match &*read {
                    Some(all) => all.clone(),
                    None => read.insert(Arc::new(left::keys(hub, joining, None)?)).clone(),
                };
                drop(read);
                let hash = |key: &[u8]| xxhash_rust::xxh3::xxh3_64(key) % LEFT_PARTS as u64;
                let own = all.iter().filter(|(key, _)| hash(key) == partition as u64);
                Ok(own.map(|(_, values)| values.clone()).collect())
            }
        }
    }

    /// Those of some keys that are known.
    ///
    /// # Errors
    /// As [`Keys::of_partition`].
    pub fn among(&self, hub: &Hub, wanted: Vec<Vec<Value>>) -> Result<Vec<Vec<Value>>> {
        match self {
            // Where nothing is known of a key it has no values, and no row.
            Self::Groups(_) => Ok(wanted),
            Self::Left { joining, .. } => {
                Ok(left::keys(hub, joining, Some(&wanted))?.into_values().collect())
            }
        }
    }
}

fn of_groups(
    groups: &[Known],
    columns: &[(String, Type)],
    partition: usize,
    keys_max: usize,
) -> Vec<Vec<Value>> {
    let low = partition.saturating_mul(keys_max);
    let high = low.saturating_add(keys_max);
    let (mut start, mut keys) = (0, Distinct::new());
    for (at, group) in groups.iter().enumerate() {
        let within = low.saturating_sub(start)..high.saturating_sub(start).min(group.len());
        start += group.len();
        if within.is_empty() {
            continue;
        }
        for (shard, places) in cut(&group.places, within) {
            for bytes in group.running.group.keys_at(shard, places) {
                let key = Keyed { columns: &group.columns, values: group.running.bound.key_values(&bytes) };
                // The first group that has a key shows it.
                if groups.iter().take(at).any(|earlier| earlier.has(&key)) {
                    continue;
                }
                let key = key.ordered(columns);
                keys.insert(bytes, key);
            }
        }
    }
    keys.into_values().collect()
}

/// The places of a range that counts through all parts: of each part that has some of them, which.
fn cut(parts: &[usize], range: Range<usize>) -> Vec<(usize, Range<usize>)> {
    let mut start = 0;
    let mut out = Vec::new();
    for (part, len) in parts.iter().enumerate() {
        let within = |at: usize| at.saturating_sub(start).min(*len);
        let places = within(range.start)..within(range.end);
        if !places.is_empty() {
            out.push((part, places));
        }
        start += len;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_have_each_place_once() {
        let parts = [3, 0, 5, 2];
        assert_eq!(cut(&parts, 0..4), [(0, 0..3), (2, 0..1)]);
        assert_eq!(cut(&parts, 4..8), [(2, 1..5)]);
        assert_eq!(cut(&parts, 8..12), [(3, 0..2)]);
        assert!(cut(&parts, 12..16).is_empty() && cut(&[], 0..4).is_empty());
    }
}
