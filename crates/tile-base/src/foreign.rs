//! Tables that SQL may name and that lie outside of the database: what serves files tells an engine of them. Neither knows the
//! other.

use crate::auth::Resource;
use crate::error::{Error, Kind, Result};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use serde_json::Value as Json;

/// A table as it is now.
pub struct Foreign {
    /// Of booleans, integers, floats of 32 and 64 bits, decimals of at most 38 digits, text, dates (`Date32`) and times
    /// (`Timestamp` of micro- or nanoseconds, without a zone), and lists of these, which are never null; nothing else.
    pub schema: SchemaRef,
    /// Names the schema: equal numbers mean equal columns.
    pub schema_id: u64,
    /// Names what it holds: another number when that has changed. 0: that is not known.
    pub version: u64,
    /// How many of the first columns are the key of a row: who says what all of them are can have these rows alone. 0: rows have no key.
    pub keys: usize,
}

/// What belongs to a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guarded {
    pub workspace_id: String,
    /// What a token of that workspace must be allowed to read.
    pub resource: Resource,
}

/// Batches with the columns that were asked for, in that order.
pub type Scan = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// Finds and reads them. Everything here blocks.
pub trait ForeignTables: Send + Sync {
    /// Whose it is, and what a token needs to read it, there or not. None: it is of no workspace, and its path says what is needed.
    fn guarded(&self, _path: &str) -> Option<Guarded> {
        None
    }
    /// # Errors
    /// `NotFound`, `Gone`, `TooLarge`; `Invalid` for what is there and has no rows; `Busy` for what is not there yet.
    fn describe(&self, path: &str) -> Result<Foreign>;
    /// Rows of `columns`, which are places in the schema; with `only`, at least those of these keys: texts, whole numbers and booleans.
    ///
    /// # Errors
    /// As [`ForeignTables::describe`]; `Conflict` when the columns are no longer those of `schema_id`.
    fn scan(&self, path: &str, schema_id: u64, columns: &[usize], only: Option<&[Vec<Json>]>)
    -> Result<Scan>;
}

/// That the columns of a table are no longer those that were described.
pub fn changed(path: &str) -> Error {
    Error::new(Kind::Conflict, format!("the columns of `{path}` have just changed")).hint("Ask again")
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
