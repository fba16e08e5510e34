SELECT sum(k) + 1, sum(k + 1), -sum(k), round(avg(f64), 2), toString(max(t)) FROM small
SELECT sum(sum_k) FROM (SELECT g, sum(k) AS sum_k FROM small GROUP BY g)
SELECT max(c) FROM (SELECT g, count() AS c FROM small GROUP BY g)
SELECT sum(k) AS s, s / count() AS a, a * 2 FROM small
SELECT sum(if(k > 2, i32, 0)), sum(k > 2), avg(k = 1) FROM small
SELECT max(k) - min(k), dateDiff('day', min(d), max(d)) FROM small
SELECT sum(toFloat32(k)), sum(toInt8(k)), toTypeName(sum(toInt8(k))) FROM small
SELECT sum(1), sum(1.5), min('a'), max(NULL), avg(1), any(1) FROM small
SELECT sum(k), sum(k) FROM small
SELECT sum(sum(k)) FROM small ;; error
SELECT sum(k) AS k2 FROM small HAVING k2 > 5
SELECT sum(g) FROM small ;; error
SELECT avg(s) FROM small ;; error
SELECT g, k, sum(i32) FROM small GROUP BY g ;; error
SELECT g, sum(k) / (SELECT sum(k) FROM small) AS share FROM small GROUP BY g ORDER BY g ;; ordered
SELECT g, round(100 * count() / sum(count()) OVER (), 1) AS pct FROM small GROUP BY g ORDER BY g ;; ordered
SELECT if(count() = 0, 0, sum(k) / count()) FROM empty_t, small ;; maybe
SELECT min(k) m, max(k) AS `M M`, count() "c" FROM small
SELECT uniq(g) AS g FROM small
SELECT sum(k) AS k FROM small ;; maybe
SELECT max(timestamp) - min(timestamp) FROM events
SELECT session_id, max(timestamp) - min(timestamp) AS dur, count() AS hits, any(ua) FROM events WHERE session_id = 's3' GROUP BY session_id
