//! Tiles in a folder. A commit is one batch that is on disk when it returns.
//!
//! Only a group with an offset has tiles: its offset goes first when it is forgotten, and what a crash left of it is removed before its name
//! is used again.

use crate::address;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable, Snapshot};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::path::Path;
use tile_base::tiles::{KeyTiles, TileChange, TileEntry, TileStore};
use tile_base::{Error, Result, error::Kind};

/// Blocks that are kept in memory. The tiles in use are in memory anyway.
const CACHE_BYTES: u64 = 32 << 20;
/// The log of commits, before it must have become tables.
const JOURNAL_BYTES: u64 = 256 << 20;
/// Removals in one batch, where nothing hangs on their being together.
const REMOVALS: usize = 10_000;

pub struct Store {
    database: Database,
    tiles: Keyspace,
    offsets: Keyspace,
    /// A commit reads before it writes.
    commits: Mutex<()>,
}

/// For each address what a commit puts there; none removes.
type Batch = BTreeMap<Vec<u8>, Option<(u64, Vec<u8>)>>;

impl Store {
    /// Opens the store of a folder, which is made where there is none.
    ///
    /// # Errors
    /// `Conflict` when another process has it open, `Damaged` for what was not written by us, `Internal` when the disk fails.
    pub fn open(folder: &Path) -> Result<Self> {
        let database = Database::builder(folder)
            .worker_threads(1)
            .cache_size(CACHE_BYTES)
            .max_journaling_size(JOURNAL_BYTES)
            .open()
            .map_err(failed)?;
        let keyspace = |name| database.keyspace(name, KeyspaceCreateOptions::default).map_err(failed);
        let (tiles, offsets) = (keyspace("tiles")?, keyspace("offsets")?);
        Ok(Self { database, tiles, offsets, commits: Mutex::new(()) })
    }

    /// One state of the store, and whether the group is in it.
    fn state(&self, group: &str) -> Result<(Snapshot, bool)> {
        let state = self.database.snapshot();
        let is_there = state.get(&self.offsets, address::of_group(group)).map_err(failed)?.is_some();
        Ok((state, is_there))
    }

    /// The batch that changes come to: of two writes of one tile that of the higher version.
    fn batch(&self, group: &[u8], is_new: bool, changes: &[TileChange]) -> Result<Batch> {
        let mut batch = Batch::new();
        for change in changes {
            match change {
                TileChange::Put { key, entry } => {
                    let place = address::of_tile(&address::of_key(group, key)?, entry.size, entry.start);
                    let there = match batch.get(&place) {
                        Some(change) => change.as_ref().map(|(version, _)| *version),
                        None if is_new => None,
                        None => self.version(&place)?,
                    };
                    if there.is_none_or(|version| version <= entry.version) {
                        batch.insert(place, Some((entry.version, entry.bytes.clone())));
                    }
                }
                TileChange::Remove { key, size, start } => {
                    batch.insert(address::of_tile(&address::of_key(group, key)?, *size, *start), None);
                }
            }
        }
        Ok(batch)
    }

    fn version(&self, place: &[u8]) -> Result<Option<u64>> {
        match self.tiles.get(place).map_err(failed)? {
            Some(value) => Ok(Some(split(&value)?.0)),
            None => Ok(None),
        }
    }

    /// Removes all tiles of a group, a part at a time.
    fn purge(&self, group: &[u8]) -> Result<()> {
        loop {
            let mut batch = self.database.batch().durability(Some(PersistMode::SyncAll));
            for found in self.tiles.prefix(group).take(REMOVALS) {
                batch.remove(&self.tiles, found.key().map_err(failed)?);
            }
            if batch.is_empty() {
                return Ok(());
            }
            batch.commit().map_err(failed)?;
        }
    }
}

