"""What each field of a query means: its value in an indexed issue, and how a text names one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any

from include.jira_sandbox.catalogue import CATEGORIES, ISSUE_TYPES, PRIORITIES, RESOLUTIONS, STATUSES
from include.jira_sandbox.jql.tokens import JqlError
from include.jira_sandbox.moments import to_millis
from include.jira_sandbox.people import find_person
from include.jira_sandbox.search_index import IndexedIssue
from include.jira_sandbox.session import Session
from include.jira_sandbox.site_views import PARTS


class Family(Enum):
    """Which operators a field takes."""

    CHOICE = auto()
    ORDERED = auto()
    MOMENT = auto()
    TEXT = auto()
    KEY = auto()


OPERATORS = {
    Family.CHOICE: {"=", "!=", "in", "not in", "is", "is not"},
    Family.ORDERED: {"=", "!=", "in", "not in", "is", "is not", "<", ">", "<=", ">="},
    Family.MOMENT: {"=", "!=", "in", "not in", "is", "is not", "<", ">", "<=", ">="},
    Family.TEXT: {"~", "!~", "is", "is not"},
    Family.KEY: {"=", "!=", "in", "not in", "<", ">", "<=", ">="},
}


@dataclass(frozen=True, slots=True)
class JqlField:
    """A field: `values` of an issue (none is EMPTY), and `resolve` from a text to the values it names."""

    name: str
    family: Family
    values: Callable[[IndexedIssue], tuple[Any, ...]]
    resolve: Callable[[Session, str], frozenset[Any]] | None = None


def _one(value: Any) -> tuple[Any, ...]:
    return () if value is None else (value,)


def _unknown(value: str, field: str) -> JqlError:
    return JqlError(f"The value '{value[:80]}' does not exist for the field '{field}'.")


def _among(field: str, choices: tuple[Any, ...]) -> Callable[[Session, str], frozenset[Any]]:
    """Return the reader of a site-wide vocabulary: by id or by name in any case."""

    def resolve(_session: Session, text: str) -> frozenset[Any]:
        found = frozenset(one.id for one in choices if text == str(one.id) or text.casefold() == one.name.casefold())
        if not found:
            raise _unknown(text, field)
        return found

    return resolve


def _category(_session: Session, text: str) -> frozenset[Any]:
    folded = text.casefold()
    found = frozenset(one.key for one in CATEGORIES if folded in {str(one.id), one.key, one.name.casefold()})
    if not found:
        raise _unknown(text, "statusCategory")
    return found


def _project(session: Session, text: str) -> frozenset[Any]:
    rows = session.rows("SELECT id, key, name FROM project")
    folded = text.casefold()
    found = frozenset(
        row["key"] for row in rows if folded in {str(row["id"]), row["key"].casefold(), row["name"].casefold()}
    )
    if not found:
        raise _unknown(text, "project")
    return found


def _part(field: str, table: str) -> Callable[[Session, str], frozenset[Any]]:
    """Return the reader of names that projects define: components and versions."""

    def resolve(session: Session, text: str) -> frozenset[Any]:
        rows = session.rows(PARTS[table])
        found = frozenset(row["name"] for row in rows if text.casefold() in {str(row["id"]), row["name"].casefold()})
        if not found:
            raise _unknown(text, field)
        return found

    return resolve


def _person(field: str) -> Callable[[Session, str], frozenset[Any]]:
    def resolve(session: Session, text: str) -> frozenset[Any]:
        person = find_person(session, text)
        if person is None:
            raise _unknown(text, field)
        return frozenset({person["account_id"]})

    return resolve


def _link_type(session: Session, text: str) -> frozenset[Any]:
    """Return (type id, direction) pairs: a type's name means both directions, a description its own."""
    folded, found = text.casefold(), set()
    for row in session.rows("SELECT * FROM link_type"):
        for direction in ("inward", "outward"):
            if folded in {str(row["id"]), row["name"].casefold(), row[direction].casefold()}:
                found.add((row["id"], direction))
    if not found:
        raise _unknown(text, "issueLinkType")
    return frozenset(found)


