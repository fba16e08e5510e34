@from small
@let I INTERVAL 1 SECOND | INTERVAL 5 MINUTE | INTERVAL 7 HOUR | INTERVAL 1 DAY | INTERVAL 2 WEEK | INTERVAL 1 MONTH | INTERVAL 1 QUARTER | INTERVAL 1 YEAR
= tumble(t, {I}) ;; maybe
= tumbleStart(t, {I}) ;; maybe
= tumbleEnd(t, {I}) ;; maybe
= tumbleStart(nt, {I}) ;; maybe
= tumbleStart(t, {I}, 'Asia/Tokyo') ;; maybe
= tumbleEnd(t, {I}, 'Asia/Tokyo') ;; maybe
= hop(t, {I}, {I}) ;; maybe
@from dst
= tumbleStart(be, INTERVAL 1 DAY)
= tumbleEnd(be, INTERVAL 1 DAY)
= tumbleEnd(be, INTERVAL 3 HOUR)
= hopStart(be, INTERVAL 1 DAY, INTERVAL 3 DAY)
= hop(be, INTERVAL 20 MINUTE, INTERVAL 50 MINUTE)
= hopStart(u, INTERVAL 1 HOUR, INTERVAL 3 HOUR)
= hopEnd(u, INTERVAL 1 HOUR, INTERVAL 3 HOUR)
= tumbleStart(tumble(u, INTERVAL 1 HOUR))
= tumbleEnd(tumble(u, INTERVAL 1 HOUR))
= hopStart(hop(u, INTERVAL 1 HOUR, INTERVAL 3 HOUR))
? toTypeName(tumble(toDateTime('2024-01-15 12:34:56'), INTERVAL 1 HOUR))
? toTypeName(tumbleStart(toDateTime('2024-01-15 12:34:56', 'Europe/Berlin'), INTERVAL 1 MONTH))
? tumbleStart(toDate('2024-01-15'), INTERVAL 1 DAY) ;; error
? tumbleStart(toDateTime64('2024-01-15 12:34:56', 3), INTERVAL 1 DAY) ;; error
? hop(toDateTime('2024-01-15 12:34:56'), INTERVAL 3 HOUR, INTERVAL 1 HOUR) ;; error
? hop(toDateTime('2024-01-15 12:34:56'), INTERVAL 1 DAY, INTERVAL 1 WEEK) ;; error
SELECT tumbleStart(t, INTERVAL 1 DAY) AS day, count() FROM small GROUP BY day
SELECT tumble(t, toIntervalMonth(1)) AS w, tumbleStart(w) AS s, count() FROM small GROUP BY w
