"""A `tile dev` of a project with features, for the checks beside this file."""

import argparse
import contextlib
import http.client
import json
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

EVENTS = """SCHEMA >
    `customer_id` Nullable(String) `json:$.customer_id`,
    `ice_cream_flavour` String `json:$.ice_cream_flavour`,
    `price` Float64 `json:$.price` DEFAULT 0,
    `created` Nullable(DateTime64(3)) `json:$.created`

ENGINE MergeTree
ENGINE_SORTING_KEY ice_cream_flavour
"""
COUNT, SUM, LAST = 6, 7, 3


def aggregation(column, operation, *windows):
    """`windows` are pairs of a length and a unit: 0 hours, 1 days."""
    out = {"inputColumn": column, "operation": operation, "argMap": {}}
    if windows:
        out["windows"] = [{"length": length, "timeUnit": unit} for length, unit in windows]
    return out


def group_by(name, aggregations, table="shop.ice_creams", selects=None, **more):
    """A definition as `chronon-ai` compiles it."""
    selects = selects or {"customer_id": "customer_id", "flavour": "ice_cream_flavour", "price": "price"}
    query = {"selects": selects, "timeColumn": "created", "setups": []}
    return {
        "metaData": {"name": name, "online": 1, "team": "shop"},
        "sources": [{"events": {"table": table, "topic": "ice_cream_events", "query": query}}],
        "keyColumns": ["customer_id"],
        "aggregations": aggregations,
        "accuracy": 0,
    } | more


@contextlib.contextmanager
def program():
    """The program that the command line names, and a folder of one's own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tile", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        yield arguments.tile, pathlib.Path(folder)


class Server:
    def __init__(self, tile, project, data, *options, clickhouse="none"):
        self.process = subprocess.Popen(
            [tile, "dev", project, "--port", "0", "--clickhouse-port", clickhouse, "--data", data, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines = []
        self.port = self.token = None
        while self.token is None:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("the server ended: " + "".join(self.lines))
            self.lines.append(line)
            if found := re.search(r"http://[^:]+:(\d+)", line):
                self.port = int(found[1])
            if found := re.search(r"Admin token: (\S+)", line):
                self.token = found[1]
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout), daemon=True)
        self.reader.start()

    def says(self, *texts, seconds=20):
        """Waits for a line with all of these texts."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if any(all(text in line for text in texts) for line in list(self.lines)):
                return
            time.sleep(0.01)
        raise AssertionError(f"the server does not say {texts}: {''.join(self.lines)}")

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(30)
        self.reader.join()

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def call(self, method, target, body=None, token=None, connection=None):
        """The status and the JSON of the answer."""
        connection = connection or self.connection()
        token = self.token if token is None else token
        body = body if body is None or isinstance(body, str) else json.dumps(body)
        connection.request(method, target, body, {"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        text = answer.read().decode()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text

    def post(self, rows, name="ice_creams", connection=None):
        """Appends rows, which are durable when this returns."""
        body = "\n".join(json.dumps(row) for row in rows)
        return self.call("POST", f"/v0/events?name={name}&wait=true", body, connection=connection)

    def sql(self, text):
        status, answer = self.call("GET", "/v0/sql?" + urllib.parse.urlencode({"q": text + " FORMAT JSON"}))
        assert status == 200, (status, answer, text)
        return answer["data"]

    def fetch(self, name, keys, at=None, kind="groupby", shape="features"):
        """The answers for keys, in their order; waits while rows are read."""
        target = f"/v1/{shape}/{kind}/{urllib.parse.quote(name, safe='')}" + (f"?atMillis={at}" if at else "")
        for _ in range(500):
            status, answer = self.call("POST", target, keys)
            if status != 503:
                break
            time.sleep(0.02)
        assert status == 200, (status, answer)
        return answer["results"]

    def features(self, name, customer, at=None):
        [answer] = self.fetch(name, [{"customer_id": customer}], at)
        assert answer["status"] == "Success", answer
        return answer["features"]


def eventually(what, is_so, seconds=20):
    """Waits until something holds."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, what
        time.sleep(0.01)


def project(folder, definitions, sources=None):
    """A project's folder with data sources and compiled definitions."""
    folder = pathlib.Path(folder)
    for name, text in (sources or {"ice_creams": EVENTS}).items():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.datasource").write_text(text)
    for definition in definitions:
        kind = "joins" if "joinParts" in definition else "group_bys"
        path = folder / "features" / kind / definition["metaData"]["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(definition))
    return folder