def _label(_session: Session, text: str) -> frozenset[Any]:
    return frozenset({text.casefold()})


def _due(issue: IndexedIssue) -> tuple[Any, ...]:
    if issue.duedate is None:
        return ()
    return (to_millis(datetime.fromisoformat(issue.duedate).replace(tzinfo=UTC)),)


def _priority_rank(issue: IndexedIssue) -> tuple[Any, ...]:
    return (issue.priority_id,)


_C, _M, _T = Family.CHOICE, Family.MOMENT, Family.TEXT
_KEY = JqlField("key", Family.KEY, lambda issue: (issue.id,))
_FIELDS: dict[str, JqlField] = {
    "project": JqlField("project", _C, lambda issue: (issue.project,), _project),
    "key": _KEY,
    "issuekey": _KEY,
    "issue": _KEY,
    "id": _KEY,
    "issuetype": JqlField("issuetype", _C, lambda issue: (issue.type_id,), _among("issuetype", ISSUE_TYPES)),
    "status": JqlField("status", _C, lambda issue: (issue.status_id,), _among("status", STATUSES)),
    "statuscategory": JqlField("statusCategory", _C, lambda issue: (issue.category,), _category),
    "resolution": JqlField(
        "resolution", _C, lambda issue: _one(issue.resolution_id), _among("resolution", RESOLUTIONS)
    ),
    "priority": JqlField("priority", Family.ORDERED, _priority_rank, _among("priority", PRIORITIES)),
    "labels": JqlField("labels", _C, lambda issue: tuple(label.casefold() for label in issue.labels), _label),
    "component": JqlField("component", _C, lambda issue: issue.components, _part("component", "component")),
    "fixversion": JqlField("fixVersion", _C, lambda issue: issue.fix_versions, _part("fixVersion", "version")),
    "affectedversion": JqlField(
        "affectedVersion", _C, lambda issue: issue.versions, _part("affectedVersion", "version")
    ),
    "assignee": JqlField("assignee", _C, lambda issue: _one(issue.assignee), _person("assignee")),
    "reporter": JqlField("reporter", _C, lambda issue: (issue.reporter,), _person("reporter")),
    "creator": JqlField("creator", _C, lambda issue: (issue.creator,), _person("creator")),
    "issuelinktype": JqlField(
        "issueLinkType", _C, lambda issue: tuple((link[0], link[1]) for link in issue.links), _link_type
    ),
    "created": JqlField("created", _M, lambda issue: (issue.created,)),
    "updated": JqlField("updated", _M, lambda issue: (issue.updated,)),
    "resolved": JqlField("resolved", _M, lambda issue: _one(issue.resolved)),
    "statuscategorychangeddate": JqlField("statusCategoryChangedDate", _M, lambda issue: (issue.category_changed,)),
    "due": JqlField("due", _M, _due),
    "summary": JqlField("summary", _T, lambda issue: _one(issue.summary)),
    "description": JqlField("description", _T, lambda issue: _one(issue.description or None)),
    "environment": JqlField("environment", _T, lambda issue: _one(issue.environment or None)),
    "comment": JqlField("comment", _T, lambda issue: _one(issue.comment or None)),
    "text": JqlField("text", _T, lambda issue: (issue.summary, issue.description, issue.environment, issue.comment)),
}
_ALIASES = {
    "type": "issuetype",
    "label": "labels",
    "components": "component",
    "fixversions": "fixversion",
    "createddate": "created",
    "updateddate": "updated",
    "resolutiondate": "resolved",
    "duedate": "due",
}


def find_field(name: str) -> JqlField:
    """Return the field with this name, in lower case; raise JqlError when the site has none."""
    field = _FIELDS.get(_ALIASES.get(name, name))
    if field is None:
        raise JqlError(f"Field '{name[:80]}' does not exist or you do not have permission to view it.")
    return field
