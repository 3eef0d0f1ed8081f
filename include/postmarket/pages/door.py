"""The door: who may come in, and what someone sees who may not (G9)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from include.postmarket.pages.rendering import render_door


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Who is let in, and where the others are sent.

    ``guards`` are FastAPI dependencies that every route has: they raise 401 for nobody and 403 for someone without the
    right. ``ask`` gives the 401 answer that leads to the login.
    """

    guards: tuple[Any, ...]
    ask: Callable[[Request], Response]


def lead_to(address: Callable[[Request], str]) -> Callable[[Request], Response]:
    """Give a door that leads to a login elsewhere on this server, which brings people back afterwards."""

    def ask(request: Request) -> Response:
        return render_door("door_link.html", {"address": address(request)}, 401)

    return ask


def refuse() -> Response:
    """Give the answer for someone who is known and may not see the pages."""
    return render_door("door_refused.html", {}, 403)
