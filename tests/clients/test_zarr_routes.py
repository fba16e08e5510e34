"""Any array, table or folder as a Zarr store, opened by zarr-python over HTTP."""

import h5py
import numcodecs
import numpy as np
import pytest
import zarr
from helpers import KEY, URL, files, fixture, key_of
from zarr.storage import FsspecStore

HEADERS = {"Authorization": f"Apikey {KEY}"}


def store(version, *path):
    address = "/".join([f"{URL}/zarr/v{version}", *path])
    return FsspecStore.from_url(address, storage_options={"client_kwargs": {"headers": HEADERS}}, read_only=True)


def open_array(version, *path):
    return zarr.open_array(store(version, *path), mode="r", zarr_format=version)


def open_group(version, *path, **options):
    return zarr.open_group(store(version, *path), mode="r", zarr_format=version, **options)


def raw(http, version, path):
    return http.get(f"{URL}/zarr/v{version}/{path}")


VERSIONS = pytest.mark.parametrize("version", [2, 3])
ARRAYS = {
    ("npy", "cube"): lambda: np.load(fixture("npy", "cube.npy")),
    ("npy", "large"): lambda: np.load(fixture("npy", "large.npy")),
    ("npy", "flags"): lambda: np.load(fixture("npy", "flags.npy")),
    ("npy", "n_f4_le"): lambda: np.load(fixture("npy", "n_f4_le.npy")),
    ("npy", "n_i8_be"): lambda: np.load(fixture("npy", "n_i8_be.npy")),
    ("npy", "n_c16_le"): lambda: np.load(fixture("npy", "n_c16_le.npy")),
    ("hdf5", "everything", "layouts", "chunked"): lambda: hdf5("layouts/chunked"),
    ("hdf5", "everything", "layouts", "four_dims"): lambda: hdf5("layouts/four_dims"),
    ("zarr", "v2_fortran_blosc"): lambda: zarr.open_array(str(fixture("zarr", "v2_fortran_blosc.zarr")))[...],
    ("zarr", "v3_sharded"): lambda: zarr.open_array(str(fixture("zarr", "v3_sharded.zarr")))[...],
    ("tables", "plain", "id"): lambda: np.arange(100),
    ("seq", "npy", "vol"): lambda: np.stack([np.load(p) for p in sorted(fixture("seq", "npy").glob("vol*"))]),
}


def hdf5(path):
    with h5py.File(fixture("hdf5", "everything.h5")) as file:
        return file[path][()]


@VERSIONS
@pytest.mark.parametrize("path", ARRAYS, ids="/".join)
def test_array(version, path):
    expected = ARRAYS[path]()
    array = open_array(version, *path)
    assert array.shape == expected.shape
    assert array.dtype.newbyteorder("=") == expected.dtype.newbyteorder("=")
    np.testing.assert_array_equal(array[...], expected)


@VERSIONS
@pytest.mark.parametrize("path", [("hdf5", "everything", "layouts", "chunked"), ("zarr", "v3_sharded")], ids="/".join)
def test_slices(version, path):
    expected = ARRAYS[path]()
    array = open_array(version, *path)
    for part in (np.s_[0], np.s_[17:40, 3:30], np.s_[-5:], np.s_[::7, ::5]):
        np.testing.assert_array_equal(array[part], expected[part])


@VERSIONS
def test_scalar(version):
    assert open_array(version, "npy", "scalar")[()] == 42.5


@VERSIONS
def test_group(version):
    group = open_group(version, "zarr", f"group_v{version}")
    np.testing.assert_array_equal(group["top"][...], np.arange(6))
    np.testing.assert_array_equal(group["sub/grid"][...], np.arange(63.0).reshape(7, 9))


@VERSIONS
def test_folder_is_a_group(version):
    group = open_group(version, "npy")
    np.testing.assert_array_equal(group["cube"][...], np.load(fixture("npy", "cube.npy")))


@VERSIONS
def test_table_is_a_group_of_columns(version):
    group = open_group(version, "tables", "plain")
    np.testing.assert_array_equal(group["id"][...], np.arange(100))
    np.testing.assert_array_equal(group["x"][:5], open_array(version, "tables", "plain", "x")[:5])


@VERSIONS
def test_sparse_arrays_are_dense_here(version, client):
    np.testing.assert_array_equal(open_array(version, "sparse", "plane")[...], client["sparse", "plane"].read().todense())


def test_consolidated_group():
    group = open_group(3, "hdf5", "scan", use_consolidated=True)
    members = {path for path, _ in group.members(max_depth=None)}
    assert members >= {"entry", "entry/data", "entry/data/counts", "entry/data/two_theta"}
    with h5py.File(fixture("hdf5", "scan.nxs")) as file:
        np.testing.assert_array_equal(group["entry/data/counts"][...], file["entry/data/counts"][()])


