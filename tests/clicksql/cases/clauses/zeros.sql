# Hash tables tell the two zeros apart, and know NaN.
SELECT x, count(), groupArray(k) FROM (SELECT arrayJoin([(0., 1), (-0., 2), (nan, 3), (1., 4), (0., 5), (nan, 6)]) AS p, p.1 AS x, p.2 AS k) GROUP BY x
SELECT toFloat32(x) AS y, k % 2 AS p, count() FROM (SELECT arrayJoin([(0., 1), (-0., 2), (nan, 3), (1., 4), (0., 5)]) AS p, p.1 AS x, p.2 AS k) GROUP BY y, p
SELECT DISTINCT x FROM (SELECT arrayJoin([0., -0., nan, nan, 1., -0., 0.]) AS x)
SELECT DISTINCT x, 1 AS y FROM (SELECT arrayJoin([0., -0., nan, nan, 1., -0., 0.]) AS x) ORDER BY y
SELECT DISTINCT ON (x) x FROM (SELECT arrayJoin([0., -0., 1., -0., 0.]) AS x)
SELECT uniqExact(x), uniq(x), count(DISTINCT x), uniqCombined(x), uniqHLL12(x), uniqExact(x, k), uniqIf(x, k > 0), length(groupUniqArray(x)) FROM (SELECT arrayJoin([(0., 1), (-0., 1), (nan, 1), (1., 1), (0., 0), (-0., 0)]) AS p, p.1 AS x, p.2 AS k)
SELECT uniqExactMerge(s), uniqMerge(u) FROM (SELECT k, uniqExactState(x) AS s, uniqState(toFloat32(x)) AS u FROM (SELECT arrayJoin([(0., 1), (-0., 1), (nan, 1), (1., 2), (0., 2), (-0., 2)]) AS p, p.1 AS x, p.2 AS k) GROUP BY k)
SELECT k FROM (SELECT arrayJoin([(0., 1), (-0., 2), (nan, 3), (1., 4), (0., 5), (nan, 6)]) AS p, p.1 AS x, p.2 AS k) ORDER BY k LIMIT 1 BY x ;; ordered
SELECT x FROM (SELECT arrayJoin([0., -0., nan]) AS x) UNION DISTINCT SELECT 0.
SELECT x FROM (SELECT arrayJoin([0., -0., nan]) AS x) INTERSECT SELECT 0.
SELECT x FROM (SELECT arrayJoin([0., -0., nan]) AS x) EXCEPT SELECT 0.
SELECT toString(x), x IN (0), x IN (0., 1), x IN (-0., 1), x IN (nan), x NOT IN (nan, 0), x IN (SELECT 0.) AS a, x IN (SELECT -0.) AS b, x IN (SELECT nan) AS c, x IN (SELECT 0) AS d FROM (SELECT arrayJoin([0., -0., nan, 1.]) AS x)
SELECT toString(x), CASE x WHEN 0 THEN 'z' WHEN 1 THEN 'o' ELSE '?' END, CASE x WHEN 0 THEN x ELSE 1 END, CASE x WHEN -0. THEN 'm' ELSE '?' END FROM (SELECT arrayJoin([0., -0., 1.]) AS x)
