"""What clients of Chronon's fetcher services do: they bring no token, keys of whatever JSON type, read schemas and rows in Avro.

    python fetcher.py --tile BIN
"""

import base64
import io
import json

import fastavro
from server import Server, aggregation, eventually, program, project

HOUR = 3_600_000
AT = 1_700_006_400_000
COUNT, SUM, LAST, LAST_K, HISTOGRAM, MIN = 6, 7, 3, 13, 17, 0
USERS = """SCHEMA >
    `id` Int64 `json:$.id`,
    `name` String `json:$.name`,
    `flag` Bool `json:$.flag`,
    `small` Float32 `json:$.small`,
    `large` Float64 `json:$.large`,
    `at` Int64 `json:$.at`

ENGINE MergeTree
ENGINE_SORTING_KEY id
"""
ROWS = [
    {"id": 1, "name": "ann", "flag": True, "small": 0.1, "large": 2.5, "at": AT + 1},
    {"id": 1, "name": "añb", "flag": False, "small": 0.3, "large": -1e300, "at": AT + 2},
    {"id": -70, "name": "zed", "flag": True, "small": 7, "large": 0, "at": AT + 3},
]
# As a warehouse calls it: the data source is `data_users`.
TABLE = "data.users"


def group(name, key, inputs):
    query = {"selects": {c: c for c in ("id", "name", "flag", "small", "large")}, "timeColumn": "at", "setups": []}
    return {
        "metaData": {"name": name, "online": 1, "team": "shop"},
        "sources": [{"events": {"table": TABLE, "topic": "t", "query": query}}],
        "keyColumns": [key],
        "aggregations": [aggregation(column, operation, *windows) for column, operation, *windows in inputs],
        "accuracy": 0,
    }


def definitions():
    day = (1, 1)
    by_id = group("shop.by_id.v1", "id", [("id", COUNT, day), ("name", LAST), ("flag", LAST), ("small", LAST), ("large", SUM, day), ("name", HISTOGRAM), ("id", LAST)])
    by_name = group("shop.by_name.v1", "name", [("id", SUM, day), ("small", MIN)])
    last = aggregation("small", LAST_K, day)
    last["argMap"] = {"k": "2"}
    by_id["aggregations"].append(last)
    left = {"events": {"table": TABLE, "query": {"selects": {"id": "id"}, "timeColumn": "at"}}}
    join = {
        "metaData": {"name": "shop.users.v1", "online": 1, "team": "shop"},
        "left": left,
        # The name is not selected: a fetch brings it.
        "joinParts": [{"groupBy": by_id, "prefix": "mine"}, {"groupBy": by_name, "keyMapping": {"friend": "name"}}],
        "rowIds": ["event_id"],
        "onlineExternalParts": [],
    }
    derived = json.loads(json.dumps(join))
    derived["metaData"]["name"] = "shop.derived.v1"
    derived["derivations"] = [
        {"name": "*", "expression": "*"},
        {"name": "twice", "expression": "mine_shop_by_id_v1_id_count_1d * 2"},
        {"name": "ratio", "expression": "mine_shop_by_id_v1_id_count_1d / shop_by_name_v1_id_sum_1d"},
        {"name": "either", "expression": "coalesce(shop_by_name_v1_id_sum_1d, mine_shop_by_id_v1_id_count_1d)"},
        {"name": "renamed", "expression": "mine_shop_by_id_v1_name_last"},
    ]
    return [by_id, by_name, join, derived]


def keys_are_cast(server):
    for given, status in (("1", 1), (1.0, 1), (" 1 ", 1), ("one", 0), (1.5, 0), ([1], 0), (True, 0), ("1.5", 0)):
        [found] = server.fetch("shop.by_id.v1", [{"id": given}], AT + HOUR)
        assert found["status"] == ("Success" if status else "Failure"), (given, found)
        assert found["entityKeys"] == {"id": given}, found
        if status:
            assert found["features"]["id_count_1d"] == 2, found
    server.post([{"id": 9, "name": text, "flag": True, "small": 0, "large": 0, "at": AT + 5} for text in ("5", "true", "2.5")], "data_users")
    counted = lambda key: server.fetch("shop.by_name.v1", [{"name": key}], AT + HOUR)[0]["features"]["id_sum_1d"]
    eventually("the rows are seen", lambda: [counted("5"), counted(5), counted(True), counted(2.5)] == [9, 9, 9, 9])


