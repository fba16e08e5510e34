//! Parquet: one file or a folder of part files (with `key=value` sub-folders) as a table; sparse arrays in COO columns.

use super::Format;
use crate::assets::{Assets, Stamp, Uid, sub_uid};
use crate::data::{Batches, Data, Opened, Sparse, Table};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tile_base::error::OrDamaged;
use tile_base::structure::ArrayStructure;
use tile_base::{Error, Result, Structure};

pub struct Parquet;

const BATCH_ROWS: usize = 65_536;
/// Partitions above this are decoded batch by batch rather than column beside column.
const WHOLE_BYTES_MAX: usize = 512 << 20;

impl Format for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }
    fn about(&self) -> &'static str {
        "table, one partition per file; a file of columns `dim0 … dimN-1, data` is a sparse array"
    }
    fn mimetype(&self) -> &'static str {
        "application/x-parquet"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[".parquet", ".pq"]
    }
    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"PAR1")
    }
    fn has_mark(&self) -> bool {
        true
    }
    fn claims_directory(&self, path: &Path) -> bool {
        let named = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet"));
        let hive = || {
            std::fs::read_dir(path).is_ok_and(|mut d| {
                d.any(|e| e.is_ok_and(|e| e.file_name().to_string_lossy().contains('=') && e.path().is_dir()))
            })
        };
        named || (hive() && part_files(path).is_ok_and(|f| !f.is_empty()))
    }
    fn open(&self, assets: &Assets, _options: &Value) -> Result<Opened> {
        let files = if assets.is_directory { part_files(assets.path()?)? } else { assets.paths.clone() };
        let parts: Vec<Part> = files.iter().map(|f| Part::open(f, assets.path()?)).collect::<Result<_>>()?;
        let Some(first) = parts.first() else {
            return Err(Error::damaged("the folder holds no Parquet file"));
        };
        let mut uid = assets.uid("")?;
        for part in parts.iter().filter(|_| assets.is_directory) {
            let stamp = Stamp::of(&part.path)?;
            uid = sub_uid(uid, &format!("{}:{}:{}", part.path.display(), stamp.size, stamp.mtime_ns));
        }
        if let Some(structure) = sparse_structure(&parts)? {
            let sparse = Coo { parts, uid };
            return Ok(Opened {
                structure: Structure::Sparse(structure),
                metadata: json!({}),
                specs: vec![],
                data: Data::Sparse(Arc::new(sparse)),
            });
        }
        let schema = with_keys(first, &parts);
        for part in &parts {
            if part.meta.schema().fields() != first.meta.schema().fields() {
                return Err(Error::damaged("the part files have different columns"));
            }
        }
        Opened::table(Arc::new(ParquetTable { schema, parts, uid }), json!({}))
    }
}

/// The Parquet files below a folder, sorted by path; hidden files and markers are skipped.
fn part_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    let mut open = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            if name.starts_with(['.', '_']) {
                continue;
            }
            if path.is_dir() && depth < 16 {
                open.push((path, depth + 1));
            } else if name.ends_with(".parquet") || name.ends_with(".pq") {
                out.push(path);
            }
        }
    }
    out.sort();
    Ok(out)
}

struct Part {
    path: PathBuf,
    meta: ArrowReaderMetadata,
    rows: usize,
    /// Values of `key=value` folders on the way to the file.
    keys: Vec<(String, String)>,
}

impl Part {
    fn open(path: &Path, root: &Path) -> Result<Self> {
        let file = File::open(path)?;
        let meta = ArrowReaderMetadata::load(&file, Default::default()).or_damaged("the Parquet footer")?;
        let rows =
            meta.metadata().row_groups().iter().map(|g| usize::try_from(g.num_rows()).unwrap_or(0)).sum();
        let between =
            path.strip_prefix(root).ok().and_then(Path::parent).map(Path::to_path_buf).unwrap_or_default();
        let keys = between
            .components()
            .filter_map(|c| {
                c.as_os_str().to_string_lossy().split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned()))
            })
            .collect();
        Ok(Self { path: path.to_owned(), meta, rows, keys })
    }
    fn bytes(&self) -> usize {
        self.meta
            .metadata()
            .row_groups()
            .iter()
            .map(|g| usize::try_from(g.total_byte_size()).unwrap_or(0))
            .sum()
    }
    fn batches(&self, columns: &[usize]) -> Result<impl Iterator<Item = Result<RecordBatch>> + Send + use<>> {
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(File::open(&self.path)?, self.meta.clone());
        let mask = ProjectionMask::roots(builder.parquet_schema(), columns.iter().copied());
        let reader = builder
            .with_batch_size(BATCH_ROWS)
            .with_projection(mask)
            .build()
            .or_damaged("the Parquet file")?;
        Ok(reader.map(|b| b.or_damaged("the Parquet file")))
    }
}

/// The files' own columns, then one per folder key: integers when all values are, else text.
fn with_keys(first: &Part, parts: &[Part]) -> SchemaRef {
    let own = first.meta.schema();
    let mut fields: Vec<Arc<Field>> = own.fields().iter().cloned().collect();
    for (key, _) in &first.keys {
        let value_of = |p: &Part| p.keys.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
        let numbers = parts.iter().all(|p| value_of(p).is_some_and(|v| v.parse::<i64>().is_ok()));
        fields.push(Arc::new(Field::new(key, if numbers { DataType::Int64 } else { DataType::Utf8 }, true)));
    }
    Arc::new(Schema::new_with_metadata(fields, own.metadata().clone()))
}

struct ParquetTable {
    schema: SchemaRef,
    parts: Vec<Part>,
    uid: Uid,
}

