@from arrs
@let A ai an af
= arrayMap(v -> v + 1, {A})
= arrayMap(v -> v * i, {A})
= arrayMap(v -> toString(v), {A})
= arrayMap(v -> (v, 1), {A})
= arrayMap(v -> if(v > 1, 'big', 'small'), {A})
= arrayMap((v, k) -> v + k, {A}, arrayEnumerate({A}))
= arrayFilter(v -> v > 1, {A})
= arrayFilter(v -> v IS NOT NULL, {A})
= arrayFilter((v, k) -> k > 1, {A}, arrayEnumerate({A}))
= arrayCount(v -> v > 1, {A})
= arrayExists(v -> v = x, {A})
= arrayAll(v -> v > 0, {A})
= arrayFirst(v -> v > 1, {A})
= arrayLast(v -> v > 1, {A})
= arrayFirstIndex(v -> v > 1, {A})
= arrayLastIndex(v -> v > 1, {A})
= arrayFirstOrNull(v -> v > 1, {A}) ;; maybe
= arraySum(v -> v * 2, {A}) ;; maybe
= arrayAvg(v -> v, {A}) ;; maybe
= arrayMin(v -> v, {A}) ;; maybe
= arrayMax(v -> v, {A}) ;; maybe
= arraySort(v -> -v, {A})
= arrayReverseSort(v -> v, {A})
= arraySort((v, k) -> k, {A}, arrayReverse(arrayEnumerate({A})))
= arrayFill(v -> v > 1, {A}) ;; maybe
= arraySplit(v -> v > 1, {A}) ;; maybe
= arrayCumSum({A}) ;; maybe
= arrayDifference({A}) ;; maybe
= arrayCount({A}) ;; maybe
= arraySum({A}) ;; maybe
= arrayMin({A}) ;; maybe
= arrayMax({A}) ;; maybe
= arrayAvg({A}) ;; maybe
= arrayProduct({A}) ;; maybe
@let S as al
= arrayMap(v -> upper(v), {S})
= arrayMap(v -> concat(v, w), {S})
= arrayFilter(v -> v != '', {S})
= arrayMap(v -> length(v), {S})
= arrayExists(v -> v LIKE '%a%', {S})
= arrayAll(v -> notEmpty(v), {S})
= arrayFirst(v -> v > 'a', {S})
= arraySort(v -> length(v), {S})
= arrayStringConcat({S}, ',')
= arrayStringConcat({S})
= arrayStringConcat(arrayMap(v -> upper(v), {S}), '-')
= arrayMap(a -> arrayMap(v -> v + 1, a), aa)
= arrayMap(a -> arraySum(a), aa)
= arrayMap(a -> length(a), aa)
= arrayFilter(a -> notEmpty(a), aa)
= arrayFlatten(aa)
= arrayFold((acc, v) -> acc + v, ai, toInt64(0))
? arrayMap(v -> v, [])
? arrayMap((a, b) -> a + b, [1, 2], [3, 4])
? arrayMap((a, b) -> a + b, [1, 2], [3]) ;; error
? arrayMap(t -> t.1 + t.2, [(1, 2), (3, 4)])
? arrayMap((a, b) -> a, [(1, 'x')]) ;; maybe
? arrayFilter(v -> v % 2 = 0, [1, 2, 3, 4])
? arrayFilter(v -> NULL, [1, 2])
? arrayCount(v -> v > 1, [1, 2, 3])
? arrayCount([0, 1, 2])
? arrayExists([0, 1])
? arrayAll([1, 1])
? arraySort([3, 1, 2])
? arraySort(['b', 'a', 'B'])
? arraySort([NULL, 1, 0/0, -1])
? arrayReverseSort([NULL, 1, 3])
? arraySort(v -> -v, [1, 2, 3])
? arraySort((a, b) -> b, ['x', 'y', 'z'], [3, 1, 2])
? arraySum([1, 2, 3])
? arraySum([1.5, 2])
? arraySum([]) ;; error
? arraySum([-1, 2])
? arrayAvg([1, 2, 4])
? toTypeName(arraySum([1, 2]))
? toTypeName(arrayMap(v -> v + 1, [1, 2]))
? arraySort((a, b) -> b, [1, 2, 3], [3, 1]) ;; error
? arrayFilter((a, b) -> b, [1, 2], [1]) ;; error
? arrayReverseSort((a, b) -> b, ['x', 'y', 'z'], [3, 1, 3])
? arrayReverseSort(v -> v % 2, [3, 1, 2, 5, 4])
? arraySort(v -> (v % 2, -v), [3, 1, 2, 5, 4])
? arrayReverseSort(v -> (v % 2, -v), [3, 1, 2, 5, 4])
? arrayReverseSort(t -> t.2, [('a', 1), ('b', 3), ('c', 2)])
? toString(arraySort(v -> v, [3.5, nan, NULL, 1]))
? toString(arrayReverseSort(v -> v, [3.5, nan, NULL, 1]))
? toString(arrayReverseSort([3.5, nan, NULL, 1]))
= arrayReverseSort((v, k) -> k, ai, arrayMap(q -> q % 3, ai))
= arraySort(v -> -length(v), as)
= arraySort((v, k) -> (k, v), as, arrayMap(q -> length(q), as))
= arraySort(an)
= arrayReverseSort(an)
= arrayReverseSort(v -> -v, an)
? arraySlice([1, 2, 3, 4, 5], 1 + 1, 4 - 1)
