"""The tickets page: the ledger, and what the server said of those that are stuck."""

from dataclasses import dataclass

from include.postmarket.model.ticket import TicketPhase, TicketState
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

#: What a phase means to a person.
PHASES = {
    TicketPhase.OPEN: "open",
    TicketPhase.DONE: "done",
    TicketPhase.REJECTED: "closed without being done",
    TicketPhase.UNCLEAR: "closed with a resolution that the plan does not name",
    TicketPhase.GONE: "not there any more: deleted, or the account may not see it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPage:
    """The ledger: what waits for a person first, then the rest, the latest change first.

    ``undecided`` were closed undone, in a way the plan does not name, or are gone; ``untraceable`` have no requirement.
    A ticket may stand in several of them.
    """

    stuck: tuple[TicketView, ...]
    undecided: tuple[TicketView, ...]
    untraceable: tuple[TicketView, ...]
    others: tuple[TicketView, ...]
    meanings: dict[TicketState, str]
    phases: dict[TicketPhase, str]


def ticket_page(reading: Reading) -> TicketPage:
    """Give every ticket of every site."""
    views = tuple(ticket_views(reading))
    stuck = {TicketState.PARKED, TicketState.AMBIGUOUS}
    return TicketPage(
        stuck=tuple(v for v in views if v.entry.state in stuck),
        undecided=tuple(v for v in views if v.undecided),
        untraceable=tuple(v for v in views if v.untraceable),
        others=tuple(v for v in views if v.entry.state not in stuck),
        meanings=MEANINGS,
        phases=PHASES,
    )
