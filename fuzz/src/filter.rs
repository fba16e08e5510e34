//! Query strings and conditions: the first line is a node's metadata as JSON, the second a query string, whose names become
//! key paths and whose values become what is looked for.

use serde_json::Value;
use tile_base::Family;
use tile_base::filter::{Candidate, Comparison, Filter, compare, value_at};
use tile_web::request::Query;

pub const SEEDS: &[&[u8]] = &[
    b"{\"a\": {\"b\": 1.0, \"\": [1, null, \"x\"]}, \"t\": \"Red green\"}\na.b=1&a.=%22x%22&t=red&t=%25RED%25",
    b"{\"n\": 9223372036854775807, \"f\": -0.0, \"b\": true}\nn=9223372036854775807&f=0&b=true&n=1e300",
    b"[]\n&&a&=b&a=b=c&%zz=+%20",
];

/// # Panics
/// When conditions contradict each other.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (metadata, query) = text.split_once('\n').unwrap_or(("{}", text));
    let metadata: Value = serde_json::from_str(metadata).unwrap_or_default();
    let query = Query::parse(query);
    assert!(query.0.len() <= text.len(), "no more parameters than text");
    for (name, value) in &query.0 {
        assert!(query.has(name) && query.all(name).any(|v| v == value));
        let _ = (query.flag(name, true), query.number(name, 1, 300));
        let _ = tile_web::request::keys(value).map(|path| path.0.iter().all(|k| !k.is_empty()));
        let wanted = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value.as_str()));
        check(&metadata, name, value, &wanted);
    }
}

fn check(metadata: &Value, key: &str, text: &str, wanted: &Value) {
    let specs = [text.to_owned()];
    let node = Candidate { key: text, family: Family::Array, metadata, specs: &specs };
    // Stands for an engine: found means equal.
    let hit = |filter: Filter| filter.matches(&node, &|pattern, _, have| pattern == have);
    let (key, value) = (|| key.to_owned(), || wanted.clone());
    let on = |op| hit(Filter::Compare { key: key(), op, value: value() });
    let present = hit(Filter::KeyPresent { key: key(), exists: true });
    assert_ne!(present, hit(Filter::KeyPresent { key: key(), exists: false }));
    assert_eq!(present, value_at(metadata, &key()).is_some());
    let eq = hit(Filter::Eq { key: key(), value: value() });
    assert_eq!(present && !eq, hit(Filter::NotEq { key: key(), value: value() }));
    assert_eq!(eq, hit(Filter::In { key: key(), values: vec![value()] }));
    assert_eq!(present && !eq, hit(Filter::NotIn { key: key(), values: vec![value()] }));
    assert!(
        !hit(Filter::In { key: key(), values: vec![] }) && hit(Filter::NotIn { key: key(), values: vec![] })
    );
    let (gt, lt) = (on(Comparison::Gt), on(Comparison::Lt));
    let ordered = value_at(metadata, &key()).and_then(|v| compare(v, wanted)).is_some();
    assert_eq!(u8::from(gt) + u8::from(lt) + u8::from(eq && ordered), u8::from(ordered));
    assert_eq!((on(Comparison::Ge), on(Comparison::Le)), (ordered && !lt, ordered && !gt));
    if let Some(have) = value_at(metadata, &key()).and_then(Value::as_str) {
        assert!(hit(Filter::Like { key: key(), pattern: "%".into() }));
        assert!(hit(Filter::Like { key: key(), pattern: have.replace(['%', '_'], "_") }));
        assert!(hit(Filter::Contains { key: key(), value: have.into() }));
        assert!(hit(Filter::Regex { key: key(), pattern: have.into(), case_sensitive: true }));
    }
    let _ = (
        hit(Filter::Contains { key: key(), value: value() }),
        hit(Filter::Like { key: key(), pattern: text.into() }),
    );
    let _ = hit(Filter::FullText(text.into()));
    assert!(hit(Filter::Lookup(text.into())) && hit(Filter::Keys(specs.to_vec())));
    assert!(!hit(Filter::Specs { include: vec![], exclude: specs.to_vec() }));
}
