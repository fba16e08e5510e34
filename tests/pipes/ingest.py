"""ClickHouse's answers to the cases of `ingest/values.jsonl`, from chdb.

    python3 tests/pipes/ingest.py --verify      do all cases hold what ClickHouse answers? (with a Python that has `chdb`)
    python3 tests/pipes/ingest.py --write       put its answers into cases that have none

A case is a line: a `type`, the text of a value as `json` or as the cell `csv`, and what becomes of it, `expect`: the value as
ClickHouse prints it in JSON, or `quarantine`. Where our rule is another one than ClickHouse's, `why` says so and `clickhouse` has its
answer, which is verified as well: the value, or `error`.
"""

import argparse
import json
import sys
from pathlib import Path

CASES = Path(__file__).parent / "ingest" / "values.jsonl"


def literal(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def cell(text):
    """In quotes only where it must be: some types are not read in quotes."""
    return '"%s"' % text.replace('"', '""') if set(text) & set(',"\r\n') else text


class Oracle:
    def __init__(self):
        from chdb.session import Session

        self.session = Session()
        self.session.query("SET session_timezone = 'UTC', max_threads = 1, allow_suspicious_low_cardinality_types = 1")

    def answer(self, case):
        """The value as JSON, or `error`."""
        if "json" in case:
            kind, row = "JSONEachRow", '{"v": %s}' % case["json"]
        else:
            # A second column, so that an empty cell is no empty line.
            kind, row = "CSV", cell(case["csv"]) + ",0"
        structure = "v " + case["type"] + ("" if kind == "JSONEachRow" else ", w UInt8")
        query = f"SELECT v FROM format({kind}, {literal(structure)}, {literal(row)})"
        try:
            text = self.session.query(query, "JSONCompactEachRow").bytes().decode()
        except Exception:
            return "error"
        lines = text.splitlines()
        return lines[0][1:-1] if len(lines) == 1 else "error"


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--verify", action="store_true")
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    cases = [json.loads(line) for line in CASES.read_text().splitlines()]
    oracle = Oracle()
    wrong = 0
    for number, case in enumerate(cases, 1):
        answer = oracle.answer(case)
        if chosen.write and "expect" not in case:
            case["expect"] = "quarantine" if answer == "error" else answer
        if chosen.write and "why" in case:
            case["clickhouse"] = answer
        known = case.get("clickhouse", "error" if case.get("expect") == "quarantine" else case.get("expect"))
        if known != answer:
            wrong += 1
            print(f"{CASES.name}:{number}: ClickHouse answers {answer}, the case says {known}: {json.dumps(case)}")
        if "clickhouse" in case and case["clickhouse"] == ("error" if case["expect"] == "quarantine" else case["expect"]):
            wrong += 1
            print(f"{CASES.name}:{number}: no other answer than ClickHouse's, so `why` is wrong: {json.dumps(case)}")
    if chosen.write:
        CASES.write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases))
    print(f"{len(cases)} cases, {sum('why' in case for case in cases)} with a rule of their own, {wrong} wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
