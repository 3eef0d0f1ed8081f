"""Templates to answers: everything escaped, nothing loaded from elsewhere, nothing kept by caches."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from include.postmarket.pages import chart, words
from include.postmarket.steps import power_text

FOLDER = Path(__file__).parent
#: The files that pages load; nothing else is served.
STATIC = {"postmarket.css": "text/css", "outside.js": "text/javascript", "mark.svg": "image/svg+xml"}
NAVIGATION = (
    ("", "Overview"),
    ("signals", "Signals"),
    ("plans", "Plans"),
    ("risk", "Risk"),
    ("data", "Data"),
    ("tickets", "Tickets"),
    ("trace", "Trace"),
    ("audit", "Audit"),
)


def style_hash(style: str) -> str:
    """Give the source expression by which a content security policy lets one inline style sheet through."""
    return f"'sha256-{b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


def security_headers(style: str = "'self'") -> dict[str, str]:
    """Give the headers of every answer; ``style`` is where style may come from."""
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src {style}; img-src 'self' data:; script-src 'self'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'self'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def root_of(request: Request) -> str:
    """Give the path the pages are mounted at, without a slash at the end."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def page_of(request: Request) -> str:
    """Give the path of a request below the mount, without a slash at the start."""
    return request.url.path.removeprefix(root_of(request)).lstrip("/")


def render(request: Request, template: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """Give a page inside the frame all pages share."""
    html = _TEMPLATES.get_template(template).render(
        root=root_of(request), section=page_of(request).split("/")[0], navigation=NAVIGATION, **values
    )
    return HTMLResponse(html, status, security_headers())


def render_door(template: str, values: Mapping[str, Any], status: int) -> HTMLResponse:
    """Give a page for someone who may not load anything: its style is inside, let through by its hash."""
    html = _TEMPLATES.get_template(template).render(style=_DOOR_STYLE, **values)
    return HTMLResponse(html, status, security_headers(style_hash(_DOOR_STYLE)))


def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for helper in (
        words.number,
        words.amount,
        words.figure,
        words.chance,
        words.words,
        words.moment,
        words.day,
        words.period,
        words.group,
        words.heading,
        words.limit_note,
        words.counted,
        words.sentence,
        words.method,
    ):
        found.filters[helper.__name__] = helper
    found.filters |= {"rough": power_text.figure, "fold": power_text.fold, "sight": power_text.sight}
    found.globals["draw"] = chart.draw
    return found


_TEMPLATES = _environment()
_DOOR_STYLE = (FOLDER / "static" / "door.css").read_text()
