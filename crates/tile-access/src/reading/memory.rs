//! A table that is decoded as a whole: one partition of batches in memory, made again when it is asked for.

use crate::assets::Uid;
use crate::data::{Batches, Table};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use tile_base::error::OrDamaged;
use tile_base::{Error, Result};

/// Loads all rows of a table.
pub type Load = Box<dyn Fn() -> Result<RecordBatch> + Send + Sync>;

/// A table of one partition behind a loading function; the cache keeps what was loaded.
pub struct MemoryTable {
    pub schema: SchemaRef,
    pub rows: usize,
    pub bytes: usize,
    pub uid: Uid,
    pub load: Load,
}

impl MemoryTable {
    /// Describes `batch` and keeps `load` to make it again.
    pub fn new(batch: &RecordBatch, uid: Uid, load: Load) -> Self {
        Self {
            schema: batch.schema(),
            rows: batch.num_rows(),
            bytes: batch.get_array_memory_size(),
            uid,
            load,
        }
    }
}

impl Table for MemoryTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
    fn partitions(&self) -> usize {
        1
    }
    fn uid(&self) -> Uid {
        self.uid
    }
    fn partition_bytes(&self, _partition: usize) -> usize {
        self.bytes
    }
    fn rows(&self, _partition: usize) -> Option<usize> {
        Some(self.rows)
    }
    fn read(&self, _partition: usize, columns: &[usize]) -> Result<Batches> {
        let batch = (self.load)()?;
        if batch.schema().fields() != self.schema.fields() {
            return Err(Error::damaged("the file changed its columns while it was read"));
        }
        Ok(Box::new(std::iter::once(batch.project(columns).or_damaged("the columns"))))
    }
}
