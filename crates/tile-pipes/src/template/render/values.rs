//! Values of a request, before the template sees them.

use super::super::dialect::Dialect;
use super::super::escape;
use super::super::eval::{Machine, Run, Stop};
use super::super::functions::elements;
use super::super::python::unescape;
use super::super::scan::Param;
use super::super::value::{Int, Value};
use serde_json::Value as Json;

pub fn from_json(machine: &mut Machine<'_>, json: &Json) -> Run<Value> {
    machine.deeper(|machine| match json {
        Json::Null => Ok(Value::None),
        Json::Bool(b) => Ok(Value::Bool(*b)),
        Json::Number(n) => Ok(match (n.as_i64(), n.as_u64(), n.as_f64()) {
            (Some(n), ..) => Value::int(n),
            (_, Some(n), _) => Value::int(n),
            (.., x) => Value::Float(x.unwrap_or(f64::NAN)),
        }),
        Json::String(text) => machine.new_str(text),
        Json::Array(items) => {
            let items: Run<Vec<Value>> = items.iter().map(|item| from_json(machine, item)).collect();
            machine.new_list(items?)
        }
        Json::Object(entries) => {
            let dict = machine.new_dict()?;
            for (key, value) in entries {
                let (key, value) = (machine.new_str(key)?, from_json(machine, value)?);
                machine.dict_insert(dict, key, value)?;
            }
            Ok(Value::Dict(dict))
        }
    })
}

/// The list for a parameter that the template declares as an array. Nothing when it is none, or when it cannot be read: then
/// the function refuses it where it stands.
pub fn list_of(machine: &mut Machine<'_>, param: Option<&Param>, value: &Value) -> Run<Option<Value>> {
    let Some(param) = param else { return Ok(None) };
    let element =
        param.ty.strip_prefix("Array(").and_then(|rest| rest.split_once(')')).map(|(element, _)| element);
    let word =
        |element: &&str| !element.is_empty() && element.chars().all(|c| c.is_alphanumeric() || c == '_');
    let Some(element) = element.filter(word) else { return Ok(None) };
    if value.is_none() {
        return Ok(None);
    }
    let found = match elements(machine, value, &Value::str(element)) {
        Ok(found) => found,
        Err(Stop::Raised(_)) => return Ok(None),
        Err(stop) => return Err(stop),
    };
    let mut items = Vec::with_capacity(found.len());
    for (item, _) in found {
        items.push(match item {
            // The original escapes each text for SQL and reads it back as Python would: not every escape is one to both.
            Value::Str(text) if machine.setup.dialect == Dialect::DuckDb => Value::Str(text),
            Value::Str(text) => match unescape(&escape::text(&text)) {
                Ok(text) => machine.new_str(text)?,
                Err(_) => return Ok(None),
            },
            Value::Float(x) if !x.is_finite() => return Ok(None),
            Value::Symbol(_) | Value::None => return Ok(None),
            other => other,
        });
    }
    machine.new_list(items).map(Some)
}

/// A value as JSON, for the body of an error.
pub fn to_json(machine: &mut Machine<'_>, value: &Value) -> Run<Json> {
    machine.spend(0)?;
    machine.deeper(|machine| match value {
        Value::None => Ok(Json::Null),
        Value::Bool(b) => Ok(Json::Bool(*b)),
        Value::Int(_) | Value::TypedInt(..) => Ok(int_json(&value.as_int().unwrap_or_default())),
        Value::Float(x) | Value::TypedFloat(x, _) => Ok(serde_json::json!(x)),
        Value::List(id) | Value::Tuple(id) => {
            let items = machine.copied(*id)?;
            items.iter().map(|item| to_json(machine, item)).collect::<Run<Vec<Json>>>().map(Json::Array)
        }
        Value::Dict(id) => {
            let entries: Vec<(Value, Value)> = machine.entries(*id)?;
            let mut out = serde_json::Map::new();
            for (key, value) in entries {
                let key = match key {
                    Value::Bool(b) => b.to_string(),
                    Value::None => "null".to_owned(),
                    key => machine.str(&key)?,
                };
                out.insert(key, to_json(machine, &value)?);
            }
            Ok(Json::Object(out))
        }
        other => machine.str(other).map(Json::String),
    })
}

fn int_json(n: &Int) -> Json {
    match (n.to_i64(), n.to_i128().and_then(|n| u64::try_from(n).ok())) {
        (Some(n), _) => n.into(),
        (_, Some(n)) => n.into(),
        _ => serde_json::json!(n.to_f64()),
    }
}
