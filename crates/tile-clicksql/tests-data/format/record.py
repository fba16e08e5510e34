"""Records what ClickHouse 26.9 (PyPI `chdb`) writes for each case in each format: `<Format>/<case>.out`.

The same cases are built by hand as Arrow arrays in `src/format/tests.rs`. Run with `python record.py` in this folder.
"""
import os, re, sys
import chdb

UUID = "61f0c404-5cb3-11e7-907b-a6006ad3dba0"
INTS = [f"{s}Int{b}" for b in (8, 16, 32, 64, 128, 256) for s in ("U", "")]


def extremes(ty):
    bits = int(ty.split("Int")[1])
    return (0, 2**bits - 1) if ty[0] == "U" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


CASES = {
    "integers": "SELECT " + ", ".join(
        f"if(number = 0, '{extremes(t)[0]}', '{extremes(t)[1]}')::{t} AS {t.lower()}" for t in INTS)
    + ", number = 1 AS b0, (number = 1)::Bool AS b, toIntervalDay(number) AS i FROM numbers(2)",
    "floats": "SELECT x, x::Float32 AS y FROM (SELECT arrayJoin([0., -0., 1., -1., 0.1, 1.5, 123456.789, 1e15, 1e16, 123456789012345678.,"
    " 1e20, 1.5e20, 1e21, 1e-5, 1e-6, 1.25e-6, 1e-7, 1.7976931348623157e308, 5e-324, nan, inf, -inf]) AS x)",
    "decimals": "SELECT * FROM values('a Decimal(9, 2), b Decimal(18, 4), c Decimal(38, 10), d Decimal(76, 20), e Decimal(5, 0)',"
    " ('1.50', '0', '-0.0000000001', '1.5', '7'), ('-1234567.89', '100', '1234567890123456789012345678.0123456789',"
    " '-12345678901234567890123456789012345678901234567890.00000000000000000001', '-10'))",
    "text": "SELECT s, f::FixedString(4) AS f, CAST(h, 'Enum8(\\'a\\' = -1, \\'b\\\\\\'c\\' = 2)') AS e, h::Enum16('a' = -1000, 'b\\'c' = 2) AS g, u::UUID AS u,"
    " v4::IPv4 AS v4, v6::IPv6 AS v6 FROM (SELECT *, e AS h FROM values('s String, f String, e String, u String, v4 String, v6 String',"
    f" ('', 'abcd', 'a', '{UUID}', '1.2.3.4', '::1'),"
    " ('it\\'s \"q\" \\\\ / <a>&amp; \\t|\\n\\r\\b\\f\\0\\x01\\x1f\\x7f', 'x\\'\"<', 'b\\'c', '00000000-0000-0000-0000-000000000000', '255.255.255.255', '2001:db8::ff00:42:8329'),"
    " ('héllo 中文 \U0001f600 \u2028', 'a,b;', 'a', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '0.0.0.0', '::ffff:1.2.3.4')))",
    "times": "SELECT * FROM values('d Date, d32 Date32, t DateTime(\\'UTC\\'), k DateTime(\\'Asia/Kolkata\\'), m DateTime64(3, \\'UTC\\'),"
    " u DateTime64(6, \\'America/New_York\\'), n DateTime64(9, \\'UTC\\'), z DateTime64(0, \\'UTC\\')',"
    " ('1970-01-01', '1900-01-01', '1970-01-01 00:00:00', '1970-01-01 05:30:00', '1969-12-31 23:59:59.999', '2024-03-10 01:59:59.000001', '2024-01-01 00:00:00.123456789', '2024-01-01 00:00:00'),"
    " ('2149-06-06', '2299-12-31', '2106-02-07 06:28:15', '2024-01-31 12:30:00', '2024-01-31 12:30:00.120', '2024-03-10 03:00:00.000000', '1960-01-01 00:00:00.000000001', '2100-01-01 00:00:00'))",
    "nulls": "SELECT n, s, f, d, e, b, NULL AS nothing, a, t, m FROM values('n Nullable(UInt64), s Nullable(String), f Nullable(Float64), d Nullable(Date),"
    " e Nullable(Decimal(9, 2)), b Nullable(Bool), a Array(Nullable(UInt8)), t Tuple(Nullable(String), UInt8), m Map(String, Nullable(UInt8))',"
    " (NULL, NULL, NULL, NULL, NULL, NULL, [NULL, 0], (NULL, 0), map('k', NULL)), (1, 'x', 1.5, '2024-01-31', 1.5, true, [NULL, 1], (NULL, 1), map('k', NULL)))",
    "nested": "SELECT [[1, 2], []]::Array(Array(UInt8)) AS aa, [(1, 'x')]::Array(Tuple(a UInt8, b String)) AS at, (1, 'x')::Tuple(UInt8, String) AS ut,"
    " []::Array(UInt8) AS e, [(1, 'x'), (2, 'y')]::Array(Tuple(UInt8, String)) AS aut, map('k', [1, 2])::Map(String, Array(UInt8)) AS m, map()::Map(String, UInt8) AS em,"
    " [map('a', 1)]::Array(Map(String, UInt8)) AS am, ([1, 2], (3, 4))::Tuple(Array(UInt8), Tuple(x UInt8, y UInt8)) AS tt,"
    " (1, (2, nan))::Tuple(a UInt8, `b c` Tuple(p UInt8, q Float64)) AS nt, ['it\\'s \"q\"', 'a\\tb']::Array(String) AS ss, map('z', map(1, 1))::Map(String, Map(UInt8, UInt8)) AS mm,"
    " map('2024-01-31', (1, 2))::Map(Date, Tuple(UInt8, UInt8)) AS mt, ['2024-01-31']::Array(Date) AS ad, [1.5]::Array(Decimal(9, 2)) AS ae, [true]::Array(Bool) AS ab,"
    " ['a']::Array(Enum8('a' = 1)) AS an, ['1.2.3.4']::Array(IPv4) AS a4, tuple(1)::Tuple(UInt8) AS t1, (1, 'x')::Tuple(a UInt8, b String) AS t",
    "dictionary": "SELECT s::LowCardinality(String) AS l, if(s = 'a', NULL, s)::LowCardinality(Nullable(String)) AS n, [s, 'q']::Array(LowCardinality(String)) AS a,"
    " map(s, 1)::Map(LowCardinality(String), UInt8) AS m FROM values('s String', 'b', 'a', 'b', '')",
    "totals": "SELECT k, count() AS c, max(s) AS m FROM values('k UInt8, s String', (0, 'x'), (1, 'y'), (0, 'z')) GROUP BY k WITH TOTALS ORDER BY k",
    "extremes": "SELECT * FROM values('k UInt8, s String', (3, 'x'), (1, 'y')) SETTINGS extremes = 1",
    "empty": "SELECT number AS n, 'a' AS s, (1, 2)::Tuple(a UInt8, b UInt8) AS t FROM numbers(3) WHERE number > 5",
    "names": "SELECT 1 AS `a b`, 2 AS `it's \"q\" \\\\ /`, 3 AS `<x>\t&`, 4 AS `é`, 5 AS `1a`, 6 AS `a.b-c`, 7 AS `toStartOfInterval(something, toIntervalDay(1))`",
    "statistics": "SELECT number AS n FROM numbers(5) LIMIT 2 SETTINGS output_format_write_statistics = 1",
    "prometheus": "SELECT * FROM values('name String, value Float64, help String, type String, labels Map(String, String), timestamp UInt64',"
    " ('h', 24054, 'A histogram\\nof it', 'histogram', map('le', '0.05'), 0), ('h', 33444, '', 'histogram', map('le', '0.1'), 0), ('h', 144320, '', 'histogram', map('le', '+Inf'), 0),"
    " ('h', 53423, '', 'histogram', map('sum', ''), 0), ('r', 1027, 'Total \"n\"', 'counter', map('method', 'post', 'code', '2\"0'), 1395066363000),"
    " ('r', nan, '', 'counter', map('method', 'get'), 1395066363000), ('plain', inf, '', '', map(), 0), ('s', 3102, 'Summary', 'summary', map('quantile', '0.5'), 0),"
    " ('s', 3101, '', 'summary', map('quantile', '0.01'), 0), ('s', 2693, '', 'summary', map('count', ''), 0))",
    "large": "SELECT 12345678 AS n",
    "numbers": "SELECT number AS n, toString(number) AS s, number * 1000000 + 0.5 AS f FROM numbers(60)",
    "thousands": "SELECT number AS n FROM numbers(1500)",
    "lines": "SELECT * FROM values('a String, b UInt8', ('one\\ntwo', 1), ('中文', 2), ('', 3), ('tab\\tx', 4))",
    "wide": "SELECT repeat('x', 300) AS a, 1 AS b, 'long' AS c, 2 AS d, 3 AS e",
    "pairs": "SELECT (number, 'x')::Tuple(a UInt64, b String) AS t, [(number, 1)]::Array(Tuple(p UInt64, q UInt8)) AS a FROM numbers(2)",
}

