"""ClickHouse's own clients against the port of its HTTP interface."""

import base64
import datetime
import json
import os
import subprocess
from decimal import Decimal
from io import BytesIO
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen
from uuid import UUID

import clickhouse_connect
import pytest
import sqlalchemy as sa
from clickhouse_cityhash.cityhash import CityHash128
from clickhouse_connect.driver.exceptions import DatabaseError
from clickhouse_driver.bufferedreader import BufferedSocketReader
from clickhouse_driver.compression import get_decompressor_cls
from clickhouse_driver.compression.lz4 import Compressor as Lz4
from clickhouse_driver.reader import read_binary_uint8, read_binary_uint128
from clickhouse_driver.writer import write_binary_uint128
from conftest import COLOURS, TB, URL, environment

HERE = urlsplit(os.environ["TILE_CLICKHOUSE_URL"])
RECORDED = Path(__file__).parents[3] / "crates/tile-clicksql/tests-data/format"


@pytest.fixture(scope="module")
def token(project):
    return project.token()


@pytest.fixture(scope="module")
def client(token):
    return connect(token)


def connect(token, **options):
    return clickhouse_connect.get_client(
        host=HERE.hostname, port=HERE.port, username="anyone", password=token, **options
    )


def ask(token, sql=None, params=None, headers=None):
    """The status, headers and body of an answer."""
    basic = base64.b64encode(f"anyone:{token}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"} if headers is None else headers
    address = f"{HERE.geturl()}/?{urlencode(params or {})}"
    try:
        with urlopen(Request(address, data=sql.encode() if sql else None, headers=headers), timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as e:
        return e.code, e.headers, e.read()


class Socket:
    """Bytes as they would come over a connection."""

    def __init__(self, data):
        self.data = BytesIO(data)

    def recv_into(self, into):
        return self.data.readinto(into)


def refused(call, code):
    with pytest.raises(DatabaseError) as caught:
        call()
    assert f"Code: {code}." in str(caught.value)
    return str(caught.value)


# clickhouse-connect


def test_the_driver_learns_about_the_server(client):
    assert client.server_version.startswith("26.")
    assert str(client.server_tz) == "UTC"
    assert "max_execution_time" in client.server_settings
    assert client.ping()


def test_rows_come_as_every_kind_of_result(client, project):
    sql = "SELECT shop, count() AS orders FROM orders GROUP BY shop ORDER BY shop"
    expected = [(row["shop"], row["orders"]) for row in project.rows(sql)]
    assert expected
    assert client.query(sql).result_rows == expected
    assert list(client.query_df(sql).itertuples(index=False, name=None)) == expected
    assert client.query_arrow(sql).to_pydict() == {
        "shop": [shop for shop, _ in expected],
        "orders": [orders for _, orders in expected],
    }
    with client.query_row_block_stream(sql) as blocks:
        assert [tuple(row) for block in blocks for row in block] == expected
    assert client.command("SELECT count() FROM orders") == sum(orders for _, orders in expected)
    result = client.query(sql)
    assert result.query_id and result.summary["result_rows"] == str(len(expected))


def test_pipes_are_tables_too(client):
    names = client.query("SELECT * FROM known_products LIMIT 1").column_names
    described = client.query("DESCRIBE TABLE known_products").result_rows
    assert names and tuple(row[0] for row in described) == tuple(names)


def test_a_large_result_is_whole(client):
    rows = client.query("SELECT number, toString(number) AS text FROM numbers(100000)").result_set
    assert len(rows) == 100_000
    assert rows[99_999] == (99_999, "99999")


VALUES = {
    "toUInt64('18446744073709551615')": 18446744073709551615,
    "toInt8(-128)": -128,
    "toInt128(5)": 5,
    "toFloat64(1.5)": 1.5,
    "true": True,
    "'it''s \\t'": "it's \t",
    "toFixedString('ab', 3)": b"ab\0",
    "toLowCardinality('q')": "q",
    "toDecimal64('1.50', 2)": Decimal("1.50"),
    "toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')": UUID("61f0c404-5cb3-11e7-907b-a6006ad3dba0"),
    "toIPv4('1.2.3.4')": IPv4Address("1.2.3.4"),
    "toIPv6('2001:db8::1')": IPv6Address("2001:db8::1"),
    "toDate('2024-02-29')": datetime.date(2024, 2, 29),
    "toDate32('1930-01-01')": datetime.date(1930, 1, 1),
    "toDateTime('2024-02-29 01:02:03')": datetime.datetime(2024, 2, 29, 1, 2, 3),
    "toDateTime64('2024-02-29 01:02:03.456', 3, 'UTC')": datetime.datetime(2024, 2, 29, 1, 2, 3, 456000),
    "CAST('b', 'Enum8(\\'a\\' = 1, \\'b\\' = 2)')": "b",
    "[1, NULL]": [1, None],
    "map('a', [1, 2])": {"a": [1, 2]},
    "(1, 'x')": (1, "x"),
    "NULL": None,
}


@pytest.mark.parametrize("sql", VALUES)
def test_values_of_every_type(client, sql):
    [[value]] = client.query(f"SELECT {sql} AS value").result_rows
    assert value == VALUES[sql]


def test_objects_come_as_dictionaries(client, project):
    value = {
        "a": 5, "b": {"c": "hi", "d": {"e": [True, None]}}, "l": [1, None, 3], "o": [{"q": 1}, {"r": {"s": [2.5]}}],
        "m": [1, "a", [2], {"x": 1}], "f": 1.5, "w": [[1], []], "big": 2**64 - 1, "none": [],
    }
    text = json.dumps(value | {"gone": None, "empty": {}})
    rows = client.query("SELECT CAST({t:String} AS JSON) AS j, number FROM numbers(2)", parameters={"t": text}).result_rows
    assert rows == [(value, 0), (value, 1)]
    assert client.query("SELECT CAST('{}' AS JSON), [CAST('{\"a\": 1}' AS JSON)]").result_rows == [({}, [{"a": 1}])]
    frame = client.query_df("SELECT CAST(concat('{\"n\":', toString(number), '}') AS JSON) AS j FROM numbers(70000)")
    assert [row["n"] for row in frame["j"]] == list(range(70000))


def test_parameters_are_bound_by_their_types(client):
    sql = """SELECT {s:String} AS s, {n:Int32} AS n, {d:DateTime} AS d, {m:Nullable(String)} AS m,
        {a:Array(String)} AS a, {i:Array(Int64)} AS i"""
    values = {
        "s": "it's \\ \t",
        "n": -5,
        "d": datetime.datetime(2024, 1, 2, 3, 4, 5),
        "m": None,
        "a": ["x'", "\\y"],
        "i": [1, -2],
    }
    assert client.query(sql, parameters=values).first_item == values
    assert client.query("SELECT %(a)s AS a", parameters={"a": "x'"}).result_rows == [("x'",)]


def test_parameters_of_composed_types(token):
    params = {"param_k": "{'k':1}", "param_t": "('x',[1,2])", "default_format": "JSONEachRow"}
    sql = "SELECT {k:Map(String, UInt8)} AS k, {t:Tuple(String, Array(UInt8))} AS t"
    assert ask(token, sql, params)[2] == b'{"k":{"k":1},"t":["x",[1,2]]}\n'


def test_parameters_in_a_form(token):
    client = connect(token, form_encode_query_params=True)
    assert client.query("SELECT {a:String}", parameters={"a": "form"}).result_rows == [("form",)]


def test_nothing_but_a_value_is_taken_for_a_parameter(token):
    for hostile in ("[version()]", "[1] OR 1", "[(SELECT 1)]"):
        status, headers, _ = ask(token, "SELECT {a:Array(String)}", {"param_a": hostile})
        assert (status, headers["X-ClickHouse-Exception-Code"]) == (400, "36"), hostile


def test_errors_have_clickhouse_numbers(client):
    assert "UNKNOWN_TABLE" in refused(lambda: client.query("SELECT * FROM nothing"), 60)
    assert "UNKNOWN_IDENTIFIER" in refused(lambda: client.query("SELECT nothing"), 47)
    assert "UNKNOWN_FUNCTION" in refused(lambda: client.query("SELECT nothing(1)"), 46)
    assert "SYNTAX_ERROR" in refused(lambda: client.query("SELECT (1"), 62)


def test_nothing_can_be_changed(client, project):
    for sql in ("DROP TABLE orders", "CREATE TABLE t (a UInt8) ENGINE = Memory", "INSERT INTO holidays VALUES (1, 2)"):
        assert "READONLY" in refused(lambda: client.command(sql), 164)
    assert project.rows("SELECT count() AS n FROM orders")[0]["n"] > 0


def test_limits_of_a_request(client):
    slow = "SELECT sum(a.number * b.number) FROM numbers(1000000000) AS a, numbers(1000) AS b"
    assert "TIMEOUT_EXCEEDED" in refused(lambda: client.query(slow, settings={"max_execution_time": 0.2}), 159)
    many = "SELECT number FROM numbers(11)"
    refused(lambda: client.query(many, settings={"max_result_rows": 10}), 396)
    assert client.query(many, settings={"max_result_rows": 11}).row_count == 11


def test_a_wrong_token_or_database_is_refused(token):
    assert "AUTHENTICATION_FAILED" in refused(lambda: connect("p.wrong"), 516)
    refused(lambda: connect(token, database="another").query("SELECT 1"), 81)
    assert connect(token, database="default").command("SELECT 1") == 1


def test_a_token_sees_only_what_it_grants(project, token):
    """A token of one data source: no other can be read, listed or described."""
    scope = urlencode({"name": "one_source", "scope": "DATASOURCES:READ:orders:shop = 'nowhere'"})
    made = Request(f"{URL}/v0/tokens?{scope}", method="POST", headers={"Authorization": f"Bearer {token}"})
    with urlopen(made) as answer:
        narrow = connect(json.load(answer)["token"])
    assert narrow.query("SHOW TABLES").result_rows == [("orders",)]
    assert narrow.query("SELECT count() FROM orders").result_rows == [(0,)]
    assert narrow.query("SELECT table FROM system.columns WHERE database != 'system' GROUP BY table").result_rows == [
        ("orders",)
    ]
    refused(lambda: narrow.query("SELECT * FROM products"), 60)
    refused(lambda: narrow.query("DESCRIBE TABLE products"), 60)
    refused(lambda: narrow.query("SHOW CREATE TABLE products"), 60)
    assert narrow.query("EXISTS TABLE products").result_rows == [(0,)]
    # A plan would show the filter.
    refused(lambda: narrow.query("EXPLAIN SELECT * FROM orders"), 48)


def test_secrets_are_for_pipes_and_administrators(project, token):
    project.tb("secret set door 1234")
    scope = urlencode({"name": "reader", "scope": "DATASOURCES:READ:orders"})
    made = Request(f"{URL}/v0/tokens?{scope}", method="POST", headers={"Authorization": f"Bearer {token}"})
    with urlopen(made) as answer:
        reader = json.load(answer)["token"]
    for sql in ("SELECT {door:String}", "% SELECT {{tb_secret('door')}}", "SELECT * FROM (DESCRIBE (SELECT {door:String}))"):
        status, _, body = ask(reader, sql)
        assert status == 400 and b"1234" not in body, sql
    assert ask(token, "SELECT {door:String}")[2] == b"1234\n"
    assert b"1234" not in ask(token, "EXPLAIN SELECT {door:String}")[2]


# SQLAlchemy


@pytest.fixture(scope="module")
def engine(token):
    return sa.create_engine(f"clickhousedb://anyone:{token}@{HERE.hostname}:{HERE.port}/default")


def test_the_inspector_of_sqlalchemy(engine):
    inspector = sa.inspect(engine)
    assert "system" in inspector.get_schema_names()
    assert {"orders", "products", "top_products"} <= set(inspector.get_table_names())
    assert "top_products" in inspector.get_view_names() and "orders" not in inspector.get_view_names()
    columns = {column["name"]: column for column in inspector.get_columns("orders")}
    assert columns["customer"]["nullable"] and not columns["shop"]["nullable"]
    assert str(columns["is_gift"]["server_default"]) == "false"
    assert inspector.has_table("orders") and not inspector.has_table("nothing")
    assert inspector.get_table_comment("orders")["text"] == "One row for each order that a shop takes."


def test_a_reflected_table_is_queried(engine, project):
    orders = sa.Table("orders", sa.MetaData(), autoload_with=engine)
    expected = project.rows("SELECT shop, count() AS n FROM orders GROUP BY shop ORDER BY shop")
    query = sa.select(orders.c.shop, sa.func.count()).group_by(orders.c.shop).order_by(orders.c.shop)
    with engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(query)] == [(r["shop"], r["n"]) for r in expected]
        one = sa.select(orders.c.shop).where(orders.c.shop == sa.bindparam("shop")).limit(1)
        shop = expected[0]["shop"]
        assert connection.execute(one, {"shop": shop}).scalar() == shop


