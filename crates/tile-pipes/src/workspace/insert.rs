//! What an insert does within its transaction: rows are stored, views see them as a block, and what they make is stored in turn.

use super::flow::{By, Edge, Flow, Place};
use super::generations;
use super::resources::{Source, column_list};
use crate::datafile::EngineKind;
use crate::ingest::Block;
use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use arrow_schema::{Field, Schema};
use std::sync::Arc;
use tile_base::{Error, Kind, Result, Transaction};
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

/// Stores rows and lets them flow on.
///
/// # Errors
/// `Conflict` when a data source changed since the rows were decoded; those of the engine. The transaction must then be given up.
pub fn insert(flow: &Flow<'_>, transaction: &dyn Transaction, rows: &[Rows]) -> Result<()> {
    let mut homes: Vec<&str> = rows.iter().map(|r| r.home.as_str()).collect();
    homes.sort_unstable();
    homes.dedup();
    for rows in rows {
        flow.of_rows(rows)?;
    }
    for (at, home) in homes.into_iter().enumerate() {
        let of_home = || rows.iter().filter(|r| r.home == home);
        let Some(first) = of_home().next() else { continue };
        let place = flow.of_rows(first)?;
        let source = place.source;
        for batch in of_home().filter_map(|r| r.block.quarantine.as_ref()) {
            transaction.append(&source.home.quarantine, batch.clone())?;
        }
        if of_home().all(|r| r.block.rows == 0) {
            continue;
        }
        let is_seen = flows_on(flow, place, None);
        let is_seen_at_home = is_seen && at == 0 && is_block_at_home(source);
        let into = if is_seen && !is_seen_at_home { source.block() } else { source.home.rows.clone() };
        if is_seen && !is_seen_at_home {
            prepared(transaction, source)?;
        }
        for rows in of_home().filter(|r| r.block.rows > 0) {
            decoded(transaction, source, &rows.block, &into)?;
        }
        if is_seen_at_home {
            seen_at_home(flow, transaction, place)?;
        } else if is_seen {
            seen(flow, transaction, place, None, 0)?;
        }
    }
    Ok(())
}

/// Whether the rows that a transaction adds to a table can stand for the block, if it adds no others.
fn is_block_at_home(source: &Source) -> bool {
    source.file.engine.kind != EngineKind::Null && !has_rowid(source)
}

/// Whether a column hides the engine's numbers of the rows.
fn has_rowid(source: &Source) -> bool {
    source.columns.iter().any(|(name, _)| name.eq_ignore_ascii_case("rowid"))
}

/// Lets rows flow on that were stored, and that are all that this transaction has stored in their table: no block is made of them.
fn seen_at_home(flow: &Flow<'_>, transaction: &dyn Transaction, at: Place<'_>) -> Result<()> {
    let source = at.source;
    let (block, added) = (engine_name(&source.block()), transaction.added(&source.home.rows));
    let edges = flow.edges(at, None);
    for edge in edges {
        let sql = edge.sql.replace(&block, &added);
        fed(flow, transaction, source, &Edge { to: edge.to, sql: &sql, view: edge.view }, 0)?;
    }
    Ok(())
}

