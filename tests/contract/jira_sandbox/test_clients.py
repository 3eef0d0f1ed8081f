"""The two Jira clients that people use do their whole work against the stand-in, over a real socket."""

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from atlassian import Jira
from atlassian.jira import JiraCloud
from jira import JIRA, JIRAError

from tests.contract.jira_sandbox.conftest import TOKEN, USER, Running, start


@pytest.fixture(name="server", scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    running = start(tmp_path_factory.mktemp("server") / "jira.sqlite", "--deployment", "server")
    yield running
    running.stop()


def pycontribs(running: Running, version: str = "2") -> Any:
    """Return the pycontribs client, without the retries that file twice."""
    return JIRA(running.url, basic_auth=(USER, TOKEN), options={"rest_api_version": version}, max_retries=0)


def document(text: str) -> dict[str, Any]:
    """Return the ADF of one line."""
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
    }


@pytest.mark.parametrize(("version", "rich"), [("2", str), ("3", document)])
def test_pycontribs_on_cloud(sandbox: Running, version: str, rich: Callable[[str], Any]) -> None:
    """pycontribs/jira creates, finds, links, comments, moves, attaches, marks and deletes in both versions."""
    client = pycontribs(sandbox, version)
    named = {"project": "PMS", "issuetype": {"name": "Bug"}}
    label = f"pycontribs-{version}"
    issue = client.create_issue(fields={**named, "summary": "One", "description": rich("Text"), "labels": [label]})
    other = client.create_issue(project="REQ", issuetype={"name": "Requirement"}, summary="Must")

    client.create_issue_link("Relates", issue.key, other.key)
    comment = client.add_comment(issue, rich("hello"))
    client.add_attachment(issue, io.BytesIO(b"bytes"), "a.txt")
    client.add_issue_property(issue.key, "pms.signal", {"n": 1})
    client.add_simple_link(issue, {"url": "https://example.com", "title": "Signal"})
    issue.update(summary="Two", update={"labels": [{"add": "more"}]})
    for name in ("Start Progress", "Resolve"):
        client.transition_issue(issue, name)

    found = client.enhanced_search_issues(f"labels = {label} AND resolution = Done")
    assert [one.key for one in found] == [issue.key]
    read = client.issue(issue.key, expand="changelog")
    assert (read.fields.summary, read.fields.status.name, read.fields.labels) == ("Two", "Done", [label, "more"])
    assert read.fields.issuelinks[0].outwardIssue.key == other.key
    assert client.comment(issue.key, comment.id).id == comment.id
    assert read.fields.attachment[0].get() == b"bytes"
    assert client.issue_property(issue.key, "pms.signal").value.n == 1
    assert [link.object.title for link in client.remote_links(issue)] == ["Signal"]
    assert client.approximate_issue_count(f"labels = {label}") == 1
    issue.delete()
    with pytest.raises(JIRAError) as missing:
        client.issue(issue.key)
    assert missing.value.status_code == 404


def test_pycontribs_looks_around(sandbox: Running) -> None:
    """pycontribs/jira reads what the site holds."""
    client = pycontribs(sandbox)

    assert {project.key for project in client.projects()} == {"PMS", "REQ"}
    assert {kind.name for kind in client.issue_types_for_project("PMS")} == {"Bug", "Task"}
    assert "Won't Do" in {one.name for one in client.resolutions()}
    assert {one.name for one in client.issue_link_types()} >= {"Relates", "Blocks"}
    assert client.myself()["displayName"] == USER
    assert client.createmeta("PMS", expand="projects.issuetypes.fields")["projects"][0]["key"] == "PMS"
    assert "summary" in {field["id"] for field in client.fields()}
    assert [user.displayName for user in client.search_users(query="engineer")] == [USER]
    component = client.create_component("Valve", "PMS")
    assert component.id in {one.id for one in client.project_components("PMS")}
    version = client.create_version("2.0", "PMS")
    assert version.id in {one.id for one in client.project_versions("PMS")}


def test_pycontribs_bulk_and_pages(sandbox: Running) -> None:
    """pycontribs/jira creates in bulk and walks the pages of the enhanced search by itself."""
    client = pycontribs(sandbox)
    one = {"project": "PMS", "issuetype": {"name": "Task"}, "labels": ["bulk"]}
    made = client.create_issues([{**one, "summary": f"Number {number}"} for number in range(7)])

    assert {result["status"] for result in made} == {"Success"}
    assert len(client.enhanced_search_issues("labels = bulk", maxResults=False)) == 7


def test_pycontribs_on_data_center(server: Running) -> None:
    """On Data Center the old search still answers, with a total, and users go by name."""
    client = pycontribs(server)
    for number in range(3):
        client.create_issue(project="PMS", issuetype="Bug", summary=f"Number {number}")
    client.assign_issue("PMS-1", USER)

    found = client.search_issues("project = PMS ORDER BY key", maxResults=2)
    assert (found.total, [issue.key for issue in found]) == (3, ["PMS-1", "PMS-2"])
    assert found[0].fields.assignee.name == USER


def test_old_search_on_cloud_is_gone(sandbox: Running) -> None:
    """On Cloud the old search answers 410 and names the new one."""
    for version in ("2", "3"):
        for method, options in (("GET", {}), ("POST", {"json": {"jql": "project = PMS"}})):
            answer = sandbox.request(method, f"/rest/api/{version}/search", **options)

            assert answer.status_code == 410
            assert "/rest/api/3/search/jql" in answer.json()["errorMessages"][0]


