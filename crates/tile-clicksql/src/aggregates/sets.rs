//! Different values: how many there are, and which.
//!
//! `uniq` and its kin count exactly here. ClickHouse's are exact up to 65 536 values (`uniq`), about 2^16 (`uniqCombined`) and
//! 2 500 (`uniqHLL12`); above that their answers differ from ours by their own error, about 0.5 %, 0.5 % and 2 %.

use super::feed::Feed;
use super::{Aggregate, Args, Part, order, parts, whole};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::{Typed, bits_of};
use crate::types::Type;

const MANY: usize = usize::MAX;

pub const ALL: &[Aggregate] = &[
    parts("uniq", (1, MANY), set, size).directly(different).never_null(),
    parts("uniqExact", (1, MANY), set, size).directly(different).never_null(),
    parts("uniqCombined", (1, MANY), set, size).directly(different),
    parts("uniqCombined64", (1, MANY), set, size).directly(different),
    parts("uniqHLL12", (1, MANY), set, size).directly(different).never_null(),
    parts("countDistinct", (1, MANY), set, size).directly(different).never_null().any_case(),
    whole("uniqUpTo", (1, MANY), up_to).never_null(),
    parts("groupBitmap", (1, 1), bitmap, |a, p| narrowed(a, size(a, p)?)).directly(bitmap_size).never_null(),
    parts("groupUniqArray", (1, 1), items, |a, p| {
        // The zone of a DateTime is lost in this one function.
        let ty = match array_of(a)? {
            Type::Array(item) if matches!(*item, Type::DateTime(_)) => {
                Type::Array(Box::new(Type::DateTime(None)))
            }
            other => other,
        };
        Ok(Typed::new(format!("coalesce({}, [])", p[0]), ty))
    })
    .never_null(),
];

/// The arguments as values that are equal where their bits are.
fn told_apart(a: &Args<'_>) -> Feed {
    let bits = |arg: &Typed| {
        if !arg.ty.plain().is_float() {
            return arg.clone();
        }
        let ty = if *arg.ty.plain() == Type::Float64 { Type::UInt(64) } else { Type::UInt(32) };
        Typed::new(bits_of(&arg.value(), &arg.ty), ty)
    };
    a.feed.with(a.feed.args.iter().map(bits).collect())
}

/// The arguments as one value; several make a tuple.
fn set(a: &Args<'_>) -> Result<Vec<Part>> {
    let feed = told_apart(a);
    let types = feed.args.iter().map(|arg| duck::type_of(&arg.ty)).collect::<Result<Vec<_>>>()?;
    let form = match types.as_slice() {
        [one] => one.clone(),
        many => {
            let fields = many.iter().enumerate().map(|(i, t)| format!("a{i} {t}"));
            format!("STRUCT({})", fields.collect::<Vec<_>>().join(", "))
        }
    };
    Ok(vec![Part {
        name: "u",
        ty: format!("{form}[]"),
        make: feed.gather_distinct(&feed.packed()),
        join: Box::new(|states, field| {
            let state = field("u");
            let mut filled = states.clone();
            filled.keep(format!("{state} IS NOT NULL"));
            format!("list_distinct(flatten({}))", filled.gather(&state))
        }),
    }])
}

fn size(a: &Args<'_>, p: &[String]) -> Result<Typed> {
    // A set without items is one of no rows.
    let length = format!("CAST(nullif(len({}), 0) AS UBIGINT)", p[0]);
    a.natural(length, Type::UInt(64))
}

fn different(a: &Args<'_>) -> Result<Typed> {
    let sql = format!("CAST({} AS UBIGINT)", a.feed.count_distinct(&told_apart(a).packed()));
    Ok(a.guarded(sql, Type::UInt(64)))
}

fn up_to(a: &Args<'_>) -> Result<Typed> {
    let n = a
        .param_int(0)?
        .filter(|n| (0..=100).contains(n))
        .ok_or_else(|| SqlError::new(Code::BadArguments, "`uniqUpTo` wants a parameter between 0 and 100"))?;
    let count = a.feed.count_distinct(&told_apart(a).packed());
    Ok(Typed::new(format!("CAST(least({count}, {}) AS UBIGINT)", n + 1), Type::UInt(64)))
}

fn bitmap(a: &Args<'_>) -> Result<Vec<Part>> {
    if !matches!(a.ty(0)?.plain(), Type::UInt(8..=64)) {
        return Err(a.illegal(0));
    }
    set(a)
}

/// The size of a bitmap has the type of its items.
fn narrowed(a: &Args<'_>, size: Typed) -> Result<Typed> {
    let ty = a.ty(0)?.plain().clone();
    Ok(Typed::new(format!("CAST({} AS {})", size.sql, duck::type_of(&ty)?), ty))
}

fn bitmap_size(a: &Args<'_>) -> Result<Typed> {
    bitmap(a)?;
    narrowed(a, different(a)?)
}

fn limit(a: &Args<'_>) -> Result<Option<i128>> {
    match a.param_int(0)? {
        Some(n) if n <= 0 => {
            Err(SqlError::new(Code::BadArguments, format!("`{}` wants a positive limit", a.name)))
        }
        n => Ok(n),
    }
}

fn array_of(a: &Args<'_>) -> Result<Type> {
    Ok(Type::Array(Box::new(a.ty(0)?.clone())))
}

/// The items of a set; with a limit those that came first.
fn items(a: &Args<'_>) -> Result<Vec<Part>> {
    let (limit, ty, depth) = (limit(a)?.unwrap_or(0), a.ty(0)?.clone(), a.feed.depth());
    let unique = move |list: &str, depth: usize| {
        order::of_set(list, &ty, depth, limit).unwrap_or_else(|| {
            // The order is nobody's promise.
            let unique = format!("list_distinct({list})");
            if limit > 0 { format!("list_slice({unique}, 1, {limit})") } else { unique }
        })
    };
    Ok(vec![Part {
        name: "u",
        ty: duck::type_of(&array_of(a)?)?,
        make: unique(&a.feed.gather(&a.value(0)?), depth),
        join: Box::new(move |states, field| {
            let state = field("u");
            let mut filled = states.clone();
            filled.keep(format!("{state} IS NOT NULL"));
            unique(&format!("flatten({})", filled.gather(&state)), states.depth())
        }),
    }])
}
