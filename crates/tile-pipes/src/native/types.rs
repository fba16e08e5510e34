//! The engine's types of a result, as the types that the rest of a project knows.

use tile_base::{Error, Result};
use tile_clicksql::types::Type;

/// A column of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    pub name: String,
    pub ty: Type,
    /// What becomes of a value in the engine, so that it rests as the type's values do.
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Same,
    Cast(&'static str),
    /// Lists and maps are never NULL.
    OrEmpty(&'static str),
    Json,
}

/// Digits of the largest decimal number.
const DIGITS_MAX: u8 = 38;

impl Given {
    /// `text` is the engine's name of the type.
    ///
    /// # Errors
    /// `Invalid` for states of aggregate functions, which nothing can show.
    pub fn new(name: String, text: &str) -> Result<Self> {
        if text.starts_with("AGGREGATE_STATE") {
            let e = Error::invalid(format!("the column `{name}` is a state of an aggregate function"));
            return Err(e.hint("Finish it with finalize()"));
        }
        let (ty, form) = of(text);
        let is_never_null = matches!(ty, Type::Array(_) | Type::Map(..));
        Ok(Self { name, ty: if is_never_null { ty } else { ty.nullable() }, form })
    }

    /// The value of a column of the engine.
    pub fn sql(&self, column: &str) -> String {
        match self.form {
            Form::Same => column.to_owned(),
            Form::Cast(to) => format!("CAST({column} AS {to})"),
            Form::OrEmpty(empty) => format!("coalesce({column}, {empty})"),
            Form::Json => format!("CAST(to_json({column}) AS VARCHAR)"),
        }
    }
}

fn of(text: &str) -> (Type, Form) {
    if let Some(ty) = scalar(text) {
        return (ty, Form::Same);
    }
    if let Some(item) = text.strip_suffix("[]").and_then(scalar) {
        return (Type::Array(Box::new(item.nullable())), Form::OrEmpty("[]"));
    }
    let inside = text.strip_prefix("MAP(").and_then(|rest| rest.strip_suffix(')'));
    if let Some((key, value)) =
        inside.and_then(|i| i.split_once(", ")).and_then(|(k, v)| Some((scalar(k)?, scalar(v)?)))
    {
        return (Type::Map(Box::new(key), Box::new(value.nullable())), Form::OrEmpty("MAP {}"));
    }
    match text {
        // Sums of whole numbers: as decimals they are numbers in JSON.
        "HUGEINT" => (Type::Decimal(DIGITS_MAX, 0), Form::Cast("DECIMAL(38, 0)")),
        "TIMESTAMP WITH TIME ZONE" | "TIMESTAMP_S" | "TIMESTAMP_MS" => {
            (Type::DateTime64(6, None), Form::Cast("TIMESTAMP"))
        }
        "JSON" => (Type::Json, Form::Cast("VARCHAR")),
        nested
            if nested.ends_with(']')
                || ["STRUCT(", "MAP(", "UNION("].iter().any(|p| nested.starts_with(p)) =>
        {
            (Type::Json, Form::Json)
        }
        _ => (Type::String, Form::Cast("VARCHAR")),
    }
}

fn scalar(text: &str) -> Option<Type> {
    Some(match text {
        "BOOLEAN" => Type::Bool,
        "TINYINT" => Type::Int(8),
        "SMALLINT" => Type::Int(16),
        "INTEGER" => Type::Int(32),
        "BIGINT" => Type::Int(64),
        "UTINYINT" => Type::UInt(8),
        "USMALLINT" => Type::UInt(16),
        "UINTEGER" => Type::UInt(32),
        "UBIGINT" => Type::UInt(64),
        "UHUGEINT" => Type::UInt(128),
        "FLOAT" => Type::Float32,
        "DOUBLE" => Type::Float64,
        "VARCHAR" => Type::String,
        "DATE" => Type::Date32,
        "TIMESTAMP" => Type::DateTime64(6, None),
        "TIMESTAMP_NS" => Type::DateTime64(9, None),
        "UUID" => Type::Uuid,
        _ => {
            let (digits, scale) = text.strip_prefix("DECIMAL(")?.strip_suffix(')')?.split_once(',')?;
            Type::Decimal(digits.parse().ok()?, scale.parse().ok()?)
        }
    })
}
