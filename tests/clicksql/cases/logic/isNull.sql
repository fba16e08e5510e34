@from nums
@let A i8 ni8 ni32 nu64 nf64 nd nb
= isNull({A})
= isNotNull({A})
= {A} IS NULL
= {A} IS NOT NULL
= assumeNotNull({A}) * 0 = 0 ;; maybe
= toNullable({A})
@from strs
@let S s ns lc nlc
= isNull({S})
= isNotNull({S})
= {S} IS NULL OR {S} = ''
= toNullable({S})
? isNull(NULL)
? isNull(1)
? isNotNull('')
? NULL IS NULL
? NULL IS NOT NULL
? isNull(NULL + 1)
? isZeroOrNull(NULL)
? assumeNotNull(toNullable(5))
? toTypeName(assumeNotNull(toNullable(5)))
? toTypeName(NULL)
SELECT count() FROM nums WHERE ni32 IS NULL
SELECT count() FROM nums WHERE isNotNull(ni32) AND ni32 > 0
SELECT id, assumeNotNull(ni32) AS r FROM nums WHERE ni32 IS NOT NULL ORDER BY id ;; ordered
SELECT id, assumeNotNull(nlc) AS r FROM strs WHERE nlc IS NOT NULL ORDER BY id ;; ordered
