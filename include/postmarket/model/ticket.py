"""Tickets: what is to be said in the tracker, and the ledger that makes sure it is said once."""

from dataclasses import dataclass, field
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
    components: tuple[str, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)  # further fields of the create screen by id
    follows: str = ""  # key of the ticket that this one succeeds


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


class AfterComment(StrEnum):
    """What is done to the ticket once a comment stands there."""

    NOTHING = "nothing"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentPlan:
    """A later number told to a filed ticket, once: ``event`` is its identity."""

    event: str
    signal_id: str
    dedupe_key: str
    lines: tuple[str, ...]
    then: AfterComment = AfterComment.NOTHING


class TicketPhase(StrEnum):
    """What the tracker's status and resolution mean to us, by the plan's lists."""

    OPEN = "open"
    DONE = "done"
    REJECTED = "rejected"  # closed without being done: needs a recorded decision
    UNCLEAR = "unclear"  # closed with a resolution that the plan does not name: a person has to say
    GONE = "gone"  # not there, or not for us to see


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketStanding:
    """Where a ticket stands in the tracker, as read; everything but ``phase`` is in the tracker's words.

    ``category`` is the fixed key of its status (new, indeterminate, done); ``labelled`` says whether it still carries
    the label that it is found by.
    """

    key: str
    status: str
    category: str
    resolution: str
    fix_versions: tuple[str, ...]
    labelled: bool
    phase: TicketPhase


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptStanding:
    """A standing on record: of which ticket and signal, and when it was first read."""

    site: str
    dedupe_key: str
    signal_id: str
    at: datetime
    standing: TicketStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionDecision:
    """A named person's decision that a ticket closed without being done may stay so, and why."""

    site: str
    dedupe_key: str
    signal_id: str
    by: str
    reason: str
    at: datetime
