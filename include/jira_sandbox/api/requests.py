"""What every route needs of a request: who asks, the JSON it carries, the page it wants.

And how an answer is written.
"""

import json
import re
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.moments import to_millis
from include.jira_sandbox.session import Caller, Deployment, Dialect
from include.jira_sandbox.site import Site
from include.jira_sandbox.wire_json import read_json

_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9a-fA-F:.]+\](:[0-9]{1,5})?")
_DIALECTS = {"2": Dialect.WIKI, "latest": Dialect.WIKI, "3": Dialect.ADF}


def read_caller(request: Request) -> Caller:
    """Return who asks, when and in which dialect; raise RefusedError 404 for an unknown version of the API."""
    dialect = _DIALECTS.get(request.path_params.get("version", "3"))
    if dialect is None:
        raise RefusedError(404, "There is no such version of the API.")
    site: Site = request.app.state.site
    if site.deployment is Deployment.SERVER and dialect is Dialect.ADF:
        raise RefusedError(404, "null for uri: Data Center has version 2 of the API only.")
    host = request.headers.get("host", "")
    return Caller(
        store=site.store,
        account_id=site.account_id,
        base_url=f"{request.scope['scheme']}://{host if _HOST.fullmatch(host) else 'localhost'}",
        dialect=dialect,
        deployment=site.deployment,
        now=to_millis(site.clock()),
        search_lag=site.search_lag,
    )


def require_cloud(caller: Caller) -> None:
    """Refuse what only Cloud has, as a Data Center answers an address that it does not know; raise RefusedError 404."""
    if caller.deployment is not Deployment.CLOUD:
        raise RefusedError(404, "null for uri: there is no such resource on Data Center.")


async def read_body(request: Request) -> Any:
    """Return the JSON body; a body that does not say it is JSON is refused, which also keeps out forged web forms."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusedError(415, "Unsupported Media Type: send application/json.")
    return read_json(await request.body())


CallerDep = Annotated[Caller, Depends(read_caller)]
BodyDep = Annotated[Any, Depends(read_body)]
StartAt = Annotated[int, Query(alias="startAt", ge=0, le=2**31 - 1)]
MaxResults = Annotated[int, Query(alias="maxResults", ge=0, le=2**31 - 1)]
# Lists come as repeated parameters, with commas inside, or both.
NameList = Annotated[Sequence[str], Query()]


def split_names(given: Sequence[str]) -> list[str]:
    """Return the names of a list parameter."""
    return [name.strip() for part in given for name in part.split(",") if name.strip()]


def read_names(given: Any, member: str) -> list[str]:
    """Return a list of names from a body; raise RefusedError 400 for anything else."""
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise RefusedError(400, f"'{member}' must be an array of strings.")
    return given


def answer(value: Any, status: int = 200) -> Response:
    """Return a JSON answer with Jira's content type."""
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(content.encode(), status, media_type="application/json;charset=UTF-8")


def no_content() -> Response:
    """Return an empty 204."""
    return Response(status_code=204)


def page_of(values: list[Any], start: int, size: int, member: str = "values") -> dict[str, Any]:
    """Return a page with Jira's counters and the values under the member's name."""
    return {"startAt": start, "maxResults": size, "total": len(values), member: values[start : start + size]}


def closed_page(values: list[Any], start: int, size: int) -> dict[str, Any]:
    """Return a page that also says whether it is the last."""
    return page_of(values, start, size) | {"isLast": start + size >= len(values)}
