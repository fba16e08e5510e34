"""The peers of `cargo xtask bench pipes`: DuckDB and ClickHouse (chdb), each inside of this process.

`duckdb DATABASE` or `chdb FOLDER`; then a question in each line of the input, as JSON, and an answer for each:
`{"op": "run", "sql": …}` → `{"ms": …, "rows": …}` · `{"op": "time", "sql": …, "runs": n}` → `{"ms": [...], "rows": …}`.
"""

import json
import sys
import time


class DuckDb:
    def __init__(self, place):
        import duckdb

        self.connection = duckdb.connect(place)

    def ask(self, sql):
        return [list(row) for row in self.connection.execute(sql).fetchall()]


class ClickHouse:
    def __init__(self, place):
        from chdb import session

        self.session = session.Session(place)

    def ask(self, sql):
        text = self.session.query(sql, "JSONCompactEachRow").bytes().decode()
        return [json.loads(line) for line in text.splitlines()]


def timed(engine, sql):
    started = time.perf_counter()
    rows = engine.ask(sql)
    return (time.perf_counter() - started) * 1000, rows


def main():
    kind, place = sys.argv[1:]
    engine = {"duckdb": DuckDb, "chdb": ClickHouse}[kind](place)
    for line in sys.stdin:
        question = json.loads(line)
        if question["op"] == "run":
            ms, rows = timed(engine, question["sql"])
        else:
            runs = [timed(engine, question["sql"]) for _ in range(question["runs"])]
            ms, rows = [ms for ms, _ in runs], runs[-1][1]
        print(json.dumps({"ms": ms, "rows": rows}, default=str), flush=True)


main()
