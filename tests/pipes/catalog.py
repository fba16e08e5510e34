"""One catalog: the unmodified Tiled client reads a project's data sources, endpoints and files from `tile dev`.

    python catalog.py --tile BIN

The packages are those of `tests/clients`.
"""

import argparse
import io
import json
import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

os.environ["TILED_RETRY_ATTEMPTS"] = "1"

import h5py
import httpx
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import zarr
from tiled.client import from_uri
from tiled.queries import Eq, FullText, StructureFamilyQuery

from kills import Server

ROWS = 300_000
FILES = {
    "datasources/visits.datasource": """DESCRIPTION >
    Who came when

TOKEN "writer" APPEND

TAGS "web, raw"

SCHEMA >
    `n` UInt32 `json:$.n`,
    `who` LowCardinality(String) `json:$.who`,
    `price` Nullable(Float64) `json:$.price`,
    `at` DateTime `json:$.at`,
    `tags` Array(String) `json:$.tags[:]`

ENGINE MergeTree
ENGINE_PARTITION_KEY toYYYYMM(at)
ENGINE_SORTING_KEY n
""",
    "datasources/per_person.datasource": """SCHEMA >
    `who` String,
    `visits` AggregateFunction(uniq, UInt32),
    `hits` SimpleAggregateFunction(sum, UInt64)

ENGINE AggregatingMergeTree
ENGINE_SORTING_KEY who
""",
    "materializations/to_per_person.pipe": """NODE counted
SQL >
    SELECT who, uniqState(n) AS visits, count() AS hits FROM visits GROUP BY who
TYPE materialized
DATASOURCE per_person
""",
    "endpoints/top.pipe": """DESCRIPTION >
    The best visitors

NODE endpoint
SQL >
    %
    SELECT who, count() AS hits FROM visits GROUP BY who ORDER BY who LIMIT {{Int32(most, 10)}}
TYPE endpoint
""",
    "endpoints/teams.pipe": """NODE people
SQL >
    SELECT who, team FROM catalog.`data/people`

NODE endpoint
SQL >
    SELECT team, count() AS n FROM visits JOIN people USING (who) GROUP BY team ORDER BY team
TYPE endpoint
""",
    "endpoints/strict.pipe": """NODE endpoint
SQL >
    %
    SELECT {{Int32(n, required=True)}} AS n
TYPE endpoint
""",
}
WORKSPACE = "Tinybird_Local_Testing"
DATASOURCES = f"pipes/{WORKSPACE}/datasources"


class Bearer(httpx.Auth):
    def __init__(self, token):
        self.token = token

    def auth_flow(self, request):
        request.headers["Authorization"] = f"Bearer {self.token}"
        yield request


