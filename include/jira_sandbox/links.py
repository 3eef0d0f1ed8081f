"""Links between issues. A link runs from its source to its destination: the source "blocks" the destination.

In a request `inwardIssue` is the source and `outwardIssue` the destination; on the page of the source the link shows
its `outwardIssue`, on the page of the destination its `inwardIssue`.
"""

import sqlite3
from typing import Any

from include.jira_sandbox.catalogue import PRIORITIES, choice_of, status_of, type_of
from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.history import link_item, record_items
from include.jira_sandbox.issue import Issue, find_issue, look_up_issue
from include.jira_sandbox.session import Session
from include.jira_sandbox.site_views import show_priority, show_status, show_type

LINK_LIMIT = 2_000
_NO_TYPE = "No issue link type with the given id or name was found."


def find_link_type(session: Session, given: Any) -> sqlite3.Row:
    """Return the link type that a request names by id or name; raise RefusedError 404."""
    reference = given if isinstance(given, dict) else {}
    wanted = reference.get("id", reference.get("name"))
    for row in session.rows("SELECT * FROM link_type"):
        if isinstance(wanted, str) and (
            wanted == str(row["id"]) if "id" in reference else wanted.casefold() == row["name"].casefold()
        ):
            return row
    raise RefusedError(404, _NO_TYPE)


def find_end(session: Session, given: Any) -> Issue:
    """Return the issue that one end of a link names by id or key; raise RefusedError 404."""
    reference = given if isinstance(given, dict) else {}
    named = reference.get("id") or reference.get("key")
    if not isinstance(named, str):
        raise RefusedError(400, "An issue link needs an issue with an id or key at both ends.")
    return find_issue(session, named)


def add_link(session: Session, link_type: sqlite3.Row, source: Issue, destination: Issue) -> int:
    """Make a link and return its id; one that is there already is answered as if made (Cloud's documented way)."""
    if source.id == destination.id:
        raise RefusedError(400, "You cannot link an issue to itself.")
    ends = (link_type["id"], source.id, destination.id)
    there = session.row("SELECT id FROM issue_link WHERE type_id = ? AND source_id = ? AND destination_id = ?", *ends)
    if there:
        return int(there["id"])
    for end in (source, destination):
        count = session.row("SELECT count(*) AS n FROM issue_link WHERE ?1 IN (source_id, destination_id)", end.id)
        if count and count["n"] >= LINK_LIMIT:
            raise RefusedError(413, f"{end.key} has {LINK_LIMIT} links, no more can be added.")
    made = session.insert("INSERT INTO issue_link (type_id, source_id, destination_id) VALUES (?, ?, ?)", *ends)
    record_items(session, source.id, [link_item(None, f"This issue {link_type['outward']} {destination.key}")])
    record_items(session, destination.id, [link_item(None, f"This issue {link_type['inward']} {source.key}")])
    return made


def add_link_from(session: Session, issue: Issue, given: Any) -> int:
    """Make the link that `update.issuelinks[].add` describes from an issue's own point of view.

    Returns the id of the issue at the other end.
    """
    described = given if isinstance(given, dict) else {}
    link_type = find_link_type(session, described.get("type"))
    if "outwardIssue" in described:
        other = find_end(session, described["outwardIssue"])
        add_link(session, link_type, issue, other)
    else:
        other = find_end(session, described.get("inwardIssue"))
        add_link(session, link_type, other, issue)
    return other.id


def find_link(session: Session, link_id: str) -> sqlite3.Row:
    """Return the row of a link; raise RefusedError 404."""
    row = session.row("SELECT * FROM issue_link WHERE id = ?", link_id)
    if row is None:
        raise RefusedError(404, "No issue link with the given id was found.")
    return row


def remove_link(session: Session, link_id: str) -> tuple[int, int]:
    """Remove a link and return the ids of the issues at its ends."""
    link = find_link(session, link_id)
    link_type = find_link_type(session, {"id": str(link["type_id"])})
    source, destination = (find_issue(session, str(link[end])) for end in ("source_id", "destination_id"))
    session.change("DELETE FROM issue_link WHERE id = ?", link["id"])
    record_items(session, source.id, [link_item(f"This issue {link_type['outward']} {destination.key}", None)])
    record_items(session, destination.id, [link_item(f"This issue {link_type['inward']} {source.key}", None)])
    return source.id, destination.id


def show_link_type(session: Session, row: sqlite3.Row) -> dict[str, Any]:
    """Return the IssueLinkType of the contract."""
    shown = {name: row[name] for name in ("name", "inward", "outward")}
    return {"id": str(row["id"]), **shown, "self": session.url("issueLinkType", row["id"])}


def show_link(session: Session, row: sqlite3.Row) -> dict[str, Any]:
    """Return a link with both its ends."""
    return _show_frame(session, row) | {
        "inwardIssue": _show_end(session, row["source_id"]),
        "outwardIssue": _show_end(session, row["destination_id"]),
    }


def show_links_of(session: Session, issue_id: int) -> list[dict[str, Any]]:
    """Return the links of an issue as its page shows them: each with the other end only."""
    shown = []
    for row in session.rows("SELECT * FROM issue_link WHERE ? IN (source_id, destination_id) ORDER BY id", issue_id):
        if row["source_id"] == issue_id:
            end = {"outwardIssue": _show_end(session, row["destination_id"])}
        else:
            end = {"inwardIssue": _show_end(session, row["source_id"])}
        shown.append(_show_frame(session, row) | end)
    return shown


def _show_frame(session: Session, row: sqlite3.Row) -> dict[str, Any]:
    link_type = find_link_type(session, {"id": str(row["type_id"])})
    return {
        "id": str(row["id"]),
        "self": session.url("issueLink", row["id"]),
        "type": show_link_type(session, link_type),
    }


def _show_end(session: Session, issue_id: int) -> dict[str, Any]:
    issue = look_up_issue(session, str(issue_id))
    if issue is None:
        # Foreign keys with cascade make this impossible; a broken store must not be answered as a sound one.
        raise LookupError(f"link to issue {issue_id}, which the store does not hold")
    return {
        "id": str(issue.id),
        "key": issue.key,
        "self": session.url("issue", issue.id),
        "fields": {
            "summary": issue.summary,
            "status": show_status(session, status_of(issue.status_id)),
            "priority": show_priority(session, choice_of(PRIORITIES, issue.priority_id)),
            "issuetype": show_type(session, type_of(issue.type_id)),
        },
    }
