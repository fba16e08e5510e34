@let T Float32 Float64
@from texts
= to{T}(dec)
= to{T}OrZero(num)
= to{T}OrNull(num)
= toString(to{T}OrNull(num))
= to{T}OrNull(nn)
= to{T}OrZero(nn)
@let L '12' | '-5.5' | '+5' | ' 5' | '5 ' | '' | 'x' | '1.5' | '1e2' | '1e400' | '.5' | '5.' | 'inf' | '-inf' | 'nan' | 'Infinity' | '1,5' | '0x10'
? to{T}OrNull({L})
? toString(to{T}OrZero({L}))
@from nums
@let C i8 i64 u64 f32 f64 d92 d184 ni32 nf64 b
= to{T}({C})
? toFloat64('1.5')
? toFloat64('abc') ;; error
? toFloat64(NULL)
? toFloat64(18446744073709551615)
? toFloat32(16777217)
? toFloat64(toDate('2024-01-01'))
? toFloat64(toDateTime64('2024-01-01 00:00:00.123', 3))
