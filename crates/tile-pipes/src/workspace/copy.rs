//! Copies: the result of a pipe's node becomes rows of a data source.

use super::compile::{into_columns, query_into_columns, sql_error};
use super::deployed::Which;
use super::flow::Flow;
use super::insert;
use super::rendering::Asked;
use super::resources::{Source, column_list};
use super::scope::{All, Names, Sight};
use super::sizes::counted;
use super::{Live, Workspace};
use crate::datafile::{self, CopyMode, NodeKind};
use arrow_array::cast::AsArray;
use tile_base::engine::collect;
use tile_base::{Cancel, Error, Kind, Result, SqlEngine, Transaction};
use tile_clicksql::engine_name;

/// The column of a row's number: no data source has one of this name.
const ROW: &str = "row number";

/// What the names of tables begin with that hold a copy's rows before they are the target's.
const ASIDE: &str = "copy_";

/// A copy that is to run.
pub struct Run<'a> {
    /// The deployment that the pipe and its target are of.
    pub which: Which,
    pub pipe: &'a str,
    pub params: &'a [(String, String)],
    /// As the pipe has it when it is not said.
    pub is_replacing: Option<bool>,
    /// Of this run: letters and digits.
    pub id: &'a str,
    pub cancel: &'a Cancel,
}

/// Runs a copy; the target's old rows go in the same transaction when it replaces. Gives the number of rows. `settle` is called with
/// it before the commit: what it remembers is there with the rows or not at all.
///
/// The query runs beside the writers, over what is there when it begins; they wait only while its rows are taken over.
///
/// # Errors
/// Those of the node, of the engine and of `settle`, and the reason of its cancel; then nothing has changed.
pub fn run(
    workspace: &Workspace,
    run: &Run<'_>,
    settle: &dyn Fn(&dyn Transaction, u64) -> Result<()>,
) -> Result<u64> {
    let deployed = workspace.deployed();
    let live = deployed.get(run.which)?;
    let (at, copy) = node(live, run.pipe)?;
    let target = live.source(&copy.target)?;
    let mut asked = Asked::of(run.params, &[]);
    asked.secrets = workspace.secrets().into_iter().collect();
    asked.now_us = workspace.now_us();
    let names = Names::new(&live.resources, workspace.others(), &asked, &All, Some(run.pipe), true);
    let sql = into_columns(&names, run.pipe, at, target)?;
    let is_replacing = run.is_replacing.unwrap_or(copy.mode == CopyMode::Replace);
    let taking = Taking { workspace, which: run.which, target, is_replacing, id: run.id, cancel: run.cancel };
    taking.taken(&sql, settle)
}

/// Adds the rows of a request's query to a data source, as [`run`] does those of a pipe. The query sees what its sender may.
///
/// # Errors
/// Those of the query, also for columns that the data source lacks; else as [`run`].
pub fn query(
    workspace: &Workspace,
    asking: &Asking<'_>,
    settle: &dyn Fn(&dyn Transaction, u64) -> Result<()>,
) -> Result<u64> {
    let Asking { which, text, target, sight, id, cancel } = *asking;
    let deployed = workspace.deployed();
    let live = deployed.get(which)?;
    let target = live.source(target)?;
    let asked = Asked { secrets: workspace.secrets().into_iter().collect(), ..Asked::default() };
    let names = Names::new(&live.resources, workspace.others(), &asked, sight, None, false);
    let query = tile_clicksql::parse::query(text).map_err(|e| sql_error(&e, text))?;
    let sql = query_into_columns(&names, &query, target)?;
    Taking { workspace, which, target, is_replacing: false, id, cancel }.taken(&sql, settle)
}

/// A query whose rows are to be added to a data source.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    pub which: Which,
    pub text: &'a str,
    pub target: &'a str,
    pub sight: &'a dyn Sight,
    /// Of this run: letters and digits.
    pub id: &'a str,
    pub cancel: &'a Cancel,
}

/// Rows on their way into a data source.
struct Taking<'a> {
    workspace: &'a Workspace,
    which: Which,
    target: &'a Source,
    is_replacing: bool,
    id: &'a str,
    cancel: &'a Cancel,
}

