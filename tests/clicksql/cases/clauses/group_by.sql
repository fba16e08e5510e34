@tags ordered
@let G g h k n s ns d t b u8 f32 d92 arr i8
SELECT {G}, count() AS c FROM small GROUP BY {G} ORDER BY {G}
SELECT {G} AS key, count() AS c, sum(k) FROM small GROUP BY key ORDER BY key
SELECT count() AS c FROM small GROUP BY {G} ORDER BY c, {G}
SELECT {G}, h AS hh, max(id) FROM small GROUP BY {G}, hh ORDER BY {G}, hh
SELECT f64, count() FROM nums GROUP BY f64 ORDER BY f64
SELECT nf64, count() FROM nums GROUP BY nf64 ORDER BY nf64
SELECT nd, count() FROM nums GROUP BY nd ORDER BY nd
SELECT e, count() FROM strs GROUP BY e ORDER BY e
SELECT u, count() FROM misc GROUP BY u ORDER BY u
SELECT g, h, count() FROM small GROUP BY 1, 2 ORDER BY 1, 2
SELECT count(), g FROM small GROUP BY 2 ORDER BY 2
SELECT k % 2 AS p, count() FROM small GROUP BY p ORDER BY p
SELECT k % 2, count() FROM small GROUP BY k % 2 ORDER BY k % 2
SELECT k % 2 + 1 AS q, count() FROM small GROUP BY k % 2 ORDER BY q
SELECT toStartOfDay(t) AS t, count() FROM small GROUP BY t ORDER BY t
SELECT toDate(t) AS t, count() FROM small GROUP BY t ORDER BY t
SELECT toDate(t) AS day, g, count() FROM small GROUP BY day, g ORDER BY day, g
SELECT upper(s) AS s, count() FROM small GROUP BY s ORDER BY s
SELECT g, any(h) FROM small WHERE g = 'a' AND h = 'x' GROUP BY g
SELECT g FROM small GROUP BY g ORDER BY g
SELECT g FROM small GROUP BY g HAVING count() > 2 ORDER BY g
SELECT g, sum(k) AS s FROM small GROUP BY g HAVING s > 3 AND g != '' ORDER BY s DESC, g
SELECT g, sum(k) FROM small GROUP BY g HAVING sum(k) > 3 ORDER BY sum(k), g
SELECT sum(k) AS s FROM small HAVING s > 1000
SELECT sum(k) AS s FROM small HAVING s > 1
SELECT g, count() FROM small WHERE 0 GROUP BY g
SELECT count(), sum(k), avg(k), max(s), min(t), any(n) FROM small WHERE 0
SELECT 1 FROM small WHERE 0 GROUP BY ()  ;; maybe
SELECT 1, count() FROM small GROUP BY 1 ;; maybe
SELECT 'x' AS a, count() FROM small GROUP BY a
SELECT count() FROM small GROUP BY NULL
SELECT g, h, count() FROM small GROUP BY g, h WITH ROLLUP ORDER BY g, h, count()
SELECT g, h, count() FROM small GROUP BY g, h WITH CUBE ORDER BY g, h, count()
SELECT g, h, count() FROM small GROUP BY ROLLUP(g, h) ORDER BY g, h, count()
SELECT g, h, count() FROM small GROUP BY GROUPING SETS ((g), (h)) ORDER BY g, h
SELECT g, count() FROM small GROUP BY ALL ORDER BY g
SELECT g, k + 1, count() FROM small GROUP BY ALL ORDER BY g, k + 1
SELECT g, id FROM small GROUP BY g ;; error
SELECT g, k + 1 FROM small GROUP BY g, k ORDER BY g, k
SELECT g, concat(g, '!') AS gg, count() FROM small GROUP BY g ORDER BY g
SELECT if(k > 2, 'big', 'small') AS size, count(), sum(k) FROM small GROUP BY size ORDER BY size
SELECT CASE WHEN k > 2 THEN 'big' ELSE 'small' END AS size, count() FROM small GROUP BY size ORDER BY size
SELECT multiIf(k < 2, 1, k < 4, 2, 3) AS bucket, arraySort(groupArray(id)) FROM small GROUP BY bucket ORDER BY bucket
SELECT tuple(g, h) AS key, count() FROM small GROUP BY key ORDER BY key
SELECT g, h, count() FROM small GROUP BY (g, h) ORDER BY g, h ;; maybe
SELECT arrayJoin(arr) AS a, count() FROM small GROUP BY a ORDER BY a
SELECT length(arr) AS l, groupUniqArray(b) IS NOT NULL FROM small GROUP BY l ORDER BY l
SELECT max(id) AS id, g FROM small GROUP BY g ORDER BY id
SELECT g, max(d) AS last_d, last_d - min(d) AS span FROM small GROUP BY g ORDER BY g
SELECT substring(toString(t), 1, 10) AS day, uniq(g) FROM small GROUP BY day ORDER BY day
SELECT toYYYYMM(d) AS m, count() FROM small GROUP BY m ORDER BY m DESC
SELECT g, count() AS c FROM small GROUP BY g ORDER BY c DESC, g ASC LIMIT 2
SELECT g, sum(k) FROM small AS s GROUP BY s.g ORDER BY s.g
SELECT small.g, sum(small.k) FROM small GROUP BY small.g ORDER BY small.g

