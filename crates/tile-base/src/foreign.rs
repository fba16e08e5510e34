//! Tables that SQL may name and that lie outside of the database: what serves files tells an engine of them. Neither knows the
//! other.

use crate::error::Result;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

/// A table as it is now.
pub struct Foreign {
    /// Of booleans, integers, floats of 32 and 64 bits, decimals of at most 38 digits, text, dates (`Date32`) and times
    /// (`Timestamp` of micro- or nanoseconds, without a zone); nothing else.
    pub schema: SchemaRef,
    /// Names the schema: equal numbers mean equal columns.
    pub schema_id: u64,
}

/// Batches with the columns that were asked for, in that order.
pub type Scan = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// Finds and reads them. Everything here blocks.
pub trait ForeignTables: Send + Sync {
    /// # Errors
    /// `NotFound`, `Gone`, `TooLarge`; `Invalid` for what is there and has no rows.
    fn describe(&self, path: &str) -> Result<Foreign>;
    /// Rows of `columns`, which are places in the schema.
    ///
    /// # Errors
    /// As [`ForeignTables::describe`]; `Conflict` when the columns are no longer those of `schema_id`.
    fn scan(&self, path: &str, schema_id: u64, columns: &[usize]) -> Result<Scan>;
}

/// The path of a table that a function gives: no path of a file begins so.
pub fn call(function: &str, args: &[&str]) -> String {
    format!("{CALL}{}", serde_json::json!([function, args]))
}

/// The function and the arguments of such a path.
pub fn called(path: &str) -> Option<(String, Vec<String>)> {
    serde_json::from_str(path.strip_prefix(CALL)?).ok()
}

const CALL: &str = "//call ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_a_path_of_its_own() {
        let path = call("f", &["a'\"", "b/c"]);
        assert_eq!(called(&path), Some(("f".into(), vec!["a'\"".into(), "b/c".into()])));
        assert_eq!(called("data/f"), None);
    }
}
