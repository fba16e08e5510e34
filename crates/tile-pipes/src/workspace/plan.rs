//! What a deployment changes: the wanted files beside the live ones.

use super::compile::{Homes, PipeHome};
use super::resources::{Home, Resources, Source};
use crate::datafile::{Datasource, Pipe, project};
use std::collections::BTreeMap;
use tile_auth::ResourceToken;

/// New identities: letters and digits, never the same.
pub type NewId<'a> = &'a dyn Fn() -> String;

/// What becomes of the rows of a data source.
#[derive(Clone, Debug, PartialEq)]
pub enum Movement {
    /// An empty table; views fill it from what their sources have.
    New,
    /// The table stays.
    Kept,
    /// A new table takes the old one's rows.
    Migrated,
}

/// The difference. What is for the moment only is not remembered with the deployment.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Plan {
    #[serde(skip)]
    pub homes: Homes,
    #[serde(skip)]
    pub movements: BTreeMap<String, Movement>,
    pub new_sources: Vec<String>,
    pub changed_sources: Vec<String>,
    pub deleted_sources: Vec<String>,
    pub new_pipes: Vec<String>,
    pub changed_pipes: Vec<String>,
    pub deleted_pipes: Vec<String>,
    pub new_connections: Vec<String>,
    pub changed_connections: Vec<String>,
    pub deleted_connections: Vec<String>,
    /// The `TOKEN` lines of the wanted files.
    #[serde(skip)]
    pub tokens: Vec<ResourceToken>,
    /// Where rows come from that the deployment copies.
    pub fills: Vec<Fill>,
}

/// Rows that a deployment copies into a data source.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Fill {
    pub source: String,
    /// The pipe of the view that makes them; none for the data source's own old rows.
    pub view: Option<String>,
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        [
            &self.new_sources,
            &self.changed_sources,
            &self.deleted_sources,
            &self.new_pipes,
            &self.changed_pipes,
            &self.deleted_pipes,
            &self.new_connections,
            &self.changed_connections,
            &self.deleted_connections,
        ]
        .iter()
        .all(|list| list.is_empty())
    }
}

/// What a deployment will copy, by data source.
pub fn fills(plan: &Plan, wanted: &Resources) -> Vec<Fill> {
    let is_new = |name: &str| plan.movements.get(name) == Some(&Movement::New);
    let moved = plan.movements.iter().filter(|(_, m)| **m == Movement::Migrated);
    let mut out: Vec<Fill> = moved.map(|(name, _)| Fill { source: name.clone(), view: None }).collect();
    for view in wanted.views.iter().filter(|(name, _)| !is_new(name)).flat_map(|(_, views)| views) {
        let is_skipped = wanted.sources.get(&view.target).is_none_or(|t| t.file.backfill_skip);
        if is_new(&view.target) && !is_skipped {
            out.push(Fill { source: view.target.clone(), view: Some(view.pipe.clone()) });
        }
    }
    out.sort_by(|a, b| (&a.source, &a.view).cmp(&(&b.source, &b.view)));
    out
}

/// A data source that keeps its rows under another name.
#[derive(Clone, Debug, PartialEq)]
pub struct Renamed {
    pub from: String,
    pub to: String,
}

