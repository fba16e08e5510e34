"""What endpoints offer beside rows: results that are kept, plans, numbers of errors, and headers for pages of other origins."""

import json
import time
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
from conftest import SECONDS_MAX, URL, get

KEPT = """NODE one
SQL >
    %
    {{ cache_ttl('1m') }} {{ max_threads(2) }} {{ backend_hint('my_hint') }}
    SELECT count() AS n, {{ Int32(x, 1) }} AS x, generateUUIDv4() AS at FROM orders

TYPE endpoint
"""
EVENT = json.dumps(
    {"ordered_at": "2024-05-03 10:00:00.000", "order_id": "61f0c404-5cb3-11e7-907b-a6006ad3dba9"}
    | {"shop": "east", "items": [{"sku": "z"}], "amount": 3, "is_gift": True}
).encode()


@pytest.fixture(scope="module")
def offering(project):
    project.write("endpoints/kept.pipe", KEPT)
    project.tb("build")
    return project


def answer(path, token, method="GET", data=None, **headers):
    """The status, headers and text of an answer, whatever it is."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        with urlopen(Request(f"{URL}{path}", data, headers, method=method), timeout=SECONDS_MAX) as found:
            return found.status, found.headers, found.read().decode()
    except HTTPError as error:
        return error.code, error.headers, error.read().decode()


def kept(project, params=""):
    _, headers, text = answer(f"/v0/pipes/kept.json{params}", project.token())
    return headers["X-Cache"], json.loads(text)["data"][0]


def test_a_result_is_kept_until_its_data_change(offering):
    state, first = kept(offering)
    assert state == "miss" and kept(offering) == ("hit", first)
    assert kept(offering, "?x=2")[0] == "miss"
    assert kept(offering, f"?token={offering.token()}") == ("hit", first)
    get("/v0/events?name=orders&wait=true", offering.token("shop ingest"), data=EVENT, method="POST")
    time.sleep(1.1)
    state, second = kept(offering)
    assert state == "miss" and second["n"] == first["n"] + 1 and second["at"] != first["at"]
    # Rows of another data source change nothing.
    time.sleep(1.1)
    assert kept(offering) == ("hit", second)
    offering.tb("datasource truncate orders --yes")
    time.sleep(1.1)
    assert kept(offering)[1]["n"] == 0
    offering.tb("datasource append orders --file fixtures/orders.ndjson")


def test_a_parameter_may_be_called_token(fresh):
    fresh.write("endpoints/kept.pipe", KEPT.replace("count() AS n", "{{ String(token, 'none') }} AS given"))
    fresh.tb("build")
    ask = lambda word: answer("/v0/pipes/kept.json", fresh.token(), "POST", json.dumps({"token": word}).encode())  # noqa: E731
    for word in ("a", "b"):
        status, headers, text = ask(word)
        assert (status, headers["X-Cache"], json.loads(text)["data"][0]["given"]) == (200, "miss", word)
        assert ask(word)[2] == text


def test_what_is_kept_is_of_the_token(offering):
    scopes = [{"type": "PIPES:READ", "resource": "kept", "fixed_params": {"x": 7}}]
    filtered = [{"type": "DATASOURCES:READ", "resource": "orders", "filter": "shop = 'south'"}]
    until = int(time.time()) + 600
    for name, more, n in [("one", [], 4), ("two", filtered, 2)]:
        body = json.dumps({"scopes": scopes + more}).encode()
        jwt = get(f"/v0/tokens?name={name}&expiration_time={until}", offering.token(), data=body, method="POST")
        for _ in range(2):
            row = get("/v0/pipes/kept.json", jwt["token"])["data"][0]
            assert (row["x"], row["n"]) == (7, n)


def test_a_plan_is_for_who_administers(offering):
    plan = get("/v0/pipes/shop_days.json?explain=true&shop=south", offering.token())
    assert "FROM" in plan["debug_query"] and "SCAN" in plan["query_explain"].upper()
    assert answer("/v0/pipes/shop_days.json?explain=true", offering.token("shop reader"))[0] == 403


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("SELECT nothing FROM orders", 47),
        ("SELECT 1 FROM nothing", 60),
        ("SELECT 1 FROM", 62),
        ("SELECT nothing(1)", 46),
        ("SELECT sum(a.number * b.number) FROM numbers(10000000) AS a, numbers(1000000) AS b", 159),
    ],
)
def test_errors_have_the_numbers_of_clickhouse(offering, query, number):
    status, headers, text = answer(f"/v0/sql?q={quote(query)}", offering.token())
    assert status == (408 if number == 159 else 400), text
    assert headers["X-DB-Exception-Code"] == str(number)


def test_answers_say_what_was_read(offering):
    found = get("/v0/sql?q=" + quote("SELECT shop FROM orders LIMIT 2 FORMAT JSON"), offering.token())
    assert found["rows"] == 2 and found["rows_before_limit_at_least"] == 2
    assert found["statistics"]["rows_read"] == 4 and found["statistics"]["bytes_read"] > 4
    found = get("/v0/sql?q=" + quote("SELECT shop FROM orders FORMAT JSON"), offering.token())
    assert "rows_before_limit_at_least" not in found


def test_a_request_has_its_number_in_the_log(offering):
    _, headers, _ = answer("/v0/pipes/shop_days.json", offering.token())
    query = f"SELECT pipe_name FROM tinybird.pipe_stats_rt WHERE request_id = '{headers['X-Request-Id']}'"
    assert offering.rows(query) == [{"pipe_name": "shop_days"}]


@pytest.mark.parametrize("path", ["/v0/events?name=orders", "/v0/pipes/shop_days.json", "/v0/sql", "/mcp"])
def test_pages_of_other_origins_may_ask(offering, path):
    asked = {"Origin": "https://shop.example", "Access_Control_Request_Method": "POST"}
    asked["Access_Control_Request_Headers"] = "authorization, content-type"
    status, headers, _ = answer(path, None, method="OPTIONS", **asked)
    assert status == 200 and headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in headers["Access-Control-Allow-Methods"]
    assert headers["Access-Control-Allow-Headers"] == "authorization, content-type"


def test_who_asks_too_often_hears_when_to_come_again(offering):
    scopes = [{"type": "PIPES:READ", "resource": "shop_days"}, {"type": "DATASOURCES:APPEND", "resource": "orders"}]
    body = json.dumps({"scopes": scopes, "limits": {"rps": 1}}).encode()
    until = int(time.time()) + 600
    for name, path, data in [("a", "/v0/pipes/shop_days.json", None), ("b", "/v0/events?name=orders", EVENT)]:
        made = get(f"/v0/tokens?name={name}&expiration_time={until}", offering.token(), data=body, method="POST")
        method = "POST" if data else "GET"
        answers = [answer(path, made["token"], method, data, Origin="https://shop.example") for _ in range(4)]
        assert answers[0][0] in (200, 202) and answers[0][1]["X-RateLimit-Limit"] == "1"
        limited = next(headers for status, headers, _ in answers if status == 429)
        assert limited["X-RateLimit-Remaining"] == "0" and int(limited["Retry-After"]) >= 1
        assert "X-RateLimit-Limit" in limited["Access-Control-Expose-Headers"]
