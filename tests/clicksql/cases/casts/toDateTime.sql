@from texts
= toDateTime(day)
= toDateTimeOrNull(mess)
= toDateTimeOrZero(mess)
= toDateTime64(day, 3)
= toDateTime64OrNull(mess, 3)
= toDateTime64OrZero(mess, 3)
@from dates
@let D d d32 dt dt3 dt6 nd ndt
= toDateTime({D})
= toDateTime64({D}, 3)
= toDateTime64({D}, 0)
= toDateTime64({D}, 6)
= toDateTime({D}, 'Europe/Berlin')
= toDateTime64({D}, 3, 'America/New_York')
@from dst
@let Z u be ny be3
= toDateTime({Z})
= toDateTime({Z}, 'Asia/Kolkata')
= toDateTime64({Z}, 3)
= toDateTime64({Z}, 6, 'UTC')
@from nums
@let N u8 u32 i32 i64 u64 f64
= toDateTime({N}) ;; maybe
? toDateTime(0)
? toDateTime(1700000000)
? toDateTime(4294967295)
? toDateTime(4294967296)
? toDateTime(-1)
? toDateTime(1700000000.9)
? toDateTime('2024-01-01 10:00:00')
? toDateTime('2024-01-01 10:00:00', 'Europe/Berlin')
? toDateTime('2024-03-31 02:30:00', 'Europe/Berlin')
? toDateTime('2024-10-27 02:30:00', 'Europe/Berlin')
? toDateTime('2024-01-01T10:00:00')
? toDateTime('2024-01-01')
? toDateTime('2024-01-01 10:00') ;; maybe
? toDateTime('2024-01-01 10:00:00.999')
? toDateTime('1700000000')
? toDateTime('') ;; error
? toDateTime('x') ;; error
? toDateTime(NULL)
? toDateTime(toDate('2024-01-01'))
? toDateTime(toDate('2024-01-01'), 'Europe/Berlin')
? toTypeName(toDateTime('2024-01-01 10:00:00', 'Europe/Berlin'))
? toTypeName(toDateTime64('2024-01-01 10:00:00', 3, 'UTC'))
? toDateTime64('2024-01-01 10:00:00.123456', 3)
? toDateTime64('2024-01-01 10:00:00.123456', 6)
? toDateTime64('2024-01-01 10:00:00.1239', 3)
? toDateTime64('1900-01-01 00:00:00', 3)
? toDateTime64('2299-12-31 23:59:59.999', 3)
? toDateTime64(1700000000.123, 3)
? toDateTime64(1700000000, 3)
? toDateTime64('1700000000.5', 3)
? toDateTime64(0, 3)
? toDateTime64(-1.5, 3)
? toDateTime64('2024-01-01T10:00:00.123Z', 3) ;; maybe
? toDateTime64(toDateTime('2024-01-01 10:00:00'), 3)
? DateTime64(3) ;; error
? toDateTime('2024-01-01 10:00:00') = '2024-01-01 10:00:00'
? toDateTime('2024-01-01 00:00:00') = toDate('2024-01-01')
? toDateTime64('2024-01-01 00:00:00.5', 1) > toDateTime('2024-01-01 00:00:00')
? toTime(toDateTime('2024-01-01 10:11:12'))
? makeDateTime(2024, 2, 29, 1, 2, 3)
? makeDateTime64(2024, 2, 29, 1, 2, 3, 4, 3)
