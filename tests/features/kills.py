"""Kills the server in the middle of events, again and again.

After each restart every feature is what its definition gives over the rows that the data source has: nothing acknowledged is missing in
it, nothing is counted twice. Rows are also removed meanwhile, so that kills also hit tiles that are being made anew.

    python kills.py --tile BIN [--kills 10] [--seed 1]
"""

import argparse
import http.client
import itertools
import pathlib
import random
import signal
import tempfile
import threading
import time

from server import COUNT, LAST, SUM, Server, aggregation, group_by, project

GROUP = "shop.cream.v1"
HOUR = 3_600_000
CUSTOMERS = [f"c{n}" for n in range(12)]
BATCH = 5
SENDERS = 3


def definition():
    return group_by(
        GROUP,
        [
            aggregation("flavour", COUNT, (6, 0), (2, 1)),
            aggregation("price", SUM, (30, 1)),
            aggregation("price", SUM),
            aggregation("flavour", LAST, (12, 0)),
        ],
        table="ice_creams",
    )


def text(ms):
    seconds, ms = divmod(ms, 1000)
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds)) + f".{ms:03d}"


def send(server, chance, count, stop, acknowledged):
    connection = server.connection()
    while not stop.is_set():
        rows = []
        for _ in range(BATCH):
            # Each time is there once, so that the last flavour is one.
            at = int(time.time() * 1000) - chance.choice([0, HOUR, 8 * HOUR, 40 * HOUR, 400 * HOUR]) - 60_000
            at = at // 1000 * 1000 + next(count) % 1000
            flavour = f"f{next(count)}"
            rows.append(
                {
                    "customer_id": chance.choice([*CUSTOMERS, None]),
                    "ice_cream_flavour": flavour,
                    # Sums of these are exact, whatever their order.
                    "price": chance.randrange(64) / 4,
                    "created": text(at),
                }
            )
        try:
            status, answer = server.post(rows, connection=connection)
        except (OSError, http.client.HTTPException):
            return
        if status == 200:
            assert answer == {"successful_rows": BATCH, "quarantined_rows": 0}, answer
            acknowledged.update(row["ice_cream_flavour"] for row in rows)


def remove(server, chance, stop, removed):
    """Removes some rows, now and then."""
    while not stop.wait(chance.uniform(0.1, 0.5)):
        price = chance.randrange(64) / 4
        # What is not answered may have been removed all the same.
        removed.add(price)
        try:
            server.call("POST", f"/v0/datasources/ice_creams/delete?delete_condition=price%3D{price}")
        except (OSError, http.client.HTTPException):
            return


def hop(window):
    return 24 * HOUR if window >= 12 * 24 * HOUR else HOUR if window >= 12 * HOUR else 300_000


def wanted(rows, q):
    """What the definition gives of one customer's rows, without tiles."""

    def within(window):
        tail = (q - window) // hop(window) * hop(window)
        return [row for row in rows if tail <= row["at"] < q]

    day = 24 * HOUR
    last = max(within(12 * HOUR), key=lambda row: row["at"], default=None)
    sums = [sum(row["price"] for row in some) if some else None for some in (within(30 * day), [r for r in rows if r["at"] < q])]
    return {
        "flavour_count_6h": len(within(6 * HOUR)) or None,
        "flavour_count_2d": len(within(2 * day)) or None,
        "price_sum_30d": sums[0],
        "price_sum": sums[1],
        "flavour_last_12h": last["ice_cream_flavour"] if last else None,
    }


def check(server, acknowledged, removed):
    rows = server.sql(
        "SELECT customer_id, ice_cream_flavour, price, toUnixTimestamp64Milli(assumeNotNull(created)) AS at FROM ice_creams"
    )
    for row in rows:
        row["at"] = int(row["at"])
    stored = [row["ice_cream_flavour"] for row in rows]
    assert len(set(stored)) == len(stored), "an event is there twice"
    if not removed:
        assert acknowledged <= set(stored), "an acknowledged event is lost"
    q = int(time.time() * 1000)
    keys = [{"customer_id": customer} for customer in CUSTOMERS]
    for at in (None, q):
        answers = server.fetch(GROUP, keys, at)
        for key, answer in zip(keys, answers):
            own = [row for row in rows if row["customer_id"] == key["customer_id"]]
            assert answer["status"] == "Success", answer
            want = wanted(own, q)
            assert answer["features"] == want, (key, at, answer["features"], want)
    return len(rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tile", required=True)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    chance = random.Random(arguments.seed)
    count = itertools.count()
    acknowledged, removed, rows = set(), set(), 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        project(folder / "project", [definition()])
        for kill in range(arguments.kills + 1):
            server = Server(arguments.tile, folder / "project", folder / "data")
            server.says("Build" if kill == 0 else "Nothing has changed")
            rows = check(server, acknowledged, removed)
            if kill == arguments.kills:
                server.end()
                break
            stop = threading.Event()
            senders = [
                threading.Thread(target=send, args=(server, random.Random(chance.random()), count, stop, acknowledged))
                for _ in range(SENDERS)
            ]
            # In the first half nothing is removed, and so nothing may be lost.
            if kill > arguments.kills // 2:
                senders.append(threading.Thread(target=remove, args=(server, random.Random(chance.random()), stop, removed)))
            for sender in senders:
                sender.start()
            time.sleep(chance.uniform(0.1, 1.6))
            server.end(signal.SIGKILL)
            stop.set()
            for sender in senders:
                sender.join()
    assert rows > arguments.kills and removed, "nothing was done"
    print(f"{arguments.kills} kills, {len(acknowledged)} acknowledged events, {rows} rows: every feature was that of the rows")


if __name__ == "__main__":
    main()
