//! PNG: an array of 8 or 16 bit, (height, width) for gray, else (height, width, channels). Palettes become colours.

use super::Format;
use crate::assets::Assets;
use crate::data::{ArrayData, Chunks, Opened};
use bytes::Bytes;
use png::{BitDepth, Decoder, Transformations};
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Arc;
use tile_base::error::OrDamaged;
use tile_base::grid::Grid;
use tile_base::{DType, Error, Result};

pub struct Png;

impl Format for Png {
    fn name(&self) -> &'static str {
        "png"
    }
    fn about(&self) -> &'static str {
        "array of 8 or 16 bit, (height, width) or (height, width, channels)"
    }
    fn mimetype(&self) -> &'static str {
        "image/png"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[".png"]
    }
    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(b"\x89PNG\r\n\x1a\n")
    }
    fn has_mark(&self) -> bool {
        true
    }
    fn open(&self, assets: &Assets, _options: &Value) -> Result<Opened> {
        let path = assets.path()?.to_owned();
        let reader = reader(&path)?;
        check_end(&path)?;
        let info = reader.info();
        let (colour, depth) = reader.output_color_type();
        let (h, w) = (usize::try_from(info.height).unwrap_or(0), usize::try_from(info.width).unwrap_or(0));
        let shape = if colour.samples() > 1 { vec![h, w, colour.samples()] } else { vec![h, w] };
        let text: Map<String, Value> =
            info.uncompressed_latin1_text.iter().map(|t| (t.keyword.clone(), json!(t.text))).collect();
        let dtype = DType::little('u', if depth == BitDepth::Sixteen { 2 } else { 1 });
        let grid = Grid::single(&shape);
        Ok(Opened::array(
            ArrayData::chunked(dtype, shape, grid, Arc::new(Image(path)), assets.uid("")?),
            Value::Object(text),
        ))
    }
}

/// A PNG ends with an empty IEND chunk; without it the picture is cut off.
fn check_end(path: &std::path::Path) -> Result<()> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    // Some programs append bytes of their own: look at the last kilobyte.
    let start = size.saturating_sub(1024);
    let tail = crate::assets::read_at(&file, start, usize::try_from(size - start).unwrap_or(0))?;
    if tail.windows(4).any(|w| w == b"IEND") {
        Ok(())
    } else {
        Err(Error::damaged("the PNG is cut off: its end mark is missing"))
    }
}

fn reader(path: &std::path::Path) -> Result<png::Reader<BufReader<File>>> {
    let mut decoder = Decoder::new(BufReader::with_capacity(1 << 16, File::open(path)?));
    decoder.set_limits(png::Limits { bytes: 1 << 31 });
    decoder.set_transformations(Transformations::EXPAND);
    decoder.read_info().or_damaged("the PNG header")
}

struct Image(PathBuf);

impl Chunks for Image {
    fn read(&self, _index: &[usize]) -> Result<Bytes> {
        let mut reader = reader(&self.0)?;
        let size =
            reader.output_buffer_size().ok_or_else(|| Error::damaged("the PNG claims an impossible size"))?;
        let mut pixels = vec![0u8; size];
        let frame = reader.next_frame(&mut pixels).or_damaged("the PNG pixels")?;
        pixels.truncate(frame.buffer_size());
        if frame.bit_depth == BitDepth::Sixteen {
            // PNG stores 16-bit samples big-endian.
            tile_base::strided::swap_bytes(&mut pixels, 2);
        }
        Ok(Bytes::from(pixels))
    }
}
