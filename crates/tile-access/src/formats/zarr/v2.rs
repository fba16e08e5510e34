//! Zarr version 2 arrays: NumPy types, numcodecs compressors and filters.
//!
//! Source: the Zarr storage specification version 2, and numcodecs' documentation of the codecs named in [`decompress`] and
//! [`unfilter`].

use super::super::npy;
use super::list;
use crate::assets::{Uid, read_all};
use crate::data::{ArrayData, Chunks};
use crate::encoders::blosc;
use crate::formats::hdf5::filters::unshuffle;
use bytes::Bytes;
use serde_json::Value;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tile_base::error::OrDamaged;
use tile_base::grid::Grid;
use tile_base::slice::Take;
use tile_base::strided::{gather, swap_bytes};
use tile_base::{DType, Endian, Error, Result};

/// Largest stored or decoded chunk.
const CHUNK_BYTES_MAX: u64 = 2 << 30;

/// The array in `folder`, described by its `.zarray` document.
///
/// # Errors
/// `Damaged` for types and codecs that are not known.
pub fn array(folder: &Path, meta: &Value, uid: Uid) -> Result<ArrayData> {
    let shape = list(meta.get("shape")).ok_or_else(|| Error::damaged("`.zarray` has no shape"))?;
    let chunk = list(meta.get("chunks"))
        .filter(|c| c.len() == shape.len() && !c.contains(&0))
        .ok_or_else(|| Error::damaged("`.zarray` has no chunks"))?;
    let filters: Vec<Value> = meta.get("filters").and_then(Value::as_array).cloned().unwrap_or_default();
    let vlen = filters
        .iter()
        .any(|f| matches!(f.get("id").and_then(Value::as_str), Some("vlen-utf8" | "vlen-bytes")));
    let compressor = meta.get("compressor").filter(|c| c.is_object()).cloned();
    let fortran = meta.get("order").and_then(Value::as_str) == Some("F");
    let separator = meta.get("dimension_separator").and_then(Value::as_str).unwrap_or(".").to_owned();
    let dtype = if vlen { DType::little('U', 4) } else { dtype(meta.get("dtype").unwrap_or(&Value::Null))? };
    let store = Store {
        folder: folder.to_owned(),
        chunk: chunk.clone(),
        shape: shape.clone(),
        fill: fill(meta.get("fill_value").unwrap_or(&Value::Null), &dtype),
        dtype: dtype.clone(),
        filters,
        compressor,
        fortran,
        separator,
    };
    check_codecs(&store)?;
    if vlen {
        return text(&store, shape, uid);
    }
    let bytes = chunk.iter().try_fold(dtype.itemsize() as u64, |n, &c| n.checked_mul(c as u64));
    if bytes.is_none_or(|n| n > CHUNK_BYTES_MAX) {
        return Err(Error::damaged("the Zarr chunks are impossibly large"));
    }
    let grid = Grid::regular(&shape, &chunk);
    Ok(ArrayData::chunked(dtype, shape, grid, Arc::new(store), uid))
}

/// A type string, or a list of fields.
fn dtype(value: &Value) -> Result<DType> {
    let bad = || Error::damaged("the Zarr data type is not understood");
    match value {
        Value::String(s) => DType::parse(s),
        Value::Array(fields) => {
            let field = |f: &Value| {
                let name = f.get(0).and_then(Value::as_str).ok_or_else(bad)?.to_owned();
                Ok((name, dtype(f.get(1).ok_or_else(bad)?)?, list(f.get(2)).unwrap_or_default()))
            };
            fields.iter().map(field).collect::<Result<_>>().map(DType::packed)
        }
        _ => Err(bad()),
    }
}

