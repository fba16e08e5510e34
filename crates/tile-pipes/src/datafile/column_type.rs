//! Types that a column cannot have.

use tile_base::error::nearest;
use tile_clicksql::types::Type;

/// Names of types, for "did you mean".
const TYPES: &[&str] = &[
    "String",
    "Bool",
    "UInt8",
    "UInt16",
    "UInt32",
    "UInt64",
    "UInt128",
    "UInt256",
    "Int8",
    "Int16",
    "Int32",
    "Int64",
    "Int128",
    "Int256",
    "Float32",
    "Float64",
    "Decimal",
    "Date",
    "Date32",
    "DateTime",
    "DateTime64",
    "UUID",
    "IPv4",
    "IPv6",
    "Enum8",
    "Enum16",
    "FixedString",
    "Array",
    "Tuple",
    "Map",
    "JSON",
    "Nullable",
    "LowCardinality",
    "AggregateFunction",
    "SimpleAggregateFunction",
];

/// What is wrong with a type, and what may be meant.
pub(super) fn check(text: &str) -> Option<(String, Option<String>)> {
    if let Err(error) = Type::parse(text) {
        return unknown_type(text).or_else(|| Some((format!("Error parsing type: {}", error.message), None)));
    }
    if let Some(message) = narrow_sum(text) {
        return Some((message, None));
    }
    let inner =
        text.strip_prefix("Nullable(").and_then(|inner| Type::parse(inner.strip_suffix(')')?).ok())?;
    (!inner.can_be_nullable())
        .then(|| (format!("Error parsing type: Nested type {inner} cannot be inside Nullable type"), None))
}

/// A sum is kept in the largest type of its kind.
fn narrow_sum(text: &str) -> Option<String> {
    let ty =
        Type::parse(text.strip_prefix("Nullable(").and_then(|inner| inner.strip_suffix(')')).unwrap_or(text));
    let Ok(Type::SimpleAggregateFunction(state)) = ty else { return None };
    let kept = state.args.first().filter(|_| state.function == "sum")?;
    let sum = match kept.plain() {
        Type::Int(8..64) => Type::Int(64),
        Type::UInt(8..64) => Type::UInt(64),
        Type::Float32 => Type::Float64,
        _ => return None,
    };
    let sum = if kept.is_nullable() { sum.nullable() } else { sum };
    Some(format!(
        "Incompatible data types between aggregate function 'sum' which returns {sum} and column storage type {kept}"
    ))
}

/// The message about the first name in the type that is none of a type.
fn unknown_type(text: &str) -> Option<(String, Option<String>)> {
    let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let known = TYPES.contains(&name.as_str()) || Type::parse(&name).is_ok();
    if known || name.is_empty() {
        let inner = text.strip_prefix(&format!("{name}("))?.strip_suffix(')')?;
        let is_wrapper = matches!(name.as_str(), "Nullable" | "LowCardinality" | "Array");
        return if is_wrapper && inner.len() < text.len() { unknown_type(inner) } else { None };
    }
    let near = nearest(&name, TYPES.iter().copied());
    let suggestion = near.first().map(|name| format!("did you mean {name}?"));
    Some((format!("Unknown data type family: {name}"), suggestion))
}
