//! The direction of dependencies: rings, test-only crates, what a crate may not reach, who owns a foreign crate.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Report;
use super::workspace::{Package, Workspace, strings};

pub fn check(workspace: &Workspace, report: &mut Report) -> Result<()> {
    let rings = Rings::of(workspace);
    for package in workspace.members() {
        check_ring(workspace, &rings, package, report);
        check_owners(workspace, package, report);
    }
    for (name, banned) in &workspace.law("unreachable") {
        check_unreachable(workspace, name, &strings(banned), report);
    }
    Ok(())
}

struct Rings {
    table: toml::Table,
    development: Vec<String>,
}

impl Rings {
    fn of(workspace: &Workspace) -> Self {
        let development = workspace.law("development").get("crates").map(strings).unwrap_or_default();
        Self { table: workspace.law("rings"), development }
    }

    fn ring(&self, name: &str) -> Option<i64> {
        self.table.get(name).and_then(toml::Value::as_integer)
    }

    fn is_development(&self, name: &str) -> bool {
        self.development.iter().any(|crate_name| crate_name == name)
    }
}

/// The crates of `crates/`; tests, benches and xtask are outside the rings.
fn check_ring(workspace: &Workspace, rings: &Rings, package: &Package, report: &mut Report) {
    let name = &package.name;
    if !package.manifest.starts_with("crates/") {
        return;
    }
    if rings.ring(name).is_none() && !rings.is_development(name) {
        report.problem(format!("`{name}` is in no ring: add it to xtask/tidy.toml"));
    }
    for dependency in &package.dependencies {
        let Some(other) = workspace.packages.get(&dependency.id).filter(|other| other.is_member) else {
            continue;
        };
        let problem = match (rings.ring(name), rings.ring(&other.name)) {
            (Some(own), Some(ring)) if ring >= own => format!("ring {own} may not depend on ring {ring}"),
            (Some(_), None) if !dependency.is_dev_only => {
                "only a dev-dependency may be outside the rings".to_owned()
            }
            (None, Some(ring)) if ring > 0 => {
                format!("a test-only crate may depend on ring 0, not on ring {ring}")
            }
            _ => continue,
        };
        report.problem(format!("`{name}` depends on `{}`: {problem}", other.name));
    }
}

fn check_owners(workspace: &Workspace, package: &Package, report: &mut Report) {
    let owners = workspace.law("owners");
    for dependency in &package.dependencies {
        let Some(other) = workspace.packages.get(&dependency.id) else { continue };
        let Some(allowed) = owners.get(&other.name).map(strings) else { continue };
        if !allowed.contains(&package.name) {
            let allowed = allowed.join(", ");
            report.problem(format!("`{}` names `{}`, which only {allowed} may", package.name, other.name));
        }
    }
}

fn check_unreachable(workspace: &Workspace, name: &str, banned: &[String], report: &mut Report) {
    let Some(start) = workspace.members().find(|package| package.name == name) else {
        report.problem(format!("xtask/tidy.toml speaks of `{name}`, which is no crate of the workspace"));
        return;
    };
    for reached in reachable(workspace, start) {
        if banned.contains(&reached) {
            report.problem(format!("`{name}` reaches `{reached}`: see `cargo tree -p {name} -i {reached}`"));
        }
    }
}

/// The names of all packages that a package is built with, sorted.
fn reachable(workspace: &Workspace, start: &Package) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(package) = open.pop() {
        for dependency in package.dependencies.iter().filter(|dependency| !dependency.is_dev_only) {
            let Some(next) = workspace.packages.get(&dependency.id) else { continue };
            if seen.insert(&dependency.id) {
                names.insert(next.name.clone());
                open.push(next);
            }
        }
    }
    names
}
