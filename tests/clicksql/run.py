"""The differential test: the same queries through `tile sql cases` and through ClickHouse (chdb), compared.

    python3 run.py --tile target/release/tile                          all case files
    python3 run.py --tile PATH --only strings dates/toStartOfWeek      some groups or files
    python3 run.py --tile PATH --random 1 500                          500 random queries of seed 1, no case files
    python3 run.py --tile PATH --cases --random 1 500 --gaps gaps.md   both, and a list of what is missing
    python3 run.py --tile PATH --every 5                               every fifth case of the files
    python3 run.py --check                                             the oracle against itself: are all cases valid?

Run it with a Python that has `chdb`. Exit code 1 when an answer is `different` (or, with --check, a case is invalid).
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import cases as case_files
import compare
import oracle

BATCH = 250
BATCH_TIMEOUT_S = 600
REPOSITORY = Path(__file__).resolve().parents[2]
KEYWORDS = {"in", "as", "over", "and", "or", "not", "select", "from", "values", "using", "on", "by", "with", "when", "then",
            "else", "where", "having", "case", "between", "limit", "except", "replace", "union", "all", "any", "join", "interval",
            "key", "exists", "like", "ilike", "offset", "intersect", "distinct", "prewhere", "rows", "range"}


def functions_of(query):
    """The function names of a query, as it spells them."""
    bare = re.sub(r"'(?:[^'\\]|\\.|'')*'", "''", query)
    names = re.findall(r"\b([A-Za-z_]\w*)\s*\(", bare)
    return sorted({name for name in names if name.lower() not in KEYWORDS})


def ask_tile(tile, cases):
    """Our answer lines. A crash or a hang costs the case in which it happens; the rest of the batch goes on."""
    lines = []
    for start in range(0, len(cases), BATCH):
        rest = cases[start:start + BATCH]
        while rest:
            done, failure = run_batch(tile, rest)
            lines += done
            if not failure or len(done) >= len(rest):
                break
            victim = rest[len(done)]
            lines.append(json.dumps({"id": victim["id"], "status": "error", "message": failure}))
            rest = rest[len(done) + 1:]
    return lines


def run_batch(tile, cases):
    """(answer lines, why the program stopped early or None)."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for case in cases:
            file.write(json.dumps({k: case[k] for k in ("id", "tables", "query")}, ensure_ascii=False) + "\n")
        file.flush()
        command = [tile, "sql", "cases", file.name]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=BATCH_TIMEOUT_S)
            failure = None
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            failure = f"timeout of {BATCH_TIMEOUT_S} s"
    lines = [line for line in out.decode("utf-8", "replace").split("\n") if line.startswith("{")]
    if failure is None and len(lines) < len(cases):
        failure = f"crash, exit code {process.returncode}: {err.decode('utf-8', 'replace')[-300:]}"
    return lines, failure


def by_function(verdicts):
    """One row per (verdict, function), for the table by function."""
    return [v | {"function": name} for v in verdicts for name in functions_of(v["query"]) or ["-"]]


def gap_key(verdict):
    """What a failing case should be counted under: the name that our message quotes, else the file's subject."""
    quoted = re.findall(r"`([^`]+)`", verdict["detail"]) if verdict["class"] in ("refused", "error") else []
    names = {name.lower(): name for name in functions_of(verdict["query"])}
    for word in quoted:
        if word.lower() in names:
            return names[word.lower()]
    return verdict["subject"]


def gaps(verdicts):
    """Failing functions and clauses, most cases first, with one example."""
    found = defaultdict(list)
    for verdict in verdicts:
        if verdict["class"] in ("different", "refused", "error"):
            found[gap_key(verdict)].append(verdict)
    rows = []
    for name, failing in found.items():
        example = min(failing, key=lambda v: (v["class"] != "different", len(v["query"])))
        classes = Counter(v["class"] for v in failing)
        rows.append({"name": name, "cases": len(failing), "classes": dict(sorted(classes.items())), "id": example["id"],
                     "query": example["query"], "class": example["class"], "message": example["detail"]})
    return sorted(rows, key=lambda row: (-row["cases"], row["name"]))


