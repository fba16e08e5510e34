//! Chains of events and series of values in time.

use super::feed::bind;
use super::{Aggregate, Args, Part, parts, whole};
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::Type;

/// Most conditions of one function.
const CONDITIONS_MAX: usize = 32;

pub const ALL: &[Aggregate] = &[
    parts("retention", (2, CONDITIONS_MAX), met, retention).never_null(),
    whole("windowFunnel", (2, CONDITIONS_MAX + 1), funnel).never_null(),
    whole("exponentialMovingAverage", (2, 2), moving_average),
];

/// The conditions from an argument on as bits of a number, the first the lowest.
fn mask(a: &Args<'_>, from: usize) -> Result<String> {
    let mut bits = Vec::new();
    for (i, arg) in a.feed.args.iter().enumerate().skip(from) {
        if !matches!(arg.ty.plain(), Type::UInt(8) | Type::Bool) {
            return Err(a.illegal(i));
        }
        bits.push(format!("CASE WHEN {} THEN {} ELSE 0 END", arg.condition(), 1_u64 << (i - from)));
    }
    Ok(format!("CAST({} AS UBIGINT)", bits.join(" + ")))
}

/// All conditions that any row met.
fn met(a: &Args<'_>) -> Result<Vec<Part>> {
    Ok(vec![Part {
        name: "m",
        ty: "UBIGINT".into(),
        make: a.feed.fold("bit_or", &mask(a, 0)?),
        join: Box::new(|states, field| states.fold("bit_or", &field("m"))),
    }])
}

/// Whether the first condition was met, and which others with it.
fn retention(a: &Args<'_>, p: &[String]) -> Result<Typed> {
    let mask = format!("coalesce({}, 0)", p[0]);
    let bit = |i: usize| format!("CAST({mask} & 1 <> 0 AND {mask} & {} <> 0 AS UTINYINT)", 1_u64 << i);
    let bits: Vec<String> = (0..a.feed.args.len()).map(bit).collect();
    Ok(Typed::new(format!("[{}]", bits.join(", ")), Type::Array(Box::new(Type::UInt(8)))))
}

/// How many conditions in a row were met within the window.
fn funnel(a: &Args<'_>) -> Result<Typed> {
    let bad = |message: String| SqlError::new(Code::BadArguments, message);
    let window = a.param_int(0)?.filter(|n| (0..=i128::from(i64::MAX)).contains(n));
    let window = window.ok_or_else(|| bad("`windowFunnel` wants its window in front".into()))?;
    let mut increases = false;
    for param in a.params.iter().skip(1) {
        match param.text() {
            Some("strict_increase") => increases = true,
            Some(mode) => return Err(a.unsupported(&format!("with the mode `{mode}`"))),
            None => return Err(bad("a mode of `windowFunnel` has to be a text".into())),
        }
    }
    let time = match a.ty(0)?.plain() {
        Type::Date => format!("CAST({} - DATE '1970-01-01' AS UBIGINT)", a.value(0)?),
        Type::DateTime(_) => format!("CAST(epoch({}) AS UBIGINT)", a.value(0)?),
        Type::UInt(8..=64) => format!("CAST({} AS UBIGINT)", a.value(0)?),
        _ => return Err(a.illegal(0)),
    };
    let (list, mask) = (format!("w{}_", a.feed.depth()), mask(a, 1)?);
    let rows = a.feed.gather(&format!("struct_pack(t := {time}, m := {mask})"));
    let body = format!(
        "ch_window_funnel(list_transform({list}, lambda r_: r_.t), list_transform({list}, lambda r_: r_.m), CAST({} AS UTINYINT), CAST({window} AS UBIGINT), {increases})",
        a.feed.args.len() - 1
    );
    Ok(Typed::new(bind(&rows, &list, &body), Type::UInt(8)))
}

/// Each value counts half as much after every half-decay.
fn moving_average(a: &Args<'_>) -> Result<Typed> {
    let half = a.param_float(0)?;
    if half <= 0.0 {
        return Err(SqlError::new(Code::BadArguments, "the half-decay has to be above 0"));
    }
    let (list, last) = (format!("w{}_", a.feed.depth()), format!("t{}_", a.feed.depth()));
    let rows = a.feed.gather(&format!("struct_pack(v := {}, t := {})", a.double(0)?, a.double(1)?));
    let weighted = format!("list_transform({list}, lambda r_: r_.v * pow(2, (r_.t - {last}) / {half:?}))");
    let sum = bind(
        &format!("list_max(list_transform({list}, lambda r_: r_.t))"),
        &last,
        &format!("list_sum({weighted})"),
    );
    let sql = bind(&rows, &list, &format!("{sum} * (1 - pow(2, -1 / {half:?}))"));
    a.natural(sql, Type::Float64)
}
