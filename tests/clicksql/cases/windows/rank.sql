@tags ordered
@let F row_number() | rank() | dense_rank() | percent_rank() | cume_dist() | ntile(3)
SELECT id, {F} OVER (ORDER BY id) AS r FROM small ORDER BY id
SELECT id, {F} OVER (PARTITION BY h ORDER BY id) AS r FROM small ORDER BY id
SELECT id, {F} OVER (PARTITION BY g ORDER BY k DESC, id) AS r FROM small ORDER BY id
SELECT id, {F} OVER (ORDER BY n, id) AS r FROM small ORDER BY id
SELECT id, {F} OVER (ORDER BY n DESC NULLS FIRST, id) AS r FROM small ORDER BY id
SELECT id, {F} OVER w AS r FROM small WINDOW w AS (PARTITION BY h ORDER BY t) ORDER BY id
SELECT id, rank() OVER (ORDER BY k) AS a, dense_rank() OVER (ORDER BY k) AS b FROM small ORDER BY id
SELECT id, rank() OVER (PARTITION BY g ORDER BY n) AS a FROM small ORDER BY id
SELECT * FROM (SELECT id, g, row_number() OVER (PARTITION BY g ORDER BY id DESC) AS rn FROM small) WHERE rn = 1 ORDER BY id
SELECT toTypeName(row_number() OVER (ORDER BY id)), toTypeName(rank() OVER (ORDER BY id)) FROM small LIMIT 1
SELECT id, ROW_NUMBER() OVER (ORDER BY id) FROM small ORDER BY id
SELECT id, row_number() OVER (ORDER BY id) AS rn FROM small QUALIFY rn <= 2 ORDER BY id
