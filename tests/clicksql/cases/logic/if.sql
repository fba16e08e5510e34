# Common types of two branches, for every pair.
@let A i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 d92 b ni32 nu64 nf64
@let B i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 d184 b ni8 nf64
@from nums
= if(u8 % 2, {A}, {B}) ;; maybe
= if({A} > 0, 'pos', 'neg')
= if({A} > 0, {A}, NULL)
= if({A}, 1, 0) ;; maybe
@from strs
@let S s ns lc nlc fs e p
@let R s ns lc nlc fs
= if(n > 0, {S}, {R}) ;; maybe
= if(n > 0, {S}, '') ;; maybe
= if(n > 0, NULL, {S})
@from dates
@let D d d32 dt dt3 dt6 nd ndt
@let E d d32 dt dt3 nd ndt
= if(n > 0, {D}, {E}) ;; maybe
= if(n > 0, {D}, NULL)
? if(1, 2, 3)
? if(0, 2, 3.5)
? if(NULL, 2, 3)
? if(1, NULL, NULL)
? if(1, [1], [])
? if(1, [1], ['a']) ;; maybe
? if(0, 'a', 1) ;; maybe
? if(1, 1, -1)
? if(1, 255, -1)
? if(1, 1, 256)
? if(1, 'a', NULL)
? if(1 > 2, today(), yesterday()) = yesterday()
? 1 ? 2 : 3
? 1 = 2 ? 'a' : 'b'
? toTypeName(if(1, 1, 2.5))
? toTypeName(if(materialize(1), toDate('2024-01-01'), toDateTime('2024-01-01 00:00:00')))
? if(materialize(1), (1, 'a'), (2, 'b'))
? if(materialize(0), map('a', 1), map('b', 2))
# Conditions that are known before the query runs.
SELECT toTypeName(concat(lc, if(0, lc, 'x'))), toTypeName(concat(lc, if(1, lc, 'x'))), toTypeName(if(s IS NOT NULL, 'a', 'b') < lc), toTypeName(if(s IS NULL, s, 'b') < lc), toTypeName(lc || if('a' = 'b', s, 'c')), toTypeName(lc || if(not(1 > 2), 'c', s)) FROM strs LIMIT 1
SELECT if(0, s, 'a') AS g, if(1, 'b', ns) AS h, 1 OR id AS i, 0 AND id AS j, count() FROM strs GROUP BY g, h, i, j
SELECT if(1 = 2, id, id + 1) AS a, multiIf('a' < 'b', id, 0) AS b, CASE WHEN 1 != 1 THEN id END AS c, if(NULL, id, 7) AS d FROM strs ORDER BY id ;; ordered
