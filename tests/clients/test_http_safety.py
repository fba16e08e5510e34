"""Who may ask, from where, with which path: keys, cookies, CORS, old clients, hostile addresses."""

import http.client
import re
from urllib.parse import urlsplit

import httpx
import pytest
from helpers import API, KEY, URL

DATA_ROUTES = [
    "metadata/",
    "metadata/npy/cube",
    "search/",
    "search-deep/",
    "distinct/samples?metadata=color",
    "array/full/npy/cube",
    "array/block/npy/cube?block=0,0,0",
    "table/full/tables/plain",
    "table/partition/tables/plain?partition=0",
    "container/full/samples",
    "awkward/full/awkward/events",
    "asset/bytes/npy/cube?id=1",
    "asset/manifest/npy/cube?id=1",
]


@pytest.fixture
def nobody():
    with httpx.Client(base_url=API + "/") as session:
        yield session


@pytest.mark.parametrize("route", DATA_ROUTES)
def test_no_key(nobody, route):
    response = nobody.get(route)
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/json"
    assert "bearer" in response.headers["www-authenticate"].lower()
    assert "Not enough permissions" in response.json()["detail"]


@pytest.mark.parametrize("key", ["wrong", "0", KEY + "x", KEY[:-1], KEY.upper(), "é".encode()])
@pytest.mark.parametrize("route", ["metadata/", "array/full/npy/cube"])
def test_wrong_key(nobody, route, key):
    value = b"Apikey " + (key if isinstance(key, bytes) else key.encode())
    response = nobody.get(route, headers={"Authorization": value})
    assert response.status_code in (400, 401)
    assert response.headers["content-type"] == "application/json"


def test_text_about_a_wrong_key(nobody):
    response = nobody.get("metadata/", headers={"Authorization": "Apikey wrong"})
    assert (response.status_code, response.json()) == (401, {"detail": "Invalid API key"})


def test_wrong_key_in_the_query(nobody):
    assert nobody.get("metadata/", params={"api_key": "wrong"}).status_code == 401


def test_wrong_bearer(nobody):
    response = nobody.get("metadata/", headers={"Authorization": "Bearer abc"})
    assert (response.status_code, response.json()) == (401, {"detail": "Could not validate credentials"})


@pytest.mark.parametrize("value", ["Basic abc", "Basic YTpi"])
def test_other_schemes(nobody, value):
    response = nobody.get("metadata/", headers={"Authorization": value})
    assert response.status_code == 400
    assert response.json()["detail"].startswith("Authorization header must include the authorization type")


@pytest.mark.parametrize("scheme", ["Apikey", "apikey", "APIKEY"])
def test_case_of_the_scheme(nobody, scheme):
    assert nobody.get("metadata/", headers={"Authorization": f"{scheme} {KEY}"}).status_code == 200


def test_about_and_health_need_no_key(nobody):
    assert nobody.get("").status_code == 200
    assert nobody.get(f"{URL}/healthz").status_code == 200
    assert nobody.get(f"{URL}/").status_code == 200


def test_a_key_in_the_query_becomes_a_cookie(nobody):
    response = nobody.get("metadata/", params={"api_key": KEY})
    assert response.status_code == 200
    assert "tiled_api_key" in nobody.cookies
    assert nobody.get("metadata/").status_code == 200


def test_a_cookie_alone_may_not_change_anything(nobody):
    nobody.get("")
    nobody.get("metadata/", params={"api_key": KEY})
    response = nobody.post("metadata/", json={"structure_family": "container"})
    assert response.status_code == 403
    assert "csrf" in response.text.lower()
    response = nobody.post("metadata/", json={"structure_family": "container"}, headers={"x-csrf": "other"})
    assert response.status_code == 403


def test_csrf_cookies_differ(nobody):
    def cookie():
        nobody.cookies.clear()
        return re.search(r"tiled_csrf=([^;]+)", nobody.get("").headers["set-cookie"])[1]

    assert len(cookie()) >= 32
    assert cookie() != cookie()


def test_request_id(http):
    assert re.fullmatch("[0-9a-f]{16}", http.get("metadata/").headers["x-tiled-request-id"])
    sent = "11111111-2222-4333-8444-555555555555"
    assert http.get("metadata/", headers={"X-Tiled-Request-ID": sent}).headers["x-tiled-request-id"] == sent


def test_request_ids_that_are_none(http):
    for sent in ("short", "x" * 5000, "a b"):
        response = http.get("metadata/", headers={"X-Tiled-Request-ID": sent})
        assert response.headers["x-tiled-request-id"] != sent


def test_every_answer_carries_its_marks(http):
    for route in ("metadata/", "metadata/nope", "array/full/npy/cube", "nope"):
        response = http.get(route)
        assert "x-tiled-request-id" in response.headers
        assert "server-timing" in response.headers


def test_server_timing_names_its_steps(http):
    timing = http.get("array/full/npy/cube").headers["server-timing"]
    assert re.search(r"\bapp;dur=\d+", timing)


