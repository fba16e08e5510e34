@from fine
@let T t9 t7 nt9
= {T}
= toString({T})
= toDateTime64({T}, 3)
= toDateTime64({T}, 8)
= toDateTime64({T}, 9, 'Asia/Tokyo')
= {T}::DateTime64(9)
= toDateTime64(t3, 9)
= toDate({T})
= toDateTime({T}) ;; maybe
= toUnixTimestamp64Nano({T})
= toUnixTimestamp64Micro({T})
= toUnixTimestamp64Milli({T})
= toFloat64({T})
= toInt64({T})
= {T} + 1
= {T} + INTERVAL 1 DAY
= {T} - INTERVAL 90 MINUTE
= {T} + INTERVAL 1 MONTH ;; maybe
= {T} + INTERVAL 5 NANOSECOND ;; maybe
= addSeconds({T}, 3)
= addNanoseconds({T}, 3) ;; maybe
= t3 + INTERVAL 5 NANOSECOND
= {T} - t3
= {T} > t3
= {T} = toDateTime64('2024-01-15 12:34:56.123456789', 9)
= {T} >= '2024-01-15 12:34:56.123456789'
= {T} < '2024-01-15'
= {T} IN ('2024-01-15 12:34:56.123456789')
= toStartOfHour({T}) ;; maybe
= toStartOfInterval({T}, INTERVAL 5 MINUTE) ;; maybe
= toStartOfDay({T}) ;; maybe
= toHour({T})
= toYYYYMM({T})
= toMillisecond({T})
= date_trunc('day', {T}) ;; maybe
= formatDateTime({T}, '%Y-%m-%d %H:%i:%S') ;; maybe
= dateDiff('second', {T}, toDateTime64('2024-01-15 12:34:57', 9))
= dateDiff('millisecond', toDateTime64('2024-01-15 12:34:56.123', 3), {T} + INTERVAL 60 YEAR) ;; maybe
= dateDiff('nanosecond', {T}, t3) ;; maybe
= {T}::DateTime
= ifNull({T}, t3)
= if(id > 3, {T}, t3)
= [{T}, t3]
= map('a', {T})
= toTypeName({T})
= toJSONString({T}) ;; maybe
= toTimeZone({T}, 'Asia/Tokyo')
SELECT id, {T} AS x FROM fine ORDER BY x, id ;; ordered
SELECT id, {T} AS x FROM fine ORDER BY x DESC, id ;; ordered
SELECT g, min({T}), max({T}), count({T}), any({T}), argMax(id, {T}), uniqExact({T}), groupArray({T}) FROM fine GROUP BY g
SELECT {T}, count() FROM fine GROUP BY {T}
SELECT DISTINCT {T} FROM fine
SELECT a.id, b.id FROM fine a JOIN fine b ON a.{T} = b.nt9
SELECT id, lagInFrame({T}) OVER (ORDER BY id) AS p FROM fine ORDER BY id ;; ordered
SELECT max(t) FROM (SELECT maxState({T}) AS s FROM fine) ARRAY JOIN [finalizeAggregation(s)] AS t
SELECT minMerge(s) FROM (SELECT g, minState({T}) AS s FROM fine GROUP BY g)
? toDateTime64('2024-01-15 12:34:56.1234567891', 9)
? toDateTime64('2024-01-15T12:34:56.123456789Z', 9)
? toDateTime64('2024-01-15 12:34', 7)
? toDateTime64(1705322096, 9)
? toDateTime64(1705322096.123456789, 9)
? toTypeName(toDateTime('2024-01-01 00:00:00', 'Europe/Berlin')::DateTime64(3))
? toTypeName(CAST(toDateTime64('2024-01-01 00:00:00', 3, 'Europe/Berlin') AS DateTime))
? toTypeName(CAST(toNullable(toDateTime('2024-01-01 00:00:00', 'Europe/Berlin')) AS Nullable(DateTime64(3))))
? toDateTime64('2300-01-01 00:00:00', 9) ;; error
? parseDateTime64BestEffort('2024-01-15T12:34:56.123456789+02:00', 9)
? parseDateTime64BestEffortOrNull('x', 9)
? fromUnixTimestamp64Nano(1705322096123456789)
? fromUnixTimestamp64Nano(1705322096123456789, 'Europe/Berlin')
? toTypeName(now64(9))
? now64(9) > now64(3) - INTERVAL 1 HOUR
? cityHash64(toDateTime64('2024-01-15 12:34:56.123456789', 9)) ;; maybe
? quantile(toDateTime64('2024-01-15 12:34:56.123456789', 9)) ;; maybe
