"""Deployments as the command knows those of a cloud: staged, read, promoted, discarded, gone back to."""

import json
import uuid
from urllib.error import HTTPError

import pytest
from conftest import URL, get


class Cloud:
    """A project whose command talks to a workspace by its address and token."""

    def __init__(self, project, name=None):
        self.project = project
        self.name = name or f"w{uuid.uuid4().hex}"
        made = get(f"/v1/workspaces?name={self.name}", get("/tokens")["user_token"], method="POST")
        self.token, self.id = made["token"], made["id"]
        self.words = f"--cloud --host {URL.replace('127.0.0.1', 'localhost')} --token {self.token}"

    def tb(self, words, code=0):
        return self.project.tb(f"{self.words} {words}", code)

    def says(self, words, *expected, code=0):
        return self.project.says(f"{self.words} {words}", *expected, code=code)

    def call(self, path, **options):
        return get(path, self.token, **options)

    def send(self, source, rows, where=""):
        body = "\n".join(json.dumps(row) for row in rows).encode()
        return self.call(f"/v0/events?name={source}&wait=true{where}", data=body, method="POST")

    def rows(self, query, where=""):
        return self.call(f"/v0/sql?x=1{where}", data=f"{query} FORMAT JSON".encode(), method="POST")["data"]


STAGING = "&__tb__deployment=staging"
GOODS = [
    {"sku": sku, "title": title} for sku, title in [("a1", "Tea"), ("b2", "Bread")]
]


STOCK = """SCHEMA >
    `sku` String `json:$.sku`,
    `{name}` String `json:$.{name}`

ENGINE MergeTree
ENGINE_SORTING_KEY sku
"""


def renamed(project):
    """The title of what is in stock becomes its name."""
    forward = "\nFORWARD_QUERY >\n    SELECT sku, title AS name\n"
    project.write("datasources/stock.datasource", STOCK.format(name="name") + forward)


@pytest.fixture
def cloud(fresh):
    fresh.write("datasources/stock.datasource", STOCK.format(name="title"))
    fresh.write("endpoints/stocked.pipe", "NODE all\nSQL >\n    SELECT * FROM stock ORDER BY sku\nTYPE endpoint\n")
    out = Cloud(fresh)
    out.says("deploy --wait", "✓ Deployment #1 is live!", "shop ingest", "orders.datasource:APPEND")
    out.send("stock", GOODS)
    return out


def test_a_staged_deployment_has_its_own_data(cloud):
    renamed(cloud.project)
    out = cloud.says("deployment create --wait", "✓ Deployment is ready", "stock", "using Forward Query")
    assert "No changes in tokens" in out
    names = "select name from stock order by sku"
    assert cloud.rows(names, STAGING) == [{"name": "Tea"}, {"name": "Bread"}]
    cloud.says(f"--staging sql '{names}'", "Bread", "Tea")
    cloud.says("--staging datasource ls", "stock")
    cloud.says(f"sql '{names}'", "name", code=1)
    # What comes meanwhile is in both; what is sent to the staged one only there.
    cloud.send("stock", [{"sku": "c3", "title": "Milk"}])
    cloud.send("stock", [{"sku": "d4", "name": "Salt"}], STAGING)
    assert [r["title"] for r in cloud.rows("select title from stock order by sku")] == ["Tea", "Bread", "Milk"]
    assert [r["name"] for r in cloud.rows(names, STAGING)] == ["Tea", "Bread", "Milk", "Salt"]
    # An endpoint of it, and its resources.
    assert "name" in str(cloud.call(f"/v0/datasources/stock?x=1{STAGING}")["columns"])
    assert cloud.call(f"/v0/pipes/stocked.json?x=1{STAGING}")["data"][0] == {"sku": "a1", "name": "Tea"}
    assert cloud.call("/v0/pipes/stocked.json")["data"][0] == {"sku": "a1", "title": "Tea"}
    cloud.says("deployment create", "The deployment 2 is in staging", code=1)
    ls = cloud.says("deployment ls", "Staging", "Live")
    assert ls.index("Staging") < ls.index("Live")
    cloud.says("deployment promote --wait", "✓ Deployment #2 is live!", "Old deployment removed")
    assert [r["name"] for r in cloud.rows(names)] == ["Tea", "Bread", "Milk", "Salt"]
    cloud.says("--staging sql 'select 1'", "No deployment is in staging", code=1)
    cloud.says("deployment ls --include-deleted", "Deleted", "Live")


def test_a_discarded_one_leaves_nothing(cloud):
    renamed(cloud.project)
    cloud.tb("deployment create --wait")
    cloud.says("deployment discard --wait", "Discard process successfully completed")
    assert "Staging" not in cloud.tb("deployment ls")
    assert [r["title"] for r in cloud.rows("select title from stock order by sku")] == ["Tea", "Bread"]
    statuses = {d["id"]: d["status"] for d in cloud.call("/v1/deployments?include_deleted=true")["deployments"]}
    assert statuses == {"1": "data_ready", "2": "deleted"}
    cloud.says("deploy --wait", "✓ Deployment #3 is live!")


def test_views_fill_and_feed_what_is_new(cloud):
    orders = "datasources/orders_daily.datasource"
    cloud.project.write("datasources/late_daily.datasource", cloud.project.folder.joinpath(orders).read_text())
    view = cloud.project.folder.joinpath("materializations/orders_to_daily.pipe").read_text()
    cloud.project.write("materializations/late.pipe", view.replace("DATASOURCE orders_daily", "DATASOURCE late_daily"))
    fixtures = cloud.project.folder.joinpath("fixtures/orders.ndjson").read_bytes()
    sent = cloud.call("/v0/events?name=orders&wait=true", data=fixtures, method="POST")["successful_rows"]
    assert sent
    cloud.says("deployment create --wait", "late_daily", "Using Materialized Pipe late")
    assert cloud.rows("select count() as n from late_daily", STAGING) == cloud.rows("select count() as n from orders_daily")
    cloud.call("/v0/events?name=orders&wait=true", data=fixtures, method="POST")
    cloud.tb("deployment promote --wait")
    query = "select sum(amount) as amount from {}"
    assert cloud.rows(query.format("late_daily")) == cloud.rows(query.format("orders_daily"))
    assert cloud.rows("select count() as n from orders") == [{"n": 2 * sent}]


def test_back_to_the_files_before(cloud):
    renamed(cloud.project)
    cloud.tb("deploy --wait")
    cloud.send("stock", [{"sku": "c3", "name": "Milk"}])
    # The old files keep what has the same name; the names are not the titles.
    back = cloud.call("/v1/deployments/1/set-live", data=b"", method="POST")
    assert back["deployment"]["id"] == "3" and back["deployment"]["live"]
    assert cloud.rows("select count() as n from stock") == [{"n": 3}]
    assert "title" in str(cloud.call("/v0/datasources/stock")["columns"])
    # What would take a data source away says so.
    cloud.project.write("datasources/more.datasource", "SCHEMA >\n    `a` UInt8 `json:$.a`\n")
    cloud.tb("deploy --wait")
    with pytest.raises(HTTPError) as refused:
        cloud.call("/v1/deployments/1/set-live", data=b"", method="POST")
    assert refused.value.code == 400 and "more" in refused.value.read().decode()
    cloud.call("/v1/deployments/1/set-live?allow_destructive_operations=true", data=b"", method="POST")
    assert "more" not in str(cloud.call("/v0/datasources?attrs=name"))
    with pytest.raises(HTTPError) as refused:
        cloud.call("/v1/deployments/77/set-live", data=b"", method="POST")
    assert refused.value.code == 404
