//! Random metadata, changes of a catalog, and conditions that have something to find in it.

use super::model::Model;
use crate::Scope;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value};
use tile_base::filter::{Comparison, Filter, value_at};
use tile_base::{Family, Spec};

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

pub fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    vec((select(NAMES), inner), 0..5).prop_map(|pairs| {
        Value::Object(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>())
    })
}

pub fn value() -> impl Strategy<Value = Value> {
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
pub enum Op {
    Put { parent: Index, key: &'static str, family: Family, metadata: Value, specs: Vec<Spec> },
    Remove(Index),
}

pub fn op() -> impl Strategy<Value = Op> {
    let keys = select(vec!["k", "l", "K", "größe", "a b", "%", "n\0l", "m'"]);
    let put = (any::<Index>(), keys, select(Family::ALL.to_vec()), object(value()), specs());
    prop_oneof![
        12 => put.prop_map(|(parent, key, family, metadata, specs)| Op::Put { parent, key, family, metadata, specs }),
        1 => any::<Index>().prop_map(Op::Remove),
    ]
}

/// A key path and a value: drawn freely, or taken from a node so that conditions have something to find.
#[derive(Clone, Debug)]
pub struct Aim {
    pub node: Index,
    pub path: Index,
    pub free_path: String,
    pub take_value: u8,
    pub free_value: Value,
}

pub fn aim() -> impl Strategy<Value = Aim> {
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
    pub fn at(&self, model: &Model) -> (String, Value) {
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
pub struct Wish {
    pub kind: u8,
    pub aim: Aim,
    pub more: Vec<Aim>,
    pub flag: bool,
    pub specs: (Vec<&'static str>, Vec<&'static str>),
}

const KINDS: u8 = 16;

pub fn wish() -> impl Strategy<Value = Wish> {
    let names = || vec(select(vec!["x", "y", "say \"x\"", "größe", "none"]), 0..2);
    (0..KINDS, aim(), vec(aim(), 0..3), any::<bool>(), (names(), names()))
        .prop_map(|(kind, aim, more, flag, specs)| Wish { kind, aim, more, flag, specs })
}

impl Wish {
    pub fn filter(&self, model: &Model) -> Filter {
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

pub fn scope() -> impl Strategy<Value = (Index, Option<u32>)> {
    (any::<Index>(), prop_oneof![Just(None), (0u32..5).prop_map(Some)])
}

pub fn scope_of((node, depth): &(Index, Option<u32>), model: &Model) -> Scope {
    let parents = model.parents();
    // The root has the most below it.
    let of = if node.index(3) < 2 { 0 } else { *node.get(&parents) };
    depth.map_or(Scope::Children(of), |depth| Scope::Descendants { of, depth })
}
