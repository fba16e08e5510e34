"""The example `late-flights` from end to end: its one command, and its training data beside what pandas computes of the same flights.

    python flights.py --tile BIN

The packages are those of `tests/clients`.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd

from server import Server

EXAMPLE = pathlib.Path(__file__).parents[2] / "examples/late-flights"
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
WINDOWS = {"1h": HOUR, "1d": DAY, "7d": 7 * DAY}
# Ranks of a percentile that is approximated.
RANKS_OFF_MAX = 0.02


def tails(ts, window):
    """The first millisecond of the window: it moves by hours from half a day on, below by five minutes."""
    hop = HOUR if window >= DAY // 2 else 5 * MINUTE
    return (ts - window) // hop * hop


class Past:
    """The landings of one key, in the order of time."""

    def __init__(self, rows):
        self.times = rows["landed"].to_numpy()
        self.rows = {name: rows[name].to_numpy() for name in rows}

    def values(self, column, ts, window):
        low, high = np.searchsorted(self.times, [tails(ts, window), ts])
        return self.rows[column][low:high]


def carrier(past, ts):
    out = {}
    for name, window in WINDOWS.items():
        delays = past.values("arr_delay", ts, window)
        out[f"flight_count_{name}"] = len(delays)
        out[f"arr_delay_average_{name}"] = delays.mean() if len(delays) else None
        if name != "1h":
            out[f"arr_delay_max_{name}"] = delays.max() if len(delays) else None
            out[f"late_count_{name}"] = (delays > 15).sum()
    out["flight_count"] = np.searchsorted(past.times, ts)
    out["late_share_7d"] = out["late_count_7d"] / out["flight_count_7d"] if out["late_count_7d"] else None
    return out


def origin(past, ts):
    of = lambda column, name: past.values(column, ts, WINDOWS[name])
    out = {f"dep_delay_average_{name}": of("dep_delay", name).mean() if len(of("dep_delay", name)) else None for name in WINDOWS}
    out["carrier_unique_count_1d"] = len(set(of("carrier", "1d")))
    return out


def plane(past, ts):
    delays, dests = past.values("arr_delay", ts, DAY), past.values("dest", ts, 7 * DAY)
    last = [int(delay) for delay in delays[::-1][:3]]
    return {
        "arr_delay_last3_1d": last or None,
        "arr_delay_last_1d": delays[-1] if len(delays) else None,
        "dest_last_7d": dests[-1] if len(dests) else None,
    }


def is_same(got, wanted):
    if wanted is None or (np.isscalar(wanted) and not isinstance(wanted, str) and wanted == 0):
        # No rows: a count is null as well.
        return got == "" or (wanted == 0 and float(got) == 0)
    if isinstance(wanted, list):
        return [int(x) for x in got.strip("[]").split(",")] == wanted
    if isinstance(wanted, str):
        return got == wanted
    return got != "" and np.isclose(float(got), float(wanted), rtol=1e-12, atol=0)


def percentiles_are_near(text, delays):
    """Whether each value has about the rank that it should have."""
    found = [float(x) for x in text.strip("[]").split(",")]
    for value, rank in zip(found, (0.5, 0.9)):
        low, high = (delays < value).mean(), (delays <= value).mean()
        if not low - RANKS_OFF_MAX <= rank <= high + RANKS_OFF_MAX:
            return False
    return True


def compare(folder):
    landings = pd.read_json(folder / "landings.ndjson", lines=True, convert_dates=["landed"])
    landings["landed"] = landings["landed"].astype("datetime64[ms]").astype("int64")
    trained = pd.read_csv(folder / "training.csv", dtype=str, keep_default_na=False)
    pasts = {key: {name: Past(rows) for name, rows in landings.groupby(key, sort=False)} for key in ("carrier", "origin", "tailnum")}
    nothing = Past(landings.iloc[:0])
    compared, near = 0, 0
    for row in trained.to_dict("records"):
        ts = int(row["ts"])
        wanted = {}
        for prefix, key, of in (("carrier", "carrier", carrier), ("origin", "origin", origin), ("plane", "tailnum", plane)):
            past = pasts[key].get(row[key], nothing)
            wanted |= {f"{prefix}_{name}": value for name, value in of(past, ts).items()}
        for name, value in wanted.items():
            assert is_same(row[name], value), (row, name, row[name], value)
        compared += len(wanted)
        percentiles = row["origin_dep_delay_approx_percentile_1d"]
        assert percentiles_are_near(percentiles, pasts["origin"][row["origin"]].values("dep_delay", ts, DAY)), row
        near += 1
        unknown = set(row) - set(wanted) - {"ts", "carrier", "flight", "origin", "tailnum", "late", "origin_dep_delay_approx_percentile_1d"}
        assert not unknown, unknown
    return len(trained), compared, near


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tile", required=True)
    tile = pathlib.Path(parser.parse_args().tile).absolute()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        project = shutil.copytree(EXAMPLE, folder / "late-flights")
        server = Server(tile, project, folder / "data")
        server.says("Build 1")
        try:
            path = os.pathsep.join([str(tile.parent), os.environ["PATH"]])
            command = [sys.executable, project / "check.py", f"http://127.0.0.1:{server.port}", server.token, folder]
            subprocess.run(command, check=True, env={**os.environ, "PATH": path})
        finally:
            server.end()
        rows, compared, near = compare(folder)
    print(f"{rows} rows: {compared} values are those of pandas, {near} percentiles have their ranks")


if __name__ == "__main__":
    main()
