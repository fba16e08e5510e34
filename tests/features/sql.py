"""Features in SQL, at `/v0/sql`, in endpoints and at the ClickHouse port, and Joins as tables: with the unmodified clients of Tiled and Arrow.

    python sql.py --tile BIN

The packages are those of `tests/clients`. What SQL reads is compared with what a fetch answers.
"""

import http.client
import io
import json
import os
import pathlib
import re
import time
import urllib.parse

os.environ["TILED_RETRY_ATTEMPTS"] = "1"

import pyarrow as pa
from tiled.client import from_uri

from server import COUNT, LAST, SUM, Server, aggregation, eventually, group_by, program, project

HISTOGRAM, LAST_K, AVERAGE, UNIQUE = 17, 13, 8, 5
WORKSPACE = "Tinybird_Local_Testing"
CUSTOMERS = 5_000
# Of each kind, when their time is taken.
QUERIES = 40
HOUR = 3_600_000
SOLD, BY_FLAVOUR = "shop.sold.v1", "shop.by_flavour.v1"
EVENTS = """SCHEMA >
    `customer_id` Nullable(String) `json:$.customer_id`,
    `ice_cream_flavour` String `json:$.ice_cream_flavour`,
    `price` Float64 `json:$.price` DEFAULT 0,
    `shop` Int32 `json:$.shop` DEFAULT 0,
    `created` Nullable(DateTime64(3)) `json:$.created`

ENGINE MergeTree
ENGINE_SORTING_KEY ice_cream_flavour
"""
ASKS = """SCHEMA >
    `customer_id` String `json:$.customer_id`,
    `ts` Int64 `json:$.ts`
"""
# Names a table that is not there when the project is built first: features follow the data source that is built with it.
KNOWN = f"""NODE one
SQL >
    %
    SELECT customer_id, customer_id_count_6h AS n FROM catalog.`features/{WORKSPACE}/group_bys/{SOLD}`
    WHERE customer_id = {{{{String(customer, 'c7')}}}}

TYPE endpoint
"""


def table(kind, name):
    return f"catalog.`features/{WORKSPACE}/{kind}/{name}`"


def text(ms):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03d}"


def event(customer, flavour, at, shop=0):
    return {"customer_id": customer, "ice_cream_flavour": flavour, "price": 1.5, "shop": shop, "created": text(at)}


def sold():
    six = (6, 0)
    last = aggregation("flavour", LAST_K, six) | {"argMap": {"k": "3"}}
    columns = [aggregation("customer_id", COUNT, six), aggregation("flavour", LAST, six), last, aggregation("flavour", HISTOGRAM, six)]
    return group_by(SOLD, columns, table="ice_creams")


def prices():
    selects = {"customer_id": "customer_id", "price": "price"}
    return group_by("shop.prices.v1", [aggregation("price", SUM, (1, 1))], table="ice_creams", selects=selects)


def by_flavour():
    selects = {"flavour": "ice_cream_flavour", "shop": "shop", "price": "price"}
    sums = [aggregation("price", SUM, (1, 1)), aggregation("price", AVERAGE)]
    return group_by(BY_FLAVOUR, sums, table="ice_creams", selects=selects) | {"keyColumns": ["flavour", "shop"]}


def join(name, parts, **more):
    left = {"selects": {"customer_id": "customer_id", "flavour": "ice_cream_flavour", "shop": "shop"}, "timeColumn": "created"}
    return {
        "metaData": {"name": name, "online": 1, "team": "sellers", "description": "What is known when one buys"},
        "left": {"events": {"table": "ice_creams", "query": left}},
        "joinParts": [{"groupBy": part} for part in parts],
    } | more


ALIKE, MIXED, ASKED = "shop.alike.v1", "shop.mixed.v1", "shop.asked.v1"


def definitions():
    paid = {"name": "paid_each", "expression": "shop_prices_v1_price_sum_1d / shop_sold_v1_customer_id_count_6h"}
    alike = join(ALIKE, [sold(), prices()], derivations=[{"name": "*", "expression": "*"}, paid])
    context = {"source": {"metadata": {"name": "contextual"}, "keySchema": None, "valueSchema": None}}
    fields = {"kind": 13, "name": "contextual_values", "params": [{"name": "basket", "dataType": {"kind": 5}}]}
    context["source"] |= {"keySchema": fields, "valueSchema": fields}
    asked = join(ASKED, [sold()], onlineExternalParts=[context])
    return [sold(), prices(), by_flavour(), alike, join(MIXED, [sold(), by_flavour()]), asked]


