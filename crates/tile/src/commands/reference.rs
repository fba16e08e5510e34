//! Pages that are made from the program itself.

use crate::cli::Cli;
use anyhow::Result;
use clap::CommandFactory;
use std::fmt::Write;
use tile_web::openapi::Document;

pub fn versions() -> String {
    format!(
        "tile {}\nspeaks the protocol of Tiled {}\n",
        env!("CARGO_PKG_VERSION"),
        tile_access::api::LIBRARY_VERSION
    )
}

/// The OpenAPI document of the catalog's routes, indented.
pub fn openapi_of_access() -> Result<String> {
    written(access())
}

/// That of all routes, as `tile dev` serves them at one port.
pub fn openapi() -> Result<String> {
    let document = access().with(&tile_pipes::api::common(), &tile_pipes::api::routes());
    written(document.with(&tile_features::api::common(), &tile_features::api::routes()))
}

fn access() -> Document {
    Document::default().with(&tile_access::api::common(), &tile_access::api::routes())
}

fn written(document: Document) -> Result<String> {
    Ok(serde_json::to_string_pretty(&document.finish("Tile", env!("CARGO_PKG_VERSION")))?)
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
