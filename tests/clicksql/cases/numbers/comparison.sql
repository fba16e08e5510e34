# Comparison of every pair, signed with unsigned and integer with float by value.
@let A i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 d92 d184 ni32
@let B i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 d92 d184 nf64
@tags ordered maybe
SELECT id, {A} = {B} AS e, {A} != {B} AS n, {A} < {B} AS l, {A} <= {B} AS le, {A} > {B} AS g, {A} >= {B} AS ge FROM nums ORDER BY id
@tags
@from nums
= i64 = u64
= i32 < u32
? -1 < toUInt64(18446744073709551615)
? toInt64(-1) = toUInt64(18446744073709551615)
? toFloat32(0.1) = toFloat64(0.1)
? toFloat32(0.5) = 0.5
? 0/0 = 0/0
? 0/0 != 0/0
? 1/0 > 1e308
? NULL = NULL
? 1 <=> NULL
? NULL <=> NULL
= ni32 <=> nf64
= ni32 IS DISTINCT FROM i32
= ni32 IS NOT DISTINCT FROM i32
? 'a' < 'B'
? 'a' = 'a '
? (1, 'a') < (1, 'b')
? (1, 2) = (1, 2)
? [1, 2] < [1, 3]
? [1, 2] = [1, 2]
? 1 == 1
? 1 <> 2
? equals(1, 1)
? notEquals(1, 2)
? less(1, 2)
? greater(1, 2)
? lessOrEquals(1, 1)
? greaterOrEquals(1, 2)
@from dates
@let O = != < >= >
= dt {O} 951827696
= dt {O} n
= dt {O} 951827696.5
= dt3 {O} 951827696
= dt3 {O} 951827696.789
= ndt {O} id
= toUnixTimestamp(dt) {O} dt
? toDate('2024-01-15') {O} 19737 ;; error
? toIPv4('1.2.3.4') {O} 16909060
? toDateTime('2024-01-15 12:34:56') BETWEEN 1 AND 1705322096
