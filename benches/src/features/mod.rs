//! `tile-benches features`: updates and fetches in process and over HTTP, beside a floor: what a few lines of Rust do that know nothing but this one
//! question. A figure stands only where the answers were equal before.
//!
//! To add a row: a function in a file of this folder, and a line in [`ROWS`].

mod backfill;
mod data;
mod fetch;
mod floor;
mod serve;
mod update;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::options::{Options, USAGE, sources};
use crate::pattern;

type Row = fn(&Scene) -> Result<Vec<Figure>>;

/// What is measured, in the order of the report, with what `--only` calls it.
const ROWS: &[(&str, Row)] = &[
    ("update.few", update::few_keys),
    ("update.many", update::many_keys),
    ("fetch.narrow", fetch::narrow),
    ("fetch.wide", fetch::wide),
    ("fetch.hot", fetch::hot),
    ("backfill", backfill::backfill),
    ("serve.events", serve::events),
    ("serve.fresh", serve::fresh),
    ("serve.fetch", serve::fetch),
];

/// What all rows share.
pub struct Scene {
    /// Events of one row.
    pub events: usize,
    /// Keys, where there are many.
    pub keys: usize,
    pub repetitions: usize,
    /// The program that serves.
    pub tile: PathBuf,
}

/// One line of the report.
pub struct Figure {
    pub what: String,
    pub ours: String,
    pub beside: String,
    pub required: String,
    /// None where nothing is required.
    pub is_met: Option<bool>,
    pub failure: Option<String>,
}

/// The number of rows that failed.
pub fn run(mut arguments: impl Iterator<Item = String>) -> Result<usize> {
    let mut scene = Scene { events: 10_000_000, keys: 1_000_000, repetitions: 5, tile: Options::tile()? };
    let mut out = Some(sources().join("../docs/reference/speed-features.md"));
    let mut only = String::new();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("`{argument}` needs a value"));
        match argument.as_str() {
            "--quick" => {
                (scene.events, scene.keys, scene.repetitions) = (1_000_000, 100_000, 1);
                out = None;
            }
            "--tile" => scene.tile = value()?.into(),
            "--only" => (only, out) = (value()?, None),
            "--out" => out = Some(PathBuf::from(value()?)),
            _ => bail!("unknown option `{argument}`\n\n{USAGE}"),
        }
    }
    let mut figures = Vec::new();
    let rows: Vec<_> = ROWS.iter().filter(|(id, _)| pattern::found(&only, id)).collect();
    if rows.is_empty() {
        let ids: Vec<&str> = ROWS.iter().map(|(id, _)| *id).collect();
        bail!("no row matches `{only}`; the rows are {}", ids.join(", "));
    }
    for (_, row) in rows {
        for figure in row(&scene)? {
            eprintln!("{}: {} beside {}", figure.what, figure.ours, figure.beside);
            figures.push(figure);
        }
    }
    let report = markdown(&figures, &scene);
    println!("{report}");
    if let Some(out) = out {
        fs::write(&out, &report).with_context(|| format!("failed to write `{}`", out.display()))?;
    }
    Ok(figures.iter().filter(|figure| figure.failure.is_some()).count())
}

fn markdown(figures: &[Figure], scene: &Scene) -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let mut text = format!(
        "# Speed of features\n\nMade by `cargo xtask bench features` on {cores} cores; do not edit. Updates and fetches run in one \
         thread, in process, over {} events of {} keys (or of fewer, where a row says so); keys are drawn from a Zipf distribution with \
         exponent 1. *Beside* is a floor: a hash map from the number of a key to five-minute tiles of exactly the fields that the row asks \
         for, without windows, retention, late events, restarts, types or columns to choose. The answers of both are compared before a figure \
         stands. Rates are of seconds that the thread had a core, medians of {} \
         repetitions in turn.\n\n\
         | measure | tile | beside | required | verdict |\n|---|--:|--:|--:|---|\n",
        scene.events, scene.keys, scene.repetitions
    );
    for Figure { what, ours, beside, required, is_met, failure } in figures {
        let verdict = match (failure, is_met) {
            (Some(why), _) => format!("**FAILED**: {why}"),
            (None, Some(true)) => "pass".to_owned(),
            (None, Some(false)) => "**miss**".to_owned(),
            (None, None) => "–".to_owned(),
        };
        text.push_str(&format!("| {what} | {ours} | {beside} | {required} | {verdict} |\n"));
    }
    text
}

/// The middle of some figures.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
