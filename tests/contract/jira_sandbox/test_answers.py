"""Every answer of the stand-in, good or bad, holds against Atlassian's document with the strict patch."""

from typing import Any

import pytest

pytestmark = pytest.mark.shared


def adf(*texts: str) -> dict[str, Any]:
    """Return a document with a paragraph per text."""
    paragraphs = [{"type": "paragraph", "content": [{"type": "text", "text": text}]} for text in texts]
    return {"type": "doc", "version": 1, "content": paragraphs}


def fields(**more: Any) -> dict[str, Any]:
    """Return the fields of a bug that can be created."""
    return {"project": {"key": "PMS"}, "issuetype": {"name": "Bug"}, "summary": "Alarm rate is up", **more}


def make(v3: Any, **more: Any) -> str:
    """Create a bug and return its key."""
    answer = v3("POST", "/issue", json={"fields": fields(**more)})
    assert answer.status_code == 201, answer.text

    return str(answer.json()["key"])


@pytest.mark.parametrize(
    "path",
    [
        "/serverInfo",
        "/myself",
        "/mypermissions?permissions=BROWSE_PROJECTS,CREATE_ISSUES,LINK_ISSUES",
        "/project",
        "/project/search",
        "/project/PMS",
        "/project/PMS/statuses",
        "/project/PMS/components",
        "/project/PMS/versions",
        "/issuetype",
        "/priority",
        "/priority/search",
        "/status",
        "/statuscategory",
        "/resolution",
        "/field",
        "/label",
        "/issueLinkType",
        "/issueLinkType/10000",
        "/issue/createmeta?projectKeys=PMS&issuetypeNames=Bug&expand=projects.issuetypes.fields",
        "/issue/createmeta/PMS/issuetypes",
        "/issue/createmeta/PMS/issuetypes/10004",
        "/user/search?query=engineer",
        "/attachment/meta",
    ],
)
def test_what_the_site_holds(v3: Any, path: str) -> None:
    """Reading the site's own data is a 200 in the contract's shape."""
    assert v3("GET", path).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/mypermissions", 400),
        ("/mypermissions?permissions=FLY", 400),
        ("/project/NOPE", 404),
        ("/issueLinkType/77", 404),
        ("/issue/PMS-999999", 404),
        ("/issue/PMS-999999/comment", 404),
        ("/issue/PMS-999999/transitions", 404),
        ("/issue/PMS-999999/properties", 404),
        ("/issue/PMS-999999/remotelink", 404),
        ("/issue/PMS-999999/changelog", 404),
        ("/issueLink/77", 404),
        ("/attachment/77", 404),
        ("/attachment/content/77", 404),
        ("/component/77", 404),
        ("/user?accountId=nobody", 404),
        ("/search/jql?jql=", 400),
        ("/search/jql?jql=project%20%3D", 400),
        ("/search/jql?jql=project%3DPMS&nextPageToken=broken", 400),
        ("/issue/createmeta/PMS/issuetypes/77", 400),
        ("/issue/PMS-1/comment?startAt=-1", 400),
    ],
)
def test_what_is_not_there(v3: Any, path: str, status: int) -> None:
    """Asking for what does not exist, or in a way that has no sense, is answered with the contract's status."""
    assert v3("GET", path).status_code == status


@pytest.mark.parametrize("path", ["/myself", "/issue/PMS-1", "/search/jql?jql=project%3DPMS", "/field"])
@pytest.mark.parametrize("auth", [None, ("engineer@example.com", "wrong"), ("other", "contract-test-token")])
def test_nothing_without_credentials(v3: Any, path: str, auth: tuple[str, str] | None) -> None:
    """No route of the API answers without the right user and token."""
    assert v3("GET", path, auth=auth or (lambda request: request)).status_code == 401


def test_bearer_token(v3: Any) -> None:
    """The token alone is enough as a bearer token, as on Data Center."""

    def bearer(request: Any) -> Any:
        request.headers["Authorization"] = "Bearer contract-test-token"
        return request

    assert v3("GET", "/myself", auth=bearer).json()["displayName"] == "engineer@example.com"


