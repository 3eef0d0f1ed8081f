"""File what the ledger holds, and tell filed tickets the later numbers: the only step that talks to Jira."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from include.postmarket.backlog.client import JiraClient
from include.postmarket.backlog.comments import CommentOutcome, CommentResult, write_comments
from include.postmarket.backlog.desk import Desk
from include.postmarket.backlog.filing import file_tickets, release_tickets
from include.postmarket.backlog.ports import Tracker
from include.postmarket.backlog.preview import Preview, preview_comments, preview_tickets
from include.postmarket.backlog.report import FilingReport, Result
from include.postmarket.backlog.routing import Chain
from include.postmarket.backlog.settings import Deployment, FilingSettings, JiraSettings, Secret
from include.postmarket.backlog.text import product_words
from include.postmarket.backlog.transport import Transport
from include.postmarket.model.errors import ConfigurationError, UnavailableError
from include.postmarket.model.ticket import TicketState
from include.postmarket.steps.house import House

#: Waits of this length together are slept through; longer ones are handed to Airflow, so that they hold no worker.
SLEPT_THROUGH = timedelta(seconds=30)

_EXTRAS = frozenset(
    {"site", "settle_seconds", "sending_limit_seconds", "timeout_seconds", "deployment", "cloud_id", "token_expires"}
)
#: Where scoped API tokens and service accounts reach a Cloud site; the site's own address answers them with 401.
GATEWAY = "https://api.atlassian.com/ex/jira"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A Jira and how the filer behaves there."""

    jira: JiraSettings
    filing: FilingSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What a run of the filer did: tickets and comments."""

    tickets: FilingReport
    comments: tuple[CommentOutcome, ...]

    def counts(self) -> dict[str, int]:
        """Give how many tickets and comments ended how."""
        found = {f"tickets_{r.value.replace(' ', '_')}": len(self.tickets.of(r)) for r in Result}
        return found | {f"comments_{r.value}": sum(c.result is r for c in self.comments) for r in CommentResult}


def site_of(*, host: str, login: str, password: str, extra: Mapping[str, Any]) -> Site:
    """Give the Jira of a connection. ``extra`` may hold ``site`` and the waits of `FilingSettings` and `JiraSettings`.

    ``deployment`` is `cloud` or `data_center`; with ``cloud_id`` the requests go through Atlassian's gateway, which
    scoped tokens need. Data Center takes a personal access token as password, and no login.

    The site's name is the ledger's: it must not change when the address does, or tickets are filed a second time.
    Raises ConfigurationError when something is missing or an extra is unknown or no number.
    """
    unknown = sorted(set(extra) - _EXTRAS)
    if unknown:
        raise ConfigurationError(
            f"unknown extra {', '.join(unknown)}",
            where="Jira connection",
            todo=f"use {', '.join(sorted(_EXTRAS))} only",
        )
    cloud_id = str(extra.get("cloud_id", ""))
    jira = JiraSettings(
        base_url=f"{GATEWAY}/{cloud_id}" if cloud_id else host.rstrip("/"),
        user=login,
        token=Secret(password),
        timeout=_seconds(extra, "timeout_seconds", 30.0),
        deployment=_deployment(extra),
        token_expires=_day(extra, "token_expires"),
    )
    filing = FilingSettings(
        site=str(extra.get("site") or host.rstrip("/")),
        settle=timedelta(seconds=_seconds(extra, "settle_seconds", 600.0)),
        sending_limit=timedelta(seconds=_seconds(extra, "sending_limit_seconds", 120.0)),
    )
    return Site(jira=jira, filing=filing)


def file_all(house: House, site: Site) -> Filed:
    """Bring every open ticket of the site as far as it goes, then write the comments that are due.

    Waits are slept through up to `SLEPT_THROUGH` in all. Raises ConfigurationError when Jira refuses the account.
    """
    desk = _desk(house, site)
    report = file_tickets(desk, ())
    slept = timedelta(0)
    while not report.done and (wait := _wait(report, desk)) <= SLEPT_THROUGH - slept:
        slept += wait
        desk.sleep(wait.total_seconds())
        report = file_tickets(desk, ())
    return Filed(tickets=report, comments=write_comments(desk))


def preview(house: House, site: Site) -> list[Preview]:
    """Give what `file_all` would send, exactly, without sending it; Jira is only read."""
    desk, client = _desk(house, site), client_of(site)
    return [*preview_tickets(desk, client), *preview_comments(desk, client)]


def refuse_unfinished(filed: Filed, now: datetime) -> None:
    """Raise UnavailableError when tickets or comments wait, so that the task is tried again later.

    Its ``retry_after`` says from when on trying makes sense, where that is known.
    """
    waiting = [o for o in filed.tickets.outcomes if o.result is Result.WAITING]
    late = [c for c in filed.comments if c.result is CommentResult.WAITING]
    if waiting or late:
        first = (waiting[0].reason if waiting else late[0].reason) or "Jira did not answer"
        raise UnavailableError(
            f"{len(waiting)} tickets and {len(late)} comments wait: {first}",
            where="Jira",
            todo="nothing: the next try looks before it sends. See `python -m include.postmarket tickets list`",
            retry_after=max((filed.tickets.next_try - now).total_seconds(), 0.0) if filed.tickets.next_try else None,
        )


def client_of(site: Site) -> JiraClient:
    """Give the client of a site's Jira, on the real clock."""
    return JiraClient(Transport(settings=site.jira, sleep=time.sleep, now=_now))


