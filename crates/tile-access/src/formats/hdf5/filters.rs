//! HDF5 filter pipelines, decoded: deflate, shuffle, fletcher32, LZF, LZ4, Zstandard, Blosc, bitshuffle.
//!
//! Sources: the HDF5 file format specification (filters 1–3), the registered filter plugins 32000 (LZF), 32001 (Blosc),
//! 32004 (LZ4), 32008 (bitshuffle), 32015 (Zstandard).

use tile_base::{Error, Result};

/// One stage of a pipeline, with what it needs to be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    Deflate,
    Shuffle {
        width: usize,
    },
    Fletcher32,
    Lzf,
    Blosc,
    Lz4,
    Zstd,
    /// `compression`: 0 none, 2 LZ4, 3 Zstandard. `block` is items per block, 0 for the default.
    Bitshuffle {
        width: usize,
        block: usize,
        compression: u32,
    },
}

/// The pipeline, when every stage is known here; else the library has to read.
pub fn parse(stages: &[(i32, Vec<u32>)], itemsize: usize) -> Option<Vec<Filter>> {
    let value = |v: &[u32], i: usize| v.get(i).copied().and_then(|n| usize::try_from(n).ok());
    stages
        .iter()
        .map(|(id, v)| {
            Some(match id {
                1 => Filter::Deflate,
                2 => Filter::Shuffle { width: value(v, 0).unwrap_or(itemsize) },
                3 => Filter::Fletcher32,
                32000 => Filter::Lzf,
                32001 => Filter::Blosc,
                32004 => Filter::Lz4,
                32008 => Filter::Bitshuffle {
                    width: value(v, 2).unwrap_or(itemsize),
                    block: value(v, 3).unwrap_or(0),
                    compression: v.get(4).copied().unwrap_or(0),
                },
                32015 => Filter::Zstd,
                _ => return None,
            })
        })
        .collect()
}

fn bad(what: &str) -> Error {
    Error::damaged(format!("an HDF5 chunk does not decode: {what}"))
}

/// Undoes the pipeline, last stage first. `mask` has a bit for each stage that was skipped when writing; `whole` is the
/// size of the decoded chunk in bytes.
///
/// # Errors
/// `Damaged` when a stage does not decode.
pub fn decode(mut data: Vec<u8>, filters: &[Filter], mask: u32, whole: usize) -> Result<Vec<u8>> {
    for (i, filter) in filters.iter().enumerate().rev() {
        if mask & (1 << i) != 0 {
            continue;
        }
        // A checksum behind the data may still be there between stages.
        let room = whole + 64;
        data = match filter {
            Filter::Deflate => inflate(&data, room)?,
            Filter::Shuffle { width } => unshuffle(&data, *width),
            Filter::Fletcher32 => fletcher32(data)?,
            Filter::Lzf => lzf(&data, room)?,
            Filter::Blosc => blosc(&data, room)?,
            Filter::Lz4 => lz4_blocks(&data, room)?,
            Filter::Zstd => zstd::bulk::decompress(&data, room).map_err(|e| bad(&e.to_string()))?,
            Filter::Bitshuffle { width, block, compression } => {
                bitshuffle(&data, *width, *block, *compression, whole)?
            }
        };
    }
    Ok(data)
}

fn inflate(data: &[u8], room: usize) -> Result<Vec<u8>> {
    let mut out = vec![0u8; room];
    let n =
        libdeflater::Decompressor::new().zlib_decompress(data, &mut out).map_err(|e| bad(&e.to_string()))?;
    out.truncate(n);
    Ok(out)
}

/// Gathers byte 0 of all items, byte 1 of all items, … back into items; a tail that fills no item stays as it is.
pub fn unshuffle(data: &[u8], width: usize) -> Vec<u8> {
    if width <= 1 {
        return data.to_vec();
    }
    let items = data.len() / width;
    let mut out = vec![0u8; data.len()];
    match width {
        2 => unshuffle_items::<2>(data, items, &mut out),
        4 => unshuffle_items::<4>(data, items, &mut out),
        8 => unshuffle_items::<8>(data, items, &mut out),
        _ => {
            for (byte, plane) in data.chunks_exact(items.max(1)).take(width).enumerate() {
                for (item, &b) in plane.iter().enumerate() {
                    out[item * width + byte] = b;
                }
            }
        }
    }
    out[items * width..].copy_from_slice(&data[items * width..]);
    out
}

