//! Features beside an oracle that we did not write: the fixtures and fresh scenarios through every evaluator; and a running `tile dev`:
//! events in, values out, and the same after a kill at any instant.

use anyhow::Result;
use tile_testkit::client;

/// Kills in each run of the tests; `TILE_KILLS` asks for more.
const KILLS: u32 = 10;
/// Fresh scenarios of one run.
const SEEDS: u32 = 20;

#[test]
fn events_become_features() -> Result<()> {
    client::script("tests/features/serving.py", &[])
}

#[test]
fn clients_of_chronon_s_fetcher_are_served() -> Result<()> {
    client::script("tests/features/fetcher.py", &[])
}

#[test]
fn odd_rows_stop_nothing() -> Result<()> {
    client::script("tests/features/odd.py", &[])
}

#[test]
fn tables_that_change_and_joins_become_features() -> Result<()> {
    client::script("tests/features/sources.py", &[])
}

#[test]
fn features_are_tables_of_the_catalog() -> Result<()> {
    client::script("tests/features/catalog.py", &[])
}

#[test]
fn sql_and_the_catalog_read_group_bys_and_joins() -> Result<()> {
    client::script("tests/features/sql.py", &[])
}

#[test]
fn features_of_real_flights_are_those_of_pandas() -> Result<()> {
    client::script("tests/features/flights.py", &[])
}

#[test]
fn training_data_is_served_and_what_was_served_is_checked() -> Result<()> {
    client::script("tests/features/training.py", &[])
}

#[test]
fn features_survive_kills() -> Result<()> {
    let kills = std::env::var("TILE_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS);
    client::script("tests/features/kills.py", &["--kills", &kills.to_string()])
}

#[test]
fn fixtures_have_the_oracle_s_values() -> Result<()> {
    client::script("tests/features/differential.py", &["fixtures"])
}

#[test]
fn fresh_scenarios_have_the_oracle_s_values() -> Result<()> {
    client::script("tests/features/differential.py", &["fresh", &SEEDS.to_string()])
}

#[test]
fn what_chronon_compiles_is_read() -> Result<()> {
    client::script("tests/features/chronon.py", &[])
}
