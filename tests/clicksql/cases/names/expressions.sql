# The name of a column without alias is its expression, as ClickHouse normalises it.
@let E id | 1 | -1 | 1.5 | 'a' | NULL | true | [1, 2] | (1, 'a') | 1+1 | 1 + 2 * 3 | (1 + 2) * 3 | k+1 | -k | NOT b | k > 1 | k = 1 | k == 1 | k <> 1 | k != 1 AND b | k IN (1, 2) | k NOT IN (1) | k BETWEEN 1 AND 2 | s LIKE 'a%' | s NOT LIKE 'a' | s ILIKE 'a' | n IS NULL | n IS NOT NULL | s || 'x' | COUNT(*) | count(*) | count() | Sum(k) | SUM(k) | sum(k)+1 | avg( k ) | max(k) - min(k) | if(1, 2, 3) | arr[1] | (1, 2).1 | CAST(1 AS String) | CAST(1, 'String') | 1::String | toDate('2024-01-01') | toDate('2024-01-01') + INTERVAL 1 DAY | INTERVAL 1 DAY | INTERVAL '1' DAY | arrayMap(x -> x + 1, [1]) | arrayMap((x, y) -> x + y, [1], [2]) | quantile(0.9)(k) | count(DISTINCT k) | countIf(k > 1) | sum(k) FILTER (WHERE k > 1) | row_number() OVER (ORDER BY id) | sum(k) OVER (PARTITION BY g ORDER BY id) | sum(k) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) | CASE WHEN 1 THEN 2 ELSE 3 END | CASE 1 WHEN 1 THEN 2 END | 1 ? 2 : 3 | (SELECT 1) | (SELECT max(id) FROM small) | EXTRACT(YEAR FROM t) | SUBSTRING('abc' FROM 1 FOR 2) | TRIM(BOTH 'x' FROM 'xax') | DATE '2024-01-01' | map('a', 1) | tuple(1) | tuple(k, g) | 'it''s' | 'a\nb' | concat('a', g) | small.k | 0x10 | 1e3 | 1.0 | k % 2 | k MOD 2 | k DIV 2 | intDiv(k, 2) | position('a' IN 'b') | date_add(DAY, 1, t) | dateDiff('day', t, t) | toStartOfInterval(t, INTERVAL 1 HOUR) | toIntervalDay(1) | nullIf(k, 1) | coalesce(n, 1) | ifNull(n, 1) | isNull(n) | xor(1, 0) | k = 1 OR k = 2 | k = 1 OR k = 2 AND b | ((k)) | ( k + 1 ) | k-1 | - 5 | +5 | [k] | [] | ('a', k) | 1 IN (1) | k IN (SELECT 1) | s = 'é' | round(k, 2) | uniq(g, h) | toDecimal32(1.50, 2) | not(b) | length(arr) | LENGTH(s) | Upper(s) | UPPER(s) | least(1, 2) | now() > t | topK(3)(g) | any(g) | groupArray(2)(k) | argMax(g, k) | lagInFrame(k) OVER (ORDER BY id) | nt.1 | untuple((1, 2))
SELECT {E} FROM small LIMIT 0 ;; maybe
SELECT {E}, {E} FROM (SELECT * FROM small) LIMIT 0 ;; maybe
SELECT toTypeName({E}) AS t FROM small LIMIT 1 ;; maybe
SELECT s.k, s.g FROM small AS s LIMIT 0
SELECT small.k FROM small LIMIT 0
SELECT a.id, b.id FROM jl a JOIN jr b ON a.k = b.k LIMIT 0
SELECT a.id, b.id, a.k, lv, w FROM jl a JOIN jr b ON a.k = b.k LIMIT 0
SELECT * FROM jl a JOIN jr b ON a.k = b.k LIMIT 0
SELECT * FROM jl a JOIN jr b USING (k) LIMIT 0
SELECT a.*, b.w FROM jl a JOIN jr b USING (k) LIMIT 0
SELECT * FROM jl JOIN jr ON jl.k = jr.k JOIN j3 ON j3.k = jl.k LIMIT 0
SELECT a.*, b.* FROM jl a JOIN j3 b ON a.k = b.k LIMIT 0
SELECT q.* FROM (SELECT a.id, b.id FROM jl a JOIN jr b ON a.k = b.k) q LIMIT 0
SELECT nt.a, nt.b, t.1, nt FROM arrs LIMIT 0
SELECT m['a'], m.keys, ai[1], ai.size0 FROM arrs LIMIT 0
SELECT ns.null FROM strs LIMIT 0
SELECT upper(s.g) FROM small s GROUP BY upper(s.g) LIMIT 0
SELECT g AS x, upper(x), x || 'a' FROM small LIMIT 0
SELECT k AS x, x + 1, (x + 1) * 2 FROM small LIMIT 0
WITH 1 AS one SELECT one + 1 LIMIT 0
WITH 1 AS one, k + one AS z SELECT z, z + 1 FROM small LIMIT 0
WITH (SELECT 5) AS five SELECT five + 1, five LIMIT 0
SELECT COLUMNS('^i') FROM small LIMIT 0
SELECT * EXCEPT (id) FROM j3 LIMIT 0
SELECT * REPLACE (k + 1 AS k) FROM j3 LIMIT 0
SELECT 1 UNION ALL SELECT 2 LIMIT 0
SELECT number + 1 FROM numbers(1)
SELECT 1 + 1, 'x' || 'y', 2 > 1

