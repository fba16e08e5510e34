"""Rows that hold more than a definition can: they become nulls, in what is served and in training data, and stop nothing. Types of columns
that only some engines have. Names that hide features.

    python odd.py --tile BIN
"""

import json
import time

from server import Server, eventually, program

HOUR, DAY = 3_600_000, 86_400_000
ODD = """SCHEMA >
    `id` String `json:$.id`,
    `u` UInt64 `json:$.u`,
    `n` Int64 `json:$.n`,
    `l` Array(Int64) `json:$.l`,
    `m` Map(String, Int64) `json:$.m`,
    `price` Decimal(18, 4) `json:$.price`,
    `at` Int64 `json:$.at`

ENGINE MergeTree
ENGINE_SORTING_KEY id
"""
ACCOUNTS = """SCHEMA >
    `customer` String `json:$.customer`,
    `balance` Int64 `json:$.balance`,
    `ds` String `json:$.ds`

ENGINE MergeTree
ENGINE_SORTING_KEY customer
"""
CHANGES = """SCHEMA >
    `customer` String `json:$.customer`,
    `balance` Int64 `json:$.balance`,
    `mutation_ts` Int64 `json:$.mutation_ts`,
    `is_before` UInt8 `json:$.is_before`

ENGINE MergeTree
ENGINE_SORTING_KEY customer
"""
FEATURES = """group_bys:
  fields:
    source: odd
    keys: [id]
    time: at
    selects: {v: "u", w: "SLICE(l, CAST(n AS INT), 2)", x: "m['a']", y: "price * 2", k: "CAST(n AS INT)", m: "m", price: "price"}
    where: n IS NOT NULL AND ABS(n) >= 0
    aggregations:
      - {op: count, input: id, windows: [1d]}
      - {op: sum, input: v, windows: [1d]}
      - {op: last, input: w}
      - {op: sum, input: x, windows: [1d]}
      - {op: sum, input: y, windows: [1d]}
      - {op: sum, input: price, windows: [1d]}
      - {op: sum, input: m, windows: [1d]}
      - {op: max, input: k}
  by_u:
    source: odd
    keys: [u]
    time: at
    aggregations:
      - {op: count, input: id}
  balance:
    entities: accounts
    changes: changes
    keys: [customer]
    aggregations:
      - {op: sum, input: balance}
  # Keys may be called as columns of ours are.
  named:
    entities: accounts
    changes: changes
    keys: [day, asked_at]
    selects: {day: customer, asked_at: customer, balance: balance}
    aggregations:
      - {op: sum, input: balance}
  balance_by_day:
    entities: accounts
    keys: [customer]
    aggregations:
      - {op: sum, input: balance}
"""


