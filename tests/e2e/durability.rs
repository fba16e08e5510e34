//! `tile dev` killed in the middle of inserts and migrations, and with a clock that jumps: what was acknowledged is there once, and
//! views agree with it.

use anyhow::Result;
use tile_testkit::client;

/// Kills in each run of the tests; `TILE_KILLS` asks for more.
const KILLS: u32 = 8;

#[test]
fn acknowledged_rows_survive_kills() -> Result<()> {
    let kills = std::env::var("TILE_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS);
    client::script("tests/pipes/kills.py", &["--kills", &kills.to_string()])
}

#[test]
fn the_clock_of_a_running_server_jumps() -> Result<()> {
    client::script("tests/pipes/clocks.py", &[])
}