def sql_reads_a_group_by(server):
    from_ = table("group_bys", SOLD)
    [row] = server.sql(f"SELECT * FROM {from_} WHERE customer_id = 'c7'")
    assert row == {
        "customer_id": "c7",
        "customer_id_count_6h": 2,
        "flavour_last_6h": "lemon",
        "flavour_last3_6h": ["lemon", "mint"],
        "flavour_histogram_6h": '{"lemon":1,"mint":1}',
    }, row
    [row] = server.sql(f"SELECT count() AS n, sum(customer_id_count_6h) AS s, uniqExact(customer_id) AS u FROM {from_}")
    assert [int(row[name]) for name in "nsu"] == [CUSTOMERS, CUSTOMERS + CUSTOMERS // 10, CUSTOMERS], row
    for where, wanted in [
        ("customer_id IN ('c1', 'c2', 'c2', 'nobody')", ["c1", "c2"]),
        ("(customer_id = 'c1') AND customer_id_count_6h > 1", []),
        ("customer_id = 'c1' OR customer_id = 'c2'", ["c1", "c2"]),
        ("NOT customer_id != 'c3'", ["c3"]),
        ("customer_id = 'nobody'", []),
        ("customer_id IN ('c1') AND customer_id IN ('c2')", []),
        ("customer_id = upper('c') || '1' OR customer_id = concat('c', '4')", ["c4"]),
    ]:
        rows = server.sql(f"SELECT customer_id FROM {from_} WHERE {where} ORDER BY customer_id")
        assert [row["customer_id"] for row in rows] == wanted, (where, rows)
    # An alias is not the column, and a row that a join makes up is none of the table's.
    [row] = server.sql(f"SELECT count() AS n FROM (SELECT 'c5' AS customer_id, customer_id_count_6h FROM {from_} WHERE customer_id = 'c5')")
    assert int(row["n"]) == CUSTOMERS, row
    made_up = f"SELECT t.customer_id AS c FROM (SELECT 'x' AS k) AS l LEFT JOIN {from_} AS t ON t.customer_id = l.k WHERE t.customer_id = ''"
    assert [row["c"] for row in server.sql(made_up)] in ([""], []), made_up
    # Features beside the rows of a data source.
    both = f"SELECT e.customer_id AS c, any(f.customer_id_count_6h) AS n FROM ice_creams AS e JOIN {from_} AS f ON e.customer_id = f.customer_id WHERE e.customer_id IN ('c7', 'c8') GROUP BY c ORDER BY c"
    assert [(row["c"], int(row["n"])) for row in server.sql(both)] == [("c7", 2), ("c8", 1)]
    # Two columns of a key, one of them a number.
    name = table("group_bys", BY_FLAVOUR)
    [row] = server.sql(f"SELECT price_sum_1d AS s FROM {name} AS t WHERE t.flavour = 'lemon' AND shop = 2")
    [fetched] = server.fetch(BY_FLAVOUR, [{"flavour": "lemon", "shop": 2}])
    assert row["s"] == fetched["features"]["price_sum_1d"] > 0, (row, fetched)
    assert len(server.sql(f"SELECT 1 FROM {name} WHERE flavour IN ('lemon', 'mint') AND shop IN (1, 2, -4)")) == 3
    assert len(server.sql(f"SELECT 1 FROM {name} WHERE shop = 2")) == 2


def a_point_reads_no_other_key(server):
    """Of many keys one is found without a look at the others: it takes a small part of the server's time."""
    def seconds(tail):
        began = cpu_seconds(server)
        for _ in range(QUERIES):
            server.sql(f"SELECT max(customer_id_count_6h) AS n FROM {table('group_bys', SOLD)} {tail}")
        return (cpu_seconds(server) - began) / QUERIES

    one, all_ = seconds("WHERE customer_id = 'c7'"), seconds("")
    assert one < all_ / 2, (one, all_)
    print(f"one key of {CUSTOMERS} takes {one * 1e3:.1f} ms, all take {all_ * 1e3:.1f} ms")


def cpu_seconds(server):
    """What the server has computed, which does not depend on what else runs here."""
    fields = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def endpoints_and_clickhouse_read_them(server):
    status, answer = server.call("GET", "/v0/pipes/known.json?customer=c8")
    assert status == 200 and [(row["customer_id"], int(row["n"])) for row in answer["data"]] == [("c8", 1)], answer
    server.says("ClickHouse")
    line = next(line for line in server.lines if "ClickHouse" in line)
    connection = http.client.HTTPConnection("127.0.0.1", int(re.search(r":(\d+)", line)[1]), timeout=30)
    query = f"SELECT flavour_last3_6h FROM {table('group_bys', SOLD)} WHERE customer_id = {{who:String}} FORMAT TSV"
    target = "/?" + urllib.parse.urlencode({"user": "default", "password": server.token, "query": query, "param_who": "c7"})
    connection.request("POST", target)
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"['lemon','mint']\n"), answer.status


