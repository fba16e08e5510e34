"""Compares `tile features eval` with the oracle beside this file, value by value.

    differential.py --tile PROGRAM fixtures            the cases of this folder, whose expected values are committed
    differential.py --tile PROGRAM fresh COUNT [SEED]  new random scenarios; the first seed is the time, or the one that is given

Every evaluator must give the values that the oracle's `backfill` has, and its top k must be a true one.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import oracle

CASES = Path(__file__).parent / "cases"
NAMES = ["ice_cream", "edge", "rand1", "rand2"]
SHOWN = 5
# The program; given by who starts this.
TILE = "tile"


def evaluate(scenario, *options):
    """The results of the program, by mode."""
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder) / "scenario.json", Path(folder) / "out.json"
        given.write_text(json.dumps(scenario))
        run = subprocess.run(
            [TILE, "features", "eval", str(given), str(out), *options],
            capture_output=True,
            text=True,
        )
        if run.returncode != 0:
            raise SystemExit(f"tile features eval {' '.join(options)} ended with {run.returncode}: {run.stderr}")
        return json.loads(out.read_text())


def compare(name, wanted, columns, queries, got):
    """How many values were compared, and how many differ."""
    assert [c[0] for c in got["columns"]] == [c[0] for c in columns], f"{name}: other columns"
    assert got["queries"] == queries, f"{name}: other queries"
    compared, wrong = 0, 0
    for mode, lines in got["results"].items():
        if mode == "snapshot":
            continue
        assert len(lines) == len(wanted), f"{name} {mode}: {len(lines)} lines, not {len(wanted)}"
        for q, line, values in zip(queries, wanted, lines):
            assert values is not None, f"{name} {mode}: nothing at {q}"
            for column, a, b in zip(columns, line, values, strict=True):
                compared += 1
                if not oracle.same(a, b):
                    wrong += 1
                    if wrong <= SHOWN:
                        print(f"  {name} {mode} at {q}: {column[0]}: {str(b)[:90]}, not {str(a)[:90]}")
    return compared, wrong


def in_table(scenario, q):
    """The rows that the table has before a time."""
    rows = [row for row in scenario["rows"] if row[0] < scenario["batchEnd"]]
    for at, is_before, row in sorted(scenario["mutations"], key=lambda m: m[0]):
        if at < q:
            rows.remove(row) if is_before else rows.append(row)
    return rows


def of_table(scenario):
    """For each query what the oracle's `backfill` gives of the table as it is then."""
    lines = []
    for q in sorted(set(scenario["queries"])):
        table = {"schema": scenario["schema"], "aggregations": scenario["aggregations"], "rows": in_table(scenario, q), "queries": [q]}
        lines += oracle.evaluate(table)["results"]["backfill"]
    return lines, scenario["aggregations"]


def of_mutations(scenario):
    """The oracle's own `mutation`, query by query: it asks for the window of a change once, at the first query that sees it (quirk Q7).
    Hops that it collapses are kept apart, so that they leave windows (quirk Q2). It takes single values out, by some operations, and then
    does not cut a histogram at its k."""
    types = dict(map(tuple, scenario["schema"]))
    single = lambda a: "<" not in types[a["inputColumn"]] and not a.get("buckets") and not a.get("elementWise") and not a.get("argMap")
    some = [a for a in scenario["aggregations"] if a["operation"] in oracle.DELETABLE and single(a)]
    lines = []
    for q in sorted(set(scenario["queries"])):
        asked = scenario | {"aggregations": some, "queries": [q], "tailBufferMs": 1000 * oracle.DAY}
        lines += oracle.evaluate_mutation(asked)["results"]["mutation"]
    return lines, some


def changing(seed):
    """A random table that changes: rows come, change and go, some of them several times."""
    r = random.Random(seed)
    scenario = oracle.gen(seed, 150, 8, 4)
    start = scenario["batchEnd"]
    wanted = ["1h", "6h", "1d", "7d", "20d"]
    for aggregation in scenario["aggregations"]:
        if aggregation.get("windows"):
            aggregation["windows"] = wanted
    rows = [row for row in scenario["rows"] if row[0] < start]
    others = [row for row in scenario["rows"] if row[0] >= start]
    table, mutations = list(rows), []
    for at in sorted(r.sample(range(start, start + 3 * oracle.DAY), 60)):
        what = r.choice(["insert", "insert", "update", "delete"])
        if what != "insert" and table:
            mutations.append([at, True, table.pop(r.randrange(len(table)))])
        if what != "delete":
            # A row's own time is not that of its change; here and there two rows are equal.
            row = r.choice(table) if table and r.random() < 0.1 else [at - r.randrange(2 * oracle.DAY), *r.choice(others or rows)[1:]]
            table.append(row)
            mutations.append([at, False, row])
    queries = sorted(r.sample(range(start, start + 4 * oracle.DAY), 12))
    keep = {name: scenario[name] for name in ("schema", "aggregations", "batchEnd")}
    return keep | {"rows": rows, "mutations": mutations, "queries": queries}