impl Taking<'_> {
    fn taken(&self, sql: &str, settle: &dyn Fn(&dyn Transaction, u64) -> Result<()>) -> Result<u64> {
        let (workspace, target) = (self.workspace, self.target);
        let name = target.file.name.as_str();
        let aside = Aside::new(workspace.engine().as_ref(), self.id, target, self.cancel)?;
        aside.fill(sql)?;
        self.cancel.check()?;
        workspace.change(|now, transaction| {
            let found = now.get(self.which)?.source(name)?;
            if found.home.rows != target.home.rows {
                let what = format!("the data source `{name}` changed while the copy ran");
                return Err(Error::new(Kind::Conflict, what).hint("Run the copy again"));
            }
            let rows = format!("SELECT * FROM {}", aside.table);
            let flow = Flow::of(now);
            let place = flow.place(self.which, name)?;
            let count = if self.is_replacing {
                insert::replace(&flow, transaction, place, &rows)?
            } else {
                insert::select(&flow, transaction, place, &rows)?
            };
            settle(transaction, count)?;
            Ok(count)
        })
    }
}

/// The copy node of a pipe.
///
/// # Errors
/// `NotFound` for the pipe, `Invalid` when it has none.
pub fn node<'a>(live: &'a Live, pipe: &str) -> Result<(usize, &'a datafile::Copy)> {
    let this = live.pipe(pipe)?;
    let nodes = this.file.nodes.iter().enumerate();
    let mut copies = nodes.filter_map(|(at, node)| match &node.kind {
        NodeKind::Copy(copy) => Some((at, copy)),
        _ => None,
    });
    copies.next().ok_or_else(|| Error::invalid(format!("The pipe '{pipe}' has no copy node")))
}

/// Runs a statement on a connection of those that read: a transaction of its own, beside the writer. Only for tables that nobody
/// else names.
fn alone(engine: &dyn SqlEngine, sql: &str, cancel: &Cancel) -> Result<()> {
    engine.read(sql, cancel, &mut |_| Ok(()))
}

/// A table for the rows of one run, dropped at its end.
struct Aside<'a> {
    engine: &'a dyn SqlEngine,
    /// Quoted.
    table: String,
    cancel: &'a Cancel,
}

impl<'a> Aside<'a> {
    fn new(engine: &'a dyn SqlEngine, id: &str, target: &Source, cancel: &'a Cancel) -> Result<Self> {
        let out = Self { engine, table: engine_name(&format!("{ASIDE}{id}")), cancel };
        alone(engine, &format!("CREATE TABLE {} ({})", out.table, column_list(&target.columns)), cancel)?;
        Ok(out)
    }

    fn fill(&self, sql: &str) -> Result<()> {
        alone(self.engine, &format!("INSERT INTO {} {sql}", self.table), self.cancel)
    }
}

impl Drop for Aside<'_> {
    fn drop(&mut self) {
        // What stays goes when the workspace is opened again.
        let _ = alone(self.engine, &format!("DROP TABLE IF EXISTS {}", self.table), &Cancel::default());
    }
}

/// Drops what copies left that ended with their process.
///
/// # Errors
/// Those of the engine.
pub fn tidy(engine: &dyn SqlEngine) -> Result<()> {
    let sql = format!("SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, '{ASIDE}')");
    for batch in collect(engine, &sql, &Cancel::default(), 1 << 24)? {
        let names = batch.column(0).as_string::<i32>();
        for name in names.iter().flatten() {
            alone(engine, &format!("DROP TABLE {}", engine_name(name)), &Cancel::default())?;
        }
    }
    Ok(())
}

/// Removes all rows of a data source.
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
            return Ok(counted(&transaction.query(&sql)?));
        }
        let flow = Flow::of(deployed);
        insert::removed(&flow, transaction, flow.place(which, name)?, &meeting)
    })
}

/// The query of the numbers of the rows that meet a condition of ClickHouse's SQL, in a table with the data source's columns.
///
/// # Errors
/// For a condition that cannot be translated.
pub fn meeting_in(source: &Source, condition: &str, rows: &str) -> Result<String> {
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