/// One item of the fill value in the array's own byte order; zeros when it is none.
fn fill(value: &Value, dtype: &DType) -> Vec<u8> {
    use base64::Engine;
    let mut out = vec![0u8; dtype.itemsize()];
    let DType::Scalar(s) = dtype else {
        if let Some(raw) = value
            .as_str()
            .and_then(|t| base64::engine::general_purpose::STANDARD.decode(t).ok())
            .filter(|r| r.len() == out.len())
        {
            out = raw;
        }
        return out;
    };
    let float = value.as_f64().or_else(|| match value.as_str()? {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    });
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the fill value of a single-precision array is single-precision"
    )]
    let raw: Option<Vec<u8>> = match (s.kind, s.itemsize) {
        ('f', 4) => float.map(|f| (f as f32).to_le_bytes().to_vec()),
        ('f', 8) => float.map(|f| f.to_le_bytes().to_vec()),
        ('f', 2) => float.map(|f| half::f16::from_f64(f).to_le_bytes().to_vec()),
        ('b', _) => value.as_bool().map(|b| vec![u8::from(b)]),
        ('i' | 'm' | 'M', n) => value.as_i64().map(|v| v.to_le_bytes()[..n.min(8)].to_vec()),
        ('u', n) => value.as_u64().map(|v| v.to_le_bytes()[..n.min(8)].to_vec()),
        ('S' | 'V', _) => {
            value.as_str().and_then(|t| base64::engine::general_purpose::STANDARD.decode(t).ok())
        }
        ('U', _) => value.as_str().map(|t| t.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()),
        _ => None,
    };
    if let Some(raw) = raw {
        let n = raw.len().min(out.len());
        out[..n].copy_from_slice(&raw[..n]);
        if s.endian == Endian::Big {
            swap_bytes(&mut out, s.swap_width());
        }
    }
    out
}

struct Store {
    folder: PathBuf,
    chunk: Vec<usize>,
    shape: Vec<usize>,
    fill: Vec<u8>,
    dtype: DType,
    filters: Vec<Value>,
    compressor: Option<Value>,
    fortran: bool,
    separator: String,
}

fn id(codec: &Value) -> &str {
    codec.get("id").and_then(Value::as_str).unwrap_or("")
}

fn number(codec: &Value, key: &str) -> Option<usize> {
    codec.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok())
}

fn check_codecs(store: &Store) -> Result<()> {
    let refused = |what: &str| Error::damaged(format!("the Zarr codec `{what}` is not supported"));
    if let Some(c) = &store.compressor
        && !matches!(id(c), "blosc" | "zlib" | "gzip" | "zstd" | "lz4" | "bz2")
    {
        return Err(refused(id(c)));
    }
    match store.filters.iter().find(|f| {
        !matches!(
            id(f),
            "delta"
                | "shuffle"
                | "fixedscaleoffset"
                | "vlen-utf8"
                | "vlen-bytes"
                | "crc32"
                | "adler32"
                | "fletcher32"
        )
    }) {
        Some(f) => Err(refused(id(f))),
        None => Ok(()),
    }
}

/// Undoes one compressor. `hint` is the size that is expected, so that memory is taken once.
///
/// # Errors
/// `Damaged` when it does not decode.
pub(super) fn decompress(raw: &[u8], codec: &Value, hint: usize) -> Result<Vec<u8>> {
    let room = usize::try_from(CHUNK_BYTES_MAX).unwrap_or(usize::MAX);
    let mut out = Vec::with_capacity(hint.min(64 << 20));
    match id(codec) {
        "blosc" => {
            return blosc::decompress(raw, room)
                .ok_or_else(|| Error::damaged("a Blosc chunk does not decode"));
        }
        "zlib" => flate2::read::ZlibDecoder::new(raw)
            .take(CHUNK_BYTES_MAX)
            .read_to_end(&mut out)
            .or_damaged("a zlib chunk")?,
        "gzip" => flate2::read::MultiGzDecoder::new(raw)
            .take(CHUNK_BYTES_MAX)
            .read_to_end(&mut out)
            .or_damaged("a gzip chunk")?,
        "bz2" => bzip2::read::MultiBzDecoder::new(raw)
            .take(CHUNK_BYTES_MAX)
            .read_to_end(&mut out)
            .or_damaged("a bzip2 chunk")?,
        "zstd"
            if hint > 0
                && zstd::zstd_safe::get_frame_content_size(raw).is_ok_and(|n| n == Some(hint as u64)) =>
        {
            return zstd::bulk::decompress(raw, hint).or_damaged("a zstd chunk");
        }
        "zstd" => zstd::stream::read::Decoder::new(raw)
            .or_damaged("a zstd chunk")?
            .take(CHUNK_BYTES_MAX)
            .read_to_end(&mut out)
            .or_damaged("a zstd chunk")?,
        _ => return lz4_flex::block::decompress_size_prepended(raw).or_damaged("an LZ4 chunk"),
    };
    Ok(out)
}

