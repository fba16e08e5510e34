//! Any array, table or container as Zarr, version 2 or 3: documents and chunks made on the fly for real Zarr clients.
//!
//! The grid is regular with each dimension's largest chunk; where the stored grid is irregular, chunks are cut from the
//! array anew. Chunks are whole (padded with zeros) and Blosc-compressed.

use super::resource::encoded;
use super::{App, Reply, Req};
use crate::data::{ArrayData, Data, Sparse};
use crate::encoders::blosc;
use crate::reading::{array, table};
use crate::tree::Located;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tile_base::slice::Take;
use tile_base::strided::gather;
use tile_base::structure::ArrayStructure;
use tile_base::{DType, Endian, Error, Family, Kind, NodePath, Result, Selection, Structure};

/// Longest chunk in any dimension, as in the original.
const CHUNK_MAX: usize = 10_000;
/// Nodes in a consolidated document.
const CONSOLIDATED_MAX: usize = 5_000;

pub async fn v2(app: Arc<App>, req: Req) -> Result<Reply> {
    let path = req.tail.clone();
    let (worker, origin) = (app, req.origin.clone());
    let (kind, bytes) = tile_web::rt::cpu(move || answer_v2(&worker, &path, &origin)).await?;
    Ok(Reply::new(kind, bytes).tagged())
}

pub async fn v3(app: Arc<App>, req: Req) -> Result<Reply> {
    let path = req.tail.clone();
    let (worker, origin) = (app, req.origin.clone());
    let (kind, bytes) = tile_web::rt::cpu(move || answer_v3(&worker, &path, &origin)).await?;
    Ok(Reply::new(kind, bytes).tagged())
}

