//! From a node's metadata to its index entries.

use rusqlite::types::Value as Sql;
use serde_json::Value;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Longest text kept whole in the index, in bytes; longer ones keep this prefix and a hash, so equality stays exact.
const TEXT_BYTES_MAX: usize = 1024;
/// Deepest nesting that is indexed.
const DEPTH_MAX: usize = 24;

/// What the index stores for one value. Objects and lists become markers: their presence can be asked for, and lists
/// give one more entry per scalar item under the name `key[]`.
pub fn entry(value: &Value) -> Option<Sql> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(b) => Sql::Blob(vec![u8::from(*b)]),
        Value::Number(n) => n.as_i64().map_or_else(|| Sql::Real(n.as_f64().unwrap_or(f64::MAX)), Sql::Integer),
        Value::String(s) => Sql::Text(text(s)),
        Value::Object(_) => Sql::Blob(vec![2]),
        Value::Array(_) => Sql::Blob(vec![3]),
    })
}

fn text(s: &str) -> String {
    if s.len() <= TEXT_BYTES_MAX {
        return s.to_owned();
    }
    let mut cut = TEXT_BYTES_MAX;
    while !s.is_char_boundary(cut) {
        cut -= 1;
    }
    let mut hasher = DefaultHasher::new();
    s.hash(&mut hasher);
    format!("{}\u{10FFFF}{:016x}", s.get(..cut).unwrap_or(""), hasher.finish())
}

/// Reads an entry back as JSON; `None` for the markers of objects and lists.
pub fn scalar(value: &Sql) -> Option<Value> {
    match value {
        Sql::Integer(i) => Some(Value::from(*i)),
        Sql::Real(f) => Some(Value::from(*f)),
        Sql::Text(s) => Some(Value::from(s.as_str())),
        Sql::Blob(b) if b.as_slice() == [0] => Some(Value::Bool(false)),
        Sql::Blob(b) if b.as_slice() == [1] => Some(Value::Bool(true)),
        Sql::Null | Sql::Blob(_) => None,
    }
}

/// All entries of a node: (dotted name, value). Names with a dot inside a key are ambiguous, as they are in queries.
pub fn entries(metadata: &Value) -> Vec<(String, Sql)> {
    let mut out = Vec::new();
    if let Value::Object(map) = metadata {
        for (key, value) in map {
            walk(key.clone(), value, 1, &mut out);
        }
    }
    out
}

fn walk(name: String, value: &Value, depth: usize, out: &mut Vec<(String, Sql)>) {
    let Some(found) = entry(value) else { return };
    match value {
        Value::Object(map) if depth < DEPTH_MAX => {
            for (key, inner) in map {
                walk(format!("{name}.{key}"), inner, depth + 1, out);
            }
        }
        Value::Array(items) => {
            for item in items.iter().filter(|i| !i.is_object() && !i.is_array()) {
                if let Some(item) = entry(item) {
                    out.push((format!("{name}[]"), item));
                }
            }
        }
        _ => {}
    }
    out.push((name, found));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scalars_lists_and_objects_are_indexed() {
        let mut got = entries(&json!({"a": 1, "b": {"c": "x", "d": null}, "e": [true, {"f": 1}]}));
        got.sort_by(|x, y| x.0.cmp(&y.0));
        let names: Vec<_> = got.iter().map(|(n, _)| n.as_str()).collect();
        assert_eq!(names, ["a", "b", "b.c", "e", "e[]"]);
        assert_eq!(got[4].1, Sql::Blob(vec![1]));
    }
}
