//! FarmHash of texts above 256 bytes: the variant `uo`.

use super::farm::{K2, join, mix, weak, word};

const fn turn(x: u64, y: u64, mul: u64, by: u32) -> u64 {
    let a = mix((x ^ y).wrapping_mul(mul));
    (y ^ a).wrapping_mul(mul).rotate_right(by).wrapping_mul(mul)
}

struct State {
    u: u64,
    x: u64,
    y: u64,
    z: u64,
    v: (u64, u64),
    w: (u64, u64),
}

impl State {
    fn block(&mut self, bytes: &[u8], at: usize, mul: u64) {
        let a = |number: usize| word(bytes, at + 8 * number);
        let Self { u, x, y, z, v, w } = self;
        *x = x.wrapping_add(a(0)).wrapping_add(a(1));
        *y = y.wrapping_add(a(2));
        *z = z.wrapping_add(a(3));
        v.0 = v.0.wrapping_add(a(4));
        v.1 = v.1.wrapping_add(a(5)).wrapping_add(a(1));
        w.0 = w.0.wrapping_add(a(6));
        w.1 = w.1.wrapping_add(a(7));

        *x = x.rotate_right(26).wrapping_mul(9);
        *y = y.rotate_right(29);
        *z = z.wrapping_mul(mul);
        v.0 = v.0.rotate_right(33);
        v.1 = v.1.rotate_right(30);
        w.0 = (w.0 ^ *x).wrapping_mul(9);
        *z = z.rotate_right(32).wrapping_add(w.1);
        w.1 = w.1.wrapping_add(*z);
        *z = z.wrapping_mul(9);
        std::mem::swap(u, y);

        *z = z.wrapping_add(a(0)).wrapping_add(a(6));
        v.0 = v.0.wrapping_add(a(2));
        v.1 = v.1.wrapping_add(a(3));
        w.0 = w.0.wrapping_add(a(4));
        w.1 = w.1.wrapping_add(a(5)).wrapping_add(a(6));
        *x = x.wrapping_add(a(1));
        *y = y.wrapping_add(a(7));

        *y = y.wrapping_add(v.0);
        v.0 = v.0.wrapping_add(x.wrapping_sub(*y));
        v.1 = v.1.wrapping_add(w.0);
        w.0 = w.0.wrapping_add(v.1);
        w.1 = w.1.wrapping_add(x.wrapping_sub(*y));
        *x = x.wrapping_add(w.1);
        w.1 = w.1.rotate_right(34);
        std::mem::swap(u, z);
    }
}

pub fn farm64_long(bytes: &[u8]) -> u64 {
    const SEED: u64 = 81;
    let length = bytes.len();
    let y = 113_u64;
    let z = mix(y.wrapping_mul(K2)).wrapping_mul(K2);
    let u = SEED.wrapping_sub(z);
    let mul = K2.wrapping_add(u & 0x82);
    let mut state = State { u, x: SEED.wrapping_mul(K2), y, z, v: (SEED, 0), w: (0, 0) };
    for at in (0..(length - 1) / 64 * 64).step_by(64) {
        state.block(bytes, at, mul);
    }
    let State { mut u, mut x, mut y, mut z, mut v, mut w } = state;
    let at = length - 64;
    u = u.wrapping_mul(9);
    v = (v.0.rotate_right(20), v.1.rotate_right(28));
    w.0 = w.0.wrapping_add((length as u64 - 1) & 63);
    u = u.wrapping_add(y);
    y = y.wrapping_add(u);
    x = y
        .wrapping_sub(x)
        .wrapping_add(v.0)
        .wrapping_add(word(bytes, at + 8))
        .rotate_right(37)
        .wrapping_mul(mul);
    y = (y ^ v.1 ^ word(bytes, at + 48)).rotate_right(42).wrapping_mul(mul);
    x ^= w.1.wrapping_mul(9);
    y = y.wrapping_add(v.0).wrapping_add(word(bytes, at + 40));
    z = z.wrapping_add(w.0).rotate_right(33).wrapping_mul(mul);
    v = weak(bytes, at, v.1.wrapping_mul(mul), x.wrapping_add(w.0));
    w = weak(bytes, at + 32, z.wrapping_add(w.1), y.wrapping_add(word(bytes, at + 16)));
    turn(
        join(v.0.wrapping_add(x), w.0 ^ y, mul).wrapping_add(z).wrapping_sub(u),
        turn(v.1.wrapping_add(y), w.1.wrapping_add(z), K2, 30) ^ x,
        K2,
        31,
    )
}
