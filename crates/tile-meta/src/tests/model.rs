//! The model of a catalog, and a catalog beside it.

use super::generate::Op;
use crate::{Catalog, DistinctValue, NewNode, Page, Query, Scope, index};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use tempfile::TempDir;
use tile_base::filter::{Candidate, Filter, same, value_at};
use tile_base::{Family, Spec};

#[derive(Clone, Debug)]
pub struct Entry {
    pub id: i64,
    pub parent: i64,
    pub key: String,
    pub family: Family,
    pub metadata: Value,
    pub specs: Vec<Spec>,
}

#[derive(Debug, Default)]
pub struct Model {
    /// In order of their ids, which is the order of insertion.
    pub nodes: Vec<Entry>,
}

impl Model {
    pub fn parents(&self) -> Vec<i64> {
        std::iter::once(0).chain(self.nodes.iter().map(|n| n.id)).collect()
    }
    pub fn subtree(&self, id: i64) -> BTreeSet<i64> {
        let mut found = BTreeSet::from([id]);
        loop {
            let more: Vec<i64> = self
                .nodes
                .iter()
                .filter(|n| found.contains(&n.parent) && !found.contains(&n.id))
                .map(|n| n.id)
                .collect();
            if more.is_empty() {
                return found;
            }
            found.extend(more);
        }
    }
    pub fn level_below(&self, node: &Entry, of: i64) -> Option<u32> {
        let (mut at, mut level) = (node, 1);
        while at.parent != of {
            at = self.nodes.iter().find(|n| n.id == at.parent)?;
            level += 1;
        }
        Some(level)
    }
    pub fn search(&self, query: &Query) -> Vec<&Entry> {
        let inside = |n: &&Entry| match query.scope {
            Scope::Children(id) => n.parent == id,
            Scope::Descendants { of, depth } => self.level_below(n, of).is_some_and(|level| level <= depth),
        };
        let mut found: Vec<&Entry> =
            self.nodes.iter().filter(inside).filter(|n| query.filters.iter().all(|f| meets(n, f))).collect();
        if query.newest_first {
            found.reverse();
        }
        found.sort_by(|a, b| {
            let each = query.order.iter().map(|o| {
                let ascending = by_key(a, b, &o.key);
                if o.descending { ascending.reverse() } else { ascending }
            });
            each.fold(Ordering::Equal, Ordering::then)
        });
        found
    }
}

pub fn meets(node: &Entry, filter: &Filter) -> bool {
    let names: Vec<String> = node.specs.iter().map(|s| s.name.clone()).collect();
    let candidate =
        Candidate { key: &node.key, family: node.family, metadata: &node.metadata, specs: &names };
    filter.matches(&candidate, &|pattern, case_sensitive, text| {
        regex::RegexBuilder::new(pattern).case_insensitive(!case_sensitive).build().unwrap().is_match(text)
    })
}

/// Missing last; numbers, booleans among them as 0 and 1, before texts; objects and lists by their JSON text.
fn by_key(a: &Entry, b: &Entry, key: &str) -> Ordering {
    if key == "id" {
        return a.key.as_bytes().cmp(b.key.as_bytes());
    }
    let sorted = |n: &Entry| -> (u8, f64, i64, String) {
        match value_at(&n.metadata, key.strip_prefix("metadata.").unwrap_or(key)) {
            None => (2, 0.0, 0, String::new()),
            Some(Value::Bool(b)) => (0, f64::from(*b), i64::from(*b), String::new()),
            Some(Value::Number(v)) => (0, v.as_f64().unwrap(), v.as_i64().unwrap_or(0), String::new()),
            Some(Value::String(s)) => (1, 0.0, 0, s.clone()),
            Some(other) => (1, 0.0, 0, other.to_string()),
        }
    };
    let (x, y) = (sorted(a), sorted(b));
    x.0.cmp(&y.0)
        .then(x.1.partial_cmp(&y.1).unwrap())
        .then(x.2.cmp(&y.2))
        .then(x.3.as_bytes().cmp(y.3.as_bytes()))
}

pub struct Place {
    pub dir: TempDir,
    pub catalog: Catalog,
    pub model: Model,
}

