"""Data sources that a workspace shares with another: read there, and nowhere else."""

import json
import uuid
from urllib.error import HTTPError
from urllib.parse import quote, urlencode

import pytest
from conftest import Project, get
from test_branches import KINDS, row
from test_deployments import Cloud

LATEST = """SCHEMA >
    `k` Int64 `json:$.k`,
    `v` Int64 `json:$.v`

ENGINE ReplacingMergeTree
ENGINE_SORTING_KEY k
ENGINE_VER v
"""
PAIRS = """SCHEMA >
    `k` Int64 `json:$.k`,
    `sign` Int8 `json:$.sign`,
    `version` UInt32 `json:$.version`,
    `amount` Int64 `json:$.amount`

ENGINE VersionedCollapsingMergeTree
ENGINE_SORTING_KEY k
ENGINE_SIGN sign
ENGINE_VERSION version
"""
STATES = """SCHEMA >
    `is_on` Bool,
    `ids` AggregateFunction(uniqExact, UUID),
    `mean` AggregateFunction(avg, Int128)

ENGINE AggregatingMergeTree
ENGINE_SORTING_KEY is_on
"""
TO_STATES = """NODE n
SQL >
    SELECT is_on, uniqExactState(id) AS ids, avgState(big) AS mean FROM kinds GROUP BY is_on
TYPE materialized
DATASOURCE states
"""
ALL = "SELECT * FROM {kinds} ORDER BY id"
MERGED = "SELECT is_on, uniqExactMerge(ids) AS n, avgMerge(mean) AS m FROM {states} GROUP BY is_on ORDER BY is_on"


def empty(folder, home):
    folder.mkdir()
    out = Project(folder, home)
    for name in ("datasources", "endpoints", "materializations"):
        (folder / name).mkdir()
    return out


@pytest.fixture
def both(tmp_path, home):
    """A workspace that shares, and one that it shares with."""
    there = Cloud(empty(tmp_path / "there", home))
    share = f"\nSHARED_WITH >\n    w{there.id.replace('-', '')}x,\n    {there.name}\n"
    origin = empty(tmp_path / "origin", home)
    origin.write("datasources/kinds.datasource", KINDS.format(key="toYYYYMM(ts)") + share)
    origin.write("datasources/latest.datasource", LATEST + share)
    origin.write("datasources/states.datasource", STATES + share)
    origin.write("datasources/own.datasource", LATEST)
    origin.write("materializations/to_states.pipe", TO_STATES)
    out = Cloud(origin)
    out.tb("deploy --wait")
    out.send("kinds", [row(n, "2024-01-05") for n in range(30)])
    out.send("latest", [{"k": n % 3, "v": n} for n in range(9)])
    return out, there


def refused(call, *words):
    with pytest.raises(HTTPError) as caught:
        call()
    said = caught.value.read().decode()
    assert caught.value.code in (400, 403, 404), said
    for word in words:
        assert word in said, said
    return said


def test_rows_are_those_of_the_origin(both):
    origin, there = both
    for query in (ALL, MERGED, "SELECT sum(v) AS v FROM {latest}"):
        own = {n: n for n in ("kinds", "latest", "states")}
        theirs = {n: f"{origin.name}.{n}" for n in own}
        expected = origin.rows(query.format(**own))
        assert expected and there.rows(query.format(**theirs)) == expected
    # New rows are seen at once; nothing else of the origin is.
    origin.send("latest", [{"k": 7, "v": 1}])
    assert there.rows(f"SELECT count() AS n FROM {origin.name}.latest") == [{"n": 10}]
    for name in ("own", "latest_quarantine", "nothing"):
        refused(lambda name=name: there.rows(f"SELECT * FROM {origin.name}.{name}"), "shared with this workspace")
    refused(lambda: origin.rows(f"SELECT * FROM {there.name}.latest"), "shared with this workspace")
    refused(lambda: there.send(f"{origin.name}.latest", [{"k": 1, "v": 1}]))


def test_final_merges_as_at_home(both):
    origin, there = both
    origin.project.write("datasources/pairs.datasource", PAIRS + f"\nSHARED_WITH >\n    {there.name}\n")
    origin.tb("deploy --wait")
    # Of equal versions the last that came counts, so the order of arrival must come over.
    origin.send("latest", [{"k": n % 2, "v": 100} for n in range(5)])
    pairs = [(1, 1, 1, 10), (1, -1, 1, 10), (1, 1, 2, 11), (2, 1, 1, 20), (3, 1, 1, 30), (3, -1, 1, 30)]
    origin.send("pairs", [{"k": k, "sign": s, "version": v, "amount": a} for k, s, v, a in pairs])
    for name, query in {
        "latest": "SELECT k, v FROM {} FINAL ORDER BY k",
        "states": "SELECT is_on, finalizeAggregation(ids) AS n, finalizeAggregation(mean) AS m FROM {} FINAL ORDER BY is_on",
        "pairs": "SELECT * FROM {} FINAL ORDER BY k, version",
    }.items():
        expected = origin.rows(query.format(name))
        assert expected and there.rows(query.format(f"{origin.name}.{name}")) == expected, name
    assert there.rows(f"SELECT k, v FROM {origin.name}.latest FINAL ORDER BY k") == [
        {"k": 0, "v": 100},
        {"k": 1, "v": 100},
        {"k": 2, "v": 8},
    ]
    # The numbers of the rows are nobody's column.
    refused(lambda: there.rows(f"SELECT rowid FROM {origin.name}.latest"), "rowid")
    assert list(there.rows(f"SELECT * FROM {origin.name}.latest LIMIT 1")[0]) == ["k", "v"]


