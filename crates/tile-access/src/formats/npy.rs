//! NPY: one array with a text header. Source: NumPy's `numpy.lib.format`, versions 1.0 to 3.0.

use super::Format;
use crate::assets::{Assets, Uid, read_at};
use crate::data::{ArrayData, Chunks, Opened};
use bytes::Bytes;
use serde_json::{Value, json};
use std::fs::File;
use std::sync::Arc;
use tile_base::grid::Grid;
use tile_base::strided::strides;
use tile_base::{DType, Error, Result};

pub struct Npy;

impl Format for Npy {
    fn name(&self) -> &'static str {
        "npy"
    }
    fn about(&self) -> &'static str {
        "array, of any builtin or structured type"
    }
    fn mimetype(&self) -> &'static str {
        "application/x-npy"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[".npy"]
    }
    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"\x93NUMPY")
    }
    fn has_mark(&self) -> bool {
        true
    }
    fn open(&self, assets: &Assets, _options: &Value) -> Result<Opened> {
        let file = assets.open()?;
        let size = file.metadata()?.len();
        let head = read_at(&file, 0, usize::try_from(size.min(MAX_HEADER)).unwrap_or(0))?;
        let header = parse_header(&head)?;
        let need = header.data_bytes()?;
        if size < header.data_start as u64 + need as u64 {
            return Err(Error::damaged(format!(
                "the array needs {need} bytes, the file has {} after its header",
                size.saturating_sub(header.data_start as u64)
            )));
        }
        Ok(Opened::array(array(header, file, assets.uid("")?), json!({})))
    }
}

/// Longest header looked at; NumPy's own limit for headers it trusts is 10 000 characters.
const MAX_HEADER: u64 = 1 << 20;

/// What an NPY header says.
#[derive(Debug)]
pub struct Header {
    pub dtype: DType,
    pub fortran: bool,
    pub shape: Vec<usize>,
    pub data_start: usize,
    /// Bytes of one item in the file when its struct has padding; `dtype` is always packed.
    pub stored: Option<DType>,
}

impl Header {
    /// # Errors
    /// `Damaged` when the size overflows.
    pub fn data_bytes(&self) -> Result<usize> {
        let item = self.stored.as_ref().unwrap_or(&self.dtype).itemsize();
        self.shape
            .iter()
            .try_fold(item, |n, &d| n.checked_mul(d))
            .ok_or_else(|| Error::damaged("the header's shape is impossibly large"))
    }
}

/// The array behind a header, reading from `file`.
pub fn array(header: Header, file: Arc<File>, uid: Uid) -> ArrayData {
    if header.stored.is_none() && (!header.fortran || header.shape.len() < 2) {
        return ArrayData::flat(header.dtype, header.shape, file, header.data_start as u64, uid);
    }
    let grid = Grid::single(&header.shape);
    let (dtype, shape) = (header.dtype.clone(), header.shape.clone());
    ArrayData::chunked(dtype, shape, grid, Arc::new(Whole { header, file }), uid)
}

/// Fortran order and padded structs are brought to packed C order as a whole.
struct Whole {
    header: Header,
    file: Arc<File>,
}

impl Chunks for Whole {
    fn read(&self, _index: &[usize]) -> Result<Bytes> {
        let raw = read_at(&self.file, self.header.data_start as u64, self.header.data_bytes()?)?;
        Ok(Bytes::from(normalise(&self.header, raw)))
    }
}

/// Brings raw items to packed C order.
pub fn normalise(header: &Header, mut raw: Vec<u8>) -> Vec<u8> {
    if let Some(stored) = &header.stored {
        raw = pack(stored, &header.dtype, &raw);
    }
    if header.fortran && header.shape.len() > 1 {
        fortran_to_c(&raw, &header.shape, header.dtype.itemsize())
    } else {
        raw
    }
}

/// Leaves the padding of structs out, at every depth.
fn pack(stored: &DType, packed: &DType, raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    for item in raw.chunks_exact(stored.itemsize().max(1)) {
        pack_item(stored, packed, item, &mut out);
    }
    out
}

fn pack_item(stored: &DType, packed: &DType, item: &[u8], out: &mut Vec<u8>) {
    let (DType::Struct { fields: from, .. }, DType::Struct { fields: to, .. }) = (stored, packed) else {
        return out.extend_from_slice(item);
    };
    for (f, t) in from.iter().zip(to) {
        let size = f.dtype.itemsize();
        let count = f.shape.iter().product::<usize>();
        for i in 0..count {
            let start = f.offset + i * size;
            pack_item(&f.dtype, &t.dtype, item.get(start..start + size).unwrap_or(&[]), out);
        }
    }
}

