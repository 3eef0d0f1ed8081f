"""Reading the value that a request gives a field into what the store keeps.

FieldError says why a value is not taken, in Jira's words where they are known.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from include.jira_sandbox.catalogue import ISSUE_TYPES, PRIORITIES, RESOLUTIONS, Choice
from include.jira_sandbox.errors import FieldError
from include.jira_sandbox.people import find_person
from include.jira_sandbox.richtext import read_rich
from include.jira_sandbox.session import Session

SUMMARY_LIMIT = 255
LABEL_LIMIT = 255


def read_value(session: Session, project_id: int, field_id: str, value: Any) -> Any:
    """Return the stored form of a field's value in a project; raise FieldError."""
    return _READERS[field_id](session, project_id, value)


def _read_summary(_session: Session, _project_id: int, value: Any) -> str:
    if value is None or value == "":
        raise FieldError("You must specify a summary of the issue.")
    if not isinstance(value, str):
        raise FieldError("Operation value must be a string")
    summary = value.strip()
    if not summary:
        raise FieldError("You must specify a summary of the issue.")
    if "\n" in value or "\r" in value:
        raise FieldError("The summary is invalid because it contains newline characters.")
    if len(summary) > SUMMARY_LIMIT:
        raise FieldError("Summary can't exceed 255 characters.")
    return summary


def _read_rich(session: Session, _project_id: int, value: Any) -> str | None:
    return None if value is None else read_rich(value, session.caller.dialect)


def read_label(value: Any) -> str:
    """Return one label."""
    if not isinstance(value, str) or not value:
        raise FieldError("A label must be a non-empty string.")
    if any(character.isspace() for character in value):
        raise FieldError(f"The label '{value[:LABEL_LIMIT]}' contains spaces which is invalid.")
    if len(value) > LABEL_LIMIT:
        raise FieldError(f"The label '{value[:40]}...' exceeds the maximum length of 255 characters.")
    return value


def _read_labels(_session: Session, _project_id: int, value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(read_label(label) for label in _read_list(value)))


def _read_type(session: Session, project_id: int, value: Any) -> str:
    offered = {row["type_id"] for row in session.rows("SELECT * FROM project_type WHERE project_id = ?", project_id)}
    chosen = [kind for kind in ISSUE_TYPES if kind.id in offered and _is_named(value, kind.id, kind.name)]
    if not chosen:
        raise FieldError("The issue type selected is invalid.")
    return chosen[0].id


def _read_priority(_session: Session, _project_id: int, value: Any) -> str:
    return _read_choice(PRIORITIES, value, "priority")


def read_resolution(value: Any) -> str:
    """Return the id of a resolution given by id or name."""
    return _read_choice(RESOLUTIONS, value, "resolution")


def _read_choice(choices: tuple[Choice, ...], value: Any, what: str) -> str:
    chosen = [choice for choice in choices if _is_named(value, choice.id, choice.name)]
    if not chosen:
        raise FieldError(f"The {what} selected is invalid.")
    return chosen[0].id


def _read_components(session: Session, project_id: int, value: Any) -> tuple[int, ...]:
    return _read_parts(session.rows("SELECT id, name FROM component WHERE project_id = ?", project_id), value)


def _read_versions(session: Session, project_id: int, value: Any) -> tuple[int, ...]:
    return _read_parts(session.rows("SELECT id, name FROM version WHERE project_id = ?", project_id), value)


def _read_parts(rows: list[Any], value: Any) -> tuple[int, ...]:
    chosen = []
    for given in _read_list(value):
        found = [row["id"] for row in rows if _is_named(given, str(row["id"]), row["name"])]
        if not found:
            raise FieldError("A component or version with this id or name does not exist in the project.")
        chosen.append(found[0])
    return tuple(dict.fromkeys(chosen))


def read_user(session: Session, _project_id: int, value: Any) -> str | None:
    """Return the account id of a user given by accountId, id or name; None clears."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise FieldError("data was not an object")
    given = value.get("accountId", value.get("id", value.get("name")))
    if given is None:
        return None
    person = find_person(session, given) if isinstance(given, str) else None
    if person is None:
        raise FieldError("Specify a valid 'id' or 'name' of a user.")
    return str(person["account_id"])


def _read_reporter(session: Session, project_id: int, value: Any) -> str:
    account_id = read_user(session, project_id, value)
    if account_id is None:
        raise FieldError("Reporter is required.")
    return account_id


def _read_date(_session: Session, _project_id: int, value: Any) -> str | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError) as error:
        raise FieldError("Error parsing date string: use yyyy-MM-dd.") from error


def _read_list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise FieldError("data was not an array")
    return value


def _is_named(value: Any, known_id: str, name: str) -> bool:
    """Return whether a reference means this id or name; an id decides when both are given, as in Jira."""
    if not isinstance(value, dict):
        raise FieldError("Specify a valid 'id' or 'name'.")
    if "id" in value:
        return bool(value["id"] == known_id)
    return isinstance(value.get("name"), str) and value["name"].casefold() == name.casefold()


_READERS: dict[str, Callable[[Session, int, Any], Any]] = {
    "summary": _read_summary,
    "issuetype": _read_type,
    "description": _read_rich,
    "environment": _read_rich,
    "priority": _read_priority,
    "labels": _read_labels,
    "components": _read_components,
    "fixVersions": _read_versions,
    "versions": _read_versions,
    "assignee": read_user,
    "reporter": _read_reporter,
    "duedate": _read_date,
}