def test_many_rows_come_whole(both):
    origin, there = both
    body = "\n".join(f'{{"k":{n},"v":{n}}}' for n in range(400_000)).encode()
    origin.call("/v0/events?name=own&wait=true", data=body, method="POST")
    give(origin, there, "own")
    name = f"{origin.name}.own"
    assert there.rows(f"SELECT count() AS n, sum(v) AS s, uniqExact(k) AS u FROM {name}") == [
        {"n": 400_000, "s": 400_000 * 399_999 // 2, "u": 400_000}
    ]
    assert there.rows(f"SELECT count() AS n FROM {name} a JOIN {name} b USING k") == [{"n": 400_000}]
    assert len(there.rows(f"SELECT * FROM {name} LIMIT 5")) == 5


def give(origin, there, name, method="POST"):
    user = get("/tokens")["user_token"]
    form = urlencode({"origin_workspace_id": origin.id, "destination_workspace_id": there.id}).encode()
    return get(f"/v0/datasources/{name}/share", user, data=form, method=method)


def test_sharing_is_given_and_taken(both):
    origin, there = both
    id = origin.call("/v0/datasources/own")["id"]
    assert there.name in give(origin, there, id)["shared_with"]
    origin.send("own", [{"k": 1, "v": 2}])
    query = f"SELECT v FROM {origin.name}.own"
    assert there.rows(query) == [{"v": 2}]
    assert origin.call("/v0/datasources/own")["shared_with"] == [there.name]
    give(origin, there, id, "DELETE")
    refused(lambda: there.rows(query), "shared with this workspace")
    refused(lambda: give(there, origin, f"{origin.name}.latest"), "not found")
    # Who administers one of them alone cannot.
    form = urlencode({"destination_workspace_id": there.id}).encode()
    admin = next(t for t in origin.call("/v0/tokens")["tokens"] if t["name"] == "workspace admin token")["token"]
    refused(lambda: get("/v0/datasources/own/share", admin, data=form, method="POST"), "not found")


def test_pipes_read_it_and_views_do_not(both):
    origin, there = both
    node = f"NODE n\nSQL >\n    SELECT max(v) AS v FROM {origin.name}.latest\n"
    there.project.write("endpoints/top.pipe", node + "TYPE endpoint\n")
    there.tb("deploy --wait")
    assert there.call("/v0/pipes/top.json")["data"] == [{"v": 8}]
    origin.send("latest", [{"k": 1, "v": 99}])
    assert there.call("/v0/pipes/top.json")["data"] == [{"v": 99}]
    shown = there.call("/v0/datasources")["datasources"]
    latest = next(d for d in shown if d["name"] == f"{origin.name}.latest")
    assert latest["shared_from"]["id"] == origin.id and latest["used_by"][0]["name"] == "top"
    assert latest["statistics"]["row_count"] == 10
    there.says("datasource ls", origin.name, "latest")
    assert "own" not in [d["name"].split(".")[-1] for d in shown]
    # The command writes what is shared beside the project, and a deployment with these files changes nothing.
    there.tb("pull --only-vendored --force")
    vendored = there.project.folder / "vendor" / origin.name / "datasources" / "latest.datasource"
    assert "ReplacingMergeTree" in vendored.read_text()
    there.project.write("datasources/copy.datasource", LATEST)
    view = f"NODE n\nSQL >\n    SELECT k, v FROM {origin.name}.latest\nTYPE materialized\nDATASOURCE copy\n"
    there.project.write("materializations/mv.pipe", view)
    there.says("deploy --wait", "a materialized view reads", code=1)
    (there.project.folder / "materializations/mv.pipe").unlink()
    # A data source that is gone is gone everywhere.
    (origin.project.folder / "datasources/latest.datasource").unlink()
    origin.tb("deploy --wait --allow-destructive-operations")
    refused(lambda: there.call("/v0/pipes/top.json"), "shared with this workspace")


def test_tokens_hold_for_it(both):
    origin, there = both
    name = f"{origin.name}.latest"

    def token(*scopes):
        words = "&".join(f"scope={quote(scope)}" for scope in scopes)
        return there.call(f"/v0/tokens?name=t{uuid.uuid4().hex}&{words}", data=b"", method="POST")["token"]

    def rows(token, query):
        return get("/v0/sql", token, data=f"{query} FORMAT JSON".encode(), method="POST")["data"]

    count = f"SELECT count() AS n FROM {name}"
    assert rows(token(f"DATASOURCES:READ:{name}"), count) == [{"n": 9}]
    assert rows(token(f"DATASOURCES:READ:{name}:k = 1"), count) == [{"n": 3}]
    refused(lambda: rows(token(f"DATASOURCES:READ:{origin.name}.states"), count))
    there.project.write("endpoints/n.pipe", f"NODE n\nSQL >\n    {count}\nTYPE endpoint\n")
    there.tb("deploy --wait")
    filtered = token("PIPES:READ:n", f"DATASOURCES:READ:{name}:k = 1 AND v > 3")
    assert get("/v0/pipes/n.json", filtered)["data"] == [{"n": 2}]
    assert json.dumps(get("/v0/datasources", token("PIPES:READ:n"))).count(name) == 0
