"""What the server remembers of itself: `tb logs`, `tb endpoint stats`, and the tables behind them."""

import importlib.util
import json
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote

import pytest
from conftest import TB, get

EVENT = json.dumps(
    {"ordered_at": "2024-05-03 10:00:00.000", "order_id": "61f0c404-5cb3-11e7-907b-a6006ad3dba9"}
    | {"shop": "east", "items": [{"sku": "z"}], "amount": 3, "is_gift": True}
).encode()


def definitions():
    """The tables as the package of the command has them."""
    [path] = Path(TB).parent.parent.glob("lib/python*/site-packages/tinybird/service_datasources.py")
    spec = importlib.util.spec_from_file_location("service_datasources", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.get_tinybird_service_datasources()


@pytest.mark.parametrize("table", definitions(), ids=lambda table: table["name"])
def test_tables_have_the_columns_that_the_package_has(project, table):
    # States cannot be shown; that they can be merged, the other checks tell.
    columns = [column for column in table["columns"] if not column["type"].startswith("AggregateFunction")]
    names = ", ".join(f"`{column['name']}`" for column in columns)
    query = f"SELECT {names} FROM {table['name']} LIMIT 0 FORMAT JSON"
    meta = get("/v0/sql", project.token(), data=query.encode(), method="POST")["meta"]
    assert meta == [{"name": column["name"], "type": column["type"]} for column in columns]


def test_a_request_is_seen_at_once(project):
    project.says("endpoint data shop_days --shop south", "south")
    project.says("endpoint data shop_days --start 2025-01-01 --stop 2024-01-01", "start is after stop", code=1)
    project.tb('sql "select nothing from orders"', code=1)
    time.sleep(1)  # `tb logs` asks for what was before the second that it starts in
    project.says("logs", "pipe_stats_rt", "shop_days", "query_api", "400", "200", "append", "orders", "jobs_log")
    project.says("logs --source '*' --verbose --expand", "endpoint_errors", "start is after stop", "block_log")
    project.says("logs --source tinybird.endpoint_errors", "shop_days", "400")
    project.says("logs --start -7d --end -6d", "No logs found")
    project.says("logs --source nothing", "Unknown source", code=1)
    shown = json.loads(project.tb("--output json logs --source tinybird.pipe_stats_rt -n 1"))
    assert shown["rows"] == 1 and shown["data"][0]["data"]["pipe_name"] == "query_api"
    project.says("endpoint stats shop_days", "shop_days", "latency")


def test_statistics_of_endpoints_add_up(project):
    reader = project.token("shop reader")
    before = counts(project)
    get(f"/v0/pipes/shop_days.json?shop=south&token={reader}")
    assert status(f"/v0/pipes/shop_days.json?start=2025-01-01&stop=2024-01-01&token={reader}") == 400
    assert status(f"/v0/pipes/shop_days.json?token={project.token('shop ingest')}") == 403
    after = counts(project)
    assert after["view_count"] == before["view_count"] + 3 and after["error_count"] == before["error_count"] + 2
    rows = project.rows(
        "SELECT token, token_name, url, parameters, status_code, error_message, read_rows, result_rows, method, "
        "request_id, duration FROM tinybird.pipe_stats_rt WHERE pipe_name = 'shop_days' "
        "ORDER BY start_datetime DESC LIMIT 3"
    )
    assert sorted(row["status_code"] for row in rows) == [200, 400, 403]
    good = next(row for row in rows if row["status_code"] == 200)
    assert good["parameters"] == {"shop": "south"} and good["url"] == "/v0/pipes/shop_days.json?shop=south"
    assert good["token_name"] == "shop reader" and good["method"] == "GET" and good["request_id"]
    assert good["result_rows"] == 1 and good["read_rows"] > 0 and good["duration"] > 0
    assert reader not in json.dumps(rows)


def counts(project):
    query = "SELECT sum(view_count) AS view_count, sum(error_count) AS error_count FROM tinybird.pipe_stats "
    [found] = project.rows(query + "WHERE pipe_name = 'shop_days'")
    return found


def test_what_is_done_with_data_sources_is_seen(project):
    ingest = project.token("shop ingest")
    get("/v0/events?name=orders&wait=true", ingest, data=EVENT + b"\n{}", method="POST")
    assert status("/v0/events?name=orders&format=xml", ingest, data=EVENT, method="POST") == 400
    project.tb("datasource append orders --file fixtures/orders.ndjson")
    project.tb("copy run report_shops --wait")
    project.tb("datasource delete orders --sql-condition \"shop='east'\" --wait --yes")
    project.tb("datasource truncate products --yes")
    log = project.rows(
        "SELECT event_type, datasource_name, result, rows, rows_quarantine, job_id, pipe_name, elapsed_time "
        "FROM tinybird.datasources_ops_log ORDER BY timestamp"
    )
    events = {(row["event_type"], row["datasource_name"]) for row in log}
    wanted = {("create", "orders"), ("append", "orders"), ("append-hfi", "orders"), ("copy", "shop_report")}
    assert wanted | {("delete", "orders"), ("truncate", "products")} <= events
    hfi = [row for row in log if row["event_type"] == "append-hfi"]
    assert sum(row["rows"] for row in hfi) == 1 and sum(row["rows_quarantine"] for row in hfi) == 1
    copied = next(row for row in log if row["event_type"] == "copy")
    jobs = project.rows("SELECT * FROM tinybird.jobs_log")
    assert next(job for job in jobs if job["job_id"] == copied["job_id"])["status"] == "done"
    [requests] = project.rows(
        "SELECT sum(successful_requests) AS good, sum(error_requests) AS bad, sum(rows_total) AS rows "
        "FROM tinybird.hfi_requests"
    )
    assert requests == {"good": 1, "bad": 1, "rows": 2}
    [day] = project.rows(
        "SELECT sum(executions) AS n, avgMerge(avg_elapsed_time_state) AS mean "
        "FROM tinybird.datasources_ops_stats WHERE event_type = 'copy'"
    )
    assert day["n"] == 1 and day["mean"] > 0


def test_sizes_are_those_of_now(project):
    size = "SELECT rows FROM tinybird.datasources_storage WHERE datasource_name = 'orders' ORDER BY timestamp DESC, rows DESC LIMIT 1"
    [before] = project.rows(size)
    time.sleep(1.1)  # The time of a row has no parts of seconds.
    get("/v0/events?name=orders&wait=true", project.token("shop ingest"), data=EVENT, method="POST")
    [after] = project.rows(size)
    assert after["rows"] == before["rows"] + 1


def test_only_who_may_read_all_sees_them(project):
    sees = "/v0/sql?q=" + quote("SELECT count() FROM tinybird.pipe_stats_rt FORMAT JSON")
    assert status(f"{sees}&token={project.token('shop reader')}") in (400, 403)
    state = "/v0/sql?q=" + quote("SELECT count() FROM tinybird.pipe_stats FORMAT JSON")
    assert status(f"{state}&token={project.token('shop reader')}") in (400, 403)
    made = get(
        "/v0/tokens?name=watcher&scope=DATASOURCES:READ:tinybird.pipe_stats_rt", project.token(), method="POST"
    )["token"]
    get(f"{sees}&token={made}")
    assert status(f"{state}&token={made}") in (400, 403)
    assert status(f"/v0/sql?q={quote('SELECT 1 FROM orders')}&token={made}") in (400, 403)
    only = quote("DATASOURCES:READ:tinybird.pipe_stats_rt:pipe_name = 'nothing'")
    less = get(f"/v0/tokens?name=filtered&scope={only}", project.token(), method="POST")["token"]
    assert get(f"{sees}&token={less}")["data"] == [{"count()": 0}]


def status(path, token=None, **options):
    """The status of a refusal."""
    with pytest.raises(HTTPError) as error:
        get(path, token, **options)
    return error.value.code
