"""Conditional requests, HEAD, ranges and compression."""

import gzip
import io

import blosc2
import lz4.block
import numpy as np
import pytest
import zstandard
from helpers import ARROW, fixture
from tiled.client.decoders import Blosc2Decoder

READ_ROUTES = [
    "",
    "metadata/",
    "metadata/npy/cube",
    "search/samples",
    "search-deep/samples",
    "distinct/samples?metadata=color",
    "array/full/npy/cube",
    "array/full/npy/cube?format=json",
    "array/block/npy/cube?block=0,0,0",
    "array/full/sparse/plane",
    "table/full/tables/plain",
    "table/partition/tables/plain?partition=0",
    "container/full/samples/s_a",
    "awkward/full/awkward/events",
    "awkward/buffers/awkward/jagged?form_key=node0",
]
TAGGED = [route for route in READ_ROUTES if not route.startswith(("search", "distinct"))]


@pytest.mark.parametrize("route", READ_ROUTES)
def test_head_is_get_without_the_body(http, route):
    plain = {"Accept-Encoding": "identity"}
    got, head = http.get(route, headers=plain), http.head(route, headers=plain)
    assert got.status_code == head.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == got.headers["content-type"]
    if "content-length" in head.headers:
        assert int(head.headers["content-length"]) == len(got.content)


@pytest.mark.parametrize("route", ["metadata/nope", "array/full/nope", "array/full/tables/plain"])
def test_head_of_what_is_missing(http, route):
    assert http.head(route).status_code == http.get(route).status_code == 404


@pytest.mark.parametrize("route", TAGGED)
def test_a_tag_is_stable(http, route):
    first, second = http.get(route), http.get(route)
    assert first.headers["etag"] == second.headers["etag"]
    assert first.headers["etag"].strip('W/"')


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "{}, W/\"x\"", "*"])
@pytest.mark.parametrize("route", TAGGED)
def test_a_known_tag_is_not_sent_again(http, route, form):
    tag = http.get(route).headers["etag"]
    quoted = tag if '"' in tag else f'"{tag}"'
    response = http.get(route, headers={"If-None-Match": form.format(quoted.removeprefix("W/"))})
    assert response.status_code == 304
    assert response.content == b""
    assert response.headers["etag"] == tag


