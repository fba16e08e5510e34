//! The walk: folders become containers, files become nodes, and the catalog is brought to what is on disk.
//!
//! Rules (wire specification §19, and where Tile differs): hidden files are skipped; numbered images and arrays of one
//! folder form a sequence; folders that a format claims are one node; a key is the file name without its endings, unless two
//! files would share it — then they keep their whole names. Only what changed on disk is described again. Nodes that did not
//! come from a walk are left alone.

use crate::assets::{Assets, Stamp};
use crate::config::AccessConfig;
use crate::data::Opened;
use crate::formats::{self, bytes::media_type, sequence};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use tile_base::{Error, Family, Result};
use tile_meta::{Catalog, NewAsset, NewNode, NewSource, Node, Source};

/// The format name of containers that stand for a folder.
pub const FOLDER: &str = "folder";
/// Nodes described side by side and committed together.
const BATCH: usize = 512;
/// Deepest folder that is walked.
const DEPTH_MAX: usize = 64;

/// What a walk found in one folder.
enum Planned {
    Folder { key: String, path: PathBuf, children: Vec<Planned> },
    Files { key: String, paths: Vec<PathBuf>, is_directory: bool, format: Option<&'static str> },
}

impl Planned {
    fn key(&self) -> &str {
        match self {
            Self::Folder { key, .. } | Self::Files { key, .. } => key,
        }
    }
}

/// What a registration did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub nodes: u64,
    pub described: u64,
    pub removed: u64,
    pub damaged: u64,
}

/// Told about progress: described so far, and how many there are.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Sync);

/// Brings the catalog to what is under `paths`: the content of one folder at the root, or one container per path.
///
/// # Errors
/// When a path is missing or the catalog fails. A file that cannot be read becomes a node that says so.
pub fn register(
    catalog: &Catalog,
    config: &AccessConfig,
    paths: &[PathBuf],
    progress: Progress<'_>,
) -> Result<Summary> {
    match paths {
        [one] if one.is_dir() && formats::of_directory(one).is_none() => {
            let planned = walk(one, config, 0, &mut HashSet::new())?;
            bring(catalog, config, &planned, progress)
        }
        many => register_each(catalog, config, many, progress),
    }
}

/// As [`register`], with one node at the root for each path, also when there is only one.
///
/// # Errors
/// As [`register`].
pub fn register_each(
    catalog: &Catalog,
    config: &AccessConfig,
    paths: &[PathBuf],
    progress: Progress<'_>,
) -> Result<Summary> {
    let mut seen = HashSet::new();
    let each = paths.iter().map(|p| plan_root(p, config, &mut seen));
    let planned = with_unique_keys(each.collect::<Result<_>>()?);
    bring(catalog, config, &planned, progress)
}

/// Brings the catalog to what was found.
fn bring(
    catalog: &Catalog,
    config: &AccessConfig,
    planned: &[Planned],
    progress: Progress<'_>,
) -> Result<Summary> {
    let mut jobs = Vec::new();
    let mut summary = Summary::default();
    catalog.write(|w| settle(config, catalog, w, 0, planned, &mut jobs, &mut summary))?;
    let total = jobs.len() as u64;
    progress(0, total);
    for batch in jobs.chunks(BATCH) {
        let described: Vec<(i64, NewNode)> =
            batch.par_iter().map(|job| (job.parent, describe(job, config))).collect();
        summary.damaged +=
            described.iter().filter(|(_, n)| n.specs.iter().any(|s| s.name == "damaged")).count() as u64;
        catalog
            .write(|w| described.iter().try_for_each(|(parent, node)| w.upsert(*parent, node).map(|_| ())))?;
        summary.described += described.len() as u64;
        progress(summary.described, total);
    }
    summary.nodes = catalog.len()?;
    Ok(summary)
}

fn plan_root(path: &Path, config: &AccessConfig, seen: &mut HashSet<(u64, u64)>) -> Result<Planned> {
    let name = path
        .canonicalize()
        .ok()
        .and_then(|p| p.file_name().map(|n| n.to_string_lossy().into_owned()))
        .unwrap_or_else(|| "root".into());
    let is_directory = path.is_dir();
    if is_directory && formats::of_directory(path).is_none() {
        return Ok(Planned::Folder {
            key: name,
            path: path.to_owned(),
            children: walk(path, config, 0, seen)?,
        });
    }
    if !path.exists() {
        return Err(Error::not_found(format!("`{}` does not exist", path.display())));
    }
    Ok(Planned::Files {
        key: key_of(&name, config),
        paths: vec![path.to_owned()],
        is_directory,
        format: None,
    })
}

