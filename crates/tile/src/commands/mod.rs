//! The subcommands, one file each where they are more than a line.

mod doctor;
mod features;
mod project;
mod reference;
mod register;
mod seed;
mod serve;
mod sql;
mod watch;

pub use features::Features;
pub use sql::Sql;

use crate::cli::{Cli, Command, ConfigAction};
use crate::config::{self, Config};
use anyhow::Result;
use clap::CommandFactory;

pub fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Serve(args) => serve::serve(args),
        Command::Demo(args) => serve::demo(args),
        Command::Register(args) => register::run(args),
        Command::Dev(args) => project::dev(&args),
        Command::Init(args) => project::init(&args),
        Command::Check(args) => project::check(&args),
        Command::Test(args) => project::test(&args),
        Command::Deploy(args) => project::deploy(&args),
        Command::Sql(args) => sql::run(args),
        Command::Features { command } => features::run(&command, cli.json),
        Command::Doctor(args) => doctor::run(&args),
        Command::Config { action: ConfigAction::Reference } => print(&config::reference()),
        Command::Config { action: ConfigAction::Check { file } } => {
            Config::load(Some(&file))?;
            print(&format!("{} is fine\n", file.display()))
        }
        Command::Version => print(&reference::versions()),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "tile", &mut std::io::stdout());
            Ok(())
        }
        Command::Openapi => print(&(reference::openapi()? + "\n")),
        Command::Formats => print(&tile_access::formats::reference()),
        Command::CliReference => print(&reference::cli()),
        Command::BenchSeed(args) => seed::run(&args),
    }
}

/// Writes to standard output; a reader that left is no error.
fn print(text: &str) -> Result<()> {
    use std::io::Write;
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// An error as a line for people: the message, then its causes.
pub fn describe(e: &anyhow::Error) -> String {
    match e.downcast_ref::<tile_base::Error>() {
        Some(e) if e.kind != tile_base::Kind::Internal => e.detail(),
        _ => format!("{e:#}"),
    }
}
