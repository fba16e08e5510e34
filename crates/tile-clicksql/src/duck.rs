//! ClickHouse's types and values in DuckDB's words.

use crate::error::{Code, Result, SqlError};
use crate::types::Type;

/// A name for DuckDB.
pub fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A text literal for DuckDB.
pub fn text(value: &str) -> String {
    let quoted = format!("'{}'", value.replace('\'', "''"));
    // No text of a statement may hold a NUL.
    if value.contains('\0') { format!("({})", quoted.replace('\0', "' || chr(0) || '")) } else { quoted }
}

/// The DuckDB type that values of a ClickHouse type rest in.
///
/// # Errors
/// `Unsupported` for 256 bits.
pub fn type_of(ty: &Type) -> Result<String> {
    let word = match ty {
        Type::Nothing | Type::UInt(8) => "UTINYINT",
        Type::Bool => "BOOLEAN",
        Type::UInt(16) => "USMALLINT",
        Type::UInt(32) | Type::Ipv4 => "UINTEGER",
        Type::UInt(64) => "UBIGINT",
        Type::UInt(128) => "UHUGEINT",
        Type::Int(8) => "TINYINT",
        Type::Int(16) => "SMALLINT",
        Type::Int(32) => "INTEGER",
        Type::Int(64) | Type::Interval(_) => "BIGINT",
        Type::Int(128) => "HUGEINT",
        Type::Float32 => "FLOAT",
        Type::Float64 => "DOUBLE",
        Type::String | Type::FixedString(_) | Type::Enum(..) | Type::Ipv6 | Type::Json | Type::Dynamic => {
            "VARCHAR"
        }
        Type::Date | Type::Date32 => "DATE",
        Type::DateTime(_) => "TIMESTAMP",
        ty if ty.is_nanos() => "TIMESTAMP_NS",
        Type::DateTime64(..) => "TIMESTAMP",
        Type::Uuid => "UUID",
        Type::Decimal(p, s) if *p <= 38 => return Ok(format!("DECIMAL({p}, {s})")),
        Type::Array(item) => return Ok(format!("{}[]", type_of(item)?)),
        Type::Tuple(elements) => {
            let fields = elements.iter().enumerate();
            let fields = fields.map(|(i, (_, t))| type_of(t).map(|t| format!("\"{}\" {t}", i + 1)));
            return Ok(format!("STRUCT({})", fields.collect::<Result<Vec<_>>>()?.join(", ")));
        }
        Type::Variant(all) => {
            let fields = all.iter().enumerate();
            let fields = fields.map(|(i, t)| type_of(t).map(|t| format!("\"{}\" {t}", i + 1)));
            return Ok(format!("STRUCT({})", fields.collect::<Result<Vec<_>>>()?.join(", ")));
        }
        Type::Map(k, v) => return Ok(format!("MAP({}, {})", type_of(k)?, type_of(v)?)),
        Type::Nullable(inner) | Type::LowCardinality(inner) => return type_of(inner),
        Type::SimpleAggregateFunction(state) => {
            return state.args.first().map_or_else(|| Err(unsupported(ty)), type_of);
        }
        Type::AggregateFunction(state) => return crate::aggregates::state_type(state),
        _ => return Err(unsupported(ty)),
    };
    Ok(word.to_owned())
}

fn unsupported(ty: &Type) -> SqlError {
    SqlError::new(Code::Unsupported, format!("values of the type `{ty}` are not supported"))
}

/// The value that stands where there is none.
pub fn default_of(ty: &Type) -> Result<String> {
    Ok(match ty {
        Type::Nullable(_) | Type::Nothing => format!("CAST(NULL AS {})", type_of(ty)?),
        Type::LowCardinality(inner) => return default_of(inner),
        Type::Bool => "false".into(),
        Type::UInt(_)
        | Type::Int(_)
        | Type::Float32
        | Type::Float64
        | Type::Decimal(..)
        | Type::Ipv4
        | Type::Interval(_) => {
            format!("CAST(0 AS {})", type_of(ty)?)
        }
        Type::String => "''".into(),
        Type::FixedString(n) => format!("repeat(chr(0), {n})"),
        Type::Date | Type::Date32 => "DATE '1970-01-01'".into(),
        ty if ty.is_nanos() => "make_timestamp_ns(0)".into(),
        Type::DateTime(_) | Type::DateTime64(..) => "TIMESTAMP '1970-01-01 00:00:00'".into(),
        Type::Uuid => "CAST('00000000-0000-0000-0000-000000000000' AS UUID)".into(),
        Type::Ipv6 => "'::'".into(),
        Type::Enum(_, names) => text(names.first().map_or("", |(n, _)| n)),
        Type::Json => "'{}'".into(),
        Type::Dynamic => "'null'".into(),
        Type::Array(_) => format!("CAST([] AS {})", type_of(ty)?),
        Type::Map(..) => format!("CAST(MAP {{}} AS {})", type_of(ty)?),
        Type::Tuple(elements) => {
            let items = elements.iter().enumerate();
            let items = items.map(|(i, (_, t))| default_of(t).map(|d| format!("\"{}\" := {d}", i + 1)));
            format!("struct_pack({})", items.collect::<Result<Vec<_>>>()?.join(", "))
        }
        Type::SimpleAggregateFunction(state) => {
            return state.args.first().map_or_else(|| Err(unsupported(ty)), default_of);
        }
        Type::AggregateFunction(_) | Type::Variant(_) => format!("CAST(NULL AS {})", type_of(ty)?),
    })
}

/// `sql` where it is not NULL, else the type's default; types that have NULL keep it.
pub fn or_default(sql: String, ty: &Type) -> Result<String> {
    if ty.is_nullable() { Ok(sql) } else { Ok(format!("coalesce({sql}, {})", default_of(ty)?)) }
}
