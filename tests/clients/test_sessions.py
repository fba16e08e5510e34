"""The client over time: its cache on disk, many threads, dask, pickles, files that grow."""

import concurrent.futures

import h5py
import numpy as np
import pytest
from helpers import KEY, URL, fixture, same_array
from tiled.client import from_uri
from tiled.client.cache import Cache

LARGE = np.load(fixture("npy", "large.npy"))


@pytest.fixture
def cached(tmp_path):
    return from_uri(URL, api_key=KEY, cache=Cache(tmp_path / "cache.db"))


def test_cache_gives_the_same_values(cached):
    for _ in range(3):
        same_array(cached["npy", "large"].read(), LARGE)
        assert list(cached["tables", "plain"].read()["id"]) == list(range(100))


def test_cache_is_used(cached):
    """The second answer to the same question is "not modified", or is not asked for at all."""
    statuses = []
    node = cached["npy", "large"]
    cached.context.http_client.event_hooks["response"].append(lambda response: statuses.append(response.status_code))
    node[:10, :10]
    node[:10, :10]
    node[:10, :10]
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {200, 304}
    assert cached.context.cache.count() > 0


def test_sixteen_threads(client):
    def read(i):
        rows = slice(40 * i, 40 * i + 40)
        same_array(client["npy", "large"][rows], LARGE[rows])
        assert list(client["tables", "plain"].read(["id"])["id"]) == list(range(100))
        return len(list(client["samples"]))

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert list(pool.map(read, range(48))) == [9] * 48


def test_sixteen_threads_on_one_compressed_file(client):
    with h5py.File(fixture("hdf5", "everything.h5")) as file:
        expected = file["layouts/packed"][()]

    def read(i):
        same_array(client["hdf5", "everything", "layouts", "packed"][i], expected[i])

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(read, range(50)))


def test_sixteen_clients():
    def connect(i):
        return from_uri(URL, api_key=KEY)["npy", "cube"].read().sum()

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(connect, range(16)))) == 1


def test_dask_array(dask_client):
    array = dask_client["npy", "large"].read()
    assert array.shape == LARGE.shape
    assert array.sum().compute() == LARGE.sum()
    same_array(array[10:20, ::7].compute(), LARGE[10:20, ::7])


def test_dask_blocks(dask_client):
    node = dask_client["hdf5", "everything", "layouts", "chunked"]
    with h5py.File(fixture("hdf5", "everything.h5")) as file:
        expected = file["layouts/chunked"][()]
    same_array(node.read_block((1, 2)).compute(), expected[16:32, 24:36])


def test_reads_that_the_client_splits(dask_client, monkeypatch):
    """Above a limit the client asks for several slices at once."""
    node = dask_client["npy", "large"]
    monkeypatch.setattr(type(node), "RESPONSE_BYTESIZE_LIMIT", 50_000)
    array = node.read()
    assert array.npartitions > 10
    same_array(array.compute(), LARGE)
    same_array(node.read(np.s_[::-1, 5:]).compute(), LARGE[::-1, 5:])


def test_whoami_and_about(client):
    assert client.context.server_info.library_version
    assert client.context.server_info.authentication.required is True


def test_logout_and_wrong_key():
    with pytest.raises(Exception, match="401"):
        from_uri(URL, api_key="wrong")


def test_a_file_that_is_being_written(client):
    """Rows that another process has flushed are there at once, and the file stays writable."""
    path = fixture("live", "growing.h5")
    try:
        with h5py.File(path, "r+", libver="latest") as file:
            rows = file["rows"]
            file.swmr_mode = True
            for size in (6, 10, 20):
                rows.resize((size, 2))
                rows[4:] = np.arange(8.0, 2 * size).reshape(-1, 2)
                file.flush()
                node = client["live", "growing", "rows"]
                assert node.shape == (size, 2)
                same_array(node.read(), np.arange(2.0 * size).reshape(size, 2))
    finally:
        with h5py.File(path, "w", libver="latest") as file:
            file.create_dataset("rows", data=np.arange(8.0).reshape(4, 2), maxshape=(None, 2), chunks=(4, 2))


def test_a_file_whose_writer_died(client):
    same_array(client["live", "abandoned", "rows"].read(), np.arange(6.0))
