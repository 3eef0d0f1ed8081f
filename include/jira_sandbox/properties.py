"""Entity properties of an issue: JSON values under keys, invisible on its page."""

import json
import sqlite3
from typing import Any

from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.session import Session

KEY_LIMIT = 255
VALUE_LIMIT = 32_768


def read_properties(given: Any) -> dict[str, str]:
    """Return the properties of a create or edit request as JSON texts by key; raise RefusedError 400."""
    if not isinstance(given, list):
        raise RefusedError(400, "'properties' is not an array.")
    read = {}
    for one in given:
        if not isinstance(one, dict) or set(one) != {"key", "value"} or not isinstance(one["key"], str):
            raise RefusedError(400, "Each of 'properties' needs a 'key' and a 'value', and nothing else.")
        read[one["key"]] = read_property(one["key"], one["value"])
    return read


def read_property(key: str, value: Any) -> str:
    """Return the JSON text of a property that fits; raise RefusedError 400."""
    if not 1 <= len(key) <= KEY_LIMIT:
        raise RefusedError(400, "The property key must have 1 to 255 characters.")
    text = json.dumps(value, ensure_ascii=False)
    if len(text) > VALUE_LIMIT:
        raise RefusedError(400, "The property value must not be longer than 32768 characters.")
    return text


def write_property(session: Session, issue_id: int, key: str, text: str) -> bool:
    """Set a property and return whether it is new."""
    is_new = not session.change("UPDATE property SET value = ? WHERE issue_id = ? AND key = ?", text, issue_id, key)
    if is_new:
        session.insert("INSERT INTO property (issue_id, key, value) VALUES (?, ?, ?)", issue_id, key, text)
    return is_new


def find_property(session: Session, issue_id: int, key: str) -> sqlite3.Row:
    """Return the row of a property; raise RefusedError 404."""
    row = session.row("SELECT * FROM property WHERE issue_id = ? AND key = ?", issue_id, key)
    if row is None:
        raise RefusedError(404, f"The property {key[:KEY_LIMIT]} does not exist.")
    return row


def remove_property(session: Session, issue_id: int, key: str) -> None:
    """Remove a property; raise RefusedError 404 when it is not there."""
    find_property(session, issue_id, key)
    session.change("DELETE FROM property WHERE issue_id = ? AND key = ?", issue_id, key)


def property_keys(session: Session, issue_id: int) -> list[str]:
    """Return the keys of an issue's properties."""
    return [row["key"] for row in session.rows("SELECT key FROM property WHERE issue_id = ? ORDER BY key", issue_id)]


def show_properties(session: Session, issue_id: int, keys: list[str]) -> dict[str, Any]:
    """Return the values of the wanted properties that are there; `*all` means every one."""
    rows = session.rows("SELECT key, value FROM property WHERE issue_id = ? ORDER BY key", issue_id)
    return {row["key"]: json.loads(row["value"]) for row in rows if row["key"] in keys or "*all" in keys}