/// Reorders items from Fortran to C order.
pub fn fortran_to_c(raw: &[u8], shape: &[usize], itemsize: usize) -> Vec<u8> {
    let mut out = vec![0u8; raw.len()];
    let reversed: Vec<usize> = shape.iter().rev().copied().collect();
    let source: Vec<usize> = strides(&reversed, itemsize).into_iter().rev().collect();
    let mut index = vec![0usize; shape.len()];
    for target in out.chunks_exact_mut(itemsize.max(1)) {
        let from: usize = index.iter().zip(&source).map(|(i, s)| i * s).sum();
        target.copy_from_slice(&raw[from..from + itemsize]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    out
}

/// Parses the header at the start of `head`.
///
/// # Errors
/// `Damaged` for anything that is not a header; object arrays are refused.
pub fn parse_header(head: &[u8]) -> Result<Header> {
    let bad = |what: &str| Error::damaged(format!("not a readable NPY header: {what}"));
    if !head.starts_with(b"\x93NUMPY") {
        return Err(bad("the magic text is missing"));
    }
    let (len, start) = match head.get(6) {
        Some(1) => (head.get(8..10).map(|b| usize::from(u16::from_le_bytes([b[0], b[1]]))), 10),
        Some(2 | 3) => (
            head.get(8..12).and_then(|b| usize::try_from(u32::from_le_bytes([b[0], b[1], b[2], b[3]])).ok()),
            12,
        ),
        _ => return Err(bad("unknown version")),
    };
    let len = len.ok_or_else(|| bad("it is cut off"))?;
    let text = head.get(start..start + len).ok_or_else(|| bad("it is cut off"))?;
    let text = std::str::from_utf8(text).map_err(|_| bad("it is not text"))?;
    let mut parser = Literal { rest: text, depth: 0 };
    let Lit::Dict(entries) = parser.value().ok_or_else(|| bad("it is not a dictionary"))? else {
        return Err(bad("it is not a dictionary"));
    };
    let get = |key: &str| {
        entries.iter().find(|(k, _)| k == key).map(|(_, v)| v).ok_or_else(|| bad("a key is missing"))
    };
    let Lit::Tuple(dims) = get("shape")? else { return Err(bad("shape is not a tuple")) };
    let shape = dims
        .iter()
        .map(|d| if let Lit::Int(n) = d { Some(*n) } else { None })
        .collect::<Option<Vec<usize>>>()
        .ok_or_else(|| bad("shape holds something else than sizes"))?;
    let fortran = matches!(get("fortran_order")?, Lit::Bool(true));
    let stored = dtype_of(get("descr")?)?;
    let packed = packed_of(&stored);
    let stored = (stored != packed).then_some(stored);
    Ok(Header { dtype: packed, fortran, shape, data_start: start + len, stored })
}

fn packed_of(dtype: &DType) -> DType {
    match dtype {
        DType::Scalar(_) => dtype.clone(),
        DType::Struct { fields, .. } => DType::packed(
            fields.iter().map(|f| (f.name.clone(), packed_of(&f.dtype), f.shape.clone())).collect(),
        ),
    }
}

/// Items of no bytes take time and no room: a short file could ask for any number of them.
const EMPTY_ITEMS_MAX: usize = 1 << 10;

fn dtype_of(lit: &Lit) -> Result<DType> {
    let bad = || Error::damaged("the NPY header's descr is not understood");
    match lit {
        Lit::Text(s) => DType::parse(s),
        Lit::List(items) => {
            let mut fields = Vec::new();
            let mut offset = 0;
            for item in items {
                let Lit::Tuple(parts) = item else { return Err(bad()) };
                let (Some(name), Some(kind)) = (parts.first(), parts.get(1)) else { return Err(bad()) };
                let name = match name {
                    Lit::Text(s) => s.clone(),
                    Lit::Tuple(t) => {
                        if let Some(Lit::Text(s)) = t.get(1) {
                            s.clone()
                        } else {
                            return Err(bad());
                        }
                    }
                    _ => return Err(bad()),
                };
                let shape = match parts.get(2) {
                    Some(Lit::Tuple(dims)) => dims
                        .iter()
                        .map(|d| if let Lit::Int(n) = d { Some(*n) } else { None })
                        .collect::<Option<Vec<_>>>()
                        .ok_or_else(bad)?,
                    Some(Lit::Int(n)) => vec![*n],
                    _ => vec![],
                };
                let dtype = dtype_of(kind)?;
                let count = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d)).ok_or_else(bad)?;
                let size = count.checked_mul(dtype.itemsize()).ok_or_else(bad)?;
                if size == 0 && count > EMPTY_ITEMS_MAX {
                    return Err(bad());
                }
                // Padding shows as a nameless void.
                if !name.is_empty() {
                    fields.push(tile_base::dtype::Field { name, dtype, shape, offset });
                }
                offset = offset.checked_add(size).ok_or_else(bad)?;
            }
            Ok(DType::Struct { itemsize: offset, fields })
        }
        _ => Err(bad()),
    }
}

