//! Groups and datasets of a file as nodes.

use super::chunks::{Direct, ThroughLibrary};
use super::filters;
use super::library::{self, File, Handle, Layout, Linked, Source};
use super::types::{self, Stored};
use crate::assets::{Uid, sub_uid};
use crate::data::{ArrayData, Container, Data, Opened, PIECE_BYTES_MAX, Ragged};
use crate::encoders::item;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use std::sync::{Arc, OnceLock};
use tile_base::grid::{Grid, auto_chunks};
use tile_base::structure::{ArrayStructure, RaggedStructure};
use tile_base::{DType, Endian, Error, Kind, Result, Structure};

/// The group at `path` as a container.
pub fn group(file: &Arc<File>, path: &str) -> Result<Opened> {
    let metadata = attributes(&file.object(path)?);
    Ok(Opened::container(Arc::new(Group { file: file.clone(), path: path.to_owned() }), metadata))
}

pub struct Group {
    pub file: Arc<File>,
    pub path: String,
}

pub fn join(group: &str, name: &str) -> String {
    if group == "/" { format!("/{name}") } else { format!("{group}/{name}") }
}

impl Container for Group {
    fn keys(&self) -> Result<Vec<String>> {
        self.file.links(&self.path)
    }
    fn child(&self, key: &str) -> Result<Option<Opened>> {
        match self.file.linked(&self.path, key)? {
            Linked::Missing | Linked::Other => Ok(None),
            Linked::Broken(what) => Err(Error::new(Kind::Gone, what)),
            Linked::Group => group(&self.file, &join(&self.path, key)).map(Some),
            Linked::Dataset => dataset(&self.file, &join(&self.path, key)).map(Some),
        }
    }
    fn inlined(&self) -> bool {
        true
    }
}

/// The dataset at `path` as an array, or as a ragged array when its rows vary in length.
pub fn dataset(file: &Arc<File>, path: &str) -> Result<Opened> {
    let object = file.object(path)?;
    let metadata = attributes(&object);
    let source = Source::Dataset(&object);
    let uid = sub_uid(file.uid, path);
    let Some(shape) = source.shape()? else {
        return Ok(Opened::array(
            ArrayData::in_memory(DType::little('f', 8), vec![0], Bytes::new(), uid),
            metadata,
        ));
    };
    // A scalar is shown as an array of one item, as the original does.
    let shape = if shape.is_empty() { vec![1] } else { shape };
    let items: usize = shape.iter().product();
    let data = match types::classify(&source.type_id()?) {
        Stored::Plain { dtype, memory, direct } => {
            plain(file, path, &object, dtype, memory, direct, shape, uid)?
        }
        Stored::Text => text(&source.read_strings(items)?, shape, uid),
        Stored::Sequence(dtype) if shape.len() == 1 => {
            return ragged(file, path, &source, dtype, items, uid, metadata);
        }
        // What has no NumPy form is an empty placeholder of the same shape, as with h5py's object types.
        Stored::Sequence(_) | Stored::Unsupported => {
            ArrayData::in_memory(DType::scalar('S', 1, Endian::None), shape, Bytes::from(vec![0; items]), uid)
        }
    };
    Ok(Opened::array(data, metadata))
}

#[expect(clippy::too_many_arguments, reason = "the parts of one dataset, known to one caller")]
fn plain(
    file: &Arc<File>,
    path: &str,
    object: &Handle,
    dtype: DType,
    memory: Handle,
    direct: bool,
    shape: Vec<usize>,
    uid: Uid,
) -> Result<ArrayData> {
    let itemsize = dtype.itemsize();
    shape
        .iter()
        .try_fold(itemsize, |n, &d| n.checked_mul(d))
        .ok_or_else(|| Error::damaged("the dataset's shape is impossibly large"))?;
    let local = direct && file.is_local(object);
    let grid = match library::layout(object) {
        Layout::Contiguous(offset) if local => {
            return Ok(ArrayData::flat(dtype, shape, file.direct.clone(), offset, uid));
        }
        Layout::Chunked { chunk, filters } if chunk.len() == shape.len() => {
            let grid = Grid::regular(&shape, &chunk);
            if let (true, Some(filters)) = (local, filters::parse(&filters, itemsize)) {
                let fill = library::fill_value(object, &memory, itemsize);
                let chunks = Direct {
                    file: file.clone(),
                    path: path.to_owned(),
                    chunk,
                    shape: shape.clone(),
                    itemsize,
                    filters,
                    fill,
                    index: OnceLock::new(),
                };
                return Ok(ArrayData::chunked(dtype, shape, grid, Arc::new(chunks), uid));
            }
            grid
        }
        _ => Grid::new(auto_chunks(&shape, itemsize, PIECE_BYTES_MAX / 4)),
    };
    let chunks =
        ThroughLibrary { file: file.clone(), path: path.to_owned(), grid: grid.clone(), memory, itemsize };
    Ok(ArrayData::chunked(dtype, shape, grid, Arc::new(chunks), uid))
}

