# Sub-queries fix the order in which rows arrive.
@let A k n s ns f64 d t h
SELECT groupArray({A}) AS r FROM (SELECT * FROM small ORDER BY id)
SELECT groupArray(3)({A}) AS r FROM (SELECT * FROM small ORDER BY id)
SELECT arraySort(groupUniqArray({A})) AS r FROM small
SELECT length(groupUniqArray(2)({A})) AS r FROM small
SELECT g, arraySort(groupArray({A})) AS r FROM small GROUP BY g ORDER BY g ;; ordered
SELECT groupArrayLast(2)({A}) AS r FROM (SELECT * FROM small ORDER BY id)
SELECT groupArraySorted(3)(k), groupArrayInsertAt(s, k) FROM (SELECT * FROM small ORDER BY id) ;; maybe
SELECT groupArrayMovingSum(k) FROM (SELECT * FROM small ORDER BY id)
SELECT groupArrayMovingSum(3)(k) FROM (SELECT * FROM small ORDER BY id)
SELECT groupArrayMovingAvg(3)(f64) FROM (SELECT * FROM small ORDER BY id) ;; approx=1e-12
SELECT groupArray((id, s)) FROM (SELECT * FROM small ORDER BY id)
SELECT arraySort(groupArrayDistinct(g)), toTypeName(groupArrayDistinct(n)) FROM small
SELECT groupArray(n), groupArray(NULL) FROM small ;; maybe
SELECT topK(2)(g) FROM small WHERE g IN ('a', 'b', 'c') AND id != 3
SELECT topK(1)(h), topK(1)(k) FROM small WHERE k = 1 OR h = 'x' AND k = 2
SELECT topK(3)(ns) FROM small WHERE id IN (1, 3, 4, 9, 10) ;; maybe
SELECT toTypeName(topK(2)(n)), toTypeName(topK(2)(s)) FROM small
SELECT topKWeighted(1)(g, u8) FROM small
SELECT anyHeavy(h) FROM small WHERE id != 2
SELECT any(g), anyLast(g) FROM (SELECT * FROM small ORDER BY id)
SELECT any(n), anyLast(n), any(ns), anyLast(ns) FROM (SELECT * FROM small ORDER BY id)
SELECT any(n) RESPECT NULLS, first_value(n), last_value(n) FROM (SELECT * FROM small ORDER BY id)
SELECT any_value(g) FROM small WHERE g = 'a'
SELECT arrayStringConcat(arraySort(groupArray(g)), ',') FROM small
SELECT groupConcat(',')(g) FROM (SELECT * FROM small ORDER BY id) ;; maybe
SELECT sumMap(map(g, k)) FROM small
SELECT sumMap([g], [k]) FROM small
SELECT groupArraySample(2, 1)(k) IS NOT NULL FROM small ;; maybe
SELECT groupBitAnd(u8), groupBitOr(u8), groupBitXor(u8) FROM small
SELECT groupArrayIf(k, n IS NULL) FROM (SELECT * FROM small ORDER BY id)