# @clickhouse/client of npm


def test_the_client_of_npm(token):
    told = {"TILE_CLICKHOUSE_URL": HERE.geturl(), "TILE_TOKEN": token}
    script = Path(__file__).with_name("clickhouse.mjs")
    done = subprocess.run(["node", script], env=os.environ | told, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert answers["ping"] is True
    assert answers["rows"] == [{"n": "0", "even": True}, {"n": "1", "even": False}]
    assert answers["bound"] == [{"a": ["x'", "y"], "d": "2024-01-02 00:00:00", "n": "18446744073709551615", "s": None}]
    assert answers["streamed"] == 50_000
    assert answers["errors"] == [["47", "UNKNOWN_IDENTIFIER"], ["164", "READONLY"], ["164", "READONLY"]]


# By hand


def test_the_port_answers_without_a_statement():
    for path in ("/", "/ping", "/replicas_status"):
        with urlopen(f"{HERE.geturl()}{path}") as answer:
            assert answer.read() == b"Ok.\n"


def test_the_token_may_stand_in_several_places(token):
    for headers in ({"X-ClickHouse-User": "u", "X-ClickHouse-Key": token}, {"Authorization": f"Bearer {token}"}):
        assert ask(token, "SELECT 1", headers=headers)[2] == b"1\n"
    assert ask(token, "SELECT 1", {"user": "u", "password": token}, headers={})[2] == b"1\n"
    status, headers, body = ask(token, "SELECT 1", headers={})
    assert (status, headers["X-ClickHouse-Exception-Code"]) == (403, "516") and b"AUTHENTICATION_FAILED" in body


def test_the_answer_says_what_it_is(token):
    params = {"query_id": "mine", "default_format": "JSONEachRow", "param_x": "7"}
    status, headers, body = ask(token, "SELECT {x:UInt8} AS x", params)
    assert (status, body) == (200, b'{"x":7}\n')
    assert headers["X-ClickHouse-Query-Id"] == "mine"
    assert headers["X-ClickHouse-Format"] == "JSONEachRow"
    assert headers["X-ClickHouse-Timezone"] == "UTC"
    assert '"result_rows":"1"' in headers["X-ClickHouse-Summary"]


def test_settings_hold_or_are_refused(token):
    quoted = {"output_format_json_quote_64bit_integers": "1", "default_format": "JSONEachRow"}
    assert ask(token, "SELECT toUInt64(1) AS x", quoted)[2] == b'{"x":"1"}\n'
    in_text = "SELECT toUInt64(1) AS x SETTINGS output_format_json_quote_64bit_integers = 1 FORMAT JSONEachRow"
    assert ask(token, in_text)[2] == b'{"x":"1"}\n'
    assert ask(token, "SELECT 1", {"join_use_nulls": "1"})[0] == 400
    assert ask(token, "SELECT 1", {"nobody_knows_it": "1"})[0] == 200


def test_blocks_of_clickhouse_are_read_and_written(token):
    """With the blocks of `clickhouse-driver`, as drivers of other languages ask for them over HTTP."""

    def unpacked(body):
        stream, out = BufferedSocketReader(Socket(body), 1 << 16), b""
        while len(out) < 1 << 30:
            try:
                named = read_binary_uint128(stream)
            except EOFError:
                return out
            method = read_binary_uint8(stream)
            out += get_decompressor_cls(method)(stream).get_decompressed_data(method, named, 1)

    def packed(text):
        block = Lz4()
        block.write(text)
        block = bytes([block.method_byte]) + block.get_compressed_data(1)
        named = BytesIO()
        write_binary_uint128(CityHash128(block), named)
        return named.getvalue() + block

    for statement in ("SELECT 1", "SELECT number, toString(number) FROM numbers(300000) FORMAT RowBinary", "SELECT 1 WHERE 0"):
        status, headers, plain = ask(token, statement)
        status, headers, body = ask(token, statement, {"compress": "1"})
        assert status == 200 and headers.get("Content-Encoding") is None
        assert unpacked(body) == plain and (len(plain) < 100 or len(body) < len(plain)), statement
    basic = base64.b64encode(f"anyone:{token}".encode()).decode()

    def send(body, **params):
        address = f"{HERE.geturl()}/?{urlencode({'decompress': '1'} | params)}"
        try:
            with urlopen(Request(address, data=body, headers={"Authorization": f"Basic {basic}"}), timeout=30) as answer:
                return answer.status, answer.read()
        except HTTPError as e:
            return e.code, e.read()

    assert send(packed(b"SELECT 1 + 1")) == (200, b"2\n")
    assert unpacked(send(packed(b"SELECT 1 + ") + packed(b"2"), compress="1")[1]) == b"3\n"
    broken = packed(b"SELECT 1 + 1")
    for body in (b"SELECT 1", broken[:-1], b"x" + broken[1:], broken[:16] + b"\x90" + broken[17:]):
        status, text = send(body)
        assert status == 400 and b"Code: 271." in text, text
    # A bomb: two megabytes that say they are less on their way.
    assert send(packed(b" " * (2 << 20)))[0] == 400
    status, text = ask(token, "SELECT nothing", {"compress": "1"})[::2]
    assert status == 404 and text.startswith(b"Code: 47."), text


def test_statements_that_are_no_queries(token):
    assert b"amount\tFloat64" in ask(token, "DESCRIBE orders")[2]
    assert ask(token, "DESCRIBE (SELECT 1 AS a, 'x' AS b)")[2] == b"a\tUInt8\t\t\t\t\t\nb\tString\t\t\t\t\t\n"
    assert ask(token, "SHOW TABLES LIKE 'ord%'")[2] == b"orders\norders_daily\norders_to_daily\n"
    assert ask(token, "SHOW CREATE TABLE holidays")[2].startswith(b"CREATE TABLE ")
    assert ask(token, "SHOW COLUMNS FROM holidays")[2] == b"day\tDate\tNO\tPRI\t\\N\t\ntitle\tString\tNO\t\t\\N\t\n"
    assert [ask(token, f"EXISTS {what}")[2] for what in ("orders", "nothing", "DATABASE system")] == [
        b"1\n",
        b"0\n",
        b"1\n",
    ]
    assert ask(token, "EXPLAIN SYNTAX SELECT 1 AS x")[2] == b"SELECT 1 AS x\n"
    assert b"orders" not in ask(token, "EXPLAIN SELECT 1")[2]
    assert ask(token, "SELECT name FROM (DESCRIBE holidays) ORDER BY name")[2] == b"day\ntitle\n"


CASES = ("text", "times", "nulls", "nested", "dictionary", "empty", "names", "lines", "pairs")
# Files whose headers tell who wrote them; the crate's own tests compare what is in them.
COLUMNAR = ("Arrow", "ArrowStream", "Parquet")


@pytest.mark.parametrize("case", CASES)
def test_formats_are_clickhouse_to_the_byte(token, case):
    """The answers to the statements of `record.py`, beside what ClickHouse gave."""
    source = RECORDED.joinpath("record.py").read_text().split("PLAIN = [")[0].replace("import chdb", "")
    names = {}
    exec(source, names)
    formats = sorted(path.parent.name for path in RECORDED.glob(f"*/{case}.out"))
    compared = 0
    for name in formats:
        if name in COLUMNAR:
            continue
        params = {"default_format": name, "output_format_write_statistics": "0"}
        status, _, body = ask(token, names["CASES"][case], params)
        assert (status, body) == (200, RECORDED.joinpath(name, f"{case}.out").read_bytes()), name
        compared += 1
    assert compared


# Tinybird's command


def test_tb_ch(project, token):
    """It asks at port 7182 of this machine, whatever it is told; a proxy leads it to the server under test."""
    api = urlsplit(URL)
    proxied = environment(project.home) | {
        "TB_LOCAL_HOST": "localhost",
        "http_proxy": HERE.geturl(),
        "no_proxy": f"localhost:{api.port}",
    }
    words = [TB, "ch", "SELECT {x:String} AS x FORMAT JSONEachRow", "--param_x=seven", "--password", token]
    done = subprocess.run(words, cwd=project.folder, env=proxied, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '{"x":"seven"}' in COLOURS.sub("", done.stdout)


def test_tb_sql_describes(project):
    project.says('sql "DESCRIBE orders"', "ordered_at", "DateTime64(3)")
