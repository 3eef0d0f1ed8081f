"""The pages: behind the credentials, self-contained, and safe whatever the tickets hold."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.contract.jira_sandbox.conftest import Running

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;{{7*7}}"


class Reader(HTMLParser):
    """Collects the elements, the addresses and the words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.attributes: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src", "action"}]

    def handle_data(self, data: str) -> None:
        """Note words."""
        self.words += data


def read(sandbox: Running, path: str) -> Reader:
    """Return what a page holds."""
    answer = sandbox.request("GET", path)
    assert answer.status_code == 200
    reader = Reader()
    reader.feed(answer.text)
    return reader


@pytest.mark.parametrize("path", ["/", "/browse/PMS-1", "/style.css", "/sandbox/faults", "/nowhere"])
def test_nothing_without_credentials(sandbox: Running, path: str) -> None:
    """Every page asks for the credentials; a browser is told how."""
    answer = sandbox.request("GET", path, auth=lambda request: request)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_health_is_open_and_says_nothing(sandbox: Running) -> None:
    """The health route answers anyone, with its status and no more."""
    assert sandbox.request("GET", "/sandbox/health", auth=lambda request: request).json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/", "/browse/PMS-999999", "/style.css"])
def test_protective_headers(sandbox: Running, path: str) -> None:
    """Pages allow nothing from outside, no script, no frame and no guessing of types."""
    headers = sandbox.request("GET", path).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_list_by_project(sandbox: Running) -> None:
    """The list shows all tickets or those of one project, each linking to its page."""
    key = sandbox.create("Listed here", labels=["shown"])["key"]

    assert f"/browse/{key}" in read(sandbox, "/").addresses
    assert f"/browse/{key}" in read(sandbox, "/?project=PMS").addresses
    assert f"/browse/{key}" not in read(sandbox, "/?project=REQ").addresses


def test_ticket_shows_everything(sandbox: Running) -> None:
    """A ticket's page shows fields, links from both sides, comments and history."""
    first, second = (sandbox.create(f"Ticket {number}", description="Many words")["key"] for number in (1, 2))
    ends = {"inwardIssue": {"key": first}, "outwardIssue": {"key": second}}
    sandbox.request("POST", "/rest/api/3/issueLink", json={"type": {"name": "Blocks"}, **ends})
    sandbox.request("POST", f"/rest/api/2/issue/{first}/comment", json={"body": "A remark"})
    sandbox.request("POST", f"/rest/api/2/issue/{first}/transitions", json={"transition": {"id": "11"}})

    page = read(sandbox, f"/browse/{first}")
    assert "Many words" in page.words
    assert "A remark" in page.words
    assert re.search(r"status\s*To Do\s*In Progress", page.words)
    assert re.search(rf"\bblocks\s+{second}", page.words)
    assert re.search(rf"is blocked by\s+{first}", read(sandbox, f"/browse/{second}").words)


def hostile_document() -> dict[str, Any]:
    """Return a document that tries every place where a page could be broken."""
    marks = [{"type": "link", "attrs": {"href": "javascript:alert(1)"}}, {"type": "<b>"}, {"type": "strong"}]
    text = {"type": "text", "text": HOSTILE, "marks": marks}
    good = {
        "type": "text",
        "text": "go",
        "marks": [{"type": "link", "attrs": {"href": 'https://x.example/"><script>'}}],
    }
    blocks = [
        {"type": "paragraph", "content": [text, good, {"type": "mention", "attrs": {"text": HOSTILE, "id": HOSTILE}}]},
        {"type": "heading", "attrs": {"level": HOSTILE}, "content": [text]},
        {"type": "codeBlock", "attrs": {"language": HOSTILE}, "content": [{"type": "text", "text": HOSTILE}]},
        {"type": "panel", "attrs": {"panelType": HOSTILE}, "content": [{"type": "paragraph", "content": [text]}]},
        {"type": "blockCard", "attrs": {"url": HOSTILE}},
    ]
    return {"type": "doc", "version": 1, "content": blocks}


def test_hostile_content_is_shown_as_text(sandbox: Running) -> None:
    """Whatever a ticket holds in any field reaches the page as words: no element, handler or address of its own."""
    fields = {"project": {"key": "PMS"}, "issuetype": {"name": "Bug"}, "summary": HOSTILE}
    labels = ["<script>alert(1)</script>"]
    body = {
        "fields": {**fields, "description": hostile_document(), "labels": labels},
        "properties": [{"key": HOSTILE, "value": HOSTILE}],
    }
    key = sandbox.request("POST", "/rest/api/3/issue", json=body).json()["key"]
    path = f"/rest/api/3/issue/{key}"
    sandbox.request("POST", f"{path}/comment", json={"body": hostile_document()})
    sandbox.request("POST", f"{path}/remotelink", json={"object": {"url": "javascript:alert(1)", "title": HOSTILE}})
    sandbox.request("PUT", path, json={"fields": {"summary": HOSTILE + "2"}})
    files = {"file": (HOSTILE, b"<script>", "text/html")}
    sandbox.request("POST", f"{path}/attachments", files=files, headers={"X-Atlassian-Token": "no-check"})

    for page in (read(sandbox, f"/browse/{key}"), read(sandbox, "/")):
        assert not {"script", "img", "iframe", "object", "b"} & set(page.tags)
        assert not {name for name in page.attributes if name.startswith("on")}
        assert not [one for one in page.addresses if not re.match(r"(/|#|https://x\.example/)", one)]
        assert HOSTILE in page.words


def test_rendered_fields_are_escaped(sandbox: Running) -> None:
    """The HTML that the API itself gives is as safe as the pages."""
    fields = {
        "project": {"key": "PMS"},
        "issuetype": {"name": "Bug"},
        "summary": "s",
        "description": hostile_document(),
    }
    key = sandbox.request("POST", "/rest/api/3/issue", json={"fields": fields}).json()["key"]
    issue = sandbox.request("GET", f"/rest/api/3/issue/{key}?expand=renderedFields").json()

    assert "<script" not in issue["renderedFields"]["description"]
    assert "javascript:" not in re.sub(r">[^<]*<", "><", issue["renderedFields"]["description"])


def test_unknown_ticket(sandbox: Running) -> None:
    """A key that does not exist is a 404 page that repeats it harmlessly."""
    answer = sandbox.request("GET", "/browse/<script>")

    assert answer.status_code == 404
    assert "<script>" not in answer.text
