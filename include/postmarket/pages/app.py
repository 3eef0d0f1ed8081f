"""The application of the pages, for any server that brings a door: Airflow's plugin, or the one of its own."""

from fastapi import Depends, FastAPI, Request, Response
from starlette.exceptions import HTTPException

from include.postmarket.model.errors import ConfigurationError, PostmarketError, UnavailableError
from include.postmarket.pages.door import Door, refuse
from include.postmarket.pages.ports import Ports
from include.postmarket.pages.rendering import render
from include.postmarket.pages.routes import make_router

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def make_app(ports: Ports, door: Door) -> FastAPI:
    """Give the application; every route has the door's guards, unknown addresses and methods included (G9)."""
    guards = [Depends(guard) for guard in door.guards]
    app = FastAPI(title="Postmarket", docs_url=None, redoc_url=None, openapi_url=None, dependencies=guards)
    app.include_router(make_router(ports))
    app.add_api_route("/{path:path}", _nothing_here, methods=_METHODS, response_model=None)
    _explain_errors(app, door)
    return app


def _nothing_here(request: Request) -> Response:
    """Answer what no page answers: 404, or 405 for anything but reading."""
    if request.method != "GET":
        raise HTTPException(405, headers={"Allow": "GET"})
    raise HTTPException(404, "There is no such page.")


def _explain_errors(app: FastAPI, door: Door) -> None:
    def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 401:
            return door.ask(request)
        if status == 403:
            return refuse()
        told = str(error.detail) if isinstance(error, HTTPException) else ""
        return render(request, "error.html", {"status": status, "told": told, "where": "", "todo": ""}, status)

    def ours(request: Request, error: Exception) -> Response:
        if not isinstance(error, PostmarketError):
            raise error
        told = {"status": _status(error), "told": error.what, "where": error.where, "todo": error.todo}
        return render(request, "error.html", told, _status(error))

    def unforeseen(request: Request, _: Exception) -> Response:
        """Say that something failed, and no more: the words of a stranger's error may hold data (G4)."""
        told = {"status": 500, "told": "This page failed.", "where": "", "todo": "The server's log says why."}
        return render(request, "error.html", told, 500)

    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(PostmarketError, ours)
    app.add_exception_handler(Exception, unforeseen)


def _status(error: PostmarketError) -> int:
    return 503 if isinstance(error, UnavailableError | ConfigurationError) else 500
