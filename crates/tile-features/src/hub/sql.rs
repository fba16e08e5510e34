//! Expressions of definitions over the columns of a table, as the engine's SQL.

use crate::arrow;
use crate::expression::{Parsed, parse};
use crate::types::{Schema, Type};
use crate::value::Value;
use tile_base::{Error, Result};

/// The columns of a table that features can read.
pub struct Columns(pub Schema);

impl Columns {
    pub fn new(schema: &arrow_schema::Schema) -> Self {
        let readable = |f: &std::sync::Arc<arrow_schema::Field>| {
            arrow::type_of(f.data_type()).ok().map(|ty| (f.name().clone(), ty))
        };
        Self(Schema(schema.fields().iter().filter_map(readable).collect()))
    }
}

/// A name, as the engine reads it.
pub fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The engine's SQL of an expression, with the type of its values.
///
/// # Errors
/// `Invalid` for what is no expression over these columns.
pub fn printed(parsed: &Parsed, columns: &Columns) -> Result<(String, Type)> {
    let expression = parsed.resolve(&columns.0)?;
    Ok((expression.print_for_engine().to_owned(), expression.ty().clone()))
}

/// The condition that all of these hold; none where there are none.
///
/// # Errors
/// As [`printed`]; `Invalid` for what is not true or false.
pub fn condition(wheres: &[String], columns: &Columns) -> Result<Option<String>> {
    let mut all = Vec::new();
    for (at, text) in wheres.iter().enumerate() {
        let (sql, ty) =
            parse(text).and_then(|p| printed(&p, columns)).map_err(|e| e.at(format!("wheres[{at}]")))?;
        if ty != Type::Bool {
            return Err(Error::invalid(format!("a condition is true or false, not a {ty}"))
                .at(format!("wheres[{at}]")));
        }
        all.push(format!("({sql})"));
    }
    Ok(if all.is_empty() { None } else { Some(all.join(" AND ")) })
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
