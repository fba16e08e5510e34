@from texts
= parseDateTimeBestEffort(day)
= parseDateTimeBestEffortOrNull(mess)
= parseDateTimeBestEffortOrZero(mess)
= parseDateTime64BestEffort(day)
= parseDateTime64BestEffortOrNull(mess)
= parseDateTime64BestEffortOrZero(mess)
= parseDateTime64BestEffortOrNull(mess, 6)
= parseDateTime32BestEffort(day)
= parseDateTime32BestEffortOrNull(mess)
= parseDateTimeBestEffortOrNull(nn)
= parseDateTimeOrNull(mess, '%Y-%m-%d')
= parseDateTimeOrZero(mess, '%Y-%m-%d')
@let L 2024-03-03 | 2024-03-03 10:11:12 | 2024-03-03T10:11:12 | 2024-03-03T10:11:12Z | 2024-03-03T10:11:12.345Z | 2024-03-03T10:11:12+02:00 | 2024-03-03 10:11:12 +0530 | 20240303 | 20240303101112 | 20240303T101112 | 03/04/2024 | 3 Mar 2024 | Mar 3 2024 10:11 | Sun, 03 Mar 2024 10:11:12 GMT | 1709460672 | 1709460672.345 | 1709460672345 | 2024-03-03 10:11 | 10:11:12 | 2024-03 | 2024 | Mar 2024 | 2024-03-03 10:11 PM | 2024-03-03 12:11 AM | 31.12.2023 | 2023-12-31 23:59:59 EST | abc |  | 2024-03-03 25:00:00 | 2024-02-30 | 2024/03/03 | 2024-03-03 10:11:12.123456789 | 2024-03-03T10:11:12-0800
? parseDateTimeBestEffort('{L}') ;; maybe
? parseDateTimeBestEffortOrNull('{L}') ;; maybe
? parseDateTimeBestEffortOrZero('{L}') ;; maybe
? parseDateTime64BestEffort('{L}') ;; maybe
? parseDateTime64BestEffort('{L}', 6) ;; maybe
? parseDateTimeBestEffort('{L}', 'Europe/Berlin') ;; maybe
? parseDateTime32BestEffort('{L}') ;; maybe
? parseDateTimeBestEffortUS('{L}') ;; maybe
? parseDateTimeBestEffort(NULL) ;; maybe
? parseDateTime('2024-03-03 10:11:12', '%Y-%m-%d %H:%i:%s')
? parseDateTime('03/04/2024', '%d/%m/%Y')
? parseDateTime('2024-03-03', '%Y-%m-%d')
? parseDateTime('Mar 3 2024', '%b %e %Y') ;; maybe
? parseDateTime('2024-03-03 10:11:12', '%F %T')
? parseDateTime('bad', '%Y') ;; error
? parseDateTimeOrNull('bad', '%Y')
? parseDateTime('2024-03-03 10:11:12', '%Y-%m-%d %H:%i:%s', 'Europe/Berlin')
? parseDateTimeInJodaSyntax('2024-03-03', 'yyyy-MM-dd')
? toTypeName(parseDateTimeBestEffort('2024-03-03'))
? toTypeName(parseDateTime64BestEffort('2024-03-03'))
