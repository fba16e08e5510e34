@from nums
@let A i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 d92 d184 b ni32 nf64 nd nb
= toString({A})
= concat({A}, '') ;; maybe
@from strs
@let S s ns lc nlc e
= toString({S})
@from dates
@let D d d32 dt dt3 dt6 nd ndt
= toString({D})
@from dst
@let Z u be ny be3
= toString({Z})
= toString({Z}, 'Asia/Tokyo')
@from arrs
@let R ai as an af aa ad al m ms t nt
= toString({R})
@from misc
= toString(u)
= toString(nu)
= toString(e8)
= toString(e16)
? toString(NULL)
? toString([1, 2])
? toString(['a', 'b\'c'])
? toString((1, 'a'))
? toString(map('a', 1))
? toString(toIntervalDay(3))
? toString(now()) = toString(now()) ;; maybe
? toTypeName(toString(toLowCardinality(1))) ;; maybe
? toTypeName(toString(toLowCardinality('a')))
= CAST({R} AS String)
? toString([1.5, nan, inf, -0.0])
? toString([NULL, 'a\\b\t\n\0'])
? toString([true, false])
? toString((1, 'x', NULL, [toDate('2024-01-01')]))
? toString(tuple(1))
? toString(map('k', (1, 'x'), 'l', (2, 'y')))
? toString([toDateTime('2024-01-01 00:00:00')])
? toString([toUUID('00000000-0000-0000-0000-000000000001')])
? toString([toIPv4('1.2.3.4')])
? toString([toFixedString('ab', 3)])
? toString([toDecimal64(1.50, 2)])
? toString([[], [1]])
? toString(toNullable(1)) ;; maybe
? concat('a', [1, 2]) ;; maybe
? concat((1, 2), 'x') ;; maybe
