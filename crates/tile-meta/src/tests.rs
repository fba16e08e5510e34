//! Random catalogs against the reference meaning of conditions (`tile_base::filter`), and what writing leaves behind.

use crate::index;
use crate::{Catalog, DistinctValue, NewAsset, NewNode, NewSource, Order, Page, Query, Scope};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestCaseResult;
use rusqlite::Connection;
use serde_json::{Map, Value, json};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use tempfile::TempDir;
use tile_base::filter::{Candidate, Comparison, Filter, same, value_at};
use tile_base::{Family, Kind, Spec};

// ---- What is generated ----

/// Few names, so that nodes share them; some that a dotted path or an index name could be confused with.
const NAMES: &[&str] = &[
    "a",
    "b",
    "c",
    "a[]",
    "[]",
    "a.b",
    "",
    "id",
    "metadata",
    "größe",
    "say \"x\"",
    "back\\slash",
    "n\0l",
    "日本",
];
const WORDS: &[&str] = &[
    "red",
    "Red",
    "green-blue",
    "it's",
    "say \"x\"",
    "50%",
    "a_b",
    "",
    " ",
    "--",
    "Größe",
    "GRÖSSE",
    "ΣΑΣ",
    "σας",
    "straße",
    "e\u{301}te",
    "İstanbul",
    "日本語",
    "x\0y",
    "1",
    "[1]",
    "{\"a\":1}",
    "null",
    "true",
    "ﬁne",
    "क्षि",
    "\u{E000}private",
    "\u{10FFFF}",
    "a*b",
    "AND",
    "🦀crab",
    "x²",
    "NEAR(a b)",
];

/// Texts longer than the index keeps whole, alike for more than a thousand bytes.
fn long_text() -> impl Strategy<Value = String> {
    (
        1018usize..1030,
        select(vec!["", "é", "日", "🦀", "\u{10FFFF}"]),
        select(vec!["", "a", "b", "B tail", "\u{10FFFF}z"]),
    )
        .prop_map(|(n, middle, end)| {
            let mut text = "long ".repeat(n / 5);
            text.push_str(&"x".repeat(n % 5));
            format!("{text}{middle}{end}")
        })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(WORDS).prop_map(str::to_owned),
        2 => (select(WORDS), select(WORDS)).prop_map(|(a, b)| format!("{a} {b}")),
        1 => "\\PC{0,12}",
        2 => long_text(),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        2 => any::<bool>().prop_map(Value::from),
        4 => (-2i64..4).prop_map(Value::from),
        2 => select(vec![0.0, -0.0, 1.0, 2.0, 0.5, -1.5, 1e300, -1e300, 5e-324]).prop_map(Value::from),
        // Integers that no float holds are compared with small floats only: see `large_integers_and_floats`.
        1 => select(vec![i64::MAX, i64::MIN, i64::MAX - 1, (1 << 53) + 1]).prop_map(Value::from),
        1 => select(vec![u64::MAX, (1 << 63) + (1 << 20)]).prop_map(Value::from),
        1 => (-1e9f64..1e9).prop_map(Value::from),
        6 => text().prop_map(Value::from),
    ]
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    vec((select(NAMES), inner), 0..5).prop_map(|pairs| {
        Value::Object(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>())
    })
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![vec(inner.clone(), 0..4).prop_map(Value::from), object(inner)]
    })
}

fn specs() -> impl Strategy<Value = Vec<Spec>> {
    vec((select(vec!["x", "y", "say \"x\"", "größe"]), proptest::option::of("[0-9]")), 0..3).prop_map(
        |list| list.into_iter().map(|(name, version)| Spec { name: name.to_owned(), version }).collect(),
    )
}

