"""The create and edit screens as `createmeta` and `editmeta` describe them: fields, operations, allowed values."""

from typing import Any

from include.jira_sandbox.catalogue import MEDIUM, PRIORITIES
from include.jira_sandbox.fields import CREATE_SCREEN, EDIT_SCREEN, REQUIRED, Field
from include.jira_sandbox.session import Session
from include.jira_sandbox.site_views import (
    find_project,
    show_component,
    show_priority,
    show_project,
    show_type,
    show_version,
    types_of_project,
)


def show_create_screen(session: Session, project_id: int) -> dict[str, dict[str, Any]]:
    """Return the FieldMetadata of each field of the create screen, by field id."""
    return {field.id: _show_field(session, project_id, field) for field in CREATE_SCREEN}


def show_edit_screen(session: Session, project_id: int) -> dict[str, dict[str, Any]]:
    """Return the FieldMetadata of each field of the edit screen, by field id."""
    return {field.id: _show_field(session, project_id, field) for field in EDIT_SCREEN}


def _show_field(session: Session, project_id: int, field: Field) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "required": field.id in REQUIRED,
        "schema": field.schema(),
        "name": field.name,
        "key": field.id,
        "hasDefaultValue": field.id == "priority",
        "operations": list(field.operations),
    }
    if field.id == "priority":
        shown["defaultValue"] = show_priority(session, MEDIUM)
    allowed = _allowed_values(session, project_id, field.id)
    return shown if allowed is None else shown | {"allowedValues": allowed}


def _allowed_values(session: Session, project_id: int, field_id: str) -> list[dict[str, Any]] | None:
    """Return the closed list a field takes its values from, None for an open one."""
    match field_id:
        case "project":
            return [show_project(session, find_project(session, str(project_id)))]
        case "issuetype":
            return [show_type(session, one) for one in types_of_project(session, project_id)]
        case "priority":
            return [show_priority(session, one) for one in PRIORITIES]
        case "components":
            rows = session.rows("SELECT * FROM component WHERE project_id = ? ORDER BY id", project_id)
            return [show_component(session, row) for row in rows]
        case "fixVersions" | "versions":
            rows = session.rows("SELECT * FROM version WHERE project_id = ? ORDER BY id", project_id)
            return [show_version(session, row) for row in rows]
        case _:
            return None
