//! `tile features backfill`, against values that are computed row by row.

use anyhow::Result;
use tile_testkit::client;

#[test]
fn training_data_is_what_a_plain_loop_gives() -> Result<()> {
    client::pytest_training()
}
