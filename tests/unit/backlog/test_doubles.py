"""The sweep: two tickets of one signal are linked, told and reported, never resolved silently."""

from random import Random

from include.postmarket.backlog.comments import trailer
from include.postmarket.backlog.doubles import Double, sweep_doubles
from include.postmarket.backlog.ports import SeenIssue
from tests.faults.backlog.fake_tracker import FakeTracker
from tests.faults.backlog.stage import World, small_plan

KEY = small_plan(1).dedupe_key
LABELS = ("pms", f"pms-{KEY}")


def test_later_tickets_become_duplicates_of_the_first_once() -> None:
    """The lowest id stays; link and comment are there once however often the sweep runs."""
    world = World(Random(0))
    for key in ("PMS-1", "PMS-2", "PMS-9"):
        world.tracker.add(key, LABELS, marker=KEY)
    swept = [sweep_doubles(world.desk()) for _ in range(2)]

    expected = Double(dedupe_key=KEY, kept="PMS-1", others=("PMS-2", "PMS-9"), clones=(), troubles=())
    assert swept == [(expected,), (expected,)]
    assert world.tracker.links == [("Duplicate", "PMS-2", "PMS-1"), ("Duplicate", "PMS-9", "PMS-1")]
    assert [len(world.tracker.issues[key].comments) for key in ("PMS-1", "PMS-2", "PMS-9")] == [0, 1, 1]
    assert trailer("double of 10000") in world.tracker.issues["PMS-2"].comments[0].text


def test_a_ticket_that_a_person_cloned_is_named_and_left_alone() -> None:
    """Cloning copies labels but not properties."""
    world = World(Random(0))
    world.tracker.add("PMS-1", LABELS, marker=KEY)
    world.tracker.add("PMS-2", LABELS)

    assert [(double.others, double.clones) for double in sweep_doubles(world.desk())] == [((), ("PMS-2",))]
    assert world.tracker.links == []


def test_one_ticket_each_is_no_finding() -> None:
    """Tickets of different signals, and other labels, are left alone."""
    world = World(Random(0))
    world.tracker.add("PMS-1", LABELS, marker=KEY)
    world.tracker.add("PMS-2", ("pms", f"pms-{small_plan(2).dedupe_key}"))
    world.tracker.add("PMS-3", ("pms", "pms-other"))

    assert sweep_doubles(world.desk()) == ()


class StaleIndex(FakeTracker):
    """A tracker whose index still shows what was deleted."""

    shown: tuple[SeenIssue, ...] = ()

    def find_by_label(self, label: str) -> tuple[SeenIssue, ...]:
        """Give what the index shows."""
        return self.shown


def test_what_could_not_be_linked_is_told() -> None:
    """A ticket that is gone while the index still shows it is a trouble in the report, with Jira's words."""
    world = World(Random(0))
    world.tracker = tracker = StaleIndex(clock=world.clock, random=world.random)
    tracker.shown = tuple(tracker.add(key, LABELS, marker=KEY).seen for key in ("PMS-1", "PMS-2"))
    tracker.remove("PMS-2")

    assert [double.troubles for double in sweep_doubles(world.desk())] == [
        ("PMS-2: HTTP 404: Issue does not exist or you do not have permission to see it.",)
    ]
