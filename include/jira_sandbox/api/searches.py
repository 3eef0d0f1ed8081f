"""Search: the enhanced one of Cloud, and the old one that only Data Center still has."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from include.jira_sandbox.api.requests import (
    BodyDep,
    CallerDep,
    answer,
    page_of,
    read_names,
    require_cloud,
    split_names,
)
from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.issue import look_up_issue
from include.jira_sandbox.issue_views import View, show_issue
from include.jira_sandbox.search import cut_page, find_matches, read_reconciled
from include.jira_sandbox.search_index import IndexedIssue
from include.jira_sandbox.session import Caller, Deployment, Session
from include.jira_sandbox.wire_json import read_object

# Cloud gives up to 5,000 ids a page, and fewer issues when it must read their fields.
ID_PAGE_LIMIT = 5_000
FIELD_PAGE_LIMIT = 100
GONE = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline "
    "is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
_MEMBERS = frozenset(
    {"jql", "nextPageToken", "maxResults", "fields", "expand", "properties", "fieldsByKeys", "reconcileIssues"}
)
router = APIRouter()


class SearchQuery(BaseModel):
    """The query parameters of both searches."""

    jql: str = ""
    token: str | None = Field(None, alias="nextPageToken")
    start: int = Field(0, alias="startAt", ge=0, le=2**31 - 1)
    size: int = Field(50, alias="maxResults", ge=0, le=2**31 - 1)
    fields: Sequence[str] = ()
    expand: Sequence[str] = ()
    properties: Sequence[str] = ()
    reconcile: Sequence[int] = Field((), alias="reconcileIssues")

    def view(self, default: str) -> View:
        """Return what is to be shown of each issue."""
        fields = split_names(self.fields) or [default]
        return View(fields, split_names(self.expand), split_names(self.properties))


@router.get("/search/jql")
def get_search(caller: CallerDep, query: Annotated[SearchQuery, Query()]) -> Response:
    """Search by query parameters."""
    require_cloud(caller)
    paging = (query.token, query.size)
    return _search(caller, query.jql, query.view("id"), paging, read_reconciled(list(query.reconcile)))


@router.post("/search/jql")
def post_search(caller: CallerDep, body: BodyDep) -> Response:
    """Search by a body; a member that this search does not have (such as `startAt`) is refused."""
    require_cloud(caller)
    given = read_object(body)
    if set(given) - _MEMBERS or not isinstance(given.get("jql", ""), str):
        raise RefusedError(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    token, size = given.get("nextPageToken"), given.get("maxResults", 50)
    if not isinstance(token, str | None) or type(size) is not int or size < 0:
        raise RefusedError(400, "'nextPageToken' must be a string and 'maxResults' a positive number.")
    expand = given.get("expand") or ""
    if not isinstance(expand, str):
        raise RefusedError(400, "'expand' must be a string of names with commas.")
    fields, properties = (read_names(given.get(member), member) for member in ("fields", "properties"))
    view = View(fields or ["id"], split_names([expand]), properties)
    return _search(caller, given.get("jql", ""), view, (token, size), read_reconciled(given.get("reconcileIssues")))


def _search(caller: Caller, jql: str, view: View, paging: tuple[str | None, int], reconciled: list[int]) -> Response:
    token, size = paging
    limit = ID_PAGE_LIMIT if set(view.fields) <= {"id", "key"} else FIELD_PAGE_LIMIT
    with caller.reading() as session:
        matches = find_matches(session, jql, reconciled)
        page, next_token = cut_page(session, jql, matches, token, min(size or 50, limit))
        issues = _show_matches(session, page, view)
    return answer(
        {"issues": issues, "isLast": next_token is None} | ({"nextPageToken": next_token} if next_token else {})
    )


def _show_matches(session: Session, page: list[IndexedIssue], view: View) -> list[dict[str, Any]]:
    """Return the issues of a page; which ones match is the index's knowledge, their fields are read as they are.

    An issue that was deleted a moment ago may still be in the index; it is left out.
    """
    issues = [look_up_issue(session, str(match.id)) for match in page]
    return [show_issue(session, issue, view) for issue in issues if issue is not None]


@router.post("/search/approximate-count")
def post_count(caller: CallerDep, body: BodyDep) -> Response:
    """Return how many issues a query finds."""
    require_cloud(caller)
    jql = read_object(body).get("jql")
    if not isinstance(jql, str):
        raise RefusedError(400, "'jql' must be a string.")
    with caller.reading() as session:
        return answer({"count": len(find_matches(session, jql, []))})


@router.get("/search")
def get_old_search(caller: CallerDep, query: Annotated[SearchQuery, Query()]) -> Response:
    """Search the old way."""
    return _search_old_way(caller, query.jql, query.view("*navigable"), query.start, query.size)


@router.post("/search")
def post_old_search(caller: CallerDep, body: BodyDep) -> Response:
    """Search the old way, by a body."""
    given = read_object(body)
    jql, start, size = given.get("jql", ""), given.get("startAt", 0), given.get("maxResults", 50)
    if not isinstance(jql, str) or any(type(count) is not int or count < 0 for count in (start, size)):
        raise RefusedError(400, "'jql' must be a string, 'startAt' and 'maxResults' positive numbers.")
    fields, expand = (read_names(given.get(member), member) for member in ("fields", "expand"))
    return _search_old_way(caller, jql, View(fields or ["*navigable"], expand), start, size)


def _search_old_way(caller: Caller, jql: str, view: View, start: int, size: int) -> Response:
    if caller.deployment is Deployment.CLOUD:
        raise RefusedError(410, GONE)
    limit = min(size, 1_000)
    with caller.reading() as session:
        matches = find_matches(session, jql, [])
        page = page_of(matches, start, limit, "issues")
        page["issues"] = _show_matches(session, page["issues"], view)
    return answer(page | {"expand": "schema,names"})
