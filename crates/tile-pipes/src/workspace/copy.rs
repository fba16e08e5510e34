//! Copies: the result of a pipe's node becomes rows of a data source.

use super::Workspace;
use super::compile::into_columns;
use super::deployed::Which;
use super::flow::Flow;
use super::insert;
use super::rendering::Asked;
use super::resources::Source;
use super::scope::{All, Names};
use crate::datafile::NodeKind;
use tile_base::{Error, Result};
use tile_clicksql::engine_name;

/// The column of a row's number: no data source has one of this name.
const ROW: &str = "row number";

/// Runs a copy; the target's old rows go in the same transaction when it replaces. Gives the number of rows.
///
/// # Errors
/// Those of the node and of the engine; then nothing has changed.
pub fn run(
    workspace: &Workspace,
    which: Which,
    pipe: &str,
    at: usize,
    params: &[(String, String)],
    is_replacing: bool,
) -> Result<u64> {
    workspace.change(|deployed, transaction| {
        let live = deployed.get(which)?;
        let this = live.pipe(pipe)?;
        let Some(NodeKind::Copy(copy)) = this.file.nodes.get(at).map(|n| &n.kind) else {
            return Err(Error::invalid(format!("The pipe '{pipe}' has no copy node")));
        };
        let target = live.source(&copy.target)?;
        let mut asked = Asked::of(params, &[]);
        asked.secrets = workspace.secrets().into_iter().collect();
        let names = Names::new(&live.resources, workspace.others(), &asked, &All, Some(pipe), true);
        let sql = into_columns(&names, pipe, at, target)?;
        let flow = Flow::of(deployed);
        let target = flow.place(which, &copy.target)?;
        if is_replacing {
            // Its own rows may be read by the query.
            return insert::replace(&flow, transaction, target, &sql);
        }
        insert::select(&flow, transaction, target, &sql)
    })
}

/// Removes all rows of a data source, and those that did not fit.
///
/// # Errors
/// Those of the engine.
pub fn truncate(workspace: &Workspace, which: Which, name: &str) -> Result<u64> {
    workspace.change(|deployed, transaction| {
        deployed.get(which)?.source(name)?;
        let flow = Flow::of(deployed);
        let place = flow.place(which, name)?;
        let quarantines = [Some(place), flow.follower(place)].into_iter().flatten();
        for quarantine in quarantines.map(|p| &p.source.home.quarantine) {
            transaction.execute(&format!("DELETE FROM {}", engine_name(quarantine)))?;
        }
        insert::cleared(&flow, transaction, place)
    })
}

/// How many rows meet a condition; removes them unless it is a trial.
///
/// # Errors
/// For a condition that cannot be translated; those of the engine.
pub fn delete(
    workspace: &Workspace,
    which: Which,
    name: &str,
    condition: &str,
    is_trial: bool,
) -> Result<u64> {
    let meeting = |source: &Source, table: &str| meeting_in(source, condition, table);
    workspace.change(|deployed, transaction| {
        let source = deployed.get(which)?.source(name)?;
        if is_trial {
            let rows = &source.home.rows;
            let sql = format!(
                "SELECT count(*) FROM {} WHERE rowid IN ({})",
                engine_name(rows),
                meeting(source, rows)?
            );
            return Ok(first_count(&transaction.query(&sql)?));
        }
        let flow = Flow::of(deployed);
        insert::removed(&flow, transaction, flow.place(which, name)?, &meeting)
    })
}

/// Puts rows in the place of those that meet a condition. New rows that do not meet it are left out.
///
/// # Errors
/// For a condition that cannot be translated; those of [`Workspace::insert`].
pub fn replace_where(workspace: &Workspace, rows: &insert::Rows, condition: &str) -> Result<()> {
    let meeting = |source: &Source, table: &str| meeting_in(source, condition, table);
    workspace.change(|deployed, transaction| {
        let flow = Flow::of(deployed);
        insert::replace_where(&flow, transaction, flow.of_rows(rows)?, &rows.block, &meeting)
    })
}

/// The query of the numbers of the rows that meet a condition of ClickHouse's SQL, in a table with the data source's columns.
fn meeting_in(source: &Source, condition: &str, rows: &str) -> Result<String> {
    let text =
        |e: tile_clicksql::error::SqlError, text: &str| Error::invalid(e.render(text)).at("the condition");
    // Parsed alone first: it is an expression, and nothing else can follow it.
    let e = tile_clicksql::parse::expression(condition).map_err(|e| text(e, condition))?;
    let printed = tile_clicksql::print::expr(&e);
    let mut table = source.table.clone();
    table.engine_name = format!("(SELECT rowid AS \"{ROW}\", * FROM {})", engine_name(rows));
    table.columns.push((ROW.to_owned(), tile_clicksql::types::Type::Int(64)));
    let name = super::resources::backticked(&table.name);
    let query = format!("SELECT `{ROW}` FROM {name} WHERE {printed}");
    let options = tile_clicksql::Options { is_stored: true, ..tile_clicksql::Options::default() };
    let translated = tile_clicksql::translate(&query, &vec![table], &options).map_err(|e| text(e, &query))?;
    Ok(translated.sql)
}

fn first_count(batches: &[arrow_array::RecordBatch]) -> u64 {
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int64Type;
    let first = batches.iter().find(|b| b.num_rows() > 0);
    let value = first.and_then(|b| b.column(0).as_primitive_opt::<Int64Type>().map(|c| c.value(0)));
    value.and_then(|v| u64::try_from(v).ok()).unwrap_or(0)
}
