//! FarmHash's 64-bit hash (Pike: github.com/google/farmhash) in the variant of x86-64, `xo`, which ClickHouse's
//! `farmHash64` is. Texts above 256 bytes are in `farm_long`.

use super::city::{K0, half};
pub(super) use super::city::{K1, K2, join, mix, word};

pub fn farm64(bytes: &[u8]) -> u64 {
    match bytes.len() {
        0..=16 => to_16(bytes),
        17..=32 => to_32(bytes),
        33..=64 => to_64(bytes),
        65..=96 => to_96(bytes),
        97..=256 => long(bytes),
        _ => super::farm_long::farm64_long(bytes),
    }
}

fn to_16(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    let wide = length as u64;
    let mul = K2.wrapping_add(wide * 2);
    if length >= 8 {
        let a = word(bytes, 0).wrapping_add(K2);
        let b = word(bytes, length - 8);
        let c = b.rotate_right(37).wrapping_mul(mul).wrapping_add(a);
        let d = a.rotate_right(25).wrapping_add(b).wrapping_mul(mul);
        return join(c, d, mul);
    }
    if length >= 4 {
        return join(wide.wrapping_add(half(bytes, 0) << 3), half(bytes, length - 4), mul);
    }
    let (Some(first), Some(middle), Some(last)) = (bytes.first(), bytes.get(length / 2), bytes.last()) else {
        return K2;
    };
    let y = u64::from(*first) + (u64::from(*middle) << 8);
    let z = wide + (u64::from(*last) << 2);
    mix(y.wrapping_mul(K2) ^ z.wrapping_mul(K0)).wrapping_mul(K2)
}

fn to_32(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    let mul = K2.wrapping_add(length as u64 * 2);
    let a = word(bytes, 0).wrapping_mul(K1);
    let b = word(bytes, 8);
    let c = word(bytes, length - 8).wrapping_mul(mul);
    let d = word(bytes, length - 16).wrapping_mul(K2);
    join(
        a.wrapping_add(b).rotate_right(43).wrapping_add(c.rotate_right(30)).wrapping_add(d),
        a.wrapping_add(b.wrapping_add(K2).rotate_right(18)).wrapping_add(c),
        mul,
    )
}

/// 32 bytes from `at` on and two seeds.
fn block_32(bytes: &[u8], at: usize, mul: u64, seeds: (u64, u64)) -> u64 {
    let a = word(bytes, at).wrapping_mul(K1);
    let b = word(bytes, at + 8);
    let c = word(bytes, at + 24).wrapping_mul(mul);
    let d = word(bytes, at + 16).wrapping_mul(K2);
    let u = a
        .wrapping_add(b)
        .rotate_right(43)
        .wrapping_add(c.rotate_right(30))
        .wrapping_add(d)
        .wrapping_add(seeds.0);
    let v = a.wrapping_add(b.wrapping_add(K2).rotate_right(18)).wrapping_add(c).wrapping_add(seeds.1);
    let a = mix((u ^ v).wrapping_mul(mul));
    mix((v ^ a).wrapping_mul(mul))
}

fn to_64(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    let first = K2.wrapping_sub(30);
    let second = first.wrapping_add(2 * length as u64);
    let h0 = block_32(bytes, 0, first, (0, 0));
    let h1 = block_32(bytes, length - 32, second, (0, 0));
    h1.wrapping_mul(second).wrapping_add(h0).wrapping_mul(second)
}

fn to_96(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    let first = K2.wrapping_sub(114);
    let second = first.wrapping_add(2 * length as u64);
    let h0 = block_32(bytes, 0, first, (0, 0));
    let h1 = block_32(bytes, 32, second, (0, 0));
    let h2 = block_32(bytes, length - 32, second, (h0, h1));
    h2.wrapping_mul(9).wrapping_add(h0 >> 17).wrapping_add(h1 >> 21).wrapping_mul(second)
}

pub(super) fn weak(bytes: &[u8], at: usize, a: u64, b: u64) -> (u64, u64) {
    let (w, x, y, z) = (word(bytes, at), word(bytes, at + 8), word(bytes, at + 16), word(bytes, at + 24));
    let a = a.wrapping_add(w);
    let b = b.wrapping_add(a).wrapping_add(z).rotate_right(21);
    let c = a;
    let a = a.wrapping_add(x).wrapping_add(y);
    (a.wrapping_add(z), b.wrapping_add(a.rotate_right(44)).wrapping_add(c))
}

struct State {
    x: u64,
    y: u64,
    z: u64,
    v: (u64, u64),
    w: (u64, u64),
}

impl State {
    /// One block of 64 bytes; the last one weighs more.
    fn block(&mut self, bytes: &[u8], at: usize, mul: u64, weight: u64) {
        let Self { x, y, z, v, w } = self;
        *x = x
            .wrapping_add(*y)
            .wrapping_add(v.0)
            .wrapping_add(word(bytes, at + 8))
            .rotate_right(37)
            .wrapping_mul(mul);
        *y = y.wrapping_add(v.1).wrapping_add(word(bytes, at + 48)).rotate_right(42).wrapping_mul(mul);
        *x ^= w.1.wrapping_mul(weight);
        *y = y.wrapping_add(v.0.wrapping_mul(weight)).wrapping_add(word(bytes, at + 40));
        *z = z.wrapping_add(w.0).rotate_right(33).wrapping_mul(mul);
        *v = weak(bytes, at, v.1.wrapping_mul(mul), x.wrapping_add(w.0));
        *w = weak(bytes, at + 32, z.wrapping_add(w.1), y.wrapping_add(word(bytes, at + 16)));
        std::mem::swap(z, x);
    }
}

fn long(bytes: &[u8]) -> u64 {
    const SEED: u64 = 81;
    let length = bytes.len();
    let y = SEED.wrapping_mul(K1).wrapping_add(113);
    let z = mix(y.wrapping_mul(K2).wrapping_add(113)).wrapping_mul(K2);
    let x = SEED.wrapping_mul(K2).wrapping_add(word(bytes, 0));
    let mut state = State { x, y, z, v: (0, 0), w: (0, 0) };
    for at in (0..(length - 1) / 64 * 64).step_by(64) {
        state.block(bytes, at, K1, 1);
    }
    let mul = K1.wrapping_add((state.z & 0xff) << 1);
    state.w.0 = state.w.0.wrapping_add((length as u64 - 1) & 63);
    state.v.0 = state.v.0.wrapping_add(state.w.0);
    state.w.0 = state.w.0.wrapping_add(state.v.0);
    state.block(bytes, length - 64, mul, 9);
    let State { x, y, z, v, w } = state;
    join(
        join(v.0, w.0, mul).wrapping_add(mix(y).wrapping_mul(K0)).wrapping_add(z),
        join(v.1, w.1, mul).wrapping_add(x),
        mul,
    )
}
