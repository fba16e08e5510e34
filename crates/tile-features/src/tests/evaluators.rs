//! All evaluators give the values of the naive one, however rows come, tiles rest and queries lie.

use super::same::same;
use crate::eval::{Choices, Mode, evaluate, modes};
use crate::scenario::{Results, Scenario, results};
use serde_json::Value as Json;
use std::path::Path;
use std::sync::Arc;
use tile_base::tiles::TileStore;
use tile_kv::Memory;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/features/cases");

fn scenario(path: &Path) -> Scenario {
    let text = std::fs::read_to_string(path).unwrap();
    Scenario::read(&text).unwrap_or_else(|e| panic!("{path:?}: {e:?}"))
}

/// Where the values of one evaluator are not those of the naive one.
fn differences(path: &Path, mode: Mode, choices: &mut Choices<'_>) -> Vec<String> {
    let scenario = scenario(path);
    let plan = match scenario.plan() {
        Ok(plan) => Arc::new(plan),
        Err(e) => {
            let name = path.file_name().unwrap().to_string_lossy();
            assert!(name.starts_with("bad_"), "{name}: {e:?}");
            return Vec::new();
        }
    };
    if !modes(&scenario, &plan).contains(&mode) {
        return Vec::new();
    }
    let json = |lines: Results| results(&plan, &scenario.queries, &[("x", lines)])["results"]["x"].clone();
    let wanted = json(evaluate(&scenario, &plan, Mode::Naive, &mut Choices::default()).unwrap());
    let got =
        json(evaluate(&scenario, &plan, mode, choices).unwrap_or_else(|e| panic!("{path:?} {mode}: {e:?}")));
    let mut wrong = Vec::new();
    for (q, (wanted, got)) in
        scenario.queries.iter().zip(wanted.as_array().unwrap().iter().zip(got.as_array().unwrap()))
    {
        let pairs = wanted.as_array().unwrap().iter().zip(got.as_array().unwrap());
        for (column, (wanted, got)) in plan.columns.iter().zip(pairs) {
            if !same(wanted, got) && !is_approximate(&column.name) {
                wrong.push(format!("{path:?} {mode} at {q}: {}: {got}, not {wanted}", column.name));
            }
        }
    }
    wrong
}

/// Sketches of other parts give other estimates.
fn is_approximate(column: &str) -> bool {
    ["approx_unique_count", "approx_percentile", "approx_histogram", "approx_frequent", "approx_heavy"]
        .iter()
        .any(|name| column.contains(name))
}

fn all(names: &[&str], mode: Mode, choices: fn(&mut Choices<'_>)) {
    let mut wrong = Vec::new();
    for name in names {
        let mut given = Choices::default();
        choices(&mut given);
        wrong.extend(differences(&Path::new(CASES).join(format!("{name}.json")), mode, &mut given));
    }
    assert!(wrong.is_empty(), "{} differences: {:#?}", wrong.len(), &wrong[..wrong.len().min(10)]);
}

const NAMES: &[&str] = &["ice_cream", "edge", "rand1", "snap"];

#[test]
fn online_values_are_the_naive_ones() {
    all(NAMES, Mode::Online, |_| {});
    all(NAMES, Mode::Tiled(300_000), |_| {});
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    // Events of one time have an order, so cases with such are left out.
    all(&["ice_cream", "rand2"], Mode::Online, |choices| choices.shuffle = Some(5));
}

#[test]
fn running_values_are_the_naive_ones() {
    all(NAMES, Mode::Running, |_| {});
}

#[test]
fn compaction_may_happen_at_any_time() {
    for days in [1, 3, 17] {
        let mut choices = Choices::default();
        let path = Path::new(CASES).join("rand2.json");
        let end = scenario(&path).batch_end.unwrap();
        choices.compact_at = Some(end - days * 86_400_000 + 12_345 * days);
        assert_eq!(differences(&path, Mode::Online, &mut choices), Vec::<String>::new());
    }
}

#[test]
fn restarts_change_nothing() {
    for name in NAMES {
        let memory = Arc::new(Memory::default());
        let mut reopen = || Ok(Arc::clone(&memory) as Arc<dyn TileStore>);
        let mut choices = Choices { reopen: Some(&mut reopen), ..Choices::default() };
        let path = Path::new(CASES).join(format!("{name}.json"));
        assert_eq!(differences(&path, Mode::Online, &mut choices), Vec::<String>::new());
    }
}

#[test]
fn small_cases_of_every_operation_agree() {
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(Path::new(CASES).join("ops")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if serde_json::from_str::<Json>(&text).is_ok_and(|json| json.get("rows").is_some())
            && Scenario::read(&text).is_ok()
        {
            for mode in [Mode::Online, Mode::Running, Mode::Backfill] {
                wrong.extend(differences(&path, mode, &mut Choices::default()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences: {:#?}", wrong.len(), &wrong[..wrong.len().min(10)]);
}
