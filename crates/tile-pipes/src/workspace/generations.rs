//! The one way by which rows leave a data source's table. Who follows its new rows is told that those before are not the same any
//! more: the table's generation, a number that is kept beside the rows and changes in the same transaction.
//!
//! A table that a deployment makes anew, or that another data source takes over, has a name of its own: that is part of the generation.

use super::resources::Source;
use super::store;
use tile_base::{Result, Snapshot, Transaction};
use tile_clicksql::engine_name;

/// The kind of the documents, one for each table that has lost rows.
const KIND: &str = "generation";

/// Removes the rows of a data source whose numbers a query gives, all without one. Gives how many they were.
///
/// # Errors
/// Those of the engine.
pub fn remove(transaction: &dyn Transaction, source: &Source, numbers: Option<&str>) -> Result<u64> {
    let rows = &source.home.rows;
    let those = numbers.map_or_else(String::new, |numbers| format!(" WHERE rowid IN ({numbers})"));
    let count = transaction.execute(&format!("DELETE FROM {}{those}", engine_name(rows)))?;
    if count > 0 {
        let last: Option<u64> = store::find(&|sql| transaction.query(sql), KIND, rows)?;
        store::put(transaction, KIND, rows, &last.unwrap_or(0).saturating_add(1))?;
    }
    Ok(count)
}

/// Forgets what is known of a table that goes.
///
/// # Errors
/// Those of the engine.
pub fn forget(transaction: &dyn Transaction, source: &Source) -> Result<()> {
    store::delete(transaction, KIND, &source.home.rows)
}

/// The name of the rows that a data source has had so far.
///
/// # Errors
/// Those of the engine.
pub fn of(snapshot: &dyn Snapshot, source: &Source) -> Result<String> {
    let rows = &source.home.rows;
    let number: Option<u64> = store::find(&|sql| snapshot.query(sql), KIND, rows)?;
    Ok(format!("{rows}.{}", number.unwrap_or(0)))
}
