"""Links between issues and their types."""

from fastapi import APIRouter, Response

from include.jira_sandbox import links
from include.jira_sandbox.api.requests import BodyDep, CallerDep, answer, no_content
from include.jira_sandbox.comments import add_comment
from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.issue_edit import touch_issue
from include.jira_sandbox.wire_json import read_object

router = APIRouter()


@router.post("/issueLink")
def post_link(caller: CallerDep, body: BodyDep) -> Response:
    """Link two issues; a link that is there is answered as made, and its comment is added again (Cloud's way)."""
    given = read_object(body)
    with caller.writing() as session:
        link_type = links.find_link_type(session, given.get("type"))
        source = links.find_end(session, given.get("inwardIssue"))
        destination = links.find_end(session, given.get("outwardIssue"))
        links.add_link(session, link_type, source, destination)
        if given.get("comment") is not None:
            add_comment(session, destination.id, given["comment"])
        for end in (source, destination):
            touch_issue(session, end.id)
    return Response(status_code=201)


@router.get("/issueLink/{link_id}")
def get_link(caller: CallerDep, link_id: str) -> Response:
    """Return one link."""
    with caller.reading() as session:
        return answer(links.show_link(session, links.find_link(session, link_id)))


@router.delete("/issueLink/{link_id}")
def delete_link(caller: CallerDep, link_id: str) -> Response:
    """Remove a link."""
    with caller.writing() as session:
        for end in links.remove_link(session, link_id):
            touch_issue(session, end)
    return no_content()


@router.get("/issueLinkType")
def get_link_types(caller: CallerDep) -> Response:
    """Return the link types of the site."""
    with caller.reading() as session:
        rows = session.rows("SELECT * FROM link_type ORDER BY name")
        return answer({"issueLinkTypes": [links.show_link_type(session, row) for row in rows]})


@router.post("/issueLinkType")
def post_link_type(caller: CallerDep, body: BodyDep) -> Response:
    """Add a link type, as an administrator of the site would."""
    given = read_object(body)
    words = [given.get(name) for name in ("name", "inward", "outward")]
    if not all(isinstance(word, str) and 0 < len(word) <= 255 for word in words):
        raise RefusedError(400, "A link type needs a name, an inward and an outward description.")
    with caller.writing() as session:
        if session.row("SELECT 1 FROM link_type WHERE name = ?", words[0]):
            raise RefusedError(400, "An issue link type with this name already exists.")
        made = session.insert("INSERT INTO link_type (name, inward, outward) VALUES (?, ?, ?)", *words)
        shown = links.show_link_type(session, links.find_link_type(session, {"id": str(made)}))
    return answer(shown, 201)


@router.get("/issueLinkType/{type_id}")
def get_link_type(caller: CallerDep, type_id: str) -> Response:
    """Return one link type."""
    with caller.reading() as session:
        return answer(links.show_link_type(session, links.find_link_type(session, {"id": type_id})))
