"""The ledger on a real server: the states, compare-and-set, and two dispatchers at once (G3)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import Engine, text

from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.ticket import LedgerEntry, TicketState
from include.postmarket.records.audit import Audit
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.ticket_ledger import TicketLedger
from include.postmarket.records.verification import verify
from tests.unit.records.samples import LATER, NOW, SITE, comment_plan, ticket_plan

pytestmark = pytest.mark.postgres
PLAN = ticket_plan()
KEY = PLAN.dedupe_key
Doubt = Callable[[TicketLedger, str, str, str, datetime], None]


@pytest.fixture(name="ledger")
def fixture_ledger(engine: Engine) -> TicketLedger:
    """Give a ledger with one planned ticket."""
    ledger = TicketLedger(engine)
    ledger.plan(SITE, [PLAN], NOW)
    return ledger


def state(ledger: TicketLedger) -> TicketState:
    """Give the state of the one ticket."""
    entry = ledger.entry(SITE, KEY)
    if entry is None:
        raise LookupError(KEY)
    return entry.state


def test_only_new_plans_are_inserted(ledger: TicketLedger) -> None:
    """Known keys are left as they are, new ones come back in order, the same site's only."""
    other = ticket_plan(2)
    reworded = replace(PLAN, priority="Low")

    assert ledger.plan(SITE, [reworded, other, other], LATER) == (other.dedupe_key,)
    assert ledger.plan("https://other.example", [PLAN], LATER) == (KEY,)
    assert ledger.entry(SITE, KEY) == LedgerEntry(site=SITE, plan=PLAN, state=TicketState.PLANNED, attempt=0, since=NOW)
    assert ledger.entry(SITE, "unknown") is None


def test_a_claim_is_taken_once(ledger: TicketLedger) -> None:
    """The first claim gets the row in state sending, the second nothing."""
    claimed = ledger.claim(SITE, KEY, "PUMP-7", LATER)

    assert claimed == LedgerEntry(
        site=SITE, plan=PLAN, state=TicketState.SENDING, attempt=1, since=LATER, last_key_seen="PUMP-7"
    )
    assert ledger.claim(SITE, KEY, "PUMP-8", LATER) is None
    assert ledger.entry(SITE, KEY) == claimed


def test_of_many_dispatchers_one_gets_the_ticket(ledger: TicketLedger) -> None:
    """Sixteen claims at the same moment on four tickets: each ticket is sent by exactly one."""
    plans = [ticket_plan(n) for n in range(2, 6)]
    ledger.plan(SITE, plans, NOW)
    gate = threading.Barrier(16)

    def claim(number: int) -> LedgerEntry | None:
        gate.wait()
        return ledger.claim(SITE, plans[number % 4].dedupe_key, "", LATER)

    with ThreadPoolExecutor(16) as pool:
        claimed = [entry for entry in pool.map(claim, range(16)) if entry is not None]

    assert sorted(p.dedupe_key for p in plans) == sorted(entry.plan.dedupe_key for entry in claimed)
    assert {entry.attempt for entry in claimed} == {1}


def test_two_plans_of_one_ticket_at_once_are_one(ledger: TicketLedger) -> None:
    """Eight runs that plan the same ticket together: one of them is told that it is new."""
    fresh = ticket_plan(9)
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: ledger.plan(SITE, [fresh], NOW), range(8)))

    assert sorted(told) == [()] * 7 + [(fresh.dedupe_key,)]


def test_a_row_that_another_dispatcher_holds_is_passed_by(ledger: TicketLedger, engine: Engine) -> None:
    """While another transaction has the row, a claim gives None at once instead of waiting for it."""
    with writing(engine) as other:
        other.execute(text("SELECT 1 FROM tickets FOR NO KEY UPDATE"))
        claimed = ledger.claim(SITE, KEY, "", LATER)

    assert claimed is None
    assert state(ledger) is TicketState.PLANNED


def test_a_filed_ticket_never_changes_again(ledger: TicketLedger) -> None:
    """A late doubt of another dispatcher leaves it filed; the same issue again is nothing, another one is an error."""
    ledger.claim(SITE, KEY, "", NOW)
    ledger.filed(SITE, KEY, "10001", "PUMP-8", LATER)
    filed = ledger.entry(SITE, KEY)
    ledger.ambiguous(SITE, KEY, "timeout", LATER)
    ledger.parked(SITE, KEY, "400", LATER)
    ledger.release(SITE, KEY, LATER)
    ledger.filed(SITE, KEY, "10001", "PUMP-8", LATER)

    with pytest.raises(IntegrityError, match="PUMP-8 and PUMP-9"):
        ledger.filed(SITE, KEY, "10002", "PUMP-9", LATER)

    assert filed is not None
    assert (filed.state, filed.issue_id, filed.issue_key) == (TicketState.FILED, "10001", "PUMP-8")
    assert ledger.entry(SITE, KEY) == filed


