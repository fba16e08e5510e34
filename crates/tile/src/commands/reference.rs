//! Pages that are made from the program itself.

use crate::cli::Cli;
use anyhow::Result;
use clap::CommandFactory;
use std::fmt::Write;

pub fn versions() -> String {
    format!(
        "tile {}\nspeaks the protocol of Tiled {}\n",
        env!("CARGO_PKG_VERSION"),
        tile_access::api::LIBRARY_VERSION
    )
}

/// The OpenAPI document, indented.
pub fn openapi() -> Result<String> {
    let document =
        tile_web::openapi::document("Tile", env!("CARGO_PKG_VERSION"), &tile_access::api::routes());
    Ok(serde_json::to_string_pretty(&document)?)
}

/// The command line's reference page.
pub fn cli() -> String {
    let mut out = String::from("# Command line\n\nMade by `tile cli-reference`.\n");
    let mut root = Cli::command();
    root.build();
    let mut pages = vec![root];
    while let Some(mut command) = pages.pop() {
        let name = command.get_bin_name().unwrap_or("tile").to_owned();
        let _ = write!(
            out,
            "\n## `{name}`\n\n```text\n{}\n```\n",
            command.render_long_help().to_string().trim_end()
        );
        let mut below: Vec<_> = command
            .get_subcommands()
            .filter(|c| !c.is_hide_set() && c.get_name() != "help")
            .cloned()
            .collect();
        below.reverse();
        pages.extend(below);
    }
    out
}
