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
? timeSlots(toDateTime('2024-01-01 12:20:00'), toUInt32(7200), 60 * 60)
? timeSlots(toDateTime64('2024-01-15 12:34:56.567', 3), toDecimal64(2, 0), toDecimal64(0.75, 2))
? timeSlots(toDateTime64('2024-01-15 12:34:56.5', 1), toDecimal64(600.2, 3))
? toTypeName(timeSlots(toDateTime64('2024-01-15 12:34:56.5', 1), toDecimal64(600.2, 3)))
