//! Values gathered into an array or a text.
//!
//! `topK` counts exactly; ClickHouse does so up to three times as many different values as it is asked for. The order of
//! values with the same count is nobody's promise.

use super::feed::{bind, or_default};
use super::{Aggregate, Args, whole};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::{Type, integer};

pub const ALL: &[Aggregate] = &[
    whole("groupArray", (1, 1), group_array).alias(&["array_agg"]).never_null().any_case(),
    whole("groupArrayLast", (1, 1), last).never_null(),
    whole("groupArraySorted", (1, 1), sorted).never_null(),
    whole("groupArraySample", (1, 1), sample).never_null(),
    whole("groupArrayInsertAt", (2, 2), insert_at).never_null(),
    whole("groupArrayMovingSum", (1, 1), moving).never_null(),
    whole("groupArrayMovingAvg", (1, 1), moving).never_null(),
    whole("groupArrayIntersect", (1, 1), intersect).never_null(),
    whole("groupConcat", (1, 2), concat).alias(&["group_concat", "string_agg"]).any_case(),
    whole("topK", (1, 1), top).never_null(),
    whole("topKWeighted", (2, 2), top).never_null(),
    whole("entropy", (1, usize::MAX), entropy),
];

fn array_of(a: &Args<'_>) -> Result<Type> {
    Ok(Type::Array(Box::new(a.ty(0)?.clone())))
}

fn limit(a: &Args<'_>, i: usize) -> Result<Option<i128>> {
    match a.param_int(i)? {
        Some(n) if n <= 0 => {
            Err(SqlError::new(Code::BadArguments, format!("`{}` wants a positive limit", a.name)))
        }
        n => Ok(n),
    }
}

fn wanted_limit(a: &Args<'_>) -> Result<i128> {
    limit(a, 0)?
        .ok_or_else(|| SqlError::new(Code::NumberOfArguments, format!("`{}` wants a limit in front", a.name)))
}

fn group_array(a: &Args<'_>) -> Result<Typed> {
    let list = a.feed.gather(&a.value(0)?);
    let sql = limit(a, 0)?.map_or(list.clone(), |n| format!("list_slice({list}, 1, {n})"));
    Ok(Typed::new(sql, array_of(a)?))
}

/// The last ones stand as in a ring that is written round and round.
fn last(a: &Args<'_>) -> Result<Typed> {
    let n = wanted_limit(a)?;
    let list = format!("l{}_", a.feed.depth());
    let body = format!(
        "CASE WHEN len({list}) <= {n} THEN {list} ELSE list_slice({list}, len({list}) - len({list}) % {n} + 1, len({list})) || list_slice({list}, len({list}) - {n} + 1, len({list}) - len({list}) % {n}) END"
    );
    Ok(Typed::new(bind(&a.feed.gather(&a.value(0)?), &list, &body), array_of(a)?))
}

fn sorted(a: &Args<'_>) -> Result<Typed> {
    let n = wanted_limit(a)?;
    if matches!(a.ty(0)?.plain(), Type::Uuid | Type::Ipv6 | Type::Enum(..)) {
        return Err(a.unsupported("of this type"));
    }
    Ok(Typed::new(format!("list_slice(list_sort({}), 1, {n})", a.feed.gather(&a.value(0)?)), array_of(a)?))
}

/// Some of the values, by chance.
fn sample(a: &Args<'_>) -> Result<Typed> {
    let n = wanted_limit(a)?;
    let list = a.feed.gather(&format!("struct_pack(r := random(), v := {})", a.value(0)?));
    let drawn = format!("list_slice(list_sort({list}), 1, {n})");
    Ok(Typed::new(format!("list_transform({drawn}, lambda p_: p_.v)"), array_of(a)?))
}

/// The first value of each place, and a default where there is none.
fn insert_at(a: &Args<'_>) -> Result<Typed> {
    let ty = a.ty(0)?.clone();
    if !matches!(a.ty(1)?.plain(), Type::UInt(_) | Type::Bool) {
        return Err(a.illegal(1));
    }
    let default = match a.params.first() {
        Some(p) => p.widened(&ty)?,
        None => duck::default_of(&ty)?,
    };
    let (list, i) = (format!("l{}_", a.feed.depth()), format!("i{}_", a.feed.depth()));
    let length = match limit(a, 1)? {
        Some(n) => n.to_string(),
        None => format!("coalesce(list_max(list_transform({list}, lambda p_: p_.p)) + 1, 0)"),
    };
    let found = format!("list_filter({list}, lambda p_: p_.p = {i})[1].v");
    let body = format!(
        "list_transform(range(0, {length}), lambda {i}: coalesce({found}, CAST({default} AS {})))",
        duck::type_of(&ty)?
    );
    let pair = format!("struct_pack(v := {}, p := CAST({} AS BIGINT))", a.value(0)?, a.number(1)?);
    Ok(Typed::new(bind(&a.feed.gather(&pair), &list, &body), array_of(a)?))
}