# Keys that are aliases, expressions and constants.
SELECT a, sum(b) FROM (SELECT 1 AS a, 2 AS b) GROUP BY ALL ;; maybe
SELECT a + 1, count() FROM (SELECT 1 AS a, 2 AS b) GROUP BY 1 ;; maybe
SELECT a + b AS s, count() FROM (SELECT 1 AS a, 2 AS b) GROUP BY a, b ;; maybe
SELECT a + b AS s, a, count() FROM (SELECT 1 AS a, 2 AS b) GROUP BY s, a ;; maybe
SELECT (a, b) AS k, count() FROM (SELECT 1 AS a, 2 AS b) GROUP BY k ;; maybe
SELECT a, b, count() FROM (SELECT 1 AS a, 2 AS b) GROUP BY (a, b) ;; maybe
SELECT (a, b), count() FROM (SELECT 1 AS a, 2 AS b) GROUP BY a, b ;; maybe
SELECT if(a = 1, 'x', 'y') AS k, count() FROM (SELECT 1 AS a, 2 AS b) GROUP BY k, if(a = 1, 'x', 'y') ;; maybe
SELECT toDate(t) AS t, count() FROM (SELECT toDateTime('2024-01-01 10:00:00') AS t) GROUP BY t ;; maybe
SELECT toDate(t) AS t, count() FROM (SELECT toDateTime('2024-01-01 10:00:00') AS t) GROUP BY toDate(t) ;; maybe
SELECT toDate(t) AS d, count() FROM (SELECT toDateTime('2024-01-01 10:00:00') AS t) GROUP BY toDate(t) ORDER BY toDate(t) ;; maybe
SELECT toDate(t) AS d, max(t) FROM (SELECT toDateTime('2024-01-01 10:00:00') AS t) GROUP BY toDate(t) HAVING toDate(t) > '2000-01-01' ;; maybe
SELECT lower(a) AS a, count() AS c FROM (SELECT 'X' AS a) GROUP BY a ;; maybe
SELECT lower(a) AS a, count() AS c FROM (SELECT 'X' AS a) GROUP BY lower(a) ORDER BY a ;; maybe
SELECT a.x AS x, count() FROM (SELECT 1 AS x) a JOIN (SELECT 1 AS x) b ON a.x = b.x GROUP BY x ;; maybe
SELECT a.x AS x, count() FROM (SELECT 1 AS x) a JOIN (SELECT 1 AS x) b ON a.x = b.x GROUP BY a.x ;; maybe
SELECT b.x AS x, count() FROM (SELECT 1 AS x) a JOIN (SELECT 1 AS x) b ON a.x = b.x GROUP BY x ;; maybe
SELECT b.x, count() FROM (SELECT 1 AS x) a JOIN (SELECT 1 AS x) b ON a.x = b.x GROUP BY b.x ;; maybe
SELECT sum(x) AS s, s / count() FROM (SELECT 1 AS x) HAVING s > 0 ;; maybe
SELECT x, sum(y) AS y FROM (SELECT 1 AS x, 2 AS y) GROUP BY x ORDER BY y ;; maybe
SELECT x, sum(y) AS y FROM (SELECT 1 AS x, 2 AS y) GROUP BY x HAVING y > 1 ;; maybe
SELECT x, sum(y) AS y FROM (SELECT 1 AS x, 2 AS y) WHERE y > 1 GROUP BY x ;; maybe
SELECT x, any(y) AS y2, y2 + 1 FROM (SELECT 1 AS x, 2 AS y) GROUP BY x ;; maybe
SELECT x, sum(y) FROM (SELECT 1 AS x, 2 AS y) ;; maybe
SELECT x, y FROM (SELECT 1 AS x, 2 AS y) GROUP BY x ;; maybe
SELECT 1 AS one, count() FROM (SELECT 1 AS x) GROUP BY one ;; maybe
SELECT 'a' AS k, x, count() FROM (SELECT 1 AS x) GROUP BY k, x ;; maybe
SELECT 'a' AS k, count() FROM (SELECT 1 AS x WHERE 0) GROUP BY k ;; maybe
SELECT count() FROM (SELECT 1 AS x WHERE 0) GROUP BY 'a' ;; maybe
SELECT count() FROM (SELECT 1 AS x WHERE 0) GROUP BY () ;; maybe
SELECT 'a' AS k, count() FROM (SELECT 1 AS x WHERE 0) ;; maybe
WITH 5 AS c SELECT c, count() FROM (SELECT 1 AS x) ;; maybe
WITH 5 AS c SELECT x + c AS y, count() FROM (SELECT 1 AS x) GROUP BY y ;; maybe
WITH toDate('2024-01-01') AS d SELECT d, d + 1, count() FROM (SELECT 1 AS x) GROUP BY x ;; maybe

# The row of totals stands beside the result.
SELECT number % 2 AS k, count() AS c FROM numbers(5) GROUP BY k WITH TOTALS ORDER BY k ;; ordered
SELECT number % 2 AS k, count() AS c, k + 10 AS z, c * 2, toString(k) AS s, 'x' AS w FROM numbers(5) GROUP BY k WITH TOTALS ORDER BY k LIMIT 1 ;; ordered
SELECT count() AS c FROM numbers(5) WITH TOTALS
# Subtotals of no rows.
SELECT g, count() FROM small WHERE 0 GROUP BY g WITH ROLLUP
SELECT g, h, count() FROM small WHERE 0 GROUP BY g, h WITH CUBE
SELECT g, count() FROM small WHERE 0 GROUP BY GROUPING SETS ((g), ())
SELECT g, count() FROM small WHERE 0 GROUP BY g WITH TOTALS
