//! Whether two results are the same, as the oracle's `compare --strict-topk` has it.

use serde_json::Value as Json;

/// `wanted` is the oracle's or the JVM's, `got` is ours.
pub fn same(wanted: &Json, got: &Json) -> bool {
    match (wanted, got) {
        (Json::Object(wanted), _) if wanted.contains_key("__unsupported__") => true,
        (Json::Object(wanted), Json::Object(got)) if wanted.contains_key("__topk__") => {
            let (k, counts) = (wanted["__topk__"].as_u64(), wanted["counts"].as_object().unwrap());
            let count = |key: &String| counts.get(key).and_then(Json::as_i64);
            let mut all: Vec<i64> = counts.values().filter_map(Json::as_i64).collect();
            all.sort_unstable();
            let cut = all[all.len() - usize::try_from(k.unwrap()).unwrap()];
            got.len() as u64 == k.unwrap()
                && got.iter().all(|(key, n)| count(key) == n.as_i64() && n.as_i64() >= Some(cut))
                && counts.iter().all(|(key, n)| n.as_i64() <= Some(cut) || got.contains_key(key))
        }
        (Json::Object(x), Json::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(k, v)| y.get(k).is_some_and(|w| same(v, w)))
        }
        (Json::Array(x), Json::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(v, w)| same(v, w)),
        (Json::Number(x), Json::Number(y)) if x.is_f64() || y.is_f64() => {
            let (x, y) = (x.as_f64().unwrap(), y.as_f64().unwrap());
            (x - y).abs() <= 1e-9 * x.abs().max(y.abs()).max(1.0)
        }
        _ => wanted == got,
    }
}
