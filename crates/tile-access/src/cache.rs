//! Decoded chunks and table columns under one byte budget; equal requests that run together decode once.

use crate::assets::Uid;
use arrow_array::ArrayRef;
use bytes::Bytes;
use quick_cache::sync::Cache as QuickCache;
use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, Weighter};
use std::sync::Arc;
use tile_base::Result;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Key {
    Chunk(Uid, u64),
    Column(Uid, u32, u32),
}

/// A column of one partition, decoded, batch by batch.
pub type Column = Arc<Vec<ArrayRef>>;

#[derive(Clone)]
enum Entry {
    Chunk(Bytes),
    Column(Column),
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Key, Entry> for ByBytes {
    fn weight(&self, _: &Key, entry: &Entry) -> u64 {
        64 + match entry {
            Entry::Chunk(bytes) => bytes.len() as u64,
            Entry::Column(column) => column_bytes(column),
        }
    }
}

fn column_bytes(column: &[ArrayRef]) -> u64 {
    column.iter().map(|a| a.get_array_memory_size() as u64).sum()
}

#[derive(Clone)]
struct Silent;

impl<K, V> Lifecycle<K, V> for Silent {
    type RequestState = ();
    fn on_evict(&self, (): &mut (), _: K, _: V) {}
}

/// The cache of one server.
pub struct Cache {
    entries: QuickCache<Key, Entry, ByBytes, DefaultHashBuilder, Silent>,
    budget: u64,
}

/// What the cache holds and how it fares.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    pub bytes: u64,
    pub bytes_max: u64,
    pub entries: u64,
}

impl Cache {
    /// A cache that holds at most `budget` bytes. The memory is taken as entries come, not before.
    pub fn new(budget: u64) -> Self {
        let options =
            OptionsBuilder::new().estimated_items_capacity(1024).weight_capacity(budget).shards(1).build();
        let entries = match options {
            Ok(options) => QuickCache::with_options(options, ByBytes, DefaultHashBuilder::default(), Silent),
            Err(_) => QuickCache::with(1024, budget, ByBytes, DefaultHashBuilder::default(), Silent),
        };
        Self { entries, budget }
    }

    /// Largest entry worth keeping: one entry may not push everything else out.
    pub fn entry_bytes_max(&self) -> u64 {
        self.budget / 2
    }

    /// The chunk number `index` of `uid`, decoded by `decode` unless it is here. Concurrent callers wait for one decode.
    ///
    /// # Errors
    /// Those of `decode`; failures are not remembered.
    pub fn chunk(&self, uid: Uid, index: u64, decode: impl FnOnce() -> Result<Bytes>) -> Result<Bytes> {
        match self.entries.get_or_insert_with(&Key::Chunk(uid, index), || decode().map(Entry::Chunk))? {
            Entry::Chunk(bytes) => Ok(bytes),
            Entry::Column(_) => Ok(Bytes::new()),
        }
    }

    /// The cached column, if it is here.
    pub fn column(&self, uid: Uid, partition: usize, column: usize) -> Option<Column> {
        match self.entries.get(&Key::Column(uid, narrow(partition), narrow(column))) {
            Some(Entry::Column(column)) => Some(column),
            _ => None,
        }
    }

    /// Keeps a decoded column, unless it is too large.
    pub fn keep_column(&self, uid: Uid, partition: usize, column: usize, data: Column) {
        if column_bytes(&data) <= self.entry_bytes_max() {
            self.entries.insert(Key::Column(uid, narrow(partition), narrow(column)), Entry::Column(data));
        }
    }

    pub fn usage(&self) -> Usage {
        Usage { bytes: self.entries.weight(), bytes_max: self.budget, entries: self.entries.len() as u64 }
    }
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
