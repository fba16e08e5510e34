//! The keys of the store: group, key, size and start in one string of bytes, in the order of its parts.
//!
//! A group and a key end in two zero bytes; a zero byte within them is followed by 255. So no name is the start of another one, whatever
//! bytes it has. Numbers have the highest byte first and the sign turned.

use tile_base::{Error, Result};

/// The longest key that the store takes.
const LENGTH_MAX: usize = 65_535;
const SIGN: u64 = 1 << 63;

/// What all keys of a group start with.
pub fn of_group(group: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(group.len() + 32);
    part(group.as_bytes(), &mut out);
    out
}

/// What all tiles of a key start with.
///
/// # Errors
/// `Invalid` for a key that is too long.
pub fn of_key(group: &[u8], key: &[u8]) -> Result<Vec<u8>> {
    let mut out = group.to_vec();
    part(key, &mut out);
    if out.len() + 16 > LENGTH_MAX {
        return Err(Error::invalid(format!("a key of {} bytes is too long to be stored", key.len()))
            .hint("A key and the name of its group have at most 65 000 bytes"));
    }
    Ok(out)
}

/// The address of a tile.
pub fn of_tile(key: &[u8], size: i64, start: i64) -> Vec<u8> {
    let mut out = key.to_vec();
    for number in [size, start] {
        out.extend_from_slice(&(number.cast_unsigned() ^ SIGN).to_be_bytes());
    }
    out
}

/// The name of a group by its address.
pub fn name(address: &[u8]) -> Option<String> {
    let (name, after) = read_part(address)?;
    if after == address.len() { String::from_utf8(name).ok() } else { None }
}

/// Key, size and start of an address without its group.
pub fn read(rest: &[u8]) -> Option<(Vec<u8>, i64, i64)> {
    let (key, at) = read_part(rest)?;
    let numbers: &[u8; 16] = rest.get(at..)?.try_into().ok()?;
    let (size, start) = numbers.split_at(8);
    let number = |bytes: &[u8]| Some((u64::from_be_bytes(bytes.try_into().ok()?) ^ SIGN).cast_signed());
    Some((key, number(size)?, number(start)?))
}

/// A part, and where it ended.
fn read_part(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut part = Vec::with_capacity(rest.len());
    let mut at = 0;
    loop {
        let byte = *rest.get(at)?;
        at += 1;
        if byte == 0 {
            let next = *rest.get(at)?;
            at += 1;
            match next {
                0 => return Some((part, at)),
                255 => {}
                _ => return None,
            }
        }
        part.push(byte);
    }
}

/// What follows all that starts with a prefix that [`part`] ended.
pub fn after(prefix: &[u8]) -> Vec<u8> {
    let mut out = prefix.to_vec();
    if let Some(last) = out.last_mut() {
        *last = 1;
    }
    out
}

fn part(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        out.push(*byte);
        if *byte == 0 {
            out.push(255);
        }
    }
    out.extend_from_slice(&[0, 0]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_back_in_the_order_of_their_parts() {
        let keys: [&[u8]; 7] = [b"", b"\0", b"\0\0", b"\0\xFF", b"a", b"a\0", b"ab"];
        let mut all = Vec::new();
        for key in keys {
            for (size, start) in [(0, 0), (300_000, i64::MIN), (300_000, -1), (300_000, 7), (86_400_000, 0)] {
                let group = of_group("g");
                let tile = of_tile(&of_key(&group, key).unwrap(), size, start);
                assert_eq!(read(&tile[group.len()..]), Some((key.to_vec(), size, start)));
                assert!(tile < after(&of_key(&group, key).unwrap()));
                all.push(tile);
            }
        }
        assert!(all.is_sorted());
        assert!(of_key(&of_group("g"), &[b'x'; 66_000]).is_err());
        assert_eq!(read(b"a"), None);
        assert_eq!(read(b"a\0\x01"), None);
    }
}
