"""From files to a workspace: build, watch, test, deploy, pull."""

import os
import signal
import subprocess
import time

import pytest

RESOURCES = [
    "connections/broker.connection",
    "copies/report_shops.pipe",
    "datasources/holidays.datasource",
    "datasources/orders.datasource",
    "datasources/orders_daily.datasource",
    "datasources/products.datasource",
    "datasources/shop_report.datasource",
    "endpoints/shop_days.pipe",
    "endpoints/top_products.pipe",
    "materializations/orders_to_daily.pipe",
    "pipes/known_products.pipe",
]

# What is written in place of what, in which file, and what the command then says.
FAULTS = [
    ("pipes/known_products.pipe", "FROM products", "FROM product", "unknown table `product`"),
    ("pipes/known_products.pipe", "title, price", "title, prize", "prize"),
    ("endpoints/shop_days.pipe", "{% end %}\n    AND", "AND", "Missing {% end %} block for if"),
    ("endpoints/shop_days.pipe", "NODE page\nSQL >", "NODE page\nSQL SELECT 1", "SQL must be multiline"),
    ("datasources/orders.datasource", "`amount` Float64", "`amount` Flot64", "Flot64"),
    ("datasources/products.datasource", "ENGINE_SORTING_KEY sku\n", "", "Missing required option 'sorting_key'"),
    ("materializations/orders_to_daily.pipe", "sum(amount) AS amount", "sum(amount) AS sum", "no column `sum`"),
    ("copies/report_shops.pipe", "TARGET_DATASOURCE shop_report\n", "", "target_datasource"),
]


def test_a_build_makes_everything_and_stores_fixtures(fresh):
    fresh.says("build", *(f"✓ {path} created" for path in RESOURCES), "✓ Build completed")
    counts = "select (select count() from {}) as n"
    assert fresh.rows(counts.format("orders")) == [{"n": 4}]
    assert fresh.rows(counts.format("products")) == [{"n": 3}]
    # The rows of a query, which the command writes into a file first.
    assert fresh.folder.joinpath("fixtures/holidays.ndjson").is_file()
    assert fresh.rows("select max(day) as day from holidays") == [{"day": "2024-01-03"}]
    fresh.says("build", "No changes")
    fresh.change("endpoints/shop_days.pipe", "page_size, 10", "page_size, 20")
    fresh.says("build", "✓ endpoints/shop_days.pipe changed")
    fresh.folder.joinpath("copies/report_shops.pipe").unlink()
    fresh.says("build", "✓ report_shops.pipe deleted")


@pytest.mark.parametrize("path, old, new, said", FAULTS)
def test_faults_name_their_file(project, path, old, new, said):
    file = project.folder / path
    text = file.read_text()
    project.change(path, old, new)
    try:
        project.says("build", path, said, "Build failed", code=1)
    finally:
        file.write_text(text)


def test_files_are_watched(fresh):
    process = fresh.start("dev", start_new_session=True)
    try:
        seen = ""
        for line in process.stdout:
            seen += line
            if "Watching for changes" in line:
                break
        assert "Build completed" in seen, seen
        # The command looks for changes from a thread that it starts after it has said so.
        time.sleep(1)
        fresh.change("endpoints/shop_days.pipe", "page_size, 10", "page_size, 1")
        for line in process.stdout:
            seen += line
            if "Rebuild completed" in line:
                break
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            # The command sometimes waits for its own watcher; what it is asked for here it has done.
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    assert "✓ endpoints/shop_days.pipe changed" in seen, seen
    assert fresh.tb("endpoint data shop_days --format csv").count('\n"2024') == 1


def test_tests_of_endpoints_pass_and_fail(fresh):
    passed = fresh.tb("test run")
    assert passed.count(" passed\n") == 7 and "✓ 2/2 passed" in passed, passed
    fresh.change("tests/shop_days.yaml", "start is after stop", "start comes after stop")
    fresh.says("test run shop_days", "✗ turned_around failed", "✗ 0/1 passed", code=1)


def test_deployments_in_one_step_and_in_two(fresh):
    fresh.says("deploy --check", "new", "orders_daily", "✓ Deployment is valid")
    fresh.says("deploy", "✓ Deployment #1 is live!")
    fresh.says("deploy", "No changes")
    fresh.write("pipes/extra.pipe", "NODE more\nSQL >\n    SELECT 1 AS a\n")
    fresh.says("deployment create --wait", "extra", "✓ Deployment is ready")
    ls = fresh.says("deployment ls", "Staging", "Live")
    assert ls.index("Staging") < ls.index("Live")
    fresh.says("sql 'select * from extra'", "unknown table `extra`", code=1)
    fresh.says("deployment create", "The deployment 2 is in staging", code=1)
    fresh.says("deployment promote --wait", "✓ Deployment #2 is live!")
    assert fresh.rows("select * from extra") == [{"a": 1}]
    fresh.folder.joinpath("pipes/extra.pipe").unlink()
    fresh.says("deployment create --wait", "deleted", "✓ Deployment is ready")
    fresh.says("deployment discard --wait", "Discard process successfully completed")
    assert "Staging" not in fresh.tb("deployment ls")
    assert fresh.rows("select * from extra") == [{"a": 1}]
    fresh.folder.joinpath("datasources/holidays.datasource").unlink()
    fresh.says("deploy", "the deployment deletes the data sources holidays", code=1)
    fresh.says("deploy --allow-destructive-operations", "✓ Deployment #4 is live!")


def test_a_changed_data_source_keeps_its_rows(fresh):
    fresh.tb("build")
    fresh.change("datasources/products.datasource", "`title` String", "`name` String")
    fresh.change("pipes/known_products.pipe", "title", "name AS title")
    fresh.write(
        "datasources/products.datasource",
        fresh.folder.joinpath("datasources/products.datasource").read_text()
        + "\nFORWARD_QUERY >\n    SELECT sku, title AS name, price, updated_at\n",
    )
    fresh.says("deploy", "modified", "products", "is live!")
    assert fresh.rows("select title from known_products where sku = 'b2'") == [{"title": "Bread"}]


def test_pulled_files_are_those_that_were_deployed(project):
    texts = {path: project.folder.joinpath(path).read_text() for path in RESOURCES}
    for path in RESOURCES:
        project.folder.joinpath(path).unlink()
    project.says("pull", "Writing")
    assert {path: project.folder.joinpath(path).read_text() for path in RESOURCES} == texts
    project.says("build", "No changes")