class Project:
    """A folder with a project, and a server of it."""

    def __init__(self, tile, folder):
        self.folder = Path(folder) / "shop"
        for name, text in FILES.items():
            self.write(name, text)
        self.make_data()
        self.tile, self.state = tile, str(Path(folder) / "state")
        self.start()

    def start(self):
        self.server = Server(self.tile, str(self.folder), self.state)
        self.server.built()
        assert not any("error" in line for line in self.server.lines), self.server.lines
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.admin = self.server.token

    def stop(self):
        self.server.process.terminate()
        assert self.server.process.wait(timeout=30) == 0
        self.server.reader.join()
        complaints = (" WARN ", " ERROR ", "panicked")
        assert not [line for line in self.server.lines if any(word in line for word in complaints)], self.server.lines

    def restart(self):
        self.stop()
        self.server = Server(self.tile, str(self.folder), self.state)
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.server.built()

    def write(self, name, text):
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def make_data(self):
        data = self.folder / "data"
        self.write("data/people.csv", "who,team,since\nada,red,2026-01-01\nbob,blue,2026-02-01\n")
        frame = pd.DataFrame({"n": np.arange(5, dtype="u4"), "weight": np.linspace(0, 1, 5)})
        frame.to_parquet(data / "weights.parquet")
        many = pd.DataFrame({"n": np.arange(10_000), "text": [f"row {n}" for n in range(10_000)]})
        many.to_parquet(data / "many.parquet")
        with h5py.File(data / "run.h5", "w") as file:
            file["signal"] = np.arange(6, dtype="f4") / 2
            file["table"] = np.array([(1, 2.5), (2, 3.5)], dtype=[("n", "<i4"), ("value", "<f8")])
        image = zarr.create_array(str(data / "image.zarr"), shape=(2, 3), chunks=(1, 3), dtype="i2")
        image[:] = np.arange(6).reshape(2, 3)
        zarr.create_array(str(data / "huge.zarr"), shape=(100_000, 100_000), chunks=(1000, 1000), dtype="f8")

    def client(self, token):
        # The client takes only letters and digits for an API key.
        return from_uri(self.url, api_key=token.encode().hex())

    def token(self, name, *scopes):
        query = urllib.parse.urlencode([("name", name), *(("scope", scope) for scope in scopes)])
        return json.loads(self.ask(f"/v0/tokens?{query}", method="POST"))["token"]

    def ask(self, path, token=None, **options):
        headers = {"Authorization": f"Bearer {token or self.admin}"}
        request = urllib.request.Request(self.url + path, headers=headers, **options)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def refused(self, path, token=None, **options):
        """The status and the text of an error."""
        try:
            answer = self.ask(path, token, **options)
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        raise AssertionError(f"{path} is answered: {answer[:200]}")

    def insert(self, start, end):
        lines = (
            json.dumps(
                {
                    "n": n,
                    "who": ["ada", "bob", "eve"][n % 3],
                    "price": None if n % 7 == 0 else n / 4,
                    "at": f"2026-01-{1 + n % 28:02} 00:00:00",
                    "tags": [f"t{n % 5}"],
                }
            )
            for n in range(start, end)
        )
        body = "\n".join(lines).encode()
        answer = json.loads(self.ask("/v0/events?name=visits&wait=true", data=body, method="POST"))
        assert answer == {"successful_rows": end - start, "quarantined_rows": 0}, answer


def expected(start, end):
    n = np.arange(start, end)
    who = np.array(["ada", "bob", "eve"], dtype=object)[n % 3]
    return pd.DataFrame({"n": n.astype("u4"), "who": who, "price": np.where(n % 7 == 0, np.nan, n / 4)})


def same(actual, wanted):
    actual = actual.reset_index(drop=True)
    for name in actual.columns:
        if not pd.api.types.is_numeric_dtype(actual[name]):
            actual[name] = actual[name].astype(object)
    pd.testing.assert_frame_equal(actual, wanted.reset_index(drop=True), check_dtype=False)


def an_admin_reads_everything(project):
    root = project.client(project.admin)
    assert list(root) == ["data", "features", "pipes"] and list(root["pipes"]) == [WORKSPACE]
    assert list(root["pipes", WORKSPACE]) == ["datasources", "pipes", "service"]
    assert sorted(root["data"]) == ["huge", "image", "many", "people", "run", "weights"]
    visits = root["pipes", WORKSPACE, "datasources", "visits"]
    assert visits.metadata["description"] == "Who came when" and visits.metadata["tags"] == ["web", "raw"]
    assert visits.metadata["sorting_key"] == "n" and visits.metadata["partition_key"] == "toYYYYMM(at)"
    assert visits.metadata["columns"]["price"] == "Nullable(Float64)"
    assert visits.metadata["rows_stored"] == ROWS and [spec.name for spec in visits.specs] == ["datasource"]
    assert visits.columns == ["n", "who", "price", "at", "tags"]
    parts = visits.structure().npartitions
    assert parts == 3, parts
    same(visits.read(["n", "who", "price"]), expected(0, ROWS))
    whole = visits.read()
    assert whole["at"].iloc[30] == pd.Timestamp("2026-01-03") and str(whole["tags"].iloc[7]) == "['t2']"
    pieces = [visits.read_partition(i, columns=["n"]) for i in range(parts)]
    assert sum(map(len, pieces)) == ROWS and pieces[1]["n"].iloc[0] == len(pieces[0])
    # Rows that come are seen by the next request.
    project.insert(ROWS, ROWS + 10)
    again = root["pipes", WORKSPACE, "datasources", "visits"]
    assert again.metadata["rows_stored"] == ROWS + 10 and len(again.read(["n"])) == ROWS + 10
    people = root["pipes", WORKSPACE, "datasources", "per_person"].read()
    assert people["who"].tolist() == ["ada", "bob", "eve"]
    assert people["visits"].tolist() == people["hits"].tolist() and people["hits"].sum() == ROWS + 10


