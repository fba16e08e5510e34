@tags ordered
SELECT id FROM small WHERE k > 2 ORDER BY id
SELECT id FROM small WHERE k > 2 AND h = 'x' OR g = 'a' ORDER BY id
SELECT id FROM small WHERE NOT (k > 2) ORDER BY id
SELECT id FROM small WHERE n ORDER BY id
SELECT id FROM small WHERE n > 3 ORDER BY id
SELECT id FROM small WHERE NOT n > 3 ORDER BY id
SELECT id FROM small WHERE n IS NULL OR n < 3 ORDER BY id
SELECT id FROM small WHERE n != 6 ORDER BY id
SELECT id FROM small WHERE n = NULL ORDER BY id
SELECT id FROM small WHERE b ORDER BY id
SELECT id FROM small WHERE b = true ORDER BY id
SELECT id FROM small WHERE NOT b ORDER BY id
SELECT id FROM small WHERE b = 1 ORDER BY id
SELECT id FROM small WHERE f64 ORDER BY id ;; maybe
SELECT id FROM small WHERE s = '' ORDER BY id
SELECT id FROM small WHERE s > 'a' ORDER BY id
SELECT id FROM small WHERE d = '2024-01-01' ORDER BY id
SELECT id FROM small WHERE d >= toDate('2024-02-01') ORDER BY id
SELECT id FROM small WHERE t > '2024-01-02 00:00:00' ORDER BY id
SELECT id FROM small WHERE t >= '2024-01-02' ORDER BY id
SELECT id FROM small WHERE toDate(t) = '2024-01-02' ORDER BY id
SELECT id FROM small WHERE t BETWEEN '2024-01-01 00:00:30' AND '2024-01-01 01:00:00' ORDER BY id
SELECT id FROM small WHERE d = t ORDER BY id
SELECT id FROM small WHERE s LIKE '%a%' AND ns IS NOT NULL ORDER BY id
SELECT id FROM small WHERE has(arr, 1) ORDER BY id
SELECT id FROM small WHERE (g, k) = ('a', 1) ORDER BY id
SELECT id FROM small WHERE k = 1 = 1 ORDER BY id
SELECT id, k * 2 AS kk FROM small WHERE kk > 6 ORDER BY id
SELECT id, k * 2 AS k FROM small WHERE k > 6 ORDER BY id
SELECT id, upper(g) AS g FROM small WHERE g = 'A' ORDER BY id
SELECT id FROM small PREWHERE k > 2 ORDER BY id
SELECT id FROM small PREWHERE k > 2 WHERE h = 'x' ORDER BY id
SELECT id, k + 1 AS z FROM small PREWHERE z > 4 WHERE n IS NULL ORDER BY id
SELECT count() FROM small PREWHERE g = 'a' WHERE k = 1
SELECT id FROM small WHERE k = (SELECT max(k) FROM small) ORDER BY id
SELECT id FROM small WHERE k > (SELECT avg(k) FROM small) ORDER BY id
SELECT id FROM small WHERE id IN (SELECT max(id) FROM small GROUP BY g) ORDER BY id
SELECT id FROM small WHERE EXISTS (SELECT 1) ORDER BY id
SELECT id FROM small WHERE EXISTS (SELECT 1 WHERE 0) ORDER BY id
SELECT id FROM small s1 WHERE EXISTS (SELECT 1 FROM jl WHERE jl.k = s1.k) ORDER BY id ;; maybe
SELECT id FROM small WHERE sum(k) > 1 ;; error
SELECT id FROM small WHERE 1 = 0
SELECT id FROM small WHERE NULL
SELECT id FROM small WHERE e8 = 'a' ;; error
SELECT id FROM misc WHERE e8 = 'a' ORDER BY id
SELECT id FROM misc WHERE e8 IN ('a', 'b') AND e16 = 'x' ORDER BY id
SELECT id FROM misc WHERE u = '61f0c404-5cb3-11e7-907b-a6006ad3dba0' ORDER BY id
SELECT id FROM misc WHERE e8 = 'zzz' ;; maybe
SELECT id FROM misc WHERE e8 = 1 ORDER BY id ;; maybe
SELECT id FROM nums WHERE f64 = f64 ORDER BY id
SELECT id FROM nums WHERE f64 != f64 ORDER BY id
SELECT id FROM nums WHERE f64 > 0 ORDER BY id
SELECT id FROM nums WHERE NOT f64 > 0 ORDER BY id
SELECT id FROM nums WHERE f64 IN (0) ORDER BY id
SELECT id FROM nums WHERE d92 = 1.25 ORDER BY id
SELECT id FROM nums WHERE f32 = 0.1 ORDER BY id
SELECT id FROM nums WHERE u8 = -1 ORDER BY id
SELECT id FROM nums WHERE i8 = 255 ORDER BY id
