//! One GroupBy for the left rows.
//!
//! | left | right | accuracy | value |
//! |---|---|---|---|
//! | events | events | temporal | of the events before the row's time |
//! | events | events | snapshot | of the events before the midnight before the row |
//! | events | entities | snapshot | of the newest snapshot that there was at that midnight, as of its end |
//! | events | entities | temporal | of that snapshot, and the mutations since, before the row's time |
//! | entities | any | any | at the end of the row's day |
//!
//! The snapshot of a day may be missing: then that of an earlier one counts, as it does where values are served.
//!
//! Labels are taken at the end of a day after the row's.

use super::Training;
use super::bootstrap::Boots;
use super::left::Left;
use super::load::{Loaded, Shape};
use super::source::{HAPPENED, IS_BEFORE, Relation};
use super::sql::{DAY, ROW, TIME, missing, quoted, text, type_name};
use crate::aggregates::Args;
use crate::arrow;
use crate::backfill::entities::{self, Mutations};
use crate::backfill::keys::Keys;
use crate::backfill::{self, Events, Queries, Tails};
use crate::column::{Block, Column};
use crate::definition::{Accuracy, Aggregation, GroupBy, Join, JoinPart, Rows};
use crate::operation::Operation;
use crate::plan::Plan;
use crate::types::{Schema, Type};
use crate::window::{DAY_MS, day};
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use std::sync::Arc;
use tile_base::{Error, Kind, Result};

pub struct Part<'a, 'b> {
    pub training: &'a Training<'b>,
    pub join: &'a Join,
    pub left: &'a Left,
    pub part: &'a JoinPart,
    pub prefix: &'a str,
    /// The part is a label: that many days after the row's.
    pub label_days: Option<i64>,
    pub depth: usize,
}

/// What is to be computed, and how.
pub(super) struct Prepared {
    /// Key columns of the left side and of the right side, and their types.
    pub left_keys: Vec<String>,
    pub keys: Vec<(String, Type)>,
    inputs: Schema,
    pub plan: Arc<Plan>,
    /// Rows are features already: the plan's one column is the latest row, with these columns.
    row: Option<Vec<(String, Type)>>,
    sources: Vec<Relation>,
    mutations: Vec<Relation>,
    /// Of entities, the table with the days of all snapshots.
    days: Option<String>,
    pub is_exact: bool,
    /// When values hold, and which left rows want one.
    pub time: String,
    pub wanted: String,
}

/// Names of keys on the left, and keys with their types.
type KeyColumns = (Vec<String>, Vec<(String, Type)>);

/// Names of ours beside those of columns: the day of the snapshot that counts, the day of a row, the time that is asked for.
const SNAPSHOT: &str = "_tile_snapshot";
const TODAY: &str = "_tile_today";
const ASKED: &str = "_tile_asked";
/// Stands for the day of a snapshot where there is none.
const NO_DAY: i64 = -1_000_000_000;
/// The column in which the latest row stands.
const LATEST: &str = "row";

impl Part<'_, '_> {
    /// Computes the part. Gives the table and the columns, as the GroupBy names them.
    pub fn compute(&self, boots: &Boots) -> Result<(String, Vec<String>)> {
        let mut prepared = self.prepare()?;
        let outputs = prepared.outputs();
        let given: Vec<String> =
            self.output_names(&outputs).iter().map(|name| super::full_name(self.prefix, name)).collect();
        if let Some(covered) = boots.covers(&given) {
            prepared.wanted = format!("{} AND NOT ({covered})", prepared.wanted);
        }
        let table = self.training.fresh("part");
        let list: Vec<String> =
            outputs.iter().map(|(name, ty)| format!("{} {}", quoted(name), type_name(ty))).collect();
        self.training.execute(&format!("CREATE TABLE {table} ({ROW} BIGINT, {})", list.join(", ")))?;
        let times = self.training.integers(&format!(
            "SELECT count(*), min({0}), max({0}) FROM {1} WHERE {2}",
            prepared.time, self.left.table, prepared.wanted
        ))?;
        if let [Some(rows), Some(first), Some(last)] = times.as_slice() {
            self.check_history(*first)?;
            let name = &self.part.group_by.meta.name;
            let times = (*first, *last);
            let sizes = self.sizes(&prepared, times, *rows)?;
            for (at, bytes) in sizes.iter().enumerate() {
                let part = (at, sizes.len());
                self.training.tell(name, at, sizes.len())?;
                if *bytes <= self.training.bytes_max / 2 * 3 {
                    self.fill(&prepared, &table, times, part)?;
                } else if prepared.days.is_some() {
                    return Err(too_large(*bytes));
                } else {
                    self.stream(&prepared, &table, times, part)?;
                }
            }
            self.training.tell(name, sizes.len(), sizes.len())?;
        }
        Ok((table, outputs.into_iter().map(|(name, _)| name).collect()))
    }

