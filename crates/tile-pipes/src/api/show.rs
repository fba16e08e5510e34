//! Resources as JSON.

use crate::datafile::{Connector, NodeKind, schema_sql};
use crate::workspace::Live;
use crate::workspace::resources::{Node, Pipe, Source};
use serde_json::{Value, json};
use std::path::Path;

/// `2024-01-01 00:00:00.000000`, in UTC.
pub fn time(us: i64) -> String {
    let stamp = jiff::Timestamp::from_microsecond(us).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    stamp.strftime("%Y-%m-%d %H:%M:%S%.6f").to_string()
}

/// The same with three digits.
pub fn millis(us: i64) -> String {
    let stamp = jiff::Timestamp::from_microsecond(us).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    stamp.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

/// A time as people write it: `2024-01-01 00:00:00`, with a `T`, without the time of the day, and with a zone if there is one, else in
/// UTC.
pub fn moment(text: &str) -> Option<i64> {
    let zoned = text.parse::<jiff::Timestamp>().ok();
    let civil = || text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
    zoned.or_else(|| civil().map(|z| z.timestamp())).map(jiff::Timestamp::as_microsecond)
}

/// The file of a resource as it was deployed: it has the names of secrets and not their values.
pub fn file<'a>(live: &'a Live, name: &str, extension: &str) -> Option<&'a str> {
    let is_it = |path: &Path| {
        path.file_stem().is_some_and(|s| s == name) && path.extension().is_some_and(|e| e == extension)
    };
    live.document.files.iter().find(|(path, _)| is_it(Path::new(path))).map(|(_, text)| text.as_str())
}

/// What a data source holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub rows: u64,
    pub bytes: u64,
    pub quarantined: u64,
}

pub fn source(source: &Source, counts: Counts, used_by: &[(String, String)]) -> Value {
    let file = &source.file;
    let engine = &file.engine;
    let (service, connector) = match &file.connector {
        Some(Connector::Blob(blob)) if blob.bucket_uri.starts_with("s3") => {
            ("s3".into(), json!(blob.connection))
        }
        Some(Connector::Blob(blob)) if blob.bucket_uri.starts_with("gs") => {
            ("gcs".into(), json!(blob.connection))
        }
        Some(Connector::Blob(blob)) => ("files".into(), json!(blob.connection)),
        _ => (Value::Null, Value::Null),
    };
    let mut shown = serde_json::Map::new();
    shown.insert("engine".into(), json!(engine.kind.name()));
    for (name, value) in engine.options() {
        shown.insert(name.trim_start_matches("engine_").to_owned(), json!(value));
    }
    shown.insert("engine_full".into(), json!(engine.full()));
    json!({
        "id": source.home.id,
        "name": file.name,
        "engine": shown,
        "columns": file.columns.iter().map(crate::datafile::Column::to_json).collect::<Vec<_>>(),
        "schema": {"sql_schema": schema_sql(&file.columns)},
        "indexes": file.indexes.iter().map(crate::datafile::Index::to_json).collect::<Vec<_>>(),
        "statistics": {"bytes": counts.bytes, "row_count": counts.rows},
        "created_at": time(source.home.created_at_us),
        "updated_at": time(source.home.updated_at_us),
        "description": file.description.clone().unwrap_or_default(),
        "type": "csv",
        "service": service,
        "connector": connector,
        "tags": {},
        "shared_with": file.shared_with,
        "used_by": used_by.iter().map(|(id, name)| json!({"id": id, "name": name})).collect::<Vec<_>>(),
        "quarantine_rows": counts.quarantined,
        "new_columns_detected": {},
        "errors_discarded_at": Value::Null,
        "headers": {},
        "replicated": false,
        "version": 0,
        "project": Value::Null,
        "cluster": "tinybird",
    })
}

pub fn pipe(pipe: &Pipe, target_id: impl Fn(&str) -> Option<String>) -> Value {
    let published = pipe.published().and_then(|at| pipe.file.nodes.get(at).map(|n| (at, n)));
    let kind = published.map_or("default", |(_, n)| match n.kind {
        NodeKind::Standard => "default",
        ref other => other.name(),
    });
    let endpoint = published
        .filter(|(_, n)| n.kind == NodeKind::Endpoint)
        .and_then(|(at, _)| pipe.nodes.get(at))
        .map(|n| n.id.clone());
    let nodes: Vec<Value> = pipe
        .file
        .nodes
        .iter()
        .zip(&pipe.nodes)
        .map(|(file, node)| shown_node(pipe, file, node, &target_id))
        .collect();
    json!({
        "id": pipe.id,
        "name": pipe.file.name,
        "type": kind,
        "endpoint": endpoint,
        "copy_node": Value::Null,
        "copy_target_datasource": Value::Null,
        "sink_node": Value::Null,
        "schedule": Value::Null,
        "description": pipe.file.description.clone().unwrap_or_default(),
        "url": format!("/v0/pipes/{}.json", pipe.file.name),
        "created_at": time(pipe.created_at_us),
        "updated_at": time(pipe.updated_at_us),
        "parent": Value::Null,
        "nodes": nodes,
    })
}

fn shown_node(
    pipe: &Pipe,
    file: &crate::datafile::Node,
    node: &Node,
    target_id: &impl Fn(&str) -> Option<String>,
) -> Value {
    let mut tags = serde_json::Map::new();
    let mut materialized = Value::Null;
    match &file.kind {
        NodeKind::Materialized(m) => materialized = json!(target_id(&m.datasource)),
        NodeKind::Copy(copy) => {
            tags.insert("copy_target_datasource".into(), json!(target_id(&copy.target)));
        }
        _ => {}
    }
    let kind = match file.kind {
        NodeKind::Standard => "standard",
        ref other => other.name(),
    };
    json!({
        "id": node.id,
        "name": file.name,
        "sql": file.query.text,
        "node_type": kind,
        "materialized": materialized,
        "params": node.params(),
        "dependencies": node.dependencies(),
        "tags": tags,
        "cluster": Value::Null,
        "version": 0,
        "created_at": time(pipe.created_at_us),
        "updated_at": time(pipe.updated_at_us),
        "description": file.description.clone().unwrap_or_default(),
    })
}

/// Of an object, only these members.
pub fn only(value: Value, names: Option<&str>) -> Value {
    let (Some(names), Value::Object(object)) = (names.filter(|n| !n.is_empty()), &value) else {
        return value;
    };
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    Value::Object(
        object
            .iter()
            .filter(|(k, _)| names.contains(&k.as_str()))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        assert_eq!(moment("1970-01-01T00:00:01Z"), Some(1_000_000));
        assert_eq!(moment("1970-01-01 00:00:02"), Some(2_000_000));
        assert_eq!(moment("1970-01-02"), Some(86_400_000_000));
        assert_eq!(moment("1970-01-01T02:00:00+02:00"), Some(0));
        assert_eq!(moment("yesterday"), None);
        assert_eq!(moment(&time(1_234_567)), Some(1_234_567));
    }
}
