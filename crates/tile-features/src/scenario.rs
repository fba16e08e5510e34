//! Scenarios: rows, aggregations and queries in one JSON file, and results in another. It is the form of the oracle
//! (`tests/features/oracle.py`), with which every evaluator is compared.
//!
//! The rows of a scenario are those of one key. A column `ts` of longs is the time; rows without one are left out.

use crate::aggregates::Args;
use crate::column::{Block, Column};
use crate::definition::Aggregation;
use crate::json::{Form, describe, of_json, to_json};
use crate::operation::Operation;
use crate::plan::Plan;
use crate::types::{Schema, Type};
use crate::value::Value;
use crate::window::{DAY_MS, Window};
use serde_json::{Map, Value as Json, json};
use tile_base::{Error, Result};

/// What is to be computed, of which rows.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// All columns, the time among them.
    pub schema: Schema,
    /// In the order of arrival.
    pub rows: Block,
    pub aggregations: Vec<Aggregation>,
    /// In order, each once.
    pub queries: Vec<i64>,
    pub batch_end: Option<i64>,
    pub tile_sizes: Vec<i64>,
    pub tail_buffer_ms: i64,
    /// The ends of snapshots, in order.
    pub snapshot_ends: Vec<i64>,
    pub mutations: Vec<Mutation>,
    /// The rows of the mutations, in their order.
    pub mutated: Block,
}

/// A change of a table: the row before it, or the row after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mutation {
    pub at: i64,
    pub is_before: bool,
}

/// The results of one evaluator: for each query its values, or null where there are none.
pub type Results = Vec<Option<Vec<Value>>>;

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// `Invalid`, with the place, for what is none.
    pub fn read(text: &str) -> Result<Self> {
        let json: Json = serde_json::from_str(text)
            .map_err(|e| Error::invalid(format!("a scenario that is not JSON: {e}")))?;
        let schema = schema(list(&json, "schema")?)?;
        let ts =
            schema.find("ts").ok_or_else(|| Error::invalid("a scenario needs a column `ts`").at("schema"))?;
        let rows = block(&schema, ts, list(&json, "rows")?.iter().collect(), "rows")?;
        let aggregations = each(list(&json, "aggregations")?, "aggregations", aggregation)?;
        let (mut queries, mut ends) = (times(&json, "queries")?, times(&json, "snapshotEnds")?);
        for times in [&mut queries, &mut ends] {
            times.sort_unstable();
            times.dedup();
        }
        let (mutations, mutated) = mutations(&schema, ts, optional(&json, "mutations")?)?;
        Ok(Self {
            schema,
            rows,
            aggregations,
            queries,
            batch_end: number(&json, "batchEnd")?,
            tile_sizes: times(&json, "tileSizes")?,
            tail_buffer_ms: number(&json, "tailBufferMs")?.unwrap_or(2 * DAY_MS),
            snapshot_ends: ends,
            mutations,
            mutated,
        })
    }

    /// The plan of its aggregations.
    ///
    /// # Errors
    /// Those of [`Plan::positional`].
    pub fn plan(&self) -> Result<Plan> {
        Plan::positional(&self.aggregations, &self.schema)
    }
}

/// Results in the oracle's form, with a name for each evaluator.
pub fn results(plan: &Plan, queries: &[i64], modes: &[(&str, Results)]) -> Json {
    let columns: Vec<Json> = plan.columns.iter().map(|c| json!([c.name, c.ty.to_string()])).collect();
    let line = |values: &Vec<Value>| -> Json {
        let typed = values.iter().zip(&plan.columns);
        typed.map(|(value, column)| to_json(value, &column.ty, Form::Scenario)).collect()
    };
    let modes: Map<String, Json> = modes
        .iter()
        .map(|(name, lines)| {
            let lines = lines.iter().map(|values| values.as_ref().map_or(Json::Null, line)).collect();
            ((*name).to_owned(), lines)
        })
        .collect();
    json!({ "columns": columns, "queries": queries, "results": modes })
}

fn wrong(path: &str, wanted: &str, found: &Json) -> Error {
    Error::invalid(format!("expected {wanted}, found {}", describe(found))).at(path)
}

fn optional<'a>(json: &'a Json, name: &str) -> Result<&'a [Json]> {
    match json.get(name) {
        None | Some(Json::Null) => Ok(&[]),
        Some(Json::Array(items)) => Ok(items),
        Some(other) => Err(wrong(name, "a list", other)),
    }
}

fn list<'a>(json: &'a Json, name: &str) -> Result<&'a [Json]> {
    if json.get(name).is_none() {
        return Err(Error::invalid(format!("a scenario needs `{name}`")));
    }
    optional(json, name)
}

fn number(json: &Json, name: &str) -> Result<Option<i64>> {
    match json.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(found) => found.as_i64().map(Some).ok_or_else(|| wrong(name, "milliseconds", found)),
    }
}

