#!/usr/bin/env python3
"""Metadata-only nodes for the speed comparison; both systems read the very same lines.

seed.py lines N              N nodes to standard output, one JSON object on each line
seed.py tiled CATALOG NAME   container NAME with the nodes from standard input, into the SQLite catalog of a stopped
                             Tiled server; its triggers keep the closure table and the full-text index
"""

import json
import random
import sqlite3
import sys

COLORS = ["red", "green", "blue", "black"]
INSERT = "INSERT INTO nodes(parent, key, structure_family, metadata, specs) VALUES (?, ?, 'container', ?, ?)"


def metadata(number: int) -> dict:
    dice = random.Random(number)
    return {
        "i": number,
        "color": COLORS[number % 4],
        "temperature": round(dice.uniform(0, 400), 3),
        "sample": {"name": f"sample{number % 100}", "id": number // 100},
        "start": {
            "uid": f"{dice.getrandbits(128):032x}",
            "time": 1.7e9 + number,
            "plan": f"plan{number % 7}",
            "motors": ["m1", f"m{number % 5}"],
        },
        "note": f"word{number % 1000} quick brown fox",
    }


def text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def lines(count: int) -> None:
    for number in range(count):
        specs = [{"name": "run", "version": None}]
        print(text({"key": f"n{number:06d}", "metadata": metadata(number), "specs": specs}))


def rows(parent: int):
    for line in sys.stdin:
        node = json.loads(line)
        yield parent, node["key"], text(node["metadata"]), text(node["specs"])


def tiled(catalog: str, name: str) -> None:
    database = sqlite3.connect(catalog)
    database.execute("PRAGMA synchronous=OFF")
    parent = database.execute(INSERT, (0, name, "{}", "[]")).lastrowid
    database.executemany(INSERT, rows(parent))
    database.commit()


match sys.argv[1:]:
    case ["lines", count]:
        lines(int(count))
    case ["tiled", catalog, name]:
        tiled(catalog, name)
    case _:
        sys.exit(__doc__)
