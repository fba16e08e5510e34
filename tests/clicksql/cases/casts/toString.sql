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
