"""Kills the server in the middle of inserts, copies, populations and migrations, again and again.

After each restart every acknowledged batch is there once, every other batch is there whole or not at all, and the materialized
view, which is filled anew meanwhile, is what its query gives over the rows. The same holds for copies, and a copy has its rows if and only if its job is done. The data
source changes its schema meanwhile, so that kills also hit migrations. In a second round deployments are staged, promoted and discarded
meanwhile: what is acknowledged is in the live one, and in the one in staging. In a third round there are so many rows that most kills
come while a deployment moves them, or they fill a view anew, and others arrive, in groups of which two are stored at once.

    python kills.py --tile BIN [--kills 8] [--seed 1]
"""

import argparse
import contextlib
import http.client
import itertools
import json
import pathlib
import random
import re
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

BATCH = 40
# Batches that are there before the third round.
LARGE = 10_000
# Batches in one request of that round: enough rows for a transaction beside another.
TOGETHER = 120
SENDERS = 4
SOURCE = """SCHEMA >
    `batch` String `json:$.batch`,
    `n` UInt32 `json:$.n`,
    `kind` LowCardinality(String) `json:$.kind`{more}

ENGINE MergeTree
ENGINE_SORTING_KEY batch, n
"""
MORE = ",\n    `more` UInt8 `json:$.more` DEFAULT 7"
TARGET = """SCHEMA >
    `kind` LowCardinality(String),
    `rows` SimpleAggregateFunction(sum, UInt64),
    `batches` AggregateFunction(uniqExact, String)

ENGINE AggregatingMergeTree
ENGINE_SORTING_KEY kind
"""
VIEW = """NODE grouped
SQL >
    SELECT kind, count() AS rows, uniqExactState(batch) AS batches FROM events GROUP BY kind
TYPE materialized
DATASOURCE per_kind
"""
COPIED = """SCHEMA >
    `run` String,
    `n` UInt64

ENGINE MergeTree
ENGINE_SORTING_KEY run, n
"""
COPY = """NODE numbered
SQL >
    %
    SELECT {{String(run, 'nobody')}} AS run, number AS n FROM numbers(3000)
TYPE copy
TARGET_DATASOURCE copied
"""
COPY_ROWS = 3_000
# The server lists no more.
JOBS_MAX = 100


