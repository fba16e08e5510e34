//! Values as JSON, and back, by their type.
//!
//! JSON has no NaN, no infinities and no bytes. In *answers* to programs the first two are null, as Chronon's fetcher has them, and bytes
//! are a text in base64; in *scenarios*, which are for comparing, they are the texts `NaN`, `Infinity` and `-Infinity`, and
//! `{"b64": "…"}`. Both forms of bytes are read. Integers are numbers without a fraction; dates are days and times milliseconds since 1970.

use crate::expression::fitted;
use crate::types::Type;
use crate::value::Value;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value as Json;
use std::collections::HashSet;
use tile_base::{Error, Result};

/// For whom a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A program that asked: what is no number is null.
    Answer,
    /// Something that compares: what is no number is told.
    Scenario,
}

/// Levels of lists, maps and structs that are read.
const DEPTH_MAX: u32 = 32;

/// A value of that type as JSON.
pub fn to_json(value: &Value, ty: &Type, form: Form) -> Json {
    // Keys of maps are texts, so there is nothing that JSON cannot hold.
    serde_json::to_value(Written { value, ty, form }).unwrap_or(Json::Null)
}

/// A value that is written without a copy of it.
struct Written<'a> {
    value: &'a Value,
    ty: &'a Type,
    form: Form,
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let form = self.form;
        match (self.value, self.ty) {
            (Value::Bool(x), _) => to.serialize_bool(*x),
            (Value::Int(x), _) => to.serialize_i64(*x),
            (Value::Real(x), ty) => real_written(*x, ty, form, to),
            (Value::Text(text), _) => to.serialize_str(text),
            (Value::Bytes(bytes), _) => match form {
                Form::Answer => to.serialize_str(&BASE64_STANDARD.encode(bytes)),
                Form::Scenario => to.collect_map([("b64", BASE64_STANDARD.encode(bytes))]),
            },
            (Value::List(items), Type::List(ty)) => {
                to.collect_seq(items.iter().map(|value| Written { value, ty, form }))
            }
            (Value::Map(entries), Type::Map(ty)) => {
                to.collect_map(entries.iter().map(|(key, value)| (key, Written { value, ty, form })))
            }
            (Value::Struct(values), Type::Struct(fields)) => {
                let named = fields.iter().zip(values);
                to.collect_map(named.map(|((name, ty), value)| (name, Written { value, ty, form })))
            }
            // A value that is not of its type is a mistake of ours; it has no JSON.
            (Value::Null | Value::List(_) | Value::Map(_) | Value::Struct(_), _) => to.serialize_unit(),
        }
    }
}

fn real_written<S: Serializer>(x: f64, ty: &Type, form: Form, to: S) -> Result<S::Ok, S::Error> {
    match form {
        // With the digits that its 32 bits need: JSON values here know 64 bits only.
        #[expect(clippy::cast_possible_truncation, reason = "a float was 32 bits wide")]
        _ if x.is_finite() && *ty == Type::Float => {
            to.serialize_f64((x as f32).to_string().parse().unwrap_or(x))
        }
        _ if x.is_finite() => to.serialize_f64(x),
        Form::Answer => to.serialize_unit(),
        Form::Scenario if x.is_nan() => to.serialize_str("NaN"),
        Form::Scenario => to.serialize_str(if x > 0.0 { "Infinity" } else { "-Infinity" }),
    }
}

/// Values by name, as answers have them, and behind them what is wrong with others.
pub struct Named<'a> {
    pub columns: &'a [(String, Type)],
    pub values: &'a [Value],
    pub errors: &'a [(String, String)],
    /// Names of the only columns that are written; none: all.
    pub only: Option<&'a HashSet<String>>,
}

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        let is_wanted = |name: &String| self.only.is_none_or(|only| only.contains(name));
        for ((name, ty), value) in
            self.columns.iter().zip(self.values).filter(|((name, _), _)| is_wanted(name))
        {
            map.serialize_entry(name, &Written { value, ty, form: Form::Answer })?;
        }
        for (name, what) in self.errors {
            map.serialize_entry(name, what)?;
        }
        map.end()
    }
}

