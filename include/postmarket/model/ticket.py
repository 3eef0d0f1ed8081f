"""Tickets: what is to be said in the tracker, and the ledger that makes sure it is said once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TicketState(StrEnum):
    """The states of a ledger row (JIRA.md, filing protocol)."""

    PLANNED = "planned"
    SENDING = "sending"
    FILED = "filed"
    AMBIGUOUS = "ambiguous"
    PARKED = "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketText:
    """What the ticket says, tracker-neutral, of allow-listed facts only (G4): sections of plain lines and one table."""

    summary: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]  # (heading, lines)
    table: tuple[tuple[str, str], ...]  # (name, value)
    link_back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPlan:
    """One ticket to be filed: fixed when it is decided, so that a retry sends the same bytes."""

    dedupe_key: str  # 32 hex characters; label pms-<dedupe_key>
    signal_id: str
    project: str
    issue_type: str
    priority: str
    labels: tuple[str, ...]
    link_type: str
    requirement_issues: tuple[str, ...]
    text: TicketText


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One row of the ledger, unique on (site, dedupe key)."""

    site: str
    plan: TicketPlan
    state: TicketState
    attempt: int
    since: datetime
    issue_id: str = ""
    issue_key: str = ""
    message: str = ""
    last_key_seen: str = (
        ""  # highest issue key of the project before the first attempt: later ones are looked at when in doubt
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentPlan:
    """A later number told to a filed ticket, once: ``event`` is its identity."""

    event: str
    signal_id: str
    dedupe_key: str
    lines: tuple[str, ...]
