"""The issue as the store keeps it: finding, inserting and saving its row."""

import json
import re
import sqlite3
from dataclasses import dataclass
from typing import Any

from include.jira_sandbox.errors import missing_issue
from include.jira_sandbox.session import Session

_KEY = re.compile(r"([A-Z][A-Z0-9_]+)-([1-9][0-9]{0,17})", re.IGNORECASE | re.ASCII)
_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
_SELECT = "SELECT issue.*, project.key AS project_key FROM issue JOIN project ON project.id = issue.project_id"


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue. Rich text is JSON text (see `richtext`), moments are milliseconds, ids are those of the store."""

    id: int
    project_id: int
    project_key: str
    number: int
    type_id: str
    status_id: str
    resolution_id: str | None
    priority_id: str
    summary: str
    description: str | None
    environment: str | None
    labels: tuple[str, ...]
    component_ids: tuple[int, ...]
    fix_version_ids: tuple[int, ...]
    version_ids: tuple[int, ...]
    assignee: str | None
    reporter: str
    creator: str
    duedate: str | None
    created: int
    updated: int
    resolved: int | None
    category_changed: int

    @property
    def key(self) -> str:
        """The key, project and number."""
        return f"{self.project_key}-{self.number}"


_LISTS = ("labels", "component_ids", "fix_version_ids", "version_ids")
_COLUMNS = tuple(name for name in Issue.__slots__ if name not in {"id", "project_key"})


def find_issue(session: Session, id_or_key: str) -> Issue:
    """Return the issue with this id or key (in any case, as in Jira); raise RefusedError 404 when there is none."""
    issue = look_up_issue(session, id_or_key)
    if issue is None:
        raise missing_issue()
    return issue


def look_up_issue(session: Session, id_or_key: str) -> Issue | None:
    """Return the issue with this id or key, None when there is none."""
    row = None
    if _ID.fullmatch(id_or_key):
        row = session.row(f"{_SELECT} WHERE issue.id = ?", int(id_or_key))
    elif key := _KEY.fullmatch(id_or_key):
        row = session.row(f"{_SELECT} WHERE project.key = ? AND number = ?", key[1].upper(), int(key[2]))
    return None if row is None else _read_row(row)


def issues_of_project(session: Session, project_key: str | None) -> list[Issue]:
    """Return the issues of one project, or of all when the key is None, newest first."""
    rows = session.rows(
        f"{_SELECT} WHERE ?1 IS NULL OR project.key = ?1 ORDER BY issue.created DESC, issue.id DESC", project_key
    )
    return [_read_row(row) for row in rows]


def insert_issue(session: Session, issue: Issue) -> int:
    """Write a new issue and return its id; the `id` of the argument is not used."""
    marks = ", ".join("?" for _ in _COLUMNS)
    statement = f"INSERT INTO issue ({', '.join(_COLUMNS)}) VALUES ({marks})"  # noqa: S608 (the columns are ours)
    return session.insert(statement, *_column_values(issue))


def save_issue(session: Session, issue: Issue) -> None:
    """Write a changed issue over its row."""
    settings = ", ".join(f"{column} = ?" for column in _COLUMNS)
    statement = f"UPDATE issue SET {settings} WHERE id = ?"  # noqa: S608 (the columns are ours)
    session.change(statement, *_column_values(issue), issue.id)


def _column_values(issue: Issue) -> list[object]:
    values = {column: getattr(issue, column) for column in _COLUMNS}
    return [json.dumps(value, ensure_ascii=False) if name in _LISTS else value for name, value in values.items()]


def _read_row(row: sqlite3.Row) -> Issue:
    values = dict[str, Any](row)
    lists: dict[str, Any] = {name: tuple(json.loads(values[name])) for name in _LISTS}
    return Issue(**(values | lists))
