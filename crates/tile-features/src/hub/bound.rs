//! A definition over the columns that its sources have: what is read of them, and how rows become a block.

use super::joined::{self, Joined, Parts};
use super::selected::{Known, Own, Selected, alike};
use super::sql;
use crate::arrow;
use crate::column::{Block, Column};
use crate::definition::{Accuracy, Aggregation, GroupBy, Query, Rows, Source};
use crate::derive::Derive;
use crate::key;
use crate::operation::Operation;
use crate::plan::Plan;
use crate::types::{Schema, Type};
use crate::value::Value;
use crate::window::{DAY_MS, day};
use arrow_array::{Array, BooleanArray, Int64Array, RecordBatch};
use arrow_schema::SchemaRef;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use tile_base::feed::FeedQuery;
use tile_base::{Error, Result};

/// The name of the time among what is read: no select has one of this name. The same of the others.
const TIME: &str = "time of the event";
const DAY: &str = "day of the snapshot";
const HAPPENED: &str = "time of the change";
const IS_BEFORE: &str = "image before";
/// What Chronon calls the columns of a table that changes, where nothing else is said.
const DAY_COLUMN: &str = "ds";
const CHANGED_COLUMN: &str = "mutation_ts";
const BEFORE_COLUMN: &str = "is_before";

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

/// How one table is read.
pub struct Reader {
    pub table: String,
    pub query: FeedQuery,
    pub role: Role,
    /// The times that its partitions have.
    pub days: Range<i64>,
}

/// What the rows of a table are.
pub enum Role {
    /// As they are selected.
    Events(Box<Selected>),
    /// A table of entities: as it was at the end of days, or as it is now.
    Snapshot { has_days: bool },
    /// Images of its rows before and after they changed, of the snapshot that is read right before.
    Changes,
    /// The left side of a Join.
    Joined(Box<Joined>),
}

/// Rows as groups take them.
#[derive(Default)]
pub struct Taken {
    pub keys: Vec<Column>,
    pub block: Block,
    /// Of a snapshot, the days of its rows. Of changes, when they happened. Else empty.
    pub at: Vec<i64>,
    /// Of changes.
    pub is_before: Vec<bool>,
    /// Rows without a time, which are left out.
    pub timeless: usize,
}

impl Reader {
    /// The expression of one of our columns.
    fn own(&self, name: &str) -> &str {
        self.query.columns.iter().find(|(n, _)| n == name).map_or("NULL", |(_, sql)| sql)
    }

    /// Reads the days of all rows of a snapshot.
    pub fn days_query(&self) -> FeedQuery {
        FeedQuery { columns: vec![(DAY.to_owned(), self.own(DAY).to_owned())], filter: None }
    }

    /// The query with a condition more.
    pub fn narrowed(&self, condition: Option<String>) -> FeedQuery {
        let filter = sql::all(self.query.filter.clone().into_iter().chain(condition));
        FeedQuery { columns: self.query.columns.clone(), filter }
    }

    /// The condition that a row of a snapshot is of one of these days.
    pub fn of_days(&self, days: &[i64]) -> String {
        let days: Vec<String> = days.iter().map(i64::to_string).collect();
        if days.is_empty() {
            "false".to_owned()
        } else {
            format!("{} IN ({})", self.own(DAY), days.join(", "))
        }
    }

    /// The condition that a row of the left side of a Join can count at a time; none where its time is made later.
    pub fn before(&self, time: i64) -> Option<String> {
        match &self.role {
            Role::Joined(joined) if joined.keeps_times => Some(format!("{} < {time}", self.own(TIME))),
            _ => None,
        }
    }

    /// The condition that a change happened at a time or later.
    pub fn since(&self, time: i64) -> String {
        format!("{} >= {time}", self.own(HAPPENED))
    }
}

/// The days in what [`Reader::days_query`] reads.
///
/// # Errors
/// `Invalid` for what are no days.
pub fn days_of(batch: &RecordBatch) -> Result<BTreeSet<i64>> {
    let column = batch.columns().first().ok_or_else(|| Error::internal("days without a column"))?;
    Ok(times(column.as_ref())?.iter().flatten().collect())
}