PLAIN = ["JSON", "JSONStrings", "JSONCompact", "JSONCompactStrings", "JSONColumns", "JSONColumnsWithMetadata", "JSONCompactColumns",
         "JSONEachRow", "JSONStringsEachRow", "PrettyJSONEachRow", "JSONObjectEachRow", "JSONCompactEachRow", "JSONCompactStringsEachRow",
         "CSV", "TabSeparated", "TabSeparatedRaw", "CustomSeparated", "Markdown", "Values", "SQLInsert", "XML", "RowBinary", "Native",
         "Pretty", "PrettyCompact", "PrettySpace", "Vertical", "LineAsString"]
HEADED = ["JSONCompactEachRowWithNames", "JSONCompactEachRowWithNamesAndTypes", "JSONCompactStringsEachRowWithNames", "JSONCompactStringsEachRowWithNamesAndTypes",
          "CSVWithNames", "CSVWithNamesAndTypes", "TabSeparatedWithNames", "TabSeparatedWithNamesAndTypes", "TabSeparatedRawWithNames", "TabSeparatedRawWithNamesAndTypes",
          "CustomSeparatedWithNames", "CustomSeparatedWithNamesAndTypes", "RowBinaryWithNames", "RowBinaryWithNamesAndTypes"]
ONLY = {"prometheus": ["Prometheus"], "large": ["Pretty", "PrettyCompact", "PrettySpace", "Vertical"], "thousands": ["PrettySpace"],
        "numbers": ["Pretty", "PrettyCompact", "PrettySpace"], "lines": ["Pretty", "PrettyCompact", "PrettySpace", "Vertical", "LineAsString"],
        "wide": ["Pretty", "PrettyCompact"], "pairs": ["Pretty", "PrettyCompact", "PrettySpace", "Vertical"],
        "statistics": ["JSON", "JSONCompact", "JSONColumnsWithMetadata", "XML"]}
