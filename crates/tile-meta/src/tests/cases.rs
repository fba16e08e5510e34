//! Single cases that random ones meet rarely.

use super::model::{Place, check_tables, new_node, same_tally, tally};
use crate::{Catalog, NewAsset, NewSource, Page, Query, Scope};
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;
use tile_base::filter::{Comparison, Filter};
use tile_base::{Family, Kind};

fn eq(key: &str, value: Value) -> Filter {
    Filter::Eq { key: key.into(), value }
}
fn contains(key: &str, value: Value) -> Filter {
    Filter::Contains { key: key.into(), value }
}

#[test]
fn objects_and_lists_are_compared_by_content() {
    let place = Place::of(&[
        json!({"a": 5}),
        json!({"a": [1]}),
        json!({"a": "[1]"}),
        json!({"a": {"x": 1, "y": 2}}),
        json!({"a": {"y": 2, "x": 1}}),
        json!({"a": true}),
        json!({}),
    ]);
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
    for value in [
        json!(null),
        json!({"x": 1}),
        json!([2]),
        json!("say"),
        json!("null"),
        json!("b.c"),
        json!("b"),
        json!("c"),
        json!(3),
        json!(3.0),
        json!(true),
        json!(""),
    ] {
        place.check_one(contains("a", value));
    }
}

#[test]
fn names_of_list_items_and_dotted_keys_are_not_paths() {
    let place = Place::of(&[
        json!({"x": [1]}),
        json!({"x[]": 1}),
        json!({"a": {"b": 1}}),
        json!({"a.b": 1}),
        json!({"a": {"b": 2}, "a.b": 1}),
        json!({"": {"": 1}}),
    ]);
    for key in ["x", "x[]", "a", "a.b", "", ".", "=x", "@x"] {
        place.check_one(eq(key, json!(1)));
        place.check_one(Filter::KeyPresent { key: key.into(), exists: false });
        place.check_one(contains(key, json!(1)));
    }
}

#[test]
fn long_texts_are_matched_to_their_ends() {
    let base = "long ".repeat(203);
    let texts: Vec<String> = [
        "",
        "x",
        "é",
        "xxxxxxxx",
        "xxxxxxxxxxxx end",
        "xxxxxxxxxxxx eND",
        "xxxxxxxxxx é",
        "xxxxxxxx\u{10FFFF}a",
        "xxxxxxxx\u{10FFFF}b",
    ]
    .iter()
    .map(|end| format!("{base}{end}"))
    .collect();
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
    let texts = [
        "ΣΑΣ",
        "Größe",
        "e\u{301}te\u{301}",
        "été",
        "क्षि",
        "x²",
        "\u{E000}",
        "İstanbul",
        "ﬁne",
        "a_b",
        "R2D2",
        "日本語 テキスト",
        "𝒜𝒷",
        "ⅷ",
        "ǅ",
        "Straße",
        "\u{1E9E}",
        "ꟹ",
    ];
    let place = Place::of(&texts.map(|t| json!({"t": [t, {"u": t}]})));
    for text in texts
        .iter()
        .flat_map(|t| [(*t).to_owned(), t.to_lowercase(), t.to_uppercase(), t.chars().take(1).collect()])
    {
        place.check_one(Filter::FullText(text));
    }
    place.check_one(Filter::FullText("AND OR NOT NEAR(a b) \"".into()));
}

