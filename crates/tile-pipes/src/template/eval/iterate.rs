//! Iteration.

use super::super::value::heap::{Iterator, Range};
use super::super::value::{Class, Dict, Id, Int, Object, Value, ViewKind};
use super::{Machine, Run, raise, type_error, value_error};

/// How many placeholders a placeholder gives.
const PLACEHOLDERS: usize = 3;

/// Whether a loop can run over the value.
pub(super) fn is_iterable(value: &Value) -> bool {
    value.as_text().is_some()
        || matches!(
            value,
            Value::List(_)
                | Value::Tuple(_)
                | Value::Dict(_)
                | Value::Set(_)
                | Value::FrozenSet(_)
                | Value::View(..)
                | Value::Range(_)
                | Value::Iterator(_)
                | Value::Placeholder(_)
        )
}

impl Machine<'_> {
    /// An iterator over a value.
    pub fn iterate(&mut self, value: &Value) -> Run<Id> {
        let iterator = match value {
            Value::Iterator(id) => return Ok(*id),
            Value::List(_) | Value::Tuple(_) => Iterator::Sequence { source: value.clone(), at: 0 },
            Value::Str(text) | Value::Sql(text) => Iterator::Chars { text: text.clone(), at: 0 },
            Value::Dict(id) | Value::Set(id) | Value::FrozenSet(id) | Value::View(id, _) => {
                let length = self.heap.dict(*id).map_or(0, Dict::len);
                Iterator::Entries { source: value.clone(), at: 0, length }
            }
            Value::Range(id) => Iterator::Range { range: *id, at: Int::default() },
            Value::Placeholder(_) => Iterator::Placeholder { left: PLACEHOLDERS },
            other => {
                return Err(type_error(format!("'{}' object is not iterable", self.type_name(other))));
            }
        };
        self.add(Object::Iterator(iterator))
    }

    /// All items that are left.
    pub fn collect(&mut self, value: &Value) -> Run<Vec<Value>> {
        let iterator = self.iterate(value)?;
        let mut out = Vec::new();
        while let Some(item) = self.next(iterator)? {
            self.allocate(std::mem::size_of::<Value>())?;
            out.push(item);
        }
        Ok(out)
    }

    /// The next item; nothing when there is none, also after an error.
    pub fn next(&mut self, id: Id) -> Run<Option<Value>> {
        self.iteration()?;
        let Some(slot) = self.heap.iterator_mut(id) else { return Ok(None) };
        // The iterator is away while it runs, so that it cannot be run inside itself.
        let mut iterator = std::mem::replace(slot, Iterator::Finished("running"));
        let out = self.deeper(|machine| machine.advance(&mut iterator));
        if !matches!(out, Ok(Some(_))) {
            iterator = Iterator::Finished(iterator.type_name());
        }
        if let Some(slot) = self.heap.iterator_mut(id) {
            *slot = iterator;
        }
        out
    }

    fn advance(&mut self, iterator: &mut Iterator) -> Run<Option<Value>> {
        match iterator {
            Iterator::Finished("running") => Err(value_error("generator already executing")),
            Iterator::Finished(_) => Ok(None),
            Iterator::Sequence { source: Value::List(id) | Value::Tuple(id), at } => {
                *at += 1;
                Ok(self.heap.items(*id).get(*at - 1).cloned())
            }
            Iterator::Sequence { .. } => Ok(None),
            Iterator::Chars { text, at } => {
                let Some(c) = text.get(*at..).and_then(|rest| rest.chars().next()) else { return Ok(None) };
                *at += c.len_utf8();
                self.new_str(c.encode_utf8(&mut [0; 4])).map(Some)
            }
            Iterator::Entries { source, at, length } => self.next_entry(source, at, *length),
            Iterator::Range { range, at } => {
                let Some(found) = self.heap.range(*range) else { return Ok(None) };
                if *at >= found.len() {
                    return Ok(None);
                }
                let out = found.at(at);
                *at = at.add(&Int::from(1u64));
                Ok(Some(Value::Int(out)))
            }
            Iterator::Reversed { items, .. } => Ok(items.pop()),
            Iterator::Placeholder { left } => {
                let Some(rest) = left.checked_sub(1) else { return Ok(None) };
                *left = rest;
                Ok(Some(self.nameless_placeholder()))
            }
            Iterator::Enumerate { inner, count } => {
                let Some(item) = self.next(*inner)? else { return Ok(None) };
                let number = Value::Int(count.clone());
                *count = count.add(&Int::from(1u64));
                self.new_tuple(vec![number, item]).map(Some)
            }
            Iterator::Zip { inner, strict } => {
                let (inner, strict) = (inner.clone(), *strict);
                self.next_zipped(&inner, strict)
            }
            Iterator::Map { function, inner } => {
                let (function, inner) = (function.clone(), inner.clone());
                let mut args = Vec::new();
                for id in inner {
                    let Some(item) = self.next(id)? else { return Ok(None) };
                    args.push(item);
                }
                self.call_with(&function, args).map(Some)
            }
            Iterator::Filter { function, inner } => {
                let (function, inner) = (function.clone(), *inner);
                while let Some(item) = self.next(inner)? {
                    let verdict = if function.is_none() {
                        item.clone()
                    } else {
                        self.call_with(&function, vec![item.clone()])?
                    };
                    if self.truth(&verdict)? {
                        return Ok(Some(item));
                    }
                }
                Ok(None)
            }
            Iterator::Generator(generator) => self.next_of_generator(generator),
        }
    }

    fn next_entry(&mut self, source: &Value, at: &mut usize, length: usize) -> Run<Option<Value>> {
        let (id, kind) = match source {
            Value::View(id, kind) => (*id, *kind),
            Value::Dict(id) | Value::Set(id) | Value::FrozenSet(id) => (*id, ViewKind::Keys),
            _ => return Ok(None),
        };
        let Some(dict) = self.heap.dict(id) else { return Ok(None) };
        if dict.len() != length {
            let kind = if matches!(source, Value::Set(_)) { "Set" } else { "dictionary" };
            return Err(raise(Class::RUNTIME, format!("{kind} changed size during iteration")));
        }
        let Some((entry, next)) = dict.next(*at) else { return Ok(None) };
        let (key, value) = entry.clone();
        *at = next;
        match kind {
            ViewKind::Keys => Ok(Some(key)),
            ViewKind::Values => Ok(Some(value)),
            ViewKind::Items => self.new_tuple(vec![key, value]).map(Some),
        }
    }

    fn next_zipped(&mut self, inner: &[Id], strict: bool) -> Run<Option<Value>> {
        let mut items = Vec::with_capacity(inner.len());
        for (i, id) in inner.iter().enumerate() {
            match self.next(*id)? {
                Some(item) => items.push(item),
                None if strict && i > 0 => {
                    let rest = if i == 1 { "argument 1".to_owned() } else { format!("arguments 1-{i}") };
                    return Err(value_error(format!("zip() argument {} is shorter than {rest}", i + 1)));
                }
                None => {
                    for (j, other) in inner.iter().enumerate().skip(1).filter(|_| strict) {
                        if self.next(*other)?.is_some() {
                            let rest =
                                if j == 1 { "argument 1".to_owned() } else { format!("arguments 1-{j}") };
                            return Err(value_error(format!(
                                "zip() argument {} is longer than {rest}",
                                j + 1
                            )));
                        }
                    }
                    return Ok(None);
                }
            }
        }
        if items.is_empty() { Ok(None) } else { self.new_tuple(items).map(Some) }
    }

    pub(super) fn new_range(&mut self, start: Int, stop: Int, step: Int) -> Run<Value> {
        self.add(Object::Range(Range { start, stop, step })).map(Value::Range)
    }
}

impl Iterator {
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Sequence { source: Value::List(_), .. } => "list_iterator",
            Self::Sequence { .. } => "tuple_iterator",
            Self::Chars { .. } => "str_iterator",
            Self::Entries { source: Value::Set(_) | Value::FrozenSet(_), .. } => "set_iterator",
            Self::Entries { source: Value::View(_, ViewKind::Values), .. } => "dict_valueiterator",
            Self::Entries { source: Value::View(_, ViewKind::Items), .. } => "dict_itemiterator",
            Self::Entries { .. } => "dict_keyiterator",
            Self::Range { .. } => "range_iterator",
            Self::Reversed { name, .. } => name,
            Self::Placeholder { .. } => "iterator",
            Self::Enumerate { .. } => "enumerate",
            Self::Zip { .. } => "zip",
            Self::Map { .. } => "map",
            Self::Filter { .. } => "filter",
            Self::Generator(_) => "generator",
            Self::Finished(name) => name,
        }
    }
}
