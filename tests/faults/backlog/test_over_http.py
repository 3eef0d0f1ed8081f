"""G3 over a real socket: the stand-in loses answers, fails and lags; the filer is killed; each ticket is there once."""

import itertools
import time
from random import Random
from typing import Any

import pytest

from include.postmarket.backlog.filing import file_tickets
from include.postmarket.backlog.report import Result
from include.postmarket.model.ticket import TicketPlan, TicketState
from tests.contract.backlog.conftest import Site
from tests.faults.backlog.stage import Dispatcher, Watched, World, later, small_plan

CREATE = "^POST /rest/api/3/issue$"
ANY_READ = "^(GET /rest/api/3/|POST /rest/api/3/(search/jql|issue/bulkfetch))"
NUMBERS = itertools.count(1)  # the tests share one stand-in: each plan is another signal
LATE = 1.0  # real seconds after its timeout that a late commit arrives
FAULTS: tuple[dict[str, Any], ...] = (
    {"fault": "lost_answer"},
    {"fault": "error_before", "status": 500},
    {"fault": "error_after", "status": 502},
    {"fault": "reset_before"},
    {"fault": "late_commit", "seconds": LATE},
    {"fault": "slow", "seconds": 0.1},
    {"fault": "rate_limit", "reason": "jira-burst-based", "retry_after": 2},
    {"fault": "rate_limit", "reason": "jira-quota-tenant-based", "retry_after": 1800},
)


def on_site(world: World, site: Site, dispatcher: Dispatcher, plans: list[TicketPlan]) -> None:
    """Let one dispatcher, a new process each time, file over HTTP."""
    client = Watched(site.client(timeout=0.8), dispatcher)
    world.clock = dispatcher.clock = site.clock
    desk = world.desk_of(client, Watched(world.ledger, dispatcher))
    world.act(dispatcher, lambda _: file_tickets(desk, plans))


def in_the_site(site: Site, plan: TicketPlan) -> list[str]:
    """Give the keys of a plan's tickets among the first 300, read without the index, which may still lag."""
    site.calm()
    client = site.client()
    seen = [
        issue
        for start in range(1, 301, 100)
        for issue in client.bulk_fetch([f"PMS-{number}" for number in range(start, start + 100)])
    ]
    return [issue.key for issue in seen if f"pms-{plan.dedupe_key}" in issue.labels]


@pytest.mark.requirement("G3", "G10")
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["fault"])
def test_one_fault_at_the_create_leaves_one_ticket(site: Site, fault: dict[str, Any]) -> None:
    """Each fault of the stand-in once, with a search index that shows nothing for an hour."""
    world = World(Random(0))
    plan = small_plan(next(NUMBERS), (site.requirement(),))
    site.running.request("PUT", "/sandbox/search-lag", json={"seconds": 3600})
    site.running.order_fault(CREATE, **fault, times=1)
    on_site(world, site, Dispatcher(site.clock, world.random), [plan])
    time.sleep(LATE)
    for _ in range(3):
        later(world, 1900)
        on_site(world, site, Dispatcher(site.clock, world.random), [plan])
    row = world.ledger.entry(world.settings.site, plan.dedupe_key)

    assert row is not None
    assert row.state is TicketState.FILED
    assert [row.issue_key] == in_the_site(site, plan)


@pytest.mark.requirement("G3", "G10")
@pytest.mark.parametrize("seed", range(6))
def test_storms_and_kills_over_http_leave_one_ticket_each(site: Site, seed: int) -> None:
    """Random faults on creates and reads, random kills, then calm: nothing doubled, nothing lost, links in place."""
    random = Random(seed)
    world = World(random)
    requirement = site.requirement()
    plans = [small_plan(next(NUMBERS), (requirement,)) for _ in range(3)]
    site.running.request("PUT", "/sandbox/search-lag", json={"seconds": random.choice((0, 3600))})
    for fault in random.sample(FAULTS, 3):
        site.running.order_fault(CREATE, **fault, probability=0.5, seed=seed)
    site.running.order_fault(ANY_READ, "error_before", probability=0.05, seed=seed)
    for _ in range(3):
        on_site(world, site, Dispatcher(site.clock, random, dies_at=random.randint(5, 80)), plans)
        time.sleep(LATE)
        later(world, random.random() * 900)
    site.running.request("DELETE", "/sandbox/faults")
    for _ in range(3):
        later(world, 900)
        report = file_tickets(world.desk_of(site.client(), world.ledger), plans)

    assert len(plans) == len(report.of(Result.ALREADY_FILED))
    assert report.gaps == ()
    for plan in plans:
        row = world.ledger.entry(world.settings.site, plan.dedupe_key)
        assert row is not None
        assert [row.issue_key] == in_the_site(site, plan)
        assert requirement in {link.other_key for link in site.client().issue_links(row.issue_id)}
