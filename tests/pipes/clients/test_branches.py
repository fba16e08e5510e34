"""Branches of a workspace, and its members."""

import json
import uuid
from urllib.error import HTTPError

import pytest
from conftest import get
from test_deployments import Cloud

KINDS = """SCHEMA >
    `ts` DateTime64(3) `json:$.ts`,
    `id` UUID `json:$.id`,
    `big` Int128 `json:$.big`,
    `huge` UInt128 `json:$.huge`,
    `price` Decimal(20, 3) `json:$.price`,
    `ids` Array(UUID) `json:$.ids[:]`,
    `tags` Map(String, UInt8) `json:$.tags`,
    `is_on` Bool `json:$.is_on`,
    `day` Date `json:$.day`,
    `none` Nullable(Float32) `json:$.none`,
    `more` JSON `json:$.more`

ENGINE MergeTree
ENGINE_PARTITION_KEY "{key}"
ENGINE_SORTING_KEY ts
"""


def row(n, day):
    return {
        "ts": f"{day} 10:00:00.12{n % 10}",
        "id": str(uuid.UUID(int=n)),
        "big": -(2**100) - n,
        "huge": 2**120 + n,
        "price": "12.345",
        "ids": [str(uuid.UUID(int=n)), str(uuid.UUID(int=7))],
        "tags": {"a": n % 7},
        "is_on": n % 2 == 0,
        "day": day,
        "none": None if n % 2 else 1.5,
        "more": {"n": n},
    }


@pytest.fixture
def cloud(fresh):
    fresh.write("datasources/kinds.datasource", KINDS.format(key="toYYYYMM(ts)"))
    fresh.write("datasources/pairs.datasource", KINDS.format(key="(toYYYYMM(ts), is_on)"))
    out = Cloud(fresh)
    out.call("/v0/variables?name=secret&value=hidden", data=b"", method="POST")
    out.tb("deploy --wait")
    days = ["2024-01-05", "2024-02-05", "2024-02-07"]
    for source in ("kinds", "pairs"):
        out.send(source, [row(n, days[n % 3]) for n in range(30)])
    orders = fresh.folder.joinpath("fixtures/orders.ndjson").read_bytes()
    out.call("/v0/events?name=orders&wait=true", data=orders, method="POST")
    # The command has its token in a file, as after a login.
    login = {"host": out.words.split()[2], "id": out.id, "name": out.name, "token": out.token}
    fresh.write(".tinyb", json.dumps(login | {"user_token": get("/tokens")["user_token"]}))
    return out


def of(cloud, name):
    """The workspace of a branch."""
    all = cloud.call("/v1/user/workspaces?with_environments=true")["workspaces"]
    branch = next(w for w in all if w["name"] == name)
    assert branch["is_branch"] and branch["main"] == cloud.id
    return branch


def rows(branch, query):
    return get("/v0/sql", branch["token"], data=f"{query} FORMAT JSON".encode(), method="POST")["data"]


def test_a_branch_has_the_rows_that_are_wanted(cloud):
    tb, name = cloud.project, f"b{uuid.uuid4().hex}"
    tb.says(f"branch create {name}_none", "created")
    tb.says(f"branch create {name}_last --last-partition", "created")
    cloud.call(f"/v1/environments?name={name}_all&data=all_partitions", data=b"", method="POST")
    assert {e["name"] for e in cloud.call("/v1/environments")["environments"]} == {f"{name}_{x}" for x in ("none", "last", "all")}
    count = "select count() as n from {}"
    expected = {"none": (0, 0, 0), "last": (20, 10, 4), "all": (30, 30, 4)}
    for kind, counts in expected.items():
        branch = of(cloud, f"{name}_{kind}")
        found = tuple(rows(branch, count.format(s))[0]["n"] for s in ("kinds", "pairs", "orders"))
        assert found == counts, (kind, found)
        # The secret is there, and no other workspace's rows are.
        assert [v["name"] for v in get("/v0/variables", branch["token"])["variables"]] == ["secret"]
    every = "select * from kinds order by id"
    assert rows(of(cloud, f"{name}_all"), every) == cloud.rows(every)
    # What views have made is copied, not made again.
    daily = "select day, sum(amount) as amount, countMerge(orders) as n from orders_daily group by day order by day"
    assert rows(of(cloud, f"{name}_all"), daily) == cloud.rows(daily)
    ls = tb.tb("branch ls")
    assert f"{name}_none" in ls and f"{name}_all" in ls
    tb.says(f"branch create {name}_none", "already exists", code=1)
    tb.says(f"branch rm {name}_none --yes", "deleted")
    assert f"{name}_none" not in tb.tb("branch ls")
    with pytest.raises(HTTPError) as refused:
        cloud.call(f"/v1/environments?name={name}_x&data=some", data=b"", method="POST")
    assert refused.value.code == 400


def test_a_branch_is_built_and_cleared_by_itself(cloud):
    tb, name = cloud.project, f"b{uuid.uuid4().hex}"
    tb.tb(f"branch create {name}")
    tb.write("pipes/extra.pipe", "NODE more\nSQL >\n    SELECT 1 AS a\n")
    tb.says(f"--branch={name} build", "extra")
    assert rows(of(cloud, name), "select * from extra") == [{"a": 1}]
    with pytest.raises(HTTPError):
        cloud.rows("select * from extra")
    tb.says(f"branch clear {name} --yes", "cleared")
    with pytest.raises(HTTPError):
        rows(of(cloud, name), "select * from extra")
    # It goes with its workspace.
    branch = of(cloud, name)
    get(f"/v1/workspaces/{cloud.id}?confirmation=yes", get("/tokens")["user_token"], method="DELETE")
    with pytest.raises(HTTPError) as gone:
        rows(branch, "select 1")
    assert gone.value.code == 403


def test_members_are_kept_with_their_tokens(cloud):
    tb = cloud.project
    tb.says("workspace members ls", "local@tile.example", "admin")
    tb.tb("workspace members add ann@example.com,bob@example.com --role viewer")
    out = tb.tb("workspace members ls")
    assert out.count("viewer") == 2 and "ann@example.com" in out
    tokens = {t["name"]: t for t in cloud.call("/v0/tokens")["tokens"]}
    ann = tokens["viewer ann@example.com"]["token"]
    assert get("/v0/datasources?attrs=name", ann)["datasources"]
    with pytest.raises(HTTPError) as refused:
        get("/v0/events?name=kinds", ann, data=b"{}", method="POST")
    assert refused.value.code == 403
    tb.tb("workspace members set-role admin ann@example.com")
    tokens = [t["name"] for t in cloud.call("/v0/tokens")["tokens"]]
    assert "admin ann@example.com" in tokens and "viewer ann@example.com" not in tokens
    with pytest.raises(HTTPError) as refused:
        get("/v0/datasources", ann)
    assert refused.value.code == 403
    tb.tb("workspace members rm ann@example.com")
    assert "ann@example.com" not in tb.tb("workspace members ls")
    assert "admin ann@example.com" not in [t["name"] for t in cloud.call("/v0/tokens")["tokens"]]
