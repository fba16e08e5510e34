"""Tinybird's own command against a `tile dev`.

    TILE_URL=http://127.0.0.1:PORT TILE_TB=VENV/bin/tb pytest tests/pipes/clients

Each file of checks has a copy of `project/`, and so, as the command names workspaces by folders, a workspace of its own.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

URL = os.environ["TILE_URL"].rstrip("/")
TB = os.environ["TILE_TB"]
PROJECT = Path(__file__).parent / "project"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
SECONDS_MAX = 60


def environment(home):
    """What the command sees of this machine: nothing of its user's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TB_", "TILE_"))}
    return kept | {
        "HOME": str(home),
        "TB_LOCAL_HOST": urlsplit(URL).hostname,
        "TB_LOCAL_PORT": str(urlsplit(URL).port),
        "TB_CLI_TELEMETRY_OPTOUT": "1",
        "TB_VERSION_WARNING": "0",
        "CI": "1",
        "COLUMNS": "200",
    }


class Project:
    """A folder with files, and the command in it."""

    def __init__(self, folder, home):
        self.folder, self.home = folder, home

    def start(self, words, **options):
        return subprocess.Popen(
            [TB, *shlex.split(words)],
            cwd=self.folder,
            env=environment(self.home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )

    def tb(self, words, code=0):
        """What the command prints; it must end with `code`."""
        process = self.start(words)
        try:
            output, _ = process.communicate(timeout=SECONDS_MAX)
        finally:
            process.kill()
        output = COLOURS.sub("", output)
        assert process.returncode == code, f"`tb {words}` ended with {process.returncode}:\n{output}"
        return output

    def says(self, words, *expected, code=0):
        """Checks that the command prints all of this."""
        output = self.tb(words, code)
        for text in expected:
            assert text in output, f"`tb {words}` does not say `{text}`:\n{output}"
        return output

    def token(self, name="workspace admin token"):
        """The text of a token of the workspace that the command has made for this folder."""
        workspace = f"Tinybird_Local_Build_{sha256(str(self.folder).encode()).hexdigest()}"
        user = get("/v1/user/workspaces", get("/tokens")["user_token"])
        admin = next(one["token"] for one in user["workspaces"] if one["name"] == workspace)
        return next(one["token"] for one in get("/v0/tokens", admin)["tokens"] if one["name"] == name)

    def rows(self, query):
        """The rows of a query, without the command: it takes half a second to start."""
        return get("/v0/sql", self.token(), data=f"{query} FORMAT JSON".encode(), method="POST")["data"]

    def write(self, path, text):
        self.folder.joinpath(path).write_text(text)

    def change(self, path, old, new):
        """Writes in place: the command does not see a file that takes another's place."""
        file = self.folder / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def fresh(tmp_path, home):
    """A copy of the project of which the server knows nothing."""
    folder = tmp_path / "shop"
    shutil.copytree(PROJECT, folder)
    return Project(folder, home)


@pytest.fixture(scope="module")
def project(tmp_path_factory, home):
    """A copy of the project, built."""
    folder = tmp_path_factory.mktemp("built") / "shop"
    shutil.copytree(PROJECT, folder)
    out = Project(folder, home)
    out.tb("build")
    return out


def get(path, token=None, **options):
    """The JSON of an address."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urlopen(Request(f"{URL}{path}", headers=headers, **options), timeout=SECONDS_MAX) as answer:
        return json.load(answer)
