//! The files of a project folder.

use anyhow::Result;
use std::collections::BTreeMap;
use std::fs::DirEntry;
use std::path::Path;
use std::time::SystemTime;
use tile_pipes::workspace::compile::Files;

/// Folders below the project that are looked into.
const DEPTH_MAX: usize = 4;
const FILE_BYTES_MAX: u64 = 1 << 20;
const ENDINGS: &[&str] = &["datasource", "pipe", "connection", "incl"];
/// Folders that hold no resources of this project.
const OTHERS: &[&str] = &["node_modules", "vendor", "target", "__pycache__"];

/// Reads every file that defines something, with its path below the folder.
pub fn read(folder: &Path) -> Result<Files> {
    let mut out = Files::new();
    walk(folder, "", 0, &mut |path, entry| {
        let text = std::fs::read_to_string(entry.path()).map_err(|e| super::denied(&entry.path(), &e))?;
        out.insert(path, text);
        Ok(())
    })?;
    Ok(out)
}

/// What tells, without reading files, that they changed: when they were written, and their length.
pub type Stamps = BTreeMap<String, (SystemTime, u64)>;

/// The stamp of every file that [`read`] reads.
pub fn stamps(folder: &Path) -> Result<Stamps> {
    let mut out = Stamps::new();
    walk(folder, "", 0, &mut |path, entry| {
        let about = entry.metadata()?;
        out.insert(path, (about.modified()?, about.len()));
        Ok(())
    })?;
    Ok(out)
}

type Each<'a> = &'a mut dyn FnMut(String, &DirEntry) -> Result<()>;

fn walk(folder: &Path, below: &str, depth: usize, each: Each<'_>) -> Result<()> {
    let entries = std::fs::read_dir(folder).map_err(|e| super::denied(folder, &e))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if depth < DEPTH_MAX && !name.starts_with('.') && !OTHERS.contains(&name.as_str()) {
                walk(&entry.path(), &path, depth + 1, each)?;
            }
            continue;
        }
        let ending = name.rsplit_once('.').map_or("", |(_, e)| e);
        if kind.is_file() && ENDINGS.contains(&ending) && entry.metadata()?.len() <= FILE_BYTES_MAX {
            each(path, &entry)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_defines_something_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        };
        for path in [
            "a.pipe",
            "b/c.datasource",
            "b/readme.md",
            ".tile/d.pipe",
            "node_modules/e.pipe",
            "1/2/3/4/5/f.pipe",
        ] {
            write(path);
        }
        assert_eq!(
            read(folder.path()).unwrap().into_keys().collect::<Vec<_>>(),
            ["a.pipe", "b/c.datasource"]
        );
        assert!(stamps(folder.path()).unwrap().into_keys().eq(["a.pipe", "b/c.datasource"]));
        assert!(read(&folder.path().join("nothing")).is_err());
    }
}
