//! What the log tells: whether the rows still give what was served, and how far values moved from one span of time to another. All of it
//! blocks.

use super::read::{Logged, Parts, parts};
use crate::arrow;
use crate::consistency::{Column, Verdict};
use crate::drift::Summary;
use crate::hub::outputs::Outputs;
use crate::hub::{Target, Typed};
use crate::json::{Form, of_json, to_json};
use crate::training::Tables;
use crate::training::desk::{Desk, Given};
use crate::types::Type;
use crate::value::Value;
use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema, SchemaRef};
use serde_json::{Map, Value as Json, json};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tile_base::engine::Cancel;
use tile_base::feed::Feeds;
use tile_base::{Error, Result};

/// What stands before the names of logged columns.
const SERVED: &str = "served ";
const TIME: &str = "ts";
/// The table of what was logged.
const LEFT: &str = "what was served";
/// Rows that are shown as examples.
const EXAMPLES_MAX: usize = 10;

/// What is compared.
pub struct Asked<'a> {
    pub feeds: &'a dyn Feeds,
    pub target: &'a Target,
    pub span: Range<i64>,
    /// Answers that are looked at.
    pub rows_max: u64,
}

/// Answers that were read.
#[derive(Default)]
struct Counts {
    rows: AtomicU64,
    /// Of a definition that is not the present one.
    others: AtomicU64,
    /// Beyond the bound.
    more: AtomicU64,
}

impl Counts {
    fn tell(&self, out: &mut Map<String, Json>) {
        let counts = [
            ("rows", &self.rows),
            ("rows_of_other_definitions", &self.others),
            ("rows_left_out", &self.more),
        ];
        out.extend(counts.map(|(name, count)| (name.to_owned(), json!(count.load(Ordering::Relaxed)))));
    }
}

/// The answers of the present definition, up to the bound.
fn chosen(all: Parts, hash: String, rows_max: u64, counts: Arc<Counts>) -> Parts {
    Box::new(all.map(move |part| {
        let mut part = part?;
        part.retain(|row| {
            if row.schema_hash != hash {
                counts.others.fetch_add(1, Ordering::Relaxed);
                return false;
            }
            let is_within = counts.rows.load(Ordering::Relaxed) < rows_max;
            let count = if is_within { &counts.rows } else { &counts.more };
            count.fetch_add(1, Ordering::Relaxed);
            is_within
        });
        Ok(part)
    }))
}

/// Computes what was served again, and compares.
///
/// # Errors
/// Those of the log, of what is not served, and of the run.
pub fn check(asked: &Asked<'_>, desk: &Desk, tolerance: f64) -> Result<Json> {
    let Outputs { keys, columns } = asked.target.outputs()?;
    let counts = Arc::<Counts>::default();
    let name = asked.target.meta().name.clone();
    let all = parts(asked.feeds, &name, &asked.span)?;
    let rows = chosen(all, asked.target.schema_hash()?, asked.rows_max, counts.clone());
    desk.add(LEFT, left(asked.target, rows)?)?;
    let query = match asked.target {
        Target::Join(joined) => desk.query_served(&joined.definition, LEFT)?,
        Target::GroupBy(grouped) => desk.query(&grouped.declared, Some(LEFT), &|_| {})?,
    };
    let mut found: Vec<Column> =
        columns.iter().map(|(name, ty)| Column::new(name, ty)).collect::<Result<_>>()?;
    let mut examples = Vec::new();
    desk.engine().read(&query, &desk.cancel, &mut |batch| {
        compare(&batch, &keys, &mut found, tolerance, &mut examples)
    })?;
    let mut out = Map::new();
    out.insert("name".into(), json!(name));
    out.insert("from_ms".into(), json!(asked.span.start));
    out.insert("to_ms".into(), json!(asked.span.end));
    counts.tell(&mut out);
    out.insert("tolerance".into(), json!(tolerance));
    out.insert("values".into(), json!(found.iter().map(|c| c.total).sum::<u64>()));
    out.insert("values_unequal".into(), json!(found.iter().map(Column::unequal).sum::<u64>()));
    out.insert("columns".into(), found.iter().map(Column::to_json).collect());
    out.insert("examples".into(), examples.into());
    Ok(Json::Object(out))
}

/// Rows of keys, times and logged values.
fn left(target: &Target, rows: Parts) -> Result<Given> {
    let Outputs { keys: mut asked, columns } = target.outputs()?;
    let has = |all: &Typed, name: &str| all.iter().any(|(known, _)| known == name);
    for (name, ty) in target.context() {
        if !has(&asked, &name) {
            asked.push((name, ty));
        }
    }
    if has(&asked, TIME) {
        return Err(Error::invalid(format!("a key is called `{TIME}`, as the time of the log is"))
            .hint("Give it another name in the selects of its source"));
    }
    let named = asked.iter().map(|(name, ty)| (name.clone(), ty));
    let served = columns.iter().map(|(name, ty)| (format!("{SERVED}{name}"), ty));
    let all = named.chain([(TIME.to_owned(), &Type::Long)]).chain(served);
    let schema: SchemaRef = Arc::new(Schema::new(
        all.map(|(n, ty)| Field::new(n, arrow::data_type(ty), true)).collect::<Vec<_>>(),
    ));
    let made = schema.clone();
    let batches = rows.map(move |part| {
        let part = part?;
        let mut arrays = Vec::new();
        for (name, ty) in &asked {
            // What is no key was answered with nulls.
            let key = |row: &Logged| row.keys.get(name).and_then(|json| of_json(json, ty).ok());
            let keys: Vec<Value> = part.iter().map(|row| key(row).unwrap_or_default()).collect();
            arrays.push(arrow::write_values(&keys, ty)?);
        }
        let times: Vec<Value> = part.iter().map(|row| Value::Int(row.time)).collect();
        arrays.push(arrow::write_values(&times, &Type::Long)?);
        for (name, ty) in &columns {
            let value = |row: &Logged| of_json(row.features.get(name).unwrap_or(&Json::Null), ty);
            let values: Vec<Value> = part.iter().map(value).collect::<Result<_>>().map_err(|e| {
                let what = format!("a logged value of `{name}` is of another type: {}", e.detail());
                Error::invalid(what).hint("Say with `from` when the log began to be right")
            })?;
            arrays.push(arrow::write_values(&values, ty)?);
        }
        RecordBatch::try_new(made.clone(), arrays)
            .map_err(|e| Error::internal("logged values do not fit their types").source(e))
    });
    Ok(Given { schema, batches: Box::new(batches) })
}

