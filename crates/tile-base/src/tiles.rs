//! Where tiles rest: bytes by group, key, size and start. What the bytes mean is not known here.

use crate::error::Result;

/// The partial results of one key and one aligned interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TileEntry {
    /// The length of the interval in milliseconds; 0 for all that came before the first tile.
    pub size: i64,
    /// Its start, in milliseconds since 1970.
    pub start: i64,
    /// Grows with each change: of two writes of one tile that with the higher number stays, whatever their order.
    pub version: u64,
    pub bytes: Vec<u8>,
}

/// One change of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TileChange {
    Put { key: Vec<u8>, entry: TileEntry },
    Remove { key: Vec<u8>, size: i64, start: i64 },
}

/// A key with its tiles.
pub type KeyTiles = (Vec<u8>, Vec<TileEntry>);

/// Tiles that outlive the process. Everything here blocks. Every implementation passes the suite `tile_testkit::tiles`.
pub trait TileStore: Send + Sync {
    /// The tiles of keys, for each by size, then by start; none for a key that is not known. One call for many keys.
    ///
    /// # Errors
    /// `Damaged` for what was not written by us, `Internal` when the store fails.
    fn read(&self, group: &str, keys: &[&[u8]]) -> Result<Vec<Vec<TileEntry>>>;

    /// Up to `keys_max` keys with their tiles, in the order of the keys' bytes, after that key.
    ///
    /// # Errors
    /// As [`TileStore::read`].
    fn scan(&self, group: &str, after: Option<&[u8]>, keys_max: usize) -> Result<Vec<KeyTiles>>;

    /// Changes tiles and the offset, which says what they include, together: durable when this returns, or not at all.
    ///
    /// # Errors
    /// As [`TileStore::read`].
    fn commit(&self, group: &str, changes: &[TileChange], offset: &[u8]) -> Result<()>;

    /// The offset of the last commit.
    ///
    /// # Errors
    /// As [`TileStore::read`].
    fn offset(&self, group: &str) -> Result<Option<Vec<u8>>>;

    /// Removes all of a group.
    ///
    /// # Errors
    /// As [`TileStore::read`].
    fn forget(&self, group: &str) -> Result<()>;

    /// The groups that have an offset, in order.
    ///
    /// # Errors
    /// As [`TileStore::read`].
    fn groups(&self) -> Result<Vec<String>>;
}
