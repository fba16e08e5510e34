//! What only older projects have: includes, engines in pipes, and several faults at once.

use super::parse;
use crate::datafile::{Dialect, Options};
use serde_json::json;

/// Files by path, for `INCLUDE`.
const FILES: &[(&str, &str)] = &[
    (
        "node.incl",
        "NODE shared_$name\nDESCRIPTION from ${name}, $other and $$x\nSQL >\n    SELECT '$name' AS c\n\n",
    ),
    ("kafka.incl", "KAFKA_CONNECTION_NAME k\nKAFKA_BOOTSTRAP_SERVERS a:9092\nKAFKA_KEY key\n"),
    ("self.incl", "INCLUDE \"self.incl\"\n"),
    ("two.incl", "INCLUDE \"two.incl\"\nINCLUDE \"two.incl\"\n"),
    ("wrong.incl", "\nNODE x\nFOO bar\n"),
];

fn options(dialect: Dialect) -> Options<'static> {
    let include = &|_: &str, path: &str| {
        FILES
            .iter()
            .find(|(name, _)| *name == path)
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
    };
    Options { dialect, include, ..Options::default() }
}

/// The record, and the texts of faults and of warnings.
fn read(file: &str, text: &str, dialect: Dialect) -> (serde_json::Value, Vec<String>, Vec<String>) {
    let parsed = parse(file, text, &options(dialect));
    let faults = parsed.faults.iter().map(|f| format!("{}:{} {}", f.file, f.line, f.message));
    let warnings = parsed.warnings.iter().map(|w| format!("{}:{} {}", w.file, w.line, w.message));
    (parsed.value.unwrap_or_default(), faults.collect(), warnings.collect())
}

#[test]
fn an_include_is_filled_and_read_in_its_place() {
    let text = "INCLUDE \"node.incl\" \"name=a b\"\n\nNODE last\nSQL >\n    SELECT * FROM shared\n";
    let (record, faults, warnings) = read("p.pipe", text, Dialect::Forward);
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(warnings, ["p.pipe:1 INCLUDE is of Classic projects; it is read as there"]);
    assert_eq!(record["nodes"][0]["name"], "shared_a");
    assert_eq!(record["nodes"][0]["description"], "from a b, $other and $x");
    assert_eq!(record["nodes"][0]["sql"], "SELECT 'a b' AS c");
    assert_eq!(record["nodes"][1]["name"], "last");
    let (classic, _, warnings) = read("p.pipe", text, Dialect::Classic);
    assert_eq!((classic, warnings), (record, vec![]));
}

#[test]
fn an_include_inside_a_block_ends_it_only_at_the_margin() {
    let text = "NODE a\nSQL >\n    SELECT 1\nINCLUDE \"node.incl\" \"name=b\"\n";
    assert_eq!(read("p.pipe", text, Dialect::Classic).0["nodes"].as_array().unwrap().len(), 2);
    let text = "NODE a\nSQL >\n    SELECT 1\n    INCLUDE \"node.incl\"\n";
    assert_eq!(
        read("p.pipe", text, Dialect::Classic).0["nodes"][0]["sql"],
        "SELECT 1\nINCLUDE \"node.incl\""
    );
}

#[test]
fn faults_of_an_included_file_are_told_there() {
    let (_, faults, _) = read("p.pipe", "INCLUDE \"wrong.incl\"\n", Dialect::Classic);
    assert_eq!(
        faults,
        [
            "wrong.incl:3 FOO is not a valid option in pipe files.",
            "wrong.incl:2 error parsing node \"x\" from pipe \"p.pipe\": Empty query"
        ]
    );
}

#[test]
fn includes_end() {
    for file in ["self.incl", "two.incl"] {
        let (_, faults, _) =
            read("p.pipe", &format!("INCLUDE {file}\nNODE a\nSQL >\n    SELECT 1\n"), Dialect::Classic);
        assert!(faults.iter().any(|f| f.ends_with("more than 64 files are included")), "{faults:?}");
    }
}

#[test]
fn an_include_needs_a_file_and_pairs() {
    let fault = |text: &str| read("p.pipe", text, Dialect::Classic).1[0].clone();
    assert_eq!(fault("INCLUDE\n"), "p.pipe:1 INCLUDE requires the path of a file");
    assert_eq!(fault("INCLUDE \"node.incl\" x\n"), "p.pipe:1 INCLUDE takes key=value behind the path, not x");
    assert_eq!(
        fault("\nINCLUDE \"no.incl\"\n"),
        "p.pipe:2 Included file no.incl at line 2 not found. Check if the file exists and the path is correct."
    );
}

