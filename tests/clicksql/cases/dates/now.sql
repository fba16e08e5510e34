# Only what does not depend on the moment.
? toTypeName(now())
? toTypeName(now64())
? toTypeName(now64(6))
? toTypeName(now('Europe/Berlin'))
? toTypeName(today())
? toTypeName(yesterday())
? today() - yesterday()
? today() = toDate(now())
? now() > toDateTime('2024-01-01 00:00:00')
? dateDiff('day', today() - INTERVAL 7 DAY, today())
? toTypeName(now() - INTERVAL 1 HOUR)
? toTypeName(now() - toDateTime(0))
? toTypeName(toStartOfHour(now()))
? toTypeName(rand())
? rand() >= 0
? toTypeName(generateUUIDv4())
? current_date() = today() ;; maybe
? toTypeName(today() - 1)
SELECT count() FROM events WHERE timestamp < now() - INTERVAL 1 DAY
SELECT count() FROM events WHERE timestamp BETWEEN toDateTime('2024-01-01 00:00:00') AND now()
SELECT count() FROM events WHERE toDate(timestamp) <= today()
