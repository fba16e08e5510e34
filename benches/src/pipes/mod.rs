//! `tile-benches pipes`: events in and endpoints out, beside ClickHouse's engine (chdb) and DuckDB with the same rows.
//!
//! `rows.rs` has what is timed. A figure stands only where the answers were equal before.

mod events;
mod peer;
mod project;
mod rows;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::options::{Options, USAGE, sources};
use rows::{Bench, Figure};

pub struct Asked {
    pub tile: PathBuf,
    pub python: PathBuf,
    /// Files of events for the long rows: 500 are ten million events.
    pub files: usize,
    pub repetitions: usize,
    pub cache: PathBuf,
    out: Option<PathBuf>,
}

/// The number of rows that failed.
pub fn run(arguments: impl Iterator<Item = String>) -> Result<usize> {
    let asked = asked(arguments)?;
    let home = asked.cache.join("bench-data");
    fs::create_dir_all(&home)?;
    let run = tempfile::Builder::new().prefix("pipes-").tempdir_in(&home)?;
    let figures = Bench::new(&asked, run.path())?.all()?;
    let report = markdown(&figures, &asked);
    println!("{report}");
    if let Some(out) = &asked.out {
        fs::write(out, &report).with_context(|| format!("failed to write `{}`", out.display()))?;
    }
    Ok(figures.iter().filter(|figure| figure.failure.is_some()).count())
}

fn asked(mut arguments: impl Iterator<Item = String>) -> Result<Asked> {
    let cache = match env::var_os("TILE_CACHE_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(&env::var_os("HOME").context("neither TILE_CACHE_DIR nor HOME is set")?)
            .join(".cache/tile"),
    };
    let mut asked = Asked {
        tile: Options::tile()?,
        python: cache.join("venv-bench/bin/python"),
        files: 500,
        repetitions: 5,
        cache,
        out: Some(sources().join("../docs/reference/speed-pipes.md")),
    };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("`{argument}` needs a value"));
        match argument.as_str() {
            "--quick" => (asked.files, asked.repetitions, asked.out) = (50, 1, None),
            "--tile" => asked.tile = value()?.into(),
            "--out" => asked.out = Some(value()?.into()),
            _ => bail!("unknown option `{argument}`\n\n{USAGE}"),
        }
    }
    // Servers run in folders of their own.
    asked.tile =
        fs::canonicalize(&asked.tile).with_context(|| format!("no binary at `{}`", asked.tile.display()))?;
    Ok(asked)
}

fn markdown(figures: &[Figure], asked: &Asked) -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let events = asked.files * events::ROWS_PER_FILE;
    let mut text = format!(
        "# Speed of pipes\n\nMade by `cargo xtask bench pipes` on {cores} cores; do not edit. Events have ten columns and about 224 bytes; \
         Tile takes them over HTTP and answers when they are durable, DuckDB 2.0.0 (`read_json`) and ClickHouse's engine (chdb 4.4.0, \
         `JSONEachRow`) read the same rows from files within their own process. Queries run over {events} events. The answers are compared \
         before a figure stands. Medians of {} repetitions in turn; the load generator and the server share the machine.\n\n\
         | measure | tile | beside | required | verdict |\n|---|--:|--:|--:|---|\n",
        asked.repetitions
    );
    for Figure { what, ours, beside, required, is_met, failure } in figures {
        let verdict = match (failure, is_met) {
            (Some(why), _) => format!("**FAILED**: {why}"),
            (None, true) => "pass".to_owned(),
            (None, false) => "**miss**".to_owned(),
        };
        text.push_str(&format!("| {what} | {ours} | {beside} | {required} | {verdict} |\n"));
    }
    text
}
