@from texts
= toDate(day)
= toDate32(day)
= toDateOrNull(mess)
= toDateOrZero(mess)
= toDate32OrNull(mess)
= toDate32OrZero(mess)
= date(day)
= day::Date
@from dates
@let D d d32 dt dt3 dt6 nd ndt
= toDate({D})
= toDate32({D})
= date({D})
@from dst
@let Z u be ny be3
= toDate({Z})
= toDate({Z}, 'Asia/Tokyo') ;; maybe
@from nums
@let N i8 u8 u16 u32 i32 i64 u64 f64
= toDate({N}) ;; maybe
? toDate(19000)
? toDate(0)
? toDate(65535)
? toDate(65536)
? toDate(1700000000)
? toDate(-1)
? toDate('2024-02-30') ;; maybe
? toDate('2024-01-01 23:59:59')
? toDate('') ;; error
? toDate('x') ;; error
? toDate(NULL)
? toDate('2200-01-01')
? toDate('1900-01-01')
? toDate32('1900-01-01')
? toDate32('2299-12-31')
? toDate32(-1)
? toDate32(100000)
? toDate('2024-1-5')
? date('2024-01-05')
? DATE('2024-01-05 10:00:00')
? toTypeName(date('2024-01-05'))
? makeDate(2024, 2, 29)
? makeDate(2023, 2, 29)
? makeDate(2024, 13, 1)
? makeDate(1970, 1, 1)
? makeDate(2024, 60)
? makeDate(2150, 1, 1)
? makeDate32(1900, 1, 1)
? makeDate(NULL, 1, 1)
@from small
= makeDate(2000 + i32 % 50, u8, u8)
= makeDate(2024, u8)