    /// The bytes that the rows take of each part into which the keys are cut, as many as memory asks for.
    fn sizes(&self, prepared: &Prepared, times: (i64, i64), rows: i64) -> Result<Vec<usize>> {
        let events = prepared.events_sql(times.0, times.1);
        let texts = prepared.texts();
        let sums: String =
            texts.iter().map(|sql| format!(", CAST(coalesce(sum({sql}), 0) AS BIGINT)")).collect();
        let found = self.training.integers(&format!("SELECT count(*){sums} FROM ({events})"))?;
        let mut found = found.into_iter().map(Option::unwrap_or_default);
        let count = found.next().unwrap_or(0);
        let (event, row) = prepared.widths(found.sum::<i64>() / count.max(1));
        let bytes = count.saturating_mul(event).saturating_add(rows.saturating_mul(row));
        let bytes_max = i64::try_from(self.training.bytes_max).unwrap_or(i64::MAX).max(1);
        let parts = usize::try_from(bytes / bytes_max + 1).unwrap_or(1).min(PARTS_MAX);
        let size = |bytes: i64| usize::try_from(bytes).unwrap_or(usize::MAX);
        if parts == 1 {
            return Ok(vec![size(bytes)]);
        }
        let mut sizes = vec![0; parts];
        let number = |keys: &[(String, Type)]| part_of(keys, parts);
        let of_left = prepared.left_key_types();
        let sql = format!(
            "SELECT part, CAST(sum(bytes) AS BIGINT) FROM (             SELECT {} AS part, count(*) * {event} AS bytes FROM ({events}) GROUP BY ALL UNION ALL              SELECT {}, count(*) * {row} FROM {} WHERE {} GROUP BY ALL) GROUP BY ALL",
            number(&prepared.keys),
            number(&of_left),
            self.left.table,
            prepared.wanted
        );
        self.training.read(&sql, &mut |batch| {
            let column = |at: usize| arrow::read_as(batch.column(at), &Type::Long);
            if let (Column::Int(parts), Column::Int(bytes)) = (column(0)?, column(1)?) {
                for (part, bytes) in parts.values().iter().zip(bytes.values()) {
                    if let Some(into) = usize::try_from(*part).ok().and_then(|part| sizes.get_mut(part)) {
                        *into = size(*bytes);
                    }
                }
            }
            Ok(())
        })?;
        Ok(sizes)
    }

    /// The names that the GroupBy gives, with its derivations.
    fn output_names(&self, outputs: &[(String, Type)]) -> Vec<String> {
        let plain = outputs.iter().map(|(name, _)| name.clone()).collect();
        crate::definition::names::derived_names(plain, &self.part.group_by.derivations)
    }

    fn prepare(&self) -> Result<Prepared> {
        let group: &GroupBy = &self.part.group_by;
        let is_entities = matches!(group.sources.first().map(|s| &s.rows), Some(Rows::Entities { .. }));
        let mut sources = Vec::new();
        let mut mutations = Vec::new();
        let is_exact =
            group.accuracy == Accuracy::Temporal && !self.left.is_entities && self.label_days.is_none();
        for source in &group.sources {
            let relation = self.training.source(source, self.depth)?;
            if is_entities && !relation.has_day {
                return Err(Error::invalid("the snapshots have no column `ds` with their day")
                    .hint("Add it, or say its name as the partition column"));
            }
            if !is_entities && !relation.has_time {
                return Err(Error::invalid("the events have no time").hint("Say the source's time column"));
            }
            sources.push(relation);
            if is_exact && is_entities {
                mutations.extend(self.training.mutations(source)?);
            }
        }
        let Some(first) = sources.first() else { return Err(Error::invalid("there is no source")) };
        let days = if is_entities { Some(self.days(&sources)?) } else { None };
        let (left_keys, keys) = self.keys(first)?;
        let (inputs, plan, row) = features(group, first)?;
        let plan = Arc::new(plan);
        let time = self.left.time(is_exact, self.label_days);
        let mut wanted = vec![format!("{time} IS NOT NULL")];
        for left in &left_keys {
            wanted.push(format!("{} IS NOT NULL", quoted(left)));
            wanted.extend(self.skew(left, &quoted(left)));
        }
        let wanted = wanted.join(" AND ");
        Ok(Prepared { left_keys, keys, inputs, plan, row, sources, mutations, days, is_exact, time, wanted })
    }