def test_issue_from_birth_to_end(v3: Any) -> None:
    """Create with everything at once, read back, edit, move, and delete: all in the contract's shapes."""
    requirement = v3(
        "POST",
        "/issue",
        json={"fields": {"project": {"key": "REQ"}, "issuetype": {"name": "Requirement"}, "summary": "Alarm in 10 s"}},
    ).json()["key"]
    body = {
        "fields": fields(
            description=adf("Evidence", "Counts"),
            labels=["pms", "pms-1"],
            priority={"name": "High"},
            duedate="2026-12-24",
        ),
        "update": {
            "issuelinks": [{"add": {"type": {"name": "Relates"}, "outwardIssue": {"key": requirement}}}],
        },
        "properties": [{"key": "pms.signal", "value": {"key": "k", "revision": 1}}],
        "transition": {"id": "11"},
    }
    made = v3("POST", "/issue", json=body)
    assert made.status_code == 201, made.text
    key = made.json()["key"]
    read = v3("GET", f"/issue/{key}?expand=renderedFields,names,schema,transitions,changelog,editmeta&properties=*all")
    issue = read.json()

    assert issue["fields"]["labels"] == ["pms", "pms-1"]
    assert issue["fields"]["status"]["name"] == "In Progress"
    assert issue["fields"]["description"] == adf("Evidence", "Counts")
    assert issue["fields"]["issuelinks"][0]["outwardIssue"]["key"] == requirement
    assert issue["properties"] == {"pms.signal": {"key": "k", "revision": 1}}
    assert {way["id"] for way in issue["transitions"]} == {"21", "31", "51"}

    seen_from_requirement = v3("GET", f"/issue/{requirement}?fields=issuelinks").json()["fields"]
    assert seen_from_requirement["issuelinks"][0]["inwardIssue"]["key"] == key

    change = {"fields": {"summary": "New words"}, "update": {"labels": [{"add": "x"}, {"remove": "pms-1"}]}}
    assert v3("PUT", f"/issue/{key}", json=change).status_code == 204
    assert v3("PUT", f"/issue/{key}?returnIssue=true", json={"fields": {}}).json()["fields"]["labels"] == ["pms", "x"]
    done = {"transition": {"id": "51"}, "fields": {"resolution": {"name": "Won't Do"}}}
    assert v3("POST", f"/issue/{key}/transitions", json=done).status_code == 204
    assert v3("GET", f"/issue/{key}?fields=resolution,status").json()["fields"]["resolution"]["name"] == "Won't Do"
    assert v3("GET", f"/issue/{key}/changelog").json()["total"] == 4
    assert v3("GET", f"/issue/{key}/editmeta").status_code == 200
    assert v3("PUT", f"/issue/{key}/assignee", json={"accountId": None}).status_code == 204
    assert v3("DELETE", f"/issue/{key}").status_code == 204
    assert v3("GET", f"/issue/{key}").status_code == 404
    assert v3("GET", f"/issue/{requirement}?fields=issuelinks").json()["fields"]["issuelinks"] == []


REFUSED = [
    ({}, "project", "valid project is required"),
    (
        {"project": {"key": "NOPE"}, "issuetype": {"name": "Bug"}, "summary": "s"},
        "project",
        "valid project is required",
    ),
    ({"project": {"key": "PMS"}, "summary": "s"}, "issuetype", "Specify an issue type"),
    (fields(issuetype={"name": "Requirement"}), "issuetype", "The issue type selected is invalid."),
    ({"project": {"key": "PMS"}, "issuetype": {"name": "Bug"}}, "summary", "You must specify a summary of the issue."),
    (fields(summary="x" * 256), "summary", "Summary can't exceed 255 characters."),
    (fields(summary="a\nb"), "summary", "The summary is invalid because it contains newline characters."),
    (
        fields(description="plain"),
        "description",
        "Operation value must be an Atlassian Document (see the Atlassian Document Format)",
    ),
    (
        fields(description=adf("x" * 32_767)),
        "description",
        "The entered text is too long. It exceeds the allowed limit of 32,767 characters.",
    ),
    (fields(labels=["a b"]), "labels", "The label 'a b' contains spaces which is invalid."),
    (
        fields(customfield_10010="x"),
        "customfield_10010",
        "Field 'customfield_10010' cannot be set. It is not on the appropriate screen, or unknown.",
    ),
    (fields(issuelinks=[]), "issuelinks", "Field does not support update 'issuelinks'"),
    (fields(priority={"name": "Urgent"}), "priority", "The priority selected is invalid."),
    (fields(duedate="soon"), "duedate", "Error parsing date string: use yyyy-MM-dd."),
]


@pytest.mark.parametrize(("given", "member", "message"), REFUSED)
def test_refused_create(v3: Any, given: dict[str, Any], member: str, message: str) -> None:
    """A field that Jira would not take is a 400 that names the field in Jira's words."""
    answer = v3("POST", "/issue", json={"fields": given})

    assert answer.status_code == 400
    assert answer.json()["errors"][member] == message


