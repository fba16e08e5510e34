//! Counts, sums and means.

use super::{Aggregate, Args, Feed, Part, added, parts, whole};
use crate::error::Result;
use crate::typed::Typed;
use crate::types::{Type, integer};

pub const ALL: &[Aggregate] = &[
    parts("count", (0, 1), count_parts, |_, p| Ok(Typed::new(zero(&p[0]), Type::UInt(64))))
        .any_case()
        .never_null(),
    parts("sum", (1, 1), sum_parts, |a, p| a.natural(p[0].clone(), sum_type(a, 0)?)).any_case(),
    parts("sumWithOverflow", (1, 1), overflow_parts, |a, p| a.natural(p[0].clone(), overflow_type(a)?)),
    parts("sumKahan", (1, 1), kahan_parts, |a, p| a.natural(p[0].clone(), kahan_type(a)?)),
    parts("avg", (1, 1), avg_parts, avg).any_case(),
    parts("avgWeighted", (2, 2), weighted_parts, weighted),
    parts("sumCount", (1, 1), avg_parts, sum_count),
    parts("groupBitAnd", (1, 1), |a| bits(a, "bit_and"), |a, p| bits_result(a, &p[0], "-1"))
        .alias(&["BIT_AND"]),
    parts("groupBitOr", (1, 1), |a| bits(a, "bit_or"), |a, p| bits_result(a, &p[0], "0")).alias(&["BIT_OR"]),
    parts("groupBitXor", (1, 1), |a| bits(a, "bit_xor"), |a, p| bits_result(a, &p[0], "0"))
        .alias(&["BIT_XOR"]),
    whole("deltaSum", (1, 1), delta_sum).never_null(),
    whole("boundingRatio", (2, 2), bounding_ratio),
];

fn zero(sql: &str) -> String {
    format!("coalesce({sql}, CAST(0 AS UBIGINT))")
}

fn count_parts(a: &Args<'_>) -> Result<Vec<Part>> {
    a.no_params()?;
    let mut part = added("c", a.feed, "1", &Type::UInt(64))?;
    part.make = match a.feed.args.first() {
        Some(arg) => format!("CAST({} AS UBIGINT)", a.feed.fold("count", &arg.value())),
        None => format!("CAST({} AS UBIGINT)", a.feed.count()),
    };
    Ok(vec![part])
}

fn sum_type(a: &Args<'_>, i: usize) -> Result<Type> {
    match a.ty(i)?.plain() {
        Type::Decimal(p, s) => Ok(Type::Decimal(if *p > 38 { 76 } else { 38 }, *s)),
        t if t.is_float() => Ok(Type::Float64),
        t => t.integer().map(|(bits, signed)| integer(bits.max(64), signed)).ok_or_else(|| a.illegal(i)),
    }
}

fn sum_parts(a: &Args<'_>) -> Result<Vec<Part>> {
    let ty = sum_type(a, 0)?;
    let value = if ty.is_float() { a.double(0)? } else { a.number(0)? };
    let mut part = added("s", a.feed, &value, &ty)?;
    // Fewer than 2^32 numbers of 32 bits cannot leave 64.
    if a.ty(0)?.plain().integer().is_some_and(|(bits, _)| bits < 64) {
        part.make = format!("CAST({} AS {})", a.feed.fold("sum", &value), part.ty);
    }
    Ok(vec![part])
}

fn overflow_type(a: &Args<'_>) -> Result<Type> {
    match a.ty(0)?.plain() {
        Type::Bool => Ok(Type::UInt(8)),
        t if t.is_number() => Ok(t.clone()),
        _ => Err(a.illegal(0)),
    }
}

fn overflow_parts(a: &Args<'_>) -> Result<Vec<Part>> {
    Ok(vec![added("s", a.feed, &a.number(0)?, &overflow_type(a)?)?])
}

fn kahan_type(a: &Args<'_>) -> Result<Type> {
    Ok(if a.ty(0)?.plain().is_decimal() { sum_type(a, 0)? } else { Type::Float64 })
}

fn kahan_parts(a: &Args<'_>) -> Result<Vec<Part>> {
    let ty = kahan_type(a)?;
    if ty.is_decimal() {
        return sum_parts(a);
    }
    Ok(vec![Part {
        name: "s",
        ty: "DOUBLE".into(),
        make: a.feed.fold("fsum", &a.double(0)?),
        join: Box::new(|states, field| states.fold("fsum", &field("s"))),
    }])
}

/// A sum in a type: whole numbers wrap around; NULL of nothing.
pub fn summed(feed: &Feed, value: &str, ty: &Type) -> String {
    let sum = feed.fold("sum", value);
    match ty.integer() {
        Some((bits @ 8..=64, signed)) => wrapped(&sum, bits, signed),
        _ => format!("CAST({sum} AS {})", crate::duck::type_of(ty).unwrap_or_default()),
    }
}

/// A `HUGEINT` cut to so many bits.
fn wrapped(sql: &str, bits: u16, signed: bool) -> String {
    let (all, half) = (1_u128 << bits, 1_u128 << (bits - 1));
    let form = crate::duck::type_of(&integer(bits, signed)).unwrap_or_default();
    if signed {
        format!("CAST((({sql} + {half}) % {all} + {all}) % {all} - {half} AS {form})")
    } else {
        format!("CAST({sql} % {all} AS {form})")
    }
}