def endpoints_are_tables(project):
    pipes = project.client(project.admin)["pipes", WORKSPACE, "pipes"]
    top = pipes["top"]
    assert top.metadata["description"] == "The best visitors" and top.metadata["parameters"][0]["name"] == "most"
    frame = top.read()
    assert frame["who"].tolist() == ["ada", "bob", "eve"] and frame["hits"].sum() == ROWS + 10
    assert top.read(["hits"]).columns.tolist() == ["hits"]
    code, text = project.refused(f"/api/v1/metadata/pipes/{WORKSPACE}/pipes/strict")
    assert code == 422 and "/v0/pipes/strict.json" in text, (code, text)


def searches_and_exports(project):
    sources = project.client(project.admin)["pipes", WORKSPACE, "datasources"]
    assert list(sources.search(Eq("engine", "MergeTree"))) == ["visits"]
    assert list(sources.search(FullText("came"))) == ["visits"]
    assert list(sources.search(StructureFamilyQuery("table"))) == ["per_person", "visits"]
    assert sources.distinct("engine")["metadata"]["engine"][0]["value"] == "AggregatingMergeTree"
    assert list(sources.keys()[:1]) == ["per_person"] and len(sources) == 2
    people = sources["per_person"]
    for suffix, read in {"parquet": pd.read_parquet, "csv": pd.read_csv, "xlsx": pd.read_excel}.items():
        target = io.BytesIO()
        people.export(target, format=suffix)
        target.seek(0)
        assert read(target)["who"].tolist() == ["ada", "bob", "eve"], suffix
    where = urllib.parse.urlencode([("format", "parquet"), ("column", "n"), ("where", "who=bob"), ("where", "n<10")])
    table = pq.read_table(io.BytesIO(project.ask(f"/api/v1/table/full/{DATASOURCES}/visits?{where}")))
    assert table.to_pydict() == {"n": [1, 4, 7]}, table
    rows = json.loads(project.ask(f"/api/v1/table/full/{DATASOURCES}/per_person?format=json&column=who"))
    assert rows == {"who": ["ada", "bob", "eve"]}, rows
    column = json.loads(project.ask(f"/api/v1/array/full/{DATASOURCES}/per_person/who?format=json"))
    assert column == ["ada", "bob", "eve"], column
    page = project.ask(f"/browse/{DATASOURCES}/per_person").decode()
    assert "AggregatingMergeTree" in page and "eve" in page
    code, text = project.refused(f"/api/v1/table/full/{DATASOURCES}/visits?column=nothing&format=csv")
    assert code == 400 and "nothing" in text


def a_filtered_token_sees_its_rows_alone(project):
    token = project.token("eve", "DATASOURCES:READ:visits:who = 'eve'", "PIPES:READ:top")
    root = project.client(token)
    assert list(root) == ["features", "pipes"]
    assert list(root["pipes", WORKSPACE, "datasources"]) == ["visits"]
    assert list(root["pipes", WORKSPACE, "pipes"]) == ["top"]
    visits = root["pipes", WORKSPACE, "datasources", "visits"]
    frame = visits.read(["n", "who"])
    assert set(frame["who"]) == {"eve"} and len(frame) == (ROWS + 10) // 3
    assert "rows_stored" not in visits.metadata
    assert visits.structure().npartitions == 1
    assert set(visits.read_partition(0)["who"]) == {"eve"}
    assert root["pipes", WORKSPACE, "pipes", "top"].read()["who"].tolist() == ["eve"]
    for path in ("data", "data/people", f"{DATASOURCES}/per_person", f"pipes/{WORKSPACE}/pipes/strict", "pipes/other"):
        code, text = project.refused(f"/api/v1/metadata/{path}", token)
        assert code == 404, (path, text)
    assert project.refused("/api/v1/table/full/data/people?format=csv", token)[0] == 404
    assert project.refused("/metrics", token)[0] == 403
    nobody = project.token("nobody", "DATASOURCES:APPEND:visits")
    assert list(project.client(nobody)["pipes", WORKSPACE, "datasources"]) == []


