"""HDF5 files as containers: every layout, type, attribute and link, compared with h5py."""

import h5py
import numpy as np
import pytest
from helpers import cut, fixture, h5_value, same_array

EVERYTHING = ("hdf5", "everything")
LAYOUTS = ["contiguous", "chunked", "packed", "lzf", "checked", "four_dims", "holes", "growable"]
with h5py.File(fixture("hdf5", "everything.h5")) as opened:
    TYPES = [name for name in opened["types"] if name not in ("vlen_numbers", "empty")]


def source(*keys):
    with h5py.File(fixture("hdf5", "everything.h5")) as file:
        return h5_value(file["/".join(keys)])


def test_keys(client):
    assert set(client[EVERYTHING]) == {"layouts", "types", "a", "hollow", "crowd", "näme with spaces"}
    assert set(client[(*EVERYTHING, "layouts")]) == set(LAYOUTS)


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(client, name):
    expected = source("layouts", name)
    node = client[(*EVERYTHING, "layouts", name)]
    same_array(node.read(), expected)
    for part in (np.s_[0], np.s_[-3:], np.s_[::-1], np.s_[1:9:4], np.s_[..., -1]):
        same_array(node[part], cut(expected, part))


def test_chunks_are_the_chunks_of_the_file(client):
    assert client[(*EVERYTHING, "layouts", "chunked")].chunks == ((16, 16, 16, 2), (12, 12, 12, 4))
    assert client[(*EVERYTHING, "layouts", "contiguous")].chunks == ((50,), (40,))


@pytest.mark.parametrize("block", [(0, 0), (3, 3), (1, 2)])
def test_blocks(client, block):
    expected = source("layouts", "chunked")
    rows, columns = (slice(16 * block[0], 16 * block[0] + 16), slice(12 * block[1], 12 * block[1] + 12))
    same_array(client[(*EVERYTHING, "layouts", "chunked")].read_block(block), expected[rows, columns])


@pytest.mark.parametrize("name", TYPES)
def test_types(client, name):
    same_array(client[(*EVERYTHING, "types", name)].read(), source("types", name))


def test_empty_dataset(client):
    node = client[(*EVERYTHING, "types", "empty")]
    assert node.shape[-2:] == (0, 4)
    assert node.read().size == 0


def test_datasets_without_an_array_form_do_not_hide_their_neighbours(client):
    assert "vlen_numbers" in set(client[(*EVERYTHING, "types")])
    assert client[(*EVERYTHING, "types", "vlen_numbers")].shape[0] == 2


def test_nested_groups(client):
    assert list(client[(*EVERYTHING, "a", "b", "c")]) == ["d"]
    same_array(client[(*EVERYTHING, "a", "b", "c", "d")].read(), np.arange(6).reshape(2, 3))
    assert list(client[(*EVERYTHING, "hollow")]) == []


def test_names_with_spaces(client):
    assert list(client[(*EVERYTHING, "näme with spaces")].read()) == [0, 1, 2]


def test_attributes_of_the_file(client):
    metadata = client[EVERYTHING].metadata
    assert metadata["title"] == "every kind of dataset"
    assert metadata["count"] == 3
    assert metadata["ratio"] == 0.5
    assert metadata["ok"] is True
    assert metadata["raw"] == "fixed text"
    assert list(metadata["list"]) == [1, 2, 3]
    assert [list(row) for row in metadata["grid"]] == [[0.0, 1.0], [2.0, 3.0]]
    assert list(metadata["words"]) == ["one", "zwei"]


def test_attributes_of_a_dataset(client):
    assert dict(client[(*EVERYTHING, "layouts", "chunked")].metadata) == {"units": "mm", "scale": 0.25}


def test_attributes_of_a_group(client):
    assert client[(*EVERYTHING, "a", "b", "c")].metadata["depth"] == 3


def test_nexus(client):
    entry = client["hdf5", "scan", "entry"]
    assert entry.metadata["NX_class"] == "NXentry"
    assert entry["data"].metadata["signal"] == "counts"
    assert entry["data", "two_theta"].metadata["units"] == "degrees"
    with h5py.File(fixture("hdf5", "scan.nxs")) as file:
        same_array(entry["data", "counts"].read(), file["entry/data/counts"][()])
        same_array(entry["title"].read(), h5_value(file["entry/title"]))


@pytest.mark.parametrize("name", ["real", "hard", "soft"])
def test_links_inside_a_file(client, name):
    same_array(client["hdf5", "links", name].read(), np.arange(7))


def test_external_link(client):
    same_array(client["hdf5", "links", "external"].read(), np.arange(5) * 2)


@pytest.mark.parametrize("name", ["dangling", "lost"])
def test_broken_links_are_gone(client, http, name):
    response = http.get(f"metadata/hdf5/broken_links/{name}")
    assert response.status_code == 410
    assert "broken" in response.json()["detail"] or "open object" in response.json()["detail"]
    with pytest.raises(KeyError):
        client["hdf5", "broken_links", name]


def test_broken_links_leave_their_neighbours_readable(client):
    same_array(client["hdf5", "broken_links", "real"].read(), np.arange(7))


def test_broken_links_do_not_break_the_listing(http):
    response = http.get("search/hdf5/broken_links", params={"fields": ""})
    assert response.status_code == 200
    assert "real" in {item["id"] for item in response.json()["data"]}


def test_contents_of_groups_are_inlined(http):
    structure = http.get("metadata/hdf5/everything/a").json()["data"]["attributes"]["structure"]
    assert structure["count"] == 1
    below = structure["contents"]["b"]["attributes"]["structure"]["contents"]["c"]["attributes"]["structure"]
    assert below["contents"]["d"]["attributes"]["structure"]["shape"] == [2, 3]
    assert below["contents"]["d"]["links"]["self"].endswith("/metadata/hdf5/everything/a/b/c/d")


@pytest.mark.parametrize("name", ["compound-dtype-complex", "vlen_string_dset", "vlen_string_dset_utc"])
def test_files_from_the_tests_of_h5py(client, name):
    with h5py.File(fixture("real", "h5py", f"{name}.h5")) as file:
        for key in file:
            if isinstance(file[key], h5py.Dataset):
                same_array(client["real", "h5py", name, key].read(), h5_value(file[key]))
        assert set(client["real", "h5py", name]) == set(file)


def test_big_endian_file_from_another_machine(client):
    with h5py.File(fixture("real", "h5py", "vlen_string_s390x.h5")) as file:
        for key in ("DSBEfloat", "DSBEint", "DSLEfloat", "DSLEint"):
            same_array(client["real", "h5py", "vlen_string_s390x", key].read(), file[key][()])
