//! TIFF and BigTIFF: one array; pages of equal shape stack along a leading dimension.

use super::Format;
use crate::assets::Assets;
use crate::data::{ArrayData, Chunks, Opened};
use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tiff::decoder::{Decoder, Limits, ifd};
use tiff::tags::Tag;
use tile_base::error::OrDamaged;
use tile_base::grid::Grid;
use tile_base::{DType, Error, Result};

pub struct Tiff;

type Reader = Decoder<BufReader<File>>;

/// More pages than any microscope writes; a chain that is longer is a loop.
const PAGES_MAX: usize = 1 << 20;

impl Format for Tiff {
    fn name(&self) -> &'static str {
        "tiff"
    }
    fn about(&self) -> &'static str {
        "array; pages of one shape become the first dimension"
    }
    fn mimetype(&self) -> &'static str {
        "image/tiff"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[".tif", ".tiff"]
    }
    fn sniff(&self, head: &[u8]) -> bool {
        [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|m| head.starts_with(*m))
    }
    fn has_mark(&self) -> bool {
        true
    }
    fn open(&self, assets: &Assets, _options: &Value) -> Result<Opened> {
        let path = assets.path()?.to_owned();
        let mut reader = decoder(&path)?;
        let (page_shape, dtype) = page(&mut reader)?;
        let metadata = tags(&mut reader);
        if let Some(offset) =
            plain_strips(&mut reader, &page_shape, &dtype)?.filter(|_| !reader.more_images())
        {
            return Ok(Opened::array(
                ArrayData::flat(dtype, page_shape, assets.open()?, offset, assets.uid("")?),
                metadata,
            ));
        }
        let mut pages = vec![0];
        for n in 1..PAGES_MAX {
            if !reader.more_images() || reader.next_image().is_err() {
                break;
            }
            if page(&mut reader).is_ok_and(|(shape, kind)| shape == page_shape && kind == dtype) {
                pages.push(n);
            }
        }
        let mut shape = page_shape.clone();
        if pages.len() > 1 {
            shape.insert(0, pages.len());
        }
        let mut chunk = shape.clone();
        if pages.len() > 1 {
            chunk[0] = 1;
        }
        let grid = Grid::regular(&shape, &chunk);
        let store = Pages {
            path,
            pages,
            bytes: page_shape.iter().product::<usize>() * dtype.itemsize(),
            idle: Mutex::new(vec![]),
        };
        Ok(Opened::array(ArrayData::chunked(dtype, shape, grid, Arc::new(store), assets.uid("")?), metadata))
    }
}

fn decoder(path: &Path) -> Result<Reader> {
    let reader =
        Decoder::new(BufReader::with_capacity(1 << 16, File::open(path)?)).or_damaged("the TIFF header")?;
    Ok(reader.with_limits(Limits::unlimited()))
}

/// Shape and type of the present page: (height, width), (height, width, samples), or (samples, height, width) when planar.
fn page(reader: &mut Reader) -> Result<(Vec<usize>, DType)> {
    let (width, height) = reader.dimensions().or_damaged("the TIFF size")?;
    let one = |r: &mut Reader, tag, default: u16| {
        r.find_tag_unsigned_vec::<u16>(tag).ok().flatten().and_then(|v| v.first().copied()).unwrap_or(default)
    };
    let samples = usize::from(one(reader, Tag::SamplesPerPixel, 1));
    let bits = usize::from(one(reader, Tag::BitsPerSample, 1));
    let kind = match one(reader, Tag::SampleFormat, 1) {
        2 => 'i',
        3 => 'f',
        _ => 'u',
    };
    let bytes = match bits {
        1..=8 => 1,
        16 | 32 | 64 => bits / 8,
        _ => return Err(Error::damaged(format!("TIFF samples of {bits} bits are not supported"))),
    };
    let (h, w) = (usize::try_from(height).unwrap_or(0), usize::try_from(width).unwrap_or(0));
    let total = h.checked_mul(w).and_then(|n| n.checked_mul(samples * bytes));
    if total.is_none_or(|n| n > 1 << 40) {
        return Err(Error::damaged("the TIFF header claims an impossible size"));
    }
    let planar = one(reader, Tag::PlanarConfiguration, 1) == 2;
    let shape = match (samples, planar) {
        (1, _) => vec![h, w],
        (n, true) => vec![n, h, w],
        (n, false) => vec![h, w, n],
    };
    Ok((shape, DType::little(kind, bytes)))
}

