"""Events in, features out, over HTTP: the ice creams of Chronon's tiled architecture, and what can go wrong.

    python serving.py --tile BIN
"""

import json
import pathlib
import time

import pyarrow as pa
from server import COUNT, EVENTS, LAST, SUM, Server, aggregation, eventually, group_by, program, project

GROUP = "shop.ice_cream.ice_cream_group_by"
WINDOW = (6, 0)
HERE = pathlib.Path(__file__).parent
# A midnight, and the events of the document before and after it.
MIDNIGHT = 1_700_006_400_000
EVENTS_OF_ALICE = [
    (1699995660000, "mint"),
    (1699999200000, "vanilla"),
    (1700002799995, "lemon"),
    (1700006340000, "chocolate"),
    (1700007300000, "chocolate"),
    (1700010000001, "vanilla"),
    (1700012400000, "vanilla"),
    (1700013900000, "strawberry"),
    (1700015400000, "lemon"),
]
HOUR = 3_600_000
# What the windows hold at these times: those of the document, and their edges.
GOLDEN = {
    MIDNIGHT: (4, "chocolate"),
    MIDNIGHT + 1: (4, "chocolate"),
    MIDNIGHT + HOUR: (5, "chocolate"),
    MIDNIGHT + 2 * HOUR: (7, "vanilla"),
    MIDNIGHT + 3 * HOUR: (9, "lemon"),
    MIDNIGHT + 4 * HOUR: (8, "lemon"),
    MIDNIGHT + 30_660_000: (1, "lemon"),
    MIDNIGHT + 9 * HOUR: (None, None),
}


def text(ms):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03d}"


def event(customer, flavour, at, price=1.0):
    return {"customer_id": customer, "ice_cream_flavour": flavour, "price": price, "created": at and text(at)}


def ice_cream():
    found = HERE / "compiled/chronon-ai/group_bys/shop/ice_cream.ice_cream_group_by"
    definition = json.loads(found.read_text())
    # The table is a data source, whose name has no point.
    definition["sources"][0]["events"]["table"] = "ice_creams"
    return definition


def join(derivations=None):
    parts = [
        {"groupBy": ice_cream(), "keyMapping": {"buyer": "customer_id"}, "prefix": "buyer"},
        {"groupBy": prices("shop.prices.v1")},
    ]
    out = {
        "metaData": {"name": "shop.training.v1", "online": 1, "team": "shop"},
        "left": {"events": {"table": "checkouts", "query": {"selects": {"buyer": "buyer", "customer_id": "customer_id"}, "timeColumn": "ts"}}},
        "joinParts": parts,
    }
    return out | ({"derivations": derivations} if derivations else {})


def prices(name, **more):
    aggregations = [aggregation("price", SUM, WINDOW), aggregation("price", SUM)]
    return group_by(name, aggregations, table="ice_creams", **more)


def golden(server):
    rows = [event("Alice", flavour, at) for at, flavour in EVENTS_OF_ALICE]
    status, answer = server.post(rows)
    assert (status, answer) == (200, {"successful_rows": 9, "quarantined_rows": 0}), (status, answer)
    eventually("the events are not seen", lambda: seen(server, MIDNIGHT + 3 * HOUR) == (9, "lemon"))
    for at, wanted in GOLDEN.items():
        assert seen(server, at) == wanted, (at, seen(server, at), wanted)


def seen(server, at):
    found = server.features(GROUP, "Alice", at)
    return found["customer_id_count_6h"], found["flavour_last_6h"]


def many_keys(server):
    keys = [{"customer_id": "Alice"}, {"customer_id": "Bob"}, {"customer": "Alice"}, {"customer_id": [5]}, {"customer_id": None}]
    for shape in ("features", "fetch"):
        found = server.fetch(GROUP, keys, MIDNIGHT + 3 * HOUR, shape=shape)
        assert [one["status"] for one in found] == ["Success", "Success", "Failure", "Failure", "Success"], found
        assert [one["entityKeys"] for one in found] == keys
        assert found[0]["features"] == {"customer_id_count_6h": 9, "flavour_last_6h": "lemon"}
        assert found[1]["features"] == {"customer_id_count_6h": None, "flavour_last_6h": None}
        assert "customer_id" in found[2]["error"] and "string" in found[3]["error"], found
        assert found[4] == {"status": "Success", "entityKeys": {"customer_id": None}, "features": found[1]["features"]}, found


