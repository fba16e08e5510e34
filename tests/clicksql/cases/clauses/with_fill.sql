@tags ordered
SELECT k, count() AS c FROM small WHERE k != 3 GROUP BY k ORDER BY k WITH FILL
SELECT k, count() AS c FROM small WHERE k IN (2, 5) GROUP BY k ORDER BY k WITH FILL FROM 0 TO 8
SELECT k, count() AS c FROM small WHERE k IN (2, 6) GROUP BY k ORDER BY k WITH FILL FROM 0 TO 10 STEP 2
SELECT k, count() AS c FROM small WHERE k IN (2, 5) GROUP BY k ORDER BY k DESC WITH FILL FROM 7 TO 0 STEP -1
SELECT d, count() AS c FROM small WHERE d >= '2024-01-01' AND d < '2024-02-01' GROUP BY d ORDER BY d WITH FILL
SELECT d, count() AS c FROM small WHERE d >= '2024-01-01' AND d < '2024-02-01' GROUP BY d ORDER BY d WITH FILL FROM toDate('2023-12-30') TO toDate('2024-01-05')
SELECT d, count() AS c FROM small WHERE d >= '2024-01-01' AND d < '2024-03-01' GROUP BY d ORDER BY d WITH FILL STEP INTERVAL 7 DAY
SELECT toStartOfMonth(d) AS m, count() AS c FROM small WHERE d >= '2023-12-01' GROUP BY m ORDER BY m WITH FILL STEP INTERVAL 1 MONTH
SELECT toStartOfMonth(d) AS m, count() AS c FROM small WHERE d >= '2023-12-01' GROUP BY m ORDER BY m WITH FILL FROM toDate('2023-10-01') TO toDate('2024-06-01') STEP toIntervalMonth(1)
SELECT toStartOfHour(t) AS h, count() AS c FROM small WHERE t < '2024-01-02 13:00:00' GROUP BY h ORDER BY h WITH FILL STEP toIntervalHour(6)
SELECT toStartOfHour(t) AS h, count() AS c FROM small WHERE t < '2024-01-02 13:00:00' GROUP BY h ORDER BY h WITH FILL STEP 3600
SELECT toStartOfHour(t) AS h, count() AS c, sum(n) AS n FROM small WHERE t < '2024-01-01 03:00:00' GROUP BY h ORDER BY h WITH FILL FROM toDateTime('2024-01-01 00:00:00') TO toDateTime('2024-01-01 05:00:00') STEP INTERVAL 1 HOUR
SELECT toStartOfInterval(t, INTERVAL 30 MINUTE) AS h, count() AS c FROM small WHERE t < '2024-01-01 03:00:00' GROUP BY h ORDER BY h WITH FILL STEP INTERVAL 30 MINUTE
SELECT g, k, count() AS c FROM small WHERE g IN ('a', 'b') GROUP BY g, k ORDER BY g, k WITH FILL FROM 0 TO 5
SELECT k, g FROM small WHERE id IN (1, 4) ORDER BY k WITH FILL FROM 0 TO 4, g
SELECT k, s FROM small WHERE id IN (1, 12) ORDER BY k WITH FILL
SELECT k, ns FROM small WHERE id IN (1, 12) ORDER BY k WITH FILL
SELECT k, count() AS c FROM small WHERE k IN (2, 5) GROUP BY k ORDER BY k WITH FILL FROM 0 TO 8 INTERPOLATE
SELECT k, count() AS c FROM small WHERE k IN (2, 5) GROUP BY k ORDER BY k WITH FILL FROM 0 TO 8 INTERPOLATE (c)
SELECT k, count() AS c FROM small WHERE k IN (2, 5) GROUP BY k ORDER BY k WITH FILL FROM 0 TO 8 INTERPOLATE (c AS c + 1)
SELECT k, s, count() AS c FROM small WHERE id IN (3, 9) GROUP BY k, s ORDER BY k WITH FILL FROM 0 TO 8 INTERPOLATE (s AS s, c AS c * 2)
SELECT k, s FROM small WHERE id IN (3, 9) ORDER BY k WITH FILL TO 8 INTERPOLATE (s)
SELECT k FROM small WHERE id IN (3, 9) ORDER BY k WITH FILL LIMIT 2
SELECT k FROM small WHERE 0 ORDER BY k WITH FILL FROM 1 TO 4
SELECT k FROM small WHERE id = 1 ORDER BY k WITH FILL FROM 3 TO 1 ;; maybe
SELECT f64 AS f FROM small WHERE id IN (8, 9) ORDER BY f WITH FILL FROM 1 TO 4 STEP 0.5
SELECT n FROM small WHERE id IN (1, 3) ORDER BY n WITH FILL
SELECT n FROM small WHERE id IN (1, 2, 3) ORDER BY n WITH FILL ;; maybe
SELECT toDate(timestamp) AS day, count() AS hits FROM events GROUP BY day ORDER BY day WITH FILL FROM toDate('2024-01-01') TO toDate('2024-01-10')
SELECT toDate(timestamp) AS day, countIf(action = 'buy') AS buys FROM events WHERE day < '2024-01-10' GROUP BY day ORDER BY day ASC WITH FILL STEP 1
SELECT toStartOfDay(timestamp) AS day, count() AS hits FROM events WHERE timestamp < '2024-01-10 00:00:00' GROUP BY day ORDER BY day WITH FILL STEP INTERVAL 1 DAY
SELECT * FROM (SELECT k, count() AS c FROM small WHERE k IN (2, 5) GROUP BY k ORDER BY k WITH FILL FROM 0 TO 8) WHERE c = 0 ORDER BY k
SELECT s FROM small ORDER BY s WITH FILL ;; error

