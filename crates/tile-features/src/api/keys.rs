//! Keys as requests give them.

use crate::expression::{fitted, typed_of_text, whole};
use crate::key;
use crate::types::Type;
use crate::value::Value;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};
use tile_base::{Error, Result};

/// What a request says of a key.
pub enum Asked {
    Key(Vec<u8>),
    /// A part of it is null: no row has such a key.
    Null,
}

/// The key of a row, whose columns are named as the row has them; `types` are those of the columns.
///
/// # Errors
/// `Invalid` for a column that is missing, with the nearest that is there, and for a value of another type.
pub fn asked(row: &Map<String, Json>, keys: &[(String, Type)], types: &[Type]) -> Result<Asked> {
    let mut values = Vec::with_capacity(keys.len());
    for (name, ty) in keys {
        let Some(json) = row.get(name) else {
            let error = Error::invalid(format!("the key `{name}` is missing"));
            // What is a key itself stands for nothing else.
            let is_key = |given: &str| keys.iter().any(|(key, _)| key == given);
            return Err(
                error.did_you_mean(name, row.keys().map(String::as_str).filter(|given| !is_key(given)))
            );
        };
        if json.is_null() {
            return Ok(Asked::Null);
        }
        values.push(value(json, ty).map_err(|e| e.at(format!("key `{name}`")))?);
    }
    key::of_values(&values, types).map(Asked::Key)
}

/// A scalar of a type. One of another type counts as what it is in that: `"5"` as a number, `5` as a text, `5.0` as a whole number.
///
/// # Errors
/// `Invalid` for what is none.
pub fn value(json: &Json, ty: &Type) -> Result<Value> {
    let found = match (json, ty) {
        (Json::Null, _) => Some(Value::Null),
        (Json::Bool(b), Type::Bool) => Some(Value::Bool(*b)),
        (Json::String(text), Type::Text) => Some(Value::Text(text.as_str().into())),
        (Json::String(text), Type::Binary) => STANDARD.decode(text).ok().map(|b| Value::Bytes(b.into())),
        (Json::Number(x), ty) if ty.is_real() => x.as_f64().map(|x| Value::Real(fitted(x, ty))),
        (Json::Number(x), ty) if ty.is_integer() || matches!(ty, Type::Date | Type::Timestamp) => {
            x.as_i64().or_else(|| x.as_f64().and_then(exact)).map(Value::Int)
        }
        (Json::Number(x), Type::Text) => Some(Value::Text(x.to_string().into())),
        (Json::Bool(x), Type::Text) => Some(Value::Text(x.to_string().into())),
        (Json::String(text), ty) => of_text(text.trim(), ty),
        _ => None,
    };
    found.ok_or_else(|| {
        let shown: String = json.to_string().chars().take(64).collect();
        let error = Error::invalid(format!("expected a {ty}, found {shown}"));
        match ty {
            Type::Date => error.hint("A date is a number of days since 1970"),
            Type::Timestamp => error.hint("A time is a number of milliseconds since 1970"),
            Type::Binary => error.hint("Bytes are written in base64"),
            _ => error,
        }
    })
}

/// What a text says of another type, all of it.
fn of_text(text: &str, ty: &Type) -> Option<Value> {
    match ty {
        Type::Bool => text.to_ascii_lowercase().parse().ok().map(Value::Bool),
        Type::Date | Type::Timestamp => typed_of_text(text, ty),
        ty if ty.is_integer() => text.parse().ok().map(Value::Int),
        ty if ty.is_real() => text.parse().ok().map(|x| Value::Real(fitted(x, ty))),
        _ => None,
    }
}

/// A number without a fraction that a double holds exactly.
fn exact(x: f64) -> Option<i64> {
    whole(x).filter(|_| x.fract() == 0.0 && x.abs() < 9.0e15)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_missing_key_is_told_with_what_may_be_meant() {
        let keys = ["a", "b"].map(|name| (name.to_owned(), Type::Long));
        let told = |row: Json| {
            let Json::Object(row) = row else { panic!() };
            asked(&row, &keys, &[Type::Long, Type::Long]).err().unwrap().detail()
        };
        assert_eq!(told(json!({"b": 1})), "the key `a` is missing");
        assert_eq!(told(json!({"b": 1, "A": 2})), "the key `a` is missing. Did you mean `A`?");
    }
}
