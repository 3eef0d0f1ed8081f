"""Putting the stand-in together: the routes, the answers to what goes wrong, and the layers below them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from include.jira_sandbox import pages
from include.jira_sandbox.api import (
    files,
    issue_links,
    issue_parts,
    issues,
    metadata,
    projects,
    sandbox,
    searches,
    watching,
)
from include.jira_sandbox.api.requests import answer
from include.jira_sandbox.errors import RefusedError, StartError
from include.jira_sandbox.faults import FaultBook
from include.jira_sandbox.people import add_person
from include.jira_sandbox.session import Deployment
from include.jira_sandbox.site import Site
from include.jira_sandbox.store import Store
from include.jira_sandbox.wire import FaultInjector, Guard


@dataclass(frozen=True, slots=True)
class Settings:
    """What a stand-in is started with; `search_lag` is in seconds."""

    data: Path
    user: str
    token: str = field(repr=False)
    deployment: Deployment = Deployment.CLOUD
    search_lag: float = 0


def open_site(settings: Settings, clock: Callable[[], datetime]) -> Site:
    """Open the store and return the site; raise StartError when the file or the user name cannot be used."""
    if ":" in settings.user:
        raise StartError("The user name holds a colon, which Basic authentication cannot carry: choose another.")
    store = Store(settings.data)
    with store.writing() as db:
        account_id = add_person(db, settings.user)
    return Site(
        store=store,
        user=settings.user,
        token=settings.token,
        account_id=account_id,
        deployment=settings.deployment,
        clock=clock,
        search_lag=int(settings.search_lag * 1000),
        faults=FaultBook(),
    )


def create_app(site: Site) -> ASGIApp:
    """Return the ASGI application of a site."""
    routes = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    routes.state.site = site
    # createmeta lies below /issue/, so the projects' routes are asked before /issue/{id_or_key}.
    for part in (projects, issues, issue_parts, watching, files, issue_links, searches, metadata):
        routes.include_router(part.router, prefix="/rest/api/{version}")
    routes.include_router(sandbox.router)
    routes.include_router(pages.router)
    routes.add_exception_handler(RefusedError, _answer_refusal)
    routes.add_exception_handler(RequestValidationError, _answer_invalid)
    routes.add_exception_handler(HTTPException, _answer_http)
    routes.add_exception_handler(Exception, _answer_failure)
    return Guard(FaultInjector(routes, site), site)


def _answer_refusal(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RefusedError):
        raise error
    return answer(error.to_json(), error.status)


def _answer_invalid(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    names = {str(one["loc"][-1])[:80] for one in error.errors()}
    return _answer_refusal(_request, RefusedError(400, f"Invalid request parameter: {', '.join(sorted(names))}."))


def _answer_http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return _answer_refusal(_request, RefusedError(error.status_code, str(error.detail)))


def _answer_failure(_request: Request, _error: Exception) -> Response:
    # Starlette raises the error again after this answer, so it is reported with its trace by the server.
    return answer(RefusedError(500, "Internal server error").to_json(), 500)
