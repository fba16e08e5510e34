# Overflow wraps; NaN and infinities.
@let T i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 d92 d184 b ni8 ni32 nu64 nf64 nd nb
@let F sum avg min max any anyLast count uniqExact sumWithOverflow
SELECT {F}({T}) AS r FROM nums
SELECT toString({F}({T})) AS r FROM nums
SELECT id % 2 AS g, {F}({T}) AS r FROM nums GROUP BY g ORDER BY g ;; ordered
SELECT toTypeName({F}({T})) AS r FROM nums LIMIT 1