/// Where the pixels begin, when they rest uncompressed, little-endian, and in one run.
fn plain_strips(reader: &mut Reader, shape: &[usize], dtype: &DType) -> Result<Option<u64>> {
    let tag = |r: &mut Reader, t| r.find_tag_unsigned_vec::<u64>(t).ok().flatten();
    let first =
        |r: &mut Reader, t, default: u64| tag(r, t).and_then(|v| v.first().copied()).unwrap_or(default);
    let little = matches!(reader.byte_order(), tiff::tags::ByteOrder::LittleEndian) || dtype.itemsize() == 1;
    let bits = first(reader, Tag::BitsPerSample, 1);
    let plain = first(reader, Tag::Compression, 1) == 1
        && first(reader, Tag::PhotometricInterpretation, 1) != 0
        && first(reader, Tag::PlanarConfiguration, 1) == 1
        && first(reader, Tag::Predictor, 1) == 1;
    if !little || !plain || bits != dtype.itemsize() as u64 * 8 {
        return Ok(None);
    }
    let (Some(offsets), Some(counts)) = (tag(reader, Tag::StripOffsets), tag(reader, Tag::StripByteCounts))
    else {
        return Ok(None);
    };
    let need = shape.iter().product::<usize>() as u64 * dtype.itemsize() as u64;
    let joined = offsets.windows(2).zip(&counts).all(|(w, n)| w[0].checked_add(*n) == Some(w[1]));
    let Some(&start) = offsets.first() else { return Ok(None) };
    if !joined || counts.iter().sum::<u64>() != need {
        return Ok(None);
    }
    let size = reader.inner().get_ref().metadata()?.len();
    if start.checked_add(need).is_none_or(|end| end > size) {
        return Err(Error::damaged("the file ends before its pixels do"));
    }
    Ok(Some(start))
}

/// All tags but the tables of strips and tiles, by name.
fn tags(reader: &mut Reader) -> Value {
    let found: Vec<(Tag, ifd::Value)> = reader.tag_iter().filter_map(Result::ok).collect();
    let mut out = Map::new();
    for (tag, value) in found {
        let value = tag_value(value);
        let long = value.as_array().is_some_and(|a| a.len() > TAG_ITEMS_MAX)
            || value.as_str().is_some_and(|s| s.len() > TAG_TEXT_MAX);
        if !long {
            let name = if let Tag::Unknown(code) = tag { code.to_string() } else { format!("{tag:?}") };
            out.insert(name, value);
        }
    }
    Value::Object(out)
}

const TAG_ITEMS_MAX: usize = 256;
const TAG_TEXT_MAX: usize = 64 << 10;

fn tag_value(value: ifd::Value) -> Value {
    match value {
        ifd::Value::Byte(v) => json!(v),
        ifd::Value::Short(v) => json!(v),
        ifd::Value::SignedByte(v) => json!(v),
        ifd::Value::SignedShort(v) => json!(v),
        ifd::Value::Signed(v) => json!(v),
        ifd::Value::SignedBig(v) => json!(v),
        ifd::Value::Unsigned(v) | ifd::Value::Ifd(v) => json!(v),
        ifd::Value::UnsignedBig(v) | ifd::Value::IfdBig(v) => json!(v),
        ifd::Value::Float(v) => json!(v),
        ifd::Value::Double(v) => json!(v),
        ifd::Value::Rational(n, d) => json!([n, d]),
        ifd::Value::SRational(n, d) => json!([n, d]),
        ifd::Value::Ascii(s) => json!(s.trim_end_matches('\0')),
        ifd::Value::List(items) => Value::Array(items.into_iter().map(tag_value).collect()),
        _ => Value::Null,
    }
}

struct Pages {
    path: PathBuf,
    /// Image numbers of the pages that are served.
    pages: Vec<usize>,
    bytes: usize,
    /// Decoders that have walked the chain of pages already.
    idle: Mutex<Vec<Reader>>,
}

impl Chunks for Pages {
    fn read(&self, index: &[usize]) -> Result<Bytes> {
        let at = if self.pages.len() > 1 { index.first().copied().unwrap_or(0) } else { 0 };
        let number = self.pages.get(at).copied().ok_or_else(|| Error::internal("page out of range"))?;
        let pooled = self.idle.lock().pop();
        let mut reader = match pooled {
            Some(reader) => reader,
            None => decoder(&self.path)?,
        };
        reader.seek_to_image(number).or_damaged("the TIFF page")?;
        let have = reader.image_buffer_layout().or_damaged("the TIFF page")?.complete_len;
        if have != self.bytes {
            return Err(Error::damaged(format!(
                "a TIFF page decodes to {have} bytes, its header says {}",
                self.bytes
            )));
        }
        // The decoder writes samples in this machine's order, which is little-endian; planes follow each other.
        let mut pixels = vec![0u8; have];
        reader.read_image_bytes(&mut pixels).or_damaged("the TIFF pixels")?;
        let mut idle = self.idle.lock();
        if idle.len() < 4 {
            idle.push(reader);
        }
        Ok(Bytes::from(pixels))
    }
}
