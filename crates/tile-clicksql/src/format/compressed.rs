//! ClickHouse's own compression, in which its drivers take and send data where they ask for it (`compress=1`, `decompress=1`): blocks,
//! each with the hash of what follows, the method, and its sizes with and without.

use crate::kernels::city128;

/// Bytes of a block before it is compressed, as ClickHouse has it.
const BLOCK_BYTES: usize = 1 << 20;
const HASH_BYTES: usize = 16;
/// The method, and two sizes.
const HEAD_BYTES: usize = 9;
const NONE: u8 = 0x02;
const LZ4: u8 = 0x82;

/// Data as blocks of LZ4.
pub fn compressed(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() / 2);
    for plain in data.chunks(BLOCK_BYTES) {
        let packed = lz4_flex::block::compress(plain);
        let mut block = Vec::with_capacity(HEAD_BYTES + packed.len());
        block.push(LZ4);
        block.extend_from_slice(&size(HEAD_BYTES + packed.len()));
        block.extend_from_slice(&size(plain.len()));
        block.extend_from_slice(&packed);
        out.extend_from_slice(&hash(&block));
        out.extend_from_slice(&block);
    }
    out
}

/// The data of blocks, of at most so many bytes.
///
/// # Errors
/// For blocks that are broken, of another method, or too large.
pub fn decompressed(mut data: &[u8], bytes_max: usize) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::new();
    while !data.is_empty() {
        let (stored, rest) = data.split_at_checked(HASH_BYTES).ok_or("a block ends in its hash")?;
        let head = rest.get(..HEAD_BYTES).ok_or("a block ends in its head")?;
        let number = |at: usize| {
            let bytes = head.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
            bytes.and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX)
        };
        let (block, after) = rest.split_at_checked(number(1)).ok_or("a block ends before its size")?;
        let packed = block.get(HEAD_BYTES..).ok_or("a block is smaller than its head")?;
        let plain_bytes = number(5);
        if plain_bytes > bytes_max.saturating_sub(out.len()) {
            return Err("the data is too large");
        }
        if hash(block) != stored {
            return Err("the hash of a block is not that of its bytes");
        }
        match block.first() {
            Some(&LZ4) => {
                let plain = lz4_flex::block::decompress(packed, plain_bytes);
                out.extend(plain.map_err(|_| "a block is no LZ4")?);
            }
            Some(&NONE) if packed.len() == plain_bytes => out.extend_from_slice(packed),
            _ => return Err("a block is of another method than LZ4"),
        }
        data = after;
    }
    Ok(out)
}

fn size(bytes: usize) -> [u8; 4] {
    // A block has at most a megabyte, and LZ4 adds little to what it cannot compress.
    u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes()
}

fn hash(block: &[u8]) -> [u8; HASH_BYTES] {
    let (low, high) = city128(block);
    let mut out = [0; HASH_BYTES];
    let (first, second) = out.split_at_mut(8);
    first.copy_from_slice(&low.to_le_bytes());
    second.copy_from_slice(&high.to_le_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_as_they_were_and_broken_ones_do_not() {
        let long: Vec<u8> = (0..3_000_000_u32).map(|n| u8::try_from(n * n % 251).unwrap()).collect();
        for data in [&b""[..], b"a", b"SELECT 1", &long] {
            let packed = compressed(data);
            assert_eq!(decompressed(&packed, data.len()).unwrap(), data);
            if data.is_empty() {
                continue;
            }
            assert_eq!(decompressed(&packed, data.len() - 1), Err("the data is too large"));
            for length in [1, 15, 16, 20, 24, packed.len() - 1] {
                assert!(decompressed(&packed[..length], 1 << 30).is_err(), "{length}");
            }
            for at in [0, 16, 17, 21, 25] {
                let mut broken = packed.clone();
                broken[at] ^= 1;
                assert!(decompressed(&broken, 1 << 30).is_err(), "{at}");
            }
        }
        // A size that says less than there is, one that says more than memory has, and a head that counts itself out.
        for sizes in [[9_u32, 8], [8, 8], [0, 0], [u32::MAX, 8], [20, u32::MAX]] {
            let mut block = vec![LZ4];
            sizes.iter().for_each(|size| block.extend_from_slice(&size.to_le_bytes()));
            block.extend_from_slice(&[0; 11]);
            let data = [&hash(&block)[..], &block].concat();
            assert!(decompressed(&data, 1 << 20).is_err(), "{sizes:?}");
        }
    }
}
