//! Hashes that are no cryptography. Several arguments are hashed one by one and the hashes joined.

use super::{Args, Function, entry};
use crate::error::Result;
use crate::typed::Typed;
use crate::types::Type;

macro_rules! wide {
    ($name:literal, $kernel:literal) => {
        entry($name, (1, 1000), |a| joined(a, $kernel, 64))
    };
}
macro_rules! narrow {
    ($name:literal, $kernel:literal) => {
        entry($name, (1, 1000), |a| joined(a, $kernel, 32))
    };
}
macro_rules! of_text {
    ($name:literal, $kernel:literal, $ty:expr) => {
        entry($name, (1, 1), |a| Ok(Typed::new(format!("{}({})", $kernel, a.text(0)?), $ty)))
    };
}

pub const ALL: &[Function] = &[
    wide!("cityHash64", "ch_city_hash64"),
    wide!("sipHash64", "ch_sip_hash64"),
    wide!("halfMD5", "ch_half_md5"),
    wide!("murmurHash2_64", "ch_murmur_hash2_64"),
    wide!("murmurHash3_64", "ch_murmur_hash3_64"),
    wide!("xxHash64", "ch_xx_hash64"),
    narrow!("murmurHash2_32", "ch_murmur_hash2_32"),
    narrow!("murmurHash3_32", "ch_murmur_hash3_32"),
    narrow!("xxHash32", "ch_xx_hash32"),
    of_text!("farmHash64", "ch_farm_hash64_text", Type::UInt(64)),
    of_text!("xxh3", "ch_xxh3_text", Type::UInt(64)),
    of_text!("javaHash", "ch_java_hash_text", Type::Int(32)),
    of_text!("hiveHash", "ch_hive_hash_text", Type::Int(32)),
    entry("CRC32", (1, 1), |a| Ok(Typed::new(format!("ch_crc32({})", a.text(0)?), Type::UInt(32))))
        .any_case(),
    entry("intHash32", (1, 1), |a| of_int(a, "ch_int_hash32", 32)),
    entry("intHash64", (1, 1), |a| of_int(a, "ch_int_hash64", 64)),
];

fn of_int(a: &Args<'_, '_, '_>, kernel: &str, bits: u16) -> Result<Typed> {
    match memory(a.at(0)?) {
        Some((number, _)) if !a.ty(0)?.is_float() => {
            Ok(Typed::new(format!("{kernel}({number})"), Type::UInt(bits)))
        }
        _ => Err(a.wrong(0, "a whole number, date or time")),
    }
}

/// A value's bytes in memory as a UBIGINT, and how many they are.
pub fn memory(x: &Typed) -> Option<(String, u8)> {
    let value = x.value();
    Some(match &x.ty {
        Type::Bool => (format!("CAST({value} AS UBIGINT)"), 1),
        Type::UInt(bits @ 8..=64) => (format!("CAST({value} AS UBIGINT)"), u8::try_from(bits / 8).ok()?),
        Type::Int(bits @ 8..=64) => {
            let low = if *bits == 64 { u64::MAX } else { (1 << bits) - 1 };
            let sql = format!("CAST(CAST({value} AS HUGEINT) & CAST({low} AS HUGEINT) AS UBIGINT)");
            (sql, u8::try_from(bits / 8).ok()?)
        }
        Type::Float64 => (format!("ch_bits_f64({value})"), 8),
        Type::Float32 => (format!("CAST(ch_bits_f32({value}) AS UBIGINT)"), 4),
        Type::Date => (format!("CAST({value} - DATE '1970-01-01' AS UBIGINT)"), 2),
        Type::DateTime(_) => (format!("CAST(epoch_us({value}) // 1000000 AS UBIGINT)"), 4),
        Type::Ipv4 => (format!("CAST({value} AS UBIGINT)"), 4),
        _ => return None,
    })
}

fn joined(a: &Args<'_, '_, '_>, kernel: &str, bits: u16) -> Result<Typed> {
    let mut parts = Vec::new();
    for i in 0..a.len() {
        one(a, a.at(i)?, kernel, &mut parts)?;
    }
    let mut hashes = parts.into_iter();
    let first = hashes.next().ok_or_else(|| a.wrong(0, "an argument"))?;
    let sql = hashes.fold(first, |sum, hash| format!("{kernel}_combine({sum}, {hash})"));
    Ok(Typed::new(sql, Type::UInt(bits)))
}

fn one(a: &Args<'_, '_, '_>, x: &Typed, kernel: &str, parts: &mut Vec<String>) -> Result<()> {
    if let Type::Tuple(elements) = &x.ty {
        for (i, (_, ty)) in elements.iter().enumerate() {
            let element = Typed::new(format!("struct_extract({}, '{}')", x.sql, i + 1), ty.clone());
            one(a, &element, kernel, parts)?;
        }
        return Ok(());
    }
    if let Some(bytes) = &x.bytes {
        return Err(a.unsupported(&format!("of the bytes `{bytes}`")));
    }
    if x.ty == Type::String {
        parts.push(format!("{kernel}_text({})", x.value()));
        return Ok(());
    }
    let (number, width) = memory(x).ok_or_else(|| a.unsupported(&format!("of `{}`", x.ty)))?;
    parts.push(if kernel == "ch_city_hash64" {
        format!("ch_city_hash64_int({number})")
    } else {
        format!("{kernel}_bytes({number}, CAST({width} AS UTINYINT))")
    });
    Ok(())
}
