//! Opening the catalog and reading nodes from it.

use crate::{functions, schema, sql_error};
use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tile_base::structure::{Family, Spec};
use tile_base::{Error, Result};

/// One row of the tree. `metadata`, `specs` and `structure` are JSON text, ready to be sent.
#[derive(Clone, Debug)]
pub struct Node {
    pub id: i64,
    pub parent: i64,
    pub key: String,
    pub family: Family,
    pub metadata: String,
    pub specs: String,
    pub structure: String,
    /// Number of direct children in the catalog.
    pub children: u64,
}

impl Node {
    /// # Errors
    /// Internal, when the stored text is not JSON.
    pub fn metadata_json(&self) -> Result<Value> {
        serde_json::from_str(&self.metadata)
            .map_err(|e| Error::internal("stored metadata is not JSON").source(e))
    }
    pub fn spec_list(&self) -> Vec<Spec> {
        serde_json::from_str(&self.specs).unwrap_or_default()
    }
}

/// How a node's data is read: by which format, from which files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub format: String,
    pub mimetype: String,
    /// JSON object of reading options.
    pub parameters: String,
    pub assets: Vec<Asset>,
}

/// One file or folder behind a node, as it was when it was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    pub id: i64,
    pub path: PathBuf,
    pub is_directory: bool,
    pub size: u64,
    pub mtime_ns: i64,
    pub num: Option<i64>,
}

/// The catalog file. Cheap to share; readers do not block each other or the writer.
pub struct Catalog {
    path: PathBuf,
    pub(crate) writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    generation: AtomicU64,
}

pub(crate) const NODE_COLUMNS: &str = "id, parent, key, family, metadata, specs, structure, children";

pub(crate) fn node_of(row: &Row<'_>) -> rusqlite::Result<Node> {
    let family: String = row.get(3)?;
    Ok(Node {
        id: row.get(0)?,
        parent: row.get(1)?,
        key: row.get(2)?,
        family: Family::parse(&family).unwrap_or(Family::Bytes),
        metadata: row.get(4)?,
        specs: row.get(5)?,
        structure: row.get(6)?,
        children: row.get::<_, i64>(7)?.try_into().unwrap_or(0),
    })
}

impl Catalog {
    /// Opens the file at `path`, making it and its tables when missing.
    ///
    /// # Errors
    /// When the file cannot be opened, is no database, or is newer than this program.
    pub fn open(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut writer = Connection::open_with_flags(path, flags).map_err(sql_error)?;
        configure(&writer)?;
        schema::prepare(&mut writer)?;
        Ok(Self {
            path: path.to_owned(),
            writer: Mutex::new(writer),
            readers: Mutex::new(Vec::new()),
            generation: AtomicU64::new(0),
        })
    }

    /// Changes with every committed write of this process; equal numbers mean an equal catalog.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }
    pub(crate) fn changed(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// Runs `f` on a pooled read-only connection.
    pub(crate) fn read<T>(&self, f: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let pooled = self.readers.lock().pop();
        let db = match pooled {
            Some(db) => db,
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let db = Connection::open_with_flags(&self.path, flags).map_err(sql_error)?;
                configure_reader(&db)?;
                db
            }
        };
        let out = f(&db).map_err(sql_error);
        let mut readers = self.readers.lock();
        if readers.len() < 16 {
            readers.push(db);
        }
        out
    }

    /// The child of `parent` with `key`.
    ///
    /// # Errors
    /// Only when the database fails.
    pub fn child(&self, parent: i64, key: &str) -> Result<Option<Node>> {
        self.read(|db| {
            db.prepare_cached(&format!("SELECT {NODE_COLUMNS} FROM nodes WHERE parent = ?1 AND key = ?2"))?
                .query_row((parent, key), node_of)
                .optional()
        })
    }

    /// Walks from the root as far as the catalog goes: the deepest node found and how many of `keys` it took.
    ///
    /// # Errors
    /// Only when the database fails.
    pub fn walk(&self, keys: &[String]) -> Result<(Node, usize)> {
        self.read(|db| {
            let mut at: i64 = 0;
            let mut used = 0;
            let mut step = db.prepare_cached("SELECT id FROM nodes WHERE parent = ?1 AND key = ?2")?;
            for key in keys {
                match step.query_row((at, key), |r| r.get(0)).optional()? {
                    Some(id) => at = id,
                    None => break,
                }
                used += 1;
            }
            let node = db
                .prepare_cached(&format!("SELECT {NODE_COLUMNS} FROM nodes WHERE id = ?1"))?
                .query_row([at], node_of)?;
            Ok((node, used))
        })
    }

