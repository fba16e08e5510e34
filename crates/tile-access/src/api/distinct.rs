//! Distinct values among a container's children.

use super::{App, Reply, Req, query, wrong_family};
use crate::tree::Located;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tile_base::filter::value_at;
use tile_base::{Family, Result};
use tile_meta::{DistinctValue, Query, Scope};

/// Distinct values of one key that are answered.
const VALUES_MAX: usize = 10_000;

pub async fn get(app: Arc<App>, req: Req) -> Result<Reply> {
    let filters = query::parse(&req.query)?;
    let keys: Vec<String> = req.query.all("metadata").map(str::to_owned).collect();
    let (families, specs, counts) = (
        req.query.flag("structure_families", false)?,
        req.query.flag("specs", false)?,
        req.query.flag("counts", false)?,
    );
    let path = req.tail.clone();
    let answer = tile_web::rt::cpu(move || {
        let node = app.tree.find(&path)?;
        if node.family() != Family::Container {
            return Err(wrong_family(&path, node.family(), &[Family::Container]));
        }
        let section = |values: Vec<DistinctValue>| {
            values
                .into_iter()
                .map(
                    |v| json!({"value": v.value, "count": if counts { json!(v.count) } else { Value::Null }}),
                )
                .collect::<Value>()
        };
        let mut metadata = Map::new();
        if app.tree.file_container(&node)?.is_some() {
            let children: Vec<Located> = app.tree.children(&node)?.into_iter().map(|c| c.1).collect();
            for key in &keys {
                let values = children
                    .iter()
                    .map(|c| c.metadata_json().map(|m| value_at(&m, key).cloned().unwrap_or(Value::Null)))
                    .collect::<Result<Vec<_>>>()?;
                metadata.insert(key.clone(), section(tally(values)));
            }
            let of_families = families
                .then(|| section(tally(children.iter().map(|c| Value::from(c.family().name())).collect())));
            let of_specs = specs.then(|| section(tally(children.iter().map(|c| json!(c.specs())).collect())));
            return Ok(document(&keys, metadata, of_families, of_specs));
        }
        let query =
            Query { scope: Scope::Children(node.row.id), filters, order: vec![], newest_first: false };
        let catalog = &app.tree.catalog;
        for key in &keys {
            metadata.insert(
                key.clone(),
                section(catalog.distinct_metadata(
                    &query,
                    key.strip_prefix("metadata.").unwrap_or(key),
                    VALUES_MAX,
                )?),
            );
        }
        let of_families =
            families.then(|| catalog.distinct_column(&query, false).map(section)).transpose()?;
        let of_specs = specs.then(|| catalog.distinct_column(&query, true).map(section)).transpose()?;
        Ok(document(&keys, metadata, of_families, of_specs))
    })
    .await?;
    Reply::document(&req, answer.to_string())
}

fn document(
    keys: &[String],
    metadata: Map<String, Value>,
    families: Option<Value>,
    specs: Option<Value>,
) -> Value {
    json!({"metadata": if keys.is_empty() { Value::Null } else { Value::Object(metadata) }, "structure_families": families, "specs": specs})
}

fn tally(values: Vec<Value>) -> Vec<DistinctValue> {
    let mut out: Vec<DistinctValue> = Vec::new();
    for value in values {
        match out.iter_mut().find(|v| v.value == value) {
            Some(found) => found.count += 1,
            None => out.push(DistinctValue { value, count: 1 }),
        }
    }
    out
}
