"""Times with more digits than microseconds, from an event to an answer."""

from conftest import URL
from urllib.parse import urlencode
from urllib.request import Request, urlopen

SCHEMA = """SCHEMA >
    `at` DateTime64(9) `json:$.at`,
    `tick` Nullable(DateTime64(7)) `json:$.tick`

ENGINE MergeTree
ENGINE_SORTING_KEY at
"""


def test_no_digit_is_lost(fresh):
    fresh.write("datasources/ticks.datasource", SCHEMA)
    fresh.tb("build")
    events = "\n".join(
        [
            '{"at": "2024-01-02 03:04:05.123456789", "tick": "2024-01-02T03:04:05.1234567Z"}',
            '{"at": 1704164645000000001, "tick": null}',
            '{"at": "2300-01-01 00:00:00", "tick": null}',
        ]
    )
    address = f"{URL}/v0/events?{urlencode({'name': 'ticks', 'wait': 'true'})}"
    request = Request(address, events.encode(), {"Authorization": f"Bearer {fresh.token()}"}, method="POST")
    with urlopen(request) as answer:
        assert answer.read() == b'{"successful_rows":2,"quarantined_rows":1}'
    assert fresh.rows("SELECT at, tick, toUnixTimestamp64Nano(at) AS n FROM ticks ORDER BY at") == [
        {"at": "2024-01-02 03:04:05.000000001", "tick": None, "n": 1704164645000000001},
        {"at": "2024-01-02 03:04:05.123456789", "tick": "2024-01-02 03:04:05.1234567", "n": 1704164645123456789},
    ]
    assert fresh.rows("SELECT c__error_column FROM ticks_quarantine") == [{"c__error_column": ["at"]}]