/// Variable-length text as fixed-width byte strings.
fn text(items: &[Vec<u8>], shape: Vec<usize>, uid: Uid) -> ArrayData {
    let widest = items.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let mut out = vec![0u8; items.len() * widest];
    for (slot, s) in out.chunks_exact_mut(widest).zip(items) {
        slot[..s.len()].copy_from_slice(s);
    }
    ArrayData::in_memory(DType::scalar('S', widest, Endian::None), shape, Bytes::from(out), uid)
}

fn ragged(
    file: &Arc<File>,
    path: &str,
    source: &Source<'_>,
    dtype: DType,
    items: usize,
    uid: Uid,
    metadata: Value,
) -> Result<Opened> {
    let size = source.read_sequences(items, dtype.itemsize())?.iter().map(Vec::len).sum::<usize>()
        / dtype.itemsize().max(1);
    let structure = RaggedStructure { dtype: dtype.clone(), shape: vec![Some(items), None], size };
    let rows = Rows { file: file.clone(), path: path.to_owned(), dtype, items, uid };
    Ok(Opened {
        structure: Structure::Ragged(structure),
        metadata,
        specs: vec![],
        data: Data::Ragged(Arc::new(rows)),
    })
}

struct Rows {
    file: Arc<File>,
    path: String,
    dtype: DType,
    items: usize,
    uid: Uid,
}

impl Ragged for Rows {
    fn read(&self) -> Result<(Vec<i64>, Bytes)> {
        let object = self.file.object(&self.path)?;
        let rows = Source::Dataset(&object).read_sequences(self.items, self.dtype.itemsize())?;
        let mut offsets = vec![0i64];
        let mut out = Vec::new();
        for row in rows {
            out.extend_from_slice(&row);
            offsets.push(i64::try_from(out.len() / self.dtype.itemsize().max(1)).unwrap_or(i64::MAX));
        }
        Ok((offsets, Bytes::from(out)))
    }
    fn dtype(&self) -> DType {
        self.dtype.clone()
    }
    fn uid(&self) -> Uid {
        self.uid
    }
}

/// Largest attribute that becomes metadata, in items.
const ATTRIBUTE_ITEMS_MAX: usize = 100_000;

/// An object's attributes as a JSON object; what has no JSON form is left out.
pub fn attributes(object: &Handle) -> Value {
    let mut out = Map::new();
    for name in library::attribute_names(object) {
        if let Ok(Some(value)) = attribute(object, &name) {
            out.insert(name, value);
        }
    }
    Value::Object(out)
}

pub fn attribute(object: &Handle, name: &str) -> Result<Option<Value>> {
    let source = Source::attribute(object, name)?;
    let Some(shape) = source.shape()? else { return Ok(Some(Value::Null)) };
    let items: usize = shape.iter().product();
    if items > ATTRIBUTE_ITEMS_MAX {
        return Ok(None);
    }
    match types::classify(&source.type_id()?) {
        Stored::Plain { dtype, memory, .. } => {
            let bytes = source.read_all(&memory, items, dtype.itemsize())?;
            let mut json = Vec::new();
            item::nested_json(&dtype, &shape, &bytes, &mut json);
            Ok(serde_json::from_slice(&json).ok())
        }
        Stored::Text => {
            let texts: Vec<Value> =
                source.read_strings(items)?.iter().map(|s| json!(String::from_utf8_lossy(s))).collect();
            Ok(Some(if shape.is_empty() {
                texts.into_iter().next().unwrap_or(Value::Null)
            } else {
                Value::Array(texts)
            }))
        }
        Stored::Sequence(_) | Stored::Unsupported => Ok(None),
    }
}

/// The array structure of an opened dataset, for callers that change it.
pub fn array_of(opened: &Opened) -> Option<&ArrayStructure> {
    if let Structure::Array(a) = &opened.structure { Some(a) } else { None }
}
