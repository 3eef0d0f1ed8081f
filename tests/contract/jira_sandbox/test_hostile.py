"""What a stranger may send never gives a 500: it is stored, or refused with a status of the 400s."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.contract.jira_sandbox.conftest import Running

GOOD = {"project": {"key": "PMS"}, "issuetype": {"name": "Bug"}, "summary": "s"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(name="session")
def _session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe{}",
        b"{}" + b" " * 100 + b"x",
        b"[" * 100_000,
        b'{"fields":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001,
        b'{"fields":' + b'{"a":' * 500 + b"1" + b"}" * 501,
        b'{"fields":{"summary":NaN}}',
        b'{"fields":{"summary":' + b"9" * 10_000 + b"}}",
        b'{"fields":{"summary":"\\ud800"}}',
        b'{"fields":{"summary":"\\u0000"}}',
        b'{"fields":null,"update":null}',
        b'{"update":{"labels":{"add":"x"}},"fields":{}}',
        b'{"properties":{"a":1},"fields":{}}',
        b'{"transition":[],"fields":{}}',
    ],
)
def test_broken_bodies(sandbox: Running, body: bytes) -> None:
    """A body that is not what it should be is a 400 in Jira's shape."""
    answer = sandbox.request("POST", "/rest/api/3/issue", data=body, headers=JSON)

    assert answer.status_code == 400
    assert set(answer.json()) == {"errorMessages", "errors"}


NODE = {"type": ["paragraph"]}
ODD: list[Any] = [
    {"type": "doc", "version": 1, "content": [NODE]},
    {"type": "doc", "version": [], "content": [[]]},
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    "x",
    [],
    [None],
    [[]],
    {},
    {"id": None},
    {"name": 1},
    {"id": []},
]


@pytest.mark.parametrize(
    "member",
    ["project", "issuetype", "summary", "description", "environment", "priority", "labels", "components",
     "fixVersions", "versions", "assignee", "reporter", "duedate", "issuelinks", "comment", "x" * 5_000],
)  # fmt: skip
def test_odd_values_in_every_field(sandbox: Running, session: requests.Session, member: str) -> None:
    """Any JSON value in any field, set or added, is taken or refused, in both versions and when editing."""
    key = sandbox.create()["key"]
    for version in ("2", "3") if member in {"description", "environment", "comment"} else ("3",):
        for value in ODD:
            bodies = [{"fields": {**GOOD, member: value}}]
            bodies += [{"fields": GOOD, "update": {member: [{verb: value}]}} for verb in ("add", "set")]
            for body in bodies:
                created = sandbox.request("POST", f"/rest/api/{version}/issue", json=body, over=session)
                assert created.status_code in {201, 400, 404}, (body, created.text)
                edit = {"fields": {member: value}} if "update" not in body else {"update": body["update"]}
                edited = sandbox.request("PUT", f"/rest/api/{version}/issue/{key}", json=edit, over=session)
                assert edited.status_code in {204, 400, 404}, (edit, edited.text)


@pytest.mark.parametrize(
    ("method", "path", "members"),
    [
        ("POST", "/issue/bulk", "issueUpdates"),
        ("POST", "/issue/bulkfetch", "issueIdsOrKeys fields expand properties"),
        ("POST", "/issueLink", "type inwardIssue outwardIssue comment"),
        ("POST", "/issueLinkType", "name inward outward"),
        ("POST", "/component", "name project projectId description"),
        ("POST", "/version", "name project projectId description releaseDate released archived"),
        ("POST", "/search/jql", "jql nextPageToken maxResults fields expand properties reconcileIssues"),
        ("POST", "/search/approximate-count", "jql"),
        ("POST", "/issue/PMS-1/comment", "body"),
        ("POST", "/issue/PMS-1/remotelink", "globalId object application relationship"),
        ("POST", "/issue/PMS-1/transitions", "transition fields update"),
        ("PUT", "/issue/PMS-1/assignee", "accountId id name"),
        ("PUT", "/issue/PMS-1/properties/p", "any"),
    ],
)
def test_odd_bodies(sandbox: Running, session: requests.Session, method: str, path: str, members: str) -> None:
    """Any JSON value as a body, or as any member that the route reads, never breaks a route."""
    sandbox.create()
    ends = {"type": {"name": "Blocks"}, "inwardIssue": {"key": "PMS-1"}, "outwardIssue": {"key": "PMS-2"}}
    bases: dict[str, dict[str, Any]] = {
        "/search/jql": {"jql": "project = PMS"},
        "/component": {"name": "n", "project": "PMS"},
        "/version": {"name": "n", "project": "PMS"},
        "/issue/PMS-1/remotelink": {"object": {"title": "t", "url": "u"}},
        "/issueLink": ends,
        "/issueLinkType": {"name": "n", "inward": "i", "outward": "o"},
        "/issue/bulkfetch": {"issueIdsOrKeys": ["PMS-1"]},
        "/issue/PMS-1/transitions": {"transition": {"id": "11"}},
    }
    base = bases.get(path, {})
    bodies: list[Any] = [*ODD, *({**base, member: value} for member in members.split() for value in ODD)]
    for body in bodies:
        data = json.dumps(body).encode()
        status = sandbox.request(method, f"/rest/api/3{path}", data=data, headers=JSON, over=session).status_code
        assert status in {200, 201, 204, 400, 404}, body


