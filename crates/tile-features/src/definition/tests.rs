//! Real compiled files, read and written back.

use super::*;
use crate::operation::{Dialect, Operation};
use crate::types::Type;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/features/compiled")
}

/// All compiled files: their paths and texts.
fn files() -> Vec<(String, String)> {
    fn walk(folder: &Path, files: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else {
                files.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut files = Vec::new();
    walk(&folder().join("chronon-ai"), &mut files);
    walk(&folder().join("zipline-ai"), &mut files);
    files.sort();
    assert_eq!(files.len(), 10);
    files
}

fn load(path: &str) -> Declared {
    let text = std::fs::read_to_string(folder().join(path)).unwrap();
    read_compiled(path, &text).unwrap().pop().unwrap()
}

fn group(path: &str) -> Arc<GroupBy> {
    match load(path).what {
        What::GroupBy(group) => group,
        other => panic!("{other:?}"),
    }
}

fn join(path: &str) -> Arc<Join> {
    match load(path).what {
        What::Join(join) => join,
        other => panic!("{other:?}"),
    }
}

/// The paths of members that `all` has and `some` has not, places in lists left out.
fn missing(all: &Json, some: &Json, path: &str, out: &mut std::collections::BTreeSet<String>) {
    match (all, some) {
        (Json::Object(all), Json::Object(some)) => {
            for (name, value) in all {
                let path = format!("{path}.{name}");
                match some.get(name) {
                    Some(other) => missing(value, other, &path, out),
                    None => {
                        out.insert(path);
                    }
                }
            }
        }
        (Json::Array(all), Json::Array(some)) => {
            assert_eq!(all.len(), some.len(), "{path}");
            all.iter().zip(some).for_each(|(a, b)| missing(a, b, path, out));
        }
        _ => assert!(all == some || all.as_f64() == some.as_f64(), "{path}: {all} is not {some}"),
    }
}

#[test]
fn every_file_is_read_and_written_back_with_all_that_it_says() {
    let mut unwritten = std::collections::BTreeSet::new();
    for (path, text) in files() {
        let declared = read_compiled(&path, &text).unwrap().pop().unwrap();
        let json: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(declared.to_json(), json, "{path}");
        assert_eq!(declared.dialect == Dialect::Zipline, path.contains("zipline-ai"), "{path}");
        assert!(declared.refusal().is_none(), "{path}");
        assert_eq!(check::check(&declared), [], "{path}");
        // What is understood says nearly all of it, without the help of what was kept.
        let understood = Declared { read: serde_json::Map::new(), ..declared };
        if !matches!(understood.what, What::Team) {
            missing(&json, &understood.to_json(), "", &mut unwritten);
        }
    }
    let within = |path: &String| path.replace(".joinParts.groupBy", "");
    let mut left: Vec<String> = unwritten.iter().map(within).collect();
    left.sort();
    left.dedup();
    // Empty lists and zeros are not written, nor is what follows from the rest.
    let wanted = [
        ".accuracy",
        ".bootstrapParts.query.setups",
        ".left.events.query.setups",
        ".metaData.production",
        ".onlineExternalParts.source.metadata.team",
        ".sources.entities.query.setups",
        ".sources.events.query.setups",
        ".useLongNames",
    ];
    assert_eq!(left, wanted);
}

#[test]
fn the_ice_cream_example_is_understood() {
    let group = group("chronon-ai/group_bys/shop/ice_cream.ice_cream_group_by");
    assert_eq!(group.meta.name, "shop.ice_cream.ice_cream_group_by");
    assert!(group.meta.is_online && !group.meta.is_production);
    assert_eq!(group.meta.custom()["enable_tiling"], true);
    assert_eq!(group.keys, ["customer_id"]);
    assert_eq!(group.accuracy, Accuracy::Temporal);
    assert_eq!(group.sources[0].query.time.as_deref(), Some("created"));
    let aggregations = group.aggregations.as_ref().unwrap();
    assert_eq!(aggregations[1].operation, Operation::Last);
    assert_eq!(aggregations[1].windows[0].to_string(), "6h");
}

#[test]
fn numbers_from_18_on_are_those_of_the_dialect() {
    let operations = |path: &str| -> Vec<Operation> {
        group(path).aggregations.iter().flatten().map(|a| a.operation).collect()
    };
    let airbnb = operations("chronon-ai/group_bys/shop/everything.v1");
    assert!(airbnb.contains(&Operation::ApproxHistogramK) && airbnb.contains(&Operation::BoundedUniqueCount));
    let zipline = operations("zipline-ai/group_bys/shop/ice_cream.v1__1");
    assert!(zipline.contains(&Operation::ApproxFrequentK) && zipline.contains(&Operation::UniqueTopK));
    let text = json!({
        "metaData": {"name": "a.b"}, "keyColumns": ["k"], "sources": [{"events": {"table": "t"}}],
        "aggregations": [{"inputColumn": "v", "operation": 18, "argMap": {"k": "3"}}]
    })
    .to_string();
    let error = read_compiled("a.b", &text).unwrap_err();
    assert!(error.detail().contains("Say which dialect"), "{error}");
    for (dialect, wanted) in
        [(Dialect::Airbnb, Operation::ApproxHistogramK), (Dialect::Zipline, Operation::ApproxFrequentK)]
    {
        let declared = compiled::read_compiled_as("a.b", &text, Some(dialect)).unwrap().pop().unwrap();
        let What::GroupBy(group) = declared.what else { panic!() };
        assert_eq!(group.aggregations.as_ref().unwrap()[0].operation, wanted);
        assert_eq!(group.aggregations.as_ref().unwrap()[0].args.k, Some(3));
    }
}

#[test]
fn joins_have_their_parts_and_prefixes() {
    let join = join("chronon-ai/joins/shop/training.v1");
    let prefixes: Vec<String> = join.parts.iter().map(JoinPart::full_prefix).collect();
    assert_eq!(
        prefixes,
        ["shop_ice_cream_ice_cream_group_by", "who_shop_customers_plain", "shop_customers_ratings"]
    );
    assert_eq!(join.parts[0].left_key("customer_id"), "customer");
    assert_eq!(join.external[0].values, [("temp".to_owned(), Type::Double)]);
    assert!(join.external[1].is_contextual());
    let plain = &join.parts[1].group_by;
    assert!(plain.aggregations.is_none() && plain.accuracy == Accuracy::Snapshot);
    let ratings = &join.parts[2].group_by;
    assert!(
        matches!(&ratings.sources[0].rows, Rows::Entities { mutations: Some(m), .. } if m == "db.ratings_mutations")
    );
}

#[test]
fn short_names_of_zipline_are_the_keys() {
    let declared = load("zipline-ai/joins/shop/training_join.v1__1");
    let What::Join(join) = &declared.what else { panic!() };
    assert_eq!(join.parts[0].full_prefix(), "customer_id");
    // The names that its compiler gave.
    let hashes = declared.to_json()["metaData"]["columnHashes"].clone();
    for aggregation in join.parts[0].group_by.aggregations.iter().flatten() {
        let suffix = aggregation.operation.suffix(aggregation.args.k);
        let name = format!("customer_id_{}_{suffix}_{}", aggregation.input, aggregation.windows[0]);
        assert!(hashes.get(&name).is_some(), "{name} is not among {hashes}");
    }
    // Of long names only the versions of old go.
    assert_eq!(join.parts[0].group_by.meta.unversioned(), "shop.ice_cream.v1__1");
    let old = Meta { name: "shop.ice_cream__v12".into(), ..Meta::default() };
    assert_eq!(old.unversioned(), "shop.ice_cream");
}

#[test]
fn what_is_not_supported_is_said_with_its_path() {
    let declared = load("chronon-ai/group_bys/shop/everything.v1");
    let at: Vec<&str> = declared.notices.iter().map(|n| n.at.as_str()).collect();
    assert_eq!(at, ["sources[0].events.query.setups"]);
    let text = json!({
        "metaData": {"name": "a.b"}, "keyColumns": ["k"], "setups": [],
        "sources": [{"events": {"table": "t", "query": {"timeColum": "ts"}}}]
    });
    let declared = read_compiled("a.b", &text.to_string()).unwrap().pop().unwrap();
    let notice = declared.notices.iter().find(|n| n.at.ends_with("timeColum")).unwrap();
    assert_eq!(notice.at, "sources[0].events.query.timeColum");
    assert!(notice.what.contains("did you mean `timeColumn`?"));
}

#[test]
fn what_is_wrong_is_refused_with_its_path() {
    let source = json!([{"events": {"table": "t"}}]);
    for (text, wanted) in [
        (json!([]), "a compiled definition is a JSON object (at f)"),
        (json!({}), "this is neither a GroupBy"),
        (json!({"inferenceSpec": {}}), "models are not supported"),
        (json!({"keyColumns": ["k"], "sources": source}), "`metaData` is missing (at f)"),
        (json!({"metaData": {"name": 1}, "keyColumns": []}), "expected a text (at f: metaData.name)"),
        (json!({"metaData": {"name": ""}, "keyColumns": []}), "at f: metaData.name"),
        (json!({"metaData": {"name": "a"}, "keyColumns": "k"}), "expected a list (at f: keyColumns)"),
        (json!({"metaData": {"name": "a"}, "keyColumns": [1]}), "(at f: keyColumns[0])"),
        (json!({"metaData": {"name": "a"}, "sources": [{}]}), "(at f: sources[0])"),
        (
            json!({"metaData": {"name": "a"}, "sources": [{"events": {"tabel": "t"}}]}),
            "Did you mean `tabel`?",
        ),
        (
            json!({"metaData": {"name": "a"}, "keyColumns": [], "aggregations": [{"inputColumn": "v", "operation": 99}]}),
            "no operation has the number 99 (at f: aggregations[0].operation)",
        ),
        (
            json!({"metaData": {"name": "a"}, "keyColumns": [], "aggregations": [
                {"inputColumn": "v", "operation": 6, "windows": [{"length": -1, "timeUnit": 0}]}]}),
            "(at f: aggregations[0].windows[0].length)",
        ),
        (
            json!({"metaData": {"name": "a"}, "keyColumns": [], "aggregations": [
                {"inputColumn": "v", "operation": 13, "argMap": {"k": "x"}}]}),
            "(at f: aggregations[0].argMap.k)",
        ),
        (json!({"metaData": {"name": "a"}, "keyColumns": [], "accuracy": 2}), "(at f: accuracy)"),
    ] {
        let error = read_compiled("f", &text.to_string()).unwrap_err();
        assert!(error.detail().contains(wanted), "{text}: {}", error.detail());
    }
}

#[test]
fn deep_or_cut_files_are_refused() {
    let deep = "[".repeat(100_000);
    assert!(read_compiled("f", &deep).is_err());
    let (_, text) = files().swap_remove(2);
    for end in (0..text.len()).step_by(7).filter(|end| text.is_char_boundary(*end)) {
        assert!(read_compiled("f", text.get(..end).unwrap()).is_err());
    }
}