def what_fails_is_null_to_derivations(server):
    keys = [{"id": 1, "friend": "ann"}, {"id": 1}, {"id": "x", "friend": "ann"}]
    both, first, second = (row["features"] for row in server.fetch("shop.derived.v1", keys, AT + HOUR, kind="join"))
    assert (both["twice"], both["ratio"], both["either"], both["renamed"]) == (4, 2.0, 1, "añb"), both
    assert (first["twice"], first["ratio"], first["either"], first["renamed"]) == (4, None, 2, "añb"), first
    assert "friend" in first["shop_by_name_v1_exception"] and "shop_by_name_v1_id_sum_1d" not in first, first
    assert "derivation_fetch_exception" not in first, first
    # The column that was renamed is not back.
    assert "mine_shop_by_id_v1_name_last" not in first and first["mine_shop_by_id_v1_id_count_1d"] == 2, first
    assert (second["twice"], second["ratio"], second["either"], second["renamed"]) == (None, None, 1, None), second
    assert "mine_shop_by_id_v1_exception" in second and second["shop_by_name_v1_id_sum_1d"] == 1, second
    assert not any(name.startswith("mine_") for name in second if not name.endswith("_exception")), second


def floats_have_their_own_digits(server):
    [found] = server.fetch("shop.by_id.v1", [{"id": 1}], AT + HOUR)
    assert found["features"]["small_last"] == 0.3 and found["features"]["small_last2_1d"] == [0.3, 0.1], found


def rows_come_in_avro(server):
    keys = [{"id": 1, "friend": "ann"}, {"id": -70, "friend": "nobody"}, {"id": "x", "friend": "ann"}, {"id": 404, "friend": "?"}]
    for name in ("shop.users.v1", "shop.derived.v1"):
        status, schema = server.call("GET", f"/v1/join/{name}/schema")
        assert status == 200, schema
        parsed = fastavro.parse_schema(json.loads(schema["valueSchema"]))
        status, answer = server.call("POST", f"/v2/fetch/join/{name}?atMillis={AT + HOUR}", keys)
        assert status == 200, answer
        plain = server.fetch(name, keys, AT + HOUR, kind="join")
        assert len(answer["results"]) == len(keys)
        for row, other in zip(answer["results"], plain):
            assert (row["status"], row["entityKeys"]) == ("Success", other["entityKeys"]), row
            record = io.BytesIO(base64.b64decode(row["featureAvroString"]))
            found = fastavro.schemaless_reader(record, parsed)
            assert not record.read(), "bytes are left"
            features = {k: v for k, v in other["features"].items() if not k.endswith("_exception")}
            errors = {k: v for k, v in other["features"].items() if k.endswith("_exception")}
            assert row["featuresErrors"] == errors, (row, errors)
            rounded = lambda v: [rounded(x) for x in v] if isinstance(v, list) else round(v, 6) if isinstance(v, float) and abs(v) < 1e6 else v
            same = {k: rounded(v) for k, v in found.items() if k in features}
            assert same == {k: rounded(v) for k, v in features.items()}, (same, features)
            assert all(v is None for k, v in found.items() if k not in features), found
    status, answer = server.call("POST", "/v2/fetch/join/shop.nothing", [])
    assert status == 404 and "errors" in answer, (status, answer)


