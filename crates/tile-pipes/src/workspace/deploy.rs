//! Makes a plan true within transactions: tables, and the movement of rows.

use super::compile::{cast_into, sql_error};
use super::deployed::Which;
use super::flow::Flow;
use super::generations;
use super::insert;
use super::plan::{Movement, Plan};
use super::rendering::Asked;
use super::resources::{Resources, Source, backticked};
use super::scope::{All, Names};
use super::store;
use std::collections::{BTreeMap, BTreeSet};
use tile_base::{Error, Result, Transaction};
use tile_clicksql::schema::Table;
use tile_clicksql::{Options, engine_name};

/// Makes the tables that a deployment does not share with the live one.
///
/// # Errors
/// Those of the engine. The transaction must then be given up.
pub fn create(transaction: &dyn Transaction, wanted: &Resources, plan: &Plan) -> Result<()> {
    let new = plan.movements.iter().filter(|(_, movement)| **movement != Movement::Kept);
    for source in new.filter_map(|(name, _)| wanted.sources.get(name)) {
        for statement in source.creation() {
            transaction.execute(&statement)?;
        }
    }
    Ok(())
}

/// Fills them with the rows that the live one has.
///
/// # Errors
/// Those of queries that move rows, and of the engine. The transaction must then be given up.
pub fn fill(transaction: &dyn Transaction, live: &Resources, wanted: &Resources, plan: &Plan) -> Result<()> {
    let migrated = plan.movements.iter().filter(|(_, movement)| **movement == Movement::Migrated);
    for (name, _) in migrated {
        let (Some(old), Some(new)) = (live.sources.get(name), wanted.sources.get(name)) else { continue };
        let sql = forward(old, new, &old.home.rows)?;
        let moved = transaction.execute(&format!("INSERT INTO {} {sql}", engine_name(&new.home.rows)));
        moved.map_err(|e| {
            e.at(format!("data source `{name}`")).hint("Say with FORWARD_QUERY how old rows become new ones")
        })?;
    }
    fill_by_views(transaction, wanted, plan)
}

/// Removes the tables of a deployment that another does not share.
///
/// # Errors
/// Those of the engine.
pub fn remove(transaction: &dyn Transaction, of: &Resources, but: &Resources) -> Result<()> {
    let is_kept = |old: &Source| but.sources.values().any(|s| s.home.rows == old.home.rows);
    for old in of.sources.values().filter(|s| !is_kept(s)) {
        insert::forget(transaction, old)?;
        generations::forget(transaction, old)?;
        // A data source that goes on has the same id: what was taken for it stays taken.
        if old.file.connector.is_some() && !but.sources.values().any(|s| s.home.id == old.home.id) {
            store::delete_all(transaction, &crate::transfer::bucket::taken_kind(&old.home.id))?;
        }
        for table in [&old.home.rows, &old.home.quarantine] {
            transaction.execute(&format!("DROP TABLE {}", engine_name(table)))?;
        }
    }
    Ok(())
}

/// Views fill data sources that are new, from the rows that are there.
fn fill_by_views(transaction: &dyn Transaction, wanted: &Resources, plan: &Plan) -> Result<()> {
    if plan.fills.iter().all(|fill| fill.view.is_none()) {
        return Ok(());
    }
    let is_new = |name: &str| plan.movements.get(name) == Some(&Movement::New);
    let new: BTreeSet<String> = wanted
        .sources
        .values()
        .filter(|s| is_new(&s.file.name) && !s.file.backfill_skip)
        .map(|s| s.file.name.clone())
        .collect();
    let flow = Flow::filling(wanted, &new);
    // A source that is new as well is filled by the views before it, which feed this one.
    for source in wanted.sources.values().filter(|s| !is_new(&s.file.name)) {
        let place = flow.place(Which::Live, &source.file.name)?;
        for edge in flow.edges(place, None) {
            insert::backfill(&flow, transaction, source, &edge, None)?;
        }
    }
    Ok(())
}

/// The queries that make rows of the changed data sources of another deployment from a block of the live ones.
///
/// # Errors
/// Those of FORWARD_QUERY.
pub fn forwards(live: &Resources, staged: &Resources) -> Result<BTreeMap<String, String>> {
    let pairs = staged.sources.iter().filter_map(|(name, new)| Some((name, live.sources.get(name)?, new)));
    let changed = pairs.filter(|(_, old, new)| old.home.rows != new.home.rows);
    changed.map(|(name, old, new)| Ok((name.clone(), forward(old, new, &old.block())?))).collect()
}

/// The query that makes rows of a data source from those of its predecessor, which are in `from`.
fn forward(old: &Source, new: &Source, from: &str) -> Result<String> {
    let given = match &new.file.forward_query {
        Some(query) => with_from(&query.text, &old.file.name)?,
        None => common(old, new)?,
    };
    let name = old.file.name.clone();
    let table = Table { name: name.clone(), engine_name: engine_name(from), ..old.table.clone() };
    let options = Options { is_stored: true, ..Options::default() };
    let query = tile_clicksql::parse::query(&given).map_err(|e| sql_error(&e, &given))?;
    let columns = tile_clicksql::translate_query(&query, &vec![table.clone()], &options)
        .map_err(|e| sql_error(&e, &given))?
        .columns;
    // The same rules as those of a view's rows, with the query under a name.
    let resources = Resources::default();
    let (others, asked) = (BTreeMap::from([(name, table)]), Asked::default());
    let names = Names::new(&resources, &others, &asked, &All, None, true);
    cast_into(&names, &query, &columns, new)
}

/// A SELECT list alone means the old rows.
fn with_from(text: &str, source: &str) -> Result<String> {
    let text = text.trim();
    let query = tile_clicksql::parse::query(text).map_err(|e| sql_error(&e, text))?;
    let has_from = match &query.body {
        tile_clicksql::ast::QueryBody::Select(select) => select.from.is_some(),
        _ => true,
    };
    Ok(if has_from { text.to_owned() } else { format!("{text} FROM {}", backticked(source)) })
}

/// The columns that both have. What goes is gone; what comes has its default.
fn common(old: &Source, new: &Source) -> Result<String> {
    let names: Vec<String> = new
        .columns
        .iter()
        .filter(|(name, _)| old.columns.iter().any(|(n, _)| n == name))
        .map(|(name, _)| backticked(name))
        .collect();
    if names.is_empty() {
        return Err(Error::invalid(format!("the data source `{}` keeps none of its columns", new.file.name))
            .hint("Say with FORWARD_QUERY how old rows become new ones"));
    }
    Ok(format!("SELECT {} FROM {}", names.join(", "), backticked(&old.file.name)))
}
