"""Projects, their components and versions, and their create screens."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from include.jira_sandbox import catalogue
from include.jira_sandbox.api.requests import (
    BodyDep,
    CallerDep,
    MaxResults,
    NameList,
    StartAt,
    answer,
    closed_page,
    page_of,
    split_names,
)
from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.screens import show_create_screen
from include.jira_sandbox.session import Caller, Deployment, Session
from include.jira_sandbox.site_views import (
    PARTS,
    find_project,
    show_component,
    show_project,
    show_status,
    show_type,
    show_version,
    types_of_project,
)
from include.jira_sandbox.wire_json import read_object

router = APIRouter()


@router.get("/project")
def get_projects(caller: CallerDep) -> Response:
    """Return every project."""
    with caller.reading() as session:
        return answer([show_project(session, row) for row in session.rows("SELECT * FROM project ORDER BY key")])


@router.get("/project/search")
def search_projects(
    caller: CallerDep, start: StartAt = 0, size: MaxResults = 50, keys: NameList = (), query: str = ""
) -> Response:
    """Return the projects by pages, all or those with some keys or a text in key or name."""
    wanted = split_names(keys)
    with caller.reading() as session:
        rows = session.rows("SELECT * FROM project ORDER BY key")
        shown = [
            show_project(session, row)
            for row in rows
            if (not wanted or row["key"] in wanted) and query.casefold() in f"{row['key']} {row['name']}".casefold()
        ]
    return answer(closed_page(shown, start, size))


@router.get("/project/{id_or_key}")
def get_project(caller: CallerDep, id_or_key: str) -> Response:
    """Return one project with its issue types, components and versions."""
    with caller.reading() as session:
        project = find_project(session, id_or_key)
        shown = show_project(session, project) | {
            "description": project["description"],
            "assigneeType": "UNASSIGNED",
            "style": "classic",
            "isPrivate": False,
            "issueTypes": [show_type(session, one) for one in types_of_project(session, project["id"])],
            "components": _components(session, project["id"]),
            "versions": _versions(session, project["id"]),
            "roles": {},
        }
    return answer(shown)


@router.get("/project/{id_or_key}/statuses")
def get_statuses_of_project(caller: CallerDep, id_or_key: str) -> Response:
    """Return the statuses that each issue type of a project may have."""
    with caller.reading() as session:
        project = find_project(session, id_or_key)
        statuses = [show_status(session, one) for one in catalogue.STATUSES]
        shown = [
            {"self": session.url("issuetype", one.id), "id": one.id, "name": one.name, "subtask": False}
            | {"statuses": statuses}
            for one in types_of_project(session, project["id"])
        ]
    return answer(shown)


@router.get("/project/{id_or_key}/components")
def get_components(caller: CallerDep, id_or_key: str) -> Response:
    """Return the components of a project."""
    with caller.reading() as session:
        return answer(_components(session, find_project(session, id_or_key)["id"]))


@router.get("/project/{id_or_key}/versions")
def get_versions(caller: CallerDep, id_or_key: str) -> Response:
    """Return the versions of a project."""
    with caller.reading() as session:
        return answer(_versions(session, find_project(session, id_or_key)["id"]))


@router.post("/component")
def post_component(caller: CallerDep, body: BodyDep) -> Response:
    """Add a component to a project."""
    given = read_object(body)
    with caller.writing() as session:
        project, name = _read_part(session, given, "component")
        made = session.insert(
            "INSERT INTO component (project_id, name, description) VALUES (?, ?, ?)",
            project,
            name,
            _read_text(given, "description"),
        )
        shown = _show_component(session, str(made))
    return answer(shown, 201)


@router.get("/component/{component_id}")
def get_component(caller: CallerDep, component_id: str) -> Response:
    """Return one component."""
    with caller.reading() as session:
        return answer(_show_component(session, component_id))


@router.post("/version")
def post_version(caller: CallerDep, body: BodyDep) -> Response:
    """Add a version to a project."""
    given = read_object(body)
    with caller.writing() as session:
        project, name = _read_part(session, given, "version")
        made = session.insert(
            "INSERT INTO version (project_id, name, description, released, archived, release_date) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            project,
            name,
            _read_text(given, "description"),
            given.get("released") is True,
            given.get("archived") is True,
            _read_date(given),
        )
        shown = _show_version(session, str(made))
    return answer(shown, 201)


@router.get("/version/{version_id}")
def get_version(caller: CallerDep, version_id: str) -> Response:
    """Return one version."""
    with caller.reading() as session:
        return answer(_show_version(session, version_id))


@router.get("/issue/createmeta/{id_or_key}/issuetypes")
def get_create_types(caller: CallerDep, id_or_key: str, start: StartAt = 0, size: MaxResults = 50) -> Response:
    """Return the issue types that can be created in a project (step one of createmeta)."""
    with caller.reading() as session:
        project = find_project(session, id_or_key)
        types = [show_type(session, one) for one in types_of_project(session, project["id"])]
    return answer(_create_page(caller, types, (start, size), "issueTypes"))


@router.get("/issue/createmeta/{id_or_key}/issuetypes/{type_id}")
def get_create_fields(
    caller: CallerDep, id_or_key: str, type_id: str, start: StartAt = 0, size: MaxResults = 50
) -> Response:
    """Return the create screen of an issue type in a project (step two of createmeta)."""
    with caller.reading() as session:
        project = find_project(session, id_or_key)
        if type_id not in {one.id for one in types_of_project(session, project["id"])}:
            raise RefusedError(400, "The issue type does not exist in the project.")
        screen = show_create_screen(session, project["id"])
    fields = [shown | {"fieldId": field_id} for field_id, shown in screen.items()]
    return answer(_create_page(caller, fields, (start, size), "fields"))


@router.get("/issue/createmeta")
def get_create_meta(
    caller: CallerDep,
    project_keys: Annotated[Sequence[str], Query(alias="projectKeys")] = (),
    project_ids: Annotated[Sequence[str], Query(alias="projectIds")] = (),
    type_names: Annotated[Sequence[str], Query(alias="issuetypeNames")] = (),
    type_ids: Annotated[Sequence[str], Query(alias="issuetypeIds")] = (),
    expand: NameList = (),
) -> Response:
    """Return create screens in the old one-step form."""
    projects = set(split_names(project_keys)) | set(split_names(project_ids))
    # Names of issue types may hold commas and spaces: they come as repeated parameters only.
    types = set(type_names) | set(split_names(type_ids))
    has_fields = "projects.issuetypes.fields" in split_names(expand)
    with caller.reading() as session:
        rows = session.rows("SELECT * FROM project ORDER BY key")
        chosen = [row for row in rows if not projects or {row["key"], str(row["id"])} & projects]
        shown = [_show_create_project(session, row, types, has_fields=has_fields) for row in chosen]
    return answer({"expand": "projects", "projects": shown})


def _create_page(caller: Caller, found: list[dict[str, Any]], page: tuple[int, int], member: str) -> dict[str, Any]:
    """Return a page of createmeta: Cloud names its member by what it holds, Data Center says `values` and `isLast`."""
    if caller.deployment is Deployment.SERVER:
        return closed_page(found, *page)
    return page_of(found, *page, member)


def _show_create_project(session: Session, project: Any, wanted: set[str], *, has_fields: bool) -> dict[str, Any]:
    types = []
    for one in types_of_project(session, project["id"]):
        if not wanted or {one.id, one.name} & wanted:
            fields = {"expand": "fields", "fields": show_create_screen(session, project["id"])} if has_fields else {}
            types.append(show_type(session, one) | fields)
    shown = {name: value for name, value in show_project(session, project).items() if name in _CREATE_PROJECT}
    return shown | {"issuetypes": types}


_CREATE_PROJECT = frozenset({"self", "id", "key", "name"})


def _components(session: Session, project_id: int) -> list[dict[str, Any]]:
    rows = session.rows("SELECT * FROM component WHERE project_id = ? ORDER BY id", project_id)
    return [show_component(session, row) for row in rows]


def _versions(session: Session, project_id: int) -> list[dict[str, Any]]:
    rows = session.rows("SELECT * FROM version WHERE project_id = ? ORDER BY id", project_id)
    return [show_version(session, row) for row in rows]


def _show_component(session: Session, component_id: str) -> dict[str, Any]:
    row = session.row("SELECT * FROM component WHERE id = ?", component_id)
    if row is None:
        raise RefusedError(404, f"The component with id {component_id[:20]} does not exist.")
    return show_component(session, row)


def _show_version(session: Session, version_id: str) -> dict[str, Any]:
    row = session.row("SELECT * FROM version WHERE id = ?", version_id)
    if row is None:
        raise RefusedError(404, f"Could not find version for id '{version_id[:20]}'")
    return show_version(session, row)


def _read_part(session: Session, given: dict[str, Any], table: str) -> tuple[int, str]:
    """Return the project and the free name of a new component or version; raise RefusedError 400 or 404."""
    name = _read_text(given, "name").strip()
    if not 1 <= len(name) <= 255:
        raise RefusedError(400, errors={"name": f"The {table} name must have 1 to 255 characters."})
    reference = given.get("project", given.get("projectId"))
    if not isinstance(reference, str | int):
        raise RefusedError(400, errors={"project": "Project is required."})
    project = find_project(session, str(reference))
    if (project["id"], name) in {(row["project_id"], row["name"]) for row in session.rows(PARTS[table])}:
        raise RefusedError(400, errors={"name": f"A {table} with this name already exists in this project."})
    return project["id"], name


def _read_text(given: dict[str, Any], member: str) -> str:
    value = given.get(member) or ""
    if not isinstance(value, str):
        raise RefusedError(400, errors={member: f"'{member}' must be a string."})
    return value


def _read_date(given: dict[str, Any]) -> str | None:
    value = given.get("releaseDate")
    if value is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError) as error:
        raise RefusedError(400, errors={"releaseDate": "Error parsing date: use yyyy-MM-dd."}) from error
