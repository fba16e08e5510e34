//! JPEG: an 8-bit array of shape (height, width) for gray or (height, width, 3) for colour.

use super::Format;
use crate::assets::{Assets, read_all};
use crate::data::{ArrayData, Chunks, Opened};
use bytes::Bytes;
use serde_json::{Value, json};
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;
use tile_base::error::OrDamaged;
use tile_base::grid::Grid;
use tile_base::{DType, Endian, Error, Result};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

pub struct Jpeg;

/// Largest image file that is decoded.
pub(crate) const IMAGE_BYTES_MAX: u64 = 512 << 20;

impl Format for Jpeg {
    fn name(&self) -> &'static str {
        "jpeg"
    }
    fn about(&self) -> &'static str {
        "array of unsigned bytes, (height, width) or (height, width, 3)"
    }
    fn mimetype(&self) -> &'static str {
        "image/jpeg"
    }
    fn suffixes(&self) -> &'static [&'static str] {
        &[".jpg", ".jpeg"]
    }
    fn sniff(&self, head: &[u8]) -> bool {
        head.starts_with(&[0xff, 0xd8, 0xff])
    }
    fn has_mark(&self) -> bool {
        true
    }
    fn open(&self, assets: &Assets, _options: &Value) -> Result<Opened> {
        let path = assets.path()?.to_owned();
        let mut decoder = decoder(&path)?;
        decoder.decode_headers().or_damaged("the JPEG header")?;
        let info = decoder.info().ok_or_else(|| Error::damaged("the JPEG header is missing"))?;
        let (h, w) = (usize::from(info.height), usize::from(info.width));
        let gray = decoder.input_colorspace() == Some(ColorSpace::Luma);
        let shape = if gray { vec![h, w] } else { vec![h, w, 3] };
        let grid = Grid::single(&shape);
        Ok(Opened::array(
            ArrayData::chunked(
                DType::scalar('u', 1, Endian::None),
                shape,
                grid,
                Arc::new(Image { path, gray }),
                assets.uid("")?,
            ),
            json!({}),
        ))
    }
}

fn decoder(path: &std::path::Path) -> Result<JpegDecoder<Cursor<Vec<u8>>>> {
    let options = DecoderOptions::default().set_max_width(1 << 16).set_max_height(1 << 16);
    Ok(JpegDecoder::new_with_options(Cursor::new(read_all(path, IMAGE_BYTES_MAX)?), options))
}

struct Image {
    path: PathBuf,
    gray: bool,
}

impl Chunks for Image {
    fn read(&self, _index: &[usize]) -> Result<Bytes> {
        let mut decoder = decoder(&self.path)?;
        let space = if self.gray { ColorSpace::Luma } else { ColorSpace::RGB };
        decoder.set_options(
            DecoderOptions::default()
                .set_max_width(1 << 16)
                .set_max_height(1 << 16)
                .jpeg_set_out_colorspace(space),
        );
        decoder.decode().map(Bytes::from).or_damaged("the JPEG pixels")
    }
}
