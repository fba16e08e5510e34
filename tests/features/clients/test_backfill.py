"""`tile features backfill` against values that are computed here, row by row, from what the definitions say.

Nothing of the product's code is used: a value is a plain loop over the rows that its window holds.
"""

import csv
import datetime
import json
import math
import os
import pathlib
import random
import subprocess
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

TILE = os.environ["TILE_BIN"]
HOUR, DAY = 3_600_000, 86_400_000
START = 1_700_006_400_000  # a midnight
COUNT, SUM, AVERAGE, LAST, MAX, UNIQUE_COUNT, TOP_K = 6, 7, 8, 3, 1, 4, 15


def run(folder, *args):
    done = subprocess.run([TILE, "features", "backfill", *map(str, args)], cwd=folder, capture_output=True, text=True)
    return done


def rows_of(path):
    return pq.read_table(path).to_pylist()


def ds(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).strftime("%Y-%m-%d")


def hours(n):
    return {"length": n, "timeUnit": 0}


def days(n):
    return {"length": n, "timeUnit": 1}


def millis(window):
    return None if window is None else window["length"] * (HOUR if window["timeUnit"] == 0 else DAY)


def hop(w):
    return DAY if w >= 12 * DAY else HOUR if w >= 12 * HOUR else 300_000


def label(window):
    return "" if window is None else f"_{window['length']}{'hd'[window['timeUnit']]}"


def fold(op, pairs):
    """The value of (time, value) pairs in the order of time."""
    values = [v for _, v in pairs]
    if not values:
        return None
    if op == COUNT:
        return len(values)
    if op == SUM:
        return math.fsum(values) if isinstance(values[0], float) else sum(values)
    if op == AVERAGE:
        return math.fsum(values) / len(values)
    if op == LAST:
        return max(enumerate(pairs), key=lambda p: (p[1][0], -p[0]))[1][1]
    if op == MAX:
        return max(values)
    if op == UNIQUE_COUNT:
        return len(set(values))
    if op == TOP_K:
        return sorted(values, reverse=True)[:3]
    raise AssertionError(op)


NAMES = {COUNT: "count", SUM: "sum", AVERAGE: "average", LAST: "last", MAX: "max", UNIQUE_COUNT: "unique_count", TOP_K: "top3"}


def features(aggregations, rows, holds):
    """Names and values over rows with `t`; `holds(window, time)` says which count."""
    out = {}
    for column, op, windows, bucket in aggregations:
        for window in windows or [None]:
            chosen = sorted((r for r in rows if r[column] is not None and holds(window, r["t"])), key=lambda r: r["t"])
            name = f"{column}_{NAMES[op]}{label(window)}"
            if bucket:
                by = {}
                for r in chosen:
                    if r[bucket] is not None:
                        by.setdefault(r[bucket], []).append((r["t"], r[column]))
                out[f"{name}_by_{bucket}"] = {k: fold(op, p) for k, p in by.items()} or None
            else:
                out[name] = fold(op, [(r["t"], r[column]) for r in chosen])
    return out


