"""Reading the body of a create, edit or transition request against a screen, collecting every fault of it."""

from dataclasses import dataclass, field
from typing import Any

from include.jira_sandbox.errors import FieldError, RefusedError
from include.jira_sandbox.field_values import read_value
from include.jira_sandbox.fields import FIELD_BY_ID, Field, off_screen
from include.jira_sandbox.issue import Issue
from include.jira_sandbox.properties import read_properties
from include.jira_sandbox.session import Session
from include.jira_sandbox.wire_json import read_object

_MEMBERS = frozenset({"fields", "update", "properties", "transition", "historyMetadata"})


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """The parts of a request, with their outer types checked; `properties` are JSON texts by key."""

    fields: dict[str, Any]
    update: dict[str, list[dict[str, Any]]]
    properties: dict[str, str]
    transition: Any

    def additions(self, field_id: str) -> list[Any]:
        """Return what `update` adds to a field that has rows of its own (links, comments)."""
        return [operation["add"] for operation in self.update.get(field_id, [])]


@dataclass(slots=True)
class Reading:
    """The values that were read, by field id in their stored form, and what was wrong with the others."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def columns(self) -> dict[str, Any]:
        """Return the values by the attribute of `Issue` that keeps them; raise RefusedError 400 with all errors."""
        if self.errors:
            raise RefusedError(400, errors=self.errors)
        return {FIELD_BY_ID[field_id].column or "": value for field_id, value in self.values.items()}


def read_request(body: Any) -> IssueRequest:
    """Return the parts of a body; raise RefusedError 400 for a wrong outer shape."""
    parts = read_object(body)
    unknown = sorted(set(parts) - _MEMBERS)
    if unknown:
        raise RefusedError(400, f"Unrecognized field '{unknown[0][:80]}' in the request.")
    update = read_object(parts.get("update") or {})
    for operations in update.values():
        if not isinstance(operations, list) or not all(_is_operation(one) for one in operations):
            raise RefusedError(400, "'update' maps each field to an array of operations with one verb each.")
    return IssueRequest(
        fields=read_object(parts.get("fields") or {}),
        update=update,
        properties=read_properties(parts.get("properties") or []),
        transition=parts.get("transition"),
    )


def read_screen(session: Session, request: IssueRequest, screen: tuple[Field, ...], issue: Issue) -> Reading:
    """Read every field of a request for an issue (a new one's blank draft included) as far as the screen has it."""
    shown = {one.id for one in screen}
    reading = Reading()
    for field_id in {**request.fields, **request.update}:
        if field_id not in shown:
            reading.errors[field_id[:80]] = off_screen(field_id)
            continue
        if field_id in request.fields and field_id in request.update:
            # Jira's own grammar.
            reading.errors[field_id] = f"Field '{field_id}' cannot be appear in both 'fields' and 'update'"
            continue
        try:
            _read_field(session, request, FIELD_BY_ID[field_id], issue, reading)
        except FieldError as refusal:
            reading.errors[field_id] = refusal.message
    return reading


def _read_field(session: Session, request: IssueRequest, known: Field, issue: Issue, reading: Reading) -> None:
    if known.id in request.fields:
        if known.column is None:
            raise FieldError(f"Field does not support update '{known.id}'")
        reading.values[known.id] = read_value(session, issue.project_id, known.id, request.fields[known.id])
        return
    for operation in request.update[known.id]:
        verb = next(iter(operation))
        if verb not in known.operations:
            raise FieldError(f"Field '{known.id}' does not support the operation '{verb[:20]}'")
        if known.column is None:
            if verb != "add":
                raise FieldError(f"Field '{known.id}' does not support the operation '{verb[:20]}' here")
            continue
        before = reading.values.get(known.id, getattr(issue, known.column))
        reading.values[known.id] = _apply(session, issue.project_id, known, before, operation)


def _apply(session: Session, project_id: int, known: Field, before: Any, operation: dict[str, Any]) -> Any:
    """Return a field's value after one operation of `update`."""
    verb, given = next(iter(operation.items()))
    if verb == "set":
        return read_value(session, project_id, known.id, given)
    named = read_value(session, project_id, known.id, [given])
    if verb == "add":
        return tuple(dict.fromkeys(before + named))
    return tuple(part for part in before if part not in named)


def _is_operation(given: Any) -> bool:
    return isinstance(given, dict) and len(given) == 1