/// Undoes one filter.
fn unfilter(data: Vec<u8>, filter: &Value, dtype: &DType) -> Result<Vec<u8>> {
    let typed = |key: &str| filter.get(key).and_then(Value::as_str).map(DType::parse).transpose();
    Ok(match id(filter) {
        "shuffle" => unshuffle(&data, number(filter, "elementsize").unwrap_or(dtype.itemsize())),
        "crc32" | "adler32" => data.get(4..).unwrap_or(&[]).to_vec(),
        "fletcher32" => data.get(..data.len().saturating_sub(4)).unwrap_or(&[]).to_vec(),
        "delta" => {
            let stored = typed("astype")?.or(typed("dtype")?).unwrap_or_else(|| dtype.clone());
            let target = typed("dtype")?.unwrap_or_else(|| dtype.clone());
            undo_delta(&data, &stored, &target)?
        }
        "fixedscaleoffset" => {
            let stored = typed("astype")?.or(typed("dtype")?).unwrap_or_else(|| dtype.clone());
            let target = typed("dtype")?.unwrap_or_else(|| dtype.clone());
            let (scale, offset) = (
                filter.get("scale").and_then(Value::as_f64).unwrap_or(1.0),
                filter.get("offset").and_then(Value::as_f64).unwrap_or(0.0),
            );
            let count = data.len() / stored.itemsize().max(1);
            let values = (0..count).map(|i| {
                crate::encoders::item::as_f64(&stored, &data, i).unwrap_or(f64::NAN) / scale + offset
            });
            values.flat_map(|v| from_f64(&target, v)).collect()
        }
        _ => data,
    })
}

/// Running sums: integers wrap, floats add.
fn undo_delta(data: &[u8], stored: &DType, target: &DType) -> Result<Vec<u8>> {
    let (DType::Scalar(s), DType::Scalar(t)) = (stored, target) else {
        return Err(Error::damaged("delta of structs"));
    };
    let count = data.len() / s.itemsize.max(1);
    let mut out = Vec::with_capacity(count * t.itemsize);
    if s.kind == 'f' || t.kind == 'f' {
        let mut sum = 0.0;
        for i in 0..count {
            sum += crate::encoders::item::as_f64(stored, data, i).unwrap_or(f64::NAN);
            out.extend(from_f64(target, sum));
        }
        return Ok(out);
    }
    let mut sum = 0i64;
    for item in data.chunks_exact(s.itemsize.max(1)) {
        let mut raw = [0u8; 8];
        let n = item.len().min(8);
        raw[..n].copy_from_slice(&item[..n]);
        if s.endian == Endian::Big {
            raw[..n].reverse();
        }
        if s.kind == 'i' && n < 8 && raw[n - 1] & 0x80 != 0 {
            raw[n..].fill(0xff);
        }
        sum = sum.wrapping_add(i64::from_le_bytes(raw));
        let mut bytes = sum.to_le_bytes()[..t.itemsize.min(8)].to_vec();
        if t.endian == Endian::Big {
            bytes.reverse();
        }
        out.extend(bytes);
    }
    Ok(out)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the filter's own rounding to its target type"
)]
fn from_f64(target: &DType, v: f64) -> Vec<u8> {
    let DType::Scalar(t) = target else { return vec![] };
    let mut bytes = match (t.kind, t.itemsize) {
        ('f', 4) => (v as f32).to_le_bytes().to_vec(),
        ('f', _) => v.to_le_bytes().to_vec(),
        ('u', n) => (v.round() as u64).to_le_bytes()[..n.min(8)].to_vec(),
        (_, n) => (v.round() as i64).to_le_bytes()[..n.min(8)].to_vec(),
    };
    if t.endian == Endian::Big {
        bytes.reverse();
    }
    bytes
}