#[derive(Clone, Debug)]
enum Op {
    Put { parent: Index, key: &'static str, family: Family, metadata: Value, specs: Vec<Spec> },
    Remove(Index),
}

fn op() -> impl Strategy<Value = Op> {
    let keys = select(vec!["k", "l", "K", "größe", "a b", "%", "n\0l", "m'"]);
    let put = (any::<Index>(), keys, select(Family::ALL.to_vec()), object(value()), specs());
    prop_oneof![
        12 => put.prop_map(|(parent, key, family, metadata, specs)| Op::Put { parent, key, family, metadata, specs }),
        1 => any::<Index>().prop_map(Op::Remove),
    ]
}

/// A key path and a value: drawn freely, or taken from a node so that conditions have something to find.
#[derive(Clone, Debug)]
struct Aim {
    node: Index,
    path: Index,
    free_path: String,
    take_value: u8,
    free_value: Value,
}

fn aim() -> impl Strategy<Value = Aim> {
    let path = prop_oneof![5 => Just(String::new()), 1 => vec(select(NAMES), 1..4).prop_map(|p| p.join("."))];
    (any::<Index>(), any::<Index>(), path, 0u8..4, value()).prop_map(
        |(node, path, free_path, take_value, free_value)| Aim {
            node,
            path,
            free_path,
            take_value,
            free_value,
        },
    )
}

impl Aim {
    fn at(&self, model: &Model) -> (String, Value) {
        let mut paths = Vec::new();
        for node in &model.nodes {
            paths_of(&node.metadata, "", &mut paths);
        }
        let path = if self.free_path.is_empty() && !paths.is_empty() {
            self.path.get(&paths).clone()
        } else {
            self.free_path.clone()
        };
        let found: Vec<&Value> = model.nodes.iter().filter_map(|n| value_at(&n.metadata, &path)).collect();
        let value = match self.take_value {
            0 => self.free_value.clone(),
            1 if !found.is_empty() => part_of(found[self.node.index(found.len())], &self.path),
            _ if !found.is_empty() => found[self.node.index(found.len())].clone(),
            _ => self.free_value.clone(),
        };
        (path, value)
    }
}

/// Every path below an object, those included that no dotted text can name.
fn paths_of(value: &Value, before: &str, out: &mut Vec<String>) {
    if let Value::Object(map) = value {
        for (key, inner) in map {
            let path = if before.is_empty() { key.clone() } else { format!("{before}.{key}") };
            paths_of(inner, &path, out);
            if let Value::Array(_) = inner {
                out.push(format!("{path}[]"));
            }
            out.push(path);
        }
    }
}

/// Something that the value contains: an item, a key, a piece of text.
fn part_of(value: &Value, at: &Index) -> Value {
    match value {
        Value::Array(items) if !items.is_empty() => at.get(items).clone(),
        Value::Object(map) if !map.is_empty() => {
            Value::from(at.get(&map.keys().cloned().collect::<Vec<_>>()).as_str())
        }
        Value::String(s) if !s.is_empty() => {
            let chars: Vec<char> = s.chars().collect();
            let from = at.index(chars.len());
            Value::from(chars[from..].iter().take(1 + at.index(40)).collect::<String>())
        }
        other => other.clone(),
    }
}

#[derive(Clone, Debug)]
struct Wish {
    kind: u8,
    aim: Aim,
    more: Vec<Aim>,
    flag: bool,
    specs: (Vec<&'static str>, Vec<&'static str>),
}

const KINDS: u8 = 16;

fn wish() -> impl Strategy<Value = Wish> {
    let names = || vec(select(vec!["x", "y", "say \"x\"", "größe", "none"]), 0..2);
    (0..KINDS, aim(), vec(aim(), 0..3), any::<bool>(), (names(), names()))
        .prop_map(|(kind, aim, more, flag, specs)| Wish { kind, aim, more, flag, specs })
}

impl Wish {
    fn filter(&self, model: &Model) -> Filter {
        let (key, value) = self.aim.at(model);
        let values = || {
            std::iter::once(value.clone())
                .chain(self.more.iter().map(|a| a.at(model).1))
                .skip(usize::from(self.flag && self.more.is_empty()))
                .collect()
        };
        let as_text = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let compare = |op| Filter::Compare { key: key.clone(), op, value: value.clone() };
        let owned = |names: &[&str]| names.iter().map(|s| (*s).to_owned()).collect::<Vec<String>>();
        let some_key = |a: &Aim| {
            if model.nodes.is_empty() { "k".to_owned() } else { a.node.get(&model.nodes).key.clone() }
        };
        match self.kind {
            0 => Filter::FullText(as_text()),
            1 => Filter::Lookup(some_key(&self.aim)),
            2 => Filter::Keys(self.more.iter().map(some_key).collect()),
            3 => Filter::Regex {
                key,
                pattern: pattern(&as_text(), self.aim.take_value),
                case_sensitive: self.flag,
            },
            4 => Filter::Eq { key, value },
            5 => Filter::NotEq { key, value },
            6 => compare(Comparison::Gt),
            7 => compare(Comparison::Lt),
            8 => compare(if self.flag { Comparison::Ge } else { Comparison::Le }),
            9 | 10 => Filter::Contains { key, value },
            11 => Filter::In { key, values: values() },
            12 => Filter::NotIn { key, values: values() },
            13 => Filter::KeyPresent { key, exists: self.flag },
            14 => Filter::Like { key, pattern: like_pattern(&as_text(), self.aim.take_value) },
            _ if self.flag => Filter::Specs { include: owned(&self.specs.0), exclude: owned(&self.specs.1) },
            _ if self.specs.0.is_empty() => Filter::AccessTags(owned(&self.specs.1)),
            _ => Filter::Family(*self.aim.path.get(&Family::ALL)),
        }
    }
}

fn pattern(text: &str, how: u8) -> String {
    let part: String = text.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect();
    match how {
        0 => format!("^{}$", regex::escape(text)),
        1 => regex::escape(&part.to_uppercase()),
        2 => format!("{}$", regex::escape(&part)),
        _ => "^.{0,4}$|tail".to_owned(),
    }
}

fn like_pattern(text: &str, how: u8) -> String {
    match how {
        0 => text.to_uppercase(),
        1 => format!(
            "%{}",
            text.chars().rev().take(6).collect::<Vec<_>>().into_iter().rev().collect::<String>()
        ),
        2 => text.chars().enumerate().map(|(i, c)| if i % 3 == 1 { '_' } else { c }).collect(),
        _ => format!("{}%", text.chars().take(3).collect::<String>()),
    }
}

// ---- The model ----

#[derive(Clone, Debug)]
struct Entry {
    id: i64,
    parent: i64,
    key: String,
    family: Family,
    metadata: Value,
    specs: Vec<Spec>,
}

#[derive(Debug, Default)]
struct Model {
    /// In order of their ids, which is the order of insertion.
    nodes: Vec<Entry>,
}

impl Model {
    fn parents(&self) -> Vec<i64> {
        std::iter::once(0).chain(self.nodes.iter().map(|n| n.id)).collect()
    }
    fn subtree(&self, id: i64) -> BTreeSet<i64> {
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
    fn level_below(&self, node: &Entry, of: i64) -> Option<u32> {
        let (mut at, mut level) = (node, 1);
        while at.parent != of {
            at = self.nodes.iter().find(|n| n.id == at.parent)?;
            level += 1;
        }
        Some(level)
    }
    fn search(&self, query: &Query) -> Vec<&Entry> {
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

fn meets(node: &Entry, filter: &Filter) -> bool {
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

// ---- The catalog under test ----

struct Place {
    dir: TempDir,
    catalog: Catalog,
    model: Model,
}

impl Place {
    fn empty() -> Self {
        let dir = TempDir::new().unwrap();
        let catalog = Catalog::open(&dir.path().join("meta.sqlite")).unwrap();
        Self { dir, catalog, model: Model::default() }
    }

    fn with(ops: &[Op]) -> Self {
        let mut place = Self::empty();
        // Two transactions, so that entries of an earlier one are replaced and removed by a later one.
        let (first, second) = ops.split_at(ops.len() / 2);
        place.run(first);
        place.run(second);
        place
    }

    fn of(metadata: &[Value]) -> Self {
        let mut place = Self::empty();
        for (i, m) in metadata.iter().enumerate() {
            place.put(0, &format!("n{i}"), m);
        }
        place
    }

    fn put(&mut self, parent: i64, key: &str, metadata: &Value) -> i64 {
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

    fn run(&mut self, ops: &[Op]) {
        let model = &mut self.model;
        self.catalog.write(|w| ops.iter().try_for_each(|op| apply(w, model, op))).unwrap();
    }

    fn db(&self) -> Connection {
        Connection::open(self.dir.path().join("meta.sqlite")).unwrap()
    }

    /// Compares every way to page through a search with the model.
    fn check(&self, query: &Query, step: u64) -> TestCaseResult {
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

    fn children(&self, filters: Vec<Filter>) -> Query {
        Query { scope: Scope::Children(0), filters, order: vec![], newest_first: false }
    }

    fn check_one(&self, filter: Filter) {
        let query = self.children(vec![filter]);
        self.check(&query, 2).unwrap_or_else(|e| panic!("{:?}: {e}", query.filters));
    }
}

fn new_node(key: &str, family: Family, metadata: &Value, specs: &[Spec]) -> NewNode {
    NewNode {
        key: key.to_owned(),
        family,
        metadata: metadata.clone(),
        specs: specs.to_vec(),
        structure: json!({"n": 1}),
        source: None,
    }
}

fn apply(w: &mut crate::Writer<'_>, model: &mut Model, op: &Op) -> tile_base::Result<()> {
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

fn scope() -> impl Strategy<Value = (Index, Option<u32>)> {
    (any::<Index>(), prop_oneof![Just(None), (0u32..5).prop_map(Some)])
}

fn scope_of((node, depth): &(Index, Option<u32>), model: &Model) -> Scope {
    let parents = model.parents();
    // The root has the most below it.
    let of = if node.index(3) < 2 { 0 } else { *node.get(&parents) };
    depth.map_or(Scope::Children(of), |depth| Scope::Descendants { of, depth })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_single_condition_means_what_the_reference_says(ops in vec(op(), 1..14), wishes in vec(wish(), 24), step in 1u64..5) {
        let place = Place::with(&ops);
        for wish in &wishes {
            let filter = wish.filter(&place.model);
            for scope in [Scope::Children(0), Scope::Descendants { of: 0, depth: 64 }] {
                let query = Query { scope, filters: vec![filter.clone()], order: vec![], newest_first: wish.flag };
                place.check(&query, step).map_err(|e| TestCaseError::fail(format!("{query:?}\n{e}")))?;
            }
        }
    }

    #[test]
    fn conditions_together_are_a_conjunction(ops in vec(op(), 1..14), wishes in vec((vec(wish(), 0..4), scope(), any::<bool>()), 12), step in 1u64..5) {
        let place = Place::with(&ops);
        for (wishes, scope, newest_first) in &wishes {
            let filters = wishes.iter().map(|w| w.filter(&place.model)).collect();
            let query = Query { scope: scope_of(scope, &place.model), filters, order: vec![], newest_first: *newest_first };
            place.check(&query, step).map_err(|e| TestCaseError::fail(format!("{query:?}\n{e}")))?;
        }
    }

    #[test]
    fn sorted_searches_are_stable(ops in vec(op(), 1..14), sorts in vec((vec((aim(), any::<bool>()), 1..3), scope(), any::<bool>(), wish()), 8), step in 1u64..5) {
        let place = Place::with(&ops);
        for (keys, scope, newest_first, wish) in &sorts {
            let order = keys.iter().map(|(aim, descending)| {
                // SQLite's paths end at a zero character; the routes allow none in sort keys.
                let key = aim.at(&place.model).0.replace('\0', "");
                let key = match aim.take_value { 0 => "id".to_owned(), 1 => format!("metadata.{key}"), _ => key };
                Order { key, descending: *descending }
            });
            let filters = if wish.flag { vec![] } else { vec![wish.filter(&place.model)] };
            let query = Query { scope: scope_of(scope, &place.model), filters, order: order.collect(), newest_first: *newest_first };
            place.check(&query, step).map_err(|e| TestCaseError::fail(format!("{query:?}\n{e}")))?;
        }
    }

    #[test]
    fn distinct_values_are_counted(ops in vec(op(), 1..14), asked in vec((aim(), scope(), proptest::option::of(wish())), 12)) {
        let place = Place::with(&ops);
        for (aim, scope, wish) in &asked {
            let filters = wish.iter().map(|w| w.filter(&place.model)).collect();
            let query = Query { scope: scope_of(scope, &place.model), filters, order: vec![], newest_first: false };
            let key = aim.at(&place.model).0;
            let found = place.model.search(&query);
            let want = tally(found.iter().map(|n| value_at(&n.metadata, &key).cloned().unwrap_or_default()));
            let got = place.catalog.distinct_metadata(&query, &key, 1000).unwrap();
            same_tally(&got, &want, &format!("`{key}` of {query:?}"))?;
            prop_assert!(got.windows(2).all(|w| rank(&w[0].value) <= rank(&w[1].value)), "kinds in order, missing last: {:?}", got);
            let scalars = |w: &[DistinctValue]| rank(&w[0].value) == rank(&w[1].value) && rank(&w[0].value) < 3;
            prop_assert!(got.windows(2).filter(|w| scalars(w)).all(|w| tile_base::filter::compare(&w[0].value, &w[1].value) != Some(Ordering::Greater)), "values in order: {:?}", got);
            let present = want.iter().filter(|v| !v.value.is_null()).count();
            if present > 0 {
                let refused = place.catalog.distinct_metadata(&query, &key, present - 1).unwrap_err();
                prop_assert_eq!(refused.kind, Kind::TooLarge);
                prop_assert!(place.catalog.distinct_metadata(&query, &key, present).is_ok());
            }
            let families = tally(found.iter().map(|n| Value::from(n.family.name())));
            same_tally(&place.catalog.distinct_column(&query, false).unwrap(), &families, "families")?;
            let specs = tally(found.iter().map(|n| json!(n.specs)));
            same_tally(&place.catalog.distinct_column(&query, true).unwrap(), &specs, "specs")?;
        }
    }

    #[test]
    fn writing_leaves_exactly_the_present_entries(ops in vec(op(), 1..24)) {
        let place = Place::with(&ops);
        check_tables(&place)?;
        let model = &place.model;
        prop_assert_eq!(place.catalog.len().unwrap(), model.nodes.len() as u64);
        for node in &model.nodes {
            let found = place.catalog.child(node.parent, &node.key).unwrap().unwrap();
            prop_assert_eq!((found.id, found.family, found.metadata_json().unwrap(), found.spec_list()), (node.id, node.family, node.metadata.clone(), node.specs.clone()));
            let keys = place.catalog.keys_of(node.id).unwrap();
            let (walked, used) = place.catalog.walk(&keys).unwrap();
            prop_assert_eq!((walked.id, used), (node.id, keys.len()));
        }
        for parent in model.parents() {
            let want = model.nodes.iter().filter(|n| n.parent == parent).count();
            prop_assert_eq!(place.catalog.node(parent).unwrap().unwrap().children, want as u64, "children of {}", parent);
            let newest = model.nodes.iter().filter(|n| n.parent == parent).map(|n| n.id).max();
            prop_assert_eq!(place.catalog.last_child(parent).unwrap().map(|n| n.id), newest);
        }
        // Everything is there again in a new process, and everything can be taken away.
        let again = Catalog::open(&place.dir.path().join("meta.sqlite")).unwrap();
        prop_assert_eq!(again.len().unwrap(), model.nodes.len() as u64);
        let top: Vec<i64> = model.nodes.iter().filter(|n| n.parent == 0).map(|n| n.id).collect();
        again.write(|w| top.iter().try_for_each(|id| w.remove(*id))).unwrap();
        let db = place.db();
        for table in ["attrs", "texts", "sources", "assets"] {
            prop_assert_eq!(db.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get::<_, i64>(0)).unwrap(), 0, "{}", table);
        }
        prop_assert_eq!(again.len().unwrap(), 0);
        prop_assert_eq!(again.node(0).unwrap().unwrap().children, 0);
    }
}

/// The index tables hold what the nodes' metadata gives, nothing else.
fn check_tables(place: &Place) -> TestCaseResult {
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

fn tally(values: impl Iterator<Item = Value>) -> Vec<DistinctValue> {
    let mut out: Vec<DistinctValue> = Vec::new();
    for value in values {
        match out.iter_mut().find(|v| same(&v.value, &value)) {
            Some(found) => found.count += 1,
            None => out.push(DistinctValue { value, count: 1 }),
        }
    }
    out
}

fn same_tally(got: &[DistinctValue], want: &[DistinctValue], what: &str) -> TestCaseResult {
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
fn rank(value: &Value) -> u8 {
    match value {
        Value::Number(_) => 0,
        Value::String(_) => 1,
        Value::Bool(_) => 2,
        Value::Object(_) | Value::Array(_) => 3,
        Value::Null => 4,
    }
}

// ---- Single cases that random ones meet rarely ----

fn eq(key: &str, value: Value) -> Filter {
    Filter::Eq { key: key.into(), value }
}
fn contains(key: &str, value: Value) -> Filter {
    Filter::Contains { key: key.into(), value }
}

#[test]
fn objects_and_lists_are_compared_by_content() {
    let place = Place::of(&[json!({"a": 5}), json!({"a": [1]}), json!({"a": "[1]"}), json!({"a": {"x": 1, "y": 2}}), json!({"a": {"y": 2, "x": 1}}), json!({"a": true}), json!({})]);
    for value in [json!([1]), json!([2]), json!({"x": 1, "y": 2}), json!({})] {
        place.check_one(eq("a", value.clone()));
        place.check_one(Filter::NotEq { key: "a".into(), value: value.clone() });
        place.check_one(Filter::In { key: "a".into(), values: vec![value.clone(), json!(5)] });
        place.check_one(Filter::NotIn { key: "a".into(), values: vec![value.clone(), json!(5)] });
        place.check_one(contains("a", value));
    }
}

#[test]
fn containing_is_about_items_keys_and_pieces() {
    let place = Place::of(&[
        json!({"a": [null, {"x": 1}, [2], "say"]}),
        json!({"a": {"null": null, "b.c": 1, "b": {"c": 1}}}),
        json!({"a": "null and {\"x\":1} and 3 and true"}),
        json!({"a": {"b": {"c": 1}}}),
        json!({"a": 3}),
        json!({"a": [3.0, 3]}),
    ]);
    for value in [json!(null), json!({"x": 1}), json!([2]), json!("say"), json!("null"), json!("b.c"), json!("b"), json!("c"), json!(3), json!(3.0), json!(true), json!("")] {
        place.check_one(contains("a", value));
    }
}

#[test]
fn names_of_list_items_and_dotted_keys_are_not_paths() {
    let place = Place::of(&[json!({"x": [1]}), json!({"x[]": 1}), json!({"a": {"b": 1}}), json!({"a.b": 1}), json!({"a": {"b": 2}, "a.b": 1}), json!({"": {"": 1}})]);
    for key in ["x", "x[]", "a", "a.b", "", ".", "=x", "@x"] {
        place.check_one(eq(key, json!(1)));
        place.check_one(Filter::KeyPresent { key: key.into(), exists: false });
        place.check_one(contains(key, json!(1)));
    }
}

#[test]
fn long_texts_are_matched_to_their_ends() {
    let base = "long ".repeat(203);
    let texts: Vec<String> = ["", "x", "é", "xxxxxxxx", "xxxxxxxxxxxx end", "xxxxxxxxxxxx eND", "xxxxxxxxxx é", "xxxxxxxx\u{10FFFF}a", "xxxxxxxx\u{10FFFF}b"].iter().map(|end| format!("{base}{end}")).collect();
    let place = Place::of(&texts.iter().map(|t| json!({"t": t, "l": [t]})).collect::<Vec<_>>());
    for t in &texts {
        for op in [Comparison::Gt, Comparison::Lt, Comparison::Ge, Comparison::Le] {
            place.check_one(Filter::Compare { key: "t".into(), op, value: json!(t) });
        }
        place.check_one(eq("t", json!(t)));
        place.check_one(contains("l", json!(t)));
        place.check_one(Filter::Like { key: "t".into(), pattern: t.replace("end", "END") });
    }
    place.check_one(contains("t", json!("end")));
    place.check_one(Filter::Like { key: "t".into(), pattern: "%END".into() });
    place.check_one(Filter::Regex { key: "t".into(), pattern: "end$".into(), case_sensitive: false });
    place.check_one(Filter::FullText("end".into()));
    let got = place.catalog.distinct_metadata(&place.children(vec![]), "t", 100).unwrap();
    same_tally(&got, &tally(texts.iter().map(|t| json!(t))), "long texts").unwrap();
}

#[test]
fn words_are_cut_and_folded_as_in_the_reference() {
    let texts = ["ΣΑΣ", "Größe", "e\u{301}te\u{301}", "été", "क्षि", "x²", "\u{E000}", "İstanbul", "ﬁne", "a_b", "R2D2", "日本語 テキスト", "𝒜𝒷", "ⅷ", "ǅ", "Straße", "\u{1E9E}", "ꟹ"];
    let place = Place::of(&texts.map(|t| json!({"t": [t, {"u": t}]})));
    for text in texts.iter().flat_map(|t| [(*t).to_owned(), t.to_lowercase(), t.to_uppercase(), t.chars().take(1).collect()]) {
        place.check_one(Filter::FullText(text));
    }
    place.check_one(Filter::FullText("AND OR NOT NEAR(a b) \"".into()));
}

#[test]
fn floats_are_found_after_replacing_them() {
    let mut place = Place::of(&[json!({"f": 0.1}), json!({"f": 122_416_294_033_786_585.0, "g": 7.2057594037927933e16})]);
    let awkward = [2.2250738585072011e-308, 1.7976931348623157e308, 9.5e-7, 3.337_106_019_370_000_4e-310, 8.41e21, 5e-324, 123_456_789.123_456_79];
    for (i, f) in awkward.iter().enumerate() {
        place.put(0, &format!("f{i}"), &json!({"f": f}));
    }
    for f in awkward {
        let exact: Value = serde_json::from_str(&json!(f).to_string()).unwrap();
        assert_eq!(exact, json!(f), "floats survive as text");
        place.check_one(eq("f", json!(f)));
    }
    check_tables(&place).unwrap();
}

#[test]
fn large_requests_are_answered() {
    let place = Place::of(&[json!({"n": 7, "t": "w7 w8"}), json!({"n": 7.5}), json!({"n": "7"}), json!({"n": true}), json!({"n": [7]})]);
    let many: Vec<Value> = (0..40_000).map(|i| json!(i)).chain([json!(7.5), json!(true)]).collect();
    place.check_one(Filter::In { key: "n".into(), values: many.clone() });
    place.check_one(Filter::NotIn { key: "n".into(), values: many });
    place.check_one(Filter::Keys((0..40_000).map(|i| format!("n{i}")).collect()));
    place.check_one(Filter::FullText((0..20_000).map(|i| format!("w{i} ")).collect()));
    place.check_one(Filter::FullText("w7 w8 ".repeat(10_000)));
    place.check_one(Filter::Like { key: "t".into(), pattern: "%w".repeat(30_000) });
    let hundred = (0..100).map(|i| Filter::NotEq { key: "n".into(), value: json!(i * 8) }).collect();
    place.check(&place.children(hundred), 1).unwrap();
    let hundred = (0..100).map(|_| contains("n", json!("7"))).collect();
    place.check(&place.children(hundred), 1).unwrap();
}

#[test]
fn deep_metadata_is_indexed_to_its_limit_and_removed_whole() {
    let nested = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!({"d": inner}));
    let path = |depth: usize| vec!["d"; depth].join(".");
    let mut place = Place::of(&[nested(1), nested(24), nested(25)]);
    place.check_one(eq(&path(24), json!(1)));
    place.check_one(Filter::KeyPresent { key: path(24), exists: true });
    // Deeper than any JSON reader goes: it is stored, and leaves nothing behind.
    let id = place.put(0, "abyss", &nested(300));
    place.catalog.write(|w| w.remove(id)).unwrap();
    place.model.nodes.pop();
    check_tables(&place).unwrap();
}

#[test]
fn bad_patterns_are_refused() {
    let place = Place::of(&[json!({"a": "x"})]);
    for pattern in ["(", "a{1000}{1000}{1000}", "\\p{Nope}"] {
        let query = place.children(vec![Filter::Regex { key: "a".into(), pattern: pattern.into(), case_sensitive: true }]);
        assert_eq!(place.catalog.search(&query, Page::After(0), 5).unwrap_err().kind, Kind::Invalid, "{pattern}");
        assert_eq!(place.catalog.count(&query, None).unwrap_err().kind, Kind::Invalid, "{pattern}");
    }
}

#[test]
fn a_newer_catalog_is_refused_and_left_alone() {
    let place = Place::of(&[json!({"a": 1})]);
    let path = place.dir.path().join("meta.sqlite");
    drop(place.catalog);
    let db = Connection::open(&path).unwrap();
    let version: i64 = db.pragma_query_value(None, "user_version", |r| r.get(0)).unwrap();
    db.pragma_update(None, "user_version", version + 1).unwrap();
    let refused = Catalog::open(&path).err().expect("a newer version is refused");
    assert_eq!(refused.kind, Kind::Conflict);
    assert!(refused.hint.is_some());
    db.pragma_update(None, "user_version", version).unwrap();
    assert_eq!(Catalog::open(&path).unwrap().len().unwrap(), 1);
}

#[test]
fn what_is_no_database_is_refused() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("meta.sqlite");
    std::fs::write(&path, "x".repeat(5000)).unwrap();
    assert_eq!(Catalog::open(&path).err().map(|e| e.kind), Some(Kind::Damaged));
}

#[test]
fn a_failed_write_changes_nothing() {
    let place = Place::of(&[json!({"a": 1})]);
    let (before, nodes) = (place.catalog.generation(), place.catalog.len().unwrap());
    let failed = place.catalog.write(|w| {
        w.upsert(0, &new_node("n0", Family::Table, &json!({"a": 2}), &[]))?;
        w.upsert(0, &new_node("other", Family::Table, &json!({"a": 2}), &[]))?;
        Err::<(), _>(tile_base::Error::invalid("changed my mind"))
    });
    assert_eq!(failed.unwrap_err().kind, Kind::Invalid);
    assert_eq!((place.catalog.generation(), place.catalog.len().unwrap()), (before, nodes));
    place.check_one(eq("a", json!(2)));
    place.check_one(eq("a", json!(1)));
    check_tables(&place).unwrap();
    place.catalog.write(|w| w.set_setting("s", "v")).unwrap();
    assert_ne!(place.catalog.generation(), before);
    assert_eq!(place.catalog.setting("s").unwrap().as_deref(), Some("v"));
}

#[test]
fn sources_are_replaced_with_their_nodes() {
    let place = Place::empty();
    let asset = |path: &str, num| NewAsset { path: path.into(), is_directory: false, size: 3, mtime_ns: -5, num };
    let source = |assets| Some(NewSource { format: "npy".into(), mimetype: "application/x-npy".into(), parameters: json!({"p": 1}), assets });
    let mut node = new_node("k", Family::Array, &json!({}), &[]);
    node.source = source(vec![asset("/b", Some(2)), asset("/a", Some(1)), asset("/c", Some(10))]);
    let id = place.catalog.write(|w| w.upsert(0, &node)).unwrap();
    let paths = |id| place.catalog.source(id).unwrap().map(|s| s.assets.iter().map(|a| a.path.to_string_lossy().into_owned()).collect::<Vec<_>>());
    assert_eq!(paths(id).unwrap(), ["/a", "/b", "/c"]);
    node.source = source(vec![asset("/d", None)]);
    place.catalog.write(|w| w.upsert(0, &node)).unwrap();
    assert_eq!(paths(id).unwrap(), ["/d"]);
    assert_eq!(place.catalog.children_with_sources(0).unwrap()[0].1.as_ref().unwrap().assets[0].mtime_ns, -5);
    node.source = None;
    place.catalog.write(|w| w.upsert(0, &node)).unwrap();
    assert_eq!(paths(id), None);
    assert_eq!(place.db().query_row("SELECT count(*) FROM assets", [], |r| r.get::<_, i64>(0)).unwrap(), 0);
}