/// Compares the rows of a batch.
fn compare(
    batch: &RecordBatch,
    keys: &Typed,
    found: &mut [Column],
    tolerance: f64,
    examples: &mut Vec<Json>,
) -> Result<()> {
    let column = |name: &str, ty: &Type| {
        let array = batch.column_by_name(name);
        array.ok_or_else(|| Error::internal(format!("no column is called `{name}`"))).and_then(|array| {
            arrow::read_as(array.as_ref(), ty).map_err(|e| e.at(format!("column `{name}`")))
        })
    };
    let times = column(TIME, &Type::Long)?;
    let key_columns: Vec<_> = keys.iter().map(|(name, ty)| column(name, ty)).collect::<Result<_>>()?;
    let shown = |value: &Value, ty: &Type| to_json(value, ty, Form::Answer);
    for one in found {
        let (logged, computed) =
            (column(&format!("{SERVED}{}", one.name), &one.ty)?, column(&one.name, &one.ty)?);
        for row in 0..batch.num_rows() {
            let (a, b) = (logged.cell(row).to_value(), answered(computed.cell(row).to_value()));
            let verdict = one.add(&a, &b, tolerance);
            if verdict == Verdict::Equal || examples.len() >= EXAMPLES_MAX {
                continue;
            }
            let of_keys = keys.iter().zip(&key_columns);
            let of_keys: Map<String, Json> = of_keys
                .map(|((name, ty), column)| (name.clone(), shown(&column.cell(row).to_value(), ty)))
                .collect();
            examples.push(json!({
                "keys": of_keys,
                "ts": shown(&times.cell(row).to_value(), &Type::Long),
                "column": one.name,
                "logged": shown(&a, &one.ty),
                "computed": shown(&b, &one.ty),
            }));
        }
    }
    Ok(())
}

/// A value as answers have it: what is no number is null.
fn answered(value: Value) -> Value {
    let each = |items: Box<[Value]>| items.into_vec().into_iter().map(answered).collect();
    match value {
        Value::Real(x) if !x.is_finite() => Value::Null,
        Value::List(items) => Value::List(each(items)),
        Value::Struct(items) => Value::Struct(each(items)),
        Value::Map(entries) => {
            Value::Map(entries.into_vec().into_iter().map(|(key, value)| (key, answered(value))).collect())
        }
        other => other,
    }
}

/// How the values of each column moved from the span `against` to the one that is asked for.
///
/// # Errors
/// As [`check`].
pub fn drift(asked: &Asked<'_>, against: Range<i64>, cancel: &Cancel) -> Result<Json> {
    let columns = asked.target.outputs()?.columns;
    let (name, hash) = (asked.target.meta().name.clone(), asked.target.schema_hash()?);
    let mut out = Map::new();
    let mut both = Vec::new();
    for (what, span) in [("against", &against), ("span", &asked.span)] {
        let counts = Arc::<Counts>::default();
        let mut summaries: Vec<Summary> =
            columns.iter().map(|(_, ty)| Summary::of(ty)).collect::<Result<_>>()?;
        let all = parts(asked.feeds, &name, span)?;
        for part in chosen(all, hash.clone(), asked.rows_max, counts.clone()) {
            cancel.check()?;
            add(&columns, &mut summaries, &part?);
        }
        let mut told = Map::new();
        told.insert("from_ms".into(), json!(span.start));
        told.insert("to_ms".into(), json!(span.end));
        counts.tell(&mut told);
        out.insert(what.into(), Json::Object(told));
        both.push(summaries);
    }
    let mut told = Vec::new();
    if let [before, now] = both.as_slice() {
        for ((name, ty), (before, now)) in columns.iter().zip(before.iter().zip(now)) {
            let mut json = now.since(before);
            json["name"] = json!(name);
            json["type"] = json!(ty.to_string());
            told.push(json);
        }
    }
    out.insert("name".into(), json!(name));
    out.insert("columns".into(), told.into());
    Ok(Json::Object(out))
}

fn add(columns: &Typed, summaries: &mut [Summary], rows: &[Logged]) {
    for ((name, ty), summary) in columns.iter().zip(summaries) {
        for row in rows {
            let json = row.features.get(name).unwrap_or(&Json::Null);
            summary.add(&of_json(json, ty).unwrap_or_default());
        }
    }
}
