@from nums
@let F fromUnixTimestamp64Milli fromUnixTimestamp64Micro fromUnixTimestamp64Second
? {F}(0)
? {F}(1700000000123) ;; maybe
? {F}(-1)
? {F}(1700000000123456) ;; maybe
? {F}(toInt64(1700000000), 'Europe/Berlin')
? {F}(NULL)
? toTypeName({F}(0))
= {F}(toInt64(u32) * 1000) ;; maybe
= {F}(i32) ;; maybe
= {F}(ni32) ;; maybe
@let G toUnixTimestamp64Milli toUnixTimestamp64Micro toUnixTimestamp64Nano toUnixTimestamp64Second
@from dates
@let D dt3 dt6 dt ndt
= {G}({D}) ;; maybe
? {G}(toDateTime64('2024-01-01 00:00:00.123', 3))
? {G}(toDateTime64('1969-12-31 23:59:59.999', 3))
? toTypeName({G}(toDateTime64('2024-01-01 00:00:00.123', 3)))
? fromUnixTimestamp(0)
? fromUnixTimestamp(1700000000)
? fromUnixTimestamp(1700000000, '%Y-%m-%d')
? fromUnixTimestamp64Milli(toUnixTimestamp64Milli(toDateTime64('2024-01-01 00:00:00.123', 3)))
? fromUnixTimestamp64Milli(1700000000123, 'UTC')
? fromUnixTimestamp64Milli('1') ;; error
? toUnixTimestamp(toDateTime64('2024-01-01 00:00:00.999', 3))
= toUnixTimestamp(dt)
= toUnixTimestamp(dt3)
= toUnixTimestamp(ndt)
