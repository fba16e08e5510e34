//! Python's exceptions.

use super::Value;

/// A class of exceptions, by its place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class(&'static (&'static str, &'static str));

/// Those that templates can name, with their parents.
const TABLE: &[(&str, &str)] = &[
    ("BaseException", ""),
    ("Exception", "BaseException"),
    ("ArithmeticError", "Exception"),
    ("AssertionError", "Exception"),
    ("AttributeError", "Exception"),
    ("BufferError", "Exception"),
    ("EOFError", "Exception"),
    ("FloatingPointError", "ArithmeticError"),
    ("GeneratorExit", "BaseException"),
    ("ImportError", "Exception"),
    ("IndexError", "LookupError"),
    ("KeyError", "LookupError"),
    ("KeyboardInterrupt", "BaseException"),
    ("LookupError", "Exception"),
    ("MemoryError", "Exception"),
    ("ModuleNotFoundError", "ImportError"),
    ("NameError", "Exception"),
    ("NotImplementedError", "RuntimeError"),
    ("OSError", "Exception"),
    ("OverflowError", "ArithmeticError"),
    ("RecursionError", "RuntimeError"),
    ("ReferenceError", "Exception"),
    ("RuntimeError", "Exception"),
    ("StopIteration", "Exception"),
    ("SyntaxError", "Exception"),
    ("SystemError", "Exception"),
    ("SystemExit", "BaseException"),
    ("TimeoutError", "OSError"),
    ("TypeError", "Exception"),
    ("UnboundLocalError", "NameError"),
    ("UnicodeError", "ValueError"),
    ("ValueError", "Exception"),
    ("Warning", "Exception"),
    ("UserWarning", "Warning"),
    ("ZeroDivisionError", "ArithmeticError"),
];

/// The engine's own, which templates cannot name.
const OWN: &[(&str, &str)] =
    &[("SQLTemplateException", "ValueError"), ("SQLTemplateCustomError", "Exception")];

impl Class {
    pub const ATTRIBUTE: Self = Self(&("AttributeError", "Exception"));
    pub const INDEX: Self = Self(&("IndexError", "LookupError"));
    pub const KEY: Self = Self(&("KeyError", "LookupError"));
    pub const NAME: Self = Self(&("NameError", "Exception"));
    pub const OVERFLOW: Self = Self(&("OverflowError", "ArithmeticError"));
    pub const RECURSION: Self = Self(&("RecursionError", "RuntimeError"));
    pub const RUNTIME: Self = Self(&("RuntimeError", "Exception"));
    pub const STOP: Self = Self(&("StopIteration", "Exception"));
    pub const TYPE: Self = Self(&("TypeError", "Exception"));
    pub const UNBOUND: Self = Self(&("UnboundLocalError", "NameError"));
    pub const VALUE: Self = Self(&("ValueError", "Exception"));
    pub const ZERO_DIVISION: Self = Self(&("ZeroDivisionError", "ArithmeticError"));

    /// A refusal of one of the template language's functions.
    pub const TEMPLATE: Self = Self(&("SQLTemplateException", "ValueError"));
    /// `custom_error`.
    pub const CUSTOM: Self = Self(&("SQLTemplateCustomError", "Exception"));

    pub fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|(known, _)| *known == name).map(Self)
    }

    pub const fn name(self) -> &'static str {
        self.0.0
    }

    fn parent(self) -> Option<Self> {
        TABLE.iter().chain(OWN).find(|(name, _)| *name == self.0.1).map(Self)
    }

    /// The names of all classes that templates can name.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|(name, _)| *name)
    }

    /// Whether this is `other` or one of its descendants.
    pub fn is(self, other: Self) -> bool {
        let mut class = Some(self);
        while let Some(found) = class {
            if found.name() == other.name() {
                return true;
            }
            class = found.parent();
        }
        false
    }
}

#[derive(Clone, Debug)]
pub struct Exception {
    pub class: Class,
    /// What `str` makes of it.
    pub text: String,
    pub args: Vec<Value>,
    /// The status of a `custom_error`.
    pub code: Option<Value>,
    /// The page that the original points to.
    pub documentation: Option<&'static str>,
}

impl Exception {
    pub fn new(class: Class, text: impl Into<String>) -> Self {
        let text = text.into();
        let args = vec![Value::str(text.as_str())];
        Self { class, text, args, code: None, documentation: None }
    }

    /// A refusal of one of the template language's functions, as clients see it.
    pub fn template(text: impl AsRef<str>) -> Self {
        Self::new(Class::TEMPLATE, format!("Template Syntax Error: {}", text.as_ref()))
    }

    #[must_use]
    pub fn documented(mut self, page: &'static str) -> Self {
        self.documentation = Some(page);
        self
    }
}
