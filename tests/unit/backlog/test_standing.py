"""What status category and resolution mean by the plan's lists, and how a change is told."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from include.postmarket.backlog.ports import SeenTicket
from include.postmarket.backlog.standing import phase_of, standing_of, told
from include.postmarket.backlog.text import plan_ticket
from include.postmarket.model.ticket import LedgerEntry, TicketPhase, TicketState
from tests.unit.backlog.worlds import CHAIN, EVIDENCE, PLAN, signal

ENTRY = LedgerEntry(
    site="s",
    plan=plan_ticket(signal(), PLAN, CHAIN, EVIDENCE),
    state=TicketState.FILED,
    attempt=1,
    since=datetime(2026, 4, 1, tzinfo=UTC),
    issue_id="10007",
    issue_key="PMS-7",
)
SEEN = SeenTicket(
    id="10007",
    key="PMS-7",
    labels=ENTRY.plan.labels,
    status="In Progress",
    category="indeterminate",
    resolution="",
    fix_versions=(),
)


@pytest.mark.parametrize(
    ("category", "resolution", "phase"),
    [
        ("new", "", TicketPhase.OPEN),
        ("indeterminate", "", TicketPhase.OPEN),
        ("indeterminate", "Done", TicketPhase.OPEN),  # reopened by hand, the resolution forgotten: the category counts
        ("done", "", TicketPhase.DONE),
        ("done", "fixed", TicketPhase.DONE),
        ("done", "Won't Do", TicketPhase.REJECTED),
        ("done", "DUPLICATE", TicketPhase.REJECTED),
        ("done", "Shelved", TicketPhase.UNCLEAR),
        ("", "", TicketPhase.OPEN),
    ],
)
def test_the_plan_says_what_an_end_means(category: str, resolution: str, phase: TicketPhase) -> None:
    """What the plan does not name is unclear, never done (G8)."""
    assert phase is phase_of(category, resolution, PLAN.ticket)


def test_without_a_plan_a_named_resolution_is_unclear() -> None:
    """The plan of the signal is gone from the site: nobody says what its words mean."""
    assert phase_of("done", "Done", None) is TicketPhase.UNCLEAR
    assert phase_of("new", "", None) is TicketPhase.OPEN


def test_a_ticket_that_is_not_there_is_gone() -> None:
    """Deleted, or hidden from the account: told with its last key."""
    standing = standing_of(None, ENTRY, PLAN.ticket)

    assert (standing.phase, standing.key) == (TicketPhase.GONE, "PMS-7")
    assert told(standing, None) == "PMS-7 is not there any more: deleted, or the account may not see it"


def test_what_changed_is_told_in_words() -> None:
    """Status and resolution, the move to another project, the fix version, the lost label: each by name."""
    before = standing_of(SEEN, ENTRY, PLAN.ticket)
    seen = replace(
        SEEN, key="SAFE-1", labels=("pms",), status="Done", category="done", resolution="Fixed", fix_versions=("4.3",)
    )
    after = standing_of(seen, ENTRY, PLAN.ticket)

    assert told(before, None) == "PMS-7: In Progress"
    assert told(after, before) == (
        "SAFE-1: In Progress -> Done (Fixed); moved from PMS-7; fix version 4.3; "
        "its label was taken away: a search does not find it any more"
    )
    assert after.phase is TicketPhase.DONE
