@from dates
@let D d d32 dt dt3 dt6 nd ndt
@let F toYear toMonth toDayOfMonth toDayOfWeek toDayOfYear toQuarter toISOWeek toISOYear toYYYYMM toYYYYMMDD toYYYYMMDDhhmmss toRelativeDayNum toRelativeMonthNum toDaysSinceYearZero toMillisecond
= {F}({D}) ;; maybe
@let G toHour toMinute toSecond
= {G}({D}) ;; maybe
@let W toWeek toYearWeek
@let M 0 1 3 9
= {W}({D}, {M})
= {W}({D})
= toDayOfWeek({D}, 1)
= toDayOfWeek({D}, 2)
= toUnixTimestamp({D}) ;; maybe
= dayOfWeek({D})
= year({D})
= monthName({D}) ;; maybe
= dateName('weekday', {D})
@from dst
@let Z u be ny be3
@let H toHour toDayOfMonth toDate toDayOfWeek toYYYYMMDD toUnixTimestamp toMonth toYYYYMMDDhhmmss
= {H}({Z})
= toHour({Z}, 'Asia/Kolkata') ;; maybe
? dayOfWeek(toDate('2024-03-03'))
? toDayOfWeek(toDate('2024-03-03'))
? DAYOFWEEK(toDate('2024-03-03'))
? DAYOFMONTH(toDate('2024-03-03'))
? DAYOFYEAR(toDate('2024-03-03'))
? DAY(toDate('2024-03-03'))
? MONTH(toDate('2024-03-03'))
? YEAR(toDate('2024-03-03'))
? HOUR(toDateTime('2024-03-03 10:11:12'))
? MINUTE(toDateTime('2024-03-03 10:11:12'))
? SECOND(toDateTime('2024-03-03 10:11:12'))
? QUARTER(toDate('2024-03-03'))
@let U YEAR QUARTER MONTH WEEK DAY HOUR MINUTE SECOND
? EXTRACT({U} FROM toDateTime('2024-03-03 10:11:12'))
? toYear(NULL)
? toYear('2024-01-01') ;; error
? toTypeName(toYear(toDate('2024-01-01')))
? toTypeName(toMonth(toDate('2024-01-01')))
? toTypeName(toYYYYMM(toDate('2024-01-01')))
? toTypeName(toUnixTimestamp(toDateTime(0)))
? toUnixTimestamp('2024-01-01 00:00:00')
? toUnixTimestamp('2024-01-01 00:00:00', 'Europe/Berlin')
? toUnixTimestamp(toDate('2024-01-01'))