@pytest.mark.parametrize("doubt", [TicketLedger.ambiguous, TicketLedger.parked])
def test_a_doubtful_ticket_is_released_and_claimed_again(ledger: TicketLedger, doubt: Doubt) -> None:
    """Ambiguous or parked goes back to planned with its attempts counted; release in other states does nothing."""
    ledger.release(SITE, KEY, LATER)
    ledger.claim(SITE, KEY, "PUMP-7", NOW)
    ledger.release(SITE, KEY, LATER)

    assert state(ledger) is TicketState.SENDING

    doubt(ledger, SITE, KEY, "HTTP 503", LATER)
    entry = ledger.entry(SITE, KEY)

    assert entry is not None
    assert (entry.message, entry.since, entry.last_key_seen) == ("HTTP 503", LATER, "PUMP-7")
    assert ledger.claim(SITE, KEY, "", LATER) is None

    ledger.release(SITE, KEY, LATER)
    again = ledger.claim(SITE, KEY, "PUMP-9", LATER)

    assert again is not None
    assert (again.attempt, again.message, again.last_key_seen) == (2, "", "PUMP-9")


def test_entries_are_given_by_state_oldest_first(ledger: TicketLedger) -> None:
    """Rows of the asked states of one site, by the moment of their last change."""
    second, third = ticket_plan(2), ticket_plan(3)
    ledger.plan(SITE, [second, third], NOW)
    ledger.claim(SITE, KEY, "", LATER)
    ledger.parked(SITE, third.dedupe_key, "403", LATER)
    ledger.plan("https://other.example", [PLAN], NOW)

    both = ledger.entries(SITE, [TicketState.SENDING, TicketState.PLANNED])

    assert [second, PLAN] == [entry.plan for entry in both]
    assert [third] == [entry.plan for entry in ledger.entries(SITE, [TicketState.PARKED])]
    assert ledger.entries(SITE, []) == ()


def test_what_was_never_planned_is_refused(ledger: TicketLedger) -> None:
    """Every change of an unknown ticket or comment raises: a typing error must not look like success."""
    changes: tuple[Callable[[], object], ...] = (
        lambda: ledger.claim(SITE, "x", "", NOW),
        lambda: ledger.filed(SITE, "x", "1", "PUMP-1", NOW),
        lambda: ledger.ambiguous(SITE, "x", "?", NOW),
        lambda: ledger.release(SITE, "x", NOW),
        lambda: ledger.comment_done(SITE, "x", "1", NOW),
    )
    for change in changes:
        with pytest.raises(IntegrityError, match="nothing like that was planned"):
            change()


def test_a_comment_is_open_until_it_is_done(ledger: TicketLedger) -> None:
    """Comments wait in their order, once by event; the first id written for one stays."""
    first, second = comment_plan("z"), comment_plan("a")
    ledger.plan_comments(SITE, [first, second, first], NOW)
    ledger.plan_comments(SITE, [replace(second, lines=("other",))], LATER)

    assert ledger.open_comments(SITE) == (first, second)

    ledger.comment_done(SITE, "z", "20001", LATER)
    ledger.comment_done(SITE, "z", "20002", LATER)

    assert ledger.open_comments(SITE) == (second,)
    assert ledger.open_comments("https://other.example") == ()


def test_every_step_of_a_ticket_is_in_the_trail(ledger: TicketLedger, engine: Engine) -> None:
    """Earlier states stay readable: plan, claim, doubt, release, claim and filing, each by whom and when."""
    clerk = TicketLedger(engine, actor="clerk")
    clerk.claim(SITE, KEY, "", NOW)
    clerk.ambiguous(SITE, KEY, "timeout", NOW)
    clerk.release(SITE, KEY, NOW)
    clerk.claim(SITE, KEY, "", NOW)
    clerk.filed(SITE, KEY, "10001", "PUMP-8", LATER)
    trail = Audit(engine).of_subject("tickets", f"{SITE} {KEY}")
    with reading(engine) as connection:
        broken = verify(connection)

    assert [(r.actor, r.action) for r in trail] == [
        ("postmarket", "plan ticket"),
        ("clerk", "claim ticket"),
        ("clerk", "ticket ambiguous"),
        ("clerk", "release ticket"),
        ("clerk", "claim ticket"),
        ("clerk", "file ticket"),
    ]
    assert trail[-1].at == LATER
    assert [r.payload["changes"].get("message") for r in trail[1:]] == ["", "timeout", "", "", ""]
    assert trail[-1].payload["changes"]["issue_key"] == "PUMP-8"
    assert broken is None
