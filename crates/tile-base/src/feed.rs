//! Tables whose new rows can be followed, such as data sources. Who follows one never misses a row and never sees one twice: where it
//! stands is a value that it keeps with what it made of the rows.

use crate::error::Result;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How far rows were read. Two positions compare only for equality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Names the table's rows so far: another name means that rows were removed or replaced, and all must be read anew.
    pub generation: String,
    /// Rows that were read, those that the condition left out among them.
    pub rows: u64,
    /// Where to look for the next row first; it may lie elsewhere.
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

/// Rows that came after a position, as one state of the table.
pub struct Reading {
    /// Where one stands who has taken all batches.
    pub position: Position,
    /// The rows are all that there are, not only the new ones: what was made of earlier ones must go.
    pub is_anew: bool,
    /// How many came, those that the condition leaves out among them.
    pub rows: u64,
    /// In the order of their arrival, each of a bounded size. Nothing is read before it is asked for; each step blocks.
    pub batches: Batches,
}

/// The rows of a reading. After an error there are no more.
pub type Batches = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// One table.
pub trait Feed: Send + Sync {
    /// Its columns, as expressions see them. It is another one when the table was changed.
    ///
    /// # Errors
    /// `NotFound` when the table is gone.
    fn schema(&self) -> Result<SchemaRef>;

    /// The rows that came after a position; all rows where there is none, or where its generation is over. Blocks.
    ///
    /// # Errors
    /// `Invalid` for expressions that cannot run, here or at the first batch; `NotFound` when the table is gone, `Busy` when too many
    /// read.
    fn read(&self, query: &FeedQuery, after: Option<&Position>) -> Result<Reading>;

    /// Calls `wake` after each change of the table, once it is durable, until what this returns is dropped. `wake` returns at once.
    fn watch(&self, wake: Arc<dyn Fn() + Send + Sync>) -> Box<dyn Send + Sync>;

    /// Whether changes wake at all. Who follows another table looks now and then.
    fn wakes(&self) -> bool {
        true
    }
}

/// All that can be followed.
pub trait Feeds: Send + Sync {
    /// A table by its name.
    ///
    /// # Errors
    /// `NotFound` with the nearest names, `Invalid` for a table that keeps no rows.
    fn open(&self, name: &str) -> Result<Arc<dyn Feed>>;

    /// The name of the table that [`Feeds::open`] finds by another one: definitions made for other systems have names of theirs. The same
    /// where there is none.
    fn name_of(&self, name: &str) -> String {
        name.to_owned()
    }
}
