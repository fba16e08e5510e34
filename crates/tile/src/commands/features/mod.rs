//! `tile features`: windowed aggregations from the command line.

mod backfill;
mod eval;
mod files;
mod log;
mod show;

pub use show::checked;

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand, Debug)]
pub enum Features {
    /// Compute a Join or a GroupBy for past rows: each gets the features as they were at its time.
    Backfill(backfill::Args),
    /// Compare what a server has served and logged with what the rows give.
    Check(log::Check),
    /// Say how far served values moved from one span of time to another.
    Drift(log::Drift),
    /// Put a scenario of rows, aggregations and queries through every evaluator.
    Eval(eval::Args),
    /// Let a server read all rows of a GroupBy anew, and serve what it has until then.
    Rebuild(log::Rebuild),
    /// Say what files declare: keys, columns and their types, and what is wrong.
    Show(show::Args),
}

pub fn run(command: &Features, is_json: bool) -> Result<()> {
    match command {
        Features::Backfill(args) => backfill::run(args),
        Features::Check(args) => log::check(args, is_json),
        Features::Drift(args) => log::drift(args, is_json),
        Features::Eval(args) => eval::run(args),
        Features::Rebuild(args) => log::rebuild(args),
        Features::Show(args) => show::run(args),
    }
}
