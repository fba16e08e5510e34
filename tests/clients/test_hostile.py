"""Callers that harm: floods of connections, readers that stop, files replaced while they are read."""

import os
import resource
import socket
import struct
import time
from urllib.parse import urlsplit

import httpx
import numpy as np
from helpers import KEY, URL, fixture

HOST, PORT = urlsplit(URL).hostname, urlsplit(URL).port
CONNECTIONS = 5000


def connect():
    return socket.create_connection((HOST, PORT), timeout=10)


def request(path):
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Apikey {KEY}\r\n\r\n".encode()


def status(sock):
    return int(sock.recv(64).split()[1])


def test_thousands_of_open_connections(http):
    """Idle and half-spoken connections cost others nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, CONNECTIONS + 1000), hard))
    sockets = []
    try:
        for number in range(min(CONNECTIONS, min(hard, CONNECTIONS + 1000) - 500)):
            sock = connect()
            if number % 3 == 1:
                sock.sendall(b"GET /api/v1/metadata/ HT")
            elif number % 3 == 2:
                sock.sendall(request("/api/v1/metadata/") * 2)
            sockets.append(sock)
        start = time.monotonic()
        assert http.get("metadata/npy/cube").status_code == 200
        assert http.get("array/full/npy/cube").status_code == 200
        assert time.monotonic() - start < 5
        # Those in the middle of the flood are answered too.
        assert {status(sock) for sock in sockets[2::300]} == {200}
    finally:
        for sock in sockets:
            sock.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_readers_that_stop(http):
    """Three hundred callers ask for a large array and read nothing: metadata stays quick, and no memory piles up."""
    before = memory(http)
    sockets = []
    try:
        for _ in range(300):
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.settimeout(10)
            sock.connect((HOST, PORT))
            sock.sendall(request("/api/v1/array/full/npy/large"))
            sockets.append(sock)
        time.sleep(1)
        for _ in range(10):
            start = time.monotonic()
            assert http.get("metadata/npy/cube").status_code == 200
            assert time.monotonic() - start < 2
        # Four pieces of 1 MiB a reader: on its way, twice waiting, being made. Whole answers would be 19 GB.
        assert memory(http) - before < 300 * 5 * (1 << 20)
    finally:
        for sock in sockets:
            # A reset, so that nothing lingers into the next check.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
    # The workers are free again.
    assert http.get("array/full/npy/cube").status_code == 200


def memory(http):
    text = http.get(URL + "/metrics").text
    lines = [line for line in text.splitlines() if line.startswith("process_resident_memory_bytes ")]
    return float(lines[0].split()[1])


def test_long_headers_and_nonsense():
    for text in [b"\r\n" * 1000, b"\x16\x03\x01\x02\x00" * 50, b"GET / HTTP/9.9\r\n\r\n", b"A" * 200_000 + b"\r\n\r\n"]:
        with connect() as sock:
            try:
                sock.sendall(text)
                answer = sock.recv(64)
            except (ConnectionError, TimeoutError):
                continue
            assert not answer or 400 <= int(answer.split()[1]) < 500 or int(answer.split()[1]) == 505, answer
    with connect() as sock:
        head = b"GET /api/v1/metadata/ HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(5000))
        sock.sendall(head + b"\r\n")
        assert 400 <= status(sock) < 500


def test_a_file_replaced_and_cut_while_it_is_read(http):
    """Each answer is whole, or broken off, or an error below 500 that says what is wrong; never a mix that looks whole."""
    path = fixture("live", "swapped.npy")
    one, other = np.zeros((2048, 1024)), np.ones((2048, 1024))
    kinds = set()
    try:
        for turn in range(30):
            kinds.add(read_while_replaced(http, path, (one, other)[turn % 2]))
        os.truncate(path, 5000)
        response = http.get("array/full/live/swapped")
        assert 400 <= response.status_code < 500, response.text[:200]
        assert "detail" in response.json()
    finally:
        np.save(path, one)
    assert "whole" in kinds


def read_while_replaced(http, path, array):
    new = path.with_name(".swapped.npy")
    try:
        with http.stream("GET", "array/full/live/swapped", headers={"Accept-Encoding": "identity"}) as response:
            if response.status_code != 200:
                assert response.status_code < 500
                return "refused"
            parts = response.iter_bytes(1 << 16)
            content = [next(parts)]
            np.save(new, array)
            os.replace(new, path)
            content.extend(parts)
    except httpx.RemoteProtocolError:
        return "broken off"
    values = np.frombuffer(b"".join(content))
    assert values.size == array.size and values.min() == values.max()
    return "whole"
