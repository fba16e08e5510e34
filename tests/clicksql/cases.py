"""Case files: what the folder `cases/` holds, read into the lines that `tile sql cases` and the oracle take.

    python3 cases.py [GROUP[/FILE] …] > cases.jsonl

A group is a folder, a file is one function or one clause, a statement is one unindented line with the indented lines below it.

    # a comment
    @from nums                     the table of the `=` lines below
    @let T i8 u64 f32              `{T}` stands for each word in turn; with `|` between them the words may hold blanks
    @tags approx=1e-9              for all statements below, until the next @tags
    = round({T})                   SELECT id, round(i8) AS r FROM nums ORDER BY id, compared in order
    ? round(2.5)                   SELECT round(2.5) AS r
    SELECT i8 FROM nums            any query, compared as a multiset …
      ORDER BY id  ;; ordered      … unless its order is total

Tags: `ordered`; `approx=R`, a relative tolerance for numbers; `error`, ClickHouse refuses the query and so should we;
`permissive`, ClickHouse refuses and we may answer; `maybe`, whether ClickHouse accepts it is for ClickHouse to say (for `{T}`).

Tables stand in `tables.sql`, in `cases/` and in a group's folder, one column with all its values per line:

    @table nums MergeTree id
      id UInt32            [1, 2, 3]
      s  Nullable(String)  ["a", null, "~"]       "~" leaves the key out of the row

A state of an aggregate function is a text with an array of its values: `"[1, 2]"`, `"[\\"a\\"]"`, `"[('x', 1)]"`.

A case carries those tables whose name its query mentions. Nothing here knows what a query means.
"""

import itertools
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent / "cases"
MISSING = "~"


def load_tables(path):
    """The tables that one `tables.sql` declares, by name."""
    tables, table = {}, None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line.startswith("@table "):
            words = line.split(None, 3)
            key = words[3] if len(words) > 3 else ""
            table = {"name": words[1], "columns": [], "engine": words[2], "sorting_key": key, "rows": []}
            tables[words[1]] = table
            continue
        match = re.match(r"\s+(\w+)\s+(.*?)\s+(\[.*\])\s*$", line)
        if not match:
            raise SystemExit(f"{path}:{number}: expected `name Type [values]`, found `{line.strip()}`")
        name, kind, values = match[1], match[2], json.loads(match[3])
        if not table["columns"]:
            table["rows"] = [{} for _ in values]
        if len(values) != len(table["rows"]):
            raise SystemExit(f"{path}:{number}: `{name}` has {len(values)} values, expected {len(table['rows'])}")
        table["columns"].append([name, kind])
        for row, value in zip(table["rows"], values):
            if value != MISSING:
                row[name] = value
    return tables


def statements(path):
    """(line number, text) of each statement and directive of a file."""
    number, lines = 0, []
    for here, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line[0].isspace():
            lines.append(line.strip())
            continue
        if lines:
            yield number, "\n".join(lines)
        number, lines = here, [line.rstrip()]
    if lines:
        yield number, "\n".join(lines)


def expand(text, lets):
    """All texts that `{name}` of @let stand for."""
    names = list(dict.fromkeys(n for n in re.findall(r"\{([A-Za-z]\w*)\}", text) if n in lets))
    for values in itertools.product(*(lets[name] for name in names)):
        chosen = dict(zip(names, values))
        yield re.sub(r"\{([A-Za-z]\w*)\}", lambda m: chosen.get(m[1], m[0]), text)


def read_tags(words):
    """The fields of a case that its tags set."""
    fields = {}
    for word in words.split():
        name, _, value = word.partition("=")
        if name not in ("ordered", "approx", "error", "permissive", "maybe"):
            raise SystemExit(f"unknown tag `{word}`")
        fields[name] = float(value) if name == "approx" else True
    return fields


def used_tables(query, tables):
    """The declared tables whose name stands in the query."""
    words = set(re.findall(r"\w+", query))
    return [table for name, table in tables.items() if name in words]


def load_file(path, group, tables):
    """The cases of one file."""
    lets, source, standing = {}, None, ""
    for number, text in statements(path):
        if text.startswith("@"):
            word, _, rest = text[1:].partition(" ")
            rest = rest.strip()
            if word == "from":
                source = rest
            elif word == "tags":
                standing = rest
            elif word == "let":
                name, _, values = rest.partition(" ")
                parts = values.split("|") if "|" in values else values.split()
                lets[name] = [part.strip() for part in parts]
            else:
                raise SystemExit(f"{path}:{number}: unknown directive `@{word}`")
            continue
        body, _, own = text.partition(";;")
        fields = read_tags(standing) | read_tags(own)
        body = body.strip().rstrip(";")
        if body.startswith("= "):
            body = f"SELECT id, {body[2:]} AS r FROM {source} ORDER BY id"
            fields["ordered"] = True
        elif body.startswith("? "):
            body = f"SELECT {body[2:]} AS r"
        queries = list(expand(body, lets))
        for index, query in enumerate(queries):
            suffix = f".{index}" if len(queries) > 1 else ""
            case = {"id": f"{group}/{path.stem}:{number}{suffix}", "group": group, "subject": path.stem}
            yield case | fields | {"tables": used_tables(query, tables), "query": query}


def load(selection=(), root=ROOT):
    """All cases, or those of the groups and files that are named, sorted by file and line."""
    common = load_tables(root / "tables.sql")
    cases = []
    for folder in sorted(p for p in root.iterdir() if p.is_dir()):
        own = folder / "tables.sql"
        tables = common | (load_tables(own) if own.exists() else {})
        for path in sorted(folder.glob("*.sql")):
            name = f"{folder.name}/{path.stem}"
            if path != own and (not selection or folder.name in selection or name in selection):
                cases.extend(load_file(path, folder.name, tables))
    return cases


if __name__ == "__main__":
    for case in load(sys.argv[1:]):
        print(json.dumps(case, ensure_ascii=False))
