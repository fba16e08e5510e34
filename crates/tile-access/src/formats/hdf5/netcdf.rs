//! NetCDF-4: an HDF5 file whose datasets carry dimension scales. Seen as an xarray dataset.
//!
//! Source: the NetCDF-4 format specification (dimension scales, `_Netcdf4Dimid`, `_NCProperties`).

use super::library::File;
use super::tree::{self, Group, attribute, attributes};
use crate::data::{Container, Data, Opened};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::Arc;
use tile_base::structure::Spec;
use tile_base::{Result, Structure};

/// Attributes that belong to the file format, not to the data.
const HIDDEN: &[&str] = &[
    "CLASS",
    "NAME",
    "DIMENSION_LIST",
    "REFERENCE_LIST",
    "_Netcdf4Dimid",
    "_Netcdf4Coordinates",
    "_NCProperties",
    "_nc3_strict",
];

/// Whether the file says or is named so.
pub fn is_netcdf4(file: &File, path: &Path) -> bool {
    let named =
        path.extension().is_some_and(|e| e.eq_ignore_ascii_case("nc") || e.eq_ignore_ascii_case("nc4"));
    named || file.object("/").is_ok_and(|root| attribute(&root, "_NCProperties").is_ok_and(|a| a.is_some()))
}

/// The root group as a dataset.
pub fn dataset(file: Arc<File>, root: Opened) -> Opened {
    let metadata = json!({"attrs": visible(&root.metadata)});
    let scales = scales(&file);
    let container = Dataset { group: Group { file, path: "/".into() }, scales };
    Opened::container(Arc::new(container), metadata).with_spec("xarray_dataset")
}

fn visible(metadata: &Value) -> Value {
    let Value::Object(map) = metadata else { return json!({}) };
    Value::Object(
        map.iter()
            .filter(|(k, _)| !HIDDEN.contains(&k.as_str()))
            .map(|(k, v)| (k.clone(), single(v)))
            .collect::<Map<_, _>>(),
    )
}

/// NetCDF has no scalar attributes: a list of one is its item.
fn single(value: &Value) -> Value {
    match value {
        Value::Array(items) if items.len() == 1 => items.first().cloned().unwrap_or(Value::Null),
        other => other.clone(),
    }
}

/// A dimension scale: its name, NetCDF's number of the dimension, its length, whether it holds coordinates.
struct Scale {
    name: String,
    dimid: Option<i64>,
    length: usize,
    is_variable: bool,
}

fn scales(file: &Arc<File>) -> Vec<Scale> {
    let names = file.links("/").unwrap_or_default();
    let scale = |name: String| {
        let object = file.object(&tree::join("/", &name)).ok()?;
        let attrs = attributes(&object);
        if attrs.get("CLASS").and_then(Value::as_str) != Some("DIMENSION_SCALE") {
            return None;
        }
        let label = attrs.get("NAME").and_then(Value::as_str).unwrap_or("");
        let opened = tree::dataset(file, &tree::join("/", &name)).ok()?;
        let shape = &tree::array_of(&opened)?.shape;
        Some(Scale {
            is_variable: !label.starts_with("This is a netCDF dimension but not a netCDF variable"),
            dimid: attrs.get("_Netcdf4Dimid").and_then(Value::as_i64),
            length: shape.first().copied().unwrap_or(0),
            name,
        })
    };
    names.into_iter().filter_map(scale).collect()
}

struct Dataset {
    group: Group,
    scales: Vec<Scale>,
}

impl Dataset {
    /// Names of a variable's dimensions: by the numbers it carries, else by unique lengths, else made up.
    fn dims(&self, key: &str, attrs: &Value, shape: &[usize]) -> Vec<String> {
        if shape.len() == 1 && self.scales.iter().any(|s| s.name == key) {
            return vec![key.to_owned()];
        }
        let ids: Option<Vec<i64>> = attrs
            .get("_Netcdf4Coordinates")
            .and_then(Value::as_array)
            .map(|a| a.iter().filter_map(Value::as_i64).collect());
        let by_id = |i: usize| {
            let id = *ids.as_ref()?.get(i)?;
            self.scales.iter().find(|s| s.dimid == Some(id)).map(|s| s.name.clone())
        };
        let by_reference =
            super::library::dimension_names(&self.group.file, &tree::join("/", key), shape.len());
        shape
            .iter()
            .enumerate()
            .map(|(i, n)| {
                by_id(i).or_else(|| by_reference.get(i).cloned().flatten()).unwrap_or_else(|| {
                    let mut fitting = self.scales.iter().filter(|s| s.length == *n);
                    match (fitting.next(), fitting.next()) {
                        (Some(only), None) => only.name.clone(),
                        _ => format!("dim_{i}"),
                    }
                })
            })
            .collect()
    }
}

impl Container for Dataset {
    fn keys(&self) -> Result<Vec<String>> {
        let hidden = |k: &String| self.scales.iter().any(|s| s.name == *k && !s.is_variable);
        Ok(self.group.keys()?.into_iter().filter(|k| !hidden(k)).collect())
    }
    fn child(&self, key: &str) -> Result<Option<Opened>> {
        let Some(mut opened) = self.group.child(key)? else { return Ok(None) };
        let attrs = std::mem::replace(&mut opened.metadata, Value::Null);
        opened.metadata = json!({"attrs": visible(&attrs)});
        if let (Structure::Array(structure), Data::Array(data)) = (&mut opened.structure, &mut opened.data) {
            let dims = self.dims(key, &attrs, &structure.shape);
            let is_coord = dims.as_slice() == [key];
            structure.dims = Some(dims.clone());
            *data = data.clone().with_dims(Some(dims));
            opened.specs.push(Spec::new(if is_coord { "xarray_coord" } else { "xarray_data_var" }));
        }
        Ok(Some(opened))
    }
    fn inlined(&self) -> bool {
        true
    }
}