def refused(server):
    path = f"/v1/features/groupby/{GROUP}"
    for body, words in [
        ("{", "JSON"),
        ('{"customer_id": "Alice"}', "array"),
        ('["Alice"]', "item 0"),
    ]:
        status, answer = server.call("POST", path, body)
        assert status == 400 and list(answer) == ["errors"] and words in answer["errors"][0], (body, status, answer)
    status, answer = server.call("POST", path, [{"customer_id": "x"}] * 10_001)
    assert status == 413 and "10001" in answer["errors"][0], (status, answer)
    status, answer = server.call("POST", path + "?atMillis=soon", [])
    assert status == 400 and "atMillis" in answer["errors"][0], (status, answer)
    status, answer = server.call("POST", path + "?atmillis=5", [])
    assert status == 400 and "`atMillis`" in answer["errors"][0], (status, answer)
    status, answer = server.call("POST", path + "?atMillis=5&atMillis=6", [])
    assert status == 400 and "twice" in answer["errors"][0], (status, answer)
    status, answer = server.call("POST", "/v1/features/groupby/shop.ice_cream.ice_cream_group_bi", [])
    assert status == 404 and f"`{GROUP}`" in answer["errors"][0], (status, answer)
    status, answer = server.call("POST", "/v1/fetch/join/shop.nothing", [])
    assert status == 404, (status, answer)
    status, answer = server.call("POST", path, [], token="")
    assert status in (401, 403), (status, answer)


def tokens(server):
    status, answer = server.call("POST", f"/v0/tokens?name=reader&scope=FEATURES:READ:{GROUP}")
    assert status == 200, answer
    reader = answer["token"]
    status, answer = server.call("POST", f"/v1/features/groupby/{GROUP}", [{"customer_id": "Alice"}], token=reader)
    assert status == 200, answer
    status, answer = server.call("POST", "/v1/features/groupby/shop.prices.v1", [], token=reader)
    assert status == 403 and "FEATURES:READ:shop.prices.v1" in answer["errors"][0], (status, answer)
    status, answer = server.call("GET", "/v1/features", token=reader)
    assert [one["name"] for one in answer["group_bys"]] == [GROUP], answer
    status, answer = server.call("POST", "/v0/tokens?name=other&scope=PIPES:READ:x")
    status, answer = server.call("POST", f"/v1/features/groupby/{GROUP}", [], token=answer["token"])
    assert status == 403, (status, answer)


def joins(server):
    status, answer = server.call("GET", "/v1/joins")
    assert (status, answer) == (200, {"joinNames": ["shop.training.v1"]}), answer
    at = MIDNIGHT + 3 * HOUR
    rows = [{"buyer": "Alice", "customer_id": "Alice"}, {"buyer": "Alice"}, {"buyer": None, "customer_id": "Bob"}]
    # Names also stand in the path as files do.
    for name in ("shop.training.v1", "shop/training.v1"):
        found = server.fetch(name, rows, at, kind="join")
        assert all(one["status"] == "Success" for one in found)
        first = found[0]["features"]
        prefix = "buyer_shop_ice_cream_ice_cream_group_by"
        assert first[f"{prefix}_flavour_last_6h"] == "lemon", first
        assert first["shop_prices_v1_price_sum_6h"] == 9.0 and first["per_event"] == 1.0, first
        assert "customer_id" in found[1]["features"]["shop_prices_v1_exception"], found[1]
        assert found[2]["features"][f"{prefix}_flavour_last_6h"] is None, found[2]
    status, answer = server.call("GET", "/v1/join/shop.training.v1/schema")
    assert status == 200 and answer["joinName"] == "shop.training.v1", answer
    names = [field["name"] for field in json.loads(answer["valueSchema"])["fields"]]
    assert "per_event" in names and f"{prefix}_customer_id_count_6h" in names, names


