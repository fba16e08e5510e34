@from dates
@let D d d32 dt dt3 nd ndt
@let U Seconds Minutes Hours Days Weeks Months Quarters Years
= add{U}({D}, n) ;; maybe
= subtract{U}({D}, n) ;; maybe
= add{U}({D}, 1) ;; maybe
= toTypeName(add{U}({D}, 1))
@let V second minute hour day week month quarter year
= dateAdd({V}, n, {D}) ;; maybe
= date_sub({V}, 1, {D}) ;; maybe
= timestampAdd({V}, 3, {D}) ;; maybe
= timestampSub({V}, 3, {D}) ;; maybe
= addMilliseconds(dt3, n)
= subtractMilliseconds(dt3, n)
= addMicroseconds(dt6, n)
= addMilliseconds(dt, 1500)
= toTypeName(addMilliseconds(dt, 1500))
@from dst
@let Z u be ny
@let W Hours Days Weeks Months
= add{W}({Z}, n)
= subtract{W}({Z}, n)
= {Z} + n
? addDays(toDate('2024-02-28'), 2)
? addMonths(toDate('2024-01-31'), 1)
? addMonths(toDate('2024-03-31'), -1)
? addYears(toDate('2024-02-29'), 1)
? subtractYears(toDate('2024-02-29'), 4)
? subtractMonths(toDateTime('2024-03-31 10:00:00'), 1)
? addHours(toDate('2024-01-01'), 25)
? addSeconds(toDate('2024-01-01'), 1)
? addDays(toDateTime('2024-01-01 10:00:00'), 1.9)
? addDays('2024-01-01', 1)
? addDays('2024-01-01 10:00:00', 1)
? addDays(NULL, 1)
? addDays(toDate('2024-01-01'), NULL)
? addDays(toDate('1970-01-01'), -1)
? addDays(toDate('2149-06-06'), 1)
? addSeconds(toDateTime(4294967295), 1)
? date_add(DAY, 1, toDate('2024-01-01'))
? DATE_ADD(toDate('2024-01-01'), INTERVAL 1 DAY)
? date_sub(MONTH, 1, toDate('2024-03-31'))
? DATE_SUB(toDate('2024-01-01'), INTERVAL 1 YEAR)
? dateAdd(toDate('2024-01-01'), INTERVAL 3 HOUR)
? timestampAdd(toDateTime('2024-01-01 00:00:00'), INTERVAL 1 HOUR)
? timestampAdd(HOUR, 1, toDateTime('2024-01-01 00:00:00'))
? timestamp_add(toDateTime('2024-01-01 00:00:00'), INTERVAL 1 MONTH)
? toDate('2024-01-31') + 1
? toDate('2024-01-01') - 1
? 1 + toDate('2024-01-01')
? toDateTime('2024-01-01 00:00:00') + 3600
? toDateTime('2024-01-01 00:00:00') - 1
? toDateTime64('2024-01-01 00:00:00.5', 1) + 1
? toTypeName(toDate('2024-01-01') + 1)
? toTypeName(toDateTime('2024-01-01 00:00:00') + 1)
? toDate('2024-01-01') - toDate('2023-12-01')
? toTypeName(toDate('2024-01-01') - toDate('2023-12-01'))
? toDateTime('2024-01-02 00:00:00') - toDateTime('2024-01-01 00:00:00')
? toTypeName(toDateTime('2024-01-02 00:00:00') - toDateTime('2024-01-01 00:00:00'))
? toDateTime64('2024-01-02 00:00:00.5', 3) - toDateTime64('2024-01-01 00:00:00', 3)
? toDateTime('2024-01-02 00:00:00') - toDate('2024-01-01') ;; maybe
@from dates
= d - toDate('2000-01-01')
= dt - toDateTime('2000-01-01 00:00:00')
= d + n
= dt + n
= d - n
= nd + 1
= ndt - dt
= dt3 - dt3
= dt3 + 1 ;; maybe
= d < dt
= d = dt
= dt3 > dt
= dt >= '2024-01-01 00:00:00'
= d >= '2024-01-01'
= toDateTime(d) = dt
