"""Links from an issue to something outside the site; a globalId makes them safe to send twice."""

import json
import sqlite3
from typing import Any

from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.session import Session
from include.jira_sandbox.wire_json import read_object

GLOBAL_ID_LIMIT = 255
REMOTE_LINK_LIMIT = 2_000


def put_remote_link(session: Session, issue_id: int, body: Any) -> tuple[int, bool]:
    """Make a remote link, or replace the one with the same globalId; return its id and whether it is new.

    Members that a replacing request leaves out become null, as Atlassian documents.
    """
    values = _read_link(body)
    there = session.row("SELECT id FROM remote_link WHERE issue_id = ? AND global_id = ?", issue_id, values[0])
    if there:
        _replace(session, there["id"], values)
        return int(there["id"]), False
    count = session.row("SELECT count(*) AS n FROM remote_link WHERE issue_id = ?", issue_id)
    if count and count["n"] >= REMOTE_LINK_LIMIT:
        raise RefusedError(413, f"The issue has {REMOTE_LINK_LIMIT} remote links, no more can be added.")
    made = session.insert(
        "INSERT INTO remote_link (issue_id, global_id, relationship, application, object) VALUES (?, ?, ?, ?, ?)",
        issue_id,
        *values,
    )
    return made, True


def change_remote_link(session: Session, issue_id: int, link_id: str, body: Any) -> None:
    """Replace a remote link by its id."""
    link = find_remote_link(session, issue_id, link_id)
    values = _read_link(body)
    there = session.row("SELECT id FROM remote_link WHERE issue_id = ? AND global_id = ?", issue_id, values[0])
    if there and there["id"] != link["id"]:
        raise RefusedError(400, errors={"globalId": "Another remote link of this issue has this globalId."})
    _replace(session, link["id"], values)


def find_remote_link(session: Session, issue_id: int, link_id: str) -> sqlite3.Row:
    """Return the row of a remote link of this issue; raise RefusedError 404."""
    row = session.row("SELECT * FROM remote_link WHERE issue_id = ? AND id = ?", issue_id, link_id)
    if row is None:
        raise RefusedError(404, f"The remote issue link with id {link_id[:20]} does not exist for this issue.")
    return row


def find_by_global_id(session: Session, issue_id: int, global_id: str) -> sqlite3.Row:
    """Return the row of the remote link with this globalId; raise RefusedError 404."""
    row = session.row("SELECT * FROM remote_link WHERE issue_id = ? AND global_id = ?", issue_id, global_id)
    if row is None:
        raise RefusedError(404, f"No remote issue link with globalId '{global_id[:GLOBAL_ID_LIMIT]}' was found.")
    return row


def remote_links_of(session: Session, issue_id: int) -> list[sqlite3.Row]:
    """Return the rows of an issue's remote links."""
    return session.rows("SELECT * FROM remote_link WHERE issue_id = ? ORDER BY id", issue_id)


def remove_remote_link(session: Session, row: sqlite3.Row) -> None:
    """Remove a remote link."""
    session.change("DELETE FROM remote_link WHERE id = ?", row["id"])


def show_remote_link(session: Session, row: sqlite3.Row) -> dict[str, Any]:
    """Return the RemoteIssueLink of the contract."""
    named = {name: row[column] for name, column in (("globalId", "global_id"), ("relationship", "relationship"))}
    return {
        "id": row["id"],
        "self": session.url("issue", row["issue_id"], "remotelink", row["id"]),
        **{name: value for name, value in named.items() if value is not None},
        "application": json.loads(row["application"]),
        "object": json.loads(row["object"]),
    }


def _replace(session: Session, link_id: int, values: tuple[str | None, ...]) -> None:
    session.change(
        "UPDATE remote_link SET global_id = ?, relationship = ?, application = ?, object = ? WHERE id = ?",
        *values,
        link_id,
    )


def _read_link(body: Any) -> tuple[str | None, ...]:
    given = read_object(body)
    target = given.get("object")
    errors = {}
    for member in ("title", "url"):
        if not isinstance(target, dict) or not isinstance(target.get(member), str) or not target[member]:
            errors[member] = f"'{member}' is required."
    named = [given.get("globalId"), given.get("relationship")]
    for member, value in zip(("globalId", "relationship"), named, strict=True):
        if value is not None and (not isinstance(value, str) or len(value) > GLOBAL_ID_LIMIT):
            errors[member] = f"'{member}' must be a string of at most 255 characters."
    application = given.get("application") or {}
    if not isinstance(application, dict):
        errors["application"] = "'application' must be an object."
    if errors:
        raise RefusedError(400, errors=errors)
    return *named, json.dumps(application, ensure_ascii=False), json.dumps(target, ensure_ascii=False)
