//! CityHash64 of version 1.0.2, which ClickHouse stays with (Pike, Alakuijala: github.com/google/cityhash).
//! Later versions give other values.

pub(super) const K0: u64 = 0xc3a5_c85c_97cb_3127;
pub(super) const K1: u64 = 0xb492_b66f_be98_f273;
pub(super) const K2: u64 = 0x9ae1_6a3b_2f90_404f;
pub(super) const K3: u64 = 0xc949_d7c7_509e_6557;

/// The eight bytes at a place, which every caller keeps within the text.
pub(super) fn word(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}

pub(super) fn half(bytes: &[u8], at: usize) -> u64 {
    u64::from(bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes))
}

pub(super) const fn mix(value: u64) -> u64 {
    value ^ value >> 47
}

/// Two words to one; also how hashes of several arguments are joined.
pub const fn combine(low: u64, high: u64) -> u64 {
    join(low, high, 0x9ddf_ea08_eb38_2d69)
}

/// The same with a multiplier, as FarmHash has it too.
pub(super) const fn join(low: u64, high: u64, mul: u64) -> u64 {
    let a = mix((low ^ high).wrapping_mul(mul));
    mix((high ^ a).wrapping_mul(mul)).wrapping_mul(mul)
}

pub fn city64(bytes: &[u8]) -> u64 {
    match bytes.len() {
        0..=16 => to_16(bytes),
        17..=32 => to_32(bytes),
        33..=64 => to_64(bytes),
        _ => long(bytes),
    }
}

pub(super) fn to_16(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    let wide = length as u64;
    if length > 8 {
        let (a, b) = (word(bytes, 0), word(bytes, length - 8));
        let shift = u32::try_from(length).unwrap_or(0);
        return combine(a, b.wrapping_add(wide).rotate_right(shift)) ^ b;
    }
    if length >= 4 {
        return combine(wide.wrapping_add(half(bytes, 0) << 3), half(bytes, length - 4));
    }
    let (Some(first), Some(middle), Some(last)) = (bytes.first(), bytes.get(length / 2), bytes.last()) else {
        return K2;
    };
    let y = u64::from(*first) + (u64::from(*middle) << 8);
    let z = wide + (u64::from(*last) << 2);
    mix(y.wrapping_mul(K2) ^ z.wrapping_mul(K3)).wrapping_mul(K2)
}

fn to_32(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    let a = word(bytes, 0).wrapping_mul(K1);
    let b = word(bytes, 8);
    let c = word(bytes, length - 8).wrapping_mul(K2);
    let d = word(bytes, length - 16).wrapping_mul(K0);
    combine(
        a.wrapping_sub(b).rotate_right(43).wrapping_add(c.rotate_right(30)).wrapping_add(d),
        a.wrapping_add((b ^ K3).rotate_right(20)).wrapping_sub(c).wrapping_add(length as u64),
    )
}

/// A part of `to_64`: four words from `at` on, the last of which is given.
fn quarter(bytes: &[u8], at: usize, start: u64, last: u64) -> (u64, u64) {
    let mut a = start;
    let mut b = a.wrapping_add(last).rotate_right(52);
    let mut c = a.rotate_right(37);
    a = a.wrapping_add(word(bytes, at + 8));
    c = c.wrapping_add(a.rotate_right(7));
    a = a.wrapping_add(word(bytes, at + 16));
    b = b.wrapping_add(a.rotate_right(31)).wrapping_add(c);
    (a.wrapping_add(last), b)
}

fn to_64(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    let start =
        word(bytes, 0).wrapping_add((length as u64).wrapping_add(word(bytes, length - 16)).wrapping_mul(K0));
    let (vf, vs) = quarter(bytes, 0, start, word(bytes, 24));
    let start = word(bytes, 16).wrapping_add(word(bytes, length - 32));
    let (wf, ws) = quarter(bytes, length - 32, start, word(bytes, length - 8));
    let r = mix(vf.wrapping_add(ws).wrapping_mul(K2).wrapping_add(wf.wrapping_add(vs).wrapping_mul(K0)));
    mix(r.wrapping_mul(K0).wrapping_add(vs)).wrapping_mul(K2)
}

/// 32 bytes and two seeds to two words.
pub(super) fn weak(bytes: &[u8], at: usize, a: u64, b: u64) -> (u64, u64) {
    let (w, x, y, z) = (word(bytes, at), word(bytes, at + 8), word(bytes, at + 16), word(bytes, at + 24));
    let a = a.wrapping_add(w);
    let b = b.wrapping_add(a).wrapping_add(z).rotate_right(21);
    let c = a;
    let a = a.wrapping_add(x).wrapping_add(y);
    (a.wrapping_add(z), b.wrapping_add(a.rotate_right(44)).wrapping_add(c))
}

fn long(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    let wide = length as u64;
    let mut x = word(bytes, 0);
    let mut y = word(bytes, length - 16) ^ K1;
    let mut z = word(bytes, length - 56) ^ K0;
    let mut v = weak(bytes, length - 64, wide, y);
    let mut w = weak(bytes, length - 32, wide.wrapping_mul(K1), K0);
    z = z.wrapping_add(mix(v.1).wrapping_mul(K1));
    x = z.wrapping_add(x).rotate_right(39).wrapping_mul(K1);
    y = y.rotate_right(33).wrapping_mul(K1);
    for at in (0..(length - 1) / 64 * 64).step_by(64) {
        x = x
            .wrapping_add(y)
            .wrapping_add(v.0)
            .wrapping_add(word(bytes, at + 16))
            .rotate_right(37)
            .wrapping_mul(K1);
        y = y.wrapping_add(v.1).wrapping_add(word(bytes, at + 48)).rotate_right(42).wrapping_mul(K1);
        x ^= w.1;
        y ^= v.0;
        z = (z ^ w.0).rotate_right(33);
        v = weak(bytes, at, v.1.wrapping_mul(K1), x.wrapping_add(w.0));
        w = weak(bytes, at + 32, z.wrapping_add(w.1), y);
        std::mem::swap(&mut z, &mut x);
    }
    combine(
        combine(v.0, w.0).wrapping_add(mix(y).wrapping_mul(K1)).wrapping_add(z),
        combine(v.1, w.1).wrapping_add(x),
    )
}
