//! TIFF: (height, width), (height, width, 3) or pages of those; numbers keep their type, other integers widen.

use super::{ARRAY, Context, Encoder, Subject, Target, item, not_served, shape_refused};
use crate::reading::array;
use std::io::Cursor;
use tiff::encoder::colortype::{
    Gray8, Gray16, Gray32, Gray32Float, Gray64, Gray64Float, GrayI8, GrayI16, GrayI32, GrayI64, RGB8, RGB16,
    RGB32Float,
};
use tiff::encoder::{TiffEncoder, TiffKind, TiffKindBig};
use tile_base::{DType, Error, Kind, Result};
use tile_web::Sink;
use tile_web::body::write_error;

pub struct Tiff;

impl Encoder for Tiff {
    fn name(&self) -> &'static str {
        "tiff"
    }
    fn media_types(&self) -> &'static [&'static str] {
        &["image/tiff"]
    }
    fn endings(&self) -> &'static [&'static str] {
        &["tiff", "tif"]
    }
    fn targets(&self) -> &'static [Target] {
        &[ARRAY]
    }
    fn accepts(&self, subject: &Subject) -> Result<()> {
        let Subject::Array { data, selection } = subject else { return Ok(()) };
        let numeric = matches!(&data.structure.dtype, DType::Scalar(s) if "biuf".contains(s.kind));
        let shape = selection.shape();
        if numeric && (1..=4).contains(&shape.len()) && !shape.contains(&0) {
            Ok(())
        } else {
            Err(shape_refused(&shape, "image/tiff"))
        }
    }
    fn encode(&self, subject: Subject, context: &Context<'_>, out: &mut dyn Sink) -> Result<()> {
        let Subject::Array { data, selection } = subject else { return Err(not_served(self.name())) };
        let dtype = &data.structure.dtype;
        let layout = Layout::of(&selection.shape(), dtype)
            .ok_or_else(|| shape_refused(&selection.shape(), "image/tiff"))?;
        let bytes = array::read(&data, &selection, context.cache)?;
        let file = Cursor::new(Vec::with_capacity(bytes.len() + 4096));
        let failed = |e: tiff::TiffError| {
            Error::new(
                Kind::NotAcceptable,
                "This type is supported in general but there was an error packing this specific data",
            )
            .source(e)
        };
        // Offsets of the classic form end at 4 GiB.
        let mut file = file;
        if bytes.len() > 3 << 30 {
            let mut encoder = TiffEncoder::<_, TiffKindBig>::new_generic(&mut file).map_err(failed)?;
            pages(&mut encoder, dtype, &bytes, &layout).map_err(failed)?;
        } else {
            let mut encoder = TiffEncoder::new(&mut file).map_err(failed)?;
            pages(&mut encoder, dtype, &bytes, &layout).map_err(failed)?;
        }
        out.put(file.into_inner().into()).map_err(write_error)
    }
}

struct Layout {
    width: u32,
    height: u32,
    rgb: bool,
}

impl Layout {
    fn of(shape: &[usize], dtype: &DType) -> Option<Self> {
        let coloured =
            matches!(dtype, DType::Scalar(s) if matches!((s.kind, s.itemsize), ('u', 1 | 2) | ('f', 4)));
        let (height, width, rgb) = match *shape {
            [w] => (1, w, false),
            [h, w] => (h, w, false),
            [h, w, 3] if coloured => (h, w, true),
            [_, h, w] => (h, w, false),
            [_, h, w, 3] if coloured => (h, w, true),
            [_, _, h, w] => (h, w, false),
            _ => return None,
        };
        Some(Self { width: u32::try_from(width).ok()?, height: u32::try_from(height).ok()?, rgb })
    }
}

fn pages<K: TiffKind>(
    encoder: &mut TiffEncoder<impl std::io::Write + std::io::Seek, K>,
    dtype: &DType,
    bytes: &[u8],
    l: &Layout,
) -> Result<(), tiff::TiffError> {
    let items = l.width as usize * l.height as usize * if l.rgb { 3 } else { 1 };
    let DType::Scalar(s) = dtype else { return Ok(()) };
    for page in bytes.chunks_exact((items * s.itemsize).max(1)) {
        macro_rules! write {
            ($colour:ty, $item:ty) => {
                encoder.write_image::<$colour>(
                    l.width,
                    l.height,
                    &native::<$item, { size_of::<$item>() }>(s, page, <$item>::from_le_bytes),
                )?
            };
        }
        match (s.kind, s.itemsize, l.rgb) {
            ('u', 1, true) => encoder.write_image::<RGB8>(l.width, l.height, page)?,
            ('u', 2, true) => write!(RGB16, u16),
            ('f', 4, true) => write!(RGB32Float, f32),
            ('u' | 'b', 1, _) => encoder.write_image::<Gray8>(l.width, l.height, page)?,
            ('u', 2, _) => write!(Gray16, u16),
            ('u', 4, _) => write!(Gray32, u32),
            ('u', 8, _) => write!(Gray64, u64),
            ('i', 1, _) => write!(GrayI8, i8),
            ('i', 2, _) => write!(GrayI16, i16),
            ('i', 4, _) => write!(GrayI32, i32),
            ('i', 8, _) => write!(GrayI64, i64),
            ('f', 4, _) => write!(Gray32Float, f32),
            ('f', 8, _) => write!(Gray64Float, f64),
            _ => {
                let values: Vec<f64> =
                    (0..items).map(|i| item::as_f64(dtype, page, i).unwrap_or(f64::NAN)).collect();
                encoder.write_image::<Gray64Float>(l.width, l.height, &values)?;
            }
        }
    }
    Ok(())
}

fn native<T, const N: usize>(s: &tile_base::ScalarType, page: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
    let big = s.endian == tile_base::Endian::Big;
    let item = |c: &[u8]| {
        let mut raw = [0u8; N];
        raw.copy_from_slice(c);
        if big {
            raw.reverse();
        }
        read(raw)
    };
    page.chunks_exact(N).map(item).collect()
}