impl TileStore for Store {
    fn read(&self, group: &str, keys: &[&[u8]]) -> Result<Vec<Vec<TileEntry>>> {
        let (state, is_there) = self.state(group)?;
        let group = address::of_group(group);
        let mut all = Vec::with_capacity(keys.len());
        for key in keys {
            let mut entries = Vec::new();
            if is_there {
                for found in state.prefix(&self.tiles, address::of_key(&group, key)?) {
                    let (place, value) = found.into_inner().map_err(failed)?;
                    entries.push(entry(&place, group.len(), &value)?.1);
                }
            }
            all.push(entries);
        }
        Ok(all)
    }

    fn scan(&self, group: &str, after: Option<&[u8]>, keys_max: usize) -> Result<Vec<KeyTiles>> {
        let (state, is_there) = self.state(group)?;
        let group = address::of_group(group);
        let mut keys: Vec<KeyTiles> = Vec::new();
        if !is_there || keys_max == 0 {
            return Ok(keys);
        }
        let from = match after {
            Some(key) => address::after(&address::of_key(&group, key)?),
            None => group.clone(),
        };
        for found in state.range(&self.tiles, from..address::after(&group)) {
            let (place, value) = found.into_inner().map_err(failed)?;
            let (key, entry) = entry(&place, group.len(), &value)?;
            let is_full = keys.len() == keys_max;
            match keys.last_mut() {
                Some((last, entries)) if *last == key => entries.push(entry),
                _ if is_full => break,
                _ => keys.push((key, vec![entry])),
            }
        }
        Ok(keys)
    }

    fn commit(&self, group: &str, changes: &[TileChange], offset: &[u8]) -> Result<()> {
        let _one = self.commits.lock();
        let is_new = !self.state(group)?.1;
        let group = address::of_group(group);
        if is_new {
            self.purge(&group)?;
        }
        let changes = self.batch(&group, is_new, changes)?;
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncAll));
        for (place, change) in changes {
            match change {
                Some((version, bytes)) => {
                    let mut value = version.to_le_bytes().to_vec();
                    value.extend_from_slice(&bytes);
                    batch.insert(&self.tiles, place, value);
                }
                None => batch.remove(&self.tiles, place),
            }
        }
        batch.insert(&self.offsets, group, offset);
        batch.commit().map_err(failed)
    }

    fn offset(&self, group: &str) -> Result<Option<Vec<u8>>> {
        let offset = self.offsets.get(address::of_group(group)).map_err(failed)?;
        Ok(offset.map(|offset| offset.to_vec()))
    }

    fn forget(&self, group: &str) -> Result<()> {
        let _one = self.commits.lock();
        let group = address::of_group(group);
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncAll));
        batch.remove(&self.offsets, group.clone());
        batch.commit().map_err(failed)?;
        self.purge(&group)
    }

    fn groups(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for found in self.offsets.iter() {
            let key = found.key().map_err(failed)?;
            names.push(address::name(&key).ok_or_else(damaged)?);
        }
        Ok(names)
    }
}

fn entry(place: &[u8], group_length: usize, value: &[u8]) -> Result<(Vec<u8>, TileEntry)> {
    let (key, size, start) = place.get(group_length..).and_then(address::read).ok_or_else(damaged)?;
    let (version, bytes) = split(value)?;
    Ok((key, TileEntry { size, start, version, bytes: bytes.to_vec() }))
}

fn split(value: &[u8]) -> Result<(u64, &[u8])> {
    let (version, bytes) = value.split_first_chunk::<8>().ok_or_else(damaged)?;
    Ok((u64::from_le_bytes(*version), bytes))
}

fn damaged() -> Error {
    Error::damaged("the store of tiles holds what was not written by this program")
        .hint("Remove its folder: the tiles are made anew from the rows")
}

