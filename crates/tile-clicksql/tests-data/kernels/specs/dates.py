import random
R = random.Random(1)
ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'America/Sao_Paulo', 'Australia/Lord_Howe']
M = 1000000
def dst(zone):
    # days around clock changes in 2024 (and Sao Paulo's last ones in 2018/2019)
    return {'UTC': [1709164800], 'Europe/Berlin': [1711843200, 1729983600], 'America/New_York': [1710046800, 1730606400],
            'Asia/Kolkata': [1704067200], 'America/Sao_Paulo': [1541300400, 1550368800], 'Australia/Lord_Howe': [1712412000, 1728136800]}[zone]
MOMENTS = []
for z in ZONES:
    for d in dst(z):
        MOMENTS += [((d + R.randrange(-6 * 3600, 8 * 3600)) * M, z) for _ in range(12)]
    MOMENTS += [(R.randrange(100000, 4102444800) * M, z) for _ in range(14)]
    MOMENTS += [(1704067199 * M, z), (1703980800 * M, z)]
MOMENTS += [(0, 'UTC')]
FRACTIONS = [(m + R.randrange(M), z) for m, z in MOMENTS]
dt = lambda m, z: f"toDateTime({m // M}, '{z}')"
d64 = lambda m, z, s=6: f"toDateTime64(fromUnixTimestamp64Micro(toInt64({m}), '{z}'), {s}, '{z}')"
us = lambda e: f"toUnixTimestamp64Micro(toDateTime64({e}, 6))"
for name, f in dict(to_date='toInt32(toDate({}))', to_year='toYear({})', to_quarter='toQuarter({})', to_month='toMonth({})',
                    to_day_of_month='toDayOfMonth({})', to_day_of_year='toDayOfYear({})', to_iso_year='toISOYear({})', to_iso_week='toISOWeek({})',
                    month_name='monthName({})', to_yyyymm='toYYYYMM({})', to_yyyymmdd='toYYYYMMDD({})', to_yyyymmddhhmmss='toYYYYMMDDhhmmss({})',
                    to_last_day_of_month='toInt32(toLastDayOfMonth({}))', to_hour='toHour({})',
                    to_minute='toMinute({})', to_second='toSecond({})', zone_offset='timeZoneOffset({})').items():
    case('ch_' + name, MOMENTS, lambda m, z, f=f: f.format(dt(m, z)))
case('ch_to_days_since_year_zero', [(d,) for d in range(0, 60000, 1777)], lambda d: f'toDaysSinceYearZero(toDate({d}))')
case('ch_to_millisecond', [(m,) for m, z in FRACTIONS[:40]], lambda m: f"toMillisecond({d64(m, 'UTC')})")
case('ch_to_day_of_week', [(m, k, z) for m, z in MOMENTS for k in range(4)], lambda m, k, z: f"toDayOfWeek({dt(m, z)}, {k})")
WEEKS = [(d * 86400 * M, z) for d in list(range(10950, 10970)) + list(range(19715, 19735)) + list(range(13510, 13525)) + list(range(14605, 14615)) for z in ['UTC']]
case('ch_to_week', [(m, k, z) for m, z in WEEKS + MOMENTS[:40] for k in range(10)], lambda m, k, z: f"toWeek({dt(m, z)}, {k})")
case('ch_to_year_week', [(m, k, z) for m, z in WEEKS + MOMENTS[:40] for k in range(10)], lambda m, k, z: f"toYearWeek({dt(m, z)}, {k})")
REL = dict(year='Year', quarter='Quarter', month='Month', week='Week', day='Day', hour='Hour', minute='Minute', second='Second')
case('ch_relative_num', [(m, u, z) for m, z in MOMENTS[::2] for u in REL], lambda m, u, z: f"toRelative{REL[u]}Num({dt(m, z)})")
UNITS = [('second', 1), ('second', 7), ('second', 30), ('minute', 1), ('minute', 5), ('minute', 7), ('minute', 10), ('minute', 15), ('hour', 1), ('hour', 2), ('hour', 5), ('hour', 6), ('hour', 12), ('day', 1), ('day', 3), ('week', 1), ('week', 2), ('month', 1), ('month', 5), ('quarter', 1), ('quarter', 3), ('year', 1), ('year', 7)]
S = {'week', 'month', 'quarter', 'year'}
case('ch_start_of', [(m, u, n, z) for m, z in MOMENTS for u, n in UNITS if u not in S]
     + [(m, u, n, z) for m, z in FRACTIONS[:60] for u, n in [('millisecond', 1), ('millisecond', 10), ('millisecond', 250), ('microsecond', 100), ('second', 1), ('minute', 5), ('hour', 1), ('hour', 3)]],
     lambda m, u, n, z: us(f"toStartOfInterval({dt(m, z) if m % M == 0 and u not in ('millisecond','microsecond') else d64(m, z)}, INTERVAL {n} {u}, '{z}')"))
