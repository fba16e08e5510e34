//! `cargo xtask timings`: the slowest steps of the last `cargo xtask test`, and cargo's own report of a build.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{place, steps};

#[derive(clap::Args)]
pub struct Options {
    /// Build the program with `cargo build --timings` and say where its report is
    #[arg(long)]
    build: bool,
}

pub fn run(options: &Options) -> Result<()> {
    if options.build {
        place::check(place::cargo_release("build").args(["--package", "tile", "--timings"]))?;
        println!("{}", place::target().join("cargo-timings/cargo-timing.html").display());
        return Ok(());
    }
    slowest_steps()
}

fn slowest_steps() -> Result<()> {
    let path = steps::report_path();
    let text = fs::read_to_string(&path)
        .with_context(|| format!("failed to read `{}`: run `cargo xtask test` first", path.display()))?;
    let report: Value =
        serde_json::from_str(&text).with_context(|| format!("failed to parse `{}`", path.display()))?;
    let steps = report.get("steps").and_then(Value::as_array);
    let mut steps: Vec<(f64, &str)> = steps.into_iter().flatten().map(named_seconds).collect();
    steps.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (seconds, name) in steps {
        println!("{seconds:>8.1} s  {name}");
    }
    println!("{:>8.1} s  total", seconds(&report, "total_seconds"));
    Ok(())
}

fn named_seconds(step: &Value) -> (f64, &str) {
    (seconds(step, "seconds"), step.get("name").and_then(Value::as_str).unwrap_or_default())
}

fn seconds(value: &Value, key: &str) -> f64 {
    value.get(key).and_then(Value::as_f64).unwrap_or_default()
}
