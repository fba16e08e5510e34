# Half to even for floats; toward the even neighbour for integers with negative digits.
@from nums
@let T i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 d92 d184 ni32 nf64 nd
@let F round roundBankers floor ceil ceiling trunc truncate
= {F}({T})
= round({T}, 1)
= round({T}, -1)
= round({T}, -2)
= floor({T}, 1)
= ceil({T}, -1)
@from small
@let S f32 f64 nf d92 d184
= round({S}, 2)
= floor({S}, 2)
= ceil({S}, 1)
= round({S} * 100) / 100 ;; maybe
@let L 0.5 1.5 2.5 3.5 -0.5 -1.5 -2.5 0.125 0.375 2.675 1.005 1e15 1e300 4.5 1234.5678 -0.4
? round({L})
? round({L}, 2)
? roundBankers({L}, 1)
? floor({L})
? ceil({L})
? trunc({L})
? toString(round({L}))
? round(15, -1)
? round(25, -1)
? round(-25, -1)
? round(255, -2)
? round(NULL)
? round(toDecimal64(2.5, 1))
? round(toDecimal64(2.345, 3), 2)
? round(3)
? toTypeName(round(3))
? round(1/3, 4)
? round(2/3 * 100, 1)
? round(17.5)
@from small
= round(f64, toInt8(ceil(u8 / 4)))
= floor(f32, toInt8(u8 % 3))
