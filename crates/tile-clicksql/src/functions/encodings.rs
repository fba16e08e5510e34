//! Texts as bytes: parts of them, hexadecimal and its kin, digests.
//!
//! A text may be cut in the middle of a character. What is made of the piece at once goes by its bytes; where the piece
//! stays a text it has U+FFFD in the place of broken characters, as ClickHouse's JSON has.

use super::{Args, Function, entry};
use crate::error::Result;
use crate::typed::Typed;
use crate::types::Type;

macro_rules! map {
    ($name:literal, $kernel:literal) => {
        entry($name, (1, 1), |a| Ok(Typed::new(format!("{}({})", $kernel, a.text(0)?), Type::String)))
    };
}
macro_rules! digest {
    ($name:literal, $kernel:literal, $bytes:literal) => {
        entry($name, (1, 1), |a| {
            let bytes = format!("{}({})", $kernel, a.text(0)?);
            let sql = format!("ch_text_of_bytes({bytes})");
            Ok(Typed { bytes: Some(bytes), ..Typed::new(sql, Type::FixedString($bytes)) })
        })
    };
}

pub const ALL: &[Function] = &[
    entry("substring", (2, 3), |a| {
        let length = if a.len() > 2 { a.integer(2)? } else { "CAST(9223372036854775807 AS BIGINT)".into() };
        cut(a, &format!("{}, {length}", a.integer(1)?))
    })
    .alias(&["substr", "mid", "byteSlice"])
    .any_case()
    .with_bytes(),
    entry("left", (2, 2), |a| cut(a, &format!("CAST(1 AS BIGINT), {}", a.integer(1)?)))
        .any_case()
        .with_bytes(),
    entry("right", (2, 2), |a| {
        let (n, length) = (a.integer(1)?, format!("CAST({} AS BIGINT)", length(a)?));
        // A negative count leaves out as many at the beginning.
        cut(a, &format!("CASE WHEN {n} >= 0 THEN greatest({length} - {n}, 0) ELSE -{n} END + 1, {length}"))
    })
    .any_case()
    .with_bytes(),
    entry("reverse", (1, 1), |a| match a.ty(0)? {
        Type::Array(_) => Ok(Typed::new(format!("list_reverse({})", a.sql(0)?), a.ty(0)?.clone())),
        Type::FixedString(n) => {
            let found = of_bytes(format!("ch_reverse_bytes({})", bytes(a, 0)?));
            Ok(Typed { ty: Type::FixedString(*n), ..found })
        }
        _ => Ok(of_bytes(format!("ch_reverse_bytes({})", bytes(a, 0)?))),
    })
    .any_case()
    .with_bytes(),
    entry("hex", (1, 1), |a| {
        let x = a.at(0)?;
        let sql = match (&x.ty, &x.bytes) {
            (_, Some(bytes)) => format!("ch_hex_blob({bytes})"),
            (Type::String, None) => format!("ch_hex({})", x.value()),
            (Type::Uuid, None) => format!("upper(replace(CAST({} AS VARCHAR), '-', ''))", x.sql),
            (Type::DateTime(_), None) => format!("lpad(hex({}), 8, '0')", whole(a)?),
            (Type::Date, None) => format!("lpad(hex({}), 4, '0')", whole(a)?),
            (Type::Float64, None) => {
                format!("ch_hex_blob(ch_bytes_of_u64({}, CAST(8 AS UTINYINT)))", whole(a)?)
            }
            (Type::Float32, None) => {
                format!("ch_hex_blob(ch_bytes_of_u64({}, CAST(4 AS UTINYINT)))", whole(a)?)
            }
            (t, None) if t.integer().is_some() => format!("ch_hex_u64({})", whole(a)?),
            _ => return Err(a.unsupported("of this type")),
        };
        Ok(Typed::new(sql, Type::String))
    })
    .any_case()
    .with_bytes(),
    entry("bin", (1, 1), |a| {
        let sql = match a.ty(0)? {
            Type::String if a.at(0)?.bytes.is_none() => format!("ch_bin({})", a.text(0)?),
            t if t.integer().is_some() => format!("ch_bin_u64({})", whole(a)?),
            _ => return Err(a.unsupported("of this type")),
        };
        Ok(Typed::new(sql, Type::String))
    })
    .any_case(),
    entry("unhex", (1, 1), |a| Ok(of_bytes(format!("ch_unhex_bytes({})", a.text(0)?)))).any_case(),
    entry("char", (1, 1000), |a| {
        let codes: Vec<String> = (0..a.len())
            .map(|i| Ok(format!("CAST(trunc({}) AS BIGINT)", a.number(i)?)))
            .collect::<Result<_>>()?;
        Ok(Typed::new(format!("ch_char([{}])", codes.join(", ")), Type::String))
    })
    .any_case(),
    entry("base64Encode", (1, 1), |a| Ok(Typed::new(format!("to_base64({})", bytes(a, 0)?), Type::String)))
        .alias(&["TO_BASE64"])
        .any_case()
        .with_bytes(),
    map!("base64Decode", "ch_base64_decode").alias(&["FROM_BASE64"]).any_case(),
    map!("tryBase64Decode", "ch_try_base64_decode"),
    map!("base64URLEncode", "ch_base64_url_encode"),
    digest!("MD5", "ch_md5", 16).any_case(),
    digest!("SHA1", "ch_sha1", 20),
    digest!("SHA224", "ch_sha224", 28),
    digest!("SHA256", "ch_sha256", 32),
    digest!("SHA384", "ch_sha384", 48),
    digest!("SHA512", "ch_sha512", 64),
    digest!("murmurHash3_128", "ch_murmur_hash3_128", 16),
];

/// A text argument as a BLOB.
pub fn bytes(a: &Args<'_, '_, '_>, i: usize) -> Result<String> {
    match &a.at(i)?.bytes {
        Some(bytes) => Ok(bytes.clone()),
        None => a.text(i).map(|text| format!("encode({text})")),
    }
}

/// A BLOB as the value of a text function.
pub fn of_bytes(bytes: String) -> Typed {
    Typed { bytes: Some(bytes.clone()), ..Typed::new(format!("ch_lossy_text({bytes})"), Type::String) }
}

/// The text's length in bytes.
fn length(a: &Args<'_, '_, '_>) -> Result<String> {
    match &a.at(0)?.bytes {
        Some(bytes) => Ok(format!("octet_length({bytes})")),
        None => a.text(0).map(|text| format!("strlen({text})")),
    }
}

fn cut(a: &Args<'_, '_, '_>, range: &str) -> Result<Typed> {
    let bytes = format!("ch_substring_bytes({}, {range})", bytes(a, 0)?);
    let sql = match a.at(0)?.bytes {
        Some(_) => format!("ch_lossy_text({bytes})"),
        None => format!("ch_substring({}, {range})", a.text(0)?),
    };
    Ok(Typed { bytes: Some(bytes), ..Typed::new(sql, Type::String) })
}

/// The bits of a number, date or time as a UBIGINT.
fn whole(a: &Args<'_, '_, '_>) -> Result<String> {
    super::hashes::memory(a.at(0)?).map(|(sql, _)| sql).ok_or_else(|| a.wrong(0, "a number"))
}
