"""Reading back where filed tickets stand: what changed lately, or every open one (JIRA.md, filing protocol, 7).

The poll asks the index with an overlap, so that what it showed late is not missed. The sweep reads every open ticket by
its id, which stays when an issue moves: it finds what the poll cannot see (moved, deleted, relabelled).
"""

from collections.abc import Iterable, Mapping, Sequence

from include.postmarket.backlog.lookup import PAGE
from include.postmarket.backlog.ports import SeenTicket, TicketReader
from include.postmarket.model.ticket import KeptStanding, LedgerEntry, TicketPhase

LABEL = "pms"
_OVER = frozenset({TicketPhase.DONE, TicketPhase.REJECTED, TicketPhase.GONE})

#: What was read of a ticket; None says that it is not there.
Seen = tuple[LedgerEntry, SeenTicket | None]


def poll(reader: TicketReader, filed: Iterable[LedgerEntry], minutes: int) -> tuple[Seen, ...]:
    """Give the filed tickets that the index shows as changed within so many minutes; issues of others are left out."""
    by_id = {entry.issue_id: entry for entry in filed}
    return tuple((by_id[seen.id], seen) for seen in reader.touched(LABEL, minutes) if seen.id in by_id)


def sweep(reader: TicketReader, filed: Sequence[LedgerEntry]) -> tuple[Seen, ...]:
    """Give every one of these tickets as it stands, or None where it is not there."""
    found: list[Seen] = []
    for page in (filed[start : start + PAGE] for start in range(0, len(filed), PAGE)):
        seen = {ticket.id: ticket for ticket in reader.read_tickets([entry.issue_id for entry in page])}
        found.extend((entry, seen.get(entry.issue_id)) for entry in page)
    return tuple(found)


def still_open(filed: Iterable[LedgerEntry], known: Mapping[str, KeptStanding]) -> tuple[LedgerEntry, ...]:
    """Give the tickets that were not over when they were last read, and those never read."""
    return tuple(
        entry
        for entry in filed
        if entry.plan.dedupe_key not in known or known[entry.plan.dedupe_key].standing.phase not in _OVER
    )
