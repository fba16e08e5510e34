"""Rows arrive, quickly and once, while a deployment moves many others and fills a view from them."""

import json
import threading
import time
from urllib.request import Request, urlopen

from conftest import SECONDS_MAX, URL
from test_deployments import Cloud

OLD = 2_000_000
BIG = """SCHEMA >
    `n` UInt64 `json:$.n`,
    `text` String `json:$.text`{more}

ENGINE MergeTree
ENGINE_SORTING_KEY n
"""
LOUD = ",\n    `loud` String `json:$.loud`"
FORWARD = "\nFORWARD_QUERY >\n    SELECT n, text, upper(text) AS loud\n"
FILLER = f"""NODE made
SQL >
    SELECT number AS n, concat('text ', toString(number)) AS text FROM numbers({OLD})
TYPE copy
TARGET_DATASOURCE big
"""
TARGET = """SCHEMA >
    `digit` UInt64,
    `rows` AggregateFunction(count),
    `texts` AggregateFunction(max, String)

ENGINE AggregatingMergeTree
ENGINE_SORTING_KEY digit
"""
VIEW = """NODE grouped
SQL >
    SELECT n % 10 AS digit, countState() AS rows, maxState(text) AS texts FROM big GROUP BY digit
TYPE materialized
DATASOURCE per_digit
"""
SEEN = "SELECT digit, countMerge(rows) AS rows, maxMerge(texts) AS texts FROM per_digit GROUP BY digit ORDER BY digit"
RECOMPUTED = "SELECT n % 10 AS digit, count() AS rows, max(text) AS texts FROM big GROUP BY digit ORDER BY digit"


def deploy(cloud, files):
    """Deploys at once. Gives when it began and ended."""
    body = "".join(
        f'--part\r\nContent-Disposition: form-data; name="data_project://"; filename="{name}"\r\n\r\n{text}\r\n'
        for name, text in files.items()
    )
    path = "/v1/deploy?auto_promote=true&allow_destructive_operations=true"
    headers = {"Authorization": f"Bearer {cloud.token}", "Content-Type": "multipart/form-data; boundary=part"}
    request = Request(f"{URL}{path}", f"{body}--part--\r\n".encode(), headers, method="POST")
    begun = time.monotonic()
    with urlopen(request, timeout=SECONDS_MAX) as response:
        answer = json.load(response)
    assert answer["result"] == "success", answer
    return begun, time.monotonic()


class Writer(threading.Thread):
    """Sends single rows, one after the other, and remembers when each was sent and durable."""

    def __init__(self, cloud):
        super().__init__()
        self.cloud, self.is_over, self.times = cloud, threading.Event(), []

    def run(self):
        while not self.is_over.is_set():
            n = OLD + len(self.times)
            begun = time.monotonic()
            answer = self.cloud.send("big", [{"n": n, "text": "new", "loud": "NEW"}])
            assert answer == {"successful_rows": 1, "quarantined_rows": 0}, answer
            self.times.append((begun, time.monotonic()))

    def __exit__(self, *_):
        self.is_over.set()
        self.join()

    def __enter__(self):
        self.start()
        return self


def test_writes_go_on_while_rows_are_moved(fresh):
    cloud = Cloud(fresh)
    files = {"big.datasource": BIG.format(more=""), "filler.pipe": FILLER}
    deploy(cloud, files)
    job = cloud.call("/v0/pipes/filler/copy", method="POST")["job"]
    while job["status"] not in ("done", "error"):
        time.sleep(0.1)
        job = cloud.call(f"/v0/jobs/{job['job_id']}")
    assert job["status"] == "done", job
    files["big.datasource"] = BIG.format(more=LOUD) + FORWARD
    files["filler.pipe"] = FILLER.replace(" AS text FROM", " AS text, upper(text) AS loud FROM")
    files |= {"per_digit.datasource": TARGET, "to_per_digit.pipe": VIEW}
    with Writer(cloud) as writer:
        time.sleep(0.5)
        begun, ended = deploy(cloud, files)
        time.sleep(0.5)
    lasted = ended - begun
    latencies = sorted(end - start for start, end in writer.times if end > begun and start < ended)
    print(json.dumps({"moved_s": lasted, "writes": len(latencies), "max_s": latencies[-1]}))
    assert len(latencies) > 20, (lasted, latencies)
    # One write alone may meet the last step.
    assert latencies[len(latencies) * 99 // 100 - 1] < lasted / 4, (lasted, latencies[-5:])
    count = OLD + len(writer.times)
    sums = cloud.rows("SELECT count() AS c, uniqExact(n) AS u, countIf(loud != upper(text)) AS wrong FROM big")
    assert sums == [{"c": count, "u": count, "wrong": 0}]
    assert cloud.rows(SEEN) == cloud.rows(RECOMPUTED)
