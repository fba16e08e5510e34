"""Sends made-up page views to a server, as the snippet on a page would: `python traffic.py URL TOKEN [VISITS] [SEED]`.

The same seed gives the same views but for their time, which is now. Needs nothing but Python.
"""

import json
import random
import sys
import time
from datetime import datetime, timedelta, timezone
from urllib.error import HTTPError
from urllib.request import Request, urlopen

PAGES = ["/", "/products", "/products/lamp", "/products/chair", "/blog", "/about"]
REFERRERS = ["", "", "https://www.search.example/?q=lamp", "https://news.example/item"]
AGENTS = ["Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (iPhone)", "Mozilla/5.0 (Android 15)", "somebot/1.0"]
VISITS_PER_REQUEST = 100


def visit(chance):
    """The views of one visit, the first of them some minutes ago."""
    at = datetime.now(timezone.utc) - timedelta(seconds=chance.randrange(60, 1200))
    session, referrer, agent = f"{chance.getrandbits(64):016x}", chance.choice(REFERRERS), chance.choice(AGENTS)
    country = chance.choice(["ES", "PT", "FR", "DE", "US", "IN"])
    for _ in range(chance.randint(1, 5)):
        yield {
            "timestamp": at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
            "session_id": session,
            "path": chance.choice(PAGES),
            "referrer": referrer,
            "user_agent": agent,
            "location": {"country": country},
            "load_ms": chance.randint(80, 900),
        }
        at += timedelta(seconds=chance.randint(1, 10))


def send(url, token, views):
    body = "\n".join(json.dumps(view) for view in views).encode()
    request = Request(f"{url}/v0/events?name=hits&wait=true", body, {"Authorization": f"Bearer {token}"})
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)


def main(url, token, visits="1000", seed="1"):
    chance, stored, started = random.Random(int(seed)), 0, time.monotonic()
    left = int(visits)
    while left > 0:
        count = min(left, VISITS_PER_REQUEST)
        said = send(url.rstrip("/"), token, [view for _ in range(count) for view in visit(chance)])
        if said["quarantined_rows"]:
            sys.exit(f"{said['quarantined_rows']} views do not fit the data source: see hits_quarantine")
        stored += said["successful_rows"]
        left -= count
    print(f"{stored} views of {visits} visits stored in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    if not 3 <= len(sys.argv) <= 5:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except HTTPError as e:
        sys.exit(f"refused with {e.code}: {e.read().decode()}")
