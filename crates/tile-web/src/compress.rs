//! Content codings: gzip, zstd, and the Tiled client's own lz4 (a block with its size before it) and blosc2.

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};

/// A content coding that this server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Blosc2,
    Lz4,
    Zstd,
    Gzip,
}

/// Bodies below this are sent as they are.
pub const BYTES_MIN: usize = 1000;
/// A compressed body is kept only when it is smaller than this share of the plain one.
const RATIO_MAX: f64 = 0.9;

impl Coding {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blosc2 => "blosc2",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// Whether a stream of unknown length can be coded piece by piece.
    pub const fn streams(&self) -> bool {
        !matches!(self, Self::Lz4)
    }

    /// The best coding that `Accept-Encoding` allows for a media type. Order of preference: blosc2 (numbers only), lz4, zstd,
    /// gzip; q-values are honoured, `q=0` refuses.
    pub fn negotiate(accept_encoding: &str, media_type: &str) -> Option<Self> {
        Self::choose(accept_encoding, media_type, true)
    }

    /// As [`Coding::negotiate`], among the codings that stream.
    pub fn negotiate_stream(accept_encoding: &str, media_type: &str) -> Option<Self> {
        Self::choose(accept_encoding, media_type, false)
    }

    fn choose(accept_encoding: &str, media_type: &str, whole: bool) -> Option<Self> {
        let base = media_type.split(';').next().unwrap_or("").trim();
        let binary = matches!(base, "application/octet-stream" | "application/vnd.apache.arrow.file");
        let text = base.starts_with("text/") || base.ends_with("json") || base == "application/json-seq";
        let packed = matches!(
            base,
            "application/x-msgpack" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        );
        if !binary && !text && !packed {
            return None;
        }
        let accepted = crate::media::parse(accept_encoding);
        let quality = |name: &str| {
            accepted
                .iter()
                .find(|a| a.name.eq_ignore_ascii_case(name))
                .or_else(|| accepted.iter().find(|a| a.name == "*" && matches!(name, "gzip" | "zstd")))
                .map_or(0.0, |a| a.quality)
        };
        let known = [Self::Blosc2, Self::Lz4, Self::Zstd, Self::Gzip];
        let mut usable: Vec<(f32, Self)> = known
            .into_iter()
            .filter(|c| (binary || *c != Self::Blosc2) && (whole || c.streams()))
            .map(|c| (quality(c.name()), c))
            .filter(|(q, _)| *q > 0.0)
            .collect();
        usable.sort_by(|a, b| b.0.total_cmp(&a.0));
        usable.first().map(|(_, c)| *c)
    }

    /// Compresses a whole body; `None` when it is small or does not shrink enough.
    pub fn compress(self, data: &[u8]) -> Option<Bytes> {
        if data.len() < BYTES_MIN {
            return None;
        }
        let out = match self {
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::with_capacity(data.len() / 3), Compression::new(4));
                encoder.write_all(data).and_then(|()| encoder.finish()).ok()?
            }
            Self::Zstd => zstd::bulk::compress(data, 1).ok()?,
            Self::Lz4 => lz4_flex::block::compress_prepend_size(data),
            Self::Blosc2 => blosc::compress(data)?,
        };
        #[expect(clippy::cast_precision_loss, reason = "a ratio")]
        let ratio = out.len() as f64 / data.len() as f64;
        (ratio < RATIO_MAX).then(|| Bytes::from(out))
    }
}

/// A coder for a stream.
pub enum Stage {
    Plain,
    Gzip(GzEncoder<Vec<u8>>),
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
    /// Each piece becomes a frame of its own; the client joins frames.
    Blosc2,
}

impl Stage {
    /// # Errors
    /// When the coder cannot be made.
    pub fn new(coding: Option<Coding>) -> io::Result<Self> {
        Ok(match coding {
            Some(Coding::Gzip) => Self::Gzip(GzEncoder::new(Vec::new(), Compression::fast())),
            Some(Coding::Zstd) => Self::Zstd(zstd::stream::write::Encoder::new(Vec::new(), 1)?),
            Some(Coding::Blosc2) => Self::Blosc2,
            Some(Coding::Lz4) | None => Self::Plain,
        })
    }

    /// Takes a piece; gives what can be sent by now.
    ///
    /// # Errors
    /// When the coder fails.
    pub fn compress(&mut self, piece: Bytes) -> io::Result<Option<Bytes>> {
        match self {
            Self::Plain => Ok(Some(piece)),
            Self::Gzip(e) => {
                e.write_all(&piece)?;
                Ok(Some(Bytes::from(std::mem::take(e.get_mut()))))
            }
            Self::Zstd(e) => {
                e.write_all(&piece)?;
                Ok(Some(Bytes::from(std::mem::take(e.get_mut()))))
            }
            Self::Blosc2 => blosc::compress(&piece)
                .map(|v| Some(Bytes::from(v)))
                .ok_or_else(|| io::Error::other("blosc failed")),
        }
    }