impl Place {
    pub fn empty() -> Self {
        let dir = TempDir::new().unwrap();
        let catalog = Catalog::open(&dir.path().join("meta.sqlite")).unwrap();
        Self { dir, catalog, model: Model::default() }
    }

    pub fn with(ops: &[Op]) -> Self {
        let mut place = Self::empty();
        // Two transactions, so that entries of an earlier one are replaced and removed by a later one.
        let (first, second) = ops.split_at(ops.len() / 2);
        place.run(first);
        place.run(second);
        place
    }

    pub fn of(metadata: &[Value]) -> Self {
        let mut place = Self::empty();
        for (i, m) in metadata.iter().enumerate() {
            place.put(0, &format!("n{i}"), m);
        }
        place
    }

    pub fn put(&mut self, parent: i64, key: &str, metadata: &Value) -> i64 {
        let node = new_node(key, Family::Array, metadata, &[]);
        let id = self.catalog.write(|w| w.upsert(parent, &node)).unwrap();
        self.model.nodes.push(Entry {
            id,
            parent,
            key: key.to_owned(),
            family: Family::Array,
            metadata: metadata.clone(),
            specs: vec![],
        });
        id
    }

    pub fn run(&mut self, ops: &[Op]) {
        let model = &mut self.model;
        self.catalog.write(|w| ops.iter().try_for_each(|op| apply(w, model, op))).unwrap();
    }

    pub fn db(&self) -> Connection {
        Connection::open(self.dir.path().join("meta.sqlite")).unwrap()
    }

    /// Compares every way to page through a search with the model.
    pub fn check(&self, query: &Query, step: u64) -> TestCaseResult {
        let want: Vec<i64> = self.model.search(query).iter().map(|n| n.id).collect();
        let ids = |page, limit| {
            self.catalog
                .search(query, page, limit)
                .map(|nodes| nodes.iter().map(|n| n.id).collect::<Vec<_>>())
        };
        let plain = query.order.is_empty() && !query.newest_first;
        let total = want.len() as u64;
        prop_assert_eq!(self.catalog.count(query, None).unwrap(), total, "count");
        for limit in [0, 1, total, total + 1] {
            prop_assert_eq!(
                self.catalog.count(query, Some(limit)).unwrap(),
                total.min(limit),
                "count up to {}",
                limit
            );
        }
        prop_assert_eq!(&ids(Page::Offset(0), 1000).unwrap(), &want, "whole, by offset");
        prop_assert_eq!(&ids(Page::After(0), 1000).unwrap(), &want, "whole, after 0");
        let (mut by_offset, mut by_cursor) = (Vec::new(), Vec::new());
        for _ in 0..=want.len() {
            by_offset.extend(ids(Page::Offset(by_offset.len() as u64), step).unwrap());
            if plain {
                by_cursor.extend(ids(Page::After(by_cursor.last().copied().unwrap_or(0)), step).unwrap());
            }
        }
        prop_assert_eq!(&by_offset, &want, "pages by offset");
        if plain {
            prop_assert_eq!(&by_cursor, &want, "pages by cursor");
        }
        Ok(())
    }

    pub fn children(&self, filters: Vec<Filter>) -> Query {
        Query { scope: Scope::Children(0), filters, order: vec![], newest_first: false }
    }

    pub fn check_one(&self, filter: Filter) {
        let query = self.children(vec![filter]);
        self.check(&query, 2).unwrap_or_else(|e| panic!("{:?}: {e}", query.filters));
    }
}

pub fn new_node(key: &str, family: Family, metadata: &Value, specs: &[Spec]) -> NewNode {
    NewNode {
        key: key.to_owned(),
        family,
        metadata: metadata.clone(),
        specs: specs.to_vec(),
        structure: json!({"n": 1}),
        source: None,
    }
}

