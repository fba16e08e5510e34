@from dates
@let D d d32 dt dt3 dt6 nd ndt
@let F toStartOfYear toStartOfISOYear toStartOfQuarter toStartOfMonth toStartOfWeek toStartOfDay toMonday toLastDayOfMonth toLastDayOfWeek toStartOfHour toStartOfMinute toStartOfFiveMinute toStartOfFiveMinutes toStartOfTenMinutes toStartOfFifteenMinutes
= {F}({D}) ;; maybe
= toStartOfWeek({D}, 1)
= toStartOfWeek({D}, 3)
= toTypeName({F}({D})) ;; maybe
= toStartOfSecond({D}) ;; maybe
= toStartOfMillisecond({D}) ;; maybe
@from dst
@let Z u be ny be3
@let G toStartOfDay toStartOfHour toStartOfFifteenMinutes toStartOfWeek toStartOfMonth toMonday toStartOfYear toStartOfMinute
= {G}({Z})
= {G}({Z}, 'Asia/Kolkata') ;; maybe
= toStartOfDay(toTimeZone({Z}, 'America/New_York'))
? toStartOfDay(toDate('2024-01-01'))
? toStartOfWeek(toDate('2024-03-03'))
? toStartOfWeek(toDate('2024-03-03'), 1)
? toStartOfMonth(toDateTime('2024-03-03 10:00:00'))
? toStartOfDay('2024-01-01') ;; error
? toStartOfHour(toDateTime('2024-03-03 10:59:59'))
? toStartOfSecond(toDateTime64('2024-03-03 10:59:59.999', 3))
? toMonday(toDate('2024-03-03'))
? toMonday(toDate('1970-01-01'))
? toStartOfWeek(toDate('1970-01-01'))
? toStartOfWeek(toDate('1970-01-05'))
SELECT toStartOfMonth(timestamp) AS m, count() FROM events GROUP BY m ORDER BY m ;; ordered
SELECT toStartOfWeek(timestamp) AS w, sum(qty) FROM events GROUP BY w ORDER BY w ;; ordered
