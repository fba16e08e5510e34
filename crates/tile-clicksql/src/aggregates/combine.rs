//! Combinators: each changes what the function inside is fed with, or what becomes of its result.

use super::feed::{Feed, bind};
use super::name::{Combinator, Stack, parse};
use super::{Args, Body, Nulls, Parts, states};
use crate::duck;
use crate::error::{Code, Result, SqlError};
use crate::typed::Typed;
use crate::types::{AggregateState, Type};

/// Most bins of `-Resample`: each is an aggregate of its own.
const BINS_MAX: i128 = 1000;

/// What `SimpleAggregateFunction` takes.
const SIMPLE: &[&str] = &[
    "any",
    "anyLast",
    "min",
    "max",
    "sum",
    "sumWithOverflow",
    "groupBitAnd",
    "groupBitOr",
    "groupBitXor",
    "sumMap",
    "minMap",
    "maxMap",
    "groupArrayArray",
    "groupArrayLastArray",
    "groupUniqArrayArray",
];

fn unknown(name: &str) -> SqlError {
    SqlError::new(Code::UnknownFunction, format!("unknown aggregate function `{name}`"))
}

fn named(name: &str, distinct: bool) -> Result<Stack> {
    let mut stack = parse(name).ok_or_else(|| unknown(name))?;
    if distinct && stack.combinators.is_empty() && stack.base.name == "count" {
        return parse("countDistinct").ok_or_else(|| unknown(name));
    }
    if distinct {
        stack.combinators.push(Combinator::Distinct);
    }
    Ok(stack)
}

fn as_aggregated(args: &[Typed]) -> Vec<Typed> {
    args.iter().map(|a| Typed { ty: a.ty.as_aggregated(), ..a.clone() }).collect()
}

/// Functions that only hand their first argument on.
const PASSING: &[&str] =
    &["any", "anyLast", "first_value", "last_value", "argMin", "argMax", "count", "groupArray"];

/// Texts that were cut inside of a character are compared by their bytes or not at all.
fn as_texts(stack: &Stack, args: &[Typed]) -> Vec<Typed> {
    let compares = |i: usize| i > 0 || !stack.combinators.is_empty() || !PASSING.contains(&stack.base.name);
    let counts = stack.base.name.starts_with("uniq") || stack.base.name == "countDistinct";
    let told_apart = counts && !stack.combinators.contains(&Combinator::State);
    let one = |(i, a): (usize, &Typed)| match &a.bytes {
        Some(_) if !compares(i) => a.clone(),
        Some(bytes) if told_apart => Typed { sql: bytes.clone(), bytes: None, ..a.clone() },
        _ => a.clone().into_text(),
    };
    args.iter().enumerate().map(one).collect()
}

/// Resolves a call. `filter` is a DuckDB condition on rows, `over` a window.
///
/// # Errors
/// For names, types and numbers of arguments that ClickHouse refuses, and for what is not supported.
pub fn resolve(
    name: &str,
    params: &[Typed],
    args: &[Typed],
    distinct: bool,
    filter: Option<String>,
    over: Option<&str>,
) -> Result<Typed> {
    let stack = named(name, distinct)?;
    call(&stack, params, Feed::rows(as_aggregated(&as_texts(&stack, args)), filter, over), false)
}

/// The function over rows in an order, as merges take them.
///
/// # Errors
/// As [`resolve`].
pub fn ordered(name: &str, args: &[Typed], order: &str) -> Result<Typed> {
    call(&named(name, false)?, &[], Feed::ordered(as_aggregated(args), order), false)
}

/// The function over arrays in the place of rows.
///
/// # Errors
/// As [`resolve`].
pub fn reduced(name: &str, params: &[Typed], arrays: &[Typed]) -> Result<Typed> {
    let stack = parse(name).ok_or_else(|| unknown(name))?;
    let whole = Feed::list("[1]".into(), &[Type::UInt(8)], 9);
    let feed = whole.with(as_aggregated(arrays)).exploded(name)?;
    call(&stack, params, feed, false)
}

