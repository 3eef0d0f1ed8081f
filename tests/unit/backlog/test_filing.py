"""A run of the filer, fault by fault: what is sent, what waits, what is parked, and what the report says."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from include.postmarket.backlog.filing import file_tickets, release_tickets
from include.postmarket.backlog.ports import Answer, End, IssueDraft, RateLimited, Refused, SeenIssue, Unknown
from include.postmarket.backlog.report import Result
from include.postmarket.backlog.settings import FilingSettings
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.ticket import LedgerEntry, TicketPlan, TicketState
from tests.faults.backlog.fake_tracker import FakeTracker, Weather
from tests.faults.backlog.stage import SITE, World, later, small_plan

PLAN = small_plan(1)


def a_world(*answers: Answer, **settings: Any) -> World:
    """Give a site with one requirement, whose first creates are answered like this and create nothing."""
    world = World(Random(0), settings=FilingSettings(site=SITE, **settings))
    world.tracker = tracker = ScriptedTracker(clock=world.clock, random=world.random)
    tracker.script = list(answers)
    world.tracker.add("REQ-1")
    return world


class ScriptedTracker(FakeTracker):
    """A tracker that gives the answers of a script first."""

    script: list[Answer]
    searches: int = 0

    def find_by_label(self, label: str) -> tuple[SeenIssue, ...]:
        """Count, then behave."""
        self.searches += 1
        return FakeTracker.find_by_label(self, label)

    def create_issue(self, draft: IssueDraft) -> Answer:
        """Give the next answer of the script, then behave."""
        if self.script:
            self.posts += 1
            return self.script.pop(0)
        return FakeTracker.create_issue(self, draft)


def row(world: World, plan: TicketPlan = PLAN) -> LedgerEntry:
    """Give a plan's row."""
    found = world.ledger.entry(SITE, plan.dedupe_key)
    assert found is not None

    return found


def test_a_planned_ticket_is_filed_linked_and_recorded() -> None:
    """In calm weather one POST does it all, and a second run changes nothing."""
    world = a_world()
    first = file_tickets(world.desk(), [PLAN])
    second = file_tickets(world.desk(), [PLAN])

    assert [(outcome.issue_key, outcome.result) for outcome in first.outcomes] == [("PMS-1", Result.FILED)]
    assert [(outcome.issue_key, outcome.result) for outcome in second.outcomes] == [("PMS-1", Result.ALREADY_FILED)]
    assert (first.done, first.next_try, first.gaps) == (True, None, ())
    assert world.tracker.posts == 1
    assert world.tracker.links == [("Relates", "PMS-1", "REQ-1")]
    assert world.tracker.issues["PMS-1"].remote == {PLAN.text.link_back: f"Signal {PLAN.signal_id}"}


def test_a_ticket_that_is_already_there_is_adopted() -> None:
    """A restored database or another installation does not file again: search comes before create."""
    world = a_world()
    world.tracker.add("PMS-5", labels=("pms", f"pms-{PLAN.dedupe_key}"))
    report = file_tickets(world.desk(), [PLAN])

    assert [(outcome.issue_key, outcome.result) for outcome in report.outcomes] == [("PMS-5", Result.ADOPTED)]
    assert world.tracker.posts == 0


def test_an_unknown_answer_waits_for_the_settle_time() -> None:
    """The report says until when; before it nothing is sent, from then on once more."""
    world = a_world(Unknown(message="no answer: ReadTimeout"))
    first = file_tickets(world.desk(), [PLAN])
    later(world, 599)
    early = file_tickets(world.desk(), [PLAN])
    later(world, 1)
    late = file_tickets(world.desk(), [PLAN])

    assert first.next_try == early.next_try == world.clock.now()
    assert [outcome.reason for outcome in early.of(Result.WAITING)] == ["no answer: ReadTimeout"]
    assert len(late.of(Result.FILED)) == 1
    assert world.tracker.posts == 2


