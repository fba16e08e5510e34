"""Random expressions whose family is known, so that most are valid ClickHouse.

`Grammar.expression(family, depth)` gives a text; each family has its leaves (columns, literals) and its functions in `RULES`, where
`{int}` stands for an expression of that family and everything else for itself. To add a function, add one line. Left out on purpose:
what depends on the moment, what throws for some rows only (division by a column, parsing of free text), what is undefined in C (a
float out of range to an integer).
"""

import re

RULES = {
    "int": [
        "JSONExtractInt({doc}, {key})", "JSONExtractUInt({doc}, {key})", "JSONLength({doc})", "JSONLength({doc}, {key})", "JSONHas({doc}, {key})",
        "JSONExtractInt({doc}, {key}, {key})", "JSONExtractInt({doc}, {key}, {small})", "isValidJSON({doc})", "JSONExtract({doc}, {key}, 'Int32')",
        "JSONExtract({doc}, {key}, 'Nullable(Int64)')", "simpleJSONExtractInt({doc}, {key})", "{map}[{letter}]", "length({map})", "arraySum(mapValues({map}))",
        "{pair}.1", "tupleElement({pair}, 1)", "dateDiff({unit}, {date}, {date})", "age({unit}, {date}, {date})", "dateDiff({unit}, {time}, {time})",
        "toWeek({date})", "toWeek({date}, {mode})", "toYearWeek({date}, {mode})", "toHour({time}, 'Asia/Kolkata')", "toDayOfWeek({date}, {mode})",
        "toYYYYMMDD({date})", "toYYYYMMDD({time})", "bitOr({int32}, {lit})", "toUInt16({int})", "intDivOrZero({int32}, {lit})", "countSubstrings({str}, {letter})",
        "length(splitByChar({letter}, {str}))", "length(extractAll({str}, '[a-z]'))", "toInt64({dec})", "toInt8({enum})", "indexOf({strs}, {word})",
        "arrayMax({ints})", "arrayMin({ints})", "arrayFirst(v -> v > {small}, {ints})", "arrayCount({ints})", "toUInt8OrZero({str})", "toInt16OrNull({str})",
        "cityHash64({str})", "multiSearchAny({str}, ['a', 'ñ'])", "toUInt32({ip})", "length({texts})", "toUnixTimestamp({date})", "ascii({str})",
        "accurateCastOrNull({int}, 'UInt8')", "toUInt64OrDefault({str}, toUInt64(5))", "arrayElement({ints}, {small})", "arrayUniq({ints})", "arrayUniq({strs})",
        "toDayOfYear({time})", "toSecond({time})", "toQuarter({time})", "toISOYear({date})", "toISOWeek({time})", "dateDiff('week', {date}, {time})",
        "({int} + {int})", "({int} - {int})", "({int} * {lit})", "intDiv({int}, {pos})", "({int} % {pos})", "abs({int})", "(- {int})",
        "if({cond}, {int}, {int})", "multiIf({cond}, {int}, {cond}, {lit}, {int})", "length({str})", "lengthUTF8({str})",
        "coalesce({int}, {lit})", "ifNull({int}, {lit})", "nullIf({int}, {lit})", "greatest({int}, {int})", "least({int}, {int})",
        "position({str}, {word})", "toYear({date})", "toMonth({date})", "toDayOfWeek({date})", "toYYYYMM({date})", "toHour({time})",
        "toMinute({time})", "toDayOfMonth({time})", "toUnixTimestamp({time0})", "dateDiff('day', {date}, {date})",
        "dateDiff('hour', {time}, {time})", "dateDiff('month', {date}, {time})", "toInt8({int})", "toInt16({int})", "toInt32({int})",
        "toInt64({int})", "toUInt8({int})", "toUInt32({int})", "toUInt64({int})", "length({ints})", "{ints}[{small}]",
        "indexOf({ints}, {small})", "arraySum({ints})", "arrayCount(v -> v > {small}, {ints})", "has({ints}, {small})", "sign({int})",
        "toInt64OrZero({str})", "toInt32OrNull({str})", "CASE WHEN {cond} THEN {int} ELSE {lit} END", "CASE WHEN {cond} THEN {int} END",
        "bitAnd({int}, {lit})", "JSONExtractInt({json}, 'a')", "toDayOfYear({date})", "toQuarter({date})", "{int}", "{cond}",
        "CAST({int} AS Int16)", "round({int}, -1)", "toISOWeek({date})", "uniqueLiteral",
    ],
    "float": [
        "({float} + {float})", "({float} - {float})", "({float} * {float})", "({int} / {int})", "({float} / {pos})", "round({float}, 1)",
        "round({float})", "floor({float})", "ceil({float})", "abs({float})", "toFloat64({int})", "toFloat32({int})", "toFloat64OrZero({str})",
        "toFloat64OrNull({str})", "if({cond}, {float}, {int})", "coalesce({float}, 0)", "greatest({float}, {float})", "({float} + {int})",
        "({int} * 0.5)", "nullIf({float}, 0)", "JSONExtractFloat({json}, 'b')", "toFloat64({dec})", "least({float}, {int})",
    ],
    "dec": ["(- {dec})", "if({cond}, {dec}, 0)", "greatest({dec}, {dec})", "toDecimal32({int16}, 1)", "toDecimal64OrZero({str}, 3)", "nullIf({dec}, 0)",
            "multiIf({cond}, {dec}, {dec})", "toDecimal128({dec}, 5)", "({dec} + {dec})", "({dec} - 1)", "({dec} * 2)", "round({dec}, 1)", "abs({dec})", "toDecimal64({int16}, 2)", "ifNull({dec}, 0)"],
    "str": [
        "JSONExtractString({doc}, {key})", "JSONExtractRaw({doc}, {key})", "JSONExtractString({doc}, {key}, {key})", "JSON_VALUE({doc}, '$.a')",
        "JSONExtract({doc}, {key}, 'String')", "JSONExtract({doc}, {key}, 'Nullable(String)')", "simpleJSONExtractString({doc}, {key})", "JSONType({doc}, {key})",
        "toString({uuid})", "toString({ip})", "toString({enum})", "splitByString({letter}, {str})[{small}]", "splitByRegexp('[,a]', {str})[1]",
        "extractAll({str}, '[a-z]')[{small}]", "replaceOne({str}, {letter}, {word})", "replaceRegexpOne({str}, '(.)', '<\\\\1>')", "formatDateTime({time}, {format})",
        "arrayStringConcat(arrayMap(v -> toString(v), {ints}), ',')", "leftPad(toString({int}), 5, '0')", "toJSONString({ints})", "toJSONString({map})", "{texts}[{letter}]",
        "mapKeys({map})[1]", "arrayStringConcat(mapValues({texts}), '|')", "toTypeName({int})", "toTypeName({float})", "toTypeName({str})", "toTypeName({date})",
        "toTypeName({time})", "toTypeName({dec})", "toTypeName({cond})", "toTypeName({ints})", "toTypeName({enum})", "toString({enum})", "{pair}.2", "toString({dec})",
        "extract({str}, '([a-z])[a-z]')", "arrayElement(splitByChar('-', toString({date})), {pos})", "toString(toStartOfWeek({date}, 1))", "repeat({letter}, {pos})",
        "concat(toString({int}), '-', toString({date}))", "concatWithSeparator('/', {str}, {word})", "toString({time}, 'Asia/Tokyo')", "toString({bool})",
        "caseWithExpression({str}, 'a', 'A', 'b', 'B', 'z')", "CASE {str} WHEN 'a' THEN 'x' WHEN '' THEN 'y' END", "toLowCardinality({str})", "toFixedString('ab', 3)",
        "positionCaseInsensitive({str}, 'A') || '!'", "rightPad({word}, 4, '*')", "monthName({date})", "dateName('weekday', {date})", "left(toString({uuid}), 8)",
        "concat({str}, {str})", "({str} || {word})", "upper({str})", "lower({str})", "substring({str}, {pos})", "substring({str}, {pos}, {pos})",
        "toString({int})", "toString({date})", "toString({time})", "toString({float})", "if({cond}, {str}, {word})", "coalesce({str}, {word})",
        "ifNull({str}, '?')", "replaceAll({str}, {letter}, {word})", "trim({str})", "reverse({str})", "splitByChar(',', {word})[{pos}]",
        "multiIf({cond}, {str}, {cond}, 'x', {str})", "lowerUTF8({str})", "upperUTF8({str})", "substringUTF8({str}, {pos}, {pos})",
        "formatDateTime({time}, '%Y-%m-%d %H:%i')", "arrayStringConcat({strs}, '-')", "toString({cond})", "replaceRegexpAll({str}, '[a-b]', '_')",
        "extract({str}, '[a-z]+')", "nullIf({str}, '')", "left({str}, {pos})", "JSONExtractString({json}, 'c')", "toString({dec})",
        "CASE WHEN {cond} THEN {str} ELSE {word} END", "transform({str}, ['a', 'b'], ['A', 'B'], 'else')", "{strs}[{small}]", "toString({ints})",
        "domain(concat('http://', {word}, '.com/x'))", "hex({str})", "base64Encode({str})",
    ],
    "date": [
        "toStartOfWeek({date}, {mode})", "toDateOrNull({odd})", "toDateOrZero({odd})", "date_trunc({dateunit}, {date})", "toStartOfInterval({date}, INTERVAL {pos} WEEK)",
        "makeDate(2024, {pos}, {pos})", "toDate({time}, 'Asia/Tokyo')", "toDate(parseDateTimeBestEffortOrZero({odd}))", "toStartOfInterval({date}, INTERVAL {pos} QUARTER)",
        "toStartOfMonth({time})", "toMonday({time})", "toStartOfWeek({time}, {mode})", "toStartOfInterval({time}, INTERVAL {pos} MONTH)", "date_add(MONTH, {small}, {date})",
        "({date} + INTERVAL {small} YEAR)", "toStartOfYear({time})", "greatest({date}, {date})", "least({date}, toDate('2024-01-15'))", "coalesce({date}, {date})",
        "multiIf({cond}, {date}, {cond}, toDate('2024-01-01'), {date})", "toLastDayOfMonth({time})", "addWeeks({date}, {small})", "addQuarters({date}, {small})",
        "toDate({time})", "({date} + {small})", "({date} - INTERVAL {pos} DAY)", "toStartOfMonth({date})", "toMonday({date})",
        "toStartOfYear({date})", "toStartOfWeek({date})", "toStartOfQuarter({date})", "addMonths({date}, {small})", "if({cond}, {date}, {date})",
        "toLastDayOfMonth({date})", "addDays({date}, {small})", "toDate('2024-02-29')", "ifNull({date}, toDate('2024-01-01'))",
        "toStartOfInterval({date}, INTERVAL {pos} MONTH)", "subtractYears({date}, {pos})",
    ],
    "time": [
        "parseDateTimeBestEffortOrNull({odd})", "parseDateTimeBestEffortOrZero({odd})", "parseDateTime64BestEffortOrNull({odd}, 3)", "toStartOfFiveMinutes({time})",
        "toStartOfInterval({time}, INTERVAL {pos} HOUR, 'Asia/Kolkata')", "toStartOfDay({time}, 'America/New_York')", "toDateTime({time}, 'Asia/Tokyo')",
        "toDateTime64({time}, 6)", "subtractMonths({time}, {pos})", "addDays({time}, {small})", "toStartOfInterval({time}, INTERVAL {pos} DAY)", "addWeeks({time}, {small})",
        "date_add(MONTH, {small}, {time})", "toStartOfInterval({time}, INTERVAL {pos} SECOND)", "greatest({time}, {time})", "date_trunc('hour', {time}, 'Asia/Kolkata')",
        "toDateTimeOrNull({odd})", "toDateTimeOrZero({odd})", "toDateTime({date}, 'America/New_York')", "multiIf({cond}, {time}, {time})", "toStartOfHour({time})",
        "({time} + toIntervalMinute({small}))", "addSeconds({time}, {lit})", "subtractHours({time}, {pos})", "timestampAdd(DAY, {small}, {time})", "nullIf({time}, {time})",
        "fromUnixTimestamp64Milli(toInt64({pos}) * 214748364712)", "toTimeZone({time}, 'UTC')", "toStartOfInterval({time}, INTERVAL {pos} HOUR)", "addMilliseconds({time}, {lit})",
        "toDateTime({date})", "({time} + INTERVAL {pos} HOUR)", "({time} - INTERVAL {pos} DAY)", "toStartOfHour({time})", "toStartOfDay({time})",
        "addMinutes({time}, {small})", "toStartOfInterval({time}, INTERVAL {pos} MINUTE)", "if({cond}, {time}, {time})", "addMonths({time}, {small})",
        "toStartOfFifteenMinutes({time})", "toDateTime('2024-03-31 01:30:00')", "({time0} + {lit})", "toTimeZone({time}, 'America/New_York')",
        "ifNull({time}, toDateTime('2024-01-01 00:00:00'))", "toDateTime64({time}, 3)", "toStartOfMinute({time})", "date_trunc('day', {time})",
    ],
    "cond": [
        "({uuid} = toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0'))", "({uuid} < {uuid})", "({ip} = toIPv4('127.0.0.1'))", "({ip} > {ip})", "({enum} = 'a')",
        "({enum} IN ('a', 'b'))", "({enum} < {enum})", "(({int}, {str}) IN ((1, 'a'), (2, '')))", "({pair} = {pair})", "({str} ILIKE {like})", "hasAny({strs}, ['a', {word}])",
        "hasAll({ints}, [1, {small}])", "arrayAll(v -> v > {small}, {ints})", "({date} IN ('2024-01-01', '2024-02-29'))", "({time} IN ('2024-01-01 00:00:00'))",
        "({dec} = {dec})", "({dec} < 1.5)", "match({str}, {regex})", "mapContains({map}, {letter})", "isNotNull({str})", "JSONExtractBool({doc}, {key})", "xor({cond}, {cond})",
        "({int} = {float})", "({str} > 'a')", "({int} <=> {int})", "(({int}) IN ({ints}))", "(1 IN {ints})", "({str} IN {strs})", "({int} BETWEEN {int} AND {int})",
        "({time} BETWEEN '2024-01-01 00:00:00' AND '2024-06-01 00:00:00')", "(toDate({time}) = {date})", "({bool} = true)", "({bool} AND {cond})", "({texts}[{letter}] = {word})",
        "({float} IN (0, 1, 2.5))", "({str} = {str})", "({time} = {time})", "({time} > {date})", "isZeroOrNull({int})", "({enum} != {str})", "({dec} >= {int})",
        "({int} > {int})", "({int} = {int})", "({int} != {lit})", "({int} <= {lit})", "({float} < {float})", "({str} = {word})", "({str} < {str})",
        "({str} LIKE {like})", "({str} NOT LIKE {like})", "({date} >= '2024-01-01')", "({date} = {date})", "({time} > '2024-01-01 00:00:00')",
        "({cond} AND {cond})", "({cond} OR {cond})", "(NOT {cond})", "({int} IN (1, 2, 3))", "({str} IN ('a', 'b', ''))", "({int} NOT IN (0, 1))",
        "isNull({int})", "({str} IS NOT NULL)", "({int} IS NULL)", "({int} BETWEEN {small} AND {lit})", "startsWith({str}, {letter})",
        "endsWith({str}, {letter})", "has({ints}, {small})", "has({strs}, {word})", "empty({str})", "notEmpty({ints})", "match({str}, '^[a-z]')",
        "arrayExists(v -> v > {small}, {ints})", "({dec} > {lit})", "({float} >= {int})", "isNaN({wild})", "({wild} > {float})", "({str} IN ('a', NULL))",
        "({date} < {time})", "({date} BETWEEN '2024-01-01' AND '2024-12-31')",
    ],
    "ints": [
        "JSONExtract({doc}, {key}, 'Array(Int32)')", "mapValues(map('a', {int32}))", "arrayPushBack({ints}, {small})", "arrayPushFront({ints}, {small})",
        "arrayMap((v, w) -> v + w, {ints}, {ints32})", "arrayPopBack({ints})", "arrayCumSum({ints})", "arrayDifference({ints})", "arrayCompact({ints})", "arrayIntersect({ints}, [1, 2, 3])",
        "arrayResize({ints}, {pos})", "arrayFilter((v, n) -> n > 1, {ints}, arrayEnumerate({ints}))", "range({pos})", "multiIf({cond}, {ints}, {ints})", "arrayFlatten([{ints}])",
        "arrayEnumerateUniq({strs})", "arraySort(v -> -v, {ints})", "arrayRotateLeft({ints}, {pos})", "arrayZip({ints}, {ints}).1",
        "arrayMap(v -> v + {small}, {ints})", "arrayFilter(v -> v > {small}, {ints})", "arraySort({ints})", "arrayDistinct({ints})",
        "arrayConcat({ints}, {ints})", "[{int32}, {small}]", "arrayReverse({ints})", "arraySlice({ints}, {pos}, {pos})", "arrayEnumerate({strs})",
        "range(toUInt8({pos}))", "arrayMap(v -> length(v), {strs})", "if({cond}, {ints}, [])", "arrayReverseSort({ints})",
    ],
    "strs": [
        "JSONExtract({doc}, {key}, 'Array(String)')", "JSONExtractKeys({doc})", "JSONExtractArrayRaw({doc}, {key})", "splitByChar(',', {str})", "extractAll({str}, '[a-zñ]+')",
        "splitByString('', {str})", "splitByRegexp('[,_ ]', {str})", "mapValues({texts})", "arrayMap(v -> concat(v, {word}), {strs})", "alphaTokens({str})", "mapKeys({texts})",
        "arrayReverse({strs})", "arraySlice({strs}, {small})", "splitByNonAlpha({str})", "arrayMap(p -> p.1, JSONExtractKeysAndValues({doc}, 'String'))", "arrayPopFront({strs})",
        "splitByChar(',', {word})", "arrayMap(v -> toString(v), {ints})", "['a', {word}]", "arrayMap(v -> upper(v), {strs})", "arraySort({strs})",
        "arrayFilter(v -> v != '', {strs})", "arrayConcat({strs}, ['x'])", "arrayDistinct({strs})", "mapKeys({map})", "splitByString('a', {word})",
    ],
    "map": ["mapUpdate({map}, map('a', {int32}))", "mapAdd({map}, {map})", "mapApply((k, v) -> (k, v + 1), {map})", "mapSort({map})", "JSONExtract({doc}, 'Map(String, Int64)')",
            "mapFromArrays(['a', 'b'], [1, 2])", "if({cond}, {map}, {map})", "map('a', {int32})", "mapFilter((k, v) -> v > {small}, {map})"],
    "wild": ["({wild} * 2)", "({wild} + {float})", "(- {wild})", "if({cond}, {wild}, {float})", "({float} / 0)", "ifNull({wild}, 1.5)"],
}
RULES |= {
    "pair": ["({int32}, {word})", "tuple({int}, {str})", "if({cond}, {pair}, {pair})", "(1, 'a')", "arrayZip({ints}, arrayMap(v -> toString(v), {ints}))[1]"],
    "uuid": ["toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')", "toUUIDOrZero({str})", "if({cond}, {uuid}, {uuid})", "toUUIDOrNull({str})"],
    "ip": ["toIPv4('10.0.0.1')", "if({cond}, {ip}, {ip})", "IPv4NumToString({pos})::IPv4"],
    "enum": ["if({cond}, {enum}, {enum})", "CAST('a' AS Enum8('a' = 1, 'b' = 2))"],
    "texts": ["map('a', {str})", "mapFilter((k, v) -> v != '', {texts})"],
}
LITERALS = {
    "key": ["'a'", "'b'", "'c'", "'d'", "'a'"],
    "unit": ["'second'", "'minute'", "'hour'", "'day'", "'week'", "'month'", "'quarter'", "'year'"],
    "dateunit": ["'day'", "'week'", "'month'", "'quarter'", "'year'"],
    "mode": ["0", "1", "2", "3", "5", "9"],
    "regex": ["'^a'", "'[0-9]+'", "'a|b'", "'.'", "'ñ$'", "'\\\\s'", "''"],
    "format": ["'%Y-%m'", "'%H:%M:%S'", "'%d/%m/%y'", "'%a %e %b'", "'%j %W'", "'%F %T'", "'%I %p'", "'%V %G'"],
    "ints32": ["[1, 2]", "[]", "[3]"],
    "lit": ["0", "1", "2", "-1", "7", "100", "255", "256", "-129", "65536"],
    "pos": ["1", "2", "3", "5", "7"],
    "small": ["-1", "1", "2", "3"],
    "word": ["''", "'a'", "'b'", "'ñ'", "'a,b'", "'x%'", "'añ😀'"],
    "letter": ["'a'", "'b'", "'ñ'", "','"],
    "like": ["'%a%'", "'a%'", "'_'", "'%ñ%'", "''", "'%,%'", "'a\\\\_b'"],
    "json": ["'{\"a\": 1, \"b\": 2.5, \"c\": \"x\"}'", "'{\"a\": \"7\", \"c\": null}'", "'bad'", "''", "'{\"b\": [1], \"c\": {\"d\": 1}}'"],
    "int16": ["toInt16(7)", "toInt16(-3)"],
}
CONSTANTS = {
    "int": ["1", "0", "-5", "300", "NULL", "70000"], "float": ["0.5", "2.5", "-1.5", "1e3"], "dec": ["toDecimal64('1.25', 2)"],
    "str": ["'a'", "''", "'ñ'", "NULL"], "date": ["toDate('2024-01-31')"], "time": ["toDateTime('2024-10-27 00:30:00')"], "cond": ["1", "0"],
    "doc": ["'{\"a\": 5, \"b\": {\"a\": 1}}'"], "odd": ["'2024-02-03 04:05:06'"], "uuid": ["toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')"], "ip": ["toIPv4('1.2.3.4')"],
    "enum": ["CAST('a' AS Enum8('a' = 1, 'b' = 2))"], "texts": ["map('a', 'x')"], "pair": ["(2, 'b')"], "bool": ["true", "false"],
    "ints": ["[1, 2, 3]", "[2]"], "strs": ["['a', 'b']"], "map": ["map('a', 1)"], "wild": ["nan", "(1 / 0)"],
}


class Grammar:
    """Expressions over the columns in scope: a list of (text of the column, type, family, is nullable)."""

    def __init__(self, random, columns):
        self.random, self.columns = random, columns

    def column(self, family):
        """A column of the family, or None."""
        family = {"cond": "bool"}.get(family, family)
        fitting = [c[0] for c in self.columns if c[2] == family]
        return self.random.choice(fitting) if fitting else None

    def leaf(self, family):
        if family in LITERALS:
            return self.random.choice(LITERALS[family])
        if family == "int32":
            return f"toInt32({self.leaf('lit')})"
        if family == "time0":
            return f"toDateTime({self.leaf('time')})"
        column = self.column(family)
        if column and self.random.random() < 0.9:
            return column
        return self.random.choice(CONSTANTS[family])

    def expression(self, family, depth):
        if depth <= 0 or family not in RULES or self.random.random() < 0.2:
            return self.leaf(family)
        rule = self.random.choice(RULES[family])
        if rule == "uniqueLiteral":
            return str(self.random.randint(-1000, 100000))
        return re.sub(r"\{([a-z]\w*)\}", lambda m: self.expression(m[1], depth - 1), rule)
