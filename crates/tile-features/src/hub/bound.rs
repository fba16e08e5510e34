//! A definition over the columns that its sources have: what is read of them, and how rows become a block.

use super::sql;
use crate::arrow;
use crate::column::{Block, Column};
use crate::definition::{Aggregation, GroupBy, Rows, Source};
use crate::derive::Derive;
use crate::key;
use crate::operation::Operation;
use crate::plan::Plan;
use crate::types::{Schema, Type};
use crate::value::Value;
use crate::window::{DAY_MS, day};
use arrow_array::{Array, BooleanArray, RecordBatch};
use arrow_schema::SchemaRef;
use std::ops::Range;
use std::sync::Arc;
use tile_base::feed::FeedQuery;
use tile_base::{Error, Result};

/// The name of the time among what is read: no select has one of this name.
const TIME: &str = "time of the event";

/// A definition, ready to read rows.
pub struct Bound {
    pub plan: Arc<Plan>,
    /// What is selected. Keys are among it.
    pub schema: Schema,
    /// Names and types of the key, in its order.
    pub keys: Vec<(String, Type)>,
    /// The types alone.
    pub key_types: Vec<Type>,
    /// Places of the keys in the schema.
    places: Vec<usize>,
    pub sources: Vec<Reader>,
}

/// How one source is read.
pub struct Reader {
    pub table: String,
    pub query: FeedQuery,
    /// The times that its partitions have.
    days: Range<i64>,
}

/// Rows as groups take them.
#[derive(Default)]
pub struct Taken {
    pub keys: Vec<Column>,
    pub block: Block,
    /// Rows without a time, which are left out.
    pub timeless: usize,
}

impl Bound {
    /// `columns` gives those of a table.
    ///
    /// # Errors
    /// `Invalid` for what is not served from rows as they come, for expressions that do not fit, and those of [`Plan::new`]; those of
    /// `columns`.
    pub fn new(group: &GroupBy, columns: &dyn Fn(&str) -> Result<SchemaRef>) -> Result<Self> {
        let mut schema: Option<Schema> = None;
        let mut sources = Vec::new();
        for (at, source) in group.sources.iter().enumerate() {
            let place = |e: Error| if e.at.is_some() { e } else { e.at(format!("sources[{at}]")) };
            sources.push(reader(source, columns, &mut schema).map_err(place)?);
        }
        let schema = schema.ok_or_else(|| Error::invalid("a GroupBy has at least one source"))?;
        let plan = planned(group, &schema)?;
        let (mut keys, mut places) = (Vec::new(), Vec::new());
        for name in &group.keys {
            let at = schema.find(name).ok_or_else(|| unknown_key(name, &schema))?;
            let Some((_, ty)) = schema.0.get(at) else { continue };
            keys.push((name.clone(), ty.clone()));
            places.push(at);
        }
        let key_types: Vec<Type> = keys.iter().map(|(_, ty)| ty.clone()).collect();
        key::check(&key_types)?;
        Ok(Self { plan: Arc::new(plan), schema, keys, key_types, places, sources })
    }

    /// What is given of the plan's columns, which are followed by those of the key and the time.
    ///
    /// # Errors
    /// Those of [`Derive::new`].
    pub fn derive(&self, group: &GroupBy) -> Result<Derive> {
        let features: Vec<_> = self.plan.columns.iter().map(|c| (c.name.clone(), c.ty.clone())).collect();
        let beside: Vec<_> = self.keys.iter().cloned().chain([("ts".to_owned(), Type::Long)]).collect();
        Derive::new(&group.derivations, &features, &beside)
    }

    /// The values of a key of ours.
    pub fn key_values(&self, key: &[u8]) -> Vec<Value> {
        key::decode(key, &self.key_types).unwrap_or_default()
    }

    /// The expression of a key's column, as the engine reads it of a source.
    pub fn key_sql(&self, source: usize, key: usize) -> Option<&str> {
        let place = *self.places.get(key)?;
        self.sources.get(source)?.query.columns.get(place).map(|(_, sql)| sql.as_str())
    }

    /// Rows of a source, as its query gives them.
    ///
    /// # Errors
    /// `Invalid` for a value that its type does not hold.
    pub fn taken(&self, source: usize, batch: &RecordBatch) -> Result<Taken> {
        let reader = self.sources.get(source).ok_or_else(|| Error::internal("a source that is none"))?;
        let last = batch.columns().last().ok_or_else(|| Error::internal("rows without columns"))?;
        let times = times(last.as_ref())?;
        let is_kept = |row: usize| times.is_valid(row) && reader.days.contains(&times.value(row));
        let timeless = times.null_count();
        let kept = (0..times.len()).filter(|row| is_kept(*row)).count();
        let (batch, times): (RecordBatch, Vec<i64>) = if kept == times.len() {
            (batch.clone(), times.values().to_vec())
        } else {
            let mask: BooleanArray = (0..times.len()).map(|row| Some(is_kept(row))).collect();
            let batch = arrow_select::filter::filter_record_batch(batch, &mask)
                .map_err(|e| Error::internal("rows that cannot be chosen from").source(e))?;
            let of_kept = (0..times.len()).filter(|row| is_kept(*row)).map(|row| times.value(row));
            (batch, of_kept.collect())
        };
        let columns = batch.columns().iter().zip(&self.schema.0);
        let columns = columns
            .map(|(array, (name, ty))| {
                arrow::read_as(array.as_ref(), ty).map_err(|e| e.at(format!("column `{name}`")))
            })
            .collect::<Result<Vec<_>>>()?;
        let keys = self.places.iter().filter_map(|at| columns.get(*at).cloned()).collect();
        Ok(Taken { keys, block: Block { times, columns }, timeless })
    }
}

