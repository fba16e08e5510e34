//! Special functions of mathematics, and arithmetic by items.

use super::{Args, Function, entry};
use crate::error::Result;
use crate::typed::Typed;
use crate::types::Type;

macro_rules! math {
    ($name:literal, $kernel:literal) => {
        entry($name, (1, 1), |a| Ok(Typed::new(format!("{}({})", $kernel, a.double(0)?), Type::Float64)))
    };
}

pub const ALL: &[Function] = &[
    math!("erf", "ch_erf"),
    math!("erfc", "ch_erfc"),
    math!("tgamma", "ch_tgamma"),
    math!("lgamma", "ch_lgamma"),
    math!("sinh", "ch_sinh"),
    math!("cosh", "ch_cosh"),
    math!("tanh", "ch_tanh").any_case(),
    math!("asinh", "ch_asinh"),
    math!("acosh", "ch_acosh"),
    math!("atanh", "ch_atanh"),
    math!("log1p", "ch_log1p"),
    entry("hypot", (2, 2), |a| {
        Ok(Typed::new(format!("ch_hypot({}, {})", a.double(0)?, a.double(1)?), Type::Float64))
    }),
    entry("max2", (2, 2), |a| extreme(a, "greatest")).guarded().any_case(),
    entry("min2", (2, 2), |a| extreme(a, "least")).guarded().any_case(),
    entry("intExp2", (1, 1), |a| {
        let n = a.integer(0)?;
        let sql = format!("CASE WHEN {n} < 0 THEN 0 WHEN {n} >= 64 THEN 18446744073709551615 ELSE CAST(pow(2::DOUBLE, {n}) AS UBIGINT) END");
        Ok(Typed::new(format!("CAST({sql} AS UBIGINT)"), Type::UInt(64)))
    }),
    entry("factorial", (1, 1), |a| {
        let n = a.integer(0)?;
        let sql = format!(
            "CASE WHEN {n} > 20 THEN error('The maximum factorial is 20!') ELSE CAST(factorial(CAST(greatest({n}, 0) AS INTEGER)) AS UBIGINT) END"
        );
        Ok(Typed::new(sql, Type::UInt(64)))
    })
    .guarded()
    .any_case(),
    entry("bitShiftLeft", (2, 2), |a| shifted(a, true)),
    entry("bitShiftRight", (2, 2), |a| shifted(a, false)),
    entry("bitNot", (1, 1), |a| {
        let ty = a.ty(0)?.clone();
        if ty.integer().is_none_or(|(bits, _)| bits > 64) || ty == Type::Bool {
            return Err(a.wrong(0, "a whole number"));
        }
        Ok(Typed::new(format!("(~{})", a.sql(0)?), ty))
    }),
    entry("bitTest", (2, 2), |a| {
        let (x, n) = (a.sql(0)?, a.integer(1)?);
        if !matches!(a.ty(0)?, Type::UInt(8..=64)) {
            return Err(a.unsupported("of this type"));
        }
        Ok(Typed::new(format!("CAST((CAST({x} AS UBIGINT) >> CAST({n} AS UBIGINT)) & 1 AS UTINYINT)"), Type::UInt(8)))
    }),
    entry("bitCount", (1, 1), |a| {
        let (bits, _) = super::hashes::memory(a.at(0)?).ok_or_else(|| a.wrong(0, "a number"))?;
        Ok(Typed::new(format!("CAST(bit_count({bits}) AS UTINYINT)"), Type::UInt(8)))
    }),
];

/// The larger or the smaller of two numbers as floats.
fn extreme(a: &Args<'_, '_, '_>, how: &str) -> Result<Typed> {
    Ok(Typed::new(format!("{how}({}, {})", a.double(0)?, a.double(1)?), Type::Float64))
}

/// Bits that leave the type are lost.
fn shifted(a: &Args<'_, '_, '_>, left: bool) -> Result<Typed> {
    let (Some((x, s)), Some((y, t))) = (a.ty(0)?.integer(), a.ty(1)?.integer()) else {
        return Err(a.wrong(0, "whole numbers"));
    };
    if s || t || x.max(y) > 64 {
        return Err(a.unsupported("of numbers with a sign or of more than 64 bits"));
    }
    let bits = x.max(y);
    let ty = Type::UInt(bits);
    let (value, count) =
        (format!("CAST({} AS UHUGEINT)", a.sql(0)?), format!("CAST({} AS UHUGEINT)", a.sql(1)?));
    let low = if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
    let moved =
        if left { format!("(({value} << {count}) & {low})") } else { format!("({value} >> {count})") };
    let sql = format!("CASE WHEN {count} >= {bits} THEN 0 ELSE {moved} END");
    Ok(Typed::new(format!("CAST({sql} AS {})", crate::duck::type_of(&ty)?), ty))
}
