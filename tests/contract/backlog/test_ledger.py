"""The ledger's contract, over both twins: in memory and on PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest

from include.postmarket.backlog.memory import MemoryLedger
from include.postmarket.backlog.ports import Ledger
from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.ticket import CommentPlan, TicketState
from include.postmarket.records.ticket_ledger import TicketLedger
from tests.faults.backlog.stage import small_plan

SITE = "https://example.atlassian.net"
NOW = datetime(2026, 4, 2, 6, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
PLAN, OTHER = small_plan(1), small_plan(2)
KEY = PLAN.dedupe_key


@pytest.fixture(name="ledger", params=["memory", pytest.param("postgresql", marks=pytest.mark.postgres)])
def _ledger(request: pytest.FixtureRequest) -> Ledger:
    if request.param == "memory":
        return MemoryLedger()
    return TicketLedger(request.getfixturevalue("engine"))


def state(ledger: Ledger) -> TicketState:
    """Give the state of the first plan's row."""
    row = ledger.entry(SITE, KEY)
    assert row is not None

    return row.state


class TestLedger:
    """What the filer relies on."""

    def test_plans_are_inserted_once(self, ledger: Ledger) -> None:
        """Planning again gives only what is new and changes nothing; sites are apart."""
        assert ledger.plan(SITE, [PLAN], NOW) == (KEY,)
        assert ledger.plan(SITE, [PLAN, OTHER], LATER) == (OTHER.dedupe_key,)
        assert ledger.plan("https://other.example.org", [PLAN], NOW) == (KEY,)

        row = ledger.entry(SITE, KEY)
        assert row is not None
        assert (row.plan, row.state, row.attempt, row.since) == (PLAN, TicketState.PLANNED, 0, NOW)
        assert ledger.entry(SITE, "f" * 32) is None

    def test_a_claim_is_given_once(self, ledger: Ledger) -> None:
        """The second claimant gets nothing; the first holds attempt 1 and the last key seen."""
        ledger.plan(SITE, [PLAN], NOW)
        claimed = ledger.claim(SITE, KEY, "PMS-7", LATER)

        assert claimed is not None
        assert (
            claimed.state,
            claimed.attempt,
            claimed.since,
            claimed.last_key_seen,
        ) == (TicketState.SENDING, 1, LATER, "PMS-7")
        assert ledger.entry(SITE, KEY) == claimed
        assert ledger.claim(SITE, KEY, "PMS-9", LATER) is None

    def test_each_new_claim_counts_one_more_attempt(self, ledger: Ledger) -> None:
        """Ambiguous and parked rows are released to planned and keep their attempts and last key."""
        ledger.plan(SITE, [PLAN], NOW)
        ledger.claim(SITE, KEY, "PMS-7", NOW)
        ledger.ambiguous(SITE, KEY, "timeout", LATER)
        doubtful = ledger.entry(SITE, KEY)
        ledger.release(SITE, KEY, LATER)
        released = ledger.entry(SITE, KEY)
        again = ledger.claim(SITE, KEY, "PMS-7", LATER)

        assert doubtful is not None
        assert released is not None
        assert again is not None
        assert (doubtful.state, doubtful.message, doubtful.since) == (TicketState.AMBIGUOUS, "timeout", LATER)
        assert (
            released.state,
            released.attempt,
            released.last_key_seen,
            released.since,
        ) == (TicketState.PLANNED, 1, "PMS-7", LATER)
        assert again.attempt == 2

    def test_a_filed_row_stays_filed(self, ledger: Ledger) -> None:
        """Whatever a late dispatcher says of it; the same issue may be written again, another one not."""
        ledger.plan(SITE, [PLAN], NOW)
        ledger.claim(SITE, KEY, "PMS-7", NOW)
        ledger.filed(SITE, KEY, "10008", "PMS-8", LATER)
        filed = ledger.entry(SITE, KEY)
        ledger.ambiguous(SITE, KEY, "late", LATER)
        ledger.parked(SITE, KEY, "late", LATER)
        ledger.release(SITE, KEY, LATER)
        ledger.filed(SITE, KEY, "10008", "PMS-8", LATER)

        assert filed == ledger.entry(SITE, KEY)
        assert filed is not None
        assert (filed.issue_id, filed.issue_key, filed.since) == ("10008", "PMS-8", LATER)
        assert ledger.claim(SITE, KEY, "PMS-9", LATER) is None
        with pytest.raises(IntegrityError, match="both filed"):
            ledger.filed(SITE, KEY, "10009", "PMS-9", LATER)

    @pytest.mark.parametrize("before", ["planned", "sending", "ambiguous", "parked"])
    def test_an_issue_may_be_written_down_from_any_state(self, ledger: Ledger, before: str) -> None:
        """A slow dispatcher's answer counts, whatever happened to its row meanwhile."""
        ledger.plan(SITE, [PLAN], NOW)
        if before != "planned":
            ledger.claim(SITE, KEY, "PMS-7", NOW)
        if before == "ambiguous":
            ledger.ambiguous(SITE, KEY, "timeout", NOW)
        if before == "parked":
            ledger.parked(SITE, KEY, "HTTP 400", NOW)
        assert state(ledger) == before
        ledger.filed(SITE, KEY, "10008", "PMS-8", LATER)

        assert state(ledger) == TicketState.FILED

    def test_release_leaves_a_living_send_alone(self, ledger: Ledger) -> None:
        """Only parked and ambiguous rows are released."""
        ledger.plan(SITE, [PLAN], NOW)
        ledger.claim(SITE, KEY, "PMS-7", NOW)
        ledger.release(SITE, KEY, LATER)

        assert state(ledger) == TicketState.SENDING

    def test_rows_are_given_by_state_oldest_first(self, ledger: Ledger) -> None:
        """Rows of other sites and other states stay out."""
        ledger.plan(SITE, [OTHER], NOW)
        ledger.plan(SITE, [PLAN], LATER)
        ledger.plan("https://other.example.org", [PLAN], NOW)
        both = ledger.entries(SITE, (TicketState.PLANNED, TicketState.PARKED))
        ledger.parked(SITE, KEY, "HTTP 400", LATER)

        assert [OTHER.dedupe_key, KEY] == [row.plan.dedupe_key for row in both]
        assert [row.plan.dedupe_key for row in ledger.entries(SITE, (TicketState.PARKED,))] == [KEY]
        assert ledger.entries(SITE, (TicketState.SENDING,)) == ()

    def test_what_was_never_planned_is_no_row(self, ledger: Ledger) -> None:
        """Touching it is an error that says so."""
        with pytest.raises(IntegrityError, match="planned"):
            ledger.claim(SITE, KEY, "PMS-7", NOW)
        with pytest.raises(IntegrityError, match="planned"):
            ledger.filed(SITE, KEY, "10008", "PMS-8", NOW)
        with pytest.raises(IntegrityError, match="planned"):
            ledger.parked(SITE, KEY, "HTTP 400", NOW)
        with pytest.raises(IntegrityError, match="planned"):
            ledger.release(SITE, KEY, NOW)

    def test_comments_stay_open_until_they_are_there(self, ledger: Ledger) -> None:
        """Each event is kept once, in order, until it is done."""
        ledger.plan(SITE, [PLAN], NOW)
        first, second = (
            CommentPlan(event=event, signal_id=PLAN.signal_id, dedupe_key=KEY, lines=(event,)) for event in ("b", "a")
        )
        ledger.plan_comments(SITE, [first], NOW)
        ledger.plan_comments(SITE, [first, second], LATER)

        assert ledger.open_comments(SITE) == (first, second)
        ledger.comment_done(SITE, "b", "20001", LATER)
        ledger.comment_done(SITE, "b", "20001", LATER)
        ledger.plan_comments(SITE, [first], LATER)
        assert ledger.open_comments(SITE) == (second,)
        assert ledger.open_comments("https://other.example.org") == ()
