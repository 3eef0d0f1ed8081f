"""G3 under faults: one ticket per signal, with the process killed at any line and any answer lost."""

from functools import partial
from random import Random

import pytest
from sqlalchemy import Engine

from include.postmarket.backlog.comments import write_comments
from include.postmarket.backlog.desk import Desk
from include.postmarket.backlog.filing import file_tickets, release_tickets
from include.postmarket.backlog.memory import MemoryLedger
from include.postmarket.backlog.ports import Ledger
from include.postmarket.backlog.report import FilingReport, Result
from include.postmarket.backlog.settings import FilingSettings
from include.postmarket.model.ticket import CommentPlan, TicketPlan, TicketState
from include.postmarket.records.ticket_ledger import TicketLedger
from tests.faults.backlog.fake_tracker import CALM, Weather
from tests.faults.backlog.stage import Dispatcher, World, later, small_plan

RUNS = 12_000
PG_RUNS = 25
BATCHES = 8


def a_storm(random: Random) -> Weather:
    """Give weather with each fault present about every other time, the search index behind by up to half an hour."""

    def share(most: float) -> float:
        return random.random() * most if random.random() < 0.5 else 0.0

    return Weather(
        lost=share(0.8),
        failed=share(0.6),
        late=share(0.6),
        limited=share(0.5),
        refused=share(0.1),
        closed=share(0.1),
        down=share(0.2),
        lag=share(1800.0),
        latest=share(400.0),
    )


def a_world(random: Random) -> World:
    """Give a project with some history and a requirement to link to."""
    world = World(random)
    world.tracker.add("REQ-1")
    for number in range(random.randrange(3)):
        world.tracker.add(f"PMS-{number + 1}")
    if random.random() < 0.3:
        world.tracker.fields -= {"issuelinks"}
    return world


def storm_runs(world: World, plans: list[TicketPlan], random: Random) -> None:
    """Let one to four runs meet the storm: alone or two at once, killed or not, minutes or seconds apart."""
    world.tracker.weather = a_storm(random)
    stalls = 0.02 if random.random() < 0.3 else 0.0

    def work(desk: Desk) -> None:
        file_tickets(desk, plans)

    for _ in range(random.randint(1, 4)):
        crew = [
            Dispatcher(
                world.clock,
                random,
                dies_at=random.randint(1, 60) if random.random() < 0.6 else 10**9,
                stalls=stalls,
            )
            for _ in range(random.choice((1, 1, 2, 3)))
        ]
        world.act_together(crew, work)
        if random.random() < 0.2:
            world.tracker.add(f"PMS-{world.tracker.numbers.get('PMS', 0) + random.randint(1, 90)}")
        later(world, random.choice((1.0, 30.0, 200.0, 1200.0)) * random.random())


def calm_runs(world: World, plans: list[TicketPlan]) -> FilingReport:
    """Run in calm weather until nothing waits, a person releasing what was parked; give the last report."""
    world.tracker.weather = CALM
    for _ in range(12):
        parked = world.ledger.entries(world.settings.site, (TicketState.PARKED,))
        release_tickets(world.desk(), [row.plan.dedupe_key for row in parked])
        report = file_tickets(world.desk(), plans)
        if report.done and not report.of(Result.PARKED):
            return report
        world.clock.time = max(world.clock.time, report.next_try or world.clock.time)
    return report


def weather_the_storm(seed: int, ledger: Ledger) -> None:
    """Let seeded plans meet a seeded storm, then calm; look at what tracker and ledger hold."""
    random = Random(seed)
    world = a_world(random)
    world.ledger = ledger
    world.settings = FilingSettings(site=f"https://site-{seed}.example.org")
    plans = [small_plan(number) for number in range(1, random.randint(2, 4))]
    storm_runs(world, plans, random)
    calm_runs(world, plans)

    for plan in plans:
        row = world.ledger.entry(world.settings.site, plan.dedupe_key)
        found = [issue.seen.key for issue in world.tracker.tickets(plan.dedupe_key)]
        assert row is not None
        assert (seed, [row.issue_key], TicketState.FILED) == (seed, found, row.state)
        assert {"REQ-1"} == {link.other_key for link in world.tracker.issue_links(row.issue_id)}, seed
        assert [plan.text.link_back] == list(world.tracker.issues[row.issue_key].remote), seed


@pytest.mark.requirement("G3", "G10")
@pytest.mark.parametrize("batch", range(BATCHES))
def test_each_signal_gets_exactly_one_ticket_whatever_is_lost_or_killed(batch: int) -> None:
    """Thousands of seeded runs over all faults: no double, none lost, ledger and tracker agree, links are there."""
    for seed in range(batch * RUNS // BATCHES, (batch + 1) * RUNS // BATCHES):
        weather_the_storm(seed, MemoryLedger())


@pytest.mark.postgres
@pytest.mark.requirement("G3", "G10")
def test_the_same_holds_on_postgresql(engine: Engine) -> None:
    """Storms on the ledger that the company answers for, each on a site of its own."""
    for seed in range(PG_RUNS):
        weather_the_storm(seed, TicketLedger(engine))


@pytest.mark.requirement("G3")
def test_a_kill_at_every_single_boundary_neither_loses_nor_doubles_a_ticket() -> None:
    """A first run is killed at its n-th boundary, for every n there is, with and without a lost answer."""
    for lost in (0.0, 1.0):
        boundary, died = 0, True
        while died:
            boundary += 1
            world = a_world(Random(7))
            plans = [small_plan(1)]
            world.tracker.weather = Weather(lost=lost, lag=1800.0)
            dispatcher = Dispatcher(world.clock, world.random, dies_at=boundary)
            world.act(dispatcher, partial(file_tickets, plans=plans))
            died = dispatcher.passed == boundary
            calm_runs(world, plans)

            assert len(world.tracker.tickets(plans[0].dedupe_key)) == 1, (lost, boundary)
        assert boundary > 25


@pytest.mark.requirement("G3", "G10")
def test_a_comment_is_written_once_when_its_writer_is_killed_or_its_answer_lost() -> None:
    """One filer at a time, killed or unheard in storms: each event stands in the ticket exactly once."""
    for seed in range(500):
        random = Random(seed)
        world = a_world(random)
        plan = small_plan(1)
        file_tickets(world.desk(), [plan])
        told = CommentPlan(
            event="2026-04", signal_id=plan.signal_id, dedupe_key=plan.dedupe_key, lines=("14 observed",)
        )
        world.ledger.plan_comments(world.settings.site, [told], world.clock.now())
        world.tracker.weather = a_storm(random)
        for _ in range(4):
            dispatcher = Dispatcher(world.clock, random, dies_at=random.randint(1, 20))
            world.act(dispatcher, write_comments)
        world.tracker.weather = CALM
        write_comments(world.desk())

        assert len(world.tracker.tickets(plan.dedupe_key)[0].comments) == 1, seed
        assert world.ledger.open_comments(world.settings.site) == (), seed
