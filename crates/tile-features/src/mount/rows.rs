//! The keys of a GroupBy with their values, a bounded part at a time.

use super::Limits;
use crate::arrow;
use crate::hub::{Answer, Hub, Running, Served};
use crate::types::Type;
use crate::value::Value;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use std::ops::Range;
use std::sync::Arc;
use tile_base::mount::MountedTable;
use tile_base::{Error, Kind, Result};

/// What the items of lists are called in Arrow.
const ITEM: &str = "item";

/// A GroupBy as it was found. Its keys are cut by their places in memory, which they keep: keys that come while a reader reads move none
/// of those that are there, and those that go leave their part shorter. Keys without any value now have no row.
pub struct Rows {
    hub: Arc<Hub>,
    served: Arc<Served>,
    running: Arc<Running>,
    /// The keys, then what the GroupBy gives.
    types: Vec<Type>,
    schema: SchemaRef,
    /// How many places each part of the group had.
    places: Vec<usize>,
    limits: Limits,
    version: u64,
}

impl Rows {
    pub fn new(
        hub: Arc<Hub>,
        served: Arc<Served>,
        running: Arc<Running>,
        limits: Limits,
        version: u64,
    ) -> Self {
        let features: Vec<(&str, &Type)> = running.derive.columns().collect();
        let (mut fields, mut types) = (Vec::new(), Vec::new());
        for (name, ty) in &running.bound.keys {
            // What is derived may have the name of a key.
            let is_taken = features.iter().any(|(feature, _)| feature == name);
            let name = if is_taken { format!("key_{name}") } else { name.clone() };
            fields.push(Field::new(name, shown_type(ty), true));
            types.push(ty.clone());
        }
        for (name, ty) in features {
            fields.push(Field::new(name, shown_type(ty), true));
            types.push(ty.clone());
        }
        let places = running.group.places();
        let schema = Arc::new(Schema::new(fields));
        Self { hub, served, running, types, schema, places, limits, version }
    }

    fn keys_max(&self) -> usize {
        self.limits.keys_max.max(1)
    }

    /// How many places a partition has.
    fn width(&self, partition: usize) -> usize {
        let places: usize = self.places.iter().sum();
        let low = partition.saturating_mul(self.keys_max());
        places.saturating_sub(low).min(self.keys_max())
    }

    /// The keys of a partition, in the order of their bytes.
    fn keys(&self, partition: usize) -> Vec<Vec<u8>> {
        let low = partition.saturating_mul(self.keys_max());
        let parts = cut(&self.places, low..low.saturating_add(self.keys_max()));
        let mut keys: Vec<Vec<u8>> =
            parts.into_iter().flat_map(|(shard, places)| self.running.group.keys_at(shard, places)).collect();
        keys.sort_unstable();
        keys
    }

    /// A key with its values.
    fn row(&self, key: &[u8], answer: &Answer) -> Vec<Value> {
        let mut row = self.running.bound.key_values(key);
        row.extend(self.running.row(answer));
        row
    }
}

impl MountedTable for Rows {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn partitions(&self) -> usize {
        self.places.iter().sum::<usize>().div_ceil(self.keys_max()).max(1)
    }

    fn version(&self) -> u64 {
        self.version
    }

    /// Some places are empty, and some keys have nothing now.
    fn rows(&self, _partition: usize) -> Option<usize> {
        None
    }

    fn partition_bytes(&self, partition: usize) -> usize {
        let width: usize = self.schema.fields().iter().map(|f| width_bytes(f.data_type())).sum();
        self.width(partition).saturating_mul(width)
    }

