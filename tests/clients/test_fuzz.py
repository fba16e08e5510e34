"""Random requests: whatever a client asks, it is never the server's fault."""

import pytest
from helpers import path_url
from hypothesis import given, settings
from hypothesis import strategies as st

ODD = st.sampled_from(
    ["", "0", "-1", "x", "1e9", "null", "[]", "{}", "%00", "\x00", "ü", "'", '"', "..", "9" * 30, "a" * 3000]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBER = st.integers(-(2**70), 2**70).map(str)
SLICE = st.lists(
    st.one_of(
        NUMBER,
        st.just(":"),
        st.tuples(NUMBER, NUMBER).map(":".join),
        st.tuples(NUMBER, NUMBER, NUMBER).map(":".join),
    ),
    max_size=4,
).map(",".join)
BLOCK = st.lists(st.integers(0, 2**70).map(str), max_size=4).map(",".join)
FORMAT = st.sampled_from(
    ["json", "csv", "png", "tiff", "html", "arrow", "parquet", "xlsx", "h5", "zip", "nc", "txt", "*/*", "a/b"]
)
JSON = st.recursive(
    st.sampled_from(["null", "true", "1", "-1.5", '"red"', "1e400", "NaN", "[", "{", ""]),
    lambda value: value.map("[{}]".format),
    max_leaves=2,
)
QUERIES = ["eq", "noteq", "comparison", "contains", "in", "notin", "like", "regex", "specs"]
QUERIES += ["fulltext", "lookup", "keypresent", "keys_filter", "structure_family", "access_tags_filter"]
FIELDS = ["key", "value", "operator", "text", "pattern", "case_sensitive", "exists", "include", "exclude", "keys", "tags"]
FILTER = st.tuples(st.sampled_from(QUERIES), st.sampled_from(FIELDS)).map(lambda p: f"filter[{p[0]}][condition][{p[1]}]")

ARRAYS = ["npy/cube", "npy/scalar", "npy/empty", "npy/records_le", "zarr/v3_sharded", "sparse/cube"]
ARRAYS += ["hdf5/everything/layouts/packed"]
TABLES = ["tables/plain", "tables/typed", "tables/empty", "tables/book/First"]
TREES = ["", "samples", "hdf5/scan", "netcdf/line", "zarr/group_v3", "nested/hollow"]


def route(prefix, paths):
    return st.sampled_from([f"{prefix}/{path}" for path in paths])


REQUESTS = {
    "array/full": (
        route("array/full", ARRAYS),
        {"slice": SLICE | TEXT | ODD, "format": FORMAT | TEXT},
    ),
    "array/block": (
        route("array/block", ARRAYS),
        {"block": BLOCK | TEXT | ODD, "slice": SLICE | ODD, "expected_shape": ODD},
    ),
    "table/full": (route("table/full", TABLES), {"column": TEXT | ODD, "format": FORMAT}),
    "table/partition": (
        route("table/partition", TABLES),
        {"partition": NUMBER | ODD, "column": TEXT | st.just("id"), "format": FORMAT},
    ),
    "container/full": (route("container/full", TREES[1:]), {"field": TEXT | ODD, "format": FORMAT | TEXT}),
    "metadata": (
        route("metadata", TREES + ARRAYS),
        {"fields": TEXT | ODD, "select_metadata": TEXT | ODD, "max_depth": NUMBER | ODD},
    ),
    "search": (
        route("search", TREES),
        {"page[offset]": NUMBER | ODD, "page[limit]": NUMBER | ODD, "page[cursor]": NUMBER, "sort": TEXT | ODD},
    ),
    "distinct": (route("distinct", TREES), {"metadata": TEXT | ODD, "counts": ODD, "specs": ODD}),
    "awkward": (route("awkward/buffers", ["awkward/events", "awkward/jagged"]), {"form_key": TEXT | ODD}),
    "asset": (
        route("asset/bytes", ["npy/cube", "zarr/v3_plain"]),
        {"id": NUMBER | ODD, "relative_path": TEXT | ODD},
    ),
}


def check(response):
    assert response.status_code < 500, (str(response.request.url)[:500], response.text[:300])
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/json"
        assert "detail" in response.json()


@pytest.mark.parametrize("name", REQUESTS)
def test_random_parameters(http, name):
    path, parameters = REQUESTS[name]

    @settings(max_examples=80)
    @given(path, st.fixed_dictionaries({}, optional=parameters))
    def ask(path, params):
        check(http.get(path, params=params))

    ask()


@pytest.mark.parametrize("route", ["search", "search-deep", "distinct"])
def test_random_filters(http, route):
    @settings(max_examples=120)
    @given(st.dictionaries(FILTER, JSON | TEXT | st.just("color"), max_size=4))
    def ask(params):
        check(http.get(f"{route}/samples", params=params))

    ask()


@settings(max_examples=100)
@given(st.lists((TEXT | ODD).filter(lambda key: key.strip(".")), min_size=1, max_size=4))
def test_random_paths(http, keys):
    check(http.get(path_url("metadata", *keys)))


@settings(max_examples=100)
@given(
    st.dictionaries(
        st.sampled_from(["Accept", "Accept-Encoding", "If-None-Match", "Range", "User-Agent", "X-Tiled-Request-ID", "Origin"]),
        st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
        | st.sampled_from(["*", "*/*;q=x", "bytes=0-1,2-3", "python-tiled/x.y", "gzip;q=0", ";;;", '"', "bytes=--1"]),
    )
)
def test_random_headers(http, headers):
    with http.stream("GET", "array/full/npy/large", headers=headers) as response:
        assert response.status_code < 500, headers
