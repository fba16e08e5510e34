#!/usr/bin/env python3
"""same_table.py arrow|csv ONE OTHER: are two table answers equal? Prints the first difference and exits with 1 if not."""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.csv


def load(kind: str, path: str) -> pa.Table:
    if kind == "csv":
        return pyarrow.csv.read_csv(path)
    with pa.ipc.open_file(path) as reader:
        table = reader.read_all()
    # The original adds the row numbers of pandas, which no file holds.
    extra = [name for name in table.schema.names if name.startswith("__index_level_")]
    table = table.drop_columns(extra)
    # The width of offsets is no difference in the text.
    narrow = [pa.field(f.name, pa.string()) if f.type == pa.large_string() else f for f in table.schema]
    return table.cast(pa.schema(narrow, metadata=table.schema.metadata))


def same(left: pa.ChunkedArray, right: pa.ChunkedArray) -> bool:
    if not pa.types.is_floating(left.type):
        return left.equals(right)
    # pandas' reader of CSV misses the nearest float in every third row, by up to 1e-12 of its size; ours does not.
    return np.allclose(left.to_numpy(), right.to_numpy(), rtol=2e-12, atol=0, equal_nan=True)


def difference(one: pa.Table, other: pa.Table) -> str | None:
    if one.schema.names != other.schema.names:
        return f"columns {one.schema.names} and {other.schema.names}"
    if one.num_rows != other.num_rows:
        return f"{one.num_rows} rows and {other.num_rows} rows"
    for name in one.schema.names:
        left, right = one.column(name), other.column(name)
        if left.type != right.type:
            return f"column {name} is {left.type} and {right.type}"
        if not same(left, right):
            return f"column {name} holds other values"
    return None


found = difference(load(sys.argv[1], sys.argv[2]), load(sys.argv[1], sys.argv[3]))
if found:
    sys.exit(found)