    /// A table with the days of which all sources have a snapshot.
    fn days(&self, sources: &[Relation]) -> Result<String> {
        let table = self.training.fresh("days");
        let each = sources.iter().map(|relation| {
            format!(
                "SELECT DISTINCT CAST({DAY} - DATE '1970-01-01' AS BIGINT) AS day FROM {} WHERE {DAY} IS NOT NULL",
                relation.sql
            )
        });
        let each: Vec<String> = each.collect();
        self.training.execute(&format!("CREATE TABLE {table} AS {}", each.join(" INTERSECT ")))?;
        Ok(table)
    }

    /// The condition that leaves values of a key out.
    fn skew(&self, left: &str, sql: &str) -> Option<String> {
        let values: Vec<String> = self
            .join
            .skew_keys
            .iter()
            .filter(|(name, _)| name == left)
            .flat_map(|(_, values)| values.iter().map(|value| text(value)))
            .collect();
        (!values.is_empty()).then(|| format!("CAST({sql} AS VARCHAR) NOT IN ({})", values.join(", ")))
    }

    /// The names of the keys on the left, and the keys with types that hold those of both sides.
    fn keys(&self, right: &Relation) -> Result<KeyColumns> {
        let mut left_keys = Vec::new();
        let mut keys = Vec::new();
        for key in &self.part.group_by.keys {
            let left = self.part.left_key(key);
            let typed = |name: &str, data| {
                arrow::type_of(data).map_err(|e| Error { what: format!("the key `{name}`: {}", e.what), ..e })
            };
            let ours = typed(left, &self.left.key(left)?.1)?;
            let found = right.columns.iter().find(|(name, _)| name == key);
            let theirs = typed(key, &found.ok_or_else(|| missing(key, &right.columns))?.1)?;
            let ty = wide(&ours);
            if ty != wide(&theirs) {
                return Err(Error::invalid(format!(
                    "the key `{key}` is a {theirs}, and `{left}` of the left rows is a {ours}"
                ))
                .hint("Cast one of them in the selects of its source"));
            }
            left_keys.push(left.to_owned());
            keys.push((key.clone(), ty));
        }
        crate::key::check(&keys.iter().map(|(_, ty)| ty.clone()).collect::<Vec<_>>())?;
        Ok((left_keys, keys))
    }

    /// Refuses rows before the first day that the sources have.
    fn check_history(&self, first: i64) -> Result<()> {
        let starts = self.part.group_by.sources.iter().map(|source| source.query.start.as_deref());
        let Some(starts) = starts.collect::<Option<Vec<&str>>>() else { return Ok(()) };
        let Some(start) = starts.into_iter().min() else { return Ok(()) };
        if first < day(start)?.saturating_mul(DAY_MS) {
            return Err(Error::invalid(format!(
                "the first left row asks for the time {first}, before the history begins on {start}"
            ))
            .hint("Leave earlier rows out, or let the source start earlier"));
        }
        Ok(())
    }

    /// Computes the rows of one part of the keys.
    fn fill(&self, prepared: &Prepared, table: &str, times: (i64, i64), part: (usize, usize)) -> Result<()> {
        let width = prepared.key_width();
        let mut keys = Keys::default();
        let asked = prepared.left_sql(&self.left.table, part);
        let mut types = prepared.key_types();
        types.extend([(ROW.to_owned(), Type::Long), (TIME.to_owned(), Type::Long)]);
        let asked =
            self.training.load(&asked, &Shape { types: &types, key_width: width }, &mut keys, true)?;
        let queries = Queries { keys: asked.keys.clone(), times: asked.integers(width + 1, 0) };

        let sql = prepared.events_sql(times.0, times.1);
        let sql = format!("SELECT * FROM ({sql}) WHERE {}", chosen(&prepared.keys, part));
        let mut types = prepared.key_types();
        types.push((TIME.to_owned(), Type::Long));
        types.extend(prepared.inputs.0.iter().cloned());
        let shape = Shape { types: &types, key_width: width };
        let rows = self.training.load(&sql, &shape, &mut keys, false)?;
        let events = prepared.events(rows, width + 1);

        let columns = if prepared.days.is_some() {
            let mutations = self.load_mutations(prepared, part, &mut keys)?;
            let rows = if prepared.is_exact { entities::Rows::Windowed } else { entities::Rows::Since };
            entities::evaluate(&prepared.plan, &events, &mutations, &queries, rows)?
        } else {
            let tails = if prepared.is_exact { Tails::Exact } else { Tails::Daily };
            backfill::evaluate(&prepared.plan, &events, &queries, tails)?
        };
        drop(events);
        let batch = prepared.batch(asked.integers(width, 0), columns)?;
        self.training.tables.engine().write(&mut |transaction| transaction.append(table, batch.clone()))
    }