impl ParquetTable {
    fn key_column(&self, part: &Part, column: usize, rows: usize) -> ArrayRef {
        let field = self.schema.field(column);
        let value =
            part.keys.iter().find(|(k, _)| k == field.name()).map(|(_, v)| v.clone()).unwrap_or_default();
        match field.data_type() {
            DataType::Int64 => {
                Arc::new(Int64Array::from(vec![value.parse::<i64>().unwrap_or_default(); rows]))
            }
            _ => Arc::new(StringArray::from(vec![value; rows])),
        }
    }
}

impl Table for ParquetTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
    fn partitions(&self) -> usize {
        self.parts.len()
    }
    fn uid(&self) -> Uid {
        self.uid
    }
    fn partition_bytes(&self, partition: usize) -> usize {
        self.parts.get(partition).map_or(0, Part::bytes)
    }
    fn rows(&self, partition: usize) -> Option<usize> {
        self.parts.get(partition).map(|p| p.rows)
    }
    fn read(&self, partition: usize, columns: &[usize]) -> Result<Batches> {
        let part = self.parts.get(partition).ok_or_else(|| Error::invalid("Partition out of range"))?;
        let own = part.meta.schema().fields().len();
        let stored: Vec<usize> = columns.iter().copied().filter(|&c| c < own).collect();
        let schema = crate::reading::table::project(&self.schema, columns);
        if stored.len() == columns.len() && part.bytes() > WHOLE_BYTES_MAX {
            let mut sorted = stored.clone();
            sorted.sort_unstable();
            sorted.dedup();
            let order: Vec<usize> = stored.iter().filter_map(|c| sorted.binary_search(c).ok()).collect();
            return Ok(Box::new(
                part.batches(&stored)?.map(move |b| b?.project(&order).or_damaged("the columns")),
            ));
        }
        // Column beside column: each decodes alone, all are cut at the same rows.
        let decoded: Vec<Vec<ArrayRef>> = columns
            .par_iter()
            .map(|&c| {
                if c < own {
                    return part.batches(&[c])?.map(|b| b.map(|b| b.column(0).clone())).collect();
                }
                let starts = (0..part.rows).step_by(BATCH_ROWS);
                Ok(starts.map(|s| self.key_column(part, c, BATCH_ROWS.min(part.rows - s))).collect())
            })
            .collect::<Result<_>>()?;
        let count = decoded.first().map_or(0, Vec::len);
        Ok(Box::new((0..count).map(move |i| {
            let arrays: Vec<ArrayRef> = decoded.iter().filter_map(|c| c.get(i).cloned()).collect();
            RecordBatch::try_new(schema.clone(), arrays).or_damaged("the Parquet columns")
        })))
    }
}

/// A sparse array rests as columns `dim0 … dimN-1` of integers, and `data`. Its dense shape is the file's key-value entry
/// `shape` (a JSON list) when there is one, else just large enough.
fn sparse_structure(parts: &[Part]) -> Result<Option<ArrayStructure>> {
    let [part] = parts else { return Ok(None) };
    let schema = part.meta.schema();
    let dims = schema.fields().len().saturating_sub(1);
    let coordinates = schema
        .fields()
        .iter()
        .take(dims)
        .enumerate()
        .all(|(i, f)| *f.name() == format!("dim{i}") && f.data_type().is_integer());
    if dims == 0
        || !coordinates
        || schema.field(dims).name() != "data"
        || !schema.field(dims).data_type().is_numeric()
    {
        return Ok(None);
    }
    let stored = part
        .meta
        .metadata()
        .file_metadata()
        .key_value_metadata()
        .and_then(|kv| kv.iter().find(|e| e.key == "shape")?.value.clone());
    let batch = coo(part)?;
    let shape: Vec<usize> = match stored.and_then(|s| serde_json::from_str(&s).ok()) {
        Some(shape) => shape,
        None => (0..dims).map(|d| arrow_max(batch.column(d)) + 1).collect(),
    };
    if shape.len() != dims {
        return Err(Error::damaged("the sparse shape and the coordinate columns disagree"));
    }
    let (dtype, _) = crate::reading::table_numpy::to_numpy(&batch.column(dims).slice(0, 0))?;
    let chunks = shape.iter().map(|&n| vec![n]).collect();
    Ok(Some(ArrayStructure::new(dtype, shape, chunks)))
}

fn arrow_max(column: &ArrayRef) -> usize {
    column
        .as_primitive_opt::<Int64Type>()
        .and_then(|c| c.iter().flatten().max())
        .and_then(|m| usize::try_from(m).ok())
        .unwrap_or(0)
}

fn coo(part: &Part) -> Result<RecordBatch> {
    let schema = part.meta.schema();
    let all: Vec<usize> = (0..schema.fields().len()).collect();
    let batches: Vec<RecordBatch> = part.batches(&all)?.collect::<Result<_>>()?;
    let whole = arrow_select::concat::concat_batches(schema, &batches).or_damaged("the sparse columns")?;
    let last = all.len() - 1;
    let columns: Vec<ArrayRef> = whole
        .columns()
        .iter()
        .enumerate()
        .map(|(i, c)| if i < last { arrow_cast::cast(c, &DataType::Int64) } else { Ok(c.clone()) })
        .collect::<Result<_, _>>()
        .or_damaged("the coordinates")?;
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .zip(&columns)
        .map(|(f, c)| Field::new(f.name(), c.data_type().clone(), c.null_count() > 0))
        .collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).or_damaged("the sparse columns")
}

struct Coo {
    parts: Vec<Part>,
    uid: Uid,
}

impl Sparse for Coo {
    fn read(&self, _block: Option<&[usize]>) -> Result<RecordBatch> {
        coo(self.parts.first().ok_or_else(|| Error::internal("no part"))?)
    }
    fn uid(&self) -> Uid {
        self.uid
    }
}
