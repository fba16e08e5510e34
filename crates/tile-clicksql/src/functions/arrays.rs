//! Arrays and tuples without lambdas.

use super::{Args, Function, entry};
use crate::duck;
use crate::dynamic::Uses;
use crate::error::{Code, Result, SqlError};
use crate::resolve::{comparable, is_decorated, nested_key, unified, united};
use crate::typed::{Constant, Typed};
use crate::types::Type;

pub const ALL: &[Function] = &[
    entry("array", (0, 10_000), |a| {
        // Among literals only there is no variant.
        let (item, forms) = if a.items.iter().all(is_literal) { unified(a.items) } else { united(a.items) }?;
        let ty = Type::Array(Box::new(item));
        let sql = format!("CAST([{}] AS {})", forms.join(", "), duck::type_of(&ty)?);
        let mut out = Typed::new(sql, ty);
        if let Some(constants) = a.items.iter().map(|i| i.constant.clone()).collect::<Option<Vec<_>>>() {
            out.constant = Some(Constant::List(constants));
        }
        Ok(out.named(format!("[{}]", names(a))))
    })
    .own_nulls()
    .with_dictionary()
    .dynamic(Uses::Own)
    .full(),
    entry("tuple", (0, 10_000), |a| {
        let elements = a.items.iter().map(|i| (None, i.ty.clone())).collect();
        let items: Vec<String> = a
            .items
            .iter()
            .enumerate()
            .map(|(i, t)| Ok(format!("\"{}\" := {}", i + 1, t.widened(&t.ty)?)))
            .collect::<Result<_>>()?;
        Ok(Typed::new(format!("struct_pack({})", items.join(", ")), Type::Tuple(elements))
            .named(format!("({})", names(a))))
    })
    .own_nulls()
    .with_dictionary()
    .dynamic(Uses::Own)
    .full(),
    entry("tupleElement", (2, 3), |a| {
        let key = match a.at(1)?.int() {
            Some(n) => n.to_string(),
            None => a.constant_text(1)?.to_owned(),
        };
        crate::resolve::members(a.at(0)?.clone(), &[&key])
    })
    .own_nulls()
    .with_dictionary()
    .full(),
    entry("arrayElement", (2, 2), element).own_nulls().full(),
    entry("has", (2, 2), |a| {
        let (list, item) = a.array(0)?;
        let x = a.at(1)?;
        if x.is_null() {
            return Ok(Typed::truth(format!("(len(list_filter({list}, lambda x_: x_ IS NULL)) > 0)")));
        }
        let other = Typed::new("x_", item);
        let forms = comparable(&[other, x.clone()])?;
        if forms[0] == "x_" && !x.ty.is_nullable() {
            return Ok(Typed::truth(format!("list_contains({list}, {})", forms[1])));
        }
        Ok(Typed::truth(format!(
            "coalesce(list_contains(list_transform({list}, lambda x_: {}), {}), false)",
            forms[0], forms[1]
        )))
    })
    .own_nulls()
    .full(),
    entry("hasAny", (2, 2), |a| {
        let (x, y) = same(a)?;
        Ok(Typed::truth(format!("list_has_any({x}, {y})")))
    })
    .full(),
    entry("hasAll", (2, 2), |a| {
        let (x, y) = same(a)?;
        Ok(Typed::truth(format!("list_has_all({x}, {y})")))
    })
    .full(),
    entry("indexOf", (2, 2), |a| {
        let (list, item) = a.array(0)?;
        if a.at(1)?.ty.is_nullable() {
            return Err(a.unsupported("of a value that may be NULL"));
        }
        let needle = a.at(1)?.widened(&item).or_else(|_| a.sql(1))?;
        Ok(Typed::new(
            format!("CAST(coalesce(list_position({list}, {needle}), 0) AS UBIGINT)"),
            Type::UInt(64),
        ))
    })
    .own_nulls()
    .full(),
    entry("arrayConcat", (1, 1000), concat).full(),
    entry("arrayDistinct", (1, 1), |a| {
        let (list, item) = a.array(0)?;
        // The first of equal ones stays where it is.
        let sql =
            format!("list_filter({list}, lambda x_, i_: x_ IS NOT NULL AND list_position({list}, x_) = i_)");
        Ok(Typed::new(sql, Type::Array(Box::new(item.plain().clone()))))
    })
    .full(),
    entry("arrayReverse", (1, 1), |a| {
        Ok(Typed::new(format!("list_reverse({})", a.array(0)?.0), a.ty(0)?.clone()))
    })
    .full(),
    entry("arraySort", (1, 1), |a| sorted(a, false)).full(),
    entry("arrayReverseSort", (1, 1), |a| sorted(a, true)).full(),
    entry("arrayFlatten", (1, 1), |a| {
        let (mut list, mut item) = a.array(0)?;
        while let Type::Array(inner) = item.clone() {
            list = format!("flatten({list})");
            item = *inner;
        }
        Ok(Typed::new(list, Type::Array(Box::new(item))))
    })
    .alias(&["flatten"])
    .full(),
    entry("arrayEnumerate", (1, 1), |a| {
        let (list, _) = a.array(0)?;
        Ok(Typed::new(
            format!("list_transform(range(1, len({list}) + 1), lambda i_: CAST(i_ AS UINTEGER))"),
            Type::Array(Box::new(Type::UInt(32))),
        ))
    })
    .full(),
    entry("arraySlice", (2, 3), slice).full(),
    entry("arrayPushBack", (2, 2), |a| {
        let (list, item) = a.array(0)?;
        let (ty, forms) = unified(&[Typed::new("x_", item), a.at(1)?.clone()])?;
        let list =
            if forms[0] == "x_" { list } else { format!("list_transform({list}, lambda x_: {})", forms[0]) };
        Ok(Typed::new(format!("list_append({list}, {})", forms[1]), Type::Array(Box::new(ty))))
    })
    .own_nulls()
    .full(),
    entry("arrayPopBack", (1, 1), |a| {
        Ok(Typed::new(format!("list_slice({0}, 1, len({0}) - 1)", a.array(0)?.0), a.ty(0)?.clone()))
    })
    .full(),
    entry("arrayPopFront", (1, 1), |a| {
        Ok(Typed::new(format!("list_slice({0}, 2, len({0}))", a.array(0)?.0), a.ty(0)?.clone()))
    })
    .full(),
    entry("range", (1, 3), |a| {
        let whole = |i| a.integer(i);
        let (from, to, step) = match a.len() {
            1 => ("0".to_owned(), whole(0)?, "1".to_owned()),
            2 => (whole(0)?, whole(1)?, "1".to_owned()),
            _ => (whole(0)?, whole(1)?, whole(2)?),
        };
        let types: Vec<Type> = a.items.iter().map(|i| i.ty.clone()).collect();
        let item = crate::types::supertype(&types).ok_or_else(|| a.wrong(0, "whole numbers"))?;
        let form = duck::type_of(&item)?;
        Ok(Typed::new(
            format!("list_transform(range({from}, {to}, {step}), lambda x_: CAST(x_ AS {form}))"),
            Type::Array(Box::new(item)),
        ))
    })
    .full(),
    entry("emptyArrayString", (0, 0), |_| {
        Ok(Typed::new("CAST([] AS VARCHAR[])", Type::Array(Box::new(Type::String))))
    }),
    entry("arrayUniq", (1, 1), |a| {
        let (list, item) = a.array(0)?;
        // All NULLs are one more.
        let nulls = if item.is_nullable() {
            format!(" + least(len(list_filter({list}, lambda x_: x_ IS NULL)), 1)")
        } else {
            String::new()
        };
        Ok(Typed::new(format!("CAST(list_unique({list}){nulls} AS UINTEGER)"), Type::UInt(32)))
    })
    .full(),
    entry("arrayIntersect", (2, 2), |a| {
        let (x, y) = same(a)?;
        let ty = a.ty(0)?.clone();
        if ty != *a.ty(1)? {
            return Err(a.unsupported("of arrays of different types"));
        }
        Ok(Typed::new(
            format!(
                "list_filter({x}, lambda x_, i_: list_contains({y}, x_) AND list_position({x}, x_) = i_)"
            ),
            ty,
        ))
    })
    .full(),
    entry("arrayZip", (1, 100), |a| {
        let items = (0..a.len()).map(|i| a.array(i)).collect::<Result<Vec<_>>>()?;
        let ty = Type::Tuple(items.iter().map(|(_, t)| (None, t.clone())).collect());
        let fields: Vec<String> =
            items.iter().enumerate().map(|(i, (list, _))| format!("\"{}\" := {list}[i_]", i + 1)).collect();
        let first = items.first().map_or("[]", |(l, _)| l);
        Ok(Typed::new(
            format!(
                "list_transform(range(1, len({first}) + 1), lambda i_: struct_pack({}))",
                fields.join(", ")
            ),
            Type::Array(Box::new(ty)),
        ))
    })
    .full(),
    entry("arrayWithConstant", (2, 2), |a| {
        let x = a.at(1)?;
        Ok(Typed::new(
            format!("list_transform(range({}), lambda i_: {})", a.integer(0)?, x.value()),
            Type::Array(Box::new(x.ty.clone())),
        ))
    })
    .own_nulls()
    .full(),
];