    /// The node with this id.
    ///
    /// # Errors
    /// Only when the database fails.
    pub fn node(&self, id: i64) -> Result<Option<Node>> {
        self.read(|db| {
            db.prepare_cached(&format!("SELECT {NODE_COLUMNS} FROM nodes WHERE id = ?1"))?
                .query_row([id], node_of)
                .optional()
        })
    }

    /// Keys from the root to the node `id`.
    ///
    /// # Errors
    /// Only when the database fails.
    pub fn keys_of(&self, id: i64) -> Result<Vec<String>> {
        self.read(|db| {
            let mut step = db.prepare_cached("SELECT parent, key FROM nodes WHERE id = ?1")?;
            let (mut at, mut keys) = (id, Vec::new());
            while at != 0 {
                let Some((parent, key)) =
                    step.query_row([at], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?))).optional()?
                else {
                    break;
                };
                keys.push(key);
                at = parent;
            }
            keys.reverse();
            Ok(keys)
        })
    }

    /// How the node is read, when it is read from files.
    ///
    /// # Errors
    /// Only when the database fails.
    pub fn source(&self, node: i64) -> Result<Option<Source>> {
        self.read(|db| source_of(db, node))
    }

    /// Direct children of `parent` in insertion order, with their sources: what registration compares the disk with.
    ///
    /// # Errors
    /// Only when the database fails.
    pub fn children_with_sources(&self, parent: i64) -> Result<Vec<(Node, Option<Source>)>> {
        self.read(|db| {
            let mut list = db
                .prepare_cached(&format!("SELECT {NODE_COLUMNS} FROM nodes WHERE parent = ?1 ORDER BY id"))?;
            let nodes: Vec<Node> = list.query_map([parent], node_of)?.collect::<rusqlite::Result<_>>()?;
            nodes.into_iter().map(|n| source_of(db, n.id).map(|s| (n, s))).collect()
        })
    }

    /// Number of nodes, the root not counted.
    ///
    /// # Errors
    /// Only when the database fails.
    pub fn len(&self) -> Result<u64> {
        self.read(|db| db.query_row("SELECT count(*) - 1 FROM nodes", [], |r| r.get::<_, i64>(0)))
            .map(|n| u64::try_from(n).unwrap_or(0))
    }

    /// # Errors
    /// Only when the database fails.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// A named setting of this catalog.
    ///
    /// # Errors
    /// Only when the database fails.
    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        self.read(|db| {
            db.query_row("SELECT value FROM settings WHERE name = ?1", [name], |r| r.get(0)).optional()
        })
    }
}

pub(crate) fn source_of(db: &Connection, node: i64) -> rusqlite::Result<Option<Source>> {
    let head = db
        .prepare_cached("SELECT format, mimetype, parameters FROM sources WHERE node = ?1")?
        .query_row([node], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
        .optional()?;
    let Some((format, mimetype, parameters)) = head else { return Ok(None) };
    let mut list = db.prepare_cached(
        "SELECT id, path, is_directory, size, mtime_ns, num FROM assets WHERE node = ?1 ORDER BY num, id",
    )?;
    let assets = list.query_map([node], |r| {
        Ok(Asset {
            id: r.get(0)?,
            path: PathBuf::from(r.get::<_, String>(1)?),
            is_directory: r.get(2)?,
            size: r.get::<_, i64>(3)?.try_into().unwrap_or(0),
            mtime_ns: r.get(4)?,
            num: r.get(5)?,
        })
    })?;
    Ok(Some(Source { format, mimetype, parameters, assets: assets.collect::<rusqlite::Result<_>>()? }))
}

fn configure(db: &Connection) -> Result<()> {
    db.busy_timeout(Duration::from_secs(5)).map_err(sql_error)?;
    db.pragma_update(None, "journal_mode", "WAL").map_err(sql_error)?;
    db.pragma_update(None, "synchronous", "NORMAL").map_err(sql_error)?;
    db.pragma_update(None, "cache_size", -16_000).map_err(sql_error)?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn configure_reader(db: &Connection) -> Result<()> {
    db.busy_timeout(Duration::from_secs(5)).map_err(sql_error)?;
    db.pragma_update(None, "cache_size", -4_000).map_err(sql_error)?;
    db.pragma_update(None, "mmap_size", 1i64 << 30).map_err(sql_error)?;
    db.set_prepared_statement_cache_capacity(64);
    functions::register(db)
}
