//! Zarr v2 and v3: arrays and groups in a folder, sharded or not, with consolidated metadata or without.
//!
//! Chunks of version 3 are decoded by the `zarrs` crate; this file knows the folder's layout and NumPy's names of the types.
//! Version 2, which is NumPy's types and numcodecs' filters, is read by [`v2`].

mod v2;

use super::Format;
use crate::assets::{Assets, Stamp, Uid, read_all, sub_uid};
use crate::data::{ArrayData, Chunks, Container, Location, Opened};
use bytes::Bytes;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tile_base::dtype::ScalarType;
use tile_base::error::OrDamaged;
use tile_base::grid::Grid;
use tile_base::strided::gather;
use tile_base::{DType, Endian, Error, Result};
use zarrs::array::{Array, ArrayBytes, ArraySubset, CodecOptions};
use zarrs::filesystem::FilesystemStore;

pub struct Zarr;

const METADATA_BYTES_MAX: u64 = 64 << 20;

impl Format for Zarr {
    fn name(&self) -> &'static str {
        "zarr"
    }
    fn about(&self) -> &'static str {
        "array or container, versions 2 and 3"
    }
    fn mimetype(&self) -> &'static str {
        "application/x-zarr"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[".zarr"]
    }
    fn claims_directory(&self, path: &Path) -> bool {
        ["zarr.json", ".zarray", ".zgroup"].iter().any(|f| path.join(f).is_file())
    }
    fn open(&self, assets: &Assets, _options: &Value) -> Result<Opened> {
        let folder = assets.path()?;
        if !assets.is_directory {
            return Err(Error::damaged("a Zarr array or group is a folder, this is a file"));
        }
        open(folder)?
            .ok_or_else(|| Error::damaged("the folder holds neither zarr.json nor .zarray nor .zgroup"))
    }
}

fn document(path: &Path) -> Result<Option<Value>> {
    if !path.is_file() {
        return Ok(None);
    }
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    serde_json::from_slice(&read_all(path, METADATA_BYTES_MAX)?).map(Some).or_damaged(&name)
}

/// The node in `folder`, `None` when it is no Zarr node.
fn open(folder: &Path) -> Result<Option<Opened>> {
    if let Some(meta) = document(&folder.join("zarr.json"))? {
        let attributes = meta.get("attributes").cloned().unwrap_or_else(|| json!({}));
        return match meta.get("node_type").and_then(Value::as_str) {
            Some("array") => array(folder, &meta, &attributes).map(Some),
            _ => Ok(Some(group(folder, &attributes, 3))),
        };
    }
    let attributes = || Ok::<_, Error>(document(&folder.join(".zattrs"))?.unwrap_or_else(|| json!({})));
    if let Some(meta) = document(&folder.join(".zarray"))? {
        let attributes = attributes()?;
        let dims = attributes
            .get("_ARRAY_DIMENSIONS")
            .and_then(Value::as_array)
            .map(|d| d.iter().filter_map(Value::as_str).map(str::to_owned).collect());
        let data = v2::array(folder, &meta, uid_of(folder)?)?;
        return Ok(Some(Opened::array(data.with_dims(dims), metadata_of(&attributes))));
    }
    if folder.join(".zgroup").is_file() {
        return Ok(Some(group(folder, &attributes()?, 2)));
    }
    Ok(None)
}

fn list(v: Option<&Value>) -> Option<Vec<usize>> {
    v?.as_array()?.iter().map(|n| n.as_u64().and_then(|n| usize::try_from(n).ok())).collect()
}

fn names(meta: &Value) -> Option<Vec<String>> {
    meta.get("dimension_names")?.as_array()?.iter().map(|n| n.as_str().map(str::to_owned)).collect()
}

/// The grid that is read: inner chunks of shards, else chunks.
fn v3_chunk(meta: &Value) -> Option<Vec<usize>> {
    let codec = meta.get("codecs")?.as_array()?.first()?;
    let inner = (codec.get("name").and_then(Value::as_str) == Some("sharding_indexed"))
        .then(|| list(codec.pointer("/configuration/chunk_shape")))
        .flatten();
    inner.or_else(|| list(meta.pointer("/chunk_grid/configuration/chunk_shape")))
}

