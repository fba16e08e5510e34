@from arrs
= arrayConcat(ai, [1, 2])
= arrayConcat(ai, an)
= arrayConcat(as, ['z'])
= arrayIntersect(ai, [1, 2, 5])
= arraySort(arrayIntersect(as, ['a', 'b', 'x']))
= arraySort(arrayDistinct(ai))
= arrayZip(ai, arrayMap(v -> toString(v), ai))
= arrayWithConstant(x, 'a')
= arrayWithConstant(2, i)
= arrayReduce('sum', ai)
= arrayReduce('max', ai) ;; maybe
= arrayReduce('uniq', as)
= arrayReduce('avg', af)
= arrayReduce('sumIf', ai, arrayMap(v -> v > 1, ai))
= arrayReduce('groupUniqArray', [1, 1])
= arrayReduce('count', ai)
= arrayReduce('quantile(0.5)', ai)
= arrayPushBack(ai, x)
= arrayPushFront(as, w)
= arrayEnumerateDense(as)
= range(x)
= range(1, x)
= range(0, 10, x + 1)
= emptyArrayInt32()
= array(i, x)
= [i, x, NULL]
= [w, 'const']
= arrayJoin([1, 2])
= arrayRotateLeft(ai, 1)
= arrayShiftRight(ai, 1)
= arrayPartialSort(2, ai) ;; maybe
= L2Distance([toFloat64(i), x], [0, 0]) ;; approx=1e-14
= arrayMap(v -> v.1, arrayZip(ai, as)) ;; maybe
? arrayZip([1, 2], ['a', 'b'])
? arrayZip([1], [2, 3]) ;; error
? arrayFlatten([[1, 2], [3], []])
? arrayFlatten([[[1]], [[2, 3]]])
? flatten([[1]])
? arrayFlatten([1, 2])
? arrayDistinct([1, 1, NULL, NULL, 2])
? arrayDistinct(['a', 'b', 'a'])
? arrayIntersect([1, 2, 3], [2, 3], [3, 4])
? arrayIntersect([1, NULL], [NULL, 1]) ;; maybe
? arrayConcat([1], [2.5])
? arrayConcat([1], [], [3])
? arrayConcat(['a'], [NULL])
? arrayWithConstant(3, 1)
? arrayWithConstant(0, 1)
? arrayReduce('sum', [1, 2, 3])
? arrayReduce('maxIf', [3, 5], [1, 0])
? arrayStringConcat(['a', 'b'], ', ')
? arrayStringConcat([1, 2], ',') ;; maybe
? arrayStringConcat([], ',')
? arrayStringConcat(['a', NULL, 'b'], ',')
? arrayEnumerate([10, 20])
? arrayEnumerateUniq([10, 20, 10])
? range(5)
? range(0)
? range(2, 8, 2)
? L2Distance([1, 2], [4, 6]) ;; approx=1e-15
? L2Distance([1], [1, 2]) ;; error
? L1Distance([1, 2], [4, 6])
? cosineDistance([1, 2], [2, 4]) ;; approx=1e-6
? arrayDotProduct([1, 2], [3, 4]) ;; maybe
? arrayDifference([1, 3, 6])
? arrayCumSum([1, 2, 3])
? arrayUniq([1, 1, 2])
? groupArrayArray([1]) ;; maybe
? arrayPopBack([1, 2])
? arrayResize([1], 3)
? arrayResize([1, 2, 3], 2)
? arrayResize([1], 3, 9)
? arrayReverse([1, 2])
? toTypeName([1, -1])
? toTypeName([1, NULL])
? toTypeName([1, 2.5])
? toTypeName([])
? toTypeName(['a', NULL])
? toTypeName([[1], [1000]])
? toTypeName(range(3))
? [1, 'a'] ;; maybe
? array(1, 2, 3)
? array()
? [toDate('2024-01-01'), toDateTime('2024-01-01 10:00:00')]