#[test]
fn a_data_source_may_have_the_settings_of_its_connection() {
    let text = "INCLUDE \"kafka.incl\"\nKAFKA_TOPIC t\nKAFKA_GROUP_ID g\nSCHEMA >\n    a Int8\n";
    let parsed = crate::datafile::Datasource::parse("d", "d.datasource", text, &options(Dialect::Classic));
    let Some(crate::datafile::Connector::Kafka(kafka)) = parsed.value.unwrap().connector else {
        panic!("no Kafka")
    };
    let inline = [("kafka_bootstrap_servers", "a:9092"), ("kafka_key", "key")];
    assert_eq!(kafka.inline, inline.map(|(k, v)| (k.to_owned(), v.to_owned())));
}

#[test]
fn a_materialized_node_may_have_an_engine_and_no_other_node_may() {
    let text = "NODE a\nSQL >\n    SELECT 1\n\nTYPE materialized\nDATASOURCE t\nENGINE \"AggregatingMergeTree\"\nENGINE_SORTING_KEY \"a, b\"\n";
    let (record, faults, warnings) = read("p.pipe", text, Dialect::Forward);
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(
        record["nodes"][0]["values"],
        json!({"datasource": "t", "engine": "AggregatingMergeTree() ORDER BY (a, b)"})
    );
    assert_eq!(
        warnings,
        [
            "p.pipe:7 ENGINE is of Classic projects; it is read as there",
            "p.pipe:8 ENGINE_SORTING_KEY is of Classic projects; it is read as there"
        ]
    );
    let (_, faults, _) =
        read("p.pipe", &text.replace("TYPE materialized\nDATASOURCE t\n", ""), Dialect::Classic);
    assert_eq!(faults, ["p.pipe:1 Standard node 'a' has an invalid attribute (engine)"]);
    let (_, faults, _) = read("p.pipe", &text.replace("Aggregating", "Log"), Dialect::Classic);
    assert_eq!(faults.len(), 1);
}

#[test]
fn words_of_older_projects_end_no_block_of_sql_unless_in_capitals() {
    let text = "NODE a\nSQL >\nSELECT engine\nfrom t\nwhere\nengine = 1\nsource = 2\n";
    let (record, faults, _) = read("p.pipe", text, Dialect::Classic);
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(record["nodes"][0]["sql"], "SELECT engine\nfrom t\nwhere\nengine = 1\nsource = 2");
}

#[test]
fn several_faults_of_a_file_are_told_together() {
    let text = "TOKEN \"x\" WRITE\nSCHEMA >\n    a Boolean,\n    b Foo,\n    c Int32 NULL,\n    d Int32\n\nENGIN MergeTree\nENGINE Foo\nKAFKA_TOPIC t\n";
    let (_, faults, _) = read("d.datasource", text, Dialect::Forward);
    let expected = [
        "d.datasource:1 Invalid permission: WRITE. Only READ and APPEND are supported",
        "d.datasource:3 Boolean type is not supported",
        "d.datasource:4 Unknown data type family: Foo",
        "d.datasource:5 NULL column syntax not supported",
        "d.datasource:6 Error parsing type: unknown type `Int32\nENGIN MergeTree`",
        "d.datasource:9 Engine Foo is not supported, supported engines include: MergeTree, ReplacingMergeTree, SummingMergeTree, AggregatingMergeTree, CollapsingMergeTree, VersionedCollapsingMergeTree, Null",
        "d.datasource:10 Some Kafka params have been provided, but the following required ones are missing: ['kafka_connection_name', 'kafka_group_id']",
    ];
    assert_eq!(faults, expected);
}

#[test]
fn a_fault_is_shown_with_its_line_and_a_caret() {
    let text = "SCHEMA >\n    a Int32,\n    b Strin\n";
    let parsed = parse("data/d.datasource", text, &Options::default());
    let expected = "Unknown data type family: Strin\n --> data/d.datasource:3:7\n1 | SCHEMA >\n2 |     a Int32,\n3 |     b Strin\n  |       ^\n  = did you mean String?";
    assert_eq!(parsed.faults[0].render(), expected);
}

#[test]
fn secrets_are_not_shown_in_the_lines_of_a_fault() {
    let render = &|text: &str| Ok(text.replace("{{ secret }}", "hunter2"));
    let options = Options { render, ..Options::default() };
    let parsed = parse("c.connection", "TYPE kafka\nKAFKA_KEY {{ secret }}\nFOO {{ secret }}\n", &options);
    assert!(
        parsed
            .faults
            .iter()
            .all(|fault| !fault.text().contains("hunter2") && !fault.render().contains("hunter2"))
    );
    assert_eq!(parsed.faults[0].source[1], (2, "KAFKA_KEY {{ secret }}".to_owned()));
}