fn unshuffle_items<const W: usize>(data: &[u8], items: usize, out: &mut [u8]) {
    let planes: [&[u8]; W] = std::array::from_fn(|b| &data[b * items..(b + 1) * items]);
    for (i, item) in out.chunks_exact_mut(W).enumerate() {
        for b in 0..W {
            item[b] = planes[b][i];
        }
    }
}

/// Checks and removes the checksum: sums over big-endian 16-bit words (HDF5 `H5_checksum_fletcher32`).
fn fletcher32(mut data: Vec<u8>) -> Result<Vec<u8>> {
    let Some(body) = data.len().checked_sub(4) else { return Err(bad("the checksum is missing")) };
    let stored = u32::from_le_bytes([data[body], data[body + 1], data[body + 2], data[body + 3]]);
    let (mut a, mut b) = (0u32, 0u32);
    let words =
        data[..body].chunks(2).map(|c| (u32::from(c[0]) << 8) | c.get(1).map_or(0, |&x| u32::from(x)));
    for (i, w) in words.enumerate() {
        a += w;
        b = b.wrapping_add(a);
        if i % 360 == 359 {
            a = (a & 0xffff) + (a >> 16);
            b = (b & 0xffff) + (b >> 16);
        }
    }
    for _ in 0..2 {
        a = (a & 0xffff) + (a >> 16);
        b = (b & 0xffff) + (b >> 16);
    }
    let sum = (b << 16) | a;
    // Versions before 1.6.3 wrote the halves in the other byte order.
    let swapped = ((sum & 0x00ff_00ff) << 8) | ((sum & 0xff00_ff00) >> 8);
    if stored != sum && stored != swapped {
        return Err(bad("its checksum does not match"));
    }
    data.truncate(body);
    Ok(data)
}

/// LibLZF: literal runs below 32, else a back reference.
pub fn lzf(data: &[u8], room: usize) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(room);
    let mut i = 0;
    let cut = || bad("LZF data is cut off");
    while let Some(&control) = data.get(i) {
        i += 1;
        if control < 32 {
            let n = usize::from(control) + 1;
            out.extend_from_slice(data.get(i..i + n).ok_or_else(cut)?);
            i += n;
        } else {
            let mut n = usize::from(control >> 5);
            if n == 7 {
                n += usize::from(*data.get(i).ok_or_else(cut)?);
                i += 1;
            }
            let back = (usize::from(control & 31) << 8) + usize::from(*data.get(i).ok_or_else(cut)?) + 1;
            i += 1;
            let from = out.len().checked_sub(back).ok_or_else(|| bad("LZF points before its start"))?;
            for k in 0..n + 2 {
                let b = out[from + k];
                out.push(b);
            }
        }
        if out.len() > room {
            return Err(bad("LZF data is longer than the chunk"));
        }
    }
    Ok(out)
}

fn blosc(data: &[u8], room: usize) -> Result<Vec<u8>> {
    crate::encoders::blosc::decompress(data, room).ok_or_else(|| bad("Blosc"))
}

/// The LZ4 plugin: total size (u64 BE), block size (u32 BE), then per block its compressed size (u32 BE) and bytes.
fn lz4_blocks(data: &[u8], room: usize) -> Result<Vec<u8>> {
    let total = usize::try_from(be64(data, 0)?).ok().filter(|&n| n <= room).ok_or_else(|| bad("LZ4 size"))?;
    let block = be32(data, 8)?;
    let mut out = Vec::with_capacity(total);
    let mut at = 12;
    while out.len() < total {
        let n = be32(data, at)?;
        let want = block.min(total - out.len());
        let raw = data.get(at + 4..at + 4 + n).ok_or_else(|| bad("LZ4 data is cut off"))?;
        if n == want {
            out.extend_from_slice(raw);
        } else {
            out.extend(lz4_flex::block::decompress(raw, want).map_err(|e| bad(&e.to_string()))?);
        }
        at += 4 + n;
    }
    Ok(out)
}

fn be32(data: &[u8], at: usize) -> Result<usize> {
    let b = data.get(at..at + 4).ok_or_else(|| bad("a header is cut off"))?;
    usize::try_from(u32::from_be_bytes([b[0], b[1], b[2], b[3]])).map_err(|_| bad("size"))
}

fn be64(data: &[u8], at: usize) -> Result<u64> {
    Ok(((be32(data, at)? as u64) << 32) | be32(data, at + 4)? as u64)
}

