//! What the catalog has in files, as tables for SQL: tables as they are, arrays as one row for each item with its indices.

use crate::assets::sub_uid;
use crate::cache::Cache;
use crate::data::{ArrayData, Batches, Data, Opened, Table};
use crate::encoders::rows::to_arrow;
use crate::reading::{array, table};
use crate::tree::Tree;
use arrow_array::{ArrayRef, RecordBatch, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde_json::Value as Json;
use std::sync::Arc;
use tile_base::dtype::Field as Part;
use tile_base::foreign::{Foreign, ForeignTables, Scan, changed};
use tile_base::{DType, Error, Kind, NodePath, Result, Selection};

/// Items of an array that SQL can read.
const ITEMS_MAX: usize = 10_000_000;
/// What the items of an array without names are called.
const VALUE: &str = "value";

/// The files of a catalog. Nothing that is mounted is among them.
pub struct Files(pub Arc<Tree>);

impl Files {
    fn open(&self, path: &str) -> Result<Relation> {
        let at = |e: Error| e.at(format!("catalog.`{path}`"));
        let path = NodePath(path.split('/').filter(|key| !key.is_empty()).map(str::to_owned).collect());
        let node = self.0.find_file(&path).map_err(at)?;
        let opened = match node.family() {
            tile_base::Family::Table | tile_base::Family::Array => self.0.open(&node).map_err(at)?,
            other => {
                let what =
                    format!("a node of the family `{}` has no rows; name a table or an array", other.name());
                return Err(at(Error::invalid(what)));
            }
        };
        Relation::new(&opened).map_err(at)
    }
}

impl ForeignTables for Files {
    fn describe(&self, path: &str) -> Result<Foreign> {
        let found = self.open(path)?;
        let version = match &found.rows {
            Rows::Table(table, _) => table.uid(),
            Rows::Array(data, _) => data.uid,
        };
        Ok(Foreign { schema_id: id_of(&found.schema), schema: found.schema, version, keys: 0 })
    }

    fn scan(
        &self,
        path: &str,
        schema_id: u64,
        columns: &[usize],
        _only: Option<&[Vec<Json>]>,
    ) -> Result<Scan> {
        let found = self.open(path)?;
        if id_of(&found.schema) != schema_id {
            return Err(changed(path));
        }
        found.scan(columns, self.0.cache.clone())
    }
}

fn id_of(schema: &Schema) -> u64 {
    let columns: Vec<String> =
        schema.fields().iter().map(|f| format!("{}\u{1}{}", f.name(), f.data_type())).collect();
    sub_uid(0, &columns.join("\u{2}"))
}

/// Something with rows.
struct Relation {
    schema: SchemaRef,
    rows: Rows,
}

enum Rows {
    /// With the places of the columns that have a form in SQL.
    Table(Arc<dyn Table>, Vec<usize>),
    /// With the fields of its items; none for items of one value.
    Array(ArrayData, Vec<Part>),
}

impl Relation {
    fn new(opened: &Opened) -> Result<Self> {
        let (fields, rows) = match &opened.data {
            Data::Table(source) => {
                let schema = source.schema();
                let all = schema.fields().iter().enumerate();
                let kept = all.filter_map(|(at, f)| {
                    Some((at, Field::new(f.name(), form(f.data_type())?, f.is_nullable())))
                });
                let (places, fields): (Vec<usize>, Vec<Field>) = kept.unzip();
                (fields, Rows::Table(source.clone(), places))
            }
            Data::Array(data) => of_array(data)?,
            _ => return Err(Error::new(Kind::Conflict, "the file changed its kind; ask again")),
        };
        if fields.is_empty() {
            return Err(Error::invalid("none of its columns has a type that SQL can read"));
        }
        Ok(Self { schema: Arc::new(Schema::new(fields)), rows })
    }

    fn scan(self, columns: &[usize], cache: Arc<Cache>) -> Result<Scan> {
        let schema = table::project(&self.schema, columns);
        match self.rows {
            Rows::Table(source, places) => {
                let places: Vec<usize> = columns.iter().filter_map(|c| places.get(*c).copied()).collect();
                let partitions = source.partitions();
                let read = move |partition| -> Batches {
                    table::read(&source, partition, &places, &cache)
                        .unwrap_or_else(|e| Box::new(std::iter::once(Err(e))))
                };
                Ok(Box::new((0..partitions).flat_map(read).map(move |batch| fitted(&batch?, &schema))))
            }
            Rows::Array(data, parts) => Ok(Box::new(items(data, parts, columns.to_vec(), schema, cache))),
        }
    }
}

/// The items of an array, band by band, in C order.
fn items(
    data: ArrayData,
    parts: Vec<Part>,
    columns: Vec<usize>,
    schema: SchemaRef,
    cache: Arc<Cache>,
) -> impl Iterator<Item = Result<RecordBatch>> + Send {
    let whole = Selection::full(&data.structure.shape);
    let mut start = 0;
    array::bands(&data, &whole).into_iter().map(move |band| {
        let bytes = array::read(&data, &band, &cache)?;
        let from = start;
        start += band.items();
        let arrays = columns.iter().map(|at| column(&data, &parts, &bytes, from..start, *at));
        let arrays = arrays.zip(schema.fields()).map(|(array, field)| cast(&array?, field.data_type()));
        RecordBatch::try_new(schema.clone(), arrays.collect::<Result<_>>()?).map_err(misfit)
    })
}

fn of_array(data: &ArrayData) -> Result<(Vec<Field>, Rows)> {
    let shape = &data.structure.shape;
    let count = shape.iter().fold(1_usize, |n, length| n.saturating_mul(*length));
    if count > ITEMS_MAX {
        let what = format!("the array has {count} items, and SQL reads arrays of at most {ITEMS_MAX}");
        return Err(Error::new(Kind::TooLarge, what).hint("Slice it at /api/v1/array/full instead"));
    }
    let mut fields: Vec<Field> =
        (0..shape.len()).map(|axis| Field::new(format!("i{axis}"), DataType::UInt64, false)).collect();
    let parts = match &data.structure.dtype {
        DType::Struct { fields: parts, .. } => {
            // What has a shape of its own, or no form in SQL, is left out.
            let known = parts.iter().filter(|p| p.shape.is_empty() && value_form(&p.dtype).is_ok());
            known.cloned().collect()
        }
        scalar => vec![Part { name: VALUE.into(), dtype: scalar.clone(), shape: vec![], offset: 0 }],
    };
    for part in &parts {
        fields.push(Field::new(&part.name, value_form(&part.dtype)?, true));
    }
    if fields.len() == shape.len() {
        return Err(Error::invalid("none of its fields has a type that SQL can read"));
    }
    Ok((fields, Rows::Array(data.clone(), parts)))
}

/// The type of the column that items become.
fn value_form(dtype: &DType) -> Result<DataType> {
    let empty = to_arrow(dtype, &[])?;
    form(empty.data_type())
        .ok_or_else(|| Error::invalid(format!("items of type {} have no form in SQL", empty.data_type())))
}

/// One column of the items whose numbers in C order are `range`.
fn column(
    data: &ArrayData,
    parts: &[Part],
    bytes: &[u8],
    range: std::ops::Range<usize>,
    at: usize,
) -> Result<ArrayRef> {
    let shape = &data.structure.shape;
    if let Some(length) = shape.get(at) {
        let stride: usize = shape.iter().skip(at + 1).product();
        let index = range.map(|n| ((n / stride.max(1)) % (*length).max(1)) as u64);
        return Ok(Arc::new(UInt64Array::from_iter_values(index)));
    }
    let part = parts.get(at - shape.len()).ok_or_else(|| Error::internal("no such column"))?;
    let whole = data.structure.dtype.itemsize();
    if whole == part.dtype.itemsize() {
        return to_arrow(&part.dtype, bytes);
    }
    let wanted = part.offset..part.offset + part.dtype.itemsize();
    let items = bytes.chunks_exact(whole.max(1)).filter_map(|item| item.get(wanted.clone()));
    to_arrow(&part.dtype, &items.flatten().copied().collect::<Vec<u8>>())
}

/// The type that SQL sees for one of a file; none for what it cannot read.
fn form(data_type: &DataType) -> Option<DataType> {
    Some(match data_type {
        DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64
        | DataType::Float32
        | DataType::Float64
        | DataType::Date32 => data_type.clone(),
        DataType::Float16 => DataType::Float32,
        DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Null
        | DataType::Time32(_)
        | DataType::Time64(_) => DataType::Utf8,
        DataType::Timestamp(TimeUnit::Nanosecond, _) => DataType::Timestamp(TimeUnit::Nanosecond, None),
        DataType::Timestamp(..) | DataType::Date64 => DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Duration(_) => DataType::Int64,
        DataType::Decimal32(digits, scale @ 0..)
        | DataType::Decimal64(digits, scale @ 0..)
        | DataType::Decimal128(digits, scale @ 0..) => DataType::Decimal128(*digits, *scale),
        DataType::Decimal256(..) => DataType::Float64,
        DataType::Dictionary(_, values) => return form(values),
        _ => return None,
    })
}

fn fitted(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let arrays = batch.columns().iter().zip(schema.fields()).map(|(a, f)| cast(a, f.data_type()));
    RecordBatch::try_new(schema.clone(), arrays.collect::<Result<_>>()?).map_err(misfit)
}

fn cast(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    if array.data_type() == to {
        return Ok(array.clone());
    }
    arrow_cast::cast(array, to).map_err(|e| {
        Error::damaged(format!("values of type {} do not fit {to}", array.data_type())).source(e)
    })
}

fn misfit(e: arrow_schema::ArrowError) -> Error {
    Error::damaged("the rows of the file do not fit its columns").source(e)
}