class Server:
    def __init__(self, tile, project, data, **options):
        self.process = subprocess.Popen(
            [tile, "dev", *([project] if project else []), "--port", "0", "--data", data],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )
        self.lines, self.faults = [], []
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

    def built(self):
        """Waits for the first build, which comes behind the port."""
        for _ in range(200):
            if any(line.startswith(("Build", "Nothing", "Not built")) for line in self.lines):
                return
            time.sleep(0.02)
        raise SystemExit("no build: " + "".join(self.lines))

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.reader.join()

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def sql(self, text, where="live"):
        target = "/v0/sql?" + urllib.parse.urlencode({"q": text, "__tb__deployment": where})
        status, body = self.call("GET", target)
        assert status == 200, (status, body, text)
        return [json.loads(line) for line in body.splitlines()]

    def call(self, method, target, body=None, headers=None):
        connection = self.connection()
        connection.request(method, target, body, {"Authorization": f"Bearer {self.token}"} | (headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def has(self, name, where):
        status, _ = self.call("GET", f"/v0/datasources/{name}?__tb__deployment={where}")
        return status == 200

    def deployments(self):
        status, body = self.call("GET", "/v1/deployments")
        assert status == 200, (status, body)
        return json.loads(body)["deployments"]

    def deploy(self, files, promote):
        parts = (
            f'--part\r\nContent-Disposition: form-data; name="data_project://"; filename="{name}"\r\n\r\n{text}\r\n'
            for name, text in files.items()
        )
        target = "/v1/deploy?allow_destructive_operations=true" + ("&auto_promote=true" if promote else "")
        kind = {"Content-Type": "multipart/form-data; boundary=part"}
        return self.call("POST", target, "".join(parts) + "--part--\r\n", kind)


def row(batch, n):
    return json.dumps({"batch": batch, "n": n, "kind": f"k{n % 3}", "more": 9})


def send(server, name, batches_of, acknowledged, stop):
    connection = server.connection()
    while not stop.is_set():
        batches = batches_of()
        rows = [row(batch, n) for batch in batches for n in range(BATCH)]
        try:
            connection.request(
                "POST",
                "/v0/events?name=events&wait=true",
                "\n".join(rows),
                {"Authorization": f"Bearer {server.token}"},
            )
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            return
        if answer.status == 200:
            assert json.loads(body) == {"successful_rows": len(rows), "quarantined_rows": 0}, body
            acknowledged.update(batches)
        else:
            if answer.status not in (409, 429, 503):
                server.faults.append((name, answer.status, body))


def copy(server, kill, copied, stop):
    """Copies one after the other; those whose answer says so are done. In between, the view is filled anew."""
    connection = server.connection()
    number = 0
    while not stop.is_set():
        number += 1
        run = f"{kill}-{number}"
        try:
            connection.request("POST", f"/v0/pipes/copy_numbers/copy?run={run}&token={server.token}")
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            return
        if answer.status != 200:
            server.faults.append(("copy", answer.status, body))
        elif json.loads(body)["job"]["status"] == "done":
            copied.add(run)
        if not populate(server, connection):
            return


def populate(server, connection):
    """Empties the view and fills it with the rows that there are, as one job; says whether the server is there."""
    try:
        target = "/v0/pipes/to_per_kind/nodes/grouped/population?truncate=true"
        connection.request("POST", target, "", {"Authorization": f"Bearer {server.token}"})
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        return False
    if answer.status not in (200, 409, 429, 503):
        server.faults.append(("populate", answer.status, body))
    return True


def check_copies(server, copied):
    rows = server.sql("SELECT run, count() AS c, uniqExact(n) AS u FROM copied GROUP BY run FORMAT JSONEachRow", "live")
    stored = {row["run"]: (row["c"], row["u"]) for row in rows}
    lost = [run for run in copied if run not in stored]
    assert not lost, f"copies that were done are lost: {lost}"
    torn = {run: counts for run, counts in stored.items() if counts != (COPY_ROWS, COPY_ROWS)}
    assert not torn, f"copies that are not whole or there twice: {torn}"
    status, body = server.call("GET", "/v0/jobs?kind=copy")
    assert status == 200, body
    jobs = json.loads(body)["jobs"]
    states = [job["status"] for job in jobs]
    assert set(states) <= {"done", "error"}, states
    assert all("stopped" in job["error"] for job in jobs if job["status"] == "error"), jobs
    assert len(jobs) >= JOBS_MAX or states.count("done") == len(stored), (states.count("done"), len(stored))
    status, body = server.call("GET", "/v0/jobs?kind=populateview")
    states = {job["status"] for job in json.loads(body)["jobs"]}
    assert status == 200 and states <= {"done", "error"}, states
    return len(stored)


def check(server, acknowledged, where="live"):
    rows = server.sql("SELECT batch, count() AS c, uniqExact(n) AS u FROM events GROUP BY batch FORMAT JSONEachRow", where)
    stored = {row["batch"]: (row["c"], row["u"]) for row in rows}
    lost = [batch for batch in acknowledged if batch not in stored]
    assert not lost, f"{len(lost)} acknowledged batches are lost"
    torn = {batch: counts for batch, counts in stored.items() if counts != (BATCH, BATCH)}
    assert not torn, f"batches that are not whole or there twice: {list(torn.items())[:3]}"
    recomputed = server.sql(
        "SELECT kind, count() AS rows, uniqExact(batch) AS batches FROM events GROUP BY kind ORDER BY kind FORMAT JSONEachRow",
        where,
    )
    for target in ("per_kind", "late"):
        if target == "late" and not server.has(target, where):
            continue
        seen = server.sql(
            f"SELECT kind, sum(rows) AS rows, uniqExactMerge(batches) AS batches FROM {target} GROUP BY kind ORDER BY kind FORMAT JSONEachRow",
            where,
        )
        assert seen == recomputed, (target, seen, recomputed)
    return len(stored)


def files(is_changed, is_more):
    """The project, with a column more, and with another view into another data source."""
    out = {
        "events.datasource": SOURCE.format(more=MORE if is_changed else ""),
        "per_kind.datasource": TARGET,
        "to_per_kind.pipe": VIEW,
    }
    if is_more:
        out |= {"late.datasource": TARGET, "to_late.pipe": VIEW.replace("DATASOURCE per_kind", "DATASOURCE late")}
    return out


def change(server, chance, done, stop):
    """Stages, promotes and discards, until the server is gone."""
    try:
        while not stop.is_set():
            now = server.deployments()
            if len(now) < 2:
                wanted = files(chance.random() < 0.5, chance.random() < 0.5)
                status, body = server.deploy(wanted, promote=False)
            elif chance.random() < 0.6:
                status, body = server.call("POST", f"/v1/deployments/{now[1]['id']}/set-live")
            else:
                status, body = server.call("DELETE", f"/v1/deployments/{now[1]['id']}")
            if status != 200 or '"result":"failed"' in body:
                server.faults.append((status, body))
            done.append(status)
    except (OSError, http.client.HTTPException):
        return


def move(server, chance, begun, done, stop):
    """Changes a large data source and fills views from it, until the server is gone."""
    try:
        while not stop.is_set():
            begun.append(1)
            if chance.random() < 0.3:
                target = "/v0/pipes/to_per_kind/nodes/grouped/population?truncate=true"
                status, body = server.call("POST", target)
                is_good = json.loads(body)["job"]["status"] in ("waiting", "working", "done")
            else:
                status, body = server.deploy(files(chance.random() < 0.5, chance.random() < 0.5), promote=True)
                is_good = '"result":"failed"' not in body
            # Another one may last.
            if status not in (200, 503) or status == 200 and not is_good:
                server.faults.append((status, body))
            done.append(status)
    except (OSError, http.client.HTTPException):
        return


@contextlib.contextmanager
def sending(server, kill, acknowledged, other, *arguments, together=1):
    """Sends events, so many batches together, and does the other thing beside them, until the server is killed at the end."""
    stop, counts = threading.Event(), itertools.count()
    batches_of = lambda: [f"{kill}-{next(counts)}" for _ in range(together)]  # noqa: E731
    threads = [threading.Thread(target=send, args=(server, i, batches_of, acknowledged, stop)) for i in range(SENDERS)]
    threads.append(threading.Thread(target=other, args=(server, *arguments, stop)))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
    assert not server.faults, server.faults[:3]


def amid_staging(arguments, chance, folder):
    acknowledged, done, staged, stored = set(), [], 0, 0
    for kill in range(arguments.kills + 1):
        server = Server(arguments.tile, None, folder / "staging")
        if kill == 0:
            status, body = server.deploy(files(False, False), promote=True)
            assert status == 200, body
        now = server.deployments()
        assert [d["live"] for d in now] in ([True], [True, False]), now
        stored = check(server, acknowledged)
        if len(now) == 2:
            staged += 1
            assert now[1]["status"] == "data_ready", now
            assert check(server, acknowledged, "staging") == stored, "staging has other rows"
        if kill == arguments.kills:
            server.kill()
            break
        with sending(server, kill, acknowledged, change, chance, done):
            time.sleep(chance.uniform(0.2, 0.7))
    assert stored > arguments.kills and len(done) > arguments.kills, "nothing was done"
    print(
        f"{arguments.kills} kills amid {len(done)} changes of deployments, {staged} of them with one in staging afterwards: "
        f"{len(acknowledged)} acknowledged batches, none lost, torn or there twice, in either"
    )


def amid_moves(arguments, chance, folder):
    acknowledged, begun, done, stored = set(), [], [], 0
    for kill in range(arguments.kills + 1):
        server = Server(arguments.tile, None, folder / "moves")
        if kill == 0:
            status, body = server.deploy(files(False, False), promote=True)
            assert status == 200, body
            for part in range(LARGE // 1000):
                batches = [f"old-{part}-{n}" for n in range(1000)]
                rows = (row(batch, n) for batch in batches for n in range(BATCH))
                status, body = server.call("POST", "/v0/events?name=events&wait=true", "\n".join(rows))
                assert status == 200, body
                acknowledged.update(batches)
        assert [d["live"] for d in server.deployments()] == [True]
        stored = check(server, acknowledged)
        if kill == arguments.kills:
            server.kill()
            break
        with sending(server, kill, acknowledged, move, chance, begun, done, together=TOGETHER):
            time.sleep(chance.uniform(0.1, 1.0))
    amid = len(begun) - len(done)
    assert stored > LARGE + arguments.kills and done and amid, "nothing was done"
    print(
        f"{arguments.kills} kills amid {len(begun)} moves of {LARGE * BATCH} rows, {amid} of them in the middle: "
        f"{stored - LARGE} batches arrived meanwhile, none lost, torn or there twice; the views are right"
    )


def amid_inserts(arguments, chance, folder):
    project = folder / "project"
    project.mkdir()
    source = project / "events.datasource"
    source.write_text(SOURCE.format(more=""))
    (project / "per_kind.datasource").write_text(TARGET)
    (project / "to_per_kind.pipe").write_text(VIEW)
    (project / "copied.datasource").write_text(COPIED)
    (project / "copy_numbers.pipe").write_text(COPY)
    acknowledged, copied, stored, migrations = set(), set(), 0, 0
    for kill in range(arguments.kills + 1):
        server = Server(arguments.tile, project, folder / "data")
        server.built()
        stored = check(server, acknowledged)
        copies = check_copies(server, copied)
        if kill == arguments.kills:
            server.kill()
            break
        with sending(server, kill, acknowledged, copy, kill, copied):
            time.sleep(chance.uniform(0.05, 0.3))
            if chance.random() < 0.6:
                migrations += 1
                source.write_text(SOURCE.format(more=MORE if kill % 2 == 0 else ""))
                time.sleep(chance.uniform(0.1, 0.4))
    assert stored > arguments.kills and acknowledged, "nothing was stored"
    assert copies and copied, "nothing was copied"
    print(
        f"{arguments.kills} kills, {migrations} with a change of the schema: {len(acknowledged)} acknowledged batches of "
        f"{BATCH} rows, {stored} stored, none lost, torn or there twice; the view is right; "
        f"{len(copied)} copies acknowledged and {copies} whole"
    )


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--tile", required=True)
    arguments.add_argument("--kills", type=int, default=8)
    arguments.add_argument("--seed", type=int, default=1)
    arguments = arguments.parse_args()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        amid_inserts(arguments, chance, pathlib.Path(folder))
        amid_staging(arguments, chance, pathlib.Path(folder))
        amid_moves(arguments, chance, pathlib.Path(folder))


if __name__ == "__main__":
    main()
