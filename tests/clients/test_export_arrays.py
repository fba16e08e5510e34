"""Arrays, sparse arrays and awkward arrays in every export format, read back by the format's own library."""

import base64
import io
import json
import zipfile
from html.parser import HTMLParser

import awkward as ak
import h5py
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tifffile
from fixtures_misc import events
from fixtures_tables import sparse_coordinates
from helpers import exported, fixture
from PIL import Image

PLANE = tifffile.imread(fixture("images", "shorts.tif"))
CSV_TYPES = ["csv", "text/csv", "text/plain", "text/x-comma-separated-values", "application/vnd.ms-excel"]


def autoscaled(array):
    """How an array becomes 8-bit grey: from its 1st to its 99th percentile."""
    array = np.atleast_2d(array).astype("f4")
    low, high = np.percentile(array, 1), np.percentile(array, 99)
    return np.clip((array - low) / (high - low), 0, 1) * 255


def test_export_to_a_path(client, tmp_path):
    client["images", "shorts"].export(tmp_path / "out.tiff")
    assert np.array_equal(tifffile.imread(tmp_path / "out.tiff"), PLANE)


def test_octet_stream(client):
    body = exported(client["images", "shorts"], "application/octet-stream")
    assert np.array_equal(np.frombuffer(body, "<u2").reshape(PLANE.shape), PLANE)


@pytest.mark.parametrize("suffix", CSV_TYPES)
def test_csv(client, suffix):
    body = exported(client["images", "shorts"], suffix)
    assert np.array_equal(np.loadtxt(io.BytesIO(body), delimiter=",", dtype="u2"), PLANE)
    assert body.endswith(b"\n") and body.count(b"\n") == len(PLANE)


def test_csv_of_a_slice(client):
    body = exported(client["images", "pages"], "csv", slice=np.s_[2, :, 3:9])
    expected = tifffile.imread(fixture("images", "pages.tif"))[2, :, 3:9]
    assert np.array_equal(np.loadtxt(io.BytesIO(body), delimiter=",", dtype="u2"), expected)


def test_csv_of_one_axis_has_a_number_per_line(client):
    body = exported(client["zarr", "group_v3", "top"], "csv")
    assert body == b"0\n1\n2\n3\n4\n5\n"


WRITTEN = [("n_f8_le", b"nan,inf,-inf,"), ("flags", b"True,False,False,True\n"), ("bytes", b"ab\n")]


@pytest.mark.parametrize("name, first", WRITTEN)
def test_csv_writes_values_as_python_does(client, name, first):
    assert exported(client["npy", name], "csv").startswith(first)


def test_json(client):
    assert json.loads(exported(client["images", "shorts"], "json")) == PLANE.tolist()
    assert json.loads(exported(client["npy", "scalar"], "json")) == 42.5
    assert json.loads(exported(client["npy", "flags"], "json")) == np.load(fixture("npy", "flags.npy")).tolist()


def test_json_of_texts_and_times(client):
    texts = np.load(fixture("npy", "text_le.npy"))
    assert json.loads(exported(client["npy", "text_le"], "json")) == texts.tolist()
    times = json.loads(exported(client["npy", "datetime_le"], "json"))
    assert [str(t)[:10] for t in np.ravel(times)] == [f"2024-01-{day:02d}" for day in range(1, 13)]


def test_json_of_any_byte_order(client):
    assert json.loads(exported(client["npy", "n_i4_be"], "json")) == np.load(fixture("npy", "n_i4_be.npy")).tolist()


@pytest.mark.parametrize("name", ["n_f2_le", "n_c16_le", "records_le", "timedelta_le", "eight_dims", "empty"])
def test_json_of_any_type(http, name):
    response = http.get(f"array/full/npy/{name}", params={"format": "json"})
    assert response.status_code in (200, 406)
    response.json()


@pytest.mark.parametrize("name", ["shorts", "floats", "rgb_bytes", "pages"])
def test_tiff(client, name):
    body = exported(client["images", name], "tiff")
    expected = tifffile.imread(fixture("images", f"{name}.tif"))
    actual = tifffile.imread(io.BytesIO(body))
    assert np.array_equal(actual, expected)
    assert actual.dtype == expected.dtype


def test_png(client):
    image = Image.open(io.BytesIO(exported(client["images", "shorts"], "png")))
    assert image.size == (16, 12)
    assert image.mode == "L"
    assert np.abs(np.asarray(image).astype("f4") - autoscaled(PLANE)).max() <= 1


def test_png_of_colors(client):
    source = tifffile.imread(fixture("images", "rgb_bytes.tif"))
    image = Image.open(io.BytesIO(exported(client["images", "rgb_bytes"], "png")))
    assert image.mode == "RGB"
    assert np.abs(np.asarray(image).astype("f4") - autoscaled(source)).max() <= 1