pub fn apply(w: &mut crate::Writer<'_>, model: &mut Model, op: &Op) -> tile_base::Result<()> {
    match op {
        Op::Put { parent, key, family, metadata, specs } => {
            let parent = *parent.get(&model.parents());
            let id = w.upsert(parent, &new_node(key, *family, metadata, specs))?;
            let entry = Entry {
                id,
                parent,
                key: (*key).to_owned(),
                family: *family,
                metadata: metadata.clone(),
                specs: specs.clone(),
            };
            match model.nodes.iter_mut().find(|n| n.parent == parent && n.key == *key) {
                Some(old) => {
                    assert_eq!(old.id, id, "a replaced node keeps its id");
                    *old = entry;
                }
                None => model.nodes.push(entry),
            }
            model.nodes.sort_by_key(|n| n.id);
        }
        Op::Remove(at) if !model.nodes.is_empty() => {
            let id = at.get(&model.nodes).id;
            w.remove(id)?;
            let gone = model.subtree(id);
            model.nodes.retain(|n| !gone.contains(&n.id));
        }
        Op::Remove(_) => {}
    }
    Ok(())
}

/// The index tables hold what the nodes' metadata gives, nothing else.
pub fn check_tables(place: &Place) -> TestCaseResult {
    let db = place.db();
    let mut list = db.prepare("SELECT a.parent, n.name, hex(CAST(a.value AS BLOB)), typeof(a.value), a.node FROM attrs a JOIN names n ON n.id = a.name").unwrap();
    let row = |r: &rusqlite::Row<'_>| {
        Ok(format!(
            "{:?}",
            (
                r.get::<_, i64>(0)?,
                r.get::<_, String>(1)?,
                r.get::<_, String>(2)?,
                r.get::<_, String>(3)?,
                r.get::<_, i64>(4)?
            )
        ))
    };
    let got: BTreeSet<String> = list.query_map([], row).unwrap().map(Result::unwrap).collect();
    let fresh = Connection::open_in_memory().unwrap();
    fresh.execute("CREATE TABLE attrs(parent INTEGER, name TEXT, value NOT NULL, node INTEGER, UNIQUE(parent, name, value, node))", []).unwrap();
    for node in &place.model.nodes {
        for (name, value) in index::entries(&node.metadata) {
            fresh
                .execute(
                    "INSERT OR IGNORE INTO attrs VALUES(?1, ?2, ?3, ?4)",
                    (node.parent, name, value, node.id),
                )
                .unwrap();
        }
    }
    let mut list = fresh
        .prepare("SELECT parent, name, hex(CAST(value AS BLOB)), typeof(value), node FROM attrs")
        .unwrap();
    let want: BTreeSet<String> = list.query_map([], row).unwrap().map(Result::unwrap).collect();
    prop_assert_eq!(got, want, "entries of the index");
    let mut list = db.prepare("SELECT rowid FROM texts ORDER BY rowid").unwrap();
    let texts: Vec<i64> = list.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect();
    let known: BTreeSet<i64> = place.model.nodes.iter().map(|n| n.id).collect();
    prop_assert!(
        texts.iter().all(|id| known.contains(id)),
        "texts of nodes that are gone: {:?} of {:?}",
        texts,
        known
    );
    Ok(())
}

pub fn tally(values: impl Iterator<Item = Value>) -> Vec<DistinctValue> {
    let mut out: Vec<DistinctValue> = Vec::new();
    for value in values {
        match out.iter_mut().find(|v| same(&v.value, &value)) {
            Some(found) => found.count += 1,
            None => out.push(DistinctValue { value, count: 1 }),
        }
    }
    out
}

pub fn same_tally(got: &[DistinctValue], want: &[DistinctValue], what: &str) -> TestCaseResult {
    prop_assert_eq!(got.len(), want.len(), "{}: {:?} instead of {:?}", what, got, want);
    for w in want {
        prop_assert!(
            got.iter().any(|g| same(&g.value, &w.value) && g.count == w.count),
            "{}: {:?} is missing in {:?}",
            what,
            w,
            got
        );
    }
    Ok(())
}

/// Numbers, texts, booleans, then objects and lists, then missing.
pub fn rank(value: &Value) -> u8 {
    match value {
        Value::Number(_) => 0,
        Value::String(_) => 1,
        Value::Bool(_) => 2,
        Value::Object(_) | Value::Array(_) => 3,
        Value::Null => 4,
    }
}
