//! PNG pictures: two dimensions in gray, three with 1, 3 or 4 channels last. Values are scaled between the 1st and 99th
//! percentile to eight bits, as the original does.

use super::{ARRAY, Context, Encoder, Subject, Target, item, not_served, shape_refused};
use crate::cache::Cache;
use crate::data::ArrayData;
use crate::reading::array;
use bytes::Bytes;
use rayon::prelude::*;
use tile_base::slice::Selection;
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
        let scale = Scale::of(&data, &selection, context.cache)?;
        // Bands end where chunks do; they are cut along the height, if there is more than one row.
        let bands = if height > 1 { array::bands(&data, &selection) } else { vec![selection] };
        let row = width * channels;
        let last = bands.len() - 1;
        let mut file = File::begin(out, height, width, channels)?;
        // A few at a time: side by side, yet bounded.
        for (turn, group) in bands.chunks(GROUP).enumerate() {
            let strips: Vec<Strip> = group
                .par_iter()
                .enumerate()
                .map(|(i, band)| {
                    let pixels = scale.pixels(&array::read(&data, band, context.cache)?);
                    Ok(Strip::pack(&pixels, row, channels, turn * GROUP + i == last))
                })
                .collect::<Result<_>>()?;
            for strip in &strips {
                file.put(strip)?;
            }
        }
        file.end()
    }
}

/// Bands in work at once.
const GROUP: usize = 8;

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

/// From values to pixels of eight bits.
struct Scale<'a> {
    dtype: &'a DType,
    low: f32,
    factor: f32,
}

impl<'a> Scale<'a> {
    fn of(data: &'a ArrayData, selection: &Selection, cache: &Cache) -> Result<Self> {
        let dtype = &data.structure.dtype;
        let mut sample = Vec::new();
        each(dtype, &array::read(data, &sampled(selection), cache)?, |v| sample.push(v));
        let (low, high) = percentiles(sample);
        Ok(Self { dtype, low, factor: if high > low { 255.0 / (high - low) } else { 0.0 } })
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to eight bits before"
    )]
    fn pixels(&self, bytes: &[u8]) -> Vec<u8> {
        let mut pixels = Vec::with_capacity(bytes.len() / self.dtype.itemsize().max(1));
        if matches!(self.dtype, DType::Scalar(s) if s.kind == 'b') {
            pixels.extend(bytes.iter().map(|&b| if b == 0 { 0 } else { 255 }));
        } else {
            each(self.dtype, bytes, |v| {
                pixels.push(if v.is_nan() {
                    0
                } else {
                    ((v - self.low) * self.factor).clamp(0.0, 255.0) as u8
                });
            });
        }
        pixels
    }
}

/// Every so many-th item along each dimension, so that about [`SAMPLES`] remain: short dimensions whole, the others alike.
fn sampled(selection: &Selection) -> Selection {
    let mut takes = selection.0.clone();
    let mut axes: Vec<usize> = (0..takes.len()).collect();
    axes.sort_by_key(|&axis| takes[axis].count);
    let mut room = SAMPLES;
    for (done, &axis) in axes.iter().enumerate() {
        let take = &mut takes[axis];
        let step = take.count.div_ceil(root(room, axes.len() - done)).max(1);
        take.count = take.count.div_ceil(step);
        take.step = if take.count > 1 { take.step * isize::try_from(step).unwrap_or(1) } else { 1 };
        room = (room / take.count.max(1)).max(1);
    }
    Selection(takes)
}

/// The largest whole number whose power is at most `n`, at least 1.
fn root(n: usize, power: usize) -> usize {
    let exponent = u32::try_from(power).unwrap_or(u32::MAX);
    (1..=n).take_while(|r| r.checked_pow(exponent).is_some_and(|p| p <= n)).last().unwrap_or(1)
}

/// Gives all values in turn, those that cannot be numbers as NaN.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a picture of eight bits needs no more than single precision"
)]
fn each(dtype: &DType, bytes: &[u8], mut f: impl FnMut(f32)) {
    let little = matches!(dtype, DType::Scalar(s) if s.endian != tile_base::Endian::Big);
    match dtype {
        DType::Scalar(s) if s.kind == 'f' && s.itemsize == 4 && little => {
            bytes.as_chunks().0.iter().for_each(|c| f(f32::from_le_bytes(*c)));
        }
        DType::Scalar(s) if s.kind == 'f' && s.itemsize == 8 && little => {
            bytes.as_chunks().0.iter().for_each(|c| f(f64::from_le_bytes(*c) as f32));
        }
        DType::Scalar(s) if s.kind == 'u' && s.itemsize == 1 => {
            bytes.iter().for_each(|b| f(f32::from(*b)));
        }
        DType::Scalar(s) if s.kind == 'u' && s.itemsize == 2 && little => {
            bytes.as_chunks().0.iter().for_each(|c| f(f32::from(u16::from_le_bytes(*c))));
        }
        _ => (0..bytes.len() / dtype.itemsize().max(1))
            .for_each(|i| f(item::as_f64(dtype, bytes, i).unwrap_or(f64::NAN) as f32)),
    }
}

/// Values sampled for the percentiles; a picture looks the same with more.
const SAMPLES: usize = 1 << 16;