    fn read(&self, partition: usize, columns: &[usize]) -> Result<Vec<RecordBatch>> {
        let keys = self.keys(partition);
        let asked: Vec<(Vec<u8>, Option<i64>)> = keys.into_iter().map(|key| (key, None)).collect();
        let answers = self.hub.values(&self.served, &self.running, &asked)?;
        let found = asked.iter().zip(&answers).filter(|(_, answer)| has_some(answer));
        let rows: Vec<Vec<Value>> = found.map(|((key, _), answer)| self.row(key, answer)).collect();
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        let mut bytes = 0;
        for (at, field, ty) in
            columns.iter().filter_map(|&at| Some((at, self.schema.fields().get(at)?, self.types.get(at)?)))
        {
            let values: Vec<Value> =
                rows.iter().map(|row| row.get(at).cloned().unwrap_or_default()).collect();
            let array = shown(arrow::write_values(&values, ty)?, field.data_type())?;
            bytes += array.get_array_memory_size();
            if bytes > self.limits.bytes_max {
                let what = format!(
                    "a part of `{}` takes more than {} bytes",
                    self.served.name(),
                    self.limits.bytes_max
                );
                return Err(Error::new(Kind::TooLarge, what)
                    .hint("Read fewer columns, or fetch the keys that you need"));
            }
            fields.push(field.clone());
            arrays.push(array);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options);
        Ok(vec![batch.map_err(|e| Error::internal("values do not fit their schema").source(e))?])
    }
}

/// Whether a key has anything now: events that no window reaches any more leave it for a while, and so do those whose time has not come.
fn has_some(answer: &Answer) -> bool {
    answer.values.iter().any(|value| !matches!(value, Value::Null))
}

/// The places of a range that counts through all parts: of each part that has some of them, which.
fn cut(parts: &[usize], range: Range<usize>) -> Vec<(usize, Range<usize>)> {
    let mut start = 0;
    let mut out = Vec::new();
    for (part, len) in parts.iter().enumerate() {
        let within = |at: usize| at.saturating_sub(start).min(*len);
        let places = within(range.start)..within(range.end);
        if !places.is_empty() {
            out.push((part, places));
        }
        start += len;
    }
    out
}

/// The type that a column has in the catalog: a map is a list of pairs there, which every reader of tables knows.
fn shown_type(ty: &Type) -> DataType {
    match arrow::data_type(ty) {
        DataType::Map(entries, _) => {
            DataType::List(Arc::new(Field::new(ITEM, entries.data_type().clone(), true)))
        }
        other => other,
    }
}

/// An array as that type.
fn shown(array: ArrayRef, ty: &DataType) -> Result<ArrayRef> {
    let (Some(map), DataType::List(item)) = (array.as_map_opt(), ty) else { return Ok(array) };
    let entries = Arc::new(map.entries().clone());
    ListArray::try_new(item.clone(), map.offsets().clone(), entries, map.nulls().cloned())
        .map(|list| Arc::new(list) as ArrayRef)
        .map_err(|e| Error::internal("a map that is no list of pairs").source(e))
}

/// Bytes that a value takes, roughly.
fn width_bytes(ty: &DataType) -> usize {
    ty.primitive_width().unwrap_or(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_have_each_place_once() {
        let parts = [3, 0, 5, 2];
        assert_eq!(cut(&parts, 0..4), [(0, 0..3), (2, 0..1)]);
        assert_eq!(cut(&parts, 4..8), [(2, 1..5)]);
        assert_eq!(cut(&parts, 8..12), [(3, 0..2)]);
        assert!(cut(&parts, 12..16).is_empty() && cut(&[], 0..4).is_empty());
    }

    #[test]
    fn a_map_is_shown_as_a_list_of_pairs() {
        let ty = Type::Map(Box::new(Type::Long));
        let values = [Value::Map([("a".into(), Value::Int(2))].into()), Value::Null];
        let list = shown(arrow::write_values(&values, &ty).unwrap(), &shown_type(&ty)).unwrap();
        assert_eq!(*list.data_type(), shown_type(&ty));
        assert!(list.is_null(1));
        let pair = list.as_list::<i32>().value(0);
        assert_eq!(pair.as_struct().column(0).as_string::<i32>().value(0), "a");
    }
}
