"""The protocol of about, metadata, search and distinct, without the client."""

import msgpack
import pytest
from helpers import API, KEY, MSGPACK, URL

ATTRIBUTES = {
    "ancestors", "structure_family", "specs", "metadata", "structure", "access_tags", "sorting", "data_sources"
}  # fmt: skip


def attributes(http, path, **params):
    return http.get(f"metadata/{path}", params=params).json()["data"]["attributes"]


def test_about(stranger):
    response = stranger.get("")
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {
        "api_version", "library_version", "formats", "aliases", "queries", "authentication", "links", "meta"
    }  # fmt: skip
    assert body["api_version"] == 0
    assert body["queries"] == [
        "fulltext", "lookup", "keys_filter", "regex", "eq", "noteq", "comparison", "contains", "in", "notin",
        "keypresent", "like", "specs", "access_tags_filter", "structure_family",
    ]  # fmt: skip
    assert body["authentication"] == {"required": True, "providers": [], "links": None}
    assert body["links"]["self"] == API
    assert body["meta"] == {"root_path": "/api"}


def test_about_lists_the_formats_of_each_family(stranger):
    formats = stranger.get("").json()["formats"]
    assert formats["array"][0] == "application/octet-stream"
    assert {"application/json", "text/csv", "image/png", "image/tiff", "text/html"} <= set(formats["array"])
    assert formats["table"][0] == "application/vnd.apache.arrow.file"
    assert {"application/x-parquet", "text/csv", "application/json", "application/json-seq"} <= set(formats["table"])
    assert "application/x-hdf5" in formats["container"]
    assert "application/json" in formats["container"]
    assert {"application/netcdf", "application/x-netcdf"} <= set(formats["xarray_dataset"])
    assert formats["awkward"][0] == "application/zip"


def test_about_expires(stranger):
    assert "GMT" in stranger.get("").headers["expires"]


def test_about_without_the_slash(stranger):
    response = stranger.get(API)
    assert response.status_code == 307
    assert response.headers["location"].endswith("/api/v1/")


def test_about_sets_the_csrf_cookie(stranger):
    stranger.cookies.clear()
    cookie = stranger.get("").headers["set-cookie"]
    assert cookie.startswith("tiled_csrf=")
    assert "HttpOnly" in cookie and "samesite=lax" in cookie.lower()


def test_health(stranger):
    response = stranger.get(f"{URL}/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ready"}


def test_resource_envelope(http):
    body = http.get("metadata/npy/cube").json()
    assert set(body) == {"data", "error", "links", "meta"}
    assert body["error"] is None
    assert body["links"] is None
    assert body["meta"] == {}
    assert set(body["data"]) == {"id", "attributes", "links", "meta"}
    assert set(body["data"]["attributes"]) == ATTRIBUTES
    assert body["data"]["id"] == "cube"
    assert body["data"]["meta"] is None


def test_attributes_of_an_array(http):
    assert attributes(http, "npy/cube") == {
        "ancestors": ["npy"],
        "structure_family": "array",
        "specs": [],
        "metadata": {},
        "structure": {
            "data_type": {"endianness": "little", "kind": "i", "itemsize": 4, "dt_units": None},
            "chunks": [[2], [3], [4]],
            "shape": [2, 3, 4],
            "dims": None,
            "resizable": False,
        },
        "access_tags": [],
        "sorting": None,
        "data_sources": None,
    }


def test_links_of_an_array(http):
    assert http.get("metadata/npy/cube").json()["data"]["links"] == {
        "self": f"{API}/metadata/npy/cube",
        "full": f"{API}/array/full/npy/cube",
        "block": f"{API}/array/block/npy/cube?block={{0}},{{1}},{{2}}",
    }
    assert http.get("metadata/npy/scalar").json()["data"]["links"]["block"].endswith("/npy/scalar?block=")


def test_links_of_a_table(http):
    assert http.get("metadata/tables/plain").json()["data"]["links"] == {
        "self": f"{API}/metadata/tables/plain",
        "full": f"{API}/table/full/tables/plain",
        "partition": f"{API}/table/partition/tables/plain?partition={{index}}",
    }


def test_container(http):
    body = http.get("metadata/samples").json()["data"]
    assert body["attributes"]["structure"] == {"contents": None, "count": 9}
    assert body["attributes"]["sorting"] == [{"key": "", "direction": 1}]
    assert body["links"] == {
        "self": f"{API}/metadata/samples",
        "search": f"{API}/search/samples",
        "search_deep": f"{API}/search-deep/samples",
        "full": f"{API}/container/full/samples",
    }


def test_root(http):
    body = http.get("metadata/").json()["data"]
    assert body["id"] == ""
    assert body["attributes"]["ancestors"] == []
    assert body["links"]["self"] == f"{API}/metadata/"


def test_column_of_a_table(http):
    found = attributes(http, "tables/plain/id")
    assert found["ancestors"] == ["tables", "plain"]
    assert found["structure_family"] == "array"
    assert found["structure"]["shape"] == [100]
    assert found["structure"]["chunks"] == [[100]]


@pytest.mark.parametrize(
    "name, dtype",
    [
        ("n_b_le", {"endianness": "not_applicable", "kind": "i", "itemsize": 1, "dt_units": None}),
        ("n_u1_be", {"endianness": "not_applicable", "kind": "u", "itemsize": 1, "dt_units": None}),
        ("n_i2_be", {"endianness": "big", "kind": "i", "itemsize": 2, "dt_units": None}),
        ("n_c16_le", {"endianness": "little", "kind": "c", "itemsize": 16, "dt_units": None}),
        ("flags", {"endianness": "not_applicable", "kind": "b", "itemsize": 1, "dt_units": None}),
        ("bytes", {"endianness": "not_applicable", "kind": "S", "itemsize": 6, "dt_units": None}),
        ("text_le", {"endianness": "little", "kind": "U", "itemsize": 32, "dt_units": None}),
        ("datetime_be", {"endianness": "big", "kind": "M", "itemsize": 8, "dt_units": "[ns]"}),
        ("timedelta_le", {"endianness": "little", "kind": "m", "itemsize": 8, "dt_units": "[ms]"}),
    ],
)
def test_element_types(http, name, dtype):
    assert attributes(http, f"npy/{name}")["structure"]["data_type"] == dtype