# Over numbers: bounds, steps, directions, several keys, and what is an error.
SELECT number AS n FROM numbers(3) WHERE number != 1 ORDER BY n WITH FILL ;; ordered maybe
SELECT number * 3 AS n, 'a' AS s FROM numbers(3) ORDER BY n WITH FILL ;; ordered maybe
SELECT number * 3 AS n, number AS m FROM numbers(3) ORDER BY n WITH FILL STEP 2 ;; ordered maybe
SELECT number * 3 AS n FROM numbers(3) ORDER BY n WITH FILL FROM 1 TO 8 STEP 2 ;; ordered maybe
SELECT number * 3 AS n FROM numbers(3) ORDER BY n WITH FILL FROM 4 ;; ordered maybe
SELECT number * 3 AS n FROM numbers(3) ORDER BY n WITH FILL TO 4 ;; ordered maybe
SELECT number * 3 AS n FROM numbers(3) ORDER BY n WITH FILL TO 9 ;; ordered maybe
SELECT number * 3 AS n FROM numbers(3) ORDER BY n WITH FILL TO 10 ;; ordered maybe
SELECT number * 3 AS n FROM numbers(3) ORDER BY n DESC WITH FILL ;; ordered maybe
SELECT number * 3 AS n FROM numbers(3) ORDER BY n DESC WITH FILL FROM 10 TO -2 STEP -2 ;; ordered maybe
SELECT number * 3 AS n FROM numbers(3) ORDER BY n DESC WITH FILL STEP -2 ;; ordered maybe
SELECT toInt32(number * 3) AS n FROM numbers(3) ORDER BY n DESC WITH FILL FROM 10 TO -3 STEP -2 ;; ordered maybe
SELECT number * 3 AS n FROM numbers(3) ORDER BY n DESC WITH FILL STEP 2 ;; ordered maybe
SELECT number * 3 AS n FROM numbers(3) ORDER BY n WITH FILL STEP -1 ;; ordered maybe
SELECT number * 3 AS n FROM numbers(3) ORDER BY n WITH FILL STEP 0 ;; ordered maybe
SELECT number * 3 AS n FROM numbers(3) ORDER BY n WITH FILL FROM 9 TO 4 ;; ordered maybe
SELECT toFloat64(number) AS n FROM numbers(2) ORDER BY n WITH FILL FROM 0 TO 2 STEP 0.5 ;; ordered maybe
SELECT toFloat64(number) AS n FROM numbers(2) ORDER BY n WITH FILL STEP 0.3 ;; ordered maybe
SELECT n FROM (SELECT arrayJoin([1, 1, 3, 3]) AS n) ORDER BY n WITH FILL ;; ordered maybe
SELECT n, m FROM (SELECT arrayJoin([(1,1),(1,4),(3,2)]) AS t, t.1 AS n, t.2 AS m) ORDER BY n WITH FILL, m WITH FILL ;; ordered maybe
SELECT n, m FROM (SELECT arrayJoin([(1,1),(1,4),(3,2)]) AS t, t.1 AS n, t.2 AS m) ORDER BY n WITH FILL, m WITH FILL FROM 0 TO 3 ;; ordered maybe
SELECT n, m FROM (SELECT arrayJoin([(1,1),(1,4),(3,2)]) AS t, t.1 AS n, t.2 AS m) ORDER BY n, m WITH FILL FROM 0 TO 5 ;; ordered maybe
SELECT n, m FROM (SELECT arrayJoin([(1,1),(1,4),(3,2)]) AS t, t.1 AS n, t.2 AS m) ORDER BY n WITH FILL, m ;; ordered maybe
SELECT n, m FROM (SELECT arrayJoin([(1,1),(1,4),(3,2)]) AS t, t.1 AS n, t.2 AS m) ORDER BY n WITH FILL FROM 0 TO 5, m WITH FILL FROM 1 TO 3 ;; ordered maybe
SELECT n, m FROM (SELECT arrayJoin([(1,1),(1,4),(3,2)]) AS t, t.1 AS n, t.2 AS m) ORDER BY n DESC WITH FILL, m WITH FILL ;; ordered maybe
SELECT n, m FROM (SELECT arrayJoin([(1,1),(1,4),(3,2)]) AS t, t.1 AS n, t.2 AS m) ORDER BY n WITH FILL FROM 2, m WITH FILL FROM 2 ;; ordered maybe
SELECT n, m FROM (SELECT arrayJoin([(1,1),(1,4),(3,2)]) AS t, t.1 AS n, t.2 AS m) ORDER BY n WITH FILL TO 6, m WITH FILL TO 6 ;; ordered maybe
SELECT n, m, 'x' AS c FROM (SELECT arrayJoin([(1,1),(1,4),(4,2)]) AS t, t.1 AS n, t.2 AS m) ORDER BY n WITH FILL STEP 2, m WITH FILL STEP 2 ;; ordered maybe
SELECT toDate('2024-01-01') + number * 3 AS d FROM numbers(3) ORDER BY d WITH FILL ;; ordered maybe
SELECT toDate('2024-01-01') + number * 3 AS d FROM numbers(3) ORDER BY d WITH FILL STEP INTERVAL 1 WEEK ;; ordered maybe
SELECT toDate('2024-01-31') + number * 60 AS d FROM numbers(3) ORDER BY d WITH FILL STEP INTERVAL 1 MONTH ;; ordered maybe
SELECT toDate('2024-01-31') + number * 60 AS d FROM numbers(3) ORDER BY d DESC WITH FILL STEP INTERVAL -1 MONTH ;; ordered maybe
SELECT toDate('2024-01-01') + number * 3 AS d FROM numbers(3) ORDER BY d WITH FILL FROM '2023-12-30' TO '2024-01-03' ;; ordered maybe
SELECT toDate('2024-01-01') + number * 3 AS d FROM numbers(3) ORDER BY d WITH FILL FROM toDateTime('2023-12-30 00:00:00') TO toDate('2024-01-03') ;; ordered maybe
SELECT toDate('2024-01-01') + number * 3 AS d FROM numbers(3) ORDER BY d WITH FILL FROM toDate('2023-12-30') TO toDate('2024-01-03') STEP INTERVAL 1 HOUR ;; ordered maybe
SELECT toDate('2024-01-01') + number * 3 AS d FROM numbers(3) ORDER BY d WITH FILL FROM 19720 TO 19725 ;; ordered maybe
SELECT toDateTime('2024-01-01 00:00:00') + number * 3 AS d FROM numbers(3) ORDER BY d WITH FILL ;; ordered maybe
SELECT toDateTime('2024-01-01 00:00:00') + number * 3600 AS d FROM numbers(3) ORDER BY d WITH FILL STEP INTERVAL 30 MINUTE ;; ordered maybe
SELECT toDateTime('2024-01-01 00:00:00') + number * 3600 AS d FROM numbers(3) ORDER BY d WITH FILL STEP 1800 ;; ordered maybe
SELECT toDateTime('2024-01-01 00:00:00') + number * 3600 AS d FROM numbers(3) ORDER BY d WITH FILL STEP toIntervalMinute(20)  ;; ordered maybe
SELECT toDateTime('2024-01-01 00:00:00') + number * 3600 AS d FROM numbers(3) ORDER BY d WITH FILL FROM toDateTime('2023-12-31 23:00:00') TO toDateTime('2024-01-01 04:00:00') STEP 3600 ;; ordered maybe
SELECT toDateTime('2024-01-01 00:00:00') + number * 3600 AS d FROM numbers(3) ORDER BY d WITH FILL FROM '2023-12-31 23:00:00' TO toDate('2024-01-02') STEP 3600 * 6 ;; ordered maybe
SELECT toDateTime('2024-01-01 00:00:00', 'Europe/Madrid') + number * 86400 AS d FROM numbers(3) ORDER BY d WITH FILL STEP INTERVAL 12 HOUR ;; ordered maybe
SELECT toDateTime('2024-03-30 00:00:00', 'Europe/Madrid') + number * 86400 * 2 AS d FROM numbers(2) ORDER BY d WITH FILL STEP INTERVAL 1 DAY ;; ordered maybe
SELECT toDateTime64('2024-01-01 00:00:00', 3) + number AS d FROM numbers(3) ORDER BY d WITH FILL ;; ordered maybe
SELECT toDateTime64('2024-01-01 00:00:00.500', 3) + number * 2 AS d FROM numbers(2) ORDER BY d WITH FILL STEP 1 ;; ordered maybe
SELECT toDateTime64('2024-01-01 00:00:00.500', 3) + number * 2 AS d FROM numbers(2) ORDER BY d WITH FILL FROM toDateTime('2024-01-01 00:00:00') TO toDateTime('2024-01-01 00:00:05') STEP INTERVAL 1 SECOND ;; ordered maybe
SELECT toDateTime64('2024-01-01 00:00:00.500', 3) + number * 2 AS d FROM numbers(2) ORDER BY d WITH FILL FROM toDateTime64('2024-01-01 00:00:00', 3) TO toDateTime64('2024-01-01 00:00:05', 6) STEP INTERVAL 1 SECOND ;; ordered maybe
SELECT n FROM (SELECT arrayJoin([1, NULL, 4]) AS n) ORDER BY n WITH FILL ;; ordered maybe
SELECT n FROM (SELECT arrayJoin([1, NULL, 4]) AS n) ORDER BY n DESC WITH FILL ;; ordered maybe
SELECT n FROM (SELECT CAST(arrayJoin([1, 4]), 'Nullable(UInt8)') AS n) ORDER BY n WITH FILL ;; ordered maybe
SELECT n, m FROM (SELECT arrayJoin([1, 4]) AS n, CAST(n, 'Nullable(UInt8)') AS m) ORDER BY n WITH FILL ;; ordered maybe
SELECT 'x' AS s ORDER BY s WITH FILL ;; ordered maybe
SELECT number AS n FROM numbers(5) WHERE n IN (1, 4) ORDER BY n WITH FILL LIMIT 2 ;; ordered maybe
SELECT number AS n FROM numbers(5) WHERE n IN (1, 4) ORDER BY n WITH FILL LIMIT 1, 2 ;; ordered maybe
SELECT number AS n FROM numbers(5) WHERE n IN (1, 4) ORDER BY n WITH FILL FROM 0 TO 6 LIMIT 2 OFFSET 3 ;; ordered maybe
SELECT DISTINCT number % 3 * 2 AS n FROM numbers(5) ORDER BY n WITH FILL ;; ordered maybe
SELECT number AS n, number % 2 AS k FROM numbers(5) WHERE n IN (1, 4) ORDER BY n WITH FILL FROM 0 TO 6 LIMIT 1 BY k ;; ordered maybe
SELECT number AS n FROM numbers(5) WHERE 0 ORDER BY n WITH FILL FROM 0 TO 3 ;; ordered maybe
SELECT number AS n FROM numbers(5) WHERE 0 ORDER BY n WITH FILL FROM 0 ;; ordered maybe
SELECT number AS n FROM numbers(5) WHERE 0 ORDER BY n WITH FILL TO 3 ;; ordered maybe
SELECT number AS n, m FROM (SELECT number, 1 AS m FROM numbers(5) WHERE 0) ORDER BY n WITH FILL FROM 0 TO 3, m WITH FILL FROM 0 TO 2 ;; ordered maybe
SELECT number AS n FROM numbers(5) WHERE number IN (1, 4) ORDER BY number WITH FILL ;; ordered maybe
SELECT number AS n FROM numbers(5) WHERE number IN (1, 4) ORDER BY number + 1 WITH FILL ;; ordered maybe
SELECT number AS n, 1 AS c FROM numbers(5) WHERE number IN (1, 4) ORDER BY 1 WITH FILL ;; ordered maybe
SELECT 1 AS c FROM numbers(5) WHERE number IN (1, 4) ORDER BY number WITH FILL ;; ordered maybe
SELECT number % 3 AS k, count() AS c FROM numbers(5) WHERE number != 1 AND number != 4 GROUP BY k ORDER BY k WITH FILL FROM 0 TO 4 ;; ordered maybe
SELECT number % 3 AS k, count() + 1 AS c, 5 AS z, 'w' AS w, [k] AS a FROM numbers(5) WHERE number != 1 AND number != 4 GROUP BY k ORDER BY k WITH FILL FROM 0 TO 4 ;; ordered maybe
SELECT number % 3 AS k, count() + 1 AS c FROM numbers(5) WHERE number != 1 AND number != 4 GROUP BY k HAVING k < 3 ORDER BY k WITH FILL FROM 0 TO 4 ;; ordered maybe
SELECT toUInt8(number * 100) AS n FROM numbers(3) ORDER BY n WITH FILL STEP 100  ;; ordered maybe
SELECT toUInt8(number * 100) AS n FROM numbers(3) ORDER BY n WITH FILL FROM 0 TO 300 STEP 50 ;; ordered maybe
SELECT toUInt8(number + 250) AS n FROM numbers(2) ORDER BY n WITH FILL FROM 252 TO 258 ;; ordered maybe
SELECT toUInt8(5 - number) AS n FROM numbers(2) ORDER BY n DESC WITH FILL TO -3 ;; ordered maybe
SELECT number AS n FROM numbers(2) ORDER BY n WITH FILL FROM -3 ;; ordered maybe
SELECT toInt8(number) AS n FROM numbers(2) ORDER BY n WITH FILL FROM -3 TO 4 ;; ordered maybe
SELECT toDecimal32(number, 2) AS n FROM numbers(2) ORDER BY n WITH FILL FROM 0 TO 3 STEP 0.5 ;; ordered maybe
SELECT number AS n FROM numbers(2) ORDER BY n WITH FILL FROM 0 TO 3 STEP 0.5 ;; ordered maybe
SELECT number AS n FROM numbers(2) ORDER BY n WITH FILL FROM 0.5 TO 3 ;; ordered maybe
SELECT number AS n FROM numbers(2) ORDER BY n WITH FILL FROM 1 + 1 TO (SELECT 5) ;; ordered maybe
SELECT number AS n FROM numbers(2) ORDER BY n WITH FILL FROM n TO 5 ;; ordered maybe
SELECT number AS n FROM numbers(2) ORDER BY n WITH FILL FROM NULL TO 5 ;; ordered maybe
SELECT toDateTime64('2024-01-01 00:00:00.500', 3) + number * 2 AS d FROM numbers(2) ORDER BY d WITH FILL FROM toDateTime64('2024-01-01 00:00:00', 3) TO toDateTime64('2024-01-01 00:00:05', 3) STEP INTERVAL 1 SECOND ;; ordered maybe
SELECT toDateTime64('2024-01-01 00:00:00.500', 3) + number * 2 AS d FROM numbers(2) ORDER BY d WITH FILL FROM toDateTime64('2024-01-01 00:00:00', 3) ;; ordered maybe
SELECT toDateTime64('2024-01-01 00:00:00.500', 3) + number * 2 AS d FROM numbers(2) ORDER BY d WITH FILL TO toDateTime64('2024-01-01 00:00:05', 6) ;; ordered maybe
SELECT toDateTime64('2024-01-01 00:00:00.500', 3) + number * 2 AS d FROM numbers(2) ORDER BY d WITH FILL TO toDate('2024-01-02') STEP INTERVAL 6 HOUR ;; ordered maybe
SELECT toDateTime64('2024-01-01 00:00:00.500', 3) + number * 2 AS d FROM numbers(2) ORDER BY d WITH FILL TO 1704067206 ;; ordered maybe
SELECT toDateTime64('2024-01-01 00:00:00.500', 3) + number * 2 AS d FROM numbers(2) ORDER BY d WITH FILL STEP 0.5 ;; ordered maybe
SELECT toDateTime('2024-01-01 00:00:00') + number * 3 AS d FROM numbers(3) ORDER BY d WITH FILL FROM 1704067198 TO 1704067203 ;; ordered maybe
SELECT toDateTime('2024-01-01 00:00:00') + number * 3 AS d FROM numbers(2) ORDER BY d WITH FILL TO toDateTime64('2024-01-01 00:00:05', 3) ;; ordered maybe
SELECT toDateTime('2024-01-01 00:00:00') + number * 3 AS d FROM numbers(2) ORDER BY d WITH FILL TO toDateTime('2024-01-01 00:00:05', 'Europe/Madrid') ;; ordered maybe
SELECT toDateTime('2024-01-01 00:00:00') + number * 86400 * 20 AS d FROM numbers(2) ORDER BY d WITH FILL STEP INTERVAL 1 WEEK ;; ordered maybe
SELECT toDateTime('2024-01-31 10:00:00') + number * 86400 * 90 AS d FROM numbers(2) ORDER BY d WITH FILL STEP INTERVAL 1 MONTH ;; ordered maybe
SELECT toDate('2024-01-31') + number * 900 AS d FROM numbers(2) ORDER BY d WITH FILL STEP INTERVAL 1 QUARTER ;; ordered maybe
SELECT toDate('2024-02-29') + number * 1900 AS d FROM numbers(2) ORDER BY d WITH FILL STEP INTERVAL 1 YEAR ;; ordered maybe
SELECT toDate('2024-01-01') + number * 5 AS d FROM numbers(2) ORDER BY d WITH FILL STEP 2 ;; ordered maybe
SELECT toDate('2024-01-01') + number * 5 AS d FROM numbers(2) ORDER BY d WITH FILL TO toDate32('2024-01-09') ;; ordered maybe
SELECT toDecimal32(number * 2, 2) AS n FROM numbers(2) ORDER BY n WITH FILL ;; ordered maybe
SELECT toDecimal32(number * 2, 2) AS n FROM numbers(2) ORDER BY n WITH FILL STEP 0.5 ;; ordered maybe
SELECT toFloat32(number) AS n FROM numbers(2) ORDER BY n WITH FILL STEP 0.3 ;; ordered maybe
SELECT toFloat64(number) AS n FROM numbers(2) ORDER BY n WITH FILL FROM -1 TO 2 ;; ordered maybe
SELECT toFloat64(number) AS n FROM numbers(2) ORDER BY n DESC WITH FILL FROM 2 TO -1 STEP -0.5 ;; ordered maybe
SELECT number AS n, number AS m, number + 0 AS k, n AS z FROM numbers(4) WHERE number != 1 ORDER BY n WITH FILL ;; ordered maybe
SELECT number AS n, number AS m, n + 1 AS k FROM numbers(4) WHERE number != 1 ORDER BY m WITH FILL ;; ordered maybe
SELECT number, count() FROM numbers(4) WHERE number != 1 GROUP BY number ORDER BY number WITH FILL ;; ordered maybe
SELECT toString(number) AS s, number % 2 AS g FROM numbers(6) WHERE number NOT IN (2, 3) ORDER BY g, s, number WITH FILL ;; ordered maybe
SELECT number % 2 AS g, number AS n, 'x' AS s FROM numbers(7) WHERE number NOT IN (2, 3) ORDER BY g DESC, n WITH FILL ;; ordered maybe
SELECT number % 2 AS g, number AS n, 'x' AS s FROM numbers(7) WHERE number NOT IN (2, 3) ORDER BY g, n WITH FILL FROM 0 TO 8 STEP 3 ;; ordered maybe
SELECT number % 2 AS g, number AS n, 'x' AS s FROM numbers(7) WHERE number NOT IN (2, 3) ORDER BY g, n WITH FILL STEP 1 INTERPOLATE (s) ;; ordered maybe
SELECT number % 2 AS g, number AS n, toString(n) AS s FROM numbers(7) WHERE number NOT IN (2, 3) ORDER BY g, n WITH FILL FROM 0 TO 8 INTERPOLATE (s) ;; ordered maybe
SELECT number * 3 AS n, toString(n) AS s, n + 1 AS c FROM numbers(3) ORDER BY n WITH FILL INTERPOLATE ;; ordered maybe
SELECT number * 3 AS n, toString(n) AS s, n + 1 AS c FROM numbers(3) ORDER BY n WITH FILL FROM -0 TO 12 INTERPOLATE (c AS c + 1, s AS concat(s, '!')) ;; ordered maybe
SELECT number * 3 AS n, 10 + n AS c FROM numbers(1, 2) ORDER BY n WITH FILL FROM 0 TO 9 INTERPOLATE (c AS c + 1) ;; ordered maybe
SELECT number * 3 AS n, 10 + n AS c, 5 AS d FROM numbers(1, 2) ORDER BY n WITH FILL FROM 0 TO 9 INTERPOLATE (c AS c + d) ;; ordered maybe
SELECT number * 3 AS n, 10 + n AS c, 5 AS d FROM numbers(1, 2) ORDER BY n WITH FILL FROM 0 TO 9 INTERPOLATE (c AS c + d, d AS d + 1) ;; ordered maybe
SELECT number * 3 AS n, 10 + n AS c, 5 AS d FROM numbers(1, 2) ORDER BY n WITH FILL FROM 0 TO 9 INTERPOLATE (c AS 7) ;; ordered maybe
SELECT number * 3 AS n, 10 + n AS c, 5 AS d FROM numbers(1, 2) ORDER BY n WITH FILL FROM 0 TO 9 INTERPOLATE (c AS d) ;; ordered maybe
SELECT number * 3 AS n, toUInt8(250 + n) AS c FROM numbers(1) ORDER BY n WITH FILL FROM 0 TO 9 INTERPOLATE (c AS c + 1) ;; ordered maybe
SELECT number * 3 AS n, toUInt8(5) AS c FROM numbers(1) ORDER BY n WITH FILL FROM 0 TO 4 INTERPOLATE (c AS c + 0.5) ;; ordered maybe
SELECT number * 3 AS n, 5 AS c FROM numbers(1) ORDER BY n WITH FILL FROM 0 TO 4 INTERPOLATE (c AS toString(c)) ;; ordered maybe
SELECT number * 3 AS n, number AS q FROM numbers(2) ORDER BY n WITH FILL FROM 0 TO 4 INTERPOLATE (n) ;; ordered maybe
SELECT number * 3 AS n, number AS q FROM numbers(2) ORDER BY n WITH FILL FROM 0 TO 4 INTERPOLATE (nosuch) ;; ordered maybe
SELECT number * 3 AS n, CAST(number, 'Nullable(UInt8)') AS q FROM numbers(2) ORDER BY n WITH FILL FROM 0 TO 5 INTERPOLATE (q) ;; ordered maybe
SELECT number * 3 AS n, count() AS q FROM numbers(2) GROUP BY n ORDER BY n WITH FILL FROM 0 TO 5 INTERPOLATE (q AS q * 2) ;; ordered maybe
SELECT number * 3 AS n FROM numbers(3) ORDER BY n WITH FILL STALENESS 2 ;; ordered maybe
SELECT number * 5 AS n FROM numbers(3) ORDER BY n WITH FILL STALENESS 3 ;; ordered maybe
SELECT number * 5 AS n FROM numbers(3) ORDER BY n WITH FILL TO 13 STALENESS 3 ;; ordered maybe
SELECT number * 5 AS n FROM numbers(3) ORDER BY n WITH FILL STEP 2 STALENESS 3 ;; ordered maybe
SELECT number * 5 AS n FROM numbers(3) ORDER BY n DESC WITH FILL STALENESS -3 ;; ordered maybe
SELECT number * 5 AS n FROM numbers(3) ORDER BY n WITH FILL FROM 1 STALENESS 3 ;; ordered maybe
SELECT 1 AS x, number AS n FROM numbers(5) WHERE n IN (1, 4) ORDER BY x WITH FILL, n WITH FILL ;; ordered maybe
SELECT number AS n FROM numbers(5) WHERE n IN (1, 4) ORDER BY n WITH FILL FROM 0 TO 6 UNION ALL SELECT 9 ;; ordered maybe
SELECT sum(n) FROM (SELECT number AS n FROM numbers(5) WHERE n IN (1, 4) ORDER BY n WITH FILL) ;; ordered maybe
SELECT * FROM (SELECT number AS n FROM numbers(5) WHERE n IN (1, 4) ORDER BY n WITH FILL) ORDER BY n DESC ;; ordered maybe
SELECT number AS n, sum(number) OVER (ORDER BY number) AS s FROM numbers(5) WHERE n IN (1, 4) ORDER BY n WITH FILL ;; ordered maybe
SELECT e FROM (SELECT CAST(arrayJoin(['a','c']), 'Enum8(\'a\' = 1, \'b\' = 2, \'c\' = 3)') AS e) ORDER BY e WITH FILL ;; ordered maybe
SELECT toLowCardinality(number) AS n FROM numbers(5) WHERE number IN (1, 4) ORDER BY n WITH FILL ;; ordered maybe
SELECT number AS n FROM numbers(5) WHERE n IN (1, 4) ORDER BY n WITH FILL FROM toUInt8(0) TO toInt64(6) STEP toUInt16(2) ;; ordered maybe
SELECT number AS n, 'z' AS k FROM numbers(5) WHERE n IN (1, 4) ORDER BY n WITH FILL, k ;; ordered maybe
SELECT number AS n, 'z' AS k FROM numbers(5) WHERE n IN (1, 4) ORDER BY k, n WITH FILL ;; ordered maybe
SELECT toDate('2024-01-01') AS d ORDER BY d WITH FILL FROM toDate('2023-12-30') TO toDate('2024-01-03') + INTERVAL 1 DAY STEP INTERVAL 1 DAY ;; ordered maybe
SELECT toDate('2024-01-01') AS d ORDER BY d WITH FILL FROM toDate('2023-12-30') TO toDate('2024-01-03') STEP toIntervalDay(1) ;; ordered maybe
SELECT toDate('2024-01-01') AS d ORDER BY d DESC WITH FILL FROM toDate('2024-01-03') TO toDate('2023-12-30') STEP INTERVAL -1 DAY ;; ordered maybe
SELECT toDate('2024-01-01') AS d ORDER BY d DESC WITH FILL FROM toDate('2024-01-03') TO toDate('2023-12-30') ;; ordered maybe
