use super::{parse, secrets};
use crate::datafile::{Fault, Options, Parsed};
use serde_json::{Value, json};
use std::path::Path;

pub struct Case {
    /// File and title.
    title: String,
    pub file: String,
    pub text: String,
    expected: Value,
}

pub fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/pipes/datafile");
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "cases") {
            continue;
        }
        let whole = std::fs::read_to_string(&path).unwrap();
        for block in format!("\n{whole}").split("\n==== ").skip(1) {
            let (header, rest) = block.split_once('\n').unwrap();
            let (text, answers) = rest.split_once("---- real: ").unwrap();
            let (real, ours) = answers.split_once("\n---- ours: ").unwrap_or((answers, ""));
            let expected = if ours.is_empty() { real } else { ours };
            cases.push(Case {
                title: format!("{}: {header}", path.file_stem().unwrap().to_string_lossy()),
                file: header.split(" | ").next().unwrap().to_owned(),
                text: text.to_owned(),
                expected: serde_json::from_str(expected).unwrap(),
            });
        }
    }
    cases
}

/// The first fault, or the record, in the form of the cases.
fn answer(parsed: &Parsed<Value>) -> Value {
    match (&parsed.value, parsed.faults.first()) {
        (Some(record), None) => {
            let mut record = record.clone();
            let told =
                parsed.warnings.iter().map(|w| &w.message).filter(|m| m.contains("has been deprecated"));
            record["warnings"] = told.cloned().collect();
            json!({ "record": record })
        }
        (None, Some(fault)) => fault_answer(fault),
        (value, fault) => panic!("both or none of {value:?} and {fault:?}"),
    }
}

fn fault_answer(fault: &Fault) -> Value {
    if !fault.is_syntax {
        return json!({"fault": fault.message});
    }
    json!({
        "fault": fault.message,
        "hint": fault.hint,
        "line": fault.line,
        "column": fault.column,
        "text": fault.text(),
    })
}

/// ClickHouse's own words about types go further than ours; a type over several lines is shown at its first one.
fn same(expected: &Value, got: &Value) -> bool {
    let message = |answer: &Value| answer["fault"].as_str().unwrap_or("").to_owned();
    let (e, g) = (message(expected), message(got));
    if e.starts_with("Error parsing type: ") {
        return g.starts_with("Error parsing type: ") && expected["column"] == got["column"];
    }
    if e.starts_with("Unknown data type family: ") {
        return e.split_once(". ").map_or(e.as_str(), |(start, _)| start) == g
            && (&expected["line"], &expected["column"]) == (&got["line"], &got["column"]);
    }
    let mut expected = expected.clone();
    if let Some(expected) = expected.as_object_mut() {
        expected.remove("why");
    }
    expected == *got
}

#[test]
fn cases_have_the_answers_of_the_package() {
    let options = Options { render: &secrets, ..Options::default() };
    let cases = cases();
    assert!(cases.len() > 300, "{}", cases.len());
    let mut different = Vec::new();
    for case in &cases {
        let got = answer(&parse(&case.file, &case.text, &options));
        if !same(&case.expected, &got) {
            different.push(format!("{}\n  expected {}\n  got      {got}", case.title, case.expected));
        }
    }
    assert!(different.is_empty(), "{} of {}\n{}", different.len(), cases.len(), different.join("\n"));
}
