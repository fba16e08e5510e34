? timeSlots(toDateTime('2024-01-01 12:20:00'), toUInt32(600))
? timeSlots(toDateTime('2024-01-01 12:20:00'), toUInt32(7200), 3600)
? timeSlots(toDateTime('2024-01-01 12:20:00'), toUInt32(0))
? timeSlots(toDateTime64('2024-01-01 12:20:00', 3), toDecimal64(600.1, 1), toDecimal64(299, 0)) ;; maybe
? timeSlot(toDateTime('2024-01-01 12:20:00'))
SELECT id, timeSlots(t, u32) AS r FROM small ORDER BY id ;; ordered
SELECT id, arrayJoin(timeSlots(t, toUInt32(3600), 1800)) AS r FROM small ORDER BY id, r ;; ordered
? toTime(toDateTime('2024-01-01 12:20:00'))
? toTypeName(toTime(toDateTime('2024-01-01 12:20:00')))
SELECT id, toTime(dt) AS r FROM dates ORDER BY id ;; ordered maybe
