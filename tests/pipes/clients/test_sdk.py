"""`@tinybirdco/sdk` of npm: events, queries and tokens."""

import json
import os
import subprocess
from pathlib import Path

from conftest import URL
from test_deployments import Cloud
from test_tile import tile

SENT = """SCHEMA >
    `id` UInt32 `json:$.id`,
    `sku` String `json:$.sku`,
    `amount` Float64 `json:$.amount`,
    `at` DateTime64(3) `json:$.at`

ENGINE MergeTree
ENGINE_SORTING_KEY sku
"""
SUMS = """NODE summed
SQL >
    %
    SELECT sku, sum(amount) AS total FROM sent
    WHERE id < 4 AND amount >= {{Float64(at_least, 0)}}
    {% if defined(sku) %} AND sku = {{String(sku)}} {% end %}
    {% if defined(skus) %} AND sku IN {{Array(skus, 'String')}} {% end %}
    GROUP BY sku ORDER BY sku
TYPE endpoint
"""


def test_the_sdk_of_npm(fresh):
    fresh.write("datasources/sent.datasource", SENT)
    fresh.write("endpoints/sums.pipe", SUMS)
    cloud = Cloud(fresh)
    tile(fresh, "deploy", TILE_URL=URL, TILE_TOKEN=cloud.token)
    script = Path(__file__).with_name("sdk.mjs")
    told = {"TILE_SDK_URL": URL, "TILE_TOKEN": cloud.token}
    done = subprocess.run(["node", script], env=os.environ | told, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    got = json.loads(done.stdout)
    assert got["one"] == got["unwaited"] == {"successful_rows": 1, "quarantined_rows": 0}
    assert got["many"] == {"successful_rows": 2, "quarantined_rows": 1}
    sums = [{"sku": "a1", "total": 3.5}, {"sku": "b2", "total": 4}]
    assert got["bySql"] == got["listed"] == sums
    assert got["byPipe"] == sums[1:] and got["rows"] == 1
    assert got["meta"] == [{"name": "sku", "type": "String"}, {"name": "total", "type": "Float64"}]
    assert got["limited"] == sums[:1]
    assert got["unknown"][0] == 404 and "nothing" in got["unknown"][1]
    assert got["wrong"][0] == 400 and "Float64" in got["wrong"][1]
    assert got["denied"][0] == 403
    assert got["emptied"] is None and got["left"] == [{"n": 0}]
