//! `tile features eval` beside an oracle that we did not write: the fixtures, and fresh scenarios in each run. Every value of every
//! evaluator must be the oracle's.

use anyhow::Result;
use tile_testkit::client;

/// Fresh scenarios of one run.
const SEEDS: u32 = 20;

#[test]
fn fixtures_have_the_oracle_s_values() -> Result<()> {
    client::script("tests/features/differential.py", &["fixtures"])
}

#[test]
fn fresh_scenarios_have_the_oracle_s_values() -> Result<()> {
    client::script("tests/features/differential.py", &["fresh", &SEEDS.to_string()])
}
