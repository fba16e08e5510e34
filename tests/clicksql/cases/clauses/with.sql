@tags ordered
WITH 5 AS x SELECT x, x + 1
WITH 'a' AS p, 10 AS lim SELECT id FROM small WHERE g = p AND id < lim ORDER BY id
WITH (SELECT max(k) FROM small) AS m SELECT id FROM small WHERE k = m ORDER BY id
WITH (SELECT max(k), min(k) FROM small) AS mm SELECT mm.1, mm.2
WITH k * 2 AS dbl SELECT id, dbl, dbl + 1 AS more FROM small ORDER BY id
WITH toDate('2024-01-01') AS start, start + 7 AS stop SELECT id FROM small WHERE d BETWEEN start AND stop ORDER BY id
WITH a AS (SELECT g, sum(k) AS s FROM small GROUP BY g) SELECT * FROM a ORDER BY g
WITH a AS (SELECT g, sum(k) AS s FROM small GROUP BY g), b AS (SELECT max(s) AS m FROM a) SELECT g FROM a WHERE s = (SELECT m FROM b) ORDER BY g
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT * FROM a, b
WITH a AS (SELECT id, k FROM small) SELECT a1.id, a2.id FROM a a1 JOIN a a2 ON a1.k = a2.k WHERE a1.id < a2.id ORDER BY a1.id
WITH a AS (SELECT k FROM small WHERE g = 'a') SELECT id FROM small WHERE k IN a ORDER BY id
WITH a AS (SELECT k FROM small WHERE g = 'a') SELECT id FROM small WHERE k IN (SELECT k FROM a) ORDER BY id
WITH (x) -> x * 2 AS dbl SELECT dbl(4) ;; maybe
WITH [1, 2, 3] AS arr SELECT arrayJoin(arr) AS r ORDER BY r
WITH sum(k) AS s SELECT g, s, s / 2 FROM small GROUP BY g ORDER BY g
WITH 1 AS one, t2 AS (SELECT 2 AS two) SELECT one, two FROM t2
WITH t2 AS (SELECT 2 AS two), (SELECT two FROM t2) AS v SELECT v + 1
WITH small AS (SELECT 1 AS only) SELECT * FROM small
WITH a AS (SELECT 1 AS x) SELECT * FROM (SELECT * FROM a) AS q
WITH a AS (SELECT 1 AS x) SELECT x FROM a UNION ALL SELECT x + 1 FROM a ORDER BY x ;; maybe
WITH (SELECT count() FROM small) AS total SELECT g, count() / total AS share FROM small GROUP BY g ORDER BY g
WITH (SELECT groupArray(k) FROM (SELECT DISTINCT k FROM small ORDER BY k)) AS ks SELECT arrayMap(x -> x + 1, ks)
WITH (SELECT 1 WHERE 0) AS nothing SELECT nothing
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n FROM r ORDER BY n
WITH toStartOfHour(timestamp) AS hour SELECT hour, count() FROM events GROUP BY hour ORDER BY hour
WITH a AS (SELECT g AS a, count() AS c FROM small GROUP BY a) SELECT a, c FROM a ORDER BY a
WITH
  first AS (SELECT session_id, min(timestamp) AS t0 FROM events GROUP BY session_id),
  buys AS (SELECT session_id, sum(price * qty) AS total FROM events WHERE action = 'buy' GROUP BY session_id)
  SELECT first.session_id, t0, total FROM first LEFT JOIN buys ON first.session_id = buys.session_id ORDER BY first.session_id

