"""Copies with a schedule, and their jobs: paused, resumed, cancelled, retried."""

import time

from conftest import get

SCHEDULED = """NODE counted
SQL >
    %
    SELECT toDateTime('2024-06-01 00:00:00') AS reported_at, 'all' AS shop, count() AS orders,
        sum(amount + {{Float64(more, 0)}}) AS amount
    FROM orders

TYPE copy
TARGET_DATASOURCE shop_report
COPY_SCHEDULE 0 4 * * 1
COPY_MODE append
"""

SINK = """NODE all
SQL >
    SELECT * FROM orders

TYPE sink
EXPORT_CONNECTION_NAME here
EXPORT_BUCKET_URI file://orders
EXPORT_FILE_TEMPLATE {day}
EXPORT_SCHEDULE {schedule}
"""

# Runs for hours unless someone ends it.
ENDLESS = """NODE counted
SQL >
    SELECT toDateTime('2024-06-01 00:00:00') AS reported_at, 'all' AS shop, count() AS orders, sum(a.number * b.number) / 1 AS amount
    FROM numbers(10000000) AS a CROSS JOIN numbers(10000000) AS b

TYPE copy
TARGET_DATASOURCE shop_report
"""


def shown(project, name):
    return get(f"/v0/pipes/{name}", project.token())["schedule"]


def run(project, path, **params):
    return get(path, project.token(), method="POST", **params)


def job(project, identity):
    return get(f"/v0/jobs/{identity}", project.token())


def ended(project, identity):
    for _ in range(100):
        found = job(project, identity)
        if found["status"] in ("done", "error", "cancelled"):
            return found
        time.sleep(0.1)
    raise AssertionError(f"the job goes on: {found}")


def test_a_schedule_is_paused_and_resumed(fresh):
    fresh.write("copies/weekly.pipe", SCHEDULED)
    fresh.tb("build")
    running = {"cron": "0 4 * * 1", "timezone": "Etc/UTC", "status": "running"}
    assert shown(fresh, "weekly") == running
    assert shown(fresh, "report_shops") == {}
    fresh.says("copy pause weekly", "paused")
    assert shown(fresh, "weekly")["status"] == "paused"
    # A build that changes the pipe does not resume it.
    fresh.change("copies/weekly.pipe", "'all'", "'every'")
    fresh.tb("build")
    assert shown(fresh, "weekly")["status"] == "paused"
    # It can be run by hand nevertheless.
    fresh.says("copy run weekly --wait --param more=1", "Data copied")
    assert fresh.rows("select shop, orders, amount > 4 as is_more from shop_report") == [
        {"shop": "every", "orders": 4, "is_more": 1}
    ]
    fresh.says("copy resume weekly", "resumed")
    assert shown(fresh, "weekly") == running
    fresh.says("copy pause report_shops", "has no schedule", code=1)
    fresh.says("copy pause nothing", code=1)
    listed = get("/v0/pipes?attrs=name,type,schedule", fresh.token())["pipes"]
    assert {p["name"]: p.get("schedule") for p in listed if p["type"] == "copy"} == {"weekly": running, "report_shops": {}}


def test_the_schedules_of_sinks_are_shown(fresh):
    fresh.write("connections/here.connection", "TYPE files\n")
    fresh.write("copies/daily.pipe", SINK.replace("{schedule}", "0 3 * * *"))
    fresh.write("copies/seldom.pipe", SINK.replace("{schedule}", "@on-demand"))
    fresh.tb("build")
    running = {"cron": "0 3 * * *", "timezone": "Etc/UTC", "status": "running"}
    listed = get("/v0/pipes", fresh.token())["pipes"]
    assert {p["name"]: p["schedule"] for p in listed if p["type"] == "sink"} == {"daily": running, "seldom": {}}
    assert all((p["sink_node"] == p["nodes"][0]["id"]) == (p["type"] == "sink") for p in listed)
    assert run(fresh, "/v0/pipes/daily/sink/pause")["schedule"] == running | {"status": "paused"}
    assert shown(fresh, "daily")["status"] == "paused"
    assert run(fresh, "/v0/pipes/daily/sink/resume")["schedule"] == running


def test_a_copy_is_cancelled_while_others_write(fresh):
    fresh.write("copies/endless.pipe", ENDLESS)
    fresh.tb("build")
    begun = run(fresh, "/v0/pipes/endless/copy")["job"]
    assert begun["status"] == "working" and begun["is_cancellable"]
    # Rows are stored meanwhile, and a second run of the pipe waits.
    fresh.says("datasource append holidays --file fixtures/holidays.ndjson", "Rows appended")
    second = run(fresh, "/v0/pipes/endless/copy")["job"]
    assert second["status"] == "waiting" and second["started_at"] is None
    fresh.says("job ls --status working", begun["id"])
    fresh.says(f"job cancel {begun['id']}", "ancel")
    assert ended(fresh, begun["id"])["status"] == "cancelled"
    fresh.says(f"job cancel {second['id']}", "ancel")
    assert ended(fresh, second["id"])["status"] == "cancelled"
    fresh.says(f"job cancel {begun['id']}", "nothing to cancel", code=1)
    assert fresh.rows("select count() as n from shop_report") == [{"n": 0}]


def test_a_copy_that_failed_is_run_again(fresh):
    fails = SCHEDULED.replace("count() AS orders", "throwIf(count() < 5) AS orders").replace("0 4 * * 1", "@on-demand")
    fresh.write("copies/weekly.pipe", fails)
    fresh.tb("build")
    failed = run(fresh, "/v0/pipes/weekly/copy?more=1")["job"]
    assert failed["status"] == "error" and failed["error"], failed
    fresh.change("copies/weekly.pipe", "count() < 5", "count() < 3")
    fresh.tb("build")
    fresh.says(f"job retry {failed['id']}", failed["id"])
    again = get("/v0/jobs?kind=copy&status=done", fresh.token())["jobs"]
    assert len(again) == 1 and again[0]["statistics"] == {"row_count": 1}
    fresh.says(f"job retry {again[0]['id']}", "nothing to retry", code=1)


def test_jobs_are_filtered(fresh):
    fresh.tb("build")
    fresh.tb("copy run report_shops --wait")
    pipe = get("/v0/pipes/report_shops", fresh.token())["id"]

    def count(query):
        return len(get(f"/v0/jobs?{query}", fresh.token())["jobs"])

    assert count(f"pipe_id={pipe}") == 1 and count("pipe_id=p_other") == 0
    assert count("kind=import") > 0 and count("kind=import&status=error") == 0
    assert count("created_after=2024-01-01%2000:00:00") == count("")
    assert count("created_after=2100-01-01T00:00:00Z") == 0 and count("created_before=2024-01-01") == 0
