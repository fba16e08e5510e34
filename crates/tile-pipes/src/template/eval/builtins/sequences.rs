//! Functions of sequences.

use super::super::super::python::ast::Binary;
use super::{Args, Builtin, Class, Machine, Run, Value, raise, type_error, value_error};
use crate::template::value::heap::Iterator;
use crate::template::value::{Int, Object};

pub fn all(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    until(machine, builtin, args, false)
}

pub fn any(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    until(machine, builtin, args, true)
}

fn until(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args, decisive: bool) -> Run<Value> {
    let [items] = args.exactly(builtin.name)?;
    let iterator = machine.iterate(&items)?;
    while let Some(item) = machine.next(iterator)? {
        if machine.truth(&item)? == decisive {
            return Ok(Value::Bool(decisive));
        }
    }
    Ok(Value::Bool(!decisive))
}

/// `list` and `tuple`.
pub fn list(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [items] = args.between(builtin.name, 0)?;
    if let Some(Value::Tuple(id)) = items
        && builtin.name == "tuple"
    {
        return Ok(Value::Tuple(id));
    }
    let items = match items {
        Some(items) => machine.collect(&items)?,
        None => Vec::new(),
    };
    if builtin.name == "list" { machine.new_list(items) } else { machine.new_tuple(items) }
}

/// `set` and `frozenset`.
pub fn set(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [items] = args.between(builtin.name, 0)?;
    let items = match items {
        Some(items) => machine.collect(&items)?,
        None => Vec::new(),
    };
    let id = machine.set_object(items)?;
    Ok(if builtin.name == "set" { Value::Set(id) } else { Value::FrozenSet(id) })
}

pub fn dict(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let Args { positional, named, .. } = args;
    let [items] = Args::of(positional).between("dict", 0)?;
    let id = machine.new_dict()?;
    if let Some(items) = items {
        machine.dict_update(id, &items)?;
    }
    for (key, value) in named {
        machine.dict_insert(id, Value::Str(key), value)?;
    }
    Ok(Value::Dict(id))
}

pub fn enumerate(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [items, start] = args.bind("enumerate", &["iterable", "start"], 1)?;
    let inner = machine.iterate(&items.unwrap_or(Value::None))?;
    let count = match start {
        Some(start) => machine.index_number(&start)?,
        None => Int::default(),
    };
    machine.add(Object::Iterator(Iterator::Enumerate { inner, count })).map(Value::Iterator)
}

pub fn zip(machine: &mut Machine<'_>, _: &'static Builtin, mut args: Args) -> Run<Value> {
    let strict = match args.take("strict") {
        Some(strict) => machine.truth(&strict)?,
        None => false,
    };
    args.unnamed("zip")?;
    let inner: Run<Vec<_>> = args.positional.iter().map(|items| machine.iterate(items)).collect();
    let inner = inner?;
    machine.add(Object::Iterator(Iterator::Zip { inner, strict })).map(Value::Iterator)
}

pub fn map(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    args.unnamed("map")?;
    let mut positional = args.positional.into_iter();
    let function = positional.next().unwrap_or(Value::None);
    let inner: Run<Vec<_>> = positional.map(|items| machine.iterate(&items)).collect();
    let inner = inner?;
    if inner.is_empty() {
        return Err(type_error("map() must have at least two arguments."));
    }
    machine.add(Object::Iterator(Iterator::Map { function, inner })).map(Value::Iterator)
}

pub fn filter(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [function, items] = args.exactly("filter")?;
    let inner = machine.iterate(&items)?;
    machine.add(Object::Iterator(Iterator::Filter { function, inner })).map(Value::Iterator)
}

pub fn iter(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [items] = args.exactly("iter")?;
    machine.iterate(&items).map(Value::Iterator)
}

