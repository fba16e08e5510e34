"""Files that come from addresses and buckets, and those that sinks write: real HTTP servers, an S3 server, boto3 and pyarrow.

These checks start servers of their own: one that may reach this machine, and one that may not.
"""

import contextlib
import csv
import gzip
import http.server
import io
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import date, datetime, timezone
from decimal import Decimal

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.config import Config
from conftest import COLOURS, SECONDS_MAX, TB, environment
from moto.server import ThreadedMotoServer

TILE = os.environ["TILE_BIN"]
KEYS = {"aws_access_key_id": "somebody", "aws_secret_access_key": "not-to-be-seen"}
EVENTS = """SCHEMA >
    `id` UInt32 `json:$.id`,
    `shop` String `json:$.shop`,
    `day` Date `json:$.day`

ENGINE MergeTree
ENGINE_SORTING_KEY id
{more}"""
PER_SHOP = "SCHEMA >\n    `shop` String,\n    `n` SimpleAggregateFunction(sum, UInt64)\n\nENGINE AggregatingMergeTree\nENGINE_SORTING_KEY shop\n"
VIEW = "NODE a\nSQL >\n    SELECT shop, count() AS n FROM events GROUP BY shop\nTYPE materialized\nDATASOURCE per_shop\n"
FROM_BUCKET = 'IMPORT_CONNECTION_NAME "lake"\nIMPORT_BUCKET_URI "s3://lake/{}"\nIMPORT_SCHEDULE "{}"\n'
SINK = """NODE out
SQL >
    %
    SELECT id, shop, day FROM events WHERE id < {{{{Int32(below, 1000)}}}} ORDER BY id
TYPE sink
EXPORT_CONNECTION_NAME "{connection}"
EXPORT_BUCKET_URI "{uri}"
EXPORT_FILE_TEMPLATE "{template}"
EXPORT_SCHEDULE "@on-demand"
{more}"""


class Tile:
    """A server with a data folder, which may be killed and started again."""

    def __init__(self, folder, *options):
        self.folder, self.options = folder, options
        self.start()

    def start(self):
        command = [TILE, "dev", "--tinybird", "--port", "0", "--data", self.folder / "data", *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.url = self.token = None
        while not self.token:
            line = self.process.stdout.readline()
            assert line, "the server ended"
            if found := re.search(r"http://[^:]+:(\d+)", line):
                self.url = f"http://localhost:{found[1]}"
            if found := re.search(r"Admin token: (\S+)", line):
                self.token = found[1]
        self.log = []
        threading.Thread(target=lambda: self.log.extend(self.process.stdout), daemon=True).start()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ask(self, path, body=None, method=None, headers=None, token=None):
        headers = {"Authorization": f"Bearer {token or self.token}"} | (headers or {})
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS_MAX) as answer:
                text = answer.read()
        except urllib.error.HTTPError as e:
            return e.code, json.loads(e.read() or b"{}")
        return answer.status, json.loads(text) if text else None

    def build(self, **files):
        parts = [
            f'--x\r\nContent-Disposition: form-data; name="data_project://"; filename="{name}"\r\n'
            f"Content-Type: text/plain\r\n\r\n{text}\r\n"
            for name, text in ((name.replace("__", "."), text) for name, text in files.items())
        ]
        body = ("".join(parts) + "--x--\r\n").encode()
        status, answer = self.ask("/v1/build", body, headers={"Content-Type": "multipart/form-data; boundary=x"})
        assert status == 200 and answer["result"] == "success", answer

    def rows(self, query):
        status, answer = self.ask("/v0/sql", f"{query} FORMAT JSON".encode(), "POST")
        assert status == 200, answer
        return answer["data"]

    def count(self, name="events"):
        return self.rows(f"SELECT count() AS n FROM {name}")[0]["n"]

    def job(self, answer, status="done"):
        """What became of a job."""
        assert answer[0] in (200, 202), answer
        job = answer[1].get("job_id") or answer[1]["job"]["id"]
        for _ in range(300):
            _, found = self.ask(f"/v0/jobs/{job}")
            if found["status"] in ("done", "error", "cancelled"):
                assert found["status"] == status, found
                return found
            time.sleep(0.1)
        raise AssertionError(found)

    def load(self, url, how="append", status="done", name="events", **more):
        query = urllib.parse.urlencode({"url": url} | more)
        return self.job(self.ask(f"/v1/datasources/{name}/{how}?{query}", b"", "POST"), status)

    def run(self, pipe, status="done", **params):
        return self.job(self.ask(f"/v0/pipes/{pipe}/sink?{urllib.parse.urlencode(params)}", b"", "POST"), status)

    def sync(self, name="events", status="done"):
        return self.job(self.ask(f"/v0/datasources/{name}/scheduling/runs", b"", "POST"), status)