@pytest.mark.parametrize(
    "path",
    [
        "/rest/api/3/issue/%00",
        "/rest/api/3/issue/%ff%fe",
        "/rest/api/3/issue/PMS-99999999999999999999999",
        "/rest/api/3/issue/99999999999999999999999",
        "/rest/api/3/issue/%D9%A1",
        "/rest/api/3/issue/PMS-1?fields=%00,%ff&expand=%ff&properties=%00",
        "/rest/api/3/search/jql?jql=%ff%00",
        "/rest/api/3/search/jql?jql=project%3DPMS&maxResults=99999999999999999999",
        "/rest/api/3/search/jql?jql=project%3DPMS&reconcileIssues=99999999999999999999",
        "/rest/api/3/search/jql?jql=project%3DPMS&nextPageToken=WzEsMiwzLDRd",
        "/rest/api/3/search/jql?jql=project%3DPMS&nextPageToken=%C3%A9",
        "/rest/api/3/issueLink/99999999999999999999999",
        "/rest/api/3/attachment/99999999999999999999999",
        "/rest/api/3/project/99999999999999999999999",
        "/rest/api/9/myself",
        "/browse/%ff%00",
        "/?page=99999999999999999999",
        "/?project=%ff",
    ],
)
def test_odd_addresses(sandbox: Running, path: str) -> None:
    """No address, however odd, breaks the server."""
    assert sandbox.request("GET", path).status_code < 500


def test_huge_body(sandbox: Running) -> None:
    """A body beyond 12 MiB is refused before it is read to the end."""
    assert sandbox.request("POST", "/rest/api/3/issue", data=b" " * (13 * 2**20), headers=JSON).status_code == 413


def test_other_content_types_are_refused(sandbox: Running) -> None:
    """A body that does not say it is JSON is refused: a web page of another site cannot send one that does."""
    body = json.dumps({"fields": GOOD})
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = sandbox.request("POST", "/rest/api/3/issue", data=body, headers={"Content-Type": kind})
        assert answer.status_code == 415


@pytest.mark.parametrize("host", ["a b", "[", "x" * 3_000, "a/../b", "<script>", "a:b:c"])
def test_odd_host_headers(sandbox: Running, host: str) -> None:
    """A host header that is no host does not get into the addresses of an answer."""
    answer = sandbox.request("GET", "/rest/api/3/serverInfo", headers={"Host": host})

    assert answer.status_code in {200, 400}
    if answer.status_code == 200:
        assert answer.json()["baseUrl"] == "http://localhost" or answer.json()["baseUrl"] == f"http://{host}"
        assert "<" not in answer.text


@pytest.mark.parametrize("value", ["Basic", "Basic ???", "Basic " + "A" * 9_000, "Bearer", "Negotiate x", "\xff\xfe"])
def test_odd_credentials(sandbox: Running, value: str) -> None:
    """Credentials of any shape but the right one are a 401."""

    def header(request: Any) -> Any:
        request.headers["Authorization"] = value
        return request

    assert sandbox.request("GET", "/rest/api/3/myself", auth=header).status_code == 401


def test_bytes_that_are_not_http(sandbox: Running) -> None:
    """Noise on the socket ends that connection only."""
    address = urlsplit(sandbox.url)
    with socket.create_connection((address.hostname, address.port), 10) as noise:
        noise.sendall(b"\x00\xff\xfe\r\n\r\n" * 100)
        noise.recv(1_000)

    assert sandbox.request("GET", "/sandbox/health").status_code == 200


def test_broken_multipart(sandbox: Running) -> None:
    """Uploads without a file, or with a broken body, are refused."""
    key = sandbox.create()["key"]
    path = f"/rest/api/3/issue/{key}/attachments"
    headers = {"X-Atlassian-Token": "no-check"}
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "application/json"):
        answer = sandbox.request("POST", path, data=b"--x\r\nnonsense", headers={**headers, "Content-Type": kind})
        assert answer.status_code == 400
    assert sandbox.request("POST", path, files={"other": b"x"}, headers=headers).status_code == 400