    /// Ends the stream; gives the last bytes.
    ///
    /// # Errors
    /// When the coder fails.
    pub fn finish(self) -> io::Result<Option<Bytes>> {
        match self {
            Self::Plain | Self::Blosc2 => Ok(None),
            Self::Gzip(e) => e.finish().map(|v| Some(Bytes::from(v))),
            Self::Zstd(e) => e.finish().map(|v| Some(Bytes::from(v))),
        }
    }
}

/// The Blosc C library. A Blosc chunk of version 1 is what Blosc2's decoders also read.
#[expect(unsafe_code, reason = "Blosc is a C library")]
pub mod blosc {
    use std::ffi::{CStr, c_int, c_void};

    /// Bytes that a chunk may be larger than its content (`BLOSC_MAX_OVERHEAD`).
    const OVERHEAD: usize = 16;
    /// Largest content of one chunk; the format counts in 31 bits.
    const BYTES_MAX: usize = (1 << 31) - 1 - OVERHEAD;

    /// One chunk for items of unknown width: byte shuffle over eight, LZ4.
    pub fn compress(data: &[u8]) -> Option<Vec<u8>> {
        compress_items(data, 8, 5)
    }

    /// One chunk of items of `width` bytes with byte shuffle and LZ4 at `level` 0–9.
    pub fn compress_items(data: &[u8], width: usize, level: i32) -> Option<Vec<u8>> {
        if data.len() > BYTES_MAX {
            return None;
        }
        const LZ4: &CStr = c"lz4";
        let mut out = vec![0u8; data.len() + OVERHEAD];
        let width = if width == 0 || width > 255 { 1 } else { width };
        // SAFETY: source and target are buffers of the lengths that are told; the context version keeps no global state.
        let n = unsafe {
            blosc_src::blosc_compress_ctx(
                level as c_int,
                1,
                width,
                data.len(),
                data.as_ptr().cast::<c_void>(),
                out.as_mut_ptr().cast::<c_void>(),
                out.len(),
                LZ4.as_ptr(),
                0,
                1,
            )
        };
        out.truncate(usize::try_from(n).ok().filter(|&n| n > 0)?);
        Some(out)
    }

    /// Decodes one chunk of at most `room` bytes of content.
    pub fn decompress(data: &[u8], room: usize) -> Option<Vec<u8>> {
        let (mut content, mut stored, mut block) = (0usize, 0usize, 0usize);
        if data.len() < OVERHEAD {
            return None;
        }
        // SAFETY: the header's 16 bytes are there; the sizes that it tells are checked before they are used.
        unsafe {
            blosc_src::blosc_cbuffer_sizes(
                data.as_ptr().cast::<c_void>(),
                &mut content,
                &mut stored,
                &mut block,
            );
        };
        if content > room || stored > data.len() {
            return None;
        }
        let mut out = vec![0u8; content];
        // SAFETY: `stored` bytes are there to read, `content` bytes to write.
        let n = unsafe {
            blosc_src::blosc_decompress_ctx(
                data.as_ptr().cast::<c_void>(),
                out.as_mut_ptr().cast::<c_void>(),
                out.len(),
                1,
            )
        };
        (usize::try_from(n).ok()? == content).then_some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_are_negotiated_with_quality() {
        assert_eq!(
            Coding::negotiate("gzip, deflate, zstd, blosc2", "application/octet-stream"),
            Some(Coding::Blosc2)
        );
        assert_eq!(Coding::negotiate("gzip, deflate, zstd, blosc2", "application/json"), Some(Coding::Zstd));
        assert_eq!(Coding::negotiate("gzip;q=1, zstd;q=0.5", "text/csv; charset=utf-8"), Some(Coding::Gzip));
        assert_eq!(Coding::negotiate("gzip;q=0", "text/csv"), None);
        assert_eq!(Coding::negotiate("gzip", "image/png"), None);
    }

    #[test]
    fn blosc_round_trips() {
        let data: Vec<u8> = (0..40_000u32).flat_map(|i| (i / 7).to_le_bytes()).collect();
        let packed = blosc::compress(&data).unwrap();
        assert!(packed.len() < data.len() / 4);
        assert_eq!(blosc::decompress(&packed, data.len()).unwrap(), data);
        assert!(blosc::decompress(&packed, 10).is_none());
        assert!(blosc::decompress(&packed[..20], data.len()).is_none());
    }
}
