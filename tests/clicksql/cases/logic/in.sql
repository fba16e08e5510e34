@from nums
@let A i8 i64 u8 f64 ni32 nf64 d92
= {A} IN (0, 1, 127)
= {A} NOT IN (0, 1, 127)
= {A} IN (1, NULL)
= {A} NOT IN (1, NULL)
= {A} IN (1.5, 2.5) ;; maybe
= {A} IN (SELECT i8 FROM nums) ;; maybe
= {A} IN (-1)
= in({A}, (1, 2))
= notIn({A}, (1, 2))
= {A} BETWEEN 0 AND 100
= {A} NOT BETWEEN 0 AND 100
@from strs
@let S s ns lc nlc fs e
= {S} IN ('a', 'b', '')
= {S} NOT IN ('a', 'b')
= {S} IN ('a', NULL)
= {S} IN (SELECT p FROM strs)
= {S} NOT IN (SELECT p FROM strs)
= {S} IN ['a', 'b']
= {S} = 'a' ;; maybe
@from dates
= d IN ('2024-02-29', '1970-01-01')
= d IN (toDate('2024-02-29'))
= dt IN ('2024-01-01 00:00:00')
= nd NOT IN ('2024-02-29')
= d BETWEEN '2024-01-01' AND '2024-12-31'
= dt BETWEEN '2024-01-01' AND '2024-12-31 00:00:00'
= dt3 >= '2024-01-01 00:00:00'
? 2 IN (1, NULL)
? NULL IN (1, NULL)
? NULL IN (1)
? NULL NOT IN (1)
? 1 IN 1
? 1 IN (1)
? 1 IN [1, 2]
? (1, 2) IN ((1, 2), (3, 4))
? (1, 'a') IN ((1, 'b'))
? (1, 2) NOT IN ((1, 2))
? 1 IN (SELECT 1 UNION ALL SELECT 2)
? 1 IN tuple(1, 2)
? 'a' IN ('a')
? 300 IN (toUInt8(44))
? -1 IN (255, 18446744073709551615)
? 1 IN (1.0)
? '1' IN (1) ;; maybe
? 1 IN ('1') ;; maybe
SELECT id FROM jl WHERE (k, s) IN (SELECT k, s FROM jr) ORDER BY id ;; ordered
SELECT id FROM jl WHERE (k, s) NOT IN (SELECT k, s FROM jr) ORDER BY id ;; ordered
SELECT id FROM jl WHERE nk IN (SELECT nk FROM jr) ORDER BY id ;; ordered
SELECT id FROM jl WHERE nk NOT IN (SELECT nk FROM jr) ORDER BY id ;; ordered
SELECT id FROM jl WHERE k NOT IN (SELECT nk FROM jr) ORDER BY id ;; ordered
SELECT id FROM jl WHERE (k, s) IN ((1, 'a'), (2, 'b')) ORDER BY id ;; ordered
SELECT id FROM jl WHERE tuple(k) IN (SELECT k FROM jr) ORDER BY id ;; ordered error
SELECT id FROM jl WHERE k IN (SELECT k FROM empty_t2) ;; error
SELECT id FROM jl WHERE k IN (SELECT i FROM empty_t) ORDER BY id ;; ordered
SELECT id FROM jl WHERE k NOT IN (SELECT i FROM empty_t) ORDER BY id ;; ordered
SELECT user_id, name FROM users WHERE user_id IN (SELECT user_id FROM events WHERE price > 0) ORDER BY user_id ;; ordered
SELECT count() FROM events WHERE user_id NOT IN (SELECT user_id FROM users)
SELECT count() FROM events WHERE session_id IN (SELECT session_id FROM events GROUP BY session_id HAVING count() > 1)
SELECT id, nk IN (SELECT k FROM jr) AS i, nk NOT IN (SELECT k FROM jr) AS n FROM jl ORDER BY id
SELECT count() FROM misc WHERE u IN (SELECT toString(u) FROM misc)
# An array of the row beside IN.
SELECT id, id IN ai AS a, 1 IN ai AS b, id NOT IN ai AS c, toInt64(id) IN ai AS d, toNullable(id) IN ai AS e, id IN [1, 2] AS f, toTypeName(id IN ai) AS g FROM arrs ORDER BY id ;; ordered
SELECT id, s IN splitByChar(',', s) AS a, lc IN splitByChar(',', s) AS b, ns IN [s] AS c, lc IN ['a'] AS d, nlc IN ['a'] AS e FROM strs ORDER BY id ;; ordered
