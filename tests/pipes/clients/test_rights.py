"""What tokens reach that may do little, by plain HTTP: nothing that they were not given, whichever way they ask."""

import base64
import json
import os
import time
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pytest
from conftest import SECONDS_MAX, URL, get

CLICKHOUSE = os.environ["TILE_CLICKHOUSE_URL"].rstrip("/")


def answer(address, token=None, data=None, headers=None, method=None):
    """The status and text of an answer, whatever it is."""
    headers = dict(headers or {})
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        with urlopen(Request(address, data, headers, method=method), timeout=SECONDS_MAX) as found:
            return found.status, found.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def by_sql(token, sql, **params):
    return answer(f"{URL}/v0/sql?{urlencode({'q': sql} | params)}", token)


def by_clickhouse(token, sql, **params):
    return answer(f"{CLICKHOUSE}/?{urlencode({'query': sql} | params)}", token)


def by_model(token, sql, **_params):
    call = {"name": "execute_query", "arguments": {"sql": sql}}
    return model(token, "tools/call", call)


def model(token, method, params=None):
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
    status, text = answer(f"{URL}/mcp", token, json.dumps(message).encode(), {"Content-Type": "application/json"})
    result = json.loads(text).get("result", {})
    if "content" not in result:
        return status, text
    return 400 if result["isError"] else status, result["content"][0]["text"]


WAYS = [by_sql, by_clickhouse, by_model]


@pytest.fixture(scope="module")
def tokens(project):
    """A token of one endpoint, one of some rows, and one with a parameter that it cannot choose."""
    admin = project.token()
    until = int(time.time()) + 600

    def jwt(name, *scopes):
        body = json.dumps({"scopes": scopes}).encode()
        return get(f"/v0/tokens?name={name}&expiration_time={until}", admin, data=body, method="POST")["token"]

    def fixed(pipe, **params):
        return {"type": "PIPES:READ", "resource": pipe, "fixed_params": params}

    return {
        "admin": admin,
        "one": project.token("shop reader"),
        "some": jwt("some", {"type": "DATASOURCES:READ", "resource": "orders", "filter": "shop = 'south'"}),
        "fixed": jwt("fixed", fixed("shop_days", shop="south")),
        "torn": jwt("torn", fixed("shop_days", shop="south"), fixed("top_products", shop="north/west")),
    }


@pytest.mark.parametrize("way", WAYS)
def test_fixed_parameters_hold_in_sql(tokens, way):
    for sql in (
        "SELECT shop FROM shop_days",
        "SELECT x.shop FROM default.shop_days AS x",
        "WITH a AS (SELECT * FROM `shop_days`) SELECT shop FROM a",
        "SELECT shop FROM (SELECT 1 AS one) AS o CROSS JOIN shop_days",
    ):
        for params in ({}, {"shop": "north/west"}, {"param_shop": "north/west"}):
            status, text = way(tokens["fixed"], f"{sql} FORMAT CSV", **params)
            assert status == 200 and "south" in text and "north" not in text, (sql, params, text)
    assert "north/west" in way(tokens["one"], "SELECT shop FROM shop_days FORMAT CSV")[1]


def test_fixed_parameters_hold_over_the_nodes_of_a_pipe(tokens):
    for table in ("_", "days", "shop_days"):
        sql = f"SELECT shop FROM {table} FORMAT CSV"
        for status, text in (
            by_sql(tokens["fixed"], sql, pipeline="shop_days", shop="north/west"),
            answer(f"{URL}/v0/pipes/shop_days.csv?shop=north/west&q={quote(sql)}", tokens["fixed"]),
        ):
            assert status == 200 and "south" in text and "north" not in text, text


@pytest.mark.parametrize("way", WAYS)
def test_parameters_that_are_fixed_twice_are_no_choice(tokens, way):
    sql = "SELECT shop FROM shop_days WHERE shop NOT IN (SELECT product FROM top_products)"
    status, text = way(tokens["torn"], sql)
    assert status in (400, 403) and "fixes the parameter `shop` differently" in text
    assert way(tokens["torn"], "SELECT shop FROM shop_days FORMAT CSV")[1].strip() == '"south"'


