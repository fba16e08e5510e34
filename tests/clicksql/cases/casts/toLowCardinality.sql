@from strs
= toLowCardinality(s)
= toLowCardinality(ns)
= toTypeName(lc)
= toTypeName(upper(lc))
= toTypeName(concat(lc, 'x'))
= toTypeName(length(lc))
= toTypeName(lc = 'a')
= toTypeName(lc || s)
= toTypeName(if(n > 0, lc, 'x'))
= toTypeName(ifNull(nlc, 'x'))
= toTypeName(coalesce(nlc, 'x'))
= toTypeName(nlc)
= toTypeName([lc])
= toTypeName((lc, nlc))
= upper(lc)
= concat(lc, '-', nlc)
= length(nlc)
= lc = nlc
? toLowCardinality('a')
? toTypeName(toLowCardinality('a'))
? toTypeName(toLowCardinality(toNullable('a')))
? toTypeName(toLowCardinality(1)) ;; maybe
? toTypeName(upper(toLowCardinality('a')))
SELECT lc, count() FROM strs GROUP BY lc ORDER BY lc ;; ordered
SELECT nlc, count() FROM strs GROUP BY nlc ORDER BY nlc ;; ordered
SELECT groupUniqArray(lc) AS a, toTypeName(a) FROM strs WHERE lc = 'a'
SELECT max(lc), min(nlc), any(lc), count(nlc), uniq(nlc), toTypeName(max(lc)) FROM strs
SELECT arraySort(groupArray(nlc)) FROM strs
SELECT argMax(lc, id), argMin(nlc, id), anyLast(lc) FROM strs
