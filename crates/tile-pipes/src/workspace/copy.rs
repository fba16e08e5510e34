//! Copies: the result of a pipe's node becomes rows of a data source.

use super::Workspace;
use super::compile::into_columns;
use super::insert;
use super::rendering::Asked;
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
    pipe: &str,
    at: usize,
    params: &[(String, String)],
    is_replacing: bool,
) -> Result<u64> {
    workspace.change(|live, transaction| {
        let this = live.pipe(pipe)?;
        let Some(NodeKind::Copy(copy)) = this.file.nodes.get(at).map(|n| &n.kind) else {
            return Err(Error::invalid(format!("The pipe '{pipe}' has no copy node")));
        };
        let target = live.source(&copy.target)?;
        let mut asked = Asked::of(params, &[]);
        asked.secrets = workspace.secrets().into_iter().collect();
        let names = Names::new(&live.resources, workspace.others(), &asked, &All, Some(pipe), true);
        let sql = into_columns(&names, pipe, at, target)?;
        if is_replacing {
            // Its own rows may be read by the query.
            return insert::replace(&live.resources, transaction, target, &sql);
        }
        insert::select(&live.resources, transaction, target, &sql)
    })
}

/// Removes all rows of a data source.
///
/// # Errors
/// Those of the engine.
pub fn truncate(workspace: &Workspace, name: &str) -> Result<u64> {
    workspace.change(|live, transaction| {
        let source = live.source(name)?;
        transaction.execute(&format!("DELETE FROM {}", engine_name(&source.home.quarantine)))?;
        transaction.execute(&format!("DELETE FROM {}", engine_name(&source.home.rows)))
    })
}

/// How many rows meet a condition; removes them unless it is a trial.
///
/// # Errors
/// For a condition that cannot be translated; those of the engine.
pub fn delete(workspace: &Workspace, name: &str, condition: &str, is_trial: bool) -> Result<u64> {
    workspace.change(|live, transaction| {
        let source = live.source(name)?;
        let rows = engine_name(&source.home.rows);
        let meeting = format!("rowid IN ({})", meeting(source, condition)?);
        if is_trial {
            let found = transaction.query(&format!("SELECT count(*) FROM {rows} WHERE {meeting}"))?;
            return Ok(first_count(&found));
        }
        transaction.execute(&format!("DELETE FROM {rows} WHERE {meeting}"))
    })
}

/// The query of the numbers of the rows that meet a condition of ClickHouse's SQL.
fn meeting(source: &super::resources::Source, condition: &str) -> Result<String> {
    meeting_in(source, condition, &source.home.rows)
}

/// The same of another table with the data source's columns.
///
/// # Errors
/// For a condition that cannot be translated.
pub fn meeting_in(source: &super::resources::Source, condition: &str, rows: &str) -> Result<String> {
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