# What expressions are called.
SELECT (number, 1), tuple(number, 1), [number, 1], array(number, 1), ((number, 1), 2), ([1], number), [(1, number)] FROM numbers(1)
SELECT (1 + 1, 2), [1 + 1, 2], (1, 'a', NULL, 1.5, -1), [1, NULL], [-1, 1], [1, 2.5], ['a', 'b\'c'], (true, false), [true], [1, -1.5, NULL]
SELECT [], [[]], [[1], [2, 3]], [(1, 'a'), (2, 'b')], tuple(), (1,), ((1)), ((1, 2))
SELECT arrayMap(x -> x + 1, [1]), arrayMap((x, y) -> x * y, [1], [2]), arrayFilter(x -> (x > 1) AND (x < 3), [1, 2]), arrayExists(x -> x = 'a', ['a'])
SELECT arrayMap(x -> (x, 1), [1]), arrayMap(x -> [x, 2], [1]), arrayMap(x -> if(x > 1, 'a', 'b'), [1]), arrayMap(x -> toString(x), [1])
SELECT arrayMap(x -> arrayMap(y -> x + y, [1, 2]), [1]), arrayMap(x -> x.1, [(1, 2)]), arrayMap((x) -> -x, [1]), arrayMap(x -> NOT x, [1])
SELECT arrayMap(x -> x + n, [1]) FROM (SELECT 1 AS n)
SELECT arrayMap(x -> t.n + x, [1]) FROM (SELECT 1 AS n) AS t
WITH 1 AS n SELECT arrayMap(x -> n + x, [1])
SELECT date_sub(DAY, 2, toDate('2024-01-01')), timestampSub(DAY, 2, toDate('2024-01-01')), timestampAdd(DAY, 2, toDate('2024-01-01')), timestamp_add(toDate('2024-01-01'), INTERVAL 1 DAY), date_add(INTERVAL 1 DAY, toDate('2024-01-01')), DATE_ADD(toDate('2024-01-01'), INTERVAL 1 DAY)
SELECT dateDiff('day', toDate('2024-01-01'), toDate('2024-01-02')), date_diff(day, toDate('2024-01-01'), toDate('2024-01-02')), timestampdiff(DAY, toDate('2024-01-01'), toDate('2024-01-02')), datediff(day, toDate('2024-01-01'), toDate('2024-01-02')), dateDiff(day, toDate('2024-01-01'), toDate('2024-01-02'))
SELECT extract(day FROM toDate('2024-01-01')), extract(YEAR FROM toDate('2024-01-01')), extract('abc', 'b'), extract(week FROM toDate('2024-01-01'))
SELECT CASE WHEN 1 THEN 2 ELSE 3 END, CASE 1 WHEN 1 THEN 'a' WHEN 2 THEN 'b' ELSE 'c' END, CASE WHEN 1 THEN 2 END, CASE 1 WHEN 2 THEN 3 END, CASE WHEN 1 THEN 2 WHEN 0 THEN 5 ELSE 3 END, 1 ? 2 : 3
SELECT 1 BETWEEN 0 AND 2, 1 NOT BETWEEN 0 AND 2, 1 IS NULL, 1 IS NOT NULL, NOT 1, NOT (1 = 2), -(1), - 1, -1, +1, 1 AND 2 AND 3, 1 OR 2, 1 AND (2 OR 3), 'a' LIKE 'b', 'a' NOT LIKE 'b', 'a' ILIKE 'b', 'a' NOT ILIKE 'b', 'a' REGEXP 'b'
SELECT 1 || 'a', 'a' || 'b' || 'c', 1 % 2, 5 DIV 2, 5 MOD 2, 1 <=> 1, 1 IS DISTINCT FROM 2, 1 IS NOT DISTINCT FROM 2, 1 <> 2, 1 != 2, 1 == 1
SELECT count(), count(*), count(1), COUNT(*), Count(number), sum(number), SUM(number), countIf(number > 1), count(DISTINCT number), uniqExact(number), avg(number), AVG(number), Max(number) FROM numbers(3)
SELECT sum(number) FILTER (WHERE number > 1), quantile(0.5)(number), quantiles(0.5, 0.9)(number), topK(3)(number), groupArray(2)(number), sumIf(number, number > 1), any(number), argMax(number, number + 1) FROM numbers(3)
SELECT row_number() OVER (), row_number() OVER (ORDER BY number), sum(number) OVER (PARTITION BY number % 2 ORDER BY number DESC), lagInFrame(number) OVER (ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), rank() OVER w, count(*) OVER (PARTITION BY 1) FROM numbers(1) WINDOW w AS (ORDER BY number)
SELECT sum(number) OVER (ORDER BY number ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING), sum(number) OVER (ROWS UNBOUNDED PRECEDING), sum(number) OVER (ORDER BY number ASC NULLS FIRST), sum(number + 1) OVER (w) FROM numbers(1) WINDOW w AS (PARTITION BY number)
SELECT 1., 1.0, 1e3, 1e30, 0.1, 123456789.125, 1e-7, 0.00001, 1e100, -0.0, 0x10, 1_000, inf, nan, -inf, 18446744073709551615, 18446744073709551616, -9223372036854775809
SELECT 'a\nb', 'a''b', 'a\tb', '\\', 'ñ', '', 'a\0b', '"', '`', '\x01', '😀'
SELECT NULL, true, false, TRUE, NULL + 1, [NULL], (NULL, 1), if(NULL, 1, 2)
SELECT number AS n, n + 1, `n` * 2, (n), ((n)), n AS m, m + 1 FROM numbers(1)
SELECT t.number + 1, t.number, `t`.`number` FROM numbers(1) AS t
SELECT `a b`, "a b" + 1, `a.b`, toString(`a b`) FROM (SELECT 1 AS `a b`, 2 AS `a.b`)
SELECT length('a'), char_length('a'), OCTET_LENGTH('a'), concat('a', 'b'), CONCAT('a', 'b'), toDate('2024-01-01'), DATE('2024-01-01'), YEAR(toDate('2024-01-01')), toYear(toDate('2024-01-01')), round(1.5), ROUND(1.5), mod(5, 2), pow(2, 3), power(2, 3), abs(-1), greatest(1, 2), GREATEST(1, 2), ceil(1.5), ceiling(1.5), floor(1.5), truncate(1.5), ln(1), log(1), rand() > 5
SELECT [1 + 1, 2.5, 1], (1 + 1, true), [-1, 2.5], [-1, 1], (- 1, 2), [- 1], [1, -2], (-1.5, NULL), [1e10, 1], [1e30, 1]
WITH [1, 2.5] AS a, (1, true) AS b SELECT a, b, length(a), tupleElement(b, 2), has(a, 1), has([1, 2.5], 1), [1, 2.5][1], (1, true).1
SELECT 1 IN (1, 2.5), 1 IN (true, 2), 'a' IN ('a', NULL), number IN (1, 2), (number, 1) IN ((1, 2), (3, 4)), number IN (1), number IN [1, 2.5], number NOT IN (1) FROM numbers(1)
SELECT -1, - 1, -(1), -1.5, -number, - -1, -(-1), +1, 1 - 1, 1-1, 2 -1, -1 + 2, -toInt8(1) FROM numbers(1)
SELECT 1 AND 2 AND 3, 1 OR 2 OR 3, (1 AND 2) AND 3, 1 AND (2 AND 3), 1 OR (2 OR 3), 1 OR 2 AND 3, 1 + 2 + 3, 'a' || 'b' || 'c' || 'd', ('a' || 'b') || 'c', 'a' || ('b' || 'c'), and(1, 2) AND 3, concat('a', 'b') || 'c', 1 AND 2 AND 3 AND 4
SELECT NOT 1 = 2, NOT (1 AND 2), NOT NOT 1, 1 = 2 AND NOT 3, -1 IN (1), 1 BETWEEN 1 AND 2 AND 3
SELECT CASE number WHEN 1 THEN 'a' ELSE 'b' END, CASE number + 1 WHEN 1 THEN 'a' END, CASE WHEN number = 1 THEN 'a' WHEN number = 2 THEN 'b' END FROM numbers(1)
SELECT sum(DISTINCT number), count(DISTINCT number, number + 1), groupArray(DISTINCT number), countDistinct(number), COUNT(DISTINCT number), uniqExact(DISTINCT number), any(number) IGNORE NULLS, any(number) RESPECT NULLS, first_value(number) FROM numbers(1)
SELECT sum(a.number), a.number + b.number, a.number, b.number FROM numbers(2) AS a JOIN numbers(2) AS b ON a.number = b.number GROUP BY a.number, b.number ORDER BY 1
SELECT a.number, b.number FROM numbers(1) a, numbers(1) b
SELECT * FROM numbers(1) a, numbers(1) b
SELECT a.*, b.* FROM numbers(1) a, numbers(1) b
