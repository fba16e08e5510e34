//! CityHash128 of the same version, with which ClickHouse names its compressed blocks. The parts are those of [`super::city`].

use super::city::{K0, K1, K3, combine, mix, to_16, weak, word};

/// Low and high word.
pub fn city128(bytes: &[u8]) -> (u64, u64) {
    let length = bytes.len();
    let wide = length as u64;
    match length {
        0..8 => seeded(bytes, K0, K1),
        8..16 => seeded(&[], word(bytes, 0) ^ wide.wrapping_mul(K0), word(bytes, length - 8) ^ K1),
        _ => seeded(bytes.get(16..).unwrap_or_default(), word(bytes, 0) ^ K3, word(bytes, 8)),
    }
}

fn seeded(bytes: &[u8], low: u64, high: u64) -> (u64, u64) {
    if bytes.len() < 128 { murmur(bytes, low, high) } else { long(bytes, low, high) }
}

fn murmur(bytes: &[u8], low: u64, high: u64) -> (u64, u64) {
    let length = bytes.len();
    let (mut a, mut b) = (low, high);
    let (mut c, mut d);
    if length <= 16 {
        a = mix(a.wrapping_mul(K1)).wrapping_mul(K1);
        c = b.wrapping_mul(K1).wrapping_add(to_16(bytes));
        d = mix(a.wrapping_add(if length >= 8 { word(bytes, 0) } else { c }));
    } else {
        c = combine(word(bytes, length - 8).wrapping_add(K1), a);
        d = combine(b.wrapping_add(length as u64), c.wrapping_add(word(bytes, length - 16)));
        a = a.wrapping_add(d);
        for at in (0..length - 16).step_by(16) {
            a ^= mix(word(bytes, at).wrapping_mul(K1)).wrapping_mul(K1);
            a = a.wrapping_mul(K1);
            b ^= a;
            c ^= mix(word(bytes, at + 8).wrapping_mul(K1)).wrapping_mul(K1);
            c = c.wrapping_mul(K1);
            d ^= c;
        }
    }
    a = combine(a, c);
    b = combine(d, b);
    (a ^ b, combine(b, a))
}

fn long(bytes: &[u8], low: u64, high: u64) -> (u64, u64) {
    let (mut x, mut y, mut z) = (low, high, (bytes.len() as u64).wrapping_mul(K1));
    let first = (y ^ K1).rotate_right(49).wrapping_mul(K1).wrapping_add(word(bytes, 0));
    let mut v = (first, first.rotate_right(42).wrapping_mul(K1).wrapping_add(word(bytes, 8)));
    let mut w = (
        y.wrapping_add(z).rotate_right(35).wrapping_mul(K1).wrapping_add(x),
        x.wrapping_add(word(bytes, 88)).rotate_right(53).wrapping_mul(K1),
    );
    // Whole pairs of 64 bytes; what is left is read from the end on, back into them.
    let whole = bytes.len() / 128 * 128;
    for at in (0..whole).step_by(64) {
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
    y = y.wrapping_add(w.0.rotate_right(37).wrapping_mul(K0)).wrapping_add(z);
    x = x.wrapping_add(v.0.wrapping_add(z).rotate_right(49).wrapping_mul(K0));
    for done in (32..bytes.len() - whole + 32).step_by(32) {
        let at = bytes.len() - done;
        y = y.wrapping_sub(x).rotate_right(42).wrapping_mul(K0).wrapping_add(v.1);
        w.0 = w.0.wrapping_add(word(bytes, at + 16));
        x = x.rotate_right(49).wrapping_mul(K0).wrapping_add(w.0);
        w.0 = w.0.wrapping_add(v.0);
        v = weak(bytes, at, v.0, v.1);
    }
    x = combine(x, v.0);
    y = combine(y, w.0);
    (combine(x.wrapping_add(v.1), w.1).wrapping_add(y), combine(x.wrapping_add(w.1), y.wrapping_add(v.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of the package `clickhouse-cityhash` 1.0.2.
    #[test]
    fn hashes_are_those_of_the_first_version() {
        for (length, hash) in [
            (0, 0x3df09dfc_64c09a2b_3cb540c3_92e51e29),
            (1, 0x68c4d90d_f5a5eb8f_be4ed390_c455dce6),
            (7, 0x61143721_a76fca6b_77a34566_a7f31f27),
            (8, 0x26b5c2f2_7618fb35_54c57c2d_6e0a85ee),
            (9, 0x052b5d23_f8926feb_3d4b02d9_7aaa21c6),
            (15, 0x2154d0b7_8919ed6f_16752a32_d46ed819),
            (16, 0xaced46dc_1f3c81a4_ac839cb0_9e8a2bd6),
            (17, 0x2cc71dd0_3587c30e_1704d470_6e9dcaf0),
            (31, 0x5a56fe1f_006a7d47_a11bbf6c_092c35a5),
            (32, 0x600a5868_1b346009_44211a81_f8575a0d),
            (33, 0x927aa5fb_b392fdf1_a4b1d7c1_f4746d1b),
            (63, 0x2f5641bc_ac84495c_2f6e04db_50b5212d),
            (64, 0x8d931f31_45e16a9e_ebfb734b_5a259724),
            (127, 0xc0e0a8ec_1adcb8e3_9df5de77_dbdee868),
            (128, 0x3531e9b3_a3942466_c534da27_6d78225f),
            (129, 0xee34a77e_bf4b7f82_042b7d86_34372412),
            (143, 0x2902de84_9a1cd21c_24c413f3_67fa940f),
            (144, 0xb3bd6c14_fded4099_55472453_59ccfff6),
            (145, 0x55a96e32_a78b36b8_09b0a527_7ee2e17f),
            (160, 0xfc134a0d_cacc1409_e52ef18f_2e507da3),
            (200, 0x40c13a77_5f923b39_b7454cfe_20688abe),
            (255, 0x9c76bbab_6a291eb8_f3476531_9a23c4d0),
            (256, 0x1dabb4af_bdb03de4_df5769b2_fdd48f2d),
            (257, 0x41daa9fe_49422d5d_6d6966d8_6dfc071a),
            (300, 0x327ec010_c10a1705_3a486321_1f6f7d97),
            (511, 0x08855029_b925a857_c16aaec7_1887f94f),
            (1000, 0x2e6a2ac3_2fa39045_ef501cf0_d887e35a),
            (4096, 0x530d3c89_c0378c7b_b3102960_fe7c403b),
        ] {
            let bytes: Vec<u8> =
                (0..length).map(|i: u32| u8::try_from((i * 37 + 11) % 251).unwrap()).collect();
            let (low, high) = city128(&bytes);
            assert_eq!(u128::from(low) << 64 | u128::from(high), hash, "{length}");
        }
    }
}
