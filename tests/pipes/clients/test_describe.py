"""Endpoints described for programs: OpenAPI, read by its validator, and tools of language models, called by the protocol's package."""

import asyncio
import json
from contextlib import asynccontextmanager
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from conftest import URL, get
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client
from mcp.shared.exceptions import McpError
from openapi_spec_validator import validate

ODD = """DESCRIPTION >
    All kinds of parameters

NODE one
SQL >
    %
    SELECT {{ Int64(many, 5, description='How many', required=True) }} AS many,
        {{ Array(ids, 'Int32', '1,2', description='Some numbers') }} AS ids,
        {{ String(kind, 'a', enum=['a', 'b'], description='Which kind') }} AS kind,
        {{ Boolean(is_on, 1) }} AS is_on, {{ Float64(share, 0.5) }} AS share,
        {{ DateTime(since, '2024-01-01 00:00:00') }} AS since

TYPE endpoint
"""


@pytest.fixture(scope="module")
def described(project):
    project.write("endpoints/odd.pipe", ODD)
    project.tb("build")
    return project


def test_the_document_is_openapi(described):
    document = get("/v0/pipes/openapi.json", described.token())
    validate(document)
    operation = document["paths"]["/v0/pipes/odd.json"]["get"]
    parameters = {p["name"]: p for p in operation["parameters"]}
    assert parameters["many"]["required"] and parameters["many"]["schema"] == {"type": "integer", "default": 5}
    assert parameters["ids"]["schema"] == {"type": "array", "items": {"type": "integer"}, "default": [1, 2]}
    assert parameters["ids"]["explode"] is False
    assert parameters["kind"]["schema"] == {"type": "string", "default": "a", "enum": ["a", "b"]}
    assert parameters["is_on"]["schema"] == {"type": "boolean", "default": True}
    columns = operation["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["data"]["items"]
    assert columns["properties"]["many"]["type"] == "integer" and columns["properties"]["kind"]["type"] == "string"
    # What the document says of a list is what the server takes.
    assert get("/v0/pipes/odd.json?many=1&ids=7,8", described.token())["data"][0]["ids"] == [7, 8]


def test_the_document_has_what_the_token_may_read(described):
    reader = described.token("shop reader")
    document = get(f"/v0/pipes/openapi.json?token={reader}")
    validate(document)
    assert {path.split("/")[-1].split(".")[0] for path in document["paths"]} == {"shop_days"}
    one = get("/v0/pipes/odd/openapi.json", described.token())
    validate(one)
    assert list(one["paths"]) == ["/v0/pipes/odd.json", "/v0/pipes/odd.csv", "/v0/pipes/odd.ndjson"]
    for path, status in [("odd", 403), ("nothing", 403)]:
        with pytest.raises(HTTPError) as error:
            get(f"/v0/pipes/{path}/openapi.json?token={reader}")
        assert error.value.code == status


@asynccontextmanager
async def session(token, **options):
    async with streamablehttp_client(f"{URL}/mcp?token={token}", **options) as (read, write, _):
        async with ClientSession(read, write) as session:
            yield session


def test_endpoints_are_tools(described):
    async def talk():
        async with session(described.token()) as mcp:
            begun = await mcp.initialize()
            assert begun.protocolVersion == "2025-06-18" and begun.serverInfo.name == "tile"
            tools = {tool.name: tool for tool in (await mcp.list_tools()).tools}
            own = {"execute_query", "list_datasources", "list_endpoints", "list_service_datasources"}
            assert own | {"odd", "shop_days", "top_products"} == set(tools)
            schema = tools["odd"].inputSchema
            assert schema["required"] == ["many"] and tools["odd"].description == "All kinds of parameters"
            assert schema["properties"]["kind"]["enum"] == ["a", "b"]
            result = await mcp.call_tool("shop_days", {"shop": "south"})
            assert not result.isError and result.content[0].text.splitlines() == [
                '"day","shop","orders","customers","amount"',
                '"2024-05-02","south",2,1,100.75',
            ]
            result = await mcp.call_tool("odd", {"many": 2, "ids": [4, 5], "is_on": False})
            assert result.content[0].text.splitlines()[1].startswith('2,"[4,5]","a",0,0.5,')
            result = await mcp.call_tool("odd", {"many": "x"})
            assert result.isError and "Error validating 'x' to type Int64" in result.content[0].text
            result = await mcp.call_tool("execute_query", {"sql": "SELECT count() AS n FROM orders FORMAT JSON"})
            assert json.loads(result.content[0].text)["data"] == [{"n": 4}]
            result = await mcp.call_tool("execute_query", {"sql": "SELECT 1 FROM nothing"})
            assert result.isError and "unknown table `nothing`" in result.content[0].text
            sources = json.loads((await mcp.call_tool("list_datasources", {})).content[0].text)
            assert "orders" in [source["name"] for source in sources]
            service = json.loads((await mcp.call_tool("list_service_datasources", {})).content[0].text)
            assert "tinybird.pipe_stats_rt" in [source["name"] for source in service]
            with pytest.raises(McpError, match="there is no tool `nothing`"):
                await mcp.call_tool("nothing", {})
            await mcp.send_ping()

    asyncio.run(talk())
    seen = described.rows("SELECT count() AS n FROM tinybird.pipe_stats_rt WHERE url = '/mcp' AND pipe_name = 'odd'")
    assert seen == [{"n": 2}]


def test_tools_are_those_that_the_token_may_use(described):
    async def talk():
        async with session(described.token("shop reader")) as mcp:
            await mcp.initialize()
            names = {tool.name for tool in (await mcp.list_tools()).tools}
            assert names == {"shop_days", "execute_query", "list_endpoints"}
            for sql in ["SELECT 1 FROM orders", "SELECT 1 FROM tinybird.pipe_stats_rt", "SELECT 1 FROM odd"]:
                assert (await mcp.call_tool("execute_query", {"sql": sql})).isError, sql
            with pytest.raises(McpError):
                await mcp.call_tool("odd", {"many": 1})

    asyncio.run(talk())


def test_a_token_can_be_a_header(described):
    async def talk():
        headers = {"Authorization": f"Bearer {described.token('shop reader')}"}
        async with streamablehttp_client(f"{URL}/mcp", headers=headers) as (read, write, _):
            async with ClientSession(read, write) as mcp:
                await mcp.initialize()
                assert not (await mcp.call_tool("shop_days", {})).isError

    asyncio.run(talk())
    with pytest.raises(HTTPError) as error:
        get("/mcp?token=nothing", data=b"{}", method="POST")
    assert error.value.code == 403


def test_what_is_no_message_is_refused(described):
    token = described.token()
    for body, version, code in [(b"{", "", -32700), (b"[]", "", -32600), (b'{"id":1}', "1999-01-01", -32600)]:
        with pytest.raises(HTTPError) as error:
            send(token, body, version)
        assert error.value.code == 400 and json.load(error.value)["error"]["code"] == code


def send(token, body, version):
    headers = {"Authorization": f"Bearer {token}"} | ({"MCP-Protocol-Version": version} if version else {})
    return urlopen(Request(f"{URL}/mcp", data=body, headers=headers, method="POST"))
