# Stacks of combinators.
@tags approx=1e-12 maybe
@let F sum avg min max count any uniq uniqExact groupArray quantile stddevPop
# What depends on the order of groups is left out.
@let M sum avg min max count uniq uniqExact quantile stddevPop
SELECT {F}ForEach(arr) AS r FROM small
SELECT g, {F}ForEach(arr) AS r FROM small GROUP BY g ORDER BY g ;; ordered
SELECT {F}ForEachIf(arr, k > 2), {F}IfForEach(arr, arrayMap(x -> x > 1, arr)) FROM small
SELECT {F}Map(map(g, k, 'all', id)) AS r FROM small
SELECT {F}MapIf(map(g, k), k > 2) AS r FROM small
SELECT {F}Resample(0, 6, 2)(i32, k) AS r FROM small
SELECT {F}IfResample(-1, 9, 3)(i32, n > 1, k) AS r FROM small
SELECT {F}ArgMin(i32, k), {F}ArgMax(id, k) AS r FROM small
SELECT g, {F}IfArgMax(i32, k > 1, id) AS r FROM small GROUP BY g ORDER BY g ;; ordered
SELECT {F}ArrayOrNull(arr), {F}ArrayOrDefault(arr) FROM small WHERE 0
SELECT {F}DistinctIf(k, k > 2), {F}IfDistinct(k, k > 2), {F}DistinctOrNull(k) FROM small
SELECT {F}OrNullIf(n, n > 100), {F}IfOrNull(i32, n > 100), {F}OrDefaultIf(i32, 0) FROM small
SELECT {M}ForEachMerge(st) FROM (SELECT {M}ForEachState(arr) AS st FROM small GROUP BY g)
SELECT {M}MapMerge(st) FROM (SELECT {M}MapState(map(h, k)) AS st FROM small GROUP BY g)
SELECT {F}ArgMaxMerge(st) FROM (SELECT {F}ArgMaxState(i32, k) AS st FROM small GROUP BY g)
SELECT {F}OrNullMerge(st), {F}OrDefaultMerge(sd) FROM (SELECT {F}OrNullState(i32) AS st, {F}OrDefaultState(i32) AS sd FROM small WHERE 0)
SELECT {M}ArrayMerge(st) FROM (SELECT {M}ArrayState(arr) AS st FROM small GROUP BY g)
SELECT {F}MergeForEach([st, st]), {F}MergeArray([st, st]) FROM (SELECT {F}State(k) AS st FROM small)
SELECT {M}MergeIf(st, g = 'a'), {M}MergeDistinct(st) FROM (SELECT g, {M}State(k) AS st FROM small GROUP BY g)
SELECT arrayReduce('{F}', arr), arrayReduce('{F}If', arr, arrayMap(x -> x > 1, arr)) FROM small
SELECT initializeAggregation('{F}', k), finalizeAggregation(initializeAggregation('{F}State', k)) FROM small
SELECT {F}If(k, n > 1) OVER (PARTITION BY g ORDER BY id), {F}Distinct(k) OVER (PARTITION BY g) FROM small
@tags
SELECT sumMap([k], [i32]), minMap([k], [i32]), maxMap([k], [i32]), sumMapWithOverflow([u8], [u8]) FROM small
SELECT sumMap(([g], [k])), sumMap([g, 'x'], [k, 1], [id, 2]), sumMapFiltered(['a'])([g], [k]) FROM small
SELECT sumMapMerge(st) FROM (SELECT sumMapState([g], [k]) AS st FROM small GROUP BY h)
SELECT uniq(*), uniqExact(g, h), count(DISTINCT g, h), uniqUpTo(3)(k), groupBitmap(u8) FROM small
SELECT groupBitmapMerge(st) FROM (SELECT groupBitmapState(u32) AS st FROM small GROUP BY g)
SELECT first_value(n) RESPECT NULLS AS a, last_value(n) RESPECT NULLS AS b, any_respect_nulls(n) AS c FROM (SELECT * FROM small ORDER BY id)
SELECT avg(d), avg(t), avg(nt), toTypeName(avg(d)) FROM small
SELECT singleValueOrNull(h), anyHeavy(h), boundingRatio(id, k), deltaSum(k) FROM (SELECT * FROM small ORDER BY id)
@let T k u8 u32 i32 f64 s ns d t n
SELECT groupUniqArray({T}), groupUniqArray(2)({T}), groupArrayDistinct({T}) FROM (SELECT * FROM small ORDER BY id)
SELECT windowFunnel(86400)(t, k = 1, k = 2, k = 3), windowFunnel(10, 'strict_increase')(id, k = 1, k = 2), retention(k = 1, k = 2, k = 99) FROM small
SELECT g, windowFunnel(1000000)(t, k = 1, k = 2, k = 3) FROM small GROUP BY g ORDER BY g ;; ordered
SELECT count(*) FILTER (WHERE k > 2), sum(k) FILTER (WHERE n > 1) FROM small
SELECT quantilesTiming(0.5, 0.9)(u32), quantilesExactLow(0.5, 0.9)(k), quantileExactHigh(k), quantilesTDigest(0.5, 0.9)(k) FROM small
SELECT argMin(s, e8), max(e8), min(e16), min(u), max(u) FROM misc, (SELECT 'x' AS s) AS q
