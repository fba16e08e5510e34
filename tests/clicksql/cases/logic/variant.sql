@from nums
@let A i8 i64 u64 f64 d92 b
@let B -1 1.5 'x' u64 i64 f32
= if(id > 4, {A}, {B}) ;; maybe
= toTypeName(if(id > 4, {A}, {B})) ;; maybe
= toString(if(id > 4, {A}, {B})) ;; maybe
= multiIf(id = 1, {A}, id = 2, {B}, id = 3, NULL, 0) ;; maybe
= CASE WHEN id > 4 THEN {A} ELSE {B} END ;; maybe
= ifNull(nu64, {B}) ;; maybe
= coalesce(ni8, nu64, {B}) ;; maybe
@from small
= if(id > 4, u64, -1)
= if(id > 4, u64, -1) = 3
= if(id > 4, u64, -1) > 0
= if(id > 4, u64, -1) + 1
= if(id > 4, u64, -1) * i8 ;; maybe
= round(if(id > 4, u64, -1)) ;; maybe
= abs(if(id > 4, u64, -1))
= -if(id > 4, u64, -1)
= if(id > 4, u64, -1) / 2 ;; maybe
= toInt64(if(id > 4, u64, -1))
= toFloat64(if(id > 4, u64, f64))
= if(id > 4, u64, -1)::String
= if(id > 4, u64, -1)::Int64
= isNull(if(id > 4, u64, n))
= if(id > 4, u64, n) IS NOT NULL
= [if(id > 4, u64, -1), 1] ;; maybe
= (if(id > 4, u64, -1), 1)
= map('a', u64, 'b', -1)
= [u64, -1]
= [u64, i64]
= [f64, u64]
= length([u64, -1])
= [u64, -1][1]
= if(id > 4, arr, s)
= if(id > 4, d, s)
= if(id > 4, s, 0)
= if(id > 4, ns, n)
= concat(if(id > 4, s, 1), '!')
= length(if(id > 4, arr, s))
= toJSONString(if(id > 4, s, 1)) ;; maybe
= if(id > 4, u64, -1) IN (1, 2) ;; maybe
= arrayMap(v -> if(v > 1, v, 'a'), arr)
SELECT count(if(id > 4, u64, -1)), any(toString(if(id > 4, u64, -1))) FROM small
SELECT groupArray(if(id > 4, u64, -1)) FROM (SELECT * FROM small ORDER BY id)
SELECT DISTINCT if(id > 4, u64, -1) AS x FROM small
SELECT id FROM small WHERE if(id > 4, u64, -1) > 2
SELECT sum(toInt64(if(id > 4, u64, -1))) FROM small
SELECT u64 AS x FROM small UNION ALL SELECT -1
SELECT u64 AS x FROM small UNION ALL SELECT s FROM small UNION ALL SELECT NULL
SELECT g, if(count() > 2, count(), 0.5) AS x FROM small GROUP BY g
SELECT sum(if(id > 4, u64, -1)) FROM small ;; error
SELECT min(if(id > 4, u64, -1)) FROM small ;; error
SELECT if(id > 4, u64, -1) AS x FROM small ORDER BY x ;; error
SELECT if(id > 4, u64, -1) AS x, count() FROM small GROUP BY x ;; error
SELECT nullIf(if(id > 4, u64, -1), 1) FROM small ;; error
SELECT least(if(id > 4, u64, -1), 1) FROM small ;; error
SELECT CASE id WHEN 1 THEN 'a' ELSE 2 END FROM small ;; error
? [1, 'a'] ;; error
? [1.5, 5::UInt64]
? toTypeName([today(), 1])
? toTypeName(if(1, toDate('2024-01-01'), 0))
? toString(multiIf(0, 'x', 0, -1, NULL)) ;; maybe
