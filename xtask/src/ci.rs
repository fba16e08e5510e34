//! `cargo xtask ci`: `.ci/run` in a fresh clone of HEAD, as another machine would see it. Finds files that were
//! never added, and paths that only exist here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::place;

pub fn run() -> Result<()> {
    let dir = std::env::temp_dir().join(format!("tile-ci-{}", std::process::id()));
    let result = test_clone(&dir);
    fs::remove_dir_all(&dir).with_context(|| format!("failed to remove `{}`", dir.display()))?;
    result
}

fn test_clone(dir: &Path) -> Result<()> {
    let clone = fresh_clone(dir)?;
    let mut ci = Command::new(clone.join(".ci/run"));
    ci.current_dir(&clone).env("CARGO_TARGET_DIR", place::target()).env("TILE_CACHE_DIR", place::cache());
    // These name the outer clone.
    for name in ["CMAKE", "CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"] {
        ci.env_remove(name);
    }
    place::check(&mut ci)
}

fn fresh_clone(dir: &Path) -> Result<PathBuf> {
    let clone = dir.join("tile");
    fs::create_dir_all(dir).with_context(|| format!("failed to create `{}`", dir.display()))?;
    place::check(
        Command::new("git").args(["clone", "--quiet", "--no-hardlinks"]).arg(place::root()).arg(&clone),
    )?;
    Ok(clone)
}
