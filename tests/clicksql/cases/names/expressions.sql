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
