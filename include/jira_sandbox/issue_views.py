"""How an issue reads in an answer: the fields that were asked for, and what `expand` adds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from include.jira_sandbox.attachments import show_attachments_of
from include.jira_sandbox.catalogue import (
    PRIORITIES,
    RESOLUTIONS,
    choice_of,
    status_of,
    transitions_from,
    type_of,
)
from include.jira_sandbox.comments import comments_of, show_comment
from include.jira_sandbox.fields import FIELDS
from include.jira_sandbox.history import show_history
from include.jira_sandbox.issue import Issue
from include.jira_sandbox.links import show_links_of
from include.jira_sandbox.moments import to_jira
from include.jira_sandbox.people import show_optional_person, show_person
from include.jira_sandbox.properties import show_properties
from include.jira_sandbox.richtext import rich_html, show_rich
from include.jira_sandbox.screens import show_edit_screen
from include.jira_sandbox.session import Session
from include.jira_sandbox.site_views import (
    PARTS,
    find_project,
    show_category,
    show_component,
    show_priority,
    show_project,
    show_resolution,
    show_status,
    show_type,
    show_version,
)
from include.jira_sandbox.workflow import show_transition

# Not part of `*navigable`: Jira has no column for them in a list of issues.
_UNLISTED = frozenset({"comment", "attachment"})


@dataclass(frozen=True, slots=True)
class View:
    """What a request wants to see of each issue; each member is a list of names as they came."""

    fields: Sequence[str]
    expand: Sequence[str] = ()
    properties: Sequence[str] = ()

    @property
    def field_ids(self) -> frozenset[str]:
        """The ids of the fields to show; names that the site does not know are passed over, as in Jira."""
        every = frozenset(_READERS)
        shown: frozenset[str] = frozenset()
        if not self.fields or all(name.startswith("-") for name in self.fields):
            shown = every
        for name in self.fields:
            if name == "*all":
                shown |= every
            elif name == "*navigable":
                shown |= every - _UNLISTED
            elif name.startswith("-"):
                shown -= {name[1:]}
            else:
                shown |= {name} & every
        return shown


def show_issue(session: Session, issue: Issue, view: View) -> dict[str, Any]:
    """Return the IssueBean of the contract."""
    shown: dict[str, Any] = {
        "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
        "id": str(issue.id),
        "self": session.url("issue", issue.id),
        "key": issue.key,
    }
    field_ids = view.field_ids
    if view.fields != ["id"]:
        shown["fields"] = {name: reader(session, issue) for name, reader in _READERS.items() if name in field_ids}
    if view.properties:
        shown["properties"] = show_properties(session, issue.id, list(view.properties))
    for name, expander in _EXPANDERS.items():
        if name in view.expand:
            shown[name] = expander(session, issue)
    return shown


def _comments(session: Session, issue: Issue) -> dict[str, Any]:
    shown = [show_comment(session, row) for row in comments_of(session, issue.id)]
    page = {"comments": shown, "maxResults": len(shown), "total": len(shown), "startAt": 0}
    return page | {"self": session.url("issue", issue.id, "comment")}


def _parts(session: Session, table: str, ids: tuple[int, ...]) -> list[dict[str, Any]]:
    show = show_component if table == "component" else show_version
    rows = {row["id"]: row for row in session.rows(PARTS[table])}
    return [show(session, rows[part]) for part in ids]


def _resolution(session: Session, issue: Issue) -> dict[str, Any] | None:
    if issue.resolution_id is None:
        return None
    return show_resolution(session, choice_of(RESOLUTIONS, issue.resolution_id))


_READERS: dict[str, Callable[[Session, Issue], Any]] = {
    "summary": lambda _, issue: issue.summary,
    "issuetype": lambda session, issue: show_type(session, type_of(issue.type_id)),
    "project": lambda session, issue: show_project(session, find_project(session, str(issue.project_id))),
    "description": lambda session, issue: show_rich(issue.description, session.caller.dialect),
    "environment": lambda session, issue: show_rich(issue.environment, session.caller.dialect),
    "priority": lambda session, issue: show_priority(session, choice_of(PRIORITIES, issue.priority_id)),
    "labels": lambda _, issue: list(issue.labels),
    "components": lambda session, issue: _parts(session, "component", issue.component_ids),
    "fixVersions": lambda session, issue: _parts(session, "version", issue.fix_version_ids),
    "versions": lambda session, issue: _parts(session, "version", issue.version_ids),
    "assignee": lambda session, issue: show_optional_person(session, issue.assignee),
    "reporter": lambda session, issue: show_person(session, issue.reporter),
    "creator": lambda session, issue: show_person(session, issue.creator),
    "duedate": lambda _, issue: issue.duedate,
    "issuelinks": lambda session, issue: show_links_of(session, issue.id),
    "attachment": lambda session, issue: show_attachments_of(session, issue.id),
    "comment": _comments,
    "status": lambda session, issue: show_status(session, status_of(issue.status_id)),
    "statusCategory": lambda session, issue: show_category(session, status_of(issue.status_id).category),
    "resolution": _resolution,
    "resolutiondate": lambda _, issue: None if issue.resolved is None else to_jira(issue.resolved),
    "statuscategorychangedate": lambda _, issue: to_jira(issue.category_changed),
    "created": lambda _, issue: to_jira(issue.created),
    "updated": lambda _, issue: to_jira(issue.updated),
    "subtasks": lambda _session, _issue: [],
}


def _rendered(_session: Session, issue: Issue) -> dict[str, Any]:
    return {"description": rich_html(issue.description), "environment": rich_html(issue.environment)}


def _changelog(session: Session, issue: Issue) -> dict[str, Any]:
    histories = show_history(session, issue.id)[::-1]
    return {"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": histories}


_EXPANDERS: dict[str, Callable[[Session, Issue], Any]] = {
    "renderedFields": _rendered,
    "names": lambda _session, _issue: {field.id: field.name for field in FIELDS},
    "schema": lambda _session, _issue: {field.id: field.schema() for field in FIELDS},
    "transitions": lambda session, issue: [
        show_transition(session, transition) for transition in transitions_from(issue.status_id)
    ],
    "changelog": _changelog,
    "editmeta": lambda session, issue: {"fields": show_edit_screen(session, issue.project_id)},
}
