//! Comparisons, logic, and choices.

use super::{Args, Function, entry};
use crate::duck;
use crate::dynamic::Uses;
use crate::error::{Code, Result, SqlError};
use crate::resolve::{ordinal, unified, united};
use crate::typed::{Constant, Typed};
use crate::types::{Arithmetic, Type, arithmetic};
use crate::variant;

pub const ALL: &[Function] = &[
    entry("equals", (2, 2), |a| compare(a, "=")).dynamic(Uses::Own).with_bytes(),
    entry("notEquals", (2, 2), |a| compare(a, "<>")).dynamic(Uses::Own).with_bytes(),
    entry("less", (2, 2), |a| compare(a, "<")).dynamic(Uses::Own).with_bytes(),
    entry("greater", (2, 2), |a| compare(a, ">")).dynamic(Uses::Own).with_bytes(),
    entry("lessOrEquals", (2, 2), |a| compare(a, "<=")).dynamic(Uses::Own).with_bytes(),
    entry("greaterOrEquals", (2, 2), |a| compare(a, ">=")).dynamic(Uses::Own).with_bytes(),
    entry("isNotDistinctFrom", (2, 2), |a| distinct(a, "IS NOT DISTINCT FROM")).own_nulls(),
    entry("isDistinctFrom", (2, 2), |a| distinct(a, "IS DISTINCT FROM")).own_nulls(),
    entry("and", (2, 1000), |a| logic(a, "AND")).own_nulls().full().any_case(),
    entry("or", (2, 1000), |a| logic(a, "OR")).own_nulls().full().any_case(),
    entry("not", (1, 1), |a| {
        let sql = format!("(NOT {})", truth_of(a, 0)?);
        let found = if *a.ty(0)? == Type::Bool { Typed::new(sql, Type::Bool) } else { Typed::truth(sql) };
        Ok(match a.at(0)?.holds() {
            Some(holds) => found.with_constant(Constant::Int(i128::from(!holds))),
            None => found,
        })
    })
    .any_case(),
    entry("xor", (2, 2), |a| {
        let sql = format!("({} <> {})", truth_of(a, 0)?, truth_of(a, 1)?);
        let is_bool = a.items.iter().any(|i| i.ty == Type::Bool);
        Ok(if is_bool { Typed::new(sql, Type::Bool) } else { Typed::truth(sql) })
    })
    .any_case(),
    entry("if", (3, 3), choose).dynamic(Uses::Own).own_nulls().full().any_case().with_bytes(),
    entry("multiIf", (3, 1001), multi_if)
        .dynamic(Uses::Own)
        .own_nulls()
        .full()
        .alias(&["caseWithoutExpression"])
        .any_case()
        .with_bytes(),
    entry("coalesce", (1, 1000), coalesce).own_nulls().any_case().with_bytes(),
    entry("ifNull", (2, 2), coalesce).own_nulls().any_case().with_bytes(),
    entry("nullIf", (2, 2), null_if).own_nulls().any_case().with_bytes(),
    entry("isNull", (1, 1), |a| is_null(a, false))
        .dynamic(Uses::Own)
        .own_nulls()
        .full()
        .any_case()
        .with_bytes(),
    entry("isNotNull", (1, 1), |a| is_null(a, true)).dynamic(Uses::Own).own_nulls().full().with_bytes(),
    entry("isZeroOrNull", (1, 1), |a| Ok(Typed::truth(format!("(coalesce({}, 0) = 0)", a.number(0)?))))
        .own_nulls(),
    entry("assumeNotNull", (1, 1), |a| {
        let x = a.at(0)?;
        let bytes = x.bytes.as_ref().map(|bytes| format!("coalesce({bytes}, ''::BLOB)"));
        Ok(Typed { bytes, ..Typed::new(x.or_default()?, x.ty.plain_nullable().clone()) })
    })
    .own_nulls()
    .with_bytes(),
    entry("toNullable", (1, 1), |a| {
        let x = a.at(0)?;
        Ok(Typed { ty: x.ty.clone().nullable(), ..x.clone() })
    })
    .own_nulls()
    .with_bytes(),
    entry("greatest", (1, 1000), |a| extreme(a, true)).own_nulls().any_case(),
    entry("least", (1, 1000), |a| extreme(a, false)).own_nulls().any_case(),
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
    // A nullable Bool counts as a number.
    if a.items.iter().any(|i| i.ty == Type::Bool) {
        out.ty = Type::Bool;
        out.is_condition = false;
    }
    if a.items.iter().any(|i| i.ty.is_nullable()) {
        out.ty = out.ty.nullable();
    }
    // One known side may decide.
    let decides = word == "OR";
    if a.items.iter().any(|i| i.holds() == Some(decides)) {
        let sql = decides.to_string();
        return Ok(Typed { sql, ..out.with_constant(Constant::Int(i128::from(decides))) });
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
    if let Some(known) = known(x, y, sign) {
        return Ok(Typed::truth(plain).with_constant(Constant::Int(i128::from(known))));
    }
    let unsure =
        |t: &Typed| t.ty.is_float() && !matches!(t.constant, Some(Constant::Float(f)) if !f.is_nan());
    let (nan, other) = match sign {
        "=" | "<>" if unsure(x) => (x, y),
        "=" | "<>" if unsure(y) => (y, x),
        ">" | ">=" if unsure(x) => (x, y),
        "<" | "<=" if unsure(y) => (y, x),
        _ => return Ok(Typed::truth(plain)),
    };
    let nan = format!("isnan({})", nan.sql);
    // Beside NULL the answer stays NULL.
    Ok(Typed::truth(match (sign, other.is_constant) {
        ("<>", true) => format!("({plain} OR {nan})"),
        ("<>", false) => format!("({plain} OR ({nan} AND {plain} IS NOT NULL))"),
        (_, true) => format!("({plain} AND NOT {nan})"),
        (_, false) => format!("({plain} AND (NOT {nan} OR {plain} IS NULL))"),
    }))
}

/// What comes out where both sides are known here.
fn known(x: &Typed, y: &Typed, sign: &str) -> Option<bool> {
    let order = match (&x.constant, &y.constant) {
        (Some(Constant::Text(s)), Some(Constant::Text(t))) => s.as_bytes().cmp(t.as_bytes()),
        _ => x.int()?.cmp(&y.int()?),
    };
    Some(match sign {
        "=" => order.is_eq(),
        "<>" => order.is_ne(),
        "<" => order.is_lt(),
        ">" => order.is_gt(),
        "<=" => order.is_le(),
        _ => order.is_ge(),
    })
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
    if let (Some(l), Some(r)) = (counted(x, y), counted(y, x)) {
        return Ok((l, r));
    }
    if let Some(pair) = with_text(a, x, y)? {
        return Ok(if ordered { (ordinal(&pair.0, &x.ty), ordinal(&pair.1, &x.ty)) } else { pair });
    }
    if let Some((right, left)) = with_text(a, y, x)? {
        return Ok(if ordered { (ordinal(&left, &y.ty), ordinal(&right, &y.ty)) } else { (left, right) });
    }
    match (&x.ty, &y.ty) {
        (s, t) if s.is_text() && t.is_text() && (x.bytes.is_some() || y.bytes.is_some()) => {
            Ok((bytes_of(x), bytes_of(y)))
        }
        (s, t) if s.is_text() && t.is_text() => Ok((unpadded(x), unpadded(y))),
        (s, t) if (s.is_date() || s.is_time()) && (t.is_date() || t.is_time()) => {
            let (_, forms) = unified(&[x.clone(), y.clone()])?;
            Ok((forms[0].clone(), forms[1].clone()))
        }
        (Type::Enum(..), Type::Enum(..)) if !ordered => Ok((x.value(), y.value())),
        (Type::Tuple(e), Type::Tuple(f)) if e.iter().chain(f).any(|(_, t)| t.is_nullable()) => {
            Err(a.unsupported("of tuples with NULLs"))
        }
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

/// A time as its seconds, an address as its number, where the other side is a number; and a number beside them.
fn counted(x: &Typed, beside: &Typed) -> Option<String> {
    let is_plain = |t: &Type| t.is_integer() || t.is_float();
    let is_counted = |t: &Type| matches!(t, Type::DateTime(_) | Type::DateTime64(0..=6, _) | Type::Ipv4);
    match &x.ty {
        Type::DateTime(_) if is_plain(&beside.ty) => Some(format!("(epoch_us({}) // 1000000)", x.sql)),
        Type::DateTime64(0..=6, _) if is_plain(&beside.ty) => {
            let unit = "CAST('0.000001' AS DECIMAL(7, 6))";
            Some(format!("(CAST(epoch_us({}) AS DECIMAL(20, 0)) * {unit})", x.sql))
        }
        Type::Ipv4 if beside.ty.is_integer() => Some(x.sql.clone()),
        ty if is_plain(ty) && is_counted(&beside.ty) => Some(number(x)),
        _ => None,
    }
}

/// A text as a BLOB.
fn bytes_of(x: &Typed) -> String {
    x.bytes.clone().unwrap_or_else(|| format!("encode({})", unpadded(x)))
}

/// The forms of a choice as BLOBs, where one of the values may be no text.
fn choices(values: &[Typed], forms: &[String]) -> Option<Vec<String>> {
    values.iter().any(|v| v.bytes.is_some()).then(|| {
        let form = |(v, form): (&Typed, &String)| match &v.bytes {
            Some(bytes) => bytes.clone(),
            None => format!("encode({form})"),
        };
        values.iter().zip(forms).map(form).collect()
    })
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
    // A Bool beside a number is one, except before a UInt8.
    let (x, y) = (a.at(1)?, a.at(2)?);
    let as_numbers = match (x.ty.plain(), y.ty.plain()) {
        (Type::Bool, other) => other.is_number() && !matches!(other, Type::Bool | Type::UInt(8)),
        (other, Type::Bool) => other.is_number(),
        _ => false,
    };
    let values: Vec<Typed> =
        if as_numbers { vec![as_number(x), as_number(y)] } else { vec![x.clone(), y.clone()] };
    let (ty, forms) = united(&values)?;
    let choice = |forms: &[String]| format!("CASE WHEN {condition} THEN {} ELSE {} END", forms[0], forms[1]);
    let bytes = choices(&values, &forms).map(|forms| choice(&forms));
    decided(a, [x, y], &forms, Typed { bytes, ..Typed::new(choice(&forms), ty) })
}

/// A choice whose condition is the same in all rows is what it chooses.
fn decided(a: &Args<'_, '_, '_>, [x, y]: [&Typed; 2], forms: &[String], found: Typed) -> Result<Typed> {
    let condition = a.at(0)?;
    if !condition.is_constant {
        return Ok(found);
    }
    // There the chosen value shows its own zone, and what is made of it has the zone of both.
    let moved = |t: &Typed| t.ty != found.ty && t.ty.without_zones() == found.ty.without_zones();
    let refused = || Err(a.unsupported("with a constant condition over times of two zones"));
    // NULL does not hold.
    let holds = if condition.is_null() { Some(false) } else { condition.holds() };
    match (holds, forms) {
        (Some(true), _) if moved(x) => refused(),
        (Some(false), _) if moved(y) => refused(),
        (None, _) if moved(x) || moved(y) => refused(),
        (Some(true), [form, _]) => Ok(chosen(x, form, found.ty)),
        (Some(false), [_, form]) => Ok(chosen(y, form, found.ty)),
        _ => Ok(found),
    }
}

fn chosen(one: &Typed, form: &str, ty: Type) -> Typed {
    Typed { is_constant: one.is_constant, bytes: one.bytes.clone(), ..Typed::new(form, ty) }
}

fn multi_if(a: &Args<'_, '_, '_>) -> Result<Typed> {
    if a.len().is_multiple_of(2) {
        return Err(SqlError::new(Code::NumberOfArguments, "`multiIf` takes pairs and a last value"));
    }
    let values: Vec<Typed> = a.items.iter().skip(1).step_by(2).chain(a.items.last()).cloned().collect();
    let (ty, forms) = united(&values)?;
    let conditions = (0..values.len() - 1).map(|i| truth_of(a, i * 2)).collect::<Result<Vec<_>>>()?;
    let choice = |forms: &[String]| {
        let whens = conditions.iter().zip(forms).map(|(c, form)| format!(" WHEN {c} THEN {form}"));
        format!("CASE{} ELSE {} END", whens.collect::<String>(), forms.last().map_or("NULL", String::as_str))
    };
    let bytes = choices(&values, &forms).map(|forms| choice(&forms));
    let found = Typed { bytes, ..Typed::new(choice(&forms), ty) };
    match values.as_slice() {
        [x, y] => decided(a, [x, y], &forms, found),
        _ => Ok(found),
    }
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
    let (ty, forms) = united(&items)?;
    if ty.is_variant() {
        // A struct is there also where no value is in it.
        let mut sql = String::from("CASE");
        for (item, form) in items.iter().zip(&forms) {
            let is_null =
                if item.ty.is_variant() { variant::is_null(item) } else { format!("{} IS NULL", item.sql) };
            sql.push_str(&format!(" WHEN NOT ({is_null}) THEN {form}"));
        }
        return Ok(Typed::new(format!("{sql} END"), ty));
    }
    let ty = if nullable { ty.nullable() } else { ty.plain_nullable().clone() };
    let bytes = choices(&items, &forms).map(|forms| format!("coalesce({})", forms.join(", ")));
    Ok(Typed { bytes, ..Typed::new(format!("coalesce({})", forms.join(", ")), ty) })
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
    let choice = |form: &str| format!("CASE WHEN {} THEN NULL ELSE {form} END", same.condition());
    let bytes = x.bytes.as_ref().map(|bytes| choice(bytes));
    Ok(Typed { bytes, ..Typed::new(choice(&x.value()), x.ty.clone().nullable()) })
}

fn is_null(a: &Args<'_, '_, '_>, negated: bool) -> Result<Typed> {
    let x = a.at(0)?;
    if x.ty == Type::Dynamic {
        return Ok(Typed::truth(format!("({} {} 'null')", x.sql, if negated { "<>" } else { "=" })));
    }
    if x.ty.is_variant() {
        let sql = variant::is_null(x);
        return Ok(Typed::truth(if negated { format!("(NOT {sql})") } else { sql }));
    }
    if !x.ty.is_nullable() {
        let truth = Typed::truth(if negated { "true" } else { "false" });
        return Ok(truth.with_constant(Constant::Int(i128::from(negated))));
    }
    Ok(Typed::truth(format!("({} IS {}NULL)", x.sql, if negated { "NOT " } else { "" })))
}

/// A Bool as the number that it stands for.
fn as_number(x: &Typed) -> Typed {
    if *x.ty.plain() != Type::Bool {
        return x.clone();
    }
    let ty = if x.ty.is_nullable() { Type::UInt(8).nullable() } else { Type::UInt(8) };
    Typed { ty, sql: format!("CAST({} AS UTINYINT)", x.sql), ..x.clone() }
}

/// The largest or smallest that is not NULL. NaN loses against what comes after it, as every comparison with it is false.
fn extreme(a: &Args<'_, '_, '_>, greatest: bool) -> Result<Typed> {
    let nullable = a.items.iter().any(|i| i.ty.is_nullable());
    let items: Vec<Typed> = a.items.iter().filter(|i| !i.is_null()).map(as_number).collect();
    let (ty, forms) = match items.as_slice() {
        [] => return Ok(crate::resolve::null()),
        [x, y] if x.ty.plain().is_number() && y.ty.plain().is_number() => {
            let ty = wider(x, y, greatest)?;
            // Compared in a type that holds both, which may be wider than the answer's.
            let wide = match &ty {
                Type::UInt(64) | Type::Int(64) => Type::Int(128),
                other => other.clone(),
            };
            let form = duck::type_of(&wide)?;
            (ty, items.iter().map(|i| format!("CAST({} AS {form})", i.value())).collect())
        }
        items => unified(items)?,
    };
    let sql = if ty.plain().is_float() {
        forms.into_iter().reduce(|x, y| larger_float(&x, &y, greatest)).unwrap_or_default()
    } else {
        format!("{}({})", if greatest { "greatest" } else { "least" }, forms.join(", "))
    };
    let sql = if ty.plain().is_number() { format!("CAST({sql} AS {})", duck::type_of(&ty)?) } else { sql };
    Ok(Typed::new(sql, if nullable { ty.nullable() } else { ty }))
}

fn larger_float(x: &str, y: &str, greatest: bool) -> String {
    let wins = if greatest {
        format!("{x} > {y} AND NOT isnan({x})")
    } else {
        format!("{x} < {y} AND NOT isnan({y})")
    };
    format!("CASE WHEN {y} IS NULL OR ({wins}) THEN {x} ELSE {y} END")
}

/// The type of the larger or smaller of two numbers: what is larger than an unsigned number has no sign.
fn wider(x: &Typed, y: &Typed, greatest: bool) -> Result<Type> {
    let (s, t) = (x.ty.plain(), y.ty.plain());
    if let (Some((64, a)), Some((64, b))) = (s.integer(), t.integer())
        && a != b
    {
        return Ok(if greatest { Type::UInt(64) } else { Type::Int(64) });
    }
    // Of decimals that cannot be NULL it has the precision of a sum.
    let is_sum = (s.is_decimal() || t.is_decimal()) && !x.ty.is_nullable() && !y.ty.is_nullable();
    if let Some(found) = arithmetic(Arithmetic::Plus, s, t).filter(|_| is_sum) {
        return Ok(found);
    }
    if let Some(found) = crate::types::supertype(&[s.clone(), t.clone()]) {
        return Ok(found);
    }
    match (s.integer(), t.integer()) {
        (Some(_), Some(_)) => Ok(Type::Int(128)),
        _ if s.is_float() || t.is_float() => Ok(Type::Float64),
        _ => unified(&[x.clone(), y.clone()]).map(|(ty, _)| ty),
    }
}
