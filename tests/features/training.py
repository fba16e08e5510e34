"""Training data of a server: over HTTP, as a job, in SQL, and by the command line, with the same values; what was served, logged, checked
against the rows, and watched for drift.

    python training.py --tile BIN

The packages are those of `tests/clients`.
"""

import argparse
import io
import json
import pathlib
import subprocess
import tempfile
import time
import urllib.parse

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from server import COUNT, LAST, SUM, Server, aggregation, eventually, group_by, project

HISTOGRAM = 17
ARROW, PARQUET, NDJSON = "application/vnd.apache.arrow.stream", "application/vnd.apache.parquet", "application/x-ndjson"
LOG = """SCHEMA >
    `name` String `json:$.name`,
    `ts` DateTime64(3) `json:$.ts`,
    `keys` String `json:$.keys`,
    `features` String `json:$.features`,
    `schema_hash` String `json:$.schema_hash`

ENGINE MergeTree
ENGINE_SORTING_KEY name, ts
"""
EVENTS = """SCHEMA >
    `customer_id` String `json:$.customer_id`,
    `flavour` String `json:$.flavour`,
    `price` Float64 `json:$.price`,
    `created` DateTime64(3) `json:$.created`

ENGINE MergeTree
ENGINE_SORTING_KEY customer_id
"""
VISITS = """SCHEMA >
    `customer` String `json:$.customer`,
    `ts` Int64 `json:$.ts`,
    `basket` Float64 `json:$.basket`

ENGINE MergeTree
ENGINE_SORTING_KEY customer
"""
GROUP = "shop.sold.v1"
OFFLINE = "shop.offline.v1"
JOIN = "shop.visit.v1"
HOUR = 3_600_000
START = 1_700_000_000_000


def text(ms):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03d}"


def definitions():
    selects = {"customer_id": "customer_id", "flavour": "flavour", "price": "price"}
    six, week = (6, 0), (7, 1)
    sold = [
        aggregation("flavour", COUNT, six),
        aggregation("price", SUM, six, week),
        aggregation("flavour", LAST, six),
        aggregation("flavour", HISTOGRAM, week),
    ]
    group = group_by(GROUP, sold, table="sales", selects=selects)
    group["metaData"]["samplePercent"] = 100.0
    offline = group_by(OFFLINE, sold[:1], table="sales", selects=selects)
    offline["metaData"]["online"] = 0
    join = {
        "metaData": {"name": JOIN, "online": 1, "samplePercent": 100.0},
        "left": {"events": {"table": "visits", "query": {"selects": {}, "timeColumn": "ts"}}},
        "joinParts": [{"groupBy": group, "keyMapping": {"customer": "customer_id"}}],
        "onlineExternalParts": [
            {"source": {"metadata": {"name": "contextual"}, "valueSchema": {"kind": 13, "name": "v", "params": [
                {"name": "basket", "dataType": {"kind": 6}}]}}}
        ],
        "derivations": [
            {"name": "*", "expression": "*"},
            {"name": "spent", "expression": "shop_sold_v1_price_sum_7d + ext_contextual_basket"},
        ],
    }
    return [group, offline, join]


def events(count, shift=0.0, start=START):
    rows = []
    for at in range(count):
        customer, flavour = f"c{at * 7 % 23}", ["lemon", "mint", "vanilla"][at % 3]
        rows.append({"customer_id": customer, "flavour": flavour, "price": at % 11 / 8 + shift, "created": text(start + at * 60_000)})
    return rows


def left(count=300):
    return [{"customer": f"c{at % 29}", "ts": START + at * 97_003, "basket": at / 4} for at in range(count)]