/// The items in order, NaN and NULL last.
fn sorted(a: &Args<'_, '_, '_>, descending: bool) -> Result<Typed> {
    let (list, item) = a.array(0)?;
    let direction = if descending { "DESC" } else { "ASC" };
    let sql = if is_decorated(&item) {
        let key = nested_key("x_", &item, !descending);
        let pairs = format!("list_transform({list}, lambda x_: struct_pack(k := {key}, v := x_))");
        format!("list_transform(list_sort({pairs}, '{direction}'), lambda p_: p_.v)")
    } else {
        format!("list_sort({list}, '{direction}')")
    };
    Ok(Typed::new(sql, a.ty(0)?.clone()))
}

/// Whether an item shows itself as a number, a text or an array of them.
fn is_literal(item: &Typed) -> bool {
    let first = item.name.trim_start_matches('-').chars().next();
    item.constant.is_some() && first.is_some_and(|c| c.is_ascii_digit() || c == '\'' || c == '[')
}

fn names(a: &Args<'_, '_, '_>) -> String {
    a.items.iter().map(|i| i.name.clone()).collect::<Vec<_>>().join(", ")
}

/// Two arrays with items of one type.
/// Two arrays in one form; where NULL could be in both, sets of them are not DuckDB's.
fn same(a: &Args<'_, '_, '_>) -> Result<(String, String)> {
    if a.array(0)?.1.is_nullable() && a.array(1)?.1.is_nullable() {
        return Err(a.unsupported("of two arrays with NULLs"));
    }
    let (_, forms) = unified(a.items)?;
    Ok((forms[0].clone(), forms[1].clone()))
}

