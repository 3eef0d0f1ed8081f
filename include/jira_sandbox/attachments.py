"""Files attached to an issue, kept in the store itself."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.moments import to_jira
from include.jira_sandbox.people import show_person
from include.jira_sandbox.session import Session

ATTACHMENT_LIMIT = 2_000
FILES_PER_REQUEST = 60
FILE_LIMIT = 10 * 2**20


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a request."""

    filename: str
    mime_type: str
    content: bytes


def add_attachment(session: Session, issue_id: int, upload: Upload) -> int:
    """Keep a file and return its id; raise RefusedError 413 beyond 10 MiB a file or 2,000 files an issue."""
    count = session.row("SELECT count(*) AS n FROM attachment WHERE issue_id = ?", issue_id)
    if len(upload.content) > FILE_LIMIT or (count and count["n"] >= ATTACHMENT_LIMIT):
        raise RefusedError(413, f"A file may have {FILE_LIMIT} bytes and an issue {ATTACHMENT_LIMIT} files.")
    return session.insert(
        "INSERT INTO attachment (issue_id, author, filename, mime_type, size, created, content) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        issue_id,
        session.caller.account_id,
        upload.filename,
        upload.mime_type,
        len(upload.content),
        session.caller.now,
        upload.content,
    )


def find_attachment(session: Session, attachment_id: str) -> sqlite3.Row:
    """Return the row of an attachment; raise RefusedError 404."""
    row = session.row("SELECT * FROM attachment WHERE id = ?", attachment_id)
    if row is None:
        raise RefusedError(404, f"The attachment with id '{attachment_id[:20]}' does not exist")
    return row


def remove_attachment(session: Session, row: sqlite3.Row) -> None:
    """Remove an attachment."""
    session.change("DELETE FROM attachment WHERE id = ?", row["id"])


def show_attachments_of(session: Session, issue_id: int) -> list[dict[str, Any]]:
    """Return the attachments of an issue as its `attachment` field carries them."""
    # Every column but the content.
    statement = (
        "SELECT id, issue_id, author, filename, mime_type, size, created FROM attachment WHERE issue_id = ? ORDER BY id"
    )
    rows = session.rows(statement, issue_id)
    return [show_attachment(session, row) for row in rows]


def show_attachment(session: Session, row: sqlite3.Row) -> dict[str, Any]:
    """Return the Attachment of the contract."""
    return {
        "self": session.url("attachment", row["id"]),
        "id": str(row["id"]),
        "filename": row["filename"],
        "author": show_person(session, row["author"]),
        "created": to_jira(row["created"]),
        "size": row["size"],
        "mimeType": row["mime_type"],
        "content": session.url("attachment", "content", row["id"]),
    }
