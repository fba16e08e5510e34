"""Awkward buffers, files that nothing reads, and the awkward corners of a folder tree."""

import io
import json
import zipfile

import awkward as ak
import h5py
import numpy as np
import pandas as pd
import tifffile
from PIL import Image


def events():
    """Records with a list of varying length, an option type and text."""
    return ak.Array(
        [
            {"run": 1, "hits": [1.5, 2.5], "tag": "a"},
            {"run": 2, "hits": [], "tag": "bc"},
            {"run": 3, "hits": [3.5], "tag": ""},
            {"run": 4, "hits": [4.5, 5.5, 6.5], "tag": "däf"},
        ]
    )


def write_awkward(folder):
    for name, array in (("events", events()), ("jagged", ak.Array([[1, 2, 3], [], [4]]))):
        form, length, buffers = ak.to_buffers(ak.to_packed(array))
        place = folder / f"{name}.awkward"
        place.mkdir()
        (place / "awkward.json").write_text(json.dumps({"form": form.to_dict(), "length": length}))
        for key, buffer in buffers.items():
            (place / key).write_bytes(np.ascontiguousarray(buffer).tobytes())


def write_unknown(folder):
    (folder / "notes.txt").write_text("plain words, not a table\n")
    (folder / "README").write_text("no suffix at all\n")
    (folder / "blob.bin").write_bytes(bytes(range(256)) * 8)
    (folder / "nothing.dat").write_bytes(b"")
    (folder / "script.py").write_text("print('hello')\n")
    (folder / ".hidden.csv").write_text("a\n1\n")
    (folder / ".hidden_folder").mkdir()
    (folder / ".hidden_folder" / "inside.csv").write_text("a\n1\n")


def write_wrong_extensions(folder):
    with h5py.File(folder / "really_hdf5.dat", "w") as file:
        file["x"] = np.arange(4)
    buffer = io.BytesIO()
    Image.fromarray(np.arange(48, dtype="u1").reshape(6, 8)).save(buffer, "png")
    (folder / "really_png.tif").write_bytes(buffer.getvalue())


def write_damaged(folder):
    """Each file begins like its format and then breaks off, or never was one."""

    def broken(name, content, keep):
        (folder / name).write_bytes(content[: int(len(content) * keep)])

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["x"] = np.arange(10000)
    broken("cut.h5", buffer.getvalue(), 0.5)
    frame = pd.DataFrame({"a": np.arange(1000), "b": np.arange(1000) / 7})
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    broken("cut.parquet", buffer.getvalue(), 0.6)
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.arange(4096, dtype="u2").reshape(64, 64))
    broken("cut_image.tif", buffer.getvalue(), 0.01)
    buffer = io.BytesIO()
    frame.to_excel(buffer)
    broken("cut_book.xlsx", buffer.getvalue(), 0.7)
    buffer = io.BytesIO()
    np.save(buffer, np.arange(1000))
    broken("cut_array.npy", buffer.getvalue(), 0.5)
    buffer = io.BytesIO()
    Image.fromarray(np.arange(4096, dtype="u1").reshape(64, 64)).save(buffer, "png")
    broken("cut_picture.png", buffer.getvalue(), 0.5)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.npy"), b"not an array")
    (folder / "bad_member.npz").write_bytes(buffer.getvalue())
    (folder / "words.h5").write_text("these are only words\n" * 50)
    (folder / "words_json.json").write_text('[{"a": 1}, {"a": \n')
    (folder / "void.parquet").write_bytes(b"")
    place = folder / "bad_store.zarr"
    place.mkdir()
    (place / "zarr.json").write_text('{"zarr_format": 3, "node_type": "array", "shape": ')
    (folder / "healthy.csv").write_text("a,b\n1,2\n")


def write_nested(folder):
    place = folder / "Ünïcode folder" / "with spaces" / "дата"
    place.mkdir(parents=True)
    (place / "täble one.csv").write_text("a,b\n1,2\n3,4\n")
    np.save(place / "100% + & = #?;,.npy", np.arange(4))
    (folder / "hollow").mkdir()
    level = folder
    for i in range(12):
        level = level / f"level_{chr(ord('a') + i)}"
        level.mkdir()
    (level / "bottom.csv").write_text("deep\n1\n")
    (folder / "dotted.name").mkdir()
    (folder / "dotted.name" / "a.b.c.csv").write_text("x\n1\n")


def write_collisions(folder):
    (folder / "same.csv").write_text("a,b\n1,2\n")
    (folder / "same.json").write_text('[{"a": 5, "b": 6}]')
    (folder / "alone.csv").write_text("a\n1\n")


def write_many(folder):
    """More entries than a page holds."""
    for i in range(250):
        (folder / f"item_{i:03d}.csv").write_text(f"n\n{i}\n")
