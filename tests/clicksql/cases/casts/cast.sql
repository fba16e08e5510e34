# Every column type to every basic type; what ClickHouse refuses for a value is refused for all its rows.
@from small
@let C i8 i32 i64 u8 u16 u64 f32 f64 d92 d184 b n nf nd d t nt s ns
@let T Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64 Float32 Float64 Decimal(9,2) Decimal(18,4) Bool String Date Date32 DateTime DateTime64(3) UUID
@tags maybe
= CAST({C} AS {T})
@let N Nullable(Int8) Nullable(UInt32) Nullable(Float64) Nullable(String) Nullable(Date) Nullable(DateTime) LowCardinality(String) LowCardinality(Nullable(String)) FixedString(30)
= CAST({C}, '{N}')