def test_a_refused_ticket_is_parked_with_jiras_words_until_released() -> None:
    """It stays in every report, is not sent again by itself, and one call gives it back."""
    world = a_world(Refused(status=400, message="customfield_1: Team is required."))
    reports = [file_tickets(world.desk(), [PLAN]) for _ in range(2)]
    released = release_tickets(world.desk(), [PLAN.dedupe_key, "f" * 32])
    waiting = file_tickets(world.desk(), [PLAN])
    later(world, 600)
    filed = file_tickets(world.desk(), [PLAN])

    for report in reports:
        assert [outcome.reason for outcome in report.of(Result.PARKED)] == [
            "HTTP 400: customfield_1: Team is required."
        ]
        assert report.done
    assert released == (PLAN.dedupe_key,)
    assert release_tickets(world.desk(), [PLAN.dedupe_key]) == ()
    assert len(waiting.of(Result.WAITING)) == len(filed.of(Result.FILED)) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_closed_door_stops_the_run_and_parks_nothing(status: int) -> None:
    """The error says what to check; all rows stay planned, and only one was tried."""
    world = a_world(Refused(status=status, message="no"))
    plans = [small_plan(number) for number in (1, 2, 3)]
    with pytest.raises(ConfigurationError, match="expiry"):
        file_tickets(world.desk(), plans)

    assert {TicketState.PLANNED} == {row(world, plan).state for plan in plans}
    assert world.tracker.posts == 1


def test_a_long_rate_limit_stops_the_run_and_says_until_when() -> None:
    """Nobody sleeps for half an hour in a worker, and nothing more is sent to the site."""
    world = a_world(RateLimited(reason="jira-quota-tenant-based", retry_after=1800.0))
    report = file_tickets(world.desk(), [PLAN, small_plan(2)])

    assert len(report.of(Result.WAITING)) == 2
    assert "jira-quota-tenant-based" in report.outcomes[0].reason
    assert report.next_try == world.clock.now() + timedelta(seconds=1800)
    assert world.tracker.posts == 1


def test_a_short_rate_limit_is_slept_through() -> None:
    """A burst limit of some seconds costs some seconds, and ends after a few of them."""
    limit = RateLimited(reason="jira-burst-based", retry_after=5.0)
    world, started = a_world(limit, limit), a_world().clock.now()
    report = file_tickets(world.desk(), [PLAN])
    stubborn = a_world(*[limit] * 10)
    given_up = file_tickets(stubborn.desk(), [PLAN])

    assert len(report.of(Result.FILED)) == 1
    assert (world.clock.now() - started).total_seconds() == 10
    assert len(given_up.of(Result.WAITING)) == 1
    assert stubborn.tracker.posts == 4


def test_an_issue_that_is_written_to_too_often_waits_alone() -> None:
    """The limit is about one issue: its ticket waits as long as Jira says, the next one is filed."""
    world = a_world(RateLimited(reason="jira-per-issue-on-write", retry_after=300.0))
    report = file_tickets(world.desk(), [PLAN, small_plan(2)])

    assert [outcome.signal_id for outcome in report.of(Result.WAITING)] == [PLAN.signal_id]
    assert len(report.of(Result.FILED)) == 1
    assert report.next_try == world.clock.now() + timedelta(seconds=300)
    assert world.tracker.posts == 2


def test_a_tracker_that_is_down_is_left_alone_after_two_tickets() -> None:
    """All tickets wait, with the reason, and the links of older ones are a gap for now."""
    world = a_world()
    world.tracker.weather = Weather(down=1.0)
    report = file_tickets(world.desk(), [small_plan(number) for number in range(1, 6)])

    assert len(report.of(Result.WAITING)) == 5
    assert report.next_try == world.clock.now() + timedelta(seconds=60)
    assert isinstance(world.tracker, ScriptedTracker)
    assert (world.tracker.searches, world.tracker.posts) == (2, 0)


