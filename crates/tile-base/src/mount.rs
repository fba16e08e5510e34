//! Subtrees of the catalog that a slice keeps itself, such as data sources and results. Who serves the catalog shows them beside
//! its files, and asks with the caller, so that a mount alone decides what each may see.

use crate::auth::Principal;
use crate::error::Result;
use crate::structure::Spec;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use serde_json::Value;
use std::sync::Arc;

/// A subtree. Everything here blocks.
pub trait Mount: Send + Sync {
    /// Its key at the root of the catalog.
    fn key(&self) -> &str;
    /// What is at a path below that key; none when there is nothing, or nothing that this caller may see.
    ///
    /// # Errors
    /// What keeps a node that is there from being described.
    fn find(&self, caller: &Principal, path: &[String]) -> Result<Option<Mounted>>;
}

/// A node of a mount, as one caller sees it now.
pub struct Mounted {
    /// A JSON object.
    pub metadata: Value,
    pub specs: Vec<Spec>,
    pub content: Content,
}

pub enum Content {
    /// The keys of its children, in order: each of them is found, or is an error of its own.
    Container(Vec<String>),
    Table(Arc<dyn MountedTable>),
}

/// A table as it was when it was found. Its partitions are bounded, so that each fits into memory, and keep their order.
pub trait MountedTable: Send + Sync {
    fn schema(&self) -> SchemaRef;
    /// At least one.
    fn partitions(&self) -> usize;
    /// Names what is read: equal numbers mean equal rows.
    fn version(&self) -> u64;
    /// Rows of a partition, where that is known without reading it.
    fn rows(&self, partition: usize) -> Option<usize>;
    /// Bytes that a partition takes in memory, roughly.
    fn partition_bytes(&self, partition: usize) -> usize;
    /// The partition's rows, restricted to `columns` (places in the schema, in that order), with the schema's types. Takes no longer
    /// than a query may.
    ///
    /// # Errors
    /// `TooLarge` and `Timeout` at the bounds; those of the query.
    fn read(&self, partition: usize, columns: &[usize]) -> Result<Vec<RecordBatch>>;
}
