//! Expressions of definitions over the columns of a table, as the engine's SQL.

use crate::expression::{Expression, parse};
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
    let expression = parse(text)?.resolve(columns)?;
    Ok((expression.print_for_engine().to_owned(), expression.ty().clone()))
}

/// The engine's SQL of a time in milliseconds.
///
/// # Errors
/// As [`printed`]; `Invalid` for what is no time.
pub fn millis(text: &str, columns: &Schema) -> Result<String> {
    parse(text)?.resolve(columns)?.print_as_millis()
}

/// Conditions over these columns.
///
/// # Errors
/// `Invalid` for text that is no expression over these columns, and for what is not true or false.
pub fn conditions(wheres: &[String], columns: &Schema) -> Result<Vec<Expression>> {
    let condition = |(at, text): (usize, &String)| {
        let place = |e: Error| e.at(format!("wheres[{at}]"));
        let made = parse(text).and_then(|parsed| parsed.resolve(columns)).map_err(place)?;
        if *made.ty() != Type::Bool {
            return Err(place(Error::invalid(format!("a condition is true or false, not a {}", made.ty()))));
        }
        Ok(made)
    };
    wheres.iter().enumerate().map(condition).collect()
}

/// The condition that all of these hold; none where there are none.
pub fn all(conditions: impl Iterator<Item = String>) -> Option<String> {
    let conditions: Vec<String> = conditions.collect();
    (!conditions.is_empty()).then(|| conditions.join(" AND "))
}

/// Keys that are told to the engine; where there are more, all rows are read.
const KEYS_TOLD_MAX: usize = 256;

/// A condition that holds where a row has one of these keys; it may let others through. `columns` are the expressions of the key's parts,
/// where these are known, with their types. None where there is little to tell, or too much.
pub fn one_of(keys: &[Vec<Value>], columns: &[(Option<&str>, &Type)]) -> Option<String> {
    if keys.len() > KEYS_TOLD_MAX || columns.iter().all(|(sql, _)| sql.is_none()) {
        return None;
    }
    let is = |key: &Vec<Value>| {
        let parts = key.iter().zip(columns);
        let parts = parts.filter_map(|(value, (sql, ty))| Some(may_be((*sql)?, value, ty)));
        format!("({})", parts.collect::<Vec<_>>().join(" AND "))
    };
    let each: Vec<String> = keys.iter().map(is).collect();
    Some(if each.is_empty() { "false".to_owned() } else { format!("({})", each.join(" OR ")) })
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
