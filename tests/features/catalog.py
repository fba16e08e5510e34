"""Features as tables of the catalog and as Arrow, and what values are made of: with the unmodified clients of Tiled and Arrow.

    python catalog.py --tile BIN

The packages are those of `tests/clients`.
"""

import io
import json
import os
import time

os.environ["TILED_RETRY_ATTEMPTS"] = "1"

import pyarrow as pa
import pyarrow.parquet as pq
from tiled.client import from_uri

from server import COUNT, LAST, Server, aggregation, eventually, group_by, program, project

HISTOGRAM = 17
WORKSPACE = "Tinybird_Local_Testing"
CUSTOMERS = 20_000
NAME = "shop.sold.v1"
HOUR = 3_600_000


def text(ms):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03d}"


def event(customer, flavour, at):
    return {"customer_id": customer, "ice_cream_flavour": flavour, "price": 1.0, "created": text(at)}


def definitions():
    six = (6, 0)
    sold = [aggregation("customer_id", COUNT, six), aggregation("flavour", LAST, six), aggregation("flavour", HISTOGRAM, six)]
    return [group_by(NAME, sold, table="ice_creams"), group_by("shop.other.v1", sold[:1], table="ice_creams")]


def client(server, token):
    # The client takes only letters and digits for an API key.
    return from_uri(f"http://127.0.0.1:{server.port}", api_key=token.encode().hex())


def a_table_has_a_row_for_each_key(server):
    root = client(server, server.token)
    assert "features" in list(root), list(root)
    groups = root["features", WORKSPACE, "group_bys"]
    assert list(groups) == ["shop.other.v1", NAME], list(groups)
    table = groups[NAME]
    assert table.metadata["state"] == "live" and table.metadata["features"][1] == {"name": "flavour_last_6h", "type": "string"}
    # A part has at most 16 384 keys.
    assert table.structure().npartitions >= 2, table.structure()
    frame = table.read(["customer_id", "customer_id_count_6h", "flavour_last_6h"])
    assert len(frame) == CUSTOMERS and frame["customer_id"].is_unique
    values = frame.set_index("customer_id")
    assert values.loc["c7"].tolist() == [2, "lemon"] and values.loc["c8"].tolist() == [1, "mint"]
    assert frame["customer_id_count_6h"].sum() == CUSTOMERS + CUSTOMERS // 10
    # A map is a list of pairs.
    connection = server.connection()
    path = f"/api/v1/table/full/features/{WORKSPACE}/group_bys/{NAME}?format=parquet&column=customer_id&column=flavour_histogram_6h"
    connection.request("GET", path, headers={"Authorization": f"Bearer {server.token}"})
    rows = pq.read_table(io.BytesIO(connection.getresponse().read())).to_pylist()
    pairs = {row["customer_id"]: row["flavour_histogram_6h"] for row in rows}
    assert len(pairs) == CUSTOMERS and pairs["c8"] == [{"key": "mint", "value": 1}], pairs["c8"]
    assert pairs["c7"] == [{"key": "lemon", "value": 1}, {"key": "mint", "value": 1}], pairs["c7"]
    # What comes is seen.
    server.post([event("new", "vanilla", int(time.time() * 1000))])
    last = lambda: table.read(["customer_id", "flavour_last_6h"]).set_index("customer_id")["flavour_last_6h"]
    eventually("a new key is not in the table", lambda: last().get("new") == "vanilla")


def a_token_sees_what_it_may_fetch(server):
    status, answer = server.call("POST", f"/v0/tokens?name=reader&scope=FEATURES:READ:{NAME}")
    assert status == 200, answer
    root = client(server, answer["token"])
    assert list(root["features", WORKSPACE, "group_bys"]) == [NAME]
    assert len(root["features", WORKSPACE, "group_bys", NAME].read(["customer_id"])) == CUSTOMERS + 1
    path = f"/api/v1/metadata/features/{WORKSPACE}/group_bys/shop.other.v1"
    assert server.call("GET", path, token=answer["token"])[0] == 404
    _, answer = server.call("POST", "/v0/tokens?name=none&scope=PIPES:READ:x")
    assert list(client(server, answer["token"])["features", WORKSPACE, "group_bys"]) == []
    assert server.call("GET", path, token=answer["token"])[0] == 404
    assert server.call("GET", "/api/v1/metadata/features", token="")[0] == 401


