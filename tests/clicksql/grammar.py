"""Random expressions whose family is known, so that most are valid ClickHouse.

`Grammar.expression(family, depth)` gives a text; each family has its leaves (columns, literals) and its functions in `RULES`, where
`{int}` stands for an expression of that family and everything else for itself. To add a function, add one line. Left out on purpose:
what depends on the moment, what throws for some rows only (division by a column, parsing of free text), what is undefined in C (a
float out of range to an integer).
"""

import re

RULES = {
    "int": [
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
    "dec": ["({dec} + {dec})", "({dec} - 1)", "({dec} * 2)", "round({dec}, 1)", "abs({dec})", "toDecimal64({int16}, 2)", "ifNull({dec}, 0)"],
    "str": [
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
        "toDate({time})", "({date} + {small})", "({date} - INTERVAL {pos} DAY)", "toStartOfMonth({date})", "toMonday({date})",
        "toStartOfYear({date})", "toStartOfWeek({date})", "toStartOfQuarter({date})", "addMonths({date}, {small})", "if({cond}, {date}, {date})",
        "toLastDayOfMonth({date})", "addDays({date}, {small})", "toDate('2024-02-29')", "ifNull({date}, toDate('2024-01-01'))",
        "toStartOfInterval({date}, INTERVAL {pos} MONTH)", "subtractYears({date}, {pos})",
    ],
    "time": [
        "toDateTime({date})", "({time} + INTERVAL {pos} HOUR)", "({time} - INTERVAL {pos} DAY)", "toStartOfHour({time})", "toStartOfDay({time})",
        "addMinutes({time}, {small})", "toStartOfInterval({time}, INTERVAL {pos} MINUTE)", "if({cond}, {time}, {time})", "addMonths({time}, {small})",
        "toStartOfFifteenMinutes({time})", "toDateTime('2024-03-31 01:30:00')", "({time0} + {lit})", "toTimeZone({time}, 'America/New_York')",
        "ifNull({time}, toDateTime('2024-01-01 00:00:00'))", "toDateTime64({time}, 3)", "toStartOfMinute({time})", "date_trunc('day', {time})",
    ],
    "cond": [
        "({int} > {int})", "({int} = {int})", "({int} != {lit})", "({int} <= {lit})", "({float} < {float})", "({str} = {word})", "({str} < {str})",
        "({str} LIKE {like})", "({str} NOT LIKE {like})", "({date} >= '2024-01-01')", "({date} = {date})", "({time} > '2024-01-01 00:00:00')",
        "({cond} AND {cond})", "({cond} OR {cond})", "(NOT {cond})", "({int} IN (1, 2, 3))", "({str} IN ('a', 'b', ''))", "({int} NOT IN (0, 1))",
        "isNull({int})", "({str} IS NOT NULL)", "({int} IS NULL)", "({int} BETWEEN {small} AND {lit})", "startsWith({str}, {letter})",
        "endsWith({str}, {letter})", "has({ints}, {small})", "has({strs}, {word})", "empty({str})", "notEmpty({ints})", "match({str}, '^[a-z]')",
        "arrayExists(v -> v > {small}, {ints})", "({dec} > {lit})", "({float} >= {int})", "isNaN({wild})", "({wild} > {float})", "({str} IN ('a', NULL))",
        "({date} < {time})", "({date} BETWEEN '2024-01-01' AND '2024-12-31')",
    ],
    "ints": [
        "arrayMap(v -> v + {small}, {ints})", "arrayFilter(v -> v > {small}, {ints})", "arraySort({ints})", "arrayDistinct({ints})",
        "arrayConcat({ints}, {ints})", "[{int32}, {small}]", "arrayReverse({ints})", "arraySlice({ints}, {pos}, {pos})", "arrayEnumerate({strs})",
        "range(toUInt8({pos}))", "arrayMap(v -> length(v), {strs})", "if({cond}, {ints}, [])", "arrayReverseSort({ints})",
    ],
    "strs": [
        "splitByChar(',', {word})", "arrayMap(v -> toString(v), {ints})", "['a', {word}]", "arrayMap(v -> upper(v), {strs})", "arraySort({strs})",
        "arrayFilter(v -> v != '', {strs})", "arrayConcat({strs}, ['x'])", "arrayDistinct({strs})", "mapKeys({map})", "splitByString('a', {word})",
    ],
    "map": ["map('a', {int32})", "mapFilter((k, v) -> v > {small}, {map})"],
    "wild": ["({wild} * 2)", "({wild} + {float})", "(- {wild})", "if({cond}, {wild}, {float})", "({float} / 0)", "ifNull({wild}, 1.5)"],
}
LITERALS = {
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
