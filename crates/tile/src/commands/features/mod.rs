//! `tile features`: windowed aggregations from the command line.

mod backfill;
mod check;
mod eval;
mod files;

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand, Debug)]
pub enum Features {
    /// Compute a Join or a GroupBy for past rows: each gets the features as they were at its time.
    Backfill(backfill::Args),
    /// Say what files declare, and what is wrong with it.
    Check(check::Args),
    /// Put a scenario of rows, aggregations and queries through every evaluator.
    Eval(eval::Args),
}

pub fn run(command: &Features) -> Result<()> {
    match command {
        Features::Backfill(args) => backfill::run(args),
        Features::Check(args) => check::run(args),
        Features::Eval(args) => eval::run(args),
    }
}
