//! Evaluation: a tree and values in, SQL or an error out, within a budget.
//!
//! [`Machine`] is one rendering. Each file below is one part of Python's semantics, as far as templates reach it; what the
//! template language adds to Python is in [`functions`](super::functions).

mod args;
mod arithmetic;
mod assign;
mod builtins;
mod call;
mod compare;
mod comprehension;
mod convert;
mod exec;
mod expr;
mod format;
mod index;
mod iterate;
mod lookup;
mod methods;
mod percent;
mod repr;
pub mod scope;
mod sequences;
mod text;

pub use super::value::float_repr;
pub use args::Args;
pub(super) use builtins::names as builtin_names;
pub use repr::{Style, int_text, python_quote as quote};

use super::dialect::{Dialect, Place};
use super::error::TemplateError;
use super::joints::Joint;
use super::render::{Limits, Settings};
use super::value::{Class, Exception, Heap, Id, Object, Value};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Why evaluation does not go on.
#[derive(Debug)]
pub enum Stop {
    /// Python would raise this, and a template may catch it.
    Raised(Box<Exception>),
    /// A limit of the server, which a template cannot catch.
    Limit(Box<TemplateError>),
}

pub type Run<T> = Result<T, Stop>;

/// A function that templates can call by its name.
pub struct Builtin {
    pub name: &'static str,
    /// Its name in Python's own errors.
    pub shown: &'static str,
    /// A type, which `isinstance` takes.
    pub is_type: bool,
    pub run: fn(&mut Machine<'_>, &'static Builtin, Args) -> Run<Value>,
}

impl std::fmt::Debug for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// What a rendering works on, apart from the template's tree.
pub struct Setup<'a> {
    pub limits: &'a Limits,
    /// Values of the request's parameters.
    pub variables: HashMap<Arc<str>, Value>,
    /// Every name that the template mentions, with its line.
    pub names: &'a HashMap<Arc<str>, usize>,
    /// Missing parameters are placeholders.
    pub test: bool,
    /// Secrets that nobody knows do not fail a test.
    pub lenient_secrets: bool,
    pub secrets: &'a BTreeSet<String>,
    pub dialect: Dialect,
}

pub struct Machine<'a> {
    pub heap: Heap,
    pub setup: Setup<'a>,
    pub output: String,
    /// The values in it.
    pub(super) joints: Vec<Joint>,
    /// Where in the SQL that is.
    pub(super) place: Place,
    pub settings: Settings,
    /// Secrets that the SQL refers to.
    pub bound_secrets: BTreeSet<String>,
    /// Parameters whose value was looked at.
    pub used: BTreeSet<Arc<str>>,
    placeholders: HashMap<Arc<str>, Value>,
    steps_left: u64,
    memory_left: usize,
    iterations_left: u64,
    depth: usize,
    /// Where the rendering is.
    pub line: usize,
}

/// Calls inside calls, counted in expressions.
const DEPTH_MAX: usize = 400;
/// Work that one step pays for, in bytes looked at.
const BYTES_PER_STEP: usize = 64;

impl<'a> Machine<'a> {
    pub fn new(setup: Setup<'a>) -> Self {
        let limits = setup.limits;
        Self {
            steps_left: limits.steps,
            memory_left: limits.memory_bytes,
            iterations_left: limits.loop_iterations,
            heap: Heap::default(),
            setup,
            output: String::new(),
            joints: Vec::new(),
            place: Place::default(),
            settings: Settings::default(),
            bound_secrets: BTreeSet::new(),
            used: BTreeSet::new(),
            placeholders: HashMap::new(),
            depth: 0,
            line: 1,
        }
    }

    /// Pays for one step and for looking at some bytes.
    pub fn spend(&mut self, bytes: usize) -> Run<()> {
        let cost = 1 + (bytes / BYTES_PER_STEP) as u64;
        match self.steps_left.checked_sub(cost) {
            Some(left) => {
                self.steps_left = left;
                Ok(())
            }
            None => Err(limit(format!("the template takes more than {} steps", self.setup.limits.steps))),
        }
    }

