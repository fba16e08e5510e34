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
