//! From one type to another, as Spark does without ANSI mode: what cannot be is null. Both forms of each cast stand side by side.

use super::date;
use crate::types::Type;
use crate::value::Value;
use crate::window::DAY_MS;

/// Whether there is a cast.
pub fn is_possible(from: &Type, to: &Type) -> bool {
    use Type::{Binary, Bool, Date, Text, Timestamp};
    match (from, to) {
        _ if from == to => true,
        (a, b) if (a.is_number() || *a == Bool) && (b.is_number() || *b == Bool) => true,
        (Text, to) => to.is_number() || matches!(to, Bool | Date | Timestamp | Binary),
        // Java writes doubles in a way of its own.
        (from, Text) => from.is_integer() || matches!(from, Bool | Date | Timestamp | Binary),
        (Timestamp, to) => to.is_number() || *to == Date,
        (from, Timestamp) => from.is_number() || *from == Date,
        _ => false,
    }
}

/// The name of a type in the engine.
pub fn engine_type(ty: &Type) -> String {
    match ty {
        Type::Bool => "BOOLEAN".into(),
        Type::Byte => "TINYINT".into(),
        Type::Short => "SMALLINT".into(),
        Type::Int => "INTEGER".into(),
        Type::Long => "BIGINT".into(),
        Type::Float => "FLOAT".into(),
        Type::Double => "DOUBLE".into(),
        Type::Text => "VARCHAR".into(),
        Type::Binary => "BLOB".into(),
        Type::Date => "DATE".into(),
        Type::Timestamp => "TIMESTAMP".into(),
        Type::List(of) => format!("{}[]", engine_type(of)),
        Type::Map(of) => format!("MAP(VARCHAR, {})", engine_type(of)),
        Type::Struct(fields) => {
            let fields =
                fields.iter().map(|(name, ty)| format!("{} {}", super::print::name(name), engine_type(ty)));
            format!("STRUCT({})", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Spaces around are left out.
const INTEGER: &str = r"'^[\x00-\x20]*([+-]?[0-9]*)(?:\.[0-9]*)?[\x00-\x20]*$'";
const REAL: &str = r"'^[\x00-\x20]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|-?[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN])[\x00-\x20]*$'";
const TRIMMED: &str = r"'^[\x00-\x20]+|[\x00-\x20]+$'";
const DATE: &str = r"'^[\x00-\x20]*([0-9]{4}-[0-9]{1,2}-[0-9]{1,2})(?:[T ].*)?[\x00-\x20]*$'";
const TIME: &str = r"'^[\x00-\x20]*([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)?)(?:Z|[+-][0-9]{2}:[0-9]{2})?[\x00-\x20]*$'";
/// The engine reads no zone into a time without one.
const ZONE: &str = r"'([+-])([0-9]{2}):([0-9]{2})[\x00-\x20]*$'";

/// The cast in the engine's SQL.
pub fn print(from: &Type, to: &Type, of: &str) -> String {
    let name = engine_type(to);
    match (from, to) {
        _ if from == to => of.to_owned(),
        (Type::Text, to) if to.is_integer() => {
            format!("TRY_CAST(regexp_extract({of}, {INTEGER}, 1) AS {name})")
        }
        (Type::Text, to) if to.is_real() => format!("TRY_CAST(regexp_extract({of}, {REAL}, 1) AS {name})"),
        (Type::Text, Type::Bool) => {
            let word = format!("lower(regexp_replace({of}, {TRIMMED}, '', 'g'))");
            format!(
                "(CASE WHEN {word} IN ('t', 'true', 'y', 'yes', '1') THEN true WHEN {word} IN ('f', 'false', 'n', 'no', '0') THEN false END)"
            )
        }
        (Type::Text, Type::Date) => format!("TRY_CAST(regexp_extract({of}, {DATE}, 1) AS DATE)"),
        (Type::Text, Type::Timestamp) => {
            let part = |group: u8| {
                let sign = format!("regexp_extract({of}, {ZONE}, 1)");
                format!("coalesce(TRY_CAST({sign} || regexp_extract({of}, {ZONE}, {group}) AS INTEGER), 0)")
            };
            let offset = format!("to_minutes({} * 60 + {})", part(2), part(3));
            format!("(TRY_CAST(regexp_extract({of}, {TIME}, 1) AS TIMESTAMP) - {offset})")
        }
        (Type::Text, Type::Binary) => format!("encode({of})"),
        (Type::Binary, Type::Text) => format!("TRY(decode({of}))"),
        (from, to) if from.is_real() && to.is_integer() => format!("TRY_CAST(trunc({of}) AS {name})"),
        (from, Type::Bool) if from.is_number() => format!("({of} <> 0)"),
        (Type::Timestamp, to) if to.is_integer() => format!("TRY_CAST(floor(epoch({of})) AS {name})"),
        (Type::Timestamp, to) if to.is_real() => format!("CAST(epoch({of}) AS {name})"),
        (from, Type::Timestamp) if from.is_integer() => {
            format!("TRY(make_timestamp(CAST({of} AS BIGINT) * CAST(1000000 AS BIGINT)))")
        }
        (from, Type::Timestamp) if from.is_real() => {
            format!("TRY(make_timestamp(CAST(trunc({of} * 1000000) AS BIGINT)))")
        }
        _ => format!("TRY_CAST({of} AS {name})"),
    }
}

/// The cast of a value.
pub fn evaluate(from: &Type, to: &Type, of: &Value) -> Value {
    if from == to {
        return of.clone();
    }
    convert(from, to, of).unwrap_or_default()
}

fn convert(from: &Type, to: &Type, of: &Value) -> Option<Value> {
    match (of, to) {
        (Value::Null, _) => None,
        (Value::Bool(b), Type::Text) => Some(Value::Text(b.to_string().into())),
        (Value::Bool(b), to) if to.is_real() => Some(Value::Real(f64::from(u8::from(*b)))),
        (Value::Bool(b), _) => Some(Value::Int(i64::from(*b))),
        (Value::Text(text), to) => of_text(text, to),
        (Value::Bytes(bytes), _) => Some(Value::Text(std::str::from_utf8(bytes).ok()?.into())),
        (Value::Int(i), to) => of_int(from, *i, to),
        (Value::Real(x), Type::Bool) => Some(Value::Bool(*x != 0.0)),
        (Value::Real(x), Type::Timestamp) => {
            let us = whole(*x * 1e6)?;
            date::time_in_range(us.div_euclid(1_000)).map(Value::Int)
        }
        (Value::Real(x), to) if to.is_real() => {
            let fitted = fitted(*x, to);
            (fitted.is_finite() || !x.is_finite()).then_some(Value::Real(fitted))
        }
        (Value::Real(x), to) => integer(whole(*x)?, to),
        _ => None,
    }
}

fn of_int(from: &Type, i: i64, to: &Type) -> Option<Value> {
    Some(match (from, to) {
        (Type::Date, Type::Text) => Value::Text(date::date_text(i).into()),
        (Type::Date, Type::Timestamp) => Value::Int(i * DAY_MS),
        (Type::Timestamp, Type::Text) => Value::Text(date::time_text(i).into()),
        (Type::Timestamp, Type::Date) => Value::Int(i.div_euclid(DAY_MS)),
        (Type::Timestamp, to) if to.is_real() => Value::Real(fitted(double(i) / 1e3, to)),
        (Type::Timestamp, to) => return integer(i.div_euclid(1_000), to),
        (_, Type::Text) => Value::Text(i.to_string().into()),
        (_, Type::Bool) => Value::Bool(i != 0),
        (_, Type::Timestamp) => return date::time_in_range(i.checked_mul(1_000)?).map(Value::Int),
        (_, to) if to.is_real() => Value::Real(fitted(double(i), to)),
        (_, to) => return integer(i, to),
    })
}

/// What a text is as a value of a type.
pub fn of_text(text: &str, to: &Type) -> Option<Value> {
    let trimmed = text.trim_matches(|c: char| c <= ' ');
    match to {
        Type::Bool => match trimmed.to_ascii_lowercase().as_str() {
            "t" | "true" | "y" | "yes" | "1" => Some(Value::Bool(true)),
            "f" | "false" | "n" | "no" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        Type::Date => date::date_of(text).map(Value::Int),
        Type::Timestamp => date::time_of(text).map(Value::Int),
        Type::Binary => Some(Value::Bytes(text.as_bytes().into())),
        to if to.is_real() => {
            let word = trimmed.to_ascii_lowercase();
            if matches!(word.as_str(), "nan" | "inf" | "-inf" | "infinity" | "-infinity") {
                return word.parse().ok().map(Value::Real);
            }
            let is_number = trimmed.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
            let x: f64 = trimmed.parse().ok().filter(|x: &f64| is_number && x.is_finite())?;
            convert(&Type::Double, to, &Value::Real(x))
        }
        to => {
            let (whole, fraction) = trimmed.split_once('.').unwrap_or((trimmed, ""));
            let is_number = fraction.bytes().all(|b| b.is_ascii_digit());
            integer(whole.parse().ok().filter(|_| is_number)?, to)
        }
    }
}

/// An integer, where it fits the type.
pub fn integer(i: i64, ty: &Type) -> Option<Value> {
    let fits = match ty {
        Type::Byte => i8::try_from(i).is_ok(),
        Type::Short => i16::try_from(i).is_ok(),
        Type::Int => i32::try_from(i).is_ok(),
        _ => true,
    };
    fits.then_some(Value::Int(i))
}

/// A number of the type: floats have 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "a float is the nearest one of 32 bits")]
pub fn fitted(x: f64, ty: &Type) -> f64 {
    if *ty == Type::Float { f64::from(x as f32) } else { x }
}

/// The integer part, where it fits.
#[expect(clippy::cast_possible_truncation, reason = "within the bounds that were checked")]
pub fn whole(x: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (-LIMIT..LIMIT).contains(&x).then_some(x.trunc() as i64)
}

/// The nearest double.
#[expect(clippy::cast_precision_loss, reason = "as Spark's own cast")]
pub const fn double(i: i64) -> f64 {
    i as f64
}
