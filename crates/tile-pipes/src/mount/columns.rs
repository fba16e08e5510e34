//! ClickHouse's types as tables of the catalog have them: numbers, text, dates and times as every Arrow reader knows them.

use arrow_schema::{DataType, Field, Fields, TimeUnit};
use std::sync::Arc;
use tile_clicksql::types::Type;

/// A type twice: the engine's, to which values are cast, and Arrow's, in which they then come. What has no form of its own is text.
pub struct Form {
    pub engine: String,
    pub arrow: DataType,
}

fn plain(engine: &str, arrow: DataType) -> Form {
    Form { engine: engine.to_owned(), arrow }
}

pub fn form(ty: &Type) -> Form {
    match ty {
        Type::Nullable(inner) | Type::LowCardinality(inner) => form(inner),
        Type::Bool => plain("BOOLEAN", DataType::Boolean),
        Type::UInt(8) => plain("UTINYINT", DataType::UInt8),
        Type::UInt(16) => plain("USMALLINT", DataType::UInt16),
        Type::UInt(32) => plain("UINTEGER", DataType::UInt32),
        Type::UInt(64) => plain("UBIGINT", DataType::UInt64),
        Type::Int(8) => plain("TINYINT", DataType::Int8),
        Type::Int(16) => plain("SMALLINT", DataType::Int16),
        Type::Int(32) => plain("INTEGER", DataType::Int32),
        Type::Int(64) | Type::Interval(_) => plain("BIGINT", DataType::Int64),
        Type::Float32 => plain("FLOAT", DataType::Float32),
        Type::Float64 => plain("DOUBLE", DataType::Float64),
        Type::Decimal(digits @ 1..=38, scale) => {
            let arrow = DataType::Decimal128(*digits, i8::try_from(*scale).unwrap_or(0));
            Form { engine: format!("DECIMAL({digits}, {scale})"), arrow }
        }
        Type::Date | Type::Date32 => plain("DATE", DataType::Date32),
        ty if ty.is_nanos() => plain("TIMESTAMP_NS", DataType::Timestamp(TimeUnit::Nanosecond, None)),
        Type::DateTime(_) | Type::DateTime64(..) => {
            plain("TIMESTAMP", DataType::Timestamp(TimeUnit::Microsecond, None))
        }
        Type::Array(item) => list(form(item)),
        Type::Tuple(elements) => tuple(elements),
        Type::SimpleAggregateFunction(state) => state.args.first().map_or_else(|| form(&Type::String), form),
        _ => plain("VARCHAR", DataType::Utf8),
    }
}

/// A list of items of a form.
pub fn list(item: Form) -> Form {
    let arrow = DataType::List(Arc::new(Field::new("item", item.arrow, true)));
    Form { engine: format!("{}[]", item.engine), arrow }
}

fn tuple(elements: &[(Option<String>, Type)]) -> Form {
    let forms: Vec<Form> = elements.iter().map(|(_, ty)| form(ty)).collect();
    // The engine has numbers for names.
    let engine: Vec<String> =
        forms.iter().enumerate().map(|(i, f)| format!("\"{}\" {}", i + 1, f.engine)).collect();
    let fields: Fields =
        forms.into_iter().enumerate().map(|(i, f)| Field::new((i + 1).to_string(), f.arrow, true)).collect();
    Form { engine: format!("STRUCT({})", engine.join(", ")), arrow: DataType::Struct(fields) }
}

/// Bytes that a value takes, roughly.
pub fn width_bytes(arrow: &DataType) -> usize {
    match arrow {
        DataType::Struct(fields) => fields.iter().map(|f| width_bytes(f.data_type())).sum(),
        other => other.primitive_width().unwrap_or(32),
    }
}

/// How a column is selected from its data source, in ClickHouse's SQL: states as what they stand for, addresses as text.
pub fn selected(name: &str, ty: &Type) -> String {
    let quoted = crate::workspace::resources::backticked(name);
    match ty {
        Type::AggregateFunction(_) => format!("finalizeAggregation({quoted}) AS {quoted}"),
        ty if matches!(ty.plain(), Type::Ipv4) => format!("toString({quoted}) AS {quoted}"),
        _ => quoted,
    }
}
