"""The command of the older way of working (`tinybird-cli`), which makes and changes resources one by one."""

import json
import os
import subprocess
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from conftest import COLOURS, SECONDS_MAX, URL, environment
from test_changes import asked
from test_deployments import Cloud

TB = os.environ["TILE_TB_CLASSIC"]

EVENTS = """DESCRIPTION >
    What happened.

TOKEN "tracker" APPEND

SCHEMA >
    `day` Date `json:$.day`,
    `who` String `json:$.who`,
    `n` Int32 `json:$.n` DEFAULT 1

ENGINE "MergeTree"
ENGINE_SORTING_KEY "day, who"
ENGINE_TTL "day + toIntervalYear(50)"
"""
PEOPLE = """NODE counted
SQL >
    %
    SELECT who, sum(n) AS total FROM events WHERE n >= {{Int32(least, 0)}} GROUP BY who

NODE ordered
DESCRIPTION The most first.
SQL >
    SELECT * FROM counted ORDER BY total DESC, who
"""
DAYS = """NODE by_day
SQL >
    SELECT day, sumState(n) AS n FROM events GROUP BY day

TYPE materialized
DATASOURCE days
ENGINE "AggregatingMergeTree"
ENGINE_SORTING_KEY "day"
"""
COPIED = """NODE all_events
SQL >
    SELECT day, who, n FROM events
TYPE copy
TARGET_DATASOURCE kept
COPY_SCHEDULE @on-demand
"""
ROWS = [{"day": "2024-05-01", "who": "ann", "n": 2}, {"day": "2024-05-01", "who": "bob"}, {"day": "2024-05-02", "who": "ann"}]


