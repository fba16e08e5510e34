@tags ordered
SELECT id, a FROM small ARRAY JOIN arr AS a ORDER BY id, a
SELECT id, a FROM small LEFT ARRAY JOIN arr AS a ORDER BY id, a
SELECT id, arr FROM small ARRAY JOIN arr ORDER BY id, arr
SELECT id, a, i FROM small ARRAY JOIN arr AS a, arrayEnumerate(arr) AS i ORDER BY id, i
SELECT g, sum(a) AS s FROM small ARRAY JOIN arr AS a GROUP BY g ORDER BY g
SELECT id, a FROM small ARRAY JOIN arr AS a WHERE a > 2 ORDER BY id, a
SELECT id, a FROM small ARRAY JOIN arrayFilter(x -> x > 1, arr) AS a ORDER BY id, a
SELECT id, a FROM small ARRAY JOIN splitByChar('-', concat(g, '-', h)) AS a ORDER BY id, a
SELECT id, a.1 AS x, a.2 AS y FROM small ARRAY JOIN arrayZip(arr, arr) AS a ORDER BY id, x
SELECT id, tag FROM (SELECT 1 AS id, ['a', 'b'] AS tags UNION ALL SELECT 2, []) ARRAY JOIN tags AS tag ORDER BY id, tag
SELECT s.id, a FROM small AS s ARRAY JOIN s.arr AS a ORDER BY s.id, a LIMIT 3
SELECT u.user_id, x FROM users AS u ARRAY JOIN [1, 2] AS x ORDER BY u.user_id, x
SELECT id, a FROM small ARRAY JOIN arr AS a ORDER BY id, a LIMIT 1 BY id
SELECT count(), sum(a) FROM small LEFT ARRAY JOIN arr AS a
SELECT small.id, a, jl.s FROM small ARRAY JOIN arr AS a INNER JOIN jl ON jl.k = small.k ORDER BY small.id, a, jl.s ;; maybe
