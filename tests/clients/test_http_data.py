"""The protocol of reading: negotiation, slices, blocks, partitions, and what it says to wrong requests."""

import json

import numpy as np
import pytest
from helpers import ARROW, XLSX, fixture

CUBE = np.load(fixture("npy", "cube.npy"))


def full(http, path="npy/cube", **params):
    return http.get(f"array/full/{path}", params=params)


def block(http, path="npy/cube", **params):
    return http.get(f"array/block/{path}", params=params)


def refused(response, *statuses):
    """A client's mistake: one of the statuses, JSON, and a text that says why."""
    assert response.status_code in statuses, (response.status_code, response.text[:300])
    assert response.headers["content-type"] == "application/json"
    assert response.json()["detail"]
    return response.json()["detail"]


def test_default_is_the_raw_bytes(http):
    response = full(http)
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.content == CUBE.tobytes()
    assert int(response.headers["content-length"]) == CUBE.nbytes


def test_big_endian_stays_big_endian(http):
    assert full(http, "npy/n_i4_be").content == np.load(fixture("npy", "n_i4_be.npy")).tobytes()


def test_json(http):
    assert full(http, format="json").json() == CUBE.tolist()


def test_json_of_special_floats(http):
    body = full(http, "npy/n_f8_le", format="json").json()
    assert body[0][:3] == [None, None, None]


