//! PNG pictures: two dimensions in gray, three with 1, 3 or 4 channels last. Values are scaled between the 1st and 99th
//! percentile to eight bits, as the original does.

use super::{ARRAY, Context, Encoder, Subject, Target, item, not_served, shape_refused};
use crate::reading::array;
use rayon::prelude::*;
use tile_base::{DType, Error, Kind, Result};
use tile_web::Sink;
use tile_web::body::write_error;

pub struct Png;

impl Encoder for Png {
    fn name(&self) -> &'static str {
        "png"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["image/png"]
    }
    fn endings(&self) -> &'static [&'static str] {
        &["png"]
    }
    fn targets(&self) -> &'static [Target] {
        &[ARRAY]
    }
    fn accepts(&self, subject: &Subject) -> Result<()> {
        let Subject::Array { data, selection } = subject else { return Ok(()) };
        let numeric = matches!(&data.structure.dtype, DType::Scalar(s) if "biufmMc".contains(s.kind));
        if numeric && picture(&selection.shape()).is_some() {
            Ok(())
        } else {
            Err(shape_refused(&selection.shape(), "image/png"))
        }
    }
    fn encode(&self, subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
        let Subject::Array { data, selection } = subject else { return Err(not_served(self.name())) };
        let (height, width, channels) =
            picture(&selection.shape()).ok_or_else(|| shape_refused(&selection.shape(), "image/png"))?;
        let bytes = array::read(&data, &selection, context.cache)?;
        let pixels = scale(&data.structure.dtype, &bytes);
        let png = file(&pixels, height, width, channels)?;
        out.put(png.into()).map_err(write_error)
    }
}

/// Height, width and channels of a shape that can be a picture. A 1-D array is one row.
fn picture(shape: &[usize]) -> Option<(usize, usize, usize)> {
    let found = match *shape {
        [w] => (1, w, 1),
        [h, w] => (h, w, 1),
        [h, w, c @ (1 | 3 | 4)] => (h, w, c),
        _ => return None,
    };
    (found.0 > 0 && found.1 > 0 && found.0 <= 1 << 24 && found.1 <= 1 << 24).then_some(found)
}

/// Pixels of eight bits.
fn scale(dtype: &DType, bytes: &[u8]) -> Vec<u8> {
    let DType::Scalar(s) = dtype else { return vec![] };
    if s.kind == 'b' {
        return bytes.iter().map(|&b| if b == 0 { 0 } else { 255 }).collect();
    }
    let values: Vec<f32> = floats(dtype, bytes);
    let (low, high) = percentiles(&values);
    let factor = if high > low { 255.0 / (high - low) } else { 0.0 };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to eight bits before"
    )]
    values
        .par_iter()
        .map(|v| if v.is_nan() { 0 } else { ((v - low) * factor).clamp(0.0, 255.0) as u8 })
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a picture of eight bits needs no more than single precision"
)]
fn floats(dtype: &DType, bytes: &[u8]) -> Vec<f32> {
    let little = matches!(dtype, DType::Scalar(s) if s.endian != tile_base::Endian::Big);
    match dtype {
        DType::Scalar(s) if s.kind == 'f' && s.itemsize == 4 && little => {
            bytes.par_chunks_exact(4).map(|c| f32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect()
        }
        DType::Scalar(s) if s.kind == 'f' && s.itemsize == 8 && little => bytes
            .par_chunks_exact(8)
            .map(|c| f64::from_le_bytes([c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]]) as f32)
            .collect(),
        DType::Scalar(s) if s.kind == 'u' && s.itemsize == 1 => {
            bytes.par_iter().map(|b| f32::from(*b)).collect()
        }
        DType::Scalar(s) if s.kind == 'u' && s.itemsize == 2 && little => {
            bytes.par_chunks_exact(2).map(|c| f32::from(u16::from_le_bytes([c[0], c[1]]))).collect()
        }
        _ => (0..bytes.len() / dtype.itemsize().max(1))
            .into_par_iter()
            .map(|i| item::as_f64(dtype, bytes, i).unwrap_or(f64::NAN) as f32)
            .collect(),
    }
}

/// Values sampled for the percentiles; a picture looks the same with more.
const SAMPLES: usize = 1 << 16;

fn percentiles(values: &[f32]) -> (f32, f32) {
    let step = (values.len() / SAMPLES).max(1);
    let mut sample: Vec<f32> = values.iter().copied().step_by(step).filter(|v| v.is_finite()).collect();
    if sample.is_empty() {
        return (0.0, 1.0);
    }
    sample.sort_unstable_by(f32::total_cmp);
    let at = |p: usize| sample.get((sample.len() - 1) * p / 100).copied().unwrap_or(0.0);
    (at(1), at(99))
}

/// Picture bytes compressed as one deflate block of their own, side by side.
const STRIP_BYTES: usize = 1 << 20;

