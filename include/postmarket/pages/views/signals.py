"""The board of signals: who has to look at what, the most urgent first."""

from collections.abc import Iterable
from dataclasses import dataclass

from include.postmarket.backlog.text import UNTRACEABLE
from include.postmarket.model.batch import Label
from include.postmarket.model.effect import KeptEffect
from include.postmarket.model.plan import Indicator
from include.postmarket.model.signal import Detection, Priority, SignalState
from include.postmarket.model.ticket import KeptStanding, LedgerEntry, RejectionDecision, TicketPhase
from include.postmarket.pages.ports import ticket_address
from include.postmarket.pages.reading import Reading
from include.postmarket.pages.words import conceal
from include.postmarket.records.signal_book import KeptSignal
from include.postmarket.signals.lifecycle import is_open

_URGENCY = {Priority.HIGH: 0, Priority.MEDIUM: 1, Priority.LOW: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketView:
    """A row of the ledger, its title as it may be shown, and where people open it (empty when nowhere).

    What was read back of it: where it stands, who decided about it, what the field said of its fix.
    """

    entry: LedgerEntry
    summary: str
    address: str
    standing: KeptStanding | None
    decision: RejectionDecision | None
    effect: KeptEffect | None

    @property
    def undecided(self) -> bool:
        """Whether it was closed in a way that a person has to decide about, and none did."""
        phase = self.standing.standing.phase if self.standing else TicketPhase.OPEN
        return self.decision is None and phase in {TicketPhase.REJECTED, TicketPhase.UNCLEAR, TicketPhase.GONE}

    @property
    def untraceable(self) -> bool:
        """Whether its signal names no requirement that the register knew."""
        return UNTRACEABLE in self.entry.plan.labels


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalLine:
    """One signal on the board, with the numbers of its latest alarm."""

    kept: KeptSignal
    indicator: Indicator | None
    latest: Detection
    alarms: int
    labels: tuple[Label, ...]
    ticket: TicketView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The signals in one stage."""

    title: str
    todo: str
    lines: tuple[SignalLine, ...]


_STAGES: tuple[tuple[str, str, frozenset[SignalState]], ...] = (
    (
        "New: nobody has looked yet",
        "A signal reviewer reads the records and says whether the signal is real.",
        frozenset({SignalState.DETECTED}),
    ),
    (
        "In assessment",
        "Reviewer, medical and risk people find out what it means and what is to be done.",
        frozenset({SignalState.VALIDATED, SignalState.PRIORITISED, SignalState.ASSESSED}),
    ),
    (
        "Action decided, being watched",
        "The owner shows that the number comes down.",
        frozenset({SignalState.ACTION_DECIDED, SignalState.MONITORED}),
    ),
    (
        "Over",
        "Kept for the record. A new alarm opens a new signal.",
        frozenset(state for state in SignalState if not is_open(state)),
    ),
)


def board(reading: Reading) -> tuple[Group, ...]:
    """Give every signal by stage; within a stage the highest priority first, then the newest period."""
    tickets = tickets_by_signal(reading)
    lines = [_line(reading, kept, tickets) for kept in reading.signals.values()]
    return tuple(
        Group(title=title, todo=todo, lines=tuple(sorted((n for n in lines if n.kept.state in states), key=_urgency)))
        for title, todo, states in _STAGES
    )


def todo(state: SignalState) -> str:
    """Give what somebody has to do about a signal in a state."""
    return next(text for _, text, states in _STAGES if state in states)


def tickets_by_signal(reading: Reading) -> dict[str, tuple[TicketView, ...]]:
    """Give the tickets of each signal, over all Jira sites."""
    found: dict[str, tuple[TicketView, ...]] = {}
    for view in ticket_views(reading):
        found[view.entry.plan.signal_id] = (*found.get(view.entry.plan.signal_id, ()), view)
    return found


def ticket_views(reading: Reading) -> Iterable[TicketView]:
    """Give every row of the ledger, the latest change first."""
    addresses = {site: reading.ports.jira(site) for site in {entry.site for entry in reading.tickets}}
    return [
        TicketView(
            entry=entry,
            summary=conceal(entry.plan.text.summary, _subgroup(reading, entry), None),
            address=ticket_address(addresses[entry.site], entry),
            standing=reading.standings.get((entry.site, entry.plan.dedupe_key)),
            decision=reading.decisions.get((entry.site, entry.plan.dedupe_key)),
            effect=reading.effects.get((entry.site, entry.plan.dedupe_key)),
        )
        for entry in reading.tickets
    ]


def _subgroup(reading: Reading, entry: LedgerEntry) -> str:
    kept = reading.signals.get(entry.plan.signal_id)
    return kept.signal.subgroup if kept else ""


def own_alarms(kept: KeptSignal) -> tuple[Detection, ...]:
    """Give the alarms of a signal's own series, the opening one first; it may carry alarms of others as well."""
    first = kept.signal.opened_by
    return (first, *(d for d in kept.alarms if (d.fingerprint, d.method) == (first.fingerprint, first.method)))


def _line(reading: Reading, kept: KeptSignal, tickets: dict[str, tuple[TicketView, ...]]) -> SignalLine:
    signal = kept.signal
    indicator = reading.indicator(signal.plan_id, signal.indicator_id)
    own = tickets.get(signal.id, ())
    alarms = own_alarms(kept)
    return SignalLine(
        kept=kept,
        indicator=indicator,
        latest=max(alarms, key=lambda d: d.period),
        alarms=len(alarms),
        labels=reading.labels(signal.stamp.snapshot, indicator),
        ticket=own[0] if own else None,
    )


def _urgency(line: SignalLine) -> tuple[int, int, str]:
    return (_URGENCY[line.kept.signal.priority], -line.latest.period.start.toordinal(), line.kept.signal.id)
