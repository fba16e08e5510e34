"""The original files: their list, their bytes, ranges of them, folders, and the client's `raw_export`."""

import io

import pytest
from helpers import fixture


def assets(http, path):
    response = http.get(f"metadata/{path}", params={"include_data_sources": "true"})
    return [asset for source in response.json()["data"]["attributes"]["data_sources"] for asset in source["assets"]]


def fetch(http, path, asset, **params):
    return http.get(f"asset/bytes/{path}", params={"id": asset["id"]} | params)


FILES = {
    "npy/cube": "npy/cube.npy",
    "tables/plain": "tables/plain.csv",
    "tables/packed": "tables/packed.csv.gz",
    "tables/typed": "tables/typed.parquet",
    "tables/book": "tables/book.xlsx",
    "hdf5/everything": "hdf5/everything.h5",
    "images/shorts": "images/shorts.tif",
    "images/photo_gray": "images/photo_gray.jpg",
    "unknown/blob": "unknown/blob.bin",
    "unknown/notes": "unknown/notes.txt",
    "unknown/nothing": "unknown/nothing.dat",
    "unknown/README": "unknown/README",
}


@pytest.mark.parametrize("path", FILES)
def test_download(http, path):
    source = fixture(FILES[path])
    (asset,) = assets(http, path)
    response = fetch(http, path, asset)
    assert response.status_code == 200
    assert response.content == source.read_bytes()
    assert response.headers["content-disposition"] == f'attachment; filename="{source.name}"'
    assert response.headers["accept-ranges"] == "bytes"
    assert response.headers["etag"].startswith('"')
    assert "GMT" in response.headers["last-modified"]
    assert asset["size"] == source.stat().st_size


def test_media_types(http):
    types = {path: fetch(http, path, assets(http, path)[0]).headers["content-type"] for path in FILES}
    assert types["images/shorts"] == "image/tiff"
    assert types["tables/plain"].startswith("text/csv")
    assert types["unknown/notes"].startswith("text/plain")


RANGES = [("bytes=0-9", slice(10)), ("bytes=1000-", slice(1000, None)), ("bytes=-5", slice(-5, None))]


@pytest.mark.parametrize("value, inside", RANGES)
def test_range(http, value, inside):
    source = fixture("unknown", "blob.bin").read_bytes()
    (asset,) = assets(http, "unknown/blob")
    response = http.get("asset/bytes/unknown/blob", params={"id": asset["id"]}, headers={"Range": value})
    assert response.status_code == 206
    assert response.content == source[inside]
    start = inside.indices(len(source))[0]
    end = start + len(source[inside]) - 1
    assert response.headers["content-range"] == f"bytes {start}-{end}/{len(source)}"


def test_range_beyond_the_end(http):
    (asset,) = assets(http, "unknown/blob")
    response = http.get("asset/bytes/unknown/blob", params={"id": asset["id"]}, headers={"Range": "bytes=99999-"})
    assert response.status_code == 416


def test_conditional_download(http):
    (asset,) = assets(http, "unknown/blob")
    tag = fetch(http, "unknown/blob", asset).headers["etag"]
    response = http.get("asset/bytes/unknown/blob", params={"id": asset["id"]}, headers={"If-None-Match": tag})
    assert response.status_code in (200, 304)
    assert response.status_code == 200 or response.content == b""


def test_every_file_of_a_sequence(http):
    found = assets(http, "seq/tiff/img")
    assert len(found) == 5
    for asset, name in zip(found, sorted(p.name for p in fixture("seq", "tiff").glob("img*"))):
        assert fetch(http, "seq/tiff/img", asset).content == fixture("seq", "tiff", name).read_bytes()


def test_folder(http):
    (asset,) = assets(http, "zarr/v3_plain")
    assert asset["is_directory"] is True
    manifest = http.get("asset/manifest/zarr/v3_plain", params={"id": asset["id"]}).json()["manifest"]
    store = fixture("zarr", "v3_plain.zarr")
    expected = {str(p.relative_to(store)) for p in store.rglob("*") if p.is_file()}
    # The original tells absolute paths of the server; relative ones tell no more than is needed.
    assert {entry.rpartition("v3_plain.zarr/")[2] for entry in manifest} == expected
    for name in ("zarr.json", "c/0/0"):
        response = fetch(http, "zarr/v3_plain", asset, relative_path=name)
        assert response.content == (store / name).read_bytes()


def test_mistakes_about_folders(http):
    (asset,) = assets(http, "zarr/v3_plain")
    response = fetch(http, "zarr/v3_plain", asset)
    assert response.status_code == 400
    assert response.json()["detail"].startswith("This asset is a directory. Must specify relative path")
    response = fetch(http, "zarr/v3_plain", asset, relative_path="nope")
    assert response.status_code == 404
    (asset,) = assets(http, "npy/cube")
    response = http.get("asset/manifest/npy/cube", params={"id": asset["id"]})
    assert response.status_code == 400
    assert response.json()["detail"] == "This asset is not a directory. There is no manifest."


OUTSIDE = ["../../npy/cube.npy", "../v3_zstd.zarr/zarr.json", "/etc/passwd", "c/../../v3_zstd.zarr/zarr.json"]
OUTSIDE += ["..", ".", "", "\x00", "c"]


@pytest.mark.parametrize("relative", OUTSIDE)
def test_nothing_outside_of_a_folder(http, relative):
    (asset,) = assets(http, "zarr/v3_plain")
    response = fetch(http, "zarr/v3_plain", asset, relative_path=relative)
    assert 400 <= response.status_code < 500, response.content[:100]


@pytest.mark.parametrize("number", ["0", "99999", "-1", "99999999999999999999", "x", None])
def test_assets_that_a_node_does_not_have(http, number):
    response = http.get("asset/bytes/npy/cube", params={} if number is None else {"id": number})
    assert response.status_code in (400, 404, 422)
    assert response.json()["detail"]


def test_an_asset_of_another_node(http):
    (asset,) = assets(http, "npy/scalar")
    response = fetch(http, "npy/cube", asset)
    assert response.status_code == 404
    assert response.json()["detail"] == f"This node exists but it does not have an Asset with id {asset['id']}"


EXPORTED = [("npy", "cube"), ("unknown", "blob"), ("seq", "tiff", "scan_"), ("tables", "typed")]


@pytest.mark.parametrize("path", EXPORTED, ids="/".join)
def test_raw_export_into_memory(client, path):
    buffers = {}
    client[path].raw_export(buffers)
    expected = FILES.get("/".join(path))
    sources = [fixture(expected)] if expected else sorted(fixture(*path[:-1]).glob("scan_*"))
    assert sorted(len(buffer.getvalue()) for buffer in buffers.values()) == sorted(p.stat().st_size for p in sources)
    assert {buffer.getvalue() for buffer in buffers.values()} == {p.read_bytes() for p in sources}
    assert all(isinstance(buffer, io.BytesIO) for buffer in buffers.values())


def test_raw_export_to_a_folder(client, tmp_path):
    client["tables", "plain"].raw_export(tmp_path)
    (written,) = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert written.read_bytes() == fixture("tables", "plain.csv").read_bytes()