def arrow_is_answered(server):
    keys = [{"customer_id": "c7"}, {"customer_id": [5]}, {"customer_id": "nobody"}, {"customer_id": None}]
    connection = server.connection()
    headers = {"Authorization": f"Bearer {server.token}", "Accept": "application/vnd.apache.arrow.stream"}
    connection.request("POST", f"/v1/features/groupby/{NAME}", json.dumps(keys), headers)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Content-Type"]) == (200, headers["Accept"])
    rows = pa.ipc.open_stream(answer.read()).read_all().to_pylist()
    assert rows[0] == {
        "customer_id": "c7",
        "customer_id_count_6h": 2,
        "flavour_last_6h": "lemon",
        "flavour_histogram_6h": [("lemon", 1), ("mint", 1)],
        "error": None,
    }, rows[0]
    assert rows[1]["flavour_last_6h"] is None and "string" in rows[1]["error"], rows[1]
    assert rows[2] == dict.fromkeys(rows[2]) | {"customer_id": "nobody"}, rows[2]
    assert rows[3] == dict.fromkeys(rows[3]), rows[3]


def values_are_explained(server):
    path = f"/v1/features/groupby/{NAME}/explain"
    status, by_post = server.call("POST", path, [{"customer_id": "c7"}, {"customer": "c7"}])
    assert status == 200, by_post
    first, second = by_post["results"]
    assert second["status"] == "Failure" and "customer_id" in second["error"], second
    status, by_get = server.call("GET", path + "?customer_id=c7")
    [found] = by_get["results"]
    for one in (first, found):
        assert one["features"]["customer_id_count_6h"] == 2 and one["from"] == "tiles", one
        count = one["columns"]["customer_id_count_6h"]
        assert count["tail"] <= one["at"] - 6 * HOUR < count["tail"] + 300_000, one
        assert count["parts"] and all(part["kind"] in ("tile", "moment") for part in count["parts"]), one
        for part in count["parts"]:
            assert part["kind"] != "tile" or count["tail"] <= part["start"] <= one["at"], one
    # A past time is told by the rows.
    status, past = server.call("GET", f"{path}?customer_id=c7&atMillis={found['newest']}")
    [past] = past["results"]
    assert past["from"] == "rows" and past["why"] and past["features"]["customer_id_count_6h"] == 1, past
    status, answer = server.call("GET", f"/v1/features/groupby/{NAME}")
    assert status == 400 and "explain" in answer["errors"][0], answer
    status, answer = server.call("GET", path + "?customer_id=c7", token="")
    assert status in (401, 403), answer
    status, answer = server.call("GET", "/v1/features/groupby/shop.nothing/explain?customer_id=c7")
    assert status == 404, answer


def the_document_has_the_routes(server):
    status, document = server.call("GET", "/openapi.json", token="")
    assert status == 200 and {"/v1/features", "/v1/features/groupby/{path}", "/v1/fetch/join/{path}"} <= set(document["paths"])


def main():
    with program() as (tile, folder):
        server = Server(tile, project(folder / "project", definitions()), folder / "data")
        server.says("Build")
        try:
            now = int(time.time() * 1000)
            server.post([event(f"c{n}", "mint", now - HOUR) for n in range(CUSTOMERS)])
            server.post([event(f"c{n}", "lemon", now - HOUR // 2) for n in range(7, CUSTOMERS, 10)])
            # Too old for any window.
            server.post([event("old", "mint", now - 100 * HOUR)])
            eventually("the events are not seen", lambda: server.features(NAME, "c7")["customer_id_count_6h"] == 2)
            a_table_has_a_row_for_each_key(server)
            a_token_sees_what_it_may_fetch(server)
            arrow_is_answered(server)
            values_are_explained(server)
            the_document_has_the_routes(server)
        finally:
            server.end()
    print("features are tables")


if __name__ == "__main__":
    main()
