"""What features can be made of beside events: tables that change, what a Join gives for events, and files of the catalog.

    python sources.py --tile BIN
"""

import argparse
import json
import pathlib
import tempfile
import time

from server import COUNT, LAST, SUM, Server, aggregation, eventually, group_by, project

HERE = pathlib.Path(__file__).parent
MAX = 1
HOUR, DAY = 3_600_000, 86_400_000

RATINGS = """SCHEMA >
    `customer_id` String `json:$.customer_id`,
    `stars` Int64 `json:$.stars`,
    `rated` DateTime64(3) `json:$.rated`,
    `ds` Date `json:$.ds`

ENGINE MergeTree
ENGINE_SORTING_KEY customer_id
"""
CHANGES = """SCHEMA >
    `customer_id` String `json:$.customer_id`,
    `stars` Int64 `json:$.stars`,
    `rated` DateTime64(3) `json:$.rated`,
    `mutation_ts` Int64 `json:$.mutation_ts`,
    `is_before` UInt8 `json:$.is_before`

ENGINE MergeTree
ENGINE_SORTING_KEY customer_id
"""
CREAMS = """SCHEMA >
    `customer_id` String `json:$.customer_id`,
    `ice_cream_flavour` String `json:$.ice_cream_flavour`,
    `ice_cream_cone_size` String `json:$.ice_cream_cone_size`,
    `created` DateTime64(3) `json:$.created`

ENGINE MergeTree
ENGINE_SORTING_KEY customer_id
"""


def text(ms):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03d}"


