//! How much is in tables, as far as it is cheap to know.

use super::Workspace;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use parking_lot::Mutex;
use std::collections::HashMap;
use tile_base::engine::collect;
use tile_base::{Cancel, Result};
use tile_clicksql::engine_name;

/// How long a size is believed: counting a table costs as much as a small query.
const AGE_US: i64 = 1_000_000;
/// Tables whose sizes are remembered.
const TABLES_MAX: usize = 10_000;

/// What a table holds. Bytes are rows by the widths of their columns' types, for a text 16.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    pub rows: u64,
    pub bytes: u64,
}

/// Sizes that were found out, with the time.
#[derive(Default)]
pub struct Sizes(Mutex<HashMap<String, (i64, u64)>>);

impl Workspace {
    /// Counts the rows of a table of the engine, now.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn size_of(&self, table: &str, columns: &[(String, String)]) -> Result<Size> {
        let sql = format!("SELECT count(*) AS n FROM {}", engine_name(table));
        let found = collect(self.engine().as_ref(), &sql, &Cancel::default(), 1 << 20)?;
        let rows = counted(&found);
        Ok(Size { rows, bytes: rows.saturating_mul(width(columns)) })
    }

    /// The same, as it was at most a second ago.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn recent_size_of(&self, table: &str, columns: &[(String, String)]) -> Result<Size> {
        let now = self.now_us();
        let known = self.sizes.0.lock().get(table).copied();
        if let Some((_, rows)) = known.filter(|(at, _)| (0..AGE_US).contains(&(now - at))) {
            return Ok(Size { rows, bytes: rows.saturating_mul(width(columns)) });
        }
        let found = self.size_of(table, columns)?;
        let mut known = self.sizes.0.lock();
        if known.len() >= TABLES_MAX {
            known.clear();
        }
        known.insert(table.to_owned(), (now, found.rows));
        Ok(found)
    }
}

/// What `count(*)` gave.
pub fn counted(batches: &[RecordBatch]) -> u64 {
    let first = batches.iter().find(|b| b.num_rows() > 0);
    let rows = first.and_then(|b| b.column(0).as_primitive_opt::<Int64Type>().map(|c| c.value(0)));
    rows.and_then(|n| u64::try_from(n).ok()).unwrap_or(0)
}

/// Bytes of a row.
fn width(columns: &[(String, String)]) -> u64 {
    let of = |ty: &str| match ty {
        "BOOLEAN" | "TINYINT" | "UTINYINT" => 1,
        "SMALLINT" | "USMALLINT" => 2,
        "INTEGER" | "UINTEGER" | "FLOAT" | "DATE" => 4,
        "BIGINT" | "UBIGINT" | "DOUBLE" | "TIMESTAMP" => 8,
        _ => 16,
    };
    columns.iter().map(|(_, ty)| of(ty)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_as_wide_as_its_types() {
        let column = |ty: &str| ("c".to_owned(), ty.to_owned());
        assert_eq!(width(&[column("BIGINT"), column("VARCHAR"), column("UTINYINT")]), 8 + 16 + 1);
    }
}
