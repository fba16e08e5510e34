# Table functions, tables of `system`, and the names of tables.

# What counts.
WITH s AS (SELECT 1 AS a) SELECT s.a FROM s AS t ;; maybe
WITH s AS (SELECT 1 AS a) SELECT s.a, t.a, a FROM s AS t ;; maybe
WITH s AS (SELECT 1 AS a) SELECT s.a FROM s AS t, s AS u ;; maybe
WITH s AS (SELECT 1 AS a) SELECT s.a, u.a FROM s AS t JOIN (SELECT 1 AS a) AS u ON t.a = u.a ;; maybe
WITH s AS (SELECT 1 AS a) SELECT s.* FROM s AS t ;; maybe
WITH s AS (SELECT 1 AS a) SELECT t.*, s.a FROM s AS t ;; maybe
WITH s AS (SELECT 1 AS a), t AS (SELECT 2 AS a) SELECT s.a FROM t AS s ;; maybe
WITH s AS (SELECT 1 AS a), t AS (SELECT 2 AS a) SELECT t.a FROM t AS s JOIN s AS t ON t.a < s.a ;; maybe
SELECT x FROM (SELECT a.x, a.* FROM (SELECT 1 AS x, 2 AS y) AS a) ;; maybe
SELECT * FROM (SELECT a.x, a.* FROM (SELECT 1 AS x, 2 AS y) AS a) ;; maybe
SELECT x, y FROM (SELECT a.x, a.x, a.y FROM (SELECT 1 AS x, 2 AS y) AS a) ;; maybe
SELECT sum(x) FROM (SELECT a.x, * FROM (SELECT 1 AS x, 2 AS y) AS a) GROUP BY x ;; maybe
SELECT x FROM (SELECT 1 AS x, 2 AS x) ;; maybe
SELECT number FROM numbers(toUInt64(3)) ;; maybe
SELECT count() FROM numbers(toUInt64(2), toUInt64(3)) ;; maybe
SELECT number FROM numbers((SELECT 3)) ;; maybe
SELECT number FROM numbers((SELECT max(number) FROM numbers(4))) ;; maybe
WITH 3 AS n SELECT number FROM numbers(n) ;; maybe
WITH (SELECT 3) AS n SELECT number FROM numbers(n) ;; maybe
WITH (SELECT 3) AS n SELECT number FROM numbers(assumeNotNull(n)) ;; maybe
SELECT number FROM numbers(dateDiff('day', toDate('2024-01-01'), toDate('2024-01-04'))) ;; maybe
SELECT number FROM numbers(1 + 2, 2 * 2) ;; maybe
SELECT number FROM numbers(3.5) ;; maybe
SELECT number FROM numbers('3') ;; maybe
SELECT number FROM numbers(-1) ;; maybe
SELECT number FROM numbers(0) ;; maybe
SELECT number FROM numbers(2, 5, 2) ;; maybe
SELECT number FROM numbers(2, 4, 3) ;; maybe
SELECT number FROM numbers(0, 10, 0) ;; maybe
SELECT number FROM numbers() LIMIT 3 ;; maybe
SELECT number FROM system.numbers LIMIT 3 ;; maybe
SELECT number FROM system.numbers LIMIT 2, 3 ;; maybe
SELECT number + 1 AS x FROM system.numbers WHERE number % 2 = 1 LIMIT 3 ;; maybe
SELECT number FROM system.numbers_mt WHERE number < 3 LIMIT 3 ;; maybe
SELECT * FROM system.one ;; maybe
SELECT dummy FROM system.one ;; maybe
SELECT 1 FROM system.one ;; maybe
SELECT * FROM zeros(2) ;; maybe
SELECT zero FROM system.zeros LIMIT 2 ;; maybe
SELECT * FROM generate_series(1, 3) ;; maybe
SELECT * FROM generate_series(1, 10, 4) ;; maybe
SELECT * FROM generateSeries(1, 3) ;; maybe
SELECT * FROM generate_series(5, 1) ;; maybe
SELECT * FROM generate_series(1, 3) AS t ;; maybe
SELECT generate_series FROM generateSeries(1, 3) ;; maybe
SELECT * FROM values('a UInt8, b String', (1, 'x'), (2, 'y')) ;; maybe
SELECT * FROM VALUES('a UInt8, b String', (1, 'x'), (2, 'y')) ;; maybe
SELECT * FROM values((1, 'x'), (2, 'y')) ;; maybe
SELECT c1, c2 FROM values((1, 'x'), (300, 'y')) ;; maybe
SELECT * FROM values(1, 2, 3) ;; maybe
SELECT * FROM values('a UInt8', 1, 2) ;; maybe
SELECT * FROM values('a Nullable(UInt8)', 1, NULL) ;; maybe
SELECT * FROM values('a Array(UInt8)', [1], [2, 3]) ;; maybe
SELECT * FROM values('d Date, t DateTime', ('2024-01-01', '2024-01-01 00:00:00')) ;; maybe
SELECT * FROM values('x', 'y') ;; maybe
SELECT * FROM view(SELECT 1 AS x) ;; maybe
SELECT count() FROM numbers(10) SAMPLE 0.1 ;; maybe
SELECT number FROM numbers_mt(3) ORDER BY number ;; maybe
SELECT * FROM numbers(2) AS a GLOBAL JOIN numbers(2) AS b USING number ORDER BY number ;; maybe
SELECT 1 GLOBAL IN (SELECT 1) ;; maybe
SELECT number FROM numbers(3) LIMIT (SELECT 2) ;; maybe
SELECT number FROM numbers(3) LIMIT 1 + 1 ;; maybe
WITH 2 AS n SELECT number FROM numbers(3) LIMIT n ;; maybe
SELECT number FROM numbers(3) LIMIT toUInt8('2') ;; maybe
SELECT number FROM numbers(3) LIMIT if(1 > 2, 1, 2) ;; maybe