def tokens_read_what_they_may(server):
    status, answer = server.call("POST", f"/v0/tokens?name=reader&scope=FEATURES:READ:{SOLD}")
    token = answer["token"]
    ask = lambda from_, token: server.call("GET", "/v0/sql?" + urllib.parse.urlencode({"q": f"SELECT count() AS n FROM {from_} FORMAT JSON"}), token=token)
    status, answer = ask(table("group_bys", SOLD), token)
    assert status == 200 and int(answer["data"][0]["n"]) == CUSTOMERS, answer
    denied = [ask(table("group_bys", name), token) for name in ("shop.prices.v1", "shop.absent.v1")]
    denied.append(ask("catalog.`data/nothing`", token))
    for status, answer in denied:
        assert status in (400, 403), (status, answer)
    # What may not be read looks as what is not there.
    told = {json.dumps(answer).replace("prices", "X").replace("absent", "X") for _, answer in denied[:2]}
    assert len(told) == 1, told
    _, answer = server.call("POST", "/v0/tokens?name=ender&scope=PIPES:READ:known")
    status, found = server.call("GET", "/v0/pipes/known.json", token=answer["token"])
    assert status == 200 and found["data"][0]["customer_id"] == "c7", found
    assert ask(table("group_bys", SOLD), answer["token"])[0] in (400, 403)
    # To an administrator it is told what is wrong.
    status, answer = ask(table("group_bys", "shop.solt.v1"), None)
    assert status in (400, 404) and "shop.sold.v1" in answer["error"], answer
    status, answer = ask(table("joins", ASKED), None)
    assert status == 400 and "comes with each request" in answer["error"], answer
    # Another workspace's features are not there.
    status, answer = ask("catalog.`features/Other/group_bys/shop.sold.v1`", None)
    assert status in (400, 404), answer


def another_workspace_reads_none(server):
    """Its admin is none here: features stay with the workspace that they are of, whatever SQL calls them by."""
    _, user = server.call("GET", "/tokens", token="")
    status, made = server.call("POST", "/v1/workspaces?name=Other", token=user["user_token"])
    assert status == 200, made
    ask = lambda from_, token: server.call("GET", "/v0/sql?" + urllib.parse.urlencode({"q": f"SELECT * FROM {from_} LIMIT 1"}), token=token)
    for from_ in (table("group_bys", SOLD), table("joins", ALIKE), f"features_training('{SOLD}', 'asks')"):
        status, answer = ask(from_, server.token)
        assert status == 200, (from_, status, answer)
        status, answer = ask(from_, made["token"])
        assert status in (400, 403, 404) and "flavour" not in json.dumps(answer), (from_, status, answer)


def as_fetched(server, name, keys):
    return [item["features"] for item in server.fetch(name, keys, kind="join")]


