@from nums
@let A i8 u64 f64 ni32 nf64 d92 b
= nullIf({A}, 1)
= nullIf({A}, NULL)
= nullIf({A}, u8)
@from strs
= nullIf(s, '')
= nullIf(ns, '')
= nullIf(lc, 'a')
= nullIf(nlc, 'a')
= nullIf(s, p)
= nullIf(fs, 'abc')
@from dates
= nullIf(d, toDate('1970-01-01'))
= nullIf(dt, toDateTime(0))
= nullIf(nd, d)
? nullIf(1, 1)
? nullIf(1, 2)
? nullIf('a', 'b')
? nullIf(NULL, 1)
? nullIf(0/0, 0/0)
? toTypeName(nullIf(1, 2))