class Classic(Cloud):
    """A workspace, and a folder with the older command in it."""

    def __init__(self, fresh, folder):
        super().__init__(fresh)
        self.folder, self.home = folder, fresh.home
        self.tb(f"auth --host {URL} --token {self.token}")

    def tb(self, words, code=0):
        words = words if isinstance(words, list) else words.split()
        done = subprocess.run(
            [TB, "--no-version-warning", *words],
            cwd=self.folder,
            env=environment(self.home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS_MAX,
        )
        output = COLOURS.sub("", done.stdout)
        assert done.returncode == code, f"`tb {words}` ended with {done.returncode}:\n{output}"
        return output

    def says(self, words, *expected, code=0):
        output = self.tb(words, code)
        for text in expected:
            assert text in output, f"`tb {words}` does not say `{text}`:\n{output}"
        return output

    def write(self, path, text):
        file = self.folder / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        return path

    def token_of(self, name):
        return next(one["token"] for one in self.call("/v0/tokens")["tokens"] if one["name"] == name)


@pytest.fixture
def classic(fresh, tmp_path):
    folder = tmp_path / "older"
    (folder / "pulled").mkdir(parents=True)
    out = Classic(fresh, folder)
    out.tb(["push", out.write("datasources/events.datasource", EVENTS)])
    out.send("events", ROWS)
    return out


def test_a_data_source_is_pushed_and_pulled(classic):
    classic.says("datasource ls", "events")
    assert classic.rows("SELECT count() AS n FROM events") == [{"n": 3}]
    classic.says("push datasources/events.datasource", "already exists")
    # The token of the file is made by the command, by itself, and works.
    body = json.dumps(ROWS[0]).encode()
    sent = Request(f"{URL}/v0/events?name=events", data=body, method="POST")
    sent.add_header("Authorization", f"Bearer {classic.token_of('tracker')}")
    with urlopen(sent) as answer:
        assert json.load(answer) == {"successful_rows": 1, "quarantined_rows": 0}
    # Nothing has changed, and the command sees that.
    classic.says("push --force datasources/events.datasource", "already exists")
    # A column more is an alteration.
    wider = EVENTS.replace("DEFAULT 1\n", "DEFAULT 1,\n    `place` String `json:$.place` DEFAULT 'here'\n")
    classic.write("datasources/events.datasource", wider)
    classic.says("push --force --yes datasources/events.datasource", "Added column `place`")
    assert classic.rows("SELECT DISTINCT place FROM events") == [{"place": "here"}]
    classic.tb("pull --folder pulled")
    pulled = next(classic.folder.glob("pulled/**/events.datasource")).read_text()
    assert "`place` String `json:$.place` DEFAULT 'here'" in pulled and "What happened." in pulled


def test_rows_are_generated_appended_and_truncated(classic):
    classic.write("people.csv", "name,age\nann,41\nbob,7\n")
    classic.tb("datasource generate people.csv")
    classic.tb("push datasources/people.datasource")
    classic.says("datasource append people people.csv", "2")
    assert classic.rows("SELECT name, age FROM people ORDER BY age") == [{"name": "bob", "age": 7}, {"name": "ann", "age": 41}]
    classic.says(["sql", "SELECT sum(age) AS years FROM people"], "48")
    classic.tb("datasource truncate people --yes")
    assert classic.rows("SELECT count() AS n FROM people") == [{"n": 0}]
    classic.tb("datasource rm people --yes")
    assert asked(classic, "GET", "/v0/datasources/people")[0] == 404


def test_a_pipe_is_pushed_published_and_changed(classic):
    classic.tb(["push", classic.write("endpoints/people.pipe", PEOPLE)])
    asking = "/v0/pipes/people.json?least=2"
    assert classic.call(asking)["data"] == [{"who": "ann", "total": 2}]
    classic.says("pipe ls", "people")
    classic.says("pipe data people", "ann", "bob")
    classic.says("push endpoints/people.pipe", "already exists")
    classic.write("endpoints/people.pipe", PEOPLE.replace("SELECT * FROM counted", "SELECT upper(who) AS who, total FROM counted"))
    # The command sends the requests that there were to both, and compares the answers.
    shown = classic.tb(["push", "--force", "endpoints/people.pipe"], code=1)
    assert "ANN" in shown and "people.json?least=2" in shown, shown
    assert classic.call(asking)["data"] == [{"who": "ann", "total": 2}]
    classic.tb("push --force --no-check endpoints/people.pipe")
    assert classic.call(asking)["data"] == [{"who": "ANN", "total": 2}]
    classic.write("endpoints/people.pipe", PEOPLE.replace("SELECT * FROM counted", "SELECT upper(who) AS who, total + 0 AS total FROM counted"))
    assert "ANN" in str(classic.call(asking)["data"])
    classic.says(["push", "--force", "endpoints/people.pipe"], "|        2 |           2 |           0 |", "'people' created")
    assert [p["name"] for p in classic.call("/v0/pipes")["pipes"]] == ["people"]
    classic.tb("pull --folder pulled")
    assert "upper(who)" in next(classic.folder.glob("pulled/**/people.pipe")).read_text()


def test_the_result_of_a_query_is_copied(classic):
    classic.write("datasources/kept.datasource", EVENTS.replace('TOKEN "tracker" APPEND\n', ""))
    classic.tb("push datasources/kept.datasource")
    classic.says(["datasource", "copy", "kept", "--sql", "SELECT day, upper(who) AS who, n FROM events WHERE n > 1", "--wait"], "Copy with --sql", "kept")
    assert classic.rows("SELECT who, n FROM kept") == [{"who": "ANN", "n": 2}]
    # Columns that are not asked for have their defaults.
    classic.tb(["datasource", "copy", "kept", "--sql", "SELECT day, who FROM events WHERE who = 'bob'", "--wait"])
    assert classic.rows("SELECT who, n FROM kept ORDER BY who") == [{"who": "ANN", "n": 2}, {"who": "bob", "n": 1}]
    assert [job["kind"] for job in classic.call("/v0/jobs")["jobs"]] == ["copy", "copy"]
    logged = "SELECT event_type, rows FROM tinybird.datasources_ops_log WHERE datasource_name = 'kept' AND event_type = 'copy'"
    assert classic.rows(logged) == [{"event_type": "copy", "rows": 1}] * 2

    def copied(token, sql, to="kept"):
        """The status of the request, and that of its job with its error."""
        request = Request(f"{URL}/v0/sql_copy?copy_to={to}", data=sql.encode(), method="POST")
        request.add_header("Authorization", f"Bearer {token}")
        try:
            with urlopen(request) as answer:
                job = json.load(answer)["job"]
        except HTTPError as refused:
            return refused.code, json.load(refused)["error"]
        while job["status"] in ("waiting", "working"):
            job = classic.call(f"/v0/jobs/{job['id']}")
        return job["status"], job.get("error", "")

    def token(*scopes):
        query = urlencode([("name", "-".join(scopes)[:200])] + [("scope", scope) for scope in scopes])
        return classic.call(f"/v0/tokens?{query}", method="POST")["token"]

    assert copied(classic.token, "SELECT who, 1 AS nothing FROM events")[0] == "error"
    assert copied(classic.token, "SELECT (")[0] == 400
    assert copied(classic.token, "SELECT 1 AS n", "nothing")[0] == 404
    assert copied(classic.token, "INSERT INTO kept SELECT 1")[0] == 400
    # Who may append and not read gets nothing to append, and a filter holds.
    status, told = copied(token("DATASOURCES:APPEND:kept"), "SELECT day, who, n FROM events")
    assert status == "error" and "events" in told, (status, told)
    assert copied(token("DATASOURCES:READ:events"), "SELECT day, who, n FROM events")[0] == 403
    few = token("DATASOURCES:APPEND:kept", "DATASOURCES:READ:events:who = 'bob'")
    assert copied(few, "SELECT day, concat('few ', who) AS who, n FROM events")[0] == "done"
    assert classic.rows("SELECT who FROM kept WHERE who LIKE 'few %'") == [{"who": "few bob"}]


def test_tags_are_given_and_taken(classic):
    def tags():
        return {tag["name"]: sorted(one["name"] for one in tag["resources"]) for tag in classic.call("/v0/tags")["tags"]}

    assert "issue updating tags" not in classic.tb(["push", classic.write("endpoints/people.pipe", 'TAGS "web, people"\n\n' + PEOPLE)])
    classic.write("datasources/events.datasource", 'TAGS "web"\n\n' + EVENTS)
    assert "issue updating tags" not in classic.tb("push --force --yes datasources/events.datasource")
    assert tags() == {"people": ["people"], "web": ["events", "people"]}
    classic.says("tag ls", "web", "people")
    classic.says("tag ls web", "events", "people")
    classic.tb("tag create later")
    assert tags()["later"] == []
    # Files have them, so they come back with those, and rows stay.
    classic.tb("pull --folder pulled")
    assert 'TAGS "web"' in next(classic.folder.glob("pulled/**/events.datasource")).read_text()
    assert "web" in next(classic.folder.glob("pulled/**/people.pipe")).read_text()
    assert classic.rows("SELECT count() AS n FROM events") == [{"n": 3}]
    # Another push of the pipe says which it has from now on.
    classic.write("endpoints/people.pipe", 'TAGS "people"\n\n' + PEOPLE)
    classic.tb("push --force --no-check endpoints/people.pipe")
    assert tags() == {"later": [], "people": ["people"], "web": ["events"]}
    for name in ("web", "later"):
        classic.tb(f"tag rm {name} --yes")
    assert tags() == {"people": ["people"]}
    assert asked(classic, "DELETE", "/v0/tags/web")[0] == 404
    for body in (b'{"name": "a,b"}', b'{"name": "a=b"}', b'{"name": "\\nTOKEN thief READ"}', b'{"name": "people"}', b"[]", b'{"name": "x", "resources": [{"name": "nobody"}]}'):
        request = Request(f"{URL}/v0/tags", data=body, headers={"Authorization": f"Bearer {classic.token}"}, method="POST")
        with pytest.raises(HTTPError) as refused:
            urlopen(request)
        assert refused.value.code in (400, 404, 409), body
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(f"{URL}/v0/tags", headers={"Authorization": f"Bearer {classic.token_of('tracker')}"}))
    assert refused.value.code == 403
    classic.says("release ls", "Releases")


