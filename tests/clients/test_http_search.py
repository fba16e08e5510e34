"""The protocol of search: pages, links, filters, and what it says to wrong ones."""

import json

import pytest
from helpers import API


def search(http, path="samples", **params):
    return http.get(f"search/{path}", params=params)


def ids(response):
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()["data"]]


def condition(name, **fields):
    return {f"filter[{name}][condition][{field}]": value for field, value in fields.items()}


def test_envelope(http):
    body = search(http).json()
    assert set(body) == {"data", "error", "links", "meta"}
    assert body["links"] == {
        "self": f"{API}/search/samples?page[limit]=100",
        "first": f"{API}/search/samples?page[limit]=100",
        "next": None,
    }
    assert body["meta"] == {"count": 9}


def test_keys_only(http):
    item = search(http, fields="").json()["data"][0]
    assert item["links"] == {"self": f"{API}/metadata/samples/{item['id']}"}
    values = item["attributes"]
    assert values.pop("ancestors") == ["samples"]
    assert set(values.values()) == {None}


def test_count_only(http):
    body = search(http, "many", fields="count").json()
    assert body["data"] == []
    assert body["meta"] == {"count": 250}


def test_pages_by_cursor(http):
    """`next` is the address of the following page; following it yields every entry once."""
    url, seen = "search/many?page[limit]=60&fields=", []
    while url:
        body = http.get(url).json()
        seen += [item["id"] for item in body["data"]]
        url = body["links"]["next"]
        assert url is None or "page[limit]=60" in url
    assert len(seen) == len(set(seen)) == 250


def test_pages_by_offset(http):
    whole = ids(search(http, "many", **{"page[limit]": 300, "fields": ""}))
    assert len(whole) == 250
    assert ids(search(http, "many", **{"page[offset]": 95, "page[limit]": 10, "fields": ""})) == whole[95:105]
    assert ids(search(http, "many", **{"page[offset]": 1000, "fields": ""})) == []


def test_pages_of_a_sorted_container(http):
    url, seen = "search/many?sort=-id&fields=", []
    while url:
        body = http.get(url, params={"sort": "-id", "fields": ""} if "sort" not in url else None).json()
        seen += [item["id"] for item in body["data"]]
        following = body["links"]["next"]
        url = following and f"{following}&sort=-id&fields="
    assert seen == [f"item_{i:03d}" for i in range(249, -1, -1)]


def test_empty_page(http):
    assert ids(search(http, **{"page[limit]": 0})) == []


def test_descending_default_order(http):
    assert ids(search(http, sort="-", fields="")) == ids(search(http, fields=""))[::-1]


def test_sort_of_a_dotted_path(http):
    expected = [f"s_{c}" for c in "abcdefgh"]
    found = ids(search(http, sort="metadata.temperature", fields=""))
    assert [key for key in found if key != "table"] == expected


def test_repeated_conditions_are_all_required(http):
    params = [("filter[eq][condition][key]", "color"), ("filter[eq][condition][value]", '"red"')]
    params += [("filter[eq][condition][key]", "temperature"), ("filter[eq][condition][value]", "20")]
    response = http.get("search/samples", params=params)
    assert ids(response) == ["s_b"]


def test_unknown_parameters_are_ignored(http):
    assert len(ids(search(http, nope="1", **condition("nope", key="a", value="1")))) == 9


def test_select_metadata(http):
    found = search(http, select_metadata="color", sort="id").json()["data"][0]["attributes"]["metadata"]
    assert found == {"selected": "red"}


def test_cache_control(http):
    assert search(http).headers["cache-control"] == "must-revalidate"


def test_deep_search(http):
    response = http.get("search-deep/", params=condition("eq", key="color", value='"azure"'))
    (item,) = response.json()["data"]
    assert item["id"] == "s_g"
    assert item["attributes"]["ancestors"] == ["samples"]


def test_deep_search_cannot_sort(http):
    assert http.get("search-deep/", params={"sort": "id"}).status_code == 400