def sql_reads_files(project):
    def rows(query, token=None):
        query = urllib.parse.quote(query + " FORMAT JSONEachRow")
        return [json.loads(line) for line in project.ask(f"/v0/sql?q={query}", token).splitlines()]

    assert rows("SELECT * FROM catalog.`data/people` ORDER BY who") == [
        {"who": "ada", "team": "red", "since": "2026-01-01"},
        {"who": "bob", "team": "blue", "since": "2026-02-01"},
    ]
    assert rows("SELECT count() AS n FROM catalog.`data/people`") == [{"n": 2}]
    assert rows("SELECT p.team, count() AS n FROM visits AS v JOIN catalog.`data/people` AS p ON v.who = p.who "
                "GROUP BY team ORDER BY team") == [{"team": "blue", "n": 100_003}, {"team": "red", "n": 100_004}]
    weights = "SELECT toTypeName(n) AS t, n, weight FROM catalog.`data/weights` WHERE weight > 0.6 ORDER BY n"
    assert rows(weights) == [
        {"t": "Nullable(UInt32)", "n": 3, "weight": 0.75},
        {"t": "Nullable(UInt32)", "n": 4, "weight": 1},
    ]
    # Arrays have a row for each item; structured items have columns.
    assert rows("SELECT i0, value FROM catalog.`data/run/signal` WHERE value >= 1.5 ORDER BY i0") == [
        {"i0": 3, "value": 1.5}, {"i0": 4, "value": 2}, {"i0": 5, "value": 2.5},
    ]
    assert rows("SELECT * FROM catalog.`data/run/table`") == [
        {"i0": 0, "n": 1, "value": 2.5}, {"i0": 1, "n": 2, "value": 3.5},
    ]
    assert rows("SELECT i1, sum(value) AS s FROM catalog.`data/image` GROUP BY i1 ORDER BY i1") == [
        {"i1": 0, "s": 3}, {"i1": 1, "s": 5}, {"i1": 2, "s": 7},
    ]
    assert rows("SELECT max(i0) AS a, max(i1) AS b, count() AS c FROM catalog.`data/image`") == [{"a": 1, "b": 2, "c": 6}]
    # More rows than the engine has in a chunk, and all of them.
    assert rows("SELECT count() AS c, sum(n) AS s, uniqExact(text) AS u FROM catalog.`data/many`") == [
        {"c": 10_000, "s": 49_995_000, "u": 10_000}
    ]
    for table, status, words in [
        ("data/huge", 413, "10000000000 items"),
        ("data/nothing", 404, "No such entry"),
        ("data", 400, "container"),
        ("pipes/x/datasources/visits", 404, "No such entry"),
        ("../shop/data/people", 404, "No such entry"),
    ]:
        code, text = project.refused("/v0/sql?q=" + urllib.parse.quote(f"SELECT * FROM catalog.`{table}`"))
        assert code == status and words in text, (table, code, text)


def a_token_without_rights_reads_no_files(project):
    token = project.token("reader", "DATASOURCES:READ:visits", "PIPES:READ:teams")
    for query in ("SELECT * FROM catalog.`data/people`", "SELECT * FROM foreign_table('data/people', '1')",
                  "SELECT * FROM (SELECT * FROM catalog.`data/people`)",
                  "WITH a AS (SELECT * FROM catalog.`data/people`) SELECT * FROM a"):
        code, text = project.refused("/v0/sql?q=" + urllib.parse.quote(query), token)
        assert code in (400, 403, 404) and "red" not in text, (query, code, text)
    # What the project serves, it serves: an endpoint reads the file for whoever may read the endpoint.
    teams = json.loads(project.ask("/v0/pipes/teams.json", token))["data"]
    assert teams == [{"team": "blue", "n": 100_003}, {"team": "red", "n": 100_004}], teams
    frame = project.client(token)["pipes", WORKSPACE, "pipes", "teams"].read()
    assert frame["team"].tolist() == ["blue", "red"]


def tables(project, token, name):
    return project.client(token)["pipes", WORKSPACE, "service", name]