def joins_are_tables(server):
    root = from_uri(f"http://127.0.0.1:{server.port}", api_key=server.token.encode().hex())
    joins = root["features", WORKSPACE, "joins"]
    assert list(joins) == [ALIKE, ASKED, MIXED], list(joins)
    # Keys that two parts have in common, each once.
    alike = joins[ALIKE]
    said = alike.metadata
    assert said["owner"] == "sellers" and said["description"] == "What is known when one buys", said
    assert [part["group_by"] for part in said["parts"]] == [SOLD, "shop.prices.v1"] and said["parts"][0]["keys"] == ["customer_id"]
    assert said["definition"]["metaData"]["name"] == ALIKE and said["state"] == "live", said
    assert {"name": "paid_each", "type": "double"} in said["features"], said
    plain = ["customer_id", "shop_sold_v1_customer_id_count_6h", "shop_prices_v1_price_sum_1d", "paid_each"]
    frame = alike.read(plain)
    # One more bought a while ago: only the longer window knows.
    assert len(frame) == CUSTOMERS + 1 and frame["customer_id"].is_unique, len(frame)
    rows = frame.set_index("customer_id")
    assert rows.loc["c7"].tolist() == [2, 3.0, 1.5], rows.loc["c7"]
    assert rows.loc["yesterday"].isna().tolist() == [True, False, True], rows.loc["yesterday"]
    [fetched] = as_fetched(server, ALIKE, [{"customer_id": "c7"}])
    assert [fetched[name] for name in plain[1:]] == [2, 3.0, 1.5], fetched
    # Keys that belong together come from the rows of the left side.
    mixed = joins[MIXED]
    frame = mixed.read(["customer_id", "flavour", "shop", "shop_by_flavour_v1_price_sum_1d"])
    wanted = {(f"c{n}", "mint", n % 5) for n in range(CUSTOMERS)} | {(f"c{n}", "lemon", n % 5) for n in range(7, CUSTOMERS, 10)} | {("yesterday", "mint", 0)}
    found = list(zip(frame["customer_id"], frame["flavour"], frame["shop"]))
    assert len(found) == len(wanted) and set(found) == wanted, (len(found), len(wanted))
    keys = [{"customer_id": who, "flavour": flavour, "shop": int(shop)} for who, flavour, shop in found[:50]]
    assert [row["shop_by_flavour_v1_price_sum_1d"] for row in as_fetched(server, MIXED, keys)] == frame["shop_by_flavour_v1_price_sum_1d"][:50].tolist()
    # What nobody knows is no table, and says why.
    asked = joins[ASKED]
    assert "comes with each request" in asked.metadata["no_table"] and list(asked) == [], asked.metadata
    # SQL reads the same.
    [row] = server.sql(f"SELECT * FROM {table('joins', ALIKE)} WHERE customer_id = 'c7'")
    assert row["shop_sold_v1_flavour_last3_6h"] == ["lemon", "mint"] and row["paid_each"] == 1.5, row
    [row] = server.sql(f"SELECT count() AS n FROM {table('joins', MIXED)}")
    assert int(row["n"]) == len(wanted), row
    pinned = f"SELECT flavour FROM {table('joins', MIXED)} WHERE customer_id IN ('c7', 'c8') AND flavour IN ('lemon', 'mint') AND shop IN (0, 1, 2, 3, 4) ORDER BY ALL"
    assert [row["flavour"] for row in server.sql(pinned)] == ["lemon", "mint", "mint"], server.sql(pinned)


def joins_answer_in_arrow(server):
    keys = [{"customer_id": "c7"}, {"customer_id": [5]}, {"customer_id": "nobody"}, {"customer_id": None}]
    headers = {"Authorization": f"Bearer {server.token}", "Accept": "application/vnd.apache.arrow.stream"}
    connection = server.connection()
    connection.request("POST", f"/v1/features/join/{ALIKE}", json.dumps(keys), headers)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Content-Type"]) == (200, headers["Accept"])
    found = pa.ipc.open_stream(answer.read()).read_all()
    rows = found.to_pylist()
    fetched = as_fetched(server, ALIKE, keys)
    assert {name: rows[0][name] for name in ("shop_sold_v1_flavour_last3_6h", "paid_each")} == {"shop_sold_v1_flavour_last3_6h": ["lemon", "mint"], "paid_each": 1.5}
    assert rows[0]["error"] is None and fetched[0]["paid_each"] == 1.5, rows[0]
    assert "shop_sold_v1_exception: " in rows[1]["error"] and rows[1]["paid_each"] is None, rows[1]
    assert "shop_prices_v1_exception" in fetched[1] and fetched[1]["paid_each"] is None, fetched[1]
    for row in rows[2:]:
        assert row["error"] is None and row["shop_sold_v1_customer_id_count_6h"] is None, row
    status, document = server.call("GET", "/openapi.json", token="")
    produces = document["paths"]["/v1/features/join/{path}"]["post"]["responses"]["200"]["content"]
    assert headers["Accept"] in produces, produces


def main():
    with program() as (tile, folder):
        root = project(folder / "project", definitions(), {"ice_creams": EVENTS, "asks": ASKS})
        (root / "known.pipe").write_text(KNOWN)
        server = Server(tile, root, folder / "data", "--tinybird", clickhouse="0")
        server.says("Build 1")
        try:
            now = int(time.time() * 1000)
            server.post([event(f"c{n}", "mint", now - HOUR, n % 5) for n in range(CUSTOMERS)])
            server.post([event(f"c{n}", "lemon", now - HOUR // 2, n % 5) for n in range(7, CUSTOMERS, 10)])
            server.post([event("yesterday", "mint", now - 10 * HOUR)])
            seen = lambda: server.features("shop.prices.v1", "yesterday")["price_sum_1d"] == 1.5
            eventually("the events are not seen", seen)
            eventually("the events are not seen", lambda: server.features(SOLD, "c7")["customer_id_count_6h"] == 2)
            sql_reads_a_group_by(server)
            a_point_reads_no_other_key(server)
            endpoints_and_clickhouse_read_them(server)
            tokens_read_what_they_may(server)
            another_workspace_reads_none(server)
            joins_are_tables(server)
            joins_answer_in_arrow(server)
        finally:
            server.end()
    print("SQL and the catalog read features")


if __name__ == "__main__":
    main()
