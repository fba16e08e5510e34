#!/usr/bin/env python3
"""same_table.py arrow|csv ONE OTHER: are two table answers equal? Prints the first difference and exits with 1 if not."""

import sys

import pyarrow as pa
import pyarrow.csv


def load(kind: str, path: str) -> pa.Table:
    if kind == "csv":
        return pyarrow.csv.read_csv(path)
    with pa.ipc.open_file(path) as reader:
        return reader.read_all()


def difference(one: pa.Table, other: pa.Table) -> str | None:
    if one.schema.names != other.schema.names:
        return f"columns {one.schema.names} and {other.schema.names}"
    if one.num_rows != other.num_rows:
        return f"{one.num_rows} rows and {other.num_rows} rows"
    for name in one.schema.names:
        left, right = one.column(name), other.column(name)
        if left.type != right.type:
            return f"column {name} is {left.type} and {right.type}"
        if not left.equals(right):
            return f"column {name} holds other values"
    return None


found = difference(load(sys.argv[1], sys.argv[2]), load(sys.argv[1], sys.argv[3]))
if found:
    sys.exit(found)