/// Reads a value of that type. A null is one of every type; a float is rounded to 32 bits.
///
/// # Errors
/// `Invalid`, with the path to it, for JSON that does not fit.
pub fn of_json(json: &Json, ty: &Type) -> Result<Value> {
    read(json, ty, 0).map_err(|misfit| {
        let what = format!("expected a {}, found {}", misfit.wanted, misfit.found);
        let error = Error::invalid(what);
        if misfit.path.is_empty() { error } else { error.at(misfit.path) }
    })
}

/// What does not fit, and where: `[3].a` from the outside in.
struct Misfit {
    path: String,
    wanted: String,
    found: String,
}

impl Misfit {
    fn new(json: &Json, wanted: impl ToString) -> Self {
        Self { path: String::new(), wanted: wanted.to_string(), found: describe(json) }
    }

    fn within(mut self, step: &str) -> Self {
        self.path.insert_str(0, step);
        self
    }
}

/// A JSON value in an error: short, whatever its size.
pub(crate) fn describe(json: &Json) -> String {
    const SHOWN: usize = 40;
    match json {
        Json::Null => "null".into(),
        Json::Array(items) => format!("a list of {}", items.len()),
        Json::Object(entries) => format!("an object of {}", entries.len()),
        other => {
            let text = other.to_string();
            match text.char_indices().nth(SHOWN) {
                None => format!("`{text}`"),
                Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
            }
        }
    }
}

fn read(json: &Json, ty: &Type, depth: u32) -> Result<Value, Misfit> {
    if depth > DEPTH_MAX {
        return Err(Misfit::new(json, format!("{ty} that lies less deep")));
    }
    match (ty, json) {
        (_, Json::Null) => Ok(Value::Null),
        (Type::Bool, Json::Bool(x)) => Ok(Value::Bool(*x)),
        (Type::Text, Json::String(text)) => Ok(Value::Text(text.as_str().into())),
        (Type::Float | Type::Double, _) => real(json, ty),
        (Type::Binary, _) => bytes(json),
        (Type::List(of), Json::Array(items)) => {
            let item = |(at, item)| read(item, of, depth + 1).map_err(|e| e.within(&format!("[{at}]")));
            Ok(Value::List(items.iter().enumerate().map(item).collect::<Result<_, _>>()?))
        }
        (Type::Map(of), Json::Object(entries)) => {
            let mut values = entries
                .iter()
                .map(|(key, value)| {
                    let value = read(value, of, depth + 1).map_err(|e| e.within(&format!(".{key}")))?;
                    Ok((key.as_str().into(), value))
                })
                .collect::<Result<Vec<(Box<str>, Value)>, Misfit>>()?;
            values.sort_by(|a, b| a.0.cmp(&b.0));
            Ok(Value::Map(values.into()))
        }
        (Type::Struct(fields), Json::Object(entries)) => {
            let field = |(name, ty): &(String, Type)| {
                let json = entries.get(name).unwrap_or(&Json::Null);
                read(json, ty, depth + 1).map_err(|e| e.within(&format!(".{name}")))
            };
            Ok(Value::Struct(fields.iter().map(field).collect::<Result<_, _>>()?))
        }
        (Type::Struct(fields), Json::Array(items)) if items.len() == fields.len() => {
            let field = |((name, ty), item): (&(String, Type), &Json)| {
                read(item, ty, depth + 1).map_err(|e| e.within(&format!(".{name}")))
            };
            Ok(Value::Struct(fields.iter().zip(items).map(field).collect::<Result<_, _>>()?))
        }
        _ => integer(json, ty),
    }
}

/// A number without a fraction, within the bounds of its type.
fn integer(json: &Json, ty: &Type) -> Result<Value, Misfit> {
    let (least, most) = match ty {
        Type::Byte => (i64::from(i8::MIN), i64::from(i8::MAX)),
        Type::Short => (i64::from(i16::MIN), i64::from(i16::MAX)),
        Type::Int | Type::Date => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Type::Long | Type::Timestamp => (i64::MIN, i64::MAX),
        _ => return Err(Misfit::new(json, ty)),
    };
    match json.as_i64() {
        Some(x) if (least..=most).contains(&x) => Ok(Value::Int(x)),
        Some(_) => Err(Misfit::new(json, format!("{ty} from {least} to {most}"))),
        None => Err(Misfit::new(json, ty)),
    }
}