/// A Python literal of the few kinds that headers use.
#[derive(Debug)]
enum Lit {
    Text(String),
    Int(usize),
    Bool(bool),
    Tuple(Vec<Lit>),
    List(Vec<Lit>),
    Dict(Vec<(String, Lit)>),
}

struct Literal<'a> {
    rest: &'a str,
    depth: usize,
}

impl Literal<'_> {
    fn eat(&mut self, c: char) -> bool {
        self.rest = self.rest.trim_start();
        self.rest.strip_prefix(c).is_some_and(|r| {
            self.rest = r;
            true
        })
    }

    fn value(&mut self) -> Option<Lit> {
        self.rest = self.rest.trim_start();
        let c = self.rest.chars().next()?;
        match c {
            '\'' | '"' => self.text(c).map(Lit::Text),
            '(' => self.items('(', ')').map(Lit::Tuple),
            '[' => self.items('[', ']').map(Lit::List),
            '{' => self.dict(),
            '0'..='9' => {
                let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
                let (digits, rest) = self.rest.split_at_checked(end)?;
                // Python 2 wrote long integers with an `L`.
                self.rest = rest.strip_prefix('L').unwrap_or(rest);
                digits.parse().ok().map(Lit::Int)
            }
            _ => {
                for (word, value) in [("True", true), ("False", false)] {
                    if let Some(rest) = self.rest.strip_prefix(word) {
                        self.rest = rest;
                        return Some(Lit::Bool(value));
                    }
                }
                None
            }
        }
    }

    fn text(&mut self, quote: char) -> Option<String> {
        let mut out = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((i, c)) = chars.next() {
            match c {
                '\\' => out.push(chars.next()?.1),
                c if c == quote => {
                    self.rest = self.rest.get(i + 1..)?;
                    return Some(out);
                }
                c => out.push(c),
            }
        }
        None
    }

    fn items(&mut self, open: char, close: char) -> Option<Vec<Lit>> {
        self.depth += 1;
        if !self.eat(open) || self.depth > 32 {
            return None;
        }
        let mut out = Vec::new();
        while !self.eat(close) {
            out.push(self.value()?);
            if !self.eat(',') {
                self.eat(close).then_some(())?;
                break;
            }
        }
        self.depth -= 1;
        Some(out)
    }

    fn dict(&mut self) -> Option<Lit> {
        self.depth += 1;
        if !self.eat('{') || self.depth > 32 {
            return None;
        }
        let mut out = Vec::new();
        while !self.eat('}') {
            let Lit::Text(key) = self.value()? else { return None };
            self.eat(':').then_some(())?;
            out.push((key, self.value()?));
            if !self.eat(',') {
                self.eat('}').then_some(())?;
                break;
            }
        }
        self.depth -= 1;
        Some(Lit::Dict(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Result<Header> {
        let mut head = b"\x93NUMPY\x01\x00".to_vec();
        head.extend_from_slice(&u16::try_from(text.len()).unwrap().to_le_bytes());
        head.extend_from_slice(text.as_bytes());
        parse_header(&head)
    }

    #[test]
    fn headers_are_understood() {
        let h = header("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }").unwrap();
        assert_eq!((h.shape, h.fortran, h.dtype), (vec![3, 4], false, DType::little('f', 8)));
        let h = header("{'descr': [('x', '<i4'), ('', '|V4'), ('y', '<f8', (2,))], 'fortran_order': True, 'shape': (5,), }").unwrap();
        assert_eq!(h.dtype.itemsize(), 20);
        assert_eq!(h.stored.unwrap().itemsize(), 24);
        assert!(header("{'descr': '|O', 'fortran_order': False, 'shape': (), }").is_err());
        assert!(header("{'descr': '<f8', 'shape': (3, ").is_err());
        assert!(header(&"(".repeat(5000)).is_err());
    }

    #[test]
    fn fortran_order_is_turned() {
        // [[0,1,2],[3,4,5]] in Fortran order is 0 3 1 4 2 5.
        assert_eq!(fortran_to_c(&[0, 3, 1, 4, 2, 5], &[2, 3], 1), [0, 1, 2, 3, 4, 5]);
    }
}
