"""The administration of the stand-in itself: health, faults, search lag. No real Jira has these."""

from typing import Any

from fastapi import APIRouter, Request, Response

from include.jira_sandbox.api.requests import BodyDep, answer, no_content
from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.site import Site
from include.jira_sandbox.wire_json import read_object

MAX_LAG_SECONDS = 3_600
router = APIRouter(prefix="/sandbox")

# Async on purpose: these run on the event loop, as the fault injector does, so the rules need no lock.


@router.get("/health")
async def get_health() -> Response:
    """Return that the server answers, and nothing else: this is the one route without credentials."""
    return answer({"status": "ok"})


@router.post("/faults")
async def post_fault(request: Request, body: BodyDep) -> Response:
    """Take a fault rule."""
    return answer(_site(request).faults.add(body).to_json(), 201)


@router.get("/faults")
async def get_faults(request: Request) -> Response:
    """Return the rules that may still fire."""
    return answer({"faults": [rule.to_json() for rule in _site(request).faults.rules()]})


@router.delete("/faults")
async def delete_faults(request: Request) -> Response:
    """Remove every rule."""
    _site(request).faults.clear()
    return no_content()


@router.delete("/faults/{rule_id}")
async def delete_fault(request: Request, rule_id: int) -> Response:
    """Remove one rule."""
    if not _site(request).faults.remove(rule_id):
        raise RefusedError(404, f"There is no fault rule {rule_id}; it may have fired as often as it was told to.")
    return no_content()


@router.get("/search-lag")
async def get_lag(request: Request) -> Response:
    """Return after how many seconds search sees a change."""
    return answer({"seconds": _site(request).search_lag / 1000})


@router.put("/search-lag")
async def put_lag(request: Request, body: BodyDep) -> Response:
    """Set the lag of search for the changes made from now on."""
    seconds: Any = read_object(body).get("seconds")
    if type(seconds) not in {int, float} or not 0 <= seconds <= MAX_LAG_SECONDS:
        raise RefusedError(400, f"'seconds' must be a number from 0 to {MAX_LAG_SECONDS}.")
    _site(request).search_lag = int(seconds * 1000)
    return answer({"seconds": seconds})


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site
