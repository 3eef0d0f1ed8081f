"""Later numbers as comments: each event once, none lost, none with a person in it."""

from random import Random

import pytest

from include.postmarket.backlog.comments import CommentResult, trailer, write_comments
from include.postmarket.backlog.filing import file_tickets
from include.postmarket.model.ticket import CommentPlan
from tests.faults.backlog.fake_tracker import Weather
from tests.faults.backlog.stage import SITE, World, small_plan

PLAN = small_plan(1)


def a_world(*lines: str) -> World:
    """Give a filed ticket and one comment planned for it."""
    world = World(Random(0))
    world.tracker.add("REQ-1")
    file_tickets(world.desk(), [PLAN])
    told = CommentPlan(event="2026-04", signal_id=PLAN.signal_id, dedupe_key=PLAN.dedupe_key, lines=lines)
    world.ledger.plan_comments(SITE, [told], world.clock.now())
    return world


def results(world: World) -> list[CommentResult]:
    """Give where each comment stands after a run."""
    return [outcome.result for outcome in write_comments(world.desk())]


def test_a_comment_is_written_with_its_trailer_and_only_once() -> None:
    """The next run finds nothing open."""
    world = a_world("14 observed, 4.1 expected.")

    assert results(world) == [CommentResult.WRITTEN]
    assert results(world) == []
    assert [comment.text for comment in world.tracker.issues["PMS-1"].comments] == [
        f"14 observed, 4.1 expected.\n{trailer('2026-04')}\n"
    ]


def test_a_comment_whose_answer_was_lost_is_found_by_its_trailer() -> None:
    """It waits, and the next run recognises it."""
    world = a_world("14 observed.")
    world.tracker.weather = Weather(lost=1.0)

    assert results(world) == [CommentResult.WAITING]
    assert results(world) == [CommentResult.FOUND]
    assert len(world.tracker.issues["PMS-1"].comments) == 1


def test_a_comment_waits_for_its_ticket() -> None:
    """A number told before the ticket is filed is not lost."""
    world = World(Random(0))
    told = CommentPlan(event="2026-04", signal_id=PLAN.signal_id, dedupe_key=PLAN.dedupe_key, lines=("14 observed",))
    world.ledger.plan(SITE, [PLAN], world.clock.now())
    world.ledger.plan_comments(SITE, [told], world.clock.now())

    assert results(world) == [CommentResult.WAITING]
    assert world.ledger.open_comments(SITE) == (told,)


@pytest.mark.requirement("G4")
def test_a_comment_with_a_person_in_it_is_blocked() -> None:
    """It stays open and is shown, without its words."""
    world = a_world("14 observed", "Mrs. Roe called from 617-555-0123")
    outcome = write_comments(world.desk())[0]

    assert outcome.result is CommentResult.BLOCKED
    assert "Roe" not in repr(outcome)
    assert world.tracker.issues["PMS-1"].comments == []


def test_a_deleted_ticket_or_a_busy_site_is_told() -> None:
    """Refused with Jira's words, or waiting for the next run."""
    gone, busy, down = a_world("14 observed"), a_world("14 observed"), a_world("14 observed")
    gone.tracker.remove("PMS-1")
    busy.tracker.weather = Weather(limited=1.0)
    down.tracker.weather = Weather(down=1.0)

    assert results(gone) == [CommentResult.REFUSED]
    assert results(busy) == results(down) == [CommentResult.WAITING]
