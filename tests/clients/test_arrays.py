"""Arrays from NumPy files: every element type, whole and sliced, compared with NumPy itself."""

import numpy as np
import pytest
from helpers import cut, files, fixture, key_of, same_array

NAMES = [name for name in files("npy") if name not in ("aligned.npy",)]
SLICES = {
    1: [np.s_[0], np.s_[-1], np.s_[1:3], np.s_[::2], np.s_[::-1], np.s_[-2:], np.s_[2:2], np.s_[:100]],
    2: [
        np.s_[0], np.s_[-1], np.s_[1:3], np.s_[:, 1], np.s_[:, -1], np.s_[::2, ::3], np.s_[::-1], np.s_[:, ::-1],
        np.s_[1, 2], np.s_[-1, -2], np.s_[3:0:-1, 1:3], np.s_[2:2], np.s_[:, 3:1], np.s_[..., 0], np.s_[1, ...],
        np.s_[-3:-1, :2], np.s_[100:], np.s_[:100, -100:],
    ],
    3: [
        np.s_[0], np.s_[:, 1], np.s_[..., -1], np.s_[1, 2, 3], np.s_[::-1, ::2, 1:3], np.s_[0, :, ::-2],
        np.s_[:, 0:1, :], np.s_[1:2, ..., 2], np.s_[:, :, 2:2],
    ],
}  # fmt: skip


def source(name):
    return np.load(fixture("npy", name))


@pytest.mark.parametrize("name", NAMES)
def test_read_whole(client, name):
    same_array(client["npy", key_of(name)].read(), source(name))


@pytest.mark.parametrize("name", NAMES)
def test_structure(client, name):
    node, expected = client["npy", key_of(name)], source(name)
    assert node.shape == expected.shape
    assert node.dtype == expected.dtype
    assert node.ndim == expected.ndim
    assert tuple(sum(axis) for axis in node.chunks) == expected.shape


@pytest.mark.parametrize("name", NAMES)
def test_read_a_part(client, name):
    expected = source(name)
    part = (slice(1, None),) * min(expected.ndim, 1)
    same_array(client["npy", key_of(name)].read(part), cut(expected, part))


@pytest.mark.parametrize("part", SLICES[1], ids=str)
@pytest.mark.parametrize("name", ["timedelta_le.npy", "records_be.npy", "bytes.npy"])
def test_slices_of_one_axis(client, name, part):
    same_array(client["npy", key_of(name)][part], cut(source(name), part))


@pytest.mark.parametrize("part", SLICES[2], ids=str)
@pytest.mark.parametrize("name", ["n_i4_le.npy", "n_f2_be.npy", "n_c16_be.npy", "datetime_le.npy", "flags.npy"])
def test_slices_of_two_axes(client, name, part):
    same_array(client["npy", key_of(name)][part], cut(source(name), part))


@pytest.mark.parametrize("part", SLICES[3], ids=str)
@pytest.mark.parametrize("name", ["cube.npy", "fortran.npy"])
def test_slices_of_three_axes(client, name, part):
    expected = source(name)
    same_array(client["npy", key_of(name)][part], cut(expected, part))


def test_slices_of_eight_axes(client):
    expected = source("eight_dims.npy")
    for part in (np.s_[0, 1, 0, 1, 0, 1, 0, 1], np.s_[..., 1], np.s_[:, 0, :, 1], np.s_[::-1, ..., ::-1]):
        same_array(client["npy", "eight_dims"][part], cut(expected, part))


def test_scalar(client):
    node = client["npy", "scalar"]
    assert node.shape == ()
    assert node.read().shape == ()
    assert float(node.read()) == 42.5


def test_empty(client):
    same_array(client["npy", "empty"].read(), source("empty.npy"))


def test_padded_records_keep_their_fields(client):
    # The original serves them as opaque bytes; here the fields come packed.
    node, expected = client["npy", "aligned"], source("aligned.npy")
    assert node.dtype.names == tuple(name for name in expected.dtype.names if name)
    for name in node.dtype.names:
        assert np.array_equal(node.read()[name], expected[name])


def test_numpy_protocol(client):
    same_array(np.asarray(client["npy", "cube"]), source("cube.npy"))


def test_blocks(client):
    node, expected = client["npy", "large"], source("large.npy")
    rows = node.chunks[0][0]
    columns = node.chunks[1][0]
    same_array(node.read_block((0, 0)), expected[:rows, :columns])


def test_a_block_that_does_not_exist(client):
    with pytest.raises(IndexError):
        client["npy", "cube"].read_block((9, 0, 0))


def test_slice_inside_a_block(client):
    block = client["npy", "large"].read_block((0, 0), slice=np.s_[2:5, 1])
    same_array(block, source("large.npy")[2:5, 1])


def test_index_out_of_range(client):
    with pytest.raises(IndexError):
        client["npy", "cube"][5]


def test_too_many_indices(client):
    with pytest.raises(IndexError):
        client["npy", "cube"][0, 0, 0, 0]


def test_repr(client):
    assert repr(client["npy", "cube"]) == "<ArrayClient shape=(2, 3, 4) chunks=((2,), (3,), (4,)) dtype=int32>"


@pytest.mark.parametrize("name", ["stored", "packed"])
def test_archives_are_containers_of_arrays(client, name):
    with np.load(fixture("npz", f"{name}.npz")) as expected:
        assert set(client["npz", name]) == set(expected.files)
        for key in expected.files:
            same_array(client["npz", name, key].read(), expected[key])
            same_array(client["npz", name, key][::-1], expected[key][::-1])
