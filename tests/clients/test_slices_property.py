"""Random slices of arrays in several formats and chunkings, compared with NumPy."""

import h5py
import numpy as np
import pytest
import tifffile
import zarr
from helpers import cut, fixture, same_array
from hypothesis import given, settings
from hypothesis import strategies as st

SOURCES = {
    ("npy", "large"): lambda: np.load(fixture("npy", "large.npy")),
    ("npy", "cube"): lambda: np.load(fixture("npy", "cube.npy")),
    ("npy", "eight_dims"): lambda: np.load(fixture("npy", "eight_dims.npy")),
    ("npy", "text_be"): lambda: np.load(fixture("npy", "text_be.npy")),
    ("zarr", "v2_fortran_blosc"): lambda: zarr.open_array(str(fixture("zarr", "v2_fortran_blosc.zarr")))[...],
    ("zarr", "v2_holes"): lambda: zarr.open_array(str(fixture("zarr", "v2_holes.zarr")))[...],
    ("zarr", "v3_sharded"): lambda: zarr.open_array(str(fixture("zarr", "v3_sharded.zarr")))[...],
    ("zarr", "v3_transposed"): lambda: zarr.open_array(str(fixture("zarr", "v3_transposed.zarr")))[...],
    ("hdf5", "everything", "layouts", "chunked"): lambda: hdf5("layouts/chunked"),
    ("hdf5", "everything", "layouts", "four_dims"): lambda: hdf5("layouts/four_dims"),
    ("images", "pages"): lambda: tifffile.imread(fixture("images", "pages.tif")),
    ("images", "tiled_packed"): lambda: tifffile.imread(fixture("images", "tiled_packed.tif")),
    ("seq", "npy", "block."): lambda: np.stack([np.load(p) for p in sorted(fixture("seq", "npy").glob("block*"))]),
}


def hdf5(path):
    with h5py.File(fixture("hdf5", "everything.h5")) as file:
        return file[path][()]


def axis(size):
    """An index or a slice of one axis, sometimes out of its bounds, sometimes empty, with any step."""
    bound = st.none() | st.integers(-size - 3, size + 3)
    step = st.none() | st.integers(-size - 1, size + 1).filter(bool)
    return st.integers(-size, size - 1) | st.builds(slice, bound, bound, step)


def parts(shape):
    """Slices of the first axes, and sometimes an ellipsis and slices of the last ones."""
    whole = st.tuples(*map(axis, shape))
    return st.tuples(whole, st.integers(0, len(shape)), st.booleans()).map(
        lambda choice: (*choice[0][: choice[1]], ...) if choice[2] else choice[0][: choice[1]]
    )


@pytest.mark.parametrize("path", SOURCES, ids="/".join)
def test_slices_equal_numpy(client, path):
    expected = SOURCES[path]()
    node = client[path]

    @settings(max_examples=40)
    @given(parts(expected.shape))
    def check(part):
        same_array(node.read(part), cut(expected, part))

    check()


@pytest.mark.parametrize("path", SOURCES, ids="/".join)
def test_blocks_cover_the_array(client, path):
    expected = SOURCES[path]()
    node = client[path]
    edges = [np.cumsum([0, *sizes]) for sizes in node.chunks]
    blocks = st.tuples(*(st.integers(0, len(sizes) - 1) for sizes in node.chunks))

    @settings(max_examples=10)
    @given(blocks)
    def check(block):
        inside = tuple(slice(edge[i], edge[i + 1]) for edge, i in zip(edges, block))
        same_array(node.read_block(block), expected[inside])

    check()


@settings(max_examples=40)
@given(data=st.data())
def test_slices_in_the_query_equal_numpy(http, data):
    """The textual form, without the client's own normalisation."""
    expected = np.load(fixture("npy", "cube.npy"))
    part = data.draw(st.tuples(*map(axis, expected.shape)))
    text = ",".join(
        f"{'' if s.start is None else s.start}:{'' if s.stop is None else s.stop}:{'' if s.step is None else s.step}"
        if isinstance(s, slice)
        else str(s)
        for s in part
    )
    response = http.get("array/full/npy/cube", params={"slice": text, "format": "json"})
    assert response.status_code == 200, text
    assert response.json() == expected[part].tolist()
