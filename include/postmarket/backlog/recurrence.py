"""What a signal that alarms again asks of its ticket (pure), by where the ticket stands and what the plan says.

- not closed, or closed in a way nobody can read: a comment;
- done: by the plan's ``recurrence`` a comment, a comment that reopens it (within ``reopen_days``, later a successor),
  or a successor. Only a period that began after the ticket was done is a recurrence; an earlier one is a late number;
- closed undone ("won't do"): a comment until a named person's decision is on record; from then on silence, unless the
  evidence is materially worse: then as if it had been done.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from include.postmarket.backlog.text import plan_comment
from include.postmarket.model.plan import Recurrence, TicketPolicy
from include.postmarket.model.signal import Detection, Signal
from include.postmarket.model.ticket import (
    AfterComment,
    CommentPlan,
    KeptStanding,
    LedgerEntry,
    RejectionDecision,
    TicketPhase,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One later alarm and the ticket it belongs to; ``worse`` says why the evidence is materially more, "" if not."""

    signal: Signal
    alarm: Detection
    event: str
    worse: str
    ticket: LedgerEntry
    standing: KeptStanding | None
    decision: RejectionDecision | None
    policy: TicketPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What is said to the ticket (None: nothing), and whether a new one follows it."""

    comment: CommentPlan | None
    successor: bool = False


def respond(case: Case, now: datetime) -> Response:
    """Give what one later alarm asks for."""
    comment = plan_comment(case.signal, case.alarm, case.event, case.ticket.plan.dedupe_key)
    kept = case.standing
    phase = kept.standing.phase if kept else TicketPhase.OPEN
    if kept is None or phase not in {TicketPhase.DONE, TicketPhase.REJECTED}:
        return Response(comment=comment)
    if phase is TicketPhase.REJECTED and case.decision is None:
        said = f"Closed as {kept.standing.resolution}: no decision about that is on record."
        return Response(comment=_with(comment, said))
    if case.alarm.period.start < kept.at.date():
        return Response(comment=comment)
    if phase is TicketPhase.REJECTED and not case.worse:
        return Response(comment=None)
    why = f"Materially worse than what was decided on: {case.worse}." if phase is TicketPhase.REJECTED else ""
    return _again(_with(comment, why) if why else comment, case.policy, now - kept.at)


def _again(comment: CommentPlan, policy: TicketPolicy, closed_for: timedelta) -> Response:
    if policy.recurrence is Recurrence.COMMENT:
        return Response(comment=_with(comment, "It alarms again after this ticket was closed."))
    if policy.recurrence is Recurrence.REOPEN and closed_for <= timedelta(days=policy.reopen_days):
        said = _with(comment, "It alarms again after this ticket was closed, which is why it is reopened.")
        return Response(comment=replace(said, then=AfterComment.REOPEN))
    return Response(
        comment=_with(comment, "It alarms again after this ticket was closed: a new ticket follows."), successor=True
    )


def _with(comment: CommentPlan, line: str) -> CommentPlan:
    return replace(comment, lines=(*comment.lines, line))