enum Kind {
    Fixed(DType),
    /// Variable-length text: served as fixed-width Unicode.
    Text,
}

fn v3_type(meta: &Value) -> Result<Kind> {
    let data_type = meta.get("data_type").unwrap_or(&Value::Null);
    let name = data_type.as_str().or_else(|| data_type.get("name").and_then(Value::as_str)).unwrap_or("");
    let config = data_type.get("configuration");
    let number = |key: &str| {
        config.and_then(|c| c.get(key)).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok())
    };
    let fixed = |s: &str| DType::parse(s).map(Kind::Fixed);
    let time = |kind: char| -> Result<Kind> {
        let unit = config.and_then(|c| c.get("unit")).and_then(Value::as_str).unwrap_or("ns");
        let scale = number("scale_factor").filter(|&n| n != 1).map(|n| n.to_string()).unwrap_or_default();
        let mut scalar = ScalarType::new(kind, 8, Endian::Little);
        scalar.units = (unit != "generic").then(|| format!("[{scale}{unit}]"));
        Ok(Kind::Fixed(DType::Scalar(scalar)))
    };
    match name {
        "bool" => fixed("|b1"),
        "int8" => fixed("|i1"),
        "int16" => fixed("<i2"),
        "int32" => fixed("<i4"),
        "int64" => fixed("<i8"),
        "uint8" => fixed("|u1"),
        "uint16" => fixed("<u2"),
        "uint32" => fixed("<u4"),
        "uint64" => fixed("<u8"),
        "float16" => fixed("<f2"),
        "float32" => fixed("<f4"),
        "float64" => fixed("<f8"),
        "complex64" => fixed("<c8"),
        "complex128" => fixed("<c16"),
        "string" => Ok(Kind::Text),
        "numpy.datetime64" => time('M'),
        "numpy.timedelta64" => time('m'),
        "fixed_length_utf32" => fixed(&format!("<U{}", number("length_bytes").unwrap_or(4) / 4)),
        "null_terminated_bytes" => fixed(&format!("|S{}", number("length_bytes").unwrap_or(1))),
        "raw_bytes" => fixed(&format!("|V{}", number("length_bytes").unwrap_or(1))),
        other => match other.strip_prefix('r').and_then(|bits| bits.parse::<usize>().ok()) {
            Some(bits) => fixed(&format!("|V{}", bits / 8)),
            None => Err(Error::damaged(format!("the Zarr data type `{other}` is not supported"))),
        },
    }
}

/// Names the present content of a folder: its metadata and, where they are few, the change times of its parts.
fn uid_of(folder: &Path) -> Result<Uid> {
    let mut uid = 0;
    for name in ["zarr.json", ".zarray", ".zattrs", "", "c"] {
        if let Ok(stamp) = Stamp::of(&folder.join(name)) {
            uid = sub_uid(
                uid,
                &format!("{}:{name}:{}:{}:{}", folder.display(), stamp.size, stamp.mtime_ns, stamp.inode),
            );
        }
    }
    Ok(uid)
}

fn array(folder: &Path, meta: &Value, attributes: &Value) -> Result<Opened> {
    let (kind, chunk, dims) = (v3_type(meta)?, v3_chunk(meta), names(meta));
    let store = Arc::new(FilesystemStore::new(folder).or_damaged("the Zarr folder")?);
    let array = Array::open(store, "/").or_damaged("the Zarr array")?;
    let shape: Vec<usize> = array
        .shape()
        .iter()
        .map(|&n| usize::try_from(n).map_err(|_| Error::damaged("the shape is too large")))
        .collect::<Result<_>>()?;
    let uid = uid_of(folder)?;
    let data = match kind {
        Kind::Fixed(dtype) => {
            let chunk = chunk.filter(|c| c.len() == shape.len()).unwrap_or_else(|| shape.clone());
            let grid = Grid::regular(&shape, &chunk);
            let bytes = chunk.iter().try_fold(dtype.itemsize(), |n, &c| n.checked_mul(c));
            if bytes.is_none_or(|n| n > 4 << 30) {
                return Err(Error::damaged("the Zarr chunks are impossibly large"));
            }
            let whole_chunks =
                array.chunk_grid_shape().iter().map(|&n| usize::try_from(n).unwrap_or(0)).collect::<Vec<_>>()
                    == grid.counts();
            let direct = if whole_chunks { direct_codecs(meta, &dtype) } else { None };
            let (folder, itemsize) = (folder.to_owned(), dtype.itemsize());
            let store = Stored { folder, array, chunk, shape: shape.clone(), itemsize, whole_chunks, direct };
            ArrayData::chunked(dtype.clone(), shape, grid, Arc::new(store), uid)
        }
        Kind::Text => text(&array, shape, uid)?,
    };
    Ok(Opened::array(data.with_dims(dims), metadata_of(attributes)))
}

