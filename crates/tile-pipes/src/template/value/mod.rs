//! Python's values, as far as templates can make them.
//!
//! What holds other values lives in a [`Heap`](heap::Heap) that belongs to one rendering, and is named by an [`Id`]: cycles
//! cost nothing, and no chain of values is ever dropped one inside the other.

pub mod error;
mod float;
pub mod heap;
mod int;
mod space;

pub use error::{Class, Exception};
pub use float::{exponent_text, parse as parse_float, repr as float_repr};
pub use heap::{Dict, Heap, Id, Key, Object};
pub use int::{BITS_MAX, DIGITS_MAX, Int};
pub use space::is_space;

use super::eval::Builtin;
use std::sync::Arc;

/// What stands for a parameter that a test has no value for.
#[derive(Debug)]
pub struct Placeholder {
    pub name: Arc<str>,
    pub line: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewKind {
    Keys,
    Values,
    Items,
}

#[derive(Clone, Debug)]
pub enum Value {
    None,
    Ellipsis,
    Bool(bool),
    Int(Int),
    Float(f64),
    Str(Arc<str>),
    /// Text that is SQL already: a `str` to Python, and not quoted on its way out.
    Sql(Arc<str>),
    /// A number that prints as a cast to this type.
    TypedInt(Int, &'static str),
    TypedFloat(f64, &'static str),
    /// An identifier, escaped already.
    Symbol(Arc<str>),
    /// What `error` gives in a test.
    Comment(Arc<str>),
    Placeholder(Arc<Placeholder>),
    Function(&'static Builtin),
    Class(Class),
    List(Id),
    Tuple(Id),
    Dict(Id),
    Set(Id),
    FrozenSet(Id),
    /// A view of a dict.
    View(Id, ViewKind),
    Range(Id),
    Iterator(Id),
    Lambda(Id),
    /// A method with the value it belongs to.
    Method(Id),
    Error(Id),
}

impl Value {
    pub fn str(text: impl Into<Arc<str>>) -> Self {
        Self::Str(text.into())
    }

    pub fn int(n: impl Into<Int>) -> Self {
        Self::Int(n.into())
    }

    /// The text of a `str` or of what is one to Python.
    pub fn as_text(&self) -> Option<&Arc<str>> {
        match self {
            Self::Str(text) | Self::Sql(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number, also a bool.
    pub fn as_int(&self) -> Option<Int> {
        match self {
            Self::Int(n) | Self::TypedInt(n, _) => Some(n.clone()),
            Self::Bool(b) => Some(Int::from(u64::from(*b))),
            _ => None,
        }
    }

    pub fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float(x) | Self::TypedFloat(x, _) => Some(*x),
            _ => None,
        }
    }

    pub fn is_placeholder(&self) -> bool {
        matches!(self, Self::Placeholder(_))
    }

    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}
