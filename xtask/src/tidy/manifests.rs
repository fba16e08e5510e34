//! Manifests: folder name = crate name, flat; versions, features, profiles and lints are in the root only.

use std::fs;

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::Report;
use super::workspace::Workspace;

const INHERITED: &[&str] = &["version", "edition", "rust-version", "license"];
const KINDS: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

pub fn check(workspace: &Workspace, report: &mut Report) -> Result<()> {
    let root = read(workspace, "Cargo.toml")?;
    let has_lints = root.get("workspace").and_then(|table| table.get("lints")).is_some();
    for package in workspace.members() {
        let path = &package.manifest;
        let manifest = read(workspace, path)?;
        if path.starts_with("crates/") && *path != format!("crates/{}/Cargo.toml", package.name) {
            report.problem(format!("{path}: expected the crate `{}` in `crates/{0}`", package.name));
        }
        check_inherited(path, &manifest, has_lints, report);
        check_dependencies(path, &manifest, report);
    }
    Ok(())
}

fn read(workspace: &Workspace, path: &str) -> Result<Table> {
    let text =
        fs::read_to_string(workspace.root.join(path)).with_context(|| format!("failed to read `{path}`"))?;
    text.parse().with_context(|| format!("failed to parse `{path}`"))
}

fn check_inherited(path: &str, manifest: &Table, has_lints: bool, report: &mut Report) {
    let package = manifest.get("package").and_then(Value::as_table);
    for key in INHERITED {
        if !package.and_then(|table| table.get(*key)).is_some_and(is_inherited) {
            report.problem(format!("{path}: expected `{key}.workspace = true`"));
        }
    }
    if has_lints && !manifest.get("lints").is_some_and(is_inherited) {
        report.problem(format!("{path}: expected `lints.workspace = true`"));
    }
    for key in ["profile", "patch", "replace"].iter().filter(|key| manifest.contains_key(**key)) {
        report.problem(format!("{path}: `{key}` belongs into the root manifest"));
    }
}

fn is_inherited(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

fn check_dependencies(path: &str, manifest: &Table, report: &mut Report) {
    let targets = manifest.get("target").and_then(Value::as_table);
    let per_target = targets.into_iter().flat_map(|targets| targets.values().filter_map(Value::as_table));
    for table in std::iter::once(manifest).chain(per_target) {
        let dependencies =
            KINDS.iter().filter_map(|kind| table.get(*kind).and_then(Value::as_table)).flatten();
        for (name, value) in dependencies {
            if !is_inherited(value) {
                report.problem(format!(
                    "{path}: `{name}` has its own version: expected `{name}.workspace = true`"
                ));
            } else if value.get("features").is_some() {
                // Other features mean another build of the same crate: see docs/adr/0002-one-profile.md.
                report.problem(format!("{path}: the features of `{name}` belong into the root manifest"));
            }
        }
    }
}