def service_tables_are_tables(project):
    """What the server tells of itself, and to whom."""
    for n in range(5):
        project.ask(f"/v0/pipes/top.json?most={n + 1}")
    names = list(project.client(project.admin)["pipes", WORKSPACE, "service"])
    assert {"pipe_stats_rt", "pipe_stats", "datasources_ops_log", "jobs_log", "llm_usage"} <= set(names), names
    requests = tables(project, project.admin, "pipe_stats_rt")
    assert requests.metadata["columns"]["status_code"] == "Int32" and requests.metadata["rows_stored"] >= 5
    frame = requests.read(["pipe_name", "status_code", "start_datetime"])
    query = "SELECT count() AS n FROM tinybird.pipe_stats_rt WHERE pipe_name = 'top' FORMAT JSON"
    by_sql = json.loads(project.ask("/v0/sql?q=" + urllib.parse.quote(query)))["data"][0]["n"]
    assert (frame["pipe_name"] == "top").sum() == by_sql >= 5
    where = urllib.parse.urlencode([("format", "csv"), ("column", "pipe_name"), ("where", "pipe_name=top")])
    lines = project.ask(f"/api/v1/table/full/pipes/{WORKSPACE}/service/pipe_stats_rt?{where}").decode().split()
    assert lines == ["pipe_name"] + ["top"] * by_sql, lines
    daily = tables(project, project.admin, "pipe_stats").read()
    assert daily[daily["pipe_name"] == "top"]["view_count"].sum() == by_sql
    appended = tables(project, project.admin, "datasources_ops_log").read(["event_type", "datasource_name"])
    assert ("create", "visits") in set(zip(appended["event_type"], appended["datasource_name"]))
    for name in names:
        tables(project, project.admin, name).read()
    # A token sees the tables and the rows that its scopes name.
    some = project.token("watcher", "DATASOURCES:READ:tinybird.pipe_stats_rt:pipe_name = 'query_api'")
    assert list(project.client(some)["pipes", WORKSPACE, "service"]) == ["pipe_stats_rt"]
    watched = tables(project, some, "pipe_stats_rt")
    assert set(watched.read()["pipe_name"]) == {"query_api"} and "rows_stored" not in watched.metadata
    for name in ("pipe_stats", "jobs_log", "nothing"):
        assert project.refused(f"/api/v1/metadata/pipes/{WORKSPACE}/service/{name}", some)[0] == 404
    none = project.token("no watcher", "DATASOURCES:READ:visits")
    assert list(project.client(none)["pipes", WORKSPACE, "service"]) == []
    assert project.refused(f"/api/v1/table/full/pipes/{WORKSPACE}/service/pipe_stats_rt?format=csv", none)[0] == 404


