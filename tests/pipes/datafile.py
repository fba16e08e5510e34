"""What the package `tinybird` makes of the files in `datafile/*.cases`.

    python datafile.py --verify     # compares, for the test command
    python datafile.py --write      # puts its answers into the files, after new cases

A case is `==== name.ext | title`, the file's text, and `---- real: <answer>`. Where this project answers differently on purpose, a line
`---- ours: <answer>` with the reason in `why` follows; that one is written by hand. The tests of the crate compare with these lines.
"""

import argparse
import contextlib
import io
import json
import os
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent / "datafile"
SECRETS = {"known": "from the secret", "servers": "a:9092,b:9092", "empty": ""}
COLOURS = re.compile(r"\x1b\[\d*m")


def answer(name, text):
    """The record of a file, or the first error."""
    from click import ClickException
    from tinybird.datafile.common import DatafileSyntaxError
    from tinybird.datafile.parse_connection import parse_connection
    from tinybird.datafile.parse_datasource import parse_datasource
    from tinybird.datafile.parse_pipe import parse_pipe

    kind = name.rsplit(".", 1)[1]
    parse = {"datasource": parse_datasource, "pipe": parse_pipe, "connection": parse_connection}[kind]
    record = {"datasource": datasource, "pipe": pipe, "connection": connection}[kind]
    noise = io.StringIO()
    try:
        with contextlib.redirect_stderr(noise), contextlib.redirect_stdout(noise):
            result = parse(name, content=text, secrets=SECRETS)
            doc = record(result.datafile)
    except DatafileSyntaxError as error:
        return {
            "fault": error.message,
            "hint": error.hint,
            "line": error.lineno,
            "column": error.pos,
            "text": str(error) if error.context else None,
        }
    except ClickException as error:
        return {"fault": COLOURS.sub("", error.message)}
    except Exception as error:  # whatever it raises is its answer
        return {"fault": COLOURS.sub("", str(error))}
    doc["warnings"] = [str(warning) for warning in result.warnings]
    return {"record": doc}


def single_spaced(text):
    """Runs of blanks outside quotes are one space, as the API's records have them."""
    if text is None:
        return None
    parts = re.split(r"""('[^']*'|"[^"]*")""", text.strip())
    return "".join(part if i % 2 else re.sub(r"\s+", " ", part) for i, part in enumerate(parts))


def common(doc):
    return {
        "description": doc.description or None,
        "tokens": [[token["token_name"], token["permission"]] for token in doc.tokens],
        "tags": [tag for tag in doc.filtering_tags or [] if tag],
    }


def datasource(doc):
    from tinybird.ch_utils.engine import engine_full_from_dict
    from tinybird.datafile.common import schema_to_sql_columns
    from tinybird.utils.bools import parse_bool

    node = dict(doc.nodes[0])
    node.pop("schema")
    columns = node.pop("columns")
    for column in columns:
        for key in ("type", "codec", "default_value"):
            column[key] = single_spaced(column[key])
    engine = node.pop("engine", {"type": None, "args": []})
    options = {key: value for key, value in engine["args"] if value}
    full = engine_full_from_dict(engine["type"] or "MergeTree", options, columns=columns)
    indexes = [
        {
            "name": index.name,
            "expr": single_spaced(index.expr),
            "type_full": single_spaced(index.type_full),
            "granularity": index.granularity,
        }
        for index in node.pop("indexes", [])
    ]
    operational = node.pop("tags", None)
    for key in ("name", "description", "forward_query"):
        node.pop(key, None)
    if "backfill" in node:
        node["backfill"] = node["backfill"].lower()
    for key in ("kafka_store_raw_value", "kafka_store_headers"):
        if node.get(key):
            node[key] = parse_bool(node[key])
    return common(doc) | {
        "columns": columns,
        "schema": ",".join(schema_to_sql_columns(columns)),
        "indexes": indexes,
        "engine": full,
        "operational_tags": operational,
        "shared_with": doc.shared_with,
        "forward_query": doc.forward_query,
        "values": {key: value for key, value in node.items() if value != ""},
    }


DEFAULTS = {
    "copy": {"mode": "append", "copy_schedule": "@on-demand", "on_demand_compute": False},
    "sink": {"export_schedule": "@on-demand"},
}


def pipe(doc):
    nodes = []
    for node in doc.nodes:
        values = {key: value for key, value in node.items() if value != ""}
        kind = (values.pop("type", "") or "standard").lower()
        nodes.append(
            {
                "name": values.pop("name"),
                "description": values.pop("description", None) or None,
                "sql": values.pop("sql"),
                "type": kind,
                "values": DEFAULTS.get(kind, {}) | values,
            }
        )
    return common(doc) | {"nodes": nodes}


KINDS = {"s3_iamrole": "s3", "gcs_hmac": "gcs", "gcs_service_account": "gcs", "postgresql": "postgres"}


def connection(doc):
    values = {key: value for key, value in doc.nodes[0].items() if value != ""}
    kind = values.pop("type").lower()
    values.pop("name")
    values.pop("description", None)
    return {"description": doc.description or None, "type": KINDS.get(kind, kind), "values": values}


def canonical(value):
    """Lists that the package prints from sets have no order."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    lists = re.compile(r"(\[|\{)('[a-z_0-9-]+'(?:, '[a-z_0-9-]+')*)(\]|\})")
    return lists.sub(lambda m: m[1] + ", ".join(sorted(m[2].split(", "))) + m[3], text)


def cases(path):
    """(header, name, text, lines of answers) of each case."""
    for block in re.split(r"^(?=={4} )", path.read_text(), flags=re.M):
        if not block.strip():
            continue
        if not block.startswith("==== "):
            raise SystemExit(f"{path}: text before the first case")
        header, _, rest = block.partition("\n")
        text, _, answers = rest.partition("---- ")
        name = header.removeprefix("==== ").split(" | ")[0]
        yield header, name, text, ["---- " + line for line in answers.split("---- ") if line]


def schedules(path):
    """The lines of the file with the package's verdict; a third field is ours, where it differs on purpose."""
    from croniter import croniter

    for line in path.read_text().splitlines():
        # Fields may hold a tab themselves only in front of the verdict.
        schedule, *fields = re.split(r"\t(?=(?:in)?valid)", line)
        verdict = "valid" if schedule == "@on-demand" or croniter.is_valid(schedule) else "invalid"
        yield line, "\t".join([schedule, verdict, *fields[1:]])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--verify", action="store_true")
    mode.add_argument("--write", action="store_true")
    options = parser.parse_args()
    # Names behind a `$` must not meet this machine's environment.
    os.environ.clear()
    count = different = 0
    for path in sorted(HERE.glob("*.cases")):
        out = []
        for header, name, text, answers in cases(path):
            count += 1
            real = "---- real: " + canonical(answer(name, text)) + "\n"
            ours = [line for line in answers if line.startswith("---- ours: ")]
            if options.verify and [real, *ours] != answers:
                different += 1
                print(f"{path.name}: {header}\n  has {answers[0] if answers else None}  now {real}")
            out.append("".join([header, "\n", text, real, *ours]))
        if options.write:
            path.write_text("".join(out))
    path = HERE / "schedules.tsv"
    lines = list(schedules(path))
    count += len(lines)
    for old, new in lines:
        if options.verify and old != new:
            different += 1
            print(f"{path.name}: {old}\n  now {new}")
    if options.write:
        path.write_text("".join(new + "\n" for _, new in lines))
    print(f"{count} cases, {different} differ" if options.verify else f"{count} cases written")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
