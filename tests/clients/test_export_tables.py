"""Tables, containers and datasets in every export format, read back by the format's own library."""

import io
import json

import h5py
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xarray as xr
from fixtures_tables import plain_frame
from helpers import exported, fixture, same_frame
from test_export_arrays import html_table

FRAME = plain_frame()
READERS = {
    "arrow": lambda body: pa.ipc.open_file(body).read_pandas(),
    "feather": lambda body: pa.ipc.open_file(body).read_pandas(),
    "parquet": lambda body: pd.read_parquet(io.BytesIO(body)),
    "csv": lambda body: pd.read_csv(io.BytesIO(body)),
    "text/plain": lambda body: pd.read_csv(io.BytesIO(body)),
    "text/x-comma-separated-values": lambda body: pd.read_csv(io.BytesIO(body)),
    "application/vnd.ms-excel": lambda body: pd.read_csv(io.BytesIO(body)),
    "json": lambda body: pd.DataFrame(json.loads(body)),
    "application/json-seq": lambda body: pd.DataFrame([json.loads(row) for row in body.decode().split("\x1e")[1:]]),
}


@pytest.mark.parametrize("suffix", [suffix for suffix in READERS if suffix != "feather"])
def test_table(client, suffix):
    same_frame(READERS[suffix](exported(client["tables", "plain"], suffix)), FRAME)


def test_feather_is_arrow(http):
    aliases = http.get("").json()["aliases"]["table"]
    response = http.get("table/full/tables/plain", params={"format": "feather"})
    if "feather" in aliases.get("application/vnd.apache.arrow.file", []):
        same_frame(READERS["feather"](response.content), FRAME)
    else:
        assert response.status_code == 406


def test_table_as_xlsx(client):
    body = exported(client["tables", "plain"], "xlsx")
    same_frame(pd.read_excel(io.BytesIO(body)), FRAME)
    assert [cell.value for cell in openpyxl.load_workbook(io.BytesIO(body)).active[1]] == list(FRAME.columns)


def test_table_as_html(client):
    page = exported(client["tables", "plain"], "html").decode()
    assert page.startswith('<table border="1" class="dataframe">')
    assert page.count("<tr") == 101
    for text in ("<th>name</th>", "<td>row 042</td>", "<td>True</td>"):
        assert text in page


def test_html_is_escaped(http):
    page = http.get("table/full/tables/quoted", params={"format": "html"}).text
    assert "<td>say \"hi\"</td>" in page or "<td>say &quot;hi&quot;</td>" in page
    assert "ünïcödé ✓" in page


def test_table_as_hdf5(client):
    with h5py.File(io.BytesIO(exported(client["tables", "plain"], "h5"))) as file:
        assert set(file) == set(FRAME.columns)
        assert np.array_equal(file["id"][()], FRAME["id"])
        assert np.array_equal(file["x"][()], FRAME["x"])
        assert [name.decode() for name in file["name"][()]] == list(FRAME["name"])


def test_some_columns(client):
    body = exported(client["tables", "plain"], "csv", columns=["x", "id"])
    same_frame(pd.read_csv(io.BytesIO(body)), FRAME[["x", "id"]])


@pytest.mark.parametrize("suffix", ["arrow", "parquet"])
def test_typed_table_keeps_its_types(client, suffix):
    expected = pq.read_table(fixture("tables", "typed.parquet"))
    body = exported(client["tables", "typed"], suffix)
    actual = pa.ipc.open_file(body).read_all() if suffix == "arrow" else pq.read_table(io.BytesIO(body))
    for name in expected.column_names:
        kind = actual.schema.field(name).type
        assert kind == expected.schema.field(name).type or pa.types.is_large_string(kind)
        # NaN may come back as null.
        assert [None if v != v else v for v in actual[name].to_pylist()] == [
            None if v != v else v for v in expected[name].to_pylist()
        ]


@pytest.mark.parametrize("suffix", ["csv", "json", "xlsx", "html"])
def test_typed_table_as_text(client, suffix):
    body = exported(client["tables", "typed"], suffix)
    expected = pd.read_parquet(fixture("tables", "typed.parquet"))
    if suffix == "csv":
        frame = pd.read_csv(io.BytesIO(body))
        assert list(frame["i8"]) == list(expected["i8"])
        assert list(pd.to_datetime(frame["when"])) == list(expected["when"])
        assert frame["text_null"].isna().sum() == 5
    if suffix == "json":
        columns = json.loads(body)
        assert columns["text_null"][:2] == [None, "t1"]
        assert columns["f64_nan"][0] is None
        assert columns["when"][0] == "2024-02-28T00:00:00"
        assert columns["when_utc"][0] == "2024-02-28T00:00:00+00:00"
    if suffix == "xlsx":
        assert list(pd.read_excel(io.BytesIO(body))["u16"]) == list(expected["u16"])
    if suffix == "html":
        assert b"gr\xc3\xb6\xc3\x9fe 7" in body


@pytest.mark.parametrize("name", ["quoted", "missing"])
def test_csv_round_trip(client, name):
    body = exported(client["tables", name], "csv")
    same_frame(pd.read_csv(io.BytesIO(body)), pd.read_csv(fixture("tables", f"{name}.csv")))


def test_column_of_a_table(client):
    body = exported(client["tables", "plain", "x"], "csv")
    assert np.allclose(np.loadtxt(io.BytesIO(body)), FRAME["x"])


def compare_groups(actual, expected, arrays):
    """The same tree: same keys, and the arrays below hold the same values."""
    assert set(actual) == set(expected)
    for path in arrays:
        assert np.array_equal(np.ravel(actual[path][()]), np.ravel(expected[path][()]))


