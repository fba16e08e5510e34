# Integers wrap.
@from nums
@let C i8 i16 i32 i64 u8 u16 u32 u64 b
@let T Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64
= to{T}({C})
@let N ni8 ni32 nu64
= to{T}({N})
= CAST({N} AS Nullable({T}))
@let L 0 1 127 128 255 256 300 -1 -128 -129 65535 65536 2147483648 -2147483649 4294967296 18446744073709551615 2.7 -2.7 0.999 1e10 true NULL
? to{T}({L}) ;; maybe
