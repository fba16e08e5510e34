//! Comparisons, truth, and values as keys.

use super::super::python::ast::Comparison;
use super::super::value::{Dict, Id, Int, Key, Value, ViewKind};
use super::{Machine, Run, type_error};
use std::cmp::Ordering;
use std::collections::HashSet;

impl Machine<'_> {
    pub fn compare(&mut self, left: &Value, operator: Comparison, right: &Value) -> Run<bool> {
        match operator {
            Comparison::Equal => self.equal(left, right),
            Comparison::NotEqual => Ok(!self.equal(left, right)?),
            Comparison::Is => Ok(same(left, right)),
            Comparison::IsNot => Ok(!same(left, right)),
            Comparison::In => self.contains(right, left),
            Comparison::NotIn => Ok(!self.contains(right, left)?),
            Comparison::Less => self.ordered(left, "<", right),
            Comparison::LessEqual => self.ordered(left, "<=", right),
            Comparison::Greater => self.ordered(left, ">", right),
            Comparison::GreaterEqual => self.ordered(left, ">=", right),
        }
    }

    pub fn truth(&mut self, value: &Value) -> Run<bool> {
        Ok(match value {
            Value::None => false,
            Value::Bool(b) => *b,
            Value::Int(n) | Value::TypedInt(n, _) => !n.is_zero(),
            Value::Float(x) | Value::TypedFloat(x, _) => *x != 0.0,
            Value::Str(text) | Value::Sql(text) => !text.is_empty(),
            Value::List(_)
            | Value::Tuple(_)
            | Value::Dict(_)
            | Value::Set(_)
            | Value::FrozenSet(_)
            | Value::View(..)
            | Value::Range(_) => self.length(value)? != Int::default(),
            _ => true,
        })
    }

    pub fn equal(&mut self, left: &Value, right: &Value) -> Run<bool> {
        self.spend(0)?;
        if let (Some(a), Some(b)) = (left.as_text(), right.as_text()) {
            if a.len() == b.len() {
                self.spend(a.len())?;
            }
            return Ok(a == b);
        }
        if let Some(ordering) = numbers(left, right) {
            return Ok(ordering == Some(Ordering::Equal));
        }
        match (left, right) {
            (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
                let (a, b) = (self.copied(*a)?, self.copied(*b)?);
                if a.len() != b.len() {
                    return Ok(false);
                }
                self.deeper(|machine| {
                    for (x, y) in a.iter().zip(&b) {
                        if !same(x, y) && !machine.equal(x, y)? {
                            return Ok(false);
                        }
                    }
                    Ok(true)
                })
            }
            (Value::Dict(a), Value::Dict(b)) => self.equal_dicts(*a, *b),
            (Value::Range(a), Value::Range(b)) => {
                let items =
                    |m: &Self, id| m.heap.range(id).map(|r| (r.len(), r.start.clone(), r.step.clone()));
                let (a, b) = (items(self, *a), items(self, *b));
                Ok(match (a, b) {
                    (Some((n, start, step)), Some((m, other, by))) => {
                        n == m && (n.is_zero() || (start == other && (n == Int::from(1u64) || step == by)))
                    }
                    _ => false,
                })
            }
            _ if super::arithmetic::is_set(left) && super::arithmetic::is_set(right) => {
                let (a, b) = (self.key_set(left)?, self.key_set(right)?);
                Ok(a == b)
            }
            _ => Ok(same(left, right)),
        }
    }

    fn equal_dicts(&mut self, a: Id, b: Id) -> Run<bool> {
        let count = self.heap.dict(b).map_or(0, Dict::len);
        let left = self.entries(a)?;
        if left.len() != count {
            return Ok(false);
        }
        for (name, value) in left {
            let key = self.key(&name)?;
            let Some(other) = self.heap.dict(b).and_then(|dict| dict.get(&key)).cloned() else {
                return Ok(false);
            };
            if !same(&value, &other) && !self.deeper(|m| m.equal(&value, &other))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn ordered(&mut self, left: &Value, sign: &str, right: &Value) -> Run<bool> {
        let holds = |ordering: Ordering| match sign {
            "<" => ordering.is_lt(),
            "<=" => ordering.is_le(),
            ">" => ordering.is_gt(),
            _ => ordering.is_ge(),
        };
        if let Some(ordering) = numbers(left, right) {
            return Ok(ordering.is_some_and(holds));
        }
        if let (Some(a), Some(b)) = (left.as_text(), right.as_text()) {
            self.spend(a.len().min(b.len()))?;
            return Ok(holds(a.cmp(b)));
        }
        match (left, right) {
            (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
                let (a, b) = (self.copied(*a)?, self.copied(*b)?);
                for (x, y) in a.iter().zip(&b) {
                    if !same(x, y) && !self.deeper(|m| m.equal(x, y))? {
                        return self.deeper(|m| m.ordered(x, sign, y));
                    }
                }
                Ok(holds(a.len().cmp(&b.len())))
            }
            _ if super::arithmetic::is_set(left) && super::arithmetic::is_set(right) => {
                let (a, b) = (self.key_set(left)?, self.key_set(right)?);
                let (below, above) = (a.is_subset(&b), b.is_subset(&a));
                Ok(match sign {
                    "<" => below && !above,
                    "<=" => below,
                    ">" => above && !below,
                    _ => above,
                })
            }
            _ => {
                let (a, b) = (self.type_name(left), self.type_name(right));
                Err(type_error(format!("'{sign}' not supported between instances of '{a}' and '{b}'")))
            }
        }
    }

    pub(super) fn contains(&mut self, container: &Value, item: &Value) -> Run<bool> {
        if let Some(text) = container.as_text() {
            let Some(part) = item.as_text() else {
                let shown = self.type_name(item);
                return Err(type_error(format!(
                    "'in <string>' requires string as left operand, not {shown}"
                )));
            };
            self.spend(text.len() + part.len())?;
            return Ok(text.contains(&**part));
        }
        if let Value::Dict(id) | Value::Set(id) | Value::FrozenSet(id) | Value::View(id, ViewKind::Keys) =
            container
        {
            let key = self.key(item)?;
            return Ok(self.heap.dict(*id).is_some_and(|dict| dict.contains(&key)));
        }
        if let (Value::Range(id), Some(n)) = (container, item.as_int())
            && let Some(range) = self.heap.range(*id)
        {
            let offset = n.sub(&range.start);
            let Some((index, rest)) = offset.divide(&range.step) else { return Ok(false) };
            return Ok(rest.is_zero() && !index.is_negative() && index < range.len());
        }
        if !super::iterate::is_iterable(container) {
            let shown = self.type_name(container);
            return Err(type_error(format!("argument of type '{shown}' is not iterable")));
        }
        let iterator = self.iterate(container)?;
        while let Some(found) = self.next(iterator)? {
            if same(&found, item) || self.equal(&found, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The value as a key; an error when Python cannot hash it.
    pub fn key(&mut self, value: &Value) -> Run<Key> {
        self.spend(0)?;
        Ok(match value {
            Value::None => Key::None,
            Value::Ellipsis => Key::Ellipsis,
            Value::Str(text) | Value::Sql(text) => Key::Str(text.clone()),
            Value::Float(x) | Value::TypedFloat(x, _) => match Int::from_f64(*x) {
                Some(n) if x.fract() == 0.0 => Key::Int(n),
                _ => Key::Float(x.to_bits()),
            },
            Value::Tuple(id) => {
                let items = self.copied(*id)?;
                let keys: Run<Vec<Key>> = self.deeper(|m| items.iter().map(|item| m.key(item)).collect());
                Key::Tuple(keys?)
            }
            Value::FrozenSet(_) => Key::Set(self.keys(value)?),
            Value::List(_) | Value::Dict(_) | Value::Set(_) => {
                return Err(type_error(format!("unhashable type: '{}'", self.type_name(value))));
            }
            Value::Placeholder(p) => Key::Identity("Placeholder", std::sync::Arc::as_ptr(p).addr()),
            Value::Function(f) => Key::Identity("function", std::ptr::from_ref(*f).addr()),
            Value::Class(class) => Key::Str(format!("class {}", class.name()).into()),
            Value::Symbol(text) | Value::Comment(text) => {
                Key::Identity("Symbol", std::sync::Arc::as_ptr(text).cast::<u8>().addr())
            }
            Value::View(id, _) => Key::Identity("view", id.number()),
            Value::Range(id)
            | Value::Iterator(id)
            | Value::Lambda(id)
            | Value::Method(id)
            | Value::Error(id) => Key::Identity("object", id.number()),
            Value::Bool(_) | Value::Int(_) | Value::TypedInt(..) => {
                Key::Int(value.as_int().unwrap_or_default())
            }
        })
    }

    fn key_set(&mut self, set: &Value) -> Run<HashSet<Key>> {
        Ok(self.keys(set)?.into_iter().collect())
    }

    /// The keys of a set or of a view of a dict, in order.
    pub(super) fn keys(&mut self, set: &Value) -> Run<Vec<Key>> {
        let items = self.collect(set)?;
        let mut keys: Run<Vec<Key>> = items.iter().map(|item| self.key(item)).collect();
        if let (Ok(keys), Value::FrozenSet(_)) = (&mut keys, set) {
            keys.sort_by_cached_key(|key| format!("{key:?}"));
        }
        keys
    }
}

/// The order of two numbers, none when one is not a number to IEEE; nothing when these are no numbers.
fn numbers(left: &Value, right: &Value) -> Option<Option<Ordering>> {
    match (left.as_int(), left.as_float(), right.as_int(), right.as_float()) {
        (Some(a), _, Some(b), _) => Some(Some(a.cmp(&b))),
        (_, Some(a), _, Some(b)) => Some(a.partial_cmp(&b)),
        (Some(a), _, _, Some(b)) => Some(a.compare_f64(b)),
        (_, Some(a), Some(b), _) => Some(b.compare_f64(a).map(Ordering::reverse)),
        _ => None,
    }
}

/// Python's `is`, where equal constants are the same object.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    use std::sync::Arc;
    match (left, right) {
        (Value::None, Value::None) | (Value::Ellipsis, Value::Ellipsis) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::Sql(a), Value::Sql(b))
        | (Value::Symbol(a), Value::Symbol(b))
        | (Value::Comment(a), Value::Comment(b)) => Arc::ptr_eq(a, b),
        (Value::Placeholder(a), Value::Placeholder(b)) => Arc::ptr_eq(a, b),
        (Value::Function(a), Value::Function(b)) => std::ptr::eq(*a, *b),
        (Value::Class(a), Value::Class(b)) => a == b,
        (Value::List(a), Value::List(b))
        | (Value::Tuple(a), Value::Tuple(b))
        | (Value::Dict(a), Value::Dict(b))
        | (Value::Set(a), Value::Set(b))
        | (Value::FrozenSet(a), Value::FrozenSet(b))
        | (Value::Range(a), Value::Range(b))
        | (Value::Iterator(a), Value::Iterator(b))
        | (Value::Lambda(a), Value::Lambda(b))
        | (Value::Method(a), Value::Method(b))
        | (Value::Error(a), Value::Error(b)) => a == b,
        (Value::View(a, kind), Value::View(b, other)) => a == b && kind == other,
        _ => false,
    }
}
