//! Projects, tests of pipes, schedules.

use crate::datafile::{Options, Schedule, cases, project, split_commas};
use std::path::Path;

const DATASOURCE: &str = "SCHEMA >\n    a Int8\n";
const PIPE: &str = "NODE n\nSQL >\n    SELECT 1\n";

fn faults(files: &[(&str, &str)]) -> Vec<String> {
    let (_, faults, _) = project::parse(files, &Options::default());
    faults.iter().map(|fault| format!("{}: {}", fault.file, fault.message)).collect()
}

#[test]
fn resources_are_named_by_their_files_and_sorted() {
    let connection = "TYPE s3\nS3_REGION eu\n";
    let files = [
        ("z.pipe", PIPE),
        ("a/b/b.pipe", PIPE),
        ("d.datasource", DATASOURCE),
        ("c.connection", connection),
        ("parts/x.incl", ""),
    ];
    let (resources, faults, warnings) = project::parse(&files, &Options::default());
    assert!(faults.is_empty() && warnings.is_empty(), "{faults:?} {warnings:?}");
    let pipes: Vec<&str> = resources.pipes.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(pipes, ["b", "z"]);
    assert_eq!((resources.datasources[0].name.as_str(), resources.connections[0].name.as_str()), ("d", "c"));
}

#[test]
fn names_are_unique_over_data_sources_and_pipes() {
    let files = [
        ("a/x.pipe", PIPE),
        ("b/x.pipe", PIPE),
        ("c/x.datasource", DATASOURCE),
        ("c/x.connection", "TYPE s3\n"),
    ];
    assert_eq!(
        faults(&files),
        [
            "b/x.pipe: x already exists",
            "c/x.datasource: Failed pushing datasource. Top level object names must be unique. x cannot have same name as an existing pipe."
        ]
    );
}

#[test]
fn a_fault_of_one_file_does_not_hide_those_of_others() {
    let files =
        [("a.pipe", "FOO\n"), ("b.datasource", "\n"), ("c.txt", ""), ("d.pipe", PIPE), ("README", "")];
    assert_eq!(
        faults(&files),
        [
            "README: Unknown extension  for data file",
            "a.pipe: FOO is not a valid option in pipe files.",
            "a.pipe: Pipe data file must have at least one node",
            "b.datasource: SCHEMA is mandatory",
            "c.txt: Unknown extension .txt for data file"
        ]
    );
    assert_eq!(project::parse(&files, &Options::default()).0.pipes.len(), 1);
}

#[test]
fn includes_are_found_beside_the_file_and_not_outside() {
    let include = |path: &str| format!("INCLUDE \"{path}\"\n");
    let (good, bad) = (include("../parts/n.incl"), include("../../n.incl"));
    let files = [("pipes/a.pipe", good.as_str()), ("parts/n.incl", PIPE)];
    assert!(faults(&files).is_empty());
    let files = [("pipes/a.pipe", bad.as_str()), ("n.incl", PIPE)];
    assert_eq!(
        faults(&files)[0],
        "pipes/a.pipe: Included file ../../n.incl at line 1 not found. Check if the file exists and the path is correct."
    );
}

#[test]
fn tests_of_pipes_are_read() {
    let text = "# what is expected\n\n- name: one\n  description: 'it''s one'\n  parameters: p.json?a=1&b=x y\n  expected_result: |\n    {\"a\":1}\n    {\"a\":2}\n\n- name: two\n  expected_http_status: 400\n  expected_result: \"no\\tsuch\"\n- name: three\n  parameters: ''\n  expected_result: >-\n    folded\n    text\n  description:\n";
    let cases = cases::parse("p.yaml", text).unwrap();
    assert_eq!(cases.len(), 3);
    assert_eq!((cases[0].description.as_str(), cases[0].parameters.as_str()), ("it's one", "a=1&b=x y"));
    assert_eq!(cases[0].expected_result.as_deref(), Some("{\"a\":1}\n{\"a\":2}\n"));
    assert_eq!((cases[1].expected_http_status, cases[1].line), (Some(400), 10));
    assert_eq!(cases[1].expected_result.as_deref(), Some("no\tsuch"));
    assert_eq!(cases[2].expected_result.as_deref(), Some("folded text"));
    assert_eq!(cases::parse("p.yaml", "# nothing\n").unwrap(), []);
    for (text, expected) in [
        ("- name: a\n  expected_result: |\n    x\n", "x\n"),
        ("- name: a\n  expected_result: |\n    x ", "x "),
    ] {
        assert_eq!(cases::parse("p.yaml", text).unwrap()[0].expected_result.as_deref(), Some(expected));
    }
}

#[test]
fn tests_of_another_shape_are_refused() {
    for (text, line, message) in [
        ("name: a\n", 1, "expected a list of tests"),
        ("- a\n", 1, "expected a test: keys with values"),
        ("- name: a\n  nam: b\n", 2, "unknown key `nam` in a test"),
        ("- name: a\n  parameters: [1]\n", 2, "the value of `parameters` is not a plain text or number"),
        ("- name: &x a\n", 1, "the value of `name` is not a plain text or number"),
        (
            "- name: a\n  expected_http_status: ok\n",
            2,
            "expected_http_status is not a number from 100 to 599",
        ),
        ("- description: a\n", 1, "a test has no `name`"),
    ] {
        let fault = cases::parse("p.yaml", text).unwrap_err();
        assert_eq!((fault.line, fault.message.as_str()), (line, message), "{text}");
    }
    assert_eq!(cases::parse("p.yaml", "- name: 'a\n").unwrap_err().file, "p.yaml");
}

/// The file says what croniter makes of each, and whether this differs on purpose.
#[test]
fn schedules_are_those_of_five_fields() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/pipes/datafile/schedules.tsv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut different = Vec::new();
    for line in text.lines() {
        let mut fields = line.split('\t');
        let (schedule, real, ours) = (fields.next().unwrap(), fields.next().unwrap(), fields.next());
        let is_valid = ours.unwrap_or(real).starts_with("valid");
        if Schedule::parse(schedule).is_some() != is_valid {
            different.push(line);
        }
    }
    assert!(text.lines().count() > 50);
    assert!(different.is_empty(), "{different:#?}");
}

#[test]
fn commas_split_outside_brackets_and_quotes() {
    assert_eq!(split_commas("a, f(b, 'c)'), [d, e],, `g,h`"), ["a", "f(b, 'c)')", "[d, e]", "`g,h`"]);
}
