"""Comments of an issue."""

import json
import sqlite3
from typing import Any

from include.jira_sandbox.errors import FieldError, RefusedError
from include.jira_sandbox.moments import to_jira
from include.jira_sandbox.people import show_person
from include.jira_sandbox.richtext import read_rich, rich_words, show_rich
from include.jira_sandbox.session import Session

COMMENT_LIMIT = 5_000


def add_comment(session: Session, issue_id: int, given: Any) -> int:
    """Append a comment and return its id; raise RefusedError 400, or 413 beyond 5,000 comments."""
    body = _read_body(session, given)
    count = session.row("SELECT count(*) AS n FROM comment WHERE issue_id = ?", issue_id)
    if count and count["n"] >= COMMENT_LIMIT:
        raise RefusedError(413, f"The issue has {COMMENT_LIMIT} comments, no more can be added.")
    caller = session.caller
    return session.insert(
        "INSERT INTO comment (issue_id, author, update_author, body, created, updated) VALUES (?, ?, ?, ?, ?, ?)",
        issue_id,
        caller.account_id,
        caller.account_id,
        body,
        caller.now,
        caller.now,
    )


def change_comment(session: Session, issue_id: int, comment_id: str, given: Any) -> None:
    """Replace the body of a comment."""
    row = find_comment(session, issue_id, comment_id)
    session.change(
        "UPDATE comment SET body = ?, update_author = ?, updated = ? WHERE id = ?",
        _read_body(session, given),
        session.caller.account_id,
        session.caller.now,
        row["id"],
    )


def find_comment(session: Session, issue_id: int, comment_id: str) -> sqlite3.Row:
    """Return the row of a comment of this issue; raise RefusedError 404."""
    row = session.row("SELECT * FROM comment WHERE issue_id = ? AND id = ?", issue_id, comment_id)
    if row is None:
        raise RefusedError(404, f"Can not find a comment for the id: {comment_id[:20]}.")
    return row


def remove_comment(session: Session, issue_id: int, comment_id: str) -> None:
    """Remove a comment; raise RefusedError 404 when the issue has none with this id."""
    session.change("DELETE FROM comment WHERE id = ?", find_comment(session, issue_id, comment_id)["id"])


def comments_of(session: Session, issue_id: int) -> list[sqlite3.Row]:
    """Return the rows of an issue's comments, oldest first."""
    return session.rows("SELECT * FROM comment WHERE issue_id = ? ORDER BY id", issue_id)


def show_comment(session: Session, row: sqlite3.Row) -> dict[str, Any]:
    """Return the Comment of the contract."""
    return {
        "self": session.url("issue", row["issue_id"], "comment", row["id"]),
        "id": str(row["id"]),
        "author": show_person(session, row["author"]),
        "body": show_rich(row["body"], session.caller.dialect),
        "updateAuthor": show_person(session, row["update_author"]),
        "created": to_jira(row["created"]),
        "updated": to_jira(row["updated"]),
        "jsdPublic": True,
    }


def _read_body(session: Session, given: Any) -> str:
    body = given.get("body") if isinstance(given, dict) else None
    if body is None:
        raise RefusedError(400, errors={"comment": "Comment body can not be empty!"})
    try:
        stored = read_rich(body, session.caller.dialect)
    except FieldError as refusal:
        raise RefusedError(400, errors={"comment": refusal.message}) from refusal
    if not rich_words(stored).strip() and not _has_nodes(stored):
        raise RefusedError(400, errors={"comment": "Comment body can not be empty!"})
    return stored


def _has_nodes(stored: str) -> bool:
    """Return whether a document without words still shows something, such as a rule or a picture."""
    value = json.loads(stored)
    return isinstance(value, dict) and any(node["type"] != "paragraph" for node in value["content"])
