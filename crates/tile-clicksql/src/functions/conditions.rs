//! Comparisons, logic, and choices.

use super::{Args, Function, entry};
use crate::duck;
use crate::dynamic::Uses;
use crate::error::{Code, Result, SqlError};
use crate::resolve::{ordinal, unified};
use crate::typed::{Constant, Typed};
use crate::types::Type;

pub const ALL: &[Function] = &[
    entry("equals", (2, 2), |a| compare(a, "=")).dynamic(Uses::Own),
    entry("notEquals", (2, 2), |a| compare(a, "<>")).dynamic(Uses::Own),
    entry("less", (2, 2), |a| compare(a, "<")).dynamic(Uses::Own),
    entry("greater", (2, 2), |a| compare(a, ">")).dynamic(Uses::Own),
    entry("lessOrEquals", (2, 2), |a| compare(a, "<=")).dynamic(Uses::Own),
    entry("greaterOrEquals", (2, 2), |a| compare(a, ">=")).dynamic(Uses::Own),
    entry("isNotDistinctFrom", (2, 2), |a| distinct(a, "IS NOT DISTINCT FROM")).own_nulls(),
    entry("isDistinctFrom", (2, 2), |a| distinct(a, "IS DISTINCT FROM")).own_nulls(),
    entry("and", (2, 1000), |a| logic(a, "AND")).own_nulls().full().any_case(),
    entry("or", (2, 1000), |a| logic(a, "OR")).own_nulls().full().any_case(),
    entry("not", (1, 1), |a| {
        let sql = format!("(NOT {})", truth_of(a, 0)?);
        Ok(if *a.ty(0)? == Type::Bool { Typed::new(sql, Type::Bool) } else { Typed::truth(sql) })
    })
    .any_case(),
    entry("xor", (2, 2), |a| {
        let sql = format!("({} <> {})", truth_of(a, 0)?, truth_of(a, 1)?);
        let any = a.items.iter().any(|i| i.ty == Type::Bool);
        Ok(if any { Typed::new(sql, Type::Bool) } else { Typed::truth(sql) })
    })
    .any_case(),
    entry("if", (3, 3), choose).dynamic(Uses::Own).own_nulls().full().any_case(),
    entry("multiIf", (3, 1001), multi_if)
        .dynamic(Uses::Own)
        .own_nulls()
        .full()
        .alias(&["caseWithoutExpression"])
        .any_case(),
    entry("coalesce", (1, 1000), coalesce).own_nulls().any_case(),
    entry("ifNull", (2, 2), coalesce).own_nulls().any_case(),
    entry("nullIf", (2, 2), null_if).own_nulls().any_case(),
    entry("isNull", (1, 1), |a| is_null(a, false)).dynamic(Uses::Own).own_nulls().full().any_case(),
    entry("isNotNull", (1, 1), |a| is_null(a, true)).dynamic(Uses::Own).own_nulls().full(),
    entry("isZeroOrNull", (1, 1), |a| Ok(Typed::truth(format!("(coalesce({}, 0) = 0)", a.number(0)?))))
        .own_nulls(),
    entry("assumeNotNull", (1, 1), |a| {
        let x = a.at(0)?;
        Ok(Typed::new(x.or_default()?, x.ty.plain_nullable().clone()))
    })
    .own_nulls(),
    entry("toNullable", (1, 1), |a| {
        let x = a.at(0)?;
        Ok(Typed { ty: x.ty.clone().nullable(), ..x.clone() })
    })
    .own_nulls(),
    entry("greatest", (1, 1000), |a| extreme(a, "greatest")).own_nulls().any_case(),
    entry("least", (1, 1000), |a| extreme(a, "least")).own_nulls().any_case(),
];

/// An argument as a truth value.
fn truth_of(a: &Args<'_, '_, '_>, i: usize) -> Result<String> {
    let item = a.at(i)?;
    if item.ty.plain().is_number() || *item.ty.plain() == Type::Nothing {
        Ok(item.condition())
    } else {
        Err(a.wrong(i, "a number"))
    }
}

fn logic(a: &Args<'_, '_, '_>, word: &str) -> Result<Typed> {
    let parts = (0..a.len()).map(|i| truth_of(a, i)).collect::<Result<Vec<_>>>()?;
    let mut out = Typed::truth(format!("({})", parts.join(&format!(" {word} "))));
    if a.items.iter().any(|i| i.ty.is_nullable()) {
        out.ty = out.ty.nullable();
    }
    if a.items.iter().any(|i| i.ty == Type::Bool) {
        out.ty = if out.ty.is_nullable() { Type::Bool.nullable() } else { Type::Bool };
        out.is_condition = false;
    }
    Ok(out)
}

