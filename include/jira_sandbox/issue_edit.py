"""Creating, editing, moving and deleting issues: a request is refused with all its faults, or done as a whole."""

from dataclasses import replace
from typing import Any

from include.jira_sandbox.catalogue import MEDIUM, TO_DO
from include.jira_sandbox.comments import add_comment
from include.jira_sandbox.errors import FieldError, RefusedError
from include.jira_sandbox.field_values import read_value
from include.jira_sandbox.fields import CREATE_SCREEN, EDIT_SCREEN
from include.jira_sandbox.history import record_changes
from include.jira_sandbox.issue import Issue, find_issue, insert_issue, save_issue
from include.jira_sandbox.issue_request import IssueRequest, read_request, read_screen
from include.jira_sandbox.links import add_link_from
from include.jira_sandbox.properties import write_property
from include.jira_sandbox.search_index import index_issue
from include.jira_sandbox.session import Session
from include.jira_sandbox.wire_json import read_object
from include.jira_sandbox.workflow import read_transition, take_transition

_REQUIRED = {"summary": "You must specify a summary of the issue.", "issuetype": "Specify an issue type"}


def create_issue(session: Session, body: Any) -> Issue:
    """Make an issue with its properties, links and first transition, and return it; raise RefusedError."""
    request = read_request(body)
    fields = dict(request.fields)
    blank = _blank(session, _read_project(session, fields.pop("project", None)))
    request = replace(request, fields=fields)
    reading = read_screen(session, request, CREATE_SCREEN, blank)
    for field_id, message in _REQUIRED.items():
        if field_id not in reading.values and field_id not in reading.errors:
            reading.errors[field_id] = message
    draft = replace(blank, **reading.columns())
    issue = replace(draft, id=insert_issue(session, draft))
    session.change("UPDATE project SET last_number = ? WHERE id = ?", issue.number, issue.project_id)
    if request.transition is not None:
        moved = take_transition(session, issue, read_transition(issue, request.transition), None)
        _keep(session, issue, moved)
    _finish(session, issue, request)
    return issue


def edit_issue(session: Session, issue: Issue, body: Any) -> None:
    """Change fields, links, comments and properties of an issue, and move it when the request says so."""
    request = read_request(body)
    changed = replace(issue, **read_screen(session, request, EDIT_SCREEN, issue).columns())
    if request.transition is not None:
        changed = take_transition(session, changed, read_transition(changed, request.transition), None)
    _keep(session, issue, changed)
    _finish(session, issue, request)


def move_issue(session: Session, issue: Issue, body: Any) -> None:
    """Take the transition of a request, with the fields and comments it carries."""
    request = read_request(body)
    transition = read_transition(issue, request.transition)
    fields = dict(request.fields)
    resolution = fields.pop("resolution", None)
    request = replace(request, fields=fields)
    changed = replace(issue, **read_screen(session, request, EDIT_SCREEN, issue).columns())
    _keep(session, issue, take_transition(session, changed, transition, resolution))
    _finish(session, issue, request)


def assign_issue(session: Session, issue: Issue, body: Any) -> None:
    """Give an issue to a user, or to nobody."""
    try:
        assignee = read_value(session, issue.project_id, "assignee", read_object(body))
    except FieldError as refusal:
        raise RefusedError(400, errors={"assignee": refusal.message}) from refusal
    _keep(session, issue, replace(issue, assignee=assignee))
    index_issue(session, issue.id)


def delete_issue(session: Session, id_or_key: str) -> None:
    """Remove an issue with all that hangs on it; its number is not given again."""
    issue = find_issue(session, id_or_key)
    links = session.rows(
        "SELECT source_id, destination_id FROM issue_link WHERE ? IN (source_id, destination_id)", issue.id
    )
    session.change("DELETE FROM issue WHERE id = ?", issue.id)
    for touched in {end for link in links for end in link} | {issue.id}:
        index_issue(session, touched)


def touch_issue(session: Session, issue_id: int) -> None:
    """Mark an issue as updated now and let search know, after something that hangs on it changed."""
    session.change("UPDATE issue SET updated = ? WHERE id = ?", session.caller.now, issue_id)
    index_issue(session, issue_id)


def _keep(session: Session, before: Issue, after: Issue) -> None:
    save_issue(session, replace(after, updated=session.caller.now))
    record_changes(session, before, after)


def _finish(session: Session, issue: Issue, request: IssueRequest) -> None:
    """Write what a request asks for beside the issue's own row, and index everything it touched."""
    touched = {issue.id} | {add_link_from(session, issue, link) for link in request.additions("issuelinks")}
    for comment in request.additions("comment"):
        add_comment(session, issue.id, comment)
    for key, value in request.properties.items():
        write_property(session, issue.id, key, value)
    for issue_id in touched:
        index_issue(session, issue_id)


def _read_project(session: Session, given: Any) -> Any:
    reference = given if isinstance(given, dict) else {}
    row = None
    if isinstance(reference.get("id"), str):
        row = session.row("SELECT * FROM project WHERE CAST(id AS TEXT) = ?", reference["id"])
    elif isinstance(reference.get("key"), str):
        row = session.row("SELECT * FROM project WHERE key = ?", reference["key"])
    if row is None:
        raise RefusedError(400, errors={"project": "valid project is required"})
    return row


def _blank(session: Session, project: Any) -> Issue:
    """Return the draft of the project's next issue, with every value that the request may leave out."""
    caller = session.caller
    return Issue(
        id=0,
        project_id=project["id"],
        project_key=project["key"],
        number=project["last_number"] + 1,
        type_id="",
        status_id=TO_DO.id,
        resolution_id=None,
        priority_id=MEDIUM.id,
        summary="",
        description=None,
        environment=None,
        labels=(),
        component_ids=(),
        fix_version_ids=(),
        version_ids=(),
        assignee=None,
        reporter=caller.account_id,
        creator=caller.account_id,
        duedate=None,
        created=caller.now,
        updated=caller.now,
        resolved=None,
        category_changed=caller.now,
    )