COLUMNAR = ["Arrow", "ArrowStream", "Parquet"]
IN_COLUMNS = ("integers", "floats", "decimals", "text", "times", "nulls", "nested", "dictionary", "empty")


def main():
    for case, sql in CASES.items():
        if case in IN_COLUMNS and (len(sys.argv) == 1 or case in sys.argv[1:]):
            # Parquet has neither intervals nor nothing.
            for name in COLUMNAR:
                os.makedirs(name, exist_ok=True)
                with open(f"{name}/{case}.out", "wb") as file:
                    file.write(chdb.query(f"SELECT * EXCEPT (i, nothing) FROM ({sql})", name).bytes())
        formats = ONLY.get(case, PLAIN + (HEADED if case in ("nested", "empty", "totals", "names") else []))
        if len(sys.argv) > 1 and case not in sys.argv[1:]:
            continue
        for name in formats:
            sep = "," if "SETTINGS" in sql else " SETTINGS"
            extra = "" if case == "statistics" else f"{sep} output_format_write_statistics = 0"
            try:
                data = chdb.query(sql + extra, name).bytes()
            except Exception as error:
                print(case, name, str(error)[:300])
                break
            data = re.sub(rb'("elapsed": |<elapsed>)[0-9.e-]+', rb"\g<1>0.25", data)
            data = re.sub(rb'("rows_read": |<rows_read>)\d+', rb"\g<1>5", data)
            data = re.sub(rb'("bytes_read": |<bytes_read>)\d+', rb"\g<1>40", data)
            os.makedirs(name, exist_ok=True)
            with open(f"{name}/{case}.out", "wb") as file:
                file.write(data)


main()
