"""ClickHouse's answers to cases, from chdb in worker processes that may crash or hang without harm.

    python3 oracle.py IN.jsonl > ANSWERS.jsonl        (with a Python that has `chdb`)

The same lines as `tile sql cases`: `{"id", "status": "ok" | "error", "columns", "rows", "message"}`. Tables get a database per
distinct content; queries only read, so that cases with the same tables share one. Answers are kept in an SQLite file
under the hash of (ClickHouse version, settings, tables, query), so that a second run asks nothing.
"""

import argparse
import hashlib
import json
import os
import queue
import select
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

TIMEOUT_S = 30
DATABASES_MAX = 200
FORMAT = "JSONCompactEachRowWithNamesAndTypes"
FAMILY = ("MergeTree", "ReplacingMergeTree", "SummingMergeTree", "AggregatingMergeTree", "CollapsingMergeTree",
          "VersionedCollapsingMergeTree")
# One thread, so that `any` and sums of floats depend on nothing but the rows; no merge on insert, so that FINAL has work to do;
# `optimize_functions_to_subcolumns` breaks `count(nullable) OVER (…)` in 26.9 and changes nothing else.
SETTINGS = {
    "max_threads": 1,
    "optimize_on_insert": 0,
    "optimize_functions_to_subcolumns": 0,
    "session_timezone": "UTC",
    "output_format_json_quote_64bit_integers": 0,
    "output_format_json_validate_utf8": 1,
    "allow_suspicious_low_cardinality_types": 1,
    "allow_experimental_json_type": 1,
    "max_execution_time": 10,
    "max_memory_usage": 4_000_000_000,
}