@pytest.mark.parametrize("cloud", [True, False])
def test_atlassian_python_api(sandbox: Running, server: Running, tmp_path: Path, cloud: bool) -> None:
    """atlassian-python-api's `Jira` does its work on either deployment."""
    client: Any = Jira((sandbox if cloud else server).url, username=USER, password=TOKEN, cloud=cloud)
    named = {"project": {"key": "PMS"}, "issuetype": {"name": "Bug"}, "labels": ["atlassian"]}
    key = client.create_issue(fields={**named, "summary": "One", "description": "Text"})["key"]
    other = client.issue_create(fields={**named, "summary": "Two"})["key"]

    ends = {"inwardIssue": {"key": key}, "outwardIssue": {"key": other}}
    client.create_issue_link({"type": {"name": "Blocks"}, **ends})
    client.issue_add_comment(key, "hello")
    client.update_issue_field(key, {"summary": "New"})
    client.set_issue_status(key, "In Progress")
    client.set_issue_status(key, "Done", fields={"resolution": {"name": "Duplicate"}})
    client.set_issue_property(key, "pms.signal", {"n": 2})
    client.create_or_update_issue_remote_links(key, "https://example.com", "Signal", global_id="signal=2")
    evidence = tmp_path / "evidence.txt"
    evidence.write_text("counts")
    client.add_attachment(key, str(evidence))

    issue = client.issue(key)
    assert (issue["fields"]["summary"], issue["fields"]["resolution"]["name"]) == ("New", "Duplicate")
    assert issue["fields"]["issuelinks"][0]["outwardIssue"]["key"] == other
    assert issue["fields"]["comment"]["comments"][0]["body"] == "hello"
    assert issue["fields"]["attachment"][0]["filename"] == "evidence.txt"
    assert client.get_issue_property(key, "pms.signal")["value"] == {"n": 2}
    assert client.get_issue_remote_links(key)[0]["globalId"] == "signal=2"
    found = client.jql("labels = atlassian AND resolution is EMPTY", fields="summary")
    assert [one["key"] for one in found["issues"]] == [other]
    assert client.issue_exists(key) is True
    assert client.issue_exists("PMS-999999") is False
    client.delete_issue(other)


def test_atlassian_python_api_for_cloud(sandbox: Running) -> None:
    """atlassian-python-api's generated `JiraCloud` (version 3) creates, searches with reconciliation, and reads."""
    client: Any = JiraCloud(sandbox.url, username=USER, password=TOKEN, api_version=3)
    fields = {"project": {"key": "PMS"}, "issuetype": {"name": "Bug"}, "summary": "Three", "labels": ["cloud3"]}
    made = client.create_issue(data={"fields": {**fields, "description": document("Text")}})
    client.add_comment(made["key"], data={"body": document("hello")})
    client.do_transition(made["key"], data={"transition": {"id": "11"}})

    body = {"jql": "labels = cloud3", "fields": ["status"], "reconcileIssues": [int(made["id"])]}
    found = client.search_and_reconsile_issues_using_jql_post(data=body)
    assert found["issues"][0]["fields"]["status"]["name"] == "In Progress"
    assert client.enhanced_jql("labels = cloud3")["issues"][0]["key"] == made["key"]
    assert client.get_issue(made["key"])["fields"]["comment"]["comments"][0]["body"] == document("hello")
    assert client.get_create_issue_meta_issue_types("PMS")["total"] == 2


@pytest.mark.parametrize("deployment", ["cloud", "server"])
def test_pycontribs_watches_and_reads_create_screens(sandbox: Running, server: Running, deployment: str) -> None:
    """Watchers come and go; the two-step createmeta answers on Data Center, where pycontribs asks for it."""
    client = pycontribs(sandbox if deployment == "cloud" else server)
    key = client.create_issue(project="PMS", issuetype="Bug", summary="Watched").key
    client.add_watcher(key, USER)
    client.add_watcher(key, USER)

    assert (client.watchers(key).watchCount, client.watchers(key).isWatching) == (1, True)
    client.remove_watcher(key, USER)
    assert client.watchers(key).watchers == []
    if deployment == "server":
        kind = next(one for one in client.project_issue_types("PMS") if one.name == "Bug")
        assert {"summary", "labels"} <= {one.fieldId for one in client.project_issue_fields("PMS", kind.id)}


def test_data_center_has_nothing_that_only_cloud_has(server: Running) -> None:
    """Version 3, the enhanced search and bulk fetch are not there: a client must choose its dialect."""
    asked = [
        server.request("GET", "/rest/api/3/serverInfo"),
        server.request("POST", "/rest/api/2/search/jql", json={"jql": "project = PMS"}),
        server.request("POST", "/rest/api/2/issue/bulkfetch", json={"issueIdsOrKeys": ["PMS-1"]}),
        server.request("POST", "/rest/api/2/search/approximate-count", json={"jql": "project = PMS"}),
    ]

    assert {answer.status_code for answer in asked} == {404}


@pytest.mark.parametrize(("retries", "tickets"), [(0, 1), (1, 2)])
def test_what_the_usual_client_does_when_an_answer_is_lost(sandbox: Running, retries: int, tickets: int) -> None:
    """The connection drops after the commit: pycontribs sends a create again when told to retry, and files twice."""
    label = f"lost-{retries}"
    client: Any = JIRA(sandbox.url, basic_auth=(USER, TOKEN), max_retries=retries)
    sandbox.order_fault("^POST /rest/api/2/issue$", "lost_answer", times=1)
    fields = {"project": "PMS", "issuetype": {"name": "Bug"}, "summary": "Once", "labels": [label]}
    with contextlib.suppress(requests.ConnectionError):
        client.create_issue(fields=fields)
    sandbox.request("DELETE", "/sandbox/faults")

    assert len(sandbox.search(f"labels = {label}")) == tickets
