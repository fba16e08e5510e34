//! Names that are no local variable: functions, parameters, Python's own.

use super::super::functions;
use super::super::value::{Class, Value};
use super::{Machine, Run, builtins, raise};
use std::sync::Arc;

/// Names that exist and hold nothing, so that nobody reaches what Python has there.
const EMPTY: &[&str] = &["open", "close", "print", "input", "id"];

impl Machine<'_> {
    pub(super) fn global(&mut self, name: &Arc<str>) -> Run<Value> {
        if let Some(function) = functions::setting(name) {
            return Ok(Value::Function(function));
        }
        if self.setup.test && matches!(&**name, "error" | "custom_error") {
            return Ok(Value::Function(functions::ignored_error(name)));
        }
        if let Some(function) = functions::fixed(name) {
            return Ok(Value::Function(function));
        }
        if let Some(value) = self.setup.variables.get(name) {
            let value = value.clone();
            self.used.insert(Arc::clone(name));
            return Ok(value);
        }
        if let Some(line) = self.setup.names.get(name) {
            let line = *line;
            self.used.insert(Arc::clone(name));
            return Ok(if self.setup.test { self.placeholder(name, Some(line)) } else { Value::None });
        }
        if let Some(function) = functions::shadowed(name) {
            return Ok(Value::Function(function));
        }
        if EMPTY.contains(&&**name) {
            return Ok(Value::None);
        }
        if let Some(function) = builtins::named(name) {
            return Ok(Value::Function(function));
        }
        if let Some(class) = Class::named(name) {
            return Ok(Value::Class(class));
        }
        if let Some(value) = builtins::constant(name) {
            return Ok(value);
        }
        Err(raise(Class::NAME, format!("name '{name}' is not defined")))
    }
}
