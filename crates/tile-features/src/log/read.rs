//! Rows of the log, as the workspace keeps them.

use super::TABLE;
use crate::arrow;
use crate::column::{Cell, Column};
use crate::hub::sql;
use crate::types::Type;
use crate::value::Value;
use arrow_array::RecordBatch;
use serde_json::{Map, Value as Json};
use std::ops::Range;
use tile_base::feed::{FeedQuery, Feeds};
use tile_base::{Error, Kind, Result};

/// What the log has for each answer.
const COLUMNS: &[&str] = &["name", "keys", "features", "schema_hash"];
const TIME: &str = "ts";

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    /// In milliseconds since 1970.
    pub time: i64,
    pub keys: Map<String, Json>,
    pub features: Map<String, Json>,
    pub schema_hash: String,
}

/// Answers, a bounded part at a time. Nothing is read before it is asked for; each step blocks.
pub type Parts = Box<dyn Iterator<Item = Result<Vec<Logged>>> + Send>;

/// The answers of a name within a span of time, in the order in which they were stored.
///
/// # Errors
/// `NotFound` where the project has no log, `Invalid` for one with other columns.
pub fn parts(feeds: &dyn Feeds, name: &str, span: &Range<i64>) -> Result<Parts> {
    const HINT: &str =
        "The guide of features shows its file; rows come to it from what has `sample_percent` above 0";
    let feed = feeds.open(TABLE).map_err(|e| match e.kind {
        Kind::NotFound => Error::not_found(format!("there is no data source `{TABLE}`")).hint(HINT),
        _ => e,
    })?;
    let schema = feed.schema()?;
    let known = arrow::readable_of(&schema);
    let mut columns = Vec::new();
    let other = |e: Error| e.at(format!("the data source {TABLE}")).hint(HINT);
    for column in COLUMNS {
        let (sql, ty) = sql::printed(column, &known).map_err(other)?;
        if ty != Type::Text {
            return Err(other(Error::invalid(format!("the column `{column}` is a {ty}, not a string"))));
        }
        columns.push(((*column).to_owned(), sql));
    }
    let of_name = columns.first().map(|(_, sql)| sql::may_be(sql, &Value::Text(name.into()), &Type::Text));
    let time = sql::millis(TIME, &known).map_err(other)?;
    let (start, end) = (span.start, span.end);
    let filter =
        format!("{} AND {time} >= {start} AND {time} < {end}", of_name.unwrap_or_else(|| "true".to_owned()));
    columns.push((TIME.to_owned(), time));
    let batches = feed.read(&FeedQuery { columns, filter: Some(filter) }, None)?.batches;
    Ok(Box::new(batches.map(|batch| rows(&batch?))))
}

fn rows(batch: &RecordBatch) -> Result<Vec<Logged>> {
    let read: Vec<Column> =
        batch.columns().iter().map(|array| Ok(arrow::read(array)?.0)).collect::<Result<_>>()?;
    let object = |text: &str| {
        serde_json::from_str(text)
            .map_err(|e| Error::invalid(format!("the data source `{TABLE}` has a row that is no JSON: {e}")))
    };
    let mut out = Vec::new();
    for row in 0..batch.num_rows() {
        let cells: Vec<Cell<'_>> = read.iter().map(|column| column.cell(row)).collect();
        if let [Cell::Text(_), Cell::Text(keys), Cell::Text(features), Cell::Text(hash), Cell::Int(time)] =
            cells.as_slice()
        {
            let (keys, features) = (object(keys)?, object(features)?);
            out.push(Logged { time: *time, keys, features, schema_hash: (*hash).to_owned() });
        }
    }
    Ok(out)
}