def test_nodes_come_and_outputs_change(classic):
    classic.tb(["push", classic.write("endpoints/people.pipe", PEOPLE)])
    classic.tb(["pipe", "append", "people", "SELECT count() AS all FROM counted"])
    classic.tb("pipe publish people")
    assert classic.call("/v0/pipes/people.json")["data"] == [{"all": 2}]
    classic.tb("pipe publish people ordered")
    assert classic.call("/v0/pipes/people.json")["data"][0] == {"who": "ann", "total": 3}
    classic.tb("pipe unpublish people")
    with pytest.raises(HTTPError) as refused:
        classic.call("/v0/pipes/people.json")
    assert refused.value.code == 404
    assert asked(classic, "DELETE", "/v0/pipes/people/nodes/people_2")[0] == 204
    assert [n["name"] for n in classic.call("/v0/pipes/people")["nodes"]] == ["counted", "ordered"]
    status, body = asked(classic, "DELETE", "/v0/pipes/people/nodes/counted")
    assert status == 400 and "counted" in body, body
    classic.tb("pipe rm people --yes")
    assert asked(classic, "GET", "/v0/pipes/people")[0] == 404


def test_a_view_is_populated(classic):
    classic.says(["push", classic.write("pipes/to_days.pipe", DAYS)], "days")
    total = "SELECT sumMerge(n) AS n FROM days"
    # Without a population a view sees what comes from now on.
    assert classic.rows(total) == [{"n": 0}]
    classic.send("events", ROWS[:1])
    assert classic.rows(total) == [{"n": 2}]
    classic.tb("pipe populate to_days --node by_day --truncate --wait")
    assert classic.rows(total) == [{"n": 6}]
    kinds = [job["kind"] for job in classic.call("/v0/jobs")["jobs"]]
    assert kinds == ["populateview"]
    where = urlencode({"truncate": "true", "populate_condition": "who = 'bob'"})
    assert asked(classic, "POST", f"/v0/pipes/to_days/nodes/by_day/population?{where}")[0] == 200
    assert classic.rows(total) == [{"n": 1}]
    classic.tb("pipe unlink to_days")
    classic.send("events", ROWS)
    assert classic.rows(total) == [{"n": 1}]