def content_hash(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


# --- inside a worker -----------------------------------------------------------------------------------------------------------


def create_statements(database, table):
    """The statements that make one table of a case and fill it."""
    engine = table.get("engine") or "MergeTree"
    if engine.split("(")[0] not in FAMILY:
        raise ValueError(f"engine `{engine}` is not of the MergeTree family")
    columns = ", ".join(f"`{name}` {kind}" for name, kind in table["columns"])
    key = table.get("sorting_key") or "tuple()"
    name = f"{database}.`{table['name']}`"
    yield f"CREATE TABLE {name} ({columns}) ENGINE = {engine} ORDER BY ({key}) SETTINGS allow_nullable_key = 1"
    if any(kind.startswith("AggregateFunction(") for _, kind in table["columns"]):
        yield "SET aggregate_function_input_format = 'array'"
    if table["rows"]:
        rows = "\n".join(json.dumps(row, ensure_ascii=False) for row in table["rows"])
        yield f"INSERT INTO {name} FORMAT JSONEachRow {rows}"


class Worker:
    """One chdb session and the databases that it holds."""

    def __init__(self):
        from chdb.session import Session

        self.session = Session()
        self.databases = {}
        for name, value in SETTINGS.items():
            literal = f"'{value}'" if isinstance(value, str) else value
            self.session.query(f"SET {name} = {literal}")

    def database(self, tables):
        """The database that holds these tables, made when it is new."""
        key = content_hash(tables)[:16]
        if key in self.databases:
            return self.databases[key]
        if len(self.databases) >= DATABASES_MAX:
            for old in self.databases.values():
                self.session.query(f"DROP DATABASE {old}")
            self.databases.clear()
        name = f"case_{key}"
        self.session.query(f"DROP DATABASE IF EXISTS {name}")
        self.session.query(f"CREATE DATABASE {name} ENGINE = Atomic")
        for table in tables:
            for statement in create_statements(name, table):
                self.session.query(statement)
        self.databases[key] = name
        return name

    def answer(self, case):
        """The answer's line; rows are spliced in as ClickHouse wrote them, for no number to be rounded on the way."""
        head = {"id": case["id"]}
        try:
            self.session.query(f"USE {self.database(case['tables'])}")
        except Exception as error:
            return json.dumps(head | {"status": "error", "message": f"tables: {error}"[:2000]})
        try:
            text = self.session.query(case["query"], FORMAT).bytes().decode("utf-8", "replace")
        except Exception as error:
            return json.dumps(head | {"status": "error", "message": str(error)[:2000]})
        lines = text.split("\n")
        if len(lines) < 3:
            return json.dumps(head | {"status": "error", "message": "no header in the answer; does the query set a FORMAT?"})
        names, types = json.loads(lines[0]), json.loads(lines[1])
        head |= {"status": "ok", "columns": list(zip(names, types))}
        rows = ",".join(line for line in lines[2:] if line)
        return json.dumps(head, ensure_ascii=False)[:-1] + f', "rows": [{rows}]}}'


def serve():
    """Cases on standard input, answers on what was standard output; chdb's own prints go to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    worker = Worker()
    version = worker.session.query("SELECT version()", "TabSeparatedRaw").bytes().decode().strip()
    print(version, file=out, flush=True)
    for line in sys.stdin:
        print(worker.answer(json.loads(line)), file=out, flush=True)


# --- the parent ----------------------------------------------------------------------------------------------------------------


class Process:
    """A worker process; it is replaced when it dies or takes too long."""

    def __init__(self, timeout_s):
        self.timeout_s, self.child, self.version = timeout_s, None, None

    def start(self):
        command = [sys.executable, __file__, "--serve"]
        self.folder = tempfile.TemporaryDirectory(prefix="clicksql-", ignore_cleanup_errors=True)
        environment = os.environ | {"TZ": "UTC", "TMPDIR": self.folder.name}
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                      env=environment, bufsize=0)
        self.buffer = b""
        self.version = self.line(120)
        if self.version is None:
            raise SystemExit("failed to start chdb; does this Python have the package `chdb`?")

    def line(self, timeout_s):
        """The next line of the worker, or None when it died or is too slow."""
        while b"\n" not in self.buffer:
            ready, _, _ = select.select([self.child.stdout], [], [], timeout_s)
            part = os.read(self.child.stdout.fileno(), 1 << 20) if ready else b""
            if not part:
                self.late = not ready
                return None
            self.buffer += part
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode("utf-8")

    def stop(self):
        if self.child:
            self.child.kill()
            self.child.wait()
            self.child = None
            self.folder.cleanup()

    def ask(self, case):
        if self.child is None:
            self.start()
        payload = {"id": case["id"], "tables": case["tables"], "query": case["query"]}
        try:
            self.child.stdin.write(json.dumps(payload).encode() + b"\n")
            answer = self.line(self.timeout_s)
        except BrokenPipeError:
            answer, self.late = None, False
        if answer is None:
            what = "timeout" if self.late else "crash"
            self.stop()
            return json.dumps({"id": case["id"], "status": "error", "message": f"oracle: {what}"})
        return answer


class Cache:
    """Answers by content; an answer is stored without its id."""

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(folder / "answers.sqlite", check_same_thread=False, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL)")
        self.lock = threading.Lock()

    def get(self, key):
        with self.lock:
            row = self.db.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
        return row and row[0]

    def put(self, key, answer):
        with self.lock:
            self.db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, answer))


def oracle_version():
    """The version of the package, which is known without starting it."""
    from importlib.metadata import version

    return version("chdb")


def transient(answer):
    """Whether the machine rather than the query is to blame: a busy machine must not leave its mark in the cache."""
    return '"message": "oracle: ' in answer or "TIMEOUT_EXCEEDED" in answer


def with_id(answer, case_id):
    """The stored line under the id of this case; the rest of the text stays as it is."""
    comma = answer.index(", \"status\"")
    return '{"id": ' + json.dumps(case_id) + answer[comma:]


def answers(cases, cache_folder, jobs=2, timeout_s=TIMEOUT_S, progress=True):
    """The answer lines to `cases`, in their order."""
    cache, version = Cache(Path(cache_folder)), oracle_version()
    hashes = {}
    found, todo = {}, queue.Queue()
    for index, case in enumerate(cases):
        tables = tuple(hashes.setdefault(id(t), content_hash(t)) for t in case["tables"])
        key = content_hash([version, SETTINGS, tables, case["query"]])
        stored = cache.get(key)
        if stored is None:
            todo.put((index, key, case))
        else:
            found[index] = with_id(stored, case["id"])
    total = todo.qsize()

    def work():
        process = Process(timeout_s)
        while True:
            try:
                index, key, case = todo.get_nowait()
            except queue.Empty:
                break
            found[index] = process.ask(case)
            if transient(found[index]):
                found[index] = process.ask(case)
            if not transient(found[index]):
                cache.put(key, found[index])
            if progress and todo.qsize() % 500 == 0:
                print(f"oracle: {total - todo.qsize()}/{total}", file=sys.stderr)
        process.stop()

    threads = [threading.Thread(target=work) for _ in range(min(jobs, total))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[index] for index in range(len(cases))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="?")
    parser.add_argument("--serve", action="store_true", help="be a worker")
    parser.add_argument("--cache", default="clicksql-cache")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    if options.serve:
        return serve()
    with open(options.cases, encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    for line in answers(cases, options.cache, options.jobs):
        print(line)


if __name__ == "__main__":
    main()
