"""The changelog: which fields of an issue changed, from what to what, by whom and when."""

import json
from collections.abc import Callable
from typing import Any

from include.jira_sandbox.catalogue import PRIORITIES, RESOLUTIONS, choice_of, status_of, type_of
from include.jira_sandbox.fields import FIELDS
from include.jira_sandbox.issue import Issue
from include.jira_sandbox.moments import to_jira
from include.jira_sandbox.people import show_person
from include.jira_sandbox.richtext import rich_words
from include.jira_sandbox.session import Session
from include.jira_sandbox.site_views import PARTS

_WORKFLOW_COLUMNS = {"status": "status_id", "resolution": "resolution_id"}


def record_changes(session: Session, before: Issue, after: Issue) -> None:
    """Append one history entry with every field in which two states of an issue differ; none when nothing differs."""
    items = []
    columns = {field.id: field.column for field in FIELDS if field.column} | _WORKFLOW_COLUMNS
    for field_id, column in columns.items():
        old, new = getattr(before, column), getattr(after, column)
        if old != new:
            items.append(_item(field_id, _name(session, field_id, old), _name(session, field_id, new)))
    record_items(session, before.id, items)


def record_items(session: Session, issue_id: int, items: list[dict[str, Any]]) -> None:
    """Append one history entry, unless it would be empty."""
    if items:
        caller = session.caller
        session.insert(
            "INSERT INTO history (issue_id, author, created, items) VALUES (?, ?, ?, ?)",
            issue_id,
            caller.account_id,
            caller.now,
            json.dumps(items, ensure_ascii=False),
        )


def link_item(old: str | None, new: str | None) -> dict[str, Any]:
    """Return the history item of a link that was added or removed."""
    return _item("issuelinks", old, new) | {"field": "Link"}


def show_history(session: Session, issue_id: int) -> list[dict[str, Any]]:
    """Return the Changelog entries of an issue, oldest first."""
    return [
        {
            "id": str(row["id"]),
            "author": show_person(session, row["author"]),
            "created": to_jira(row["created"]),
            "items": json.loads(row["items"]),
        }
        for row in session.rows("SELECT * FROM history WHERE issue_id = ? ORDER BY id", issue_id)
    ]


def _item(field_id: str, old: str | None, new: str | None) -> dict[str, Any]:
    shown = {"field": field_id, "fieldtype": "jira", "fieldId": field_id}
    sides = {"from": old, "fromString": old, "to": new, "toString": new}
    # The contract has no null here: a side without a value is left out.
    return shown | {name: value for name, value in sides.items() if value is not None}


_NAMES: dict[str, Callable[[Session, Any], str]] = {
    "issuetype": lambda _, value: type_of(value).name,
    "status": lambda _, value: status_of(value).name,
    "priority": lambda _, value: choice_of(PRIORITIES, value).name,
    "resolution": lambda _, value: choice_of(RESOLUTIONS, value).name,
    "description": lambda _, value: rich_words(value),
    "environment": lambda _, value: rich_words(value),
    "labels": lambda _, value: " ".join(value),
    "components": lambda session, value: _part_names(session, "component", value),
    "fixVersions": lambda session, value: _part_names(session, "version", value),
    "versions": lambda session, value: _part_names(session, "version", value),
    "assignee": lambda session, value: str(show_person(session, value)["displayName"]),
    "reporter": lambda session, value: str(show_person(session, value)["displayName"]),
}


def _part_names(session: Session, table: str, ids: tuple[int, ...]) -> str:
    return ", ".join(row["name"] for row in session.rows(PARTS[table]) if row["id"] in ids)


def _name(session: Session, field_id: str, value: Any) -> str | None:
    if value is None or value == ():
        return None
    return _NAMES[field_id](session, value) if field_id in _NAMES else str(value)