/// An array's attributes; nothing at all when there are none.
fn metadata_of(attributes: &Value) -> Value {
    if attributes.as_object().is_some_and(|a| !a.is_empty()) {
        json!({"attributes": attributes})
    } else {
        json!({})
    }
}

fn text(array: &Array<FilesystemStore>, shape: Vec<usize>, uid: Uid) -> Result<ArrayData> {
    let items: Vec<String> =
        array.retrieve_array_subset::<Vec<String>>(&array.subset_all()).or_damaged("the Zarr text")?;
    let widest = items.iter().map(|s| s.chars().count()).max().unwrap_or(0).max(1);
    let mut out = vec![0u8; items.len() * widest * 4];
    for (slot, item) in out.chunks_exact_mut(widest * 4).zip(&items) {
        for (unit, c) in slot.chunks_exact_mut(4).zip(item.chars()) {
            unit.copy_from_slice(&u32::from(c).to_le_bytes());
        }
    }
    Ok(ArrayData::in_memory(DType::little('U', widest * 4), shape, Bytes::from(out), uid))
}

/// The compressors after `bytes`, when the chunks of an array are no more than compressed little-endian items: then they
/// are read without the library. `None` for every other chain of codecs.
fn direct_codecs(meta: &Value, dtype: &DType) -> Option<Vec<Value>> {
    let codecs = meta.get("codecs")?.as_array()?;
    let (first, rest) = codecs.split_first()?;
    let name = |c: &Value| c.get("name").and_then(Value::as_str).unwrap_or("").to_owned();
    let little =
        first.pointer("/configuration/endian").and_then(Value::as_str).unwrap_or("little") == "little";
    if name(first) != "bytes" || !(little || dtype.itemsize() == 1) {
        return None;
    }
    rest.iter()
        .map(|c| matches!(name(c).as_str(), "blosc" | "gzip" | "zstd").then(|| json!({"id": name(c)})))
        .collect()
}

/// A chunk is decoded while others wait for it; a decoder that gave its thread away meanwhile could be handed one of those
/// and wait for itself. Chunks run side by side above instead.
fn one_thread() -> CodecOptions {
    CodecOptions::default().with_concurrent_target(1)
}

struct Stored {
    folder: PathBuf,
    array: Array<FilesystemStore>,
    chunk: Vec<usize>,
    shape: Vec<usize>,
    itemsize: usize,
    /// The grid read is the grid stored; else inner chunks of shards are cut out.
    whole_chunks: bool,
    /// See [`direct_codecs`].
    direct: Option<Vec<Value>>,
}

impl Stored {
    /// The file of a chunk.
    fn path(&self, index: &[usize]) -> PathBuf {
        let at: Vec<u64> = index.iter().map(|&i| i as u64).collect();
        self.folder.join(self.array.chunk_key(&at).as_str())
    }

    /// The whole chunk without the library; `None` when it was never written or has other codecs.
    fn read_direct(&self, index: &[usize]) -> Result<Option<Vec<u8>>> {
        let Some(codecs) = &self.direct else { return Ok(None) };
        let mut data = match std::fs::read(self.path(index)) {
            Ok(data) => data,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e.into()),
        };
        let whole = self.chunk.iter().product::<usize>() * self.itemsize;
        for codec in codecs.iter().rev() {
            data = v2::decompress(&data, codec, whole)?;
        }
        Ok(Some(data))
    }
}