def test_record_type(http):
    dtype = attributes(http, "npy/records_le")["structure"]["data_type"]
    number = {"endianness": "little", "kind": "f", "itemsize": 8, "dt_units": None}
    assert dtype["itemsize"] == 29
    assert [field["name"] for field in dtype["fields"]] == ["x", "n", "tag", "v"]
    assert dtype["fields"][0] == {"name": "x", "dtype": number, "shape": None}
    assert dtype["fields"][3]["shape"] == [3]


@pytest.mark.parametrize("field", ["metadata", "structure_family", "structure", "specs", "sorting", "access_tags"])
def test_one_field(http, field):
    found = attributes(http, "samples/s_a", fields=field)
    expected = attributes(http, "samples/s_a")
    assert set(found) == ATTRIBUTES
    assert found[field] == expected[field]
    empty = {key for key in ATTRIBUTES - {"ancestors", "structure_family", field} if found[key] is not None}
    assert not empty


def test_no_field(http):
    found = attributes(http, "samples/s_a", fields="")
    assert found["ancestors"] == ["samples"]
    assert found["metadata"] is None and found["structure"] is None


def test_several_fields(http):
    found = attributes(http, "samples/s_a", fields=["metadata", "specs"])
    assert found["specs"] == [] and found["metadata"]["color"] == "red" and found["structure"] is None


def test_select_metadata(http):
    assert attributes(http, "samples/s_a", select_metadata="color")["metadata"] == {"selected": "red"}
    assert attributes(http, "samples/s_a", select_metadata="{c: color, t: tags[0]}")["metadata"] == {
        "selected": {"c": "red", "t": "cold"}
    }
    assert attributes(http, "samples/s_a", select_metadata="nope")["metadata"] == {"selected": None}


def test_select_metadata_that_does_not_parse(http):
    response = http.get("metadata/samples/s_a", params={"select_metadata": "[["})
    assert response.status_code == 400
    assert "select_metadata" in response.json()["detail"]


def test_without_links(http):
    assert http.get("metadata/npy/cube", params={"omit_links": "true"}).json()["data"]["links"] is None


def test_root_path(http):
    assert http.get("metadata/npy/cube", params={"root_path": "true"}).json()["meta"] == {"root_path": "/"}


def test_data_sources(http):
    (source,) = attributes(http, "npy/cube", include_data_sources="true")["data_sources"]
    assert set(source) == {
        "id", "structure_family", "structure", "mimetype", "parameters", "properties", "assets", "management"
    }  # fmt: skip
    assert source["mimetype"] == "application/x-npy"
    assert source["management"] == "external"
    assert source["structure"]["shape"] == [2, 3, 4]
    (asset,) = source["assets"]
    assert set(asset) == {"id", "data_uri", "is_directory", "parameter", "num", "size"}
    assert asset["data_uri"].startswith("file://") and asset["data_uri"].endswith("/npy/cube.npy")
    assert asset["is_directory"] is False
    assert asset["size"] == 224


def test_data_sources_of_a_sequence(http):
    (source,) = attributes(http, "seq/tiff/img", include_data_sources="true")["data_sources"]
    assert source["mimetype"] == "multipart/related;type=image/tiff"
    assert [asset["num"] for asset in source["assets"]] == [0, 1, 2, 3, 4]
    assert {asset["parameter"] for asset in source["assets"]} == {"data_uris"}
    assert [asset["data_uri"][-11:] for asset in source["assets"]] == [f"img{i:04d}.tif" for i in range(1, 6)]


def test_plain_folders_have_no_data_sources(http):
    assert attributes(http, "samples", include_data_sources="true")["data_sources"] == []


@pytest.mark.parametrize("path", ["metadata/samples/s_a", "search/samples", "distinct/samples?metadata=color", ""])
def test_msgpack_says_the_same_as_json(http, path):
    as_json = http.get(path, headers={"Accept": "application/json"})
    as_msgpack = http.get(path, headers={"Accept": MSGPACK})
    assert as_json.headers["content-type"].split(";")[0] == "application/json"
    assert as_msgpack.headers["content-type"] == MSGPACK
    assert msgpack.unpackb(as_msgpack.content, timestamp=3) == as_json.json()


@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/json, text/plain", ""])
def test_json_is_the_fallback(http, accept):
    response = http.get("metadata/npy/cube", headers={"Accept": accept})
    assert response.headers["content-type"].split(";")[0] == "application/json"


@pytest.mark.parametrize("path", ["metadata//npy/cube", "metadata//npy//cube/", "metadata/npy/cube/"])
def test_surplus_slashes(http, path):
    assert http.get(path).json()["data"]["id"] == "cube"


def test_links_follow_the_forwarded_host(http):
    headers = {"X-Forwarded-Host": "data.example.org", "X-Forwarded-Proto": "https"}
    links = http.get("metadata/npy/cube", headers=headers).json()["data"]["links"]
    assert links["self"] == "https://data.example.org/api/v1/metadata/npy/cube"


def test_key_in_the_query(stranger):
    assert stranger.get("metadata/npy", params={"api_key": KEY}).status_code == 200
    stranger.cookies.clear()
