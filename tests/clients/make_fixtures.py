"""Write the folder of data files that the client checks serve and read back.

    python make_fixtures.py DIR

Every file is written by the library that owns its format, from fixed seeds, so that two runs give
the same values. The checks open these files again with the same libraries and compare.

To add a format: a function `write(folder)` in one `fixtures_*.py`, and a line in `WRITERS`.
"""

import shutil
import sys
from pathlib import Path

import fixtures_hdf5
import fixtures_images
import fixtures_misc
import fixtures_npy
import fixtures_real
import fixtures_tables
import fixtures_zarr

WRITERS = {
    "tables": fixtures_tables.write_tables,
    "samples": fixtures_hdf5.write_samples,
    "hdf5": fixtures_hdf5.write_hdf5,
    "live": fixtures_hdf5.write_live,
    "netcdf": fixtures_hdf5.write_netcdf,
    "zarr": fixtures_zarr.write_zarr,
    "images": fixtures_images.write_images,
    "seq": fixtures_images.write_sequences,
    "npy": fixtures_npy.write_npy,
    "npz": fixtures_npy.write_npz,
    "sparse": fixtures_tables.write_sparse,
    "awkward": fixtures_misc.write_awkward,
    "unknown": fixtures_misc.write_unknown,
    "wrong_ext": fixtures_misc.write_wrong_extensions,
    "damaged": fixtures_misc.write_damaged,
    "nested": fixtures_misc.write_nested,
    "collisions": fixtures_misc.write_collisions,
    "many": fixtures_misc.write_many,
    "real": fixtures_real.write_real,
}


def main(target):
    """Replace `target` by a fresh set of fixtures."""
    root = Path(target)
    if root.exists() and any(root.iterdir()) and not (root / "samples").is_dir():
        raise SystemExit(f"{root} is not empty and was not written by this script")
    shutil.rmtree(root, ignore_errors=True)
    for name, write in WRITERS.items():
        folder = root / name
        folder.mkdir(parents=True)
        write(folder)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: make_fixtures.py DIR")
    main(sys.argv[1])
