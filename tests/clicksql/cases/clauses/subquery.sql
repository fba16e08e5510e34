@tags ordered
SELECT * FROM (SELECT id, g FROM small WHERE k > 4) ORDER BY id
SELECT q.id FROM (SELECT id FROM small) AS q WHERE q.id > 10 ORDER BY q.id
SELECT id FROM (SELECT id, k * 2 AS z FROM small) WHERE z > 8 ORDER BY id
SELECT (SELECT max(id) FROM small) AS m
SELECT (SELECT id FROM small WHERE 0) AS m
SELECT (SELECT 1, 'a') AS m
SELECT (SELECT id FROM small) ;; error
SELECT toTypeName((SELECT max(id) FROM small))
SELECT toTypeName((SELECT count() FROM small))
SELECT toTypeName((SELECT n FROM small WHERE id = 1))
SELECT toTypeName((SELECT max(n) FROM small WHERE 0))
SELECT toTypeName((SELECT groupArray(k) FROM small))
SELECT id, (SELECT max(k) FROM small) - k AS r FROM small ORDER BY id
SELECT id, k / (SELECT sum(k) FROM small) AS r FROM small ORDER BY id
SELECT max(c) FROM (SELECT count() AS c FROM small GROUP BY g)
SELECT * FROM (SELECT * FROM (SELECT id FROM small LIMIT 3)) ORDER BY id ;; maybe
SELECT g, c FROM (SELECT g, count() AS c FROM small GROUP BY g) WHERE c > 2 ORDER BY g
SELECT avg(c) FROM (SELECT g, count() AS c FROM small GROUP BY g)
SELECT s.id FROM (SELECT id FROM small) s, (SELECT 5 AS lim) l WHERE s.id < l.lim ORDER BY s.id
SELECT id FROM small AS a WHERE k > (SELECT avg(k) FROM small AS b WHERE b.g = a.g) ORDER BY id ;; maybe
SELECT * FROM (SELECT 1 AS a UNION ALL SELECT 2 AS a) ORDER BY a
SELECT * FROM (SELECT id AS x, x + 1 AS y FROM small) WHERE y > 10 ORDER BY x
SELECT sub.* FROM (SELECT 1 AS a, 'x' AS b) AS sub
SELECT a FROM (SELECT 1 AS a, 2 AS b) WHERE b = 2
SELECT count() FROM (SELECT DISTINCT g FROM small)
SELECT (SELECT any(name) FROM users WHERE user_id = 1) AS n, count() FROM events
SELECT 1 IN (SELECT k FROM small), 99 IN (SELECT k FROM small)
# A tuple from a query can be NULL as a whole.
SELECT (SELECT (1, 2)) AS x, x.1, toTypeName(x), x.2 + 1, tupleElement(x, 1)
WITH (SELECT (min(k), max(k)) FROM small) AS r SELECT id, r.1, r.2, k > r.1, k - r.1 AS d FROM small ORDER BY id ;; ordered
WITH (SELECT (min(k), max(g)) FROM small WHERE 0) AS r SELECT r.1, r.2
WITH (SELECT (1, 'x') WHERE 0) AS r SELECT r, r.1, r.2
SELECT x.1 + 1 FROM (SELECT (SELECT (1, 2)) AS x)
