# Zeros at the end of a FixedString: kept where it is chosen, lost where it becomes a text.
SELECT id, hex(if(id > 3, fs, s)) AS a, hex(multiIf(id > 3, fs, s)) AS b, hex(coalesce(toNullable(fs), s)) AS c, [fs, s] AS d, if(id > 3, fs, NULL) AS e, length(if(id > 3, fs, s)) AS f FROM strs ORDER BY id ;; ordered
SELECT fs AS v FROM strs UNION ALL SELECT s FROM strs
SELECT fs AS v FROM strs UNION DISTINCT SELECT s FROM strs
SELECT fs AS v FROM strs EXCEPT SELECT ns FROM strs
SELECT k, a.id, b.id FROM (SELECT toFixedString('ab', 3) AS k, 1 AS id) AS a LEFT JOIN (SELECT 'ab' AS k, 2 AS id) AS b USING (k)
