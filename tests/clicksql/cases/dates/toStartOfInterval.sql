@from dates
@let D d d32 dt dt3 nd ndt
@let I 1 YEAR | 2 YEAR | 1 QUARTER | 1 MONTH | 5 MONTH | 1 WEEK | 2 WEEK | 1 DAY | 3 DAY | 7 DAY
= toStartOfInterval({D}, INTERVAL {I}) ;; maybe
@let E dt dt3 ndt
@let J 1 HOUR | 6 HOUR | 5 HOUR | 1 MINUTE | 15 MINUTE | 7 MINUTE | 1 SECOND | 30 SECOND | 45 SECOND
= toStartOfInterval({E}, INTERVAL {J}) ;; maybe
= toStartOfInterval({E}, toIntervalMinute(10))
= toStartOfInterval({E}, toIntervalHour(1), 'Europe/Berlin')
= toStartOfInterval(dt3, INTERVAL 100 MILLISECOND)
= toTypeName(toStartOfInterval({D}, INTERVAL {I})) ;; maybe
= toTypeName(toStartOfInterval({E}, INTERVAL {J})) ;; maybe
@from dst
@let Z u be ny be3
@let K 1 DAY | 1 WEEK | 1 MONTH | 1 HOUR | 6 HOUR | 15 MINUTE | 2 DAY
= toStartOfInterval({Z}, INTERVAL {K})
? toStartOfInterval(toDateTime('2024-01-01 10:11:12'), INTERVAL 0 HOUR) ;; error
? toStartOfInterval(toDateTime('2024-01-01 10:11:12'), INTERVAL 1 DAY, toDateTime('2024-01-01 05:00:00'))
? toStartOfInterval(toDate('2024-01-04'), toIntervalWeek(1))
? toStartOfInterval(toDate('2024-01-04'), toIntervalDay(1))
? time_bucket(INTERVAL 1 HOUR, toDateTime('2024-01-01 10:11:12')) ;; maybe
? date_bin(toDateTime('2024-01-01 10:11:12'), INTERVAL 1 HOUR) ;; maybe
SELECT toStartOfInterval(timestamp, INTERVAL 10 MINUTE) AS w, count() FROM events GROUP BY w ORDER BY w ;; ordered
