"""Tables: delimited text, JSON, Parquet, Arrow, spreadsheets; and sparse arrays stored as tables."""

import gzip
import io
import json
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq


def plain_frame():
    """100 rows of whole numbers, floats, text and flags."""
    rng = np.random.default_rng(1)
    n = 100
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "x": rng.normal(size=n).round(6),
            "name": [f"row {i:03d}" for i in range(n)],
            "flag": rng.integers(0, 2, n).astype(bool),
        }
    )


def typed_table():
    """One column for each Arrow type that a data file commonly has, with nulls where they are usual."""
    n = 20
    rng = np.random.default_rng(2)
    columns = {}
    for bits in (8, 16, 32, 64):
        columns[f"i{bits}"] = pa.array(rng.integers(-100, 100, n), pa.int64()).cast(f"int{bits}")
        columns[f"u{bits}"] = pa.array(rng.integers(0, 200, n), pa.int64()).cast(f"uint{bits}")
    columns["f32"] = pa.array(rng.normal(size=n).astype("f4"))
    columns["f64"] = pa.array(rng.normal(size=n))
    columns["f64_nan"] = pa.array([np.nan if i % 5 == 0 else i / 4 for i in range(n)])
    columns["flag"] = pa.array([i % 3 == 0 for i in range(n)])
    columns["text"] = pa.array([f"größe {i}" for i in range(n)])
    columns["text_null"] = pa.array([None if i % 4 == 0 else f"t{i}" for i in range(n)])
    columns["when"] = pa.array(pd.date_range("2024-02-28", periods=n, freq="h"))
    columns["when_us"] = columns["when"].cast(pa.timestamp("us"))
    columns["when_utc"] = columns["when"].cast(pa.timestamp("ns", tz="UTC"))
    return pa.table(columns)


def wide_frame():
    """600 columns with long names: a request for all of them does not fit into a URL."""
    rng = np.random.default_rng(3)
    return pd.DataFrame({f"a_rather_long_column_name_{i:04d}": rng.integers(0, 9, 5) for i in range(600)})


def write_tables(folder):
    frame = plain_frame()
    frame.to_csv(folder / "plain.csv", index=False)
    frame.to_csv(folder / "tabs.tsv", index=False, sep="\t")
    packed = frame.to_csv(index=False).encode()
    (folder / "packed.csv.gz").write_bytes(gzip.compress(packed, mtime=0))
    (folder / "quoted.csv").write_text(
        'key,text,größe\n1,"a, b",1.5\n2,"say ""hi""",2.5\n3,"two\nlines",3.5\n4,ünïcödé ✓,4.5\n', encoding="utf-8"
    )
    (folder / "missing.csv").write_text("a,b,c\n1,1.5,x\n2,,\n,3.5,z\n4,NaN,\n")
    (folder / "empty.csv").write_text("a,b,c\n")
    (folder / "crlf.csv").write_bytes(b"a,b\r\n1,2\r\n3,4\r\n")
    (folder / "bom.csv").write_bytes(b"\xef\xbb\xbfa,b\r\n1,2\r\n3,4\r\n")
    rows = [{"a": i, "b": i / 2, "c": f"r{i}", "d": i % 2 == 0} for i in range(10)]
    (folder / "records.json").write_text(json.dumps(rows))
    (folder / "lines.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    gaps = [{"a": 1, "b": "x"}, {"a": 2}, {"b": "ž", "c": None}, {"a": 4, "b": "w", "c": 1.5}]
    (folder / "gaps.jsonl").write_text("\n".join(json.dumps(row) for row in gaps))
    write_parquet(folder)
    write_arrow(folder)
    write_xlsx(folder / "book.xlsx")


def write_parquet(folder):
    table = typed_table()
    pq.write_table(table, folder / "typed.parquet", row_group_size=7, compression="zstd")
    indexed = plain_frame().set_index("name")
    indexed.to_parquet(folder / "indexed.parquet")
    frame = plain_frame()
    parts = folder / "parts.parquet"
    parts.mkdir()
    for i in range(4):
        frame.iloc[25 * i : 25 * (i + 1)].to_parquet(parts / f"part.{i}.parquet", index=False, compression="gzip")
    frame["site"] = np.where(frame["id"] < 40, "north", "south")
    pq.write_to_dataset(
        pa.Table.from_pandas(frame, preserve_index=False),
        folder / "hive.parquet",
        partition_cols=["site"],
        basename_template="data-{i}.parquet",
    )
    wide_frame().to_parquet(folder / "wide.parquet", index=False)


def write_arrow(folder):
    table = typed_table()
    with pa.ipc.new_file(folder / "ipc.arrow", table.schema) as sink:
        for batch in table.to_batches(max_chunksize=6):
            sink.write_batch(batch)
    pa.feather.write_feather(table, folder / "light.feather", compression="lz4")


def write_xlsx(path):
    book = openpyxl.Workbook()
    book.active.title = "First"
    book.active.append(["n", "x", "label"])
    for i in range(12):
        book.active.append([i, i * 0.25, f"L{i}"])
    second = book.create_sheet("Second sheet")
    second.append(["when", "ok"])
    for when in pd.date_range("2024-01-01", periods=4):
        second.append([when.to_pydatetime(), when.day % 2 == 0])
    buffer = io.BytesIO()
    book.save(buffer)
    path.write_bytes(dateless_zip(buffer))


def dateless_zip(buffer):
    """The same archive with the zip epoch as every entry's date."""
    target = io.BytesIO()
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED)
    return target.getvalue()


def sparse_coordinates(shape, count, seed):
    """`count` sorted distinct cells of `shape`, and a value for each."""
    rng = np.random.default_rng(seed)
    flat = np.sort(rng.choice(int(np.prod(shape)), count, replace=False))
    return np.stack(np.unravel_index(flat, shape)), rng.normal(size=count)


def write_sparse(folder):
    for name, shape, count in (("plane", (30, 20), 40), ("cube", (6, 7, 8), 25), ("line", (100,), 9)):
        coords, data = sparse_coordinates(shape, count, seed=len(shape))
        columns = {f"dim{i}": c for i, c in enumerate(coords)} | {"data": data}
        table = pa.table(columns).replace_schema_metadata({"shape": json.dumps(shape)})
        pq.write_table(table, folder / f"{name}.parquet")
