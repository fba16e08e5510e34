//! Makes a plan true: tables, the movement of rows, and the document of the deployment, in one transaction.

use super::compile::{cast_into, sql_error};
use super::insert;
use super::plan::{Movement, Plan};
use super::rendering::Asked;
use super::resources::{Resources, Source, backticked};
use super::scope::{All, Names};
use super::{Document, store};
use std::collections::BTreeMap;
use tile_base::{Error, Result, Transaction};
use tile_clicksql::schema::Table;
use tile_clicksql::{Options, engine_name};

/// Changes the tables from those of `live` to those of `wanted`, and remembers `document` as the live deployment.
///
/// # Errors
/// Those of queries that move rows, and of the engine. The transaction must then be given up.
pub fn apply(
    transaction: &dyn Transaction,
    live: &Resources,
    wanted: &Resources,
    plan: &Plan,
    document: &Document,
) -> Result<()> {
    for (name, movement) in &plan.movements {
        let Some(source) = wanted.sources.get(name) else { continue };
        if *movement == Movement::Kept {
            continue;
        }
        for statement in source.creation() {
            transaction.execute(&statement)?;
        }
        if let (Movement::Migrated, Some(old)) = (movement, live.sources.get(name)) {
            transaction.execute(&migration(old, source)?).map_err(|e| {
                e.at(format!("data source `{name}`"))
                    .hint("Say with FORWARD_QUERY how old rows become new ones")
            })?;
        }
    }
    fill(transaction, wanted, plan)?;
    let gone = plan.deleted_sources.iter().filter_map(|n| live.sources.get(n));
    let moved = plan.movements.iter().filter(|(_, m)| **m == Movement::Migrated);
    for old in gone.chain(moved.filter_map(|(n, _)| live.sources.get(n))) {
        insert::forget(transaction, old)?;
        for table in [&old.home.rows, &old.home.quarantine] {
            transaction.execute(&format!("DROP TABLE {}", engine_name(table)))?;
        }
    }
    store::put(transaction, "deployment", &document.id, document)
}

/// Views fill data sources that are new, from the rows that are there.
fn fill(transaction: &dyn Transaction, wanted: &Resources, plan: &Plan) -> Result<()> {
    for (name, views) in &wanted.views {
        let Some(source) = wanted.sources.get(name) else { continue };
        for view in views {
            let is_new = plan.movements.get(&view.target) == Some(&Movement::New);
            let is_skipped = wanted.sources.get(&view.target).is_some_and(|t| t.file.backfill_skip);
            // A source that is new as well was filled by the views before it, which fed this one.
            let has_rows = plan.movements.get(name) != Some(&Movement::New);
            if is_new && !is_skipped && has_rows {
                insert::backfill(wanted, transaction, source, view)?;
            }
        }
    }
    Ok(())
}

/// The statement that brings the rows of a data source into its new table.
fn migration(old: &Source, new: &Source) -> Result<String> {
    let given = match &new.file.forward_query {
        Some(query) => with_from(&query.text, &old.file.name)?,
        None => common(old, new)?,
    };
    let name = old.file.name.clone();
    let table = Table { name: name.clone(), ..old.table.clone() };
    let options = Options { is_stored: true, ..Options::default() };
    let query = tile_clicksql::parse::query(&given).map_err(|e| sql_error(&e, &given))?;
    let columns = tile_clicksql::translate_query(&query, &vec![table.clone()], &options)
        .map_err(|e| sql_error(&e, &given))?
        .columns;
    // The same rules as those of a view's rows, with the query under a name.
    let resources = Resources::default();
    let (others, asked) = (BTreeMap::from([(name, table)]), Asked::default());
    let names = Names::new(&resources, &others, &asked, &All, None, true);
    let sql = cast_into(&names, &query, &columns, new)?;
    Ok(format!("INSERT INTO {} {sql}", engine_name(&new.home.rows)))
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
