//! Lists, maps and structures.

use super::Rule::Own;
use super::operators::compare;
use super::{Call, Function, Want, arity, functions, literal_text, made, never};
use crate::expression::resolve::{Typed, same};
use crate::types::Type;
use crate::value::Value;
use std::cmp::Ordering;
use tile_base::{Error, Result};

functions! {
    "ARRAY" "(value, …)" Own(array), "list_value({*})", true, |c| Some(Value::List(c.args.into()));
    "SIZE" "(list or map)" Own(size), "", true, never;
    "size_list" "" Own(size), "coalesce(len({0}), -1)", true, length;
    "size_map" "" Own(size), "coalesce(cardinality({0}), -1)", true, length;
    "[]" "(list or map, place or key)" Own(item), "", false, never;
    "item_list" "" Own(item), "list_extract({0}, CASE WHEN {1} >= 0 THEN {1} + 1 END)", false, |c| {
        c.list(0)?.get(usize::try_from(c.int(1)?).ok()?).cloned()
    };
    "item_map" "" Own(item), "({0})[{1}]", false, |c| entry(c).cloned();
    "ELEMENT_AT" "(list or map, place or key)" Own(item), "list_extract({0}, {1})", false, |c| {
        let (items, at) = (c.list(0)?, c.int(1)?);
        let size = i64::try_from(items.len()).ok()?;
        let at = if at > 0 { at - 1 } else if at < 0 { size + at } else { return None };
        items.get(usize::try_from(at).ok()?).cloned()
    };
    "ARRAY_CONTAINS" "(list, value)" Own(contains), "(CASE WHEN list_contains({0}, {1}) THEN true WHEN list_count({0}) < len({0}) THEN NULL WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN false END)", false, |c| {
        let (items, wanted) = (c.list(0)?, c.args.get(1)?);
        if items.iter().any(|item| compare(item, wanted) == Some(Ordering::Equal)) {
            return Some(Value::Bool(true));
        }
        if items.iter().any(Value::is_null) { None } else { Some(Value::Bool(false)) }
    };
    "ARRAY_POSITION" "(list, value)" Own(contains), "CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN coalesce(list_position({0}, {1}), 0) END", false, |c| {
        let wanted = c.args.get(1)?;
        let at = c.list(0)?.iter().position(|item| compare(item, wanted) == Some(Ordering::Equal));
        at.map_or(Some(0), |at| i64::try_from(at + 1).ok()).map(Value::Int)
    };
    "ARRAY_MAX" "(list)" Own(of_items), "list_max({0})", false, |c| c.best(Ordering::Greater);
    "ARRAY_MIN" "(list)" Own(of_items), "list_min({0})", false, |c| c.best(Ordering::Less);
    "SORT_ARRAY" "(list)" Own(of_items), "list_sort({0}, 'ASC', 'NULLS FIRST')", false, |c| {
        let mut items = c.list(0)?.to_vec();
        items.sort_by(|a, b| compare(a, b).unwrap_or_else(|| b.is_null().cmp(&a.is_null())));
        Some(Value::List(items.into()))
    };
    "SLICE" "(list, from, length)" Own(slice), "(CASE WHEN {1} > 0 AND {2} >= 0 THEN list_slice({0}, {1}, CAST({1} AS BIGINT) + {2} - 1) END)", false, |c| {
        let from = usize::try_from(c.int(1)?).ok()?.checked_sub(1)?;
        let length = usize::try_from(c.int(2)?).ok()?;
        Some(Value::List(c.list(0)?.iter().skip(from).take(length).cloned().collect()))
    };
    "ARRAY_JOIN" "(list, between)" Own(join), "array_to_string({0}, {1})", false, |c| {
        let texts = c.list(0)?.iter().filter_map(|v| if let Value::Text(t) = v { Some(&**t) } else { None });
        made(texts.collect::<Vec<_>>().join(c.text(1)?))
    };
    "MAP_KEYS" "(map)" Own(keys), "list_sort(map_keys({0}))", false, |c| match c.args.first()? {
        Value::Map(entries) => Some(Value::List(entries.iter().map(|(key, _)| Value::Text(key.clone())).collect())),
        _ => None,
    };
    "MAP_CONTAINS_KEY" "(map, key)" Own(has_key), "map_contains({0}, {1})", false, |c| Some(Value::Bool(entry(c).is_some()));
    "NAMED_STRUCT" "(name, value, …)" Own(structure), "struct_pack({*})", true, |c| {
        Some(Value::Struct(c.args.into()))
    };
}

impl Call<'_> {
    fn best(&self, wanted: Ordering) -> Option<Value> {
        let items = self.list(0)?.iter().filter(|v| !v.is_null());
        items.reduce(|best, v| if compare(v, best) == Some(wanted) { v } else { best }).cloned()
    }
}

fn length(call: &Call<'_>) -> Option<Value> {
    let length = match call.args.first()? {
        Value::List(items) => items.len(),
        Value::Map(entries) => entries.len(),
        _ => return Some(Value::Int(-1)),
    };
    i64::try_from(length).ok().map(Value::Int)
}

/// The value of a key of a map. A key that is not there has none.
fn entry<'a>(call: &'a Call<'_>) -> Option<&'a Value> {
    let (Value::Map(entries), key) = (call.args.first()?, call.text(1)?) else { return None };
    entries.iter().find(|(k, _)| **k == *key).map(|(_, value)| value)
}

fn named(name: &str) -> Result<&'static Function> {
    ALL.iter()
        .find(|f| f.name == name)
        .ok_or_else(|| Error::internal(format!("there is no function `{name}`")))
}

