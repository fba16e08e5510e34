@from nums
@let A i8 u64 f64 ni32 d92
= CASE WHEN {A} > 1 THEN 'big' WHEN {A} < 0 THEN 'neg' ELSE 'small' END
= CASE WHEN {A} > 1 THEN 'big' END
= CASE WHEN {A} > 1 THEN {A} ELSE 0 END
= CASE {A} WHEN 0 THEN 'zero' WHEN 1 THEN 'one' ELSE 'other' END
= CASE WHEN {A} IS NULL THEN 1 ELSE NULL END
= CASE WHEN u8 = 1 THEN {A} WHEN u8 = 2 THEN NULL ELSE 1.5 END ;; maybe
@from strs
= CASE s WHEN '' THEN 'empty' WHEN 'a' THEN 'letter' END
= CASE lc WHEN 'a' THEN 1 WHEN 'b' THEN 2 ELSE -1 END
= CASE ns WHEN NULL THEN 'null' WHEN '' THEN 'empty' ELSE 'x' END
= CASE WHEN ns IS NULL THEN 'null' WHEN ns = '' THEN 'empty' ELSE ns END
= CASE nlc WHEN 'a' THEN nlc ELSE lc END
= CASE e WHEN 'a' THEN 'A' ELSE 'other' END
? CASE 1 WHEN 1 THEN 'a' END
? CASE 3 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END
? CASE WHEN 1 THEN 1 WHEN 2 THEN 'a' END ;; maybe
? CASE WHEN NULL THEN 1 ELSE 2 END
? caseWithExpression(2, 1, 'a', 2, 'b', 'c')
# A table of constants runs on the dictionary.
SELECT id, CASE lc WHEN 'a' THEN 'x' ELSE lc END AS a, CASE lc WHEN 'a' THEN 'x' END AS b, CASE nlc WHEN 'a' THEN 'x' ELSE 'y' END AS c, CASE lc WHEN 'a' THEN NULL ELSE 1 END AS d, CASE lc WHEN 'a' THEN 1 WHEN 'b' THEN 2 ELSE -1 END AS e FROM strs ORDER BY id ;; ordered
