@from nums
@let A i8 i32 i64 u8 u32 f32 f64 d92 ni32 nf64 b
@let B i8 i64 u8 u64 f64 d184 nu64
= greatest({A}, {B}) ;; maybe
= least({A}, {B}) ;; maybe
= greatest({A}, 0)
= least({A}, 1.5) ;; maybe
? greatest(1, NULL)
? least(1, NULL)
? greatest(NULL, NULL)
? greatest(1, 2, 3)
? least(3, 2, 1)
? greatest('a', 'b')
? least('a', 'b', 'B')
? greatest(toDate('2024-01-01'), toDate('2024-01-02'))
? greatest(toDate('2024-01-01'), toDateTime('2024-01-01 10:00:00'))
? least(toDateTime('2024-01-01 10:00:00'), toDateTime('2023-01-01 10:00:00'))
? greatest(1, 'a') ;; error
? greatest(1, -1)
? greatest(1, 2.5)
? toTypeName(greatest(toUInt8(1), toInt16(2)))
? max2(1, 2)
? max2(-1, 2.5)
? min2(1, 2)
@from small
= max2(i8, f64)
= min2(u8, i32)
= greatest(i8, i16, i32)
= greatest(n, i8)
= least(n, nf, i8)
= greatest(s, ns)
= greatest(t, nt)
= least(d, toDate('2024-02-01'))
