//! `tile register`: the walk, with progress.

use crate::cli::Register;
use crate::config::Config;
use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tile_access::registration::{self, Summary};
use tile_base::Error;
use tile_meta::Catalog;

pub fn run(args: Register) -> Result<()> {
    let config = Config::load(args.data.config.as_deref())?;
    let catalog = open_catalog(&args.data.data)?;
    let summary = walk(&catalog, &config, &args.paths)?;
    super::print(&format!(
        "{} nodes, {} described, {} removed, {} damaged\n",
        summary.nodes, summary.described, summary.removed, summary.damaged
    ))
}

/// Opens the catalog below the data folder, making both when missing.
pub fn open_catalog(data: &Path) -> Result<Catalog> {
    std::fs::create_dir_all(data)
        .with_context(|| format!("cannot make the data folder `{}`", data.display()))?;
    Ok(Catalog::open(&data.join("meta.sqlite"))?)
}

/// Absolute paths, so that the catalog does not depend on where the command was started.
pub fn absolute(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let one = |p: &PathBuf| {
        p.canonicalize().map_err(|e| Error::not_found(format!("cannot serve `{}`: {e}", p.display())).into())
    };
    paths.iter().map(one).collect()
}

/// Walks with a bar on a terminal, else with a plain line every few thousand nodes.
pub fn walk(catalog: &Catalog, config: &Config, paths: &[PathBuf]) -> Result<Summary> {
    let paths = absolute(paths)?;
    let terminal = std::io::stderr().is_terminal();
    let bar = if terminal { ProgressBar::no_length() } else { ProgressBar::hidden() };
    bar.set_style(
        ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} {eta}")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> "),
    );
    bar.set_message("describing files");
    let told = Mutex::new(0u64);
    let progress = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
        let Ok(mut last) = told.lock() else { return };
        if !terminal && total > 2_000 && (done >= *last + 5_000 || done == total) && done > 0 {
            *last = done;
            tracing::info!("described {done} of {total} files");
        }
    };
    let summary = registration::register(catalog, &config.access, &paths, &progress)?;
    bar.finish_and_clear();
    Ok(summary)
}
