"""The clock of the machine jumps while the server runs: days forwards, days back, and home again.

Nothing of the program knows of it: Debian's `libfaketime` tells the process another time of day, which a file says; what counts
seconds (timeouts, intervals) goes on as ever, as with a machine whose clock is set.

    python clocks.py --tile BIN
"""

import argparse
import glob
import json
import os
import pathlib
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from kills import Server

DAY = 24 * 3600
FILES = {
    "events.datasource": """SCHEMA >
    `n` UInt32 `json:$.n`,
    `kind` String `json:$.kind`,
    `at` DateTime `json:$.at` DEFAULT now()

ENGINE MergeTree
ENGINE_SORTING_KEY n
""",
    "short.datasource": """SCHEMA >
    `n` UInt32 `json:$.n`,
    `at` DateTime `json:$.at`

ENGINE MergeTree
ENGINE_SORTING_KEY n
ENGINE_TTL at + toIntervalDay(1)
""",
    "per_kind.datasource": """SCHEMA >
    `kind` String,
    `rows` SimpleAggregateFunction(sum, UInt64)

ENGINE AggregatingMergeTree
ENGINE_SORTING_KEY kind
""",
    "to_per_kind.pipe": """NODE grouped
SQL >
    SELECT kind, count() AS rows FROM events GROUP BY kind
TYPE materialized
DATASOURCE per_kind
""",
    "copies.datasource": """SCHEMA >
    `at` DateTime,
    `rows` UInt64

ENGINE MergeTree
ENGINE_SORTING_KEY at
""",
    "copied.pipe": """NODE counted
SQL >
    SELECT now() AS at, count() AS rows FROM events
TYPE copy
TARGET_DATASOURCE copies
COPY_SCHEDULE * * * * *
""",
    "kept.pipe": """NODE counted
SQL >
    %
    {{ cache_ttl('1h') }}
    SELECT count() AS rows, now() AS at FROM events
TYPE endpoint
""",
}


class Machine:
    """A server whose time of day is the real one and some seconds more."""

    def __init__(self, tile, folder):
        self.tile, self.folder, self.shift_s = tile, folder, 0
        self.project = folder / "project"
        self.project.mkdir()
        for name, text in FILES.items():
            (self.project / name).write_text(text)
        self.file = folder / "clock"
        self.set(0)
        self.sent = 0
        self.start()

    def start(self):
        found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        assert found, "libfaketime is missing: apt-get install faketime"
        told = {"LD_PRELOAD": found[0], "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        self.server = Server(self.tile, self.project, self.folder / "data", env=os.environ | told)
        self.server.built()
        self.url = f"http://127.0.0.1:{self.server.port}"

    def stop(self):
        self.server.process.terminate()
        assert self.server.process.wait(timeout=30) == 0
        self.server.reader.join()
        assert not [line for line in self.server.lines if " ERROR " in line or "panicked" in line], self.server.lines

    def set(self, shift_s):
        """As `date -s`: at once, and for everything."""
        self.shift_s = shift_s
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"{shift_s:+d}\n")
        fresh.replace(self.file)

    def now_s(self):
        return time.time() + self.shift_s

    def ask(self, path, token=None, **options):
        headers = {"Authorization": f"Bearer {token or self.server.token}"}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, headers=headers, **options), timeout=30) as answer:
                return answer.status, json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def rows(self, query):
        status, answer = self.ask("/v0/sql?" + urllib.parse.urlencode({"q": query + " FORMAT JSON"}))
        assert status == 200, answer
        return answer["data"]

    def value(self, query):
        [row] = self.rows(query)
        [value] = row.values()
        return int(value)

    def send(self, name="events", rows=5, **more):
        started = time.monotonic()
        lines = "\n".join(json.dumps({"n": self.sent + n, "kind": f"k{n % 2}"} | more) for n in range(rows))
        status, answer = self.ask(f"/v0/events?name={name}&wait=true", data=lines.encode(), method="POST")
        assert (status, answer) == (200, {"successful_rows": rows, "quarantined_rows": 0}), (status, answer)
        self.sent += rows if name == "events" else 0
        # A batch does not wait for a time that has not come, or has long gone.
        assert time.monotonic() - started < 5

    def jwt(self, expires_s, rps=None):
        scopes = {"scopes": [{"type": "PIPES:READ", "resource": "kept"}], "limits": {"rps": rps} if rps else None}
        query = urllib.parse.urlencode({"name": f"j{rps}", "expiration_time": int(expires_s)})
        status, answer = self.ask(f"/v0/tokens?{query}", data=json.dumps(scopes).encode(), method="POST")
        assert status == 200, answer
        return answer["token"]

    def until(self, what, seconds, is_so):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if is_so():
                return
            time.sleep(0.5)
        raise AssertionError(f"not after {seconds} s: {what}; {self.rows('SELECT * FROM copies')}; {self.server.lines[-5:]}")

    def copies(self):
        return [row["at"] for row in self.rows("SELECT toUnixTimestamp(at) AS at FROM copies ORDER BY at")]

    def a_copy_runs(self):
        """One more copy, for the time that it is now."""
        before = set(self.copies())
        # The next minute is not waited for.
        self.set(int(self.shift_s + 62 - self.now_s() % 60))
        self.until("a copy runs", 40, lambda: set(self.copies()) - before)
        new = set(self.copies()) - before
        assert all(abs(at - self.now_s()) < 70 for at in new), (new, self.now_s())

    def is_consistent(self):
        """The time is this one, every acknowledged row is there, and the view is what its query gives."""
        assert abs(self.value("SELECT toUnixTimestamp(now()) AS t") - self.now_s()) < 5
        self.send()
        stamped = self.value(f"SELECT toUnixTimestamp(max(at)) AS t FROM events WHERE n >= {self.sent - 5}")
        assert abs(stamped - self.now_s()) < 5, (stamped, self.now_s())
        assert self.value("SELECT count() AS c FROM events") == self.value("SELECT uniqExact(n) AS c FROM events") == self.sent
        query = "SELECT kind, {} AS rows FROM {} GROUP BY kind ORDER BY kind"
        assert self.rows(query.format("sum(rows)", "per_kind")) == self.rows(query.format("count()", "events"))
        # What is kept for an hour is not kept for days, and what was kept in another time is not given; for a second it may be.
        time.sleep(1.1)
        status, answer = self.ask("/v0/pipes/kept.json")
        assert status == 200 and answer["data"][0]["rows"] == self.sent, (answer, self.sent)
        # The requests of now are in the log of now.
        first = int(self.now_s()) - 60
        assert self.value(f"SELECT count() AS c FROM tinybird.pipe_stats_rt WHERE toUnixTimestamp(start_datetime) >= {first}") > 0