pub fn concat(a: &Args<'_, '_, '_>) -> Result<Typed> {
    (0..a.len()).try_for_each(|i| a.array(i).map(|_| ()))?;
    let (ty, forms) = unified(a.items)?;
    Ok(Typed::new(format!("({})", forms.join(" || ")), ty))
}

/// Beyond the ends an array has its items' default, a map its values'.
fn element(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let (x, i) = (a.at(0)?, a.at(1)?);
    match x.ty.plain() {
        Type::Array(item) => {
            if !i.ty.plain().is_integer() {
                return Err(a.wrong(1, "a whole number"));
            }
            if i.int() == Some(0) {
                return Err(SqlError::new(Code::BadArguments, "array indices are 1-based"));
            }
            let sql = format!("{}[CAST({} AS BIGINT)]", x.sql, i.value());
            let ty =
                if i.ty.is_nullable() { item.as_ref().clone().nullable() } else { item.as_ref().clone() };
            Ok(Typed::new(duck::or_default(sql, &ty)?, ty))
        }
        Type::Map(k, v) => {
            let sql = format!("map_extract_value({}, {})", x.sql, i.widened(k)?);
            Ok(Typed::new(duck::or_default(sql, v)?, v.as_ref().clone()))
        }
        Type::Tuple(_) => {
            let key = i.int().map(|n| n.to_string()).ok_or_else(|| a.wrong(1, "a constant"))?;
            crate::resolve::members(x.clone(), &[&key])
        }
        Type::Json => Ok(crate::dynamic::part(x, a.constant_text(1)?)),
        _ => Err(a.wrong(0, "an array or a map")),
    }
}

fn slice(a: &Args<'_, '_, '_>) -> Result<Typed> {
    let (list, _) = a.array(0)?;
    let offset = a.constant_int(1)?;
    let length = if a.len() > 2 { Some(a.constant_int(2)?) } else { None };
    let from =
        if offset > 0 { offset.to_string() } else { format!("greatest(len({list}) + 1 + ({offset}), 1)") };
    let to = match length {
        None => format!("len({list})"),
        Some(n) if n >= 0 && offset > 0 => format!("{}", offset + n - 1),
        Some(n) if n >= 0 => format!("(len({list}) + ({offset}) + {n})"),
        Some(n) => format!("(len({list}) + ({n}))"),
    };
    Ok(Typed::new(format!("list_slice({list}, {from}, {to})"), a.ty(0)?.clone()))
}
