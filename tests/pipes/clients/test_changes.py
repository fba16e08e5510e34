"""Changes of single data sources, as the older API has them: the files follow."""

from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from conftest import URL
from test_deployments import STOCK, Cloud


def asked(cloud, method, path, **form):
    """A form, as the command sends it; gives the status and the body."""
    request = Request(
        f"{URL}{path}",
        data=urlencode(form).encode() if form else None,
        headers={"Authorization": f"Bearer {cloud.token}", "Content-Type": "application/x-www-form-urlencoded"},
        method=method,
    )
    try:
        with urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()


@pytest.fixture
def cloud(fresh):
    for name in ("stock", "spare"):
        fresh.write(f"datasources/{name}.datasource", STOCK.format(name="title"))
    out = Cloud(fresh)
    out.tb("deploy --wait")
    out.send("stock", [{"sku": "a1", "title": "Tea"}, {"sku": "b2", "title": "Bread"}])
    out.send("spare", [{"sku": "c3", "title": "Milk"}])
    return out


def pulled(cloud, name):
    return asked(cloud, "GET", f"/v0/datasources/{name}.datasource")


def test_columns_are_added_and_the_file_says_so(cloud):
    alter = "/v0/datasources/stock/alter"
    schema = "`sku` String `json:$.sku`, `title` String `json:$.title`, `price` Float32 `json:$.price` DEFAULT 2"
    status, body = asked(cloud, "POST", alter, dry="true", schema=schema)
    assert status == 200 and "price" in body, body
    assert "price" not in pulled(cloud, "stock")[1]
    assert asked(cloud, "POST", alter, dry="false", schema=schema, description="What there is")[0] == 200
    text = pulled(cloud, "stock")[1]
    assert "price" in text and "What there is" in text
    assert cloud.rows("select sku, price from stock order by sku") == [{"sku": "a1", "price": 2}, {"sku": "b2", "price": 2}]
    status, body = asked(cloud, "POST", alter, schema="`sku` String `json:$.sku`")
    assert status == 400 and "title" in body and "FORWARD_QUERY" in body, body
    assert "no operations" in asked(cloud, "POST", alter, description="What there is")[1]
    # It is a deployment like others: the next one of the same files changes nothing.
    ids = [d["id"] for d in cloud.call("/v1/deployments?include_deleted=true")["deployments"]]
    assert ids == ["2", "1"]


def test_a_name_changes_and_the_rows_stay(cloud):
    ident = cloud.call("/v0/datasources/stock")["id"]
    status, body = asked(cloud, "PUT", "/v0/datasources/stock", name="goods")
    assert status == 200, body
    assert cloud.rows("select count() as n from goods") == [{"n": 2}]
    assert cloud.call("/v0/datasources/goods")["id"] == ident
    assert asked(cloud, "PUT", "/v0/datasources/goods", name="spare")[0] == 409
    assert asked(cloud, "GET", "/v0/datasources/stock")[0] == 404
    # One that a pipe reads cannot go by itself.
    status, body = asked(cloud, "PUT", "/v0/datasources/products", name="things")
    assert status == 409 and "products" in body, body


def test_one_is_removed_unless_something_reads_it(cloud):
    assert asked(cloud, "DELETE", "/v0/datasources/spare?dry_run=true")[0] == 200
    assert cloud.rows("select count() as n from spare") == [{"n": 1}]
    assert asked(cloud, "DELETE", "/v0/datasources/spare")[0] == 200
    assert asked(cloud, "GET", "/v0/datasources/spare")[0] == 404
    status, body = asked(cloud, "DELETE", "/v0/datasources/products")
    assert status == 409 and "products" in body, body
    assert asked(cloud, "DELETE", "/v0/datasources/nothing")[0] == 404


def test_two_change_their_rows(cloud):
    both = {"datasource_a": "stock", "datasource_b": "spare"}
    assert asked(cloud, "POST", "/v0/datasources/exchange", **both)[0] == 200
    assert cloud.rows("select sku from stock") == [{"sku": "c3"}]
    cloud.send("stock", [{"sku": "d4", "title": "Salt"}])
    assert asked(cloud, "POST", "/v0/datasources/exchange", **both)[0] == 200
    assert cloud.rows("select count() as n from stock") == [{"n": 2}]
    assert cloud.rows("select sku from spare order by sku") == [{"sku": "c3"}, {"sku": "d4"}]
    status, body = asked(cloud, "POST", "/v0/datasources/exchange", datasource_a="stock", datasource_b="orders")
    assert status == 400 and "differ" in body, body