    /// Pays for bytes that stay until the end of the rendering.
    pub fn allocate(&mut self, bytes: usize) -> Run<()> {
        self.spend(bytes)?;
        match self.memory_left.checked_sub(bytes) {
            Some(left) => {
                self.memory_left = left;
                Ok(())
            }
            None => Err(limit(format!(
                "the template needs more than {} bytes of memory",
                self.setup.limits.memory_bytes
            ))),
        }
    }

    /// One more turn of a loop.
    pub fn iteration(&mut self) -> Run<()> {
        self.spend(0)?;
        match self.iterations_left.checked_sub(1) {
            Some(left) => {
                self.iterations_left = left;
                Ok(())
            }
            None => Err(limit(format!(
                "the template's loops take more than {} turns",
                self.setup.limits.loop_iterations
            ))),
        }
    }

    /// Runs one level deeper.
    pub fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Run<T>) -> Run<T> {
        if self.depth >= DEPTH_MAX {
            return Err(raise(Class::RECURSION, "maximum recursion depth exceeded"));
        }
        self.depth += 1;
        let out = run(self);
        self.depth -= 1;
        out
    }

    /// Text that goes to the SQL as it is.
    pub fn emit(&mut self, text: &str) -> Run<()> {
        self.spend(text.len())?;
        if self.output.len() + text.len() > self.setup.limits.output_bytes {
            return Err(limit(format!(
                "the SQL of the template has more than {} bytes",
                self.setup.limits.output_bytes
            )));
        }
        self.output.push_str(text);
        Ok(())
    }

    pub fn add(&mut self, object: Object) -> Run<Id> {
        self.allocate(std::mem::size_of::<Object>())?;
        self.heap.add(object).ok_or_else(|| limit("the template makes too many values"))
    }

    pub fn new_str(&mut self, text: impl AsRef<str>) -> Run<Value> {
        self.allocate(text.as_ref().len())?;
        Ok(Value::str(text.as_ref()))
    }

    pub fn new_list(&mut self, items: Vec<Value>) -> Run<Value> {
        self.allocate(items.len() * std::mem::size_of::<Value>())?;
        self.add(Object::List(items)).map(Value::List)
    }

    pub fn new_tuple(&mut self, items: Vec<Value>) -> Run<Value> {
        self.allocate(items.len() * std::mem::size_of::<Value>())?;
        self.add(Object::Tuple(items)).map(Value::Tuple)
    }

    /// What a placeholder gives when something is taken from it.
    pub fn nameless_placeholder(&self) -> Value {
        Value::Placeholder(Arc::new(super::value::Placeholder { name: "__no_value__".into(), line: None }))
    }

    /// The placeholder of a name: the same one every time.
    pub fn placeholder(&mut self, name: &Arc<str>, line: Option<usize>) -> Value {
        let make = || {
            let (name, line) = (Arc::clone(name), line);
            Value::Placeholder(Arc::new(super::value::Placeholder { name, line }))
        };
        self.placeholders.entry(Arc::clone(name)).or_insert_with(make).clone()
    }
}

/// Python raises an exception.
pub fn raise(class: Class, text: impl Into<String>) -> Stop {
    Stop::Raised(Box::new(Exception::new(class, text)))
}

pub fn type_error(text: impl Into<String>) -> Stop {
    raise(Class::TYPE, text)
}

pub fn value_error(text: impl Into<String>) -> Stop {
    raise(Class::VALUE, text)
}

/// A function of the template language refuses.
pub fn refuse(text: impl AsRef<str>, page: &'static str) -> Stop {
    Stop::Raised(Box::new(Exception::template(text).documented(page)))
}

pub fn limit(text: impl Into<String>) -> Stop {
    Stop::Limit(Box::new(TemplateError::limit(text)))
}

/// What Python can do and templates here cannot; it is refused rather than done differently.
pub fn unsupported(what: impl AsRef<str>) -> Stop {
    Stop::Limit(Box::new(TemplateError::unsupported(format!(
        "{} is not supported in templates",
        what.as_ref()
    ))))
}
