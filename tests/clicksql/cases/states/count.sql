SELECT countMerge(c) FROM (SELECT g, countState() AS c FROM small GROUP BY g)
SELECT countMerge(c) FROM (SELECT countState(n) AS c FROM small GROUP BY g)
SELECT countMerge(c) AS c, c + 1 FROM (SELECT countState() AS c FROM small) ;; maybe
SELECT g, countMerge(c) AS hits FROM (SELECT g, h, countState() AS c FROM small GROUP BY g, h) GROUP BY g ORDER BY g ;; ordered
SELECT countIfMerge(c) FROM (SELECT countIfState(k > 2) AS c FROM small GROUP BY g)
SELECT countMerge(c) FROM (SELECT countState() AS c FROM empty_t)
SELECT countMerge(c) FROM (SELECT countState() AS c FROM small) WHERE 0
SELECT toTypeName(countState()), toTypeName(countState(k)), toTypeName(countIfState(k > 1)) FROM small
SELECT countDistinctMerge(c) FROM (SELECT countDistinctState(s) AS c FROM small GROUP BY g)
SELECT countDistinctIfMerge(c) FROM (SELECT countDistinctIfState(s, k > 1) AS c FROM small GROUP BY g) ;; maybe
SELECT countMergeIf(c, g = 'a') FROM (SELECT g, countState() AS c FROM small GROUP BY g)
