@from nums
@let A ni8 ni32 nu64 nf64 nd nb
@let B i8 u64 f64 ni32 nf64 0 -1 1.5 NULL
= coalesce({A}, {B}) ;; maybe
= ifNull({A}, {B}) ;; maybe
@from strs
= coalesce(ns, s)
= coalesce(ns, nlc)
= coalesce(nlc, ns, '?')
= coalesce(nlc, lc)
= coalesce(NULL, ns)
= coalesce(s, ns)
= ifNull(ns, '')
= ifNull(nlc, 'none')
= ifNull(s, 'x')
@from dates
= coalesce(nd, d)
= coalesce(ndt, dt)
= coalesce(nd, toDate('2000-01-01'))
= ifNull(ndt, toDateTime('2000-01-01 00:00:00'))
= coalesce(ndt, nd) ;; maybe
? coalesce(NULL, NULL)
? coalesce(NULL, 1)
? coalesce(NULL, NULL, 'a', 'b')
? coalesce(1, 2)
? coalesce()
? ifNull(NULL, 1)
? ifNull(1, NULL)
? ifNull(NULL, 'a')
? toTypeName(coalesce(toNullable(1), 2))
? toTypeName(coalesce(toNullable(1), toNullable(2.5)))
? toTypeName(ifNull(toNullable(toUInt8(1)), -1))
