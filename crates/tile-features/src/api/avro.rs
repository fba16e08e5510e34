//! Columns in Avro: their schema, and rows as records of it. Every column may be null; items of lists and values of maps may not.

use crate::definition::clean;
use crate::types::Type;
use crate::value::Value;
use serde_json::{Value as Json, json};
use tile_base::{Error, Result};

/// The schema of a record of columns.
pub fn record(name: &str, columns: &[(String, Type)]) -> Json {
    let name = clean(name);
    let fields = columns.iter().map(|(column, ty)| {
        json!({"name": column, "type": ["null", schema(&format!("{name}_{column}"), ty)], "default": null})
    });
    json!({"type": "record", "name": name, "namespace": "ai.chronon.data", "fields": fields.collect::<Vec<_>>()})
}

fn schema(name: &str, ty: &Type) -> Json {
    match ty {
        Type::Bool => json!("boolean"),
        Type::Byte | Type::Short | Type::Int => json!("int"),
        Type::Long => json!("long"),
        Type::Float => json!("float"),
        Type::Double => json!("double"),
        Type::Text => json!("string"),
        Type::Binary => json!("bytes"),
        Type::Date => json!({"type": "int", "logicalType": "date"}),
        Type::Timestamp => json!({"type": "long", "logicalType": "timestamp-millis"}),
        Type::List(of) => json!({"type": "array", "items": schema(name, of)}),
        Type::Map(of) => json!({"type": "map", "values": schema(name, of)}),
        Type::Struct(fields) => record(name, fields),
    }
}

/// Adds a record in Avro's binary encoding.
///
/// # Errors
/// `Invalid` for a list or a map with a null in it, with its path.
pub fn encode(columns: &[(String, Type)], values: &[Value], out: &mut Vec<u8>) -> Result<()> {
    for (at, (name, ty)) in columns.iter().enumerate() {
        match values.get(at).unwrap_or(&Value::Null) {
            Value::Null => number(0, out),
            value => {
                number(1, out);
                one(value, ty, out).map_err(|e| Error { at: Some(path(name, e.at.as_deref())), ..e })?;
            }
        }
    }
    Ok(())
}

fn path(name: &str, rest: Option<&str>) -> String {
    rest.map_or_else(|| name.to_owned(), |rest| format!("{name}.{rest}"))
}

fn one(value: &Value, ty: &Type, out: &mut Vec<u8>) -> Result<()> {
    match (value, ty) {
        (Value::Bool(x), _) => out.push(u8::from(*x)),
        (Value::Int(x), _) => number(*x, out),
        #[expect(clippy::cast_possible_truncation, reason = "a float is 32 bits wide")]
        (Value::Real(x), Type::Float) => out.extend((*x as f32).to_le_bytes()),
        (Value::Real(x), _) => out.extend(x.to_le_bytes()),
        (Value::Text(text), _) => bytes(text.as_bytes(), out),
        (Value::Bytes(of), _) => bytes(of, out),
        (Value::List(items), Type::List(ty)) => {
            if !items.is_empty() {
                number(length(items.len()), out);
                items.iter().try_for_each(|item| one(item, ty, out))?;
            }
            number(0, out);
        }
        (Value::Map(entries), Type::Map(ty)) => {
            if !entries.is_empty() {
                number(length(entries.len()), out);
                for (key, value) in entries {
                    bytes(key.as_bytes(), out);
                    one(value, ty, out).map_err(|e| Error { at: Some(path(key, e.at.as_deref())), ..e })?;
                }
            }
            number(0, out);
        }
        (Value::Struct(values), Type::Struct(fields)) => encode(fields, values, out)?,
        (Value::Null | Value::List(_) | Value::Map(_) | Value::Struct(_), _) => {
            return Err(Error::invalid("a null within a list or a map has no place in Avro"));
        }
    }
    Ok(())
}

fn bytes(of: &[u8], out: &mut Vec<u8>) {
    number(length(of.len()), out);
    out.extend_from_slice(of);
}

fn length(of: usize) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}

/// Small numbers of both signs take few bytes: seven bits in each, the lowest first.
fn number(x: i64, out: &mut Vec<u8>) {
    let mut rest = (x << 1 ^ x >> 63).cast_unsigned();
    while rest > 0x7f {
        out.push(rest.to_le_bytes()[0] | 0x80);
        rest >>= 7;
    }
    out.push(rest.to_le_bytes()[0]);
}