pub fn next(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [iterator, default] = args.between::<2>("next", 1)?;
    let Some(Value::Iterator(id)) = iterator else {
        let shown = machine.type_name(&iterator.unwrap_or(Value::None));
        return Err(type_error(format!("'{shown}' object is not an iterator")));
    };
    match (machine.next(id)?, default) {
        (Some(item), _) | (None, Some(item)) => Ok(item),
        (None, None) => Err(raise(Class::STOP, "")),
    }
}

pub fn reversed(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [items] = args.exactly("reversed")?;
    if items.is_placeholder() {
        machine.length(&items)?;
    }
    if !matches!(items, Value::List(_) | Value::Tuple(_) | Value::Range(_) | Value::Dict(_) | Value::View(..))
        && items.as_text().is_none()
    {
        let shown = machine.type_name(&items);
        return Err(type_error(format!("'{shown}' object is not reversible")));
    }
    let name = match items {
        Value::List(_) => "list_reverseiterator",
        Value::Range(_) => "range_iterator",
        Value::Dict(_) => "dict_reversekeyiterator",
        _ => "reversed",
    };
    let items = machine.collect(&items)?;
    machine.add(Object::Iterator(Iterator::Reversed { items, name })).map(Value::Iterator)
}

pub fn sorted(machine: &mut Machine<'_>, _: &'static Builtin, mut args: Args) -> Run<Value> {
    let (key, reverse) = (args.take("key"), args.take("reverse"));
    let [items] = args.exactly("sorted")?;
    let items = machine.collect(&items)?;
    let items = machine.sorted(items, key, reverse)?;
    machine.new_list(items)
}

pub fn sum(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [items, start] = args.bind("sum", &["iterable", "start"], 1)?;
    let mut out = start.unwrap_or_else(|| Value::int(0u64));
    if out.as_text().is_some() {
        return Err(type_error("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    let iterator = machine.iterate(&items.unwrap_or(Value::None))?;
    while let Some(item) = machine.next(iterator)? {
        out = machine.binary(&out, Binary::Add, &item)?;
    }
    Ok(out)
}

/// `max` and `min`.
pub fn extreme(machine: &mut Machine<'_>, builtin: &'static Builtin, mut args: Args) -> Run<Value> {
    let name = builtin.name;
    let (key, default) = (args.take("key"), args.take("default"));
    args.unnamed(name)?;
    let several = args.positional.len() > 1;
    if several && default.is_some() {
        return Err(type_error(format!(
            "Cannot specify a default for {name}() with multiple positional arguments"
        )));
    }
    let items = match args.positional.as_slice() {
        [] => return Err(type_error(format!("{name} expected at least 1 argument, got 0"))),
        [one] => machine.collect(&one.clone())?,
        many => many.to_vec(),
    };
    let sign = if name == "max" { ">" } else { "<" };
    let mut best: Option<(Value, Value)> = None;
    for item in items {
        let found = match &key {
            Some(key) if !key.is_none() => machine.call_with(key, vec![item.clone()])?,
            _ => item.clone(),
        };
        let better = match &best {
            Some((old, _)) => machine.ordered(&found, sign, old)?,
            None => true,
        };
        if better {
            best = Some((found, item));
        }
    }
    match (best, default) {
        (Some((_, item)), _) | (None, Some(item)) => Ok(item),
        (None, None) => Err(value_error(format!("{name}() arg is an empty sequence"))),
    }
}

pub fn range(machine: &mut Machine<'_>, _: &'static Builtin, args: Args) -> Run<Value> {
    let [first, second, step] = args.between::<3>("range", 1)?;
    let number = |machine: &Machine<'_>, value: Option<Value>, default: u64| match value {
        Some(value) => machine.index_number(&value),
        None => Ok(Int::from(default)),
    };
    let step = number(machine, step, 1)?;
    if step.is_zero() {
        return Err(value_error("range() arg 3 must not be zero"));
    }
    let first = number(machine, first, 0)?;
    match second {
        Some(stop) => {
            let stop = machine.index_number(&stop)?;
            machine.new_range(first, stop, step)
        }
        None => machine.new_range(Int::default(), first, step),
    }
}
