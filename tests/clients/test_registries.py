"""Every format has a fixture that is served, and every encoder that the server names writes a node of its family."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# A node of each family that every encoder of the family can write.
NODES = {
    "array": "array/full/images/gray",
    "table": "table/full/tables/plain",
    "sparse": "array/full/sparse/plane",
    "awkward": "awkward/full/awkward/events",
    "ragged": "ragged/full/hdf5/everything/types/vlen_numbers",
    "container": "container/full/hdf5/scan",
    "xarray_dataset": "container/full/netcdf/line",
}


def walk(session, path=""):
    page = session.get(f"search/{path}", params={"page[limit]": 300, "include_data_sources": "true"}).json()
    for item in page["data"]:
        yield item
        if item["attributes"]["structure_family"] == "container" and not item["attributes"]["data_sources"]:
            yield from walk(session, "/".join([path, item["id"]]).strip("/"))


def test_every_format_is_served(http):
    table = re.findall(r"^\| (\w+) \|[^|]*\| `([^`]+)` \|", (ROOT / "docs/reference/formats.md").read_text(), re.M)
    assert len(table) > 15
    served = {s["mimetype"] for node in walk(http) for s in node["attributes"]["data_sources"] or []}
    missing = {name for name, mimetype in table if mimetype not in served and name not in ("bytes", "sequence")}
    assert not missing
    assert any(mimetype.startswith("multipart/related") for mimetype in served), "no sequence is served"
    assert "application/octet-stream" in served


def test_every_encoder_writes(http):
    about = http.get("").json()
    assert set(about["formats"]) == set(NODES)
    for family, media_types in about["formats"].items():
        for media_type in media_types:
            response = http.get(NODES[family], headers={"Accept": media_type})
            assert response.status_code == 200, (family, media_type, response.text[:300])
            assert response.headers["content-type"].split(";")[0] == media_type, (family, media_type)
            assert response.content, (family, media_type)
        for media_type, endings in about["aliases"][family].items():
            for ending in endings:
                response = http.get(NODES[family], params={"format": ending})
                assert response.status_code == 200, (family, ending, response.text[:300])
                assert response.headers["content-type"].split(";")[0] == media_type, (family, ending)
