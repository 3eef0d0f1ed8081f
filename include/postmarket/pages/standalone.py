"""The pages on a server of their own, behind one access token: for sites that keep Airflow private, and for tests.

Who knows the token may read; there are no users and no rights beyond that, and nothing can be changed.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.routing import Mount

from include.postmarket.model.errors import ConfigurationError
from include.postmarket.pages.app import make_app
from include.postmarket.pages.door import Door
from include.postmarket.pages.ports import Ports
from include.postmarket.pages.rendering import render_door, root_of

COOKIE = "postmarket_pages"
PREFIX = "/postmarket"
SHORTEST_TOKEN = 24
SESSION = timedelta(hours=12)
_LARGEST_FORM = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The token people log in with, and whether the browser may send the session over https only."""

    token: str = field(repr=False)
    secure_cookie: bool

    def __post_init__(self) -> None:
        """Refuse a token that could be guessed."""
        if len(self.token) < SHORTEST_TOKEN:
            raise ConfigurationError(
                f"the access token of the pages is shorter than {SHORTEST_TOKEN} characters",
                where="POSTMARKET_PAGES_TOKEN",
                todo="use a random one, as `python -c 'import secrets; print(secrets.token_urlsafe(32))'` prints it",
            )

    def opens(self, token: str) -> bool:
        """Say whether this is the token, in a time that does not depend on how much of it is right."""
        return hmac.compare_digest(token.encode(), self.token.encode())

    def session(self, now: datetime) -> str:
        """Give the value of a session cookie: when it ends, sealed with the token."""
        ends = str(int((now + SESSION).timestamp()))
        return f"{ends}.{self._seal(ends)}"

    def holds(self, session: str, now: datetime) -> bool:
        """Say whether a session cookie is ours and has not ended."""
        ends, _, seal = session.partition(".")
        return hmac.compare_digest(seal.encode(), self._seal(ends).encode()) and now.timestamp() < int(ends)

    def _seal(self, ends: str) -> str:
        return hmac.new(self.token.encode(), f"postmarket pages session {ends}".encode(), hashlib.sha256).hexdigest()


def make_standalone(ports: Ports, access: Access) -> FastAPI:
    """Give the pages at the root and at the path that tickets link to, both behind the token."""
    app = make_app(ports, Door(guards=(_guard(access, ports.now),), ask=_form))
    outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    outer.add_exception_handler(401, lambda request, _: _form(request))
    outer.add_api_route("/login", _login(access, ports.now), methods=["POST"], response_model=None)
    guard = Depends(_guard(access, ports.now))
    outer.add_api_route("/logout", _logout, methods=["POST"], dependencies=[guard], response_model=None)
    outer.router.routes.append(Mount(PREFIX, app))
    outer.router.routes.append(Mount("", app))
    return outer


def _guard(access: Access, now: Callable[[], datetime]) -> Callable[[Request], None]:
    def authenticated(request: Request) -> None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and access.opens(token):
            return
        if not access.holds(request.cookies.get(COOKIE, ""), now()):
            raise HTTPException(401)

    return authenticated


def _form(request: Request) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    return _ask(f"{request.url.path}{query}" if request.method == "GET" else root_of(request) or "/", "")


def _ask(wanted: str, told: str) -> Response:
    return render_door("door_token.html", {"wanted": wanted, "told": told}, 401)


def _login(access: Access, now: Callable[[], datetime]) -> Callable[[Request], Awaitable[Response]]:
    async def login(request: Request) -> Response:
        """Take the token and start a session; a wrong one is asked for again."""
        form = parse_qs((await _body(request)).decode(errors="replace"))
        wanted = _here(form.get("next", ["/"])[0])
        if not access.opens(form.get("token", [""])[0].strip()):
            return _ask(wanted, "That is not the token.")
        answer = RedirectResponse(wanted, 303)
        answer.set_cookie(
            COOKIE,
            access.session(now()),
            max_age=int(SESSION.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=access.secure_cookie,
        )
        return answer

    return login


def _logout() -> Response:
    """End the session of this browser."""
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE)
    return answer


async def _body(request: Request) -> bytes:
    """Give the body of a form; anything longer than a form of ours is not read."""
    found = b""
    async for part in request.stream():
        found += part
        if len(found) > _LARGEST_FORM:
            raise HTTPException(413)
    return found


def _here(address: str) -> str:
    """Give a path of this server: an address that leads elsewhere becomes the front page."""
    if not address.startswith("/") or address[1:2] in {"/", "\\"} or any(ord(c) < 32 for c in address):
        return "/"
    return address