type Answer = (&'static str, Bytes);
const JSON: &str = "application/json";
const OCTETS: &str = "application/octet-stream";

fn document(value: &Value) -> Answer {
    (JSON, Bytes::from(value.to_string()))
}

fn split(path: &NodePath) -> (NodePath, &str) {
    (NodePath(path.ancestors().to_vec()), path.key())
}

fn missing() -> Error {
    Error::not_found("no such Zarr document or chunk")
}

/// An array to be shown: data arrays, and columns of tables.
fn array_at(app: &App, node: &Located) -> Result<ArrayData> {
    if !matches!(node.family(), Family::Array | Family::Sparse) {
        return Err(missing());
    }
    let opened = app.tree.open(node)?;
    match (&opened.data, &opened.structure) {
        (Data::Array(data), _) => Ok(data.clone()),
        (Data::Sparse(data), Structure::Sparse(structure)) => {
            dense(data.as_ref(), structure, app.tree.config.response_bytes_max)
        }
        _ => Err(missing()),
    }
}

/// A sparse array with its zeros, when that is of moderate size.
fn dense(data: &dyn Sparse, structure: &ArrayStructure, bytes_max: u64) -> Result<ArrayData> {
    if structure.bytes() as u64 > bytes_max {
        return Err(Error::new(
            Kind::TooLarge,
            format!("the array would have {} bytes when dense", structure.bytes()),
        ));
    }
    let batch = data.read(None)?;
    let rank = structure.shape.len();
    let itemsize = structure.dtype.itemsize();
    let (_, values) = crate::reading::table_numpy::to_numpy(batch.column(rank))?;
    let steps = tile_base::strided::strides(&structure.shape, itemsize);
    let mut out = vec![0u8; structure.bytes()];
    for row in 0..batch.num_rows() {
        let mut at = 0;
        for (d, step) in steps.iter().enumerate() {
            let coordinate = batch.column(d).as_primitive::<Int64Type>().value(row);
            at += usize::try_from(coordinate)
                .ok()
                .filter(|c| *c < structure.shape[d])
                .ok_or_else(|| Error::damaged("a coordinate lies outside of the shape"))?
                * step;
        }
        if let (Some(to), Some(from)) =
            (out.get_mut(at..at + itemsize), values.get(row * itemsize..(row + 1) * itemsize))
        {
            to.copy_from_slice(from);
        }
    }
    Ok(ArrayData::in_memory(structure.dtype.clone(), structure.shape.clone(), Bytes::from(out), data.uid()))
}

fn is_group(node: &Located) -> bool {
    matches!(node.family(), Family::Container | Family::Table)
}

/// Names of the children that Zarr clients can open.
fn members(app: &App, node: &Located) -> Result<Vec<(String, Located)>> {
    if node.family() == Family::Table {
        let opened = app.tree.open(node)?;
        let Data::Table(source) = &opened.data else { return Ok(vec![]) };
        let names: Vec<String> = source
            .schema()
            .fields()
            .iter()
            .filter(|f| table::is_flat(f.data_type()))
            .map(|f| f.name().clone())
            .collect();
        return names.into_iter().map(|n| app.tree.child(node, &n).map(|c| (n, c))).collect();
    }
    Ok(app
        .tree
        .children(node)?
        .into_iter()
        .filter(|(_, c)| {
            matches!(c.family(), Family::Array | Family::Sparse | Family::Container | Family::Table)
        })
        .collect())
}

fn attributes(node: &Located) -> Result<Value> {
    let metadata = node.metadata_json()?;
    let own = ["attributes", "attrs"].iter().find_map(|k| metadata.get(k).filter(|a| a.is_object())).cloned();
    let mut found = own.unwrap_or(metadata);
    if let Some(map) = found.as_object_mut() {
        // JSON has no NaN: a fill value that was one says nothing, and clients stumble over null.
        map.retain(|key, value| key != "_FillValue" || !value.is_null());
    }
    Ok(found)
}

/// The regular grid that is shown.
fn chunk_shape(data: &ArrayData) -> Vec<usize> {
    data.structure.chunks.iter().map(|c| c.iter().copied().max().unwrap_or(1).clamp(1, CHUNK_MAX)).collect()
}

fn answer_v2(app: &App, path: &NodePath, origin: &str) -> Result<Answer> {
    let (parent, name) = split(path);
    match name {
        ".zarray" => {
            let node = app.tree.find(&parent)?;
            Ok(document(&zarray(&array_at(app, &node)?)?))
        }
        ".zgroup" => {
            if is_group(&app.tree.find(&parent)?) {
                Ok(document(&json!({"zarr_format": 2})))
            } else {
                Err(missing())
            }
        }
        ".zattrs" => {
            let node = app.tree.find(&parent)?;
            let mut attrs = attributes(&node)?;
            if let (Family::Array, Some(map)) = (node.family(), attrs.as_object_mut())
                && let Some(dims) = &array_at(app, &node)?.structure.dims
            {
                map.insert("_ARRAY_DIMENSIONS".into(), json!(dims));
            }
            Ok(document(&attrs))
        }
        ".zmetadata" => consolidated_v2(app, &app.tree.find(&parent)?),
        _ => match app.tree.find(path) {
            Ok(node) if is_group(&node) => listing(app, &node, &format!("{origin}/zarr/v2")),
            Ok(_) => Err(missing()),
            Err(e) if e.kind == Kind::NotFound => chunk(app, &parent, &numbers(name, '.')?),
            Err(e) => Err(e),
        },
    }
}

/// Addresses of a group's members.
fn listing(app: &App, node: &Located, base: &str) -> Result<Answer> {
    let urls: Vec<String> =
        members(app, node)?.iter().map(|(_, c)| format!("{base}/{}", encoded(&c.path))).collect();
    Ok(document(&json!(urls)))
}

fn consolidated_v2(app: &App, node: &Located) -> Result<Answer> {
    if !is_group(node) {
        return Err(missing());
    }
    let mut out = Map::new();
    let mut left = CONSOLIDATED_MAX;
    gather_v2(app, node, "", &mut out, &mut left)?;
    Ok(document(&json!({"zarr_consolidated_format": 1, "metadata": out})))
}

fn gather_v2(
    app: &App,
    node: &Located,
    prefix: &str,
    out: &mut Map<String, Value>,
    left: &mut usize,
) -> Result<()> {
    *left = left.checked_sub(1).ok_or_else(|| Error::not_found("too many nodes to consolidate"))?;
    let mut attrs = attributes(node)?;
    if is_group(node) {
        out.insert(format!("{prefix}.zgroup"), json!({"zarr_format": 2}));
        for (key, child) in members(app, node)? {
            gather_v2(app, &child, &format!("{prefix}{key}/"), out, left)?;
        }
    } else if let Ok(data) = array_at(app, node) {
        let Ok(meta) = zarray(&data) else { return Ok(()) };
        out.insert(format!("{prefix}.zarray"), meta);
        if let (Some(dims), Some(map)) = (&data.structure.dims, attrs.as_object_mut()) {
            map.insert("_ARRAY_DIMENSIONS".into(), json!(dims));
        }
    }
    out.insert(format!("{prefix}.zattrs"), attrs);
    Ok(())
}

fn zarray(data: &ArrayData) -> Result<Value> {
    let dtype = match &data.structure.dtype {
        DType::Scalar(s) => Value::from(s.typestr()),
        // Clients do not know fields that are arrays themselves: such items are opaque bytes to them.
        DType::Struct { itemsize, fields } if fields.iter().any(|f| !f.shape.is_empty()) => {
            Value::from(format!("|V{itemsize}"))
        }
        structured => descr(structured)?,
    };
    Ok(json!({
        "zarr_format": 2, "shape": data.structure.shape, "chunks": chunk_shape(data), "dtype": dtype, "order": "C", "fill_value": null, "filters": null,
        "compressor": {"id": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1, "blocksize": 0},
    }))
}

fn descr(dtype: &DType) -> Result<Value> {
    match dtype {
        DType::Scalar(s) => Ok(Value::from(s.typestr())),
        DType::Struct { fields, .. } => {
            let one = |f: &tile_base::dtype::Field| {
                Ok(if f.shape.is_empty() {
                    json!([f.name, descr(&f.dtype)?])
                } else {
                    json!([f.name, descr(&f.dtype)?, f.shape])
                })
            };
            fields.iter().map(one).collect::<Result<Vec<_>>>().map(Value::Array)
        }
    }
}

/// Chunk numbers; the single chunk of a 0-d array is `0` in version 2.
fn numbers(text: &str, separator: char) -> Result<Vec<usize>> {
    text.split(separator).map(|t| t.parse().map_err(|_| missing())).collect()
}

/// A whole chunk, padded with zeros, little-endian for version 3, compressed.
fn chunk_of(app: &App, node: &Located, index: &[usize], little: bool) -> Result<Bytes> {
    let data = array_at(app, node)?;
    let shape = &data.structure.shape;
    let index = if shape.is_empty() && index == [0] { &[] } else { index };
    let chunk = chunk_shape(&data);
    if index.len() != shape.len()
        || index.iter().zip(&chunk).zip(shape).any(|((i, c), n)| i.saturating_mul(*c) >= (*n).max(1))
    {
        return Err(missing());
    }
    let takes: Vec<Take> = index
        .iter()
        .zip(&chunk)
        .zip(shape)
        .map(|((i, c), n)| Take { start: i * c, step: 1, count: (*c).min(n - i * c), dropped: false })
        .collect();
    let counts: Vec<usize> = takes.iter().map(|t| t.count).collect();
    let itemsize = data.structure.dtype.itemsize();
    let bytes = array::read(&data, &Selection(takes), &app.tree.cache)?;
    let mut whole = if counts == chunk {
        bytes.to_vec()
    } else {
        let mut out = vec![0u8; chunk.iter().product::<usize>() * itemsize];
        gather(
            &bytes,
            &counts,
            &Selection::full(&counts).0,
            &mut out,
            &chunk,
            &vec![0; chunk.len()],
            itemsize,
        );
        out
    };
    if let (true, DType::Scalar(s)) = (little, &data.structure.dtype)
        && s.endian == Endian::Big
    {
        tile_base::strided::swap_bytes(&mut whole, s.swap_width());
    }
    blosc::compress_items(&whole, itemsize, 5)
        .map(Bytes::from)
        .ok_or_else(|| Error::new(Kind::TooLarge, "the chunk is too large for Blosc"))
}

fn chunk(app: &App, path: &NodePath, index: &[usize]) -> Result<Answer> {
    Ok((OCTETS, chunk_of(app, &app.tree.find(path)?, index, false)?))
}

fn answer_v3(app: &App, path: &NodePath, origin: &str) -> Result<Answer> {
    let (parent, name) = split(path);
    if name == "zarr.json" {
        let node = app.tree.find(&parent)?;
        return Ok(document(&v3_document(app, &node, true)?));
    }
    // Chunks are below `c`, one folder per dimension: try the longest node path first.
    if let Some(at) = path.0.iter().rposition(|k| k == "c") {
        let index: Result<Vec<usize>> =
            path.0[at + 1..].iter().map(|k| k.parse().map_err(|_| missing())).collect();
        if let Ok(index) = index {
            let node = app.tree.find(&NodePath(path.0[..at].to_vec()))?;
            return Ok((OCTETS, chunk_of(app, &node, &index, true)?));
        }
    }
    let node = app.tree.find(path)?;
    if is_group(&node) { listing(app, &node, &format!("{origin}/zarr/v3")) } else { Err(missing()) }
}

fn v3_document(app: &App, node: &Located, consolidate: bool) -> Result<Value> {
    if is_group(node) {
        let mut out = json!({"zarr_format": 3, "node_type": "group", "attributes": attributes(node)?});
        if consolidate {
            let mut all = Map::new();
            let mut left = CONSOLIDATED_MAX;
            // A tree that is too large, or holds what Zarr cannot, is still a group: clients then ask node by node.
            if gather_v3(app, node, "", &mut all, &mut left).is_ok() {
                out["consolidated_metadata"] =
                    json!({"kind": "inline", "must_understand": false, "metadata": all});
            }
        }
        return Ok(out);
    }
    let data = array_at(app, node)?;
    let (data_type, fill) = v3_type(&data.structure.dtype)?;
    let mut codecs = vec![];
    let itemsize = data.structure.dtype.itemsize();
    codecs.push(if itemsize > 1 {
        json!({"name": "bytes", "configuration": {"endian": "little"}})
    } else {
        json!({"name": "bytes"})
    });
    codecs.push(json!({"name": "blosc", "configuration": {"cname": "lz4", "clevel": 5, "shuffle": "shuffle", "typesize": itemsize.clamp(1, 255), "blocksize": 0}}));
    let mut out = json!({
        "zarr_format": 3, "node_type": "array", "shape": data.structure.shape, "data_type": data_type,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunk_shape(&data)}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": fill, "codecs": codecs, "attributes": attributes(node)?, "storage_transformers": [],
    });
    if let Some(dims) = &data.structure.dims {
        out["dimension_names"] = json!(dims);
    }
    Ok(out)
}

