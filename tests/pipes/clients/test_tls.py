"""Files from addresses with TLS, whose certificates an authority of our own has signed."""

import http.server
import ssl
import subprocess
import threading

import pytest
from test_transfers import EVENTS, Tile, as_csv, events


def signed(folder):
    """The certificate of an authority, and one for this machine that it has signed, with its key."""

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=ours")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "host.key", "-out", "host.csr", "-subj", "/CN=localhost")
    (folder / "host.ext").write_text("subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
    openssl("x509", "-req", "-in", "host.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-out", "host.pem",
            "-extfile", "host.ext")  # fmt: skip
    return folder / "ca.pem", folder / "host.pem", folder / "host.key"


@pytest.fixture
def served(tmp_path):
    authority, certificate, key = signed(tmp_path)
    body = as_csv(events(10))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(302 if self.path == "/away.csv" else 200)
            if self.path == "/away.csv":
                self.send_header("Location", "/a.csv")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield authority, server.server_port
    server.shutdown()


def loaded(folder, address, *options, status="done"):
    tile = Tile(folder, *options)
    try:
        tile.build(events__datasource=EVENTS.format(more=""))
        job = tile.load(address, status=status)
        assert not [line for line in tile.log if "ERROR" in line or "panicked" in line], tile.log
        return job, tile.count()
    finally:
        tile.kill()


def test_an_authority_that_is_named_is_trusted(served, tmp_path):
    authority, port = served
    options = ("--allow-private-addresses", "--ca-certificates", authority)
    for name in ("a.csv", "away.csv"):
        assert loaded(tmp_path / name, f"https://localhost:{port}/{name}", *options)[1] == 10
    # The certificate is for a name, and no other leads to it.
    job, count = loaded(tmp_path / "ip", f"https://127.0.0.1:{port}/a.csv", *options, status="error")
    assert count == 0 and str(tmp_path) not in str(job), job


def test_an_authority_that_nobody_named_is_not(served, tmp_path, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    job, count = loaded(tmp_path / "t", f"https://localhost:{served[1]}/a.csv", "--allow-private-addresses", status="error")
    assert count == 0 and "certificate" in str(job).lower(), job


def test_this_machine_is_not_reached_with_tls_either(served, tmp_path):
    authority, port = served
    job, count = loaded(tmp_path / "t", f"https://localhost:{port}/a.csv", "--ca-certificates", authority, status="error")
    assert count == 0 and "private" in str(job).lower(), job