/// The engine's errors name files: they are told apart here, and go to the log as the source.
fn failed(error: fjall::Error) -> Error {
    use std::io::ErrorKind::{InvalidData, InvalidInput, NotFound, UnexpectedEof};
    // A file that another one names, or bytes that it should have, are missing: that is no fault of the disk.
    let is_disk =
        |e: &std::io::Error| !matches!(e.kind(), InvalidData | InvalidInput | NotFound | UnexpectedEof);
    let known = match &error {
        fjall::Error::Locked => Error::new(Kind::Conflict, "the store of tiles is open in another process"),
        fjall::Error::Io(e) if is_disk(e) => Error::internal("the disk failed below the store of tiles"),
        fjall::Error::Storage(fjall::LsmError::Io(e)) if is_disk(e) => {
            Error::internal("the disk failed below the store of tiles")
        }
        fjall::Error::Poisoned => {
            Error::internal("the store of tiles takes nothing after a failure of the disk")
        }
        _ => damaged(),
    };
    Error { source: Some(Box::new(error)), ..known }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn it_is_a_store() {
        let folder = tempfile::tempdir().unwrap();
        let mut count = 0;
        tile_testkit::tiles::check_durable(&mut || {
            count += 1;
            Store::open(&folder.path().join("kv"))
        });
        assert!(count > 1);
    }

    #[test]
    fn two_cannot_open_it() {
        let folder = tempfile::tempdir().unwrap();
        let _first = Store::open(folder.path()).unwrap();
        assert_eq!(Store::open(folder.path()).err().unwrap().kind, Kind::Conflict);
    }

    /// What a crash left of a group that was being forgotten does not come back with its name.
    #[test]
    fn what_was_being_forgotten_stays_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let put = |key: &[u8]| TileChange::Put {
            key: key.to_vec(),
            entry: TileEntry { size: 1, start: 0, version: 9, bytes: vec![1] },
        };
        store.commit("g", &[put(b"a"), put(b"b")], b"1").unwrap();
        store.offsets.remove(address::of_group("g")).unwrap();
        assert!(store.read("g", &[b"a"]).unwrap()[0].is_empty());
        assert!(store.scan("g", None, 10).unwrap().is_empty());
        store.commit("g", &[put(b"c")], b"2").unwrap();
        let keys: Vec<Vec<u8>> = store.scan("g", None, 10).unwrap().into_iter().map(|k| k.0).collect();
        assert_eq!(keys, [b"c".to_vec()]);
    }

    #[test]
    fn damaged_files_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let kv = folder.path().join("kv");
        let put = |n: u32| TileChange::Put {
            key: n.to_be_bytes().to_vec(),
            entry: TileEntry { size: 1, start: 0, version: 1, bytes: vec![7; 100] },
        };
        let store = Store::open(&kv).unwrap();
        store.commit("g", &(0..1000).map(put).collect::<Vec<_>>(), b"1").unwrap();
        store.tiles.rotate_memtable_and_wait().unwrap();
        drop(store);
        let (mut told, mut files) = (0, Vec::new());
        list(&kv, &mut files);
        for file in &files {
            let copy = tempfile::tempdir().unwrap();
            copy_all(&kv, copy.path());
            let target = copy.path().join(file.strip_prefix(&kv).unwrap());
            let length = fs::metadata(&target).unwrap().len();
            fs::write(&target, vec![0x5A; usize::try_from(length).unwrap()]).unwrap();
            let all = Store::open(copy.path()).and_then(|store| store.scan("g", None, 2000));
            if let Err(error) = all {
                told += 1;
                assert_eq!(error.kind, Kind::Damaged, "{file:?}: {error:?}");
                assert!(!error.what.contains("kv"), "{error}");
            }
        }
        assert!(told > 0, "{files:?}");
    }

    fn list(folder: &Path, into: &mut Vec<std::path::PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                list(&path, into);
            } else {
                into.push(path);
            }
        }
    }

    fn copy_all(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            let target = to.join(path.file_name().unwrap());
            if path.is_dir() {
                copy_all(&path, &target);
            } else {
                fs::copy(&path, &target).unwrap();
            }
        }
    }
}