def test_label_of_256_characters(v3: Any) -> None:
    """A label may have 255 characters and no more."""
    assert v3("POST", "/issue", json={"fields": fields(labels=["x" * 256])}).status_code == 400
    assert v3("POST", "/issue", json={"fields": fields(labels=["x" * 255])}).status_code == 201


def test_refused_transition_leaves_no_issue(v3: Any) -> None:
    """A create whose transition or link cannot be done is refused as a whole: no issue and no number is used up."""
    before = int(make(v3).partition("-")[2])
    unknown_transition = {"fields": fields(), "transition": {"id": "999"}}
    unknown_link = {"type": {"name": "Relates"}, "outwardIssue": {"key": "PMS-999999"}}

    assert v3("POST", "/issue", json=unknown_transition).status_code == 400
    answer = v3.running.request(
        "POST", "/rest/api/3/issue", json={"fields": fields(), "update": {"issuelinks": [{"add": unknown_link}]}}
    )
    assert answer.status_code == 404
    assert int(make(v3).partition("-")[2]) == before + 1


def test_bulk(v3: Any) -> None:
    """Bulk creation makes what it can, reports the rest by number, and takes 50 at most."""
    mixed = [{"fields": fields()}, {"fields": fields(summary="")}, {"fields": fields(labels=["b c"])}]
    answer = v3("POST", "/issue/bulk", json={"issueUpdates": mixed})

    assert answer.status_code == 201
    assert len(answer.json()["issues"]) == 1
    assert [error["failedElementNumber"] for error in answer.json()["errors"]] == [1, 2]
    assert v3("POST", "/issue/bulk", json={"issueUpdates": mixed[1:]}).status_code == 400
    assert v3("POST", "/issue/bulk", json={"issueUpdates": [{"fields": fields()}] * 50}).status_code == 201


def test_bulk_of_51_is_refused(v3: Any) -> None:
    """A bulk of 51 is refused as a whole; the body of the true 400 is not published, so only the status is checked."""
    answer = v3.running.request("POST", "/rest/api/3/issue/bulk", json={"issueUpdates": [{"fields": fields()}] * 51})

    assert answer.status_code == 400


def test_comments(v3: Any) -> None:
    """Comments are added, listed, changed and removed; an empty or foreign body is refused."""
    path = f"/issue/{make(v3)}/comment"
    made = v3("POST", path, json={"body": adf("first")})

    assert made.status_code == 201
    one = f"{path}/{made.json()['id']}"
    assert v3("GET", one).json()["body"] == adf("first")
    assert v3("PUT", one, json={"body": adf("second")}).json()["body"] == adf("second")
    assert v3("GET", path).json()["total"] == 1
    for refused in ({}, {"body": ""}, {"body": "text"}, {"body": adf()}, {"body": {"type": "doc"}}):
        assert v3("POST", path, json=refused).status_code == 400
    assert v3("DELETE", one).status_code == 204
    assert v3("GET", one).status_code == 404


def test_issue_links(v3: Any) -> None:
    """A link is made once however often it is sent, read, removed, and needs two issues that exist."""
    first, second = make(v3), make(v3)
    body = {"type": {"name": "Blocks"}, "inwardIssue": {"key": first}, "outwardIssue": {"key": second}}

    assert [v3("POST", "/issueLink", json=body).status_code for _ in range(2)] == [201, 201]
    links = v3("GET", f"/issue/{first}?fields=issuelinks").json()["fields"]["issuelinks"]
    assert [link["outwardIssue"]["key"] for link in links] == [second]
    path = f"/issueLink/{links[0]['id']}"
    assert v3("GET", path).json()["inwardIssue"]["key"] == first
    assert v3("POST", "/issueLink", json={**body, "outwardIssue": {"key": "PMS-999999"}}).status_code == 404
    assert v3("POST", "/issueLink", json={**body, "type": {"name": "Nope"}}).status_code == 404
    assert v3("POST", "/issueLink", json={**body, "outwardIssue": {"key": first}}).status_code == 400
    assert v3("POST", "/issueLink", json={"type": {"name": "Blocks"}}).status_code == 400
    assert v3("DELETE", path).status_code == 204
    assert v3("GET", path).status_code == 404


def test_link_types(v3: Any) -> None:
    """A site may add link types."""
    body = {"name": "Guards", "inward": "is guarded by", "outward": "guards"}

    assert v3("POST", "/issueLinkType", json=body).status_code == 201
    assert v3("POST", "/issueLinkType", json=body).status_code == 400


