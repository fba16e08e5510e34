@from arrs
@let M m ms
= {M}['a']
= {M}[w]
= {M}['nope']
= mapKeys({M})
= mapValues({M})
= mapContains({M}, 'a')
= has({M}, 'b')
= length({M})
= empty({M})
= mapConcat({M}, {M}) ;; maybe
= mapFilter((k, v) -> k != 'a', {M})
= mapApply((k, v) -> (upper(k), v), {M}) ;; maybe
= mapFilter((k, v) -> k IN ('a', 'b') AND length(toString(v)) > 0, {M})
= mapExists((k, v) -> k = 'a', {M})
= mapAll((k, v) -> k != 'z', {M})
= mapApply((k, v) -> (k, toString(v)), {M})
= arrayMap(k -> length(mapFilter((k2, v2) -> k2 != k, {M})), mapKeys({M}))
SELECT m, count() AS n FROM (SELECT mapFilter((k, v) -> k != 'a', m) AS m FROM arrs) GROUP BY m ORDER BY toString(m) ;; ordered
SELECT length(groupArraySample(2)(id)) AS n, length(groupArraySample(100, 1)(m)) = count() AS whole FROM arrs
= mapKeys({M})[1]
= toString({M})
= arraySort(mapKeys({M}))
= arrayMap(k -> {M}[k], mapKeys({M}))
= arrayStringConcat(mapKeys({M}), ',')
= {M} = {M}
= mapUpdate(m, map('a', toUInt64(100)))
= mapConcat(m, map('z', toUInt64(1)))
= map('w', w, 'k', 'v')
= map(w, i)
= mapAdd(m, map('a', toUInt64(1))) ;; maybe
= mapFromArrays(as, arrayEnumerate(as)) ;; maybe
? map()
? map('a', 1, 'b', 2)
? map('a', 1, 'b', 2.5)
? map('a', 1, 'a', 2)
? map('a', NULL)
? map(1, 'x')
? map('a', 1)['a']
? map('a', 1)['b']
? map('a', 'x')['b']
? map('a', toNullable(1))['b']
? map('a', [1, 2])['a'][1]
? toTypeName(map('a', 1, 'b', -1))
? toTypeName(map('a', map('b', 1)))
? map('a', 1, 'b') ;; error
? mapKeys(map('a', 1))
? mapValues(map('a', 1))
? mapConcat(map('a', 1), map('b', 2))
? mapFromArrays(['a', 'b'], [1, 2])
? mapFromString('a:1,b:2') ;; maybe
? extractKeyValuePairs('a:1, b:2')
SELECT sumMap(m) FROM arrs
SELECT sumMap(mapKeys(m), mapValues(m)) FROM arrs
SELECT m, count() FROM arrs GROUP BY m ORDER BY mapKeys(m) ;; ordered
SELECT groupArray(m['a']) FROM (SELECT * FROM arrs ORDER BY id)
SELECT id, k, v FROM arrs ARRAY JOIN mapKeys(m) AS k, mapValues(m) AS v ORDER BY id, k ;; ordered
SELECT id, arrayJoin(m) AS kv FROM arrs ORDER BY id, kv ;; ordered
SELECT m.keys, m.values FROM arrs ORDER BY id ;; ordered
