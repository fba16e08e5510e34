"""Sparse and awkward arrays."""

import json

import awkward as ak
import numpy as np
import pytest
from fixtures_misc import events
from fixtures_tables import sparse_coordinates

SPARSE = {"plane": ((30, 20), 40), "cube": ((6, 7, 8), 25), "line": ((100,), 9)}


def dense(name):
    shape, count = SPARSE[name]
    coords, data = sparse_coordinates(shape, count, seed=len(shape))
    out = np.zeros(shape)
    out[tuple(coords)] = data
    return out


@pytest.mark.parametrize("name", SPARSE)
def test_sparse_whole(client, name):
    node = client["sparse", name]
    assert node.structure_family == "sparse"
    assert node.shape == SPARSE[name][0]
    assert np.array_equal(node.read().todense(), dense(name))


@pytest.mark.parametrize("part", [np.s_[2:20], np.s_[:, 3:9], np.s_[-8:, 1:], np.s_[5:5]], ids=str)
def test_sparse_slices(client, part):
    assert np.array_equal(client["sparse", "plane"].read(part).todense(), dense("plane")[part])


@pytest.mark.parametrize("part", [np.s_[3], np.s_[:, 4], np.s_[1, :, 2:5]], ids=str)
def test_sparse_indices_drop_an_axis(client, part):
    actual = client["sparse", "cube"].read(part)
    assert np.array_equal(actual.todense(), dense("cube")[part])


@pytest.mark.parametrize("name", SPARSE)
def test_sparse_blocks(client, name):
    node = client["sparse", name]
    block = node.read_block((0,) * node.ndim)
    assert np.array_equal(block.todense(), dense(name))


def test_sparse_structure(http):
    attributes = http.get("metadata/sparse/plane").json()["data"]["attributes"]
    structure = attributes["structure"]
    assert structure["layout"] == "COO"
    assert structure["shape"] == [30, 20]
    assert structure["resizable"] is False
    assert [sum(axis) for axis in structure["chunks"]] == [30, 20]


def test_sparse_as_json(http):
    body = http.get("array/full/sparse/line", params={"format": "json"}).json()
    assert list(body) == ["dim0", "data"]
    assert np.array_equal(np.bincount(body["dim0"], body["data"], 100), dense("line"))


def test_awkward_whole(client):
    node = client["awkward", "events"]
    assert node.structure_family == "awkward"
    assert ak.to_list(node.read()) == ak.to_list(events())


@pytest.mark.parametrize("part", [np.s_["hits"], np.s_[1:3], np.s_[["run", "tag"]], np.s_[-1]], ids=str)
def test_awkward_parts(client, part):
    assert ak.to_list(client["awkward", "events"][part]) == ak.to_list(events()[part])


def test_awkward_lists(client):
    assert ak.to_list(client["awkward", "jagged"].read()) == [[1, 2, 3], [], [4]]


def test_awkward_as_json(http):
    body = http.get("awkward/full/awkward/events", params={"format": "json"}).json()
    assert body == json.loads(ak.to_json(events()))


def test_awkward_buffers_of_one_field(http):
    form = http.get("metadata/awkward/jagged").json()["data"]["attributes"]["structure"]["form"]
    key = form["content"]["form_key"]
    response = http.get("awkward/buffers/awkward/jagged", params={"form_key": key})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/zip"
    assert key.encode() in response.content
    assert f"{form['form_key']}-offsets".encode() not in response.content


def test_awkward_buffers_by_post(http):
    response = http.post("awkward/buffers/awkward/jagged", json=[])
    assert response.status_code == 200
    assert response.content[:2] == b"PK"
