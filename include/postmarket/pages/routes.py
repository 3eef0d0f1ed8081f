"""The addresses of the pages: each reads one view and renders one template; none changes anything."""

import hashlib
import re
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.exceptions import HTTPException

from include.postmarket.checks.evidence import report_html
from include.postmarket.pages.ports import Ports
from include.postmarket.pages.reading import Reading
from include.postmarket.pages.rendering import FOLDER, STATIC, render, security_headers, style_hash
from include.postmarket.pages.views.audit import audit_page, verified
from include.postmarket.pages.views.data import LISTED, BatchView, batch_view, source_views
from include.postmarket.pages.views.front import front
from include.postmarket.pages.views.plans import plan_results
from include.postmarket.pages.views.risk import risk_page
from include.postmarket.pages.views.signal import signal_view
from include.postmarket.pages.views.signals import board
from include.postmarket.pages.views.tickets import ticket_page
from include.postmarket.pages.views.trace import traces

#: What an id may look like: anything else is not asked of the database.
_SIGNAL = re.compile(r"SIG-[0-9a-f]{1,32}-\d{1,6}")
_BATCH = re.compile(r"[0-9a-f]{32}")
_LONGEST = 80


def make_router(ports: Ports) -> APIRouter:
    """Give the routes of all pages."""
    router = APIRouter()
    _add_overview(router, ports)
    _add_signals(router, ports)
    _add_data(router, ports)
    _add_rest(router, ports)
    return router


def _add_overview(router: APIRouter, ports: Ports) -> None:
    @router.get("/")
    def show_front(request: Request) -> Response:
        """Show whether anything is wrong, late, or waiting."""
        return render(request, "front.html", {"front": front(Reading(ports))})

    @router.get("/plans")
    def show_plans(request: Request) -> Response:
        """Show the latest result of every series of every plan."""
        return render(request, "plans.html", {"plans": plan_results(Reading(ports))})

    @router.get("/static/{name}")
    def show_static(name: str) -> Response:
        """Give one of the files that pages load."""
        if name not in STATIC:
            raise HTTPException(404, "There is no such file.")
        content = (FOLDER / "static" / name).read_bytes()
        headers = security_headers() | {"Cache-Control": "private, no-cache", "ETag": f'"{_digest(content)}"'}
        return Response(content, media_type=STATIC[name], headers=headers)


def _add_signals(router: APIRouter, ports: Ports) -> None:
    @router.get("/signals")
    def show_board(request: Request) -> Response:
        """Show every signal by state and priority."""
        return render(request, "signals.html", {"groups": board(Reading(ports))})

    @router.get("/signals/{signal_id}")
    def show_signal(request: Request, signal_id: Annotated[str, Path()]) -> Response:
        """Show one signal with all that is known of it; tickets link here."""
        view = signal_view(Reading(ports), signal_id) if _SIGNAL.fullmatch(signal_id) else None
        if view is None:
            raise HTTPException(404, f"There is no signal {signal_id[:_LONGEST]}.")
        return render(request, "signal.html", {"view": view})


def _add_data(router: APIRouter, ports: Ports) -> None:
    @router.get("/data")
    def show_data(request: Request) -> Response:
        """Show where every row of every pull ended."""
        return render(request, "data.html", {"sources": source_views(Reading(ports))})

    @router.get("/data/{batch}")
    def show_batch(request: Request, batch: str) -> Response:
        """Show one batch and its checks."""
        return render(request, "batch.html", {"view": _batch(ports, batch), "listed": LISTED})

    @router.get("/data/{batch}/report")
    def show_report(batch: str) -> Response:
        """Give the check report as one file that needs no network."""
        view = _batch(ports, batch)
        if view.evidence is None:
            raise HTTPException(404, "No check results are kept for this batch.")
        html = report_html(dict(view.evidence))
        style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
        allowed = style_hash(style[1]) if style else "'none'"
        return Response(html, media_type="text/html; charset=utf-8", headers=security_headers(allowed))


def _add_rest(router: APIRouter, ports: Ports) -> None:
    @router.get("/risk")
    def show_risk(request: Request) -> Response:
        """Show the proposed changes of risk files."""
        return render(request, "risk.html", {"page": risk_page(Reading(ports))})

    @router.get("/tickets")
    def show_tickets(request: Request) -> Response:
        """Show the ledger of tickets."""
        return render(request, "tickets.html", {"page": ticket_page(Reading(ports))})

    @router.get("/trace")
    def show_trace(request: Request) -> Response:
        """Show requirement, risk and test with what the field said."""
        return render(request, "trace.html", {"traces": traces(Reading(ports))})

    @router.get("/audit")
    def show_audit(request: Request) -> Response:
        """Show the latest records of the audit trail."""
        return render(request, "audit.html", {"page": audit_page(Reading(ports)), "checked": None})

    @router.get("/audit/verification")
    def show_verification(request: Request) -> Response:
        """Verify the whole audit trail now, and show the first record that does not hold."""
        reading = Reading(ports)
        return render(request, "audit.html", {"page": audit_page(reading), "checked": verified(reading)})


def _batch(ports: Ports, batch: str) -> BatchView:
    view = batch_view(Reading(ports), batch) if _BATCH.fullmatch(batch) else None
    if view is None:
        raise HTTPException(404, f"There is no batch {batch[:_LONGEST]}.")
    return view


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