def test_a_living_dispatcher_is_not_disturbed() -> None:
    """A row that is sending and young waits; one older than the limit is taken over and settles first."""
    world = a_world()
    world.ledger.plan(SITE, [PLAN], world.clock.now())
    world.ledger.claim(SITE, PLAN.dedupe_key, "PMS-0", world.clock.now())
    later(world, 119)
    young = file_tickets(world.desk(), [PLAN])
    state = row(world).state
    later(world, 1)
    old = file_tickets(world.desk(), [PLAN])

    assert (state, [outcome.reason for outcome in young.outcomes]) == ("sending", ["another dispatcher is at it"])
    assert old.next_try == world.clock.now() + timedelta(minutes=10)
    assert row(world).state is TicketState.AMBIGUOUS
    assert world.tracker.posts == 0


class StallingLedger:
    """A ledger after whose first claim the process stalls, while others work."""

    def __init__(self, world: World, meanwhile: Any) -> None:
        self.world, self.meanwhile = world, meanwhile

    def __getattr__(self, name: str) -> Any:
        """Give the real ledger's method."""
        return getattr(self.world.ledger, name)

    def claim(self, *arguments: Any) -> LedgerEntry | None:
        """Claim, then stall."""
        claimed = self.world.ledger.claim(*arguments)
        self.meanwhile()
        return claimed


@pytest.mark.requirement("G3")
def test_a_dispatcher_that_stalled_after_its_claim_does_not_send() -> None:
    """Others took over and filed while it slept: it sees the age of its claim and sends nothing."""
    world = a_world()

    def others_file() -> None:
        for seconds in (121, 601):
            later(world, seconds)
            file_tickets(world.desk(), [PLAN])

    stalled = file_tickets(world.desk_of(world.tracker, StallingLedger(world, others_file)), [PLAN])

    assert world.tracker.posts == len(world.tracker.tickets(PLAN.dedupe_key)) == 1
    assert [one.reason for one in stalled.outcomes] == ["not sent: this dispatcher stalled after its claim"]
    assert row(world).state is TicketState.FILED


@pytest.mark.requirement("G3")
def test_a_ticket_moved_away_before_anyone_heard_of_it_is_found_by_its_links() -> None:
    """Its key is another project's and the index does not show it yet: the requirement's links do."""
    world = a_world()
    world.ledger.plan(SITE, [PLAN], world.clock.now())
    world.ledger.claim(SITE, PLAN.dedupe_key, "PMS-0", world.clock.now())
    world.tracker.add("OPS-7", labels=PLAN.labels).indexed_at += timedelta(days=1)
    world.tracker.links.append(("Relates", "OPS-7", "REQ-1"))
    later(world, 121)
    report = file_tickets(world.desk(), [PLAN])

    assert [(outcome.issue_key, outcome.result) for outcome in report.outcomes] == [("OPS-7", Result.ADOPTED)]


def test_a_deleted_requirement_does_not_hold_a_ticket_back() -> None:
    """The ticket is filed without the link, and note and gap hold Jira's words; it is linked when it is back."""
    world = a_world()
    world.tracker.remove("REQ-1")
    report = file_tickets(world.desk(), [PLAN])
    world.tracker.add("REQ-1")
    repaired = file_tickets(world.desk(), [PLAN])

    assert "not linked to REQ-1: HTTP 404" in report.of(Result.FILED)[0].notes[0]
    assert [(gap.issue_key, gap.missing) for gap in report.gaps] == [("PMS-1", "link to REQ-1")]
    assert repaired.gaps == ()
    assert world.tracker.links == [("Relates", "PMS-1", "REQ-1")]


def test_links_are_made_afterwards_where_the_create_screen_has_none() -> None:
    """The same link, in the same direction."""
    world = a_world()
    world.tracker.fields -= {"issuelinks"}
    plan = replace(PLAN, link_type="is caused by")
    report = file_tickets(world.desk(), [plan])

    assert report.gaps == ()
    assert world.tracker.links == [("Problem/Incident", "REQ-1", "PMS-1")]
    assert world.tracker.issue_links("PMS-1")[0].relation.end is End.DESTINATION


