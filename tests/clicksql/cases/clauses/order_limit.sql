@tags ordered
@let T i8 i64 u8 f32 f64 d92 b ni32 nf64 nd nb
SELECT id, {T} FROM nums ORDER BY {T}, id
SELECT id, {T} FROM nums ORDER BY {T} DESC, id
SELECT id, {T} FROM nums ORDER BY {T} ASC NULLS FIRST, id
SELECT id, {T} FROM nums ORDER BY {T} DESC NULLS FIRST, id DESC
SELECT id, {T} FROM nums ORDER BY {T} NULLS LAST, id LIMIT 3
@let S s ns lc nlc fs e
SELECT id, {S} FROM strs ORDER BY {S}, id
SELECT id, {S} FROM strs ORDER BY {S} DESC NULLS FIRST, id
SELECT id, {S} FROM strs ORDER BY length({S}) DESC, id LIMIT 4 ;; maybe
SELECT id, s FROM strs ORDER BY s COLLATE 'en', id ;; maybe
@let D d d32 dt dt3 nd ndt
SELECT id, {D} FROM dates ORDER BY {D}, id
SELECT id, {D} FROM dates ORDER BY {D} DESC, id LIMIT 5
@let A ai as an af aa t nt
SELECT id, {A} FROM arrs ORDER BY {A}, id
SELECT id, {A} FROM arrs ORDER BY {A} DESC, id
SELECT id FROM small ORDER BY id LIMIT 3
SELECT id FROM small ORDER BY id LIMIT 3 OFFSET 2
SELECT id FROM small ORDER BY id LIMIT 2, 3
SELECT id FROM small ORDER BY id OFFSET 10
SELECT id FROM small ORDER BY id OFFSET 10 ROWS FETCH NEXT 1 ROWS ONLY
SELECT id FROM small ORDER BY id LIMIT 0
SELECT id FROM small ORDER BY id LIMIT 100 OFFSET 11
SELECT id FROM small ORDER BY id LIMIT 3 OFFSET 100
SELECT id FROM small ORDER BY id LIMIT 1 + 1
SELECT id FROM small ORDER BY id LIMIT -2 ;; maybe
SELECT id FROM small ORDER BY id LIMIT 0.5 ;; maybe
SELECT k FROM small ORDER BY k LIMIT 3 WITH TIES
SELECT id FROM small ORDER BY -id
SELECT id FROM small ORDER BY k DESC, h, id
SELECT id, k * 2 AS z FROM small ORDER BY z DESC, id
SELECT id, -k AS k FROM small ORDER BY k, id
SELECT id, g FROM small ORDER BY 2, 1 DESC
SELECT * FROM small ORDER BY ALL
SELECT g, id FROM small ORDER BY ALL
SELECT g FROM small ORDER BY id
SELECT g, count() FROM small GROUP BY g ORDER BY max(id)
SELECT id FROM small ORDER BY (g, id)
SELECT id FROM small ORDER BY g = 'b' DESC, id
SELECT id FROM small ORDER BY if(g = 'b', 0, 1), id
SELECT id FROM small ORDER BY nope ;; error
SELECT id FROM (SELECT id FROM small ORDER BY id DESC LIMIT 3) ORDER BY id
SELECT id FROM small s ORDER BY s.id LIMIT 2
SELECT TOP 2 id FROM small ORDER BY id
SELECT id, {A} FROM arrs ORDER BY {A} NULLS FIRST, id
SELECT id, {A} FROM arrs ORDER BY {A} DESC NULLS FIRST, id
SELECT id, {A} FROM arrs ORDER BY (i, {A}) DESC, id
SELECT id, m FROM arrs ORDER BY m, id
SELECT id, toString(x) FROM (SELECT number AS id, [[1, nan], [1], [nan, 2], [1, NULL], [], [NULL]][number + 1] AS x FROM numbers(6)) ORDER BY x, id
SELECT id, toString(x) FROM (SELECT number AS id, [[1, nan], [1], [nan, 2], [1, NULL], [], [NULL]][number + 1] AS x FROM numbers(6)) ORDER BY x DESC, id
SELECT id, toString(x) FROM (SELECT number AS id, [[1, nan], [1], [nan, 2], [1, NULL], [], [NULL]][number + 1] AS x FROM numbers(6)) ORDER BY x DESC NULLS FIRST, id
SELECT toIPv6(arrayJoin(['::2', '::10', 'ff::', '1.2.3.4'])) AS x ORDER BY x
SELECT id FROM small ORDER BY id LIMIT 0.25
SELECT id FROM small ORDER BY id LIMIT 1 / 3
SELECT id FROM small ORDER BY id DESC LIMIT 0.3 OFFSET 2
SELECT id FROM small ORDER BY id LIMIT toInt32('4') / 2
SELECT id FROM small ORDER BY id LIMIT toInt32('1') / 2
SELECT id FROM small ORDER BY id LIMIT 2.0
SELECT id FROM small ORDER BY id LIMIT 1.5 ;; error
SELECT k, id FROM small ORDER BY id LIMIT 1 BY k LIMIT 0.5
SELECT DISTINCT k FROM small ORDER BY k LIMIT 0.5