def test_png_of_one_axis_and_of_one_value(http):
    for name, size in (("zarr/group_v3/top", (6, 1)), ("hdf5/target/outside", (5, 1))):
        response = http.get(f"array/full/{name}", params={"format": "png"})
        assert Image.open(io.BytesIO(response.content)).size == size


def test_png_of_what_is_no_picture(http):
    """Constant arrays have no range to scale, others are no numbers at all."""
    for name in ("npy/text_le", "npy/records_le", "npy/empty", "npy/scalar", "npy/n_c16_le"):
        assert http.get(f"array/full/{name}", params={"format": "png"}).status_code in (200, 406)


def test_html_shows_a_picture(client):
    page = exported(client["images", "shorts"], "html").decode()
    inside = page.split("data:image/png;base64,")[1].split('"')[0]
    image = Image.open(io.BytesIO(base64.b64decode(inside)))
    assert image.size == (16, 12)


def test_html_of_what_is_no_picture(client):
    page = exported(client["npy", "text_le"], "html").decode()
    assert "long✓er" in page
    assert "<html" in page


def html_table(body):
    """The cells of a page's tables, as numbers."""

    class Cells(HTMLParser):
        def __init__(self):
            super().__init__()
            self.rows, self.inside = [], False

        def handle_starttag(self, tag, attrs):
            if tag == "tr":
                self.rows.append([])
            if tag in ("td", "th"):
                self.rows[-1].append("")
                self.inside = True

        def handle_endtag(self, tag):
            self.inside = self.inside and tag not in ("td", "th")

        def handle_data(self, data):
            if self.inside:
                self.rows[-1][-1] += data

    parser = Cells()
    parser.feed(body.decode())
    head, *rows = [row for row in parser.rows if row]
    return pd.DataFrame(rows, columns=head).astype({name: float for name in head})


COORDS, VALUES = sparse_coordinates((30, 20), 40, seed=2)
COLUMNS = {"dim0": COORDS[0], "dim1": COORDS[1], "data": VALUES}


def same_cells(frame):
    assert list(frame.columns) == list(COLUMNS)
    for name, expected in COLUMNS.items():
        assert np.allclose(frame[name].to_numpy(), expected)


SPARSE_READERS = {
    "arrow": lambda body: pa.ipc.open_file(body).read_pandas(),
    "parquet": lambda body: pq.read_table(io.BytesIO(body)).to_pandas(),
    "csv": lambda body: pd.read_csv(io.BytesIO(body)),
    "text/plain": lambda body: pd.read_csv(io.BytesIO(body)),
    "xlsx": lambda body: pd.read_excel(io.BytesIO(body)),
    "html": html_table,
    "json": lambda body: pd.DataFrame(json.loads(body)),
}


@pytest.mark.parametrize("suffix", SPARSE_READERS)
def test_sparse(client, suffix):
    frame = SPARSE_READERS[suffix](exported(client["sparse", "plane"], suffix))
    if suffix == "html":
        assert np.allclose(frame[["dim0", "dim1"]], COORDS.T)
        assert np.allclose(frame["data"], VALUES, atol=1e-5)
    else:
        same_cells(frame)


def test_sparse_as_hdf5(client):
    with h5py.File(io.BytesIO(exported(client["sparse", "plane"], "h5"))) as file:
        assert np.array_equal(file["coords"][()], COORDS)
        assert np.array_equal(file["data"][()], VALUES)


def test_sparse_slice(client):
    body = exported(client["sparse", "plane"], "csv", slice=np.s_[10:20])
    inside = (COORDS[0] >= 10) & (COORDS[0] < 20)
    assert len(pd.read_csv(io.BytesIO(body))) == inside.sum()


def test_sparse_sheet_has_a_header(client):
    book = openpyxl.load_workbook(io.BytesIO(exported(client["sparse", "plane"], "xlsx")))
    assert [cell.value for cell in book.active[1]] == ["dim0", "dim1", "data"]


def test_awkward_as_json(client):
    assert json.loads(exported(client["awkward", "events"], "json")) == ak.to_list(events())


def test_awkward_as_parquet(client):
    table = pq.read_table(io.BytesIO(exported(client["awkward", "events"], "parquet")))
    assert awkward_rows(table) == ak.to_list(events())


def test_awkward_as_arrow(client):
    table = pa.ipc.open_file(exported(client["awkward", "events"], "arrow")).read_all()
    assert awkward_rows(table) == ak.to_list(events())


def awkward_rows(table):
    """Rows of a table that is either the records themselves or one column of records."""
    rows = table.to_pylist()
    return [row[""] for row in rows] if table.column_names == [""] else rows


def test_awkward_as_zip(client):
    with zipfile.ZipFile(io.BytesIO(exported(client["awkward", "jagged"], "zip"))) as archive:
        names = archive.namelist()
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
    form = client["awkward", "jagged"].structure().form
    assert set(names) == {f"{form['form_key']}-offsets", f"{form['content']['form_key']}-data"}