def test_distinct(http):
    body = http.get("distinct/samples", params={"metadata": "color", "counts": "true"}).json()
    assert set(body) == {"metadata", "structure_families", "specs"}
    assert body["structure_families"] is None and body["specs"] is None
    assert {"value": "red", "count": 2} in body["metadata"]["color"]
    # The table and one sample have no color.
    assert {"value": None, "count": 2} in body["metadata"]["color"]


UNPROCESSABLE = {
    "limit above the maximum": {"page[limit]": 301},
    "negative limit": {"page[limit]": -1},
    "negative offset": {"page[offset]": -1},
    "offset that is no number": {"page[offset]": "x"},
    "unknown field": {"fields": "nope"},
    "sort with blanks": {"sort": "a b"},
    "sort with a quote": {"sort": "a'"},
    "structure family": condition("structure_family", value="nope"),
    "depth": {"max_depth": 99},
}


@pytest.mark.parametrize("case", UNPROCESSABLE)
def test_values_outside_their_type(http, case):
    response = search(http, **UNPROCESSABLE[case])
    assert response.status_code == 422
    detail = response.json()["detail"]
    assert {"type", "loc", "msg"} <= set(detail[0])
    assert detail[0]["loc"][0] == "query"


BAD_REQUESTS = {
    "offset and cursor": {"page[offset]": 1, "page[cursor]": 1},
    "sort twice": {"sort": ["color", "color"]},
    "default order first": {"sort": ["-", "color"]},
}


@pytest.mark.parametrize("case", BAD_REQUESTS)
def test_contradictions(http, case):
    response = search(http, **BAD_REQUESTS[case])
    assert response.status_code == 400
    assert isinstance(response.json()["detail"], str)


WRONG_FILTERS = {
    "eq is no JSON": condition("eq", key="color", value="red"),
    "eq without value": condition("eq", key="color"),
    "eq without key": condition("eq", value="1"),
    "comparison is no JSON": condition("comparison", operator="lt", key="temperature", value="{"),
    "comparison operator": condition("comparison", operator="between", key="temperature", value="1"),
    "comparison without operator": condition("comparison", key="temperature", value="1"),
    "in is no list": condition("in", key="color", value='"red"'),
    "in is no JSON": condition("in", key="color", value="[1,"),
    "contains is no JSON": condition("contains", key="tags", value="hot"),
    "like is no JSON": condition("like", key="color", pattern="re%"),
    "keypresent": condition("keypresent", key="color", exists="maybe"),
    "regex does not compile": condition("regex", key="color", pattern="(", case_sensitive="true"),
    "keys_filter is no JSON": condition("keys_filter", keys="a,b"),
    "specs is no JSON": condition("specs", include="x", exclude="[]"),
}


@pytest.mark.parametrize("route", ["search", "search-deep", "distinct"])
@pytest.mark.parametrize("case", WRONG_FILTERS)
def test_wrong_filters_are_the_clients_mistake(http, case, route):
    response = http.get(f"{route}/samples", params=WRONG_FILTERS[case])
    assert response.status_code in (400, 422), response.text
    assert response.headers["content-type"] == "application/json"
    assert response.json()["detail"]


@pytest.mark.parametrize("value", [None, [1], {"a": 1}, "", 10**30, -0.0, True, "\x00"], ids=repr)
def test_values_of_any_json_type(http, value):
    for name in ("eq", "noteq"):
        response = search(http, **condition(name, key="color", value=json.dumps(value)))
        assert response.status_code in (200, 400, 422), response.text


@pytest.mark.parametrize("key", ["", ".", "a..b", "a.b.c", "'", '"', "color'--", "$", "[0]", "x" * 5000, "ü"])
def test_any_text_as_a_key(http, key):
    for params in (condition("eq", key=key, value="1"), condition("keypresent", key=key, exists="true")):
        response = search(http, **params)
        assert response.status_code in (200, 400, 414, 422, 431), response.text
        assert response.status_code != 200 or response.json()["data"] == []


@pytest.mark.parametrize("path", ["npy/cube", "tables/plain", "unknown/blob"])
def test_only_containers_are_searched(http, path):
    assert search(http, path).status_code == 404


def test_distinct_of_an_array(http):
    assert http.get("distinct/npy/cube", params={"metadata": "a"}).status_code in (404, 405)
