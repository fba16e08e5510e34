@from dates
@let D d d32 dt dt3 nd ndt
@let U second minute hour day week month quarter year
= date_trunc('{U}', {D}) ;; maybe
= dateTrunc('{U}', {D}) ;; maybe
= toTypeName(date_trunc('{U}', {D})) ;; maybe
@from dst
@let Z u be ny be3
= date_trunc('{U}', {Z})
= date_trunc('{U}', {Z}, 'America/New_York')
? DATE_TRUNC('month', toDate('2024-02-29'))
? DATE_TRUNC('WEEK', toDateTime('2024-03-03 10:00:00'))
? date_trunc('nope', toDate('2024-02-29')) ;; error
