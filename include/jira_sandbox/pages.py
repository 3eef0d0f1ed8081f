"""The pages a person looks around on: the list of tickets and one ticket.

Plain HTML, no script, nothing from outside.
"""

import json
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup  # only around what adf_html wrote, which escapes piece by piece

from include.jira_sandbox.api.requests import CallerDep
from include.jira_sandbox.attachments import show_attachments_of
from include.jira_sandbox.catalogue import PRIORITIES, RESOLUTIONS, choice_of, status_of, type_of
from include.jira_sandbox.comments import comments_of
from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.history import show_history
from include.jira_sandbox.issue import Issue, find_issue, issues_of_project
from include.jira_sandbox.links import show_links_of
from include.jira_sandbox.moments import to_jira
from include.jira_sandbox.people import show_person
from include.jira_sandbox.properties import show_properties
from include.jira_sandbox.remote_links import remote_links_of
from include.jira_sandbox.richtext import rich_html
from include.jira_sandbox.session import Session

PAGE_SIZE = 100
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
}
_FOLDER = Path(__file__).with_name("templates")
_TEMPLATES = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
router = APIRouter()


@router.get("/")
def show_list(caller: CallerDep, project: str = "", page: Annotated[int, Query(ge=1, le=1_000_000)] = 1) -> Response:
    """Show the tickets of one project or of all, newest first."""
    with caller.reading() as session:
        projects = [dict(row) for row in session.rows("SELECT key, name FROM project ORDER BY key")]
        issues = issues_of_project(session, project or None)
        shown = [_summarise(issue) for issue in issues[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]]
    values = {"projects": projects, "project": project, "issues": shown, "total": len(issues), "page": page}
    return _render("list.html", values | {"more": page * PAGE_SIZE < len(issues)})


@router.get("/browse/{key}")
def show_ticket(caller: CallerDep, key: str) -> Response:
    """Show one ticket with its links, comments and history."""
    with caller.reading() as session:
        try:
            issue = find_issue(session, key)
        except RefusedError:
            return _render("missing.html", {"key": key[:80]}, 404)
        ticket = _summarise(issue) | _describe(session, issue)
    return _render("ticket.html", ticket)


@router.get("/style.css")
def show_style() -> Response:
    """Return the style sheet of the pages."""
    return Response((_FOLDER / "style.css").read_bytes(), media_type="text/css", headers=SECURITY)


def _render(template: str, values: dict[str, Any], status: int = 200) -> Response:
    html = _TEMPLATES.get_template(template).render(values)
    return Response(html, status, SECURITY, media_type="text/html; charset=utf-8")


def _summarise(issue: Issue) -> dict[str, Any]:
    resolution = choice_of(RESOLUTIONS, issue.resolution_id).name if issue.resolution_id else None
    return {
        "key": issue.key,
        "summary": issue.summary,
        "type": type_of(issue.type_id).name,
        "status": status_of(issue.status_id).name,
        "category": status_of(issue.status_id).category.key,
        "resolution": resolution,
        "priority": choice_of(PRIORITIES, issue.priority_id).name,
        "labels": issue.labels,
        "created": to_jira(issue.created),
        "updated": to_jira(issue.updated),
    }


def _describe(session: Session, issue: Issue) -> dict[str, Any]:
    comments = [
        {
            "id": row["id"],
            "author": show_person(session, row["author"])["displayName"],
            "created": to_jira(row["created"]),
            "html": Markup(rich_html(row["body"])),  # noqa: S704
        }
        for row in comments_of(session, issue.id)
    ]
    properties = show_properties(session, issue.id, ["*all"])
    return {
        "reporter": show_person(session, issue.reporter)["displayName"],
        "assignee": show_person(session, issue.assignee)["displayName"] if issue.assignee else None,
        "duedate": issue.duedate,
        "description": Markup(rich_html(issue.description)),  # noqa: S704
        "environment": Markup(rich_html(issue.environment)),  # noqa: S704
        "links": [_describe_link(link) for link in show_links_of(session, issue.id)],
        "remote_links": [json.loads(row["object"]) for row in remote_links_of(session, issue.id)],
        "attachments": show_attachments_of(session, issue.id),
        "properties": {key: json.dumps(value, ensure_ascii=False, indent=1) for key, value in properties.items()},
        "comments": comments,
        "history": show_history(session, issue.id),
    }


def _describe_link(link: dict[str, Any]) -> dict[str, str]:
    direction = "outward" if "outwardIssue" in link else "inward"
    other = link[f"{direction}Issue"]
    return {
        "words": link["type"][direction],
        "key": other["key"],
        "summary": other["fields"]["summary"],
        "status": other["fields"]["status"]["name"],
    }
