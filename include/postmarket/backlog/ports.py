"""What the filer needs of a tracker and of a ledger, told from its own side; `memory` holds the ledger's twin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from include.postmarket.model.ticket import CommentPlan, LedgerEntry, TicketPlan, TicketState, TicketText


class End(StrEnum):
    """Which end of a link the ticket is: the source "blocks" (outward), the destination "is blocked by" (inward)."""

    SOURCE = "source"
    DESTINATION = "destination"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkType:
    """A link type of the site: its name and how it reads in both directions."""

    name: str
    inward: str
    outward: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How a ticket is linked to another issue: a link type's name and the end the ticket is at."""

    name: str
    end: End


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDraft:
    """One issue as it is to be created.

    ``links`` are keys linked at birth; ``priority`` is empty where it cannot be set.
    """

    project: str
    issue_type: str
    priority: str
    labels: tuple[str, ...]
    text: TicketText
    components: tuple[str, ...]
    fields: Mapping[str, Any]  # further fields by id, each in the form its kind asks for
    relation: Relation | None  # None: the site has no such link type, nothing is linked at birth
    links: tuple[str, ...]
    dedupe_key: str
    signal_id: str
    revision: str  # hash of the plan that is sent: what was said can be proven later


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateScreen:
    """What may be set when an issue is created; ``priorities`` is empty where the tracker does not name them.

    ``required`` must be set and have no default; ``kinds`` says of a field how its value is written (`string`,
    `option`, `array of option`); ``components`` are those of the project.
    """

    fields: frozenset[str]
    priorities: frozenset[str]
    required: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = field(default_factory=dict)
    components: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenIssue:
    """An issue as read: ``marker`` is the dedupe key kept in its property pms.signal, empty when it has none."""

    id: str
    key: str
    labels: tuple[str, ...]
    marker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTicket:
    """Where an issue stands, in the tracker's words; ``category`` is the fixed key of its status."""

    id: str
    key: str
    labels: tuple[str, ...]
    status: str
    category: str
    resolution: str
    fix_versions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLink:
    """A link as seen from one issue: the other issue, the type's name and the end *this* issue is at."""

    other_key: str
    relation: Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenComment:
    """A comment as read; ``text`` is its plain text, one line a paragraph."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """The tracker said that it created the issue (or the comment: then ``key`` is empty)."""

    id: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The tracker said no: nothing was created. ``message`` holds its own words."""

    status: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimited:
    """The tracker is busy: nothing was created. ``retry_after`` is in seconds."""

    reason: str
    retry_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Nobody can say whether it was created: timeout, reset, 5xx, 408 or an answer that cannot be read."""

    message: str


Answer = Created | Refused | RateLimited | Unknown


class Declined(Exception):  # noqa: N818 - a fact about the tracker that callers branch on, not a fault
    """The tracker will not do what was asked (it does not exist, is not allowed here); the message is in its words.

    ``status`` is the HTTP status of its answer, 0 where it gave none of its own.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Tracker(Protocol):
    """What the filer needs of Jira.

    Reads and the idempotent writes (``link``, ``remote_link``) raise UnavailableError when the tracker cannot be
    reached, ConfigurationError on 401 and 403, and Declined on other refusals. ``create_issue`` and ``add_comment`` are
    sent exactly once and answer instead of raising.
    """

    def create_issue(self, draft: IssueDraft) -> Answer:
        """Send one create, once."""
        ...

    def create_screen(self, project: str, issue_type: str) -> CreateScreen:
        """Give what may be set on create; raises Declined when project or issue type are not there."""
        ...

    def link_types(self) -> tuple[LinkType, ...]:
        """Give the link types of the site."""
        ...

    def find_by_label(self, label: str) -> tuple[SeenIssue, ...]:
        """Give every issue that the search index shows with this label; the index may lag by minutes."""
        ...

    def issue_links(self, issue: str) -> tuple[IssueLink, ...]:
        """Give the links of one issue by id or key, read directly (no index)."""
        ...

    def bulk_fetch(self, keys: Sequence[str]) -> tuple[SeenIssue, ...]:
        """Give those of at most 100 issues that exist, read directly (no index)."""
        ...

    def last_key(self, project: str) -> str:
        """Give the highest key of a project that the index shows (a lower bound), or "" for an empty project."""
        ...

    def comments(self, issue: str) -> tuple[SeenComment, ...]:
        """Give all comments of an issue."""
        ...

    def add_comment(self, issue: str, lines: Sequence[str]) -> Answer:
        """Send one comment, once."""
        ...

    def reopen(self, issue: str) -> str:
        """Bring a closed issue back to work and give its status; nothing happens when it is open.

        Raises Declined when its workflow has no way back.
        """
        ...

    def remote_link(self, issue: str, url: str, title: str) -> None:
        """Put the link to our page on the issue; the URL is its identity, so doing it again changes nothing."""
        ...

    def link(self, issue: str, relation: Relation, other: str) -> None:
        """Link an issue to another; an equal link that exists stays one."""
        ...


class TicketReader(Protocol):
    """What reading back needs of Jira; errors as `Tracker`'s reads."""

    def read_tickets(self, ids: Sequence[str]) -> tuple[SeenTicket, ...]:
        """Give where those of at most 100 issues stand that are there, read directly (no index)."""
        ...

    def touched(self, label: str, minutes: int) -> tuple[SeenTicket, ...]:
        """Give where the issues with a label stand that the index shows as changed within so many minutes."""
        ...


class Ledger(Protocol):
    """The rows that make sure that a ticket is filed once, unique on (site, dedupe key).

    Each method commits before it returns. A filed row never changes its state again: a late ``ambiguous``, ``parked``
    or ``release`` of another dispatcher leaves it as it is.
    """

    def plan(self, site: str, plans: Sequence[TicketPlan], now: datetime) -> tuple[str, ...]:
        """Insert the new ones in state planned; give the dedupe keys that are new."""
        ...

    def entry(self, site: str, dedupe_key: str) -> LedgerEntry | None:
        """Give one row."""
        ...

    def entries(self, site: str, states: Sequence[TicketState]) -> tuple[LedgerEntry, ...]:
        """Give the rows in these states, oldest first."""
        ...

    def claim(self, site: str, dedupe_key: str, last_key_seen: str, now: datetime) -> LedgerEntry | None:
        """Turn planned into sending with attempt + 1; None when it is not planned (someone else holds it)."""
        ...

    def filed(self, site: str, dedupe_key: str, issue_id: str, issue_key: str, now: datetime) -> None:
        """Write down the issue, from whatever state."""
        ...

    def ambiguous(self, site: str, dedupe_key: str, message: str, now: datetime) -> None:
        """Say that nobody knows whether the issue exists; ``since`` becomes now."""
        ...

    def parked(self, site: str, dedupe_key: str, message: str, now: datetime) -> None:
        """Put it aside for a person, with the words that say why."""
        ...

    def release(self, site: str, dedupe_key: str, now: datetime) -> None:
        """Turn parked or ambiguous into planned; nothing happens in other states."""
        ...

    def plan_comments(self, site: str, plans: Sequence[CommentPlan], now: datetime) -> None:
        """Insert comments whose event is new."""
        ...

    def open_comments(self, site: str) -> tuple[CommentPlan, ...]:
        """Give the comments not yet written, oldest first."""
        ...

    def comment_done(self, site: str, event: str, comment_id: str, now: datetime) -> None:
        """Write down that the comment is there."""
        ...
