@from dst
@let Z u be ny be3
@let T UTC | Europe/Berlin | America/New_York | Asia/Kolkata | Australia/Lord_Howe | Pacific/Auckland
= toTimeZone({Z}, '{T}')
= toString(toTimeZone({Z}, '{T}'))
= toTypeName(toTimeZone({Z}, '{T}'))
= toDate(toTimeZone({Z}, '{T}'))
= toHour(toTimeZone({Z}, '{T}'))
= toUnixTimestamp(toTimeZone({Z}, '{T}'))
= timeZoneOf({Z})
= timeZoneOffset({Z})
= {Z} = u
@from dates
= toTimeZone(dt, '{T}')
= toTimeZone(ndt, '{T}')
? toTimeZone(toDateTime('2024-01-01 00:00:00'), 'Nope/Zone') ;; error
? toTimeZone(toDate('2024-01-01'), 'UTC') ;; error
? timezone()
? toDateTime('2024-01-01 00:00:00', 'Etc/GMT+5')
= toDateTime(toString(dt), 'America/New_York')
? if(1, toDateTime('2024-01-01 00:00:00', 'UTC'), toDateTime('2024-01-01 00:00:00', 'Europe/Berlin'))
SELECT toTimeZone(timestamp, 'America/New_York') AS t, toDate(t) AS d, count() FROM events GROUP BY t ORDER BY t ;; ordered
SELECT toStartOfDay(toTimeZone(timestamp, 'Asia/Tokyo')) AS t, count() FROM events GROUP BY t ORDER BY t ;; ordered
? toDate('2024-01-02 23:00:00', 'Europe/Berlin'), toDate('2024-01-02', 'America/New_York')
? '2024-01-02' - INTERVAL 1 DAY, '2024-01-02 03:04:05' + INTERVAL 1 HOUR
? toDateTime('2024-01-02 00:00:00') - toDateTime64('2024-01-01 00:00:00.25', 3), toDateTime64('2024-01-02 00:00:00', 6) - toDateTime64('2024-01-01 00:00:00', 3)
# 1970 began elsewhere before or after.
@let Z Europe/Berlin America/New_York Asia/Tokyo Asia/Kolkata
? toUnixTimestamp(toStartOfDay(toDateTime(0, '{Z}')))
? toUnixTimestamp(toStartOfDay(toDateTime(17999, '{Z}')))
? toUnixTimestamp(toStartOfDay(toDateTime(86399, '{Z}')))
? toUnixTimestamp(toStartOfInterval(toDateTime(100, '{Z}'), INTERVAL 2 DAY))
? toUnixTimestamp(toStartOfInterval(toDateTime(100, '{Z}'), INTERVAL 5 HOUR))
? toUnixTimestamp(date_trunc('day', toDateTime(100, '{Z}')))
? toUnixTimestamp(toStartOfDay(toDate('1970-01-01'), '{Z}'))
? toDateTime(toDate('1970-01-01'), '{Z}') AS x, toUnixTimestamp(x)
? toDate('1970-01-01') < toDateTime(0, '{Z}'), toDate('1970-01-02') > toDateTime(80000, '{Z}')
? toStartOfMonth(toDateTime(0, '{Z}')), toStartOfYear(toDateTime(0, '{Z}')), toStartOfQuarter(toDateTime(0, '{Z}')), toMonday(toDateTime(0, '{Z}')), toStartOfWeek(toDateTime(0, '{Z}')), toLastDayOfMonth(toDateTime(0, '{Z}')), toDate(toDateTime(0, '{Z}'))
@let A u be ny be3
@let B u be ny be3
# The zone of a common type.
SELECT toTypeName(if(n > 0, {A}, {B})), toTypeName([{A}, {B}]), toTypeName(coalesce(toNullable({A}), {B})), toTypeName(toStartOfDay(if(n > 0, {A}, {B}))) FROM dst LIMIT 1
SELECT if(1, {A}, {B}) AS r FROM dst WHERE id = 1
SELECT toTypeName(if(n > 0, {A}, toDate(0))), toTypeName(if(n > 0, toDate32(0), {A})), toTypeName(if(n > 0, toDateTime64(0, 6, 'Asia/Tokyo'), {A})), toTypeName(if(n > 0, {A}, toDateTime64(0, 1, 'Asia/Tokyo'))) FROM dst LIMIT 1
SELECT toDate32(be) < {A}, toDate(be) < {A}, toDate32(be) = {A} FROM dst ORDER BY id ;; ordered
SELECT toTimeZone(be3, 'America/New_York') AS a, be3 AS b, count() FROM dst GROUP BY a, b
