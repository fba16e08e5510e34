//! Expressions of definitions over the columns of a table, as the engine's SQL.

use crate::expression::{Parsed, parse};
use crate::types::{Schema, Type};
use crate::value::Value;
use tile_base::{Error, Result};

/// A name, as the engine reads it.
pub fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The engine's SQL of an expression, with the type of its values.
///
/// # Errors
/// `Invalid` for text that is no expression over these columns.
pub fn printed(text: &str, columns: &Schema) -> Result<(String, Type)> {
    of(&parse(text)?, columns)
}

/// As [`printed`].
pub fn of(parsed: &Parsed, columns: &Schema) -> Result<(String, Type)> {
    let expression = parsed.resolve(columns)?;
    Ok((expression.print_for_engine().to_owned(), expression.ty().clone()))
}

/// The engine's SQL of a time in milliseconds.
///
/// # Errors
/// As [`printed`]; `Invalid` for what is no time.
pub fn millis(text: &str, columns: &Schema) -> Result<String> {
    parse(text)?.resolve(columns)?.print_as_millis()
}

/// The condition that all of these hold; none where there are none.
///
/// # Errors
/// As [`printed`]; `Invalid` for what is not true or false.
pub fn condition(wheres: &[String], columns: &Schema) -> Result<Option<String>> {
    let mut all = Vec::new();
    for (at, text) in wheres.iter().enumerate() {
        let (sql, ty) = printed(text, columns).map_err(|e| e.at(format!("wheres[{at}]")))?;
        if ty != Type::Bool {
            return Err(Error::invalid(format!("a condition is true or false, not a {ty}"))
                .at(format!("wheres[{at}]")));
        }
        all.push(format!("({sql})"));
    }
    Ok(self::all(all.into_iter()))
}

/// The condition that all of these hold; none where there are none.
pub fn all(conditions: impl Iterator<Item = String>) -> Option<String> {
    let conditions: Vec<String> = conditions.collect();
    (!conditions.is_empty()).then(|| conditions.join(" AND "))
}

/// A condition that holds where an expression of the engine has a value of that type; elsewhere it may hold as well. Texts are compared as
/// bytes, and these written as hexadecimal digits.
pub fn may_be(sql: &str, value: &Value, ty: &Type) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    match value {
        Value::Bool(b) => format!("({sql}) = {b}"),
        Value::Text(text) => format!("encode({sql}) = from_hex('{}')", hex(text.as_bytes())),
        Value::Bytes(bytes) => format!("({sql}) = from_hex('{}')", hex(bytes)),
        Value::Int(x) if ty.is_integer() => format!("({sql}) = {x}"),
        _ => "true".to_owned(),
    }
}