def test_container_as_hdf5(client):
    with h5py.File(io.BytesIO(exported(client["hdf5", "scan"], "h5"))) as actual:
        with h5py.File(fixture("hdf5", "scan.nxs")) as expected:
            compare_groups(actual, expected, ["entry/data/counts", "entry/data/two_theta", "entry/title"])
            assert actual.attrs["default"] == "entry"
            assert actual["entry/data"].attrs["signal"] == "counts"
            assert actual["entry/data/two_theta"].attrs["units"] == "degrees"


def test_group_inside_a_file_as_hdf5(client):
    with h5py.File(io.BytesIO(exported(client["hdf5", "everything", "layouts"], "h5"))) as actual:
        with h5py.File(fixture("hdf5", "everything.h5")) as expected:
            compare_groups(actual, expected["layouts"], list(expected["layouts"]))


def test_zarr_group_as_hdf5(http):
    """Nested metadata does not fit into HDF5 attributes: the original refuses, a server may also find a way."""
    response = http.get("container/full/zarr/group_v3/sub", params={"format": "h5"})
    assert response.status_code in (200, 406)
    if response.status_code == 406:
        assert response.json()["detail"].startswith("This type is supported in general")
    else:
        with h5py.File(io.BytesIO(response.content)) as file:
            assert np.array_equal(file["grid"][()], np.arange(63.0).reshape(7, 9))


def test_folder_as_hdf5(client):
    with h5py.File(io.BytesIO(exported(client["samples"], "h5"))) as file:
        assert np.array_equal(file["s_c/data"][()], np.arange(30))
        assert np.array_equal(file["table/a"][()], [1, 2, 3])
        assert file["s_c"].attrs["color"] == "green"
        assert file["s_c"].attrs["temperature"] == 30


def test_some_children_as_hdf5(client):
    with h5py.File(io.BytesIO(exported(client["samples"], "h5", fields=["s_a", "s_b"]))) as file:
        assert set(file) == {"s_a", "s_b"}


def test_container_as_json(client):
    body = json.loads(exported(client["samples"], "json", fields=["s_a", "table"]))
    assert set(body) == {"contents", "metadata"}
    assert body["contents"]["s_a"]["contents"] == {"data": {"contents": {}, "metadata": {}}}
    assert body["contents"]["s_a"]["metadata"]["color"] == "red"
    assert body["contents"]["table"]["contents"] == {"a": {"contents": {}, "metadata": {}}}


def dataset(name):
    return xr.open_dataset(fixture("netcdf", f"{name}.nc"))


@pytest.mark.parametrize("name", ["classic", "modern", "line"])
def test_dataset_as_netcdf(client, tmp_path, name):
    client["netcdf", name].export(tmp_path / "out.nc")
    with xr.open_dataset(tmp_path / "out.nc") as actual, dataset(name) as expected:
        xr.testing.assert_allclose(actual, expected)
        assert actual.attrs["title" if name != "line" else "note"] == list(expected.attrs.values())[0]


@pytest.mark.parametrize("media", ["application/netcdf", "application/x-netcdf"])
def test_netcdf_has_two_names(http, media):
    response = http.get("container/full/netcdf/line", params={"format": media})
    assert response.status_code == 200
    assert response.headers["content-type"] == media
    assert response.content[:3] == b"CDF"


@pytest.mark.parametrize("name", ["classic", "line"])
def test_dataset_as_hdf5(client, name):
    with h5py.File(io.BytesIO(exported(client["netcdf", name], "h5"))) as file, dataset(name) as expected:
        for key in set(expected.variables) - {"time"}:
            assert np.allclose(file[key][()], expected[key].values)
        assert list(file.attrs.keys()) == list(expected.attrs)


DATASET_READERS = {
    "arrow": lambda body: pa.ipc.open_file(body).read_pandas().reset_index(),
    "parquet": lambda body: pd.read_parquet(io.BytesIO(body)).reset_index(),
    "json": lambda body: pd.DataFrame(json.loads(body)),
    "csv": lambda body: pd.read_csv(io.BytesIO(body)),
    "xlsx": lambda body: pd.read_excel(io.BytesIO(body)),
    "html": html_table,
}


@pytest.mark.parametrize("suffix", DATASET_READERS)
def test_dataset_as_a_table(client, suffix):
    frame = DATASET_READERS[suffix](exported(client["netcdf", "line"], suffix))
    assert list(frame["y"]) == [0, 1, 4, 9, 16, 25]
    assert list(frame["z"]) == [0, 1, 2, 3, 4, 5]


def test_some_variables_of_a_dataset_as_a_table(http):
    response = http.get("container/full/netcdf/line", params={"format": "json", "field": ["y"]})
    assert list(response.json()["y"]) == [0, 1, 4, 9, 16, 25]
    assert "z" not in response.json()


def test_dataset_of_several_axes_as_a_table(client):
    frame = pa.ipc.open_file(exported(client["netcdf", "classic"], "arrow")).read_pandas().reset_index()
    assert len(frame) == 4 * 3 * 5
    with dataset("classic") as expected:
        assert np.allclose(frame["t"], expected["t"].values.ravel())


def test_aliases_of_about_all_work(http):
    """Each suffix that the server advertises for tables and arrays is one that it answers."""
    aliases = http.get("").json()["aliases"]
    for family, path in (("array", "array/full/images/shorts"), ("table", "table/full/tables/plain")):
        for media, names in aliases[family].items():
            for name in names:
                response = http.get(path, params={"format": name})
                assert response.status_code == 200, (family, name, response.text[:200])
                assert response.headers["content-type"].split(";")[0] == media
