use super::check::check;
use super::*;
use crate::operation::Operation;
use std::path::Path;

const BASE: &str = "\
group_bys:
  a:
    source: s
    keys: [k]
    time: t
    selects: {v: x + 1, k: key}
    aggregations:
      - {op: sum, input: v, windows: [6h]}
joins:
  j:
    left: {source: l, time: at, selects: [id, k]}
    parts: [a]
";

/// What is wrong with the first definition of a file, with places.
fn found(text: &str, at: usize) -> Vec<String> {
    let declared = read("f.yaml", text).declared;
    let declared = &declared[at];
    declared.notices.iter().map(|n| format!("{}: {}", declared.place(&n.at), n.what)).collect()
}

#[test]
fn what_compilers_check_is_told_with_its_line() {
    assert!(found(BASE, 0).is_empty() && found(BASE, 1).is_empty());
    let one = |from: &str, to: &str| {
        assert!(BASE.contains(from), "{from}");
        found(&BASE.replace(from, to), 0)
    };
    assert_eq!(
        one("v: x + 1", "ts: x, v: x + 1"),
        ["f.yaml:6: `ts` is the name of the time: select it under another name"]
    );
    assert_eq!(
        one("    keys", "    accuracy: snapshot\n    keys"),
        ["f.yaml:9: values as of midnight have windows of whole days, not `6h`"]
    );
    assert_eq!(one("[6h]", "[6h, 6h]"), ["f.yaml:8: two aggregations give a column `v_sum_6h`"]);
    assert!(one("op: sum", "op: top_k")[0].starts_with("f.yaml:8: TOP_K needs a `k`"));
    assert!(one("op: sum", "percentiles: [2], op: approx_percentile")[0].contains("from 0 to 1"));
    assert!(one("x + 1", "x +")[0].starts_with("f.yaml:6: "));
    assert_eq!(
        one("joins:", "    derivations: {b: v_sum_6 * 2, c: v_sum_6h + ts}\njoins:"),
        ["f.yaml:9: `b` is made of `v_sum_6`, which is no column. Did you mean `v_sum_6h`?"]
    );
    let join = |from: &str, to: &str| found(&BASE.replace(from, to), 1);
    assert_eq!(
        join("    keys", "    online: false\n    keys"),
        ["f.yaml:13: the Join is online, and its GroupBy `a` is not"]
    );
    assert_eq!(
        join("parts: [a]", "parts: [a, a]"),
        ["f.yaml:12: two parts give a column `a_v_sum_6h`: give one of them a prefix"]
    );
    assert_eq!(
        join("parts: [a]", "parts: [a]\n    derivations: {b: a_v_sum + id}"),
        ["f.yaml:13: `b` is made of `a_v_sum`, which is no column. Did you mean `a_v_sum_6h`?"]
    );
}

#[test]
fn derivations_have_names_of_their_own() {
    let group = |derivations: &str| {
        found(&BASE.replace("joins:", &format!("    derivations: {{{derivations}}}\njoins:")), 0)
    };
    assert_eq!(
        group("v_sum_6h: v_sum_6h * 2"),
        ["f.yaml:9: the derivation `v_sum_6h` has the name of a column that is kept"]
    );
    assert_eq!(
        group("k: 1")[0],
        "f.yaml:9: the derivation `k` has the name of a key, or of a column of the left side"
    );
    assert_eq!(group("ts: 1"), ["f.yaml:9: the derivation `ts` has the name of the time"]);
    // What is renamed makes way, and what is not kept.
    assert!(group("v_sum_6h: k, other: v_sum_6h").is_empty());
    assert!(group("v_sum_6h: v_sum_6h").is_empty());
    let alone = BASE
        .replace("joins:", "    only_derivations: true\n    derivations: {v_sum_6h: v_sum_6h * 2}\njoins:");
    assert!(found(&alone, 0).is_empty());
    let join = |derivations: &str| found(&format!("{BASE}    derivations: {{{derivations}}}\n"), 1);
    assert_eq!(
        join("id: 1")[0],
        "f.yaml:13: the derivation `id` has the name of a key, or of a column of the left side"
    );
    assert_eq!(
        join("a_v_sum_6h: a_v_sum_6h + 1"),
        ["f.yaml:13: the derivation `a_v_sum_6h` has the name of a column that is kept"]
    );
    assert!(join("b: a_v_sum_6h").is_empty());
    // A compiler let it pass: it is said, and used.
    let (_, mut json) = compiled(ICE);
    json["derivations"] =
        serde_json::json!([{"name": "*", "expression": "*"}, {"name": "customer_id", "expression": "1"}]);
    let declared = read("f", &json.to_string()).declared.pop().unwrap();
    let [notice] = declared.notices.as_slice() else { panic!("{:?}", declared.notices) };
    assert!(!notice.is_error && notice.what.contains("whose place it takes"), "{notice:?}");
}