fn gather_v3(
    app: &App,
    node: &Located,
    prefix: &str,
    out: &mut Map<String, Value>,
    left: &mut usize,
) -> Result<()> {
    for (key, child) in members(app, node)? {
        *left = left.checked_sub(1).ok_or_else(|| Error::not_found("too many nodes to consolidate"))?;
        let name = format!("{prefix}{key}");
        match v3_document(app, &child, false) {
            Ok(document) => out.insert(name.clone(), document),
            Err(e) if matches!(e.kind, Kind::NotAllowed | Kind::NotFound | Kind::Damaged) => continue,
            Err(e) => return Err(e),
        };
        if is_group(&child) {
            gather_v3(app, &child, &format!("{name}/"), out, left)?;
        }
    }
    Ok(())
}

/// The version 3 name of a type, and its zero.
fn v3_type(dtype: &DType) -> Result<(Value, Value)> {
    let unsupported =
        || Error::new(Kind::NotAllowed, "this data type has no Zarr version 3 name; version 2 serves it");
    let DType::Scalar(s) = dtype else { return Err(unsupported()) };
    let bits = s.itemsize * 8;
    Ok(match s.kind {
        'b' => (json!("bool"), json!(false)),
        'i' => (json!(format!("int{bits}")), json!(0)),
        'u' => (json!(format!("uint{bits}")), json!(0)),
        'f' if bits <= 64 => (json!(format!("float{bits}")), json!(0.0)),
        'c' if bits <= 128 => (json!(format!("complex{bits}")), json!([0.0, 0.0])),
        'M' | 'm' => {
            let name = if s.kind == 'M' { "numpy.datetime64" } else { "numpy.timedelta64" };
            let units = s.units.as_deref().unwrap_or("[generic]").trim_matches(['[', ']']);
            let digits: String = units.chars().take_while(char::is_ascii_digit).collect();
            let unit = units.trim_start_matches(|c: char| c.is_ascii_digit());
            (
                json!({"name": name, "configuration": {"unit": unit, "scale_factor": digits.parse::<u64>().unwrap_or(1)}}),
                json!(0),
            )
        }
        'U' => {
            (json!({"name": "fixed_length_utf32", "configuration": {"length_bytes": s.itemsize}}), json!(""))
        }
        'S' => (
            json!({"name": "null_terminated_bytes", "configuration": {"length_bytes": s.itemsize}}),
            json!(""),
        ),
        'V' => (json!({"name": "raw_bytes", "configuration": {"length_bytes": s.itemsize}}), json!("")),
        _ => return Err(unsupported()),
    })
}
