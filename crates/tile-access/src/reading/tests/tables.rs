//! Tables through the column cache, and columns as arrays.

use super::config;
use crate::assets::Uid;
use crate::cache::Cache;
use crate::data::{Batches, Table};
use crate::reading::{array, table};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tile_base::slice::Selection;
use tile_base::{DType, Error, Kind, Result};

type Row = (Option<i64>, Option<String>, f64, Option<bool>);

/// Partitions of batches of rows.
#[derive(Clone, Debug)]
struct Rows(Vec<Vec<Vec<Row>>>);

struct Stored {
    rows: Rows,
    uid: Uid,
    bytes: usize,
    reads: AtomicUsize,
}

fn schema() -> SchemaRef {
    let fields = vec![
        Field::new("n", DataType::Int64, true),
        Field::new("t", DataType::Utf8, true),
        Field::new("f", DataType::Float64, false),
        Field::new("b", DataType::Boolean, true),
    ];
    let metadata = HashMap::from([("made".to_owned(), "here".to_owned())]);
    Arc::new(Schema::new_with_metadata(fields, metadata))
}

fn batch(rows: &[Row]) -> RecordBatch {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().map(|r| r.0).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|r| r.1.clone()).collect::<StringArray>()),
        Arc::new(rows.iter().map(|r| r.2).collect::<Float64Array>()),
        Arc::new(rows.iter().map(|r| r.3).collect::<BooleanArray>()),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

impl Table for Stored {
    fn schema(&self) -> SchemaRef {
        schema()
    }
    fn partitions(&self) -> usize {
        self.rows.0.len()
    }
    fn uid(&self) -> Uid {
        self.uid
    }
    fn partition_bytes(&self, _: usize) -> usize {
        self.bytes
    }
    fn rows(&self, partition: usize) -> Option<usize> {
        Some(self.rows.0[partition].iter().map(Vec::len).sum())
    }
    fn read(&self, partition: usize, columns: &[usize]) -> Result<Batches> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let found: Vec<_> = self.rows.0[partition].iter().map(|rows| batch(rows)).collect();
        let columns = columns.to_vec();
        let project = move |b: RecordBatch| b.project(&columns).map_err(|e| Error::internal(e.to_string()));
        Ok(Box::new(found.into_iter().map(project)))
    }
}

fn stored(rows: &Rows, uid: Uid, bytes: usize) -> Arc<Stored> {
    Arc::new(Stored { rows: rows.clone(), uid, bytes, reads: AtomicUsize::new(0) })
}

fn row() -> impl Strategy<Value = Row> {
    let number = proptest::option::weighted(0.9, prop_oneof![-5i64..6, Just(i64::MAX), Just(i64::MIN)]);
    let text = proptest::option::weighted(0.9, select(vec!["", "a", "größe", "日本", "longer text", "🦀"]));
    let float = select(vec![0.0, -1.5, 1e300, f64::INFINITY]);
    (number, text.prop_map(|t| t.map(str::to_owned)), float, proptest::option::weighted(0.9, any::<bool>()))
}

fn rows() -> impl Strategy<Value = Rows> {
    vec(vec(vec(row(), 0..5), 0..4), 0..4).prop_map(Rows)
}

