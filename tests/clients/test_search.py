"""Queries of the client: every class of `tiled.queries`, sorting, distinct values, deep search."""

import pytest
from fixtures_hdf5 import SAMPLES
from tiled.queries import (
    AccessTagsFilter,
    Comparison,
    Contains,
    Eq,
    FullText,
    In,
    Key,
    KeyLookup,
    KeyPresent,
    KeysFilter,
    Like,
    NotEq,
    NotIn,
    Regex,
    SpecsQuery,
    StructureFamilyQuery,
)

ALL = {sample[0] for sample in SAMPLES}

CASES = {
    "eq text": (Eq("color", "red"), "a b"),
    "eq number": (Eq("temperature", 30), "c"),
    "eq float": (Eq("ratio", 0.625), "a"),
    "eq wrong type": (Eq("temperature", "30"), ""),
    "eq nothing": (Eq("color", "pink"), ""),
    "eq unknown key": (Eq("nope", 1), ""),
    "noteq leaves out what has no such key": (NotEq("color", "red"), "c d e f g"),
    "noteq number": (NotEq("temperature", 80), "a b c d e f g"),
    "gt": (Comparison("gt", "temperature", 60), "g h"),
    "ge": (Comparison("ge", "temperature", 60), "f g h"),
    "lt": (Comparison("lt", "temperature", 20), "a"),
    "le": (Comparison("le", "temperature", 20), "a b"),
    "lt float": (Comparison("lt", "ratio", 1.5), "a b"),
    "gt text": (Comparison("gt", "color", "blue"), "a b c d"),
    "contains in list": (Contains("tags", "hot"), "d e g"),
    "contains in text": (Contains("color", "re"), "a b c d g"),
    "contains nothing": (Contains("tags", "nope"), ""),
    "in": (In("color", ["red", "azure"]), "a b g"),
    "in numbers": (In("temperature", [10, 80, 81]), "a h"),
    "in nothing": (In("color", []), ""),
    "notin": (NotIn("color", ["red", "blue"]), "c d g"),
    "notin numbers": (NotIn("temperature", [10, 20, 30, 40, 50]), "f g h"),
    "present": (KeyPresent("tags"), "a b c d e f g"),
    "absent": (KeyPresent("color", False), "h"),
    "like prefix": (Like("operator", "Ada%"), "a c"),
    "like one character": (Like("color", "re_"), "a b"),
    "like anywhere": (Like("operator", "%Ho%"), "b d"),
    "full text": (FullText("Hopper"), "b d"),
    "full text of any case": (FullText("hopper"), "b d"),
    "full text is whole words": (FullText("Hop"), ""),
    "keys": (KeysFilter(["s_b", "s_h", "nope"]), "b h"),
    "lookup": (KeyLookup("s_d"), "d"),
    "lookup of nothing": (KeyLookup("nope"), ""),
}


@pytest.fixture(scope="module")
def samples(client):
    return client["samples"].search(StructureFamilyQuery("container"))


def names(text):
    return {f"s_{letter}" for letter in text.split()}


@pytest.mark.parametrize("case", CASES)
def test_query(samples, case):
    query, expected = CASES[case]
    assert set(samples.search(query)) == names(expected)


@pytest.mark.parametrize("case", [case for case in CASES if not case.startswith("lookup")])
def test_length_of_results(samples, case):
    query, expected = CASES[case]
    assert len(samples.search(query)) == len(names(expected))


REGEXES = {
    "^re": (Regex("color", "^re"), "a b"),
    "e$": (Regex("color", "e$"), "e f g"),
    "case counts": (Regex("operator", "ada", case_sensitive=True), ""),
    "case does not count": (Regex("operator", "ada", case_sensitive=False), "a c"),
    "alternatives": (Regex("color", "azure|green"), "c d g"),
}


@pytest.mark.parametrize("case", REGEXES)
def test_regex(samples, case):
    query, expected = REGEXES[case]
    assert set(samples.search(query)) == names(expected)


@pytest.mark.parametrize("text", ["Ada-Lovelace", '"', "a AND", "(", "*", "NEAR(", "color:red"])
def test_full_text_takes_any_words(samples, text):
    assert set(samples.search(FullText(text))) <= ALL


def test_operators_of_keys(samples):
    assert set(samples.search(Key("color") == "red")) == names("a b")
    assert set(samples.search(Key("temperature") >= 70)) == names("g h")
    assert set(samples.search(Key("color") != "red")) == names("c d e f g")


def test_queries_narrow_each_other(samples):
    assert set(samples.search(Key("color") == "red").search(Key("temperature") > 10)) == names("b")
    assert set(samples.search(Key("color") == "red").search(Key("color") == "blue")) == set()
    assert set(samples.search(Key("temperature") > 20).search(Key("temperature") < 50)) == names("c d")


