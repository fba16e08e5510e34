"""Random tables for `generate.py`: every column type of a Tinybird project, values with NULLs, borders and Unicode.

The domains are small, so that groups, joins and filters hit. A column is (name, type, family); families are what the grammar knows:
`int`, `float` (finite), `wild` (a float with NaN and infinities), `dec`, `bool`, `str`, `date`, `time`, `ints`, `strs`, `map`, `doc` (a text that
is JSON or nearly), `odd` (a text that may be a time), `uuid`, `ip`, `enum`, `texts` (a map of texts).
"""

INTEGERS = {"Int8": 7, "Int16": 15, "Int32": 31, "Int64": 63, "UInt8": 8, "UInt16": 16, "UInt32": 32, "UInt64": 64}
WORDS = ["", "a", "b", "ab", "B", "ñ", "añ😀", "Zürich", "a,b", " x ", "12", "-3.5", "line\nbreak", "100%", "a_b", "tab\t'"]
DAYS = ["2024-01-01", "2024-01-02", "2024-02-29", "2023-12-31", "2024-03-31", "2024-10-27", "2000-01-01", "1999-12-31"]
EDGE_DAYS = ["1970-01-01", "1970-01-02", "2106-02-07", "2149-06-06"]
TIMES = ["00:00:00", "00:00:01", "01:30:00", "12:34:56", "23:59:59"]
FLOATS = [0, 1, -1, 0.5, 2.5, -2.5, 0.1, 1e10, 1e-5, 123.456, 3, 7]
WILD = ["nan", "inf", "-inf", "-0", 1.7976931348623157e308, 5e-324]
DECIMALS = [0, 1, -1, 0.5, 2.25, -99.99, 1234.5, 0.01]


DOCS = ['{"a": 1, "b": 2.5, "c": "x"}', '{"a": "7", "c": null, "d": {"a": [1, "y", {"b": -3}]}}', '{"a": [1, 2, 3], "b": {"c": true}}', "[1, 2]", "bad", "",
        '{"a": -1, "a": 2}', '{"a": 1.9, "b": "ñ\\u00e9\\n", "c": 18446744073709551615}', '{"a": {"b": {"c": 5}}', '{"b": "12", "c": false, "d": []}', "null", "3",
        '{"a": 1e3, "b": "", "c": {}}', '{"": 1, "a b": 2}']
ODD = ["2024-03-31 01:30:00", "2024-03-31T01:30:00Z", "2024-03-31T01:30:00+02:00", "31/03/2024", "Mar 31 2024 1:30pm", "1711846800", "1711846800123", "20240331013000",
       "2024-03-31", "2024-3-1 1:2:3", "2024-03-31 01:30:00.125", "yesterday", "", "2024-13-01", "12 Jan 2024", "2024/03/31 25:00:00", "00:00:00", " 2024-01-01"]
UUIDS = ["00000000-0000-0000-0000-000000000000", "61f0c404-5cb3-11e7-907b-a6006ad3dba0", "ffffffff-ffff-ffff-ffff-ffffffffffff", "61f0c404-5cb3-11e7-907b-a6006ad3dba1"]
IPS = ["0.0.0.0", "127.0.0.1", "192.168.1.1", "255.255.255.255"]


def integer(random, kind):
    """Mostly small, sometimes an end of the type's range."""
    bits = INTEGERS[kind]
    low = 0 if kind.startswith("U") else -(2**bits)
    high = 2**bits - 1
    if random.random() < 0.12:
        return random.choice([low, high, high - 1, low + 1])
    return random.randint(max(low, -5), 9)


def day(random):
    return random.choice(EDGE_DAYS if random.random() < 0.08 else DAYS)


def moment(random):
    if random.random() < 0.08:
        return random.choice(["1970-01-01 00:00:00", "2106-02-07 06:28:15", "2038-01-19 03:14:07"])
    return f"{random.choice(DAYS)} {random.choice(TIMES)}"


def several(random, one):
    return [one() for _ in range(random.choice([0, 0, 1, 1, 2, 3]))]


