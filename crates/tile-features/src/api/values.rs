//! Features as JSON.

use crate::types::Type;
use crate::value::Value;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};

/// A value: dates are days and times milliseconds since 1970, bytes are base64. What is no number in JSON is null.
pub fn json(value: &Value, ty: &Type) -> Json {
    match (value, ty) {
        (Value::Null, _) => Json::Null,
        (Value::Bool(b), _) => Json::from(*b),
        (Value::Int(x), _) => Json::from(*x),
        (Value::Real(x), _) => Json::from(*x),
        (Value::Text(text), _) => Json::from(&**text),
        (Value::Bytes(bytes), _) => Json::from(STANDARD.encode(bytes)),
        (Value::List(items), Type::List(of)) => items.iter().map(|item| json(item, of)).collect(),
        (Value::Map(entries), Type::Map(of)) => {
            Json::Object(entries.iter().map(|(key, value)| (key.to_string(), json(value, of))).collect())
        }
        (Value::Struct(values), Type::Struct(fields)) => Json::Object(
            fields.iter().zip(values).map(|((name, ty), value)| (name.clone(), json(value, ty))).collect(),
        ),
        (Value::List(_) | Value::Map(_) | Value::Struct(_), _) => Json::Null,
    }
}

/// Features by name.
pub fn object<'a>(columns: impl Iterator<Item = (&'a str, &'a Type)>, values: &[Value]) -> Map<String, Json> {
    columns.zip(values).map(|((name, ty), value)| (name.to_owned(), json(value, ty))).collect()
}