    fn load_mutations(
        &self,
        prepared: &Prepared,
        part: (usize, usize),
        keys: &mut Keys,
    ) -> Result<Mutations> {
        if prepared.mutations.is_empty() {
            return Ok(Mutations::default());
        }
        let each: Vec<String> = prepared
            .mutations
            .iter()
            .map(|relation| {
                let time = if relation.has_time { TIME } else { "0" };
                format!(
                    "SELECT {}, {} AS {SNAPSHOT}, {time} AS {TIME}, {HAPPENED}, {IS_BEFORE}{} \
                     FROM (SELECT *, {} AS {TODAY} FROM {} WHERE {HAPPENED} IS NOT NULL)",
                    list(prepared.keys.iter().map(|(name, _)| name)),
                    prepared.snapshot_before(TODAY).unwrap_or_default(),
                    prepared.input_list(),
                    day_of(HAPPENED),
                    relation.sql
                )
            })
            .collect();
        let sql =
            format!("SELECT * FROM ({}) WHERE {}", each.join(" UNION ALL "), chosen(&prepared.keys, part));
        let width = prepared.key_width();
        let mut types = prepared.key_types();
        types.push((TIME.to_owned(), Type::Long));
        types.push((HAPPENED.to_owned(), Type::Long));
        types.push((IS_BEFORE.to_owned(), Type::Bool));
        types.extend(prepared.inputs_read().iter().cloned());
        let rows = self.training.load(&sql, &Shape { types: &types, key_width: width }, keys, false)?;
        let (times, is_before) = (rows.integers(width + 1, 0), rows.booleans(width + 2));
        let own = rows.integers(width, 0);
        let events = prepared.events_at(rows, own, width + 3);
        Ok(Mutations { keys: events.keys, times, is_before, block: events.block })
    }
}

/// The number of the day that a time lies in, since 1970.
fn day_of(time: &str) -> String {
    format!("({time} - (({time} % {DAY_MS}) + {DAY_MS}) % {DAY_MS}) // {DAY_MS}")
}

fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

/// The condition that chooses one part of the keys: the same on both sides, whatever the widths of numbers there.
pub(super) fn chosen(keys: &[(String, Type)], (at, parts): (usize, usize)) -> String {
    if parts <= 1 { "true".to_owned() } else { format!("{} = {at}", part_of(keys, parts)) }
}

/// The number of the part that a key is in.
fn part_of(keys: &[(String, Type)], parts: usize) -> String {
    let keys: Vec<String> = keys
        .iter()
        .map(|(name, ty)| format!("CAST(CAST({} AS {}) AS VARCHAR)", quoted(name), type_name(ty)))
        .collect();
    format!("hash({}) % {parts}", keys.join(", "))
}

/// That a part of the keys of entities does not fit.
fn too_large(bytes: usize) -> Error {
    let what =
        format!("the rows of some keys take about {} MB at once, more than memory may hold", bytes >> 20);
    Error::new(Kind::TooLarge, what).hint("Give it more memory, or leave the most frequent keys out")
}

/// The type that holds all keys of a kind.
fn wide(ty: &Type) -> Type {
    match ty {
        _ if ty.is_integer() => Type::Long,
        _ if ty.is_real() => Type::Double,
        other => other.clone(),
    }
}

type Features = (Schema, Plan, Option<Vec<(String, Type)>>);