def schemas_are_told(server):
    _, schema = server.call("GET", "/v1/join/shop.users.v1/schema")
    infos = {info["fullName"]: info for info in schema["valueInfos"]}
    assert infos["mine_shop_by_id_v1_name_histogram"] == {
        "fullName": "mine_shop_by_id_v1_name_histogram",
        "groupName": "shop.by_id.v1",
        "prefix": "mine",
        "leftKeys": ["id"],
        "schemaString": "map<string,int>",
    }, infos
    other = infos["shop_by_name_v1_small_min"]
    assert (other["prefix"], other["leftKeys"], other["schemaString"]) == (None, ["friend"], "float"), other
    assert {infos[f"mine_shop_by_id_v1_{name}"]["schemaString"] for name in ("id_count_1d", "small_last2_1d")} == {"bigint", "array<float>"}
    status, schema = server.call("GET", "/v1/groupby/shop.by_id.v1/schema")
    assert status == 200 and schema["groupByName"] == "shop.by_id.v1", schema
    names = lambda what: [field["name"] for field in fastavro.parse_schema(json.loads(schema[what]))["fields"]]
    assert names("keySchema") == ["id"] and "name_last" in names("valueSchema"), schema
    assert names("inputSchema") == ["id", "name", "flag", "small", "large", "at"] and "large" in names("selectedSchema"), schema
    # Who may read features alone does not see what else the table has.
    _, reader = server.call("POST", "/v0/tokens?name=reader&scope=FEATURES:READ:shop.by_id.v1")
    status, schema = server.call("GET", "/v1/groupby/shop.by_id.v1/schema", token=reader["token"])
    assert status == 200 and schema["inputSchema"] is None and names("valueSchema"), schema
    assert server.call("GET", "/v1/groupby/shop.by_id.v1")[0] == 404
    assert server.call("GET", "/v1/groupby/shop.by.v1/schema")[0] == 404


def strangers(server, is_public):
    """Without a token, with a wrong one, and with one as a password."""

    def ask(method, path, body=None, header=None):
        connection = server.connection()
        headers = {"Authorization": header} if header else {}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")

    fetch = ("POST", "/v1/fetch/join/shop.users.v1", [{"id": 1, "friend": "ann"}])
    reads = [fetch, ("POST", "/v1/features/groupby/shop.by_id.v1", []), ("GET", "/v1/joins"), ("GET", "/config"), ("GET", "/v1/join/shop.users.v1/schema"), ("GET", "/v1/features"), ("POST", "/v2/fetch/join/shop.users.v1", [])]
    for asked in reads:
        status, answer = ask(*asked)
        assert status == (200 if is_public else 403), (asked, status, answer)
        status, answer = ask(*asked, *[None] * (3 - len(asked)), "Bearer p.wrong")
        assert status == 403, (asked, status, answer)
        password = base64.b64encode(f"any:{server.token}".encode()).decode()
        status, answer = ask(*asked, *[None] * (3 - len(asked)), f"Basic {password}")
        assert status == 200, (asked, status, answer)
    # Nothing else is open.
    others = [
        ("POST", "/v1/features/training/shop.users.v1?left=data_users", None),
        ("GET", "/v1/features/jobs/1", None),
        ("GET", "/v1/features/check/shop.users.v1", None),
        ("GET", "/v1/features/drift/shop.users.v1", None),
        ("POST", "/v0/events?name=data_users", {}),
        ("GET", "/v0/sql?q=SELECT%201", None),
        ("GET", "/v0/datasources", None),
        ("GET", "/api/v1/metadata/", None),
    ]
    for asked in others:
        assert ask(*asked)[0] in (401, 403), (asked, ask(*asked))


def main():
    with program() as (tile, folder):
        root = project(folder / "project", definitions(), {"data_users": USERS})
        for is_public in (False, True):
            server = Server(tile, root, folder / "data", *["--public-features"] * is_public)
            if not is_public:
                server.post(ROWS, "data_users")
            seen = lambda: server.fetch("shop.by_id.v1", [{"id": 1}], AT + HOUR)[0]["features"]["id_count_1d"]
            eventually("the rows are seen", lambda: seen() == 2)
            strangers(server, is_public)
            if not is_public:
                keys_are_cast(server)
                what_fails_is_null_to_derivations(server)
                floats_have_their_own_digits(server)
                rows_come_in_avro(server)
                schemas_are_told(server)
            server.end()
    print("clients of the fetcher service are served")


if __name__ == "__main__":
    main()
