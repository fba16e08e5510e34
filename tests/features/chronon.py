"""The real compiler of `chronon-ai` makes definitions, and `tile features show` reads them. Run by `tests/e2e/features.rs`.

    python3 tests/features/chronon.py --tile target/release/tile
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("TILE_CACHE_DIR") or Path.home() / ".cache/tile")
PYTHON = CACHE / "venv-features/bin/python"
CONFS = ["group_bys/shop/ice_cream.py", "joins/shop/training.py"]
ICE = "production/group_bys/shop/ice_cream.ice_cream_group_by"
COLUMNS = ["customer_id_count_6h", "flavour_last_6h"]


def compiled(folder):
    """The sources of `compiled/sources`, compiled into `folder/production`."""
    for name in ["group_bys", "joins", "teams.json"]:
        source = HERE / "compiled/sources" / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    for conf in CONFS:
        command = [PYTHON, PYTHON.with_name("compile.py"), f"--conf={conf}", f"--chronon_root={folder}"]
        command += ["--force-overwrite", "--yes"]
        env = {**os.environ, "PYTHONPATH": str(folder), "CHRONON_ROOT": str(folder)}
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr


def show(tile, folder, *files):
    return subprocess.run([tile, "features", "show", *files], cwd=folder, capture_output=True, text=True, timeout=60)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tile", required=True)
    tile = Path(parser.parse_args().tile).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compiled(folder)
        done = show(tile, folder, ICE)
        assert done.returncode == 0, done
        assert "GroupBy shop.ice_cream.ice_cream_group_by (temporal, online)\n  keys: customer_id\n" in done.stdout, done
        columns = done.stdout.split("columns:\n")[1].split()
        assert columns == COLUMNS, columns
        everything = show(tile, folder, "production")
        assert everything.returncode == 0, everything
        prefix = "shop_ice_cream_ice_cream_group_by"
        for column in [f"{prefix}_{COLUMNS[0]}", "who_shop_customers_plain_country", "hot_and_many"]:
            assert f"\n    {column}\n" in everything.stdout, (column, everything.stdout)
        # What the compiler would have refused is refused, with its place.
        file = folder / ICE
        file.write_text(file.read_text().replace('"inputColumn": "flavour"', '"inputColumn": "flavor"'))
        broken = show(tile, folder, ICE)
        assert broken.returncode == 2, broken
        assert "aggregations[1].inputColumn: the input `flavor` is not selected. Did you mean `flavour`?" in broken.stdout, broken
    print("chronon-ai's definitions are read")


if __name__ == "__main__":
    sys.exit(main())
