@tags ordered
SELECT g, id FROM small ORDER BY g, id LIMIT 1 BY g
SELECT g, id FROM small ORDER BY g, id LIMIT 2 BY g
SELECT g, id FROM small ORDER BY g, id LIMIT 1, 1 BY g
SELECT g, id FROM small ORDER BY g, id LIMIT 1 OFFSET 1 BY g
SELECT g, id FROM small ORDER BY id DESC LIMIT 1 BY g
SELECT g, id FROM small ORDER BY id LIMIT 1 BY g LIMIT 2
SELECT g, id FROM small ORDER BY id LIMIT 2 BY g LIMIT 3 OFFSET 1
SELECT g, h, id FROM small ORDER BY id LIMIT 1 BY g, h
SELECT n, id FROM small ORDER BY id LIMIT 1 BY n
SELECT id, k % 2 AS p FROM small ORDER BY id LIMIT 2 BY p
SELECT id FROM small ORDER BY id LIMIT 1 BY k % 3
SELECT g, count() AS c FROM small GROUP BY g, h ORDER BY g, h LIMIT 1 BY g
SELECT id FROM small ORDER BY id LIMIT 0 BY g
SELECT g, id FROM small WHERE k > 1 ORDER BY t DESC LIMIT 1 BY g
SELECT * FROM small ORDER BY id LIMIT 1 BY h
SELECT * FROM (SELECT g, id FROM small ORDER BY g, id LIMIT 1 BY g) WHERE id > 3 ORDER BY id
SELECT session_id, timestamp FROM events ORDER BY timestamp DESC LIMIT 1 BY session_id
SELECT g, id FROM small ORDER BY id LIMIT 1 BY small.g
SELECT g, id FROM small ORDER BY id LIMIT 1 BY 1 ;; maybe
SELECT g, id FROM small ORDER BY id LIMIT 1 BY ALL ;; maybe