fn times(json: &Json, name: &str) -> Result<Vec<i64>> {
    let items = optional(json, name)?;
    items.iter().map(|item| item.as_i64().ok_or_else(|| wrong(name, "milliseconds", item))).collect()
}

/// Reads each, and tells which one is wrong.
fn each<T>(items: &[Json], name: &str, read: impl Fn(&Json) -> Result<T>) -> Result<Vec<T>> {
    let at = |i: usize, error: Error| {
        let path = match &error.at {
            Some(inner) => format!("{name}[{i}].{inner}"),
            None => format!("{name}[{i}]"),
        };
        error.at(path)
    };
    items.iter().enumerate().map(|(i, item)| read(item).map_err(|e| at(i, e))).collect()
}

fn schema(columns: &[Json]) -> Result<Schema> {
    let column = |json: &Json| match json.as_array().map(Vec::as_slice) {
        Some([Json::String(name), Json::String(ty)]) => Ok((name.clone(), Type::parse(ty)?)),
        _ => Err(Error::invalid(format!("expected a name and a type, found {}", describe(json)))),
    };
    each(columns, "schema", column).map(Schema)
}

/// Rows as columns.
fn block(schema: &Schema, ts: usize, rows: Vec<&Json>, path: &str) -> Result<Block> {
    let mut times = Vec::with_capacity(rows.len());
    let mut columns: Vec<Vec<Value>> = vec![Vec::with_capacity(rows.len()); schema.0.len()];
    for (at, row) in rows.into_iter().enumerate() {
        let path = || format!("{path}[{at}]");
        let cells = match row {
            Json::Array(cells) if cells.len() == schema.0.len() => cells,
            other => return Err(wrong(&path(), &format!("a list of {}", schema.0.len()), other)),
        };
        let Some(time) = cells[ts].as_i64() else {
            if cells[ts].is_null() {
                continue;
            }
            return Err(wrong(&path(), "milliseconds", &cells[ts]));
        };
        times.push(time);
        for (((name, ty), cell), column) in schema.0.iter().zip(cells).zip(&mut columns) {
            column.push(of_json(cell, ty).map_err(|e| {
                let inner = e.at.clone().unwrap_or_default();
                e.at(format!("{}.{name}{inner}", path()))
            })?);
        }
    }
    let columns = schema.0.iter().zip(&columns).map(|((_, ty), values)| Column::of_values(ty, values));
    Ok(Block { times, columns: columns.collect() })
}

fn mutations(schema: &Schema, ts: usize, items: &[Json]) -> Result<(Vec<Mutation>, Block)> {
    let (mut mutations, mut rows) = (Vec::new(), Vec::new());
    for (at, item) in items.iter().enumerate() {
        match item.as_array().map(Vec::as_slice) {
            Some([time, Json::Bool(is_before), row]) if time.is_i64() => {
                // A row without a time is in no window.
                if row.get(ts).is_some_and(|cell| !cell.is_null()) {
                    mutations.push(Mutation { at: time.as_i64().unwrap_or_default(), is_before: *is_before });
                    rows.push(row);
                }
            }
            _ => return Err(wrong(&format!("mutations[{at}]"), "a time, true or false, and a row", item)),
        }
    }
    let mutated = block(schema, ts, rows, "mutations")?;
    Ok((mutations, mutated))
}

fn text<'a>(json: &'a Json, name: &str) -> Result<&'a str> {
    let found = json.get(name).unwrap_or(&Json::Null);
    found.as_str().ok_or_else(|| wrong(name, "a text", found))
}

fn texts<'a>(json: &'a Json, name: &str) -> Result<Vec<&'a str>> {
    optional(json, name)?.iter().map(|item| item.as_str().ok_or_else(|| wrong(name, "texts", item))).collect()
}

fn aggregation(json: &Json) -> Result<Aggregation> {
    let args = match json.get("argMap") {
        None | Some(Json::Null) => Args::default(),
        Some(Json::Object(entries)) => {
            // Compiled definitions have texts only; by hand one writes numbers and lists.
            let plain: Vec<(&str, String)> = entries
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str().map_or_else(|| v.to_string(), str::to_owned)))
                .collect();
            Args::read(plain.iter().map(|(k, v)| (*k, v.as_str())))?
        }
        Some(other) => return Err(wrong("argMap", "an object", other)),
    };
    Ok(Aggregation {
        input: text(json, "inputColumn")?.to_owned(),
        operation: Operation::parse(text(json, "operation")?)?,
        args,
        windows: texts(json, "windows")?.into_iter().map(Window::parse).collect::<Result<_>>()?,
        buckets: texts(json, "buckets")?.into_iter().map(str::to_owned).collect(),
        is_element_wise: json.get("elementWise").and_then(Json::as_bool).unwrap_or(false),
    })
}
