//! The values of one rendering that hold other values.

use super::super::eval::scope::Frame;
use super::super::python::ast::{Comprehension, Lambda};
use super::{Exception, Int, Value};
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Id(u32);

/// A value as the key of a dict: equal when Python's values are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    None,
    Ellipsis,
    /// Whole numbers, bools, and floats without fraction.
    Int(Int),
    Float(u64),
    Str(Arc<str>),
    Tuple(Vec<Key>),
    Set(Vec<Key>),
    /// What is equal only to itself.
    Identity(&'static str, usize),
}

#[derive(Clone, Debug, Default)]
pub struct Dict {
    entries: Vec<Option<(Value, Value)>>,
    index: HashMap<Key, usize>,
}

impl Dict {
    pub fn len(&self) -> usize {
        self.index.len()
    }

    pub fn get(&self, key: &Key) -> Option<&Value> {
        let at = self.index.get(key)?;
        self.entries.get(*at)?.as_ref().map(|(_, value)| value)
    }

    pub fn contains(&self, key: &Key) -> bool {
        self.index.contains_key(key)
    }

    /// A key that is there keeps its place and its first form.
    pub fn insert(&mut self, key: Key, name: Value, value: Value) {
        let found = self.index.get(&key).and_then(|at| self.entries.get_mut(*at)).and_then(Option::as_mut);
        if let Some((_, old)) = found {
            *old = value;
            return;
        }
        self.index.insert(key, self.entries.len());
        self.entries.push(Some((name, value)));
    }

    pub fn remove(&mut self, key: &Key) -> Option<(Value, Value)> {
        let at = self.index.remove(key)?;
        self.entries.get_mut(at)?.take()
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn iter(&self) -> impl std::iter::Iterator<Item = &(Value, Value)> {
        self.entries.iter().flatten()
    }

    /// The entry at a place or after it, and the place behind that.
    pub fn next(&self, from: usize) -> Option<(&(Value, Value), usize)> {
        let rest = self.entries.get(from..)?;
        let skipped = rest.iter().position(Option::is_some)?;
        rest.get(skipped)?.as_ref().map(|entry| (entry, from + skipped + 1))
    }

    pub fn last(&self) -> Option<&(Value, Value)> {
        self.entries.iter().rev().flatten().next()
    }
}

#[derive(Debug)]
pub struct Range {
    pub start: Int,
    pub stop: Int,
    pub step: Int,
}

impl Range {
    pub fn len(&self) -> Int {
        let (low, high, step) = if self.step.is_negative() {
            (&self.stop, &self.start, self.step.negate())
        } else {
            (&self.start, &self.stop, self.step.clone())
        };
        let one = Int::from(1u64);
        let span = high.sub(low).sub(&one);
        if span.is_negative() {
            return Int::default();
        }
        span.divide(&step).map_or_else(Int::default, |(n, _)| n.add(&one))
    }

    /// Without a check of the bounds.
    pub fn at(&self, index: &Int) -> Int {
        self.start.add(&self.step.mul(index))
    }
}

/// A running comprehension: an iterator for each clause that has begun.
#[derive(Debug)]
pub struct Generator {
    pub comprehension: Arc<Comprehension>,
    pub frame: Id,
    pub iterators: Vec<Id>,
    pub finished: bool,
}

#[derive(Debug)]
pub enum Iterator {
    /// A list, tuple or text by place; the iterator ends for good.
    Sequence {
        source: Value,
        at: usize,
    },
    Chars {
        text: Arc<str>,
        at: usize,
    },
    /// The entries of a dict, a set or a view, by place.
    Entries {
        source: Value,
        at: usize,
        length: usize,
    },
    Range {
        range: Id,
        at: Int,
    },
    Reversed {
        items: Vec<Value>,
        name: &'static str,
    },
    /// A placeholder gives three of its kind.
    Placeholder {
        left: usize,
    },
    Enumerate {
        inner: Id,
        count: Int,
    },
    Zip {
        inner: Vec<Id>,
        strict: bool,
    },
    Map {
        function: Value,
        inner: Vec<Id>,
    },
    Filter {
        function: Value,
        inner: Id,
    },
    Generator(Generator),
    Finished(&'static str),
}

#[derive(Debug)]
pub struct Closure {
    pub lambda: Arc<Lambda>,
    pub defaults: Vec<Option<Value>>,
    pub frame: Id,
}

#[derive(Debug)]
pub struct Method {
    pub receiver: Value,
    pub name: &'static str,
}

#[derive(Debug)]
pub enum Object {
    List(Vec<Value>),
    Tuple(Vec<Value>),
    Dict(Dict),
    /// The keys of a dict.
    Set(Dict),
    Range(Range),
    Iterator(Iterator),
    Closure(Arc<Closure>),
    Method(Arc<Method>),
    Error(Arc<Exception>),
    Frame(Frame),
}

#[derive(Debug, Default)]
pub struct Heap {
    objects: Vec<Object>,
}

macro_rules! access {
    ($get:ident, $($kind:ident)|+, $type:ty) => {
        /// What the id names; nothing when it names another kind.
        pub fn $get(&self, id: Id) -> Option<&$type> {
            match self.objects.get(id.0 as usize) {
                $(Some(Object::$kind(found)))|+ => Some(found),
                _ => None,
            }
        }
    };
}

macro_rules! access_mut {
    ($get_mut:ident, $($kind:ident)|+, $type:ty) => {
        pub fn $get_mut(&mut self, id: Id) -> Option<&mut $type> {
            match self.objects.get_mut(id.0 as usize) {
                $(Some(Object::$kind(found)))|+ => Some(found),
                _ => None,
            }
        }
    };
}

impl Heap {
    /// Nothing when the heap is full, which the budget of a rendering does not let happen.
    pub fn add(&mut self, object: Object) -> Option<Id> {
        let id = Id(u32::try_from(self.objects.len()).ok()?);
        self.objects.push(object);
        Some(id)
    }

    access!(dict, Dict | Set, Dict);
    access!(range, Range, Range);
    access!(iterator, Iterator, Iterator);
    access!(frame, Frame, Frame);
    access_mut!(list_mut, List, Vec<Value>);
    access_mut!(dict_mut, Dict | Set, Dict);
    access_mut!(iterator_mut, Iterator, Iterator);
    access_mut!(frame_mut, Frame, Frame);

    /// The items of a list or a tuple.
    pub fn items(&self, id: Id) -> &[Value] {
        match self.objects.get(id.0 as usize) {
            Some(Object::List(items) | Object::Tuple(items)) => items,
            _ => &[],
        }
    }

    pub fn closure(&self, id: Id) -> Option<Arc<Closure>> {
        match self.objects.get(id.0 as usize) {
            Some(Object::Closure(found)) => Some(Arc::clone(found)),
            _ => None,
        }
    }

    pub fn method(&self, id: Id) -> Option<Arc<Method>> {
        match self.objects.get(id.0 as usize) {
            Some(Object::Method(found)) => Some(Arc::clone(found)),
            _ => None,
        }
    }

    pub fn error(&self, id: Id) -> Option<Arc<Exception>> {
        match self.objects.get(id.0 as usize) {
            Some(Object::Error(found)) => Some(Arc::clone(found)),
            _ => None,
        }
    }
}

impl Id {
    pub const fn number(self) -> usize {
        self.0 as usize
    }
}