@pytest.mark.parametrize(
    "accept, expected",
    [
        ("application/octet-stream", "application/octet-stream"),
        ("application/json", "application/json"),
        ("*/*", "application/octet-stream"),
        ("text/nope, application/json", "application/json"),
        ("application/json;q=0.1, application/octet-stream;q=0.9", "application/octet-stream"),
        ("application/json;q=0, */*;q=0.5", "application/octet-stream"),
        ("text/csv;q=0.5, application/json;q=0.8", "application/json"),
        ("image/*", "image/png"),
        ("application/*", "application/octet-stream"),
    ],
)
def test_accept(http, accept, expected):
    response = http.get("array/full/images/shorts", headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == expected


def test_browser(http):
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
    response = http.get("array/full/images/shorts", headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == "text/html"
    assert "data:image/png;base64," in response.text


@pytest.mark.parametrize("format", ["json", "application/json", "nope,json", "nope, application/json"])
def test_format_wins_over_accept(http, format):
    response = http.get("array/full/npy/cube", params={"format": format}, headers={"Accept": "image/png"})
    assert response.headers["content-type"].split(";")[0] == "application/json"


def test_unknown_format(http):
    detail = refused(full(http, format="nope"), 406)
    assert detail.startswith("None of the media types requested by the client are supported.")
    assert "application/octet-stream" in detail
    refused(http.get("array/full/npy/cube", headers={"Accept": "application/nope"}), 406)
    refused(http.get("table/full/tables/plain", params={"format": "nope"}), 406)
    refused(http.get("container/full/samples", params={"format": "nope"}), 406)


def test_a_shape_that_a_format_cannot_hold(http):
    assert "(2, 3, 4)" in refused(full(http, format="csv"), 406)
    refused(full(http, "npy/eight_dims", format="tiff"), 406)
    refused(full(http, "npy/eight_dims", format="png"), 406)
    assert full(http, format="csv", slice="0").status_code == 200


def test_filename(http):
    response = full(http, filename="x.bin")
    assert response.headers["content-disposition"] == 'attachment; filename="x.bin"'


@pytest.mark.parametrize("name", ['a"b', "a\r\nX: 1", "größe.csv", "../x", "a" * 3000])
def test_any_filename(http, name):
    response = full(http, filename=name)
    assert response.status_code in (200, 400, 422)
    assert "x" not in response.headers
    assert "\n" not in response.headers.get("content-disposition", "")


@pytest.mark.parametrize("shape", ["2,3,4"])
def test_expected_shape(http, shape):
    assert full(http, expected_shape=shape).content == CUBE.tobytes()
    assert full(http, expected_shape="3,4", slice="0").content == CUBE[0].tobytes()
    assert full(http, expected_shape="scalar", slice="0,0,0").content == CUBE[0, 0, 0].tobytes()
    assert full(http, "npy/scalar", expected_shape="scalar").status_code == 200


def test_another_shape_than_expected(http):
    response = full(http, expected_shape="9,9")
    assert response.status_code != 200
    assert "(9, 9)" in response.json()["detail"]
    assert "(2, 3, 4)" in response.json()["detail"]


@pytest.mark.parametrize("text", ["a", "...", "1:2:3:4", "0,", ",0", "0,,0", "1.5", "0;0", ":::", "0x1", "[0]", "é"])
def test_slices_that_do_not_parse(http, text):
    if text in ("0,", ",0", "0,,0"):
        # An empty item passes the published pattern; it may be read as `:` or refused.
        assert full(http, slice=text).status_code in (200, 400, 422)
    else:
        refused(full(http, slice=text), 422)


@pytest.mark.parametrize("text", ["5", "-3", "0,9", "0,0,-5", "99999999999999999999", "-99999999999999999999"])
def test_indices_out_of_range(http, text):
    refused(full(http, slice=text), 400, 422)
    refused(block(http, block="0,0,0", slice=text), 400, 422)


def test_too_many_indices(http):
    refused(full(http, slice="0,0,0,0"), 400, 422)
    refused(full(http, "npy/scalar", slice="0"), 400, 422)


def test_zero_step(http):
    refused(full(http, slice="::0"), 400, 422)


@pytest.mark.parametrize("text", ["::9223372036854775807", ":9999999999:1", "-9999999999:", "::-9223372036854775807", "5:1"])
def test_huge_bounds_and_steps(http, text):
    expected = CUBE[slice(*(int(part) if part else None for part in text.split(":")))]
    assert full(http, slice=text, format="json").json() == expected.tolist()


@pytest.mark.parametrize("text", ["::99999999999999999999", ":99999999999999999999", "-99999999999999999999:"])
def test_numbers_beyond_64_bits(http, text):
    response = full(http, slice=text)
    assert response.status_code in (200, 400, 422)


def test_blocks(http):
    response = block(http, "hdf5/everything/layouts/chunked", block="3,3", expected_shape="2,4")
    assert response.status_code == 200
    assert len(response.content) == 2 * 4 * 4
    assert block(http, "npy/scalar", block="").content == np.float64(42.5).tobytes()


WRONG_BLOCKS = {
    "missing": ({}, 422),
    "of another number of axes": ({"block": "0"}, 422),
    "empty": ({"block": ""}, 422),
    "out of range": ({"block": "9,0,0"}, 422),
    "negative": ({"block": "-1,0,0"}, 422),
    "no number": ({"block": "a,b,c"}, 422),
    "beyond 64 bits": ({"block": "99999999999999999999,0,0"}, 422),
    "of another shape": ({"block": "0,0,0", "expected_shape": "1,1,1"}, 422),
}


@pytest.mark.parametrize("case", WRONG_BLOCKS)
def test_wrong_blocks(http, case):
    params, status = WRONG_BLOCKS[case]
    refused(block(http, **params), status)


def test_texts_about_blocks(http):
    assert refused(block(http, block="0"), 422) == (
        "Block parameter must have 3 comma-separated parameters, "
        "corresponding to the dimensions of this 3-dimensional array."
    )
    assert refused(block(http, block=""), 422) == "Requested scalar but shape is (2, 3, 4)"


FAMILIES = {
    "array/full/tables/plain": 404,
    "array/full/samples": 404,
    "array/full/awkward/events": 404,
    "array/block/tables/plain?block=0": 404,
    "table/full/npy/cube": 404,
    "table/partition/npy/cube?partition=0": 404,
    "container/full/npy/cube": 404,
    "awkward/full/npy/cube": 404,
    "awkward/buffers/tables/plain?form_key=a": 404,
    "array/full/unknown/blob": 404,
    "array/full/nope": 404,
    "table/full/tables/nope": 404,
    "container/full/nope": 404,
}


@pytest.mark.parametrize("path", FAMILIES)
def test_another_family_than_the_route(http, path):
    refused(http.get(path), FAMILIES[path])


def test_table_formats(http):
    response = http.get("table/full/tables/plain")
    assert response.headers["content-type"] == ARROW
    assert response.content[:6] == b"ARROW1"
    response = http.get("table/full/tables/plain", params={"format": "xlsx"})
    assert response.headers["content-type"] == XLSX


def test_table_by_post(http):
    response = http.post("table/full/tables/plain", params={"format": "csv"}, json=["id"])
    assert response.text.split()[:3] == ["id", "0", "1"]
    response = http.post("table/partition/tables/plain", params={"format": "json", "partition": 0}, json=["x", "id"])
    assert list(response.json()) == ["x", "id"]
    response = http.post("table/partition/tables/plain", params={"format": "json", "partition": 0})
    assert list(response.json()) == ["id", "x", "name", "flag"]


def test_deprecated_field(http):
    response = http.get("table/partition/tables/plain", params={"partition": 0, "field": "id", "format": "json"})
    assert list(response.json()) == ["id"]
    both = http.get("table/partition/tables/plain", params={"partition": 0, "field": "id", "column": "id"})
    assert refused(both, 400).startswith("Cannot accept both 'column' and 'field' query parameters")


def test_deprecated_node_route(http):
    response = http.get("node/full/tables/plain", params={"field": "id", "format": "json"})
    assert list(response.json()) == ["id"]


WRONG_TABLE_REQUESTS = {
    "column": ("table/full/tables/plain?column=nope", 400),
    "column of a partition": ("table/partition/tables/plain?partition=0&column=nope", 400),
    "no partition": ("table/partition/tables/plain", 422),
    "partition out of range": ("table/partition/tables/plain?partition=99", 400),
    "negative partition": ("table/partition/tables/plain?partition=-1", 400),
    "partition is no number": ("table/partition/tables/plain?partition=x", 422),
    "partition beyond 64 bits": ("table/partition/tables/plain?partition=99999999999999999999", 400),
}


@pytest.mark.parametrize("case", WRONG_TABLE_REQUESTS)
def test_wrong_table_requests(http, case):
    path, status = WRONG_TABLE_REQUESTS[case]
    refused(http.get(path), status, 422)


@pytest.mark.parametrize("body", [b"{", b'{"a": 1}', b'"id"', b"[1]", b"[null]", b'["nope"]', b"\xff"])
def test_wrong_bodies(http, body):
    for path in ("table/full/tables/plain", "table/partition/tables/plain?partition=0"):
        refused(http.post(path, content=body, headers={"Content-Type": "application/json"}), 400, 415, 422)


def test_rows_as_a_json_sequence(http):
    response = http.get("table/full/tables/missing", params={"format": "application/json-seq"})
    assert response.headers["content-type"] == "application/json-seq"
    rows = [json.loads(row) for row in response.text.split("\x1e")[1:]]
    assert rows[0] == {"a": 1.0, "b": 1.5, "c": "x"}
    assert rows[1] == {"a": 2.0, "b": None, "c": None}
    assert len(rows) == 4 and response.text.endswith("\n")


def test_missing_values_in_json(http):
    body = http.get("table/full/tables/missing", params={"format": "json"}).json()
    assert body == {"a": [1.0, 2.0, None, 4.0], "b": [1.5, None, 3.5, None], "c": ["x", None, "z", None]}


def test_csv_with_and_without_header(http):
    assert http.get("table/full/tables/crlf", params={"format": "csv"}).text == "a,b\n1,2\n3,4\n"
    response = http.get("table/full/tables/crlf", headers={"Accept": "text/csv;header=absent"})
    assert response.text == "1,2\n3,4\n"
    assert response.headers["content-type"] == "text/csv;header=absent; charset=utf-8"


def test_container_field(http):
    body = http.get("container/full/samples", params={"format": "json", "field": ["s_a", "table"]}).json()
    assert set(body["contents"]) == {"s_a", "table"}
    body = http.post("container/full/samples", params={"format": "json"}, json=["s_b"]).json()
    assert set(body["contents"]) == {"s_b"}
