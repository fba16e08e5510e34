//! Rows from the engine as blocks, of which only those are kept whose key is asked for.

use super::Training;
use crate::arrow;
use crate::backfill::keys::{Keys, NO_KEY};
use crate::column::Column;
use crate::types::Type;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_select::concat::concat_batches;
use arrow_select::filter::filter_record_batch;
use tile_base::{Error, Result};

/// Rows with the numbers of their keys.
pub struct Loaded {
    pub keys: Vec<u32>,
    /// All columns of the query, in order.
    pub columns: Vec<Column>,
}

impl Loaded {
    /// A column of integers without nulls; a null is `missing`.
    pub fn integers(&self, at: usize, missing: i64) -> Vec<i64> {
        match self.columns.get(at) {
            Some(Column::Int(array)) => array.iter().map(|x| x.unwrap_or(missing)).collect(),
            _ => vec![missing; self.keys.len()],
        }
    }

    pub fn booleans(&self, at: usize) -> Vec<bool> {
        match self.columns.get(at) {
            Some(Column::Bool(array)) => array.iter().map(Option::unwrap_or_default).collect(),
            _ => vec![false; self.keys.len()],
        }
    }
}

/// The types of the columns of a query, of which the first are the key.
pub struct Shape<'a> {
    pub types: &'a [(String, Type)],
    pub key_width: usize,
}

impl Shape<'_> {
    fn columns(&self, batch: &RecordBatch, width: usize) -> Result<Vec<Column>> {
        let pairs = batch.columns().iter().zip(self.types).take(width);
        pairs
            .map(|(array, (name, ty))| {
                arrow::read_as(array, ty).map_err(|e| Error::invalid(format!("column `{name}`: {}", e.what)))
            })
            .collect()
    }
}

impl Training<'_> {
    /// The rows of a query. With `take`, new keys get numbers; else rows of unknown keys are left out.
    pub fn load(&self, sql: &str, shape: &Shape<'_>, keys: &mut Keys, take: bool) -> Result<Loaded> {
        let (mut kept, mut numbers) = (Vec::new(), Vec::new());
        self.read(sql, &mut |batch| {
            let rows = batch.num_rows();
            let of = shape.columns(&batch, shape.key_width)?;
            let found = if take { keys.number(&of, rows)? } else { keys.find(&of, rows) };
            if take || !found.contains(&NO_KEY) {
                numbers.extend_from_slice(&found);
                kept.push(batch);
                return Ok(());
            }
            let mask: BooleanArray = found.iter().map(|key| Some(*key != NO_KEY)).collect();
            numbers.extend(found.iter().filter(|key| **key != NO_KEY));
            let batch = filter_record_batch(&batch, &mask).map_err(|e| Error::internal(e.to_string()))?;
            if batch.num_rows() > 0 {
                kept.push(batch);
            }
            Ok(())
        })?;
        let columns = match kept.first() {
            None => shape.types.iter().map(|(_, ty)| Column::of_values(ty, &[])).collect(),
            Some(first) => {
                let all =
                    concat_batches(&first.schema(), &kept).map_err(|e| Error::internal(e.to_string()))?;
                drop(kept);
                shape.columns(&all, usize::MAX)?
            }
        };
        Ok(Loaded { keys: numbers, columns })
    }
}