/// NaN is equal to nothing there, and to itself here.
fn compare(a: &Args<'_, '_, '_>, sign: &str) -> Result<Typed> {
    let (x, y) = (a.at(0)?, a.at(1)?);
    if x.ty == Type::Dynamic || y.ty == Type::Dynamic {
        return compare_dynamic(a, x, y);
    }
    let (l, r) = sides(a, x, y, sign)?;
    let plain = format!("({l} {sign} {r})");
    let unsure =
        |t: &Typed| t.ty.is_float() && !matches!(t.constant, Some(Constant::Float(f)) if !f.is_nan());
    let isnan = |sql: &str| format!("isnan({sql})");
    let sql = match sign {
        "=" if unsure(x) => format!("({plain} AND NOT {})", isnan(&x.sql)),
        "=" if unsure(y) => format!("({plain} AND NOT {})", isnan(&y.sql)),
        "<>" if unsure(x) => format!("({plain} OR {})", isnan(&x.sql)),
        "<>" if unsure(y) => format!("({plain} OR {})", isnan(&y.sql)),
        ">" | ">=" if unsure(x) => format!("({plain} AND NOT {})", isnan(&x.sql)),
        "<" | "<=" if unsure(y) => format!("({plain} AND NOT {})", isnan(&y.sql)),
        _ => plain,
    };
    Ok(Typed::truth(sql))
}

/// A `Dynamic` beside a text or a number; where there is no value the answer is NULL.
fn compare_dynamic(a: &Args<'_, '_, '_>, x: &Typed, y: &Typed) -> Result<Typed> {
    let read = |t: &Typed, other: &Typed| match t.ty {
        Type::Dynamic => crate::dynamic::beside(t, &other.ty),
        _ => Some(t.clone()),
    };
    let (Some(l), Some(r)) = (read(x, y), read(y, x)) else {
        return Err(a.unsupported(&format!("of `{}` and `{}`", x.ty, y.ty)));
    };
    crate::resolve::scalar(a.scope, a.function.name, vec![l, r])
}

/// Both sides in forms that DuckDB compares as ClickHouse compares the types.
fn sides(a: &Args<'_, '_, '_>, x: &Typed, y: &Typed, sign: &str) -> Result<(String, String)> {
    let ordered = !matches!(sign, "=" | "<>");
    if x.ty.is_number() && y.ty.is_number() {
        return Ok((number(x), number(y)));
    }
    if let Some(pair) = with_text(a, x, y)? {
        return Ok(if ordered { (ordinal(&pair.0, &x.ty), pair.1) } else { pair });
    }
    if let Some((right, left)) = with_text(a, y, x)? {
        return Ok((left, right));
    }
    match (&x.ty, &y.ty) {
        (s, t) if s.is_text() && t.is_text() => Ok((unpadded(x), unpadded(y))),
        (s, t) if (s.is_date() || s.is_time()) && (t.is_date() || t.is_time()) => {
            let (_, forms) = unified(&[x.clone(), y.clone()])?;
            Ok((forms[0].clone(), forms[1].clone()))
        }
        (Type::Enum(..), Type::Enum(..)) if !ordered => Ok((x.value(), y.value())),
        (Type::Array(_), Type::Array(_))
        | (Type::Tuple(_), Type::Tuple(_))
        | (Type::Map(..), Type::Map(..)) => {
            let (_, forms) = unified(&[x.clone(), y.clone()])?;
            Ok((forms[0].clone(), forms[1].clone()))
        }
        (s, t) if s == t && matches!(s, Type::Uuid | Type::Ipv4) && !(ordered && *s == Type::Uuid) => {
            Ok((x.value(), y.value()))
        }
        _ => Err(SqlError::new(Code::IllegalType, format!("`{}` and `{}` cannot be compared", x.ty, y.ty))),
    }
}

/// Zeros at the end of a FixedString do not count.
fn unpadded(x: &Typed) -> String {
    match x.ty {
        Type::FixedString(_) => format!("rtrim({}, chr(0))", x.sql),
        _ => x.value(),
    }
}

fn number(x: &Typed) -> String {
    match x.ty {
        // 1 and true are equal.
        Type::Bool => format!("CAST({} AS UTINYINT)", x.sql),
        _ => x.value(),
    }
}

