#!/usr/bin/env python3
"""make_data.py DIR: the files that the speed comparison serves, the same bytes on every run (about 3 GB).

DIR/served   one file per format: 1 MB and 64 MB arrays, a 1 GB chunked array, a table of 1 M rows, a CSV of 100 k rows
DIR/hundred  100 small files of five formats, for the start of the server
DIR/many     10 000 small NPY files in 20 folders, for registration

No file name ends in a digit: such files would be grouped into one image sequence.
"""

import sys
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import tifffile
import zarr

CHUNK = (256, 1024)  # 2 MB of float64
HUGE_SHAPE, HUGE_CHUNK = (16384, 8192), (512, 512)  # 1 GB in chunks of 2 MB
WORDS = np.array(["alpha", "beta", "gamma", "delta"])


def arrays(served: Path, rng: np.random.Generator) -> None:
    small = np.round(rng.normal(size=(256, 512)), 3)
    big = np.round(rng.normal(size=(2048, 4096)), 2)
    np.save(served / "npysmall.npy", small)
    np.save(served / "npybig.npy", big)
    with h5py.File(served / "hdf.h5", "w") as file:
        file["small"] = small
        file["big"] = big
        file.create_dataset("bigchunk", data=big, chunks=CHUNK)
        file.create_dataset("biggzip", data=big, chunks=CHUNK, compression="gzip", compression_opts=1)
    zarr.create_array(store=str(served / "zsmall.zarr"), data=small, chunks=small.shape)
    zarr.create_array(store=str(served / "zbig.zarr"), data=big, chunks=CHUNK)
    tifffile.imwrite(served / "tsmall.tif", rng.integers(0, 4000, (512, 1024), dtype="u2"))
    tifffile.imwrite(served / "tbig.tif", rng.normal(size=(4096, 4096)).astype("f4"))


def huge(served: Path, rng: np.random.Generator) -> None:
    rows = HUGE_CHUNK[0]
    store = zarr.create_array(store=str(served / "zhuge.zarr"), shape=HUGE_SHAPE, chunks=HUGE_CHUNK, dtype="f8")
    with h5py.File(served / "huge.h5", "w") as file:
        dataset = file.create_dataset("data", shape=HUGE_SHAPE, chunks=HUGE_CHUNK, dtype="f8")
        for start in range(0, HUGE_SHAPE[0], rows):
            band = np.round(rng.normal(size=(rows, HUGE_SHAPE[1])), 2)
            dataset[start : start + rows] = band
            store[start : start + rows] = band


def tables(served: Path, rng: np.random.Generator) -> None:
    count = 1_000_000
    frame = pd.DataFrame(
        {
            "i": np.arange(count),
            "a": rng.normal(size=count),
            "b": rng.normal(size=count),
            "c": rng.normal(size=count),
            "k": rng.integers(0, 1000, count, dtype="i4"),
            "s": WORDS[rng.integers(0, 4, count)],
        }
    )
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), served / "table.parquet")
    frame.head(100_000).to_csv(served / "csvtable.csv", index=False)


def hundred(folder: Path, rng: np.random.Generator) -> None:
    for number in range(100):
        stem = folder / f"f{number:02d}x"
        values = rng.normal(size=(8, 16))
        frame = pd.DataFrame({"i": np.arange(16), "a": rng.normal(size=16)})
        match number % 10:
            case 0:
                with h5py.File(stem.with_suffix(".h5"), "w") as file:
                    file["values"] = values
            case 1:
                tifffile.imwrite(stem.with_suffix(".tif"), values.astype("f4"))
            case 2 | 3:
                frame.to_csv(stem.with_suffix(".csv"), index=False)
            case 4 | 5:
                frame.to_parquet(stem.with_suffix(".parquet"), index=False)
            case _:
                np.save(stem.with_suffix(".npy"), values)


def many(folder: Path) -> None:
    for number in range(10_000):
        part = folder / f"d{number // 500:02d}"
        part.mkdir(exist_ok=True)
        np.save(part / f"f{number:05d}x.npy", np.arange(16) + number)


def main() -> None:
    root = Path(sys.argv[1])
    served, small, lots = (root / name for name in ("served", "hundred", "many"))
    for folder in (served, small, lots):
        folder.mkdir(parents=True)
    arrays(served, np.random.default_rng(1))
    huge(served, np.random.default_rng(2))
    tables(served, np.random.default_rng(3))
    hundred(small, np.random.default_rng(4))
    many(lots)


main()
