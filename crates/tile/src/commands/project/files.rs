//! The files of a project folder.

use anyhow::Result;
use std::collections::BTreeMap;
use std::fs::DirEntry;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use tile_base::Error;
use tile_pipes::workspace::compile::Files;

/// Folders below the project that are looked into.
const DEPTH_MAX: usize = 4;
const FILE_BYTES_MAX: u64 = 1 << 20;
const ENDINGS: &[&str] = &["datasource", "pipe", "connection", "incl"];
/// The folder of tests, and the endings of files there.
const TESTS: &str = "tests";
const TEST_ENDINGS: &[&str] = &["yaml", "yml"];
/// Folders that hold no resources of this project.
const OTHERS: &[&str] = &["node_modules", "vendor", "target", "__pycache__"];

/// Reads every file that defines something, with its path below the folder.
pub fn read(folder: &Path) -> Result<Files> {
    let mut out = Files::new();
    walk(folder, "", 0, ENDINGS, &mut |path, entry| taken(&mut out, path, entry))?;
    Ok(out)
}

fn taken(out: &mut Files, path: String, entry: &DirEntry) -> Result<()> {
    let text = std::fs::read_to_string(entry.path()).map_err(|e| super::denied(&entry.path(), &e))?;
    out.insert(path, text);
    Ok(())
}

/// What tells, without reading files, that they changed: when they were written, and their length.
pub type Stamps = BTreeMap<String, (SystemTime, u64)>;

/// The stamp of every file that [`read`] reads.
pub fn stamps(folder: &Path) -> Result<Stamps> {
    let mut out = Stamps::new();
    walk(folder, "", 0, ENDINGS, &mut |path, entry| stamped(&mut out, path, entry))?;
    Ok(out)
}

type Each<'a> = &'a mut dyn FnMut(String, &DirEntry) -> Result<()>;

/// The folder of definitions of features. Compiled ones have any ending.
const FEATURES: &str = "features";

/// Reads the files that may define features, with their paths below the project's folder. What is no text defines nothing.
pub fn features(folder: &Path) -> Result<Files> {
    let mut out = Files::new();
    let below = folder.join(FEATURES);
    if below.is_dir() {
        walk(&below, FEATURES, 1, &[], &mut |path, entry| {
            let bytes = std::fs::read(entry.path()).map_err(|e| super::denied(&entry.path(), &e))?;
            if let Ok(text) = String::from_utf8(bytes) {
                out.insert(path, text);
            }
            Ok(())
        })?;
    }
    Ok(out)
}

/// The stamp of every file that [`features`] reads.
pub fn feature_stamps(folder: &Path) -> Result<Stamps> {
    let mut out = Stamps::new();
    let below = folder.join(FEATURES);
    if below.is_dir() {
        walk(&below, FEATURES, 1, &[], &mut |path, entry| stamped(&mut out, path, entry))?;
    }
    Ok(out)
}

fn stamped(out: &mut Stamps, path: String, entry: &DirEntry) -> Result<()> {
    let about = entry.metadata()?;
    out.insert(path, (about.modified()?, about.len()));
    Ok(())
}

/// Whether a file was written after a time, in microseconds since 1970.
pub fn is_fresh(stamps: &Stamps, since_us: i64) -> bool {
    stamps.values().any(|(written, _)| {
        let written = written.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros());
        i64::try_from(written).is_ok_and(|written| written > since_us)
    })
}

/// Reads the files of tests, with their paths below the project's folder.
pub fn tests(folder: &Path) -> Result<Files> {
    let mut out = Files::new();
    let below = folder.join(TESTS);
    if below.is_dir() {
        walk(&below, TESTS, 1, TEST_ENDINGS, &mut |path, entry| taken(&mut out, path, entry))?;
    }
    Ok(out)
}

/// Files with values of secrets; the later one counts.
const SECRETS: &[&str] = &[".env", ".env.local"];

/// The secrets of a project: `NAME=VALUE` in each line of `.env` and `.env.local`. Those without a value are none.
pub fn secrets(folder: &Path) -> Result<BTreeMap<String, String>, Error> {
    let mut out = BTreeMap::new();
    for name in SECRETS {
        let path = folder.join(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => out.extend(text.lines().filter_map(secret)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(super::denied(&path, &e)),
        }
    }
    out.retain(|_, value| !value.is_empty());
    Ok(out)
}

fn secret(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').filter(|(name, _)| !name.starts_with('#'))?;
    let value = value.trim();
    let quoted = ['"', '\''].iter().find_map(|q| value.strip_prefix(*q)?.split_once(*q));
    let value = match quoted {
        Some((inside, _)) => inside,
        None => value.split(" #").next().unwrap_or_default().trim_end(),
    };
    Some((name.trim().to_owned(), value.to_owned()))
}

/// Calls `each` for the files with these endings; without endings, for all.
fn walk(folder: &Path, below: &str, depth: usize, endings: &[&str], each: Each<'_>) -> Result<()> {
    let entries = std::fs::read_dir(folder).map_err(|e| super::denied(folder, &e))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if depth < DEPTH_MAX && !name.starts_with('.') && !OTHERS.contains(&name.as_str()) {
                walk(&entry.path(), &path, depth + 1, endings, each)?;
            }
            continue;
        }
        let ending = name.rsplit_once('.').map_or("", |(_, e)| e);
        let is_wanted = endings.is_empty() || endings.contains(&ending);
        if kind.is_file() && is_wanted && entry.metadata()?.len() <= FILE_BYTES_MAX {
            each(path, &entry)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_lines_of_two_files() {
        let folder = tempfile::tempdir().unwrap();
        assert!(secrets(folder.path()).unwrap().is_empty());
        let text = "# a=1\nA=1\nexport B = \"x # y\" # z\nC='='\nD=\nE=e # f\nno value\n";
        std::fs::write(folder.path().join(".env"), text).unwrap();
        std::fs::write(folder.path().join(".env.local"), "A=2").unwrap();
        let found = secrets(folder.path()).unwrap();
        let found: Vec<_> = found.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(found, [("A", "2"), ("B", "x # y"), ("C", "="), ("E", "e")]);
    }

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
        assert!(features(folder.path()).unwrap().is_empty());
        write("features/production/group_bys/team/file.v1");
        write("features/a.toml");
        std::fs::write(folder.path().join("features/b.bin"), [0xff]).unwrap();
        let found: Vec<_> = features(folder.path()).unwrap().into_keys().collect();
        assert_eq!(found, ["features/a.toml", "features/production/group_bys/team/file.v1"]);
        assert_eq!(feature_stamps(folder.path()).unwrap().len(), 3);
    }
}