/// Applies a function with its combinators. `null` tells that the result of nothing is NULL.
pub(super) fn call(stack: &Stack, params: &[Typed], mut feed: Feed, null: bool) -> Result<Typed> {
    let Some(outermost) = stack.outermost() else { return base(stack, params, feed, null) };
    let inner = stack.inner();
    match outermost {
        Combinator::State => return states::make(&inner, params, feed),
        Combinator::Merge => return states::merge(&inner, params, &feed),
        Combinator::SimpleState => return simple_state(&inner, params, feed),
        _ => {}
    }
    if let Some(found) = nothing(stack, &feed) {
        return Ok(found);
    }
    let null_condition = feed.args.last().is_some_and(|a| a.ty.is_nullable());
    let null = strip(stack, &mut feed) || null;
    match outermost {
        Combinator::If => call(&inner, params, conditional(feed, stack)?, null),
        Combinator::Array => call(&inner, params, feed.exploded(stack.base.name)?, null),
        Combinator::Distinct => call(&inner, params, feed.listed(true), null),
        Combinator::OrNull | Combinator::OrDefault => or_else(stack, params, feed, null, null_condition),
        Combinator::ForEach => each(&inner, params, &feed),
        Combinator::Map => map(&inner, params, &feed),
        Combinator::Resample => resample(&inner, params, feed),
        Combinator::ArgMin | Combinator::ArgMax => {
            best(&inner, params, &feed, null, outermost == Combinator::ArgMax)
        }
        Combinator::State | Combinator::Merge | Combinator::SimpleState => Err(unknown(&stack.name())),
    }
}

/// Leaves NULL out of the arguments. Whether the result can be NULL because of it.
pub(super) fn strip(stack: &Stack, feed: &mut Feed) -> bool {
    if stack.base.nulls == Nulls::Own {
        return false;
    }
    // A condition that is NULL does not hold, and says nothing about the result.
    let conditions = usize::from(stack.outermost() == Some(Combinator::If));
    let stripped = feed.strip(feed.args.len().saturating_sub(conditions));
    stripped && stack.base.nulls == Nulls::Result
}

/// The result when an argument is `NULL` itself.
fn nothing(stack: &Stack, feed: &Feed) -> Option<Typed> {
    let conditions = usize::from(stack.outermost() == Some(Combinator::If));
    let n = feed.args.len().saturating_sub(conditions);
    if !feed.args.iter().take(n).any(|a| a.ty == Type::null()) || stack.base.nulls == Nulls::Own {
        return None;
    }
    let counts = stack.base.name.starts_with("count") || stack.base.name.starts_with("uniq");
    Some(if counts && stack.base.nulls == Nulls::Skipped {
        Typed::new(format!("CAST({} * 0 AS UBIGINT)", feed.count()), Type::UInt(64))
    } else {
        Typed::new(feed.fold("max", "CAST(NULL AS UTINYINT)"), Type::null())
    })
}

fn base(stack: &Stack, params: &[Typed], mut feed: Feed, null: bool) -> Result<Typed> {
    let base = stack.base;
    // `sumMap` of maps is `sum` with a combinator.
    if let Some(name) = base.name.strip_suffix("Map")
        && matches!(feed.args.first().map(|a| a.ty.plain()), Some(Type::Map(..)))
    {
        let mut inner = parse(name).ok_or_else(|| unknown(name))?;
        inner.combinators.push(Combinator::Map);
        return call(&inner, params, feed, null);
    }
    base.check_arity(feed.args.len())?;
    crate::nanos::check_aggregate(base.name, &feed.args)?;
    crate::variant::check_aggregate(base.name, &feed.args)?;
    if let Some(found) = nothing(stack, &feed) {
        return Ok(found);
    }
    let null = strip(stack, &mut feed) || null;
    let args = Args { name: base.name, params, feed: &feed, null };
    match &base.body {
        Body::Whole(run) | Body::Parts(Parts { direct: Some(run), .. }) => run(&args),
        Body::Parts(parts) => {
            let made: Vec<String> = (parts.split)(&args)?.into_iter().map(|p| p.make).collect();
            (parts.finish)(&args, &made)
        }
    }
}

/// Only rows that meet the last argument.
pub(super) fn conditional(mut feed: Feed, stack: &Stack) -> Result<Feed> {
    let name = stack.name();
    let condition = feed
        .args
        .pop()
        .ok_or_else(|| SqlError::new(Code::NumberOfArguments, format!("`{name}` wants a condition")))?;
    if !matches!(condition.ty.plain(), Type::UInt(8) | Type::Bool | Type::Nothing) {
        let message = format!("`{name}` wants a condition as its last argument, found `{}`", condition.ty);
        return Err(SqlError::new(Code::IllegalType, message));
    }
    if feed.args.is_empty() && stack.base.arity.0 > 0 {
        let message = format!("`{name}` wants arguments in front of its condition");
        return Err(SqlError::new(Code::NumberOfArguments, message));
    }
    feed.keep(condition.condition());
    Ok(feed)
}

