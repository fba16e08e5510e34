//! Cases with the real engine's answers. `tests/pipes/template.py` writes and checks them.

use crate::template::{Dialect, Kind, Limits, Mode, Request, Template, TemplateError};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/pipes/template")
}

/// Our answer in the form of the files.
fn answer(case: &Value) -> Value {
    let text = case["template"].as_str().unwrap();
    let name = case["name"].as_str().unwrap_or("");
    let params: BTreeMap<String, Value> =
        case["params"].as_object().cloned().unwrap_or_default().into_iter().collect();
    let secrets: BTreeSet<String> = case["secrets"]
        .as_array()
        .map(|names| names.iter().map(|name| name.as_str().unwrap().to_owned()).collect())
        .unwrap_or_default();
    let mode = match case["mode"].as_str() {
        None => Mode::Normal,
        Some("test") => Mode::Test { unknown_secrets: true },
        Some("deploy") => Mode::Test { unknown_secrets: false },
        Some(other) => panic!("no mode {other}"),
    };
    let (dialect, limits, now_us) = (Dialect::ClickHouse, Limits::default(), 1_700_000_000_000_000);
    let request = Request { params: &params, secrets: &secrets, now_us, mode, dialect, limits: &limits };
    let template = match Template::parse(name, text) {
        Ok(template) => template,
        Err(error) => return error_json(&error),
    };
    let mut out = match template.render(&request) {
        Err(error) => error_json(&error),
        Ok(rendered) => {
            let settings = &rendered.settings;
            let mut shown = Map::new();
            if let Some(n) = settings.max_threads {
                shown.insert("max_threads".into(), json!(n));
            }
            if let Some(hint) = &settings.backend_hint {
                shown.insert("backend_hint".into(), json!(hint));
            }
            if let Some(ttl) = settings.cache_ttl {
                shown.insert("cache_ttl".into(), json!(ttl));
            }
            if !settings.activate.is_empty() {
                shown.insert("activate".into(), json!(settings.activate));
            }
            if let Some(feature) = &settings.disable {
                shown.insert("disable".into(), json!(feature));
            }
            let mut out = json!({"sql": rendered.sql});
            if !shown.is_empty() {
                out["settings"] = Value::Object(shown);
            }
            if !rendered.secrets.is_empty() {
                out["secrets"] = json!(rendered.secrets);
            }
            if !rendered.warnings.is_empty() {
                out["warnings"] = json!(rendered.warnings);
            }
            out
        }
    };
    match template.params() {
        Ok([]) => {}
        Ok(params) => out["params"] = params.iter().map(super::super::Param::to_json).collect(),
        Err(error) => out["params"] = json!(error.message),
    }
    if let Err(error) = template.check_names() {
        out["names"] = json!(error.message);
    }
    let tables = template.dependencies();
    if !tables.is_empty() {
        out["tables"] = json!(tables);
    }
    out
}

fn error_json(error: &TemplateError) -> Value {
    if error.kind == Kind::Syntax {
        // The real engine tells the line elsewhere.
        let line = error.line.map(|line| format!(", line {line}")).unwrap_or_default();
        return json!({"syntax": error.message.strip_suffix(&line).expect("the line is part of the message")});
    }
    let mut out = json!({"error": error.message});
    if error.kind == Kind::Custom {
        out["status"] = json!(error.status);
        out["body"] = error.body.as_deref().cloned().unwrap_or_else(|| json!(error.message));
    }
    if let Some(page) = error.documentation {
        out["page"] = json!(page);
    }
    out
}

/// The order of named arguments and the pages of documentation are not compared where the files leave them out.
fn differs(expected: &Value, found: &Value) -> bool {
    expected != found
}

fn check(path: &Path) -> (usize, Vec<String>) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let case: Value =
            serde_json::from_str(text).unwrap_or_else(|e| panic!("{}:{line}: {e}", path.display()));
        count += 1;
        // Where we differ on purpose, the case says how and why.
        let expected = case.get("ours").unwrap_or(&case["expect"]);
        let found = answer(&case);
        if differs(expected, &found) {
            wrong.push(format!(
                "{}:{line}: {}\n  expected {expected}\n  found    {found}\n",
                path.display(),
                case["template"]
            ));
        }
    }
    (count, wrong)
}

#[test]
fn cases_give_what_the_real_engine_gives() {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .collect();
    // Other cases, such as random ones, by their path.
    paths.extend(std::env::var_os("TEMPLATE_CASES").map(PathBuf::from));
    paths.sort();
    let (mut count, mut wrong) = (0, Vec::new());
    for path in &paths {
        let (checked, found) = check(path);
        count += checked;
        wrong.extend(found);
    }
    println!("{} of {count} cases agree", count - wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.concat());
    assert!(count >= 400, "only {count} cases");
}