def exact(q):
    return lambda w, t: t < q and (w is None or t >= (q - millis(w)) // hop(millis(w)) * hop(millis(w)))


def midnight(q):
    return lambda w, t: t < q and (w is None or t >= q - millis(w))


def since(end):
    return lambda w, t: w is None or t >= end - millis(w)


def written(aggregations):
    out = []
    for column, op, windows, bucket in aggregations:
        one = {"inputColumn": column, "operation": op, "argMap": {"k": "3"} if op == TOP_K else {}}
        if windows:
            one["windows"] = windows
        if bucket:
            one["buckets"] = [bucket]
        out.append(one)
    return out


def events(table, selects, **more):
    return {"events": {"table": table, "query": {"selects": selects, "timeColumn": "at", "setups": []}, **more}}


def group(name, source, keys, aggregations, accuracy, **more):
    out = {"metaData": {"name": name}, "sources": [source], "keyColumns": keys, "accuracy": accuracy, **more}
    if aggregations is not None:
        out["aggregations"] = written(aggregations)
    return out


SELECTS = {"user": "user", "amount": "amount", "item": "item", "shop": "shop"}
TEMPORAL = [
    ("amount", SUM, [hours(1), hours(13), days(3), days(13)], None),
    ("amount", AVERAGE, [days(1)], None),
    ("amount", TOP_K, [days(2)], None),
    ("item", LAST, [hours(6), days(30)], None),
    ("item", UNIQUE_COUNT, [days(2)], None),
    ("item", COUNT, None, None),
    ("amount", MAX, [days(5)], "shop"),
]
DAILY = [("amount", SUM, [days(1), days(7)], None), ("item", COUNT, None, None), ("item", LAST, [days(3)], None)]
ENTITY = [("rating", AVERAGE, [days(3)], None), ("rating", MAX, None, None), ("rating", COUNT, [days(10)], None)]


@pytest.fixture
def world(tmp_path):
    r = random.Random(7)
    maybe = lambda v, p=0.1: None if r.random() < p else v
    users = [f"u{i}" for i in range(12)]
    made = [
        {
            "user": maybe(r.choice(users)),
            "amount": maybe(round(r.uniform(-9, 99), 2)),
            "item": maybe(f"i{r.randrange(6)}"),
            "shop": maybe(r.choice("abc")),
            "at": START + r.randrange(-16 * DAY, 3 * DAY),
        }
        for _ in range(2500)
    ]
    left = [
        {"who": maybe(r.choice(users + ["nobody"])), "n": i, "basket": r.random(), "ts": START + r.randrange(0, 3 * DAY)}
        for i in range(300)
    ]
    left += [{"who": "u1", "n": 300 + i, "basket": 0.5, "ts": START + d} for i, d in enumerate([0, 1, DAY - 1, DAY, DAY + 1])]
    snapshots, mutations = [], []
    table = [
        {"listing": r.choice(users), "rating": maybe(float(r.randrange(5))), "created": START - r.randrange(1, 20 * DAY)}
        for _ in range(60)
    ]
    for day in range(-1, 4):
        end = START + day * DAY
        snapshots += [{**row, "ds": ds(end - 1)} for row in table]
        for _ in range(25):
            happened = end + r.randrange(DAY)
            kind = r.randrange(3)
            if kind != 1:
                row = {"listing": r.choice(users), "rating": maybe(float(r.randrange(5))), "created": happened - r.randrange(5 * DAY)}
                mutations.append((happened, False, row))
            if kind != 0:
                mutations.append((happened, True, None))
        # In their order, so that each image before is of a row that is there.
        todays = sorted((m for m in mutations if end <= m[0] < end + DAY), key=lambda m: m[0])
        mutations = [m for m in mutations if not end <= m[0] < end + DAY]
        for happened, is_before, row in todays:
            if is_before and table:
                row = table.pop(r.randrange(len(table)))
            if not is_before:
                table.append(row)
            if row:
                mutations.append((happened, is_before, row))
    changes = [{**row, "mutation_ts": t, "is_before": b, "ds": ds(t)} for t, b, row in mutations]
    for name, some in [("events", made), ("left", left), ("ratings", snapshots), ("changes", changes)]:
        pq.write_table(pa.Table.from_pylist(some), tmp_path / f"{name}.parquet")
    return {"folder": tmp_path, "events": made, "left": left, "snapshots": snapshots, "mutations": changes}


def ratings(**more):
    query = {"selects": {"listing": "listing", "rating": "rating"}, "timeColumn": "created", "setups": [], **more}
    return {"entities": {"snapshotTable": "ratings", "mutationTable": "changes", "query": query}}


def join(left, parts, **more):
    return {"metaData": {"name": "t.j.v1"}, "left": left, "joinParts": parts, **more}


LEFT = {"events": {"table": "left", "query": {"selects": {"who": "who", "n": "n", "basket": "basket", "ts": "ts"}, "timeColumn": "ts", "setups": []}}}
SOURCES = [f"--source={n}={n}.parquet" for n in ("events", "left", "ratings", "changes")]


def named(definition, sources=SOURCES):
    """Those of the sources whose tables a definition names."""
    text = json.dumps(definition)
    names = lambda source: [f'"{member}": "{source.split("=")[1]}"' for member in ("table", "snapshotTable", "mutationTable")]
    return [source for source in sources if any(name in text for name in names(source))]


def computed(world, definition, *more, sources=SOURCES):
    folder = world["folder"]
    conf = folder / "joins" / "j"
    conf.parent.mkdir(exist_ok=True)
    conf.write_text(json.dumps(definition))
    done = run(folder, "t.j.v1", "--conf", conf, *named(definition, sources), "--out", "out.parquet", *more)
    assert done.returncode == 0, done.stderr
    assert not [p for p in folder.iterdir() if p.name.startswith(".tile-backfill")]
    return rows_of(folder / "out.parquet")


def same(got, wanted):
    if isinstance(wanted, float) and isinstance(got, float):
        return math.isclose(got, wanted, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(wanted, dict):
        got = dict(got) if got is not None else None
        return got is not None and got.keys() == wanted.keys() and all(same(got[k], wanted[k]) for k in wanted)
    if isinstance(wanted, list):
        return got is not None and len(got) == len(wanted) and all(map(same, got, wanted))
    return got == wanted


def check(got, wanted):
    assert len(got) == len(wanted)
    for number, (g, w) in enumerate(zip(got, wanted)):
        for name, value in w.items():
            assert name in g, f"{name} is none of {list(g)}"
            assert same(g[name], value), f"row {number}, {name}: {g[name]}, not {value}"


def of_user(world, user):
    return [{**e, "t": e["at"]} for e in world["events"] if user is not None and e["user"] == user]


def current(world, listing, q):
    """The rows that the table of ratings has just before `q`."""
    day = ds(q // DAY * DAY - 1)
    rows = [(s["listing"], s["rating"], s["created"]) for s in world["snapshots"] if s["ds"] == day]
    for m in world["mutations"]:
        if q // DAY * DAY <= m["mutation_ts"] < q:
            row = (m["listing"], m["rating"], m["created"])
            rows.remove(row) if m["is_before"] else rows.append(row)
    return [{"rating": x, "t": t} for key, x, t in rows if key == listing]


def prefixed(prefix, values):
    return {f"{prefix}_{k}": v for k, v in values.items()}


def test_left_events_with_every_right_side(world):
    parts = [
        {"groupBy": group("t.g.exact", events("events", SELECTS, topic="x"), ["user"], TEMPORAL, 0), "keyMapping": {"who": "user"}},
        {"groupBy": group("t.g.daily", events("events", SELECTS), ["user"], DAILY, 1), "keyMapping": {"who": "user"}, "prefix": "d"},
        {"groupBy": group("t.g.state", ratings(), ["listing"], ENTITY, 1), "keyMapping": {"who": "listing"}},
        {"groupBy": group("t.g.live", ratings(mutationTimeColumn="mutation_ts", reversalColumn="is_before"), ["listing"], ENTITY, 0), "keyMapping": {"who": "listing"}},
    ]
    got = computed(world, join(LEFT, parts))
    wanted = []
    for row in world["left"]:
        q, who = row["ts"], row["who"]
        start = q // DAY * DAY
        snapshot = [{"rating": s["rating"], "t": s["created"]} for s in world["snapshots"] if s["listing"] == who and s["ds"] == ds(start - 1)]
        wanted.append(
            {
                **row,
                **prefixed("t_g_exact", features(TEMPORAL, of_user(world, who), exact(q))),
                **prefixed("d_t_g_daily", features(DAILY, of_user(world, who), midnight(start))),
                **prefixed("t_g_state", features(ENTITY, snapshot, since(start))),
                **prefixed("t_g_live", features(ENTITY, current(world, who, q), exact(q))),
            }
        )
    check(got, wanted)
    assert list(got[0])[:4] == ["who", "n", "basket", "ts"]
    assert sum(w["t_g_exact_amount_sum_3d"] is not None for w in wanted) > 100
    assert sum(w["t_g_live_rating_max"] is not None for w in wanted) > 100


def test_left_entities_are_asked_at_the_end_of_their_day(world):
    left = {"entities": {"snapshotTable": "ratings", "query": {"selects": {"listing": "listing", "rating": "rating"}, "setups": []}}}
    parts = [
        {"groupBy": group("t.g.events", events("events", SELECTS), ["user"], DAILY, 1), "keyMapping": {"listing": "user"}},
        {"groupBy": group("t.g.state", ratings(), ["listing"], ENTITY, 1)},
    ]
    got = computed(world, join(left, parts))
    wanted = []
    for row in world["snapshots"]:
        end = int(datetime.datetime.fromisoformat(row["ds"] + "T00:00:00+00:00").timestamp()) * 1000 + DAY
        there = [{"rating": s["rating"], "t": s["created"]} for s in world["snapshots"] if (s["listing"], s["ds"]) == (row["listing"], row["ds"])]
        wanted.append(
            {
                "listing": row["listing"],
                "ds": row["ds"],
                **prefixed("t_g_events", features(DAILY, of_user(world, row["listing"]), midnight(end))),
                **prefixed("t_g_state", features(ENTITY, there, since(end))),
            }
        )
    check(got, wanted)


def test_rows_that_are_features_already(world):
    table = [{"listing": f"u{i}", "country": f"c{i}{d}", "ds": ds(START + d * DAY)} for d in range(-1, 2) for i in range(5)]
    pq.write_table(pa.Table.from_pylist(table), world["folder"] / "plain.parquet")
    plain = {"entities": {"snapshotTable": "plain", "query": {"selects": {"listing": "listing", "country": "UPPER(country)"}, "setups": []}}}
    parts = [
        {"groupBy": group("t.g.plain", plain, ["listing"], None, 1), "keyMapping": {"who": "listing"}},
        {"groupBy": group("t.g.row", events("events", SELECTS), ["user"], None, 0), "keyMapping": {"who": "user"}},
    ]
    got = computed(world, join(LEFT, parts), sources=[*SOURCES, "--source=plain=plain.parquet"])
    by = {(p["listing"], p["ds"]): p["country"].upper() for p in table}
    wanted = []
    for row in world["left"]:
        before = [e for e in of_user(world, row["who"]) if e["t"] < row["ts"]]
        last = max(before, key=lambda e: e["t"], default=dict.fromkeys(SELECTS))
        wanted.append(
            {
                "t_g_plain_country": by.get((row["who"], ds(row["ts"] // DAY * DAY - 1))),
                **{f"t_g_row_{c}": last[c] for c in ("amount", "item", "shop")},
            }
        )
    check(got, wanted)
    assert any(w["t_g_plain_country"] for w in wanted)


def test_derivations_labels_externals_and_skew(world):
    few = [("amount", SUM, [days(3)], None), ("item", COUNT, None, None)]
    derived = [{"name": "*", "expression": "*"}, {"name": "double_sum", "expression": "amount_sum_3d * 2"}]
    part = {"groupBy": group("t.g.a", events("events", SELECTS), ["user"], few, 0, derivations=derived), "keyMapping": {"who": "user"}}
    external = {"source": {"metadata": {"name": "weather"}, "keySchema": {"kind": 13, "params": [], "name": "k"},
                "valueSchema": {"kind": 13, "params": [{"name": "temp", "dataType": {"kind": 6}}], "name": "v"}}}
    contextual = {"source": {"metadata": {"name": "contextual"}, "keySchema": {"kind": 13, "params": [], "name": "k"},
                  "valueSchema": {"kind": 13, "params": [{"name": "basket", "dataType": {"kind": 6}}], "name": "v"}}}
    labels = {"labels": [{"groupBy": group("t.g.l", events("events", SELECTS), ["user"], [("item", COUNT, [days(1)], None)], 1), "keyMapping": {"who": "user"}}],
              "leftStartOffset": 1, "leftEndOffset": 1, "metaData": {"name": "labels"}}
    definition = join(
        LEFT,
        [part],
        onlineExternalParts=[external, contextual],
        labelPart=labels,
        skewKeys={"who": ["u3"]},
        derivations=[{"name": "*", "expression": "*"}, {"name": "many", "expression": "t_g_a_item_count"}, {"name": "sum_and_n", "expression": "t_g_a_double_sum + n"}],
    )
    got = computed(world, definition)
    wanted = []
    for row in world["left"]:
        q, who = row["ts"], row["who"]
        mine = [] if who == "u3" else of_user(world, who)
        f = features(few, mine, exact(q))
        double = None if f["amount_sum_3d"] is None else f["amount_sum_3d"] * 2
        end = q // DAY * DAY + 2 * DAY
        wanted.append(
            {
                "t_g_a_amount_sum_3d": f["amount_sum_3d"],
                "t_g_a_double_sum": double,
                "many": f["item_count"],
                "sum_and_n": None if double is None else double + row["n"],
                "ext_weather_temp": None,
                "ext_contextual_basket": row["basket"],
                "label_t_g_l_item_count_1d": features([("item", COUNT, [days(1)], None)], mine, midnight(end))["item_count_1d"],
                "label_ds": ds(end - 1),
            }
        )
    check(got, wanted)
    assert "t_g_a_item_count" not in got[0]


def test_what_is_known_is_not_computed_again(world):
    few = [("item", COUNT, None, None)]
    other = [("amount", SUM, [days(3)], None), ("item", LAST, None, None)]
    parts = [
        {"groupBy": group("t.g.a", events("events", SELECTS), ["user"], few, 0), "keyMapping": {"who": "user"}},
        {"groupBy": group("t.g.b", events("events", SELECTS), ["user"], other, 0), "keyMapping": {"who": "user"}},
    ]
    # Half of the rows are known; of one of the parts only a column, and that not always.
    known = [{"n": n, "t_g_a_item_count": 1000 + n if n % 4 else None, "t_g_b_item_last": "old" if n % 3 else None} for n in range(0, 300, 2)]
    pq.write_table(pa.Table.from_pylist(known), world["folder"] / "known.parquet")
    boot = {"table": "known", "query": {"selects": {"n": "n", "t_g_a_item_count": "t_g_a_item_count", "t_g_b_item_last": "t_g_b_item_last"}, "setups": []}, "keyColumns": ["n"]}
    got = computed(world, join(LEFT, parts, bootstrapParts=[boot]), sources=[*SOURCES, "--source=known=known.parquet"])
    wanted = []
    for row in world["left"]:
        a = features(few, of_user(world, row["who"]), exact(row["ts"]))["item_count"]
        b = features(other, of_user(world, row["who"]), exact(row["ts"]))
        if row["n"] < 300 and row["n"] % 2 == 0:
            # All that the first part has was known: a null that was known stays.
            a = 1000 + row["n"] if row["n"] % 4 else None
            b["item_last"] = "old" if row["n"] % 3 else b["item_last"]
        wanted.append({"t_g_a_item_count": a, **prefixed("t_g_b", b)})
    check(got, wanted)


def test_a_join_is_the_source_of_another(world):
    upstream = join(LEFT, [{"groupBy": group("t.g.up", events("events", SELECTS), ["user"], [("item", COUNT, None, None)], 0), "keyMapping": {"who": "user"}}])
    upstream["metaData"]["name"] = "t.up.v1"
    source = {"joinSource": {"join": upstream, "query": {"selects": {"user": "who", "seen": "t_g_up_item_count"}, "timeColumn": "ts", "setups": []}}}
    chained = [("seen", MAX, [days(1)], None), ("seen", COUNT, None, None)]
    got = computed(world, join(LEFT, [{"groupBy": group("t.g.c", source, ["user"], chained, 0), "keyMapping": {"who": "user"}}]))
    rows = [
        {"user": r["who"], "t": r["ts"], "seen": features([("item", COUNT, None, None)], of_user(world, r["who"]), exact(r["ts"]))["item_count"]}
        for r in world["left"]
    ]
    wanted = [
        prefixed("t_g_c", features(chained, [x for x in rows if r["who"] is not None and x["user"] == r["who"]], exact(r["ts"]))) for r in world["left"]
    ]
    check(got, wanted)


def test_left_rows_from_a_file_of_their_own(world):
    part = {"groupBy": group("t.g.a", events("events", SELECTS), ["user"], [("item", COUNT, None, None)], 0), "keyMapping": {"who": "user"}}
    mine = [{"who": "u2", "ts": datetime.datetime.fromtimestamp((START + d) / 1000, datetime.timezone.utc)} for d in (5, DAY, -DAY)]
    pq.write_table(pa.Table.from_pylist(mine), world["folder"] / "mine.parquet")
    got = computed(world, join(LEFT, [part]), "--left", "mine.parquet")
    wanted = [
        {"who": "u2", "t_g_a_item_count": features([("item", COUNT, None, None)], of_user(world, "u2"), exact(START + d))["item_count"]} for d in (5, DAY, -DAY)
    ]
    check(got, wanted)


@pytest.mark.parametrize(
    "change, told",
    [
        (lambda j: j["joinParts"][0]["keyMapping"].clear(), "no key `user`"),
        (lambda j: j["joinParts"][0]["groupBy"]["aggregations"][0].update(inputColumn="amuont"), "Did you mean `amount`?"),
        (lambda j: j["joinParts"][0]["keyMapping"].update({"n": j["joinParts"][0]["keyMapping"].pop("who")}), "the key `user` is a string"),
        (lambda j: j["left"]["events"].update(table="lfet"), "no definition names the table `left` (at --source). Did you mean `lfet`?"),
        (lambda j: j["joinParts"][0]["groupBy"]["sources"][0]["events"]["query"].update(startPartition="2024-01-01"), "before the history begins"),
        (lambda j: j["joinParts"][0]["groupBy"]["sources"][0]["events"]["query"].update(timeColumn="shop"), "Times are timestamps"),
        (lambda j: j["metaData"].update(name="t.j.v2"), "Did you mean `t.j.v2`"),
    ],
)
def test_errors_say_what_to_do(world, change, told):
    part = {"groupBy": group("t.g.a", events("events", SELECTS), ["user"], [("amount", SUM, [days(3)], None)], 0), "keyMapping": {"who": "user"}}
    definition = json.loads(json.dumps(join(LEFT, [part])))
    sources = named(definition)
    change(definition)
    (world["folder"] / "conf").write_text(json.dumps(definition))
    done = run(world["folder"], "t.j.v1", "--conf", "conf", *sources, "--out", "out.parquet")
    assert done.returncode != 0
    assert told in done.stderr, done.stderr
    assert not (world["folder"] / "out.parquet").exists()


def test_files_that_do_not_fit_are_refused(world):
    part = {"groupBy": group("t.g.a", events("events", SELECTS), ["user"], [("amount", SUM, [days(3)], None), ("amount", TOP_K, [days(3)], None)], 0), "keyMapping": {"who": "user"}}
    definition = join(LEFT, [part])
    folder = world["folder"]
    (folder / "conf").write_text(json.dumps(definition))
    sources = named(definition)
    for more, told in (
        (["--source=events_=events.parquet", "--out=o.csv"], "no definition names the table `events_` (at --source). Did you mean `events`?"),
        (["--source=kk=events.parquet", "--out=o.csv"], "There are `events`, `left`"),
        (["--out=o.xls"], "It ends in .parquet, .csv or .ndjson"),
        (["--out=nowhere/o.csv"], "there is no folder for `nowhere/o.csv`"),
    ):
        done = run(folder, "t.j.v1", "--conf", "conf", *sources, *more)
        assert done.returncode != 0 and told in done.stderr, (more, done.stderr)
    assert not (folder / "nowhere").exists()
    for out in ("o.parquet", "o.ndjson", "o.csv"):
        done = run(folder, "t.j.v1", "--conf", "conf", *sources, "--out", out)
        assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in (folder / "o.ndjson").read_text().splitlines()]
    sums = [row["t_g_a_amount_sum_3d"] for row in rows_of(folder / "o.parquet")]
    assert same([row["t_g_a_amount_sum_3d"] for row in lines], sums)
    # Lists are texts of JSON in CSV, and the rows are in their order.
    with (folder / "o.csv").open() as file:
        texts = [row["t_g_a_amount_top3_3d"] for row in csv.DictReader(file)]
    tops = [row["t_g_a_amount_top3_3d"] for row in rows_of(folder / "o.parquet")]
    assert [json.loads(text) if text else None for text in texts] == tops and any(len(top or []) == 3 for top in tops)


def test_many_rows_in_little_memory(world):
    """What is held at once is bounded: the keys are computed in parts, the output is the same."""
    r = random.Random(3)
    n = 400_000
    table = pa.table({
        "user": [f"user-{r.randrange(50_000)}" for _ in range(n)],
        "amount": [float(i % 100) for i in range(n)],
        "item": ["x" * 20] * n,
        "shop": ["a"] * n,
        "at": [START - i * 1000 for i in range(n)],
    })
    pq.write_table(table, world["folder"] / "many.parquet")
    left = pa.table({"who": [f"user-{i}" for i in range(50_000)], "ts": [START + 1] * 50_000})
    pq.write_table(left, world["folder"] / "mine.parquet")
    part = {"groupBy": group("t.g.a", events("many", SELECTS), ["user"], [("amount", SUM, None, None), ("item", TOP_K, None, None)], 0), "keyMapping": {"who": "user"}}
    out = {}
    for memory in (256, 4096):
        out[memory] = computed(world, join(LEFT, [part]), "--left", "mine.parquet", "--memory", memory, sources=["--source=many=many.parquet"])
    sums = {}
    for user, amount in zip(table["user"].to_pylist(), table["amount"].to_pylist()):
        sums[user] = sums.get(user, 0.0) + amount
    assert out[256] == out[4096]
    assert [row["t_g_a_amount_sum"] for row in out[256]] == [sums.get(f"user-{i}") for i in range(50_000)]


def measured(folder, *args):
    """The program's most resident memory, in MB. (What the system says of ended children counts what they were forked from.)"""
    with open(folder / "said", "w+") as said:
        program = subprocess.Popen([TILE, "features", "backfill", *map(str, args)], cwd=folder, stdout=said, stderr=said)
        peak = 0
        while program.poll() is None:
            try:
                status = pathlib.Path(f"/proc/{program.pid}/status").read_text()
            except OSError:
                continue
            peak = max(peak, *(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
            time.sleep(0.005)
        said.seek(0)
        assert program.returncode == 0, said.read()
    return peak / 1024


def test_rows_beyond_memory_and_a_key_beyond_memory(tmp_path):
    """Events that take more than 256 MB within these; a third of them are of one key, which is more than its part of memory."""
    n, users = 5_000_000, 20_000
    names = pa.array([*(f"user-{i:06}" for i in range(users)), "whale"])
    at = [START - (i * 7919) % (20 * DAY // 1000) * 1000 for i in range(n)]
    who = pa.array([users if i % 3 == 0 else (i * 31) % users for i in range(n)], pa.int32())
    items = pa.array([f"an item with the number {i}" for i in range(100)])
    table = pa.table({
        "user": pa.DictionaryArray.from_arrays(who, names).cast(pa.string()),
        "amount": pa.array([float(i % 101) for i in range(n)]),
        "item": pa.DictionaryArray.from_arrays(pa.array([i % 97 for i in range(n)], pa.int32()), items).cast(pa.string()),
        "shop": pa.array(["a"]).take(pa.array([0] * n)),
        "at": at,
    })
    pq.write_table(table, tmp_path / "many.parquet")
    del table
    asked = [("whale", START - i * 40 * HOUR // 100) for i in range(1000)] + [(f"user-{i:06}", START - i) for i in range(0, users, 7)]
    pq.write_table(pa.table({"user": [a[0] for a in asked], "ts": [a[1] for a in asked]}), tmp_path / "left.parquet")
    aggregations = [
        ("amount", SUM, [hours(6), days(3)], None),
        ("amount", COUNT, None, None),
        ("item", LAST, [days(1)], None),
        ("item", UNIQUE_COUNT, [days(7)], None),
        ("amount", MAX, [hours(30)], "shop"),
    ]
    of_days = [(column, op, windows and [days(3)], bucket) for column, op, windows, bucket in aggregations]
    for name, accuracy, aggregations in (("t.g.temporal", 0, aggregations), ("t.g.daily", 1, of_days)):
        conf = tmp_path / name
        conf.write_text(json.dumps(group(name, events("many", SELECTS), ["user"], aggregations, accuracy)))
        out, peak = {}, {}
        for memory in (256, 4096):
            args = (name, "--conf", conf, "--left", "left.parquet", "--source=many=many.parquet", "--memory", memory, "--out", f"{memory}.parquet")
            peak[memory] = measured(tmp_path, *args)
            out[memory] = rows_of(tmp_path / f"{memory}.parquet")
        assert len(out[256]) == len(asked) and out[256] == out[4096]
        # The last of the left rows of the key asks for a time before which some of its events are not.
        for row in (0, 999):
            q = asked[row][1] // (DAY if accuracy else 1) * (DAY if accuracy else 1)
            assert out[256][row]["amount_count"] == sum(1 for i in range(0, n, 3) if at[i] < q)
        # What the program takes for itself, and the allocator keeps, comes to what was said; without the bound it is far more.
        assert peak[256] < 256 + 64 < peak[4096], peak