/// Whether rows are more than stored: a block is needed then.
fn flows_on(flow: &Flow<'_>, at: Place<'_>, by: Option<By<'_>>) -> bool {
    at.source.file.engine.kind == EngineKind::Null || !flow.edges(at, by).is_empty()
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
    let block = engine_name(&source.block());
    let statement = format!("CREATE TEMP TABLE IF NOT EXISTS {block} ({})", column_list(&source.columns));
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

/// Stores the block of a data source, and lets it flow on. `by` is the view that made it, if one did.
fn seen(
    flow: &Flow<'_>,
    transaction: &dyn Transaction,
    at: Place<'_>,
    by: Option<By<'_>>,
    depth: usize,
) -> Result<()> {
    if depth > DEPTH_MAX {
        return Err(Error::invalid("materialized views lead to one another without an end"));
    }
    let source = at.source;
    let block = engine_name(&source.block());
    if source.file.engine.kind != EngineKind::Null {
        transaction
            .execute(&format!("INSERT INTO {} SELECT * FROM {block}", engine_name(&source.home.rows)))?;
    }
    for edge in flow.edges(at, by) {
        fed(flow, transaction, source, &edge, depth)?;
    }
    transaction.execute(&format!("DELETE FROM {block}")).map(drop)
}

/// Takes the block of `from` one way on.
fn fed(
    flow: &Flow<'_>,
    transaction: &dyn Transaction,
    from: &Source,
    edge: &Edge<'_>,
    depth: usize,
) -> Result<()> {
    let to = edge.to.source;
    let at = |e: Error| match edge.view {
        Some(view) => e.at(format!("the materialized view of pipe `{}`", view.pipe)),
        None => e.at(format!("the FORWARD_QUERY of the staged data source `{}`", to.file.name)),
    };
    let by = edge.view.map(|view| By { pipe: &view.pipe, source: &from.file.name });
    if !flows_on(flow, edge.to, by) {
        let into = engine_name(&to.home.rows);
        return transaction.execute(&format!("INSERT INTO {into} {}", edge.sql)).map(drop).map_err(at);
    }
    prepared(transaction, to)?;
    let into = engine_name(&to.block());
    transaction.execute(&format!("INSERT INTO {into} {}", edge.sql)).map_err(at)?;
    seen(flow, transaction, edge.to, by, depth + 1)
}

/// Stores what a query gives and lets it flow on. The query gives the columns of the data source in stored form.
///
/// # Errors
/// Those of the engine.
pub fn select(flow: &Flow<'_>, transaction: &dyn Transaction, at: Place<'_>, sql: &str) -> Result<u64> {
    let source = at.source;
    if !flows_on(flow, at, None) {
        return transaction.execute(&format!("INSERT INTO {} {sql}", engine_name(&source.home.rows)));
    }
    prepared(transaction, source)?;
    let rows = transaction.execute(&format!("INSERT INTO {} {sql}", engine_name(&source.block())))?;
    seen(flow, transaction, at, None, 0)?;
    Ok(rows)
}

/// The same in the place of all rows that there are, which the query may still read. Views see the new rows alone: what they made
/// of the old ones stays.
///
/// # Errors
/// Those of the engine.
pub fn replace(flow: &Flow<'_>, transaction: &dyn Transaction, at: Place<'_>, sql: &str) -> Result<u64> {
    prepared(transaction, at.source)?;
    let rows = transaction.execute(&format!("INSERT INTO {} {sql}", engine_name(&at.source.block())))?;
    cleared(flow, transaction, at)?;
    seen(flow, transaction, at, None, 0)?;
    Ok(rows)
}

/// What becomes of the rows that are there. A condition gives the query of the numbers of the rows that meet it, in a table with a data
/// source's columns.
pub enum Arrival<'a> {
    Beside,
    /// They all go.
    Instead,
    /// Those that meet a condition go, and only new rows that meet it come.
    InsteadWhere(&'a dyn Fn(&Source, &str) -> Result<String>),
    /// They stay, and only new rows that meet a condition come.
    BesideWhere(&'a dyn Fn(&Source, &str) -> Result<String>),
}

/// Removes all rows of a data source, also from the staged table that follows it. Gives the number of its own.
///
/// # Errors
/// `Conflict` as [`Flow::may_remove`]; those of the engine.
pub fn cleared(flow: &Flow<'_>, transaction: &dyn Transaction, at: Place<'_>) -> Result<u64> {
    flow.may_remove(at.source)?;
    if let Some(follower) = flow.follower(at) {
        generations::remove(transaction, follower.source, None)?;
    }
    generations::remove(transaction, at.source, None)
}

/// Stores rows and lets them flow on; views see the new rows alone.
///
/// # Errors
/// Those of the condition and of the engine.
pub fn arrive(
    flow: &Flow<'_>,
    transaction: &dyn Transaction,
    at: Place<'_>,
    block: &Block,
    how: &Arrival<'_>,
) -> Result<()> {
    let source = at.source;
    if let Some(batch) = &block.quarantine {
        transaction.append(&source.home.quarantine, batch.clone())?;
    }
    match how {
        Arrival::Beside | Arrival::BesideWhere(_) => {}
        Arrival::Instead => drop(cleared(flow, transaction, at)?),
        Arrival::InsteadWhere(meeting) => drop(removed(flow, transaction, at, meeting)?),
    }
    if block.rows == 0 {
        return Ok(());
    }
    let is_whole = matches!(how, Arrival::Beside | Arrival::Instead);
    if is_whole && !flows_on(flow, at, None) {
        return decoded(transaction, source, block, &source.home.rows);
    }
    let new = source.block();
    prepared(transaction, source)?;
    decoded(transaction, source, block, &new)?;
    if let Arrival::InsteadWhere(meeting) | Arrival::BesideWhere(meeting) = how {
        let others =
            format!("DELETE FROM {} WHERE rowid NOT IN ({})", engine_name(&new), meeting(source, &new)?);
        transaction.execute(&others)?;
    }
    seen(flow, transaction, at, None, 0)
}

/// Removes the rows that meet a condition, also from the staged table that follows. Gives the number of its own.
///
/// # Errors
/// Those of `meeting` and of the engine; `Conflict` when the condition means nothing in the staged table, and as [`Flow::may_remove`].
pub fn removed(
    flow: &Flow<'_>,
    transaction: &dyn Transaction,
    at: Place<'_>,
    meeting: &dyn Fn(&Source, &str) -> Result<String>,
) -> Result<u64> {
    flow.may_remove(at.source)?;
    let own = meeting(at.source, &at.source.home.rows)?;
    if let Some(follower) = flow.follower(at).map(|f| f.source) {
        let theirs = meeting(follower, &follower.home.rows).map_err(|e| {
            let what =
                format!("the condition cannot be applied to the staged deployment as well: {}", e.detail());
            Error::new(Kind::Conflict, what).hint("Promote or discard it first")
        })?;
        generations::remove(transaction, follower, Some(&theirs))?;
    }
    generations::remove(transaction, at.source, Some(&own))
}

/// Takes all rows that a data source has one way on, or those whose numbers a query gives.
///
/// # Errors
/// Those of the engine.
pub fn backfill(
    flow: &Flow<'_>,
    transaction: &dyn Transaction,
    source: &Source,
    edge: &Edge<'_>,
    only: Option<&str>,
) -> Result<()> {
    // Under a name of its own: statements that were planned for the block would take the view for their table.
    let (block, all) = (engine_name(&source.block()), engine_name(&format!("all_{}", source.home.rows)));
    let rows = engine_name(&source.home.rows);
    let those = only.map_or(String::new(), |numbers| format!(" WHERE rowid IN ({numbers})"));
    let numbered = if has_rowid(source) { "*" } else { "*, rowid" };
    transaction
        .execute(&format!("CREATE OR REPLACE TEMP VIEW {all} AS SELECT {numbered} FROM {rows}{those}"))?;
    let sql = edge.sql.replace(&block, &all);
    let done = fed(flow, transaction, source, &Edge { to: edge.to, sql: &sql, view: edge.view }, 0);
    transaction.execute(&format!("DROP VIEW {all}"))?;
    done
}
