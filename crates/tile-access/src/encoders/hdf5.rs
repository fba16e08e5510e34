//! HDF5 files: containers with all below them, tables column by column, sparse arrays as coordinates and values, arrays.

use super::{ARRAY, CONTAINER, Context, Encoder, SPARSE, Subject, TABLE, Target, rows};
use crate::data::Data;
use crate::formats::hdf5::write::{File, Group};
use crate::reading::{array, table, table_numpy};
use crate::tree::Located;
use arrow_array::ArrayRef;
use serde_json::Value;
use tile_base::{DType, Error, Family, Kind, Result, Selection};
use tile_web::Sink;
use tile_web::body::write_error;

pub struct Hdf5;

/// Deepest container tree that is written.
const DEPTH_MAX: usize = 32;

impl Encoder for Hdf5 {
    fn name(&self) -> &'static str {
        "hdf5"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["application/x-hdf5"]
    }
    fn endings(&self) -> &'static [&'static str] {
        &["h5", "hdf5"]
    }
    fn targets(&self) -> &'static [Target] {
        &[CONTAINER, TABLE, SPARSE, ARRAY, Target::Dataset]
    }
    fn encode(&self, subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
        let file = File::in_memory()?;
        let root = file.root()?;
        match subject {
            Subject::Container { node, keys } | Subject::Dataset { node, keys } => {
                Tally { context, left: context.bytes_max }.container(&root, &node, &keys, 0)?;
            }
            Subject::Array { data, selection } => {
                let bytes = array::read(&data, &selection, context.cache)?;
                root.dataset("data", &data.structure.dtype, &selection.shape(), &bytes)?;
            }
            subject => {
                let sparse = matches!(subject, Subject::Sparse { .. });
                let (schema, batches) = rows::of(subject, context)?;
                let batches: Vec<_> = batches.collect::<Result<_>>()?;
                let whole = arrow_select::concat::concat_batches(&schema, &batches)
                    .map_err(|e| Error::internal("cannot join batches").source(e))?;
                if sparse {
                    let last = whole.num_columns().saturating_sub(1);
                    column(&root, "data", whole.column(last))?;
                    let coordinates: Vec<u8> = whole
                        .columns()
                        .iter()
                        .take(last)
                        .map(|c| table_numpy::to_numpy(c).map(|p| p.1))
                        .collect::<Result<Vec<_>>>()?
                        .concat();
                    root.dataset("coords", &DType::little('i', 8), &[last, whole.num_rows()], &coordinates)?;
                } else {
                    for (field, c) in schema.fields().iter().zip(whole.columns()) {
                        column(&root, field.name(), c)?;
                    }
                }
            }
        }
        drop(root);
        out.put(file.image()?.into()).map_err(write_error)
    }
}

fn column(group: &Group, name: &str, column: &ArrayRef) -> Result<()> {
    let (dtype, bytes) = table_numpy::to_numpy(column)?;
    group.dataset(name, &dtype, &[column.len()], &bytes)
}

fn unfit(what: &str) -> Error {
    Error::new(
        Kind::NotAcceptable,
        format!(
            "This type is supported in general but there was an error packing this specific data: {what}"
        ),
    )
}

/// Writes a tree and counts what is left of the response limit.
struct Tally<'a> {
    context: &'a Context<'a>,
    left: u64,
}

impl Tally<'_> {
    fn spend(&mut self, bytes: u64) -> Result<()> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| rows::too_large(self.context.bytes_max))?;
        Ok(())
    }

    fn container(&mut self, group: &Group, node: &Located, keys: &[String], depth: usize) -> Result<()> {
        if depth > DEPTH_MAX {
            return Err(unfit("the tree is nested too deeply"));
        }
        attributes(group, &node.metadata_json()?)?;
        let mut seen = 0;
        for (key, child) in self.context.tree.children(node)? {
            if keys.is_empty() || keys.contains(&key) {
                seen += 1;
                self.child(group, &key, &child, depth)?;
            }
        }
        if !keys.is_empty() && seen < keys.len() {
            return Err(Error::invalid(format!("No such field {}.", keys.join(", "))));
        }
        Ok(())
    }

    fn child(&mut self, group: &Group, key: &str, child: &Located, depth: usize) -> Result<()> {
        // HDF5 takes `/` for a path; a key with one cannot be a name.
        let name = key.replace('/', "_");
        if child.family() == Family::Container {
            return self.container(&group.group(&name)?, child, &[], depth + 1);
        }
        let opened = self.context.tree.open(child)?;
        match &opened.data {
            Data::Array(data) => {
                self.spend(data.structure.bytes() as u64)?;
                let bytes = array::read(data, &Selection::full(&data.structure.shape), self.context.cache)?;
                group.dataset(&name, &data.structure.dtype, &data.structure.shape, &bytes)?;
                attributes(&group.open_dataset(&name)?, &child.metadata_json()?)
            }
            Data::Table(source) => {
                let inner = group.group(&name)?;
                attributes(&inner, &child.metadata_json()?)?;
                for (i, field) in
                    source.schema().fields().iter().enumerate().filter(|(_, f)| table::is_flat(f.data_type()))
                {
                    let data = table::column_array(source, i, self.context.cache)?;
                    self.spend(data.structure.bytes() as u64)?;
                    let bytes =
                        array::read(&data, &Selection::full(&data.structure.shape), self.context.cache)?;
                    inner.dataset(field.name(), &data.structure.dtype, &data.structure.shape, &bytes)?;
                }
                Ok(())
            }
            // What has no HDF5 form is left out; its own routes serve it.
            _ => Ok(()),
        }
    }
}

fn attributes(object: &Group, metadata: &Value) -> Result<()> {
    // A dataset's or Zarr node's own attributes lie one level below.
    let own = ["attrs", "attributes"].iter().find_map(|k| metadata.get(k).filter(|a| a.is_object()));
    let Some(map) = own.unwrap_or(metadata).as_object() else { return Ok(()) };
    for (key, value) in map {
        match value {
            Value::String(s) => object.text_attribute(key, s)?,
            Value::Bool(b) => object.attribute(key, &DType::parse("|b1")?, &[], &[u8::from(*b)])?,
            Value::Number(n) => match n.as_i64() {
                Some(i) => object.attribute(key, &DType::little('i', 8), &[], &i.to_le_bytes())?,
                None => object.attribute(
                    key,
                    &DType::little('f', 8),
                    &[],
                    &n.as_f64().unwrap_or(f64::NAN).to_le_bytes(),
                )?,
            },
            Value::Array(items) if items.iter().all(Value::is_i64) && !items.is_empty() => {
                let bytes: Vec<u8> =
                    items.iter().filter_map(Value::as_i64).flat_map(i64::to_le_bytes).collect();
                object.attribute(key, &DType::little('i', 8), &[items.len()], &bytes)?;
            }
            Value::Array(items) if items.iter().all(Value::is_number) && !items.is_empty() => {
                let bytes: Vec<u8> =
                    items.iter().filter_map(Value::as_f64).flat_map(f64::to_le_bytes).collect();
                object.attribute(key, &DType::little('f', 8), &[items.len()], &bytes)?;
            }
            Value::Null => {}
            // Anything nested is kept as JSON text, so that nothing is lost.
            other => object.text_attribute(key, &other.to_string())?,
        }
    }
    Ok(())
}
