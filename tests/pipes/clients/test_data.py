"""Rows in and out: data sources, endpoints, SQL, copies, jobs."""


def test_lists_of_resources(project):
    for kind, expected in [
        ("datasource", ["orders_daily", "row_count: 4"]),
        ("endpoint", ["shop_days", "top_products", "/v0/pipes/shop_days.json?start=2024%2D01%2D01&page_size=10"]),
        ("pipe", ["known_products", "default", "report_shops", "copy", "orders_to_daily", "materialized"]),
        ("materialization", ["orders_to_daily", "orders_daily"]),
        ("copy", ["report_shops"]),
        ("sink", ["updated at"]),
        ("connection", ["kafka", "broker"]),
    ]:
        project.says(f"{kind} ls", *expected)


def test_endpoints_answer(project):
    project.says("endpoint data shop_days --shop south", "| 2024-05-02 | south |      2 |         1 | 100.75 |")
    project.says(
        "endpoint data shop_days --format csv",
        '"day","shop","orders","customers","amount"\n"2024-05-01","north/west",2,2,19.5\n',
    )
    project.says("endpoint data shop_days --query 'select sum(orders) as n from _'", "| 4 |")
    project.says("endpoint data shop_days --page_size x", "Error validating 'x' to type Int32", code=1)
    project.says("endpoint data nothing", "The pipe 'nothing' does not exist", code=1)
    project.says("endpoint url shop_days", "/v0/pipes/shop_days.json?", "&token=p.")
    project.says("endpoint token shop_days", "p.ey")


def test_sql(project):
    project.says("sql 'select shop, count() n from orders group by shop order by shop'", "north/west", "UInt64")
    project.says("--output csv sql 'select sku from known_products order by sku'", '"sku"\n"a1"\n"b2"')
    project.says("sql 'select * from order'", "unknown table `order`", "orders", code=1)
    project.says("sql --stats 'select 1'", "Rows read")
    # Longer than what the command puts into an address.
    project.says(f"sql \"select length('{'x' * 5000}')\"", "5000")


def test_rows_are_looked_at_and_exported(project):
    project.says("datasource data products", "Apple, red")
    project.says("datasource export products --format csv --rows 1 --where \"sku = 'b2'\" --target p.csv", "Exported")
    assert project.folder.joinpath("p.csv").read_text().splitlines()[1] == '"b2","Bread",2.2,"2024-01-01 00:00:00"'
    project.says("datasource export holidays --format ndjson --target h.ndjson", "Exported")
    assert len(project.folder.joinpath("h.ndjson").read_text().splitlines()) == 3


def test_files_are_analysed(project):
    project.says("datasource analyze fixtures/orders.ndjson", "`customer_name` Nullable(String) `json:$.customer.name`")
    project.says("datasource analyze fixtures/products.csv", "`updated_at` DateTime")


def test_rows_are_appended_and_quarantined(fresh):
    fresh.tb("build")
    event = '{"day": "2024-12-25", "title": "more"}'
    fresh.says(f"datasource append holidays --events '{event}'", "✓ 1 row appended!")
    fresh.says("datasource append holidays --file fixtures/holidays.ndjson", "✓ Rows appended!")
    assert fresh.rows("select count() as n from holidays") == [{"n": 7}]
    bad = '{"day": "never", "title": "bad"}'
    fresh.says(f"datasource append holidays --events '{bad}'", "✗ 1 row went to quarantine", "value 'never' on column")
    assert fresh.rows("select title from holidays_quarantine") == [{"title": "bad"}]
    fresh.says("datasource append nothing --events '{}'", code=1)


def test_rows_are_replaced(fresh):
    fresh.tb("build")
    fresh.write("new.ndjson", '{"day": "2024-01-01", "title": "a"}\n{"day": "2024-01-09", "title": "b"}\n')
    fresh.says("datasource replace holidays new.ndjson --sql-condition \"day > '2024-01-02'\"", "Data replaced")
    # The second of the three days stays, and of the new rows only the one that meets the condition comes.
    days = [row["day"][-2:] for row in fresh.rows("select day from holidays order by day")]
    assert days == ["01", "02", "09"]
    fresh.says("datasource replace holidays new.ndjson", "Data replaced")
    assert fresh.rows("select title from holidays order by day") == [{"title": "a"}, {"title": "b"}]


def test_rows_are_deleted(fresh):
    fresh.tb("build")
    south = "--sql-condition \"shop = 'south'\" --yes"
    fresh.says(f"datasource delete orders {south} --dry-run", "'2'")
    fresh.says(f"datasource delete orders {south} --wait", "rows deleted")
    fresh.says(f"datasource delete orders {south} --lightweight-delete", "Rows affected: 0")
    fresh.says("datasource delete orders --sql-condition 'shap = 1' --yes --wait", "shap", code=1)
    assert fresh.rows("select count() as n from orders") == [{"n": 2}]
    fresh.says("datasource truncate orders --cascade --yes", "'orders' truncated", "'orders_daily' truncated")
    assert fresh.rows("select count() as n from orders union all select count() from orders_daily") == [{"n": 0}] * 2
    fresh.says("datasource truncate nothing --yes", "does not exist", code=1)


def test_copies_run(fresh):
    fresh.tb("build")
    fresh.says("copy run report_shops --wait", "✓ Data copied to 'shop_report'")
    fresh.says("copy run report_shops --wait --mode replace --param left_out=south", "✓ Data copied")
    assert fresh.rows("select shop, orders from shop_report") == [{"shop": "north/west", "orders": 2}]
    fresh.says("copy run shop_days", "has no copy node", code=1)
    jobs = fresh.says("job ls --kind copy", "status: done")
    job = next(line.split(": ")[1] for line in jobs.splitlines() if line.startswith("id: "))
    fresh.says(f"job details {job}", job, "done")
    fresh.says("job cancel nothing", "does not exist", code=1)


def test_what_views_and_connections_there_are(project):
    project.says("materialization ls", "orders_to_daily", "orders_daily")
    assert "orders_to_daily" not in project.tb("copy ls")
    project.says("connection ls", "service")


def test_a_token_of_files_is_made(project):
    project.tb("token create static files --scope CATALOG:READ --resource data/run1")
    project.says("token scopes files", "CATALOG:READ", "data/run1")
    refused = project.tb("token create static more --scope CATALOG:READ --resource data/../run1", code=1)
    assert "malformed" in refused, refused
