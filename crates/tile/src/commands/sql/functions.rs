//! The kernels of the ClickHouse dialect, as the engine takes them.

use arrow_schema::{DataType, Field, TimeUnit};
use std::sync::Arc;
use tile_clicksql::kernels::{ALL, Arg};
use tile_duck::Function;

/// Every kernel.
pub fn all() -> Vec<Function> {
    ALL.iter()
        .copied()
        .flatten()
        .map(|kernel| Function {
            name: kernel.name,
            args: kernel.args.iter().map(|a| type_of(*a)).collect(),
            result: type_of(kernel.result),
            run: Arc::new(|columns| (kernel.run)(columns).map_err(|e| e.to_string())),
        })
        .collect()
}

fn type_of(arg: Arg) -> DataType {
    match arg {
        Arg::Bool => DataType::Boolean,
        Arg::I8 => DataType::Int8,
        Arg::I16 => DataType::Int16,
        Arg::I32 => DataType::Int32,
        Arg::I64 => DataType::Int64,
        Arg::U8 => DataType::UInt8,
        Arg::U16 => DataType::UInt16,
        Arg::U32 => DataType::UInt32,
        Arg::U64 => DataType::UInt64,
        Arg::F32 => DataType::Float32,
        Arg::F64 => DataType::Float64,
        Arg::Text => DataType::Utf8,
        Arg::Blob => DataType::Binary,
        Arg::Date => DataType::Date32,
        Arg::Micros => DataType::Timestamp(TimeUnit::Microsecond, None),
        Arg::ListText => list(DataType::Utf8),
        Arg::ListI64 => list(DataType::Int64),
        Arg::ListU64 => list(DataType::UInt64),
        Arg::ListF64 => list(DataType::Float64),
        Arg::ListMicros => list(DataType::Timestamp(TimeUnit::Microsecond, None)),
    }
}

fn list(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, true)))
}
