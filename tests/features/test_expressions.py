"""The SQL that expressions are printed as, run by DuckDB, gives what expressions.tsv says: what the program itself evaluates, and, but
for the differences that the reference names, what Spark gives.

    python -m pytest tests/features/test_expressions.py      (needs duckdb==2.0.0)
"""

import datetime
import json
import math
import pathlib

import duckdb
import pytest

HERE = pathlib.Path(__file__).parent
CASES = [line.split("\t") for line in (HERE / "expressions.tsv").read_text().strip("\n").split("\n")]

ROW = """SELECT true AS b, 5::TINYINT AS y, 300::SMALLINT AS s, 7::INTEGER AS i, 9007199254740993::BIGINT AS l, 1.5::FLOAT AS f,
  2.75::DOUBLE AS d, 'Hello World' AS t, 'world'::BLOB AS bin, DATE '2024-02-29' AS dt,
  TIMESTAMP '2024-02-29 13:14:15.25' AS ts, [1, NULL, 3]::BIGINT[] AS li, ['x', 'y'] AS ls,
  MAP {'a': 1.5::DOUBLE, 'b': NULL} AS m, {'d': 34::BIGINT, 'e': 'text'} AS st"""


def plain(value):
    if isinstance(value, bool) or value is None or isinstance(value, (int, str)):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, (bytes, bytearray)):
        return "0x" + bytes(value).hex()
    if isinstance(value, datetime.datetime):
        return round(value.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000)
    if isinstance(value, datetime.date):
        return (value - datetime.date(1970, 1, 1)).days
    if isinstance(value, dict):
        return {k: plain(v) for k, v in sorted(value.items())}
    return [plain(v) for v in value]


def same(a, b):
    if isinstance(a, (int, float)) and isinstance(b, (int, float)) and not isinstance(a, bool):
        return a == b or math.isclose(a, b, rel_tol=1e-12)
    # A structure is a list of its fields.
    if isinstance(a, dict) and isinstance(b, list):
        a = list(a.values())
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


@pytest.fixture(scope="module")
def tables():
    db = duckdb.connect()
    db.execute(f'CREATE TABLE "row" AS {ROW}')
    db.execute('CREATE TABLE "nulls" AS SELECT * FROM "row" LIMIT 0')
    db.execute('INSERT INTO "nulls"(b) VALUES (NULL)')
    return db


def test_there_are_cases():
    assert len(CASES) > 700


@pytest.mark.parametrize("case", CASES, ids=[f"{c[0]} {c[1]}" for c in CASES])
def test_the_engine_agrees(tables, case):
    _, name, _, kind, value, sql = case
    if value == "error":
        return
    wanted, sql = json.loads(value), json.loads(sql)
    found = plain(tables.execute(f'SELECT {sql} FROM "{name}"').fetchone()[0])
    if kind.startswith("map<") and found is not None:
        found = dict(found)
    assert same(found, wanted), f"{sql} gives {found}, not {wanted}"
