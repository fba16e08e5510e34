"""A session against the server under test.

    TILE_URL=http://127.0.0.1:PORT TILE_API_KEY=KEY TILE_FIXTURES=DIR pytest tests/clients

DIR is the folder that `make_fixtures.py` wrote and that the server serves.
"""

import os

# A server error must fail a check at once; the client would otherwise repeat the request for 45 seconds.
os.environ["TILED_RETRY_ATTEMPTS"] = "1"

import httpx
import pytest
from hypothesis import HealthCheck, settings
from tiled.client import from_uri

from helpers import API, KEY, URL

settings.register_profile(
    "server",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.load_profile("server")


@pytest.fixture(scope="session")
def client():
    """The root of the tree, read with NumPy and pandas."""
    return from_uri(URL, api_key=KEY)


@pytest.fixture(scope="session")
def dask_client():
    """The root of the tree, read with dask."""
    return from_uri(URL, "dask", api_key=KEY)


@pytest.fixture(scope="session")
def http():
    """A plain HTTP client with the key, relative to the API."""
    headers = {"Authorization": f"Apikey {KEY}"}
    with httpx.Client(base_url=API + "/", headers=headers, timeout=30) as session:
        yield session


@pytest.fixture(scope="session")
def stranger():
    """A plain HTTP client without a key."""
    with httpx.Client(base_url=API + "/", timeout=30) as session:
        yield session
