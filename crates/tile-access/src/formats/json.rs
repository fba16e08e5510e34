//! JSON: a list of objects, or an object of equal-length lists, is a table; any other document is served as bytes.

use super::Format;
use crate::assets::{Assets, read_all};
use crate::data::{Data, Opened};
use crate::reading::memory::MemoryTable;
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::Arc;
use tile_base::error::OrDamaged;
use tile_base::{Error, Result, Structure};

pub struct Json;

/// Largest document that is parsed, in bytes.
pub(crate) const DOCUMENT_BYTES_MAX: u64 = 256 << 20;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }
    fn about(&self) -> &'static str {
        "table when it is a list of objects or an object of equally long lists, else bytes"
    }
    fn mimetype(&self) -> &'static str {
        "application/json"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[".json"]
    }
    fn open(&self, assets: &Assets, _options: &Value) -> Result<Opened> {
        let path = assets.path()?.to_owned();
        let Some(rows) = rows(&path)? else {
            return Ok(Opened {
                structure: Structure::Bytes,
                metadata: json!({"media_type": "application/json"}),
                specs: vec![],
                data: Data::Bytes,
            });
        };
        let batch = to_batch(&rows)?;
        let load = Box::new(move || to_batch(&rows_again(&path)?));
        Opened::table(Arc::new(MemoryTable::new(&batch, assets.uid("")?, load)), json!({}))
    }
}

fn rows_again(path: &Path) -> Result<Vec<Value>> {
    rows(path)?.ok_or_else(|| Error::damaged("the document is no longer a table"))
}

fn rows(path: &Path) -> Result<Option<Vec<Value>>> {
    let text = read_all(path, DOCUMENT_BYTES_MAX)?;
    let value: Value = serde_json::from_slice(&text).or_damaged("the JSON text")?;
    Ok(match value {
        Value::Array(rows) if !rows.is_empty() && rows.iter().all(Value::is_object) => Some(rows),
        Value::Object(columns) => transpose(&columns),
        _ => None,
    })
}

fn transpose(columns: &Map<String, Value>) -> Option<Vec<Value>> {
    let len = columns.values().next()?.as_array()?.len();
    let lists: Vec<(&String, &Vec<Value>)> = columns
        .iter()
        .map(|(k, v)| Some((k, v.as_array().filter(|a| a.len() == len)?)))
        .collect::<Option<_>>()?;
    Some(
        (0..len)
            .map(|i| Value::Object(lists.iter().map(|(k, v)| ((*k).clone(), v[i].clone())).collect()))
            .collect(),
    )
}

/// Rows as one batch; columns in order of first appearance, types inferred, mixed columns as text.
pub(crate) fn to_batch(rows: &[Value]) -> Result<RecordBatch> {
    let inferred = arrow_json::reader::infer_json_schema_from_iterator(rows.iter().map(Ok));
    let mut names: Vec<&String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for row in rows {
        if let Value::Object(map) = row {
            names.extend(map.keys().filter(|k| seen.insert(k.as_str())));
        }
    }
    let mixed = inferred.is_err();
    let kind = |name: &str| -> DataType {
        let inferred =
            inferred.as_ref().ok().and_then(|s| s.field_with_name(name).ok()).map(|f| f.data_type().clone());
        match inferred {
            Some(DataType::Null) | None if !mixed => DataType::Float64,
            Some(t) => t,
            None => column_type(rows, name),
        }
    };
    let fields: Vec<Field> = names.iter().map(|n| Field::new(n.as_str(), kind(n), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let mut decoder = arrow_json::ReaderBuilder::new(schema.clone())
        .with_coerce_primitive(true)
        .with_batch_size(rows.len().max(1))
        .build_decoder()
        .or_damaged("the JSON rows")?;
    if mixed {
        let text: Vec<Value> = rows.iter().map(|r| as_declared(r, &schema)).collect();
        decoder.serialize(&text).or_damaged("the JSON rows")?;
    } else {
        decoder.serialize(rows).or_damaged("the JSON rows")?;
    }
    Ok(decoder.flush().or_damaged("the JSON rows")?.unwrap_or_else(|| RecordBatch::new_empty(schema)))
}

/// The one type of a column whose rows agree, else text.
fn column_type(rows: &[Value], name: &str) -> DataType {
    let values = || rows.iter().filter_map(|r| r.get(name)).filter(|v| !v.is_null());
    if values().all(Value::is_i64) {
        DataType::Int64
    } else if values().all(Value::is_number) {
        DataType::Float64
    } else if values().all(Value::is_boolean) {
        DataType::Boolean
    } else {
        DataType::Utf8
    }
}

fn as_declared(row: &Value, schema: &Schema) -> Value {
    let Value::Object(map) = row else { return Value::Null };
    let cell = |(k, v): (&String, &Value)| {
        let text = schema.field_with_name(k).is_ok_and(|f| *f.data_type() == DataType::Utf8);
        let value =
            if text && !v.is_string() && !v.is_null() { Value::from(v.to_string()) } else { v.clone() };
        (k.clone(), value)
    };
    Value::Object(map.iter().map(cell).collect())
}
