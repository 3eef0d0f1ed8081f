"""What hangs on an issue: comments, properties, remote links."""

import json
from typing import Annotated

from fastapi import APIRouter, Query, Response

from include.jira_sandbox import comments, properties, remote_links
from include.jira_sandbox.api.requests import (
    BodyDep,
    CallerDep,
    MaxResults,
    StartAt,
    answer,
    no_content,
    page_of,
)
from include.jira_sandbox.issue import find_issue
from include.jira_sandbox.issue_edit import touch_issue

router = APIRouter(prefix="/issue/{id_or_key}")


@router.get("/comment")
def get_comments(
    caller: CallerDep,
    id_or_key: str,
    start: StartAt = 0,
    size: MaxResults = 5000,
    order: Annotated[str, Query(alias="orderBy")] = "created",
) -> Response:
    """Return the comments of an issue, oldest first unless `orderBy` is `-created`."""
    with caller.reading() as session:
        rows = comments.comments_of(session, find_issue(session, id_or_key).id)
        shown = [comments.show_comment(session, row) for row in (rows[::-1] if order == "-created" else rows)]
    return answer(page_of(shown, start, size, "comments"))


@router.post("/comment")
def post_comment(caller: CallerDep, id_or_key: str, body: BodyDep) -> Response:
    """Add a comment."""
    with caller.writing() as session:
        issue = find_issue(session, id_or_key)
        made = comments.add_comment(session, issue.id, body)
        touch_issue(session, issue.id)
        shown = comments.show_comment(session, comments.find_comment(session, issue.id, str(made)))
    return answer(shown, 201)


@router.get("/comment/{comment_id}")
def get_comment(caller: CallerDep, id_or_key: str, comment_id: str) -> Response:
    """Return one comment."""
    with caller.reading() as session:
        row = comments.find_comment(session, find_issue(session, id_or_key).id, comment_id)
        return answer(comments.show_comment(session, row))


@router.put("/comment/{comment_id}")
def put_comment(caller: CallerDep, id_or_key: str, comment_id: str, body: BodyDep) -> Response:
    """Change a comment."""
    with caller.writing() as session:
        issue = find_issue(session, id_or_key)
        comments.change_comment(session, issue.id, comment_id, body)
        touch_issue(session, issue.id)
        shown = comments.show_comment(session, comments.find_comment(session, issue.id, comment_id))
    return answer(shown)


@router.delete("/comment/{comment_id}")
def delete_comment(caller: CallerDep, id_or_key: str, comment_id: str) -> Response:
    """Remove a comment."""
    with caller.writing() as session:
        issue = find_issue(session, id_or_key)
        comments.remove_comment(session, issue.id, comment_id)
        touch_issue(session, issue.id)
    return no_content()


@router.get("/properties")
def get_property_keys(caller: CallerDep, id_or_key: str) -> Response:
    """Return the keys of an issue's properties."""
    with caller.reading() as session:
        issue = find_issue(session, id_or_key)
        keys = [
            {"self": session.url("issue", issue.id, "properties", key), "key": key}
            for key in properties.property_keys(session, issue.id)
        ]
    return answer({"keys": keys})


@router.get("/properties/{key}")
def get_property(caller: CallerDep, id_or_key: str, key: str) -> Response:
    """Return one property."""
    with caller.reading() as session:
        row = properties.find_property(session, find_issue(session, id_or_key).id, key)
    return answer({"key": row["key"], "value": json.loads(row["value"])})


@router.put("/properties/{key}")
def put_property(caller: CallerDep, id_or_key: str, key: str, body: BodyDep) -> Response:
    """Set a property: 201 for a new one, 200 for one that was there."""
    with caller.writing() as session:
        text = properties.read_property(key, body)
        is_new = properties.write_property(session, find_issue(session, id_or_key).id, key, text)
    # The contract promises JSON here without saying what it holds.
    return answer({}, 201 if is_new else 200)


@router.delete("/properties/{key}")
def delete_property(caller: CallerDep, id_or_key: str, key: str) -> Response:
    """Remove a property."""
    with caller.writing() as session:
        properties.remove_property(session, find_issue(session, id_or_key).id, key)
    return no_content()


@router.get("/remotelink")
def get_remote_links(
    caller: CallerDep, id_or_key: str, global_id: Annotated[str | None, Query(alias="globalId")] = None
) -> Response:
    """Return the remote links of an issue, or the one with a globalId."""
    with caller.reading() as session:
        issue = find_issue(session, id_or_key)
        if global_id is not None:
            row = remote_links.find_by_global_id(session, issue.id, global_id)
            return answer(remote_links.show_remote_link(session, row))
        rows = remote_links.remote_links_of(session, issue.id)
        return answer([remote_links.show_remote_link(session, row) for row in rows])


@router.post("/remotelink")
def post_remote_link(caller: CallerDep, id_or_key: str, body: BodyDep) -> Response:
    """Make a remote link (201), or replace the one with the same globalId (200)."""
    with caller.writing() as session:
        issue = find_issue(session, id_or_key)
        link_id, is_new = remote_links.put_remote_link(session, issue.id, body)
        shown = {"id": link_id, "self": session.url("issue", issue.id, "remotelink", link_id)}
    return answer(shown, 201 if is_new else 200)


@router.delete("/remotelink")
def delete_by_global_id(
    caller: CallerDep, id_or_key: str, global_id: Annotated[str, Query(alias="globalId")]
) -> Response:
    """Remove the remote link with a globalId."""
    with caller.writing() as session:
        issue = find_issue(session, id_or_key)
        remote_links.remove_remote_link(session, remote_links.find_by_global_id(session, issue.id, global_id))
    return no_content()


@router.get("/remotelink/{link_id}")
def get_remote_link(caller: CallerDep, id_or_key: str, link_id: str) -> Response:
    """Return one remote link."""
    with caller.reading() as session:
        row = remote_links.find_remote_link(session, find_issue(session, id_or_key).id, link_id)
        return answer(remote_links.show_remote_link(session, row))


@router.put("/remotelink/{link_id}")
def put_remote_link(caller: CallerDep, id_or_key: str, link_id: str, body: BodyDep) -> Response:
    """Replace a remote link."""
    with caller.writing() as session:
        remote_links.change_remote_link(session, find_issue(session, id_or_key).id, link_id, body)
    return no_content()


@router.delete("/remotelink/{link_id}")
def delete_remote_link(caller: CallerDep, id_or_key: str, link_id: str) -> Response:
    """Remove a remote link."""
    with caller.writing() as session:
        row = remote_links.find_remote_link(session, find_issue(session, id_or_key).id, link_id)
        remote_links.remove_remote_link(session, row)
    return no_content()