/// The type of the items of the first argument.
fn items(function: &Function, args: &[Typed]) -> Result<Type> {
    match args.first().and_then(|arg| arg.ty.as_ref()) {
        Some(Type::List(of)) => Ok((**of).clone()),
        _ => {
            let found = args.first().map_or_else(|| "nothing".to_owned(), Typed::shown);
            Err(Error::invalid(format!("{} takes a list, not a {found}", function.name)))
        }
    }
}

fn scalar(function: &Function, ty: &Type) -> Result<()> {
    match ty {
        Type::List(_) | Type::Map(_) | Type::Struct(_) => {
            Err(Error::invalid(format!("{} does not take a list of {ty}", function.name)))
        }
        _ => Ok(()),
    }
}

fn array(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 1, usize::MAX)?;
    let (args, ty) = same(args, true)?;
    let ty = ty.ok_or_else(|| Error::invalid("a list of nulls has no type").hint("Cast one of them"))?;
    Ok(Typed::call(function, args, Type::List(Box::new(ty))))
}

fn size(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 1, 1)?;
    match args.first().and_then(|arg| arg.ty.as_ref()) {
        Some(Type::List(_)) => Ok(Typed::call(named("size_list")?, args, Type::Int)),
        Some(Type::Map(_)) => Ok(Typed::call(named("size_map")?, args, Type::Int)),
        _ => Err(Error::invalid(format!("SIZE takes a list or a map, not a {}", args[0].shown()))
            .hint("The length of a text is LENGTH")),
    }
}

fn item(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 2)?;
    let key = args.remove(1);
    match args.first().and_then(|arg| arg.ty.clone()) {
        Some(Type::List(of)) => {
            args.push(Want::Long.take(key)?);
            let function = if function.name == "[]" { named("item_list")? } else { function };
            Ok(Typed::call(function, args, *of))
        }
        Some(Type::Map(of)) => {
            args.push(Want::Text.take(key)?);
            Ok(Typed::call(named("item_map")?, args, *of))
        }
        _ => Err(Error::invalid(format!("a {} has no items", args[0].shown()))),
    }
}

fn contains(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 2)?;
    let of = items(function, &args)?;
    scalar(function, &of)?;
    let wanted = args.remove(1);
    // A wider number would never be found, and a narrower one always could.
    let fits = match &wanted.ty {
        None => true,
        Some(ty) => {
            *ty == of
                || (ty.is_number() && of.is_number() && crate::expression::resolve::wider(ty, &of) == of)
        }
    };
    if !fits {
        return Err(
            Error::invalid(format!("a list of {of} cannot have a {}", wanted.shown())).hint("Write a CAST")
        );
    }
    args.push(wanted.cast(&of)?);
    let ty = if function.name == "ARRAY_POSITION" { Type::Long } else { Type::Bool };
    Ok(Typed::call(function, args, ty))
}

/// One of the items, or all in another order.
fn of_items(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 1, 1)?;
    let of = items(function, &args)?;
    scalar(function, &of)?;
    let ty = if function.name == "SORT_ARRAY" { Type::List(Box::new(of)) } else { of };
    Ok(Typed::call(function, args, ty))
}

fn slice(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 3, 3)?;
    let of = items(function, &args)?;
    let wants = [Want::Any, Want::Int, Want::Int];
    let args = wants.into_iter().zip(args).map(|(want, arg)| want.take(arg)).collect::<Result<_>>()?;
    Ok(Typed::call(function, args, Type::List(Box::new(of))))
}

fn join(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 2)?;
    if items(function, &args)? != Type::Text {
        return Err(Error::invalid("ARRAY_JOIN takes a list of strings"));
    }
    let between = literal_text(function, &args, 1)?;
    args[1] = Typed::literal(Value::Text(between.into()), Type::Text);
    Ok(Typed::call(function, args, Type::Text))
}

fn map(function: &Function, args: &[Typed]) -> Result<()> {
    match args.first().and_then(|arg| arg.ty.as_ref()) {
        Some(Type::Map(_)) => Ok(()),
        _ => Err(Error::invalid(format!("{} takes a map", function.name))),
    }
}

fn keys(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 1, 1)?;
    map(function, &args)?;
    Ok(Typed::call(function, args, Type::List(Box::new(Type::Text))))
}

fn has_key(function: &'static Function, mut args: Vec<Typed>) -> Result<Typed> {
    arity(function, &args, 2, 2)?;
    map(function, &args)?;
    let key = Want::Text.take(args.remove(1))?;
    args.push(key);
    Ok(Typed::call(function, args, Type::Bool))
}

fn structure(function: &'static Function, args: Vec<Typed>) -> Result<Typed> {
    if args.is_empty() || !args.len().is_multiple_of(2) {
        return Err(Error::invalid("NAMED_STRUCT takes names and values in turn"));
    }
    let mut fields = Vec::new();
    let mut values = Vec::new();
    for at in (0..args.len()).step_by(2) {
        let name = literal_text(function, &args, at)?;
        let value = args[at + 1].clone();
        let ty = value.ty.clone().ok_or_else(|| Error::invalid(format!("the field `{name}` has no type")))?;
        if name.is_empty() || fields.iter().any(|(n, _): &(String, Type)| n.eq_ignore_ascii_case(&name)) {
            return Err(Error::invalid(format!("the field `{name}` is not a new name")));
        }
        fields.push((name, ty));
        values.push(value);
    }
    Ok(Typed::call(function, values, Type::Struct(fields)))
}
