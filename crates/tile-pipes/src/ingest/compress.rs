//! Bodies unpacked, with a bound.

use std::io::Read;

use tile_base::error::Kind;
use tile_base::{Error, Result};

/// The largest window of zstd, as a power of two: 128 MiB, what its own tools take.
const WINDOW_LOG_MAX: u32 = 27;

/// Unpacks what is read, as its `Content-Encoding` or its name says. How much comes out, the caller bounds.
///
/// # Errors
/// As [`decompress`].
pub fn unpacking(encoding: &str, reader: Box<dyn Read + Send>) -> Result<Box<dyn Read + Send>> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(reader),
        "gzip" | "x-gzip" => Ok(Box::new(flate2::read::MultiGzDecoder::new(reader))),
        "zstd" => {
            let mut reader = zstd::stream::read::Decoder::new(reader).map_err(|e| damaged(encoding, e))?;
            reader.window_log_max(WINDOW_LOG_MAX).map_err(|e| damaged(encoding, e))?;
            Ok(Box::new(reader))
        }
        other => Err(unknown(other)),
    }
}

fn unknown(encoding: &str) -> Error {
    let shown: String = encoding.chars().take(100).collect();
    Error::new(Kind::UnsupportedMedia, format!("unknown content encoding `{shown}`"))
        .hint("Known are gzip and zstd")
}

/// The bytes of a body whose `Content-Encoding` is `gzip` or `zstd` (or none). Stops at `bytes_max`, however much there is
/// packed.
///
/// # Errors
/// `UnsupportedMedia` for another encoding, `Invalid` for a body that is not of it, `TooLarge`.
pub fn decompress(encoding: &str, bytes: &[u8], bytes_max: usize) -> Result<Vec<u8>> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => bounded(bytes, encoding, bytes_max),
        "gzip" | "x-gzip" => bounded(flate2::read::MultiGzDecoder::new(bytes), encoding, bytes_max),
        "zstd" => {
            let mut reader = zstd::stream::read::Decoder::new(bytes).map_err(|e| damaged(encoding, e))?;
            reader.window_log_max(WINDOW_LOG_MAX).map_err(|e| damaged(encoding, e))?;
            bounded(reader, encoding, bytes_max)
        }
        other => Err(unknown(other)),
    }
}

fn bounded(reader: impl Read, encoding: &str, bytes_max: usize) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    reader.take(limit).read_to_end(&mut out).map_err(|e| damaged(encoding, e))?;
    if out.len() > bytes_max {
        return Err(Error::new(Kind::TooLarge, format!("the body has more than {bytes_max} bytes"))
            .hint("Send it in several requests"));
    }
    Ok(out)
}

fn damaged(encoding: &str, e: std::io::Error) -> Error {
    Error::invalid(format!("the body is not {encoding}")).source(e)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn bodies_are_unpacked() {
        let text = b"{\"a\":1}\n".repeat(100);
        assert_eq!(decompress("gzip", &gzip(&text), 800).unwrap(), text);
        // What `cat a.gz b.gz` makes.
        let two = [gzip(&text), gzip(b"x")].concat();
        assert_eq!(decompress("GZIP", &two, 801).unwrap().len(), 801);
        assert_eq!(decompress("zstd", &zstd::encode_all(&text[..], 3).unwrap(), 800).unwrap(), text);
        assert_eq!(decompress("", &text, 800).unwrap(), text);
    }

    #[test]
    fn a_bomb_is_too_large() {
        let zeros = vec![0; 10 << 20];
        for (encoding, packed) in [("gzip", gzip(&zeros)), ("zstd", zstd::encode_all(&zeros[..], 3).unwrap())]
        {
            assert!(packed.len() < 100_000);
            let error = decompress(encoding, &packed, 1 << 20).unwrap_err();
            assert_eq!(
                (error.kind, error.what.as_str()),
                (Kind::TooLarge, "the body has more than 1048576 bytes")
            );
        }
        assert_eq!(decompress("", &zeros, 5).unwrap_err().kind, Kind::TooLarge);
    }

    #[test]
    fn what_is_not_packed_is_invalid() {
        let cut = &gzip(b"{}")[..12];
        for (encoding, bytes) in
            [("gzip", &b"{}"[..]), ("gzip", cut), ("zstd", b"{}"), ("zstd", &[0x28, 0xb5, 0x2f, 0xfd])]
        {
            assert_eq!(
                decompress(encoding, bytes, 100).unwrap_err().kind,
                Kind::Invalid,
                "{encoding} {bytes:?}"
            );
        }
        assert_eq!(decompress("br", b"", 100).unwrap_err().kind, Kind::UnsupportedMedia);
    }
}