def write_gaps(path, verdicts):
    """The gaps as Markdown, or as JSON when the file's name ends so."""
    rows = gaps(verdicts)
    if path.endswith(".json"):
        Path(path).write_text(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    lines = ["| function or clause | cases | classes | example | message |", "|---|--:|---|---|---|"]
    for row in rows:
        classes = ", ".join(f"{name} {count}" for name, count in row["classes"].items())
        query, message = (cell(row[key]) for key in ("query", "message"))
        lines.append(f"| {row['name']} | {row['cases']} | {classes} | `{query}` | {message} |")
    Path(path).write_text("\n".join(lines) + "\n")


def cell(text):
    """A text that fits a Markdown table."""
    return re.sub(r"\s+", " ", text).replace("|", "\\|").replace("`", "'")[:200]


def invalid(cases, answers):
    """Cases whose validity is not what their tags say."""
    for case, line in zip(cases, answers):
        answer = json.loads(line)
        expected = "error" if case.get("error") else "ok"
        if answer["status"] != expected and not case.get("permissive") and not case.get("maybe"):
            yield case, answer


def check(cases, cache):
    """The oracle against itself: cached against fresh answers, and every case valid unless marked."""
    first = oracle.answers(cases, cache)
    with tempfile.TemporaryDirectory() as fresh:
        second = oracle.answers(cases, fresh)
    verdicts = compare.compare(cases, first, second)
    bad = list(invalid(cases, first))
    for case, answer in bad:
        print(f"INVALID {case['id']}\n    {case['query']}\n    -> {answer.get('message', 'ok, but marked `error`')[:300]}")
    for line in compare.listing(verdicts, ("different",), 50):
        print(line)
    print(compare.table(verdicts))
    valid = sum(json.loads(line)["status"] == "ok" for line in first)
    print(f"{len(cases)} cases, ClickHouse answers {valid}, {len(bad)} not as marked")
    return bool(bad) or any(v["class"] == "different" for v in verdicts)


def collect(options):
    """The cases that the command line asks for."""
    found = []
    if options.cases or options.only or not options.random:
        found += case_files.load(options.only or ())[::options.every]
    if options.random:
        import generate

        found += generate.cases(*options.random)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tile", help="the program under test")
    parser.add_argument("--cases", action="store_true", help="the case files (the default without --random)")
    parser.add_argument("--only", nargs="+", metavar="GROUP[/FILE]")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th case of the files")
    parser.add_argument("--random", nargs=2, type=int, metavar=("SEED", "COUNT"))
    parser.add_argument("--gaps", metavar="FILE", help="write what is missing as .md or .json")
    parser.add_argument("--verdicts", metavar="FILE", help="write one JSON line per case")
    parser.add_argument("--list", type=int, default=40, metavar="N", help="differences to print")
    parser.add_argument("--by", choices=("group", "subject", "function"), default="group")
    parser.add_argument("--cache", default=os.environ.get("CLICKSQL_CACHE", str(REPOSITORY / "target" / "clicksql")))
    parser.add_argument("--check", action="store_true", help="the oracle against itself")
    options = parser.parse_args()
    cases = collect(options)
    if options.check:
        return check(cases, options.cache)
    if not options.tile:
        parser.error("expected --tile PATH or --check")
    theirs = oracle.answers(cases, options.cache)
    verdicts = compare.compare(cases, ask_tile(options.tile, cases), theirs)
    verdicts = [v | {"subject": case["subject"]} for v, case in zip(verdicts, cases)]
    verdicts = list(set_known_apart(verdicts))
    report(options, verdicts)
    return any(v["class"] == "different" for v in verdicts)


def known_differences():
    """The differences that stay, each with its reason: a pattern that finds the query, a tab, the reason."""
    lines = (Path(__file__).parent / "known.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(re.compile(pattern), reason) for pattern, reason in pairs]


def set_known_apart(verdicts):
    """Verdicts with `known` in the place of `different` where a reason is on record."""
    known = known_differences()
    for verdict in verdicts:
        reasons = [reason for pattern, reason in known if pattern.search(verdict["query"])]
        if verdict["class"] == "different" and reasons:
            verdict |= {"class": "known", "detail": f"{reasons[0]}: {verdict['detail']}"}
        yield verdict


def report(options, verdicts):
    """Everything that is printed and written."""
    for line in compare.listing(verdicts, ("different",), options.list):
        print(line)
    if options.by == "function":
        print(compare.table(by_function(verdicts), "function"))
    elif options.by == "subject":
        print(compare.table(verdicts, "subject"))
    print(compare.table(verdicts))
    if options.gaps:
        write_gaps(options.gaps, verdicts)
    if options.verdicts:
        text = "".join(json.dumps(v, ensure_ascii=False) + "\n" for v in verdicts)
        Path(options.verdicts).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