def test_items_of_results(samples):
    results = samples.search(Eq("color", "green"))
    assert {key: node.metadata["temperature"] for key, node in results.items()} == {"s_c": 30, "s_d": 40}
    assert results["s_c"].metadata["color"] == "green"
    with pytest.raises(KeyError):
        results["s_a"]


def test_structure_family(client):
    assert set(client["samples"].search(StructureFamilyQuery("table"))) == {"table"}
    assert set(client["samples"].search(StructureFamilyQuery("container"))) == ALL
    assert set(client["samples"].search(StructureFamilyQuery("awkward"))) == set()


def test_specs(client):
    assert set(client["netcdf"].search(SpecsQuery(include=["xarray_dataset"]))) == {"classic", "modern", "line"}
    assert set(client["netcdf"].search(SpecsQuery(include=[], exclude=["xarray_dataset"]))) == set()
    assert set(client["netcdf"].search(SpecsQuery(include=["nope"]))) == set()


def test_access_tags(samples):
    assert set(samples.search(AccessTagsFilter(["nobody"]))) == set()


def test_sort(samples):
    assert list(samples.sort(("temperature", -1))) == [f"s_{c}" for c in "hgfedcba"]
    assert list(samples.sort(("temperature", 1))) == [f"s_{c}" for c in "abcdefgh"]
    assert list(samples.sort(("id", -1)))[0] == "s_h"


def test_sort_by_several_keys(samples):
    assert list(samples.sort(("operator", 1), ("temperature", -1))) == [f"s_{c}" for c in "cafehgdb"]
    assert list(samples.sort(("operator", -1), ("temperature", 1))) == [f"s_{c}" for c in "bdghefac"]


def test_sort_puts_what_has_no_such_key_after_the_rest(samples):
    assert list(samples.sort(("color", 1), ("temperature", -1))) == [f"s_{c}" for c in "gfedcbah"]
    assert list(samples.sort(("color", -1), ("temperature", 1))) == [f"s_{c}" for c in "habcdefg"]


def test_sort_across_pages(client):
    keys = list(client["many"].sort(("id", 1)))
    assert keys == sorted(client["many"])
    assert list(client["many"].sort(("id", -1)).keys()[90:110]) == keys[::-1][90:110]


def test_sorted_results(samples):
    results = samples.search(Key("temperature") > 30).sort(("temperature", -1))
    assert list(results) == [f"s_{c}" for c in "hgfed"]
    assert results.keys().first() == "s_h"
    assert results.keys().last() == "s_d"
    assert results["s_e"].metadata["temperature"] == 50


def test_distinct(samples):
    found = samples.distinct("color", "operator", counts=True)["metadata"]
    assert {item["value"]: item["count"] for item in found["color"]} == {
        "red": 2, "green": 2, "blue": 2, "azure": 1, None: 1
    }  # fmt: skip
    assert {item["value"]: item["count"] for item in found["operator"]} == {
        "Ada Lovelace": 2, "Grace Hopper": 2, "Barbara Liskov": 2, "Frances Allen": 2
    }  # fmt: skip


def test_distinct_without_counts(samples):
    found = samples.distinct("color")
    assert {item["count"] for item in found["metadata"]["color"]} == {None}
    assert found["structure_families"] is None
    assert found["specs"] is None


def test_distinct_families_and_specs(client):
    found = client["samples"].distinct(structure_families=True, specs=True, counts=True)
    assert {item["value"]: item["count"] for item in found["structure_families"]} == {"container": 8, "table": 1}
    found = client["netcdf"].distinct(specs=True, counts=True)
    assert found["specs"] == [{"value": [{"name": "xarray_dataset", "version": None}], "count": 3}]


def test_distinct_of_results(samples):
    found = samples.search(Key("temperature") < 30).distinct("color", counts=True)
    assert found["metadata"]["color"] == [{"value": "red", "count": 2}]


def test_deep_search(client):
    results = client.search_deep(Key("color") == "green")
    assert {tuple(path) for path in results} == {("samples", "s_c"), ("samples", "s_d")}


def test_deep_search_below_a_container(client):
    results = client["samples"].search_deep(Key("temperature") >= 70)
    assert {tuple(path) for path in results} == {("s_g",), ("s_h",)}
    assert results[("s_g",)].metadata["color"] == "azure"


def test_deep_search_with_several_queries(client):
    results = client.search_deep(Key("color") == "blue", Key("temperature") > 50)
    assert {tuple(path) for path in results} == {("samples", "s_f")}


def test_deep_search_to_a_depth(client):
    assert {tuple(path) for path in client.search_deep(Key("color") == "red", max_depth=1)} == set()
    assert len(list(client.search_deep(Key("color") == "red", max_depth=2))) == 2
