SELECT number FROM numbers(5) ORDER BY number ;; ordered
SELECT number FROM numbers(2, 3) ORDER BY number ;; ordered
SELECT number * 2 AS d, number % 2 FROM numbers(4) ORDER BY d ;; ordered
SELECT sum(number), toTypeName(sum(number)) FROM numbers(100)
SELECT toDate('2024-01-01') + number AS d FROM numbers(5) ORDER BY d ;; ordered
SELECT addDays(toDate('2024-02-27'), number) AS d FROM numbers(4) ORDER BY d ;; ordered
SELECT toStartOfMonth(addMonths(toDate('2024-01-31'), number)) AS d FROM numbers(4) ORDER BY d ;; ordered
SELECT count() FROM numbers(0)
SELECT * FROM numbers(3) AS n ORDER BY n.number ;; ordered
SELECT number FROM numbers(10) WHERE number % 3 = 0 ORDER BY number DESC LIMIT 2 ;; ordered
SELECT number FROM system.numbers LIMIT 3 ;; maybe
SELECT * FROM generate_series(1, 5, 2) ;; maybe
SELECT * FROM generateRandom('a UInt8', 1) LIMIT 0
SELECT rowNumberInBlock() AS r FROM small ORDER BY id LIMIT 1
SELECT max(r) FROM (SELECT rowNumberInAllBlocks() AS r FROM small)
SELECT count() FROM (SELECT rowNumberInAllBlocks() AS r FROM small) WHERE r < 5
SELECT 1
SELECT 1, 2, 'a'
SELECT 1 AS a, 'b' AS b, NULL AS c
SELECT * FROM (SELECT 1 AS a)
SELECT 1 FROM nums
SELECT 1 WHERE 0
SELECT 1 WHERE NULL
SELECT materialize(1)
SELECT identity(5)
SELECT ignore(1, 2)
SELECT toTypeName(toColumnTypeName(1)) ;; maybe
SELECT blockSize() >= 1 ;; maybe
SELECT throwIf(0)
SELECT throwIf(1) ;; error
SELECT version() = version()
SELECT isConstant(1), isConstant(id) FROM nums LIMIT 1
SELECT runningDifference(1) ;; maybe
SELECT runningAccumulate(s) FROM (SELECT sumState(k) AS s FROM small) ;; maybe
SELECT neighbor(1, 1) ;; maybe
SELECT currentDatabase() = currentDatabase()
SELECT nonexistent(1) ;; error
SELECT nope FROM nums ;; error
SELECT id FROM nope_table ;; error
SELECT id, FROM nums WHERE id = 1 ;; maybe
SELECT count(,) FROM nums ;; error
SELEC 1 ;; error