def test_the_tag_as_the_client_sends_it(http):
    tag = http.get("array/full/npy/cube").headers["etag"]
    assert http.get("array/full/npy/cube", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("value", ['"other"', "other", 'W/"other"', ""])
def test_another_tag(http, value):
    assert http.get("array/full/npy/cube", headers={"If-None-Match": value}).status_code == 200


def test_tags_differ_by_content_and_format(http):
    routes = ["array/full/npy/cube", "array/full/npy/cube?format=json", "array/full/npy/cube?slice=0", "metadata/npy/cube"]
    assert len({http.get(route).headers["etag"] for route in routes}) == len(routes)


LARGE = np.load(fixture("npy", "large.npy"))


@pytest.mark.parametrize(
    "value, inside",
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=100-199", slice(100, 200)),
        (f"bytes={LARGE.nbytes - 5}-", slice(LARGE.nbytes - 5, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=0-99999999999", slice(0, None)),
    ],
)
def test_range_of_an_array(http, value, inside):
    response = http.get("array/full/npy/large", headers={"Range": value, "Accept-Encoding": "identity"})
    expected = LARGE.tobytes()[inside]
    assert response.status_code == 206
    assert response.content == expected
    start = inside.indices(LARGE.nbytes)[0]
    assert response.headers["content-range"] == f"bytes {start}-{start + len(expected) - 1}/{LARGE.nbytes}"


def test_range_of_a_table(http):
    whole = http.get("table/full/tables/plain", headers={"Accept-Encoding": "identity"})
    part = http.get("table/full/tables/plain", headers={"Range": "bytes=0-5", "Accept-Encoding": "identity"})
    assert part.status_code == 206
    assert part.content == b"ARROW1" == whole.content[:6]


def test_range_beyond_the_end(http):
    response = http.get("array/full/npy/large", headers={"Range": f"bytes={LARGE.nbytes}-"})
    assert response.status_code == 416
    assert response.headers["content-range"] == f"bytes */{LARGE.nbytes}"


@pytest.mark.parametrize("value", ["bytes=9-0", "bytes=x", "pages=0-1", "bytes=", "bytes=-"])
def test_ranges_that_mean_nothing_are_ignored_or_refused(http, value):
    response = http.get("array/full/npy/large", headers={"Range": value, "Accept-Encoding": "identity"})
    assert response.status_code in (200, 400, 416)
    assert response.status_code != 200 or response.content == LARGE.tobytes()


def raw(http, route, encoding):
    """The body as it was sent."""
    with http.stream("GET", route, headers={"Accept-Encoding": encoding}) as response:
        body = b"".join(response.iter_raw())
    assert response.status_code == 200
    assert response.headers.get("content-encoding") == encoding
    assert "accept-encoding" in response.headers["vary"].lower()
    return body


DECODERS = {
    "gzip": gzip.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().stream_reader(io.BytesIO(body)).read(),
    "lz4": lz4.block.decompress,
}
COMPRESSED = [
    "array/full/npy/large",
    "array/full/npy/large?format=json&slice=:10",
    "array/full/npy/large?format=csv&slice=:10",
    "table/full/tables/plain?format=csv",
    "table/full/tables/typed",
    "metadata/hdf5/everything/layouts",
]


@pytest.mark.parametrize("route", COMPRESSED)
@pytest.mark.parametrize("encoding", DECODERS)
def test_compression(http, encoding, route):
    plain = http.get(route, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    body = raw(http, route, encoding)
    assert DECODERS[encoding](body) == plain.content
    assert len(body) < len(plain.content)


def test_lz4_is_a_raw_block_with_its_size(http):
    body = raw(http, "array/full/npy/large", "lz4")
    assert int.from_bytes(body[:4], "little") == LARGE.nbytes


@pytest.mark.parametrize("route, accept", [("array/full/npy/large", "*/*"), ("table/full/tables/typed", ARROW)])
def test_blosc2(http, route, accept):
    plain = http.get(route, headers={"Accept-Encoding": "identity", "Accept": accept})
    decoder = Blosc2Decoder()
    assert decoder.decode(raw(http, route, "blosc2")) + decoder.flush() == plain.content


def test_blosc2_is_frames_of_the_library(http):
    body, parts = raw(http, "array/full/npy/large", "blosc2"), []
    while body:
        _, size, _ = blosc2.get_cbuffer_sizes(body)
        parts.append(blosc2.decompress(body[:size]))
        body = body[size:]
    assert b"".join(parts) == LARGE.tobytes()


@pytest.mark.parametrize(
    "offer, expected",
    [
        ("gzip, deflate, zstd, blosc2", "blosc2"),
        ("gzip, zstd, lz4", "lz4"),
        ("gzip, zstd", "zstd"),
        ("gzip, deflate", "gzip"),
        ("deflate, br", None),
        ("", None),
    ],
)
def test_preference(http, offer, expected):
    with http.stream("GET", "array/full/npy/large", headers={"Accept-Encoding": offer}) as response:
        assert response.headers.get("content-encoding") == expected


def test_blosc2_is_only_for_binary_data(http):
    with http.stream("GET", "metadata/hdf5/everything/layouts", headers={"Accept-Encoding": "blosc2, gzip"}) as response:
        assert response.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("route", ["array/full/npy/cube", "metadata/npy/cube", "array/full/npy/scalar"])
def test_small_bodies_are_not_compressed(http, route):
    response = http.get(route, headers={"Accept-Encoding": "gzip, zstd, lz4, blosc2"})
    assert "content-encoding" not in response.headers
