"""What others do for `backfill`: sums and counts of the events in five windows before each query.

Reads arrays that the bench wrote, prints the seconds of each method as JSON, and writes the answer of each as arrays of doubles: for each
window the sums, then the counts. All work on tables in memory.
"""

import json
import sys
import time
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

FOLDER = Path(sys.argv[1])
RUNS = int(sys.argv[2])
HOUR, DAY = 3_600_000, 86_400_000
WINDOWS = [HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY]


def read(name, kind):
    return np.fromfile(FOLDER / name, dtype=kind)


def hop(window):
    return DAY if window >= 12 * DAY else HOUR if window >= 12 * HOUR else 300_000


events = {"k": read("event_keys", "<i8"), "t": read("event_times", "<i8"), "v": read("event_values", "<f8")}
queries = {"k": read("query_keys", "<i8"), "t": read("query_times", "<i8")}
queries["id"] = np.arange(len(queries["k"]))
for i, window in enumerate(WINDOWS):
    queries[f"w{i}"] = (queries["t"] - window) // hop(window) * hop(window)
BOUNDS = ["t", *(f"w{i}" for i in range(len(WINDOWS)))]

con = duckdb.connect()
event_frame, query_frame = pl.DataFrame(events), pl.DataFrame(queries)
con.execute("CREATE TABLE e AS SELECT * FROM event_frame")
con.execute("CREATE TABLE q AS SELECT * FROM query_frame")


def of_polars():
    sums = (
        event_frame.sort("k", "t")
        .with_columns(s=pl.col("v").cum_sum().over("k"), c=pl.col("v").cum_count().over("k"))
        .select("k", "t", "s", "c")
        .sort("t", maintain_order=True)
    )
    out = query_frame.select("id")
    for bound in BOUNDS:
        at = query_frame.select("id", "k", at=bound).sort("at")
        found = at.join_asof(sums, left_on="at", right_on="t", by="k", strategy="backward", allow_exact_matches=False, check_sortedness=False)
        found = found.sort("id").select(pl.col("s").fill_null(0.0).alias(f"s_{bound}"), pl.col("c").fill_null(0).alias(f"c_{bound}"))
        out = out.hstack(found)
    pairs = [(pl.col(f"s_t") - pl.col(f"s_w{i}"), pl.col("c_t").cast(pl.Int64) - pl.col(f"c_w{i}").cast(pl.Int64)) for i in range(len(WINDOWS))]
    out = out.select([e.alias(f"{j}{i}") for i, pair in enumerate(pairs) for j, e in enumerate(pair)])
    return [out[f"{j}{i}"].to_numpy() for i in range(len(WINDOWS)) for j in range(2)]


def arrays(sql):
    columns = con.execute(sql).fetchnumpy()
    return [np.ma.filled(columns[f"x{j}{i}"], 0) for i in range(len(WINDOWS)) for j in range(2)]


def of_asof():
    con.execute(
        "CREATE OR REPLACE TEMP TABLE p AS SELECT DISTINCT k, t, sum(v) OVER w AS s, count(*) OVER w AS c FROM e "
        "WINDOW w AS (PARTITION BY k ORDER BY t RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
    )
    joins = " ".join(f"ASOF LEFT JOIN p AS p_{b} ON q.k = p_{b}.k AND q.{b} > p_{b}.t" for b in BOUNDS)
    list_ = ", ".join(
        f"coalesce(p_t.s, 0) - coalesce(p_w{i}.s, 0) AS x0{i}, coalesce(p_t.c, 0) - coalesce(p_w{i}.c, 0) AS x1{i}" for i in range(len(WINDOWS))
    )
    return arrays(f"SELECT {list_} FROM q {joins} ORDER BY q.id")


def of_range():
    list_ = ", ".join(f"sum(v) FILTER (e.t >= q.w{i}) AS x0{i}, count(e.k) FILTER (e.t >= q.w{i}) AS x1{i}" for i in range(len(WINDOWS)))
    widest = f"w{len(WINDOWS) - 1}"
    return arrays(f"SELECT {list_} FROM q LEFT JOIN e ON q.k = e.k AND e.t < q.t AND e.t >= q.{widest} GROUP BY q.id ORDER BY q.id")


seconds = {}
for name, method in [("polars", of_polars), ("asof", of_asof), ("range", of_range)]:
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        answer = method()
        times.append(time.perf_counter() - started)
    np.concatenate([np.asarray(a, dtype="<f8") for a in answer]).tofile(FOLDER / f"answer_{name}")
    seconds[name] = sorted(times)[len(times) // 2]
print(json.dumps(seconds))