fn unknown_key(name: &str, schema: &Schema) -> Error {
    Error::invalid(format!("the key `{name}` is not selected")).did_you_mean(name, schema.names())
}

/// What the aggregations make; where there are none, the latest value of each column.
fn planned(group: &GroupBy, schema: &Schema) -> Result<Plan> {
    if let Some(aggregations) = &group.aggregations {
        return Plan::new(aggregations, schema);
    }
    let names: Vec<&String> = schema.0.iter().map(|(n, _)| n).filter(|n| !group.keys.contains(n)).collect();
    let last = |input: &&String| Aggregation {
        input: (*input).clone(),
        operation: Operation::Last,
        args: crate::aggregates::Args::default(),
        windows: vec![],
        buckets: vec![],
        is_element_wise: false,
    };
    let aggregations: Vec<Aggregation> = names.iter().map(last).collect();
    let mut plan = Plan::new(&aggregations, schema)?;
    for (column, name) in plan.columns.iter_mut().zip(names) {
        column.name.clone_from(name);
    }
    Ok(plan)
}

/// How a source is read. The first one says what is selected, and of which types.
fn reader(
    source: &Source,
    columns: &dyn Fn(&str) -> Result<SchemaRef>,
    schema: &mut Option<Schema>,
) -> Result<Reader> {
    let table = match &source.rows {
        Rows::Events { table, .. } => table,
        Rows::Entities { .. } => {
            return Err(Error::invalid("entities are not served from their changes")
                .hint("Make it a source of events, or use the GroupBy for training data only"));
        }
        Rows::Join(_) => {
            return Err(Error::invalid("a Join as a source is not served")
                .hint("Let a materialized view write what it gives into a data source"));
        }
    };
    let there = columns(table)?;
    let known = arrow::readable(there.fields().iter().map(|f| (f.name(), f.data_type())));
    let query = &source.query;
    let mut selected = Vec::new();
    // Who selects nothing selects all.
    let all: Vec<(String, String)> = known.0.iter().map(|(n, _)| (n.clone(), format!("`{n}`"))).collect();
    for (name, text) in if query.selects.is_empty() { &all } else { &query.selects } {
        let place = |e: Error| Error { at: Some(format!("selects.{name}")), ..e };
        let (sql, ty) = sql::printed(text, &known).map_err(place)?;
        selected.push((name.clone(), sql, ty));
    }
    let schema = schema.get_or_insert_with(|| {
        Schema(selected.iter().map(|(name, _, ty)| (name.clone(), ty.clone())).collect())
    });
    if selected.len() != schema.0.len() {
        return Err(Error::invalid("the sources of a GroupBy select the same columns"));
    }
    let mut read = Vec::new();
    for (name, wanted) in &schema.0 {
        let (_, sql, ty) = selected.iter().find(|(n, ..)| n == name).ok_or_else(|| {
            Error::invalid(format!("`{name}` is not selected, as it is of the first source"))
        })?;
        if ty != wanted {
            let what = format!("`{name}` is a {ty}, and a {wanted} in the first source");
            return Err(Error::invalid(what).hint(format!("Cast it: `CAST({name} AS {wanted})`")));
        }
        read.push((name.clone(), sql.clone()));
    }
    let Some(text) = &query.time else {
        return Err(Error::invalid("a source of events needs a time column")
            .hint("Say with `time_column` when a row happened"));
    };
    let sql = sql::millis(text, &known).map_err(|e| Error { at: Some("time_column".into()), ..e })?;
    read.push((TIME.to_owned(), sql));
    let midnight = |text: &Option<String>, later: i64| {
        let day = text.as_deref().map(day).transpose()?;
        Ok::<_, Error>(day.map(|day| (day + later) * DAY_MS))
    };
    let days = midnight(&query.start, 0)?.unwrap_or(i64::MIN)..midnight(&query.end, 1)?.unwrap_or(i64::MAX);
    let filter = sql::condition(&query.wheres, &known)?;
    Ok(Reader { table: table.clone(), query: FeedQuery { columns: read, filter }, days })
}

fn times(array: &dyn Array) -> Result<arrow_array::Int64Array> {
    match arrow::read_as(array, &Type::Long)? {
        Column::Int(times) => Ok(times),
        _ => Err(Error::internal("times that are no numbers")),
    }
}
