//! NDJSON: one JSON object per line, a table.

use super::{Format, json as json_format};
use crate::assets::{Assets, read_all};
use crate::data::Opened;
use crate::reading::memory::MemoryTable;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use tile_base::error::OrDamaged;
use tile_base::{Error, Result};

pub struct NdJson;

impl Format for NdJson {
    fn name(&self) -> &'static str {
        "ndjson"
    }
    fn about(&self) -> &'static str {
        "table, one JSON object per line"
    }
    fn mimetype(&self) -> &'static str {
        "application/x-ndjson"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[".ndjson", ".jsonl"]
    }
    fn open(&self, assets: &Assets, _options: &Value) -> Result<Opened> {
        let path = assets.path()?.to_owned();
        let batch = json_format::to_batch(&rows(&path)?)?;
        let load = Box::new(move || json_format::to_batch(&rows(&path)?));
        Opened::table(Arc::new(MemoryTable::new(&batch, assets.uid("")?, load)), json!({}))
    }
}

fn rows(path: &Path) -> Result<Vec<Value>> {
    let text = read_all(path, json_format::DOCUMENT_BYTES_MAX)?;
    let lines = text.split(|&b| b == b'\n').enumerate().filter(|(_, l)| !l.trim_ascii().is_empty());
    lines
        .map(|(i, line)| {
            let row: Value = serde_json::from_slice(line).or_damaged(&format!("line {}", i + 1))?;
            if row.is_object() {
                Ok(row)
            } else {
                Err(Error::damaged(format!("line {} is not a JSON object", i + 1)))
            }
        })
        .collect()
}
