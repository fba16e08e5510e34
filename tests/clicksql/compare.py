"""Compares our answers with ClickHouse's: same names, same types, same rows.

    python3 compare.py CASES.jsonl OURS.jsonl ORACLE.jsonl [--list N]

Classes: `identical`; `refused`, we say that we cannot; `error`, we failed; `different`, a silent lie, with the first difference;
`oracle_error`, ClickHouse refuses and we do not answer either; `lenient`, ClickHouse refuses and we answer. Exit code 1 when
anything is `different`. Numbers are compared as written: integers and decimals exactly, floats to the last bit and the sign
of zero, unless the case has `approx`.
"""

import argparse
import json
import math
import re
import sys
from collections import Counter, defaultdict
from decimal import Decimal

CLASSES = ("identical", "different", "known", "refused", "error", "lenient", "oracle_error")


# Aggregates whose array has the order of a hash table.
COLLECTS_A_SET = re.compile(r"\b(groupUniqArray|groupArrayDistinct|topK)", re.IGNORECASE)


class Num(str):
    """A number as it was written."""

    __slots__ = ()

    def __repr__(self):
        return str(self)


class Pairs(list):
    """A JSON object: its keys in their order, for a Map keeps both order and duplicates."""


def parse(line):
    """An answer's line with all numbers of its rows as text."""
    return json.loads(line, parse_float=Num, parse_int=Num, parse_constant=Num, object_pairs_hook=Pairs)


def answer_of(line):
    """The answer as a dict; only what stands inside its rows keeps `Pairs`."""
    return dict(parse(line))


def same_number(a, b, is_float, approx):
    if a == b:
        return True
    if approx:
        x, y = float(a), float(b)
        return x == y or abs(x - y) <= approx * max(abs(x), abs(y))
    if is_float:
        x, y = float(a), float(b)
        return x == y and math.copysign(1, x) == math.copysign(1, y)
    return Decimal(a) == Decimal(b)


