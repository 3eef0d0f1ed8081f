"""The connection itself: everything here happens below the routes, in plain ASGI.

From outside in: `Guard` (credentials, headers of every answer), `FaultInjector` (faults that were ordered), the routes.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from include.jira_sandbox.auth import is_known
from include.jira_sandbox.faults import FaultKind, FaultRule
from include.jira_sandbox.moments import from_millis, to_millis
from include.jira_sandbox.site import Site

BODY_LIMIT = 12 * 2**20
_DROP = "jira_sandbox.drop"
_OPEN_PATH = "/sandbox/health"
_ADMIN_PATH = "/sandbox/"
_BEFORE = {FaultKind.RATE_LIMIT, FaultKind.ERROR_BEFORE, FaultKind.RESET_BEFORE}


class DroppingProtocol(H11Protocol):
    """HTTP over a connection that a request may cut: its scope carries the way to do so."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Keep the connection's own abort where the fault injector finds it."""
        super().connection_made(transport)
        inner = self.app

        async def reachable(scope: Any, receive: Any, send: Any) -> None:
            scope["extensions"] = {**scope.get("extensions", {}), _DROP: transport.abort}
            await inner(scope, receive, send)

        self.app = reachable


class Guard:
    """Lets through whoever has the credentials, and puts the protective headers on every answer."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401, or pass the request on with its body read and bounded."""
        if scope["type"] != "http":
            return
        guarded = _with_headers(send)
        if scope["path"] != _OPEN_PATH and not is_known(scope["headers"], self._site.user, self._site.token):
            await _refuse(401, "Client must be authenticated to access this resource.")(scope, receive, guarded)
            return
        body = await _read_all(receive)
        if body is None:
            await _refuse(413, f"The request is larger than {BODY_LIMIT} bytes.")(scope, receive, guarded)
            return
        await self._app(scope, _replay(body, receive), guarded)


class FaultInjector:
    """Does to a request what a rule says; the administration of the stand-in itself is never touched."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or commit the fault of the first rule that fires for it."""
        path: str = scope["path"]
        rule = None if path.startswith(_ADMIN_PATH) else self._site.faults.draw(scope["method"], path)
        if rule is None:
            await self._app(scope, receive, send)
        elif rule.kind in _BEFORE:
            await self._fail(rule, scope, receive, send)
        elif rule.kind is FaultKind.LATE_COMMIT:
            await asyncio.sleep(rule.seconds)
            await self._app(scope, receive, send)
        else:
            await self._fail_after(rule, scope, receive, send)

    async def _fail_after(self, rule: FaultRule, scope: Scope, receive: Receive, send: Send) -> None:
        """Do the request, keep its answer back, then fail; a slow answer is given after all."""
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        await self._app(scope, receive, hold)
        if rule.kind is not FaultKind.SLOW:
            await self._fail(rule, scope, receive, send)
            return
        await asyncio.sleep(rule.seconds)
        for message in held:
            await send(message)

    async def _fail(self, rule: FaultRule, scope: Scope, receive: Receive, send: Send) -> None:
        if rule.kind in {FaultKind.LOST_ANSWER, FaultKind.RESET_BEFORE}:
            await _drop(scope, receive)
        elif rule.kind is FaultKind.RATE_LIMIT:
            await self._limit(rule)(scope, receive, send)
        else:
            await _refuse(rule.status, "The stand-in was told to fail here.")(scope, receive, send)

    def _limit(self, rule: FaultRule) -> Response:
        reset = from_millis(to_millis(self._site.clock())) + timedelta(seconds=rule.retry_after)
        response = _refuse(429, "Rate limit exceeded.")
        response.headers.update(
            {
                "Retry-After": str(rule.retry_after),
                "X-RateLimit-Limit": "100",
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": f"{reset:%Y-%m-%dT%H:%M:%SZ}",
                "RateLimit-Reason": rule.reason,
            }
        )
        return response


async def _drop(scope: Scope, receive: Receive) -> None:
    """Cut the connection without a byte, and wait until the server has noticed."""
    drop: Callable[[], None] = scope["extensions"][_DROP]
    drop()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _read_all(receive: Receive) -> bytes | None:
    """Return the whole body, None when it is larger than allowed."""
    pieces, size, is_open = [], 0, True
    while is_open:
        message = await receive()
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > BODY_LIMIT:
            return None
        is_open = message["type"] == "http.request" and message.get("more_body", False)
    return b"".join(pieces)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a receiver that gives the body once more: a route must be able to run after its client has gone."""
    pending = [body]

    async def replay() -> Message:
        if pending:
            return {"type": "http.request", "body": pending.pop(), "more_body": False}
        return await receive()

    return replay


def _refuse(status: int, message: str) -> Response:
    content = json.dumps({"errorMessages": [message], "errors": {}})
    headers = {"WWW-Authenticate": 'Basic realm="Jira stand-in", charset="UTF-8"'} if status == 401 else {}
    return Response(content, status, headers, media_type="application/json;charset=UTF-8")


def _with_headers(send: Send) -> Send:
    protective = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *protective, (b"cache-control", b"no-store")]}
        await send(message)

    return guarded
