//! Where training data is computed: an engine for each run in a folder of its own, and the workspace's tables.

use super::random;
use anyhow::Result;
use arrow_array::RecordBatch;
use parking_lot::RwLock;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tile_base::engine::{Cancel, Snapshot};
use tile_base::feed::{FeedQuery, Feeds};
use tile_base::foreign::{Foreign, ForeignTables, Guarded, Scan, called};
use tile_base::{Beside, Error, Kind, SqlEngine, Transaction};
use tile_duck::{Engine, Limits};
use tile_features::training::desk::{Given, Workshop};
use tile_features::training::quoted;

/// Memory and disk of one run.
const MEMORY_BYTES_MAX: u64 = 512 << 20;
const SPILL_BYTES_MAX: u64 = 32 << 30;
/// Engines that are there at once: those of runs, and of results that are kept.
const ENGINES_MAX: usize = 16;

/// Runs of a workspace.
pub struct Bench {
    feeds: Arc<dyn Feeds>,
    files: Arc<dyn ForeignTables>,
    /// Folders of runs.
    folder: PathBuf,
    engines: Arc<AtomicUsize>,
}

impl Bench {
    /// Removes what runs of a process before have left.
    pub fn open(feeds: Arc<dyn Feeds>, files: Arc<dyn ForeignTables>, folder: PathBuf) -> Result<Self> {
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        Ok(Self { feeds, files, folder, engines: Arc::default() })
    }
}

impl Workshop for Bench {
    fn engine(&self) -> Result<Arc<dyn SqlEngine>, Error> {
        let name: String = random().iter().map(|b| format!("{b:02x}")).collect();
        let is_full = self.engines.fetch_add(1, Ordering::Relaxed) >= ENGINES_MAX;
        let folder = Scratch { path: self.folder.join(name), engines: self.engines.clone() };
        if is_full {
            let what = "too much training data is computed or kept for now";
            return Err(Error::new(Kind::Busy, what).hint("Ask again later, or end jobs that are done"));
        }
        std::fs::create_dir_all(&folder.path)?;
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let limits = Limits {
            memory_bytes_max: MEMORY_BYTES_MAX,
            spill_bytes_max: Some(SPILL_BYTES_MAX),
            threads,
            ..Limits::default()
        };
        let engine = Engine::over_files(limits, &[], &[], &folder.path)?;
        Ok(Arc::new(Run { engine: Arc::new(engine), folder: Arc::new(folder) }))
    }

    fn table(&self, name: &str) -> Result<Given, Error> {
        // What has a path is a file, though it can be followed as data sources are.
        if name.contains('/') {
            return self.file(name);
        }
        let feed = self.feeds.open(name)?;
        let schema = feed.schema()?;
        let columns = schema.fields().iter().map(|f| (f.name().clone(), quoted(f.name()))).collect();
        let reading = feed.read(&FeedQuery { columns, filter: None }, None)?;
        Ok(Given { schema, batches: reading.batches })
    }
}

impl Bench {
    /// A table of the catalog's files.
    fn file(&self, path: &str) -> Result<Given, Error> {
        let found = self.files.describe(path)?;
        let all: Vec<usize> = (0..found.schema.fields().len()).collect();
        let batches = self.files.scan(path, found.schema_id, &all, None)?;
        Ok(Given { schema: found.schema, batches })
    }
}

/// The folder of an engine, which is gone when this is.
struct Scratch {
    path: PathBuf,
    engines: Arc<AtomicUsize>,
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.engines.fetch_sub(1, Ordering::Relaxed);
        let removed = std::fs::remove_dir_all(&self.path);
        if let Err(e) = removed
            && e.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(error = %e, "a folder of a run stays until the next start");
        }
    }
}

/// An engine with its folder, which stays as long as any state of it is held.
struct Run {
    engine: Arc<Engine>,
    folder: Arc<Scratch>,
}

/// A state or a transaction, with the folder that it may read from.
struct Held<T: ?Sized> {
    held: Box<T>,
    _folder: Arc<Scratch>,
}

impl Snapshot for Held<dyn Snapshot> {
    fn query(&self, sql: &str) -> Result<Vec<RecordBatch>, Error> {
        self.held.query(sql)
    }
}

impl Beside for Held<dyn Beside> {
    fn run(
        self: Box<Self>,
        work: &mut dyn FnMut(&dyn Transaction) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.held.run(work)
    }
}

impl SqlEngine for Run {
    fn read(
        &self,
        sql: &str,
        cancel: &Cancel,
        each: &mut dyn FnMut(RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.engine.read(sql, cancel, each)
    }

    fn snapshot(self: Arc<Self>) -> Result<Box<dyn Snapshot>, Error> {
        let held = self.engine.clone().snapshot()?;
        Ok(Box::new(Held { held, _folder: self.folder.clone() }))
    }

    fn beside(self: Arc<Self>) -> Result<Box<dyn Beside>, Error> {
        let held = self.engine.clone().beside()?;
        Ok(Box::new(Held { held, _folder: self.folder.clone() }))
    }

    fn write(&self, work: &mut dyn FnMut(&dyn Transaction) -> Result<(), Error>) -> Result<(), Error> {
        self.engine.write(work)
    }
}

/// What SQL reads beside its own database: files, and features as long as these are there.
pub struct Elsewhere {
    files: Arc<dyn ForeignTables>,
    features: RwLock<Option<OfFeatures>>,
}

/// What SQL reads of features.
pub struct OfFeatures {
    /// Their part of the catalog.
    pub tables: Arc<dyn ForeignTables>,
    /// What functions give.
    pub functions: Arc<dyn ForeignTables>,
}

impl Elsewhere {
    pub fn new(files: Arc<dyn ForeignTables>) -> Self {
        Self { files, features: RwLock::new(None) }
    }

    /// Lets SQL read features, or none any more: they hold the databases that hold this.
    pub fn serve(&self, features: Option<OfFeatures>) {
        *self.features.write() = features;
    }

    fn of(&self, path: &str) -> Result<Arc<dyn ForeignTables>, Error> {
        let is_call = called(path).is_some();
        if !is_call && path.split('/').find(|key| !key.is_empty()) != Some(tile_features::mount::KEY) {
            return Ok(self.files.clone());
        }
        match &*self.features.read() {
            Some(features) if is_call => Ok(features.functions.clone()),
            Some(features) => Ok(features.tables.clone()),
            // A table may be there later, where features are served beside the data sources that they follow.
            None => Err(Error::new(Kind::Busy, "no features are served here")
                .hint("`tile dev FOLDER` serves those of a project")),
        }
    }
}

impl ForeignTables for Elsewhere {
    fn guarded(&self, path: &str) -> Option<Guarded> {
        self.of(path).ok()?.guarded(path)
    }

    fn describe(&self, path: &str) -> Result<Foreign, Error> {
        self.of(path)?.describe(path)
    }

    fn scan(
        &self,
        path: &str,
        schema_id: u64,
        columns: &[usize],
        only: Option<&[Vec<Json>]>,
    ) -> Result<Scan, Error> {
        self.of(path)?.scan(path, schema_id, columns, only)
    }
}

/// The folder of runs below that of all state.
pub fn folder(state: &Path) -> PathBuf {
    state.join("training")
}
