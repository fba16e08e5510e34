# Texts that were cut inside of a character are bytes.
SELECT substring(s, 1, n) AS t, count(), min(id), uniq(t) FROM (SELECT arrayJoin([('Zürich', 1), ('Zörich', 2), ('Zürs', 3), ('Zaun', 4)]) AS p, p.1 AS s, p.2 AS id, arrayJoin([2, 3]) AS n) GROUP BY t ORDER BY count(), min(id), t ;; ordered
SELECT id FROM (SELECT arrayJoin([('дом', 1), ('рот', 2), ('Zü', 3), ('', 4)]) AS p, p.1 AS s, p.2 AS id) ORDER BY substring(s, 1, 1), id ;; ordered
SELECT id FROM (SELECT arrayJoin([('дом', 1), ('рот', 2), ('дар', 3)]) AS p, p.1 AS s, p.2 AS id) ORDER BY id LIMIT 1 BY substring(s, 1, 1) ;; ordered
SELECT uniqExact(substring(s, 1, 1)), count(DISTINCT left(s, 1)), uniq(left(s, 1)), uniqIf(left(s, 1), 1) FROM (SELECT arrayJoin(['дом', 'рот', 'дар']) AS s)
SELECT count() FROM (SELECT DISTINCT substring(s, 1, 1) FROM (SELECT arrayJoin(['дом', 'рот', 'дар']) AS s))
SELECT s, left(s, 1) < 'я', left(s, 1) = 'я', left(s, 1) != 'z', left(s, 1) > right(s, 1), left(s, 1) >= 'z', left(s, 1) = left('я', 1) FROM (SELECT arrayJoin(['дом', 'рот', 'z']) AS s)
SELECT s, length(if(length(s) > 3, left(s, 3), s)), hex(if(length(s) > 3, left(s, 3), s)), hex(coalesce(nullIf(left(s, 1), 'z'), '-')), hex(trim(concat(' ', left(s, 1), ' '))), empty(left(s, 1)), hex(multiIf(s = 'z', s, left(s, 1))) FROM (SELECT arrayJoin(['дом', 'рот', 'z']) AS s)
SELECT any(left(s, 1)), groupArray(left(s, 1)), argMax(left(s, 1), s), count(left(s, 1)) FROM (SELECT 'дом' AS s)
SELECT s, row_number() OVER (PARTITION BY left(s, 1) ORDER BY s) FROM (SELECT arrayJoin(['дом', 'рот', 'дар']) AS s)