class Web:
    """A static server with files, redirects, and files that come slowly."""

    def __init__(self):
        self.files, self.asked, self.pause = {}, [], threading.Event()
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = self.path.split("?")[0]
                web.asked.append(path)
                status, headers, body = web.files.get(path, (404, {}, b"not here"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                # More than a piece of an import comes before the pause: it is seen under way.
                first = len(body) * 3 // 4 if "slow" in path else len(body)
                self.wfile.write(body[:first])
                if first < len(body):
                    web.pause.wait(30)
                    with contextlib.suppress(ConnectionError):
                        self.wfile.write(body[first:])

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def put(self, path, body, status=200, **headers):
        self.files[path] = (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)
        return self.url + path


@pytest.fixture(scope="module")
def web():
    out = Web()
    yield out
    out.pause.set()
    out.server.shutdown()


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(endpoint):
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST"))
    config = Config(retries={"max_attempts": 1})
    out = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", config=config, **KEYS)
    out.create_bucket(Bucket="lake")
    return out


@pytest.fixture
def tile(tmp_path):
    out = Tile(tmp_path, "--allow-private-addresses")
    yield out
    out.kill()
    assert not [line for line in out.log if "ERROR" in line or "panicked" in line], out.log


def lake(tile, endpoint):
    for name, value in KEYS.items():
        tile.ask("/v0/variables", urllib.parse.urlencode({"name": name, "value": value}).encode(), "POST",
                 {"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
    return (
        f'TYPE s3\nS3_REGION "us-east-1"\nS3_ENDPOINT "{endpoint}"\n'
        'S3_ACCESS_KEY {{ tb_secret("aws_access_key_id") }}\nS3_SECRET {{ tb_secret("aws_secret_access_key") }}\n'
    )


def events(count, first=0):
    return [{"id": i, "shop": f"s{i % 3}", "day": f"2024-01-{1 + i % 20:02}"} for i in range(first, first + count)]


def ndjson(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_csv(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_parquet(rows):
    rows = [row | {"day": date.fromisoformat(row["day"])} for row in rows]
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


def test_files_come_from_addresses(tile, web):
    tile.build(events__datasource=EVENTS.format(more=""), per_shop__datasource=PER_SHOP, v__pipe=VIEW)
    rows = events(100)
    packed = pa.compress(ndjson(rows), codec="zstd", asbytes=True)
    for url in [
        web.put("/a.csv", as_csv(rows)),
        web.put("/a.csv.gz", gzip.compress(as_csv(rows)), Content_Encoding="gzip"),
        web.put("/a.ndjson.zst", packed),
        web.put("/a.parquet", as_parquet(rows)),
        web.put("/b", ndjson(rows), Content_Type="application/x-ndjson"),
        web.put("/on", b"", 302, Location="/b"),
    ]:
        job = tile.load(url)
        assert job["statistics"]["row_count"] == 100 and job["progress_percentage"] == 100, (url, job)
    assert tile.count() == 600
    assert sum(row["n"] for row in tile.rows("SELECT shop, sum(n) AS n FROM per_shop GROUP BY shop")) == 600
    assert tile.load(web.put("/c.csv", as_csv(events(7))), "replace")["statistics"]["row_count"] == 7
    assert tile.count() == 7
    # The older way names all in parameters, and answers when it is over.
    query = urllib.parse.urlencode({"name": "events", "mode": "append", "format": "csv", "url": web.url + "/a.csv"})
    status, answer = tile.ask(f"/v0/datasources?{query}", b"", "POST")
    assert (status, answer["error"], answer["statistics"]["row_count"], tile.count()) == (200, False, 100, 107)


def test_what_is_wrong_with_an_address_is_told(tile, web):
    tile.build(events__datasource=EVENTS.format(more=""))
    loop = web.put("/loop", b"", 302, Location="/loop")
    for url, expected in [
        (web.url + "/nothing.csv", "answers with the status 404"),
        (web.put("/page", b"<html>", Content_Type="text/html"), "nothing tells the format"),
        (web.put("/cut.csv.gz", gzip.compress(as_csv(events(999)))[:200]), "breaks off"),
        (web.put("/bad.parquet", b"PAR1 not really PAR1"), "is no Parquet that can be read"),
        (loop + "?format=csv", "leads on and on"),
        ("http://127.0.0.1:1/a.csv", "cannot be reached"),
        ("http://nobody:secret@127.0.0.1/a.csv", "holds a password"),
        ("file://exports/a.csv", "cannot be used here"),
        ("s3://lake/a.csv", "cannot be used here"),
        ("gopher://x/a.csv", "cannot be used here"),
        ("http://a b/c.csv", "is no address"),
        # What is unpacked is bounded, however little it is packed.
        (web.put("/bomb.ndjson.gz", gzip.compress(b'{"shop":"' + b"a" * (80 << 20))), "a row has more than"),
    ]:
        job = tile.load(url, status="error")
        assert expected in job["error"] and "secret" not in job["error"], (url, job["error"])
    assert tile.count() == 0


def test_a_big_file_is_there_whole_or_not_at_all(tile, web):
    tile.build(events__datasource=EVENTS.format(more=""), per_shop__datasource=PER_SHOP, v__pipe=VIEW)
    rows = [row | {"shop": f'a "quoted",\nname {row["id"] % 3}'} for row in events(400_000)]
    body = as_csv(rows)
    assert len(body) > 16_000_000
    good = web.put("/big.csv", body)
    job = tile.load(good)
    assert (job["statistics"]["row_count"], job["quarantine_rows"]) == (400_000, 0)
    assert tile.rows("SELECT count() AS n, uniqExact(id) AS u, uniqExact(shop) AS s FROM events") == [
        {"n": 400_000, "u": 400_000, "s": 3}
    ]
    assert tile.rows("SELECT sum(n) AS n FROM per_shop")[0]["n"] == 400_000
    # Killed in the middle: nothing of it is seen, and nothing of it is left.
    slow = web.put("/slow.csv", body)
    for wait in (0.3, 1.0):
        tile.ask(f"/v1/datasources/events/append?{urllib.parse.urlencode({'url': slow})}", b"", "POST")
        time.sleep(wait)
        assert tile.count() == 400_000
        tile.kill()
        tile.start()
        assert tile.count() == 400_000
    # And cancelled in the middle.
    status, answer = tile.ask(f"/v1/datasources/events/append?{urllib.parse.urlencode({'url': slow})}", b"", "POST")
    assert (status, answer["job"]["status"], answer["job"]["is_cancellable"]) == (202, "working", True)
    for _ in range(300):
        _, found = tile.ask(f"/v0/jobs/{answer['id']}")
        if found["progress_percentage"]:
            break
        time.sleep(0.1)
    assert (found["status"], 0 < found["progress_percentage"] < 100) == ("working", True), found
    status, cancelled = tile.ask(f"/v0/jobs/{answer['id']}/cancel", b"", "POST")
    assert (status, cancelled["status"]) == (200, "cancelling")
    web.pause.set()
    tile.job((200, answer), "cancelled")
    assert tile.count() == 400_000
    web.pause.clear()


def test_parquet_of_all_types(tile, web):
    columns = {
        "i8": ("Int8", pa.int8(), [-1, 2]),
        "u64": ("UInt64", pa.uint64(), [2**64 - 1, 0]),
        "f32": ("Float32", pa.float32(), [1.5, -0.25]),
        "f64": ("Float64", pa.float64(), [1e300, 0.1]),
        "b": ("Bool", pa.bool_(), [True, False]),
        "s": ("String", pa.string(), ["ä'\n", ""]),
        "ls": ("String", pa.large_string(), ["x", "y"]),
        "dict": ("LowCardinality(String)", pa.dictionary(pa.int32(), pa.string()), ["k", "k"]),
        "bin": ("String", pa.binary(), [b"raw", b""]),
        "d": ("Date", pa.date32(), [date(2024, 2, 29), date(1970, 1, 1)]),
        "ts": ("DateTime64(3)", pa.timestamp("ms"), [datetime(2024, 1, 2, 3, 4, 5, 678000)] * 2),
        "tz": ("DateTime", pa.timestamp("us", "UTC"), [datetime(2024, 1, 2, tzinfo=timezone.utc)] * 2),
        "dec": ("Decimal(10, 2)", pa.decimal128(10, 2), [Decimal("12.34"), Decimal("-0.01")]),
        "nul": ("Nullable(Int32)", pa.int32(), [None, 7]),
        "arr": ("Array(Int32)", pa.list_(pa.int32()), [[1, 2], []]),
        "map": ("Map(String, Int32)", pa.map_(pa.string(), pa.int32()), [[("a", 1)], []]),
    }
    schema = ",\n".join(f"    `{name}` {ty} `json:$.{name}`" for name, (ty, _, _) in columns.items())
    tile.build(all__datasource=f"SCHEMA >\n{schema}\n\nENGINE MergeTree\nENGINE_SORTING_KEY s\n")
    table = pa.table({name: pa.array(values, ty) for name, (_, ty, values) in columns.items()})
    for codec in ("snappy", "zstd", "gzip", "none"):
        out = io.BytesIO()
        pq.write_table(table, out, compression=codec)
        job = tile.job(tile.ask("/v1/datasources/all/replace?format=parquet", out.getvalue(), "POST",
                                {"Content-Type": "application/vnd.apache.parquet"}))  # fmt: skip
        assert (job["successful_rows"], job["quarantined_rows"]) == (2, 0), tile.rows("SELECT * FROM all_quarantine")
    first = tile.rows("SELECT * FROM all ORDER BY nul NULLS FIRST")[0]
    assert first == {
        "i8": -1, "u64": 2**64 - 1, "f32": 1.5, "f64": 1e300, "b": True, "s": "ä'\n", "ls": "x", "dict": "k", "bin": "raw",
        "d": "2024-02-29", "ts": "2024-01-02 03:04:05.678", "tz": "2024-01-02 00:00:00", "dec": 12.34, "nul": None,
        "arr": [1, 2], "map": {"a": 1},
    }  # fmt: skip
    # One long word for many rows, which is written once, does not fill the memory.
    word = "w" * (1 << 20)
    tile.build(words__datasource="SCHEMA >\n    `w` String `json:$.w`\n\nENGINE MergeTree\nENGINE_SORTING_KEY w\n")
    table = pa.table({"w": pa.array([word] * 200).dictionary_encode()})
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    assert len(out.getvalue()) < (1 << 20)
    assert tile.load(web.put("/w.parquet", out.getvalue()), name="words")["statistics"]["row_count"] == 200


def test_files_of_a_bucket_are_taken_once(tile, s3, endpoint):
    put = lambda key, body: s3.put_object(Bucket="lake", Key=key, Body=body)  # noqa: E731
    put("in/a b&ü.ndjson", ndjson(events(10)))
    put("in/sub/b.csv.gz", gzip.compress(as_csv(events(10, 10))))
    put("in/c.parquet", as_parquet(events(10, 20)))
    put("in/readme.md", b"# no")
    put("other/d.ndjson", ndjson(events(10, 90)))
    connection = lake(tile, endpoint)
    pattern = FROM_BUCKET.format("in/**.{ndjson,csv.gz,parquet}", "@on-demand")
    source = EVENTS.format(more=pattern)
    tile.build(events__datasource=source, lake__connection=connection)
    job = tile.sync()
    assert (job["stats"], tile.count()) == ({"found_files": 3, "imported_files": 3}, 30), job
    assert {file["file"] for file in job["files"]} == {
        "s3://lake/in/a b&ü.ndjson", "s3://lake/in/sub/b.csv.gz", "s3://lake/in/c.parquet"
    }  # fmt: skip
    assert tile.sync()["stats"]["imported_files"] == 0
    tile.kill()
    tile.start()
    assert tile.sync()["stats"]["imported_files"] == 0
    # A new file, and one with other bytes under an old name.
    put("in/e.ndjson", ndjson(events(5, 40)))
    put("in/a b&ü.ndjson", ndjson(events(1, 50)))
    assert (tile.sync()["stats"]["imported_files"], tile.count()) == (2, 36)
    # More than one page of a list, killed in the middle of them.
    for i in range(1100):
        put(f"in/many/{i:04}.ndjson", ndjson(events(1, 1000 + i)))
    tile.ask("/v0/datasources/events/scheduling/runs", b"", "POST")
    tile.kill()
    tile.start()
    partly = tile.count()
    tile.sync()
    assert partly < 36 + 1100 and tile.count() == 36 + 1100
    assert tile.rows("SELECT uniqExact(id) AS n FROM events")[0]["n"] == 36 + 1100
    answers = [tile.ask("/v0/connectors"), tile.ask("/v0/datasources"), tile.ask("/v0/jobs")]
    assert "not-to-be-seen" not in json.dumps(answers) and not [line for line in tile.log if "not-to-be-seen" in line]


def test_settings_of_imports(tile, s3, endpoint):
    connection = lake(tile, endpoint)
    s3.put_object(Bucket="lake", Key="x/a.txt", Body=as_csv(events(3)))
    s3.put_object(Bucket="lake", Key="x/b.txt", Body=as_csv(events(3, 3)))
    later = FROM_BUCKET.format("x/*", "@auto") + 'IMPORT_FROM_TIMESTAMP "2100-01-01"\n'
    tile.build(events__datasource=EVENTS.format(more=later), lake__connection=connection)
    assert tile.sync()["stats"]["found_files"] == 0
    now = FROM_BUCKET.format("x/*", "@auto") + 'IMPORT_FROM_TIMESTAMP "2020-01-01T00:00:00Z"\nIMPORT_FORMAT csv\n'
    tile.build(events__datasource=EVENTS.format(more=now), lake__connection=connection)
    sample = tile.job(tile.ask("/v0/datasources/events/sample", b'{"max_files": 1}', "POST"))
    assert (sample["stats"]["found_files"], tile.count()) == (1, 3)
    state = "/v0/datasources/events/scheduling/state"
    assert tile.ask(state) == (200, {"state": "running"})
    assert tile.ask(state, b'{"state": "paused"}', "PUT") == (200, {"state": "paused"})
    assert tile.ask(state) == (200, {"state": "paused"})
    assert tile.ask(state, b'{"state": "x"}', "PUT")[0] == 400
    wrong = connection.replace("S3_ACCESS_KEY", "# S3_ACCESS_KEY")
    tile.build(events__datasource=EVENTS.format(more=now), lake__connection=wrong)
    assert "has no S3_ACCESS_KEY" in tile.sync(status="error")["error"]
    missing = EVENTS.format(more=now.replace("s3://lake", "s3://nowhere"))
    tile.build(events__datasource=missing, lake__connection=connection)
    assert "NoSuchBucket" in tile.sync(status="error")["error"]


def test_sinks_write_files(tile, s3, endpoint):
    connection = lake(tile, endpoint)
    base = {"events__datasource": EVENTS.format(more=""), "lake__connection": connection}
    sink = lambda **given: SINK.format(**({"connection": "lake", "uri": "s3://lake/out", "more": ""} | given))  # noqa: E731
    tile.build(
        **base,
        plain__pipe=sink(template="plain"),
        packed__pipe=sink(
            template="p/{day, '%Y-%m-%d'}/{shop}.csv", more="EXPORT_COMPRESSION gz\nEXPORT_STRATEGY truncate\n"
        ),
        columns__pipe=sink(template="c_{2}", more="EXPORT_FORMAT parquet\n"),
        lines__pipe=sink(template="lines.json", more="EXPORT_FORMAT ndjson\nEXPORT_COMPRESSION zstd\n"),
    )
    rows = events(60)
    tile.job(tile.ask("/v1/datasources/events/append?format=ndjson", ndjson(rows), "POST"))
    read = lambda key: s3.get_object(Bucket="lake", Key=key)["Body"].read()  # noqa: E731
    keys = lambda: [o["Key"] for o in s3.list_objects_v2(Bucket="lake").get("Contents", [])]  # noqa: E731
    job = tile.run("plain")
    assert (job["rows"], job["bytes"], job["files"][0]["file"]) == (60, len(read("out/plain.csv")), "s3://lake/out/plain.csv")
    assert [row["id"] for row in csv.DictReader(io.StringIO(read("out/plain.csv").decode()))] == [str(i) for i in range(60)]
    # Nothing is overwritten, unless that is asked for.
    assert tile.run("plain", below=5)["rows"] == 5
    assert len(keys()) == 2 and len(read("out/plain.csv").splitlines()) == 61
    tile.run("plain", below=6, _mode="replace")
    assert len(keys()) == 2 and len(read("out/plain.csv").splitlines()) == 7
    # By day and shop.
    for _ in range(2):
        job = tile.run("packed")
    assert len(job["files"]) == 60 and len([key for key in keys() if "/p/" in key]) == 60
    one = csv.DictReader(io.StringIO(gzip.decompress(read("out/p/2024-01-03/s2.csv.gz")).decode()))
    assert list(one) == [{"id": "2", "shop": "s2", "day": "2024-01-03"}]
    # In turn, for whom it is enough that files are small.
    assert [file["rows"] for file in tile.run("columns")["files"]] == [30, 30]
    tables = [pq.read_table(io.BytesIO(read(f"out/c_{i}.parquet"))) for i in range(2)]
    assert sorted(pa.concat_tables(tables).column("id").to_pylist()) == list(range(60))
    assert tables[0].schema.names == ["id", "shop", "day"]
    tile.run("lines")
    text = pa.input_stream(io.BytesIO(read("out/lines.json.zst")), compression="zstd").read()
    assert [json.loads(line) for line in text.splitlines()] == rows
    # All of this is written down.
    told = tile.rows(
        "SELECT service, result, read_rows, written_rows, written_bytes > 0 AS has_bytes, output, parameters, token_name,"
        " options['execution_type'] AS how, options['file_template'] AS template, job_id FROM tinybird.sinks_ops_log"
        " WHERE pipe_name = 'plain' AND parameters['below'] = '6'"
    )
    assert told[0].pop("job_id") in [j["id"] for j in tile.ask("/v0/jobs?kind=sink&pipe_name=plain")[1]["jobs"]]
    assert told == [
        {"service": "s3", "result": "ok", "read_rows": 60, "written_rows": 6, "has_bytes": 1, "output": 1}
        | {"parameters": {"below": "6", "_mode": "replace"}, "token_name": "workspace admin token", "how": "manual", "template": "plain"}
    ]


def test_sinks_into_the_servers_own_folder(tile, tmp_path):
    sink = lambda uri, template: SINK.format(connection="here", uri=uri, template=template, more="")  # noqa: E731
    tile.build(
        events__datasource=EVENTS.format(more=""),
        here__connection="TYPE files\n",
        good__pipe=sink("file://exports", "{shop}"),
        up__pipe=sink("file://exports/../..", "x"),
        broker__connection="TYPE kafka\nKAFKA_BOOTSTRAP_SERVERS a:1\n",
        kafka__pipe='NODE a\nSQL >\n    SELECT id FROM events\nTYPE sink\nEXPORT_CONNECTION_NAME broker\n'
        'EXPORT_KAFKA_TOPIC t\nEXPORT_SCHEDULE "@on-demand"\n',
    )
    rows = events(3) + [{"id": 9, "shop": "../../x", "day": "2024-01-01"}]
    tile.job(tile.ask("/v1/datasources/events/append?format=ndjson", ndjson(rows), "POST"))
    assert "is no address of a file" in tile.run("good", "error")["error"]
    tile.job(tile.ask("/v1/datasources/events/replace?format=ndjson", ndjson(events(3)), "POST"))
    tile.run("good")
    assert sorted(path.name for path in (tmp_path / "data/files/exports").iterdir()) == ["s0.csv", "s1.csv", "s2.csv"]
    assert "is no address of a file" in tile.run("up", "error")["error"]
    assert "Kafka, which is not supported" in tile.run("kafka", "error")["error"]
    failed = tile.rows("SELECT pipe_name, service, error FROM tinybird.sinks_ops_log WHERE result = 'error' ORDER BY pipe_name")
    assert [(row["pipe_name"], row["service"]) for row in failed] == [("good", "files"), ("kafka", "kafka"), ("up", "files")]
    assert "Kafka, which is not supported" in failed[1]["error"] and str(tmp_path) not in json.dumps(failed)
    assert str(tmp_path) not in json.dumps(tile.ask("/v0/jobs"))
    # What was written can be read again.
    more = 'IMPORT_CONNECTION_NAME "here"\nIMPORT_BUCKET_URI "file://exports/*.csv"\nIMPORT_SCHEDULE "@once"\n'
    tile.build(events__datasource=EVENTS.format(more=more), here__connection="TYPE files\n")
    assert tile.sync()["stats"]["imported_files"] == 3


def test_private_addresses_are_not_reached(tmp_path, web):
    tile = Tile(tmp_path)
    try:
        tile.build(events__datasource=EVENTS.format(more=""), lake__connection=lake(tile, web.url))
        before, port = len(web.asked), web.server.server_port
        web.put("/a.csv", as_csv(events(1)))
        for host in ["127.0.0.1", "localhost", "0.0.0.0", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254"]:
            error = tile.load(f"http://{host}:{port}/a.csv", status="error")["error"]
            assert "private network" in error or "is no address" in error or "not known" in error, (host, error)
        more = FROM_BUCKET.format("*", "@auto")
        tile.build(events__datasource=EVENTS.format(more=more), lake__connection=lake(tile, web.url))
        assert "private network" in tile.sync(status="error")["error"]
        status, answer = tile.ask(f"/v0/analyze?url={web.url}/a.csv", b"", "POST")
        assert status == 400 and "private network" in answer["error"]
        assert len(web.asked) == before
    finally:
        tile.kill()


def test_the_tb_command(tile, web, s3, endpoint, tmp_path, home):
    folder = tmp_path / "project"
    folder.mkdir()

    def tb(words, *expected, code=0):
        env = environment(home) | {"TB_LOCAL_HOST": "localhost", "TB_LOCAL_PORT": tile.url.rsplit(":", 1)[1]}
        done = subprocess.run([TB, *words.split()], cwd=folder, env=env, capture_output=True, text=True, timeout=SECONDS_MAX)
        output = COLOURS.sub("", done.stdout + done.stderr)
        assert done.returncode == code, output
        for text in expected:
            assert text in output, output
        return output

    source = EVENTS.format(more=FROM_BUCKET.format("*.csv", "@on-demand"))
    files = {
        "events.datasource": EVENTS.format(more=""),
        "taken.datasource": source,
        "lake.connection": lake(tile, endpoint).replace('{{ tb_secret("aws_access_key_id") }}', "a")
        .replace('{{ tb_secret("aws_secret_access_key") }}', "b"),
        "out.pipe": SINK.format(connection="lake", uri="s3://lake/out", template="out", more=""),
    }  # fmt: skip
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / "rows.parquet").write_bytes(as_parquet(events(4)))
    s3.put_object(Bucket="lake", Key="a.csv", Body=as_csv(events(5)))
    tb("build")
    tb(f"datasource append events --url {web.put('/tb.csv', as_csv(events(3)))}", "Rows appended")
    tb("datasource append events rows.parquet", "Rows appended")
    tb("datasource sync taken --yes", "taken")
    tb("sink ls", "out")
    tb("sink run out --wait", "Data exported")
    time.sleep(1)  # `tb logs` asks for what was before the second that it starts in
    tb("logs --source tinybird.sinks_ops_log", "out", "ok")
    body = s3.get_object(Bucket="lake", Key="out/out.csv")["Body"].read()
    assert len(body.splitlines()) == 8
    tb("job ls --kind sink", "done")
