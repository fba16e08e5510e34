"""Events in, features out, and the same as training data: `python check.py URL TOKEN` beside a running `tile dev` of this folder.

Stores the events once, asks for the features at each time of `data/questions.csv`, has `tile features backfill` compute the same from the file of
events, and compares. Needs nothing but Python and `tile`.
"""

import csv
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

HERE = Path(__file__).parent
GROUP_BY = "shop.ice_cream.flavours"
FEATURES = ["customer_id_count_6h", "flavour_last_6h"]


def call(url, token, body):
    return json.load(urlopen(Request(url, body, {"Authorization": f"Bearer {token}"})))


def store(url, token):
    """Stores the events, unless they are there."""
    count = b"SELECT count() AS n FROM ice_creams FORMAT JSON"
    if int(call(f"{url}/v0/sql", token, count)["data"][0]["n"]) == 0:
        events = (HERE / "events.ndjson").read_bytes()
        call(f"{url}/v0/events?name=ice_creams&wait=true", token, events)


def fetch(url, token, customer, at):
    """The features of a customer at a time. Rows that have just come are seen in a moment."""
    keys = json.dumps([{"customer_id": customer}]).encode()
    for _ in range(100):
        try:
            [found] = call(f"{url}/v1/features/groupby/{GROUP_BY}?atMillis={at}", token, keys)["results"]
            return [found["features"][name] for name in FEATURES]
        except HTTPError as error:
            if error.code != 503:
                raise SystemExit(f"{error.code}: {error.read().decode()}")
            time.sleep(0.1)
    raise SystemExit("the features are not served")


def backfill(questions):
    """The same features from the file of events, for each question."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "training.csv"
        source = f"ice_creams={HERE / 'events.ndjson'}"
        command = ["tile", "features", "backfill", GROUP_BY, "--project", HERE, "--source", source]
        subprocess.run([*command, "--left", questions, "--out", out], check=True, stdout=subprocess.DEVNULL)
        rows = list(csv.DictReader(out.open()))
    number = lambda text: int(text) if text else None
    return {(row["customer_id"], row["ts"]): [number(row[FEATURES[0]]), row[FEATURES[1]] or None] for row in rows}


def main():
    url, token = sys.argv[1].rstrip("/"), sys.argv[2]
    store(url, token)
    questions = HERE / "data/questions.csv"
    trained = backfill(questions)
    different = 0
    for row in csv.DictReader(questions.open()):
        served = fetch(url, token, row["customer_id"], row["ts"])
        is_same = served == trained[row["customer_id"], row["ts"]]
        different += not is_same
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(int(row["ts"]) / 1000))
        print(at, json.dumps(served), "as in training" if is_same else "NOT as in training")
    raise SystemExit(f"{different} are different" if different else 0)


if __name__ == "__main__":
    main()
