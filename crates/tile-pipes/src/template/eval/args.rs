//! Arguments of a call, and how they meet a function's parameters, with Python's words when they do not.

use super::super::value::Value;
use super::{Machine, Run, type_error};
use std::sync::Arc;

#[derive(Debug, Default)]
pub struct Args {
    pub positional: Vec<Value>,
    pub named: Vec<(Arc<str>, Value)>,
    /// The first argument is a literal of the template.
    pub literal: bool,
}

impl Args {
    pub fn of(positional: Vec<Value>) -> Self {
        Self { positional, ..Self::default() }
    }

    /// The values by parameter, as a function written in Python takes them. The first `required` have no default.
    pub fn bind<const N: usize>(
        self,
        function: &str,
        parameters: &[&str; N],
        required: usize,
    ) -> Run<[Option<Value>; N]> {
        let mut out: [Option<Value>; N] = [const { None }; N];
        let given = self.positional.len();
        for (slot, value) in out.iter_mut().zip(self.positional) {
            *slot = Some(value);
        }
        for (name, value) in self.named {
            let Some(at) = parameters.iter().position(|parameter| **parameter == *name) else {
                return Err(type_error(format!("{function}() got an unexpected keyword argument '{name}'")));
            };
            match out.get_mut(at) {
                Some(slot @ None) => *slot = Some(value),
                _ => {
                    return Err(type_error(format!(
                        "{function}() got multiple values for argument '{name}'"
                    )));
                }
            }
        }
        if given > N {
            return Err(too_many(function, required, N, given));
        }
        let missing: Vec<&str> = parameters
            .iter()
            .zip(&out)
            .take(required)
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| *name)
            .collect();
        if missing.is_empty() { Ok(out) } else { Err(lacking(function, &missing)) }
    }

    /// As many positional arguments as a function written in C takes, and nothing with a name.
    pub fn exactly<const N: usize>(self, function: &str) -> Run<[Value; N]> {
        self.unnamed(function)?;
        let given = self.positional.len();
        self.positional.try_into().map_err(|_| {
            type_error(match N {
                0 => format!("{function}() takes no arguments ({given} given)"),
                1 => format!("{function}() takes exactly one argument ({given} given)"),
                n => {
                    format!("{function} expected {n} argument{}, got {given}", if n == 1 { "" } else { "s" })
                }
            })
        })
    }

    /// Between `low` and `N` positional arguments.
    pub fn between<const N: usize>(self, function: &str, low: usize) -> Run<[Option<Value>; N]> {
        self.unnamed(function)?;
        let given = self.positional.len();
        let bound = if given < low {
            Some(("at least", low))
        } else if given > N {
            Some(("at most", N))
        } else {
            None
        };
        if let Some((word, count)) = bound {
            let plural = if count == 1 { "" } else { "s" };
            return Err(type_error(format!(
                "{function} expected {word} {count} argument{plural}, got {given}"
            )));
        }
        let mut out: [Option<Value>; N] = [const { None }; N];
        for (slot, value) in out.iter_mut().zip(self.positional) {
            *slot = Some(value);
        }
        Ok(out)
    }

    pub fn unnamed(&self, function: &str) -> Run<()> {
        if self.named.is_empty() {
            return Ok(());
        }
        Err(type_error(format!("{function}() takes no keyword arguments")))
    }

    /// Takes a named argument away.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.named.iter().position(|(found, _)| **found == *name)?;
        Some(self.named.swap_remove(at).1)
    }
}

pub(super) fn too_many(function: &str, required: usize, most: usize, given: usize) -> super::Stop {
    let takes = if required == most {
        format!("{most} positional argument{}", if most == 1 { "" } else { "s" })
    } else {
        format!("from {required} to {most} positional arguments")
    };
    let were = if given == 1 { "was" } else { "were" };
    type_error(format!("{function}() takes {takes} but {given} {were} given"))
}

pub(super) fn lacking(function: &str, missing: &[&str]) -> super::Stop {
    let quoted: Vec<String> = missing.iter().map(|name| format!("'{name}'")).collect();
    let list = match quoted.as_slice() {
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [head @ .., last] => format!("{}, and {last}", head.join(", ")),
        [] => String::new(),
    };
    let plural = if missing.len() == 1 { "" } else { "s" };
    type_error(format!("{function}() missing {} required positional argument{plural}: {list}", missing.len()))
}

impl Machine<'_> {
    /// Calls whatever value it is.
    pub fn call_with(&mut self, function: &Value, positional: Vec<Value>) -> Run<Value> {
        self.call(function, Args::of(positional))
    }
}
