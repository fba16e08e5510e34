@from dates
@let U second minute hour day week month quarter year
@let A d dt dt3 nd ndt d32
@let B d dt dt3
= dateDiff('{U}', {A}, {B}) ;; maybe
= date_diff('{U}', {A}, toDateTime('2024-01-15 12:00:00'))
= age('{U}', {A}, {B}) ;; maybe
@from dst
= dateDiff('{U}', be, toDateTime('2024-06-01 00:00:00', 'Europe/Berlin'))
= dateDiff('{U}', u, be)
= age('{U}', be, toDateTime('2024-06-01 00:00:00', 'Europe/Berlin'))
= dateDiff('{U}', be, ny)
= dateDiff('{U}', u, toDateTime('2024-06-01 00:00:00', 'UTC'), 'Europe/Berlin')
? dateDiff('day', toDate('2024-01-01'), toDate('2024-03-01'))
? dateDiff('week', toDate('2024-01-07'), toDate('2024-01-08'))
? dateDiff('month', toDate('2024-01-31'), toDate('2024-02-01'))
? dateDiff('hour', toDateTime('2024-01-01 10:59:59'), toDateTime('2024-01-01 11:00:00'))
? dateDiff('day', toDateTime('2024-01-01 23:59:59'), toDateTime('2024-01-02 00:00:00'))
? dateDiff('dd', toDate('2024-01-01'), toDate('2024-03-01'))
? dateDiff('years', toDate('2020-01-01'), toDate('2024-03-01'))
? dateDiff(DAY, toDate('2024-01-01'), toDate('2024-03-01'))
? dateDiff('nope', toDate('2024-01-01'), toDate('2024-03-01')) ;; error
? dateDiff('day', '2024-01-01', '2024-03-01') ;; maybe
? dateDiff('day', NULL, toDate('2024-03-01'))
? dateDiff('millisecond', toDateTime64('2024-01-01 00:00:00.001', 3), toDateTime64('2024-01-01 00:00:01', 3))
? age('month', toDate('2024-01-31'), toDate('2024-02-29'))
? age('year', toDate('2000-02-29'), toDate('2024-02-28'))
? age('day', toDateTime('2024-01-01 12:00:00'), toDateTime('2024-01-02 11:59:59'))
? timestampDiff('day', toDate('2024-01-01'), toDate('2024-03-01'))
? TIMESTAMPDIFF(day, toDate('2024-01-01'), toDate('2024-03-01'))
? DATEDIFF('day', toDate('2024-01-01'), toDate('2024-03-01'))
? toTypeName(dateDiff('day', toDate('2024-01-01'), toDate('2024-03-01')))
? toTypeName(dateDiff('day', toNullable(toDate('2024-01-01')), toDate('2024-03-01')))
@let V ms us u ns ss yy qq mm wk dd hh mi n milliseconds microsecond dayss
? dateDiff('{V}', toDateTime('2024-01-01 00:00:00'), toDateTime('2024-03-02 00:00:01')) ;; maybe
? dateDiff('millisecond', toDateTime64('1969-12-31 23:59:59.999999', 6), toDateTime64('1970-01-01 00:00:00', 3))
? dateDiff('millisecond', toDateTime64('2024-01-15 12:34:56.123', 3), toDateTime64('2024-01-15 12:34:56.124', 3, 'Europe/Berlin'))
