"""What the site is and holds: server, account, permissions, fields, vocabularies, create screens."""

from collections.abc import Callable, Sequence
from datetime import UTC
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Response

from include.jira_sandbox import catalogue
from include.jira_sandbox.api.requests import (
    CallerDep,
    MaxResults,
    NameList,
    StartAt,
    answer,
    closed_page,
    split_names,
)
from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.fields import FIELDS, Field
from include.jira_sandbox.moments import to_jira
from include.jira_sandbox.people import find_person, search_people, show_person
from include.jira_sandbox.session import Caller, Deployment, Session
from include.jira_sandbox.site_views import (
    find_project,
    show_category,
    show_priority,
    show_resolution,
    show_status,
    show_type,
    types_of_project,
)

# What the two products say of themselves: Cloud's version is a constant, Data Center's the line of JIRA.md section 1.
_VERSIONS = {Deployment.CLOUD: ("Cloud", [1001, 0, 0], 100_300), Deployment.SERVER: ("Server", [10, 3, 24], 10_030_024)}
_Entry = TypeVar("_Entry")
router = APIRouter()


@router.get("/serverInfo")
def get_server_info(caller: CallerDep) -> Response:
    """Return what plays Jira here."""
    kind, numbers, build = _VERSIONS[caller.deployment]
    shown = {
        "baseUrl": caller.base_url,
        "displayUrl": caller.base_url,
        "version": ".".join(str(number) for number in numbers),
        "versionNumbers": numbers,
        "deploymentType": kind,
        "buildNumber": build,
        "buildDate": "2026-01-01T00:00:00.000+0000",
        "serverTime": to_jira(caller.now),
        "scmInfo": "jira-stand-in",
        "serverTitle": "Jira stand-in",
        "serverTimeZone": str(UTC),
    }
    return answer(shown)


@router.get("/myself")
def get_myself(caller: CallerDep) -> Response:
    """Return the account of the credentials."""
    with caller.reading() as session:
        return answer(show_person(session, caller.account_id))


@router.get("/mypermissions")
def get_permissions(caller: CallerDep, permissions: NameList = ()) -> Response:
    """Return which of the asked permissions the account has; on Cloud they must be named."""
    wanted = split_names(permissions)
    if not wanted and caller.deployment is Deployment.CLOUD:
        raise RefusedError(400, "The 'permissions' query parameter is required.")
    unknown = sorted(set(wanted) - set(catalogue.PERMISSIONS))
    if unknown:
        raise RefusedError(400, f"Unrecognized permission: {unknown[0][:80]}")
    shown = {
        key: {"id": str(10 + number), "key": key, "name": key.replace("_", " ").capitalize(), "type": "PROJECT"}
        | {"description": "", "havePermission": True}
        for number, key in enumerate(catalogue.PERMISSIONS)
        if not wanted or key in wanted
    }
    return answer({"permissions": shown})


@router.get("/user/search")
def search_users(
    caller: CallerDep,
    query: str = "",
    username: str = "",
    start: StartAt = 0,
    size: MaxResults = 50,
) -> Response:
    """Return the users whose name contains a text."""
    with caller.reading() as session:
        return answer(search_people(session, query or username)[start : start + size])


@router.get("/user/assignable/search")
def search_assignable(caller: CallerDep, query: str = "", username: str = "") -> Response:
    """Return the users that an issue may be assigned to: all."""
    with caller.reading() as session:
        return answer(search_people(session, query or username))


@router.get("/user")
def get_user(
    caller: CallerDep,
    account_id: Annotated[str | None, Query(alias="accountId")] = None,
    username: str | None = None,
    key: str | None = None,
) -> Response:
    """Return one user."""
    with caller.reading() as session:
        person = find_person(session, account_id or username or key or "")
        if person is None:
            raise RefusedError(404, "Specified user does not exist or you do not have required permissions")
        return answer(show_person(session, person["account_id"]))


@router.get("/field")
def get_fields() -> Response:
    """Return every field."""
    return answer([_show_field(field) for field in FIELDS])


def _show_field(field: Field) -> dict[str, Any]:
    return {
        "id": field.id,
        "key": field.id,
        "name": field.name,
        "custom": False,
        "orderable": bool(field.column),
        "navigable": True,
        "searchable": bool(field.clauses),
        "clauseNames": list(field.clauses),
        "schema": field.schema(),
    }


@router.get("/issuetype")
def get_types(caller: CallerDep) -> Response:
    """Return the issue types of the site."""
    return _vocabulary(caller, catalogue.ISSUE_TYPES, show_type)


@router.get("/issuetype/project")
def get_types_of_project(caller: CallerDep, project_id: Annotated[str, Query(alias="projectId")]) -> Response:
    """Return the issue types that a project offers."""
    with caller.reading() as session:
        project = find_project(session, project_id)
        return answer([show_type(session, one) for one in types_of_project(session, project["id"])])


@router.get("/priority")
def get_priorities(caller: CallerDep) -> Response:
    """Return the priorities, highest first."""
    return _vocabulary(caller, catalogue.PRIORITIES, show_priority)


@router.get("/resolution")
def get_resolutions(caller: CallerDep) -> Response:
    """Return the resolutions."""
    return _vocabulary(caller, catalogue.RESOLUTIONS, show_resolution)


@router.get("/status")
def get_statuses(caller: CallerDep) -> Response:
    """Return the statuses."""
    return _vocabulary(caller, catalogue.STATUSES, show_status)


@router.get("/statuscategory")
def get_categories(caller: CallerDep) -> Response:
    """Return the status categories."""
    return _vocabulary(caller, catalogue.CATEGORIES, show_category)


@router.get("/priority/search")
def search_priorities(caller: CallerDep, start: StartAt = 0, size: MaxResults = 50) -> Response:
    """Return the priorities by pages."""
    with caller.reading() as session:
        shown = [show_priority(session, one) | {"isDefault": one == catalogue.MEDIUM} for one in catalogue.PRIORITIES]
    return answer(closed_page(shown, start, size))


@router.get("/label")
def get_labels(caller: CallerDep, start: StartAt = 0, size: MaxResults = 1000) -> Response:
    """Return every label in use."""
    with caller.reading() as session:
        rows = session.rows("SELECT DISTINCT value FROM issue, json_each(issue.labels) ORDER BY value")
    return answer(closed_page([row["value"] for row in rows], start, size))


def _vocabulary(
    caller: Caller, entries: Sequence[_Entry], show: Callable[[Session, _Entry], dict[str, Any]]
) -> Response:
    with caller.reading() as session:
        return answer([show(session, entry) for entry in entries])