def test_metadata_of_an_array_v2(http):
    response = raw(http, 2, "npy/cube/.zarray")
    assert response.status_code == 200
    body = response.json()
    assert body["zarr_format"] == 2
    assert body["shape"] == [2, 3, 4]
    assert body["chunks"] == [2, 3, 4]
    assert body["dtype"] == "<i4"
    assert body["order"] == "C"
    assert body["filters"] is None
    assert body["compressor"] == {"id": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1, "blocksize": 0}


def test_chunk_v2_is_blosc(http):
    body = raw(http, 2, "npy/cube/0.0.0").content
    decoded = np.frombuffer(numcodecs.Blosc().decode(body), "<i4").reshape(2, 3, 4)
    np.testing.assert_array_equal(decoded, np.load(fixture("npy", "cube.npy")))


def test_chunks_at_the_edge_are_padded(http):
    """The array has 50 x 40 elements in chunks of 16 x 12."""
    body = raw(http, 2, "hdf5/everything/layouts/chunked/3.3").content
    decoded = np.frombuffer(numcodecs.Blosc().decode(body), "<i4").reshape(16, 12)
    np.testing.assert_array_equal(decoded[:2, :4], hdf5("layouts/chunked")[48:, 36:])
    assert not decoded[2:].any() and not decoded[:, 4:].any()


def test_groups_v2(http):
    assert raw(http, 2, ".zgroup").json() == {"zarr_format": 2}
    assert raw(http, 2, "npy/.zgroup").json() == {"zarr_format": 2}
    assert raw(http, 2, "tables/plain/.zgroup").json() == {"zarr_format": 2}
    assert raw(http, 2, "npy/cube/.zgroup").status_code == 404
    assert raw(http, 2, "npy/.zarray").status_code == 404


def test_attributes_v2(http):
    assert raw(http, 2, "zarr/group_v2/.zattrs").json() == {"title": "a group"}
    assert raw(http, 2, "npy/cube/.zattrs").json() == {}


def test_metadata_of_an_array_v3(http):
    body = raw(http, 3, "npy/cube/zarr.json").json()
    assert body["zarr_format"] == 3
    assert body["node_type"] == "array"
    assert body["shape"] == [2, 3, 4]
    assert body["data_type"] == "int32"
    assert body["chunk_grid"] == {"name": "regular", "configuration": {"chunk_shape": [2, 3, 4]}}
    assert body["chunk_key_encoding"] == {"name": "default", "configuration": {"separator": "/"}}
    assert body["fill_value"] == 0
    assert [codec["name"] for codec in body["codecs"]] == ["bytes", "blosc"]
    assert body["attributes"] == {}


def test_metadata_of_a_group_v3(http):
    body = raw(http, 3, "samples/s_a/zarr.json").json()
    assert body["node_type"] == "group"
    assert body["attributes"]["color"] == "red"


@VERSIONS
def test_listing(http, version):
    listed = raw(http, version, "npy").json()
    assert sorted(listed) == sorted(f"{URL}/zarr/v{version}/npy/{key_of(name)}" for name in files("npy"))
    listed = raw(http, version, "tables/plain").json()
    assert listed == [f"{URL}/zarr/v{version}/tables/plain/{name}" for name in ("id", "x", "name", "flag")]


def test_dimension_names(http):
    assert raw(http, 3, "zarr/v3_named/zarr.json").json()["dimension_names"] == ["y", "x"]


@pytest.mark.parametrize(
    "path",
    [
        "v2/npy/cube/9.0.0",
        "v2/npy/cube/0.0",
        "v2/npy/cube/0.0.0.0",
        "v2/npy/cube/99999999999999999999.0.0",
        "v3/npy/cube/c/9/0/0",
        "v3/npy/cube/c/0/0",
        "v3/npy/cube/c/x/0/0",
        "v3/npy/cube/c/-1/0/0",
        "v3/npy/cube/c/99999999999999999999/0/0",
        "v2/nope/.zarray",
        "v2/nope/.zgroup",
        "v2/nope/.zattrs",
        "v3/nope/zarr.json",
        "v3/unknown/blob/zarr.json",
        "v2/unknown/blob/.zarray",
    ],
)
def test_what_is_not_there(http, path):
    response = http.get(f"{URL}/zarr/{path}")
    assert 400 <= response.status_code < 500, response.content[:100]


PRIVATE = ["v2/.zgroup", "v2/npy/cube/.zarray", "v2/npy/cube/0.0.0", "v3/zarr.json", "v3/npy/cube/c/0/0/0"]


@pytest.mark.parametrize("path", PRIVATE)
def test_a_key_is_needed(stranger, path):
    stranger.cookies.clear()
    assert stranger.get(f"{URL}/zarr/{path}").status_code == 401
