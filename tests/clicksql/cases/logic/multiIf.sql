@from nums
@let A i8 i64 u8 f32 ni32 d92
@let B u16 f64 nf64
= multiIf(u8 = 0, {A}, u8 > 100, {B}, 0) ;; maybe
= multiIf({A} < 0, 'neg', {A} = 0, 'zero', 'pos')
= multiIf({A} IS NULL, -1, {A} > 1, 1, NULL)
= multiIf({A} > 100, 1, {A} > 10, 2, {A} > 1, 3, 4)
@from strs
= multiIf(s = '', 'empty', n > 2, ns, lc)
= multiIf(n = 0, NULL, n = 1, s, NULL)
= multiIf(n < 0, lc, nlc)
? multiIf(0, 1, 2)
? multiIf(NULL, 1, 2)
? multiIf(NULL, 1, NULL, 2, 3)
? multiIf(1, 1, 2, 3, 4.5)
? multiIf(0, 'a', 1, 'b', 'c')
? multiIf(1, NULL, 2)
? multiIf(1, 2) ;; error
? toTypeName(multiIf(1, toUInt8(1), 0, toInt16(1), toUInt32(1)))
