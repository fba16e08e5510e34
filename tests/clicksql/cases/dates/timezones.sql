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
