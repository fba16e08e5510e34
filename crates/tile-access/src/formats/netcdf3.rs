//! NetCDF-3 (classic, 64-bit offset, 64-bit data): a container of arrays with `xarray_dataset` specs.
//!
//! Source: NetCDF Classic and 64-bit Offset File Formats (OGC 10-092r3) and the CDF-5 extension.

use super::Format;
use crate::assets::{Assets, Uid, read_at, sub_uid};
use crate::data::{ArrayData, Chunks, Container, Opened};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use std::fs::File;
use std::sync::Arc;
use tile_base::grid::Grid;
use tile_base::{DType, Endian, Error, Result};

pub struct NetCdf3;

/// Headers are read in growing steps up to this size.
const HEADER_BYTES_MAX: u64 = 64 << 20;

impl Format for NetCdf3 {
    fn name(&self) -> &'static str {
        "netcdf3"
    }
    fn about(&self) -> &'static str {
        "xarray dataset: a container of one array per variable (NetCDF-4 files are HDF5)"
    }
    fn mimetype(&self) -> &'static str {
        "application/x-netcdf"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[".nc", ".cdf", ".nc3"]
    }
    fn sniff(&self, head: &[u8]) -> bool {
        matches!(head, [b'C', b'D', b'F', 1 | 2 | 5, ..])
    }
    fn has_mark(&self) -> bool {
        true
    }
    fn open(&self, assets: &Assets, _options: &Value) -> Result<Opened> {
        let file = assets.open()?;
        let size = file.metadata()?.len();
        let head = read_at(&file, 0, usize::try_from(size.min(HEADER_BYTES_MAX)).unwrap_or(0))?;
        let header = Parser {
            data: &head,
            at: 4,
            wide: head.get(3) == Some(&5),
            long_offsets: head.get(3) != Some(&1),
        }
        .header()?;
        for v in &header.vars {
            v.check(&header, size)?;
        }
        let metadata = json!({"attrs": header.attrs});
        let dataset = Dataset { header, file, uid: assets.uid("")? };
        Ok(Opened::container(Arc::new(dataset), metadata).with_spec("xarray_dataset"))
    }
}

struct Header {
    dims: Vec<(String, usize)>,
    record_dim: Option<usize>,
    records: usize,
    record_bytes: usize,
    attrs: Map<String, Value>,
    vars: Vec<Var>,
}

struct Var {
    name: String,
    dims: Vec<usize>,
    attrs: Map<String, Value>,
    dtype: DType,
    begin: u64,
}

impl Var {
    fn is_record(&self, h: &Header) -> bool {
        self.dims.first().is_some_and(|d| Some(*d) == h.record_dim)
    }
    fn shape(&self, h: &Header) -> Vec<usize> {
        self.dims
            .iter()
            .map(|&d| if Some(d) == h.record_dim { h.records } else { h.dims.get(d).map_or(0, |x| x.1) })
            .collect()
    }
    /// Bytes of one record, or of the whole for a fixed variable.
    fn slab_bytes(&self, h: &Header) -> Option<usize> {
        let shape = self.shape(h);
        let inner = if self.is_record(h) { shape.get(1..).unwrap_or(&[]) } else { &shape };
        inner.iter().try_fold(self.dtype.itemsize(), |n, &d| n.checked_mul(d))
    }
    fn check(&self, h: &Header, size: u64) -> Result<()> {
        let slab = self.slab_bytes(h).and_then(|n| u64::try_from(n).ok());
        let end = if self.is_record(h) {
            let before = (h.records as u64).saturating_sub(1).checked_mul(h.record_bytes as u64);
            if h.records == 0 { Some(0) } else { before.and_then(|b| b.checked_add(slab?)) }
        } else {
            slab
        };
        let end = end.and_then(|n| n.checked_add(self.begin));
        if end.is_none_or(|e| e > size) {
            return Err(Error::damaged(format!("the file ends before the data of variable `{}`", self.name)));
        }
        Ok(())
    }
}

