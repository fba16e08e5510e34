//! From a node's metadata to its index entries.

use rusqlite::types::Value as Sql;
use serde_json::Value;
use tile_base::filter::{strings, tokens};

/// Longest text kept whole in the index, in bytes; longer ones keep this prefix and a hash, so equality stays exact.
pub const TEXT_BYTES_MAX: usize = 1024;
/// Deepest nesting that is indexed.
const DEPTH_MAX: usize = 24;

/// The name under which the value at a dotted path is stored.
pub fn value_name(path: &str) -> String {
    format!("={path}")
}

/// The name under which the scalar items of a list are stored, and those keys of an object that no path leads to. The first
/// letter keeps these names apart from values', whatever a key holds.
pub fn member_name(path: &str) -> String {
    format!("@{path}")
}

/// What the index stores for one value. Objects and lists become markers: their presence can be asked for.
pub fn entry(value: &Value) -> Option<Sql> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(b) => Sql::Blob(vec![u8::from(*b)]),
        Value::Number(n) => {
            n.as_i64().map_or_else(|| Sql::Real(n.as_f64().unwrap_or(f64::MAX)), Sql::Integer)
        }
        Value::String(s) => Sql::Text(text(s)),
        Value::Object(_) => Sql::Blob(vec![2]),
        Value::Array(_) => Sql::Blob(vec![3]),
    })
}

fn text(s: &str) -> String {
    if s.len() <= TEXT_BYTES_MAX {
        return s.to_owned();
    }
    format!("{}\u{10FFFF}{:032x}", prefix(s, TEXT_BYTES_MAX), fnv1a(s.as_bytes()))
}

/// The longest beginning of `s` that has at most `bytes` bytes.
pub fn prefix(s: &str, bytes: usize) -> &str {
    s.get(..s.floor_char_boundary(bytes)).unwrap_or("")
}

/// FNV-1a of 128 bits: it is stored, so it may not change with the compiler.
fn fnv1a(bytes: &[u8]) -> u128 {
    let start = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    bytes.iter().fold(start, |hash: u128, b| {
        (hash ^ u128::from(*b)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    })
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

/// All entries of a node: (name, value). A key with a dot inside is no part of any path, as in `tile_base::filter`.
pub fn entries(metadata: &Value) -> Vec<(String, Sql)> {
    let mut out = Vec::new();
    if let Value::Object(map) = metadata {
        for (key, value) in map.iter().filter(|(key, _)| !key.contains('.')) {
            walk(key, value, 1, &mut out);
        }
    }
    out
}

fn walk(path: &str, value: &Value, depth: usize, out: &mut Vec<(String, Sql)>) {
    let Some(found) = entry(value) else { return };
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                if depth < DEPTH_MAX && !inner.is_null() && !key.contains('.') {
                    walk(&format!("{path}.{key}"), inner, depth + 1, out);
                } else {
                    out.push((member_name(path), Sql::Text(text(key))));
                }
            }
        }
        Value::Array(items) => {
            let scalars = items.iter().filter(|i| !i.is_object() && !i.is_array());
            out.extend(scalars.filter_map(entry).map(|item| (member_name(path), item)));
        }
        _ => {}
    }
    out.push((value_name(path), found));
}

/// The words of all texts of a node, cut and folded as searches cut and fold them.
pub fn words(metadata: &Value) -> String {
    let mut found = Vec::new();
    strings(metadata, &mut found);
    found.into_iter().flat_map(tokens).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scalars_lists_and_objects_are_indexed() {
        let mut got = entries(&json!({"a": 1, "b": {"c": "x", "d": null}, "e": [true, {"f": 1}], "g.h": 1}));
        got.sort_by(|x, y| x.0.cmp(&y.0));
        let names: Vec<_> = got.iter().map(|(n, _)| n.as_str()).collect();
        assert_eq!(names, ["=a", "=b", "=b.c", "=e", "@b", "@e"]);
        assert_eq!((&got[4].1, &got[5].1), (&Sql::Text("d".into()), &Sql::Blob(vec![1])));
    }

    #[test]
    fn the_stored_hash_never_changes() {
        // Published test vectors of FNV-1a, 128 bits.
        assert_eq!(fnv1a(b""), 0x6c62272e07bb014262b821756295c58d);
        assert_eq!(fnv1a(b"a"), 0xd228cb696f1a8caf78912b704e4a8964);
        assert_eq!(fnv1a(b"foobar"), 0x343e1662793c64bf6f0d3597ba446f18);
    }
}
