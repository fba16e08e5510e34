//! Data sources that can be followed: the rows that came after a position, in one state of the database.
//!
//! The engine numbers rows in the order of their arrival. Numbers of rows that stay can become lower, where others were removed before
//! them, but their order does not change: the new rows of a generation are the last ones, and none is missing between them.

use super::Workspace;
use super::generations;
use super::resources::Source;
use crate::datafile::EngineKind;
use crate::mount::columns::{Form, form, list, selected};
use crate::sharing::Parts;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use std::sync::Arc;
use tile_base::feed::{FeedQuery, Position, Reading};
use tile_base::{Error, Result, Snapshot};
use tile_clicksql::schema::{Engine, Table};
use tile_clicksql::types::Type;
use tile_clicksql::{Options, engine_name, translate};

/// The columns of a data source, as the expressions of who follows it see them.
///
/// # Errors
/// `NotFound`; `Invalid` when it keeps no rows.
pub fn schema(workspace: &Workspace, name: &str) -> Result<SchemaRef> {
    let live = workspace.live();
    let source = kept(live.source(name)?)?;
    let fields = source.table.columns.iter().map(|(name, ty)| Field::new(name, followed(ty).arrow, true));
    Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
}

/// The rows of a data source that came after a position.
///
/// # Errors
/// As [`schema`]; those of the engine.
pub fn read(
    workspace: &Workspace,
    name: &str,
    query: &FeedQuery,
    after: Option<&Position>,
) -> Result<Reading> {
    let mut live = workspace.live();
    loop {
        let found =
            live.source(name).and_then(kept).and_then(|source| read_of(workspace, source, query, after));
        let now = workspace.live();
        // A deployment may have taken the table away before its state was held.
        if found.is_ok() || Arc::ptr_eq(&live, &now) {
            return found;
        }
        live = now;
    }
}

fn read_of(
    workspace: &Workspace,
    source: &Source,
    query: &FeedQuery,
    after: Option<&Position>,
) -> Result<Reading> {
    let sql = sql_of(source, query)?;
    let snapshot = workspace.engine().clone().snapshot()?;
    let generation = generations::of(snapshot.as_ref(), source)?;
    let after = after.filter(|position| position.generation == generation);
    let rows = engine_name(&source.home.rows);
    let Some([count]) = numbers(snapshot.as_ref(), &format!("SELECT count(*)::BIGINT FROM {rows}"))? else {
        return Err(Error::internal("a count without a row"));
    };
    let (seen, next) = after.map_or((0, 0), |position| (position.rows, position.next));
    let Some(new) = count.checked_sub(seen) else {
        return Err(Error::internal("rows went and their table's generation did not end"));
    };
    let end = if new == 0 { next } else { end_of(snapshot.as_ref(), &rows, next, new)? };
    // Where all rows are read there can be gaps between them.
    let low = if after.is_some() { end.saturating_sub(new) } else { 0 };
    let parts = Parts::new(snapshot, low..if new == 0 { low } else { end }, Box::new(sql));
    Ok(Reading {
        position: Position { generation, rows: count, next: end },
        is_anew: after.is_none(),
        rows: new,
        batches: Box::new(parts),
    })
}

/// As tables of the catalog have it; but maps by texts are maps.
fn followed(ty: &Type) -> Form {
    match ty {
        Type::Map(key, value) if matches!(key.plain(), Type::String | Type::FixedString(_)) => {
            let value = followed(value);
            let parts =
                vec![Field::new("key", DataType::Utf8, false), Field::new("value", value.arrow, true)];
            let entries = Field::new("entries", DataType::Struct(Fields::from(parts)), false);
            let engine = format!("MAP(VARCHAR, {})", value.engine);
            Form { engine, arrow: DataType::Map(Arc::new(entries), false) }
        }
        Type::Array(item) => list(followed(item)),
        _ => form(ty),
    }
}

fn kept(source: &Source) -> Result<&Source> {
    if source.file.engine.kind == EngineKind::Null {
        let what = format!("the data source `{}` keeps no rows", source.file.name);
        return Err(Error::invalid(what).hint("Follow one that has another ENGINE than Null"));
    }
    Ok(source)
}

/// The number after that of the last row. It is cheap to find where the new rows begin at `next`.
fn end_of(snapshot: &dyn Snapshot, rows: &str, next: u64, new: u64) -> Result<u64> {
    let sql = |tail: &str| {
        format!("SELECT count(*)::BIGINT, coalesce(max(rowid) + 1, 0)::BIGINT FROM {rows}{tail}")
    };
    if let Some([count, end]) = numbers(snapshot, &sql(&format!(" WHERE rowid >= {next}")))?
        && count == new
    {
        return Ok(end);
    }
    let Some([_, end]) = numbers(snapshot, &sql(""))? else {
        return Err(Error::internal("a count without a row"));
    };
    Ok(end)
}

/// The numbers of the first row of a query.
fn numbers<const N: usize>(snapshot: &dyn Snapshot, sql: &str) -> Result<Option<[u64; N]>> {
    let batches = snapshot.query(sql)?;
    let Some(batch) = batches.iter().find(|batch| batch.num_rows() > 0) else { return Ok(None) };
    let number = |at: usize| {
        let column = batch.columns().get(at)?.as_primitive_opt::<Int64Type>()?;
        u64::try_from(column.value(0)).ok()
    };
    let mut out = [0; N];
    for (at, into) in out.iter_mut().enumerate() {
        let Some(found) = number(at) else { return Ok(None) };
        *into = found;
    }
    Ok(Some(out))
}

/// Gives the query of the rows of some numbers.
fn sql_of(source: &Source, query: &FeedQuery) -> Result<impl Fn(u64, u64) -> String + Send + use<>> {
    const PART: &str = "rows of the part";
    let names: Vec<(String, Form)> =
        source.table.columns.iter().map(|(name, ty)| (name.clone(), followed(ty))).collect();
    let items: Vec<String> = source.table.columns.iter().map(|(name, ty)| selected(name, ty)).collect();
    // The rows as they were stored, not as their engine merges them.
    let table = Table { engine_name: engine_name(PART), engine: Engine::Plain, ..source.table.clone() };
    let text =
        format!("SELECT {} FROM {}", items.join(", "), super::resources::backticked(&source.table.name));
    let options = Options { is_stored: true, ..Options::default() };
    let rows = translate(&text, &vec![table], &options)
        .map_err(|e| Error::internal("the columns of a data source do not translate").source(e))?
        .sql;
    let places: Vec<String> = (0..names.len()).map(|at| format!("c{at}")).collect();
    let casts: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(at, (name, form))| format!("CAST(c{at} AS {}) AS {}", form.engine, engine_name(name)))
        .collect();
    let given: Vec<String> =
        query.columns.iter().map(|(name, e)| format!("{e} AS {}", engine_name(name))).collect();
    let filter = query.filter.as_ref().map_or_else(String::new, |filter| format!(" WHERE {filter}"));
    let (part, stored) = (engine_name(PART), engine_name(&source.home.rows));
    let (given, places, casts) = (given.join(", "), places.join(", "), casts.join(", "));
    Ok(move |low, high| {
        format!(
            "WITH {part} AS NOT MATERIALIZED (SELECT * FROM {stored} WHERE rowid >= {low} AND rowid < {high}) \
             SELECT {given} FROM (SELECT {casts} FROM ({rows}) AS v_({places})) AS r_{filter}"
        )
    })
}
