//! What the laws look at: the packages as cargo sees them, the files as git sees them, and `xtask/tidy.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::place;

pub struct Workspace {
    pub root: PathBuf,
    /// All packages by id, the workspace's own and the foreign ones.
    pub packages: BTreeMap<String, Package>,
    /// Tracked and new files that git does not ignore, sorted; those that are text.
    pub files: Vec<File>,
    pub laws: toml::Table,
}

pub struct Package {
    pub name: String,
    pub license: Option<String>,
    pub is_member: bool,
    /// The manifest's path; for members it is relative to the root.
    pub manifest: String,
    pub dependencies: Vec<Dependency>,
}

/// An edge of the resolved graph.
pub struct Dependency {
    pub id: String,
    pub is_dev_only: bool,
}

pub struct File {
    /// Relative to the root.
    pub path: String,
    pub text: String,
}

impl Workspace {
    pub fn load() -> Result<Self> {
        let root = place::root();
        let metadata = metadata()?;
        let laws =
            fs::read_to_string(root.join("xtask/tidy.toml")).context("failed to read xtask/tidy.toml")?;
        let laws = laws.parse().context("failed to parse xtask/tidy.toml")?;
        Ok(Self { packages: packages(&metadata), files: files()?, laws, root })
    }

    pub fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.values().filter(|package| package.is_member)
    }

    /// The table of `xtask/tidy.toml` under a dotted name; an absent one is empty.
    pub fn law(&self, name: &str) -> toml::Table {
        let mut table = self.laws.clone();
        for part in name.split('.') {
            let Some(toml::Value::Table(inner)) = table.remove(part) else { return toml::Table::new() };
            table = inner;
        }
        table
    }

    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

/// The strings of a TOML array; anything else has none.
pub fn strings(value: &toml::Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// For the platform of this machine: the crates of the others need not be downloaded.
fn metadata() -> Result<Value> {
    let rustc = place::output(Command::new("rustc").arg("-vV"))?;
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let mut cargo = place::cargo("metadata");
    cargo.args(["--format-version", "1", "--locked", "--filter-platform", host]);
    serde_json::from_str(&place::output(&mut cargo)?).context("failed to parse cargo's metadata")
}

fn packages(metadata: &Value) -> BTreeMap<String, Package> {
    let members = texts(at(metadata, "workspace_members"));
    let root = format!("{}/", at(metadata, "workspace_root").as_str().unwrap_or_default());
    let mut packages = BTreeMap::new();
    for package in array(at(metadata, "packages")) {
        let id = text(at(package, "id"));
        let manifest = text(at(package, "manifest_path"));
        let package = Package {
            name: text(at(package, "name")),
            license: at(package, "license").as_str().map(str::to_owned),
            is_member: members.contains(&id),
            manifest: manifest.strip_prefix(&root).unwrap_or(&manifest).to_owned(),
            dependencies: Vec::new(),
        };
        packages.insert(id, package);
    }
    for node in array(at(at(metadata, "resolve"), "nodes")) {
        if let Some(package) = packages.get_mut(&text(at(node, "id"))) {
            package.dependencies = array(at(node, "deps")).map(dependency).collect();
        }
    }
    packages
}

fn dependency(edge: &Value) -> Dependency {
    let is_dev_only = array(at(edge, "dep_kinds")).all(|kind| at(kind, "kind") == "dev");
    Dependency { id: text(at(edge, "pkg")), is_dev_only }
}

fn files() -> Result<Vec<File>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(place::root());
    let mut paths: Vec<_> = place::output(&mut git)?.split_terminator('\0').map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    // A file that is deleted but not yet staged, or is not text, has nothing to check.
    let read =
        |path: String| fs::read_to_string(place::root().join(&path)).ok().map(|text| File { path, text });
    Ok(paths.into_iter().filter_map(read).collect())
}

/// The value under a key, null when there is none.
fn at<'a>(value: &'a Value, key: &str) -> &'a Value {
    value.get(key).unwrap_or(&Value::Null)
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn texts(value: &Value) -> Vec<String> {
    array(value).map(text).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