impl Bound {
    /// Whether its rows are entities.
    pub fn is_entities(&self) -> bool {
        self.sources.iter().any(|reader| matches!(reader.role, Role::Snapshot { .. }))
    }

    /// `columns` gives those of a table.
    ///
    /// # Errors
    /// `Invalid` for what is not served from rows as they come, for expressions that do not fit, and those of [`Plan::new`]; those of
    /// `columns`.
    pub fn new(group: &GroupBy, columns: &dyn Fn(&str) -> Result<SchemaRef>) -> Result<Self> {
        let mut schema: Option<Schema> = None;
        let mut sources = Vec::new();
        for (at, source) in group.sources.iter().enumerate() {
            let place = |e: Error| {
                let path = source.path(e.at.as_deref());
                e.at(format!("sources[{at}]{path}"))
            };
            sources.extend(readers(group, source, columns, &mut schema).map_err(place)?);
        }
        let is_events = |reader: &Reader| matches!(reader.role, Role::Events(_) | Role::Joined(_));
        if sources.iter().any(is_events) && !sources.iter().all(is_events) {
            return Err(Error::invalid("the sources of a GroupBy are all of events, or all of entities"));
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

    /// The expression of a key's column, as the engine reads it of a source; none where it is made later.
    pub fn key_sql(&self, source: usize, key: usize) -> Option<&str> {
        let reader = self.sources.get(source)?;
        let place = match &reader.role {
            Role::Joined(joined) => joined.unchanged(&self.keys.get(key)?.0)?,
            _ => *self.places.get(key)?,
        };
        reader.query.columns.get(place).map(|(_, sql)| sql.as_str())
    }

    /// Rows of a source, as its query gives them. `parts` are those of a Join.
    ///
    /// # Errors
    /// `Invalid` for a value that its type does not hold.
    pub fn taken(&self, source: usize, batch: &RecordBatch, parts: &dyn Parts) -> Result<Taken> {
        let reader = self.sources.get(source).ok_or_else(|| Error::internal("a source that is none"))?;
        if let Role::Joined(joined) = &reader.role {
            let Timed { batch, times, timeless, .. } = reader.timed(batch, joined.width())?;
            let valued = joined.rows(&batch, times, parts)?;
            let timeless = timeless + valued.timeless;
            let column = |(name, ty): &(String, Type)| {
                // The first source says in which order columns stand.
                let at = joined.schema().find(name).unwrap_or(usize::MAX);
                let of = |row: &Vec<Value>| row.get(at).cloned().unwrap_or_default();
                Column::of_values(ty, &valued.rows.iter().map(of).collect::<Vec<_>>())
            };
            let columns = self.schema.0.iter().map(column).collect();
            return Ok(Taken { timeless, ..self.block(columns, valued.times) });
        }
        let Timed { batch, times, at, is_before, timeless } = reader.timed(batch, self.schema.0.len())?;
        let columns = batch.columns().iter().zip(&self.schema.0);
        let columns = columns
            .map(|(array, (name, ty))| {
                arrow::read_as(array.as_ref(), ty).map_err(|e| e.at(format!("column `{name}`")))
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Taken { at, is_before, timeless, ..self.block(columns, times) })
    }

    /// Columns of the schema, with the times of their rows.
    pub fn block(&self, columns: Vec<Column>, times: Vec<i64>) -> Taken {
        let keys = self.places.iter().filter_map(|at| columns.get(*at).cloned()).collect();
        Taken { keys, block: Block { times, columns }, ..Taken::default() }
    }
}

/// Rows of a batch that count, with their times.
struct Timed {
    batch: RecordBatch,
    times: Vec<i64>,
    at: Vec<i64>,
    is_before: Vec<bool>,
    timeless: usize,
}

impl Reader {
    /// `width` columns are selected; then come ours.
    fn timed(&self, batch: &RecordBatch, width: usize) -> Result<Timed> {
        let own = batch.columns().get(width..).unwrap_or_default();
        let (Some(time), more) = (own.first(), own.get(1)) else {
            return Err(Error::internal("rows without a time"));
        };
        let times = times(time.as_ref())?;
        let at = more.map(|column| self::times(column.as_ref())).transpose()?;
        let is_there = |row: usize| times.is_valid(row) && at.as_ref().is_none_or(|at| at.is_valid(row));
        let is_kept = |row: usize| is_there(row) && self.days.contains(&times.value(row));
        let timeless = (0..times.len()).filter(|row| !is_there(*row)).count();
        let kept = (0..times.len()).filter(|row| is_kept(*row)).count();
        let of_kept = |times: &Int64Array| -> Vec<i64> {
            (0..times.len()).filter(|row| is_kept(*row)).map(|row| times.value(row)).collect()
        };
        let batch = if kept == times.len() {
            batch.clone()
        } else {
            let mask: BooleanArray = (0..times.len()).map(|row| Some(is_kept(row))).collect();
            arrow_select::filter::filter_record_batch(batch, &mask)
                .map_err(|e| Error::internal("rows that cannot be chosen from").source(e))?
        };
        let is_before = match batch.columns().get(width + 2) {
            Some(column) => flags(column.as_ref())?,
            None => vec![],
        };
        let (times, at) = (of_kept(&times), at.as_ref().map(of_kept).unwrap_or_default());
        Ok(Timed { batch, times, at, is_before, timeless })
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

/// How the tables of a source are read.
fn readers(
    group: &GroupBy,
    source: &Source,
    columns: &dyn Fn(&str) -> Result<SchemaRef>,
    schema: &mut Option<Schema>,
) -> Result<Vec<Reader>> {
    match &source.rows {
        Rows::Events { table, .. } => Ok(vec![events(source, table, Known { columns, schema })?]),
        Rows::Entities { snapshot, mutations, .. } => {
            let first = self::snapshot(source, snapshot, Known { columns, schema: &mut *schema })?;
            // Values as of a midnight are those of the snapshot.
            let Some(table) = mutations.as_ref().filter(|_| group.accuracy == Accuracy::Temporal) else {
                return Ok(vec![first]);
            };
            if matches!(first.role, Role::Snapshot { has_days: false }) {
                let what = format!("`{snapshot}` has no column `{DAY_COLUMN}` with the day of a snapshot");
                return Err(Error::invalid(what)
                    .hint("Add it, or say its name as the partition column: changes count from the end of that day on"));
            }
            Ok(vec![first, changes(source, table, Known { columns, schema })?])
        }
        Rows::Join(_) => Ok(vec![joined(source, Known { columns, schema })?]),
    }
}

fn joined(source: &Source, known: Known<'_>) -> Result<Reader> {
    let (base, stages) = joined::chain(source)?;
    let Rows::Events { table, .. } = &base.rows else {
        return Err(Error::internal("a left side that is not of events"));
    };
    let mut schema = None;
    let (selected, own, days) =
        timed_events(&base.query, table, Known { columns: known.columns, schema: &mut schema })?;
    let joined = Joined::new(&selected, &stages, known.columns)?;
    let wanted = known.schema.get_or_insert_with(|| joined.schema().clone());
    alike(wanted, &joined.schema().0)?;
    let query = selected.query(own, vec![]);
    Ok(Reader { table: table.to_owned(), query, role: Role::Joined(Box::new(joined)), days })
}

/// What is selected of events, their time, and the times that count.
fn timed_events(query: &Query, table: &str, known: Known<'_>) -> Result<(Selected, Vec<Own>, Range<i64>)> {
    let time = query.time.as_deref().or_else(|| {
        // What the compiler selects of the left side of a Join.
        query.selects.iter().find(|(name, _)| name == "ts").map(|(_, text)| text.as_str())
    });
    let Some(time) = time else {
        return Err(Error::invalid("a source of events needs a time column")
            .hint("Say with `time_column` when a row happened"));
    };
    let selected = Selected::new(query, table, known, &[("time_column", time)])?;
    let own = vec![(TIME, selected.beside(0)?.print_as_millis().map_err(at_time)?)];
    let midnight = |text: &Option<String>, later: i64| {
        let day = text.as_deref().map(day).transpose()?;
        Ok::<_, Error>(day.map(|day| (day + later) * DAY_MS))
    };
    let days = midnight(&query.start, 0)?.unwrap_or(i64::MIN)..midnight(&query.end, 1)?.unwrap_or(i64::MAX);
    Ok((selected, own, days))
}

fn events(source: &Source, table: &str, known: Known<'_>) -> Result<Reader> {
    let (selected, own, days) = timed_events(&source.query, table, known)?;
    let query = selected.query(own, vec![]);
    Ok(Reader { table: table.to_owned(), query, role: Role::Events(Box::new(selected)), days })
}

fn at_time(e: Error) -> Error {
    e.at("time_column")
}

fn snapshot(source: &Source, table: &str, known: Known<'_>) -> Result<Reader> {
    let query = &source.query;
    let selected = Selected::new(query, table, known, &entity_time(query))?;
    let name = query.partition.as_deref().unwrap_or(DAY_COLUMN);
    let has_days = selected.table().find(name).is_some();
    if query.partition.is_some() && !has_days {
        let what = format!("the table has no column `{name}` to partition it");
        return Err(Error::invalid(what).did_you_mean(name, selected.table().names()));
    }
    let mut own = vec![(TIME, time_of_entity(&selected, query)?)];
    let mut wheres = Vec::new();
    if has_days {
        let sql = format!("date_diff('day', DATE '1970-01-01', CAST({} AS DATE))", sql::name(name));
        for (bound, sign) in [(&query.start, ">="), (&query.end, "<=")] {
            if let Some(bound) = bound {
                wheres.push(format!("{sql} {sign} {}", day(bound)?));
            }
        }
        own.push((DAY, sql));
    }
    let (query, days) = (selected.query(own, wheres), i64::MIN..i64::MAX);
    Ok(Reader { table: table.to_owned(), query, role: Role::Snapshot { has_days }, days })
}

fn changes(source: &Source, table: &str, known: Known<'_>) -> Result<Reader> {
    let query = &source.query;
    let happened = query.mutation_time.as_deref().unwrap_or(CHANGED_COLUMN);
    let is_before = query.reversal.as_deref().unwrap_or(BEFORE_COLUMN);
    let mut beside = entity_time(query);
    let at = beside.len();
    beside.extend([("mutation_time_column", happened), ("reversal_column", is_before)]);
    let selected = Selected::new(query, table, known, &beside)?;
    let happened = selected.beside(at)?.print_as_millis().map_err(|e| e.at("mutation_time_column"))?;
    let is_before = selected.beside(at + 1)?.print_for_engine();
    let own = vec![
        (TIME, time_of_entity(&selected, query)?),
        (HAPPENED, happened),
        (IS_BEFORE, format!("coalesce(CAST({is_before} AS BOOLEAN), false)")),
    ];
    let (query, days) = (selected.query(own, vec![]), i64::MIN..i64::MAX);
    Ok(Reader { table: table.to_owned(), query, role: Role::Changes, days })
}

fn entity_time(query: &Query) -> Vec<(&'static str, &str)> {
    query.time.iter().map(|text| ("time_column", text.as_str())).collect()
}

/// An entity may have no time: then no window asks for it.
fn time_of_entity(selected: &Selected, query: &Query) -> Result<String> {
    match &query.time {
        Some(_) => Ok(format!("coalesce({}, 0)", selected.beside(0)?.print_as_millis().map_err(at_time)?)),
        None => Ok("CAST(0 AS BIGINT)".to_owned()),
    }
}

fn flags(array: &dyn Array) -> Result<Vec<bool>> {
    match arrow::read_as(array, &Type::Bool)? {
        Column::Bool(flags) => Ok(flags.iter().map(Option::unwrap_or_default).collect()),
        _ => Err(Error::internal("what is neither true nor false")),
    }
}

fn times(array: &dyn Array) -> Result<Int64Array> {
    match arrow::read_as(array, &Type::Long)? {
        Column::Int(times) => Ok(times),
        _ => Err(Error::internal("times that are no numbers")),
    }
}
