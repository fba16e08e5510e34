//! `cargo xtask …`: the workspace's automation. One file for each subcommand; [`place`] knows the folders and how
//! child processes are started, [`steps`] times and reports what runs.
//!
//! Building this crate never builds the product.

mod bench;
mod ci;
mod differential;
mod generate;
mod place;
mod setup;
mod steps;
mod test;
mod tidy;
mod timings;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The automation of the Tile workspace", disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what the tests need: browser, nginx, Python environment, Node packages
    Setup,
    /// Run every check: tidy, format, clippy, unit tests, generated files, end-to-end tests
    Test(test::Options),
    /// Check the workspace's laws: rings, sizes, manifests, licences, words, links
    Tidy,
    /// Regenerate the reference pages from the built binary
    Gen(generate::Options),
    /// Build and run the benchmarks against the built binary
    Bench(bench::Options),
    /// Compare `tile sql` with ClickHouse over all case files and thousands of random queries
    Differential(differential::Options),
    /// Run the tests in a fresh clone of HEAD
    Ci,
    /// Print the slowest steps of the last test run
    Timings(timings::Options),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Task::Setup => setup::run(),
        Task::Test(options) => test::run(&options),
        Task::Tidy => tidy::run(),
        Task::Gen(options) => generate::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Differential(options) => differential::run(&options),
        Task::Ci => ci::run(),
        Task::Timings(options) => timings::run(&options),
    };
    let Err(error) = result else { return ExitCode::SUCCESS };
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}
