"""How the things of the site (types, statuses, priorities, projects and their parts) read in an answer."""

import sqlite3
from typing import Any

from include.jira_sandbox.catalogue import ISSUE_TYPES, Category, Choice, IssueType, Status
from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.session import Session

# The two kinds of parts that projects define for themselves.
PARTS = {"component": "SELECT * FROM component", "version": "SELECT * FROM version"}


def show_type(session: Session, issue_type: IssueType) -> dict[str, Any]:
    """Return the IssueTypeDetails of the contract."""
    return {
        "self": session.url("issuetype", issue_type.id),
        "id": issue_type.id,
        "description": issue_type.description,
        "name": issue_type.name,
        "subtask": False,
        "hierarchyLevel": 0,
    }


def show_category(session: Session, category: Category) -> dict[str, Any]:
    """Return the StatusCategory of the contract."""
    return {
        "self": session.url("statuscategory", category.id),
        "id": category.id,
        "key": category.key,
        "colorName": category.color,
        "name": category.name,
    }


def show_status(session: Session, status: Status) -> dict[str, Any]:
    """Return the StatusDetails of the contract."""
    return {
        "self": session.url("status", status.id),
        "description": status.description,
        "name": status.name,
        "id": status.id,
        "statusCategory": show_category(session, status.category),
    }


def show_priority(session: Session, priority: Choice) -> dict[str, Any]:
    """Return the Priority of the contract."""
    shown = {"id": priority.id, "name": priority.name, "description": priority.description}
    return {"self": session.url("priority", priority.id), **shown}


def show_resolution(session: Session, resolution: Choice) -> dict[str, Any]:
    """Return the Resolution of the contract."""
    shown = {"id": resolution.id, "name": resolution.name, "description": resolution.description}
    return {"self": session.url("resolution", resolution.id), **shown}


def find_project(session: Session, given: str) -> sqlite3.Row:
    """Return the project with this id or key; raise RefusedError 404."""
    row = session.row("SELECT * FROM project WHERE key = ?1 OR CAST(id AS TEXT) = ?1", given)
    if row is None:
        raise RefusedError(404, f"No project could be found with key or id '{given[:80]}'.")
    return row


def types_of_project(session: Session, project_id: int) -> list[IssueType]:
    """Return the issue types that a project offers."""
    rows = session.rows("SELECT type_id FROM project_type WHERE project_id = ?", project_id)
    offered = {row["type_id"] for row in rows}
    return [issue_type for issue_type in ISSUE_TYPES if issue_type.id in offered]


def show_project(session: Session, project: sqlite3.Row) -> dict[str, Any]:
    """Return the Project of the contract, as lists and issues carry it."""
    return {
        "self": session.url("project", project["id"]),
        "id": str(project["id"]),
        "key": project["key"],
        "name": project["name"],
        "projectTypeKey": "software",
        "simplified": False,
    }


def show_component(session: Session, row: sqlite3.Row) -> dict[str, Any]:
    """Return the ProjectComponent of the contract."""
    project = find_project(session, str(row["project_id"]))
    return {
        "self": session.url("component", row["id"]),
        "id": str(row["id"]),
        "name": row["name"],
        "description": row["description"],
        "assigneeType": "UNASSIGNED",
        "isAssigneeTypeValid": True,
        "project": project["key"],
        "projectId": project["id"],
    }


def show_version(session: Session, row: sqlite3.Row) -> dict[str, Any]:
    """Return the Version of the contract."""
    shown = {
        "self": session.url("version", row["id"]),
        "id": str(row["id"]),
        "name": row["name"],
        "description": row["description"],
        "archived": bool(row["archived"]),
        "released": bool(row["released"]),
        "projectId": row["project_id"],
    }
    return shown | ({"releaseDate": row["release_date"]} if row["release_date"] else {})
