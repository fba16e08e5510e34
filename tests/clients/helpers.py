"""What several checks share: where the fixtures are, how a file is read directly, how two values compare."""

import io
import os
from pathlib import Path
from urllib.parse import quote

import h5py
import numpy as np
import pandas as pd

FIXTURES = Path(os.environ["TILE_FIXTURES"])
URL = os.environ["TILE_URL"].rstrip("/")
KEY = os.environ["TILE_API_KEY"]
API = f"{URL}/api/v1"

ARROW = "application/vnd.apache.arrow.file"
PARQUET = "application/x-parquet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HDF5 = "application/x-hdf5"
MSGPACK = "application/x-msgpack"


def fixture(*parts):
    return FIXTURES.joinpath(*parts)


def files(*parts, suffix=""):
    """The names of the fixture files in a folder, sorted, without those that a server hides."""
    found = sorted(p.name for p in fixture(*parts).iterdir() if not p.name.startswith("."))
    return [name for name in found if name.endswith(suffix)]


def key_of(name):
    """The key that a file gets: its name without any of its suffixes."""
    return name.split(".")[0]


def same_array(actual, expected):
    """Equal in dtype, shape and every element; NaN equals NaN."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    assert actual.tobytes() == expected.tobytes()


def cut(array, part):
    """`array[part]`, where a single element stays an array of the same dtype."""
    part = part if isinstance(part, tuple) else (part,)
    return array[part if Ellipsis in part else (*part, ...)]


def same_frame(actual, expected, **options):
    """Equal column by column; the index and the flavour of the string type do not count."""
    actual, expected = plain_text(actual), plain_text(expected)
    pd.testing.assert_frame_equal(actual.reset_index(drop=True), expected.reset_index(drop=True), **options)


def plain_text(frame):
    """The frame with each string type, and each categorical of strings, as Python objects."""
    frame = frame.copy()
    for name in frame.columns:
        dtype = frame[name].dtype
        if isinstance(dtype, (pd.StringDtype, pd.CategoricalDtype)) or str(dtype).startswith(("string", "large_string")):
            values = frame[name].astype(object)
            frame[name] = values.where(values.notna(), None)
        elif dtype == object:
            frame[name] = frame[name].where(frame[name].notna(), None)
    return frame


def path_url(route, *keys):
    """`API/route/a/b` with each key quoted."""
    return "/".join([API, route, *(quote(key, safe="") for key in keys)])


def image_difference(actual, expected):
    """(largest, mean) absolute difference of two images of the same shape."""
    assert actual.shape == expected.shape
    gap = np.abs(actual.astype("i4") - expected.astype("i4"))
    return int(gap.max()), float(gap.mean())


def exported(node, suffix, **options):
    """The bytes that the client's own `export` writes for a file suffix."""
    target = io.BytesIO()
    # The client closes nothing that it did not open, so the buffer stays readable.
    node.export(target, format=suffix, **options)
    return target.getvalue()


def h5_value(dataset):
    """An HDF5 dataset as Tiled presents it: scalars have one element, variable-length text is bytes."""
    if h5py.check_string_dtype(dataset.dtype) and dataset.dtype == object:
        value = np.asarray(dataset[()], dtype=bytes)
    else:
        value = np.asarray(dataset[()])
    return value.reshape(1) if value.ndim == 0 else value