impl Store {
    /// The file of a chunk.
    fn path(&self, index: &[usize]) -> PathBuf {
        let name = index.iter().map(ToString::to_string).collect::<Vec<_>>().join(&self.separator);
        self.folder.join(if index.is_empty() { "0".to_owned() } else { name })
    }

    /// The stored bytes of a chunk after its codecs; `None` when it was never written.
    fn decoded(&self, index: &[usize]) -> Result<Option<Vec<u8>>> {
        let path = self.path(index);
        if !path.is_file() {
            return Ok(None);
        }
        let mut data = read_all(&path, CHUNK_BYTES_MAX)?;
        if let Some(codec) = &self.compressor {
            data = decompress(&data, codec, self.chunk.iter().product::<usize>() * self.dtype.itemsize())?;
        }
        for filter in self.filters.iter().rev() {
            data = unfilter(data, filter, &self.dtype)?;
        }
        Ok(Some(data))
    }
}

impl Chunks for Store {
    fn version(&self, index: &[usize]) -> u64 {
        crate::assets::version_of(&self.path(index))
    }

    fn read(&self, index: &[usize]) -> Result<Bytes> {
        let itemsize = self.dtype.itemsize();
        let clipped: Vec<usize> =
            index.iter().zip(&self.chunk).zip(&self.shape).map(|((i, c), n)| (*c).min(n - i * c)).collect();
        let Some(mut data) = self.decoded(index)? else {
            return Ok(Bytes::from(self.fill.repeat(clipped.iter().product())));
        };
        let need = self.chunk.iter().product::<usize>() * itemsize;
        if data.len() < need {
            return Err(Error::damaged(format!(
                "a Zarr chunk decodes to {} bytes instead of {need}",
                data.len()
            )));
        }
        data.truncate(need);
        if self.fortran && self.chunk.len() > 1 {
            data = npy::fortran_to_c(&data, &self.chunk, itemsize);
        }
        if clipped == self.chunk {
            return Ok(Bytes::from(data));
        }
        let takes: Vec<Take> =
            clipped.iter().map(|&count| Take { start: 0, step: 1, count, dropped: false }).collect();
        let mut out = vec![0u8; clipped.iter().product::<usize>() * itemsize];
        gather(&data, &self.chunk, &takes, &mut out, &clipped, &vec![0; clipped.len()], itemsize);
        Ok(Bytes::from(out))
    }
}

/// Variable-length text of a one-dimensional array as fixed-width Unicode: per chunk a count, then lengths and bytes.
fn text(store: &Store, shape: Vec<usize>, uid: Uid) -> Result<ArrayData> {
    let [len] = shape.as_slice() else {
        return Err(Error::damaged("variable-length text of several dimensions is not supported"));
    };
    let mut items: Vec<String> = Vec::new();
    for i in 0..len.div_ceil(store.chunk[0].max(1)) {
        let want = store.chunk[0].min(len - i * store.chunk[0]);
        let Some(data) = store.decoded(&[i])? else {
            items.extend(std::iter::repeat_n(String::new(), want));
            continue;
        };
        let cut = || Error::damaged("a chunk of text is cut off");
        let u32_at = |at: usize| {
            data.get(at..at + 4)
                .and_then(|b| usize::try_from(u32::from_le_bytes([b[0], b[1], b[2], b[3]])).ok())
                .ok_or_else(cut)
        };
        let mut at = 4;
        for _ in 0..u32_at(0)?.min(want) {
            let n = u32_at(at)?;
            let bytes = data.get(at + 4..at + 4 + n).ok_or_else(cut)?;
            items.push(String::from_utf8_lossy(bytes).into_owned());
            at += 4 + n;
        }
    }
    items.resize(*len, String::new());
    let widest = items.iter().map(|s| s.chars().count()).max().unwrap_or(0).max(1);
    let mut out = vec![0u8; items.len() * widest * 4];
    for (slot, item) in out.chunks_exact_mut(widest * 4).zip(&items) {
        for (unit, c) in slot.chunks_exact_mut(4).zip(item.chars()) {
            unit.copy_from_slice(&u32::from(c).to_le_bytes());
        }
    }
    Ok(ArrayData::in_memory(DType::little('U', widest * 4), shape, Bytes::from(out), uid))
}