fn walk(
    folder: &Path,
    config: &AccessConfig,
    depth: usize,
    seen: &mut HashSet<(u64, u64)>,
) -> Result<Vec<Planned>> {
    let here = std::fs::metadata(folder)?;
    if depth > DEPTH_MAX || !seen.insert((here.dev(), here.ino())) {
        // A loop of links, or deeper than anyone files data.
        return Ok(vec![]);
    }
    let mut entries: Vec<(String, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let Ok(entry) = entry else { continue };
        // Keys are text: a name that is not UTF-8 cannot be asked for.
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
        if !name.starts_with('.') {
            entries.push((name, entry.path()));
        }
    }
    entries.sort();
    let mut out = Vec::new();
    let mut sequences: BTreeMap<(String, &'static str), Vec<PathBuf>> = BTreeMap::new();
    for (name, path) in entries {
        let Ok(meta) = std::fs::metadata(&path) else { continue };
        if meta.is_dir() {
            if formats::of_directory(&path).is_some() {
                out.push(Planned::Files {
                    key: key_of(&name, config),
                    paths: vec![path],
                    is_directory: true,
                    format: None,
                });
            } else if let Ok(children) = walk(&path, config, depth + 1, seen) {
                out.push(Planned::Folder { key: key_of(&name, config), path, children });
            }
        } else if !meta.is_file() {
            // Sockets, pipes and devices would block a reader.
        } else if let Some(group) = sequence_of(&name) {
            sequences.entry(group).or_default().push(path);
        } else {
            out.push(Planned::Files {
                key: key_of(&name, config),
                paths: vec![path],
                is_directory: false,
                format: None,
            });
        }
    }
    for ((prefix, _), paths) in sequences {
        let key = if prefix.is_empty() { "_unnamed".to_owned() } else { prefix };
        out.push(Planned::Files { key, paths, is_directory: false, format: Some("sequence") });
    }
    out.sort_by(|a, b| a.key().cmp(b.key()));
    Ok(with_unique_keys(out))
}

/// The prefix and kind of a numbered file: `frame0001.tif` → (`frame`, `tif`).
fn sequence_of(name: &str) -> Option<(String, &'static str)> {
    let (stem, ending) = name.rsplit_once('.')?;
    let ending = sequence::SUFFIXES.iter().find(|s| ending.eq_ignore_ascii_case(s))?;
    let prefix = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    (prefix.len() < stem.len()).then(|| (prefix.to_owned(), *ending))
}

/// The name up to its first dot; a name that begins with its only dot is hidden and never comes here.
fn key_of(name: &str, config: &AccessConfig) -> String {
    if config.keep_extensions {
        return name.to_owned();
    }
    name.split('.').next().filter(|k| !k.is_empty()).unwrap_or(name).to_owned()
}

/// Entries that would share a key take their whole file names.
fn with_unique_keys(planned: Vec<Planned>) -> Vec<Planned> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for p in &planned {
        *counts.entry(p.key().to_owned()).or_default() += 1;
    }
    let mut taken = HashSet::new();
    let rename = |p: Planned| match p {
        Planned::Files { key, paths, is_directory, format } if counts.get(&key).is_some_and(|&n| n > 1) => {
            let name = paths
                .first()
                .and_then(|p| p.file_name())
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default();
            Planned::Files { key: name, paths, is_directory, format }
        }
        Planned::Folder { key, path, children } if counts.get(&key).is_some_and(|&n| n > 1) => {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or(key);
            Planned::Folder { key: name, path, children }
        }
        other => other,
    };
    planned.into_iter().map(rename).filter(|p| taken.insert(p.key().to_owned())).collect()
}

