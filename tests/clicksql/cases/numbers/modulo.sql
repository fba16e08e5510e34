@let A i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 d92
@let B i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 d92
@from small
= {A} % {B} ;; maybe
@let N ni8 ni32 nu64 nf64
@from nums
= {N} % 7
= 7 % (toInt32(u8) + 1)
= modulo({N}, 3)
= moduloOrZero(i32, i8)
= positiveModulo(i32, 7)
? -7 % 3
? 7 % -3
? -7.5 % 2
? 5.5 % 0.5
? 5 % 0 ;; error
? 5 % NULL
? 18446744073709551615 % 10
