"""Attacks a running server as a stranger with a token would: hostile parameters, SQL that looks for rows outside of a filter, queries
without an end, bombs, crowds, a second process and a full disk.

No answer is a 5xx but for the full disk, no row outside of a filter is seen, and the server goes on answering.

    python attacks.py --tile BIN [--clients 1000] [--seconds 10]
"""

import argparse
import asyncio
import gzip
import http.client
import json
import pathlib
import resource
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

import kills

SECRET = "TOPSECRET"
SOURCE = """SCHEMA >
    `owner` String `json:$.owner`,
    `n` UInt32 `json:$.n`,
    `text` String `json:$.text`

ENGINE MergeTree
ENGINE_SORTING_KEY owner, n
"""
TARGET = """SCHEMA >
    `owner` String,
    `texts` AggregateFunction(groupArray, String)

ENGINE AggregatingMergeTree
ENGINE_SORTING_KEY owner
"""
VIEW = """NODE grouped
SQL >
    SELECT owner, groupArrayState(text) AS texts FROM events GROUP BY owner
TYPE materialized
DATASOURCE per_owner
"""
# One parameter of each type, each compared in the same WHERE.
TYPES = {
    "string": "String(string, 'a')",
    "int32": "Int32(int32, 1)",
    "uint64": "UInt64(uint64, 1)",
    "float64": "Float64(float64, 1)",
    "boolean": "Boolean(boolean, True)",
    "date": "Date(date, '2024-01-01')",
    "datetime": "DateTime(datetime, '2024-01-01 00:00:00')",
    "datetime64": "DateTime64(datetime64, '2024-01-01 00:00:00.000')",
    "words": "Array(words, 'String', 'a,b')",
    "numbers": "Array(numbers, 'Int32', '1,2')",
    "json": "JSON(json, '{}')",
}
LIST = " AND ".join(f"toString({{{{{call}}}}}) != 'never'" for name, call in TYPES.items() if name not in ("words", "numbers", "json"))
ENDPOINT = """NODE found_rows
SQL >
    %
    SELECT text FROM events WHERE owner = 'me' AND """ + LIST + """
      AND text IN {{Array(words, 'String', 'mine')}} AND n NOT IN {{Array(numbers, 'Int32', '7')}}
    ORDER BY {{column(order, 'n')}} LIMIT {{Int32(limit, 10)}}
TYPE endpoint
"""
HOSTILE = [
    "'", "\\'", "\\", "' OR 1=1 --", "1) OR (1=1", "x' UNION ALL SELECT text FROM events --", "{{text}}", "{% raw %}", "`", '"',
    "1; DROP TABLE events", "\x00", "\x00' OR '1'='1", "-1", "1e400", "nan", "９", "🦆", "a" * 5000, "", "()", "null", "true or 1",
    "2024-01-01' OR owner = 'them", "$(id)", "/*", "--", "%27%20OR%201", "\u2028", "')) OR owner='them' OR (('", "[1,2", "{\"a\":",
    "9" * 400, "n FROM events --", "text FROM events", "sleep(3)", "\ufeff'", "\\x27 OR 1=1",
]
# What a token that may see its own rows only tries. All of `SECRET` lies outside.
QUERIES = [
    "SELECT text FROM events",
    "SELECT * FROM (SELECT * FROM (SELECT text FROM events))",
    "WITH events AS (SELECT * FROM events) SELECT text FROM events",
    "WITH x AS (SELECT text FROM events) SELECT * FROM x UNION ALL SELECT text FROM events",
    "SELECT text FROM events WHERE 1 OR owner = 'them'",
    "SELECT text FROM events WHERE owner = 'me') OR (1",
    "SELECT a.text FROM events AS a CROSS JOIN events AS b",
    "SELECT b.text FROM (SELECT 1 AS one) AS a LEFT JOIN events AS b ON 1 = a.one",
    "SELECT (SELECT groupArray(text) FROM events)",
    "SELECT 1 WHERE exists(SELECT 1 FROM events WHERE owner = 'them')",
    "SELECT 'them' IN (SELECT owner FROM events)",
    "SELECT count() FROM events WHERE owner = 'them' HAVING count() > 0",
    "SELECT text FROM events FINAL",
    "SELECT text FROM events PREWHERE owner = 'them'",
    "SELECT text FROM events SAMPLE 1",
    "SELECT text FROM default.events",
    "SELECT text FROM main.events",
    "SELECT text FROM `events`",
    "SELECT text FROM \"events\"",
    "SELECT text FROM EVENTS",
    "SELECT text FROM events_quarantine",
    "SELECT * FROM per_owner",
    "SELECT finalizeAggregation(texts) FROM per_owner",
    "SELECT * FROM grouped",
    "SELECT * FROM to_per_owner",
    "SELECT * FROM found",
    "SELECT * FROM _",
    "SELECT * FROM merge('.*')",
    "SELECT * FROM merge(currentDatabase(), '.*')",
    "SELECT * FROM tile_documents",
    "SELECT * FROM main.tile_documents",
    "SELECT * FROM duckdb_tables()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM system.tables",
    "SELECT * FROM system.columns",
    "SELECT * FROM system.query_log",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM pragma_table_info('events')",
    "SELECT * FROM query_table('events')",
    "SELECT * FROM url('http://127.0.0.1:1/', CSV, 'a String')",
    "SELECT * FROM file('/etc/passwd', 'CSV', 'a String')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM remote('127.0.0.1', default.events)",
    "SELECT * FROM s3('https://x/y.csv')",
    "SELECT * FROM postgresql('127.0.0.1:5432', 'a', 'b', 'c', 'd')",
    "SELECT * FROM executable('id', TSV, 'a String')",
    "SELECT * FROM dictionary('events')",
    "SELECT dictGet('events', 'text', 1)",
    "SELECT joinGet('events', 'text', 'them')",
    "SELECT file('/etc/passwd')",
    "SELECT getenv('HOME')",
    "SELECT current_setting('home_directory')",
    "SELECT * FROM events SETTINGS additional_table_filters = {}",
    "SELECT text FROM events SETTINGS readonly = 0",
    "SELECT text FROM events -- WHERE owner = 'me'",
    "SELECT text /* */ FROM /* events */ events",
    "SELECT text FROM events; SELECT text FROM events",
    "SELECT text FROM events INTO OUTFILE '/tmp/x'",
    "INSERT INTO events VALUES ('me', 1, 'x')",
    "DROP TABLE events",
    "ATTACH '/tmp/x.duckdb'",
    "COPY events TO '/tmp/x.csv'",
    "SET threads = 1",
    "DESCRIBE events",
    "EXPLAIN SELECT text FROM events",
    "SELECT COLUMNS('.*') FROM events",
    "SELECT events.* FROM events, events AS others",
    "SELECT text FROM events AS per_owner",
    "SELECT owner, text FROM events ARRAY JOIN [1, 2] AS a",
    "SELECT text FROM events LIMIT 1 BY owner",
    "SELECT anyIf(text, owner = 'them') FROM events",
    "SELECT text FROM events UNION DISTINCT SELECT text FROM events EXCEPT SELECT 'mine'",
    "% SELECT text FROM {{symbol('events')}}",
    "% {% set t = 'per_owner' %} SELECT * FROM {{table(t)}}",
    "% SELECT {{tb_secret('x')}}",
]