/// The change marks of a file, or of the file that describes a folder.
///
/// # Errors
/// `Gone` when it is missing.
pub fn stamp(path: &Path, is_directory: bool) -> Result<Stamp> {
    if is_directory {
        for name in ["zarr.json", ".zarray", ".zgroup", "awkward.json"] {
            if let Ok(stamp) = Stamp::of(&path.join(name)) {
                return Ok(stamp);
            }
        }
        return folder_stamp(path);
    }
    Stamp::of(path)
}

/// Part files looked at to tell whether a folder changed.
const PARTS_MAX: usize = 4096;

/// All files below a folder as one: their sizes together, the latest change.
fn folder_stamp(path: &Path) -> Result<Stamp> {
    let mut out = Stamp::of(path)?;
    let (mut open, mut seen) = (vec![path.to_owned()], 0);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder)?.flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            seen += 1;
            if meta.is_dir() && seen < PARTS_MAX {
                open.push(entry.path());
            }
            let stamp = Stamp::from(&meta);
            out.size = out.size.wrapping_add(stamp.size);
            out.mtime_ns = out.mtime_ns.max(stamp.mtime_ns);
        }
        if seen >= PARTS_MAX {
            break;
        }
    }
    Ok(out)
}

/// A node to be described.
struct Job {
    parent: i64,
    key: String,
    paths: Vec<PathBuf>,
    is_directory: bool,
    format: Option<&'static str>,
    assets: Vec<NewAsset>,
}

/// Inserts folders, removes what is gone, and collects what has to be described.
fn settle(
    config: &AccessConfig,
    catalog: &Catalog,
    w: &mut tile_meta::Writer<'_>,
    parent: i64,
    planned: &[Planned],
    jobs: &mut Vec<Job>,
    summary: &mut Summary,
) -> Result<()> {
    let existing = catalog.children_with_sources(parent)?;
    let wanted: HashSet<&str> = planned.iter().map(Planned::key).collect();
    for (node, source) in &existing {
        if source.is_some() && !wanted.contains(node.key.as_str()) {
            w.remove(node.id)?;
            summary.removed += 1;
        }
    }
    let by_key: HashMap<&str, &(Node, Option<Source>)> =
        existing.iter().map(|e| (e.0.key.as_str(), e)).collect();
    for p in planned {
        let known = by_key.get(p.key());
        match p {
            Planned::Folder { key, path, children } => {
                let same = known.filter(|(_, s)| s.as_ref().is_some_and(|s| s.format == FOLDER));
                let id = match same {
                    Some((node, _)) => node.id,
                    None => w.upsert(parent, &folder_node(key, path))?,
                };
                settle(config, catalog, w, id, children, jobs, summary)?;
            }
            Planned::Files { key, paths, is_directory, format } => {
                let Some(assets) = assets_of(paths, *is_directory) else { continue };
                let same = |s: &Source| {
                    same_assets(&s.assets, &assets)
                        && parameters_of(&s.format, config) == s.parameters.parse().unwrap_or(Value::Null)
                };
                let unchanged = known.is_some_and(|(_, s)| s.as_ref().is_some_and(same));
                if !unchanged {
                    jobs.push(Job {
                        parent,
                        key: key.clone(),
                        paths: paths.clone(),
                        is_directory: *is_directory,
                        format: *format,
                        assets,
                    });
                }
            }
        }
    }
    Ok(())
}

fn folder_node(key: &str, path: &Path) -> NewNode {
    let asset = NewAsset { path: path.to_owned(), is_directory: true, size: 0, mtime_ns: 0, num: None };
    let source = NewSource {
        format: FOLDER.into(),
        mimetype: "inode/directory".into(),
        parameters: json!({}),
        assets: vec![asset],
    };
    NewNode {
        key: key.to_owned(),
        family: Family::Container,
        metadata: json!({}),
        specs: vec![],
        structure: Value::Null,
        source: Some(source),
    }
}

/// `None` when a file went away between the walk and now.
fn assets_of(paths: &[PathBuf], is_directory: bool) -> Option<Vec<NewAsset>> {
    let many = paths.len() > 1;
    let asset = |(i, p): (usize, &PathBuf)| {
        let s = stamp(p, is_directory).ok()?;
        let path = std::path::absolute(p).unwrap_or_else(|_| p.clone());
        Some(NewAsset {
            path,
            is_directory,
            size: s.size,
            mtime_ns: s.mtime_ns,
            num: if many { i64::try_from(i).ok() } else { None },
        })
    };
    paths.iter().enumerate().map(asset).collect()
}

