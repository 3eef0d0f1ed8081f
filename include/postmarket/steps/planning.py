"""Planning: decide which tickets and comments are due, and write them into the ledger. Nothing here talks to Jira."""

from dataclasses import dataclass, replace
from datetime import datetime

from include.postmarket.backlog.recurrence import Case, Response, respond
from include.postmarket.backlog.routing import Chain
from include.postmarket.backlog.text import Evidence, plan_comment, plan_ticket, succeed
from include.postmarket.model.errors import InputError
from include.postmarket.model.signal import Detection, Signal
from include.postmarket.model.ticket import (
    CommentPlan,
    LedgerEntry,
    RejectionDecision,
    TicketPhase,
    TicketPlan,
    TicketState,
)
from include.postmarket.records.signal_book import SignalEvent
from include.postmarket.signals.lifecycle import is_open
from include.postmarket.signals.strength import materially_more
from include.postmarket.steps.act import labels_behind, signal_page
from include.postmarket.steps.detect import indicator_of
from include.postmarket.steps.house import House

_UNDECIDED = frozenset({TicketPhase.REJECTED, TicketPhase.UNCLEAR, TicketPhase.GONE})


def plan_tickets(house: House, site: str, now: datetime) -> list[str]:
    """Write one ticket per open signal and what later alarms ask for into the ledger; gives the keys that are new.

    What a ticket says is fixed here, as of the signal's opening, so that a retry sends the same words. Signals that
    have a ticket and alarms that were told are not read again.
    """
    fresh = [signal for signal in house.due.signals(site) if _is_open(house, signal.id)]
    new = house.tickets.plan(site, [_first_ticket(house, site, signal) for signal in fresh], now)
    comments: list[CommentPlan] = []
    followers: list[TicketPlan] = []
    for event in house.due.alarms(site):
        kept = house.signals.signal(event.signal_id)
        if kept is None or event.detection is None or not is_open(kept.state):
            continue
        response, follower = _answer(house, site, _Again(kept.signal, event, event.detection), now)
        comments += [response.comment] if response.comment else []
        followers += [follower] if follower else []
    new += house.tickets.plan(site, followers, now)
    house.tickets.plan_comments(site, comments, now)
    return list(new)


def accept_rejection(house: House, site: str, issue_key: str, words: tuple[str, str], now: datetime) -> bool:
    """Put on record that a person accepts that a ticket was closed undone (``words``: who and why); False if one did.

    Raises InputError when there is no such ticket, it was not closed undone, or name or reason is missing.
    """
    by, reason = (word.strip() for word in words)
    entry = next((e for e in house.tickets.entries(site, (TicketState.FILED,)) if e.issue_key == issue_key), None)
    kept = house.standings.of_ticket(site, entry.plan.dedupe_key) if entry else None
    if entry is None or kept is None or kept.standing.phase not in _UNDECIDED:
        raise InputError(
            f"{issue_key} is no ticket that was closed without being done",
            where=f"ledger of {site}",
            todo="see `python -m include.postmarket tickets list`; if it was closed just now, run `sync` first",
        )
    if not by or not reason:
        raise InputError("who decides, or why, is missing", where=issue_key, todo="give --by and --reason")
    signal_id = entry.plan.signal_id
    return house.standings.decide(
        RejectionDecision(
            site=site, dedupe_key=entry.plan.dedupe_key, signal_id=signal_id, by=by, reason=reason, at=now
        )
    )


def _is_open(house: House, signal_id: str) -> bool:
    kept = house.signals.signal(signal_id)
    return kept is not None and is_open(kept.state)


def _first_ticket(house: House, site: str, signal: Signal) -> TicketPlan:
    """Give a signal's ticket; that of a later epoch follows the last ticket of the epoch before."""
    ticket = _ticket(house, signal)
    if signal.epoch == 1:
        return ticket
    before = house.tickets.of_signal(site, replace(signal, epoch=signal.epoch - 1).id)
    return replace(ticket, follows=before[-1].issue_key) if before else ticket


@dataclass(frozen=True, slots=True)
class _Again:
    """A signal, the event that tells of a later alarm, and that alarm."""

    signal: Signal
    event: SignalEvent
    alarm: Detection


def _answer(house: House, site: str, again: _Again, now: datetime) -> tuple[Response, TicketPlan | None]:
    """Give what one later alarm asks for, with the ticket that follows where one does."""
    tickets = house.tickets.of_signal(site, again.signal.id)
    if not tickets:
        return Response(comment=plan_comment(again.signal, again.alarm, again.event.id)), None
    response = respond(_case(house, again, tickets[-1]), now)
    if not response.successor:
        return response, None
    seen = replace(again.signal, opened_by=again.alarm, stamp=again.event.stamp or again.signal.stamp)
    return response, succeed(_ticket(house, seen), tickets[-1])


def _case(house: House, again: _Again, ticket: LedgerEntry) -> Case:
    key = ticket.plan.dedupe_key
    decision = house.standings.decision(ticket.site, key)
    events = house.signals.events(again.signal.id) if decision else ()
    known = tuple(e.detection for e in events if e.detection is not None and decision and e.at <= decision.at)
    return Case(
        signal=again.signal,
        alarm=again.alarm,
        event=again.event.id,
        worse=materially_more(again.alarm, known) if decision else "",
        ticket=ticket,
        standing=house.standings.of_ticket(ticket.site, key),
        decision=decision,
        policy=house.dossier(again.signal.plan_id).plan.ticket,
    )


def _ticket(house: House, signal: Signal) -> TicketPlan:
    dossier = house.dossier(signal.plan_id)
    evidence = Evidence(
        labels=labels_behind(house, signal, indicator_of(dossier.plan, signal.indicator_id)),
        page=signal_page(house, signal.id),
    )
    chain = Chain(requirements=dossier.requirements, risk_file=house.risk_file(signal.plan_id))
    return plan_ticket(signal, dossier.plan, chain, evidence)