/// The 1st and the 99th percentile of what is finite.
fn percentiles(mut sample: Vec<f32>) -> (f32, f32) {
    sample.retain(|v| v.is_finite());
    if sample.is_empty() {
        return (0.0, 1.0);
    }
    sample.sort_unstable_by(f32::total_cmp);
    let at = |p: usize| sample.get((sample.len() - 1) * p / 100).copied().unwrap_or(0.0);
    (at(1), at(99))
}

/// Rows of the picture, filtered and compressed as a part of the zlib stream.
struct Strip {
    packed: Vec<u8>,
    adler: u32,
    /// Bytes before compression.
    len: usize,
}

impl Strip {
    fn pack(pixels: &[u8], row: usize, channels: usize, last: bool) -> Self {
        let filtered = filter(pixels, row, channels);
        let packed = deflate_part(&filtered, last);
        Self { packed, adler: libdeflater::adler32(&filtered), len: filtered.len() }
    }
}

/// A PNG file in the making: strips are put one after the other, the first row first.
struct File<'a> {
    out: &'a mut dyn Sink,
    adler: u32,
}

impl<'a> File<'a> {
    fn begin(out: &'a mut dyn Sink, height: usize, width: usize, channels: usize) -> Result<Self> {
        let side = |n| {
            u32::try_from(n).map_err(|_| Error::new(Kind::NotAcceptable, "the picture is too large for PNG"))
        };
        let colour = match channels {
            3 => 2,
            4 => 6,
            _ => 0,
        };
        let mut head = [0, 0, 0, 0, 0, 0, 0, 0, 8, colour, 0, 0, 0];
        head[..4].copy_from_slice(&side(width)?.to_be_bytes());
        head[4..8].copy_from_slice(&side(height)?.to_be_bytes());
        out.put(Bytes::from_static(b"\x89PNG\r\n\x1a\n")).map_err(write_error)?;
        let mut file = Self { out, adler: 1 };
        file.chunk(*b"IHDR", &head)?;
        // The header of the zlib stream.
        file.chunk(*b"IDAT", &[0x78, 0x01])?;
        Ok(file)
    }

    fn put(&mut self, strip: &Strip) -> Result<()> {
        self.adler = adler_join(self.adler, strip.adler, strip.len);
        // A chunk's length has 31 bits.
        strip.packed.chunks(1 << 30).try_for_each(|part| self.chunk(*b"IDAT", part))
    }

    fn end(mut self) -> Result<()> {
        self.chunk(*b"IDAT", &self.adler.to_be_bytes())?;
        self.chunk(*b"IEND", &[])
    }

    fn chunk(&mut self, kind: [u8; 4], data: &[u8]) -> Result<()> {
        let mut out = Vec::with_capacity(data.len() + 12);
        out.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(&kind);
        out.extend_from_slice(data);
        let crc = libdeflater::crc32(&out[4..]);
        out.extend_from_slice(&crc.to_be_bytes());
        self.out.put(out.into()).map_err(write_error)
    }
}

/// A PNG file of eight-bit pixels.
///
/// # Errors
/// For sides of more than 32 bits.
pub fn file(pixels: &[u8], height: usize, width: usize, channels: usize) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut file = File::begin(&mut out, height, width, channels)?;
    file.put(&Strip::pack(pixels, width * channels, channels, true))?;
    file.end()?;
    Ok(out)
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
    use super::{File, Strip, sampled};
    use tile_base::slice::Selection;

    fn decoded(file: Vec<u8>) -> Vec<u8> {
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut got = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut got).unwrap();
        got
    }

    #[test]
    fn pictures_decode_to_their_pixels() {
        for (h, w, c) in [(1, 1, 1), (3, 5, 3), (700, 2000, 1), (900, 800, 4)] {
            let pixels: Vec<u8> = (0..h * w * c).map(|i| u8::try_from((i * i / 7) % 251).unwrap()).collect();
            assert_eq!(decoded(super::file(&pixels, h, w, c).unwrap()), pixels, "{h}×{w}×{c}");
            let mut striped = Vec::new();
            let mut file = File::begin(&mut striped, h, w, c).unwrap();
            let strips: Vec<_> = pixels.chunks(7 * w * c).collect();
            for (i, strip) in strips.iter().enumerate() {
                file.put(&Strip::pack(strip, w * c, c, i + 1 == strips.len())).unwrap();
            }
            file.end().unwrap();
            assert_eq!(decoded(striped), pixels, "{h}×{w}×{c} in strips");
        }
    }

    #[test]
    fn samples_are_spread_and_few() {
        for shape in
            [vec![4096, 4096], vec![1, 9_000_000], vec![9_000_000, 1], vec![3000, 2000, 4], vec![5], vec![]]
        {
            let full = Selection::full(&shape);
            let sample = sampled(&full);
            assert!(sample.items() >= full.items().min(1 << 14), "{shape:?}: {} items", sample.items());
            assert!(sample.items() <= 1 << 16, "{shape:?}: {} items", sample.items());
            for (take, count) in sample.0.iter().zip(&shape) {
                assert!(take.at(take.count - 1) < *count, "{shape:?}");
                assert!(take.count == *count || take.at(take.count - 1) * 2 > *count, "{shape:?}");
            }
        }
    }
}
