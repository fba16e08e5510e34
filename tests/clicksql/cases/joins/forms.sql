SELECT jl.id, j3.k FROM jl CROSS JOIN j3
SELECT jl.id, j3.k FROM jl, j3
SELECT jl.id, j3.k FROM jl, j3 WHERE jl.k = j3.k
SELECT jl.id, j3.k, jr.id FROM jl, j3, jr WHERE jl.k = j3.k AND jr.k = j3.k
SELECT count() FROM jl CROSS JOIN (SELECT 1 AS one) ;; error
SELECT jl.id, m.mx FROM jl CROSS JOIN (SELECT max(k) AS mx FROM jr) AS m WHERE jl.k < m.mx
SELECT jl.id, j3.k FROM jl JOIN j3 ON 1 = 1 ;; maybe
SELECT jl.id, j3.k FROM jl JOIN j3 ON jl.k < j3.k ;; maybe
SELECT jl.id, j3.k FROM jl JOIN j3 ON jl.k = j3.k AND jl.id < j3.id
SELECT jl.id, j3.k FROM jl LEFT JOIN j3 ON jl.k = j3.k AND jl.id < j3.id ;; maybe
SELECT jl.id, j3.k FROM jl JOIN j3 ON jl.k != j3.k ;; maybe
SELECT jl.id, jl.t, jr.t, jr.w FROM jl ASOF JOIN jr ON jl.s = jr.s AND jl.t >= jr.t
SELECT a.id, b.w, b.t FROM jl a ASOF LEFT JOIN jr b ON a.k = b.k AND a.t >= b.t
SELECT a.id, b.w FROM jl a LEFT ASOF JOIN jr b ON a.k = b.k AND a.t > b.t
SELECT a.id, b.w FROM jl a ASOF JOIN jr b ON a.k = b.k AND a.t <= b.t
SELECT a.id, b.w FROM jl a ASOF LEFT JOIN jr b ON a.k = b.k AND a.t < b.t
SELECT a.id, b.w FROM (SELECT id, t, 1 AS one FROM jl) a ASOF LEFT JOIN (SELECT w, t, 1 AS one FROM jr) b ON a.one = b.one AND a.t >= b.t
SELECT id, w FROM jl ASOF JOIN jr USING (k, t)
SELECT id, w, t FROM jl LEFT ASOF JOIN jr USING (k, t)
SELECT a.id, b.t FROM jl a ASOF JOIN jr b USING (k, t)
SELECT a.id FROM jl a ASOF JOIN jr b ON a.k = b.k ;; error
SELECT a.id, b.id FROM jl a JOIN jl b ON a.k = b.k
SELECT a.id, b.id FROM jl a JOIN jl b ON a.k = b.k AND a.id < b.id
SELECT id FROM jl JOIN jr ON jl.k = jr.k ;; maybe
SELECT jl.id, id FROM jl JOIN jr ON jl.k = jr.k ;; maybe
SELECT k FROM jl JOIN jr ON jl.k = jr.k ;; maybe
SELECT lv, w FROM jl JOIN jr ON jl.k = jr.k
SELECT lv, w FROM jl JOIN jr ON k = jr.k ;; maybe
SELECT * FROM jl JOIN j3 ON jl.k = j3.k
SELECT jl.*, j3.* FROM jl JOIN j3 ON jl.k = j3.k
SELECT * EXCEPT (t) FROM jl JOIN j3 ON jl.k = j3.k
SELECT * FROM jl JOIN (SELECT k AS kk, x FROM j3) q ON jl.k = q.kk
SELECT a.k AS k, count() AS c FROM jl a JOIN jr b ON a.k = b.k GROUP BY k
SELECT a.k, count() FROM jl a JOIN jr b ON a.k = b.k GROUP BY a.k ORDER BY a.k ;; ordered
SELECT k, count() FROM jl JOIN j3 USING (k) GROUP BY k ORDER BY k ;; ordered
SELECT s AS q, max(w) FROM jl LEFT JOIN jr USING (s) GROUP BY q ORDER BY q ;; ordered
SELECT u.name, count() AS c, sum(e.price) AS p FROM events e INNER JOIN users u ON e.user_id = u.user_id GROUP BY u.name ORDER BY u.name ;; ordered
SELECT u.name, count(e.action) AS c FROM users u LEFT JOIN events e ON u.user_id = e.user_id GROUP BY u.name ORDER BY u.name ;; ordered
SELECT u.name, e.session_id, e.user_id, e.timestamp, e.price FROM users u LEFT JOIN events e ON u.user_id = e.user_id AND e.action = 'buy'
SELECT u.name, ifNull(t.total, -1) AS total FROM users u LEFT JOIN (SELECT user_id, sum(price) AS total FROM events GROUP BY user_id) t ON u.user_id = t.user_id
SELECT u.name, t.total FROM users u LEFT JOIN (SELECT assumeNotNull(user_id) AS user_id, max(price) AS total FROM events WHERE user_id IS NOT NULL GROUP BY user_id) t USING user_id
SELECT e.session_id, u.name, u.country, u.plan FROM events e LEFT JOIN users u ON e.user_id = u.user_id
SELECT e.session_id, coalesce(nullIf(u.name, ''), 'unknown') AS n FROM events e LEFT JOIN users u ON e.user_id = u.user_id
SELECT count() FROM events e LEFT JOIN users u ON e.user_id = u.user_id WHERE u.name = ''
SELECT count() FROM events e LEFT JOIN users u ON e.user_id = u.user_id WHERE u.plan IS NULL
SELECT a.id FROM jl a JOIN jr b ON a.k = b.k JOIN j3 c ON b.k = c.k
SELECT a.id, b.id, c.k FROM jl a LEFT JOIN jr b ON a.k = b.k LEFT JOIN j3 c ON b.k = c.k
SELECT a.id, c.x FROM jl a LEFT JOIN jr b USING (k) LEFT JOIN j3 c USING (k)
SELECT k, x, w FROM jl LEFT JOIN jr USING (k) INNER JOIN j3 USING (k)
SELECT jl.id FROM jl JOIN jr ON jl.k = jr.nope ;; error
SELECT jl.id FROM jl JOIN jr ;; error
SELECT jl.id FROM jl JOIN jr ON jl.s = jr.k ;; error
SELECT jl.id, jr.id FROM jl JOIN jr ON jl.k = jr.id
SELECT jl.id, j3.k, toTypeName(j3.k) FROM jl LEFT JOIN j3 ON jl.nk = j3.k
SELECT a.id, b.v FROM jl a JOIN (SELECT toUInt8(k) AS k8, 'v' AS v FROM j3) b ON a.k = b.k8
SELECT a.id, b.lc FROM jl a JOIN jr b ON a.s = b.lc
SELECT a.id, b.id FROM jl a JOIN jr b ON toDate(a.t) = b.d
SELECT a.id AS aid, b.id AS bid, aid + bid AS z FROM jl a JOIN jr b ON a.k = b.k WHERE z > 3
SELECT a.id FROM jl a GLOBAL LEFT JOIN jr b ON a.k = b.k
SELECT a.id, b.id FROM jl a LEFT JOIN jr b ON a.k = b.k ORDER BY a.id, b.id LIMIT 3 ;; ordered
SELECT a.nk, b.nk FROM jl a FULL JOIN jr b ON a.nk IS NOT DISTINCT FROM b.nk ;; maybe
SELECT a.nk, b.nk, a.id, b.id FROM jl a JOIN jr b ON a.nk <=> b.nk ;; maybe
SELECT q.id, j3.x FROM (SELECT id, k FROM jl WHERE k > 0) AS q INNER JOIN j3 ON q.k = j3.k
SELECT q.k, r.k FROM (SELECT k FROM jl GROUP BY k) q FULL OUTER JOIN (SELECT k FROM jr GROUP BY k) r ON q.k = r.k
SELECT coalesce(q.k, r.k) AS kk FROM (SELECT k FROM jl GROUP BY k) q FULL OUTER JOIN (SELECT k FROM jr GROUP BY k) r ON q.k = r.k
SELECT k, a, b FROM (SELECT k, count() AS a FROM jl GROUP BY k) q FULL OUTER JOIN (SELECT k, count() AS b FROM jr GROUP BY k) r USING (k)
SELECT d, c1, c2 FROM (SELECT toDate(timestamp) AS d, count() AS c1 FROM events GROUP BY d) x LEFT JOIN (SELECT toDate(timestamp) AS d, countIf(action = 'buy') AS c2 FROM events GROUP BY d) y USING d ORDER BY d ;; ordered
SELECT jl.k, sum(jr.rv) FROM jl LEFT JOIN jr ON jl.k = jr.k GROUP BY jl.k ORDER BY jl.k ;; ordered

