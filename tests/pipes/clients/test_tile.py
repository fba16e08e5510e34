"""`tile test` and `tile deploy` beside what the real command says of the same files."""

import os
import subprocess

import pytest

from conftest import SECONDS_MAX, URL

TILE = os.environ["TILE_BIN"]


def tile(project, *words, code=0, **variables):
    """What `tile` prints; it must end with `code`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TB_", "TILE_"))}
    process = subprocess.run(
        [TILE, *words],
        cwd=project.folder,
        env=kept | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS_MAX,
    )
    assert process.returncode == code, f"`tile {words}` ended with {process.returncode}:\n{process.stdout}"
    return process.stdout


# What is written in place of what, and what `tile test` says of it. None: both commands find all as expected.
CHANGES = [
    ("tests/shop_days.yaml", "start is after stop", "start is after stop", None),
    ("tests/shop_days.yaml", '"orders":2,"customers":2', '"orders":2,"customers":3', '- {"day":"2024-05-01"'),
    ("tests/shop_days.yaml", "start is after stop", "start comes after stop", "- start comes after stop"),
    ("tests/shop_days.yaml", "http_status: 400\n  expected_result: start", "http_status: 404\n  expected_result: start",
     "expected status 404, got 400"),
    ("tests/shop_days.yaml", "  expected_http_status: 400\n  expected_result: start", "  expected_result: start",
     "expected an answer, got an error (400)"),
    ("tests/top_products.yaml", "parameters: least=1", "parameters: /v0/pipes/top_products.json?least=1", None),
    ("tests/top_products.yaml", "parameters: least=1", "parameters: least=2", '- {"sku":"b2"'),
    ("fixtures/orders.ndjson", '"amount":0.5,', '"amount":1.5,', "+ "),
]


@pytest.mark.parametrize("path, old, new, said", CHANGES)
def test_both_commands_come_to_the_same_verdict(fresh, path, old, new, said):
    fresh.change(path, old, new)
    code = 0 if said is None else 1
    told = tile(fresh, "test", code=code)
    assert said is None or said in told, told
    fresh.tb("test run", code)


def test_answers_are_written_into_the_files_so_that_both_pass(fresh):
    fresh.change("tests/shop_days.yaml", "start is after stop", "start comes after stop")
    fresh.change("tests/top_products.yaml", "parameters: least=1", "parameters: least=2")
    told = tile(fresh, "test", "--update")
    assert "turned_around updated" in told and "at_least_one updated" in told and "4 passed, 2 updated" in told, told
    assert "6 passed in" in tile(fresh, "test")
    assert "✓ 2/2 passed" in fresh.tb("test run")


def test_pipes_of_other_types_and_files_without_a_pipe(fresh):
    fresh.write("tests/report_shops.yaml", "- name: all\n  description: ''\n  parameters: ''\n  expected_result: ''\n")
    fresh.write("tests/nothing.yaml", "- name: none\n  description: ''\n  parameters: ''\n  expected_result: ''\n")
    told = tile(fresh, "test", "--update")
    assert "skipped: there is no pipe `nothing`" in told and "6 passed, 1 updated, 1 skipped" in told, told
    tile(fresh, "test", "--only", "report_shops")
    assert "(1 skipped)" in fresh.tb("test run")
    assert "maybe you meant `shop_days`" in tile(fresh, "test", "--only", "shop_day", code=3)


def test_faults_of_the_project_and_of_tests(fresh):
    fresh.change("pipes/known_products.pipe", "FROM products", "FROM product")
    assert "unknown table `product`" in tile(fresh, "test", code=1)
    fresh.change("pipes/known_products.pipe", "FROM product", "FROM products")
    fresh.change("tests/shop_days.yaml", "parameters: ''", "parameter: ''")
    assert "did you mean `parameters`?" in tile(fresh, "test", code=1)


def test_rows_that_do_not_fit_are_told(fresh):
    fresh.change("fixtures/orders.ndjson", '"amount":0.5,', '"amount":"x",')
    told = tile(fresh, "test", code=1)
    assert "in quarantine: column `amount`" in told, told


def test_deployments_by_tile_are_seen_by_tb(fresh):
    fresh.tb("build")
    server = {"TILE_URL": URL, "TILE_TOKEN": fresh.token()}
    fresh.write("pipes/extra.pipe", "NODE more\nSQL >\n    SELECT 1 AS a\n")
    assert tile(fresh, "deploy", "--check", **server) == "+ pipe extra\nThe deployment is valid; nothing was done\n"
    assert "is live\n" in tile(fresh, "deploy", **server)
    assert tile(fresh, "deploy", **server) == "Nothing has changed\n"
    assert fresh.rows("select * from extra") == [{"a": 1}]
    fresh.change("pipes/extra.pipe", "SELECT 1", "SELECT 2")
    assert "~ pipe extra\n" in tile(fresh, "deploy", "--staging", **server)
    assert "  staging  " in tile(fresh, "deploy", "ls", **server)
    assert "Staging" in fresh.tb("deployment ls")
    assert fresh.rows("select * from extra") == [{"a": 1}]
    assert "is live\n" in tile(fresh, "deploy", "promote", **server)
    assert fresh.rows("select * from extra") == [{"a": 2}]
    fresh.folder.joinpath("pipes/extra.pipe").unlink()
    tile(fresh, "deploy", "--no-promote", **server)
    assert "is discarded" in tile(fresh, "deploy", "discard", **server)
    assert "no deployment is in staging" in tile(fresh, "deploy", "promote", code=3, **server)
    assert fresh.rows("select * from extra") == [{"a": 2}]


def test_going_back_deploys_the_files_of_before(fresh):
    fresh.tb("build")
    server = {"TILE_URL": URL, "TILE_TOKEN": fresh.token()}
    fresh.write("pipes/extra.pipe", "NODE more\nSQL >\n    SELECT 1 AS a\n")
    tile(fresh, "deploy", **server)
    fresh.change("pipes/extra.pipe", "SELECT 1", "SELECT 2")
    tile(fresh, "deploy", **server)
    assert fresh.rows("select * from extra") == [{"a": 2}]
    assert "are live again" in tile(fresh, "deploy", "rollback", **server)
    assert fresh.rows("select * from extra") == [{"a": 1}]


def test_deployments_are_refused_with_a_reason_and_without_the_token(fresh):
    fresh.tb("build")
    server = {"TILE_URL": URL, "TILE_TOKEN": fresh.token()}
    fresh.folder.joinpath("datasources/holidays.datasource").unlink()
    told = tile(fresh, "deploy", code=2, **server)
    assert "the deployment deletes the data sources holidays" in told and "--allow-destructive-operations" in told, told
    assert "- data source holidays" in tile(fresh, "deploy", "--allow-destructive-operations", **server)
    fresh.change("pipes/known_products.pipe", "FROM products", "FROM product")
    told = tile(fresh, "deploy", code=2, **server)
    assert "pipes/known_products.pipe: " in told and "unknown table `product`" in told, told
    for words in (["deploy"], ["deploy", "ls"], ["deploy", "--help"]):
        assert "secret-token" not in tile(
            fresh, *words, code=0 if "--help" in words else 4, TILE_URL=URL, TILE_TOKEN="secret-token"
        )
    assert "there is no token" in tile(fresh, "deploy", code=4, TILE_URL=URL)
    assert "does not begin with http://" in tile(fresh, "deploy", "ls", code=2, TILE_URL="https://a", TILE_TOKEN="x")