fn collect(batches: Batches) -> Vec<RecordBatch> {
    batches.map(|b| b.unwrap()).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_cache_gives_what_the_table_gives(
        rows in rows(),
        asked in vec((0usize..4, vec(0usize..4, 1..6)), 1..12),
        budget in select(vec![0u64, 600, 4000, 1 << 20]),
        bytes in select(vec![0usize, 1000]),
    ) {
        let plain = stored(&rows, 5, bytes);
        let other = stored(&Rows(rows.0.iter().rev().cloned().collect()), 6, bytes);
        let cache = Cache::new(budget);
        for (partition, columns) in &asked {
            for table in [plain.clone(), other.clone()] {
                let shared: Arc<dyn Table> = table.clone();
                if *partition >= rows.0.len() {
                    let refused = table::read(&shared, *partition, columns, &cache).err().map(|e| e.kind);
                    prop_assert_eq!(refused, Some(Kind::Invalid));
                    continue;
                }
                let want = collect(table.read(*partition, columns).unwrap());
                for time in ["first", "again"] {
                    table.reads.store(0, Ordering::SeqCst);
                    let got = collect(table::read(&shared, *partition, columns, &cache).unwrap());
                    prop_assert_eq!(&got, &want, "{}", time);
                    let reads = table.reads.load(Ordering::SeqCst);
                    prop_assert!(reads <= 1, "{} reads for one request", reads);
                    if time == "again" && budget == 1 << 20 {
                        prop_assert_eq!(reads, 0, "decoded again in spite of the cache");
                    }
                }
            }
        }
    }

    #[test]
    fn number_columns_are_arrays(rows in rows()) {
        let all: Vec<&Row> = rows.0.iter().flatten().flatten().collect();
        let numbers: Vec<Option<i64>> = all.iter().map(|r| r.0).collect();
        let (dtype, bytes) = column(&rows, 0);
        if rows.0.is_empty() || numbers.contains(&None) {
            // Missing numbers make all of them floats, in every partition.
            #[expect(clippy::cast_precision_loss, reason = "as pandas does")]
            let want: Vec<u8> = numbers.iter().flat_map(|n| n.map_or(f64::NAN, |n| n as f64).to_le_bytes()).collect();
            prop_assert_eq!((dtype, bytes), (DType::little('f', 8), want));
        } else {
            let want: Vec<u8> = numbers.iter().flatten().flat_map(|n| n.to_le_bytes()).collect();
            prop_assert_eq!((dtype, bytes), (DType::little('i', 8), want));
        }
        let flags: Vec<Option<bool>> = all.iter().map(|r| r.3).collect();
        let (dtype, bytes) = column(&rows, 3);
        if rows.0.is_empty() || flags.contains(&None) {
            let want: Vec<u8> = flags.iter().flat_map(|b| b.map_or(f64::NAN, |b| f64::from(u8::from(b))).to_le_bytes()).collect();
            prop_assert_eq!((dtype, bytes), (DType::little('f', 8), want));
        } else {
            prop_assert_eq!((dtype, bytes), (DType::little('b', 1), flags.iter().flatten().map(|b| u8::from(*b)).collect()));
        }
        let floats: Vec<u8> = all.iter().flat_map(|r| r.2.to_le_bytes()).collect();
        prop_assert_eq!(column(&rows, 2), (DType::little('f', 8), floats));
    }

    #[test]
    fn text_columns_are_arrays_of_one_width(rows in rows()) {
        prop_assume!(!rows.0.is_empty());
        let texts: Vec<&str> = rows.0.iter().flatten().flatten().map(|r| r.1.as_deref().unwrap_or("")).collect();
        let width = texts.iter().map(|t| t.chars().count()).max().unwrap_or(0).max(1);
        let item = |t: &&str| t.chars().map(u32::from).chain(std::iter::repeat(0)).take(width).flat_map(u32::to_le_bytes).collect::<Vec<u8>>();
        let want: Vec<u8> = texts.iter().flat_map(item).collect();
        prop_assert_eq!(column(&rows, 1), (DType::little('U', width * 4), want));
    }
}

/// A column as an array, read whole and in two halves.
fn column(rows: &Rows, column: usize) -> (DType, Vec<u8>) {
    let shared: Arc<dyn Table> = stored(rows, 9, 100);
    let cache = Cache::new(1 << 20);
    let data = table::column_array(&shared, column, &cache).unwrap();
    let full = Selection::full(&data.structure.shape);
    let whole = array::read(&data, &full, &cache).unwrap().to_vec();
    let count = full.0[0].count;
    assert_eq!(count, rows.0.iter().flatten().map(Vec::len).sum::<usize>());
    let halves = [full.band(0, 0, count / 2), full.band(0, count / 2, count)];
    let joined: Vec<u8> = halves.iter().flat_map(|half| array::read(&data, half, &cache).unwrap()).collect();
    assert_eq!(joined, whole);
    (data.structure.dtype.clone(), whole)
}

#[test]
fn names_select_columns() {
    let names = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let schema = schema();
    assert_eq!(table::columns_of(&schema, &[]).unwrap(), [0, 1, 2, 3]);
    assert_eq!(table::columns_of(&schema, &names(&["f", "n", "f"])).unwrap(), [2, 0, 2]);
    assert_eq!(table::columns_of(&schema, &names(&["n", "N"])).unwrap_err().kind, Kind::Invalid);
    let some = table::project(&schema, &[3, 0]);
    assert_eq!(some.fields().iter().map(|f| f.name().as_str()).collect::<Vec<_>>(), ["b", "n"]);
    assert_eq!(some.metadata(), schema.metadata());
}