fn simple_state(inner: &Stack, params: &[Typed], feed: Feed) -> Result<Typed> {
    let function = inner.name();
    if !SIMPLE.contains(&function.as_str()) {
        let message = format!("`{function}` is no function of `SimpleAggregateFunction`");
        return Err(
            SqlError::new(Code::BadArguments, message).hint(format!("those are: {}", SIMPLE.join(", ")))
        );
    }
    let found = call(inner, params, feed, false)?;
    let state = AggregateState { function, params: vec![], args: vec![found.ty.clone()] };
    Ok(Typed { ty: Type::SimpleAggregateFunction(state), ..found })
}

/// NULL or the type's default when there was nothing.
fn or_else(stack: &Stack, params: &[Typed], feed: Feed, null: bool, null_condition: bool) -> Result<Typed> {
    let inner = stack.inner();
    let mut fed = feed.clone();
    let mut inside = inner.clone();
    while inside.outermost() == Some(Combinator::If) {
        if null_condition && stack.base.nulls == Nulls::Skipped {
            let message = format!("`{}` with a condition that can be NULL is not supported", stack.name());
            return Err(SqlError::new(Code::Unsupported, message));
        }
        fed = conditional(fed, &inside)?;
        inside = inside.inner();
    }
    let found = call(&inner, params, feed, null)?;
    if null || found.ty.is_nullable() || !found.ty.can_be_nullable() {
        return Ok(found);
    }
    let (default, ty) = if stack.outermost() == Some(Combinator::OrNull) {
        ("NULL".to_owned(), found.ty.clone().nullable())
    } else {
        (duck::default_of(&found.ty)?, found.ty.clone())
    };
    Ok(Typed::new(format!("CASE WHEN {} = 0 THEN {default} ELSE {} END", fed.count(), found.value()), ty))
}

/// The arrays' items of one place at a time.
fn each(inner: &Stack, params: &[Typed], feed: &Feed) -> Result<Typed> {
    let rows = feed.listed(false);
    let mut types = Vec::new();
    for arg in &rows.args {
        match arg.ty.plain() {
            Type::Array(item) => types.push((**item).clone()),
            other => {
                let message = format!("`{}ForEach` wants arrays, found `{other}`", inner.name());
                return Err(SqlError::new(Code::IllegalType, message));
            }
        }
    }
    let first = rows.arg(0, &inner.name())?.value();
    let (list, place) = (format!("f{}_", feed.depth()), format!("p{}_", feed.depth()));
    let mut at =
        Feed::list(list.clone(), &rows.args.iter().map(|a| a.ty.clone()).collect::<Vec<_>>(), feed.depth());
    at.keep(format!("len({first}) >= {place}"));
    for (arg, ty) in at.args.iter_mut().zip(types) {
        *arg = Typed::new(format!("({})[{place}]", arg.value()), ty);
    }
    let found = call(inner, params, at.nested(), false)?;
    let longest = format!(
        "coalesce({}, 0)",
        Feed::fold(&relisted(&rows, &list, feed), "max", &format!("len({first})"))
    );
    let body = format!("list_transform(range(1, {longest} + 1), lambda {place}: {})", found.value());
    Ok(Typed::new(bind(&feed.gathered(false), &list, &body), Type::Array(Box::new(found.ty))))
}

/// The same arguments over a list that has a name.
fn relisted(rows: &Feed, list: &str, feed: &Feed) -> Feed {
    let types: Vec<Type> = rows.args.iter().map(|a| a.ty.clone()).collect();
    Feed::list(list.to_owned(), &types, feed.depth())
}

