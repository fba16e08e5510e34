@from arrs
@let A ai as an ad al
SELECT id, arrayJoin({A}) AS r FROM arrs ORDER BY id, r ;; ordered
SELECT id, r FROM arrs ARRAY JOIN {A} AS r ORDER BY id, r ;; ordered
SELECT id, r FROM arrs LEFT ARRAY JOIN {A} AS r ORDER BY id, r ;; ordered
SELECT id, {A} FROM arrs ARRAY JOIN {A} ORDER BY id, {A} ;; ordered
SELECT arrayJoin({A}) AS r, count() FROM arrs GROUP BY r ORDER BY r ;; ordered
SELECT arrayJoin([1, 2, 3]) AS r ORDER BY r ;; ordered
SELECT arrayJoin([1, 2]) AS a, arrayJoin([10, 20]) AS b ORDER BY a, b ;; ordered
SELECT arrayJoin([1, 2]) + arrayJoin([1, 2]) AS a ORDER BY a ;; ordered
SELECT arrayJoin([1, 2]) AS a, a * 2 AS b ORDER BY a ;; ordered
SELECT arrayJoin([]) AS a ;; error
SELECT arrayJoin([NULL, 1]) AS a
SELECT arrayJoin(['a', 'b']) AS a, count() GROUP BY a ORDER BY a ;; ordered
SELECT sum(arrayJoin([1, 2, 3]))
SELECT arrayJoin(range(5)) AS n WHERE n > 2
SELECT id, arrayJoin(ai) AS r FROM arrs WHERE r > 1 ORDER BY id, r ;; ordered
SELECT id, arrayJoin(arrayZip(ai, arrayEnumerate(ai))) AS z, z.1 AS v, z.2 AS k FROM arrs ORDER BY id, k ;; ordered
SELECT id, v, k FROM arrs ARRAY JOIN ai AS v, arrayEnumerate(ai) AS k ORDER BY id, k ;; ordered
SELECT id, v, k FROM arrs LEFT ARRAY JOIN ai AS v, arrayEnumerate(ai) AS k ORDER BY id, k ;; ordered
SELECT id, v, ai FROM arrs ARRAY JOIN ai AS v WHERE v > 1 ORDER BY id, v ;; ordered
SELECT id, sum(v) FROM arrs ARRAY JOIN ai AS v GROUP BY id ORDER BY id ;; ordered
SELECT id, v FROM arrs ARRAY JOIN [1, 2] AS v ORDER BY id, v ;; ordered
SELECT id, v, u FROM arrs ARRAY JOIN ai AS v ARRAY JOIN aa AS u ORDER BY id, v, u ;; ordered maybe
SELECT id, arrayJoin(arrayJoin(aa)) AS r FROM arrs ORDER BY id, r ;; ordered
SELECT id, arrayJoin(splitByChar(',', w)) AS r FROM arrs ORDER BY id, r ;; ordered
SELECT id, arrayJoin(arrayMap(v -> v * 2, ai)) AS r FROM arrs ORDER BY id, r ;; ordered
SELECT count() FROM arrs ARRAY JOIN ai
SELECT id, v FROM (SELECT id, groupArray(k) AS ks FROM small GROUP BY id) ARRAY JOIN ks AS v ORDER BY id ;; ordered
SELECT id, a.1 AS p, a.2 AS q FROM arrs ARRAY JOIN [(1, 'x'), (2, 'y')] AS a ORDER BY id, p ;; ordered
SELECT id, v, w FROM arrs ARRAY JOIN ai AS v, as AS s2 ORDER BY id