/// Bitshuffle: blocks of items whose bits are transposed, each block compressed on its own; items that fill no group of
/// eight follow as they are.
fn bitshuffle(data: &[u8], width: usize, block: usize, compression: u32, whole: usize) -> Result<Vec<u8>> {
    if width == 0 {
        return Err(bad("bitshuffle without an item size"));
    }
    let default = (8192 / width / 8 * 8).max(128);
    let (total, block, mut at) = if compression == 0 {
        (data.len(), if block == 0 { default } else { block }, 0)
    } else {
        let total = usize::try_from(be64(data, 0)?)
            .ok()
            .filter(|&n| n <= whole + 64)
            .ok_or_else(|| bad("bitshuffle size"))?;
        (total, be32(data, 8)? / width, 12)
    };
    let items = total / width;
    let mut out = Vec::with_capacity(total);
    let mut done = 0;
    while block > 0 && items - done >= 8 {
        let n = block.min((items - done) / 8 * 8);
        let bytes = n * width;
        let shuffled = if compression == 0 {
            let raw = data.get(at..at + bytes).ok_or_else(|| bad("bitshuffle data is cut off"))?.to_vec();
            at += bytes;
            raw
        } else {
            let size = be32(data, at)?;
            let raw = data.get(at + 4..at + 4 + size).ok_or_else(|| bad("bitshuffle data is cut off"))?;
            at += 4 + size;
            match compression {
                2 => lz4_flex::block::decompress(raw, bytes).map_err(|e| bad(&e.to_string()))?,
                3 => zstd::bulk::decompress(raw, bytes).map_err(|e| bad(&e.to_string()))?,
                _ => return Err(bad("unknown bitshuffle compression")),
            }
        };
        if shuffled.len() != bytes {
            return Err(bad("a bitshuffle block has the wrong size"));
        }
        untranspose(&shuffled, n, width, &mut out);
        done += n;
    }
    let rest = total - done * width;
    out.extend_from_slice(data.get(at..at + rest).ok_or_else(|| bad("bitshuffle data is cut off"))?);
    Ok(out)
}

/// `n` items of `width` bytes from bit planes: plane `8·byte + bit` holds that bit of all items, eight items to a byte.
fn untranspose(planes: &[u8], n: usize, width: usize, out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + n * width, 0);
    let row = n / 8;
    for byte in 0..width {
        for group in 0..row {
            let mut bits = 0u64;
            for bit in 0..8 {
                bits |= u64::from(planes[(byte * 8 + bit) * row + group]) << (8 * bit);
            }
            let items = transpose8(bits).to_le_bytes();
            for (k, b) in items.into_iter().enumerate() {
                out[start + (group * 8 + k) * width + byte] = b;
            }
        }
    }
}

/// Transposes an 8×8 bit matrix (Hacker's Delight, section 7–3).
fn transpose8(mut x: u64) -> u64 {
    let mut t = (x ^ (x >> 7)) & 0x00aa_00aa_00aa_00aa;
    x ^= t ^ (t << 7);
    t = (x ^ (x >> 14)) & 0x0000_cccc_0000_cccc;
    x ^= t ^ (t << 14);
    t = (x ^ (x >> 28)) & 0x0000_0000_f0f0_f0f0;
    x ^ t ^ (t << 28)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffle_is_undone() {
        assert_eq!(unshuffle(&[1, 3, 2, 4, 9], 2), [1, 2, 3, 4, 9]);
        assert_eq!(unshuffle(&[1, 4, 2, 5, 3, 6], 3), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn lzf_runs_and_references() {
        assert_eq!(lzf(&[2, b'a', b'b', b'c', 0x20, 2], 10).unwrap(), b"abcabc");
        assert!(lzf(&[0x20, 9], 10).is_err());
        assert!(lzf(&[31, 1], 10).is_err());
    }

    #[test]
    fn bit_planes_come_back() {
        let items: Vec<u8> = (0..32u16).flat_map(|i| (i * 257 + 3).to_le_bytes()).collect();
        let mut planes = vec![0u8; items.len()];
        for i in 0..32 {
            for bit in 0..16 {
                if items[i * 2 + bit / 8] >> (bit % 8) & 1 == 1 {
                    planes[bit * 4 + i / 8] |= 1 << (i % 8);
                }
            }
        }
        assert_eq!(bitshuffle(&planes, 2, 32, 0, 64).unwrap(), items);
    }
}