struct Parser<'a> {
    data: &'a [u8],
    at: usize,
    wide: bool,
    long_offsets: bool,
}

impl Parser<'_> {
    fn take(&mut self, n: usize) -> Result<&[u8]> {
        let end = self.at.checked_add(n);
        let slice = end
            .and_then(|e| self.data.get(self.at..e))
            .ok_or_else(|| Error::damaged("the NetCDF header is cut off"))?;
        self.at += n;
        Ok(slice)
    }
    fn u32(&mut self) -> Result<u32> {
        let b = self.take(4)?;
        Ok(u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
    }
    fn u64(&mut self) -> Result<u64> {
        Ok((u64::from(self.u32()?) << 32) | u64::from(self.u32()?))
    }
    fn count(&mut self) -> Result<usize> {
        let n = if self.wide { self.u64()? } else { u64::from(self.u32()?) };
        usize::try_from(n).map_err(|_| Error::damaged("a count is too large"))
    }
    fn padded(&mut self, n: usize) -> Result<Vec<u8>> {
        let bytes = self.take(n)?.to_vec();
        self.take(n.wrapping_neg() % 4)?;
        Ok(bytes)
    }
    fn name(&mut self) -> Result<String> {
        let n = self.count()?;
        String::from_utf8(self.padded(n)?).map_err(|_| Error::damaged("a name is not UTF-8"))
    }
    /// The element count of a list after its tag; an absent list has neither.
    fn list(&mut self) -> Result<usize> {
        self.u32()?;
        self.count()
    }

    fn header(&mut self) -> Result<Header> {
        let records = if self.wide { self.u64()? } else { u64::from(self.u32()?) };
        let mut dims = Vec::new();
        for _ in 0..self.list()? {
            dims.push((self.name()?, self.count()?));
        }
        let record_dim = dims.iter().position(|d| d.1 == 0);
        let attrs = self.attrs()?;
        let mut vars: Vec<(Var, usize)> = Vec::new();
        for _ in 0..self.list()? {
            let name = self.name()?;
            let rank = self.count()?;
            let ids: Vec<usize> =
                (0..rank.min(self.data.len())).map(|_| self.count()).collect::<Result<_>>()?;
            if ids.iter().any(|&d| d >= dims.len()) {
                return Err(Error::damaged(format!("variable `{name}` names an unknown dimension")));
            }
            let attrs = self.attrs()?;
            let dtype = kind(self.u32()?)?;
            let vsize = self.count()?;
            let begin = if self.long_offsets { self.u64()? } else { u64::from(self.u32()?) };
            vars.push((Var { name, dims: ids, attrs, dtype, begin }, vsize));
        }
        let mut header = Header { dims, record_dim, records: 0, record_bytes: 0, attrs, vars: vec![] };
        let of_record: Vec<&Var> = vars.iter().map(|v| &v.0).filter(|v| v.is_record(&header)).collect();
        // A single record variable is not padded to four bytes (specification, note on record padding).
        let slab = |v: &Var| v.slab_bytes(&header).unwrap_or(usize::MAX);
        header.record_bytes = match of_record.as_slice() {
            [only] => slab(only),
            many => many
                .iter()
                .map(|v| slab(v).saturating_add(slab(v).wrapping_neg() % 4))
                .fold(0, usize::saturating_add),
        };
        // All ones mean "streaming": the count is not known and follows from the file's size; no writer at hand does it.
        header.records =
            if records == u64::from(u32::MAX) { 0 } else { usize::try_from(records).unwrap_or(0) };
        header.vars = vars.into_iter().map(|v| v.0).collect();
        Ok(header)
    }

    fn attrs(&mut self) -> Result<Map<String, Value>> {
        let mut out = Map::new();
        for _ in 0..self.list()? {
            let name = self.name()?;
            let code = self.u32()?;
            let n = self.count()?;
            let dtype = kind(code)?;
            let bytes = self.padded(
                n.checked_mul(dtype.itemsize()).ok_or_else(|| Error::damaged("an attribute is too large"))?,
            )?;
            out.insert(name, attr_value(code, &dtype, n, &bytes));
        }
        Ok(out)
    }
}

