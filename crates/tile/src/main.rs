//! `tile`: configuration, subcommands, wiring, shutdown. Everything that does something lives in the crates below.

mod cli;
mod clock;
mod commands;
mod config;
mod guard;
mod logging;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    logging::start(cli.json, cli.verbose);
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("tile: {}", commands::describe(&e));
            ExitCode::from(e.downcast_ref::<tile_base::Error>().map_or(1, |e| e.kind.exit_code()))
        }
    }
}
