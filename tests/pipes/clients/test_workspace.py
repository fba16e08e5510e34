"""Tokens, secrets, workspaces, and what a token may not do."""

import json
from urllib.error import HTTPError

import pytest
from conftest import URL, get


def test_tokens_come_and_go(project):
    project.says("token ls", "shop ingest", "shop reader", "workspace admin token")
    project.says("token create static mine --scope PIPES:READ --resource shop_days", "✓ Token 'mine' generated")
    project.says("token scopes mine", "PIPES:READ", "shop_days")
    before = project.token("mine")
    assert rows_of("shop_days", before)
    assert refused(f"/v0/pipes/top_products.json?least=1&token={before}") == 403
    assert refused(f"/v0/sql?q=SELECT+1+FROM+orders&token={before}") in (400, 403)
    project.says("token refresh mine --yes", "refreshed")
    assert refused(f"/v0/pipes/shop_days.json?token={before}") == 403
    assert rows_of("shop_days", project.token("mine"))
    project.says("token rm mine --yes", "removed")
    project.says("token rm mine --yes", "does not exist", code=1)


def test_tokens_of_files_may_what_the_files_say(project):
    ingest, reader = project.token("shop ingest"), project.token("shop reader")
    event = json.dumps(
        {"ordered_at": "2024-05-03 10:00:00.000", "order_id": "61f0c404-5cb3-11e7-907b-a6006ad3dba9"}
        | {"shop": "east", "items": [{"sku": "z"}], "amount": 3, "is_gift": True}
    ).encode()
    answer = get("/v0/events?name=orders&wait=true", ingest, data=event, method="POST")
    assert answer == {"successful_rows": 1, "quarantined_rows": 0}
    assert rows_of("shop_days", reader, "&shop=east") == [
        {"day": "2024-05-03", "shop": "east", "orders": 1, "customers": 0, "amount": 3}
    ]
    assert refused(f"/v0/pipes/shop_days.json?token={ingest}") == 403
    assert refused(f"/v0/tokens?token={reader}") == 403


def test_a_jwt_fixes_parameters(project):
    options = "--ttl 1h --scope PIPES:READ --resource shop_days --fixed-params shop=south"
    said = project.says(f"token create jwt web {options}", "The token is: ")
    jwt = said.split("The token is: ")[1].split()[0]
    assert [row["shop"] for row in rows_of("shop_days", jwt, "&shop=north")] == ["south"]
    assert refused(f"/v0/pipes/top_products.json?least=1&token={jwt}") == 403


def test_secrets_are_kept_and_not_shown(project):
    project.says("secret set broker_key abc", "✓ Secret 'broker_key' set")
    project.says("secret set broker_key verysecret", "✓ Secret 'broker_key' set")
    assert "verysecret" not in project.says("secret ls", "broker_key")
    project.says("build", "broker.connection changed")
    admin = project.token("workspace admin token")
    content = get("/v0/connectors/broker.connection?include_metadata=true", admin)["content"]
    assert 'tb_secret("broker_key", "nobody")' in content and "verysecret" not in content
    project.says("secret rm broker_key", "✓ Secret 'broker_key' deleted")
    project.says("secret rm broker_key", "not found")


def test_secrets_of_the_folder_are_sent(fresh):
    fresh.write(".env.local", "broker_secret=hidden\n")
    fresh.tb("build")
    assert "hidden" not in fresh.says("secret ls", "broker_secret")


def test_workspaces_come_and_go(fresh):
    tokens = get("/tokens")
    user = get("/v1/user/workspaces", tokens["user_token"])
    first = next(w for w in user["workspaces"] if w["name"] == "Tinybird_Local_Testing")
    cloud = f"--cloud --host {URL} --token {first['token']} --user-token {tokens['user_token']}"
    fresh.says(f"{cloud} workspace create second", "Workspace 'second' has been created")
    fresh.says(f"{cloud} workspace ls", "second", "Tinybird_Local_Testing")
    fresh.says(f"{cloud} workspace current", "Tinybird_Local_Testing")
    fresh.says(f"{cloud} workspace create second", "already exists", code=1)
    fresh.says(f"{cloud} workspace create public", "reserved", code=1)
    fresh.says(f"{cloud} branch ls", "Branches")
    fresh.says(f"{cloud} workspace delete second --yes", "Workspace 'second' deleted")
    fresh.says(f"{cloud} workspace delete second --yes", "not found", code=1)


def test_the_server_says_what_it_is(fresh):
    fresh.tb("build")
    fresh.says("local version", "Tinybird Local version")
    fresh.says("local ls", "Tinybird_Local_Build_")
    fresh.says("info --skip-local", "Project")


def rows_of(pipe, token, more=""):
    return get(f"/v0/pipes/{pipe}.json?token={token}{more}")["data"]


def refused(path):
    """The status of a refusal."""
    with pytest.raises(HTTPError) as error:
        get(path)
    return error.value.code