class Attack:
    def __init__(self, server):
        self.server = server

    def ask(self, method, path, params=None, body=None, headers=None, token=None):
        """The status and the text of an answer. None of ours may be a 5xx."""
        status, text = self.raw(method, path, params, body, headers, token)
        assert status < 500, (status, text[:500], method, path, params)
        return status, text

    def raw(self, method, path, params=None, body=None, headers=None, token=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        query = "?" + urllib.parse.urlencode(params, errors="surrogatepass") if params else ""
        headers = {"Authorization": f"Bearer {token or self.server.token}", **(headers or {})}
        try:
            connection.request(method, path + query, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        finally:
            connection.close()

    def events(self, rows):
        body = "\n".join(json.dumps(row) for row in rows)
        return self.ask("POST", "/v0/events", {"name": "events", "wait": "true"}, body)


def rows_outside_of_a_filter(attack):
    scopes = [{"type": "DATASOURCES:READ", "resource": "events", "filter": "owner = 'me'"}]
    status, text = attack.ask(
        "POST", "/v0/tokens", {"name": "mine", "expiration_time": int(time.time()) + 3600}, json.dumps({"scopes": scopes})
    )
    assert status == 200, text
    token = json.loads(text)["token"]
    answers = 0
    for query in QUERIES:
        for pipeline in (None, "found"):
            params = {"q": query} | ({"pipeline": pipeline} if pipeline else {})
            status, text = attack.ask("GET", "/v0/sql", params, token=token)
            assert SECRET not in text and "root:" not in text and "/tmp/" not in text.replace(query, ""), (query, text[:500])
            answers += status == 200
    status, text = attack.ask("GET", "/v0/sql", {"q": "SELECT groupUniqArray(owner) AS o, count() AS c FROM events FORMAT JSON"}, token=token)
    assert status == 200 and json.loads(text)["data"] == [{"o": ["me"], "c": 3}], text
    for query in QUERIES[9:12]:
        status, text = attack.ask("GET", "/v0/sql", {"q": f"{query} FORMAT TSV"}, token=token)
        assert status != 200 or text.strip() in ("", "0"), (query, text)
    return f"{2 * len(QUERIES)} queries with a filter, {answers} answered, no row outside"


def hostile_parameters(attack):
    count = refused = 0
    for name in [*TYPES, "order", "limit", "unknown"]:
        for value in HOSTILE:
            status, text = attack.ask("GET", "/v0/pipes/found.json", {name: value})
            assert SECRET not in text, (name, value, text[:500])
            count, refused = count + 1, refused + (status != 200)
    for value in HOSTILE:
        for path, params in [
            ("/v0/sql", {"q": value}),
            (f"/v0/pipes/{urllib.parse.quote(value, safe='')}.json", None),
            (f"/v0/datasources/{urllib.parse.quote(value, safe='')}", None),
            ("/v0/jobs", {"status": value, "created_after": value}),
        ]:
            attack.ask("GET", path, params)
            count += 1
    return f"{count} hostile parameters, {refused} refused"


def queries_without_an_end(attack, seconds):
    """One that runs for hours, one that wants all memory; others are answered meanwhile."""
    ended = {}

    def run(name, query):
        started = time.time()
        status, text = attack.raw("GET", "/v0/sql", {"q": query})
        ended[name] = (status, time.time() - started, text[:200])

    queries = {
        "endless": "SELECT sum(a.number * b.number) FROM numbers(100000000) AS a CROSS JOIN numbers(100000000) AS b",
        "memory": "SELECT length(groupArray(toString(number) || repeat('x', 200))) FROM numbers(2000000000)",
        "result": "SELECT number, repeat('x', 1000) FROM numbers(100000000)",
    }
    # What is free of the engine's memory is for all: the one that wants all of it is alone.
    run("memory", queries["memory"])
    threads = [threading.Thread(target=run, args=item) for item in queries.items() if item[0] != "memory"]
    for thread in threads:
        thread.start()
    slowest = 0.0
    while any(thread.is_alive() for thread in threads):
        started = time.time()
        status, text = attack.ask("GET", "/v0/sql", {"q": "SELECT count() FROM events"})
        assert status == 200, (status, text)
        slowest = max(slowest, time.time() - started)
        time.sleep(0.2)
    assert set(ended) == set(queries), ended
    for name, (status, took, text) in ended.items():
        assert status in (408, 413) and took < seconds + 10, (name, status, took, text)
    assert ended["endless"][0] == 408
    return f"endless queries end with {sorted((n, s) for n, (s, _, _) in ended.items())}; others wait {slowest:.1f} s at most"


def too_large(server):
    """The status of a body above the limit. The server may answer before it has all of it."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest("POST", f"/v0/events?name=events&token={server.token}")
    connection.putheader("Content-Length", str(101 << 20))
    connection.endheaders()
    try:
        for _ in range(101):
            connection.send(b" " * (1 << 20))
    except OSError:
        pass
    return connection.getresponse().status


def large(attack):
    """As many bytes as a body may have, and then rows that are there."""
    rows = [{"owner": "large", "n": n, "text": f"{n} " + "x" * 100_000} for n in range(1040)]
    body = "\n".join(map(json.dumps, rows)).encode()
    assert 99 << 20 < len(body) < 100 << 20
    status, text = attack.ask("POST", "/v0/events", {"name": "events", "wait": "true"}, body)
    assert (status, json.loads(text)) == (200, {"successful_rows": 1040, "quarantined_rows": 0}), (status, text[:300])
    _, text = attack.ask("GET", "/v0/sql", {"q": "SELECT count(), uniqExact(text) FROM events WHERE owner = 'large' FORMAT TSV"})
    assert text.split() == ["1040", "1040"], text
    return f"a body of {len(body) >> 20} MiB is taken"


def bombs(attack):
    zeros = gzip.compress(b" " * (64 << 20), 9) * 20
    status, text = attack.ask("POST", "/v0/events", {"name": "events"}, zeros, {"Content-Encoding": "gzip"})
    assert status in (400, 413), (status, text[:300])
    assert too_large(attack.server) == 413
    nested = "[" * 100_000
    for body in (nested, '{"owner":' * 50_000, '{"owner": "me", "n": 1, "text": "' + "x" * (20 << 20) + '"}', "\x00" * 1000):
        attack.ask("POST", "/v0/events", {"name": "events"}, body)
    for query in ("SELECT " + "(" * 50_000, "SELECT " + "-" * 50_000 + "1", "SELECT " + "1+" * 100_000 + "1", "%" + "{% if 1 %}" * 20_000):
        status, _ = attack.ask("POST", "/v0/sql", None, query)
        assert status == 400, (query[:20], status)
    return "bombs are refused"


async def client(server, number, statuses):
    events = "".join(json.dumps({"owner": "crowd", "n": number, "text": "x"}) + "\n" for _ in range(2))
    head = f"Host: a\r\nAuthorization: Bearer {server.token}\r\nConnection: close\r\n"
    for request in (
        f"POST /v0/events?name=events&wait=true HTTP/1.1\r\n{head}Content-Length: {len(events)}\r\n\r\n{events}",
        f"GET /v0/pipes/found.json HTTP/1.1\r\n{head}\r\n",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request.encode())
        await writer.drain()
        answer = await reader.read(-1)
        writer.close()
        status = int(answer.split(b" ", 2)[1])
        statuses[status] = statuses.get(status, 0) + 1


def crowd(attack, clients):
    statuses = {}

    async def all_at_once():
        await asyncio.gather(*(client(attack.server, number, statuses) for number in range(clients)))

    started = time.time()
    asyncio.run(all_at_once())
    assert set(statuses) <= {200, 429}, statuses
    _, text = attack.ask("GET", "/v0/sql", {"q": "SELECT count() FROM events WHERE owner = 'crowd' FORMAT TSV"})
    refused = statuses.get(429, 0)
    assert 2 * (clients - refused) <= int(text) <= 2 * clients, (text, statuses)
    status = pathlib.Path(f"/proc/{attack.server.process.pid}/status").read_text()
    rss = next(int(line.split()[1]) >> 10 for line in status.splitlines() if line.startswith("VmHWM"))
    return f"{clients} clients at once in {time.time() - started:.1f} s: {statuses}; at most {rss} MiB of memory since the start"


def second_process(tile, data):
    second = subprocess.run([tile, "dev", "--port", "0", "--data", data], capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode != 0 and "another process has the database open" in second.stderr, second
    return "a second process is refused"


def full_disk(tile, folder):
    """No file may grow beyond a bound, which is lifted later."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    project = folder / "full"
    project.mkdir()
    (project / "events.datasource").write_text(SOURCE)
    # A file that would grow too long is an error then, and not the end of the process.
    server = kills.Server(tile, project, folder / "full-data", restore_signals=False)
    server.built()
    attack = Attack(server)
    pid = server.process.pid
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4 << 20, resource.RLIM_INFINITY))
    acknowledged, refused = 0, []
    rows = [{"owner": "me", "n": n, "text": f"{n * 7919:0100d}"} for n in range(4000)]
    body = "\n".join(json.dumps(row) for row in rows)
    for _ in range(200):
        status, text = attack.raw("POST", "/v0/events", {"name": "events", "wait": "true"}, body)
        if status == 200:
            acknowledged += len(rows)
        else:
            refused.append((status, text))
        if len(refused) == 3:
            break
    assert len(refused) == 3, "the disk did not become full"
    assert all(status in (503, 507) and str(folder) not in text for status, text in refused), refused
    count = lambda: server.sql("SELECT count() AS c FROM events FORMAT JSONEachRow")[0]["c"]  # noqa: E731
    assert count() == acknowledged, (count(), acknowledged)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    for _ in range(50):
        status, text = attack.raw("POST", "/v0/events", {"name": "events", "wait": "true"}, body)
        if status == 200:
            break
        assert status in (503, 507), (status, text)
        time.sleep(0.2)
    assert status == 200, (status, text)
    acknowledged += len(rows)
    assert count() == acknowledged
    server.kill()
    server = kills.Server(tile, project, folder / "full-data")
    server.built()
    assert server.sql("SELECT count() AS c FROM events FORMAT JSONEachRow")[0]["c"] == acknowledged
    server.kill()
    return f"with a full disk {refused[0][0]}; {acknowledged} acknowledged rows are there, before and after a restart"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--tile", required=True)
    arguments.add_argument("--clients", type=int, default=1000)
    arguments.add_argument("--seconds", type=float, default=10, help="how long a query may take")
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        project = folder / "project"
        project.mkdir()
        for name, text in {
            "events.datasource": SOURCE,
            "per_owner.datasource": TARGET,
            "to_per_owner.pipe": VIEW,
            "found.pipe": ENDPOINT,
        }.items():
            (project / name).write_text(text)
        server = kills.Server(arguments.tile, project, folder / "data")
        try:
            server.built()
            attack = Attack(server)
            rows = [{"owner": "me", "n": n, "text": "mine"} for n in range(3)]
            rows += [{"owner": "them", "n": n, "text": SECRET} for n in range(3)]
            status, text = attack.events([*rows, {"owner": SECRET, "n": "no number", "text": SECRET}])
            assert status == 200, text
            status, text = attack.ask("GET", "/v0/pipes/found.json")
            status, text = attack.ask("GET", "/v0/pipes/found.json", {"words": "mine"})
            assert status == 200 and json.loads(text)["rows"] == 3, text
            for work in (
                lambda: rows_outside_of_a_filter(attack),
                lambda: hostile_parameters(attack),
                lambda: bombs(attack),
                lambda: crowd(attack, arguments.clients),
                lambda: queries_without_an_end(attack, arguments.seconds),
                lambda: large(attack),
                lambda: second_process(arguments.tile, folder / "data"),
                lambda: full_disk(arguments.tile, folder),
            ):
                started = time.time()
                print(f"{work()} ({time.time() - started:.1f} s)", flush=True)
            status, _ = attack.ask("GET", "/v0/pipes/found.json")
            assert status == 200, "the server answers at the end"
        finally:
            server.kill()


if __name__ == "__main__":
    main()