def worked():
    """Expressions that the engine evaluates over a source's rows, and the server itself over those of a call."""
    selects = {"customer_id": "customer_id", "cents": "CAST(round(price * 100) AS BIGINT)", "flavour": "upper(ice_cream_flavour)"}
    aggregations = [aggregation("cents", SUM, WINDOW), aggregation("flavour", LAST, WINDOW), aggregation("cents", COUNT)]
    out = group_by("shop.worked.v1", aggregations, table="ice_creams", selects=selects)
    out["sources"][0]["events"]["query"]["wheres"] = ["ice_cream_flavour LIKE '%a%' OR price > 0.75", "customer_id IS NOT NULL"]
    return out


def rows_of_the_call(server):
    """Rows that a call gives in the place of the source's make what the same rows make that were stored."""
    rows = [event("Alice", flavour, at) for at, flavour in EVENTS_OF_ALICE]
    keys = [{"customer_id": "Alice"}, {"customer_id": "Bob"}]
    for at in GOLDEN:
        for name in (GROUP, "shop.worked.v1", "shop.prices.v1"):
            stored = server.fetch(name, keys, at)
            assert server.fetch(name, {"keys": keys, "rows": rows}, at) == stored, (name, at)
    # A customer whom no stored row knows; a row of this millisecond counts, one of a later day does not.
    now = int(time.time() * 1000)
    mine = [event("Zoe", "mint", now - 1000), event("Zoe", "plum", now) | {"created": now}, event("Zoe", "lime", now + 24 * HOUR)]
    ask = {"keys": [{"customer_id": "Zoe"}], "rows": mine}
    assert server.fetch(GROUP, ask)[0]["features"] == {"customer_id_count_6h": 2, "flavour_last_6h": "plum"}
    assert server.fetch(GROUP, ask["keys"])[0]["features"] == {"customer_id_count_6h": None, "flavour_last_6h": None}
    # Of one part of a Join; the other one has what is stored.
    join = {"keys": [{"buyer": "Alice", "customer_id": "Zoe"}], "rows": {"shop.prices.v1": mine}}
    found = server.fetch("shop.training.v1", join, kind="join")[0]["features"]
    assert found["shop_prices_v1_price_sum_6h"] == 2.0, found
    assert found["buyer_shop_ice_cream_ice_cream_group_by_customer_id_count_6h"] is None, found
    path = f"/v1/features/groupby/{GROUP}"
    for body, words in [
        ({"keys": [], "rows": {}}, "not an array"),
        ({"keys": [], "rows": [5]}, "row 0"),
        ({"keys": [], "row": []}, "`row`"),
        ({"keys": keys, "rows": [{"ice_cream_flavor": "x"}]}, "`ice_cream_flavour`"),
        ({"keys": keys, "rows": [mine[0], mine[0] | {"price": "much"}]}, "rows[1].price"),
        ({"keys": keys, "rows": [mine[0] | {"created": "soon"}]}, "rows[0].created"),
        ({"keys": keys, "rows": [mine[0] | {"created": None}]}, "no time"),
    ]:
        status, answer = server.call("POST", path, body)
        assert status == 400 and words in answer["errors"][0], (body, status, answer)
    status, answer = server.call("POST", path, {"keys": [], "rows": [{}] * 100_001})
    assert status == 413 and "100001" in answer["errors"][0], (status, answer)
    status, answer = server.call("POST", path + "/explain", ask)
    assert status == 400 and "explain" in answer["errors"][0], (status, answer)
    status, answer = server.call("POST", "/v1/features/join/shop.training.v1", {"keys": [], "rows": {"shop.price.v1": []}})
    assert status == 400 and "`shop.prices.v1`" in answer["errors"][0], (status, answer)
    assert server.fetch(GROUP, {"keys": keys, "rows": []}, MIDNIGHT)[0]["features"]["flavour_last_6h"] is None