def test_remote_links(v3: Any) -> None:
    """A globalId makes a remote link once; sending it again replaces it, and what is left out is gone."""
    path = f"/issue/{make(v3)}/remotelink"
    target = {"url": "https://example.com/s/1", "title": "Signal 1"}
    body = {"globalId": "signal=1", "relationship": "caused by", "object": target}
    made = v3("POST", path, json=body)

    assert made.status_code == 201
    assert v3("POST", path, json={"globalId": "signal=1", "object": target}).status_code == 200
    assert v3("GET", f"{path}?globalId=signal%3D1").json().get("relationship") is None
    assert len(v3("GET", path).json()) == 1
    one = f"{path}/{made.json()['id']}"
    assert v3("PUT", one, json=body).status_code == 204
    assert v3("GET", one).json()["relationship"] == "caused by"
    assert v3("POST", path, json={"object": {"title": "no address"}}).status_code == 400
    assert v3("DELETE", f"{path}?globalId=signal%3D1").status_code == 204
    assert v3("DELETE", one).status_code == 404


def test_remote_link_takes_no_other_global_id(v3: Any) -> None:
    """Replacing a remote link by id cannot give it the globalId of another one."""
    path = f"/issue/{make(v3)}/remotelink"
    target = {"url": "https://example.com/s/1", "title": "Signal 1"}
    first, _ = (v3("POST", path, json={"globalId": name, "object": target}).json()["id"] for name in ("a", "b"))

    assert v3("PUT", f"{path}/{first}", json={"globalId": "b", "object": target}).status_code == 400


def test_properties(v3: Any) -> None:
    """A property is new (201), then replaced (200), listed, read and removed; its limits are 255 and 32,768."""
    path = f"/issue/{make(v3)}/properties"
    one = f"{path}/pms.signal"

    assert [v3("PUT", one, json={"n": n}).status_code for n in (1, 2)] == [201, 200]
    assert v3("GET", one).json() == {"key": "pms.signal", "value": {"n": 2}}
    assert [entry["key"] for entry in v3("GET", path).json()["keys"]] == ["pms.signal"]
    assert v3("PUT", f"{path}/{'k' * 256}", json=1).status_code == 400
    assert v3("PUT", one, json="x" * 32_767).status_code == 400
    assert v3("PUT", one, json="x" * 32_766).status_code == 200
    assert v3("DELETE", one).status_code == 204
    assert v3("GET", one).status_code == 404


def test_transitions(v3: Any) -> None:
    """Only the transitions of the present status are listed and taken; Done takes two steps and sets a resolution."""
    path = f"/issue/{make(v3)}/transitions"

    assert [way["id"] for way in v3("GET", path).json()["transitions"]] == ["11", "51"]
    assert v3("POST", path, json={"transition": {"id": "31"}}).status_code == 400
    assert v3("POST", path, json={"transition": {}}).status_code == 400
    resolution = {"transition": {"id": "11"}, "fields": {"resolution": {"name": "Done"}}}
    assert v3("POST", path, json=resolution).status_code == 400
    moves = [v3("POST", path, json={"transition": {"id": way}}).status_code for way in ("11", "31", "41")]
    assert moves == [204, 204, 204]


def test_attachments(v3: Any) -> None:
    """A file is attached with Jira's header only, described, given back byte by byte, and removed."""
    key = make(v3)
    path = f"/issue/{key}/attachments"
    files = {"file": ("evidence.csv", b"a,b\r\n\x00\xff", "text/csv")}

    assert v3("POST", path, files=files).status_code == 403
    answer = v3("POST", path, files=files, headers={"X-Atlassian-Token": "no-check"})
    assert answer.status_code == 200
    made = answer.json()[0]
    assert (made["filename"], made["size"], made["mimeType"]) == ("evidence.csv", 7, "text/csv")
    assert v3("GET", f"/attachment/{made['id']}").json()["id"] == int(made["id"])
    content = v3.running.request("GET", f"/rest/api/3/attachment/content/{made['id']}")
    assert content.content == b"a,b\r\n\x00\xff"
    assert "attachment" in content.headers["Content-Disposition"]
    assert v3("GET", f"/issue/{key}?fields=attachment").json()["fields"]["attachment"][0]["id"] == made["id"]
    assert v3("DELETE", f"/attachment/{made['id']}").status_code == 204
    assert v3("GET", f"/attachment/{made['id']}").status_code == 404


def test_bulk_fetch(v3: Any) -> None:
    """Issues are fetched by id and key, each once; the unknown are reported, 101 are refused."""
    key = make(v3)
    answer = v3("POST", "/issue/bulkfetch", json={"issueIdsOrKeys": [key, key, "PMS-999999"], "fields": ["summary"]})

    assert [issue["key"] for issue in answer.json()["issues"]] == [key]
    assert [error["id"] for error in answer.json()["issueErrors"]] == ["PMS-999999"]
    assert v3("POST", "/issue/bulkfetch", json={"issueIdsOrKeys": ["PMS-1"] * 101}).status_code == 400


