//! What an insert does within its transaction: rows are stored, views see them as a block, and what they make is stored in turn.

use super::resources::{Resources, Source, View};
use crate::datafile::EngineKind;
use crate::ingest::Block;
use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use arrow_schema::{Field, Schema};
use std::sync::Arc;
use tile_base::{Error, Result, Transaction};
use tile_clicksql::engine_name;

/// Views that lead to one another.
const DEPTH_MAX: usize = 32;

/// Rows of one data source.
pub struct Rows {
    pub source: String,
    /// The table that they were decoded for.
    pub home: String,
    pub block: Block,
}

/// Stores rows and feeds the views.
///
/// # Errors
/// Those of the engine. The transaction must then be given up.
pub fn insert(resources: &Resources, transaction: &dyn Transaction, rows: &[Rows]) -> Result<()> {
    let mut names: Vec<&str> = rows.iter().map(|r| r.source.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let Some(source) = resources.sources.get(name) else {
            return Err(Error::not_found(format!("Data Source {name} not found")));
        };
        let blocks = || rows.iter().filter(|r| r.source == name).map(|r| &r.block);
        for batch in blocks().filter_map(|b| b.quarantine.as_ref()) {
            transaction.append(&source.home.quarantine, batch.clone())?;
        }
        if blocks().all(|b| b.rows == 0) {
            continue;
        }
        let is_seen = resources.views.contains_key(name);
        let into = if is_seen { source.block() } else { source.home.rows.clone() };
        if is_seen {
            prepared(transaction, source)?;
        }
        for block in blocks().filter(|b| b.rows > 0) {
            decoded(transaction, source, block, &into)?;
        }
        if is_seen {
            seen(resources, transaction, source, 0)?;
        }
    }
    Ok(())
}

/// Puts decoded rows into a table, in stored form.
fn decoded(transaction: &dyn Transaction, source: &Source, block: &Block, into: &str) -> Result<()> {
    if source.is_plain {
        return transaction.append(into, block.batch.clone());
    }
    let staging = source.staging();
    let fields = block.batch.schema();
    let marks = source
        .computed
        .iter()
        .map(|at| Arc::new(Field::new(Source::missing_mark(*at), arrow_schema::DataType::Boolean, true)));
    let fields: Vec<_> = fields.fields().iter().cloned().chain(marks).collect();
    // A column that no row lacks has no mark in the block.
    let none = || BooleanArray::from(vec![false; block.rows]);
    let mark = |at: &usize| block.missing.iter().find(|(m, _)| m == at).map_or_else(none, |(_, m)| m.clone());
    let arrays = source.computed.iter().map(|at| Arc::new(mark(at)) as ArrayRef);
    let columns: Vec<ArrayRef> = block.batch.columns().iter().cloned().chain(arrays).collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(|e| Error::internal("a block without its marks").source(e))?;
    let columns = source.staging_columns(&batch);
    let name = engine_name(&staging);
    transaction.execute(&format!("CREATE TEMP TABLE IF NOT EXISTS {name} ({columns})"))?;
    transaction.append(&staging, batch)?;
    transaction.execute(&format!("INSERT INTO {} {}", engine_name(into), source.from_staging))?;
    transaction.execute(&format!("DELETE FROM {name}")).map(drop)
}

/// Makes the table of a data source's block where it is not. It is kept and left empty: a table made anew would make the engine
/// plan every statement anew, and rows that are gone by the end of their transaction cost it nothing.
fn prepared(transaction: &dyn Transaction, source: &Source) -> Result<()> {
    let columns: Vec<String> =
        source.columns.iter().map(|(name, ty)| format!("{} {ty}", engine_name(name))).collect();
    let block = engine_name(&source.block());
    let statement = format!("CREATE TEMP TABLE IF NOT EXISTS {block} ({})", columns.join(", "));
    transaction.execute(&statement).map(drop)
}

/// Forgets what inserts made for a data source that goes.
///
/// # Errors
/// Those of the engine.
pub fn forget(transaction: &dyn Transaction, source: &Source) -> Result<()> {
    for table in [source.block(), source.staging()] {
        transaction.execute(&format!("DROP TABLE IF EXISTS {}", engine_name(&table)))?;
    }
    Ok(())
}

