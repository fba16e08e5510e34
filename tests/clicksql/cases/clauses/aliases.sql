# An alias is visible everywhere and wins over a column, except where it would name itself.
@tags ordered
SELECT k + 1 AS k, k AS z FROM small ORDER BY id
SELECT k + 1 AS a, a + 1 AS b, b * a AS c FROM small ORDER BY id
SELECT b + 1 AS a, 1 AS b
SELECT id, toDate(t) AS t FROM small WHERE t = '2024-01-01' ORDER BY id
SELECT id, toDate(t) AS t, toHour(t) FROM small ORDER BY id ;; maybe
SELECT toDate(timestamp) AS timestamp, count() FROM events GROUP BY timestamp ORDER BY timestamp
SELECT toStartOfHour(timestamp) AS timestamp, count() AS c FROM events WHERE timestamp >= '2024-01-01 00:30:00' GROUP BY timestamp ORDER BY timestamp
SELECT lower(name) AS name FROM users WHERE name LIKE 'a%' ORDER BY name
SELECT sum(k) AS k FROM small ;; maybe
SELECT g, max(k) AS k FROM small WHERE k > 1 GROUP BY g ORDER BY g ;; maybe
SELECT g, max(k) AS mk FROM small WHERE k > 1 GROUP BY g HAVING mk > 2 ORDER BY mk, g
SELECT small.k AS x, k + 1 AS k FROM small ORDER BY id LIMIT 3
SELECT (k AS kk) + 1 AS z, kk FROM small ORDER BY id LIMIT 3
SELECT (SELECT 1 AS q) AS r, r + 1
SELECT id AS a FROM small WHERE (a AS b) > 10 ORDER BY b
SELECT if((k % 2 AS m) = 0, 'even', 'odd') AS p, m FROM small ORDER BY id
SELECT count() AS c, c / 2 AS h FROM small HAVING c > 1 AND h > 1
SELECT g AS x, count() AS y FROM small GROUP BY x HAVING y > 1 ORDER BY y, x
SELECT 1 AS id, id + 1 AS nxt FROM small LIMIT 1
SELECT 1 AS x, 2 AS x, x ;; error
SELECT 'a' AS g, count() FROM small WHERE g = 'a' GROUP BY g
SELECT id, k AS a FROM small ORDER BY a DESC, id LIMIT 3
SELECT id AS `select`, g AS `from` FROM small ORDER BY `select` LIMIT 2
SELECT id AS "quoted ""x""" FROM small ORDER BY id LIMIT 1 ;; maybe
SELECT k * 2 AS double, double + 1 AS plus FROM small GROUP BY k ORDER BY k
SELECT sumIf(k, k > 2) AS big, sum(k) AS total, big / total AS share FROM small
SELECT g, big / total AS share, sumIf(k, k > 2) AS big, sum(k) AS total FROM small GROUP BY g ORDER BY g
SELECT date FROM (SELECT d AS date FROM small) ORDER BY date LIMIT 2
SELECT arrayMap(k -> k + 1, arr) AS r, k FROM small ORDER BY id
SELECT arrayMap(x -> x + k, arr) AS r FROM small ORDER BY id
SELECT k AS x, arrayMap(x -> x * 2, arr) AS r, x FROM small ORDER BY id
SELECT timestamp AS ts, toDate(ts) AS day, formatDateTime(day, '%m/%d') AS label FROM events ORDER BY ts LIMIT 3
SELECT e.action AS action, e.qty FROM events AS e WHERE action = 'buy' ORDER BY e.timestamp

# An alias inside of itself is the column.
SELECT t.*, 3 AS x FROM (SELECT 5 AS x) AS t ;; maybe
SELECT x AS y, y AS x FROM (SELECT 5 AS x, 6 AS y) AS t ;; maybe
SELECT sum(x) AS x, max(x) AS m FROM (SELECT 5 AS x) AS t ;; maybe
SELECT t.x, sum(t.x) AS s FROM (SELECT 5 AS x) AS t GROUP BY t.x ;; maybe
SELECT t.x, sum(t.x) AS s FROM (SELECT 5 AS x) AS t GROUP BY x ;; maybe
SELECT x, sum(t.x) AS s FROM (SELECT 5 AS x) AS t GROUP BY t.x HAVING t.x > 1 ORDER BY t.x ;; maybe
SELECT number AS a, a + 1 AS b, b + 1 AS a2, a2 * 2 FROM numbers(2) ;; maybe
SELECT number + 1 AS number FROM numbers(2) WHERE number = 1 ;; maybe
SELECT number + 1 AS number FROM numbers(2) ORDER BY number DESC ;; maybe
SELECT number + 1 AS number, count() FROM numbers(2) GROUP BY number ORDER BY number ;; maybe
SELECT toDate('2024-01-01') + number AS number, count() AS c FROM numbers(2) GROUP BY number ORDER BY number ;; maybe
SELECT max(number) AS number FROM numbers(2) WHERE number > 0 ;; maybe
SELECT max(number) AS number FROM numbers(2) HAVING number > 0 ;; maybe
SELECT number % 2 AS number, sum(number) FROM numbers(5) GROUP BY number ORDER BY number ;; maybe
SELECT number % 2 AS k, sum(k) FROM numbers(5) GROUP BY k ORDER BY k ;; maybe
SELECT -number AS number FROM numbers(3) ORDER BY number ;; maybe
SELECT number * 2 AS number, number + 1 AS m FROM numbers(3) WHERE number > 2 ;; maybe
SELECT toString(number) AS number, number || 'x' FROM numbers(2) ;; maybe
SELECT if(number = 1, 5, number) AS number, number FROM numbers(2) ;; maybe
SELECT number AS x, x AS y, y + x FROM numbers(2) GROUP BY x ORDER BY y ;; maybe