def test_search_pages(v3: Any) -> None:
    """A result comes page by page with tokens until isLast, whole and without repetition; ids only unless asked."""
    keys = {make(v3, labels=["paged"]) for _ in range(7)}
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        body = {"jql": "labels = paged ORDER BY key", "maxResults": 3, "fields": ["summary"], **token}
        page = v3("POST", "/search/jql", json=body).json()
        found += [issue["key"] for issue in page["issues"]]
        if page["isLast"]:
            break
        token = {"nextPageToken": page["nextPageToken"]}

    assert len(found) == 7
    assert set(found) == keys
    bare = v3("GET", "/search/jql?jql=labels%3Dpaged&maxResults=1").json()["issues"][0]
    assert "fields" not in bare
    assert v3("POST", "/search/approximate-count", json={"jql": "labels = paged"}).json() == {"count": 7}


@pytest.mark.parametrize(
    "body",
    [
        {"jql": "order by created"},
        {"jql": "project = PMS", "startAt": 1},
        {"jql": "project = PMS", "reconcileIssues": ["1"]},
        {"jql": "project = PMS", "reconcileIssues": list(range(1, 52))},
        {"jql": 1},
        {"jql": "nofield = 1"},
        {"jql": "status = Nope"},
    ],
)
def test_refused_search(v3: Any, body: dict[str, Any]) -> None:
    """A search without bounds, with members of the old search, or with unknown words is a 400 with a message."""
    answer = v3("POST", "/search/jql", json=body)

    assert answer.status_code == 400
    assert answer.json()["errorMessages"] != []


def test_components_and_versions(v3: Any) -> None:
    """Components and versions are made, used on an issue by name, and shown on it; a name exists once."""
    body = {"name": "Pump", "project": "PMS"}

    assert v3("POST", "/component", json=body).status_code == 201
    assert v3("POST", "/component", json=body).status_code == 400
    version = v3.running.request("POST", "/rest/api/3/version", json={"name": "1.2", "projectId": 10000})
    assert version.status_code == 201
    assert [one["name"] for one in v3("GET", "/project/PMS/versions").json()] == ["1.2"]
    key = make(v3, components=[{"name": "Pump"}], fixVersions=[{"name": "1.2"}])
    shown = v3("GET", f"/issue/{key}?fields=components,fixVersions").json()["fields"]
    assert (shown["components"][0]["name"], shown["fixVersions"][0]["name"]) == ("Pump", "1.2")
    assert v3("POST", "/issue", json={"fields": fields(components=[{"name": "Nope"}])}).status_code == 400


def test_rate_limit(v3: Any) -> None:
    """An ordered 429 has the headers and body of the strict contract."""
    v3.running.order_fault("GET .*/myself", "rate_limit", reason="jira-burst-based", retry_after=7)
    answer = v3("GET", "/myself")

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "7"
    assert answer.headers["RateLimit-Reason"] == "jira-burst-based"


def test_the_same_issue_through_both_versions(v2: Any, v3: Any) -> None:
    """Version 2 carries text where version 3 carries documents; what was stored is converted when read across."""
    key = v2("POST", "/issue", json={"fields": fields(description="one\n\ntwo")}).json()["key"]
    comment = v3("POST", f"/issue/{key}/comment", json={"body": adf("hello")}).json()["id"]

    assert v3("GET", f"/issue/{key}?fields=description").json()["fields"]["description"] == adf("one", "two")
    assert v2("GET", f"/issue/{key}?fields=description").json()["fields"]["description"] == "one\n\ntwo"
    assert v2("GET", f"/issue/{key}/comment/{comment}").json()["body"] == "hello"
    assert v2("POST", "/issue", json={"fields": fields(description=adf("x"))}).status_code == 400


def test_watchers(v3: Any) -> None:
    """Joining twice counts once; a user that does not exist cannot watch."""
    key, me = make(v3), v3("GET", "/myself").json()["accountId"]
    joined = [v3("POST", f"/issue/{key}/watchers", json=me).status_code for _ in range(2)]

    assert joined == [204, 204]
    assert v3("GET", f"/issue/{key}/watchers").json()["watchCount"] == 1
    assert v3("POST", f"/issue/{key}/watchers", json="nobody").status_code == 404
    assert v3("GET", "/issue/PMS-999999/watchers").status_code == 404