/// The maps' values of one key at a time, by key.
fn map(inner: &Stack, params: &[Typed], feed: &Feed) -> Result<Typed> {
    let [arg] = feed.args.as_slice() else {
        return Err(SqlError::new(Code::NumberOfArguments, format!("`{}Map` takes one map", inner.name())));
    };
    let Type::Map(key, value) = arg.ty.plain().clone() else {
        let message = format!("`{}Map` wants a map, found `{}`", inner.name(), arg.ty);
        return Err(SqlError::new(Code::IllegalType, message));
    };
    let (list, k) = (format!("f{}_", feed.depth()), format!("k{}_", feed.depth()));
    let mut at = Feed::list(list.clone(), std::slice::from_ref(&arg.ty), feed.depth());
    let one = at.arg(0, "map")?.value();
    at.keep(format!("map_contains({one}, {k})"));
    at.args = vec![Typed::new(format!("map_extract_value({one}, {k})"), *value)];
    let found = call(inner, params, at.nested(), false)?;
    let keys = format!("list_sort(list_distinct(flatten(list_transform({list}, lambda m_: map_keys(m_)))))");
    let body = format!(
        "map_from_entries(list_transform({keys}, lambda {k}: struct_pack(k := {k}, v := {})))",
        found.value()
    );
    let ty = Type::Map(key, Box::new(found.ty));
    Ok(Typed::new(super::feed::or_default(bind(&feed.gathered(false), &list, &body), &ty)?, ty))
}

/// One result for each range of the last argument.
fn resample(inner: &Stack, params: &[Typed], mut feed: Feed) -> Result<Typed> {
    let bad = |message: String| SqlError::new(Code::BadArguments, message);
    let at = params.len().checked_sub(3).ok_or_else(|| {
        bad(format!("`{}Resample` wants a start, an end and a step in front", inner.name()))
    })?;
    let (own, range) = params.split_at(at);
    let [start, end, step] = range else { return Err(bad("no range".into())) };
    let (Some(start), Some(end), Some(step)) = (start.int(), end.int(), step.int()) else {
        return Err(bad(format!("the range of `{}Resample` has to be whole numbers", inner.name())));
    };
    if step <= 0 || end <= start {
        return Err(bad(format!(
            "`{}Resample` wants an end after its start and a step above 0",
            inner.name()
        )));
    }
    let key = feed.args.pop().filter(|k| k.ty.plain().is_integer());
    let key = key.ok_or_else(|| {
        bad(format!("`{}Resample` wants a whole number as its last argument", inner.name()))
    })?;
    let bins = (end - start + step - 1) / step;
    if bins > BINS_MAX {
        let message = format!("`{}Resample` with more than {BINS_MAX} ranges is not supported", inner.name());
        return Err(SqlError::new(Code::Unsupported, message));
    }
    let (mut values, mut ty) = (Vec::new(), Type::Nothing);
    for bin in 0..bins {
        let (from, to) = (start + bin * step, (start + (bin + 1) * step).min(end));
        let mut part = feed.clone();
        part.keep(format!("{0} >= {from} AND {0} < {to}", key.value()));
        let found = call(inner, own, part, false)?;
        values.push(found.value());
        ty = found.ty;
    }
    Ok(Typed::new(format!("[{}]", values.join(", ")), Type::Array(Box::new(ty))))
}

/// Only the rows with the least or greatest last argument.
fn best(inner: &Stack, params: &[Typed], feed: &Feed, null: bool, greatest: bool) -> Result<Typed> {
    let (list, least) = (format!("f{}_", feed.depth()), format!("b{}_", feed.depth()));
    let types: Vec<Type> = feed.args.iter().map(|a| a.ty.clone()).collect();
    let mut rows = Feed::list(list.clone(), &types, feed.depth());
    let all = rows.clone();
    let name = if greatest { "ArgMax" } else { "ArgMin" };
    let Some(key) = rows.args.pop() else {
        let message = format!("`{}{name}` wants an argument to choose by", inner.name());
        return Err(SqlError::new(Code::NumberOfArguments, message));
    };
    if matches!(key.ty.plain(), Type::Enum(..) | Type::Uuid | Type::Ipv6) {
        let message = format!("`{}{name}` by `{}` is not supported", inner.name(), key.ty);
        return Err(SqlError::new(Code::Unsupported, message));
    }
    rows.keep(format!("{} = {least}", key.value()));
    let found = call(inner, params, rows.nested(), null)?;
    let chosen = all.fold(if greatest { "max" } else { "min" }, &key.value());
    let body = bind(&chosen, &least, &found.value());
    Ok(Typed::new(bind(&feed.gathered(false), &list, &body), found.ty))
}
