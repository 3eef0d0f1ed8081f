"""The tickets page: the ledger, and what the server said of those that are stuck."""

from dataclasses import dataclass

from include.postmarket.model.ticket import TicketState
from include.postmarket.pages.reading import Reading
from include.postmarket.pages.views.signals import TicketView, ticket_views

#: What each state of a ledger row means to a person.
MEANINGS = {
    TicketState.PLANNED: "decided, will be sent with the next run",
    TicketState.SENDING: "being sent",
    TicketState.FILED: "in Jira",
    TicketState.AMBIGUOUS: "sent, but nobody knows whether it arrived; the next run looks before it sends again",
    TicketState.PARKED: "put aside for a person: Jira refused it, or the outbound check did",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPage:
    """The ledger: what is stuck first, then the rest, the latest change first."""

    stuck: tuple[TicketView, ...]
    others: tuple[TicketView, ...]
    meanings: dict[TicketState, str]


def ticket_page(reading: Reading) -> TicketPage:
    """Give every ticket of every site."""
    views = tuple(ticket_views(reading))
    stuck = {TicketState.PARKED, TicketState.AMBIGUOUS}
    return TicketPage(
        stuck=tuple(v for v in views if v.entry.state in stuck),
        others=tuple(v for v in views if v.entry.state not in stuck),
        meanings=MEANINGS,
    )
