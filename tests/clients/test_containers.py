"""Folders as containers: keys, lengths, paging, paths, what is missing."""

import pytest
from helpers import API, KEY, files, fixture, key_of
from tiled.client import from_uri
from tiled.client.container import Container


def test_root_keys(client):
    assert set(client) == set(files())


def test_every_file_of_a_folder_has_its_key(client):
    assert set(client["npy"]) == {key_of(name) for name in files("npy")}


def test_length_of_a_folder(client):
    assert len(client["many"]) == 250
    assert len(client["nested", "hollow"]) == 0


def test_iteration_passes_page_borders(client):
    keys = list(client["many"])
    assert len(keys) == 250
    assert set(keys) == {key_of(name) for name in files("many")}


def test_order_is_stable(client):
    assert list(client["many"]) == list(client["many"])


@pytest.mark.parametrize("start, stop", [(0, 5), (95, 105), (100, 100), (240, 300), (0, 250)])
def test_slices_of_keys(client, start, stop):
    assert list(client["many"].keys()[start:stop]) == list(client["many"])[start:stop]


def test_first_last_head_tail(client):
    view, keys = client["many"].keys(), list(client["many"])
    assert view.first() == keys[0]
    assert view.last() == keys[-1]
    assert list(view.head(3)) == keys[:3]
    assert list(view.tail(3)) == keys[-3:]


def test_single_positions(client):
    keys = list(client["many"])
    assert client["many"].keys()[7] == keys[7]
    assert client["many"].keys()[-1] == keys[-1]
    assert client["many"].values()[120].item["id"] == keys[120]
    assert client["many"].items()[-2][0] == keys[-2]


def test_items_and_values_agree(client):
    items = list(client["samples"].items())
    assert [key for key, _ in items] == list(client["samples"])
    assert [value.item["id"] for value in client["samples"].values()] == [key for key, _ in items]


def test_position_out_of_range(client):
    with pytest.raises(IndexError):
        client["many"].keys()[1000]


def test_repr_shows_keys_and_length(client):
    text = repr(client["samples"])
    assert text.startswith("<Container {'")
    assert list(client["samples"])[0] in text
    assert text.endswith(" ~9 entries>")


def test_repr_of_an_empty_container(client):
    assert repr(client["nested", "hollow"]) == "<Container {}>"


def test_repr_of_a_long_container(client):
    # The server may stop counting after 100 entries; then it says 101.
    assert repr(client["many"]).endswith((" ~250 entries>", " ~101 entries>"))


def test_path_of_unicode_and_spaces(client):
    node = client["nested", "Ünïcode folder", "with spaces", "дата", "täble one"]
    assert list(node.read()["b"]) == [2, 4]


def test_path_in_one_string(client):
    assert client["nested/level_a/level_b"].item["id"] == "level_b"


def test_special_characters_in_a_name(client):
    folder = client["nested", "Ünïcode folder", "with spaces", "дата"]
    assert "100% + & = #?;," in set(folder)
    # The client does not encode keys in `folder[key]`, so `#` would end the path; the links of a listing are encoded.
    found = dict(folder.items())["100% + & = #?;,"]
    assert list(found.read()) == [0, 1, 2, 3]


def test_deep_path(client):
    keys = ["nested", *(f"level_{letter}" for letter in "abcdefghijkl"), "bottom"]
    assert list(client[tuple(keys)].read()["deep"]) == [1]


def test_every_suffix_is_stripped(client):
    assert list(client["nested", "dotted"]) == ["a"]
    assert "packed" in client["tables"]


def test_hidden_files_are_not_served(client):
    assert not [key for key in client["unknown"] if "hidden" in key or key.startswith(".")]


@pytest.mark.parametrize(
    "path",
    [
        ("nope",),
        ("tables", "nope"),
        ("tables", "plain", "nope"),
        ("npy", "cube", "0"),
        ("many", "item_001.csv"),
        ("hdf5", "target", "nope"),
        ("hdf5", "target", "outside", "nope"),
        ("Tables",),
    ],
)
def test_missing_entries_are_key_errors(client, path):
    with pytest.raises(KeyError):
        client[path]


def test_containment(client):
    assert "tables" in client
    assert "nope" not in client


def test_get_with_a_default(client):
    assert client.get("nope") is None
    assert client.get("nope", 5) == 5


def test_plain_folders_have_no_metadata(client):
    assert dict(client["many"].metadata) == {}
    assert client["many"].specs == []


def test_node_addresses_open_directly(client):
    node = client["npy", "cube"]
    again = from_uri(node.uri, api_key=KEY)
    assert again.shape == (2, 3, 4)
    assert node.uri == f"{API}/metadata/npy/cube"


def test_key_in_the_address():
    root = from_uri(f"{API}?api_key={KEY}")
    assert "tables" in root


def test_structure_families(client):
    families = {
        ("npy", "cube"): "array",
        ("tables", "plain"): "table",
        ("tables", "book"): "container",
        ("sparse", "plane"): "sparse",
        ("awkward", "events"): "awkward",
        ("netcdf", "modern"): "container",
        ("unknown", "blob"): "bytes",
    }
    assert {path: client[path].structure_family for path in families} == families


def test_containers_inside_files_report_their_length(client):
    assert len(client["hdf5", "target"]) == 1
    assert len(client["tables", "book"]) == 2
    assert len(client["zarr", "group_v3"]) == 2
    assert len(client["hdf5", "everything", "crowd"]) == 120


def test_iteration_inside_a_file_passes_page_borders(client):
    assert set(client["hdf5", "everything", "crowd"]) == {str(i) for i in range(120)}


def test_parent(client):
    assert isinstance(client["npy", "cube"].parent, Container)
    assert client["npy", "cube"].parent.item["id"] == "npy"


def test_ancestors(client):
    assert client["nested", "level_a", "level_b"].item["attributes"]["ancestors"] == ["nested", "level_a"]


def test_fixture_folder_is_the_one_served(client):
    assert fixture("many").is_dir()
    assert list(client["many", "item_123"].read()["n"]) == [123]
