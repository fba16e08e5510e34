//! Hash functions with ClickHouse's values.
//!
//! A kernel hashes one argument: text (`_text`), or a number's bits as `U64` (`_int`, narrower types extended
//! with zeros) and, where the width counts, its bytes (`_bytes` with a width of 1 to 8). Several arguments are
//! folded from the left with the function's `_combine`. SHA and MD5 give their bytes.
#![expect(clippy::cast_possible_truncation, reason = "hashes keep the low bits")]

use super::city::{city64, combine};
use super::farm::farm64;
use super::frame::{Blob, I32, Kernel, KernelError, Text, U8, U32, U64, kernel};
use super::murmur::{murmur2_32, murmur2_64, murmur3_32, murmur3_128};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use std::hash::Hasher;
use xxhash_rust::xxh3::xxh3_64;
use xxhash_rust::xxh32::xxh32;
use xxhash_rust::xxh64::xxh64;

fn sip(bytes: &[u8]) -> u64 {
    let mut hasher = siphasher::sip::SipHasher24::new();
    hasher.write(bytes);
    hasher.finish()
}

fn half_md5(bytes: &[u8]) -> u64 {
    Md5::digest(bytes).iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn murmur3_64(bytes: &[u8]) -> u64 {
    let [low, high] = murmur3_128(bytes);
    low ^ high
}

pub const fn int_hash_64(value: u64) -> u64 {
    let value = (value ^ value >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let value = (value ^ value >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    value ^ value >> 33
}

/// The 64-bit hash of a number within `cityHash64`, `farmHash64` and also `intHash64` itself.
const fn int64(value: u64) -> u64 {
    int_hash_64(value ^ 0x4CF2_D2BA_AE6D_A887)
}

const fn int32(value: u64) -> u32 {
    let mut key = value ^ 0x75D9_543D_E018_BF45;
    key = (!key).wrapping_add(key << 18);
    key ^= key.rotate_right(31);
    key = key.wrapping_mul(21);
    key ^= key.rotate_right(11);
    key = key.wrapping_add(key << 6);
    key ^= key.rotate_right(22);
    key as u32
}

fn java(bytes: &[u8]) -> i32 {
    bytes.iter().fold(0_i32, |sum, byte| sum.wrapping_mul(31).wrapping_add(i32::from(byte.cast_signed())))
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| sum >> 1 ^ if sum & 1 == 1 { 0xEDB8_8320 } else { 0 })
    })
}

/// The low bytes of a number, as ClickHouse has them in memory.
fn bytes_of(value: u64, width: u8) -> Vec<u8> {
    value.to_le_bytes().iter().take(usize::from(width)).copied().collect()
}

fn pair64(a: u64, b: u64) -> [u8; 16] {
    (u128::from(b) << 64 | u128::from(a)).to_le_bytes()
}

/// A 64-bit hash of text, of a number's bytes, and how two hashes of it are joined.
macro_rules! wide {
    ($($text:literal $bytes:literal $combine:literal $hash:expr, $join:expr;)*) => {
        &[$(
            kernel!($text, (text: Text) -> U64, $hash(text.as_bytes())),
            kernel!($bytes, (value: U64, width: U8) -> U64, $hash(&bytes_of(value, width))),
            kernel!($combine, (a: U64, b: U64) -> U64, $join(a, b)),
        )*]
    };
}

/// The same of 32 bits, which are all joined in one way.
macro_rules! narrow {
    ($($text:literal $bytes:literal $combine:literal $hash:expr;)*) => {
        &[$(
            kernel!($text, (text: Text) -> U32, $hash(text.as_bytes())),
            kernel!($bytes, (value: U64, width: U8) -> U32, $hash(&bytes_of(value, width))),
            kernel!($combine, (a: U32, b: U32) -> U32, int32(u64::from(a)) ^ b),
        )*]
    };
}

pub const WIDE: &[Kernel] = wide! {
    "ch_sip_hash64_text" "ch_sip_hash64_bytes" "ch_sip_hash64_combine" sip, |a, b| sip(&pair64(a, b));
    "ch_half_md5_text" "ch_half_md5_bytes" "ch_half_md5_combine" half_md5, |a, b| half_md5(&pair64(a, b));
    "ch_murmur_hash2_64_text" "ch_murmur_hash2_64_bytes" "ch_murmur_hash2_64_combine" murmur2_64, |a, b| int64(a) ^ b;
    "ch_murmur_hash3_64_text" "ch_murmur_hash3_64_bytes" "ch_murmur_hash3_64_combine" murmur3_64, |a, b| int64(a) ^ b;
    "ch_xx_hash64_text" "ch_xx_hash64_bytes" "ch_xx_hash64_combine" |bytes: &[u8]| xxh64(bytes, 0), combine;
};

pub const NARROW: &[Kernel] = narrow! {
    "ch_murmur_hash2_32_text" "ch_murmur_hash2_32_bytes" "ch_murmur_hash2_32_combine" murmur2_32;
    "ch_murmur_hash3_32_text" "ch_murmur_hash3_32_bytes" "ch_murmur_hash3_32_combine" murmur3_32;
    "ch_xx_hash32_text" "ch_xx_hash32_bytes" "ch_xx_hash32_combine" |bytes: &[u8]| xxh32(bytes, 0);
};

pub const HASH: &[Kernel] = &[
    kernel!("ch_city_hash64_text", (text: Text) -> U64, city64(text.as_bytes())),
    kernel!("ch_city_hash64_int", (value: U64) -> U64, int64(value)),
    kernel!("ch_city_hash64_combine", (a: U64, b: U64) -> U64, combine(a, b)),
    kernel!("ch_farm_hash64_text", (text: Text) -> U64, {
        // From here on x86-64 uses a variant for vectors, which is not written here.
        if text.len() >= 512 {
            return Err(KernelError::new(48, "farmHash64 of texts of 512 bytes and more is not supported"));
        }
        farm64(text.as_bytes())
    }),
    kernel!("ch_xxh3_text", (text: Text) -> U64, xxh3_64(text.as_bytes())),
    kernel!("ch_int_hash64", (value: U64) -> U64, int64(value)),
    kernel!("ch_int_hash32", (value: U64) -> U32, int32(value)),
    kernel!("ch_java_hash_text", (text: Text) -> I32, java(text.as_bytes())),
    kernel!("ch_hive_hash_text", (text: Text) -> I32, java(text.as_bytes()) & i32::MAX),
    kernel!("ch_crc32", (text: Text) -> U32, crc32(text.as_bytes())),
    kernel!("ch_md5", (text: Text) -> Blob, Md5::digest(text.as_bytes()).to_vec()),
    kernel!("ch_sha1", (text: Text) -> Blob, Sha1::digest(text.as_bytes()).to_vec()),
    kernel!("ch_sha224", (text: Text) -> Blob, Sha224::digest(text.as_bytes()).to_vec()),
    kernel!("ch_sha256", (text: Text) -> Blob, Sha256::digest(text.as_bytes()).to_vec()),
    kernel!("ch_sha384", (text: Text) -> Blob, Sha384::digest(text.as_bytes()).to_vec()),
    kernel!("ch_sha512", (text: Text) -> Blob, Sha512::digest(text.as_bytes()).to_vec()),
    kernel!("ch_murmur_hash3_128", (text: Text) -> Blob, {
        let [low, high] = murmur3_128(text.as_bytes());
        pair64(low, high).to_vec()
    }),
];
