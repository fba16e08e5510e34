//! One value out of many: the least, the greatest, the first, the last, or what stands beside one of them.

use super::{Aggregate, Args, Feed, Part, parts, whole};
use crate::duck;
use crate::error::Result;
use crate::typed::Typed;
use crate::types::Type;

pub const ALL: &[Aggregate] = &[
    parts("min", (1, 1), |a| extreme(a, "min"), |a, p| chosen(a, &p[0])).any_case(),
    parts("max", (1, 1), |a| extreme(a, "max"), |a, p| chosen(a, &p[0])).any_case(),
    parts("any", (1, 1), |a| end(a, false), |a, p| a.natural(p[0].clone(), a.ty(0)?.clone()))
        .alias(&["any_value", "first_value"])
        .any_case(),
    parts("anyLast", (1, 1), |a| end(a, true), |a, p| a.natural(p[0].clone(), a.ty(0)?.clone()))
        .alias(&["last_value"])
        .any_case(),
    parts("argMin", (2, 2), |a| beside(a, false), |a, p| a.natural(p[0].clone(), a.ty(0)?.clone()))
        .alias(&["min_by"]),
    parts("argMax", (2, 2), |a| beside(a, true), |a, p| a.natural(p[0].clone(), a.ty(0)?.clone()))
        .alias(&["max_by"]),
    whole("any_respect_nulls", (1, 1), |a| end_or_null(a, false))
        .alias(&["first_value_respect_nulls", "any_value_respect_nulls"])
        .any_case()
        .sees_null(),
    whole("anyLast_respect_nulls", (1, 1), |a| end_or_null(a, true))
        .alias(&["last_value_respect_nulls"])
        .any_case()
        .sees_null(),
    whole("singleValueOrNull", (1, 1), single),
    whole("anyHeavy", (1, 1), heavy),
];

/// Numbers in the place of values that have another order there than here.
fn ranked(arg: &Typed) -> Result<(String, String)> {
    let value = arg.value();
    Ok(match arg.ty.plain() {
        Type::Enum(_, names) => (format!("list_position({}, {value})", enum_names(names)), "INTEGER".into()),
        // The second half counts first there.
        Type::Uuid => {
            let text = format!("CAST({value} AS VARCHAR)");
            (format!("substr({text}, 20, 17) || substr({text}, 1, 18)"), "VARCHAR".into())
        }
        Type::Ipv6 | Type::Json | Type::AggregateFunction(_) => {
            let message = format!("the order of `{}` is not supported", arg.ty);
            return Err(crate::error::SqlError::new(crate::error::Code::Unsupported, message));
        }
        _ => (value, duck::type_of(&arg.ty)?),
    })
}

fn enum_names(names: &[(String, i16)]) -> String {
    let names: Vec<String> = names.iter().map(|(n, _)| duck::text(n)).collect();
    format!("[{}]", names.join(", "))
}

/// The least or greatest number that is one, if there is any.
fn folded(feed: &Feed, function: &str, value: &str, is_float: bool) -> String {
    if is_float {
        let known = feed.fold(function, &format!("CASE WHEN isnan({value}) THEN NULL ELSE {value} END"));
        format!("coalesce({known}, {})", feed.fold(function, value))
    } else {
        feed.fold(function, value)
    }
}

fn extreme(a: &Args<'_>, function: &'static str) -> Result<Vec<Part>> {
    let arg = a.arg(0)?;
    let (value, ty) = ranked(arg)?;
    let is_float = arg.ty.plain().is_float();
    Ok(vec![Part {
        name: "v",
        ty,
        make: folded(a.feed, function, &value, is_float),
        join: Box::new(move |states, field| folded(states, function, &field("v"), is_float)),
    }])
}

fn chosen(a: &Args<'_>, sql: &str) -> Result<Typed> {
    let ty = a.ty(0)?.clone();
    match ty.plain() {
        Type::Enum(_, names) => a.natural(format!("{}[{sql}]", enum_names(names)), ty.clone()),
        Type::Uuid => {
            let sql = format!("CAST(substr({sql}, 18, 18) || '-' || substr({sql}, 1, 17) AS UUID)");
            a.natural(sql, ty)
        }
        _ => a.natural(sql.to_owned(), ty),
    }
}

fn end(a: &Args<'_>, last: bool) -> Result<Vec<Part>> {
    let arg = a.arg(0)?;
    Ok(vec![Part {
        name: "v",
        ty: duck::type_of(&arg.ty)?,
        make: a.feed.end(last, &arg.value()),
        join: Box::new(move |states, field| {
            let mut filled = states.clone();
            filled.keep(format!("{} IS NOT NULL", field("v")));
            filled.end(last, &field("v"))
        }),
    }])
}

fn end_or_null(a: &Args<'_>, last: bool) -> Result<Typed> {
    let arg = a.arg(0)?;
    Ok(Typed::new(duck::or_default(a.feed.edge(last, &arg.value()), &arg.ty)?, arg.ty.clone()))
}

fn beside(a: &Args<'_>, greatest: bool) -> Result<Vec<Part>> {
    let (value, key) = (a.arg(0)?, a.arg(1)?);
    let (mut rank, rank_type) = ranked(key)?;
    if greatest && key.ty.plain().is_float() {
        // NaN is below all others.
        rank = format!("CASE WHEN isnan({rank}) THEN CAST('-inf' AS {rank_type}) ELSE {rank} END");
    }
    let how = if greatest { "max" } else { "min" };
    // A state without a key is empty.
    let joined = move |states: &Feed, field: &super::Field<'_>| {
        let mut filled = states.clone();
        filled.keep(format!("{} IS NOT NULL", field("b")));
        filled
    };
    Ok(vec![
        Part {
            name: "a",
            ty: duck::type_of(&value.ty)?,
            make: a.feed.beside(greatest, &value.value(), &rank),
            join: Box::new(move |states, field| {
                joined(states, field).beside(greatest, &field("a"), &field("b"))
            }),
        },
        Part {
            name: "b",
            ty: rank_type,
            make: a.feed.fold(how, &rank),
            join: Box::new(move |states, field| states.fold(how, &field("b"))),
        },
    ])
}

/// The only value there is, NULL if there are several.
fn single(a: &Args<'_>) -> Result<Typed> {
    let value = a.value(0)?;
    let sql =
        format!("CASE WHEN {} = 1 THEN {} END", a.feed.count_distinct(&value), a.feed.end(false, &value));
    Ok(Typed::new(sql, a.ty(0)?.clone().nullable()))
}

/// The value that is left when different values cancel each other out.
fn heavy(a: &Args<'_>) -> Result<Typed> {
    let ty = a.ty(0)?.clone();
    let (values, form) = (a.feed.gather(&a.value(0)?), duck::type_of(&ty)?);
    let start = format!("struct_pack(v := CAST(NULL AS {form}), n := 0)");
    let steps = format!("list_transform({values}, lambda v_: struct_pack(v := v_, n := 1))");
    let sql = format!(
        "list_reduce({steps}, lambda s_, x_: CASE WHEN s_.n = 0 THEN x_ WHEN s_.v = x_.v THEN struct_pack(v := s_.v, n := s_.n + 1) ELSE struct_pack(v := s_.v, n := s_.n - 1) END, {start}).v"
    );
    a.natural(sql, ty)
}