/// Compares. Resources keep their identity by their name, but for one that is renamed; each list is sorted.
pub fn plan(
    live: &Resources,
    wanted: &project::Resources,
    renamed: Option<&Renamed>,
    now_us: i64,
    new_id: NewId<'_>,
) -> Plan {
    let mut out = Plan::default();
    for file in &wanted.datasources {
        let before = renamed.filter(|r| r.to == file.name).map_or(&file.name, |r| &r.from);
        let old = live.sources.get(before);
        let (home, movement) = source(old, file, now_us, new_id, &mut out);
        out.homes.sources.insert(file.name.clone(), home);
        out.movements.insert(file.name.clone(), movement);
    }
    for file in &wanted.pipes {
        let home = pipe(live, file, now_us, new_id, &mut out);
        out.homes.pipes.insert(file.name.clone(), home);
    }
    for file in &wanted.connections {
        match live.connections.get(&file.name) {
            None => out.new_connections.push(file.name.clone()),
            Some(old) if (&old.kind, &old.description) != (&file.kind, &file.description) => {
                out.changed_connections.push(file.name.clone());
            }
            Some(_) => {}
        }
    }
    out.tokens = crate::tokens::lines(wanted.datasources.iter(), wanted.pipes.iter());
    let gone = |names: Vec<&String>, is_wanted: &dyn Fn(&str) -> bool| -> Vec<String> {
        names.into_iter().filter(|n| !is_wanted(n)).cloned().collect()
    };
    out.deleted_sources = gone(live.sources.keys().collect(), &|n| {
        renamed.is_some_and(|r| r.from == n) || wanted.datasources.iter().any(|d| d.name == n)
    });
    out.deleted_pipes = gone(live.pipes.keys().collect(), &|n| wanted.pipes.iter().any(|p| p.name == n));
    out.deleted_connections =
        gone(live.connections.keys().collect(), &|n| wanted.connections.iter().any(|c| c.name == n));
    out
}

fn source(
    old: Option<&Source>,
    file: &Datasource,
    now_us: i64,
    new_id: NewId<'_>,
    plan: &mut Plan,
) -> (Home, Movement) {
    let tables = |id: String, created_at_us: i64| {
        let unique = new_id();
        let (rows, quarantine) = (format!("ds_{unique}"), format!("dq_{unique}"));
        Home { id, rows, quarantine, created_at_us, updated_at_us: now_us }
    };
    let Some(old) = old else {
        plan.new_sources.push(file.name.clone());
        return (tables(format!("t_{}", new_id()), now_us), Movement::New);
    };
    if !is_same_table(&old.file, file) {
        plan.changed_sources.push(file.name.clone());
        return (tables(old.home.id.clone(), old.home.created_at_us), Movement::Migrated);
    }
    let mut home = old.home.clone();
    if old.file.name != file.name || !is_same_source(&old.file, file) {
        plan.changed_sources.push(file.name.clone());
        home.updated_at_us = now_us;
    }
    (home, Movement::Kept)
}

/// Whether both have the same columns and keep rows in the same way.
pub fn is_same_table(a: &Datasource, b: &Datasource) -> bool {
    let columns = |d: &Datasource| -> Vec<(String, String, Option<String>)> {
        d.columns.iter().map(|c| (c.name.clone(), c.sql_type(), c.default.clone())).collect()
    };
    let key = |d: &Datasource| d.engine.sorting_key.as_ref().map(|k| k.parts.clone()).unwrap_or_default();
    let merge = |d: &Datasource| {
        let e = &d.engine;
        (e.kind, e.ver.clone(), e.is_deleted.clone(), e.columns.clone(), e.sign.clone(), e.version.clone())
    };
    columns(a) == columns(b) && key(a) == key(b) && merge(a) == merge(b)
}

fn is_same_source(a: &Datasource, b: &Datasource) -> bool {
    a.print() == b.print()
}

fn pipe(live: &Resources, file: &Pipe, now_us: i64, new_id: NewId<'_>, plan: &mut Plan) -> PipeHome {
    let old = live.pipes.get(&file.name);
    let is_same = old.is_some_and(|old| old.file.print() == file.print());
    match old {
        None => plan.new_pipes.push(file.name.clone()),
        Some(_) if !is_same => plan.changed_pipes.push(file.name.clone()),
        Some(_) => {}
    }
    let node = |name: &str| {
        let known = old.and_then(|p| p.nodes.get(p.node(name)?)).map(|n| n.id.clone());
        known.unwrap_or_else(|| format!("n_{}", new_id()))
    };
    PipeHome {
        id: old.map_or_else(|| format!("p_{}", new_id()), |p| p.id.clone()),
        nodes: file.nodes.iter().map(|n| (n.name.clone(), node(&n.name))).collect(),
        created_at_us: old.map_or(now_us, |p| p.created_at_us),
        updated_at_us: old.filter(|_| is_same).map_or(now_us, |p| p.updated_at_us),
    }
}
