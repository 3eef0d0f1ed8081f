"""Issues: create, read, edit, move, assign, delete, and their history."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from include.jira_sandbox.api.requests import (
    BodyDep,
    CallerDep,
    MaxResults,
    NameList,
    StartAt,
    answer,
    closed_page,
    no_content,
    read_names,
    require_cloud,
    split_names,
)
from include.jira_sandbox.catalogue import transitions_from
from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.history import show_history
from include.jira_sandbox.issue import Issue, find_issue, look_up_issue
from include.jira_sandbox.issue_edit import assign_issue, create_issue, delete_issue, edit_issue, move_issue
from include.jira_sandbox.issue_views import View, show_issue
from include.jira_sandbox.screens import show_edit_screen
from include.jira_sandbox.session import Session
from include.jira_sandbox.wire_json import read_object
from include.jira_sandbox.workflow import show_transition

BULK_CREATE_LIMIT = 50
BULK_FETCH_LIMIT = 100
router = APIRouter()


@router.post("/issue")
def post_issue(caller: CallerDep, body: BodyDep) -> Response:
    """Create an issue."""
    with caller.writing() as session:
        shown = _show_created(session, create_issue(session, body))
    return answer(shown, 201)


@router.post("/issue/bulk")
def post_issues(caller: CallerDep, body: BodyDep) -> Response:
    """Create up to 50 issues; each is made or refused by itself, 400 only when none was made."""
    updates = read_object(body).get("issueUpdates")
    if not isinstance(updates, list) or not 1 <= len(updates) <= BULK_CREATE_LIMIT:
        raise RefusedError(400, f"'issueUpdates' must hold 1 to {BULK_CREATE_LIMIT} issues.")
    made: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    with caller.writing() as session:
        for number, update in enumerate(updates):
            session.db.execute("SAVEPOINT element")
            try:
                made.append(_show_created(session, create_issue(session, update)))
            except RefusedError as refusal:
                session.db.execute("ROLLBACK TO element")
                failed = {"status": refusal.status, "elementErrors": refusal.to_json(), "failedElementNumber": number}
                errors.append(failed)
            session.db.execute("RELEASE element")
    return answer({"issues": made, "errors": errors}, 201 if made else 400)


@router.post("/issue/bulkfetch")
def fetch_issues(caller: CallerDep, body: BodyDep) -> Response:
    """Return up to 100 issues by id or key; the unknown ones are reported apart."""
    require_cloud(caller)
    given = read_object(body)
    wanted = read_names(given.get("issueIdsOrKeys"), "issueIdsOrKeys")
    if not 1 <= len(wanted) <= BULK_FETCH_LIMIT:
        raise RefusedError(400, f"'issueIdsOrKeys' must hold 1 to {BULK_FETCH_LIMIT} ids or keys.")
    names = [read_names(given.get(member), member) for member in ("fields", "expand", "properties")]
    view = View(names[0] or ["*navigable"], names[1], names[2])
    shown: dict[int, dict[str, Any]] = {}
    errors = []
    with caller.reading() as session:
        for id_or_key in wanted:
            issue = look_up_issue(session, id_or_key)
            if issue is None:
                missing = "Issue does not exist or you do not have permission to see it."
                errors.append({"id": id_or_key, "errorMessage": missing})
            elif issue.id not in shown:
                shown[issue.id] = show_issue(session, issue, view)
    return answer({"issues": list(shown.values()), "issueErrors": errors})


@router.get("/issue/{id_or_key}")
def get_issue(
    caller: CallerDep, id_or_key: str, fields: NameList = (), expand: NameList = (), properties: NameList = ()
) -> Response:
    """Return one issue, always as it is now."""
    view = View(split_names(fields), split_names(expand), split_names(properties))
    with caller.reading() as session:
        return answer(show_issue(session, find_issue(session, id_or_key), view))


@router.put("/issue/{id_or_key}")
def put_issue(
    caller: CallerDep,
    id_or_key: str,
    body: BodyDep,
    return_issue: Annotated[bool, Query(alias="returnIssue")] = False,
    expand: NameList = (),
) -> Response:
    """Edit an issue."""
    with caller.writing() as session:
        edit_issue(session, find_issue(session, id_or_key), body)
        if return_issue:
            view = View(["*all"], split_names(expand))
            return answer(show_issue(session, find_issue(session, id_or_key), view))
    return no_content()


@router.delete("/issue/{id_or_key}")
def delete_issue_route(caller: CallerDep, id_or_key: str) -> Response:
    """Delete an issue."""
    with caller.writing() as session:
        delete_issue(session, id_or_key)
    return no_content()


@router.get("/issue/{id_or_key}/editmeta")
def get_edit_screen(caller: CallerDep, id_or_key: str) -> Response:
    """Return the fields that the edit screen has."""
    with caller.reading() as session:
        issue = find_issue(session, id_or_key)
        return answer({"fields": show_edit_screen(session, issue.project_id)})


@router.put("/issue/{id_or_key}/assignee")
def put_assignee(caller: CallerDep, id_or_key: str, body: BodyDep) -> Response:
    """Assign an issue."""
    with caller.writing() as session:
        assign_issue(session, find_issue(session, id_or_key), body)
    return no_content()


@router.get("/issue/{id_or_key}/transitions")
def get_transitions(
    caller: CallerDep, id_or_key: str, transition_id: Annotated[str | None, Query(alias="transitionId")] = None
) -> Response:
    """Return the transitions that the issue may take from its present status."""
    with caller.reading() as session:
        issue = find_issue(session, id_or_key)
        ways = [one for one in transitions_from(issue.status_id) if transition_id in {None, one.id}]
        shown = [show_transition(session, transition) for transition in ways]
    return answer({"expand": "transitions", "transitions": shown})


@router.post("/issue/{id_or_key}/transitions")
def post_transition(caller: CallerDep, id_or_key: str, body: BodyDep) -> Response:
    """Move an issue."""
    with caller.writing() as session:
        move_issue(session, find_issue(session, id_or_key), body)
    return no_content()


@router.get("/issue/{id_or_key}/changelog")
def get_changelog(caller: CallerDep, id_or_key: str, start: StartAt = 0, size: MaxResults = 100) -> Response:
    """Return the history of an issue, oldest first."""
    with caller.reading() as session:
        issue = find_issue(session, id_or_key)
        page = closed_page(show_history(session, issue.id), start, min(size, 100))
        return answer(page | {"self": session.url("issue", issue.id, "changelog")})


def _show_created(session: Session, issue: Issue) -> dict[str, Any]:
    return {"id": str(issue.id), "key": issue.key, "self": session.url("issue", issue.id)}
