//! Databases of workspaces: a file for each, in one folder that one process holds.

use crate::commands::sql::functions;
use anyhow::Result;
use std::path::PathBuf;
use std::sync::Arc;
use tile_base::foreign::ForeignTables;
use tile_base::{Error, SqlEngine};
use tile_duck::{Engine, Limits};
use tile_pipes::hub::{Engines, PROCESS};

/// A folder of databases.
pub struct Folder {
    path: PathBuf,
    limits: Limits,
    elsewhere: Arc<dyn ForeignTables>,
}

const ENDING: &str = "duckdb";

impl Folder {
    pub fn new(path: PathBuf, elsewhere: Arc<dyn ForeignTables>) -> Result<Self> {
        use std::os::unix::fs::PermissionsExt;
        std::fs::create_dir_all(&path)?;
        // Tokens and secrets are in these files, beside the rows.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700))?;
        Ok(Self { path, limits: limits(), elsewhere })
    }

    fn file(&self, id: &str) -> Result<PathBuf, Error> {
        // Ids are ours; one that is no plain name is never joined to a path.
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(Error::internal("a workspace with a strange id"));
        }
        Ok(self.path.join(format!("{id}.{ENDING}")))
    }
}

fn limits() -> Limits {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Limits { threads, ..Limits::default() }
}

/// Databases that are gone with the process.
pub struct Memory(pub Arc<dyn ForeignTables>);

impl Engines for Memory {
    fn open(&self, _id: &str, shared: &Arc<dyn ForeignTables>) -> Result<Arc<dyn SqlEngine>, Error> {
        let engine = Engine::in_memory(limits(), &functions::all())?;
        Ok(Arc::new(engine.with_elsewhere(self.0.clone())?.with_shared(shared)?))
    }
    fn remove(&self, _id: &str) -> Result<(), Error> {
        Ok(())
    }
    fn list(&self) -> Result<Vec<String>, Error> {
        Ok(Vec::new())
    }
}

impl Engines for Folder {
    fn open(&self, id: &str, shared: &Arc<dyn ForeignTables>) -> Result<Arc<dyn SqlEngine>, Error> {
        let engine = Engine::open(&self.file(id)?, self.limits, &functions::all())?;
        Ok(Arc::new(engine.with_elsewhere(self.elsewhere.clone())?.with_shared(shared)?))
    }

    fn remove(&self, id: &str) -> Result<(), Error> {
        let file = self.file(id)?;
        std::fs::remove_file(&file)?;
        let log = file.with_extension(format!("{ENDING}.wal"));
        match std::fs::remove_file(log) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
            _ => Ok(()),
        }
    }

    fn list(&self) -> Result<Vec<String>, Error> {
        let mut out = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let path = entry?.path();
            let id = path.file_stem().and_then(|s| s.to_str()).filter(|s| *s != PROCESS);
            if let (Some(id), Some(ENDING)) = (id, path.extension().and_then(|e| e.to_str())) {
                out.push(id.to_owned());
            }
        }
        out.sort();
        Ok(out)
    }
}
