//! Features as a stream of Arrow: a row for each item of the request, with its key, its features, and an error where there are none.

use super::fetch::Found;
use super::keys::value;
use crate::arrow::{data_type, write_values};
use crate::hub::Running;
use crate::types::Type;
use crate::value::Value;
use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{Field, Schema};
use serde_json::Value as Json;
use std::sync::Arc;
use tile_base::{Error, Result};
use tile_web::{Reply, Req};

pub const MEDIA_TYPE: &str = "application/vnd.apache.arrow.stream";
/// The column of errors.
const ERROR: &str = "error";

/// Whether a request accepts it by its name.
pub fn is_wanted(req: &Req) -> bool {
    let accept = req.header("accept");
    accept
        .split(',')
        .any(|item| item.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(MEDIA_TYPE)))
}

/// Blocks.
pub fn stream(running: &Running, found: &[Found]) -> Result<Reply> {
    let misfit = |e| Error::internal("features are not written as Arrow").source(e);
    let features: Vec<(&str, &Type)> = running.derive.columns().collect();
    let rows: Vec<Vec<Value>> = found
        .iter()
        .map(|found| found.outcome.as_ref().map(|(_, answer)| running.row(answer)).unwrap_or_default())
        .collect();
    let mut columns: Vec<(String, &Type, Vec<Value>)> = Vec::new();
    let is_feature = |name: &str| features.iter().any(|(feature, _)| *feature == name);
    for (name, ty) in &running.bound.keys {
        let of = |found: &Found| value(found.keys.get(name).unwrap_or(&Json::Null), ty).unwrap_or_default();
        // What is derived may have the name of a key.
        let shown = if is_feature(name) { format!("key_{name}") } else { name.clone() };
        columns.push((shown, ty, found.iter().map(of).collect()));
    }
    for (at, (name, ty)) in features.iter().enumerate() {
        let of = |row: &Vec<Value>| row.get(at).cloned().unwrap_or_default();
        columns.push(((*name).to_owned(), ty, rows.iter().map(of).collect()));
    }
    let errors = found.iter().map(|found| match &found.outcome {
        Ok(_) => Value::Null,
        Err(what) => Value::Text(what.as_str().into()),
    });
    let shown = if columns.iter().any(|(name, ..)| name == ERROR) { "fetch_error" } else { ERROR };
    columns.push((shown.to_owned(), &Type::Text, errors.collect()));
    let fields: Vec<Field> =
        columns.iter().map(|(name, ty, _)| Field::new(name, data_type(ty), true)).collect();
    let arrays = columns.iter().map(|(_, ty, values)| write_values(values, ty)).collect::<Result<_>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(found.len()));
    let batch =
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options).map_err(misfit)?;
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).map_err(misfit)?;
    writer.write(&batch).map_err(misfit)?;
    Ok(Reply::new(MEDIA_TYPE, writer.into_inner().map_err(misfit)?))
}
