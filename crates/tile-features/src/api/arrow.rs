//! Features as a stream of Arrow: a row for each item of the request, with its key, its features, and an error where there are none.

use super::beside::Beside;
use super::columns::of_table;
use super::fetch::Answered;
use super::joining::{Joining, Row};
use super::keys::value;
use crate::arrow::{data_type, write_values};
use crate::hub::Running;
use crate::types::Type;
use crate::value::Value;
use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{Field, Schema};
use serde_json::{Map, Value as Json};
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

/// One item of a request: its key, its features, and what is wrong.
struct Written {
    keys: Map<String, Json>,
    /// Empty where there are none.
    values: Vec<Value>,
    error: Option<String>,
}

/// Features of a GroupBy. Blocks.
///
/// # Errors
/// None but a defect.
pub fn of_group(running: &Running, rows: Vec<Answered>, beside: &Beside) -> Result<Reply> {
    let features = running.features();
    let written = rows.into_iter().map(|(keys, row)| match row {
        Ok(values) => Written { keys, values, error: None },
        Err(what) => Written { keys, values: vec![], error: Some(what) },
    });
    stream(&running.bound.keys, &features, &written.collect::<Vec<_>>(), beside)
}

/// Features of a Join: what failed of a row leaves nulls, and is told in its error. Blocks.
///
/// # Errors
/// `Invalid` for derivations that do not fit.
pub fn of_join(
    joining: &Joining,
    rows: Vec<Map<String, Json>>,
    found: Vec<Row>,
    beside: &Beside,
) -> Result<Reply> {
    let features = joining.columns()?;
    let written = rows.into_iter().zip(found).map(|(keys, row)| {
        let values = row.values_of(&features);
        let told: Vec<String> = row.errors.iter().map(|(name, what)| format!("{name}: {what}")).collect();
        Written { keys, values, error: if told.is_empty() { None } else { Some(told.join("; ")) } }
    });
    stream(&joining.keys(), &features, &written.collect::<Vec<_>>(), beside)
}

fn stream(
    keys: &[(String, Type)],
    features: &[(String, Type)],
    rows: &[Written],
    beside: &Beside,
) -> Result<Reply> {
    let misfit = |e| Error::internal("features are not written as Arrow").source(e);
    let is_wanted = |name: &String| beside.chosen.as_ref().is_none_or(|chosen| chosen.contains(name));
    let wanted: Vec<usize> = (0..features.len()).filter(|at| is_wanted(&features[*at].0)).collect();
    let features: Vec<(String, Type)> = wanted.iter().map(|at| features[*at].clone()).collect();
    let mut columns = of_table(keys, &features);
    let of_key = |(name, ty): &(String, Type)| -> Vec<Value> {
        let given = |row: &Written| value(row.keys.get(name).unwrap_or(&Json::Null), ty).unwrap_or_default();
        rows.iter().map(given).collect()
    };
    let of_feature =
        |at: usize| rows.iter().map(|row| row.values.get(at).cloned().unwrap_or_default()).collect();
    let mut values: Vec<Vec<Value>> = keys.iter().map(of_key).collect();
    values.extend(wanted.into_iter().map(of_feature));
    let error = if columns.iter().any(|(name, ..)| name == ERROR) { "fetch_error" } else { ERROR };
    columns.push((error.to_owned(), Type::Text));
    let told =
        |row: &Written| row.error.as_ref().map_or(Value::Null, |what| Value::Text(what.as_str().into()));
    values.push(rows.iter().map(told).collect());
    let fields: Vec<Field> = columns.iter().map(|(name, ty)| Field::new(name, data_type(ty), true)).collect();
    let arrays = columns.iter().zip(&values).map(|((_, ty), values)| write_values(values, ty));
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    // Beside rows a stream has the metadata of its schema.
    let told = beside.freshness.iter().map(|told| ("freshness".to_owned(), told.to_string()));
    let told: std::collections::HashMap<String, String> = told.collect();
    let schema = Arc::new(Schema::new(fields).with_metadata(told));
    let batch = RecordBatch::try_new_with_options(schema, arrays.collect::<Result<_>>()?, &options);
    let batch = batch.map_err(misfit)?;
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).map_err(misfit)?;
    writer.write(&batch).map_err(misfit)?;
    Ok(Reply::new(MEDIA_TYPE, writer.into_inner().map_err(misfit)?))
}