def test_many_rows_are_populated_while_pushed(classic):
    classic.write("datasources/numbers.datasource", "SCHEMA >\n    `n` UInt32 `json:$.n`\n\nENGINE MergeTree\n")
    classic.tb("push datasources/numbers.datasource")
    classic.send("numbers", [{"n": n} for n in range(400_000)])
    view = "NODE odd_ones\nSQL >\n    SELECT n FROM numbers WHERE n % 2\nTYPE materialized\nDATASOURCE odd_numbers\nENGINE MergeTree\n"
    classic.tb(["push", classic.write("pipes/odd.pipe", view), "--populate", "--wait"])
    assert classic.rows("SELECT count() AS n, sum(n) AS s FROM odd_numbers") == [{"n": 200_000, "s": 40_000_000_000}]


def test_a_folder_is_pushed_in_the_order_of_what_it_needs(classic):
    classic.write("datasources/kept.datasource", EVENTS.replace('TOKEN "tracker" APPEND\n', ""))
    classic.write("pipes/copied.pipe", COPIED)
    classic.write("pipes/to_days.pipe", DAYS)
    classic.write("endpoints/people.pipe", PEOPLE)
    classic.tb("push --push-deps --force --yes --no-check")
    assert {p["name"]: p["type"] for p in classic.call("/v0/pipes")["pipes"]} == {
        "copied": "copy",
        "people": "endpoint",
        "to_days": "materialized",
    }
    classic.tb("pipe copy run copied --wait --yes")
    assert classic.rows("SELECT count() AS n FROM kept") == [{"n": 3}]
    status, body = asked(classic, "PUT", "/v0/pipes/copied/nodes/all_events/copy", schedule_cron="0 * * * *", mode="replace")
    assert status == 200 and json.loads(body)["schedule"]["cron"] == "0 * * * *", body