HIDDEN = [
    "SELECT * FROM orders_daily",
    "SELECT * FROM default.orders_daily",
    "SELECT * FROM orders_daily_quarantine",
    "SELECT * FROM orders_to_daily",
    "SELECT 1 WHERE 1 IN (SELECT amount FROM orders_daily)",
    "DESCRIBE TABLE orders_daily",
    "DESCRIBE TABLE (SELECT * FROM orders_daily)",
    "SHOW CREATE TABLE orders_daily",
    "EXPLAIN SELECT * FROM orders_daily",
    "SELECT * FROM tinybird.pipe_stats_rt",
    "SELECT * FROM catalog.`notes.csv`",
    "SELECT * FROM duckdb_tables()",
    "SELECT * FROM information_schema.tables",
    "SELECT {missing:String}",
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("sql", HIDDEN)
def test_what_a_token_may_not_read_is_not_there(tokens, way, sql):
    for name in ("one", "some", "fixed"):
        status, text = way(tokens[name], sql)
        assert status in (400, 403, 404), (name, text)
    assert way(None, sql)[0] in (401, 403)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_tells_of_what_is_hidden(tokens, way):
    for sql in ("SELECT * FROM system.tables", "SELECT * FROM system.columns", "SHOW TABLES", "EXISTS orders_daily"):
        for name in ("one", "some", "fixed"):
            status, text = way(tokens[name], sql)
            assert status == 200 and "orders_daily" not in text and "products" not in text, (sql, name)
    assert "orders_daily" in way(tokens["admin"], "SELECT * FROM system.tables")[1]


@pytest.mark.parametrize("way", WAYS)
def test_a_plan_does_not_show_the_sql_of_pipes(tokens, way):
    for name in ("one", "fixed", "some"):
        status, text = way(tokens[name], "EXPLAIN SELECT * FROM shop_days")
        assert status == 400 and "customers" not in text, text
    assert way(tokens["admin"], "EXPLAIN SELECT * FROM shop_days")[0] == 200


@pytest.mark.parametrize("way", WAYS)
def test_a_filter_holds_whatever_the_name(tokens, way):
    for table in ("orders", "default.orders", "(SELECT * FROM orders)", "orders AS o"):
        status, text = way(tokens["some"], f"SELECT DISTINCT shop FROM {table} FORMAT CSV")
        assert status == 200 and "south" in text and "north" not in text
    assert way(tokens["some"], "SELECT * FROM orders_quarantine")[0] in (400, 404)


def test_documents_tell_of_what_may_be_read(tokens):
    for name, count in [("one", 1), ("some", 0), ("fixed", 1)]:
        status, text = answer(f"{URL}/v0/pipes/openapi.json", tokens[name])
        paths = json.loads(text)["paths"]
        assert status == 200 and len({path.split(".")[0] for path in paths}) == count
        tools = json.loads(model(tokens[name], "tools/list")[1])["result"]["tools"]
        assert ("shop_days" in {tool["name"] for tool in tools}) == (count == 1)
        assert "top_products" not in text
    _, text = answer(f"{URL}/v0/pipes/openapi.json", tokens["fixed"])
    assert "/v0/pipes/shop_days.json" in text and '"name":"shop"' not in text


def test_the_catalog_has_what_may_be_read(tokens):
    for name in ("one", "some", "fixed"):
        _, text = answer(f"{URL}/api/v1/search-deep/", tokens[name])
        assert "orders_to_daily" not in text and "products" not in text


ADMINISTERS = [
    ("GET", "/v0/tokens"),
    ("GET", "/v0/variables"),
    ("GET", "/v0/jobs"),
    ("GET", "/v1/deployments"),
    ("GET", "/v1/environments"),
    ("GET", "/metrics"),
    ("GET", "/v0/pipes/shop_days.json?explain=true"),
    ("POST", "/v0/variables?name=a&value=b"),
    ("POST", "/v0/tokens?name=more&scope=ADMIN"),
    ("POST", "/v1/build"),
    ("POST", "/v1/deploy"),
    ("POST", "/v1/environments?name=mine"),
    ("POST", "/v0/datasources/orders/truncate"),
    ("POST", "/v0/datasources/orders/delete?delete_condition=1"),
    ("POST", "/v0/events?name=orders"),
    ("DELETE", "/v0/datasources/orders"),
    ("DELETE", "/v0/variables/a"),
]


@pytest.mark.parametrize(("method", "path"), ADMINISTERS)
def test_only_who_administers_may(tokens, method, path):
    for name in ("one", "some", "fixed"):
        status, text = answer(f"{URL}{path}", tokens[name], b"" if method == "POST" else None, method=method)
        assert status == 403, (name, text)
    assert answer(f"{URL}{path}", None, b"" if method == "POST" else None, method=method)[0] in (401, 403)


def test_a_workspace_does_not_give_its_tokens_or_people_away(tokens):
    for path in ("/v0/workspace", "/v1/user/workspaces?with_environments=true"):
        for name in ("one", "some", "fixed"):
            _, text = answer(f"{URL}{path}", tokens[name])
            assert '"token"' not in text and "p.ey" not in text
            shown = json.loads(text)
            shown = shown.get("workspaces", [shown])
            assert all(one["members"] == [] for one in shown)
        assert '"email"' in answer(f"{URL}{path}", tokens["admin"])[1]


def test_the_number_of_a_token_does_not_make_one(tokens):
    inside = tokens["admin"].split(".")[1]
    secret = json.loads(base64.urlsafe_b64decode(inside + "=" * (-len(inside) % 4)))["id"]
    _, text = by_sql(tokens["admin"], "SELECT DISTINCT token FROM tinybird.pipe_stats_rt FORMAT JSON")
    assert json.loads(text)["rows"] > 0 and secret not in text


def test_pages_of_other_origins_get_no_tokens():
    assert answer(f"{URL}/tokens")[0] == 200
    for headers in ({"Origin": "https://shop.example"}, {"Origin": "null"}, {"Host": "shop.example:7181"}):
        assert answer(f"{URL}/tokens", headers=headers)[0] == 403
    for site in ("cross-site", "same-site"):
        assert answer(f"{URL}/tokens", headers={"Sec-Fetch-Site": site})[0] == 403


def test_what_a_browser_sends_by_itself_is_no_token(tokens):
    cookie = {"Cookie": f"tiled_api_key={tokens['admin']}", "Origin": "http://localhost:3000"}
    for way in (f"{URL}/v0/sql?q=SELECT+1", f"{CLICKHOUSE}/?query=SELECT+1", f"{URL}/v0/variables"):
        assert answer(way, headers=cookie)[0] in (401, 403)


def test_who_has_no_token_is_told_the_way_in(tokens):
    status, text = answer(f"{URL}/", headers={"Accept": "text/html"})
    assert status == 200 and "<form" in text and ".tile/admin-token" in text
    status, text = answer(f"{URL}/browse/", headers={"Cookie": f"tiled_api_key={tokens['one']}"})
    assert status == 200 and "pipes" in text


def test_answers_to_many_questions_are_bounded(tokens):
    sql = "SELECT repeat('x', 1000) AS x FROM numbers(3000)"
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    call["params"] = {"name": "execute_query", "arguments": {"sql": sql}}
    for count, status in [(1, 200), (3, 400)]:
        body = json.dumps([call] * count).encode()
        found, text = answer(f"{URL}/mcp", tokens["one"], body, {"Content-Type": "application/json"})
        assert found == status and len(text) < 5_000_000
    assert "send fewer messages" in text
