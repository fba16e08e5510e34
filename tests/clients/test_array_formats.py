"""Arrays from images, Zarr stores and sequences, compared with the library that owns the format."""

import numpy as np
import pytest
import tifffile
import zarr
from helpers import cut, files, fixture, image_difference, key_of, same_array
from PIL import Image

TIFFS = files("images", suffix=".tif")
PNGS = files("images", suffix=".png")
STORES = [name for name in files("zarr") if not name.startswith("group")]
PARTS = [np.s_[0], np.s_[-1], np.s_[2:9, ::3], np.s_[::-2, 1], np.s_[3:3], np.s_[..., -1]]


@pytest.mark.parametrize("name", TIFFS)
def test_tiff(client, name):
    expected = tifffile.imread(fixture("images", name))
    node = client["images", key_of(name)]
    # The server may keep the file's byte order or give the machine's.
    assert node.dtype.newbyteorder("=") == expected.dtype.newbyteorder("=")
    assert np.array_equal(node.read(), expected)
    for part in PARTS:
        assert np.array_equal(node[part], expected[part])


def test_tiff_tags_are_metadata(client):
    metadata = client["images", "described"].metadata
    assert metadata["ImageWidth"] == 7
    assert metadata["ImageLength"] == 6
    assert metadata["BitsPerSample"] == 8
    assert metadata["ImageDescription"] == "a described image"
    assert list(metadata["XResolution"]) == [3, 1]


@pytest.mark.parametrize("name", PNGS)
def test_png(client, name):
    expected = np.asarray(Image.open(fixture("images", name)))
    node = client["images", key_of(name)]
    assert node.structure_family == "array"
    assert node.shape == expected.shape
    assert node.dtype.newbyteorder("=") == np.dtype("u2" if name == "deep.png" else "u1")
    assert np.array_equal(node.read(), expected)
    assert np.array_equal(node[2:5, ::-1], expected[2:5, ::-1])


@pytest.mark.parametrize("name", ["photo_gray.jpg", "photo_rgb.jpeg"])
def test_jpeg(client, name):
    expected = np.asarray(Image.open(fixture("images", name)))
    actual = client["images", key_of(name)].read()
    assert actual.dtype == np.uint8
    # Decoders may round differently; a wrong colour transform or plane would differ far more.
    largest, mean = image_difference(actual, expected)
    assert largest <= 4 and mean < 0.5


@pytest.mark.parametrize("name", STORES)
def test_zarr_array(client, name):
    source = zarr.open_array(str(fixture("zarr", name)), mode="r")
    node = client["zarr", key_of(name)]
    assert node.dtype == source.dtype
    same_array(node.read(), source[...])
    for part in PARTS if source.ndim == 2 else []:
        same_array(node[part], cut(source[...], part))


@pytest.mark.parametrize("name", [name for name in STORES if "shard" not in name])
def test_zarr_chunks_are_the_chunks_of_the_store(client, name):
    source = zarr.open_array(str(fixture("zarr", name)), mode="r")
    assert tuple(axis[0] for axis in client["zarr", key_of(name)].chunks) == source.chunks


def test_zarr_dimension_names(client):
    assert client["zarr", "v3_named"].dims == ("y", "x")
    assert client["zarr", "v3_plain"].dims is None


@pytest.mark.parametrize("name", ["v2_blosc.zarr", "v3_sharded.zarr", "v2_fortran.zarr", "v3_transposed.zarr"])
def test_zarr_blocks(client, name):
    source = zarr.open_array(str(fixture("zarr", name)), mode="r")[...]
    node = client["zarr", key_of(name)]
    last = tuple(len(axis) - 1 for axis in node.chunks)
    tail = tuple(slice(size - axis[-1], size) for size, axis in zip(source.shape, node.chunks))
    same_array(node.read_block(last), source[tail])


GROUPS = [name for name in files("zarr") if name.startswith("group")]


@pytest.mark.parametrize("name", GROUPS)
def test_zarr_group(client, name):
    node = client["zarr", key_of(name)]
    assert set(node) == {"top", "sub"}
    assert set(node["sub"]) == {"grid", "hollow"}
    assert list(node["sub", "hollow"]) == []
    same_array(node["top"].read(), np.arange(6, dtype="i4"))
    same_array(node["sub", "grid"][::-1, 2:5], np.arange(63.0).reshape(7, 9)[::-1, 2:5])


@pytest.mark.parametrize("name", GROUPS)
def test_zarr_group_metadata(client, name):
    metadata = client["zarr", key_of(name)].metadata
    assert metadata["attributes"] == {"title": "a group"}
    assert metadata["zarr_format"] == (2 if "v2" in name else 3)
    assert metadata["node_type"] == "group"
    assert client["zarr", key_of(name), "sub"].metadata["attributes"] == {"level": 1}


SEQUENCES = {
    ("tiff", "img"): ("img*.tif", tifffile.imread),
    ("tiff", "scan_"): ("scan_*.tiff", tifffile.imread),
    ("tiff", "single"): ("single*.tif", tifffile.imread),
    ("bare", "_unnamed"): ("*.tif", tifffile.imread),
    ("png", "frame-"): ("*.png", lambda path: np.asarray(Image.open(path))),
    ("npy", "block."): ("block*.npy", np.load),
    ("npy", "vol"): ("vol*.npy", np.load),
}


@pytest.mark.parametrize("path", SEQUENCES, ids="/".join)
def test_sequence(client, path):
    pattern, read = SEQUENCES[path]
    expected = np.stack([read(name) for name in sorted(fixture("seq", path[0]).glob(pattern))])
    node = client[("seq", *path)]
    assert node.shape == expected.shape
    assert node.chunks[0] == (1,) * len(expected)
    same_array(node.read(), expected)
    for part in (np.s_[0], np.s_[-1], np.s_[::-1, 1], np.s_[..., 2], np.s_[:2, 1:3, ::2], np.s_[1:1]):
        same_array(node[part], cut(expected, part))
    same_array(node.read_block((len(expected) - 1,) + (0,) * (expected.ndim - 1)), expected[-1:])


def test_jpeg_sequence(client):
    expected = np.stack([np.asarray(Image.open(p)) for p in sorted(fixture("seq", "jpeg").glob("*.jpg"))])
    largest, mean = image_difference(client["seq", "jpeg", "shot"].read(), expected)
    assert largest <= 4 and mean < 0.5


@pytest.mark.parametrize("folder", ["tiff", "bare", "png", "jpeg", "npy"])
def test_members_of_a_sequence_have_no_nodes_of_their_own(client, folder):
    expected = {path[1] for path in SEQUENCES if path[0] == folder} or {"shot"}
    assert set(client["seq", folder]) == expected
