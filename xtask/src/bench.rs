//! `cargo xtask bench …`: the crate `tile-benches` against the built binary. What follows is passed on as it is.

use std::process::Command;

use anyhow::Result;

use crate::{place, setup};

#[derive(clap::Args)]
pub struct Options {
    /// The suite and its arguments, for example `access --help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

pub fn run(options: &Options) -> Result<()> {
    if options.arguments.first().is_some_and(|suite| suite == "pipes") {
        setup::bench_environment()?;
    }
    place::build()?;
    // With `--workspace` the dependencies have the features that the program is built with, and are shared with it.
    place::check(place::cargo_release("build").args(["--workspace", "--bin", "tile-benches"]))?;
    let mut benches = Command::new(place::target().join("release/tile-benches"));
    benches.args(&options.arguments).current_dir(place::root());
    benches.env("TILE_BIN", place::tile_binary()).env("TILE_CACHE_DIR", place::cache());
    place::check(&mut benches)
}
