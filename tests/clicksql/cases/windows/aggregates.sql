@tags ordered
@let F sum avg min max count
@let T k n u32 d92
SELECT id, {F}({T}) OVER () AS r FROM small ORDER BY id
SELECT id, {F}({T}) OVER (PARTITION BY g) AS r FROM small ORDER BY id
SELECT id, {F}({T}) OVER (ORDER BY id) AS r FROM small ORDER BY id
SELECT id, {F}({T}) OVER (ORDER BY k) AS r FROM small ORDER BY id
SELECT id, {F}({T}) OVER (PARTITION BY h ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS r FROM small ORDER BY id
SELECT id, {F}({T}) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING) AS r FROM small ORDER BY id
SELECT id, {F}({T}) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS r FROM small ORDER BY id
SELECT id, {F}({T}) OVER (ORDER BY k RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS r FROM small ORDER BY id
SELECT id, {F}({T}) OVER (ORDER BY t RANGE BETWEEN 3600 PRECEDING AND CURRENT ROW) AS r FROM small ORDER BY id
SELECT id, {F}({T}) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) AS r FROM small ORDER BY id
SELECT id, {F}({T}) OVER (PARTITION BY g ORDER BY id DESC) AS r FROM small ORDER BY id
SELECT id, {F}({T}) OVER (PARTITION BY n ORDER BY id) AS r FROM small ORDER BY id
SELECT id, {F}If({T}, id % 2 = 0) OVER (PARTITION BY g ORDER BY id) AS r FROM small ORDER BY id ;; maybe
@let G uniq uniqExact any anyLast groupArray median argMax quantile
SELECT id, uniq(s) OVER (PARTITION BY g) AS a, any(s) OVER (PARTITION BY g ORDER BY id) AS b, groupArray(k) OVER (ORDER BY id ROWS 2 PRECEDING) AS c FROM small ORDER BY id
SELECT id, argMax(s, id) OVER (PARTITION BY g) AS r, median(k) OVER (PARTITION BY g) AS m FROM small ORDER BY id
SELECT id, countIf(k > 2) OVER (PARTITION BY h ORDER BY id) AS r FROM small ORDER BY id
SELECT g, sum(k) AS s, sum(sum(k)) OVER (ORDER BY g) AS run FROM small GROUP BY g ORDER BY g
SELECT g, count() AS c, c / sum(c) OVER () AS share FROM small GROUP BY g ORDER BY g ;; maybe
SELECT g, rank() OVER (ORDER BY count() DESC, g) AS r FROM small GROUP BY g ORDER BY g
SELECT id, sum(k) OVER w1 AS a, max(k) OVER w2 AS b FROM small WINDOW w1 AS (PARTITION BY g), w2 AS (ORDER BY id) ORDER BY id
SELECT toDate(t) AS day, sum(k) AS s, avg(s) OVER (ORDER BY day ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS ma FROM small GROUP BY day ORDER BY day ;; maybe
SELECT id, sum(k) OVER (PARTITION BY g ORDER BY id) * 100.0 / sum(k) OVER (PARTITION BY g) AS pct FROM small ORDER BY id
SELECT session_id, timestamp, timestamp - lagInFrame(timestamp, 1, timestamp) OVER (PARTITION BY session_id ORDER BY timestamp) AS gap FROM events ORDER BY session_id, timestamp