def computed(server, name, rows):
    connection = server.connection()
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/x-ndjson"}
    connection.request("POST", f"/v1/features/training/{name}?format=ndjson", "\n".join(json.dumps(row) for row in rows), headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status != 200:
        return answer.status, json.loads(text)
    return answer.status, [json.loads(line) for line in text.splitlines()]


def odd_rows(server):
    now = int(time.time() * 1000) - HOUR
    row = lambda i, **more: {"id": "a", "u": 1, "n": 1, "l": [10 + i, 20, 30], "m": {"a": i, "b": 1}, "price": "1.25", "at": now + i} | more
    rows = [row(1), row(2, u=2**64 - 1), row(3, n=2**31 - 1), row(4, n=-(2**63)), row(5, u=2**63), row(6, m={}), row(7)]
    status, answer = server.post(rows, "odd")
    assert (status, answer["quarantined_rows"]) == (200, 0), answer
    seen = lambda: server.fetch("fields", [{"id": "a"}])[0]["features"]
    # The fourth has no absolute value, so its condition does not hold.
    eventually("not all rows count", lambda: seen()["id_count_1d"] == 6)
    features = seen()
    assert features["v_sum_1d"] == 4, features
    assert features["w_last"] == [17, 20], features
    assert features["x_sum_1d"] == 1 + 2 + 3 + 5 + 7, features
    assert features["y_sum_1d"] == 15 and features["price_sum_1d"] == 7.5, features
    assert features["m_sum_1d"] == {"a": 18, "b": 5}, features
    assert features["k_max"] == 2**31 - 1, features
    counted = lambda: [row["features"]["id_count"] for row in server.fetch("by_u", [{"u": 1}, {"u": 2**63 - 1}])]
    eventually("keys are not counted", lambda: counted() == [5, None])
    [group] = [group for group in server.call("GET", "/v1/features")[1]["group_bys"] if group["name"] == "by_u"]
    assert group["state"] == "live" and group["rows"]["without_key"] == 2, group
    # The same as training data, and once more after a restart's way of reading.
    status, found = computed(server, "fields", [{"id": "a", "ts": now + HOUR}])
    assert status == 200, found
    ours = {name: found[0].get(name) for name in features if name != "m_sum_1d"}
    assert ours == {name: value for name, value in features.items() if name != "m_sum_1d"}, (ours, features)


def missing_days(server):
    """The snapshot of yesterday is not there: the newest one counts, served and in training."""
    now = int(time.time() * 1000)
    today = now // DAY * DAY
    day = lambda ago: time.strftime("%Y-%m-%d", time.gmtime((today - ago * DAY) // 1000))
    server.post([{"customer": "c", "balance": 100, "ds": day(3)}, {"customer": "c", "balance": 50, "ds": day(9)}], "accounts")
    changes = [(today - 2 * DAY + HOUR, 7), (today - 8 * DAY + HOUR, 3), (today - 20 * DAY, 1000)]
    server.post([{"customer": "c", "balance": balance, "mutation_ts": at, "is_before": 0} for at, balance in changes], "changes")
    served = lambda name, at=None: server.fetch(name, [{"customer": "c"}], at)[0]["features"]["balance_sum"]
    eventually("the change is not served", lambda: served("balance") == 107)
    times = [now, today - DAY + 5, today - 2 * DAY + HOUR, today - 2 * DAY + HOUR + 1, today - 2 * DAY, today - 5 * DAY, today - 8 * DAY + HOUR + 1, today - 8 * DAY, today - 15 * DAY]
    for name in ("balance", "balance_by_day"):
        wanted = [served(name, at) for at in times]
        status, rows = computed(server, name, [{"customer": "c", "ts": at} for at in times])
        assert status == 200, rows
        assert [row.get("balance_sum") for row in rows] == wanted, (name, wanted, rows)
    status, rows = computed(server, "named", [{"day": "c", "asked_at": "c", "ts": at} for at in times])
    assert status == 200 and [row.get("balance_sum") for row in rows] == [served("balance", at) for at in times], rows
    assert served("balance", times[1]) == 107 and served("balance", times[2]) == 100 and served("balance", times[5]) == 53, times
    assert served("balance_by_day", times[1]) == 100 and served("balance_by_day", times[5]) == 50


def hidden_features(server):
    """A column of the left rows that a feature is called."""
    status, answer = computed(server, "fields", [{"id": "a", "ts": 1_700_000_000_000, "id_count_1d": -7}])
    assert status == 400 and "`id_count_1d`" in answer["errors"][0] and "another name" in answer["errors"][0], (status, answer)


def main():
    with program() as (tile, folder):
        project = folder / "project"
        (project / "features").mkdir(parents=True)
        (project / "features/odd.yaml").write_text(FEATURES)
        for name, text in {"odd": ODD, "accounts": ACCOUNTS, "changes": CHANGES}.items():
            (project / f"{name}.datasource").write_text(text)
        server = Server(tile, project, folder / "data")
        server.says("Build")
        odd_rows(server)
        missing_days(server)
        hidden_features(server)
        assert not any(word in line for line in server.lines for word in ("error", "ERROR", "panicked")), server.lines
        server.end()
        server = Server(tile, project, folder / "data")
        assert server.fetch("fields", [{"id": "a"}])[0]["features"]["id_count_1d"] == 6
        server.end()
    print("odd rows stop nothing")


if __name__ == "__main__":
    main()