fn compiled(path: &str) -> (String, serde_json::Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/features/compiled").join(path);
    let text = std::fs::read_to_string(path).unwrap();
    (text.clone(), serde_json::from_str(&text).unwrap())
}

const ICE: &str = "chronon-ai/group_bys/shop/ice_cream.ice_cream_group_by";

#[test]
fn what_is_wrong_in_a_compiled_file_is_told_with_its_path() {
    let (_, json) = compiled(ICE);
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut json = json.clone();
        change(&mut json);
        let declared = read_compiled("f", &json.to_string()).unwrap().pop().unwrap();
        check(&declared).iter().map(|n| format!("{}: {}", declared.place(&n.at), n.what)).collect::<Vec<_>>()
    };
    assert!(with(&|_| {}).is_empty());
    assert_eq!(
        with(&|json| json["aggregations"][1]["inputColumn"] = "flavor".into()),
        ["f: aggregations[1].inputColumn: the input `flavor` is not selected. Did you mean `flavour`?"]
    );
    assert_eq!(
        with(&|json| json["keyColumns"][0] = "customer".into()),
        ["f: keyColumns: the key `customer` is not selected. Did you mean `customer_id`?"]
    );
    let snapshot = with(&|json| json["accuracy"] = 1.into());
    assert!(
        snapshot[0].starts_with("f: sources[0]: a GroupBy with accuracy SNAPSHOT has no topic"),
        "{snapshot:?}"
    );
    assert_eq!(snapshot.len(), 3, "{snapshot:?}");
    let timeless = with(&|json| {
        json["sources"][0]["events"]["query"].as_object_mut().unwrap().remove("timeColumn");
    });
    assert_eq!(
        timeless,
        ["f: sources[0]: events need a time column where values are exact to the millisecond"]
    );
    assert!(!with(&|json| json["isIncremental"] = 1.into()).is_empty());
    assert!(!with(&|json| json["sources"][0]["events"]["query"]["reversalColumn"] = "r".into()).is_empty());
    assert!(!with(&|json| json["metaData"]["deprecationDate"] = "soon".into()).is_empty());
}

#[test]
fn the_hash_is_that_of_the_meaning() {
    let (_, json) = compiled(ICE);
    let hash = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut json = json.clone();
        change(&mut json);
        match read_compiled("f", &json.to_string()).unwrap().pop().unwrap().what {
            What::GroupBy(group) => group.semantic_hash(),
            other => panic!("{other:?}"),
        }
    };
    let same = hash(&|_| {});
    let query = |json: &mut serde_json::Value| json["sources"][0]["events"]["query"].take();
    assert_eq!(same, hash(&|json| json["metaData"]["description"] = "other".into()));
    assert_eq!(same, hash(&|json| json["sources"][0]["events"]["topic"] = "other".into()));
    assert_eq!(
        same,
        hash(&|json| {
            let mut read = query(json);
            read["selects"] =
                serde_json::from_str(r#"{"flavour":"ice_cream_flavour","customer_id":"customer_id"}"#)
                    .unwrap();
            json["sources"][0]["events"]["query"] = read;
        })
    );
    let changes: [&dyn Fn(&mut serde_json::Value); 5] = [
        &|json| json["accuracy"] = 1.into(),
        &|json| json["aggregations"][0]["operation"] = 7.into(),
        &|json| json["aggregations"][0]["windows"][0]["length"] = 7.into(),
        &|json| json["sources"][0]["events"]["table"] = "other".into(),
        &|json| json["sources"][0]["events"]["query"]["timeColumn"] = "other".into(),
    ];
    let mut seen = vec![same];
    for change in changes {
        seen.push(hash(change));
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count);
}

#[test]
fn zipline_has_a_default_of_its_own_for_percentiles() {
    let (text, _) = compiled(ICE);
    let text =
        text.replace("\"operation\": 6", "\"operation\": 12").replace("\"operation\":6", "\"operation\":12");
    for (dialect, wanted) in
        [(crate::operation::Dialect::Zipline, Some(20)), (crate::operation::Dialect::Airbnb, None)]
    {
        let read = super::compiled::read_compiled_as("f", &text, Some(dialect)).unwrap();
        let What::GroupBy(group) = &read[0].what else { panic!() };
        let aggregation = &group.aggregations.as_ref().unwrap()[0];
        assert_eq!((aggregation.operation, aggregation.args.k), (Operation::ApproxPercentile, wanted));
        assert_eq!(read[0].to_json()["aggregations"][0]["argMap"], serde_json::json!({}));
    }
}