#[test]
fn floats_are_found_after_replacing_them() {
    let mut place = Place::of(&[
        json!({"f": 0.1}),
        json!({"f": 122_416_294_033_786_585.0, "g": 7.205_759_403_792_794e16}),
    ]);
    // Floats that a quick reader misses by the last bit, and the ends of the range.
    let awkward = [
        "122416294033786585.0",
        "72057594037927933e0",
        "2.2250738585072011e-308",
        "1.7976931348623157e308",
        "9.5e-7",
        "3.3371060193700004e-310",
        "8.41e21",
        "5e-324",
        "123456789.12345679",
    ];
    let awkward = awkward.map(|text| text.parse::<f64>().unwrap());
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
    let place = Place::of(&[
        json!({"n": 7, "t": "w7 w8"}),
        json!({"n": 7.5}),
        json!({"n": "7"}),
        json!({"n": true}),
        json!({"n": [7]}),
    ]);
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
        let query = place.children(vec![Filter::Regex {
            key: "a".into(),
            pattern: pattern.into(),
            case_sensitive: true,
        }]);
        assert_eq!(
            place.catalog.search(&query, Page::After(0), 5).unwrap_err().kind,
            Kind::Invalid,
            "{pattern}"
        );
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
    let asset =
        |path: &str, num| NewAsset { path: path.into(), is_directory: false, size: 3, mtime_ns: -5, num };
    let source = |assets| {
        Some(NewSource {
            format: "npy".into(),
            mimetype: "application/x-npy".into(),
            parameters: json!({"p": 1}),
            assets,
        })
    };
    let mut node = new_node("k", Family::Array, &json!({}), &[]);
    node.source = source(vec![asset("/b", Some(2)), asset("/a", Some(1)), asset("/c", Some(10))]);
    let id = place.catalog.write(|w| w.upsert(0, &node)).unwrap();
    let paths = |id| {
        place
            .catalog
            .source(id)
            .unwrap()
            .map(|s| s.assets.iter().map(|a| a.path.to_string_lossy().into_owned()).collect::<Vec<_>>())
    };
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

#[test]
fn every_condition_runs_over_an_index() {
    let place = Place::of(&[json!({"a": "x"})]);
    let key = || "a".to_owned();
    let (long, object) = (json!("x".repeat(2000)), json!({"x": [1]}));
    let mut filters = vec![
        Filter::FullText("x y".into()),
        Filter::Lookup("k".into()),
        Filter::Keys(vec!["k".into(), "l".into()]),
        Filter::Regex { key: key(), pattern: "x".into(), case_sensitive: false },
        Filter::Like { key: key(), pattern: "x%".into() },
        Filter::KeyPresent { key: key(), exists: true },
        Filter::KeyPresent { key: key(), exists: false },
        Filter::Specs { include: vec!["x".into()], exclude: vec!["y".into()] },
        Filter::Family(Family::Table),
    ];
    for value in [json!(1), json!("x"), json!(true), json!(null), long, object] {
        let values = vec![value.clone(), json!(2), json!([2])];
        filters.extend([
            eq("a", value.clone()),
            contains("a", value.clone()),
            Filter::NotEq { key: key(), value: value.clone() },
            Filter::In { key: key(), values: values.clone() },
            Filter::NotIn { key: key(), values },
            Filter::Compare { key: key(), op: Comparison::Gt, value: value.clone() },
            Filter::Compare { key: key(), op: Comparison::Le, value },
        ]);
    }
    for filter in filters {
        for scope in [Scope::Children(0), Scope::Descendants { of: 0, depth: 3 }] {
            let query = Query { scope, filters: vec![filter.clone()], order: vec![], newest_first: false };
            let found = crate::conditions::ids(&query).unwrap();
            // A constant that finds nothing reads nothing, though its plan names the table.
            let constant = found.sql.contains("WHERE 0");
            let scans = scans(&place, &found.sql, found.params);
            assert!(constant || scans.is_empty(), "{filter:?}: {scans:?}");
        }
    }
    assert_eq!(scans(&place, "SELECT node FROM attrs WHERE value = 1", vec![]), ["SCAN attrs"]);
    assert_eq!(scans(&place, "SELECT id FROM nodes n WHERE metadata = ''", vec![]), ["SCAN n"]);
}

/// The steps of a query's plan that look at a whole table.
fn scans(place: &Place, sql: &str, params: Vec<rusqlite::types::Value>) -> Vec<String> {
    let steps = place.catalog.read(|db| {
        let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        statement.query_map(rusqlite::params_from_iter(params), |r| r.get(3))?.collect()
    });
    let steps: Vec<String> = steps.unwrap();
    assert!(!steps.is_empty(), "no plan for {sql}");
    let tables = ["SCAN nodes", "SCAN n", "SCAN attrs", "SCAN names"];
    let whole = |s: &String| {
        tables.iter().any(|t| s.strip_prefix(t).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
    };
    steps.into_iter().filter(whole).collect()
}