fn attr_value(code: u32, dtype: &DType, n: usize, bytes: &[u8]) -> Value {
    if code == 2 {
        return Value::from(String::from_utf8_lossy(bytes).trim_end_matches('\0'));
    }
    let mut text = Vec::new();
    crate::encoders::item::nested_json(
        dtype,
        if n == 1 { &[] } else { std::slice::from_ref(&n) },
        bytes,
        &mut text,
    );
    serde_json::from_slice(&text).unwrap_or(Value::Null)
}

fn kind(code: u32) -> Result<DType> {
    let big = |k, n| DType::scalar(k, n, Endian::Big);
    Ok(match code {
        1 => big('i', 1),
        2 => big('S', 1),
        3 => big('i', 2),
        4 => big('i', 4),
        5 => big('f', 4),
        6 => big('f', 8),
        7 => big('u', 1),
        8 => big('u', 2),
        9 => big('u', 4),
        10 => big('i', 8),
        11 => big('u', 8),
        _ => return Err(Error::damaged(format!("unknown NetCDF type {code}"))),
    })
}

struct Dataset {
    header: Header,
    file: Arc<File>,
    uid: Uid,
}

impl Container for Dataset {
    fn keys(&self) -> Result<Vec<String>> {
        Ok(self.header.vars.iter().map(|v| v.name.clone()).collect())
    }
    fn child(&self, key: &str) -> Result<Option<Opened>> {
        let h = &self.header;
        let Some(var) = h.vars.iter().find(|v| v.name == key) else { return Ok(None) };
        let shape = var.shape(h);
        let uid = sub_uid(self.uid, key);
        let data = if var.is_record(h) {
            let slab = var.slab_bytes(h).unwrap_or(0);
            // Records of one variable lie apart, one record of each variable after the other.
            let mut chunk = shape.clone();
            chunk[0] = ((1 << 20) / slab.max(1)).clamp(1, shape[0].max(1));
            let store = Records {
                file: self.file.clone(),
                begin: var.begin,
                slab,
                stride: h.record_bytes,
                records: shape[0],
                per_chunk: chunk[0],
            };
            ArrayData::chunked(
                var.dtype.clone(),
                shape.clone(),
                Grid::regular(&shape, &chunk),
                Arc::new(store),
                uid,
            )
        } else {
            ArrayData::flat(var.dtype.clone(), shape, self.file.clone(), var.begin, uid)
        };
        let dims: Vec<String> = var.dims.iter().filter_map(|&d| h.dims.get(d).map(|x| x.0.clone())).collect();
        let spec = if dims.first().is_some_and(|d| d == key) && dims.len() == 1 {
            "xarray_coord"
        } else {
            "xarray_data_var"
        };
        Ok(Some(Opened::array(data.with_dims(Some(dims)), json!({"attrs": var.attrs})).with_spec(spec)))
    }
    fn inlined(&self) -> bool {
        true
    }
}

struct Records {
    file: Arc<File>,
    begin: u64,
    slab: usize,
    stride: usize,
    records: usize,
    per_chunk: usize,
}

impl Chunks for Records {
    fn read(&self, index: &[usize]) -> Result<Bytes> {
        let first = index.first().copied().unwrap_or(0) * self.per_chunk;
        let last = (first + self.per_chunk).min(self.records);
        let mut out = Vec::with_capacity((last - first) * self.slab);
        for r in first..last {
            out.extend_from_slice(&read_at(
                &self.file,
                self.begin + (r as u64) * (self.stride as u64),
                self.slab,
            )?);
        }
        Ok(Bytes::from(out))
    }
}