def same(a, b, is_float, approx):
    """Whether two values of one column are the same."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Num):
        return same_number(a, b, is_float, approx)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(same(x, y, is_float, approx) for x, y in zip(a, b))
    return a == b


def sorted_lists(value):
    """A value with the items of all its lists in one order: for what ClickHouse collects in no order of its own."""
    if isinstance(value, Num) or not isinstance(value, list):
        return value
    return type(value)(sorted((sorted_lists(item) for item in value), key=repr))


def same_row(a, b, floats, approx):
    return len(a) == len(b) and all(same(x, y, f, approx) for x, y, f in zip(a, b, floats))


def normal(value, is_float):
    """A hashable form under which equal values are equal."""
    if isinstance(value, Num):
        if is_float:
            number = float(value)
            return ("f", number, math.copysign(1, number))
        return ("n", Decimal(value))
    if isinstance(value, (list, tuple)):
        return tuple(normal(item, is_float) for item in value)
    return (type(value).__name__, value)


def multiset_difference(ours, theirs, floats, approx):
    """The first of our rows that they lack, and of theirs that we lack."""
    if approx:
        left = list(theirs)
        for row in ours:
            match = next((i for i, other in enumerate(left) if same_row(row, other, floats, approx)), None)
            if match is None:
                return f"row {row!r} is not in the oracle's, e.g. {left[:1]!r}"
            del left[match]
        return None
    keyed = [[tuple(normal(v, f) for v, f in zip(row, floats)) for row in rows] for rows in (ours, theirs)]
    extra, lost = Counter(keyed[0]) - Counter(keyed[1]), Counter(keyed[1]) - Counter(keyed[0])
    if not extra and not lost:
        return None
    mine = next((row for row, key in zip(ours, keyed[0]) if key in extra), None)
    other = next((row for row, key in zip(theirs, keyed[1]) if key in lost), None)
    return f"{sum(extra.values())} rows differ, ours {mine!r}, oracle {other!r}"


def difference(case, ours, theirs):
    """(kind, text) of the first difference of two answers that are both `ok`, or None."""
    mine, other = ours["columns"], theirs["columns"]
    if len(mine) != len(other):
        return "columns", f"{len(mine)} columns, oracle {len(other)}"
    for (name, kind), (name2, kind2) in zip(mine, other):
        if kind != kind2:
            return "type", f"`{name2}`: ours {kind}, oracle {kind2}"
    for (name, _), (name2, _) in zip(mine, other):
        if name != name2:
            return "name", f"ours `{name}`, oracle `{name2}`"
    floats = ["Float" in kind for _, kind in other]
    a, b, approx = ours["rows"], theirs["rows"], case.get("approx")
    if COLLECTS_A_SET.search(case["query"]):
        a, b = ([[sorted_lists(value) for value in row] for row in rows] for rows in (a, b))
    if len(a) != len(b):
        return "count", f"{len(a)} rows, oracle {len(b)}; ours {a[:2]!r}, oracle {b[:2]!r}"
    if not case.get("ordered"):
        text = multiset_difference(a, b, floats, approx)
        return ("value", text) if text else None
    for number, (x, y) in enumerate(zip(a, b)):
        if not same_row(x, y, floats, approx):
            column = next(i for i in range(len(y)) if not same_row(x[i:i + 1], y[i:i + 1], floats[i:i + 1], approx))
            where = f"row {number}, `{other[column][0]}` {other[column][1]}"
            return "value", f"{where}: ours {x[column]!r}, oracle {y[column]!r}; row {y!r}"
    return None


def judge(case, ours, theirs):
    """{"class", "kind", "detail"} of one case."""
    if theirs["status"] != "ok":
        lenient = ours["status"] == "ok" and not case.get("permissive")
        return {"class": "lenient" if lenient else "oracle_error", "kind": "", "detail": theirs.get("message", "")}
    if ours["status"] != "ok":
        status = ours["status"] if ours["status"] in ("refused", "error") else "error"
        return {"class": status, "kind": "", "detail": ours.get("message") or ""}
    found = difference(case, ours, theirs)
    if found:
        return {"class": "different", "kind": found[0], "detail": found[1]}
    return {"class": "identical", "kind": "", "detail": ""}


def compare(cases, ours, theirs):
    """One verdict per case; `ours` and `theirs` are answer lines in any order."""
    mine = {a["id"]: a for a in map(answer_of, ours)}
    other = {a["id"]: a for a in map(answer_of, theirs)}
    absent = {"status": "error", "message": "no answer"}
    verdicts = []
    for case in cases:
        verdict = judge(case, mine.get(case["id"], absent), other.get(case["id"], absent))
        verdicts.append(verdict | {"id": case["id"], "group": case.get("group", "-"), "query": case["query"]})
    return verdicts


def table(verdicts, key="group"):
    """A text table: one line per group, its classes, executed % and identical % of what ClickHouse accepts."""
    counts = defaultdict(Counter)
    for verdict in verdicts:
        counts[verdict[key]][verdict["class"]] += 1
        counts["TOTAL"][verdict["class"]] += 1
    width = max(map(len, counts), default=5)
    head = f"{key:{width}} {'cases':>6} " + " ".join(f"{c:>12}" for c in CLASSES) + f" {'executed %':>11} {'identical %':>12}"
    lines = [head]
    for name in sorted(set(counts) - {"TOTAL"}) + ["TOTAL"]:
        row = counts[name]
        valid = sum(row[c] for c in ("identical", "different", "known", "refused", "error"))
        done = row["identical"] + row["different"] + row["known"]
        shares = [f"{100 * n / valid:.1f}" if valid else "-" for n in (done, row["identical"])]
        cells = " ".join(f"{row[c]:>12}" for c in CLASSES)
        lines.append(f"{name:{width}} {sum(row.values()):>6} {cells} {shares[0]:>11} {shares[1]:>12}")
    return "\n".join(lines)


def listing(verdicts, classes, limit):
    """The first `limit` cases of the classes, each with its query and detail."""
    chosen = [v for v in verdicts if v["class"] in classes]
    for verdict in chosen[:limit]:
        yield f"[{verdict['class']}{':' + verdict['kind'] if verdict['kind'] else ''}] {verdict['id']}"
        yield "    " + verdict["query"].replace("\n", "\n    ")
        yield "    -> " + verdict["detail"][:500]
    if len(chosen) > limit:
        yield f"… and {len(chosen) - limit} more"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases")
    parser.add_argument("ours")
    parser.add_argument("oracle")
    parser.add_argument("--list", type=int, default=50, metavar="N", help="how many differences to print")
    options = parser.parse_args()
    lines = [open(path, encoding="utf-8").read().splitlines() for path in (options.cases, options.ours, options.oracle)]
    verdicts = compare([json.loads(line) for line in lines[0]], lines[1], lines[2])
    for line in listing(verdicts, ("different", "lenient"), options.list):
        print(line)
    print(table(verdicts))
    sys.exit(any(v["class"] == "different" for v in verdicts))


if __name__ == "__main__":
    main()
