//! `tile bench-seed`: metadata-only nodes for measurements.

use crate::cli::Seed;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::io::BufRead;
use tile_base::structure::Spec;
use tile_base::{Error, Family};
use tile_meta::NewNode;

/// Nodes per transaction.
const BATCH: usize = 5_000;

fn node(value: &Value) -> Result<NewNode> {
    let key = value.get("key").and_then(Value::as_str).context("a line lacks `key`")?.to_owned();
    let specs: Vec<Spec> = serde_json::from_value(value.get("specs").cloned().unwrap_or_else(|| json!([])))?;
    let metadata = value.get("metadata").cloned().unwrap_or_else(|| json!({}));
    Ok(NewNode { key, family: Family::Container, metadata, specs, structure: Value::Null, source: None })
}

pub fn run(args: &Seed) -> Result<()> {
    let catalog = super::register::open_catalog(&args.data.data)?;
    let top = NewNode {
        key: args.name.clone(),
        family: Family::Container,
        metadata: json!({}),
        specs: vec![],
        structure: Value::Null,
        source: None,
    };
    let parent = catalog.write(|w| w.upsert(0, &top))?;
    let mut lines = std::io::stdin().lock().lines();
    let mut left = args.count;
    while left > 0 {
        let mut nodes = Vec::new();
        for line in lines.by_ref().take(left.min(BATCH)) {
            nodes.push(node(&serde_json::from_str(&line?)?)?);
        }
        if nodes.is_empty() {
            return Err(Error::invalid(format!("{left} lines are missing on standard input")).into());
        }
        left -= nodes.len();
        catalog.write(|w| nodes.iter().try_for_each(|n| w.upsert(parent, n).map(|_| ())))?;
    }
    Ok(())
}
