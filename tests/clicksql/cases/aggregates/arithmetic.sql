# Arithmetic with a constant inside of an aggregate is computed around it.
SELECT max(i + 1), max(i - 1), max(10 - i), min(i * 2), min(5 + i), avg(i * 2), sum(i * 3), max(n + 1), max(d + 2), max(f + 1) FROM empty_t
SELECT max(t + INTERVAL 1 HOUR), min(t - INTERVAL 1 DAY), max(date_add(DAY, 1, d)), max(addDays(d, 1)), max(dec + 1), max(i + i), max((i + 1) + 2), max(-i + 1) FROM empty_t
SELECT any(i + 1), maxIf(i + 1, 1), max(DISTINCT i + 1), max(i + 1) + 1, max(toInt32(i) + 1), max(plus(i, 1)), MAX(i + 1), max(i * i + 1) FROM empty_t
WITH i + 1 AS p SELECT max(p), min(p), max(q) FROM (SELECT i, i + 5 AS q FROM empty_t)
WITH 5 AS c SELECT max(i + c), max(i + (SELECT 7)) FROM empty_t
SELECT max(i64 + 1), min(i64 - 1), max(i64 * 2), sum(i64 * 2), max(i64 * -1), min(i64 * -2), max(0 - i64), min(i64 / -2), max(u8 * 2), min(u8 - 1) FROM nums
SELECT g, max(k + 1), min(k * -2), sum(k / 2), avg(k - 1), max(t - INTERVAL 1 DAY), min(n + 1) FROM small GROUP BY g
SELECT max(k + 1) AS m FROM small HAVING m > 3
SELECT g FROM small GROUP BY g ORDER BY max(k + 1), g ;; ordered
SELECT id, max(k + 1) OVER (PARTITION BY g) AS r FROM small ORDER BY id ;; ordered
SELECT max(u8 * 2) AS a, toTypeName(a), sum(d92 * 2) AS b, toTypeName(b), min(u8 - 1) AS c, toTypeName(c), sum(u8 * -1) AS d, toTypeName(d) FROM small
