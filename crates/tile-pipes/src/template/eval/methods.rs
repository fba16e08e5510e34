//! Attributes, and the methods of containers and numbers. Those of texts are in `text`.

use super::super::value::heap::Method;
use super::super::value::{Class, Id, Int, Key, Object, Value, ViewKind};
use super::args::Args;
use super::{Machine, Run, raise, type_error, unsupported, value_error};
use std::sync::Arc;

const LIST: &[&str] =
    &["append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort"];
const DICT: &[&str] = &[
    "clear",
    "copy",
    "get",
    "items",
    "keys",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
    "fromkeys",
];
const SET: &[&str] = &[
    "add",
    "clear",
    "copy",
    "difference",
    "difference_update",
    "discard",
    "intersection",
    "intersection_update",
    "isdisjoint",
    "issubset",
    "issuperset",
    "pop",
    "remove",
    "symmetric_difference",
    "union",
    "update",
];
const TUPLE: &[&str] = &["count", "index"];
const INT: &[&str] = &["bit_length", "bit_count", "conjugate", "as_integer_ratio", "to_bytes", "is_integer"];
const FLOAT: &[&str] = &["is_integer", "conjugate", "hex", "as_integer_ratio"];

impl Machine<'_> {
    pub fn attribute(&mut self, value: &Value, name: &str) -> Run<Value> {
        let field = match (value, name) {
            (Value::Placeholder(p), "name") => Some(Value::Str(Arc::clone(&p.name))),
            (Value::Placeholder(p), "line") => Some(p.line.map_or_else(|| Value::str("unknown"), Value::int)),
            (Value::Symbol(text), "x") | (Value::Comment(text), "text") => Some(Value::Str(text.clone())),
            (Value::TypedInt(_, name) | Value::TypedFloat(_, name), "type") => Some(Value::str(*name)),
            (Value::Int(_) | Value::Bool(_) | Value::TypedInt(..), "real" | "numerator") => {
                Some(Value::Int(value.as_int().unwrap_or_default()))
            }
            (Value::Int(_) | Value::Bool(_) | Value::TypedInt(..), "imag") => Some(Value::int(0u64)),
            (Value::Int(_) | Value::Bool(_) | Value::TypedInt(..), "denominator") => Some(Value::int(1u64)),
            (Value::Float(x) | Value::TypedFloat(x, _), "real") => Some(Value::Float(*x)),
            (Value::Float(_) | Value::TypedFloat(..), "imag") => Some(Value::Float(0.0)),
            (Value::Range(id), "start" | "stop" | "step") => self.heap.range(*id).map(|range| {
                Value::Int(match name {
                    "start" => range.start.clone(),
                    "stop" => range.stop.clone(),
                    _ => range.step.clone(),
                })
            }),
            (Value::Error(id), "args") => {
                let args = self.heap.error(*id).map(|error| error.args.clone()).unwrap_or_default();
                Some(self.new_tuple(args)?)
            }
            (Value::Error(id), "code") => self.heap.error(*id).and_then(|error| error.code.clone()),
            (Value::Error(id), "err") => self
                .heap
                .error(*id)
                .filter(|error| error.class == Class::CUSTOM)
                .and_then(|error| error.args.first().cloned()),
            _ => None,
        };
        if let Some(field) = field {
            return Ok(field);
        }
        if matches!(value, Value::Function(f) if f.is_type) || matches!(value, Value::Class(_)) {
            return Err(unsupported(format!("an attribute of a type (`{name}`)")));
        }
        let Some(name) = self.methods_of(value).iter().find(|method| **method == name) else {
            let shown = self.type_name(value);
            return Err(raise(Class::ATTRIBUTE, format!("'{shown}' object has no attribute '{name}'")));
        };
        let method = Method { receiver: value.clone(), name };
        self.add(Object::Method(Arc::new(method))).map(Value::Method)
    }

    fn methods_of(&self, value: &Value) -> &'static [&'static str] {
        match value {
            Value::Str(_) | Value::Sql(_) => super::text::METHODS,
            Value::List(_) => LIST,
            Value::Dict(_) => DICT,
            Value::Set(_) | Value::FrozenSet(_) => SET,
            Value::View(_, ViewKind::Keys | ViewKind::Items) => &["isdisjoint"],
            Value::Tuple(_) | Value::Range(_) => TUPLE,
            Value::Int(_) | Value::Bool(_) | Value::TypedInt(..) => INT,
            Value::Float(_) | Value::TypedFloat(..) => FLOAT,
            Value::Placeholder(_) => &["split", "startswith"],
            _ => &[],
        }
    }

    pub(super) fn call_method(&mut self, receiver: &Value, name: &'static str, args: Args) -> Run<Value> {
        match receiver {
            Value::Str(text) | Value::Sql(text) => self.text_method(text, name, args),
            Value::List(id) => self.list_method(*id, name, args),
            Value::Dict(id) => self.dict_method(*id, name, args),
            Value::Set(_) | Value::FrozenSet(_) | Value::View(..) => self.set_method(receiver, name, args),
            Value::Tuple(_) | Value::Range(_) => self.search_items(receiver, name, args),
            Value::Placeholder(_) => {
                let parameter = if name == "split" { "ch" } else { "c" };
                let shown = if name == "split" { "Placeholder.split" } else { "Placeholder.startswith" };
                // As with every method written in Python, the receiver counts as an argument.
                let mut positional = vec![receiver.clone()];
                positional.extend(args.positional);
                Args { positional, named: args.named, literal: false }.bind(
                    shown,
                    &["self", parameter],
                    2,
                )?;
                if name == "startswith" {
                    return Ok(Value::Bool(false));
                }
                let parts = vec![self.nameless_placeholder(), self.nameless_placeholder()];
                self.new_list(parts)
            }
            _ => self.number_method(receiver, name, args),
        }
    }

    fn number_method(&mut self, receiver: &Value, name: &'static str, args: Args) -> Run<Value> {
        let shown = format!("{}.{name}", self.type_name(receiver));
        let [] = args.exactly(&shown)?;
        match (name, receiver.as_int(), receiver.as_float()) {
            ("bit_length", Some(n), _) => Ok(Value::int(n.bits())),
            ("bit_count", Some(n), _) => Ok(Value::int(n.abs().to_radix(2).matches('1').count())),
            ("conjugate", Some(n), _) => Ok(Value::Int(n)),
            ("conjugate", _, Some(x)) => Ok(Value::Float(x)),
            ("is_integer", _, Some(x)) => Ok(Value::Bool(x.is_finite() && x.fract() == 0.0)),
            ("is_integer", ..) => Err(raise(
                Class::ATTRIBUTE,
                format!("'{}' object has no attribute 'is_integer'", self.type_name(receiver)),
            )),
            _ => Err(unsupported(format!("`{name}`"))),
        }
    }

    fn list_method(&mut self, id: Id, name: &'static str, mut args: Args) -> Run<Value> {
        match name {
            "sort" => {
                let (key, reverse) = (args.take("key"), args.take("reverse"));
                let [] = args.exactly("sort")?;
                let items = self.copied(id)?;
                let sorted = self.sorted(items, key, reverse)?;
                if let Some(list) = self.heap.list_mut(id) {
                    *list = sorted;
                }
            }
            "count" | "index" => return self.search_items(&Value::List(id), name, args),
            "append" => {
                let [item] = args.exactly("list.append")?;
                self.extend(id, vec![item])?;
            }
            "extend" => {
                let [items] = args.exactly("list.extend")?;
                let items = self.collect(&items)?;
                self.extend(id, items)?;
            }
            "clear" | "reverse" => {
                let [] = args.exactly(if name == "clear" { "list.clear" } else { "list.reverse" })?;
                self.moved(id)?;
                if let Some(list) = self.heap.list_mut(id) {
                    if name == "clear" { list.clear() } else { list.reverse() }
                }
            }
            "copy" => {
                let [] = args.exactly("list.copy")?;
                let items = self.copied(id)?;
                return self.new_list(items);
            }
            "insert" => {
                let [Some(at), Some(item)] = args.between("insert", 2)? else { return Ok(Value::None) };
                let at = self.index_number(&at)?;
                self.moved(id)?;
                self.extend(id, Vec::new())?;
                let length = self.heap.items(id).len();
                let at = clamp(&at, length);
                if let Some(list) = self.heap.list_mut(id) {
                    list.insert(at, item);
                }
            }
            "remove" => {
                let [item] = args.exactly("list.remove")?;
                let Some(at) = self.position(&Value::List(id), &item)? else {
                    return Err(value_error("list.remove(x): x not in list"));
                };
                self.moved(id)?;
                if let Some(list) = self.heap.list_mut(id) {
                    list.remove(at);
                }
            }
            _ => return self.pop_item(id, args),
        }
        Ok(Value::None)
    }

    fn pop_item(&mut self, id: Id, args: Args) -> Run<Value> {
        let [at] = args.between("pop", 0)?;
        let length = self.heap.items(id).len();
        let at = at.map_or(Ok(Int::from(-1i64)), |at| self.index_number(&at))?;
        if length == 0 {
            return Err(raise(Class::INDEX, "pop from empty list"));
        }
        let place = if at.is_negative() {
            length.checked_sub(at.abs().to_usize().unwrap_or(usize::MAX))
        } else {
            at.to_usize()
        };
        self.moved(id)?;
        match place.filter(|at| *at < length).zip(self.heap.list_mut(id)) {
            Some((at, list)) => Ok(list.remove(at)),
            None => Err(raise(Class::INDEX, "pop index out of range")),
        }
    }

    fn position(&mut self, sequence: &Value, item: &Value) -> Run<Option<usize>> {
        let iterator = self.iterate(sequence)?;
        let mut at = 0;
        while let Some(found) = self.next(iterator)? {
            if super::compare::same(&found, item) || self.equal(&found, item)? {
                return Ok(Some(at));
            }
            at += 1;
        }
        Ok(None)
    }

    fn search_items(&mut self, sequence: &Value, name: &'static str, args: Args) -> Run<Value> {
        let kind = self.type_name(sequence);
        if name == "count" {
            let [item] = args.exactly(&format!("{kind}.count"))?;
            let mut count = 0u64;
            for found in self.collect(sequence)? {
                count += u64::from(super::compare::same(&found, &item) || self.equal(&found, &item)?);
            }
            return Ok(Value::int(count));
        }
        let [item, from, to] = args.between::<3>("index", 1)?;
        let item = item.unwrap_or(Value::None);
        let items = self.collect(sequence)?;
        let mut bounds = [0, items.len()];
        for (bound, value) in bounds.iter_mut().zip([from, to]) {
            if let Some(value) = value {
                *bound = clamp(&self.index_number(&value)?, items.len());
            }
        }
        let [low, high] = bounds;
        for (at, found) in items.iter().enumerate().take(high).skip(low) {
            if super::compare::same(found, &item) || self.equal(found, &item)? {
                return Ok(Value::int(at));
            }
        }
        let shown = self.repr(&item)?;
        Err(value_error(match kind {
            "list" => format!("{shown} is not in list"),
            "range" => format!("{shown} is not in range"),
            _ => "tuple.index(x): x not in tuple".to_owned(),
        }))
    }

    fn dict_method(&mut self, id: Id, name: &'static str, args: Args) -> Run<Value> {
        match name {
            "keys" | "values" | "items" => {
                let [] = args.exactly(&format!("dict.{name}"))?;
                let kind = match name {
                    "keys" => ViewKind::Keys,
                    "values" => ViewKind::Values,
                    _ => ViewKind::Items,
                };
                Ok(Value::View(id, kind))
            }
            "get" | "pop" | "setdefault" => {
                let [key, default] = args.between::<2>(name, 1)?;
                let name_of_key = key.unwrap_or(Value::None);
                let key = self.key(&name_of_key)?;
                self.dict_access(id, name, (key, name_of_key), default)
            }
            "update" => {
                let Args { positional, named, .. } = args;
                let [other] = Args::of(positional).between("update", 0)?;
                if let Some(other) = other {
                    self.dict_update(id, &other)?;
                }
                for (key, value) in named {
                    self.dict_insert(id, Value::Str(key), value)?;
                }
                Ok(Value::None)
            }
            "popitem" => {
                let [] = args.exactly("dict.popitem")?;
                let Some((key, value)) = self.heap.dict(id).and_then(|dict| dict.last()).cloned() else {
                    let text = "'popitem(): dictionary is empty'";
                    return Err(raise(Class::KEY, text));
                };
                let found = self.key(&key)?;
                if let Some(dict) = self.heap.dict_mut(id) {
                    dict.remove(&found);
                }
                self.new_tuple(vec![key, value])
            }
            "copy" => {
                let [] = args.exactly("dict.copy")?;
                let copy = self.new_dict()?;
                self.dict_update(copy, &Value::Dict(id))?;
                Ok(Value::Dict(copy))
            }
            "clear" => {
                let [] = args.exactly("dict.clear")?;
                if let Some(dict) = self.heap.dict_mut(id) {
                    dict.clear();
                }
                Ok(Value::None)
            }
            _ => Err(unsupported(format!("`dict.{name}`"))),
        }
    }

    fn dict_access(&mut self, id: Id, name: &str, key: (Key, Value), default: Option<Value>) -> Run<Value> {
        let (key, name_of_key) = key;
        let found = self.heap.dict(id).and_then(|dict| dict.get(&key)).cloned();
        match (name, found, default) {
            ("pop", Some(value), _) => {
                if let Some(dict) = self.heap.dict_mut(id) {
                    dict.remove(&key);
                }
                Ok(value)
            }
            ("pop", None, None) => Err(self.missing_key(&name_of_key)?),
            ("setdefault", None, default) => {
                let value = default.unwrap_or(Value::None);
                self.dict_insert(id, name_of_key, value.clone())?;
                Ok(value)
            }
            (_, Some(value), _) => Ok(value),
            (_, None, default) => Ok(default.unwrap_or(Value::None)),
        }
    }

    fn set_method(&mut self, set: &Value, name: &'static str, args: Args) -> Run<Value> {
        use super::super::python::ast::Binary;
        let (Value::Set(id) | Value::FrozenSet(id) | Value::View(id, _)) = set else {
            return Ok(Value::None);
        };
        let id = *id;
        args.unnamed(&format!("set.{name}"))?;
        match name {
            "add" | "discard" | "remove" => {
                let [item] = args.exactly(&format!("set.{name}"))?;
                if name == "add" {
                    return self.dict_insert(id, item, Value::None).map(|()| Value::None);
                }
                let key = self.key(&item)?;
                let removed = self.heap.dict_mut(id).and_then(|items| items.remove(&key));
                if removed.is_none() && name == "remove" {
                    return Err(self.missing_key(&item)?);
                }
                Ok(Value::None)
            }
            "pop" => {
                let [] = args.exactly("set.pop")?;
                let Some((item, _)) = self.heap.dict(id).and_then(|items| items.iter().next()).cloned()
                else {
                    return Err(raise(Class::KEY, "'pop from an empty set'"));
                };
                let key = self.key(&item)?;
                if let Some(items) = self.heap.dict_mut(id) {
                    items.remove(&key);
                }
                Ok(item)
            }
            "isdisjoint" | "issubset" | "issuperset" => {
                let [other] = args.exactly(&format!("set.{name}"))?;
                let other = self.collect(&other)?;
                let other = self.new_set(other)?;
                match name {
                    "issubset" => self.ordered(set, "<=", &other).map(Value::Bool),
                    "issuperset" => self.ordered(set, ">=", &other).map(Value::Bool),
                    _ => {
                        let both = self.combine_sets(set, Binary::BitAnd, &other)?;
                        Ok(Value::Bool(!self.truth(&both)?))
                    }
                }
            }
            "clear" => {
                let [] = args.exactly("set.clear")?;
                if let Some(items) = self.heap.dict_mut(id) {
                    items.clear();
                }
                Ok(Value::None)
            }
            "copy" => {
                let [] = args.exactly("set.copy")?;
                self.combine_sets(set, Binary::BitOr, set)
            }
            _ => self.combine_in_place(set, id, name, args),
        }
    }

    /// `union` and its like, and those that change the set itself.
    fn combine_in_place(&mut self, set: &Value, id: Id, name: &str, args: Args) -> Run<Value> {
        use super::super::python::ast::Binary;
        let operator = match name {
            "union" | "update" => Binary::BitOr,
            "intersection" | "intersection_update" => Binary::BitAnd,
            "symmetric_difference" => Binary::BitXor,
            _ => Binary::Sub,
        };
        let mut out = self.combine_sets(set, Binary::BitOr, set)?;
        for other in args.positional {
            let items = self.collect(&other)?;
            let other = self.new_set(items)?;
            out = self.combine_sets(&out, operator, &other)?;
        }
        if !name.ends_with("update") {
            return Ok(out);
        }
        let items = self.collect(&out)?;
        if let Some(target) = self.heap.dict_mut(id) {
            target.clear();
        }
        for item in items {
            self.dict_insert(id, item, Value::None)?;
        }
        Ok(Value::None)
    }

    /// The items in order, `reverse` keeping the order of equal ones.
    pub(super) fn sorted(
        &mut self,
        items: Vec<Value>,
        key: Option<Value>,
        reverse: Option<Value>,
    ) -> Run<Vec<Value>> {
        let reverse = match reverse {
            Some(value) => self.truth(&value)?,
            None => false,
        };
        let mut keyed = Vec::with_capacity(items.len());
        for item in items {
            let key = match &key {
                Some(key) if !key.is_none() => self.call_with(key, vec![item.clone()])?,
                _ => item.clone(),
            };
            keyed.push((key, item));
        }
        if reverse {
            keyed.reverse();
        }
        let mut keyed = self.merge_sorted(keyed)?;
        if reverse {
            keyed.reverse();
        }
        Ok(keyed.into_iter().map(|(_, item)| item).collect())
    }

    /// Merge sort, since a comparison can fail; the depth is the logarithm of the length.
    fn merge_sorted(&mut self, mut items: Vec<(Value, Value)>) -> Run<Vec<(Value, Value)>> {
        if items.len() <= 1 {
            return Ok(items);
        }
        let right = items.split_off(items.len() / 2);
        let left = self.merge_sorted(items)?;
        let right = self.merge_sorted(right)?;
        let mut out = Vec::with_capacity(left.len() + right.len());
        let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
        while let (Some((a, _)), Some((b, _))) = (left.peek(), right.peek()) {
            let swapped = self.ordered(b, "<", a)?;
            out.extend(if swapped { right.next() } else { left.next() });
        }
        out.extend(left);
        out.extend(right);
        Ok(out)
    }

    /// `separator.join(items)`
    pub(super) fn join(&mut self, separator: &str, items: &Value) -> Run<Value> {
        if !super::iterate::is_iterable(items) {
            return Err(type_error("can only join an iterable"));
        }
        let items = self.collect(items)?;
        let mut out = String::new();
        for (i, item) in items.iter().enumerate() {
            let Some(text) = item.as_text() else {
                let shown = self.type_name(item);
                return Err(type_error(format!("sequence item {i}: expected str instance, {shown} found")));
            };
            if i > 0 {
                out.push_str(separator);
            }
            self.allocate(text.len() + separator.len())?;
            out.push_str(text);
        }
        self.new_str(out)
    }
}

/// A place in a sequence, from the end below zero, and never outside.
pub(super) fn clamp(at: &Int, length: usize) -> usize {
    if at.is_negative() {
        length.saturating_sub(at.abs().to_usize().unwrap_or(usize::MAX))
    } else {
        at.to_usize().unwrap_or(usize::MAX).min(length)
    }
}
