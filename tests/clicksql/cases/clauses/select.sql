@tags ordered
SELECT * FROM users ORDER BY user_id
SELECT user_id, * FROM users ORDER BY user_id
SELECT users.* FROM users ORDER BY user_id
SELECT u.* FROM users AS u ORDER BY u.user_id
SELECT * EXCEPT (born) FROM users ORDER BY user_id
SELECT * EXCEPT born FROM users ORDER BY user_id
SELECT * EXCEPT (born, plan) FROM users ORDER BY user_id
SELECT * EXCLUDE (born) FROM users ORDER BY user_id ;; maybe
SELECT * REPLACE (upper(name) AS name) FROM users ORDER BY user_id
SELECT * EXCEPT (plan) REPLACE (user_id + 1 AS user_id) FROM users ORDER BY name
SELECT * APPLY (toString) FROM users ORDER BY user_id ;; maybe
SELECT COLUMNS('^n') FROM users ORDER BY user_id
SELECT COLUMNS(name, plan) FROM users ORDER BY user_id
SELECT name AS n, n || '!' AS m, length(m) AS l FROM users ORDER BY n
SELECT name n, user_id id FROM users ORDER BY id
SELECT name AS "Full Name", user_id AS `the id` FROM users ORDER BY `the id`
SELECT upper(name) FROM users ORDER BY user_id
SELECT DISTINCT country FROM users ORDER BY country
SELECT DISTINCT g, h FROM small ORDER BY g, h
SELECT DISTINCT n FROM small ORDER BY n
SELECT DISTINCT g FROM small ORDER BY g LIMIT 2
SELECT DISTINCT ON (g) g, id FROM small ORDER BY g, id
SELECT DISTINCT toDate(timestamp) AS d FROM events ORDER BY d
SELECT DISTINCT * FROM (SELECT g, k % 2 AS p FROM small) ORDER BY g, p
SELECT DISTINCT NULL, 1 FROM small
SELECT DISTINCT f64 FROM nums WHERE isNaN(f64) OR f64 > 2
SELECT 1 AS a, a + 1 AS b, b + a AS c
SELECT k AS x, x + 1 AS y FROM small WHERE x > 4 ORDER BY y, x
SELECT name, -- a comment
  /* another */ user_id FROM users ORDER BY user_id
select Name from users ;; error
SELECT name FROM Users ;; error
SELECT user_id uid, uid * 2 dbl FROM users WHERE uid > 1 ORDER BY dbl DESC
SELECT users.name, users.user_id FROM users ORDER BY users.user_id
SELECT t.name FROM users t WHERE t.plan = 'pro' ORDER BY t.name
SELECT name, FROM users ORDER BY name ;; maybe
SELECT (SELECT 1), (SELECT max(user_id) FROM users)
SELECT *, count() OVER () AS total FROM users ORDER BY user_id
SELECT 'a' AS x, * FROM (SELECT 1 AS y)
SELECT * FROM (SELECT 1 AS a, 2 AS a) ;; maybe
SELECT * FROM users WHERE 1 ORDER BY user_id
SELECT * FROM users WHERE 'a' ;; error
FROM users SELECT name ORDER BY name ;; maybe

# Stars with what may follow them.
SELECT * ;; maybe
SELECT * EXCEPT (dummy), 1 AS x ;; maybe
SELECT dummy ;; maybe
SELECT COLUMNS('dum') ;; maybe
SELECT * FROM (SELECT 1 AS a, 'x' AS b, 2 AS ab) ;; maybe
SELECT COLUMNS('a') FROM (SELECT 1 AS a, 'x' AS b, 2 AS ab) ;; maybe
SELECT COLUMNS('^a$'), COLUMNS('b$') FROM (SELECT 1 AS a, 'x' AS b, 2 AS ab) ;; maybe
SELECT COLUMNS('a') + 1 FROM (SELECT 1 AS a, 'x' AS b) ;; maybe
SELECT COLUMNS('a') + COLUMNS('b') FROM (SELECT 1 AS a, 5 AS b) ;; maybe
SELECT COLUMNS('z') FROM (SELECT 1 AS a) ;; maybe
SELECT t.COLUMNS('a') FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT COLUMNS(b, a) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT COLUMNS('a|b') EXCEPT (a) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT COLUMNS('a|b') APPLY(toString) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT * APPLY(toString) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT * APPLY toString FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT * APPLY(sum) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT * APPLY(sum) APPLY(toString) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT * APPLY(x -> x + 1) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT * APPLY(x -> sum(x) / 2) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT * APPLY(quantile(0.5)) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT * APPLY(round(1)) FROM (SELECT 1.55 AS a, 2.25 AS b) AS t ;; maybe
SELECT a, * EXCEPT (a) APPLY(max) FROM (SELECT 1 AS a, 2 AS b) AS t GROUP BY a ;; maybe
SELECT * EXCEPT a FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT * EXCEPT (a, b), 5 AS z FROM (SELECT 1 AS a, 2 AS b, 3 AS c) AS t ;; maybe
SELECT * EXCEPT ('^a') FROM (SELECT 1 AS a, 2 AS b, 3 AS ac) AS t ;; maybe
SELECT * EXCEPT (z) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT * EXCEPT STRICT z FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT * REPLACE (a + 1 AS a) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT * REPLACE (a + 1 AS a, b * 2 AS b) APPLY(toString) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT * REPLACE (a + 1 AS z) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT * EXCEPT (b) REPLACE (a + 1 AS a) APPLY(x -> x * 10) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT * REPLACE (sum(a) AS a) EXCEPT (b) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT * APPLY(toString) EXCEPT (a) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT greatest(*) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT tuple(*), [*] FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT tuple(t.*) FROM (SELECT 1 AS a, 2 AS b) AS t ;; maybe
SELECT t.* APPLY(toString), u.* EXCEPT (a) FROM (SELECT 1 AS a, 2 AS b) AS t, (SELECT 3 AS a, 4 AS c) AS u ;; maybe
SELECT *, a AS q FROM (SELECT 1 AS a, 2 AS b) ORDER BY ALL ;; maybe
SELECT COLUMNS('a'), sum(b) FROM (SELECT 1 AS a, 2 AS b) GROUP BY ALL ;; maybe
SELECT COLUMNS('a'), sum(b) FROM (SELECT 1 AS a, 2 AS b) GROUP BY COLUMNS('a') ;; maybe
SELECT * FROM (SELECT 1 AS a, 2 AS b) GROUP BY ALL ;; maybe
SELECT * FROM (SELECT 1 AS a, 2 AS b) GROUP BY a, b ;; maybe
SELECT count() AS c, c * 2 AS d, sum(x) / c AS e FROM (SELECT 1 AS x) ;; maybe
WITH 5 AS c SELECT x + c AS y, c, x * c FROM (SELECT 1 AS x) GROUP BY x ;; maybe