/// A constant text beside another type is read as a value of that type.
fn with_text(a: &Args<'_, '_, '_>, x: &Typed, y: &Typed) -> Result<Option<(String, String)>> {
    if x.ty.is_text() || y.ty != Type::String {
        return Ok(None);
    }
    let Some(text) = y.text() else {
        let readable = x.ty.is_date() || x.ty.is_time() || matches!(x.ty, Type::Uuid);
        if !(readable && y.is_constant) {
            return Ok(None);
        }
        return Ok(Some((x.value(), crate::cast::cast(a.scope, y, &x.ty)?.value())));
    };
    let read = match &x.ty {
        Type::Enum(_, names) => {
            if !names.iter().any(|(n, _)| n == text) {
                return Err(SqlError::new(
                    Code::BadArguments,
                    format!("`{text}` is not one of the names of `{}`", x.ty),
                ));
            }
            duck::text(text)
        }
        Type::Date
        | Type::Date32
        | Type::DateTime(_)
        | Type::DateTime64(..)
        | Type::Uuid
        | Type::Ipv4
        | Type::Ipv6 => crate::cast::cast(a.scope, y, &x.ty)?.value(),
        t if t.is_number() => crate::cast::cast(a.scope, y, t)?.value(),
        _ => return Ok(None),
    };
    Ok(Some((x.value(), read)))
}

fn distinct(a: &Args<'_, '_, '_>, word: &str) -> Result<Typed> {
    let (_, forms) = unified(&[a.at(0)?.clone(), a.at(1)?.clone()])?;
    Ok(Typed::truth(format!("({} {word} {})", forms[0], forms[1])))
}

fn choose(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let condition = truth_of(a, 0)?;
    let (ty, forms) = unified(&a.items[1..])?;
    Ok(Typed::new(format!("CASE WHEN {condition} THEN {} ELSE {} END", forms[0], forms[1]), ty))
}

fn multi_if(a: &Args<'_, '_, '_>) -> Result<Typed> {
    if a.len().is_multiple_of(2) {
        return Err(SqlError::new(Code::NumberOfArguments, "`multiIf` takes pairs and a last value"));
    }
    let values: Vec<Typed> = a.items.iter().skip(1).step_by(2).chain(a.items.last()).cloned().collect();
    let (ty, forms) = unified(&values)?;
    let mut sql = String::from("CASE");
    for (i, form) in forms.iter().enumerate() {
        if i + 1 == forms.len() {
            sql.push_str(&format!(" ELSE {form} END"));
        } else {
            sql.push_str(&format!(" WHEN {} THEN {form}", truth_of(a, i * 2)?));
        }
    }
    Ok(Typed::new(sql, ty))
}

/// The first that is not NULL; nullable only when the last one is.
fn coalesce(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let mut items: Vec<Typed> = a.items.iter().filter(|i| !i.is_null()).cloned().collect();
    if let Some(at) = items.iter().position(|i| !i.ty.is_nullable()) {
        items.truncate(at + 1);
    }
    let Some(last) = items.last() else { return Ok(crate::resolve::null()) };
    let nullable = last.ty.is_nullable();
    if let [one] = items.as_slice() {
        return Ok(one.clone());
    }
    let (ty, forms) = unified(&items)?;
    let ty = if nullable { ty.nullable() } else { ty.plain_nullable().clone() };
    Ok(Typed::new(format!("coalesce({})", forms.join(", ")), ty))
}

fn null_if(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let (x, y) = (a.at(0)?, a.at(1)?);
    if x.is_null() {
        return Ok(crate::resolve::null());
    }
    if y.is_null() {
        return Ok(Typed { ty: x.ty.clone().nullable(), ..x.clone() });
    }
    let same = crate::resolve::scalar(a.scope, "equals", vec![x.clone(), y.clone()])?;
    Ok(Typed::new(
        format!("CASE WHEN {} THEN NULL ELSE {} END", same.condition(), x.value()),
        x.ty.clone().nullable(),
    ))
}

fn is_null(a: &Args<'_, '_, '_>, negated: bool) -> Result<Typed> {
    let x = a.at(0)?;
    if x.ty == Type::Dynamic {
        return Ok(Typed::truth(format!("({} {} 'null')", x.sql, if negated { "<>" } else { "=" })));
    }
    if !x.ty.is_nullable() {
        return Ok(Typed::truth(if negated { "true" } else { "false" }));
    }
    Ok(Typed::truth(format!("({} IS {}NULL)", x.sql, if negated { "NOT " } else { "" })))
}

fn extreme(a: &Args<'_, '_, '_>, how: &str) -> Result<Typed> {
    let (decimal, float) = (|t: &Typed| t.ty.is_decimal(), |t: &Typed| t.ty.is_float());
    if a.items.iter().any(decimal) && a.items.iter().any(float) && a.items.iter().all(|i| i.ty.is_number()) {
        let forms = (0..a.len()).map(|i| a.double(i)).collect::<Result<Vec<_>>>()?;
        return Ok(Typed::new(format!("{how}({})", forms.join(", ")), Type::Float64));
    }
    let (ty, forms) = unified(a.items)?;
    if let [one] = forms.as_slice() {
        return Ok(Typed::new(one.clone(), ty));
    }
    Ok(Typed::new(format!("{how}({})", forms.join(", ")), ty))
}