def test_a_data_source_is_made_of_its_first_events(classic):
    rows = [{"at": "2024-05-01 10:00:00", "who": {"name": "ann"}, "n": 1}, {"at": "2024-05-02 10:00:00", "who": {"name": "bob"}, "n": 70000, "tags": ["a"]}]
    body = "\n".join(map(json.dumps, rows)).encode()

    def sends(token, name="fresh", body=body):
        request = Request(f"{URL}/v0/events?name={name}&wait=true", data=body, method="POST")
        request.add_header("Authorization", f"Bearer {token}")
        try:
            with urlopen(request) as answer:
                return answer.status, json.load(answer)
        except HTTPError as refused:
            return refused.code, json.load(refused)

    make = classic.call("/v0/tokens?name=maker&scope=DATASOURCES:CREATE", method="POST")["token"]
    append = classic.call("/v0/tokens?name=appender&scope=DATASOURCES:APPEND:fresh", method="POST")["token"]
    # Who has files to deploy has mistaken the name.
    assert sends(classic.token)[0] == 404
    assert sends(append)[0] == 404
    assert sends(make, body=b"no object")[0] == 400
    assert sends(make, name="not-a-name")[0] == 400
    assert sends(make) == (200, {"successful_rows": 2, "quarantined_rows": 0})
    assert sends(append) == (200, {"successful_rows": 2, "quarantined_rows": 0})
    assert sends(make)[0] == 200
    assert classic.rows("SELECT who_name, sum(n) AS n, any(tags) AS tags FROM fresh GROUP BY who_name ORDER BY n") == [
        {"who_name": "ann", "n": 3, "tags": []},
        {"who_name": "bob", "n": 210000, "tags": ["a"]},
    ]
    classic.tb("pull --folder pulled")
    pulled = next(classic.folder.glob("pulled/**/fresh.datasource")).read_text()
    assert "`at` DateTime `json:$.at`" in pulled and "`who_name` String `json:$.who.name`" in pulled, pulled


def test_tokens_make_what_they_may(classic):
    def asks(scopes, method, path, body=None):
        query = urlencode([("name", "-".join(scopes))] + [("scope", scope) for scope in scopes])
        try:
            token = classic.call(f"/v0/tokens?{query}", method="POST")["token"]
        except HTTPError:
            token = classic.token_of("-".join(scopes))
        request = Request(f"{URL}{path}", data=body, headers={"Authorization": f"Bearer {token}"}, method=method)
        try:
            with urlopen(request) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as refused:
            return refused.code, refused.read().decode()

    schema = urlencode({"name": "made", "schema": "`a` String `json:$.a`", "engine": "MergeTree"})
    pipe = "/v0/pipes?name=mine&" + urlencode({"sql": "SELECT 1 AS one"})
    for scope in ("PIPES:CREATE", "DATASOURCES:READ:events"):
        assert asks([scope], "POST", f"/v0/datasources?{schema}")[0] == 403
    assert asks(["DATASOURCES:CREATE"], "POST", pipe)[0] == 403
    assert asks(["DATASOURCES:CREATE"], "POST", f"/v0/datasources?{schema}")[0] == 200
    assert asks(["DATASOURCES:CREATE"], "POST", f"/v0/datasources?{schema}")[0] == 409
    assert asks(["PIPES:CREATE"], "POST", pipe)[0] == 200
    assert asks(["PIPES:CREATE"], "DELETE", "/v0/pipes/mine")[0] == 403
    assert asks(["PIPES:DROP:mine"], "DELETE", "/v0/pipes/mine")[0] == 204
    # A view appends: who makes one must be allowed to.
    view = {"name": "v", "nodes": [{"name": "n", "sql": "SELECT who AS a FROM events", "type": "materialized", "datasource": "made"}]}
    view = json.dumps(view).encode()
    assert asks(["PIPES:CREATE"], "POST", "/v0/pipes", view)[0] == 403
    assert asks(["PIPES:CREATE", "DATASOURCES:APPEND:made"], "POST", "/v0/pipes", view)[0] == 200
    # No text becomes another line of a file, as one that makes a token.
    for name, value in (
        ("schema", "`b` String\rTOKEN thief READ"),
        ("description", "x\nTOKEN thief READ"),
        ("engine_sorting_key", "a\nTOKEN thief READ"),
    ):
        form = {"name": "bad", "schema": "`a` String", "engine": "MergeTree", name: value}
        status, body = asks(["DATASOURCES:CREATE"], "POST", f"/v0/datasources?{urlencode(form)}")
        assert status == 400, body
    body = json.dumps({"name": "bad", "nodes": [{"name": "n", "sql": "% SELECT 1\nTYPE endpoint\nTOKEN thief READ"}]}).encode()
    assert asks(["PIPES:CREATE"], "POST", "/v0/pipes", body)[0] == 400
    assert "thief" not in json.dumps(classic.call("/v0/tokens"))