/// A PNG file of eight-bit pixels. Strips are filtered and compressed in parallel and joined as one zlib stream.
pub fn file(pixels: &[u8], height: usize, width: usize, channels: usize) -> Result<Vec<u8>> {
    let row = width * channels;
    let failed = || Error::new(Kind::NotAcceptable, "the picture cannot be packed");
    let rows_per_strip = (STRIP_BYTES / row.max(1)).clamp(1, height);
    let strips: Vec<(Vec<u8>, u32, usize)> = pixels
        .par_chunks(rows_per_strip * row)
        .enumerate()
        .map(|(i, strip)| {
            let filtered = filter(strip, row, channels);
            let packed = deflate_part(&filtered, (i + 1) * rows_per_strip >= height);
            (packed, adler(&filtered), filtered.len())
        })
        .collect();
    let mut zlib = vec![0x78, 0x01];
    let mut sum = 1u32;
    for (packed, part, len) in strips {
        zlib.extend_from_slice(&packed);
        sum = adler_join(sum, part, len);
    }
    zlib.extend_from_slice(&sum.to_be_bytes());
    let mut out = Vec::with_capacity(zlib.len() + 100);
    out.extend_from_slice(b"\x89PNG\r\n\x1a\n");
    let colour = match channels {
        3 => 2,
        4 => 6,
        _ => 0,
    };
    let mut head = Vec::new();
    head.extend_from_slice(&u32::try_from(width).map_err(|_| failed())?.to_be_bytes());
    head.extend_from_slice(&u32::try_from(height).map_err(|_| failed())?.to_be_bytes());
    head.extend_from_slice(&[8, colour, 0, 0, 0]);
    chunk(&mut out, *b"IHDR", &head);
    for part in zlib.chunks(1 << 30) {
        chunk(&mut out, *b"IDAT", part);
    }
    chunk(&mut out, *b"IEND", &[]);
    Ok(out)
}

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    out.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    let start = out.len();
    out.extend_from_slice(&kind);
    out.extend_from_slice(data);
    let crc = libdeflater::crc32(&out[start..]);
    out.extend_from_slice(&crc.to_be_bytes());
}

/// The "sub" filter: each byte less the one a pixel before it.
fn filter(strip: &[u8], row: usize, channels: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(strip.len() + strip.len() / row.max(1) + 1);
    for line in strip.chunks_exact(row.max(1)) {
        out.push(1);
        out.extend_from_slice(&line[..channels]);
        out.extend(line.iter().skip(channels).zip(line).map(|(a, b)| a.wrapping_sub(*b)));
    }
    out
}

/// A part of a deflate stream; all but the last end on a byte border without ending the stream.
fn deflate_part(data: &[u8], last: bool) -> Vec<u8> {
    let mut compress = flate2::Compress::new(flate2::Compression::new(1), false);
    let mut out = Vec::with_capacity(data.len() / 2 + 1024);
    let flush = if last { flate2::FlushCompress::Finish } else { flate2::FlushCompress::Full };
    loop {
        let done = usize::try_from(compress.total_in()).unwrap_or(0);
        out.reserve(64 << 10);
        let room = out.capacity() - out.len();
        let before = out.len();
        let status = compress.compress_vec(&data[done.min(data.len())..], &mut out, flush);
        let ended = matches!(status, Ok(flate2::Status::StreamEnd) | Err(_));
        let idle =
            usize::try_from(compress.total_in()).unwrap_or(0) >= data.len() && out.len() - before < room;
        if ended || (idle && !last) {
            return out;
        }
    }
}

const ADLER: u32 = 65_521;

fn adler(data: &[u8]) -> u32 {
    libdeflater::adler32(data)
}

/// The Adler-32 of two joined parts (zlib's `adler32_combine`).
fn adler_join(first: u32, second: u32, second_len: usize) -> u32 {
    let (a1, b1) = (u64::from(first & 0xffff), u64::from(first >> 16));
    let (a2, b2) = (u64::from(second & 0xffff), u64::from(second >> 16));
    let m = u64::from(ADLER);
    let n = second_len as u64 % m;
    let a = (a1 + a2 + m - 1) % m;
    let b = (b1 + b2 + n * ((a1 + m - 1) % m)) % m;
    u32::try_from((b << 16) | a).unwrap_or(0)
}

#[cfg(test)]
mod tests {

    #[test]
    fn pictures_decode_to_their_pixels() {
        for (h, w, c) in [(1, 1, 1), (3, 5, 3), (700, 2000, 1), (900, 800, 4)] {
            let pixels: Vec<u8> = (0..h * w * c).map(|i| u8::try_from((i * i / 7) % 251).unwrap()).collect();
            let file = super::file(&pixels, h, w, c).unwrap();
            let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
            let mut got = vec![0; reader.output_buffer_size().unwrap()];
            reader.next_frame(&mut got).unwrap();
            assert_eq!(got, pixels, "{h}×{w}×{c}");
        }
    }
}