def a_scope_opens_a_part_of_the_files(project):
    def sql(query, token):
        query = urllib.parse.quote(query + " FORMAT JSONEachRow")
        return [json.loads(line) for line in project.ask(f"/v0/sql?q={query}", token).splitlines()]

    def refused(query, token):
        code, text = project.refused("/v0/sql?q=" + urllib.parse.quote(query), token)
        assert "red" not in text and str(project.folder) not in text, text
        return code, text

    project.write("data/run10.csv", "who,team\nada,red\n")
    for _ in range(100):
        if "run10" in project.client(project.admin)["data"]:
            break
        time.sleep(0.1)
    # By the token API, which shows it again.
    token = project.token("runs", "CATALOG:READ:data/run", "DATASOURCES:READ:visits:who = 'eve'")
    shown = json.loads(project.ask("/v0/tokens/runs"))["scopes"]
    assert {"type": "CATALOG:READ", "resource": "data/run"} in shown, shown
    assert sql("SELECT i0, value FROM catalog.`data/run/signal` WHERE value > 2 ORDER BY i0", token) == [{"i0": 5, "value": 2.5}]
    # Beside a filter, which holds.
    joined = "SELECT who, count() AS n FROM visits, catalog.`data/run/table` GROUP BY who ORDER BY who"
    assert sql(joined, token) == [{"who": "eve", "n": 2 * ((ROWS + 10) // 3)}]
    # In the engine's own dialect, and through the other port's statements.
    native = urllib.parse.urlencode({"q": 'SELECT max("value") AS m FROM catalog."data/run/signal"', "dialect": "duckdb"})
    assert json.loads(project.ask(f"/v0/sql?{native}", token))["data"] == [{"m": 2.5}]
    elsewhere = ("data/people", "data/run10", "data/run/../people", "data/run/..", "data//people", "data", "/data/people",
                 "run", "data/run%2F../people", "Data/run/signal", "data/nothing", f"pipes/{WORKSPACE}/datasources/visits")
    for path in elsewhere:
        code, text = refused(f"SELECT * FROM catalog.`{path}`", token)
        if path.startswith("data/run/"):
            assert code == 404, (path, code, text)
        else:
            assert code == 403 and f"CATALOG:READ:{path}" in text, (path, code, text)
        native = urllib.parse.urlencode({"q": f'SELECT * FROM catalog."{path}"', "dialect": "duckdb"})
        assert project.refused(f"/v0/sql?{native}", token)[0] == code, path
    for query in ("SELECT * FROM (SELECT * FROM catalog.`data/people`)", "SELECT who FROM visits WHERE who IN (SELECT who FROM catalog.`data/people`)",
                  "WITH a AS (SELECT * FROM catalog.`data/people`) SELECT * FROM a", "EXPLAIN SELECT * FROM catalog.`data/people`",
                  "DESCRIBE TABLE catalog.`data/people`", "SHOW CREATE TABLE catalog.`data/people`",
                  "SELECT * FROM foreign_table('data/run/table', '1')", "% SELECT * FROM catalog.`{{columns('a', 'b')}}`"):
        assert refused(query, token)[0] in (400, 403), query
    # The catalog itself shows the same part, and what lies above it is not listed.
    root = project.client(token)
    assert list(root) == ["features", "pipes"]
    assert root["data", "run", "signal"].read().tolist() == [0, 0.5, 1, 1.5, 2, 2.5]
    assert sorted(root["data", "run"]) == ["signal", "table"]
    for path in ("data", "data/people", "data/run10", "data/run/../people", "data%2Frun/signal", "data/run%2F..%2Fpeople"):
        assert project.refused(f"/api/v1/metadata/{path}", token)[0] in (400, 404), path
    assert project.refused("/api/v1/table/full/data/people?format=csv", token)[0] == 404
    assert list(project.client(project.token("all", "CATALOG:READ:data"))) == ["data", "features", "pipes"]
    # What cannot be given so says why.
    for scope, words in [("CATALOG:READ", "needs a resource"), ("CATALOG:READ:data:who = 'a'", "takes no filter"), ("CATALOG:READ:data/../x", "malformed")]:
        code, text = project.refused("/v0/tokens?" + urllib.parse.urlencode({"name": "x", "scope": scope}), method="POST")
        assert code == 400 and words in text, (scope, text)
    jwt = json.dumps({"scopes": [{"type": "CATALOG:READ", "resource": "data"}]}).encode()
    expires = int(time.time()) + 100
    code, text = project.refused(f"/v0/tokens?name=j&expiration_time={expires}", data=jwt, method="POST")
    assert code == 400 and "a JWT cannot have the scope" in text, (code, text)
    # Nor does a filter widen a token: it reads what the token may.
    code, text = project.refused("/v0/tokens?name=x&scope=CATALOG:READ:data", project.token("maker", "TOKENS"), method="POST")
    assert code == 403 and "CATALOG:READ:data" in text, (code, text)
    filtered = {"type": "DATASOURCES:READ", "resource": "visits", "filter": "who IN (SELECT who FROM catalog.`data/people`)"}
    answer = project.ask(f"/v0/tokens?name=j&expiration_time={expires}", data=json.dumps({"scopes": [filtered]}).encode(), method="POST")
    assert refused("SELECT count() FROM visits", json.loads(answer)["token"])[0] == 403
    both = project.token("both", "CATALOG:READ:data/run", "DATASOURCES:READ:visits:n IN (SELECT n FROM catalog.`data/run/table`)")
    assert sql("SELECT n FROM visits ORDER BY n", both) == [{"n": 1}, {"n": 2}]
    (project.folder / "data/run10.csv").unlink()


def a_file_that_changes_is_seen(project):
    def teams():
        return [row["team"] for row in json.loads(project.ask("/v0/pipes/teams.json"))["data"]]

    project.write("data/people.csv", "who,team,since\nada,green,2026-01-01\n")
    assert teams() == ["green"]
    # Other columns, of other types.
    project.write("data/people.csv", "team,who,level\nwhite,eve,3\n")
    assert teams() == ["white"]
    found = json.loads(project.ask("/v0/sql?q=" + urllib.parse.quote("SELECT level + 1 AS l FROM catalog.`data/people` FORMAT JSON")))
    assert found["data"] == [{"l": 4}], found
    (project.folder / "data/people.csv").unlink()
    code, text = project.refused("/v0/pipes/teams.json")
    assert code in (404, 410) and "data/people" in text and str(project.folder) not in text, (code, text)


def a_check_reads_files_and_no_view_may(project):
    def check():
        done = subprocess.run([project.tile, "check", str(project.folder)], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    project.write("data/people.csv", "who,team\nbob,blue\n")
    code, text = check()
    assert code == 0 and "are fine" in text, text
    file = "materializations/to_per_person.pipe"
    joined = FILES[file].replace("FROM visits", "FROM visits JOIN catalog.`data/people` USING (who)")
    project.write(file, joined)
    code, text = check()
    assert code != 0 and "a materialized view reads only its own workspace" in text, text
    project.write(file, FILES[file])
    assert check()[0] == 0
    (project.folder / "data/people.csv").unlink()
    code, text = check()
    assert code != 0 and "teams.pipe" in text and "data/people" in text, text


def what_was_deployed_survives_a_missing_file(project):
    """The server starts with it, and its other endpoints answer."""
    project.restart()
    assert len(json.loads(project.ask("/v0/pipes/top.json"))["data"]) == 3
    assert project.refused("/v0/pipes/teams.json")[0] in (404, 410)
    project.write("data/people.csv", "who,team\nbob,blue\n")
    for _ in range(100):
        try:
            assert json.loads(project.ask("/v0/pipes/teams.json"))["data"] == [{"team": "blue", "n": 100_003}]
            break
        except urllib.error.HTTPError:
            time.sleep(0.1)
    else:
        raise AssertionError("the file that came is not seen")


def one_port_has_all(project):
    for path in ("/docs", "/openapi.json", "/metrics", "/healthz", "/readyz", "/v0/health", "/browse/"):
        assert project.ask(path), path
    document = json.loads(project.ask("/openapi.json"))
    assert {"/api/v1/metadata/{path}", "/v0/pipes/{path}", "/v0/events", "/mcp"} <= set(document["paths"])
    assert document["paths"]["/v0/events"]["post"]["security"] == [{"bearer": []}, {"token": []}]
    assert project.client(project.admin)["data", "people"].read()["who"].tolist() == ["ada", "bob"]
    assert project.client(project.admin)["data", "image"].read().tolist() == [[0, 1, 2], [3, 4, 5]]
    # Each API has its own errors, also where there is nothing.
    assert project.refused("/api/v1/nothing") == (404, '{"detail":"Not Found"}')
    assert json.loads(project.refused("/v0/nothing")[1])["error"] == "Not Found"
    code, text = project.refused("/api/v1/metadata/", "wrong")
    assert code == 401 and json.loads(text)["detail"] == "Invalid API key", text
    # A browser's cookie opens the catalog, and nothing of the other API.
    cookie = {"Cookie": f"tiled_api_key={project.admin}"}
    with urllib.request.urlopen(urllib.request.Request(project.url + "/api/v1/search/", headers=cookie)) as answer:
        assert answer.status == 200
    try:
        urllib.request.urlopen(urllib.request.Request(project.url + "/v0/datasources", headers=cookie))
        raise AssertionError("a cookie opens the API")
    except urllib.error.HTTPError as error:
        assert error.code == 403
    with_header = from_uri(project.url, auth=Bearer(project.admin))
    assert list(with_header) == ["data", "features", "pipes"]
    code, text = project.refused("/v0/datasources", "wrong")
    assert code == 403 and "documentation" in text


CHECKS = [
    an_admin_reads_everything,
    endpoints_are_tables,
    searches_and_exports,
    a_filtered_token_sees_its_rows_alone,
    one_port_has_all,
    sql_reads_files,
    a_token_without_rights_reads_no_files,
    service_tables_are_tables,
    a_scope_opens_a_part_of_the_files,
    a_file_that_changes_is_seen,
    a_check_reads_files_and_no_view_may,
    what_was_deployed_survives_a_missing_file,
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tile", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = Project(arguments.tile, folder)
        try:
            project.insert(0, ROWS)
            for check in CHECKS:
                check(project)
                print(f"{check.__name__}: ok", flush=True)
            project.stop()
        finally:
            project.server.process.kill()


if __name__ == "__main__":
    main()
