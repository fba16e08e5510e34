@let T rep repver repdel summ summc agg coll vcoll
SELECT * FROM {T} FINAL
SELECT * FROM {T} FINAL ORDER BY id LIMIT 1
SELECT count() FROM {T} FINAL
SELECT count() FROM {T}
SELECT * FROM {T}
SELECT t.id FROM {T} AS t FINAL
SELECT id, count() FROM {T} FINAL GROUP BY id
SELECT id FROM {T} FINAL WHERE id > 1
SELECT id FROM {T} FINAL PREWHERE id > 1
SELECT q.id FROM (SELECT * FROM {T} FINAL) AS q WHERE q.id != 2
SELECT a.id, j3.x FROM {T} AS a FINAL LEFT JOIN j3 ON a.id = j3.k
SELECT j3.x, a.id FROM j3 LEFT JOIN {T} AS a FINAL ON a.id = j3.k ;; maybe
SELECT * FROM {T} FINAL ORDER BY id LIMIT 1 BY id ;; maybe
SELECT v FROM rep FINAL WHERE v = 'old'
SELECT v FROM rep FINAL WHERE n IS NULL
SELECT v FROM repver FINAL WHERE v = 'old'
SELECT v FROM repver FINAL WHERE ver > 5
SELECT id, v FROM repver FINAL PREWHERE k = 'x'
SELECT id, argMax(v, ver) FROM repver WHERE id < 3 GROUP BY id
SELECT id, v FROM (SELECT * FROM repver ORDER BY ver DESC, v LIMIT 1 BY id, k)
SELECT id, sum(c), sum(f), sum(n) FROM summ GROUP BY id
SELECT id, sum(s), max(mx), min(mn), any(a), any(an) FROM agg GROUP BY id
SELECT id, sumSimpleState(s), maxSimpleState(mx) FROM agg GROUP BY id
SELECT sum(s), max(mx), min(mn) FROM agg FINAL
SELECT toTypeName(s), toTypeName(mx), toTypeName(a), toTypeName(an) FROM agg LIMIT 1
SELECT s + 1, toDate(mx), upper(a), mn * 2 FROM agg FINAL
SELECT id, sum(v * sign) FROM coll GROUP BY id HAVING sum(sign) > 0
SELECT id, v FROM vcoll FINAL WHERE v > 20
SELECT * FROM users FINAL ;; maybe
SELECT id, sumMerge(st) FROM (SELECT id, sumState(c) AS st FROM summ GROUP BY id) GROUP BY id