def day(ms):
    return time.strftime("%Y-%m-%d", time.gmtime(ms // 1000))


def entities(name, **more):
    """Ratings, as `chronon-ai` compiles an EntitySource."""
    aggregations = [aggregation("stars", SUM), aggregation("stars", MAX, (2, 1)), aggregation("stars", LAST, (7, 1))]
    query = {"selects": {"customer_id": "customer_id", "stars": "stars"}, "timeColumn": "rated", "setups": []}
    out = group_by(name, aggregations)
    out["sources"] = [{"entities": {"snapshotTable": "ratings", "query": query} | more}]
    if not more:
        del out["accuracy"]
    return out


def paid(name):
    """The stars that a customer had given when buying: what a Join gives for events."""
    creams = {"selects": {"customer_id": "customer_id", "flavour": "ice_cream_flavour", "ts": "created"}, "timeColumn": "created"}
    left = {"events": {"table": "ice_creams", "topic": "t", "query": creams}}
    join = {"metaData": {"name": "shop.rated.v1"}, "left": left, "joinParts": [{"groupBy": group_by("shop.creams.v1", [aggregation("flavour", COUNT)], table="ice_creams", selects={"customer_id": "customer_id", "flavour": "ice_cream_flavour"})}]}
    out = group_by(name, [aggregation("before", SUM), aggregation("before", LAST, (7, 1))])
    query = {"selects": {"flavour": "flavour", "before": "shop_creams_v1_flavour_count"}, "timeColumn": "ts", "setups": []}
    out["sources"] = [{"joinSource": {"join": join, "query": query}}]
    out["keyColumns"] = ["flavour"]
    return out


def filtered():
    """What `zipline-ai` makes of an aggregation with a filter: a select that names others."""
    found = json.loads((HERE / "compiled/zipline-ai/group_bys/shop/ice_cream.v1__1").read_text())
    found["sources"][0]["events"]["table"] = "ice_creams"
    return found


def changing(server):
    today = int(time.time() * 1000) // DAY * DAY
    # Before yesterday, and within the window of two days, which moves by hours, until the end of today.
    then = today - DAY - HOUR // 2
    row = lambda customer, stars, at: {"customer_id": customer, "stars": stars, "rated": text(at)}
    image = lambda customer, stars, at, changed, is_before: row(customer, stars, at) | {"mutation_ts": changed, "is_before": int(is_before)}
    snapshot = lambda customer, stars, ago: row(customer, stars, then) | {"ds": day(today - ago * DAY)}
    rows = [snapshot("Alice", 100, 3), snapshot("Alice", 3, 1), snapshot("Bob", 5, 1), snapshot("Alice", 1000, 0)]
    assert server.post(rows, "ratings")[0] == 200
    seen = lambda customer, at=None, name="shop.ratings.v1": list(server.features(name, customer, at).values())
    eventually("the snapshot is not served", lambda: seen("Alice") == [3, 3, 3])
    now = today + 1
    assert server.post([image("Alice", 2, now, now, False), image("Alice", 50, then, today - 1, False)], "changes")[0] == 200
    eventually("an insert is not seen", lambda: seen("Alice") == [5, 3, 2])
    server.post([image("Alice", 4, then, now + 1, False), image("Alice", 3, then, now + 1, True)], "changes")
    eventually("an update is not seen", lambda: seen("Alice") == [6, 4, 2])
    server.post([image("Bob", 5, then, now + 2, True)], "changes")
    eventually("a row that went is seen", lambda: seen("Bob") == [None, None, None])
    # What was is told by the rows.
    assert seen("Alice", now + 1) == [5, 3, 2], seen("Alice", now + 1)
    assert seen("Bob", now) == [5, 5, 5] and seen("Alice", today) == [3, 3, 3]
    assert seen("Alice", today - DAY)[0] == 100, seen("Alice", today - DAY)
    # Without changes the snapshot is served, as of the end of its day.
    assert seen("Alice", name="shop.ratings.snapshot") == [3, 3, 3]
    listed = {one["name"]: one for one in server.call("GET", "/v1/features")[1]["group_bys"]}
    assert listed["shop.ratings.v1"]["state"] == "live" and listed["shop.ratings.v1"]["key_count"] == 1, listed
    status, found = server.call("GET", "/v1/features/groupby/shop.ratings.v1/explain?customer_id=Alice")
    assert status == 200 and found["results"][0]["columns"]["stars_sum"]["parts"] == [{"kind": "rows", "count": 2}], found
    return lambda server: [server.features("shop.ratings.v1", customer) for customer in ("Alice", "Bob")]


def selecting(server):
    now = int(time.time() * 1000)
    cream = lambda customer, flavour, size, at: {"customer_id": customer, "ice_cream_flavour": flavour, "ice_cream_cone_size": size, "created": text(at)}
    rows = [cream("Alice", "mint", "large", now - 3000), cream("Alice", "lemon", "small", now - 2000), cream("Bob", "mint", "large", now - 1000)]
    assert server.post(rows)[0] == 200
    seen = lambda: server.features("shop.ice_cream.v1__1", "Alice")
    eventually("a filter does not count", lambda: (seen()["customer_id_count_6h"], seen()["large_flavour_count_6h"]) == (2, 1))


def joined(server):
    seen = lambda: server.fetch("shop.paid.v1", [{"flavour": "lemon"}, {"flavour": "mint"}])
    values = lambda: [list(one["features"].values()) for one in seen()]
    # Alice had bought one when she bought lemon; nobody had when mint was bought.
    eventually("what a Join gives does not count", lambda: values() == [[1, 1], [None, None]])
    now = int(time.time() * 1000)
    server.post([{"customer_id": "Alice", "ice_cream_flavour": "mint", "ice_cream_cone_size": "small", "created": text(now)}])
    eventually("a later event does not count", lambda: values() == [[1, 1], [2, 2]])
    # Bob had bought one before as well, which is told late: what he had when he bought mint is made anew when that is said.
    server.post([{"customer_id": "Bob", "ice_cream_flavour": "plum", "ice_cream_cone_size": "small", "created": text(now - HOUR)}])
    count = lambda: server.fetch("shop.paid.v1", [{"flavour": "plum"}])[0]["features"]
    rows = lambda: next(group["rows"]["read"] for group in server.call("GET", "/v1/features")[1]["group_bys"] if group["name"] == "shop.paid.v1")
    eventually("the late event is not read", lambda: rows() == 5)
    assert values() == [[1, 1], [2, 2]] and list(count().values()) == [None, None], values()
    status, answer = server.call("POST", "/v1/features/rebuild/shop.paid.v1")
    assert status == 202 and answer["name"] == "shop.paid.v1", (status, answer)
    eventually("it is not made anew", lambda: values() == [[1, 1], [3, 2]])
    assert server.call("POST", "/v1/features/rebuild/shop.paid.v2")[0] == 404
    _, reader = server.call("POST", "/v0/tokens?name=reader&scope=FEATURES:READ:shop.paid.v1")
    assert server.call("POST", "/v1/features/rebuild/shop.paid.v1", token=reader["token"])[0] == 403
    return lambda server: server.fetch("shop.paid.v1", [{"flavour": "lemon"}, {"flavour": "mint"}])


def points(name):
    """Points of customers, in a file."""
    out = group_by(name, [aggregation("points", SUM)])
    query = {"selects": {"customer_id": "customer_id", "points": "points"}, "setups": []}
    out["sources"] = [{"entities": {"snapshotTable": "data/points", "query": query}}]
    del out["accuracy"]
    return out


def filed(server):
    seen = lambda: [one["features"]["points_sum"] for one in server.fetch("shop.points.v1", [{"customer_id": "Alice"}, {"customer_id": "Bob"}])]
    eventually("a file is not read", lambda: seen() == [5, 4])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tile", required=True)
    parser.add_argument("--only", default="changing,selecting,joined,filed")
    arguments = parser.parse_args()
    only = arguments.only.split(",")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        followed = entities("shop.ratings.v1", mutationTable="changes", mutationTopic="t")
        definitions = [followed, entities("shop.ratings.snapshot"), filtered(), paid("shop.paid.v1"), points("shop.points.v1")]
        root = project(folder / "project", definitions, {"ice_creams": CREAMS, "ratings": RATINGS, "changes": CHANGES})
        points_file = root / "data/points.csv"
        points_file.parent.mkdir()
        points_file.write_text("customer_id,points\nAlice,2\nAlice,3\nBob,4\n")
        server = Server(arguments.tile, root, folder / "data")
        server.says("Build")
        states = [check(server) for name, check in [("changing", changing), ("selecting", selecting), ("joined", joined), ("filed", filed)] if name in only]
        states = [state for state in states if state]
        before = [state(server) for state in states]
        server.end()
        assert server.process.returncode == 0, server.lines
        points_file.write_text("customer_id,points\nAlice,20\n")
        server = Server(arguments.tile, root, folder / "data")
        assert [state(server) for state in states] == before, "it is not as before"
        if "filed" in only:
            eventually("another file is not read", lambda: server.features("shop.points.v1", "Alice") == {"points_sum": 20})
            assert server.features("shop.points.v1", "Bob") == {"points_sum": None}
            # While it is served, too: files are looked at each minute.
            points_file.write_text("customer_id,points\nAlice,20\nBob,6\n")
            eventually("a file that changed is not read", lambda: server.features("shop.points.v1", "Bob") == {"points_sum": 6}, seconds=90)
        server.end()
    print("tables that change, filters and Joins became features")


if __name__ == "__main__":
    main()
