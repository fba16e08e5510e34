"""Pipes in the engine's own dialect, beside the project of the real command."""

import json
from urllib.error import HTTPError
from urllib.parse import quote, urlencode

import pytest
from conftest import URL, get
from test_deployments import Cloud
from test_tile import tile

EVENTS = "SCHEMA >\n    `who` String `json:$.who`,\n    `n` Int32 `json:$.n`\n\nENGINE MergeTree\nENGINE_SORTING_KEY who\n"
TOTALS = "SCHEMA >\n    `who` String,\n    `n` Int64\n\nENGINE SummingMergeTree\nENGINE_SORTING_KEY who\n"
TOP = """DIALECT duckdb
NODE ranked
SQL >
    SELECT who, sum(n) AS n FROM events GROUP BY who QUALIFY row_number() OVER (ORDER BY sum(n) DESC) <= 2

NODE answer
SQL >
    %
    FROM ranked SELECT who, n WHERE who != {{String(without, '')}} ORDER BY n DESC LIMIT {{Int32(limit, 10)}}
TYPE endpoint
"""
VIEW = """NODE summed
DIALECT duckdb
SQL >
    SELECT who, sum(n) AS n FROM events GROUP BY who
TYPE materialized
DATASOURCE totals
"""
ROWS = [{"who": "ann", "n": 5}, {"who": "bob", "n": 3}, {"who": "it's", "n": 7}]


@pytest.fixture
def native(fresh):
    out = Cloud(fresh)
    fresh.write("datasources/events.datasource", EVENTS)
    fresh.write("datasources/totals.datasource", TOTALS)
    fresh.write("endpoints/top.pipe", TOP)
    fresh.write("endpoints/to_totals.pipe", VIEW)
    tile(fresh, "deploy", TILE_URL=URL, TILE_TOKEN=out.token)
    out.send("events", ROWS)
    return out


def sql(cloud, text, token=None, **params):
    query = urlencode({"dialect": "duckdb", **params})
    return get(f"/v0/sql?{query}", token or cloud.token, data=text.encode(), method="POST")


def test_endpoints_and_views_are_the_engines_sql(native):
    assert native.call("/v0/pipes/top.json")["data"] == [{"who": "it's", "n": 7}, {"who": "ann", "n": 5}]
    assert native.call("/v0/pipes/top.json?without=" + quote("it's"))["data"] == [{"who": "ann", "n": 5}]
    assert native.call("/v0/pipes/top.json?limit=1&without=" + quote("' OR 1=1 --"))["data"] == [{"who": "it's", "n": 7}]
    assert native.rows("SELECT who, sum(n) AS n FROM totals GROUP BY who ORDER BY who LIMIT 1") == [{"who": "ann", "n": 5}]
    assert sql(native, "FROM top SELECT count(*) AS n")["data"] == [{"n": 2}]


def test_a_request_in_the_engines_sql_reads_what_its_token_may(native):
    assert sql(native, "SELECT list(who ORDER BY who) AS l FROM events")["data"] == [{"l": ["ann", "bob", "it's"]}]
    token = native.call("/v0/tokens?name=few&" + urlencode({"scope": "DATASOURCES:READ:events:n < 6"}), method="POST")["token"]
    assert sql(native, "SELECT max(n) AS n FROM events", token)["data"] == [{"n": 5}]
    for text in (
        "SELECT * FROM totals",
        "SELECT * FROM top",
        "SELECT * FROM duckdb_tables()",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM information_schema.tables",
        "SELECT getenv('HOME')",
        "SELECT current_setting('threads')",
        "PRAGMA database_list",
        "ATTACH 'other.duckdb'",
        "DELETE FROM events",
    ):
        with pytest.raises(HTTPError) as refused:
            sql(native, text, token)
        told = json.load(refused.value)
        assert refused.value.code in (400, 403, 404), (text, told)
        assert "root" not in told["error"] and ".duckdb" not in told["error"].replace("other.duckdb", ""), told
    # The value that stands where none can is told by its expression.
    with pytest.raises(HTTPError) as refused:
        sql(native, "% SELECT * FROM events WHERE who LIKE '%{{String(part, 'a')}}%'")
    told = json.load(refused.value)["error"]
    assert refused.value.code == 400 and "{{String(part, 'a')}} stands inside of quotes" in told, told