def int_column(random):
    kind = random.choice(list(INTEGERS))
    return kind, "int", lambda: integer(random, kind)


def float_column(random):
    return random.choice(["Float64", "Float64", "Float32"]), "float", lambda: random.choice(FLOATS)


def wild_column(random):
    return "Float64", "wild", lambda: random.choice(FLOATS + WILD)


def decimal_column(random):
    return random.choice(["Decimal(9, 2)", "Decimal(18, 4)"]), "dec", lambda: random.choice(DECIMALS)


def bool_column(random):
    return "Bool", "bool", lambda: random.random() < 0.5


def string_column(random):
    return random.choice(["String", "String", "LowCardinality(String)"]), "str", lambda: random.choice(WORDS)


def date_column(random):
    return random.choice(["Date", "Date", "Date32"]), "date", lambda: day(random)


def time_column(random):
    kind = random.choice(["DateTime", "DateTime", "DateTime64(3)", "DateTime('Europe/Berlin')"])
    return kind, "time", lambda: moment(random)


def ints_column(random):
    return "Array(Int32)", "ints", lambda: several(random, lambda: random.randint(-2, 5))


def strs_column(random):
    return "Array(String)", "strs", lambda: several(random, lambda: random.choice(WORDS))


def map_column(random):
    return "Map(String, Int64)", "map", lambda: {key: random.randint(-3, 3) for key in random.sample("abcd", random.randint(0, 3))}


def doc_column(random):
    return "String", "doc", lambda: random.choice(DOCS)


def odd_column(random):
    return "String", "odd", lambda: random.choice(ODD)


def uuid_column(random):
    return "UUID", "uuid", lambda: random.choice(UUIDS)


def ip_column(random):
    return "IPv4", "ip", lambda: random.choice(IPS)


def enum_column(random):
    return random.choice(["Enum8('a' = 1, 'b' = -2, 'ñ' = 3)", "Enum16('b' = 1, 'a' = 300)"]), "enum", lambda: random.choice("ab")


def texts_column(random):
    return "Map(String, String)", "texts", lambda: {key: random.choice(WORDS) for key in random.sample("abcd", random.randint(0, 3))}


MAKERS = [int_column] * 4 + [float_column] * 2 + [wild_column, decimal_column, bool_column] + [string_column] * 3 + [
    date_column, date_column, time_column, time_column, ints_column, strs_column, map_column, doc_column, doc_column, odd_column, uuid_column, ip_column, enum_column, texts_column]
LETTERS = {"strs": "z", "doc": "j", "odd": "o", "ip": "p", "texts": "q"}
# What every table has, so that no family lacks a column: the grammar never has to give up.
BASE = [int_column, int_column, float_column, string_column, date_column, time_column, ints_column]
NULLABLE = {"int", "float", "wild", "dec", "bool", "str", "date", "time", "doc", "odd", "uuid", "ip", "enum"}


def nullable(kind):
    """The Nullable form of a type; LowCardinality stays outside."""
    if kind.startswith("LowCardinality("):
        return f"LowCardinality(Nullable({kind[15:-1]}))"
    return f"Nullable({kind})"


def make(random, name):
    """(table of a case, columns as (name, type, family, is nullable))."""
    makers = BASE + [random.choice(MAKERS) for _ in range(random.randint(2, 5))]
    rows_number = random.choice([0, 1, 3, 8, 15, 25])
    rows, columns = [{"id": i + 1} for i in range(rows_number)], [("id", "UInt32", "int", False)]
    for index, maker in enumerate(makers):
        kind, family, value = maker(random)
        has_null = family in NULLABLE and random.random() < 0.35
        column = f"{LETTERS.get(family, family[0])}{index}"
        columns.append((column, nullable(kind) if has_null else kind, family, has_null))
        for row in rows:
            row[column] = None if has_null and random.random() < 0.25 else value()
    declared = [[column, kind] for column, kind, _, _ in columns]
    return {"name": name, "columns": declared, "engine": "MergeTree", "sorting_key": "id", "rows": rows}, columns
