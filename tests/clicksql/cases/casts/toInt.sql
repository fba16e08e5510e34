@let T Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64
@from texts
= to{T}(int)
= to{T}OrZero(num)
= to{T}OrNull(num)
= to{T}OrDefault(num, CAST(7 AS {T}))
= to{T}OrNull(nn)
= to{T}OrZero(nn)
@let L '12' | '-5' | '+5' | ' 5' | '5 ' | '' | 'x' | '1.5' | '1e2' | '0x10' | '007' | '٣'
? to{T}OrNull({L})
? to{T}OrZero({L})
? toInt32('abc') ;; error
? toInt32('') ;; error
? toInt32('1.9') ;; error
? toInt32(NULL)
? toInt32(2.7)
? toInt32(-2.7)
? toInt8(300)
? toUInt8(-1)
? toInt64('9223372036854775807')
? toUInt64('18446744073709551615')
? toInt32(toDate('2024-01-01'))
? toInt32(toDateTime('2024-01-01 00:00:00'))
? toInt64(toDateTime64('2024-01-01 00:00:00.999', 3))
? toUInt16(toDate('2024-01-01'))
? toInt32(true)
? toInt32(toDecimal32(2.9, 1))
? toInt32(-toDecimal32(2.9, 1))
@from small
@let C f32 f64 d92 d184 b d t s
= toInt32({C}) ;; maybe
= toUInt8({C}) ;; maybe
= toInt64({C}) ;; maybe