def check_changing(name, scenario, seed, references):
    """A table that changes: as in a backfill, and as it is kept while changes come."""
    queries = sorted(set(scenario["queries"]))
    compared, wrong = 0, 0
    wanted = {reference: reference(scenario) for reference in references}
    for options in [(), ("--restart",), ("--shuffle", str(seed)), ("--restart", "--shuffle", str(seed)), ("--restart", "--redeliver")]:
        got = evaluate(scenario, "--mode", "mutation", "--mode", "online", *options)
        for reference, (lines, some) in wanted.items():
            # Two columns can have one name.
            columns = list(oracle.columns(scenario["aggregations"]))
            places = [at for at, column in enumerate(columns) if any(column[0] is a for a in some)]
            pick = lambda line: [line[at] for at in places]
            if reference is of_mutations and of_table in wanted:
                # It counts and sums to 0 where all rows of a window were taken out again: in the table there is nothing.
                there = [pick(line) for line in wanted[of_table][0]]
                lines = [[None if a is None and not b else b for a, b in zip(*both)] for both in zip(there, lines)]
            found = got | {"columns": pick(got["columns"]), "results": {mode: [pick(l) for l in rows] for mode, rows in got["results"].items()}}
            more, differing = compare(f"{name} {reference.__name__} {' '.join(options)}", lines, [[columns[at][3]] for at in places], queries, found)
            compared, wrong = compared + more, wrong + differing
    print(f"{name}: {compared} values compared, {wrong} differ", flush=True)
    return wrong


def choices(scenario, seed):
    """Ways in which the rows can come and tiles can rest."""
    r = random.Random(seed)
    start, end = min(row[0] for row in scenario["rows"]), scenario["batchEnd"]
    cut = str(r.randrange(start, end + oracle.DAY))
    yield ()
    yield ("--mode", "online", "--mode", "tiled_300000", "--restart")
    yield ("--mode", "online", "--mode", "tiled_300000", "--restart", "--redeliver")
    yield ("--mode", "online", "--mode", "tiled_60000", "--compact-at", cut)
    # The order of arrival is part of the values where events have one time.
    times = [row[0] for row in scenario["rows"]]
    if len(set(times)) == len(times):
        yield ("--mode", "online", "--mode", "tiled_300000", "--shuffle", str(seed))
        yield ("--mode", "online", "--shuffle", str(seed + 1), "--restart", "--compact-at", cut)


def check(name, scenario, wanted, columns, queries, seed):
    compared, wrong = 0, 0
    for options in choices(scenario, seed):
        more, differing = compare(f"{name} {' '.join(options)}", wanted, columns, queries, evaluate(scenario, *options))
        compared, wrong = compared + more, wrong + differing
    print(f"{name}: {compared} values compared, {wrong} differ", flush=True)
    return wrong


def fixtures():
    wrong = 0
    for name in NAMES:
        scenario = json.loads((CASES / f"{name}.json").read_text())
        expected = json.loads((CASES / f"{name}.oracle.json").read_text())
        wrong += check(name, scenario, expected["results"]["backfill"], expected["columns"], expected["queries"], 1)
    name = "snap"
    scenario = json.loads((CASES / f"{name}.json").read_text())
    expected = json.loads((CASES / f"{name}.oracle.json").read_text())["results"]["snapshot"]
    got = evaluate(scenario, "--mode", "snapshot")["results"]["snapshot"]
    differing = sum(not oracle.same(a, b) for x, y in zip(expected, got, strict=True) for a, b in zip(x, y, strict=True))
    print(f"{name}: {len(got)} snapshots compared, {differing} values differ")
    # Some of its rows go that were never there: no table is like that.
    return wrong + differing + check_changing("mut", json.loads((CASES / "mut.json").read_text()), 1, [of_mutations])


def fresh(count, first):
    wrong = 0
    for seed in range(first, first + count):
        # Few events over few days, so that windows hold some; the oracle takes its time for each.
        days = 3 + seed % 38
        scenario = oracle.gen(seed, 60 + 12 * days, 4, days)
        plain = {k: v for k, v in scenario.items() if k not in ("batchEnd", "tileSizes")}
        expected = oracle.evaluate(plain)
        wrong += check_changing(f"seed {seed}, a table that changes", changing(seed), seed, [of_table, of_mutations])
        wrong += check(f"seed {seed}", scenario, expected["results"]["backfill"], expected["columns"], expected["queries"], seed)
    return wrong


def main():
    oracle.STRICT_TOPK = True
    parser = argparse.ArgumentParser()
    parser.add_argument("--tile", required=True)
    parser.add_argument("what", choices=["fixtures", "fresh"])
    parser.add_argument("count", type=int, nargs="?", default=1)
    parser.add_argument("seed", type=int, nargs="?", default=int(time.time()))
    asked = parser.parse_args()
    global TILE
    TILE = asked.tile
    wrong = fixtures() if asked.what == "fixtures" else fresh(asked.count, asked.seed)
    if wrong:
        raise SystemExit(f"{wrong} values differ from the oracle's")


if __name__ == "__main__":
    main()
