//! `cargo xtask gen`: the committed pages that the built binary writes about itself. To add one, add a line to
//! [`PAGES`].

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::place;

#[derive(clap::Args)]
pub struct Options {
    /// Write nothing; fail when a committed page differs
    #[arg(long)]
    check: bool,
}

/// A subcommand of `tile` and the page it prints.
const PAGES: &[(&[&str], &str)] = &[
    (&["openapi"], "docs/reference/openapi.json"),
    (&["config", "reference"], "docs/reference/config.md"),
    (&["formats"], "docs/reference/formats.md"),
    (&["sql", "reference"], "docs/reference/clickhouse-sql.md"),
    (&["cli-reference"], "docs/reference/cli.md"),
];

pub fn run(options: &Options) -> Result<()> {
    place::build()?;
    if options.check { check() } else { write() }
}

/// Fails when a committed page is not what the built binary prints. The binary must be built.
pub fn check() -> Result<()> {
    let mut stale = 0;
    for (command, path) in PAGES {
        let committed = fs::read_to_string(place::root().join(path)).unwrap_or_default();
        if let Some(difference) = first_difference(&committed, &printed(command)?) {
            println!("{path}{difference}");
            stale += 1;
        }
    }
    ensure!(
        stale == 0,
        "{stale} generated pages differ: run `cargo xtask gen` and look at `git diff docs/reference`"
    );
    println!("{} generated pages are current", PAGES.len());
    Ok(())
}

fn write() -> Result<()> {
    for (command, path) in PAGES {
        let file = place::root().join(path);
        let text = printed(command)?;
        if let Some(dir) = file.parent() {
            fs::create_dir_all(dir).with_context(|| format!("failed to create `{}`", dir.display()))?;
        }
        fs::write(&file, text).with_context(|| format!("failed to write `{path}`"))?;
        println!("wrote {path}");
    }
    Ok(())
}

/// What `tile COMMAND` prints, with no setting from the environment or the current folder.
fn printed(command: &[&str]) -> Result<String> {
    let mut tile = Command::new(place::tile_binary());
    tile.args(command).current_dir(place::target());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TILE_")) {
        tile.env_remove(name);
    }
    let text = place::output(&mut tile)?;
    if text.trim().is_empty() {
        bail!("`tile {}` printed nothing", command.join(" "));
    }
    Ok(text.trim_end().to_owned() + "\n")
}

/// `:LINE: …` with the first line that differs, both ways; nothing when the texts are equal.
fn first_difference(committed: &str, current: &str) -> Option<String> {
    if committed == current {
        return None;
    }
    let mut number = 1;
    let (mut old, mut new) = (committed.lines(), current.lines());
    loop {
        match (old.next(), new.next()) {
            (None, None) => return Some(": only the line ends differ".to_owned()),
            (before, after) if before != after => {
                let shown = |line: Option<&str>| line.unwrap_or("(end of file)").to_owned();
                return Some(format!(":{number}: differs\n  - {}\n  + {}", shown(before), shown(after)));
            }
            _ => number += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_shown() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n").unwrap(), ":2: differs\n  - b\n  + c");
        assert_eq!(first_difference("", "a\n").unwrap(), ":1: differs\n  - (end of file)\n  + a");
        assert!(first_difference("a", "a\n").unwrap().contains("line ends"));
    }
}
