"""Sync: read back where filed tickets stand in the tracker, and put what has changed on record.

Nothing here writes to Jira. Our own comments and links are no part of a standing, so they do not come back as news.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from include.postmarket.backlog.ports import TicketReader
from include.postmarket.backlog.reading_back import Seen, poll, still_open, sweep
from include.postmarket.backlog.standing import standing_of, told
from include.postmarket.model.plan import TicketPolicy
from include.postmarket.model.ticket import KeptStanding, LedgerEntry, TicketState
from include.postmarket.steps.filing import Site, client_of
from include.postmarket.steps.house import House

#: Minutes that the poll looks back: three of its hourly runs, so that a late index or a missed run loses nothing.
OVERLAP = 180


class Reach(StrEnum):
    """How far a sync looks."""

    RECENT = "recent"  # what the search index shows as changed within `OVERLAP`
    OPEN = "open"  # every ticket that is not over, by its id


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What a sync did: how many tickets it read, and what has changed since, in words for people."""

    read: int
    changed: tuple[KeptStanding, ...]
    words: tuple[str, ...]


def sync(house: House, site: Site, reach: Reach, now: datetime) -> Synced:
    """Read tickets back and record those that stand differently than before; running it again records nothing.

    Raises UnavailableError when Jira does not answer, ConfigurationError when it refuses the account.
    """
    return sync_with(house, client_of(site), site.filing.site, (reach, now))


def sync_with(house: House, reader: TicketReader, site: str, what: tuple[Reach, datetime]) -> Synced:
    """As `sync`, from a given reader."""
    reach, now = what
    filed = house.tickets.entries(site, (TicketState.FILED,))
    before = house.standings.latest(site)
    look: dict[Reach, Callable[[], tuple[Seen, ...]]] = {
        Reach.RECENT: lambda: poll(reader, filed, OVERLAP),
        Reach.OPEN: lambda: sweep(reader, still_open(filed, before)),
    }
    seen = look[reach]()
    policies = _policies(house, (entry for entry, _ in seen))
    changed = house.standings.record(
        [
            KeptStanding(
                site=site,
                dedupe_key=entry.plan.dedupe_key,
                signal_id=entry.plan.signal_id,
                at=now,
                standing=standing_of(ticket, entry, policies.get(entry.plan.signal_id)),
            )
            for entry, ticket in seen
        ]
    )
    earlier = {key: kept.standing for key, kept in before.items()}
    return Synced(
        read=len(seen),
        changed=changed,
        words=tuple(told(kept.standing, earlier.get(kept.dedupe_key)) for kept in changed),
    )


def _policies(house: House, entries: Iterable[LedgerEntry]) -> dict[str, TicketPolicy]:
    """Give the ticket policy of the plan behind each ticket's signal; left out where the site has no such plan now."""
    plans = house.signals.plans_of([entry.plan.signal_id for entry in entries])
    return {
        signal_id: house.dossiers[plan_id].plan.ticket
        for signal_id, plan_id in plans.items()
        if plan_id in house.dossiers
    }
