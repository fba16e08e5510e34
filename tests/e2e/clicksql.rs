//! `tile sql` beside ClickHouse itself: the same queries over the same tables, and nothing may be different.

use anyhow::Result;
use tile_testkit::client;

/// Every n-th case of the files, and random queries of a seed that stays. `cargo xtask differential` runs them all, and fresh ones.
const EVERY: u32 = 6;
const RANDOM: u32 = 700;

#[test]
fn answers_are_those_of_clickhouse_or_refusals() -> Result<()> {
    client::differential(&["--cases", "--every", &EVERY.to_string(), "--random", "1", &RANDOM.to_string()])
}