def times(day):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + day * DAY))


def run(machine):
    machine.is_consistent()
    # Two that have ended in three days, one that has not.
    for day in (0, 1, 30):
        machine.send("short", rows=1, at=times(day))
    assert machine.value("SELECT count() AS c FROM short") == 3
    hour, often = machine.jwt(machine.now_s() + 3600), machine.jwt(machine.now_s() + 30 * DAY, rps=2)
    for token in (hour, often):
        assert machine.ask("/v0/pipes/kept.json", token)[0] == 200
    machine.a_copy_runs()

    machine.set(3 * DAY)
    jumped = time.monotonic()
    assert machine.ask("/v0/pipes/kept.json", hour)[0] == 403
    assert machine.ask("/v0/pipes/kept.json", often)[0] == 200
    machine.is_consistent()
    # Three days have 4 320 minutes: they are made up for once.
    machine.a_copy_runs()
    assert len(machine.copies()) <= 6, machine.copies()
    machine.until("rows that have ended are removed", 70 - (time.monotonic() - jumped), lambda: machine.value("SELECT count() AS c FROM short") == 1)

    machine.set(-2 * DAY)
    machine.is_consistent()
    # Its second comes again, and it is not refused for five days.
    assert machine.ask("/v0/pipes/kept.json", hour)[0] == 200
    assert [machine.ask("/v0/pipes/kept.json", often)[0] for _ in range(2)] == [200, 200]
    assert machine.ask("/v0/pipes/kept.json", machine.jwt(machine.now_s() + 60))[0] == 200
    # More than a day behind what has run: times count from the next look on, which is within ten seconds.
    time.sleep(11)
    machine.a_copy_runs()
    assert machine.value("SELECT count() AS c FROM short") == 1

    machine.stop()
    machine.set(-3 * DAY)
    machine.start()
    machine.is_consistent()
    machine.set(0)
    machine.is_consistent()
    assert machine.ask("/v0/pipes/kept.json", hour)[0] == 200
    _, jobs = machine.ask("/v0/jobs?kind=copy")
    assert jobs["jobs"] and all(job["status"] == "done" for job in jobs["jobs"]), jobs
    machine.stop()
    return f"{machine.sent} rows are there once"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--tile", required=True)
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(arguments.tile, pathlib.Path(folder))
        started = time.monotonic()
        try:
            print(f"{run(machine)}, over four times of day ({time.monotonic() - started:.1f} s)", flush=True)
        finally:
            machine.server.process.kill()


if __name__ == "__main__":
    main()
