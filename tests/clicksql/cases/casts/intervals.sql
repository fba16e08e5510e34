@let U Second Minute Hour Day Week Month Quarter Year
? toInterval{U}(2)
? toTypeName(toInterval{U}(2))
? toDateTime('2024-01-31 10:00:00') + toInterval{U}(1)
? toDateTime('2024-02-29 10:00:00') - toInterval{U}(1)
? toDate('2024-01-31') + toInterval{U}(1)
? toDate('2024-02-29') - toInterval{U}(13)
? toDateTime64('2024-01-31 10:00:00.123', 3) + toInterval{U}(1)
? toDate32('1950-01-31') - toInterval{U}(1)
? toTypeName(toDate('2024-01-31') + toInterval{U}(1))
? toDateTime('2024-01-31 10:00:00') + INTERVAL 1 {U}
? toDateTime('2024-01-31 10:00:00') - INTERVAL 3 {U}
? toDateTime('2024-01-31 10:00:00') + INTERVAL '2' {U}
? toDate('2024-01-31') + INTERVAL 1 {U}
? toTypeName(INTERVAL 1 {U})
? INTERVAL 1 {U} + toDateTime('2024-01-31 10:00:00')
@from dates
= dt + INTERVAL n {U} ;; maybe
= d + INTERVAL n {U} ;; maybe
= dt3 - INTERVAL n {U} ;; maybe
= ndt + INTERVAL 1 {U}
@let V Millisecond Microsecond Nanosecond
? toInterval{V}(2)
? toDateTime64('2024-01-31 10:00:00.123', 3) + toInterval{V}(1500)
? toDateTime('2024-01-31 10:00:00') + toInterval{V}(1500)
? toTypeName(toDateTime('2024-01-31 10:00:00') + toInterval{V}(1500))
? INTERVAL 1 DAY + INTERVAL 1 DAY ;; maybe
? INTERVAL 1 DAY = INTERVAL 24 HOUR ;; maybe
? toDateTime('2024-01-31 10:00:00') + INTERVAL 1 DAY + INTERVAL 1 HOUR
? toDateTime('2024-01-31 10:00:00') - INTERVAL 1 MONTH - INTERVAL 30 MINUTE
? toDateTime('2024-01-31 10:00:00') + INTERVAL -1 DAY
? toDateTime('2024-01-31 10:00:00') + INTERVAL (1 + 1) DAY
? toDateTime('2024-01-31 10:00:00') + INTERVAL '1 day'
? toDateTime('2024-01-31 10:00:00') + INTERVAL 5 DAYS
? '2024-01-31' + INTERVAL 1 DAY ;; maybe
? toDateTime('2024-03-31 01:30:00', 'Europe/Berlin') + INTERVAL 1 HOUR
? toDateTime('2024-03-30 02:30:00', 'Europe/Berlin') + INTERVAL 1 DAY
? toDateTime('2024-10-26 02:30:00', 'Europe/Berlin') + INTERVAL 1 DAY
? toDateTime('2024-10-27 02:30:00', 'Europe/Berlin') + INTERVAL 1 HOUR

# Signed values.
SELECT toDate('2024-06-15') + INTERVAL -toInt32('7') DAY
SELECT timestampAdd(toDate('2024-06-15'), INTERVAL - toInt32('7') DAY)
SELECT timestampAdd(toDate('2024-06-15'), INTERVAL + 1 DAY)
SELECT toDate('2024-06-15') + INTERVAL -(1 + 1) day
SELECT toDate('2024-06-15') + INTERVAL -1 * 2 DAY
SELECT toDate('2024-06-15') + INTERVAL 1 + 1 DAY
SELECT interval - 1 FROM (SELECT 5 AS interval)
SELECT interval -x day FROM (SELECT 5 AS interval, 2 AS x)
SELECT interval -x, 1 AS day FROM (SELECT 5 AS interval, 2 AS x)
SELECT interval - x AS day FROM (SELECT 5 AS interval, 2 AS x)
SELECT INTERVAL -number DAY FROM numbers(2)
