//! Tables by column: schemas on the wire, columns through the cache, columns as arrays.

use crate::assets::sub_uid;
use crate::cache::{Cache, Column};
use crate::data::{ArrayData, Chunks, Table};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Schema, SchemaRef};
use base64::Engine;
use bytes::Bytes;
use std::sync::Arc;
use tile_base::grid::Grid;
use tile_base::structure::TableStructure;
use tile_base::{DType, Error, Kind, Result};

/// The table structure that clients read: the encapsulated schema message as a data URI.
///
/// # Errors
/// Internal when the schema cannot be encoded.
pub fn structure_of(table: &dyn Table) -> Result<TableStructure> {
    let schema = table.schema();
    let message = crate::encoders::arrow::schema_message(&schema)?;
    let encoded = base64::engine::general_purpose::STANDARD.encode(message);
    Ok(TableStructure {
        arrow_schema: format!("data:application/vnd.apache.arrow.file;base64,{encoded}"),
        npartitions: table.partitions(),
        columns: schema.fields().iter().map(|f| f.name().clone()).collect(),
    })
}

/// The positions of the named columns; no names mean all.
///
/// # Errors
/// `Invalid` for a name that is not a column.
pub fn columns_of(schema: &Schema, names: &[String]) -> Result<Vec<usize>> {
    if names.is_empty() {
        return Ok((0..schema.fields().len()).collect());
    }
    let find = |name: &String| {
        schema.index_of(name).map_err(|_| {
            let known = schema.fields().iter().map(|f| f.name().as_str());
            Error::new(Kind::Invalid, format!("No such field {name}.")).did_you_mean(name, known)
        })
    };
    names.iter().map(find).collect()
}

/// The schema restricted to `columns`, metadata kept.
pub fn project(schema: &Schema, columns: &[usize]) -> SchemaRef {
    let fields: Vec<_> = columns.iter().filter_map(|&i| schema.fields().get(i).cloned()).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// A partition's batches through the cache: missing columns are decoded once and kept when they fit.
///
/// # Errors
/// Those of the table.
pub fn read(
    table: &Arc<dyn Table>,
    partition: usize,
    columns: &[usize],
    cache: &Cache,
) -> Result<crate::data::Batches> {
    if partition >= table.partitions() {
        return Err(Error::invalid("Partition out of range")
            .hint(format!("The table has {} partitions", table.partitions())));
    }
    if !table.cacheable() || table.partition_bytes(partition) as u64 > cache.entry_bytes_max() {
        return table.read(partition, columns);
    }
    let schema = project(&table.schema(), columns);
    let found = cached_columns(table, partition, columns, cache)?;
    let count = found.first().map_or(0, |c| c.len());
    if columns.is_empty() {
        return Ok(Box::new(std::iter::empty()));
    }
    Ok(Box::new((0..count).map(move |i| {
        let arrays: Vec<ArrayRef> = found.iter().filter_map(|c| c.get(i).cloned()).collect();
        RecordBatch::try_new(schema.clone(), arrays)
            .map_err(|e| Error::internal("cached columns do not fit together").source(e))
    })))
}

fn cached_columns(
    table: &Arc<dyn Table>,
    partition: usize,
    columns: &[usize],
    cache: &Cache,
) -> Result<Vec<Column>> {
    let uid = table.uid();
    let mut found: Vec<Option<Column>> = columns.iter().map(|&c| cache.column(uid, partition, c)).collect();
    let missing: Vec<usize> =
        columns.iter().zip(&found).filter(|(_, f)| f.is_none()).map(|(&c, _)| c).collect();
    if !missing.is_empty() {
        // A cached and a fresh column must be cut alike, so all asked columns are read again together.
        let mut parts: Vec<Vec<ArrayRef>> = vec![Vec::new(); columns.len()];
        for batch in table.read(partition, columns)? {
            for (part, array) in parts.iter_mut().zip(batch?.columns()) {
                part.push(array.clone());
            }
        }
        found = parts.into_iter().map(|p| Some(Arc::new(p))).collect();
        for (&c, column) in columns.iter().zip(&found) {
            if let Some(column) = column {
                cache.keep_column(uid, partition, c, column.clone());
            }
        }
    }
    let found: Vec<Column> = found.into_iter().flatten().collect();
    let cuts = |c: &Column| c.iter().map(arrow_array::Array::len).collect::<Vec<_>>();
    if found.windows(2).any(|w| cuts(&w[0]) != cuts(&w[1])) {
        return Err(Error::internal("columns of one partition are cut differently"));
    }
    Ok(found)
}

/// A column as a 1-D array: numbers, booleans, times and fixed or variable text (as fixed-width Unicode).
///
/// # Errors
/// `NotAllowed` for nested columns; those of the table.
pub fn column_array(table: &Arc<dyn Table>, column: usize, cache: &Cache) -> Result<ArrayData> {
    let schema = table.schema();
    let field = schema.fields().get(column).ok_or_else(|| Error::not_found("no such column"))?;
    let parts: Vec<(DType, Vec<u8>, usize)> = (0..table.partitions())
        .map(|p| {
            let mut arrays = Vec::new();
            for batch in read(table, p, &[column], cache)? {
                arrays.push(batch?.column(0).clone());
            }
            let refs: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
            let whole = if refs.is_empty() {
                arrow_array::new_empty_array(field.data_type())
            } else {
                arrow_select::concat::concat(&refs)
                    .map_err(|e| Error::internal("cannot join batches").source(e))?
            };
            crate::reading::table_numpy::to_numpy(&whole).map(|(d, b)| (d, b, whole.len()))
        })
        .collect::<Result<_>>()?;
    let (dtype, parts) = crate::reading::table_numpy::unify(parts);
    let total = parts.iter().map(|p| p.1).sum();
    let lens: Vec<usize> = parts.iter().map(|p| p.1).collect();
    let grid = if lens.len() <= 1 { Grid::single(&[total]) } else { Grid::new(vec![lens]) };
    let chunks = Arc::new(Parts(parts.into_iter().map(|p| Bytes::from(p.0)).collect()));
    Ok(ArrayData::chunked(dtype, vec![total], grid, chunks, sub_uid(table.uid(), field.name())))
}

struct Parts(Vec<Bytes>);

impl Chunks for Parts {
    fn read(&self, index: &[usize]) -> Result<Bytes> {
        let at = index.first().copied().unwrap_or(0);
        Ok(self.0.get(at).cloned().unwrap_or_default())
    }
    fn cacheable(&self) -> bool {
        false
    }
}

/// Whether a column can be read as an array.
pub fn is_flat(data_type: &DataType) -> bool {
    !data_type.is_nested()
}