def test_what_the_site_does_not_offer_is_left_out_and_told() -> None:
    """Priority and link type are no reason to hold a safety signal back."""
    world = a_world()
    report = file_tickets(world.desk(), [replace(PLAN, priority="P1", link_type="Guards")])

    assert report.of(Result.FILED)[0].notes == (
        "not linked: the site has no link type 'Guards'",
        "filed without priority 'P1': the create screen does not offer it",
    )
    assert [gap.reason for gap in report.gaps] == ["the site has no link type 'Guards'"]


@pytest.mark.parametrize("field", ["labels", "description", "summary"])
def test_a_create_screen_without_a_needed_field_parks_the_ticket(field: str) -> None:
    """A ticket without its label could not be found again: it waits for a person, and nothing is sent."""
    world = a_world()
    world.tracker.fields -= {field}
    report = file_tickets(world.desk(), [PLAN, replace(small_plan(2), issue_type="Complaint")])

    assert [outcome.reason for outcome in report.of(Result.PARKED)] == [
        f"the create screen of PMS, Bug, lacks {field}: add them in Jira",
        "project PMS has no issue type 'Complaint', only Bug",
    ]
    assert world.tracker.posts == 0


def test_more_keys_than_may_be_looked_at_park_the_ticket() -> None:
    """Nobody can say that it is not there, so a person looks."""
    world = a_world(Unknown(message="no answer"), scan_pages=1)
    world.tracker.add("PMS-3")
    file_tickets(world.desk(), [PLAN])
    for number in range(4, 250, 20):
        world.tracker.add(f"PMS-{number}")
    later(world, 600)
    report = file_tickets(world.desk(), [PLAN])

    assert "more than 100 keys follow PMS-3" in report.of(Result.PARKED)[0].reason
    assert world.tracker.posts == 1


def test_an_unknown_answer_with_too_many_keys_to_look_at_stays_in_doubt() -> None:
    """The run goes on with the next ticket; the doubtful one is parked by a later run."""
    world = a_world(Unknown(message="no answer"), scan_pages=1)
    for number in range(4, 250, 20):
        world.tracker.add(f"PMS-{number}").indexed_at += timedelta(minutes=5)
    report = file_tickets(world.desk(), [PLAN, small_plan(2)])

    assert [outcome.reason for outcome in report.of(Result.WAITING)] == ["no answer"]
    assert len(report.of(Result.FILED)) == 1


@pytest.mark.requirement("G4")
def test_a_ticket_with_a_person_in_it_is_parked_and_never_sent() -> None:
    """The tracker sees nothing of it, and the report does not repeat it."""
    canary = "Mrs. Roe, 617-555-0123"
    world = a_world()
    leaking = replace(PLAN, text=replace(PLAN.text, sections=(("What was seen", (canary,)),)))
    report = file_tickets(world.desk(), [leaking, small_plan(2)])

    assert [outcome.reason for outcome in report.of(Result.PARKED)] == [
        (
            "blocked before sending, nothing left the house: phone number in section 'What was seen'; "
            "name of a person in section 'What was seen'"
        )
    ]
    assert len(report.of(Result.FILED)) == 1
    assert "Roe" not in repr(report)


def test_links_are_looked_after_for_a_week_only() -> None:
    """An old ticket is left to the people who work on it."""
    world = a_world()
    file_tickets(world.desk(), [PLAN])
    world.tracker.links.clear()
    later(world, timedelta(days=7, seconds=1).total_seconds())
    file_tickets(world.desk(), [PLAN])

    assert world.tracker.links == []


def test_a_ticket_deleted_in_jira_is_a_gap_and_not_filed_again() -> None:
    """Deleting it was a person's decision; the report shows it."""
    world = a_world()
    file_tickets(world.desk(), [PLAN])
    world.tracker.remove("PMS-1")
    report = file_tickets(world.desk(), [PLAN])

    assert [(gap.issue_key, gap.missing) for gap in report.gaps] == [("PMS-1", "the ticket itself")]
    assert world.tracker.posts == 1