def _desk(house: House, site: Site) -> Desk:
    tracker: Tracker = client_of(site)
    words = tuple(
        word
        for dossier in house.dossiers.values()
        for word in product_words(dossier.plan, Chain(requirements=dossier.requirements, risk_file=dossier.risk_file))
    )
    settings = FilingSettings(
        site=site.filing.site,
        settle=site.filing.settle,
        sending_limit=site.filing.sending_limit,
        product_words=words,
    )
    return Desk(settings=settings, tracker=tracker, ledger=house.tickets, now=_now, sleep=time.sleep)


def _wait(report: FilingReport, desk: Desk) -> timedelta:
    until = report.next_try
    return max(until - desk.now(), timedelta(0)) + timedelta(milliseconds=100) if until else timedelta.max


def _now() -> datetime:
    return datetime.now(UTC)


def _seconds(extra: Mapping[str, Any], name: str, otherwise: float) -> float:
    try:
        return float(str(extra.get(name, otherwise)))
    except ValueError:
        raise ConfigurationError(f"{name} is no number", where="Jira connection, extra", todo="give seconds") from None


def _deployment(extra: Mapping[str, Any]) -> Deployment:
    known = [one.value for one in Deployment]
    given = str(extra.get("deployment", Deployment.CLOUD.value))
    if given not in known:
        raise ConfigurationError(
            "the deployment is not known",
            where="Jira connection, extra deployment",
            todo=f"give one of {', '.join(known)}",
        )
    if given == Deployment.DATA_CENTER and extra.get("cloud_id"):
        raise ConfigurationError(
            "a Data Center has no cloud id", where="Jira connection, extra cloud_id", todo="leave it out"
        )
    return Deployment(given)


def _day(extra: Mapping[str, Any], name: str) -> date | None:
    given = str(extra.get(name, ""))
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise ConfigurationError(
            f"{name} is no day", where="Jira connection, extra", todo="give it as 2027-03-01"
        ) from None


def release(house: House, site: Site, dedupe_keys: tuple[str, ...]) -> tuple[str, ...]:
    """Give parked tickets (all of them when none is named) back to the filer; gives the keys released."""
    parked = house.tickets.entries(site.filing.site, (TicketState.PARKED,))
    return release_tickets(_desk(house, site), dedupe_keys or tuple(entry.plan.dedupe_key for entry in parked))