def ask(server, target, body=b"", media="", accept="", token=None, method="POST"):
    connection = server.connection()
    headers = {"Authorization": f"Bearer {token or server.token}"}
    headers |= {"Content-Type": media} if media else {}
    headers |= {"Accept": accept} if accept else {}
    connection.request(method, target, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def rows_of(body):
    return pa.ipc.open_stream(body).read_all()


def plain(table):
    """Rows that can be compared, whatever Arrow calls their types."""
    return [{name: list(map(list, value)) if isinstance(value, list) else value for name, value in row.items()} for row in table.to_pylist()]


def by_command(tile, folder, name, left_file, out):
    sources = [f"--source={name}={folder / f'{name}.parquet'}" for name in ("sales", "visits")]
    command = [tile, "features", "backfill", name, "--project", folder, "--left", left_file, "--out", out, *sources]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return pq.read_table(out)


def training_is_the_same_on_every_way(server, tile, folder):
    for name in ("sales", "visits"):
        status, _, body = ask(server, "/v0/sql", f"SELECT * FROM {name} FORMAT Parquet".encode())
        assert status == 200, body
        (folder / f"{name}.parquet").write_bytes(body)
    table = pa.Table.from_pylist(left())
    pq.write_table(table, folder / "left.parquet")
    expected = by_command(tile, folder, JOIN, folder / "left.parquet", folder / "out.parquet")
    assert expected.num_rows == 300 and "spent" in expected.column_names, expected
    assert sum(x is not None for x in expected["spent"].to_pylist()) > 100
    target = f"/v1/features/training/{JOIN}"
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    lines = "\n".join(map(json.dumps, left())).encode()
    parquet = (folder / "left.parquet").read_bytes()
    for media, body in ((ARROW, stream.getvalue().to_pybytes()), (PARQUET, parquet), (NDJSON, lines)):
        status, headers, body = ask(server, target, body, media)
        assert (status, headers["Content-Type"]) == (200, ARROW), (status, body)
        assert plain(rows_of(body)) == plain(expected), media
    # The Join's own left side, and a data source by its name.
    for asked in (target, target + "?left=visits"):
        status, headers, body = ask(server, asked, accept=PARQUET)
        assert (status, headers["Content-Type"]) == (200, PARQUET), (status, body)
        assert plain(pq.read_table(io.BytesIO(body))) == plain(expected), asked
    status, _, body = ask(server, target + "?format=ndjson&left=visits")
    assert status == 200 and [json.loads(line)["spent"] for line in body.splitlines()] == expected["spent"].to_pylist()
    # In SQL.
    found = server.sql(f"SELECT customer, ts, basket, spent, shop_sold_v1_flavour_count_6h AS n, shop_sold_v1_flavour_last_6h AS last FROM features_training('{JOIN}', visits) ORDER BY ts")
    names = ["customer", "ts", "basket", "spent", "shop_sold_v1_flavour_count_6h", "shop_sold_v1_flavour_last_6h"]
    wanted = [[row[name] for name in names] for row in expected.sort_by("ts").to_pylist()]
    assert [[float(x) if at == 3 and x is not None else int(x) if at in (1, 4) and x is not None else x for at, x in enumerate(row.values())] for row in found] == wanted
    [[histogram]] = [row.values() for row in server.sql(f"SELECT shop_sold_v1_flavour_histogram_7d AS h FROM features_training('{JOIN}', visits) WHERE ts = {left()[174]['ts']}")]
    assert json.loads(histogram) == dict(expected["shop_sold_v1_flavour_histogram_7d"].to_pylist()[174]), histogram


def a_group_that_is_not_served_is_computed(server):
    asked = [{"customer_id": "c1", "ts": START + HOUR}, {"customer_id": None, "ts": START + HOUR}]
    body = "\n".join(map(json.dumps, asked)).encode()
    status, _, body = ask(server, f"/v1/features/training/{OFFLINE}", body, NDJSON)
    assert status == 200, body
    assert [row["flavour_count_6h"] for row in rows_of(body).to_pylist()] == [3, None]


def a_job_is_told_fetched_and_ended(server):
    status, headers, body = ask(server, f"/v1/features/training/{JOIN}?left=visits&wait=0")
    job = json.loads(body)
    assert status == 202 and headers["Location"] == f"/v1/features/jobs/{job['id']}", (status, body)
    at = headers["Location"]
    eventually("the job ends", lambda: json.loads(ask(server, at, method="GET")[2])["status"] == "done")
    told = json.loads(ask(server, at, method="GET")[2])
    assert told["rows"] == 300 and told["name"] == JOIN and told["error"] is None, told
    for _ in range(2):
        status, _, body = ask(server, at + "/result", method="GET")
        assert status == 200 and rows_of(body).num_rows == 300
    assert ask(server, at, method="GET", token=reader(server, f"FEATURES:READ:{JOIN}"))[0] == 404
    assert ask(server, at, method="DELETE")[0] == 204
    assert ask(server, at, method="GET")[0] == 404
    # One that fails says why.
    status, headers, _ = ask(server, f"/v1/features/training/{JOIN}?left=nothing&wait=0")
    assert status == 202
    failed = lambda: json.loads(ask(server, headers["Location"], method="GET")[2])
    eventually("the job fails", lambda: failed()["status"] == "failed")
    assert "nothing" in failed()["error"], failed()
    assert ask(server, headers["Location"] + "/result", method="GET")[0] == 404


def reader(server, *scopes):
    status, answer = server.call("POST", f"/v0/tokens?name=t{time.monotonic_ns()}&" + "&".join(f"scope={s}" for s in scopes))
    assert status == 200, answer
    return answer["token"]


def rights_are_asked_for(server):
    target = f"/v1/features/training/{JOIN}"
    row = json.dumps(left(1)[0]).encode()
    token = reader(server, f"FEATURES:READ:{JOIN}")
    assert ask(server, target, row, NDJSON, token=token)[0] == 200
    for asked in (target, target + "?left=visits"):
        status, _, body = ask(server, asked, token=token)
        assert status == 403 and b"DATASOURCES:READ:visits" in body, (status, body)
    both = reader(server, f"FEATURES:READ:{JOIN}", "DATASOURCES:READ:visits")
    assert ask(server, target, token=both)[0] == 200
    some = reader(server, f"FEATURES:READ:{JOIN}", "DATASOURCES:READ:visits:basket%20%3E%205")
    status, _, body = ask(server, target, token=some)
    assert status == 403 and b"only some of the rows" in body, (status, body)
    # A file of the catalog.
    asked = target + "?left=data/asked&format=ndjson"
    status, _, body = ask(server, asked, token=both)
    assert status == 403 and b"CATALOG:READ:data/asked" in body, (status, body)
    for may in (None, reader(server, f"FEATURES:READ:{JOIN}", "CATALOG:READ:data/asked")):
        status, _, body = ask(server, asked, token=may)
        found = json.loads(body)
        assert status == 200 and found["customer"] == "c1" and found["shop_sold_v1_flavour_count_6h"] == 3, (status, body)
    [found] = server.sql(f"SELECT customer, ext_contextual_basket AS b FROM features_training('{JOIN}', 'data/asked')")
    assert found == {"customer": "c1", "b": 2.5}, found
    other = reader(server, "FEATURES:READ:shop.other", "DATASOURCES:READ:visits")
    assert ask(server, target, row, NDJSON, token=other)[0] == 403
    query = f"/v0/sql?q=SELECT%20count()%20FROM%20features_training('{JOIN}',%20visits)"
    status, _, body = ask(server, query, token=both, method="GET")
    assert status in (400, 403) and b"admin token" in body, (status, body)
    # Nor does the path by which the engine knows what a function gives lead there.
    path = "//call " + json.dumps(["features_training", [JOIN, "visits"]])
    for token in (both, server.token):
        query = "/v0/sql?" + urllib.parse.urlencode({"q": f"SELECT count() FROM catalog.`{path}`"})
        status, _, body = ask(server, query, token=token, method="GET")
        assert status == 404 and b"nothing is there" in body, (status, body)
    assert ask(server, f"/v1/features/check/{JOIN}", token=both, method="GET")[0] == 403
    logs = reader(server, f"FEATURES:READ:{JOIN}", "DATASOURCES:READ:feature_log")
    status, _, body = ask(server, f"/v1/features/check/{JOIN}", token=logs, method="GET")
    assert status == 200, body


def mistakes_are_told(server):
    target = f"/v1/features/training/{JOIN}"
    for asked, body, media, wanted, says in (
        (target + "x", b"", "", 404, JOIN),
        (target + "?left=visit", b"", "", 404, "visits"),
        (target + "?left=visits", b"{}", NDJSON, 400, "one of both"),
        (target, b"{", NDJSON, 400, "cannot be read"),
        (target, b"nothing", ARROW, 400, "cannot be read"),
        (target, b"nothing", PARQUET, 400, "cannot be read"),
        (target, b"a,b", "text/csv", 415, "Content-Type"),
        (target, b'{"customer": "c1"}', NDJSON, 400, "`ts`"),
        (target, b'{"ts": 1700000000000}', NDJSON, 400, "customer"),
        (target, b'{"customer": 5, "ts": 1700000000000}', NDJSON, 400, "customer"),
        (target + "?format=csv", b"", "", 400, "arrow, parquet or ndjson"),
        (target + "?wait=100", b"", "", 400, "from 0 to 60"),
        (f"/v1/features/training/{GROUP}", b"", "", 400, "no rows of its own"),
    ):
        status, _, answer = ask(server, asked, body, media)
        assert status == wanted and says in answer.decode(), (asked, body, status, answer)
    for asked in ("check/shop.sold.v2", "check/shop.sold.v1?from=x", "check/shop.sold.v1?tolerance=2", "drift/shop.sold.v1?against=1..x", "check/shop.sold.v1?from=2&to=1"):
        status, _, answer = ask(server, f"/v1/features/{asked}", method="GET")
        assert status in (400, 404), (asked, status, answer)
    for query in ("'x', visits", f"'{JOIN}'", f"'{JOIN}', nothing"):
        status, answer = server.call("GET", "/v0/sql?q=" + f"SELECT * FROM features_training({query})".replace(" ", "%20"))
        assert 400 <= status < 500, (query, status, answer)


def a_pipe_names_no_training_data(tile, folder):
    pipe = folder / "trained.pipe"
    pipe.write_text(f"NODE n\nSQL >\n    SELECT count() AS n FROM features_training('{JOIN}', visits)\nTYPE endpoint\n")
    done = subprocess.run([tile, "check", folder], capture_output=True, text=True, timeout=60)
    pipe.unlink()
    assert done.returncode != 0 and "cannot stand in a pipe" in done.stderr, done


def command(tile, server, *args):
    done = subprocess.run(
        [tile, "features", *args, "--url", f"http://127.0.0.1:{server.port}", "--token", server.token],
        capture_output=True, text=True, timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def served_values_are_what_the_rows_give(server, tile):
    now = int(time.time() * 1000)
    server.post(events(300, start=now - 5 * HOUR), "sales")
    newest = f"c{299 * 7 % 23}"
    eventually("the events are seen", lambda: server.features(GROUP, newest)["flavour_last_6h"] is not None)
    # An answer from before the event was seen is one that the rows do not give.
    time.sleep(0.3)
    seen = int(time.time() * 1000)
    server.features(GROUP, newest)
    code, _, error = command(tile, server, "check", JOIN)
    assert code != 0 and "nothing was compared" in error, (code, error)
    for start in range(0, 40, 10):
        keys = [{"customer": f"c{at}", "basket": at / 2} for at in range(start, start + 10)]
        server.fetch(JOIN, keys, kind="join")
    # What is no key has no values, and neither have the rows.
    server.fetch(JOIN, [{"customer": 5, "basket": 1.0, "more": [1]}], kind="join")
    # What a request makes up was not served.
    server.fetch(JOIN, {"keys": [{"customer": "c1", "basket": 1.0}], "rows": {GROUP: []}}, kind="join")
    server.fetch(GROUP, {"keys": [{"customer_id": "c1"}], "rows": []})
    # Past times are logged with the time that was asked for.
    server.fetch(JOIN, [{"customer": f"c{at}", "basket": None} for at in range(10)], at=START + 5 * HOUR, kind="join")
    logged = lambda: int(server.sql(f"SELECT count() AS n FROM feature_log WHERE name = '{JOIN}'")[0]["n"])
    eventually("the answers are logged", lambda: logged() == 51)
    for name in (JOIN, GROUP):
        code, out, error = command(tile, server, "check", name, "--json", "--from", str(seen))
        assert code == 0, (out, error)
        report = json.loads(out)
        assert report["rows"] >= (41 if name == JOIN else 1) and report["values"] > 0 and report["values_unequal"] == 0, report
    code, out, error = command(tile, server, "check", JOIN, "--from", str(START), "--to", "2023-11-16")
    assert code == 0 and "10 answers of " + JOIN in out, (out, error)
    status, answer = server.call("GET", "/v1/features")
    assert answer["log"]["rows_dropped"] == 0 and answer["log"]["rows_stored"] >= 50, answer["log"]
    # An event of the past that comes late is in the rows, and was not in what was served.
    server.post([{"customer_id": "c3", "flavour": "late", "price": 1000.0, "created": text(now - HOUR)}], "sales")
    code, out, error = command(tile, server, "check", JOIN, "--json")
    report = json.loads(out)
    unequal = {column["name"]: column["different"] for column in report["columns"] if column["different"]}
    assert code != 0 and "not what the rows give" in error, (code, error)
    assert set(unequal) == {"shop_sold_v1_flavour_count_6h", "shop_sold_v1_price_sum_6h", "shop_sold_v1_price_sum_7d", "shop_sold_v1_flavour_histogram_7d", "spent"}, unequal
    assert set(unequal.values()) == {1} and all(example["keys"] == {"customer": "c3"} for example in report["examples"]), report
    [column] = [column for column in report["columns"] if column["name"] == "spent"]
    assert column["logged_minus_computed"]["p50"] == -1000.0 and column["equal"] == column["total"] - 1, column
    code, out, _ = command(tile, server, "check", JOIN, "--max-percent", "50")
    assert code == 0 and "was served as" in out, out


def drift_is_seen(server, tile):
    now = int(time.time() * 1000)
    span = ["--from", str(now - HOUR), "--to", str(now + 1000), "--against", f"{START}..{START + 6 * HOUR}"]
    code, out, error = command(tile, server, "drift", JOIN, *span)
    assert code != 0 and "ext_contextual_basket" in error and "large" in out, (code, out, error)
    code, out, error = command(tile, server, "drift", JOIN, *span, "--max-psi", "1000", "--json")
    report = json.loads(out)
    assert code == 0 and report["against"]["rows"] == 10 and report["span"]["rows"] == 41, (error, report)
    basket = {column["name"]: column for column in report["columns"]}["ext_contextual_basket"]
    assert (basket["null_rate_against"], basket["null_rate"], basket["psi"]) == (1.0, 0.0, None), basket
    same = ["--from", str(now - HOUR), "--to", str(now + 1000), "--against", f"{now - HOUR}..{now + 1000}"]
    code, out, error = command(tile, server, "drift", JOIN, *same)
    assert code == 0 and "none" in out and "large" not in out, (code, out, error)


def definitions_are_shown_with_types(tile, folder):
    done = subprocess.run([tile, "features", "show", "--project", folder], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    for line in ("  keys: customer string\n", "    spent double\n", "    shop_sold_v1_flavour_histogram_7d map<int>\n", "    flavour_count_6h long\n"):
        assert line in done.stdout, (line, done.stdout)
    done = subprocess.run([tile, "check", folder], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "files are fine" in done.stdout, done
    file = folder / "features" / "group_bys" / GROUP
    good = file.read_text()
    file.write_text(good.replace('"price": "price"', '"price": "prise"'))
    done = subprocess.run([tile, "check", folder], capture_output=True, text=True, timeout=60)
    file.write_text(good)
    assert done.returncode != 0 and "prise" in done.stderr, done


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tile", required=True)
    tile = str(pathlib.Path(parser.parse_args().tile).resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "project"
        sources = {"sales": EVENTS, "visits": VISITS, "feature_log": LOG}
        project(folder, definitions(), sources)
        (folder / "data").mkdir()
        (folder / "data" / "asked.csv").write_text(f"customer,ts,basket\nc1,{START + HOUR},2.5\n")
        server = Server(tile, folder, pathlib.Path(name) / "data")
        try:
            server.post(events(600), "sales")
            server.post(left(), "visits")
            eventually("the events are seen", lambda: server.features(GROUP, "c0", START + 600 * 60_000)["flavour_count_6h"])
            training_is_the_same_on_every_way(server, tile, folder)
            a_group_that_is_not_served_is_computed(server)
            a_job_is_told_fetched_and_ended(server)
            rights_are_asked_for(server)
            mistakes_are_told(server)
            served_values_are_what_the_rows_give(server, tile)
            drift_is_seen(server, tile)
        finally:
            server.end()
        a_pipe_names_no_training_data(tile, folder)
        definitions_are_shown_with_types(tile, folder)
        runs = pathlib.Path(name) / "data" / "training"
        assert not runs.exists() or not list(runs.iterdir()), "runs leave their folders"
    print("training data is the same on every way, and what was served is checked")


if __name__ == "__main__":
    main()