# Expressions without names.
WITH 1 SELECT 2 ;; maybe
WITH 1, 'x' SELECT 2 ;; maybe
WITH 1, 'x' AS y SELECT y ;; maybe
WITH 'x', now() SELECT 3 ;; maybe
WITH 1 + 1, plus(1, 2) SELECT `plus(1, 2)` ;; maybe
WITH (SELECT 5) SELECT 1 ;; maybe
WITH (SELECT 5), (SELECT 6) AS z SELECT z ;; maybe
WITH 1 AS a, 2, 3 AS b SELECT a + b ;; maybe
WITH x AS (SELECT 1), 2 SELECT * FROM x ;; maybe
WITH toDate('2024-01-01'), a AS (SELECT 1 AS q) SELECT q FROM a ;; maybe
WITH [1,2] SELECT 1 ;; maybe
WITH (1, 2) SELECT 1 ;; maybe
WITH number FROM numbers(2) SELECT 1 ;; maybe
WITH 1 + 'a' SELECT 1 ;; maybe
WITH toUInt8(1 AS x) SELECT x ;; maybe
WITH count() SELECT 1 ;; maybe
WITH throwIf(1) SELECT 1 ;; maybe
WITH number SELECT count() FROM numbers(3) ;; maybe
WITH 5 AS number SELECT number FROM numbers(2) ;; maybe
WITH sum(number) AS s SELECT s FROM numbers(3) ;; maybe
WITH number AS n SELECT n, sum(n) FROM numbers(3) GROUP BY n ORDER BY n ;; maybe
WITH DISTINCT 1 SELECT 1 ;; maybe
WITH * SELECT 1 FROM numbers(1) ;; maybe

# Queries that read themselves, and names of columns.
WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n FROM t ORDER BY n ;; maybe
WITH RECURSIVE t AS (SELECT toUInt64(1) AS n UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) FROM t ;; maybe
WITH RECURSIVE t AS (SELECT 1 AS n, 'a' AS s UNION ALL SELECT n + 1, concat(s, 'b') FROM t WHERE n < 4) SELECT * FROM t ORDER BY n ;; maybe
WITH RECURSIVE t AS (SELECT toDate('2024-01-01') AS d UNION ALL SELECT d + 1 FROM t WHERE d < '2024-01-05') SELECT * FROM t ORDER BY d ;; maybe
WITH RECURSIVE t AS (SELECT 250 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 260) SELECT toTypeName(n), n FROM t ORDER BY n ;; maybe
WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT toUInt8(n + 1) FROM t WHERE n < 3) SELECT toTypeName(n), n FROM t ORDER BY n ;; maybe
WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT toString(n + 1) FROM t WHERE n < 3) SELECT toTypeName(n), n FROM t ORDER BY n ;; maybe
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT n FROM t ORDER BY n ;; maybe
WITH RECURSIVE t AS (SELECT 1 AS n UNION DISTINCT SELECT n + 1 FROM t WHERE n < 3) SELECT n FROM t ORDER BY n ;; maybe
WITH RECURSIVE t AS (SELECT 1 AS n), u AS (SELECT n FROM t UNION ALL SELECT n + 1 FROM u WHERE n < 3) SELECT n FROM u ORDER BY n ;; maybe
WITH RECURSIVE numbers AS (SELECT 0 AS number UNION ALL SELECT number + 1 FROM system.numbers WHERE number < 5) SELECT number FROM numbers ORDER BY number ;; maybe
WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT a.n + b.n FROM t AS a, t AS b WHERE a.n < 5) SELECT n FROM t ORDER BY n ;; maybe
WITH RECURSIVE t AS (SELECT 0 AS id, 1 AS p UNION ALL SELECT x.number, t.id FROM numbers(4) AS x JOIN t ON x.number = t.id + 1) SELECT * FROM t ORDER BY id ;; maybe
WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT n FROM t UNION ALL SELECT count() FROM t ;; maybe
WITH t AS (SELECT 1 AS n) SELECT * FROM (WITH RECURSIVE t2 AS (SELECT n FROM t UNION ALL SELECT n + 1 FROM t2 WHERE n < 3) SELECT sum(n) FROM t2) ;; maybe
WITH t(a, b) AS (SELECT 1, 2) SELECT a, b FROM t ;; maybe
WITH t(a) AS (SELECT 1 AS x, 2 AS y) SELECT * FROM t ;; maybe
WITH t(a, b, c) AS (SELECT 1 AS x, 2 AS y) SELECT * FROM t ;; maybe