/// A date or time as a whole number of what its type counts.
fn ticks(ty: &Type, value: &str) -> Option<String> {
    match ty {
        Type::Date | Type::Date32 => Some(format!("CAST({value} - DATE '1970-01-01' AS BIGINT)")),
        Type::DateTime(_) => Some(format!("CAST(epoch({value}) AS BIGINT)")),
        Type::DateTime64(s, _) if *s <= 6 => {
            Some(format!("(epoch_us({value}) // {})", 10_u32.pow(6 - u32::from(*s))))
        }
        _ => None,
    }
}

/// Sum and count.
fn avg_parts(a: &Args<'_>) -> Result<Vec<Part>> {
    let mut parts = match ticks(a.ty(0)?.plain(), &a.value(0)?) {
        Some(ticks) if a.name == "avg" => vec![added("s", a.feed, &ticks, &Type::Int(64))?],
        _ => sum_parts(a)?,
    };
    let mut count = added("c", a.feed, "1", &Type::UInt(64))?;
    count.make = format!("CAST({} AS UBIGINT)", a.feed.fold("count", &a.value(0)?));
    parts.push(count);
    Ok(parts)
}

fn ratio(a: &Args<'_>, over: &str, under: &str) -> Typed {
    let nothing = if a.null { "NULL" } else { "CAST('nan' AS DOUBLE)" };
    let sql = format!(
        "CASE WHEN coalesce({under}, 0) = 0 THEN {nothing} ELSE CAST({over} AS DOUBLE) / {under} END"
    );
    Typed::new(sql, a.wrapped(Type::Float64))
}

fn avg(a: &Args<'_>, p: &[String]) -> Result<Typed> {
    let ty = a.ty(0)?.plain().clone();
    if ticks(&ty, "").is_none() {
        sum_type(a, 0)?;
        return Ok(ratio(a, &p[0], &p[1]));
    }
    let mean = format!("CAST(round_even(CAST({} AS DOUBLE) / nullif({}, 0), 0) AS BIGINT)", p[0], p[1]);
    let sql = match &ty {
        Type::DateTime(_) => format!("make_timestamp({mean} * 1000000)"),
        Type::DateTime64(s, _) => {
            format!("make_timestamp({mean} * {})", 10_u32.pow(6_u32.saturating_sub(u32::from(*s))))
        }
        _ => format!("DATE '1970-01-01' + CAST({mean} AS INTEGER)"),
    };
    a.natural(sql, ty)
}

fn sum_count(a: &Args<'_>, p: &[String]) -> Result<Typed> {
    let sum = sum_type(a, 0)?;
    let sql = format!(
        "struct_pack(\"1\" := {}, \"2\" := {})",
        super::feed::or_default(p[0].clone(), &sum)?,
        zero(&p[1])
    );
    Ok(Typed::new(sql, Type::Tuple(vec![(None, sum), (None, Type::UInt(64))])))
}

fn weighted_parts(a: &Args<'_>) -> Result<Vec<Part>> {
    if a.ty(0)?.plain().is_decimal() || a.ty(1)?.plain().is_decimal() {
        return Err(a.unsupported("of decimals"));
    }
    let product = format!("{} * {}", a.double(0)?, a.double(1)?);
    Ok(vec![
        added("s", a.feed, &product, &Type::Float64)?,
        added("c", a.feed, &a.double(1)?, &Type::Float64)?,
    ])
}

fn weighted(a: &Args<'_>, p: &[String]) -> Result<Typed> {
    Ok(ratio(a, &p[0], &p[1]))
}

/// Numbers without a sign are joined bit by bit; those with one have the same bits there.
fn bits(a: &Args<'_>, function: &'static str) -> Result<Vec<Part>> {
    let ty = overflow_type(a)?;
    if ty.integer().is_none() {
        return Err(a.illegal(0));
    }
    Ok(vec![Part {
        name: "b",
        ty: crate::duck::type_of(&ty)?,
        make: a.feed.fold(function, &a.number(0)?),
        join: Box::new(move |states, field| states.fold(function, &field("b"))),
    }])
}

fn bits_result(a: &Args<'_>, sql: &str, empty: &str) -> Result<Typed> {
    let ty = overflow_type(a)?;
    let empty = match ty.integer() {
        Some((bits, false)) if empty == "-1" && bits <= 64 => ((1_u128 << bits) - 1).to_string(),
        _ => empty.to_owned(),
    };
    if a.null {
        return Ok(Typed::new(sql, ty.nullable()));
    }
    Ok(Typed::new(format!("coalesce({sql}, CAST({empty} AS {}))", crate::duck::type_of(&ty)?), ty))
}

/// The sum of what each value rises above the one before.
fn delta_sum(a: &Args<'_>) -> Result<Typed> {
    let ty = overflow_type(a)?;
    if ty.is_decimal() {
        return Err(a.illegal(0));
    }
    let list = format!("d{}_", a.feed.depth());
    let form = crate::duck::type_of(&ty)?;
    let body = format!(
        "coalesce(CAST(list_sum(list_transform(range(2, len({list}) + 1), lambda i_: CASE WHEN {list}[i_] > {list}[i_ - 1] THEN {list}[i_] - {list}[i_ - 1] ELSE 0 END)) AS {form}), 0)"
    );
    Ok(Typed::new(super::feed::bind(&a.feed.gather(&a.number(0)?), &list, &body), ty))
}

/// The slope between the points with the least and the greatest x.
fn bounding_ratio(a: &Args<'_>) -> Result<Typed> {
    let (x, y) = (a.double(0)?, a.double(1)?);
    let (x1, x2) = (a.feed.fold("min", &x), a.feed.fold("max", &x));
    let (y1, y2) = (a.feed.beside(false, &y, &x), a.feed.beside(true, &y, &x));
    Ok(a.float(format!("({y2} - {y1}) / ({x2} - {x1})"), Type::Float64))
}
