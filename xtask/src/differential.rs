//! `cargo xtask differential`: the built program beside ClickHouse, over all case files and thousands of random queries.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::process::Command;

use anyhow::Result;

use crate::{place, setup};

#[derive(clap::Args)]
pub struct Options {
    /// Random queries of each of the two seeds: one that stays and one that is new in each run
    #[arg(long, default_value_t = 5000, value_name = "COUNT")]
    random: u32,
    /// The seed in the place of a new one: to repeat a run
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,
    /// Only these groups or files of cases
    #[arg(long, num_args = 1.., value_name = "GROUP[/FILE]")]
    only: Vec<String>,
}

pub fn run(options: &Options) -> Result<()> {
    setup::run()?;
    place::build()?;
    let count = options.random.to_string();
    let mut cases = vec!["--cases"];
    if !options.only.is_empty() {
        cases.push("--only");
        cases.extend(options.only.iter().map(String::as_str));
    }
    compare(&[&cases[..], &["--random", "1", &count]].concat())?;
    let seed = options.seed.unwrap_or_else(|| RandomState::new().build_hasher().finish() >> 32);
    println!("fresh random queries: --seed {seed}");
    compare(&["--random", &seed.to_string(), &count])
}

fn compare(arguments: &[&str]) -> Result<()> {
    let mut run = Command::new(place::cache().join("venv/bin/python"));
    run.arg(place::root().join("tests/clicksql/run.py"))
        .arg("--tile")
        .arg(place::tile_binary())
        .args(arguments);
    run.env("CLICKSQL_CACHE", place::cache().join("clicksql")).env("PYTHONDONTWRITEBYTECODE", "1");
    place::check(&mut run)
}