impl Chunks for Stored {
    fn version(&self, index: &[usize]) -> u64 {
        if self.whole_chunks {
            return crate::assets::version_of(&self.path(index));
        }
        // An inner chunk rests in the shard that holds its first item.
        let start: Vec<u64> = index.iter().zip(&self.chunk).map(|(i, c)| (i * c) as u64).collect();
        let shard = self.array.chunk_grid().chunk_indices(&start).ok().flatten();
        shard.map_or(0, |at| crate::assets::version_of(&self.folder.join(self.array.chunk_key(&at).as_str())))
    }

    fn location(&self, index: &[usize]) -> Result<Option<Location>> {
        if self.direct.as_ref().is_none_or(|c| !c.is_empty()) {
            return Ok(None);
        }
        let Ok(file) = std::fs::File::open(self.path(index)) else { return Ok(None) };
        Ok(Some(Location { file: Arc::new(file), offset: 0, shape: self.chunk.clone() }))
    }

    fn read(&self, index: &[usize]) -> Result<Bytes> {
        let start: Vec<usize> = index.iter().zip(&self.chunk).map(|(i, c)| i * c).collect();
        let clipped: Vec<usize> =
            start.iter().zip(&self.chunk).zip(&self.shape).map(|((s, c), n)| (*c).min(n - s)).collect();
        let direct = self.read_direct(index)?;
        let bytes = if let Some(bytes) = direct {
            if bytes.len() != self.chunk.iter().product::<usize>() * self.itemsize {
                return Err(Error::damaged(format!("a Zarr chunk decodes to {} bytes", bytes.len())));
            }
            ArrayBytes::from(bytes)
        } else if self.whole_chunks {
            let at: Vec<u64> = index.iter().map(|&i| i as u64).collect();
            self.array
                .retrieve_chunk_opt::<ArrayBytes<'static>>(&at, &one_thread())
                .or_damaged("a Zarr chunk")?
        } else {
            let ranges: Vec<_> =
                start.iter().zip(&clipped).map(|(&s, &n)| s as u64..(s + n) as u64).collect();
            self.array
                .retrieve_array_subset_opt::<ArrayBytes<'static>>(
                    &ArraySubset::new_with_ranges(&ranges),
                    &one_thread(),
                )
                .or_damaged("a Zarr chunk")?
        };
        let bytes = bytes.into_fixed().or_damaged("a Zarr chunk")?.into_owned();
        if !self.whole_chunks || clipped == self.chunk {
            return Ok(Bytes::from(bytes));
        }
        let takes: Vec<_> = clipped
            .iter()
            .map(|&count| tile_base::slice::Take { start: 0, step: 1, count, dropped: false })
            .collect();
        let mut out = vec![0u8; clipped.iter().product::<usize>() * self.itemsize];
        gather(&bytes, &self.chunk, &takes, &mut out, &clipped, &vec![0; clipped.len()], self.itemsize);
        Ok(Bytes::from(out))
    }
}

fn group(folder: &Path, attributes: &Value, version: u8) -> Opened {
    let metadata = json!({"attributes": attributes, "zarr_format": version, "node_type": "group"});
    Opened::container(Arc::new(Group(folder.to_owned())), metadata)
}

struct Group(PathBuf);

impl Container for Group {
    fn settled(&self) -> bool {
        // Members have files of their own, which change without this one.
        false
    }
    fn keys(&self) -> Result<Vec<String>> {
        let mut keys = Vec::new();
        for entry in std::fs::read_dir(&self.0)? {
            let path = entry?.path();
            if path.is_dir() && Zarr.claims_directory(&path) {
                keys.extend(path.file_name().map(|n| n.to_string_lossy().into_owned()));
            }
        }
        keys.sort();
        Ok(keys)
    }
    fn child(&self, key: &str) -> Result<Option<Opened>> {
        if key.is_empty() || key.starts_with('.') || key.contains(['/', '\\', '\0']) {
            return Ok(None);
        }
        let folder = self.0.join(key);
        if folder.is_dir() { open(&folder) } else { Ok(None) }
    }
}