fn real(json: &Json, ty: &Type) -> Result<Value, Misfit> {
    let x = match json {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    };
    let x = x.ok_or_else(|| Misfit::new(json, ty))?;
    Ok(Value::Real(fitted(x, ty)))
}

fn bytes(json: &Json) -> Result<Value, Misfit> {
    let text = match json {
        Json::String(text) => Some(text),
        Json::Object(entries) if entries.len() == 1 => match entries.get("b64") {
            Some(Json::String(text)) => Some(text),
            _ => None,
        },
        _ => None,
    };
    let decoded = text.and_then(|text| BASE64_STANDARD.decode(text).ok());
    decoded.map(|bytes| Value::Bytes(bytes.into())).ok_or_else(|| Misfit::new(json, "binary in base64"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ty(name: &str) -> Type {
        Type::parse(name).unwrap()
    }

    fn structure() -> Type {
        Type::Struct(vec![("a".into(), Type::Int), ("b".into(), ty("list<float>"))])
    }

    #[test]
    fn what_is_read_is_written_again() {
        for (ty, json) in [
            (ty("bool"), json!(true)),
            (ty("long"), json!(i64::MIN)),
            (ty("byte"), json!(-128)),
            (ty("double"), json!(0.1)),
            (ty("float"), json!(0.1)),
            (ty("string"), json!("é\u{0}")),
            (ty("binary"), json!({"b64": "AP8="})),
            (ty("double"), json!("NaN")),
            (ty("list<double>"), json!([1.0, null, "-Infinity"])),
            (ty("map<list<int>>"), json!({"a": [1], "b": null})),
            (structure(), json!({"a": 1, "b": [0.5]})),
        ] {
            let value = of_json(&json, &ty).unwrap();
            assert_eq!(to_json(&value, &ty, Form::Scenario), json, "{ty}");
        }
    }

    #[test]
    fn answers_are_for_programs() {
        let bytes = of_json(&json!("AP8="), &ty("binary")).unwrap();
        assert_eq!(to_json(&bytes, &ty("binary"), Form::Answer), json!("AP8="));
        let float = of_json(&json!(0.1), &ty("float")).unwrap();
        assert_eq!(to_json(&float, &ty("float"), Form::Answer), json!(0.1));
        let value = of_json(&json!(["NaN", 1.5]), &ty("list<double>")).unwrap();
        assert_eq!(to_json(&value, &ty("list<double>"), Form::Answer), json!([null, 1.5]));
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_path() {
        for (ty, json, at, what) in [
            (ty("long"), json!("7"), None, "expected a long, found `\"7\"`"),
            (ty("long"), json!(7.5), None, "expected a long, found `7.5`"),
            (ty("short"), json!(40_000), None, "expected a short from -32768 to 32767, found `40000`"),
            (ty("long"), json!(u64::MAX), None, "expected a long, found `18446744073709551615`"),
            (ty("string"), json!(["a"]), None, "expected a string, found a list of 1"),
            (ty("double"), json!("many"), None, "expected a double, found `\"many\"`"),
            (ty("binary"), json!("?"), None, "expected a binary in base64, found `\"?\"`"),
            (
                ty("map<list<int>>"),
                json!({"k": [1, {}]}),
                Some(".k[1]"),
                "expected a int, found an object of 0",
            ),
            (structure(), json!({"a": true}), Some(".a"), "expected a int, found `true`"),
        ] {
            let error = of_json(&json, &ty).unwrap_err();
            assert_eq!((error.what.as_str(), error.at.as_deref()), (what, at));
        }
        let long = "é".repeat(100);
        assert!(of_json(&json!(long), &ty("long")).unwrap_err().what.ends_with("…`"));
    }
}
