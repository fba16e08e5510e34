//! Tables whose new rows can be followed, such as data sources. Who follows one never misses a row and never sees one twice: where it
//! stands is a value that it keeps with what it made of the rows.

use crate::engine::Cancel;
use crate::error::Result;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use std::sync::Arc;

/// How far rows were read. Two positions compare only for equality.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Names the table's rows so far: another name means that rows were removed or replaced, and all must be read anew.
    pub generation: String,
    /// Rows that were read.
    pub rows: u64,
    /// The number that the next row will have.
    pub next: u64,
}

/// What is read of each row: expressions of the engine's own SQL over the table's columns. They are printed from what was checked, never
/// text from outside.
#[derive(Clone, Debug, Default)]
pub struct FeedQuery {
    /// Names and expressions, in order.
    pub columns: Vec<(String, String)>,
    /// A condition; all rows without one.
    pub filter: Option<String>,
}

/// What a read came to.
#[derive(Clone, Debug)]
pub struct FeedRead {
    pub position: Position,
    /// The rows are all that there are, not only the new ones: what was made of earlier ones must go.
    pub is_anew: bool,
}

/// One table.
pub trait Feed: Send + Sync {
    /// Its columns.
    fn schema(&self) -> SchemaRef;

    /// The rows that came after a position, in the order of their arrival, as one state of the table. All rows where there is no position, or
    /// where its generation is over. Blocks.
    ///
    /// # Errors
    /// `Invalid` for expressions that cannot run, those of `each`, `NotFound` when the table is gone.
    fn read(
        &self,
        query: &FeedQuery,
        after: Option<&Position>,
        cancel: &Cancel,
        each: &mut dyn FnMut(bool, RecordBatch) -> Result<()>,
    ) -> Result<FeedRead>;

    /// Calls `wake` after each change of the table, once it is durable, until what this returns is dropped. `wake` returns at once.
    fn watch(&self, wake: Box<dyn Fn() + Send + Sync>) -> Box<dyn Send>;
}

/// All that can be followed.
pub trait Feeds: Send + Sync {
    /// A table by its name.
    ///
    /// # Errors
    /// `NotFound` with the nearest names.
    fn open(&self, name: &str) -> Result<Arc<dyn Feed>>;
}