/// What is read of each row, and what is made of it.
fn features(group: &GroupBy, source: &Relation) -> Result<Features> {
    let schema = arrow::readable(source.columns.iter().map(|(name, data)| (name, data)));
    let Some(aggregations) = &group.aggregations else {
        let is_value =
            |name: &str| !group.keys.iter().any(|key| key == name) && !["ts", "ds"].contains(&name);
        let row: Vec<(String, Type)> = schema.0.iter().filter(|(name, _)| is_value(name)).cloned().collect();
        let inputs = Schema(vec![(LATEST.to_owned(), Type::Struct(row.clone()))]);
        let latest = Aggregation {
            input: LATEST.to_owned(),
            operation: Operation::Last,
            args: Args::default(),
            windows: Vec::new(),
            buckets: Vec::new(),
            is_element_wise: false,
        };
        return Ok((Schema(row.clone()), Plan::new(&[latest], &inputs)?, Some(row)));
    };
    let is_used = |name: &String| aggregations.iter().any(|a| a.input == *name || a.buckets.contains(name));
    for aggregation in aggregations {
        for name in aggregation.buckets.iter().chain([&aggregation.input]) {
            match source.columns.iter().find(|(n, _)| n == name) {
                None => return Err(missing(name, &source.columns)),
                Some((_, data)) => {
                    arrow::type_of(data).map_err(|e| e.at(format!("column `{name}`")))?;
                }
            }
        }
    }
    let inputs = Schema(schema.0.into_iter().filter(|(name, _)| is_used(name)).collect());
    let plan = Plan::new(aggregations, &inputs)?;
    Ok((inputs, plan, None))
}

impl Prepared {
    fn key_width(&self) -> usize {
        self.keys.len() + usize::from(self.days.is_some())
    }

    /// The key, and for entities the day of the snapshot.
    pub fn key_types(&self) -> Vec<(String, Type)> {
        let mut types = self.keys.clone();
        if self.days.is_some() {
            types.push((SNAPSHOT.to_owned(), Type::Long));
        }
        types
    }

    /// The day of the newest snapshot that there was before a day; none for events.
    fn snapshot_before(&self, day: &str) -> Option<String> {
        let days = self.days.as_ref()?;
        Some(format!(
            "coalesce((SELECT max(known.day) FROM {days} AS known WHERE known.day < {day}), {NO_DAY})"
        ))
    }

    /// Columns that are read of the right side beside keys and times.
    pub fn inputs_read(&self) -> &[(String, Type)] {
        &self.inputs.0
    }

    pub fn input_list(&self) -> String {
        self.inputs_read().iter().map(|(name, _)| format!(", {}", quoted(name))).collect()
    }

    /// Names and types of what is kept.
    fn outputs(&self) -> Vec<(String, Type)> {
        match &self.row {
            Some(row) => row.clone(),
            None => self.plan.columns.iter().map(|c| (c.name.clone(), c.ty.clone())).collect(),
        }
    }

    /// The key as the left rows name it.
    pub fn left_key_types(&self) -> Vec<(String, Type)> {
        self.left_keys.iter().zip(&self.keys).map(|(left, (_, ty))| (left.clone(), ty.clone())).collect()
    }

    /// The left rows of one part of the keys.
    fn left_sql(&self, table: &str, part: (usize, usize)) -> String {
        let (time, columns) = (&self.time, list(self.left_keys.iter()));
        let which =
            format!("FROM {table} WHERE {} AND {}", self.wanted, chosen(&self.left_key_types(), part));
        let Some(day) = self.snapshot_before(TODAY) else {
            return format!("SELECT {columns}, {ROW}, {time} {which}");
        };
        let rows = format!("SELECT {columns}, {ROW}, {time} AS {ASKED}, {} AS {TODAY} {which}", day_of(time));
        let rows = format!("SELECT *, {day} AS {SNAPSHOT} FROM ({rows})");
        // Values of a snapshot hold when its day is over.
        let time = if self.is_exact {
            ASKED.to_owned()
        } else {
            format!("CASE {SNAPSHOT} WHEN {NO_DAY} THEN {ASKED} ELSE ({SNAPSHOT} + 1) * {DAY_MS} END")
        };
        format!("SELECT {columns}, {SNAPSHOT}, {ROW}, {time} FROM ({rows})")
    }

