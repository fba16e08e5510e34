# Queries in the shape of Tinybird endpoints.
@tags ordered
SELECT toStartOfHour(timestamp) AS hour, count() AS hits, uniq(session_id) AS visits FROM events GROUP BY hour ORDER BY hour
SELECT toDate(timestamp) AS date, uniq(session_id) AS visits, count() AS pageviews, round(pageviews / visits, 2) AS per FROM events WHERE action = 'page_hit' GROUP BY date ORDER BY date
SELECT action, count() AS c, sum(price * qty) AS revenue, round(avg(price), 2) AS avg_price FROM events GROUP BY action ORDER BY revenue DESC, action
SELECT session_id, argMax(action, timestamp) AS last_action, min(timestamp) AS first_seen, max(timestamp) AS last_seen, dateDiff('minute', first_seen, last_seen) AS minutes FROM events GROUP BY session_id ORDER BY session_id
SELECT JSONExtractString(payload, 'pathname') AS pathname, count() AS hits FROM events WHERE action = 'page_hit' GROUP BY pathname HAVING pathname != '' ORDER BY hits DESC, pathname LIMIT 10
SELECT case when match(ua, 'Googlebot|curl') then 'bot' when match(ua, 'iPhone|Android') then 'mobile' else 'desktop' end AS device, count() AS c FROM events GROUP BY device ORDER BY device
SELECT multiIf(position(ua, 'Firefox') > 0, 'firefox', position(ua, 'Chrome') > 0, 'chrome', position(ua, 'Safari') > 0, 'safari', 'other') AS browser, uniq(session_id) AS s FROM events GROUP BY browser ORDER BY browser
SELECT domainWithoutWWW(JSONExtractString(payload, 'referrer')) AS source, count() FROM events GROUP BY source ORDER BY source
WITH hits AS (SELECT toDate(timestamp) AS d, count() AS c FROM events GROUP BY d) SELECT d, c, sum(c) OVER (ORDER BY d) AS running FROM hits ORDER BY d
WITH (SELECT max(timestamp) FROM events) AS last SELECT session_id, count() FROM events WHERE timestamp > last - INTERVAL 60 DAY GROUP BY session_id ORDER BY session_id
SELECT e.session_id AS session, u.name, coalesce(u.plan, 'none') AS plan, sum(e.price) AS spent FROM events e LEFT JOIN users u ON u.user_id = e.user_id GROUP BY session, u.name, plan ORDER BY session, u.name
SELECT u.country, uniqIf(e.session_id, e.action = 'buy') AS buyers, countIf(e.action = 'page_hit') AS hits FROM users u LEFT JOIN events e ON e.user_id = u.user_id GROUP BY u.country ORDER BY u.country
SELECT * FROM (SELECT session_id, action, timestamp, row_number() OVER (PARTITION BY session_id ORDER BY timestamp DESC) AS rn FROM events) WHERE rn = 1 ORDER BY session_id
SELECT action, quantile(0.5)(price) AS p50, quantile(0.9)(price) AS p90, max(price) AS p100 FROM events GROUP BY action ORDER BY action ;; approx=1e-14
SELECT toStartOfInterval(timestamp, INTERVAL 6 HOUR) AS slot, countIf(action = 'buy') AS buys FROM events WHERE timestamp BETWEEN '2024-01-01 00:00:00' AND '2024-01-03 00:00:00' GROUP BY slot ORDER BY slot WITH FILL STEP INTERVAL 6 HOUR
SELECT date, visits FROM (SELECT toDate(timestamp) AS date, uniq(session_id) AS visits FROM events GROUP BY date) AS a RIGHT JOIN (SELECT toDate('2024-01-01') + number AS date FROM numbers(9)) AS b USING date ORDER BY date
SELECT countMerge(hits) AS hits, uniqMerge(visits) AS visits, date FROM (SELECT toDate(timestamp) AS date, action, countState() AS hits, uniqState(session_id) AS visits FROM events GROUP BY date, action) GROUP BY date ORDER BY date
SELECT formatDateTime(timestamp, '%Y-%m') AS month, count() FROM events GROUP BY month ORDER BY month
SELECT arrayJoin(splitByChar(' ', ua)) AS word, count() AS c FROM events GROUP BY word ORDER BY c DESC, word LIMIT 5
SELECT user_id, groupArray(action) AS actions FROM (SELECT * FROM events ORDER BY timestamp) WHERE user_id IS NOT NULL GROUP BY user_id ORDER BY user_id
SELECT session_id, arrayStringConcat(groupArray(action), ' > ') AS path FROM (SELECT * FROM events ORDER BY timestamp) GROUP BY session_id ORDER BY session_id
SELECT version, any(ua) FROM (SELECT version, ua FROM events WHERE session_id = 's2') GROUP BY version
SELECT toStartOfWeek(timestamp, 1) AS week, sum(qty) AS n, n - lagInFrame(n, 1, n) OVER (ORDER BY week) AS delta FROM events GROUP BY week ORDER BY week
SELECT name, dateDiff('year', born, toDate('2024-06-01')) AS years, age('year', born, toDate('2024-06-01')) AS full_years FROM users ORDER BY name
SELECT country, count() AS c, groupArray(name) AS names, max(born) AS youngest FROM (SELECT * FROM users ORDER BY name) GROUP BY country ORDER BY c DESC, country
SELECT cityHash64(session_id) % 4 AS bucket, count() FROM events GROUP BY bucket ORDER BY bucket
SELECT 'v' || version AS v, countIf(price > 0) / count() AS rate FROM events GROUP BY v ORDER BY v
SELECT if(user_id IS NULL, 'anonymous', toString(user_id)) AS who, count() FROM events GROUP BY who ORDER BY who
SELECT session_id, count() c FROM events WHERE session_id NOT IN (SELECT session_id FROM events WHERE action = 'buy') GROUP BY session_id ORDER BY c DESC, session_id
SELECT toUnixTimestamp64Milli(toDateTime64(timestamp, 3)) AS ms, fromUnixTimestamp64Milli(toInt64(ms)) AS back FROM events ORDER BY ms LIMIT 3
SELECT topK(1)(action) AS top, version FROM events WHERE action != 'buy' AND version = '1' GROUP BY version
SELECT sum(price * qty) AS total, total / count() AS per_event, total / uniq(session_id) AS per_session FROM events
SELECT round(countIf(action = 'buy') * 100 / count(), 2) AS conversion FROM events WHERE toYear(timestamp) = 2024
SELECT start, stop, count() AS c FROM (SELECT toStartOfDay(timestamp) AS start, start + INTERVAL 1 DAY AS stop FROM events) GROUP BY start, stop ORDER BY start
SELECT a.d AS d, a.c AS today, b.c AS before FROM (SELECT toDate(timestamp) AS d, count() AS c FROM events GROUP BY d) a LEFT JOIN (SELECT toDate(timestamp) + 1 AS d, count() AS c FROM events GROUP BY d) b ON a.d = b.d ORDER BY d
SELECT timestamp, session_id, sum(is_new) OVER (PARTITION BY session_id ORDER BY timestamp) AS visit FROM (SELECT *, dateDiff('minute', lagInFrame(timestamp, 1, toDateTime(0)) OVER (PARTITION BY session_id ORDER BY timestamp), timestamp) > 30 AS is_new FROM events) ORDER BY session_id, timestamp
SELECT uniqMerge(u) AS total, arraySort(groupArray(d)) AS days FROM (SELECT toDate(timestamp) AS d, uniqState(session_id) AS u FROM events GROUP BY d)
SELECT sum(c) AS total FROM (SELECT count() AS c FROM events UNION ALL SELECT count() FROM users)
SELECT toTimeZone(timestamp, 'Europe/Madrid') AS local, toHour(local) AS h, toDate(local) AS d FROM events ORDER BY timestamp
SELECT * FROM events WHERE action = 'buy' ORDER BY timestamp DESC LIMIT 1 BY session_id LIMIT 5