/// Sums of each value and those before it, as far as the window reaches.
fn moving(a: &Args<'_>) -> Result<Typed> {
    let is_sum = a.name.ends_with("Sum");
    let sum = match a.ty(0)?.plain() {
        Type::Decimal(_, s) => Type::Decimal(38, *s),
        t if t.is_float() => Type::Float64,
        t => t.integer().map(|(bits, signed)| integer(bits.max(64), signed)).ok_or_else(|| a.illegal(0))?,
    };
    if sum.is_decimal() && !is_sum {
        return Err(a.unsupported("of decimals"));
    }
    let (list, i) = (format!("l{}_", a.feed.depth()), format!("i{}_", a.feed.depth()));
    let window = limit(a, 0)?;
    // The difference of two sums from the start, so that floats are rounded as they are there.
    let sum_to = |end: &str| format!("coalesce(list_sum(list_slice({list}, 1, {end})), 0)");
    let part = match window {
        None => sum_to(&i),
        Some(n) => format!("({} - {})", sum_to(&i), sum_to(&format!("greatest({i} - {n}, 0)"))),
    };
    let value = if is_sum {
        format!("CAST({part} AS {})", duck::type_of(&sum)?)
    } else {
        let width = window.map_or(format!("len({list})"), |n| n.to_string());
        format!("CAST({part} AS DOUBLE) / {width}")
    };
    let body = format!("list_transform(range(1, len({list}) + 1), lambda {i}: {value})");
    let item = if is_sum { sum } else { Type::Float64 };
    Ok(Typed::new(bind(&a.feed.gather(&a.number(0)?), &list, &body), Type::Array(Box::new(item))))
}

/// The items that all arrays have.
fn intersect(a: &Args<'_>) -> Result<Typed> {
    let ty = a.ty(0)?.clone();
    let Type::Array(_) = ty.plain() else { return Err(a.illegal(0)) };
    let lists = a.feed.gather(&a.value(0)?);
    let sql = format!("list_reduce({lists}, lambda x_, y_: list_intersect(x_, y_))");
    let sql = format!("CASE WHEN len({lists}) = 0 THEN NULL ELSE list_distinct({sql}) END");
    Ok(Typed::new(or_default(sql, &ty)?, ty))
}

fn concat(a: &Args<'_>) -> Result<Typed> {
    let delimiter = match (a.params.first(), a.feed.args.get(1)) {
        (Some(p), _) | (None, Some(p)) => p.text().ok_or_else(|| {
            SqlError::new(Code::BadArguments, format!("`{}` wants a constant delimiter", a.name))
        })?,
        (None, None) => "",
    };
    let text = crate::cast::text_of(&Typed { ty: a.ty(0)?.plain().clone(), ..a.arg(0)?.clone() })?;
    let sql = match limit(a, 1)? {
        None => a.feed.fold_with("string_agg", &text, &duck::text(delimiter)),
        Some(n) => format!(
            "list_aggregate(list_slice({}, 1, {n}), 'string_agg', {})",
            a.feed.gather(&text),
            duck::text(delimiter)
        ),
    };
    a.natural(sql, Type::String)
}

/// The values with the highest counts, or sums of weights.
fn top(a: &Args<'_>) -> Result<Typed> {
    if a.params.len() > 2 {
        return Err(a.unsupported("with counts"));
    }
    let n = limit(a, 0)?.unwrap_or(10);
    let list = format!("l{}_", a.feed.depth());
    let (values, counted) = if a.name == "topK" {
        (a.feed.gather(&a.value(0)?), format!("map_entries(list_aggregate({list}, 'histogram'))"))
    } else {
        let pair = format!("struct_pack(v := {}, w := CAST({} AS BIGINT))", a.value(0)?, a.number(1)?);
        let keys = format!("list_distinct(list_transform({list}, lambda p_: p_.v))");
        let weight =
            format!("list_sum(list_transform(list_filter({list}, lambda p_: p_.v = k_), lambda p_: p_.w))");
        let entries = format!("list_transform({keys}, lambda k_: struct_pack(key := k_, value := {weight}))");
        (a.feed.gather(&pair), entries)
    };
    let ranked = format!(
        "list_sort(list_transform({counted}, lambda e_, i_: struct_pack(c := -CAST(e_.value AS BIGINT), i := i_, k := e_.key)))"
    );
    let best = format!("list_transform(list_slice({ranked}, 1, {n}), lambda p_: p_.k)");
    let ty = array_of(a)?;
    Ok(Typed::new(or_default(bind(&values, &list, &best), &ty)?, ty))
}

/// Bits that a value tells.
fn entropy(a: &Args<'_>) -> Result<Typed> {
    let list = format!("l{}_", a.feed.depth());
    let share = format!("(c_ / len({list}))");
    let counts = format!("map_values(list_aggregate({list}, 'histogram'))");
    let body = format!("list_sum(list_transform({counts}, lambda c_: {share} * log2({share})))");
    let sql = format!("abs({})", bind(&a.feed.gathered(false), &list, &body));
    Ok(a.float(sql, Type::Float64))
}