case('ch_start_of_as_date', [(m, u, n, z) for m, z in MOMENTS for u, n in UNITS if u in S] + [(m, u, 1, z) for m, z in MOMENTS for u in ('isoyear', 'sundayweek')],
     lambda m, u, n, z: "toInt32(" + (f"toStartOfISOYear({dt(m, z)})" if u == 'isoyear' else f"toStartOfWeek({dt(m, z)})" if u == 'sundayweek' else f"toStartOfInterval({dt(m, z)}, INTERVAL {n} {u}, '{z}')") + ")")
DAYS = [R.randrange(0, 47000) for _ in range(40)] + [0, 19722, 19723, 19782]
case('ch_start_of_date', [(d, u, n) for d in DAYS for u, n in UNITS if u in S or (u == 'day' and n == 3 and False)], lambda d, u, n: f"toInt32(toStartOfInterval(toDate({d}), INTERVAL {n} {u}))")
case('ch_date_midnight', [(d, z) for d in DAYS[:20] for z in ZONES] + [((m // M + k * 86400) // 86400, z) for m, z in MOMENTS for k in (0,)], lambda d, z: us(f"toDateTime(toDate({d}), '{z}')"))
ADD = [('year', 1), ('year', -3), ('quarter', 1), ('quarter', -5), ('month', 1), ('month', -1), ('month', 13), ('week', 2), ('day', 1), ('day', -1), ('hour', 5), ('minute', -90), ('second', 100)]
case('ch_add', [(m, u, n, z) for m, z in MOMENTS if 10**9 * M < m < 3 * 10**9 * M for u, n in ADD] + [(m, u, n, z) for m, z in FRACTIONS[:30] if m > 10**9 * M for u, n in ADD + [('millisecond', 1500), ('microsecond', -7)]],
     lambda m, u, n, z: us(f"{dt(m, z) if m % M == 0 else d64(m, z)} + INTERVAL ({n}) {u}"))
case('ch_add_date', [(d, u, n) for d in DAYS if 5000 < d < 40000 for u, n in ADD if u not in ('hour', 'minute', 'second')], lambda d, u, n: f"toInt32(toDate({d}) + INTERVAL ({n}) {u})")
PAIRS = [(a[0], b[0], a[1]) for a, b in zip(MOMENTS, MOMENTS[1:] + MOMENTS[:1])] + [(a[0], R.choice(MOMENTS)[0], a[1]) for a in MOMENTS]
PAIRS = [p for p in PAIRS if p[2] == 'UTC' or (p[0] and p[1])]
DU = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']
case('ch_date_diff', [(u, a, b, z) for a, b, z in PAIRS for u in DU] + [(u, a[0], b[0], a[1]) for a, b in zip(FRACTIONS, FRACTIONS[1:40]) for u in ['millisecond', 'microsecond', 'second']],
     lambda u, a, b, z: f"dateDiff('{u}', {dt(a, z) if a % M == 0 else d64(a, z)}, {dt(b, z) if b % M == 0 else d64(b, z)}, '{z}')")
case('ch_age', [(u, a, b, z) for a, b, z in PAIRS for u in DU] + [(u, a[0], b[0], a[1]) for a, b in zip(FRACTIONS, FRACTIONS[1:40]) for u in ['millisecond', 'microsecond', 'second', 'day', 'month']],
     lambda u, a, b, z: f"age('{u}', {dt(a, z) if a % M == 0 else d64(a, z)}, {dt(b, z) if b % M == 0 else d64(b, z)}, '{z}')")
case('ch_time_slot', [(m,) for m, z in MOMENTS], lambda m: us(f"timeSlot({dt(m, 'UTC')})"))
case('ch_time_slots', [(m, float(l), s) for m, z in MOMENTS[:20] for l, s in [(600, 299), (0, 1800), (7200, 1800), (3601, 60)]], lambda m, l, s: f"arrayMap(x -> toUnixTimestamp(x) * 1000000, timeSlots({dt(m, 'UTC')}, toUInt32({int(l)}), {s}))")
case('ch_make_date', [(2024, 2, 29), (2023, 2, 29), (1969, 1, 1), (2149, 6, 6), (2149, 6, 7), (2024, 13, 1), (2024, 1, 0), (1970, 1, 1), (0, 1, 1), (2200, 1, 1)], lambda y, m, d: f"toInt32(makeDate({y}, {m}, {d}))")
case('ch_make_datetime', [(d, h, m, s, z) for d in [19722, 19813, 20023, 20000] for z in ZONES[:3] for h, m, s in [(0, 0, 0), (2, 30, 1), (23, 59, 59), (1, 15, 0), (24, 0, 0), (1, 60, 0)]], lambda d, h, m, s, z: us(f"makeDateTime(toYear(toDate({d})), toMonth(toDate({d})), toDayOfMonth(toDate({d})), {h}, {m}, {s}, '{z}')"))
CODES = ['%a|%b|%c|%C|%d|%D|%e|%F', '%f', '%g|%G|%h|%H|%i|%I|%j|%k|%l', '%m|%M|%n|%p|%Q|%r|%R', '%s|%S|%t|%T|%u|%V|%w|%W|%y|%Y|%z|%%', 'añb %Y-%m-%d', '%x', '%E', 'a%', '%Y%m%d%H%i%S', '%U', '%v', '%L', '']
case('ch_format_datetime', [(m, 0, f, z) for m, z in MOMENTS[::4] for f in CODES[:6]] + [(m, 0, f, z) for m, z in MOMENTS[:1] for f in CODES] + [(m // 1000 * 1000, 3, f, z) for m, z in FRACTIONS[:9] for f in CODES[:6]] + [(m, 6, f, z) for m, z in FRACTIONS[:5] for f in CODES[:6]],
     lambda m, s, f, z: f"formatDateTime({dt(m, z) if s == 0 else d64(m, z, s)}, {q(f)})")
case('ch_micros_text', [(m, 0, z) for m, z in MOMENTS] + [(m, s, z) for m, z in FRACTIONS for s in (1, 3, 6, 9)], lambda m, s, z: f"toString({dt(m, z) if s == 0 else d64(m, z, s)})")
TEXTS = ['2024-01-02 03:04:05', '2024-01-02', '2024-01-02T03:04:05', '2024-1-2', '2024-1-2 3:4:5', '20240102', '1704164645', '1704164645.123456', '2024-01-02 03:04:05.123456', '2024-01-02 03:04:05.1', '2024-01-02 03:04:05Z', '2024-01-02T03:04:05Z',
 '2024-01-02T03:04:05.123Z', '', 'abc', '2024-13-01', '2024-02-30', '2024-02-30 00:00:00', '2024-01-02 25:00:00', '2024-01-02 03:04', '2024-01-02 03', '2024/01/02', '2024/01/02 03:04:05', '2024.01.02', '0000-00-00', '0000-00-00 00:00:00', '1970-01-01', '1969-12-31 00:00:00', '1960-05-05 01:02:03.5', '2149-06-06', '2149-06-07', '2150-01-01', '2106-02-07 06:28:15', '2106-02-08 00:00:00', '2300-01-01', '1900-01-01', '1899-01-01 00:00:00',
 ' 2024-01-02', '2024-01-02 ', '2024-01-02 03:04:05 ', '2024-01-02 03:04:05+01:00', '12345', '1234', '5', '0', '-1', '123456', '20240102030405', '2024-01-02 03:04:05.', '2024-01-02 03:04:05.123456789', '2024-01-02x', '2024-01-02 03:04:05x', '10000-01-01', '2024-00-10', '2024-10-00', '2024-03-31 02:30:00', '2024-10-27 02:30:00', '2024-01-02 03:04:60', '2024-01-02 24:00:00', '99999999999', '2024-01-0a', '2024-0102', '202401-02','2024-01-02 3:04:05','2024-01-2 03:04:05','17041646451', '1704164645123', '2024-01-02\n']
case('ch_text_micros_or_null', [(t, s, z) for t in TEXTS for s in (0, 3, 6) for z in ZONES[:2]], lambda t, s, z: us(f"toDateTimeOrNull({q(t)}, '{z}')" if s == 0 else f"toDateTime64OrNull({q(t)}, {s}, '{z}')"))
case('ch_text_date', [(t,) for t in TEXTS], lambda t: f"toInt32(toDate({q(t)}))")
case('ch_text_date_or_null', [(t,) for t in TEXTS], lambda t: f"toInt32(toDateOrNull({q(t)}))")
PARSE = [('2024-01-02 03:04:05', '%Y-%m-%d %H:%i:%s'), ('2024-01-02', '%F'), ('01/02/24', '%D'), ('Jan 5 2024', '%b %e %Y'), ('January 5 2024', '%M %e %Y'), ('5 2024', '%e %Y'), ('2024', '%Y'), ('12:30:45', '%T'), ('12:30 PM', '%r'), ('12:30', '%R'), ('2024-060', '%Y-%j'), ('2023-366', '%Y-%j'), ('2024-W05-3', '%G-W%V-%u'), ('10 AM', '%h %p'), ('12 AM', '%I %p'), ('12 PM', '%h %p'), ('1 PM', '%l %p'), ('2024-01-02 03:04:05 +0130', '%Y-%m-%d %H:%i:%s %z'), ('Tue 2024-01-02', '%a %Y-%m-%d'), ('Tuesday', '%W'), ('2024-02-30', '%Y-%m-%d'), ('2024-01-02x', '%Y-%m-%d'), ('2024-1-2', '%Y-%m-%d'), ('69-01-01', '%y-%m-%d'), ('70-01-01', '%y-%m-%d'), ('12345', '%f'), ('2024 12', '%Y %c'), ('', ''), ('a', ''), ('%', '%%'), ('2024-01-02 03:04:05.123456', '%Y-%m-%d %H:%i:%s.%f'), (' 5', '%e'), ('05', '%e'), ('5', '%k'), ('20', '%C'), ('1969', '%Y'), ('2107', '%Y'), ('2024-03-31 02:30:00', '%Y-%m-%d %H:%i:%s'), ('12:30:45 PM', '%r'), ('3:04:05', '%k:%i:%s'), ('1/2/2024','%c/%e/%Y'), ('01/02/2024 11:05:09 PM','%m/%d/%Y %h:%i:%s %p'), ('23 PM', '%H %p')]
case('ch_parse_datetime', [(t, f, z) for t, f in PARSE for z in ZONES[:3]], lambda t, f, z: us(f"parseDateTime({q(t)}, {q(f)}, '{z}')"))
case('ch_parse_datetime_or_null', [(t, f, z) for t, f in PARSE for z in ZONES[:1]], lambda t, f, z: us(f"parseDateTimeOrNull({q(t)}, {q(f)}, '{z}')"))
BEST = [t for t in TEXTS] + ['23/10/2020 12:12:57', 'Sat, 18 Aug 2018 07:22:16 GMT', '1284101485', '2018-10-23 10:12:12', '10:20', '10-12', '2020-02-01 10:20:30 PM', '2020-02-01 12:20 AM', '20200102', '20200102T101112', '20200102101112', '202001', '2020-02-01T10:20:30+03', '2020-02-01T10:20:30+0330', '2020-02-01T10:20:30-3:30', '2020-02-01 10:20:30.5 MSK', 'Jan 3 2020', '3 January 2020', 'January 3, 2020 10:20', '3-Feb-2020', '3/Feb/20 01:02:03', '01-02-03', '31/12/69', '31/12/70', '1.2.2020', '13/02/2020', '02/13/2020', '02/03/2020 04:05', '2020-02-01, 10:20', '2020-02-01,', 'Married 3 2020', '2020/2/1', '2020 02 01', '2020-W05', '10:20:30 2020-01-02', '2020-01-02 10', '2020-01-02 7pm', '2020-01-02 10:20:30 UTC', '2020-01-02 10:20:30 CET', '123', '12', '1', '1234567', '12345678901', '123456789', '123456789.5', '1234567890.123', '1234567890123', '2021-02-29', '2020-02-29', 'Mon 2020', 'xyz', '2020-01-02T10:20:30.123456789Z', '2020-01-02 10:20:30,123', "2020-01-02'", '2020-01-02\t', 'Tue Jan 28 10:20:30 2020', '2020-01-02 10:20:30 -0500 EST', 'T', '2020-01-02 24:00:00', '2020-01-02 10:61:00', '2020-01-02 10:20:99', '2020-Feb-03', '2020-March-5', 'Fri, 03 Jan 2020 10:20:30 +0100', '2020-01-02 -101112','2024-05-06T07:08:09.123+02:00', '2024-05-06 07:08:09 +02:00']
BEST = [t for t in BEST if t not in ('0000-00-00', '0000-00-00 00:00:00', '10:20', '10-12', '12', '1', '5', '0', '-1', '3 January', '10:20:30', 'Mon 2020')]
import re as _re
BAD = lambda t: False
for name, f in [('', 'BestEffort'), ('_or_null', 'BestEffort{}OrNull'), ('_us', 'BestEffortUS'), ('_us_or_null', 'BestEffortUSOrNull')]:
    def sql(t, s, z, f=f):
        f = f.replace('{}', '')
        return us(f"parseDateTime{f}({q(t)}, '{z}')" if s < 0 else f"parseDateTime64{f}({q(t)}, {s}, '{z}')")
    case('ch_parse_best_effort' + name, [(t, s, z) for t in BEST for s, z in ((-1, 'UTC'), (3, 'Europe/Berlin')) if name != '_us' and name != '' or not BAD(t)], sql)