fn same_assets(old: &[tile_meta::Asset], new: &[NewAsset]) -> bool {
    old.len() == new.len()
        && old.iter().zip(new).all(|(a, b)| a.path == b.path && a.size == b.size && a.mtime_ns == b.mtime_ns)
}

fn describe(job: &Job, config: &AccessConfig) -> NewNode {
    let assets = Assets { paths: job.paths.clone(), is_directory: job.is_directory };
    let (name, mimetype, opened) = open(&assets, job.format, config);
    node_of(config, job.key.clone(), (name, mimetype), &opened, job.assets.clone())
}

/// The reading options that a format has now; a node described with others is described again.
fn parameters_of(format: &str, config: &AccessConfig) -> Value {
    match config.options_of(format) {
        Value::Null => json!({}),
        options => options,
    }
}

fn node_of(
    config: &AccessConfig,
    key: String,
    (format, mimetype): (&str, String),
    opened: &Opened,
    assets: Vec<NewAsset>,
) -> NewNode {
    let parameters = parameters_of(format, config);
    NewNode {
        key,
        family: opened.structure.family(),
        metadata: opened.metadata.clone(),
        specs: opened.specs.clone(),
        structure: opened.structure.to_json(),
        source: Some(NewSource { format: format.to_owned(), mimetype, parameters, assets }),
    }
}

/// Opens files for their description; what fails becomes a bytes node that says why.
fn open(
    assets: &Assets,
    format: Option<&'static str>,
    config: &AccessConfig,
) -> (&'static str, String, Opened) {
    let Some(path) = assets.paths.first() else {
        return ("bytes", String::new(), formats::damaged("bytes", &Error::internal("no file")));
    };
    let found = match format {
        Some(name) => formats::by_name(name),
        None if assets.is_directory => {
            formats::of_directory(path).map_or_else(|| formats::by_name("bytes"), Ok)
        }
        None => formats::recognise(path),
    };
    let format = match found {
        Ok(format) => format,
        Err(e) => return ("bytes", media_type(path).to_owned(), formats::damaged("bytes", &e)),
    };
    match format.open(assets, &config.options_of(format.name())) {
        Ok(opened) => {
            let mimetype = match format.name() {
                "bytes" => media_type(path).to_owned(),
                "sequence" => format!(
                    "multipart/related;type={}",
                    formats::by_suffix(path).map_or("application/octet-stream", formats::Format::mimetype)
                ),
                "parquet" if opened.structure.family() == Family::Sparse => {
                    "application/x-parquet;structure=sparse".to_owned()
                }
                _ => format.mimetype().to_owned(),
            };
            (format.name(), mimetype, opened)
        }
        Err(e) => {
            tracing::debug!(file = %path.display(), error = %e, "a file cannot be read");
            (format.name(), format.mimetype().to_owned(), formats::damaged(format.name(), &e))
        }
    }
}

/// Describes a registered node again after its files changed.
///
/// # Errors
/// When the catalog fails.
pub fn describe_again(catalog: &Catalog, config: &AccessConfig, row: &Node, source: &Source) -> Result<()> {
    let paths: Vec<PathBuf> = source.assets.iter().map(|a| a.path.clone()).collect();
    let is_directory = source.assets.first().is_some_and(|a| a.is_directory);
    let Some(new) = assets_of(&paths, is_directory) else { return Ok(()) };
    let forced = if source.format == "sequence" { Some("sequence") } else { None };
    let (name, mimetype, opened) = open(&Assets { paths, is_directory }, forced, config);
    let node = node_of(config, row.key.clone(), (name, mimetype), &opened, new);
    catalog.write(|w| w.upsert(row.parent, &node).map(|_| ()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_and_keys() {
        assert_eq!(sequence_of("frame0001.tif"), Some(("frame".into(), "tif")));
        assert_eq!(sequence_of("0001.TIFF"), Some((String::new(), "tiff")));
        assert_eq!(sequence_of("frame.tif"), None);
        assert_eq!(sequence_of("data2.csv"), None);
        let config = AccessConfig::default();
        assert_eq!(key_of("a.b.tif", &config), "a");
        assert_eq!(key_of("plain", &config), "plain");
    }
}