/// Stores the block of a data source, and lets its views see it.
fn seen(resources: &Resources, transaction: &dyn Transaction, source: &Source, depth: usize) -> Result<()> {
    if depth > DEPTH_MAX {
        return Err(Error::invalid("materialized views lead to one another without an end"));
    }
    let block = engine_name(&source.block());
    if source.file.engine.kind != EngineKind::Null {
        transaction
            .execute(&format!("INSERT INTO {} SELECT * FROM {block}", engine_name(&source.home.rows)))?;
    }
    for view in resources.views.get(&source.file.name).into_iter().flatten() {
        fed(resources, transaction, view, depth)?;
    }
    transaction.execute(&format!("DELETE FROM {block}")).map(drop)
}

/// Runs a view over its source's block.
fn fed(resources: &Resources, transaction: &dyn Transaction, view: &View, depth: usize) -> Result<()> {
    let Some(target) = resources.sources.get(&view.target) else {
        return Err(Error::internal(format!("the view of `{}` has no target", view.pipe)));
    };
    let at = |e: Error| e.at(format!("the materialized view of pipe `{}`", view.pipe));
    if !resources.views.contains_key(&view.target) {
        let into = engine_name(&target.home.rows);
        return transaction.execute(&format!("INSERT INTO {into} {}", view.sql)).map(drop).map_err(at);
    }
    prepared(transaction, target)?;
    let into = engine_name(&target.block());
    transaction.execute(&format!("INSERT INTO {into} {}", view.sql)).map_err(at)?;
    seen(resources, transaction, target, depth + 1)
}

/// Stores what a query gives and feeds the views. The query gives the columns of the data source in stored form.
///
/// # Errors
/// Those of the engine.
pub fn select(
    resources: &Resources,
    transaction: &dyn Transaction,
    source: &Source,
    sql: &str,
) -> Result<u64> {
    if !resources.views.contains_key(&source.file.name) {
        return transaction.execute(&format!("INSERT INTO {} {sql}", engine_name(&source.home.rows)));
    }
    prepared(transaction, source)?;
    let rows = transaction.execute(&format!("INSERT INTO {} {sql}", engine_name(&source.block())))?;
    seen(resources, transaction, source, 0)?;
    Ok(rows)
}

/// The same in the place of all rows that there are, which the query may still read. Views see the new rows alone: what they made
/// of the old ones stays.
///
/// # Errors
/// Those of the engine.
pub fn replace(
    resources: &Resources,
    transaction: &dyn Transaction,
    source: &Source,
    sql: &str,
) -> Result<u64> {
    prepared(transaction, source)?;
    let rows = transaction.execute(&format!("INSERT INTO {} {sql}", engine_name(&source.block())))?;
    transaction.execute(&format!("DELETE FROM {}", engine_name(&source.home.rows)))?;
    seen(resources, transaction, source, 0)?;
    Ok(rows)
}

/// Stores decoded rows in the place of those that meet a condition; `meeting` gives the query of the numbers of such rows in a
/// table. Views see the new rows alone.
///
/// # Errors
/// Those of `meeting` and of the engine.
pub fn replace_where(
    resources: &Resources,
    transaction: &dyn Transaction,
    source: &Source,
    block: &Block,
    meeting: &dyn Fn(&str) -> Result<String>,
) -> Result<()> {
    if let Some(batch) = &block.quarantine {
        transaction.append(&source.home.quarantine, batch.clone())?;
    }
    let (rows, new) = (engine_name(&source.home.rows), source.block());
    transaction.execute(&format!("DELETE FROM {rows} WHERE rowid IN ({})", meeting(&source.home.rows)?))?;
    if block.rows == 0 {
        return Ok(());
    }
    prepared(transaction, source)?;
    decoded(transaction, source, block, &new)?;
    let others = format!("DELETE FROM {} WHERE rowid NOT IN ({})", engine_name(&new), meeting(&new)?);
    transaction.execute(&others)?;
    seen(resources, transaction, source, 0)
}

/// Runs a view over all rows that its source has: for a target that is new.
///
/// # Errors
/// Those of the engine.
pub fn backfill(
    resources: &Resources,
    transaction: &dyn Transaction,
    source: &Source,
    view: &View,
) -> Result<()> {
    let block = engine_name(&source.block());
    forget(transaction, source)?;
    transaction
        .execute(&format!("CREATE TEMP VIEW {block} AS SELECT * FROM {}", engine_name(&source.home.rows)))?;
    let done = fed(resources, transaction, view, 0);
    transaction.execute(&format!("DROP VIEW {block}"))?;
    done
}