def test_cors(http):
    evil = {"Origin": "http://evil.example", "Access-Control-Request-Method": "GET"}
    response = http.options("metadata/", headers=evil)
    assert response.status_code == 400
    assert response.text == "Disallowed CORS origin"
    response = http.get("metadata/", headers={"Origin": "http://evil.example"})
    assert response.status_code == 200
    assert "access-control-allow-origin" not in response.headers
    assert "origin" in response.headers["vary"].lower()


@pytest.mark.parametrize("version", ["0.1.0a50", "0.1.0a103", "0.0.1"])
def test_clients_that_are_too_old(http, version):
    response = http.get("metadata/", headers={"User-Agent": f"python-tiled/{version}"})
    assert response.status_code == 400
    assert response.json()["detail"] == (
        f"Python Tiled client reports version {version}. "
        "Version 0.1.0a104 or higher is needed to communicate with this Tiled server."
    )


@pytest.mark.parametrize("version", ["0.1.0a104", "0.1.0b16", "0.2.3", "0.2.20", "1.0.0", "0.2.21.dev3+g1234", "x", ""])
def test_other_versions_are_welcome(http, version):
    response = http.get("metadata/npy/cube", headers={"User-Agent": f"python-tiled/{version}"})
    assert response.status_code == 200


def test_older_clients_get_older_fields(http):
    def source(version):
        headers = {"User-Agent": f"python-tiled/{version}"}
        response = http.get("metadata/npy/cube", params={"include_data_sources": "true"}, headers=headers)
        attributes = response.json()["data"]["attributes"]
        return attributes, attributes["data_sources"][0]

    attributes, found = source("0.2.3")
    assert "properties" not in found and "size" not in found["assets"][0]
    assert "access_tags" not in attributes and "access_blob" in attributes
    attributes, found = source("0.2.12")
    assert "properties" in found and "size" not in found["assets"][0]
    attributes, found = source("0.2.18")
    assert "size" in found["assets"][0] and "access_blob" in attributes
    attributes, found = source("0.2.19")
    assert "access_tags" in attributes and "access_blob" not in attributes


def test_unknown_routes_and_methods(http):
    assert http.get("nope").json() == {"detail": "Not Found"}
    assert http.get("nope").status_code == 404
    response = http.post("array/full/npy/cube")
    assert response.status_code == 405
    assert response.json() == {"detail": "Method Not Allowed"}
    assert "GET" in response.headers["allow"]
    assert http.request("BREW", "metadata/").status_code in (400, 405, 501)


def test_text_about_a_missing_entry(http):
    assert http.get("metadata/nope/x").json() == {"detail": "No such entry: ['nope', 'x']"}


def plain(path):
    """One request whose path nobody has tidied up: (status, body)."""
    target = urlsplit(URL)
    connection = http.client.HTTPConnection(target.hostname, target.port, timeout=20)
    connection.putrequest("GET", path, skip_accept_encoding=True)
    connection.putheader("Authorization", f"Apikey {KEY}")
    connection.endheaders()
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body


HOSTILE = [
    "..",
    "../..",
    "../../etc/passwd",
    "npy/../../etc/passwd",
    "npy/..",
    "%2e%2e/%2e%2e/etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "npy%2fcube%00",
    "npy/cube%00",
    "%00",
    "npy/cube/%2e%2e",
    "%ff%fe",
    "%",
    "%zz",
    "npy\\cube",
    "C:%5cWindows",
    "%c0%ae%c0%ae/etc/passwd",
    "a" * 10_000,
    "/".join("a" * 1500),
    "%F0%9F%98%80",
    "cube.npy",
    "npy/cube.npy",
    "etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
]
ROUTES = ["metadata", "search", "array/full", "table/full", "container/full", "asset/bytes", "search-deep"]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path[:30])
def test_hostile_paths(route, path):
    status, body = plain(f"/api/v1/{route}/{path}")
    assert 400 <= status < 500, (status, body[:200])
    assert b"root:" not in body


def test_an_encoded_slash_does_not_leave_the_folder():
    """`npy%2Fcube` is either the path npy/cube or a key that nobody has."""
    status, body = plain("/api/v1/metadata/npy%2Fcube")
    assert status in (200, 404)
    assert status == 404 or b'"id":"cube"' in body.replace(b" ", b"")


@pytest.mark.parametrize("path", ["/static/../../etc/passwd", "/static/%2e%2e/%2e%2e/etc/passwd", "/ui/../../etc/passwd"])
def test_hostile_static_paths(path):
    status, body = plain(path)
    assert status < 500
    assert b"root:" not in body


def test_long_query_and_many_headers(http):
    assert http.get("metadata/", params={"x": "y" * 20_000}).status_code in (200, 400, 414, 431)
    headers = {f"X-{i}": "y" for i in range(90)}
    assert http.get("metadata/", headers=headers).status_code in (200, 400, 431)


def test_the_connection_stays_open_after_a_mistake(http):
    for _ in range(3):
        assert http.get("metadata/nope").headers.get("connection", "keep-alive") != "close"
        assert http.get("array/full/npy/cube", params={"slice": "9"}).headers.get("connection", "keep-alive") != "close"
