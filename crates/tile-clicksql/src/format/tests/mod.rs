//! Every format against what ClickHouse wrote for the same result (`tests-data/format/record.py`).

mod cases;
mod columnar;
mod settings;

use super::*;
use cases::{Case, cases};
use std::{fs, path::PathBuf};

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests-data/format"))
}

fn settings_of(case: &str) -> Settings {
    Settings { write_statistics: case == "statistics", ..Settings::default() }
}

fn written(format: &dyn Format, case: &Case) -> Vec<u8> {
    let mut out = Vec::new();
    format
        .write(&case.output(), &settings_of(case.name), &mut out)
        .unwrap_or_else(|e| panic!("{}: {e}", case.name));
    out
}

/// The lines of a text; of bytes, pieces of 16.
fn shown(bytes: &[u8]) -> Vec<String> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text.split('\n').map(str::to_owned).collect(),
        _ => bytes
            .chunks(16)
            .map(|c| format!("{c:02x?} {}", String::from_utf8_lossy(c).escape_debug()))
            .collect(),
    }
}

#[test]
fn as_clickhouse() {
    let cases = cases();
    let mut compared = 0;
    let mut wrong = Vec::new();
    for format in ALL {
        let name = match format.name() {
            // Their bytes are the library's; `columnar` compares what they hold.
            "Arrow" | "ArrowStream" | "Parquet" => continue,
            name => name,
        };
        for case in &cases {
            let Ok(expected) = fs::read(folder().join(name).join(format!("{}.out", case.name))) else {
                continue;
            };
            compared += 1;
            let found = written(*format, case);
            if found != expected {
                let (found, expected) = (shown(&found), shown(&expected));
                let at = found.iter().zip(&expected).take_while(|(a, b)| a == b).count();
                wrong.push(format!(
                    "{name}/{}: line {}\n  expected {:?}\n  found    {:?}",
                    case.name,
                    at + 1,
                    expected.get(at),
                    found.get(at)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {compared} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 350, "only {compared} recorded results were found");
}

#[test]
fn one_batch_or_many() {
    for case in cases().iter().filter(|case| case.name == "numbers") {
        let parts: Vec<_> = (0..case.batch.num_rows()).map(|row| case.batch.slice(row, 1)).collect();
        for format in ALL.iter().filter(|format| {
            !["Native", "Arrow", "ArrowStream", "Parquet", "Prometheus"].contains(&format.name())
        }) {
            let mut out = Vec::new();
            let output = Output { batches: &parts, ..case.output() };
            format.write(&output, &settings_of(case.name), &mut out).unwrap();
            assert!(out == written(*format, case), "{}", format.name());
        }
    }
}

#[test]
fn a_value_as_compact_json() {
    let cases = cases();
    let case = cases.iter().find(|case| case.name == "nested").unwrap();
    let mut out = Vec::new();
    compact_json_value(&case.columns[1].ty, case.batch.column(1).as_ref(), 0, &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), r#"[{"a":1,"b":"x"}]"#);
}

#[test]
fn an_array_that_does_not_fit_is_refused() {
    let cases = cases();
    let case = cases.iter().find(|case| case.name == "large").unwrap();
    let columns = [Column { name: "n".to_owned(), ty: crate::types::Type::Date }];
    let output = Output { columns: &columns, ..case.output() };
    let error = by_name("CSV").unwrap().write(&output, &Settings::default(), &mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "write column `n` of type Date: unexpected Arrow UInt32");
}
