//! `Array(x, 'Int32', '1,2')`.

use super::super::eval::{Args, Builtin, Machine, Run, Stop, raise, refuse};
use super::super::value::{Class, Value};
use super::types::{has_form, required};
use super::{PAGE, find, to_sql};
use std::sync::Arc;

const PARAMETERS: [&str; 9] =
    ["x", "_type", "default", "defined", "required", "description", "enum", "example", "format"];

pub fn array(machine: &mut Machine<'_>, builtin: &'static Builtin, args: Args) -> Run<Value> {
    let [x, kind, default, defined, ..] = args.bind(builtin.shown, &PARAMETERS, 1)?;
    let [x, kind, default] = [x, kind, default].map(|value| value.unwrap_or(Value::None));
    let value = match x {
        Value::Placeholder(_) if machine.truth(&default)? => default,
        Value::Placeholder(_) => test_value(machine, &x, &kind)?,
        Value::None if default.is_none() => {
            let defined = defined.unwrap_or(Value::Bool(true));
            return if machine.truth(&defined)? { Err(required()) } else { Ok(Value::None) };
        }
        Value::None => default,
        value => value,
    };
    let items = elements(machine, &value, &kind)?;
    let mut out = String::from("[");
    for (i, (item, source)) in items.iter().enumerate() {
        out.push_str(if i > 0 { "," } else { "" });
        let text = to_sql(machine, item, source)?;
        machine.allocate(text.len())?;
        out.push_str(&text);
    }
    out.push(']');
    machine.allocate(out.len())?;
    Ok(Value::Sql(out.into()))
}

/// The function that makes one element.
fn element_function(kind: &Value) -> Option<&'static Builtin> {
    let name = kind.as_text()?;
    let known = !matches!(&**name, "JSON" | "Array")
        && (super::TYPES.contains(&&**name)
            || matches!(&**name, "bool" | "Int" | "Integer" | "Symbol" | "Column"));
    if known { find(super::FIXED, name) } else { None }
}

/// Kinds whose elements are checked before they are made.
fn is_checked(kind: &str) -> bool {
    kind == "Bool"
        || kind.starts_with("Array(")
        || (super::TYPES.contains(&kind) && !matches!(kind, "String" | "Boolean" | "Array" | "JSON"))
}

/// Elements are plain numbers, without a cast.
fn bare(element: Value) -> Value {
    match element {
        Value::TypedInt(n, _) => Value::Int(n),
        Value::TypedFloat(x, _) => Value::Float(x),
        other => other,
    }
}

/// What stands for a missing array in a test: two elements, or an empty text.
fn test_value(machine: &mut Machine<'_>, x: &Value, kind: &Value) -> Run<Value> {
    // A kind that cannot be looked up in a table is refused as Python refuses it.
    machine.key(kind)?;
    let Some(function) = element_function(kind).filter(|function| function.name != "String") else {
        return Ok(Value::str(""));
    };
    let mut parts = Vec::new();
    for _ in 0..2 {
        let element = machine.call_with(&Value::Function(function), vec![x.clone()])?;
        parts.push(machine.str(&bare(element))?);
    }
    machine.new_str(parts.join(","))
}

/// The checked elements of a list or of a text with commas, each with the text it comes from.
pub fn elements(machine: &mut Machine<'_>, value: &Value, kind: &Value) -> Run<Vec<(Value, Arc<str>)>> {
    let items: Vec<Value> = match value {
        Value::List(id) => machine.copied(*id)?,
        Value::Placeholder(_) => vec![machine.nameless_placeholder(), machine.nameless_placeholder()],
        other => {
            let Some(text) = other.as_text() else {
                return Err(refuse("transform type function Array is not well defined", PAGE));
            };
            let text = text.clone();
            machine.allocate(text.len())?;
            text.split(',').map(Value::str).collect()
        }
    };
    let function = element_function(kind);
    let mut out = Vec::with_capacity(items.len());
    for (i, item) in items.into_iter().enumerate() {
        machine.iteration()?;
        machine.key(kind)?;
        let source: Arc<str> = machine.str(&item)?.into();
        if let Some(name) = kind.as_text().filter(|name| is_checked(name)) {
            if !has_form(name, &source) {
                let whole = machine.str(value)?;
                let shown = if source.is_empty() { "empty string" } else { &*source };
                return Err(refuse(
                    format!("Error validating [{whole}][{i}] ({shown}) to type {name}"),
                    PAGE,
                ));
            }
            if function.is_none() {
                return Err(machine.no_such_key(kind)?);
            }
        }
        let element = match function {
            None => item,
            Some(function) => {
                machine.call_with(&Value::Function(function), vec![item]).map_err(misdefined)?
            }
        };
        out.push((bare(element), source));
    }
    Ok(out)
}

/// An attribute that a value lacks means that the array was not one.
fn misdefined(stop: Stop) -> Stop {
    match stop {
        Stop::Raised(error) if error.class == Class::ATTRIBUTE => {
            refuse("transform type function Array is not well defined", PAGE)
        }
        other => other,
    }
}

/// Kept apart from Python's own message, which has the key in quotes.
impl Machine<'_> {
    fn no_such_key(&mut self, key: &Value) -> Run<Stop> {
        let shown = self.repr(key)?;
        let mut stop = raise(Class::KEY, shown);
        if let Stop::Raised(error) = &mut stop {
            error.args = vec![key.clone()];
        }
        Ok(stop)
    }
}
