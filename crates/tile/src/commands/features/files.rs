//! Files as tables of an engine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tile_base::error::nearest;
use tile_base::{Error, Result, SqlEngine};
use tile_duck::{Engine, Limits};
use tile_features::training::Tables;

/// How files are read, by the ends of their names.
const READERS: &[(&str, &str)] = &[
    (".parquet", "read_parquet"),
    (".csv", "read_csv"),
    (".csv.gz", "read_csv"),
    (".tsv", "read_csv"),
    (".ndjson", "read_ndjson"),
    (".jsonl", "read_ndjson"),
];

/// A file, or a folder of Parquet files.
struct File {
    path: PathBuf,
    is_folder: bool,
    relation: String,
}

/// Tables by name, before an engine reads them.
#[derive(Default)]
pub struct Files(BTreeMap<String, File>);

impl Files {
    /// # Errors
    /// `NotFound` for a file that is not there, `Invalid` for one of another format.
    pub fn add(&mut self, name: &str, path: &Path) -> Result<()> {
        let shown = path.display();
        let path = path.canonicalize().map_err(|e| {
            Error::not_found(format!("cannot read `{shown}`: {e}")).at(format!("source {name}"))
        })?;
        let is_folder = path.is_dir();
        let text = |path: &Path| path.display().to_string().replace('\'', "''");
        let relation = if is_folder {
            format!("read_parquet('{}', hive_partitioning = true)", text(&path.join("**/*.parquet")))
        } else {
            let whole = path.display().to_string().to_lowercase();
            let reader = READERS.iter().find(|(end, _)| whole.ends_with(end)).ok_or_else(|| {
                let ends: Vec<&str> = READERS.iter().map(|(end, _)| *end).collect();
                Error::invalid(format!("`{shown}` is of no format that is read here"))
                    .at(format!("source {name}"))
                    .hint(format!("Files end in {}; a folder holds Parquet files", ends.join(", ")))
            })?;
            format!("{}('{}')", reader.1, text(&path))
        };
        self.0.insert(name.to_owned(), File { path, is_folder, relation });
        Ok(())
    }

    /// Each file of a folder, by its path there without the end of its name. A folder that is not there has none.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn add_folder(&mut self, folder: &Path) -> Result<()> {
        if !folder.is_dir() {
            return Ok(());
        }
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let stem = READERS.iter().find_map(|(end, _)| name.strip_suffix(end));
            if let Some(stem) = stem.filter(|stem| !self.0.contains_key(*stem)) {
                self.add(stem, &path)?;
            }
        }
        Ok(())
    }

    /// An engine that reads these files, writes the file `out`, and keeps what does not fit into memory in the folder `spill`.
    ///
    /// # Errors
    /// When it does not start.
    pub fn open(self, limits: Limits, out: &Path, spill: &Path) -> Result<FileTables> {
        let of = |is_folder: bool| {
            let some = self.0.values().filter(move |file| file.is_folder == is_folder);
            some.map(|file| file.path.clone()).collect::<Vec<_>>()
        };
        let mut files = of(false);
        files.push(out.to_owned());
        let engine = Arc::new(Engine::over_files(limits, &files, &of(true), spill)?);
        Ok(FileTables { engine, files: self })
    }
}

/// Files, and the engine that reads them.
pub struct FileTables {
    pub engine: Arc<Engine>,
    files: Files,
}

impl Tables for FileTables {
    fn engine(&self) -> &dyn SqlEngine {
        &*self.engine
    }

    fn relation(&self, table: &str) -> Result<String> {
        if let Some(file) = self.files.0.get(table) {
            return Ok(file.relation.clone());
        }
        let error = Error::not_found(format!("no file is given for the table `{table}`"));
        let known = self.files.0.keys().map(String::as_str);
        Err(match nearest(table, known).first() {
            Some(near) => error.hint(format!("Did you mean `{near}`? Else add --source {table}=FILE")),
            None => error.hint(format!("Add --source {table}=FILE")),
        })
    }
}