def beside_features(server):
    """Which columns, how fresh, and what made a value of the past."""
    path = f"/v1/features/groupby/{GROUP}"
    keys, at = [{"customer_id": "Alice"}], f"atMillis={MIDNIGHT + 3 * HOUR}"
    status, answer = server.call("POST", f"{path}?{at}&columns=flavour_last_6h&freshness=true", keys)
    assert status == 200 and answer["results"][0]["features"] == {"flavour_last_6h": "lemon"}, answer
    fresh = answer["freshness"][GROUP]
    assert fresh["state"] == "live" and 0 <= fresh["stalenessMillis"] < 5_000, fresh
    assert fresh["watermarkMillis"] == EVENTS_OF_ALICE[-1][0] and fresh["upToDateAtMillis"] > MIDNIGHT, fresh
    join = {"buyer": "Alice", "customer_id": "Alice"}
    status, answer = server.call("POST", f"/v1/fetch/join/shop.training.v1?{at}&columns=per_event,shop_prices_v1_price_sum_6h&freshness=true", [join])
    assert status == 200 and answer["results"][0]["features"] == {"per_event": 1.0, "shop_prices_v1_price_sum_6h": 9.0}, answer
    assert set(answer["freshness"]) == {GROUP, "shop.prices.v1"}, answer
    for query, words in (("columns=flavour_last_7h", "`flavour_last_6h`"), ("columns=", "no column"), ("freshness=yes", "neither")):
        status, answer = server.call("POST", f"{path}?{query}", keys)
        assert status == 400 and words in answer["errors"][0], (query, status, answer)
    connection = server.connection()
    headers = {"Authorization": f"Bearer {server.token}", "Accept": "application/vnd.apache.arrow.stream"}
    connection.request("POST", f"{path}?{at}&columns=flavour_last_6h&freshness=true", json.dumps(keys), headers)
    table = pa.ipc.open_stream(connection.getresponse().read()).read_all()
    assert table.to_pylist() == [{"customer_id": "Alice", "flavour_last_6h": "lemon", "error": None}], table
    assert json.loads(table.schema.metadata[b"freshness"])[GROUP]["state"] == "live", table.schema
    # Of the past, from rows: as many as the window holds.
    for at, (count, _) in GOLDEN.items():
        status, answer = server.call("GET", f"{path}/explain?customer_id=Alice&atMillis={at}")
        [found] = answer["results"]
        assert found["from"] == "rows" and "why" in found, found
        assert found["columns"]["customer_id_count_6h"] == {
            "tail": (at - 6 * HOUR) // 300_000 * 300_000,
            "parts": [{"kind": "rows", "count": count}] if count else [],
        }, (at, found)


def fresh(server):
    """How long an event takes from its answer to a fetch that has it."""
    times = []
    connection, asking = server.connection(), server.connection()
    for n in range(100):
        body = [event("Fresh", f"f{n}", int(time.time() * 1000))]
        status, _ = server.post(body, connection=connection)
        assert status == 200
        began = time.monotonic()
        while True:
            _, answer = server.call("POST", f"/v1/features/groupby/{GROUP}", [{"customer_id": "Fresh"}], connection=asking)
            if answer["results"][0]["features"]["flavour_last_6h"] == f"f{n}":
                break
            assert time.monotonic() - began < 10, answer
        times.append((time.monotonic() - began) * 1000)
    times.sort()
    print(f"fresh after {times[50]:.1f} ms (median), {times[98]:.1f} ms (p99)")


def left_out(server):
    now = int(time.time() * 1000)
    server.post([event(None, "x", now), event("Alice", "x", None), event("Future", "x", now + HOUR)])
    listed = lambda: next(g for g in server.call("GET", "/v1/features")[1]["group_bys"] if g["name"] == GROUP)
    eventually(
        "rows that are left out are not counted",
        lambda: listed()["rows"]["without_key"] == 1 and listed()["rows"]["without_time"] == 1,
    )
    assert listed()["state"] == "live" and listed()["rows"]["ahead_of_time"] >= 1, listed()
    # What bears a later time is not seen before it has come.
    assert server.features(GROUP, "Future")["customer_id_count_6h"] is None
    assert server.features(GROUP, "Future", now + 2 * HOUR)["customer_id_count_6h"] == 1