# The columns of USING, and what columns of joined tables are called.
SELECT * FROM (SELECT 1 AS a, 2 AS x, 3 AS c) AS l JOIN (SELECT 5 AS d, 2 AS x, 6 AS e) AS r USING x
SELECT * FROM (SELECT 1 AS a, 2 AS x, 3 AS c) AS l LEFT JOIN (SELECT 5 AS d, 2 AS x, 6 AS e) AS r USING x
SELECT * FROM (SELECT 1 AS a, 2 AS x, 3 AS c) AS l RIGHT JOIN (SELECT 5 AS d, 7 AS x, 6 AS e) AS r USING x
SELECT * FROM (SELECT 1 AS a, 2 AS x, 3 AS c) AS l FULL JOIN (SELECT 5 AS d, 7 AS x, 6 AS e) AS r USING x
SELECT x, l.x, r.x FROM (SELECT 1 AS a, 2 AS x, 3 AS c) AS l FULL JOIN (SELECT 5 AS d, 7 AS x, 6 AS e) AS r USING x
SELECT x, l.x, r.x FROM (SELECT 1 AS a, 2 AS x, 3 AS c) AS l LEFT JOIN (SELECT 5 AS d, 7 AS x, 6 AS e) AS r USING x
SELECT x, l.x, r.x FROM (SELECT 1 AS a, 2 AS x, 3 AS c) AS l RIGHT JOIN (SELECT 5 AS d, 7 AS x, 6 AS e) AS r USING x
SELECT l.x FROM (SELECT 1 AS a, 2 AS x, 3 AS c) AS l RIGHT JOIN (SELECT 5 AS d, 7 AS x, 6 AS e) AS r USING x
SELECT r.x FROM (SELECT 1 AS a, 2 AS x, 3 AS c) AS l LEFT JOIN (SELECT 5 AS d, 7 AS x, 6 AS e) AS r USING x
SELECT r.x, r.d FROM (SELECT 1 AS a, 2 AS x, 3 AS c) AS l INNER JOIN (SELECT 5 AS d, 2 AS x, 6 AS e) AS r USING x
SELECT l.*, r.* FROM (SELECT 1 AS a, 2 AS x, 3 AS c) AS l RIGHT JOIN (SELECT 5 AS d, 7 AS x, 6 AS e) AS r USING x
SELECT l.* FROM (SELECT 1 AS a, 2 AS x, 3 AS c) AS l RIGHT JOIN (SELECT 5 AS d, 7 AS x, 6 AS e) AS r USING x
SELECT r.* FROM (SELECT 1 AS a, 2 AS x, 3 AS c) AS l LEFT JOIN (SELECT 5 AS d, 7 AS x, 6 AS e) AS r USING x
SELECT * FROM (SELECT 1 AS a, 2 AS x, 3 AS y) AS l JOIN (SELECT 3 AS y, 2 AS x, 6 AS e) AS r USING (y, x)
SELECT * FROM (SELECT 1 AS a, 2 AS x, 3 AS y) AS l JOIN (SELECT 3 AS y, 2 AS x, 6 AS e) AS r USING (x, y)
SELECT * FROM (SELECT 1 AS a, 2 AS x) AS l JOIN (SELECT 2 AS x, 300 AS a) AS r USING (x)
SELECT x, toTypeName(x), toTypeName(l.x), toTypeName(r.x) FROM (SELECT 1 AS a, 2 AS x) AS l JOIN (SELECT toInt32(2) AS x, 300 AS a) AS r USING (x)
SELECT l.x, r.x FROM (SELECT 1 AS a, 2 AS x) AS l JOIN (SELECT toInt32(2) AS x, 300 AS a) AS r USING (x)
SELECT l.x FROM (SELECT 1 AS a, 2 AS x) AS l LEFT JOIN (SELECT toInt32(2) AS x, 300 AS a) AS r USING (x)
SELECT l.x FROM (SELECT 1 AS a, 2 AS x) AS l RIGHT JOIN (SELECT toInt32(2) AS x, 300 AS a) AS r USING (x)
SELECT r.x FROM (SELECT 1 AS a, 2 AS x) AS l LEFT JOIN (SELECT toInt32(2) AS x, 300 AS a) AS r USING (x)
SELECT r.x FROM (SELECT 1 AS a, 2 AS x) AS l RIGHT JOIN (SELECT toInt32(2) AS x, 300 AS a) AS r USING (x)
SELECT l.*, r.* FROM (SELECT 1 AS a, 2 AS x) AS l LEFT JOIN (SELECT toInt32(2) AS x, 300 AS a) AS r USING (x)
SELECT * FROM (SELECT 1 AS a, 2 AS x) AS l LEFT JOIN (SELECT toInt32(2) AS x, 300 AS b) AS r USING (x)
SELECT d.x FROM (SELECT 'a' AS x) AS d LEFT JOIN (SELECT toNullable('a') AS x) AS b USING x
SELECT d.x FROM (SELECT toNullable('a') AS x) AS d LEFT JOIN (SELECT 'a' AS x) AS b USING x
SELECT d.x, b.x, x FROM (SELECT toLowCardinality('a') AS x) AS d LEFT JOIN (SELECT 'a' AS x) AS b USING x
SELECT x FROM (SELECT 'a' AS x) AS d LEFT JOIN (SELECT toLowCardinality('a') AS x) AS b USING x
SELECT * FROM (SELECT 1 AS x, 2 AS y) AS a JOIN (SELECT 1 AS x, 3 AS z) AS b USING x JOIN (SELECT 1 AS x, 4 AS w) AS c USING x
SELECT * FROM (SELECT 2 AS y, 1 AS x) AS a LEFT JOIN (SELECT 3 AS z, 1 AS x) AS b USING x LEFT JOIN (SELECT 4 AS w, 1 AS x) AS c USING x
SELECT * FROM (SELECT 2 AS y, 1 AS x) AS a LEFT JOIN (SELECT 3 AS z, 1 AS x) AS b ON a.x = b.x LEFT JOIN (SELECT 4 AS w, 1 AS x) AS c ON a.x = c.x
SELECT x FROM (SELECT 2 AS y, 1 AS x) AS a LEFT JOIN (SELECT 3 AS z, 1 AS x) AS b ON a.x = b.x LEFT JOIN (SELECT 4 AS w, 1 AS x) AS c ON a.x = c.x
SELECT a.x, b.x, c.x FROM (SELECT 2 AS y, 1 AS x) AS a LEFT JOIN (SELECT 3 AS z, 1 AS x) AS b ON a.x = b.x LEFT JOIN (SELECT 4 AS w, 1 AS x) AS c ON a.x = c.x
SELECT c.x, b.x FROM (SELECT 2 AS y, 1 AS x) AS a LEFT JOIN (SELECT 3 AS z, 1 AS x) AS b ON a.x = b.x LEFT JOIN (SELECT 4 AS w, 1 AS x) AS c ON a.x = c.x
SELECT z, x FROM (SELECT 2 AS y, 1 AS x) AS a JOIN (SELECT 3 AS z, 1 AS x) AS b ON a.x = b.x
SELECT x FROM (SELECT 2 AS y, 1 AS x) AS a, (SELECT 3 AS z, 1 AS x) AS b
SELECT x FROM (SELECT 2 AS y, 1 AS x) AS a, (SELECT 3 AS z, 1 AS x) AS b, (SELECT 1 AS q) AS c
SELECT a.* EXCEPT (x), b.* FROM (SELECT 2 AS y, 1 AS x) AS a, (SELECT 3 AS z, 1 AS x) AS b
SELECT *, 1 AS x FROM (SELECT 2 AS y, 5 AS x) AS a
SELECT x + 1 AS x, t.x FROM (SELECT 5 AS x) AS t
SELECT t.x, x FROM (SELECT 5 AS x) AS t
SELECT t.x, t.x + 1 AS x FROM (SELECT 5 AS x) AS t
SELECT t.* FROM (SELECT 5 AS x) AS t
