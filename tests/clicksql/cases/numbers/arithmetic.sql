# Every pair of numeric types: the type of the result and what happens at the extremes.
@let A i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 d92 d184 b
@let B i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 d92 d184 b
@tags ordered maybe
SELECT id, {A} + {B} AS p, {A} - {B} AS m FROM nums ORDER BY id
SELECT id, {A} * {B} AS t FROM nums ORDER BY id
SELECT id, {A} / {B} AS q FROM nums ORDER BY id
