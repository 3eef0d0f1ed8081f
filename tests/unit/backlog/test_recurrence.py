"""What a signal that alarms again asks of its ticket."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from include.postmarket.backlog.recurrence import Case, Response, respond
from include.postmarket.backlog.standing import standing_of
from include.postmarket.backlog.text import plan_ticket, succeed
from include.postmarket.model.period import Period
from include.postmarket.model.plan import Recurrence
from include.postmarket.model.ticket import AfterComment, KeptStanding, RejectionDecision
from tests.unit.backlog.test_standing import ENTRY, SEEN
from tests.unit.backlog.worlds import CHAIN, EVIDENCE, PLAN, detection, signal

CLOSED = datetime(2026, 5, 20, 12, tzinfo=UTC)
LATER = Period(date(2026, 6, 1))
DECISION = RejectionDecision(
    site="s", dedupe_key=ENTRY.plan.dedupe_key, signal_id="SIG", by="A. Lead", reason="known", at=CLOSED
)


def kept(resolution: str = "", category: str = "done") -> KeptStanding:
    """Give the standing of the ticket since it was closed."""
    seen = replace(SEEN, category=category, resolution=resolution, status="Done")
    standing = standing_of(seen, ENTRY, PLAN.ticket)
    return KeptStanding(site="s", dedupe_key=ENTRY.plan.dedupe_key, signal_id="SIG", at=CLOSED, standing=standing)


def case(standing: KeptStanding | None, policy: Recurrence = Recurrence.COMMENT, period: Period = LATER) -> Case:
    """Give a later alarm with a ticket that stands so, under a policy."""
    return Case(
        signal=signal(),
        alarm=detection(period=period),
        event="e-1",
        worse="",
        ticket=ENTRY,
        standing=standing,
        decision=None,
        policy=replace(PLAN.ticket, recurrence=policy),
    )


def asked(found: Case, days: int = 10) -> Response:
    """Give the response so many days after the ticket was closed."""
    return respond(found, CLOSED + timedelta(days=days))


@pytest.mark.parametrize("standing", [None, kept("", "new"), kept("Shelved")])
def test_a_ticket_that_is_not_closed_for_sure_gets_a_comment(standing: KeptStanding | None) -> None:
    """Open, never read, or closed in a way nobody can read: told, nothing else."""
    response = asked(case(standing, Recurrence.SUCCESSOR))

    assert response.comment is not None
    assert (response.comment.then, response.successor) == (AfterComment.NOTHING, False)
    assert response.comment.dedupe_key == ENTRY.plan.dedupe_key


def test_done_and_comment() -> None:
    """By default a done ticket is told, and stays closed."""
    response = asked(case(kept()))

    assert response.comment is not None
    assert response.comment.lines[-1] == "It alarms again after this ticket was closed."
    assert (response.comment.then, response.successor) == (AfterComment.NOTHING, False)


@pytest.mark.parametrize(("days", "reopens"), [(30, True), (31, False)])
def test_done_and_reopen_within_days(days: int, reopens: bool) -> None:
    """Up to the plan's days it is reopened, later a successor is filed."""
    response = asked(case(kept(), Recurrence.REOPEN), days)

    assert response.comment is not None
    assert reopens == (response.comment.then is AfterComment.REOPEN)
    assert response.successor is not reopens


def test_an_alarm_of_a_month_before_the_end_is_a_late_number() -> None:
    """The month that was running when the ticket was done does not bring it back: the fix was not there yet."""
    response = asked(case(kept(), Recurrence.SUCCESSOR, Period(date(2026, 5, 1))))

    assert (response.comment is not None, response.successor) == (True, False)


def test_wont_do_without_a_decision_is_told() -> None:
    """Nobody has answered for it: the ticket hears of every alarm, and of the missing decision."""
    response = asked(case(kept("Won't Do"), Recurrence.SUCCESSOR))

    assert response.comment is not None
    assert response.comment.lines[-1] == "Closed as Won't Do: no decision about that is on record."
    assert response.successor is False


def test_wont_do_with_a_decision_comes_back_only_when_materially_worse() -> None:
    """Silence as long as the evidence is what was decided on; then the plan's recurrence, with the reason."""
    decided = replace(case(kept("Won't Do"), Recurrence.REOPEN), decision=DECISION)
    quiet = asked(decided)
    loud = asked(replace(decided, worse="ratio 6 is at least 1.5 times the refuted 3"))

    assert quiet == Response(comment=None)
    assert loud.comment is not None
    assert loud.comment.then is AfterComment.REOPEN
    assert "ratio 6" in loud.comment.lines[-2]


def test_a_successor_has_its_own_identity_and_follows_the_old_one() -> None:
    """Asked twice it is the same ticket; its label is its own, and it names the old one to be linked to."""
    ticket = plan_ticket(signal(), PLAN, CHAIN, EVIDENCE)
    first, again = succeed(ticket, ENTRY), succeed(ticket, ENTRY)

    assert first == again
    assert first.dedupe_key != ticket.dedupe_key
    assert (f"pms-{first.dedupe_key}" in first.labels, f"pms-{ticket.dedupe_key}" in first.labels) == (True, False)
    assert first.follows == "PMS-7"
