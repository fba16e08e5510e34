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
            emptied(transaction, source)?;
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
    transaction.execute(&format!("CREATE OR REPLACE TEMP TABLE {} ({columns})", engine_name(&staging)))?;
    transaction.append(&staging, batch)?;
    transaction.execute(&format!("INSERT INTO {} {}", engine_name(into), source.from_staging))?;
    transaction.execute(&format!("DROP TABLE {}", engine_name(&staging))).map(drop)
}

/// Makes or empties the table of a data source's block.
fn emptied(transaction: &dyn Transaction, source: &Source) -> Result<()> {
    let columns: Vec<String> =
        source.columns.iter().map(|(name, ty)| format!("{} {ty}", engine_name(name))).collect();
    let block = engine_name(&source.block());
    transaction.execute(&format!("CREATE OR REPLACE TEMP TABLE {block} ({})", columns.join(", "))).map(drop)
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
    transaction.execute(&format!("DROP TABLE {block}")).map(drop)
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
    emptied(transaction, target)?;
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
    emptied(transaction, source)?;
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
    emptied(transaction, source)?;
    let rows = transaction.execute(&format!("INSERT INTO {} {sql}", engine_name(&source.block())))?;
    transaction.execute(&format!("DELETE FROM {}", engine_name(&source.home.rows)))?;
    seen(resources, transaction, source, 0)?;
    Ok(rows)
}

/// What becomes of the rows that are there.
pub enum Place<'a> {
    Beside,
    /// They all go.
    Instead,
    /// Those that meet a condition go, and only new rows that meet it come. Gives the query of the numbers of such rows in a table.
    InsteadWhere(&'a dyn Fn(&str) -> Result<String>),
    /// They stay, and only new rows that meet a condition come.
    BesideWhere(&'a dyn Fn(&str) -> Result<String>),
}

/// Stores rows and feeds the views, which see the new rows alone.
///
/// # Errors
/// Those of the condition and of the engine.
pub fn arrive(
    resources: &Resources,
    transaction: &dyn Transaction,
    source: &Source,
    block: &Block,
    place: &Place<'_>,
) -> Result<()> {
    if let Some(batch) = &block.quarantine {
        transaction.append(&source.home.quarantine, batch.clone())?;
    }
    let (rows, new) = (engine_name(&source.home.rows), source.block());
    match place {
        Place::Beside | Place::BesideWhere(_) => {}
        Place::Instead => drop(transaction.execute(&format!("DELETE FROM {rows}"))?),
        Place::InsteadWhere(meeting) => {
            let old = meeting(&source.home.rows)?;
            transaction.execute(&format!("DELETE FROM {rows} WHERE rowid IN ({old})"))?;
        }
    }
    if block.rows == 0 {
        return Ok(());
    }
    let is_whole = matches!(place, Place::Beside | Place::Instead);
    if is_whole && !resources.views.contains_key(&source.file.name) {
        return decoded(transaction, source, block, &source.home.rows);
    }
    emptied(transaction, source)?;
    decoded(transaction, source, block, &new)?;
    if let Place::InsteadWhere(meeting) | Place::BesideWhere(meeting) = place {
        let others = format!("DELETE FROM {} WHERE rowid NOT IN ({})", engine_name(&new), meeting(&new)?);
        transaction.execute(&others)?;
    }
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
    transaction.execute(&format!(
        "CREATE OR REPLACE TEMP VIEW {block} AS SELECT * FROM {}",
        engine_name(&source.home.rows)
    ))?;
    let done = fed(resources, transaction, view, 0);
    transaction.execute(&format!("DROP VIEW {block}"))?;
    done
}