def rows_go(server):
    status, answer = server.call("POST", "/v0/datasources/ice_creams/delete?delete_condition=ice_cream_flavour%3D'lemon'")
    assert status in (200, 201), (status, answer)
    eventually("removed rows are counted", lambda: seen(server, MIDNIGHT + 3 * HOUR) == (7, "strawberry"))


def definitions(server, folder):
    path = folder / "features/group_bys/shop.prices.v2"
    path.write_text(json.dumps(prices("shop.prices.v2", selects={"customer_id": "customer_id", "price": "prise"})))
    server.says("error", "features/group_bys/shop.prices.v2", "prise")
    status, answer = server.call("POST", "/v1/features/groupby/shop.prices.v2", [])
    assert status == 400 and "price" in answer["errors"][0], (status, answer)
    path.write_text(json.dumps(prices("shop.prices.v2")))
    eventually("it is not served", lambda: server.call("POST", "/v1/features/groupby/shop.prices.v2", [])[0] == 200)
    assert server.features("shop.prices.v2", "Alice", MIDNIGHT + 3 * HOUR)["price_sum_6h"] == 7.0
    path.unlink()
    eventually("it is served on", lambda: server.call("POST", "/v1/features/groupby/shop.prices.v2", [])[0] == 404)
    path.write_text("{ no")
    server.says("error", "features/group_bys/shop.prices.v2", "JSON")
    path.unlink()
    one_wrong_of_a_file(server, folder / "features/mixed.yaml")


def one_wrong_of_a_file(server, path):
    group = lambda name, op: f"  {name}: {{source: ice_creams, keys: customer_id, time: created, aggregations: {{op: {op}, input: price}}}}\n"
    path.write_text("group_bys:\n" + group("fine", "sum") + group("bad", "summ"))
    server.says("error", "features/mixed.yaml:3", "`summ`")
    status = lambda name: server.call("POST", f"/v1/features/groupby/{name}", [{"customer_id": "Alice"}])[0]
    eventually("the other one is not served", lambda: status("fine") == 200)
    code, answer = server.call("POST", "/v1/features/groupby/bad", [])
    assert code == 400 and "features/mixed.yaml:3" in answer["errors"][0], (code, answer)
    code, answer = server.call("POST", "/v1/features/join/fine", [])
    assert code == 404 and "`/v1/features/groupby/fine`" in answer["errors"][0], (code, answer)
    [bad] = [one for one in server.call("GET", "/v1/features")[1]["group_bys"] if one["name"] == "bad"]
    assert bad["state"] == "failed" and "features/mixed.yaml:3" in bad["error"], bad
    # What was right once is served on.
    # At once, since an empty file declares nothing.
    other = path.parent.parent / "mixed.new"
    other.write_text("group_bys:\n" + group("fine", "summ") + group("bad", "sum"))
    other.replace(path)
    eventually("the one that is right now is not served", lambda: status("bad") == 200)
    assert status("fine") == 200
    path.unlink()
    eventually("they are served on", lambda: status("fine") == 404 and status("bad") == 404)


def main():
    with program() as (tile, folder):
        derivations = [
            {"name": "*", "expression": "*"},
            {"name": "per_event", "expression": "shop_prices_v1_price_sum_6h / buyer_shop_ice_cream_ice_cream_group_by_customer_id_count_6h"},
        ]
        root = project(folder / "project", [ice_cream(), prices("shop.prices.v1"), worked(), join(derivations)])
        server = Server(tile, root, folder / "data")
        server.says("Build")
        assert server.call("GET", "/ping", token="") == (200, "Pong!")
        golden(server)
        many_keys(server)
        refused(server)
        tokens(server)
        joins(server)
        beside_features(server)
        rows_of_the_call(server)
        left_out(server)
        fresh(server)
        rows_go(server)
        definitions(server, root)
        server.end()
        assert server.process.returncode == 0, server.lines
        server = Server(tile, root, folder / "data")
        found = seen(server, MIDNIGHT + 3 * HOUR)
        assert found == (7, "strawberry"), found
        assert server.features(GROUP, "Fresh")["flavour_last_6h"] == "f99"
        server.end()
    print("events became features")


if __name__ == "__main__":
    main()
