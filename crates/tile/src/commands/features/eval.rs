//! `tile features eval`: a scenario through the evaluators, in the oracle's own formats.

use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use tile_base::Error;
use tile_base::tiles::TileStore;
use tile_features::eval::{Choices, Mode, evaluate, modes};
use tile_features::scenario::{Results, Scenario, results};

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The scenario: a JSON file with schema, rows, aggregations and queries.
    scenario: PathBuf,
    /// Where the values go, as JSON; `-` for standard output.
    out: PathBuf,
    /// An evaluator: naive, backfill, online, tiled_<milliseconds>, running, snapshot or mutation. Without one, all that the scenario
    /// allows.
    #[arg(long)]
    mode: Vec<String>,
    /// Let the rows arrive in a random order of this seed: online and tiled only.
    #[arg(long, value_name = "SEED")]
    shuffle: Option<u64>,
    /// Keep tiles in a store on disk, and start anew from it now and then: online and tiled only.
    #[arg(long)]
    restart: bool,
    /// With `--restart`: lose what came since the last commit and let it come again, and write tiles twice, the second time late.
    #[arg(long, requires = "restart")]
    redeliver: bool,
    /// Roll up what is older than this time, in milliseconds since 1970, instead of the scenario's `batchEnd`.
    #[arg(long, value_name = "MS", allow_negative_numbers = true)]
    compact_at: Option<i64>,
}

pub fn run(args: &Args) -> Result<()> {
    let text = fs::read_to_string(&args.scenario)
        .with_context(|| format!("failed to read `{}`", args.scenario.display()))?;
    let scenario = Scenario::read(&text)?;
    let plan = Arc::new(scenario.plan()?);
    let wanted = match args.mode.as_slice() {
        [] => modes(&scenario, &plan),
        names => names.iter().map(|name| Mode::parse(name)).collect::<tile_base::Result<_>>()?,
    };
    let mut found: Vec<(String, Results)> = Vec::new();
    for mode in wanted {
        let values = one(args, &scenario, &plan, mode).map_err(|e| e.at(mode.to_string()))?;
        found.push((mode.to_string(), values));
    }
    let named: Vec<(&str, Results)> =
        found.iter().map(|(name, values)| (name.as_str(), values.clone())).collect();
    let text = results(&plan, &scenario.queries, &named).to_string() + "\n";
    if args.out.as_os_str() == "-" {
        return super::super::print(&text);
    }
    fs::write(&args.out, text).with_context(|| format!("failed to write `{}`", args.out.display()))
}

fn one(
    args: &Args,
    scenario: &Scenario,
    plan: &Arc<tile_features::plan::Plan>,
    mode: Mode,
) -> tile_base::Result<Results> {
    let folder = tempfile::Builder::new().prefix("tile-eval-").tempdir().map_err(|e| Error {
        source: Some(Box::new(e)),
        ..Error::internal("failed to make a temporary folder")
    })?;
    let mut reopen = || Ok(Arc::new(tile_kv::Store::open(&folder.path().join("kv"))?) as Arc<dyn TileStore>);
    let mut choices = Choices {
        shuffle: args.shuffle,
        compact_at: args.compact_at,
        reopen: None,
        is_redelivered: args.redeliver,
    };
    if args.restart {
        choices.reopen = Some(&mut reopen);
    }
    evaluate(scenario, plan, mode, &mut choices)
}
