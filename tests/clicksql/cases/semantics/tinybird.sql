# Every row of the table of differences in the background document, §5.
? round(2.5)
? round(0.125, 2)
SELECT sum(x), max(x), avg(x), toString(avg(x)) FROM (SELECT toInt32(1) AS x WHERE 0)
SELECT sum(n), max(n), avg(n) FROM empty_t
SELECT sum(i), max(i), min(i), avg(f), any(s), max(d), max(t), min(s), max(dec) FROM empty_t
SELECT sumIf(k, false), sumIf(n, false), avgIf(k, false), maxIf(t, false), countIf(false) FROM small
? [1, 2, 3][5]
SELECT jl.id, j3.x, j3.k, j3.id FROM jl LEFT JOIN j3 ON jl.k = j3.k ORDER BY jl.id ;; ordered
SELECT jl.id, jr.d, jr.w, jr.u, jr.arr, jr.rv FROM jl LEFT JOIN jr ON jl.k = jr.k AND jl.s = jr.s ORDER BY jl.id ;; ordered
? 2 IN (1, NULL)
? concat('a', NULL)
SELECT groupArray(n), groupArray(ns) FROM (SELECT * FROM small ORDER BY id)
SELECT groupArray(n), groupArray(i), groupUniqArray(s) FROM empty_t
? length('añ😀')
? lower('Ñ')
? upper('ñ')
? toInt32(2.7)
? toInt32(-2.7)
? toInt8(300)
? toUInt8(-1)
? toDate(19000)
SELECT quantile(x) FROM (SELECT arrayJoin([1, 2, 3, 4]) AS x)
SELECT quantile(0.9)(x), median(x) FROM (SELECT arrayJoin([1, 2, 3, 4]) AS x)
? toStartOfWeek(toDate('2024-03-06'))
? toTypeName(toStartOfWeek(toDate('2024-03-06')))
? toDayOfWeek(toDate('2024-03-10'))
? toString(1.0)
? toString(1e20)
? toDateTime('2024-01-02 00:00:00') - toDateTime('2024-01-01 00:00:00')
? toDate('2024-01-01') + INTERVAL 1 DAY
? toTypeName(toDate('2024-01-01') + INTERVAL 1 DAY)
? match('a\nb', 'a.b')
? position('abc', 'b')
? JSONExtractString('{"a": null}', 'a')
SELECT toDate(t) AS t, count() FROM small GROUP BY t ORDER BY t ;; ordered
SELECT toTypeName(1+1), toTypeName(1=1), toTypeName(count()), toTypeName(sum(toInt32(1))), toTypeName(now())
? 1 / 0
? toString(1 / 0)
? toString(0 / 0)
? 7 / 2
? -7 % 3
? 5 % 0 ;; error
? greatest(1, NULL)
? dateDiff('month', toDate('2024-01-31'), toDate('2024-02-01'))
? dateDiff('week', toDate('2024-01-07'), toDate('2024-01-08'))
? toDate('2024-01-31') + INTERVAL 1 MONTH
? splitByChar(',', 'a,,b')
? toFloat32(0.1)
? toString(toFloat32(0.1))
SELECT argMax(s, n), argMin(s, n), argMax(n, id) FROM small WHERE id < 7
SELECT s FROM strs ORDER BY s ;; ordered
? 'abc' LIKE 'A%'
? toTypeName(round(1.5))
? toTypeName(toDateTime64('2024-01-01 00:00:00', 3))
? round(5)
? toTypeName(round(5))
? toDateTime('2024-01-01 10:00:00.999')
SELECT arrayJoin([1, 2]) AS a, arrayJoin([3, 4]) AS b ORDER BY a, b ;; ordered
SELECT arrayJoin([1, 2]) AS a, arrayJoin([1, 2]) AS b ORDER BY a, b ;; ordered
SELECT arrayJoin(arr) AS a, arrayJoin(arr) AS b FROM small WHERE id < 4 ORDER BY a, b ;; ordered
SELECT nan = nan, nan IN (nan), toString(max(f64)), toString(min(f64)) FROM nums
SELECT if(isNaN(f64), 0, f64) AS f FROM nums ORDER BY id ;; ordered
SELECT count(), count(nf64), sum(isNaN(nf64)) FROM nums
SELECT toString(avg(nf64)), toString(sum(nf64)) FROM nums WHERE id IN (2, 3, 4)
? NULL + 1
? 1 + NULL IS NULL
? toTypeName(NULL + 1)
? toTypeName(if(1, NULL, 2))
? '10' + 1 ;; error
? '2024-01-01' < toDate('2024-01-02')
? 1 = '1' ;; maybe
? toUInt8(255) + toUInt8(1)
? toInt64(9223372036854775807) + 1
? toUInt64(0) - 1
? toUInt8(1) - toUInt8(2)
? 3000000000 * 3000000000
? 10000000000 * 10000000000
? intDiv(10, 3)
? 10 / 5
? toTypeName(10 / 5)
? bitAnd(5, 3)
? empty('')
? toBool('true')
? toTypeName(true)
? true
? not true
