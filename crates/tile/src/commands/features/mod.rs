//! `tile features`: windowed aggregations from the command line.

mod backfill;
mod files;

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand, Debug)]
pub enum Features {
    /// Compute a Join or a GroupBy for past rows: each gets the features as they were at its time.
    Backfill(backfill::Args),
}

pub fn run(command: &Features) -> Result<()> {
    match command {
        Features::Backfill(args) => backfill::run(args),
    }
}