    /// The rows of the right side that some window can hold.
    pub fn events_sql(&self, first: i64, last: i64) -> String {
        let keys = list(self.keys.iter().map(|(name, _)| name));
        let not_null: String =
            self.keys.iter().map(|(name, _)| format!(" AND {} IS NOT NULL", quoted(name))).collect();
        let each: Vec<String> = self
            .sources
            .iter()
            .map(|relation| match (self.days.is_some(), relation.has_time) {
                (true, has_time) => format!(
                    "SELECT {keys}, CAST({DAY} - DATE '1970-01-01' AS BIGINT) AS {SNAPSHOT}, {} AS {TIME}{} FROM {} WHERE {DAY} IS NOT NULL{not_null}",
                    if has_time { TIME } else { "0" },
                    self.input_list(),
                    relation.sql
                ),
                (false, _) => format!(
                    "SELECT {keys}, {TIME}{} FROM {} WHERE {TIME} < {last}{}{not_null}",
                    self.input_list(),
                    relation.sql,
                    self.earliest(first).map(|time| format!(" AND {TIME} >= {time}")).unwrap_or_default()
                ),
            })
            .collect();
        each.join(" UNION ALL ")
    }

    /// The first time that any window of any query holds. None: all of history.
    fn earliest(&self, first: i64) -> Option<i64> {
        let windows = self.plan.columns.iter().map(|column| column.window);
        let tails = windows.map(|w| Some(w?.tail_by(first, DAY_MS)));
        tails.collect::<Option<Vec<i64>>>()?.into_iter().min()
    }

    /// The lengths of the texts of an event, as SQL.
    fn texts(&self) -> Vec<String> {
        let of = self.keys.iter().chain(self.inputs_read());
        of.filter_map(|(name, ty)| match ty {
            Type::Text => Some(format!("strlen(CAST({} AS VARCHAR))", quoted(name))),
            Type::Binary => Some(format!("octet_length({})", quoted(name))),
            _ => None,
        })
        .collect()
    }

    /// Bytes that an event and a left row take, where the texts of an event have so many on average.
    fn widths(&self, texts: i64) -> (i64, i64) {
        let width = |ty: &Type| match ty {
            Type::List(_) | Type::Map(_) | Type::Struct(_) => 256,
            _ => 16,
        };
        let of = |types: &[(String, Type)]| types.iter().map(|(_, ty)| width(ty)).sum::<i64>();
        let outputs: i64 = self.outputs().iter().map(|(_, ty)| width(ty).max(64)).sum();
        // Rows are there twice while they are put together.
        let event = 2 * (of(&self.key_types()) + of(self.inputs_read()) + texts) + 64;
        let row = 2 * (of(&self.key_types()) + texts + outputs) + 64;
        (event, row)
    }

    fn events(&self, rows: Loaded, inputs_at: usize) -> Events {
        let times = rows.integers(inputs_at - 1, 0);
        self.events_at(rows, times, inputs_at)
    }

    fn events_at(&self, rows: Loaded, times: Vec<i64>, inputs_at: usize) -> Events {
        let columns = rows.columns.into_iter().skip(inputs_at).collect();
        Events { keys: rows.keys, block: self.block(times, columns) }
    }

    /// Rows with the columns that are read, as the plan takes them.
    pub fn block(&self, times: Vec<i64>, columns: Vec<Column>) -> Block {
        if self.row.is_none() {
            return Block { times, columns };
        }
        let latest = Column::Struct { valid: vec![true; times.len()], fields: columns };
        Block { times, columns: vec![latest] }
    }

    /// Rows of the part's table.
    pub fn batch(&self, rows: Vec<i64>, columns: Vec<Column>) -> Result<RecordBatch> {
        let columns = match self.row {
            None => columns,
            Some(_) => match columns.into_iter().next() {
                Some(Column::Struct { fields, .. }) => fields,
                _ => return Err(Error::internal("the latest row is no struct")),
            },
        };
        let mut arrays: Vec<(String, ArrayRef, bool)> =
            vec![(ROW.to_owned(), Arc::new(Int64Array::from(rows)), true)];
        for ((name, ty), column) in self.outputs().iter().zip(&columns) {
            let array = arrow::write(column, ty)?;
            // The engine's times with a zone are microseconds.
            let array = match array.data_type() {
                DataType::Timestamp(_, zone) => {
                    let to = DataType::Timestamp(TimeUnit::Microsecond, zone.clone());
                    arrow_cast::cast(&array, &to).map_err(|e| Error::internal(e.to_string()))?
                }
                _ => array,
            };
            arrays.push((name.clone(), array, true));
        }
        RecordBatch::try_from_iter_with_nullable(arrays).map_err(|e| Error::internal(e.to_string()))
    }
}

/// Into how many parts keys are cut at most: each reads the source again.
const PARTS_MAX: usize = 4096;
